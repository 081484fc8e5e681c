//! What losses of machines came to, by name: the machines, and the tenants that were down with them.

use crate::measures::{Losses, Targets};
use crate::{Fleet, Hosts};
use seatrial_contract::units::Span;
use seatrial_kernel::statistics::Sketch;
use seatrial_record::{Metric, Unit};
use seatrial_traffic::telling::{number, quantiles, ratio, share};

/// Every metric of losses, in a fixed order.
pub(crate) fn loss_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    let losses = &fleet.measures.machines.losses;
    all.push(Metric::new("machines_lost", Unit::Count, Some(number(losses.machines))));
    let (in_bursts, share_a_rack) = losses.bursts.counted();
    let mut add = |name: &str, value| all.push(Metric::new(name, Unit::Share, value));
    add("losses_in_bursts_share", share(in_bursts, losses.machines));
    add("bursts_same_rack_share", share(share_a_rack, in_bursts));
    outage_metrics(fleet, all);
    if !fleet.design.tiers.is_empty() {
        whole(losses, all);
        for (index, tier) in fleet.design.tiers.iter().enumerate() {
            of_tier(losses, index, &tier.name, all);
            served(fleet, index, &tier.name, all);
        }
    }
}

/// Of all tenants.
fn whole(losses: &Losses, all: &mut Vec<Metric>) {
    let (mut recoveries, mut points) = (Sketch::default(), Sketch::default());
    losses.recoveries.iter().for_each(|tier| recoveries.merge(tier));
    losses.points.iter().for_each(|tier| points.merge(tier));
    let down = losses.down.len() as u64;
    let mut count = |name: &str, value: u64| {
        all.push(Metric::new(name, Unit::Count, Some(number(value))));
    };
    count("tenants_down", recoveries.count() + down);
    count("tenants_down_end", down);
    count("tenants_restored", points.count());
    count("tenants_without_data", losses.without_data);
    count("tenants_ran_twice", losses.ran_twice);
    for (name, sketch) in [("recovery", &recoveries), ("recovery_point", &points)] {
        for (figure, value) in quantiles(sketch) {
            all.push(Metric::new(format!("{name}_{figure}"), Unit::Seconds, value));
        }
    }
}

/// What part of the time that a tier's tenants were there they were not down.
fn served<E: Hosts>(fleet: &Fleet<E>, tier: usize, name: &str, all: &mut Vec<Metric>) {
    let (now, losses) = (fleet.now(), &fleet.measures.machines.losses);
    let there = fleet.measures.tiers[tier].present.integral(now);
    let down = ratio(losses.down_for(tier, now), there);
    let mut add = |metric: &str, unit, value: Option<f64>| {
        all.push(Metric::new(format!("{metric}.{name}"), unit, value));
    };
    add("served_share", Unit::Share, down.map(|down| 1.0 - down));
    if let Some(wished) = losses.targets.get(tier).and_then(|of| of.served) {
        let budget = f64::from(1_000_000 - wished.0.min(999_999)) / 1e6;
        add("error_budget_spent", Unit::Share, down.map(|down| down / budget));
    }
}

fn of_tier(losses: &Losses, tier: usize, name: &str, all: &mut Vec<Metric>) {
    let none = Sketch::default();
    let recoveries = losses.recoveries.get(tier).unwrap_or(&none);
    let points = losses.points.get(tier).unwrap_or(&none);
    let down = losses.down.values().filter(|(of, _)| of.index() == tier).count() as u64;
    let ever = recoveries.count() + down;
    let mut add = |metric: &str, unit, value: Option<f64>| {
        all.push(Metric::new(format!("{metric}.{name}"), unit, value));
    };
    add("tenants_down", Unit::Count, Some(number(ever)));
    add("tenants_down_end", Unit::Count, Some(number(down)));
    for (metric, sketch) in [("recovery", recoveries), ("recovery_point", points)] {
        for (figure, value) in quantiles(sketch).into_iter().skip(1) {
            add(&format!("{metric}_{figure}"), Unit::Seconds, value);
        }
    }
    let Some(Targets { rto, rpo, rto_missed, rpo_missed, .. }) = losses.targets.get(tier) else {
        return;
    };
    if rto.is_some() {
        // Who is down still has not been back in time, or may yet be.
        add("rto_missed_share", Unit::Share, share(*rto_missed, recoveries.count()));
    }
    if rpo.is_some() {
        add("rpo_missed_share", Unit::Share, share(*rpo_missed, points.count()));
    }
}

/// Machines that were down, pool by pool.
fn outage_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    let now = fleet.now();
    let span = u128::from(now.since(fleet.measures.since).0);
    for pool in &fleet.measures.machines.pools {
        let mut add = |metric: &str, unit, value: Option<f64>| {
            all.push(Metric::new(format!("{metric}.{}", pool.name), unit, value));
        };
        let (down, most) = pool.outages.down(now);
        let (all_up, enough_up) = pool.outages.all_and_enough(now);
        let up = pool.ready.integral(now);
        add("machines_down_mean", Unit::Count, ratio(down, span));
        add("machines_down_most", Unit::Count, Some(number(most)));
        add("machine_time_down", Unit::Seconds, ratio(down, u128::from(Span::seconds(1).0)));
        add("machine_time_down_share", Unit::Share, ratio(down, down + up));
        add("all_up_share", Unit::Share, ratio(all_up, span));
        add("enough_up_share", Unit::Share, ratio(enough_up, span));
        add("shortages", Unit::Count, Some(number(pool.outages.shortages())));
    }
}
