//! The bridge's own file: which systems to look at, and what the policies are to know of them that
//! the systems do not say themselves. Reads no system.

mod check;
mod query;
mod secrets;

pub use check::open;

use crate::wire::Wire;
use seatrial_contract::Stages;
use seatrial_contract::units::{Bytes, MilliCores, Span};
use seatrial_contract::view::{Pool, Tier};
use seatrial_policies::PolicyFile;
use std::path::PathBuf;
use std::sync::Arc;

/// A file that was checked: all that it names is there.
pub struct Bridge {
    /// What is observed.
    pub title: String,
    /// The policies.
    pub policies: PolicyFile,
    /// The seed of the chance that they are handed.
    pub seed: u64,
    /// The tiers, most of them known by name only.
    pub tiers: Vec<Tier>,
    /// The pools.
    pub pools: Vec<Pool>,
    /// Where the logbook goes.
    pub logbook: Logbook,
    /// The Docker engines.
    pub hosts: Vec<Host>,
    /// How containers say whose they are.
    pub labels: Labels,
    /// What is asked of Prometheus.
    pub queries: Vec<Query>,
    /// A machine that was not seen for so long no longer answers.
    pub lost_after: Span,
    /// A tenant whose machine did not know it for so long is gone.
    pub forget_after: Span,
}

/// Where the logbook goes, and how much of it is kept.
pub struct Logbook {
    /// Its folder.
    pub folder: PathBuf,
    /// A segment is not longer.
    pub segment_bytes: u64,
    /// A segment does not cover more.
    pub segment_span: Span,
    /// So many segments are kept; all where absent.
    pub keep: Option<u32>,
}

/// A Docker engine.
pub struct Host {
    /// What it is called.
    pub name: String,
    /// The way to it.
    pub wire: Arc<Wire>,
    /// Its pool, where the file says it.
    pub pool: Option<String>,
    /// Its zone, where the file says it.
    pub zone: Option<String>,
    /// What part of the machine is for tenants, where the file says it.
    pub capacity: (Option<MilliCores>, Option<Bytes>),
    /// How often it is looked at.
    pub every: Span,
}

/// What the labels are called.
#[derive(Clone, Debug)]
pub struct Labels {
    /// Before all of them.
    pub prefix: String,
    /// The stages of sleep that they may name.
    pub stages: Stages,
}

/// A column that Prometheus fills.
pub struct Query {
    /// Which.
    pub column: crate::Column,
    /// The way to Prometheus.
    pub wire: Arc<Wire>,
    /// What gives the values.
    pub query: String,
    /// What gives the moments at which they were measured, in Unix seconds.
    pub seen: String,
    /// The label that names the tenant.
    pub tenant: String,
    /// How often it is asked.
    pub every: Span,
}
