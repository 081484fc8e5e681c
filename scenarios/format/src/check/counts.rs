//! Amounts of one entry that do not fit together, or that no cluster has. The largest are far
//! beyond what people run; they keep every sum of the simulator within 64 bits.

use super::distributions::is_nothing;
use super::{at, each, grouped};
use crate::scenario::{Arrivals, Load, Pool, Scenario, Service, Stack, Tier, Use};
use core::ops::RangeInclusive;
use seatrial_contract::config::{Located, Path, Problems};
use seatrial_contract::units::{Bytes, MilliCores, Ppm, Price, Span, cores, dollars, gib, percent};
use std::fmt::Display;

/// The largest machines for rent have 1,920 cores and 32 TiB (AWS u7inh-32tb, 2025).
pub(super) const MACHINE_CPU_MAX: MilliCores = cores(65_536);
pub(super) const MACHINE_MEMORY_MAX: Bytes = gib(64 << 10);
/// Promising more than a hundred times what is there promises nothing.
pub(super) const OVERCOMMIT_MAX: Ppm = percent(10_000);
/// A part that uses over ten times its request has the wrong request.
pub(super) const USE_MAX: Ppm = percent(1_000);
/// Each part of a tenant is one bit of a word in the simulator.
pub(super) const PARTS_MAX: usize = 32;
pub(super) const ZONES_MAX: usize = 1_000;
pub(super) const BOTS_MAX: u32 = 10_000;
pub(super) const REPLICAS_MAX: u32 = 100_000;
pub(super) const SERVERS_MAX: u32 = 1_000_000;
pub(super) const CLIENTS_MAX: u32 = 10_000_000;
/// A factor on load that one hour in twenty is above.
pub(super) const LOAD_MAX: f64 = 100.0;
/// By the hour: enough for any machine, and a bill of a century stays within 64 bits.
pub(super) const PRICE_MAX: Price = Price { amount: dollars(1_000_000), per: Span::hours(1) };

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    each("pools", &scenario.pools, |path, of| pool(of, path, problems));
    each("servers", &scenario.servers, |path, of| price(&of.price, path, "price", problems));
    each("stacks", &scenario.stacks, |path, of| stack(of, path, problems));
    each("tiers", &scenario.tiers, |path, of| tier(of, path, problems));
    each("services", &scenario.services, |path, of| service(of, path, problems));
    each("caches", &scenario.caches, |path, of| {
        of.price.iter().for_each(|of| price(of, path, "price", problems));
    });
    each("databases", &scenario.databases, |path, of| {
        of.price.iter().for_each(|of| price(of, path, "price", problems));
    });
    each("poolers", &scenario.poolers, |path, of| {
        of.price.iter().for_each(|of| price(of, path, "price", problems));
    });
    each("traffic", &scenario.traffic, |path, of| {
        if let Arrivals::Closed(closed) = &of.arrivals {
            let path = Path::Key(path, "arrivals");
            let clients = closed.clients.value.get();
            let place = closed.clients.place;
            at_most(clients, CLIENTS_MAX, "clients", (&path, "clients", place), problems);
        }
    });
    growth(scenario, problems);
    let sensing = Path::Key(&Path::Root, "sensing");
    let (every, least) = (scenario.sensing.every, Span::millis(1));
    if every.value < least {
        let words = (format!("{} is below {least}", every.value), "write \"1 ms\" or more");
        at(&sensing, "every", every.place, words, problems);
    }
    let shares = [
        ("loss", "scrapes", scenario.sensing.loss),
        ("missed", "machines", scenario.sensing.missed),
    ];
    for (key, all, share) in shares {
        if share.value > Ppm::WHOLE {
            let message = format!("{} are more than all {all}", share.value);
            at(&sensing, key, share.place, (message, "write at most \"100 %\""), problems);
        }
    }
    if let Some(lost) = scenario.sensing.lost_after
        && lost.value < every.value.saturating_add(scenario.sensing.delay.value)
    {
        let next = every.value.saturating_add(scenario.sensing.delay.value);
        let message = format!("every machine is lost until the next scrape arrives, {next}");
        let remedy = "write three times `every` and the delay, or leave it out";
        at(&sensing, "lost_after", lost.place, (message, remedy), problems);
    }
}

fn pool(pool: &Pool, path: &Path<'_>, problems: &mut Problems) {
    let count = pool.count.value;
    if let Some(least) = pool.least
        && least.value > count
    {
        let message = format!("`least` is {}, but the pool starts with {count}", least.value);
        let remedy = format!("lower `least` to {count}, or raise `count`");
        at(path, "least", least.place, (message, remedy), problems);
    }
    match pool.most {
        Some(most) if most.value < count => {
            let message = format!("`most` is {}, but the pool starts with {count}", most.value);
            let remedy = format!("raise `most` to {count}, or lower `count`");
            at(path, "most", most.place, (message, remedy), problems);
        }
        _ if pool.most() == 0 => {
            let remedy = "raise `count`, or give the `most` that policies may order";
            let words = ("this pool has no machines and never gets any", remedy);
            at(path, "count", pool.count.place, words, problems);
        }
        _ => {}
    }
    let machine = Path::Key(path, "machine");
    let (cpu, memory) = (pool.machine.cpu, pool.machine.memory);
    let fits = MilliCores(1)..=MACHINE_CPU_MAX;
    within(&cpu, &fits, "a machine's cpu", &Path::Key(&machine, "cpu"), problems);
    let fits = Bytes(1 << 20)..=MACHINE_MEMORY_MAX;
    within(&memory, &fits, "a machine's memory", &Path::Key(&machine, "memory"), problems);
    let overcommit = Path::Key(path, "overcommit");
    let fits = percent(1)..=OVERCOMMIT_MAX;
    let what = "overcommitment";
    within(&pool.overcommit.cpu, &fits, what, &Path::Key(&overcommit, "cpu"), problems);
    within(&pool.overcommit.memory, &fits, what, &Path::Key(&overcommit, "memory"), problems);
    price(&pool.price, path, "price", problems);
    let (zones, place) = (pool.zones.value.len(), pool.zones.place);
    if zones == 0 {
        let words = ("no zone for the machines", "name one, or leave `zones` out");
        at(path, "zones", place, words, problems);
    }
    at_most(zones, ZONES_MAX, "zones", (path, "zones", place), problems);
}

fn stack(stack: &Stack, path: &Path<'_>, problems: &mut Problems) {
    let (count, place) = (stack.parts.len(), stack.name.place);
    if count == 0 {
        let remedy = "add a table `[[stacks.parts]]` with its name, cpu and memory for each";
        let words = (format!("`{}` has no parts", stack.name.value), remedy);
        at(path, "parts", place, words, problems);
    }
    at_most(count, PARTS_MAX, "parts", (path, "parts", place), problems);
    let parts = Path::Key(path, "parts");
    for (index, part) in stack.parts.iter().enumerate() {
        let path = Path::Index(&parts, index);
        let fits = MilliCores::ZERO..=MACHINE_CPU_MAX;
        within(&part.cpu, &fits, "a part's cpu", &Path::Key(&path, "cpu"), problems);
        let path_to = Path::Key(&path, "cpu_per_bot");
        within(&part.cpu_per_bot, &fits, "a part's cpu for a bot", &path_to, problems);
        let fits = Bytes::ZERO..=MACHINE_MEMORY_MAX;
        within(&part.memory, &fits, "a part's memory", &Path::Key(&path, "memory"), problems);
        let path_to = Path::Key(&path, "memory_per_bot");
        within(&part.memory_per_bot, &fits, "a part's memory for a bot", &path_to, problems);
        uses(&part.quiet, &Path::Key(&path, "quiet"), problems);
        uses(&part.busy, &Path::Key(&path, "busy"), problems);
    }
}

fn uses(uses: &Use, path: &Path<'_>, problems: &mut Problems) {
    let fits = Ppm::ZERO..=USE_MAX;
    within(&uses.cpu, &fits, "a part's use", &Path::Key(path, "cpu"), problems);
    within(&uses.memory, &fits, "a part's use", &Path::Key(path, "memory"), problems);
}

fn tier(tier: &Tier, path: &Path<'_>, problems: &mut Problems) {
    at_most(tier.bots.value, BOTS_MAX, "bots", (path, "bots", tier.bots.place), problems);
    price(&tier.pays, path, "pays", problems);
    if let Some(of) = &tier.load {
        load(of, &Path::Key(path, "load"), "load", problems);
    }
}

/// A factor that is redrawn again and again.
pub(super) fn load(load: &Load, path: &Path<'_>, what: &str, problems: &mut Problems) {
    if !(1.0..=LOAD_MAX).contains(&load.p95.value) {
        let message = format!("a factor of {} is outside 1 to {LOAD_MAX}", load.p95.value);
        let remedy =
            format!("{what} wanders around 1; write 2.0 where 5 hours of 100 take twice as much");
        at(path, "p95", load.p95.place, (message, remedy), problems);
    }
    if is_nothing(&load.every) {
        let message = format!("the {what} changes again after 0 s, so time stands still");
        let words = (message, "write how long a factor holds, such as \"2 h\"");
        at(path, "every", load.every.place, words, problems);
    }
}

fn service(service: &Service, path: &Path<'_>, problems: &mut Problems) {
    let replicas = service.replicas;
    let spot = (path, "replicas", replicas.place);
    at_most(replicas.value.get(), REPLICAS_MAX, "replicas", spot, problems);
    let servers = service.concurrency;
    let spot = (path, "concurrency", servers.place);
    at_most(servers.value.get(), SERVERS_MAX, "requests at once", spot, problems);
}

fn growth(scenario: &Scenario, problems: &mut Problems) {
    let Some(growth) = &scenario.growth else { return };
    let path = Path::Key(&Path::Root, "growth");
    let mix = Path::Key(&path, "mix");
    for (tier, share) in &growth.mix.0 {
        if !(0.0..=1e6).contains(&share.value) {
            let message = format!("{} is outside 0 to 1000000", share.value);
            let words = (message, "shares count in proportion: 3 and 1 will do");
            at(&mix, &tier.value, share.place, words, problems);
        }
    }
    if growth.mix.0.iter().all(|(_, share)| share.value == 0.0) {
        let remedy = "give at least one tier a share, such as mix = { free = 1.0 }";
        let words = ("nobody signs up for any tier", remedy);
        at(&path, "mix", growth.signups.place, words, problems);
    }
}

fn price(price: &Located<Price>, path: &Path<'_>, key: &str, problems: &mut Problems) {
    let hour = u128::from(Span::hours(1).0);
    if price.value.times(hour) > PRICE_MAX.amount {
        let words = (format!("{} is more than {PRICE_MAX}", price.value), "write a lower price");
        at(path, key, price.place, words, problems);
    }
}

/// Adds a problem where a value lies outside what such a thing can have.
fn within<T: PartialOrd + Display>(
    found: &Located<T>,
    fits: &RangeInclusive<T>,
    what: &str,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    if !fits.contains(&found.value) {
        let (least, most) = (fits.start(), fits.end());
        let message = format!("{} is too {}", found.value, side(&found.value, least));
        let remedy = format!("{what} is from {least} to {most}");
        problems.add(path, found.place, message, remedy);
    }
}

fn side<T: PartialOrd>(found: &T, least: &T) -> &'static str {
    if found < least { "little" } else { "much" }
}

fn at_most<N: TryInto<u128>>(
    found: N,
    most: N,
    what: &str,
    (path, key, place): (&Path<'_>, &str, seatrial_contract::config::Place),
    problems: &mut Problems,
) {
    let (found, most) = (found.try_into().unwrap_or(u128::MAX), most.try_into().unwrap_or(0));
    if found > most {
        let message = format!("{} {what} are too many", grouped(found));
        let words = (message, format!("have at most {}", grouped(most)));
        at(path, key, place, words, problems);
    }
}
