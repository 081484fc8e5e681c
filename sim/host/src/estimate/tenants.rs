//! What tenants take: visits, changing load, scraping, and what is kept of each.

use super::{Cause, Estimate};
use seatrial_format::scenario::{DistributionFile, Each, Scenario, Tier};
use seatrial_policies::PolicyFile;
use seatrial_traffic::distributions::distribution;

/// A login, its end, and now and then a wake-up and its end.
const EVENTS_A_VISIT: f64 = 3.0;
/// What policies decide about a visit and the sleep after it stays in the list of actions, and is
/// written out at the end. Measured on `keep-alive.toml`: 790 bytes a visit.
const BYTES_A_VISIT: f64 = 800.0;
/// A tenant with its rows in the view, its bill and its name; a test holds that it is less than a KiB
/// where it sleeps.
const BYTES_A_TENANT: f64 = 1_500.0;
const BYTES_A_PART: f64 = 250.0;
/// What a day leaves for each tier.
const BYTES_A_DAY: f64 = 100.0;
/// A scraped row, in events: 10 ns of a look at each tenant.
const EVENTS_A_ROW: f64 = 0.02;

/// The mean of a distribution in seconds.
pub(super) fn mean(file: &DistributionFile) -> f64 {
    distribution(file).mean_seconds()
}

/// How many tenants of a tier there are on the mean, and how many there ever are.
pub(super) fn count(scenario: &Scenario, index: usize, tier: &Tier) -> (f64, f64) {
    let at_start = f64::from(tier.tenants.value);
    let Some(growth) = &scenario.growth else { return (at_start, at_start) };
    let mix = &growth.mix.0;
    let all: f64 = mix.iter().map(|(_, share)| share.value).sum();
    let own = mix.iter().filter(|(name, _)| name.value == scenario.tiers[index].name.as_str());
    let own: f64 = own.map(|(_, share)| share.value).sum();
    let rate = growth.signups.value.per_second() * if all > 0.0 { own / all } else { 0.0 };
    let joined = rate * scenario.duration.value.as_seconds();
    (at_start + joined / 2.0, at_start + joined)
}

pub(super) fn add(scenario: &Scenario, policies: Option<&PolicyFile>, to: &mut Estimate) {
    let duration = scenario.duration.value.as_seconds();
    let mut tenants = 0.0;
    for (index, tier) in scenario.tiers.iter().enumerate() {
        let (present, ever) = count(scenario, index, tier);
        let key = |rest: &str| format!("tiers.{}.{rest}", tier.name.as_str());
        let cycle = mean(&tier.sessions.gap) + mean(&tier.sessions.length);
        let all = (present * duration / cycle).min(1e18);
        let what = format!("the visits of {} tenants `{}`", present.round(), tier.name.as_str());
        let amount = all * EVENTS_A_VISIT;
        to.events.push(Cause { key: key("sessions.gap"), what: what.clone(), amount });
        if scenario.policies.is_some() {
            let amount = all * BYTES_A_VISIT;
            let what = format!("the actions at {what}");
            to.bytes.push(Cause { key: key("sessions.gap"), what, amount });
        }
        if let Some(load) = &tier.load {
            let what = format!("the changing load of tenants `{}`", tier.name.as_str());
            let amount = present * duration / mean(&load.every);
            to.events.push(Cause { key: key("load.every"), what, amount });
        }
        let parts = scenario.stacks.iter().find(|stack| stack.name.as_str() == tier.stack.value);
        #[expect(clippy::cast_precision_loss, reason = "at most 32")]
        let parts = parts.map_or(0.0, |stack| stack.parts.len() as f64);
        let what = format!("{} tenants `{}`", ever.round(), tier.name.as_str());
        let amount = ever * (BYTES_A_TENANT + parts * BYTES_A_PART);
        let more = if ever > f64::from(tier.tenants.value) { "growth.signups" } else { "" };
        let key = if more.is_empty() { key("tenants") } else { more.to_owned() };
        to.bytes.push(Cause { key, what, amount });
        tenants += present;
    }
    if let Some(policies) = policies {
        looks(scenario, policies, (tenants, duration), to);
    }
    #[expect(clippy::cast_precision_loss, reason = "at most a thousand")]
    let rows = (1 + scenario.tiers.len()) as f64;
    let amount = duration / 86_400.0 * rows * BYTES_A_DAY;
    let what = "the figures of every day".to_owned();
    to.bytes.push(Cause { key: "duration".to_owned(), what, amount });
    machines(scenario, to);
}

/// Scrapes, and the ticks on which policies decide.
fn looks(
    scenario: &Scenario,
    policies: &PolicyFile,
    (tenants, duration): (f64, f64),
    to: &mut Estimate,
) {
    let scrapes = duration / scenario.sensing.every.value.as_seconds();
    let key = "sensing.every".to_owned();
    to.events.push(Cause { key: key.clone(), what: "scraping".to_owned(), amount: scrapes });
    let what = format!("scraping {} tenants", tenants.round());
    to.work.push(Cause { key, what, amount: scrapes * tenants * EVENTS_A_ROW });
    let (key, what) =
        ("tick of the policy file".to_owned(), "the ticks of the policies".to_owned());
    to.events.push(Cause { key, what, amount: duration / policies.tick.0.as_seconds() });
}

fn machines(scenario: &Scenario, to: &mut Estimate) {
    for pool in &scenario.pools {
        let key = format!(
            "pools.{}.{}",
            pool.name.as_str(),
            if pool.most.is_some() { "most" } else { "count" }
        );
        let what = format!("machines of the pool `{}`", pool.name.as_str());
        let amount = f64::from(pool.most().max(pool.count.value)) * 1_000.0;
        to.bytes.push(Cause { key, what, amount });
    }
}

/// How many tenants there ever are, where each has something of its own.
pub(super) fn each(scenario: &Scenario, one_per: Option<Each>) -> f64 {
    let Some(Each::Tenant) = one_per else { return 1.0 };
    let tiers = scenario.tiers.iter().enumerate();
    tiers.map(|(index, tier)| count(scenario, index, tier).1).sum()
}
