//! Who calls a service: when, for how long, with how much patience. Each of these draws from a
//! stream of its own, and all of one request are drawn when it comes, so that neither another
//! discipline nor another source shifts them. Knows no queue.

use super::caches::Asking;
use super::measures::Seen;
use crate::kernel::chance::{Law, Rhythm};
use crate::laws::law;
use crate::plant::design::rhythm_of;
use seatrial_contract::units::{Frequency, Moment, Span};
use seatrial_contract::{Dice, Purpose, Stream};
use seatrial_format::scenario::{Arrivals, Scenario, Service, Traffic};

/// One kind of calls to one service.
pub(super) struct Source {
    pub(super) name: String,
    /// The place of its service among the stations.
    pub(super) service: usize,
    /// The smaller, the more urgent; counted through among the service's sources.
    pub(super) level: u8,
    pub(super) calls: Calls,
    pub(super) seen: Seen,
    /// What it asks of a cache first.
    pub(super) asking: Option<Asking>,
    gap: Draws,
    demand: Draws,
    patience: Option<Draws>,
    /// For the choice among a service's copies.
    pub(super) balance: Stream,
}

/// What the gaps of a source lie between.
pub(super) enum Calls {
    /// One call and the next, faster and slower with a rhythm.
    Open(Option<Box<Rhythm>>),
    /// An answer and the next call of the same one of so many clients.
    Closed(u32),
}

/// A law with its stream.
pub(super) struct Draws {
    law: Law,
    stream: Stream,
}

impl Draws {
    pub(super) fn new(law: Law, name: &str, purpose: &str, dice: Dice) -> Self {
        // By name, so that a source that is added or moved in the file shifts no other.
        let purpose = Purpose::new(&format!("traffic {name}: {purpose}"));
        Self { law, stream: dice.stream(0, purpose) }
    }

    #[inline]
    pub(super) fn draw(&mut self) -> Span {
        self.law.sample(&mut self.stream)
    }
}

impl Source {
    pub(super) fn new(
        traffic: &Traffic,
        (at, service): (usize, &Service),
        asking: Option<Asking>,
        scenario: &Scenario,
        dice: Dice,
    ) -> Self {
        let name = traffic.name.as_str();
        let (gaps, calls) = match &traffic.arrivals {
            Arrivals::Poisson(poisson) => {
                let named = poisson.rhythm.as_ref().map(|rhythm| rhythm.value.as_str());
                (independent(*poisson.rate), Calls::Open(rhythmic(named, scenario)))
            }
            Arrivals::Renewal(renewal) => (law(&renewal.gap), Calls::Open(None)),
            Arrivals::Closed(closed) => (law(&closed.think), Calls::Closed(closed.clients.get())),
        };
        let balance = Draws::new(Law::Fixed(Span::ZERO), name, "balance", dice).stream;
        let takes = traffic.takes.as_ref().unwrap_or(&service.service);
        let patience = service.patience.as_ref().map(law);
        Self {
            name: name.to_owned(),
            service: at,
            level: level(traffic, scenario),
            calls,
            seen: Seen::default(),
            asking,
            gap: Draws::new(gaps, name, "gap", dice),
            demand: Draws::new(law(takes), name, "demand", dice),
            patience: patience.map(|law| Draws::new(law, name, "patience", dice)),
            balance,
        }
    }

    /// When the next call comes: after the last one, or after the client's last answer.
    #[inline]
    pub(super) fn next_call(&mut self, now: Moment) -> Moment {
        // A nanosecond at least, so that time passes though nobody thinks and all are refused.
        let gap = self.gap.draw().max(Span::nanos(1));
        match &self.calls {
            Calls::Open(Some(rhythm)) => rhythm.advance(now, Span::ZERO, gap),
            Calls::Open(None) | Calls::Closed(_) => now.after(gap),
        }
    }

    /// Forgets the warm-up.
    pub(super) fn reset(&mut self) {
        self.seen.reset();
        if let Some(asking) = &mut self.asking {
            asking.reset();
        }
    }

    /// How long the call that comes now is served, and how long it would wait.
    #[inline]
    pub(super) fn call(&mut self) -> (Span, Option<Span>) {
        (self.demand.draw(), self.patience.as_mut().map(Draws::draw))
    }
}

/// The gaps between independent calls.
#[expect(clippy::cast_precision_loss, reason = "a mean, of which 53 bits are enough")]
fn independent(rate: Frequency) -> Law {
    if rate.millionths == 0 {
        return Law::Fixed(Span::MAX);
    }
    Law::Exponential { mean: rate.per.0 as f64 * 1e6 / rate.millionths as f64 }
}

fn rhythmic(name: Option<&str>, scenario: &Scenario) -> Option<Box<Rhythm>> {
    let found = scenario.rhythms.iter().find(|rhythm| Some(rhythm.name.as_str()) == name)?;
    Some(Box::new(rhythm_of(&found.hours.value, &found.days.value)))
}

/// How many priorities of the same service's sources are more urgent.
fn level(traffic: &Traffic, scenario: &Scenario) -> u8 {
    let same = scenario.traffic.iter().filter(|other| other.service.value == traffic.service.value);
    let mut above: Vec<u8> =
        same.map(|other| other.priority).filter(|other| *other < traffic.priority).collect();
    above.sort_unstable();
    above.dedup();
    u8::try_from(above.len()).unwrap_or(u8::MAX)
}
