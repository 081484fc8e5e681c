//! Builds a world from a checked scenario.

use crate::alerts::Alerts;
use crate::departure::Departure;
use crate::departure::starts;
use crate::estimate::are_sampled;
use crate::event::{CLOSE, Event, STEER};
use crate::log::Log;
use crate::sensing::Sensing;
use crate::world::{Acting, Saved, Setting, World};
use crate::{resume, settle};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Pool as PoolRow, PoolSums, Tier as TierRow};
use seatrial_contract::{ClusterView, NodeId, PoolId, TierId};
use seatrial_faults::Faults;
use seatrial_fleet::replicas::lifecycle;
use seatrial_fleet::tenants::Behind;
use seatrial_fleet::{Fleet, databases, growth, nodes};
use seatrial_format::scenario::{Pool, Scenario};
use seatrial_policies::{Pilot, PolicyFile, digest};
use seatrial_traffic::{OBSERVE, of_tiers, pooler_row};
use std::sync::Arc;

impl World {
    /// The world of a scenario under these policies, at the moment before it starts.
    #[must_use]
    pub fn new(scenario: &Scenario, policies: Option<&PolicyFile>, seed: u64) -> Self {
        let mut world = Self::empty(scenario, policies, seed, starts(scenario, None));
        for (pool, of) in scenario.pools.iter().enumerate() {
            for _ in 0..of.count.value {
                let id: NodeId = nodes::order_node(&mut world.fleet, PoolId::at(pool));
                nodes::node_ready(&mut world.fleet, id);
            }
        }
        world
    }

    /// The same, with the machines and tenants of a logbook instead of the scenario's.
    #[must_use]
    pub fn departing(
        scenario: &Scenario,
        policies: Option<&PolicyFile>,
        seed: u64,
        from: Arc<Departure>,
    ) -> Self {
        let starts = starts(scenario, Some(&from));
        let mut world = Self::empty(scenario, policies, seed, starts);
        world.departure = Some(from);
        world
    }

    fn empty(
        scenario: &Scenario,
        policies: Option<&PolicyFile>,
        seed: u64,
        starts: Moment,
    ) -> Self {
        let fleet = Fleet::new(scenario, seed, starts, are_sampled(scenario));
        let faults = Faults::new(scenario);
        Self {
            view: view_of(scenario, &fleet),
            fleet,
            sensing: Sensing::new(
                &scenario.sensing,
                of_tiers(scenario).map(|of| of.0).collect(),
                starts,
            ),
            acting: Acting::new(scenario.acting.delay.value),
            pilot: policies.map(|file| Box::new(Pilot::new(file))),
            saved: Saved::new(scenario, &faults, starts),
            faults,
            listener: None,
            alerts: Alerts::new(scenario, starts),
            log: Log::default(),
            setting: Setting {
                title: scenario.title.clone(),
                warm_up: starts.after(scenario.warm_up.value),
                tick: policies.map_or(Span::ZERO, |file| file.tick.0),
                policy_words: policies.map(PolicyFile::names).unwrap_or_default(),
                policy_digest: policies.map(digest).unwrap_or_default(),
                fork: None,
            },
            departure: None,
        }
    }

    /// Puts the first tenants in place and the first events on the agenda.
    pub(crate) fn begin(&mut self) {
        let (from, starts) = (self.departure.take(), self.fleet.schedule.starts);
        match &from {
            Some(from) => {
                self.log.departed = Some(resume::depart(self, from));
                lifecycle::begin_replicas(&mut self.fleet);
            }
            None => {
                // Tenants find their room taken.
                lifecycle::begin_replicas(&mut self.fleet);
                self.add_tenants();
                settle::give_histories(self);
            }
        }
        seatrial_fleet::begin(&mut self.fleet);
        self.faults.plan(&mut self.fleet);
        seatrial_fleet::begin_calls(&mut self.fleet, self.alerts.watched());
        let agenda = &mut self.fleet.schedule.agenda;
        agenda.schedule(starts.after(Span::days(1)), CLOSE, Event::DayEnds);
        if self.setting.warm_up > starts {
            agenda.schedule(self.setting.warm_up, CLOSE, Event::WarmedUp);
        }
        if self.pilot.is_some() {
            agenda.schedule(starts.after(self.sensing.every), OBSERVE, Event::Scrape);
            // Those who come from elsewhere were not looked at yet.
            let wait = if from.is_some() { Span::ZERO } else { self.setting.tick };
            agenda.schedule(starts.after(wait), STEER, Event::Tick);
        }
    }

    /// Adds the scenario's tenants.
    fn add_tenants(&mut self) {
        let tiers = &self.fleet.design.tiers;
        let sizes = tiers.iter().map(|tier| (tier.count as usize, tier.parts.len()));
        let (tenants, units) =
            sizes.fold((0, 0), |sum, (count, parts)| (sum.0 + count, sum.1 + count * parts));
        self.fleet.tenants.reserve_exact(tenants);
        self.view.reserve(tenants, units);
        for tier in 0..self.fleet.design.tiers.len() {
            for _ in 0..self.fleet.design.tiers[tier].count {
                let id = growth::add_tenant(&mut self.fleet, TierId::at(tier));
                self.fleet.tenants[id.index()].behind = Behind::Nothing;
            }
        }
        self.fleet.changed.tenants.clear();
        self.know_all_tenants();
    }
}

fn view_of(scenario: &Scenario, fleet: &Fleet<Event>) -> ClusterView {
    let mut view = ClusterView::default();
    view.taken_at = fleet.schedule.starts;
    view.name_stages(scenario.sleep.named());
    for tier in &fleet.design.tiers {
        view.add_tier(TierRow { name: tier.name.clone(), priority: tier.priority });
    }
    for pool in &scenario.pools {
        view.add_pool(pool_row(pool, scenario));
    }
    for (_, pooler) in of_tiers(scenario) {
        view.add_pooler(pooler_row(pooler, scenario));
    }
    for name in databases::names(fleet) {
        view.add_database(name.to_owned());
    }
    for of in &fleet.replicas.services {
        view.add_service(of.row());
    }
    view
}

/// How many tenants have room on the disk of one machine, each counted as one of the tier with most.
fn fit_on_disk(pool: &Pool, scenario: &Scenario) -> u32 {
    let Some(disk) = &pool.machine.disk else { return u32::MAX };
    let takes =
        |name: &str| pool.tiers.as_ref().is_none_or(|of| of.iter().any(|of| of.value == name));
    let tiers = scenario.tiers.iter().filter(|tier| takes(tier.name.as_str()));
    let most = tiers.map(|tier| tier.data.on_machine()).max().unwrap_or_default();
    u32::try_from(disk.value.0 / most.max(1)).unwrap_or(u32::MAX)
}

fn pool_row(pool: &Pool, scenario: &Scenario) -> PoolRow {
    let tier = |name: &str| scenario.tiers.iter().position(|tier| tier.name.as_str() == name);
    let named = pool.tiers.iter().flatten();
    PoolRow {
        name: pool.name.to_string(),
        tiers: named.filter_map(|name| tier(&name.value)).map(TierId::at).collect(),
        least: pool.least(),
        most: pool.most(),
        // A list of no tiers takes nobody, and to policies no list takes all.
        tenants_most: match &pool.tiers {
            Some(tiers) if tiers.is_empty() => 0,
            _ => pool.tenants_most.get().min(fit_on_disk(pool, scenario)),
        },
        overcommit_cpu: pool.overcommit.cpu.value,
        overcommit_memory: pool.overcommit.memory.value,
        sums: PoolSums::default(),
    }
}
