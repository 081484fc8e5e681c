//! How many calls come: of one source, in a second. Knows no station.

use super::spread::Spread;
use crate::kernel::chance::{Law, Rhythm};
use crate::laws::law;
use crate::plant::design::rhythm_of;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::{Arrivals, Scenario, Traffic};

/// When calls of one kind come.
pub(super) enum Calling {
    /// So many in a second, faster and slower with a rhythm.
    Open { rate: f64, gaps: Option<Spread>, rhythm: Option<Box<Rhythm>> },
    /// From callers who wait for an answer.
    Closed { callers: f64, think: f64 },
    /// From tenants: so many in a second of each.
    Tenants { rate: f64 },
    /// One by one; never as a rate.
    Single,
}

impl Calling {
    pub(super) fn new(traffic: &Traffic, scenario: &Scenario) -> Self {
        match &traffic.arrivals {
            Arrivals::Poisson(of) => {
                let named = of.rhythm.as_ref().map(|rhythm| rhythm.value.as_str());
                let found = scenario.rhythms.iter().find(|of| Some(of.name.as_str()) == named);
                let rhythm =
                    found.map(|found| Box::new(rhythm_of(&found.hours.value, &found.days.value)));
                Self::Open { rate: of.rate.per_second(), gaps: None, rhythm }
            }
            Arrivals::Renewal(of) => {
                let gap = law(&of.gap);
                Self::Open { rate: pace(&gap), gaps: Some(Spread::of(&gap)), rhythm: None }
            }
            Arrivals::Closed(of) => Self::Closed {
                callers: f64::from(of.clients.get()),
                think: law(&of.think).mean_seconds(),
            },
            Arrivals::Tenants(of) => Self::Tenants { rate: pace(&law(&of.every.value)) },
            Arrivals::Starts(_) => Self::Single,
        }
    }

    /// When its rate changes by itself next.
    pub(super) fn next_change(&self, now: Moment) -> Moment {
        match self {
            Self::Open { rhythm: Some(rhythm), .. } => rhythm.next_change(now, Span::ZERO),
            _ => Moment::NEVER,
        }
    }

    /// Calls a second now, of those who do not wait for an answer, where so many tenants call.
    pub(super) fn rate(&self, now: Moment, tenants: f64) -> f64 {
        match self {
            Self::Open { rate, rhythm: None, .. } => *rate,
            Self::Open { rate, rhythm: Some(rhythm), .. } => {
                rate * f64::from(rhythm.factor(now, Span::ZERO).0) / 1e6
            }
            Self::Tenants { rate } => rate * tenants,
            Self::Closed { .. } | Self::Single => 0.0,
        }
    }

    pub(super) const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// The gaps between calls, where these are not independent.
    pub(super) const fn gaps(&self) -> Option<&Spread> {
        match self {
            Self::Open { gaps, .. } => gaps.as_ref(),
            _ => None,
        }
    }
}

/// How often something of this law comes in a second.
fn pace(law: &Law) -> f64 {
    let mean = law.mean_seconds();
    // A nanosecond at least, as where each call is an event.
    1.0 / mean.max(1e-9)
}

/// How long calls of a source are served, each alone.
pub(super) fn takes(traffic: &Traffic, scenario: &Scenario) -> Spread {
    let called = scenario.services.iter().find(|of| Some(of.name.as_str()) == traffic.called());
    let file = traffic.service_time.as_ref().or(called.map(|service| &service.service_time));
    file.map_or(Spread::NONE, |file| Spread::of(&law(file)))
}
