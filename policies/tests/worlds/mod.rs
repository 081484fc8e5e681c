//! Random clusters for the invariants, and an ideal host that carries actions out at once.

mod databases;
pub mod services;

use services::fill;

use seatrial_contract::units::{Frequency, Moment, Ppm, Span, cores, gib, mib, millicores};
use seatrial_contract::view::{
    Connections, Node, NodeState, Phase, Pool, PoolSums, Pooler, Release, Tenant, Tier, Unit,
    UnitState,
};
use seatrial_contract::{
    Action, ClusterView, Dice, Footprint, NodeId, PoolId, Priority, Purpose, Stage, Stream,
    TenantId, TierId, UnitId, ZoneId,
};

/// A random cluster.
pub struct World {
    /// What is seen of it.
    pub view: ClusterView,
    stream: Stream,
    /// Of what containers use; on its own, so that it shifts nothing else.
    used: Stream,
    /// Callers of databases come on their own.
    callers: Stream,
    /// So do services and what becomes of their replicas.
    served: Stream,
    /// So do databases and their backups.
    stores: Stream,
}

const DRAW: Purpose = Purpose::new("draw a world");
const USED: Purpose = Purpose::new("use of containers");
const STARTS: Moment = Moment(Span::days(100).0);

impl World {
    /// The cluster of that seed.
    pub fn draw(seed: u64) -> Self {
        let stream = |number| Dice::new(seed).stream(number, DRAW);
        let mut world = Self {
            view: ClusterView::default(),
            stream: stream(0),
            used: Dice::new(seed).stream(0, USED),
            callers: stream(1),
            served: stream(2),
            stores: stream(3),
        };
        world.view.taken_at = STARTS;
        for (name, priority) in [("free", Priority::Low), ("pro", Priority::High)] {
            world.view.add_tier(Tier { name: name.to_owned(), priority });
        }
        for pool in 0..2 {
            let most = 1 + world.below(6);
            let tiers = if world.odds(2) { vec![] } else { vec![TierId::at(pool)] };
            let tenants_most = 5 + world.below(30);
            world.view.add_pool(Pool {
                name: format!("pool-{pool}"),
                tiers,
                least: 1,
                most,
                tenants_most,
                overcommit_cpu: Ppm(4_000_000),
                overcommit_memory: Ppm(1_500_000),
                sums: PoolSums::default(),
            });
        }
        for _ in 0..world.below(7) {
            world.add_node();
        }
        for _ in 0..world.below(60) {
            world.add_tenant();
        }
        world.add_poolers();
        world.add_services();
        world.add_databases();
        world.see();
        world.kill_some();
        if seed % 4 == 3 {
            world.calm();
        }
        world
    }

    /// Nothing is under way: every machine is there and open, every tenant settled, nobody waits.
    fn calm(&mut self) {
        for index in 0..self.view.nodes().len() {
            self.view.update_node(NodeId::at(index), |row| {
                row.state = NodeState::Ready;
                (row.cordoned, row.draining) = (false, false);
            });
        }
        for index in 0..self.view.tenants().len() {
            self.view.update_tenant(TenantId::at(index), |row| {
                row.wanted_since = None;
                if row.phase == Phase::Starting {
                    row.phase = Phase::Settled;
                }
            });
        }
        self.see();
    }

    /// Some containers have just been killed for want of memory.
    fn kill_some(&mut self) {
        for index in 0..self.view.units().len() {
            let runs = self.view.units()[index].state == UnitState::Running;
            if runs && self.used.below(9) == 0 {
                let now = self.view.taken_at;
                self.view.update_unit(UnitId::at(index), |row| {
                    (row.state, row.since) = (UnitState::Killed, now);
                });
            }
        }
    }

    fn see_units(&mut self) {
        for index in 0..self.view.units().len() {
            let unit = self.view.units()[index];
            let lost = unit.node.is_some_and(|id| self.view.node(id).state == NodeState::Lost);
            if unit.state == UnitState::Paused || lost {
                continue;
            }
            let of = if unit.state == UnitState::Running {
                unit.requested
            } else {
                Footprint::default()
            };
            let share =
                |stream: &mut Stream| Ppm(u32::try_from(stream.below(1_200_000)).unwrap_or(0));
            let cpu = of.cpu.part(share(&mut self.used));
            let memory = of.memory.part(share(&mut self.used));
            self.view.see_unit(UnitId::at(index), cpu, memory);
        }
    }

    fn below(&mut self, n: u32) -> u32 {
        u32::try_from(self.stream.below(u64::from(n))).unwrap_or(0)
    }

    fn odds(&mut self, one_in: u32) -> bool {
        self.below(one_in) == 0
    }

    fn add_node(&mut self) {
        let pool = PoolId::at(self.below(2) as usize);
        let states = [NodeState::Ready, NodeState::Ready, NodeState::Ready, NodeState::Booting];
        let state = states[self.below(4) as usize];
        let capacity = Footprint { cpu: cores(8), memory: gib(16) };
        let zone = ZoneId::at(self.below(3) as usize);
        let mut node = Node::new(pool, zone, state, capacity);
        node.cordoned = self.odds(10);
        node.draining = self.odds(8);
        node.since = STARTS;
        self.view.add_node(node);
    }

    fn add_poolers(&mut self) {
        // Where nobody lives nobody asks.
        let poolers = if self.view.tenants().is_empty() { 0 } else { self.callers.below(3) };
        for number in 0..poolers {
            let most = self.callers.below(60) + 2;
            let tiers = vec![TierId::at(0), TierId::at(1)];
            let most = u32::try_from(most).unwrap_or(2);
            self.view.add_pooler(Pooler::new(format!("pooler-{number}"), most, tiers));
        }
        let pools: Vec<_> = self.view.connection_pools().collect();
        for (pooler, tier) in pools {
            let most = self.view.pooler(pooler).most;
            let most = 1 + u32::try_from(self.callers.below(u64::from(most))).unwrap_or(0);
            self.view.see_connections(pooler, tier, Connections { most, ..Default::default() });
        }
        self.ask_poolers();
    }

    /// Others ask for connections than before: some tiers more than they may have, some hardly.
    pub fn ask_poolers(&mut self) {
        let pools: Vec<_> = self.view.connection_pools().collect();
        for (pooler, tier) in pools {
            let Some(seen) = self.view.connections(pooler, tier) else { continue };
            let most = seen.value.most;
            let callers = match self.callers.below(4) {
                0 => u64::from(most) + self.callers.below(100),
                1 => self.callers.below(3),
                _ => self.callers.below(u64::from(most) + 1),
            };
            let callers = u32::try_from(callers).unwrap_or(0);
            let in_use = callers.min(most);
            let seen = Connections { in_use, waiting: callers - in_use, most };
            self.view.see_connections(pooler, tier, seen);
        }
    }

    fn add_tenant(&mut self) {
        let mut tenant = Tenant::new(TierId::at(self.below(2) as usize));
        let ready: Vec<NodeId> = (0..self.view.nodes().len())
            .map(NodeId::at)
            .filter(|id| self.view.node(*id).state == NodeState::Ready)
            .collect();
        if !ready.is_empty() && !self.odds(5) {
            let chosen = self.below(u32::try_from(ready.len()).unwrap_or(1)) as usize;
            tenant.node = Some(ready[chosen]);
            tenant.phase = if self.odds(10) { Phase::Starting } else { Phase::Settled };
            tenant.stage = Stage(self.below(4) as u8);
        }
        let there = self.odds(5);
        if self.odds(4) {
            tenant.wanted_since = Some(Moment(STARTS.0 - Span::minutes(3).0));
        }
        let id = self.view.add_tenant(tenant);
        for stops_at in [None, Some(Stage(2)), Some(Stage(1))] {
            let told = tenant.node.is_some() && stops_at.is_none_or(|at| tenant.stage < at);
            let state = if told { UnitState::Running } else { UnitState::Stopped };
            let requested = Footprint {
                cpu: millicores(50 + u64::from(self.below(400))),
                memory: mib(64 + u64::from(self.below(700))),
            };
            self.view.add_unit(Unit::new(id, tenant.node, state, stops_at, requested));
        }
        self.view.see_session(id, there);
        let rate =
            Frequency { millionths: u64::from(self.below(9)) * 500_000, ..Default::default() };
        if self.odds(3) {
            self.view.see_requests(id, rate);
        }
        let idle = Span::hours(u64::from(self.below(24 * 40)));
        self.view.see_activity(id, Moment(STARTS.0 - idle.0));
    }

    /// Time passes, and no sensor goes on.
    pub fn pass_blindly(&mut self, span: Span) {
        self.view.taken_at = self.view.taken_at.after(span);
    }

    /// Time passes, and the sensors of machines go on alone.
    pub fn pass_without_activity(&mut self, span: Span) {
        self.view.taken_at = self.view.taken_at.after(span);
        self.see_machines();
    }

    /// A sweep: everything is seen as it stands now.
    fn see(&mut self) {
        self.see_machines();
        self.view.sweep_activity(self.view.taken_at);
        self.view.sweep_sessions(self.view.taken_at);
        self.view.sweep_wanted(self.view.taken_at);
        self.view.sweep_requests(self.view.taken_at);
        self.view.sweep_connections(self.view.taken_at);
        self.view.sweep_databases(self.view.taken_at);
        self.see_services();
    }

    fn see_machines(&mut self) {
        for index in 0..self.view.nodes().len() {
            let id = NodeId::at(index);
            if self.view.node(id).state == NodeState::Lost {
                continue;
            }
            let capacity = self.view.node(id).capacity;
            let cpu = capacity.cpu.part(Ppm(self.below(1_000_000)));
            let memory = capacity.memory.part(Ppm(self.below(1_000_000)));
            self.view.see_node(id, cpu, memory);
        }
        self.see_units();
        let now = self.view.taken_at;
        self.view.sweep_machines(now);
    }

    /// Time passes, and the sensors go on.
    pub fn pass(&mut self, span: Span) {
        self.view.taken_at = self.view.taken_at.after(span);
        self.see();
    }

    /// Machines and tenants are lost and found, containers are killed and paused.
    pub fn suffer(&mut self) {
        self.kill_some();
        for index in 0..self.view.nodes().len() {
            let (id, now) = (NodeId::at(index), self.view.taken_at);
            let was = self.view.node(id).state;
            let state = match was {
                NodeState::Ready if self.odds(4) => NodeState::Lost,
                NodeState::Lost if self.odds(2) => NodeState::Ready,
                other @ (NodeState::Booting
                | NodeState::Ready
                | NodeState::Lost
                | NodeState::Gone) => other,
            };
            self.view.update_node(id, |row| (row.state, row.since) = (state, now));
            if state == NodeState::Lost {
                self.view.lose_node(id);
            }
        }
        self.suffer_services();
        self.suffer_databases();
        for index in 0..self.view.tenants().len() {
            let id = TenantId::at(index);
            let was = self.view.tenant(id).phase;
            let phase = match was {
                Phase::Settled if self.odds(8) => Phase::Missing,
                Phase::Settled if self.odds(8) => Phase::Broken,
                Phase::Missing | Phase::Broken if self.odds(2) => Phase::Settled,
                other @ (Phase::Homeless
                | Phase::Starting
                | Phase::Settled
                | Phase::Broken
                | Phase::Missing
                | Phase::Gone) => other,
            };
            self.view.update_tenant(id, |row| row.phase = phase);
            let units: Vec<_> = self.view.units_of(id).collect();
            for unit in units.into_iter().filter(|_| phase == Phase::Broken) {
                let now = self.view.taken_at;
                self.view.update_unit(unit, |row| {
                    (row.state, row.since) = (UnitState::Paused, now);
                });
                self.view.lose_unit(unit);
            }
        }
    }

    /// People come and go, starts are done.
    pub fn live(&mut self) {
        self.ask_poolers();
        self.serve();
        for index in 0..self.view.tenants().len() {
            let id = TenantId::at(index);
            if self.odds(6) {
                let now = self.view.taken_at;
                let comes = !self.view.sessions().last(index);
                self.view.see_session(id, comes);
                self.view.update_tenant(id, |row| {
                    if comes && row.stage != Stage::AWAKE && row.phase != Phase::Gone {
                        row.wanted_since = row.wanted_since.or(Some(now));
                    }
                });
                if !comes {
                    self.view.see_activity(id, now);
                }
            }
            if self.odds(2) {
                self.view.update_tenant(id, |row| {
                    if row.phase == Phase::Starting {
                        row.phase = Phase::Settled;
                        row.wanted_since = None;
                    }
                });
            }
        }
    }

    /// All readings are gone, as after a restart with the sensors down.
    pub fn forget_readings(&mut self) {
        let mut bare = ClusterView::default();
        bare.taken_at = self.view.taken_at;
        for tier in self.view.tiers() {
            bare.add_tier(tier.clone());
        }
        for pool in self.view.pools() {
            bare.add_pool(Pool { sums: PoolSums::default(), ..pool.clone() });
        }
        for node in self.view.nodes() {
            let mut row = Node::new(node.pool, node.zone, node.state, node.capacity);
            (row.cordoned, row.draining) = (node.cordoned, node.draining);
            bare.add_node(row);
        }
        for (index, tenant) in self.view.tenants().iter().enumerate() {
            let mut row = Tenant::new(tenant.tier);
            (row.node, row.phase, row.stage) = (tenant.node, tenant.phase, tenant.stage);
            row.wanted_since = tenant.wanted_since;
            let id = bare.add_tenant(row);
            for unit in self.view.units_of(TenantId::at(index)) {
                let unit = self.view.units()[unit.index()];
                let copy = Unit::new(id, unit.node, unit.state, unit.stops_at, unit.requested);
                bare.add_unit(copy);
            }
        }
        for pooler in self.view.poolers() {
            bare.add_pooler(pooler.clone());
        }
        self.view.databases().iter().for_each(|name| _ = bare.add_database(name.clone()));
        services::copy(&self.view, &mut bare);
        self.view = bare;
    }
}

/// Carries an action out at once and in full.
pub fn apply(view: &mut ClusterView, action: Action) {
    match action {
        Action::Place { tenant, node } | Action::Move { tenant, node, .. } => {
            let wanted = view.tenant(tenant).wanted_since.is_some();
            let stage = if wanted { Stage::AWAKE } else { view.tenant(tenant).stage };
            set(view, tenant, Some(node), stage, Phase::Starting);
        }
        Action::Evict { tenant, .. } | Action::Abandon { tenant, .. } => {
            set(view, tenant, None, Stage::AWAKE, Phase::Homeless);
        }
        Action::Hibernate { tenant, stage } => {
            let node = view.tenant(tenant).node;
            set(view, tenant, node, stage, Phase::Settled);
        }
        Action::Wake { tenant } => {
            let node = view.tenant(tenant).node;
            set(view, tenant, node, Stage::AWAKE, Phase::Starting);
        }
        Action::Resize { unit, to, .. } => view.update_unit(unit, |row| row.requested = to),
        Action::AddNodes { pool, count } => {
            let capacity = Footprint { cpu: cores(8), memory: gib(16) };
            let node = Node::new(pool, ZoneId::at(0), NodeState::Booting, capacity);
            (0..count).for_each(|_| _ = view.add_node(node));
        }
        Action::Cordon { node } => view.update_node(node, |row| row.cordoned = true),
        Action::Uncordon { node } => {
            view.update_node(node, |row| (row.cordoned, row.draining) = (false, false));
        }
        Action::Drain { node } => view.update_node(node, |row| row.draining = true),
        Action::RemoveNode { node } => view.update_node(node, |row| row.state = NodeState::Gone),
        Action::LimitConnections { pooler, tier, from, most } => {
            let seen = view.connections(pooler, tier).expect("limits that are known").value;
            assert_eq!(seen.most, from, "the limit is what it was taken to be");
            view.see_connections(pooler, tier, Connections { most, ..seen });
        }
        Action::Scale { service, from, to } => {
            assert_eq!(view.service(service).wanted, from, "as many as it was taken to want");
            view.update_service(service, |row| row.wanted = to);
            fill(view, service);
        }
        Action::RevertRelease { service, from, to } => {
            let now = view.taken_at;
            view.update_service(service, |row| {
                assert_eq!((row.release.number, row.release.before), (from, Some(to)));
                row.release = Release { number: to, since: now, before: None };
            });
        }
        Action::BackUp { .. } | Action::Restore { .. } | Action::FailOver { .. } => {
            databases::apply(view, action);
        }
    }
}

fn set(view: &mut ClusterView, id: TenantId, node: Option<NodeId>, stage: Stage, phase: Phase) {
    view.update_tenant(id, |row| (row.node, row.stage, row.phase) = (node, stage, phase));
    for unit in view.units_of(id).collect::<Vec<_>>() {
        view.update_unit(unit, |row| {
            let told = node.is_some() && row.stops_at.is_none_or(|at| stage < at);
            row.node = node;
            row.state = if told { UnitState::Running } else { UnitState::Stopped };
        });
    }
}
