//! Calls of tenants where there are none, and what a start can ask. Knows no rate.

use super::{at, each, presence};
use crate::scenario::{Arrivals, Scenario, Tenants};
use seatrial_contract::config::Problems;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    let peopled = presence::peopled(scenario);
    let mut starting = None;
    each("traffic", &scenario.traffic, |path, traffic| {
        let (word, is_start) = match &traffic.arrivals {
            Arrivals::Tenants(_) => ("tenants", false),
            Arrivals::Starts(_) => ("starts", true),
            Arrivals::Poisson(_) | Arrivals::Renewal(_) | Arrivals::Closed(_) => return,
        };
        let place = traffic.name.place;
        if peopled.is_empty() {
            let message = format!("calls of kind `{word}` need tenants, and there are none");
            let remedy = "add a table `[[tiers]]`, or have them come by kind = \"poisson\"";
            return at(path, "arrivals", place, (message, remedy), problems);
        }
        if !is_start {
            return;
        }
        if let Some(other) = starting.replace(&traffic.name.value) {
            let message = format!("tenants make the call `{other}` already when they start");
            let remedy = "put all that a start asks into one `[[traffic]]`, as several queries";
            at(path, "arrivals", place, (message, remedy), problems);
        }
    });
}

/// How many call, roughly: as if all were there at once.
pub(super) fn callers(scenario: &Scenario, distribution: &Tenants) -> f64 {
    let named = distribution.tiers.as_ref();
    let is_named = |name: &str| named.is_none_or(|all| all.iter().any(|of| of.value == name));
    let tiers = scenario.tiers.iter().filter(|tier| is_named(tier.name.as_str()));
    let each = |bots: u32| if distribution.per_bot { f64::from(bots) } else { 1.0 };
    tiers.map(|tier| f64::from(tier.tenants.value) * each(tier.bots.value)).sum()
}
