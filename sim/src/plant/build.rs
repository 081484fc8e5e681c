//! Builds a world from a checked scenario.

use super::alerts::Alerts;
use super::bill::Ledger;
use super::measures::Measures;
use super::objects::ObjectStore;
use super::replicas::Replicas;
use super::{
    Departure, Design, Event, Log, OBSERVE, STEER, Stations, World, of_tiers, pooler_row, starts,
};
use crate::apply::Acting;
use crate::estimate::are_sampled;
use crate::sense::Sensing;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Pool as PoolRow, PoolSums, Tier as TierRow};
use seatrial_contract::{ClusterView, Dice, NodeId, PoolId, TenantId, TierId};
use seatrial_format::scenario::{Pool, Scenario};
use seatrial_kernel::agenda::Agenda;
use seatrial_policies::{Pilot, PolicyFile, digest};
use seatrial_traffic::sampling::Sampling;
use std::sync::Arc;

impl World {
    /// The world of a scenario under these policies, at the moment before it starts.
    #[must_use]
    pub fn new(scenario: &Scenario, policies: Option<&PolicyFile>, seed: u64) -> Self {
        let mut world = Self::empty(scenario, policies, seed, starts(scenario, None));
        for (pool, of) in scenario.pools.iter().enumerate() {
            for _ in 0..of.count.value {
                let id: NodeId = world.order_node(PoolId::at(pool));
                world.node_ready(id);
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
        let mut design = Design::of(scenario, starts);
        if let Some(file) = policies {
            design.tick = file.tick.0;
            design.policy_digest = digest(file);
            design.policy_words = file.names();
        }
        let pools = design.pools.iter().map(|pool| pool.name.clone());
        let is_sampled = are_sampled(scenario);
        let mut world = Self {
            agenda: Agenda::new(),
            dice: Dice::new(seed),
            tenants: Vec::new(),
            nodes: Vec::new(),
            view: view_of(scenario, &design),
            sensing: Sensing::new(&scenario.sensing, of_tiers(scenario).map(|of| of.0).collect()),
            acting: Acting::new(scenario.acting.delay.value),
            pilot: policies.map(Pilot::new),
            logbook: None,
            alerts: Alerts::new(scenario, starts),
            objects: scenario.objects.iter().map(|of| ObjectStore::new(of, starts)).collect(),
            replicas: Replicas::new(scenario, starts),
            stations: Stations::new(scenario, Dice::new(seed), starts, is_sampled),
            sampling: is_sampled.then(|| Sampling::new(scenario, Dice::new(seed), starts)),
            measures: Measures::new(starts, design.tiers.len(), pools),
            ledger: Ledger::default(),
            log: Log::default(),
            departure: None,
            departed: None,
            events: 0,
            launched: false,
            signups: 0,
            design,
        };
        world.open_ledger();
        world
    }

    /// Puts the first tenants in place and the first events on the agenda.
    pub(crate) fn launch(&mut self, policies: Option<&PolicyFile>) {
        let (from, starts) = (self.departure.take(), self.design.starts);
        match &from {
            Some(from) => {
                self.departed = Some(self.depart(from));
                self.launch_replicas();
            }
            None => {
                // Tenants find their room taken.
                self.launch_replicas();
                self.embark(policies);
            }
        }
        self.launched = true;
        self.plan_signup();
        self.stations.plan_outages(&mut self.agenda);
        let (stations, agenda) = self.calls();
        stations.launch(agenda, starts);
        for id in (0..self.tenants.len()).map(TenantId::at) {
            let doing = self.tenants[id.index()].does;
            let (stations, agenda) = self.calls();
            stations.tenant_does(id, doing, agenda);
        }
        self.stations.go_on();
        self.begin_sampling();
        self.agenda.schedule(starts.after(Span::days(1)), super::CLOSE, Event::DayEnds);
        if self.design.warm_up > starts {
            self.agenda.schedule(self.design.warm_up, super::CLOSE, Event::WarmedUp);
        }
        if self.pilot.is_some() {
            let every = self.sensing.every;
            self.agenda.schedule(starts.after(every), OBSERVE, Event::Scrape);
            // Those who come from elsewhere were not looked at yet.
            let wait = if from.is_some() { Span::ZERO } else { self.design.tick };
            self.agenda.schedule(starts.after(wait), STEER, Event::Tick);
        }
    }

    /// Adds the scenario's tenants, with a past and a place each.
    fn embark(&mut self, policies: Option<&PolicyFile>) {
        let sizes = self.design.tiers.iter().map(|tier| (tier.count as usize, tier.parts.len()));
        let (tenants, units) =
            sizes.fold((0, 0), |sum, (count, parts)| (sum.0 + count, sum.1 + count * parts));
        self.tenants.reserve_exact(tenants);
        self.view.reserve(tenants, units);
        for tier in 0..self.design.tiers.len() {
            for _ in 0..self.design.tiers[tier].count {
                let id = self.add_tenant(TierId::at(tier));
                self.tenants[id.index()].dirty = false;
            }
        }
        self.sensing.dirty_tenants.clear();
        self.give_pasts(policies);
    }
}

fn view_of(scenario: &Scenario, design: &Design) -> ClusterView {
    let mut view = ClusterView::default();
    view.taken_at = design.starts;
    view.name_stages(scenario.sleep.named());
    for tier in &design.tiers {
        view.add_tier(TierRow { name: tier.name.clone(), priority: tier.priority });
    }
    for pool in &scenario.pools {
        view.add_pool(pool_row(pool, scenario));
    }
    for (_, pooler) in of_tiers(scenario) {
        view.add_pooler(pooler_row(pooler, scenario));
    }
    for of in &Replicas::new(scenario, design.starts).services {
        view.add_service(of.row());
    }
    view
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
            _ => pool.tenants_most.get(),
        },
        overcommit_cpu: pool.overcommit.cpu.value,
        overcommit_memory: pool.overcommit.memory.value,
        sums: PoolSums::default(),
    }
}
