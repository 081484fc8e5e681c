//! Calls of tenants where there are none, and what a start can ask. Knows no rate.

use super::{at, each, presence};
use crate::scenario::{Arrivals, Data, OnMachine, Scenario, Tenants};
use seatrial_contract::config::{Path, Problems};
use seatrial_contract::units::{Bytes, Ppm, Span, percent};

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

/// With fewer there are as good as none.
const SUCCEED_LEAST: Ppm = percent(1);

/// Backups that cannot be, and links that carry nothing.
pub(super) fn data(scenario: &Scenario, problems: &mut Problems) {
    each("tiers", &scenario.tiers, |path, tier| {
        if let Some(served) = tier.served.as_ref().filter(|of| of.value >= Ppm::WHOLE) {
            let message = format!("{} leaves nothing that may fail", served.value);
            let words = (message, "write a share below 100 %, such as \"99.95 %\"");
            at(path, "served", served.place, words, problems);
        }
        let Data::OnMachine(OnMachine { backups: Some(backups), .. }) = &tier.data else { return };
        let path = Path::Key(path, "data");
        let path = Path::Key(&path, "backups");
        if backups.every.value < Span::minutes(1) {
            let words = ("more often than every minute", "write how often, such as \"1 h\"");
            at(&path, "every", backups.every.place, words, problems);
        }
        if !(SUCCEED_LEAST..=Ppm::WHOLE).contains(&backups.succeed.value) {
            let message = format!("{} is next to nothing, or more than all", backups.succeed.value);
            let words = (message, "write a share from 1 to 100 %, or leave the backups out");
            at(&path, "succeed", backups.succeed.place, words, problems);
        }
    });
    let path = Path::Key(&Path::Root, "restoring");
    let restoring = &scenario.restoring;
    for (key, rate) in [("link", &restoring.link), ("each", &restoring.each)] {
        if rate.value == Bytes::ZERO {
            let words =
                ("what carries nothing restores nothing", "write a rate such as \"200 MiB\"");
            at(&path, key, rate.place, words, problems);
        }
    }
}

/// How many call, roughly: as if all were there at once.
pub(super) fn callers(scenario: &Scenario, distribution: &Tenants) -> f64 {
    let named = distribution.tiers.as_ref();
    let is_named = |name: &str| named.is_none_or(|all| all.iter().any(|of| of.value == name));
    let tiers = scenario.tiers.iter().filter(|tier| is_named(tier.name.as_str()));
    let each = |bots: u32| if distribution.per_bot { f64::from(bots) } else { 1.0 };
    tiers.map(|tier| f64::from(tier.tenants.value) * each(tier.bots.value)).sum()
}
