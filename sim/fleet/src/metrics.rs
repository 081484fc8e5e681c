//! All that a run measures, by name. The list is the same whatever happened, so that objectives
//! and claims can be checked before a run.

use crate::measures::TierMeasures;
use crate::node_load::NodeLoad;
use crate::{Fleet, Hosts, backups, bill, loss_metrics, objects, replicas};
use seatrial_contract::units::{Money, Span};
use seatrial_kernel::statistics::Sketch;
use seatrial_record::{Metric, Unit};
use seatrial_traffic::telling::{number, quantile, quantiles, ratio, share};
use seatrial_traffic::{callers, metrics};

/// 730 hours, as price lists count a month.
const MONTH: Span = Span::hours(730);
/// In millionths of a dollar.
const CENT: i128 = 10_000;

/// Every metric of tenants, machines and the bill, in a fixed order.
#[must_use]
pub fn of_tenants<E: Hosts>(fleet: &Fleet<E>) -> Vec<Metric> {
    let mut all = Vec::new();
    if !fleet.design.tiers.is_empty() {
        fleet_metrics(fleet, &mut all);
        wake_metrics(fleet, &mut all);
        tier_metrics(fleet, &mut all);
    }
    if !fleet.design.pools.is_empty() {
        node_metrics(fleet, &mut all);
    }
    if fleet.measures.machines.losses.may_come {
        loss_metrics::loss_metrics(fleet, &mut all);
    }
    if !fleet.design.pools.is_empty() || !fleet.design.servers.is_empty() {
        bill_metrics(fleet, &mut all);
    }
    all
}

/// Every metric of calls, replicas and stores of objects, in a fixed order.
#[must_use]
pub fn of_traffic<E: Hosts>(fleet: &Fleet<E>) -> Vec<Metric> {
    let mut all = metrics::metrics(&fleet.traffic.stations, fleet.now());
    replicas::metrics::replica_metrics(fleet, &mut all);
    objects::object_metrics(fleet, &mut all);
    backups::backup_metrics(fleet, &mut all);
    all
}

fn sum<E: Hosts>(fleet: &Fleet<E>, pick: impl Fn(&TierMeasures) -> u64) -> u64 {
    fleet.measures.tiers.iter().map(pick).sum()
}

fn integral<E: Hosts>(fleet: &Fleet<E>, pick: impl Fn(&TierMeasures) -> u128) -> u128 {
    fleet.measures.tiers.iter().map(pick).sum()
}

fn fleet_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    let now = fleet.now();
    let span = u128::from(now.since(fleet.measures.since).0);
    let present = integral(fleet, |tier| tier.present.integral(now));
    let awake = integral(fleet, |tier| tier.awake.integral(now));
    let active = integral(fleet, |tier| tier.active.integral(now));
    let logins = sum(fleet, |tier| tier.logins);
    let mut add = |name: &str, unit, value: Option<f64>| all.push(Metric::new(name, unit, value));
    add("tenants_mean", Unit::Count, ratio(present, span));
    add("awake_mean", Unit::Count, ratio(awake, span));
    let per_login = ratio(awake, u128::from(logins)).map(|nanos| nanos / 1e9);
    add("awake_per_login", Unit::Seconds, per_login);
    add("awake_share", Unit::Share, ratio(awake, present));
    add("asleep_share", Unit::Share, ratio(present.saturating_sub(awake), present));
    let (here, up) = (sum(fleet, |t| t.present.value()), sum(fleet, |t| t.awake.value()));
    add("asleep_share_end", Unit::Share, share(here.saturating_sub(up), here));
    add("active_mean", Unit::Count, ratio(active, span));
    add("active_most", Unit::Count, Some(number(fleet.measures.active.most)));
    add("serving_mean", Unit::Count, ratio(fleet.measures.serving.integral(now), span));
    add("serving_most", Unit::Count, Some(number(fleet.measures.serving.maximum())));
    add("signups", Unit::Count, Some(number(fleet.measures.counts.signups)));
    add("churned", Unit::Count, Some(number(fleet.measures.counts.churned)));
    add("logins", Unit::Count, Some(number(logins)));
    let cold = sum(fleet, |tier| tier.logins_cold);
    add("logins_cold_share", Unit::Share, share(cold, logins));
    let unserved = sum(fleet, |tier| tier.unserved);
    add("logins_unserved", Unit::Count, Some(number(unserved)));
    add("logins_unserved_share", Unit::Share, share(unserved, logins));
    let homeless = sum(fleet, |tier| tier.unserved_homeless);
    add("logins_unserved_no_room", Unit::Count, Some(number(homeless)));
    let tenants = sum(fleet, |tier| u64::from(tier.tenants_unserved));
    add("tenants_unserved", Unit::Count, Some(number(tenants)));
}

fn wake_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    let mut waits = Sketch::default();
    let mut gave_up = Sketch::default();
    for tier in &fleet.measures.tiers {
        waits.merge(&tier.wake_waits);
        gave_up.merge(&tier.waiting.gave_up_after);
    }
    let count = |value: u64| Some(number(value));
    all.push(Metric::new("wakes", Unit::Count, count(sum(fleet, |tier| tier.wakes))));
    for (name, value) in quantiles(&waits) {
        all.push(Metric::new(format!("wake_wait_{name}"), Unit::Seconds, value));
    }
    all.push(Metric::new("gave_up_after_p50", Unit::Seconds, quantile(&gave_up, 500_000)));
    all.push(Metric::new("hibernations", Unit::Count, count(fleet.measures.counts.hibernations)));
    all.push(Metric::new("moves", Unit::Count, count(fleet.measures.counts.moves)));
    all.push(Metric::new("resizes", Unit::Count, count(fleet.measures.counts.resizes)));
    let interrupted = count(fleet.measures.counts.interrupted);
    all.push(Metric::new("sessions_interrupted", Unit::Count, interrupted));
    all.push(Metric::new("kills", Unit::Count, count(sum(fleet, |tier| tier.kills))));
    all.push(Metric::new("actions_refused", Unit::Count, count(fleet.measures.counts.refused)));
    if (0..fleet.design.tiers.len())
        .any(|tier| callers::asks_at_start(&fleet.traffic.stations, tier))
    {
        let failed = fleet.measures.counts.starts_failed;
        all.push(Metric::new("starts_failed", Unit::Count, count(failed)));
    }
}

fn tier_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    let now = fleet.now();
    for (design, tier) in fleet.design.tiers.iter().zip(&fleet.measures.tiers) {
        let name = &design.name;
        let (present, awake) = (tier.present.integral(now), tier.awake.integral(now));
        let mut add = |metric: &str, unit, value: Option<f64>| {
            all.push(Metric::new(format!("{metric}.{name}"), unit, value));
        };
        add("asleep_share", Unit::Share, ratio(present.saturating_sub(awake), present));
        add("logins", Unit::Count, Some(number(tier.logins)));
        add("logins_cold_share", Unit::Share, share(tier.logins_cold, tier.logins));
        add("logins_unserved_share", Unit::Share, share(tier.unserved, tier.logins));
        add("tenants_unserved", Unit::Count, Some(number(u64::from(tier.tenants_unserved))));
        add("wakes", Unit::Count, Some(number(tier.wakes)));
        add("wake_wait_p95", Unit::Seconds, quantile(&tier.wake_waits, 950_000));
        add("kills", Unit::Count, Some(number(tier.kills)));
    }
}

fn node_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    let now = fleet.now();
    let mut whole = NodeLoad::default();
    let mut pools = vec![NodeLoad::default(); fleet.design.pools.len()];
    for node in &fleet.nodes {
        let mut load = node.metered.load;
        if node.is_ready() {
            load.settle(now, node.asked, node.capacity);
        }
        whole.merge(&load);
        pools[node.pool.index()].merge(&load);
    }
    let span = u128::from(now.since(fleet.measures.since).0);
    let ready: u128 =
        fleet.measures.machines.pools.iter().map(|pool| pool.ready.integral(now)).sum();
    let mut add = |name: String, unit, value: Option<f64>| all.push(Metric::new(name, unit, value));
    add("nodes_mean".to_owned(), Unit::Count, ratio(ready, span));
    let requested = fleet.measures.requested.cpu.integral(now);
    add("cpu_requested_mean".to_owned(), Unit::Cores, ratio(requested, span * 1_000));
    let requested = fleet.measures.requested.memory.integral(now);
    add("memory_requested_mean".to_owned(), Unit::Bytes, ratio(requested, span));
    load_metrics("", &whole, &mut add);
    for (pool, load) in fleet.measures.machines.pools.iter().zip(&pools) {
        let suffix = format!(".{}", pool.name);
        add(format!("nodes_mean{suffix}"), Unit::Count, ratio(pool.ready.integral(now), span));
        add(format!("nodes_most{suffix}"), Unit::Count, Some(number(pool.ready.maximum())));
        load_metrics(&suffix, load, &mut add);
    }
}

fn bill_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    let bill = bill::bill(fleet);
    let elapsed = fleet.now().since(fleet.schedule.starts).0;
    let monthly = |amount: i64| {
        let scaled = i128::from(amount) * i128::from(MONTH.0) / i128::from(elapsed.max(1));
        // To the cent: what is cut off an hour's bill would be missing from a month's.
        let cents = (scaled + CENT / 2).div_euclid(CENT) * CENT;
        Money(i64::try_from(cents).unwrap_or(i64::MAX)).as_units()
    };
    let dollars = |amount: i64| Money(amount).as_units();
    let known = elapsed > 0;
    let mut add = |name: String, value: f64| {
        all.push(Metric::new(name, Unit::Dollars, known.then_some(value)));
    };
    add("bill_total".to_owned(), dollars(bill.total));
    add("bill_month".to_owned(), monthly(bill.total));
    for line in &bill.lines {
        add(format!("bill_month.{}", line.name), monthly(line.amount));
    }
    for (tier, amount) in fleet.design.tiers.iter().zip(bill::bill_by_tier(fleet)) {
        add(format!("bill_month.tier.{}", tier.name), monthly(amount.0));
    }
}

fn load_metrics(suffix: &str, load: &NodeLoad, add: &mut impl FnMut(String, Unit, Option<f64>)) {
    let mut put = |name: &str, unit, value| add(format!("{name}{suffix}"), unit, value);
    put("cpu_used_share", Unit::Share, ratio(load.cpu_used(), load.cpu_capacity));
    put("cpu_overload_share", Unit::Share, ratio(load.over, load.ready));
    put("cpu_shed_cores", Unit::Cores, ratio(load.cpu_shed, load.ready * 1_000));
    put("memory_used_share", Unit::Share, ratio(load.memory_used, load.memory_capacity));
}
