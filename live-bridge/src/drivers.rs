//! Every real system that can be looked at. A new driver is a file beside these, a variant and two
//! lines here.

mod docker;
mod prometheus;

use crate::Sighting;
use crate::clock::Timeline;
use crate::config::Bridge;
use crate::wire::WireError;
use seatrial_contract::units::Span;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;

/// Something that is looked at, again and again.
pub enum Source {
    /// A Docker engine.
    Docker(Box<docker::Engine>),
    /// One query to Prometheus.
    Prometheus(prometheus::Ask),
}

/// All that a file names.
#[must_use]
pub fn sources(bridge: Bridge, time: &Arc<Timeline>) -> Vec<Source> {
    let Bridge { hosts, labels, queries, .. } = bridge;
    let engines = hosts.into_iter();
    let engines = engines.map(|host| docker::Engine::new(host, labels.clone(), Arc::clone(time)));
    let asks = queries.into_iter().map(|query| prometheus::Ask::new(query, Arc::clone(time)));
    let engines = engines.map(Box::new).map(Source::Docker);
    engines.chain(asks.map(Source::Prometheus)).collect()
}

impl Source {
    /// Looks once.
    ///
    /// # Errors
    /// Why nothing could be seen.
    pub async fn look(&mut self) -> Result<Sighting, WireError> {
        match self {
            Self::Docker(engine) => engine.look().await.map(Sighting::Machine),
            Self::Prometheus(ask) => ask.look().await.map(Sighting::Column),
        }
    }

    /// How often it is looked at.
    #[must_use]
    pub fn every(&self) -> Span {
        match self {
            Self::Docker(engine) => engine.every(),
            Self::Prometheus(ask) => ask.every(),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> String {
        match self {
            Self::Docker(engine) => engine.place(),
            Self::Prometheus(ask) => ask.place(),
        }
    }
}

impl Display for Source {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Docker(engine) => f.pad(engine.name()),
            Self::Prometheus(ask) => f.pad(&format!("prometheus {}", ask.column())),
        }
    }
}
