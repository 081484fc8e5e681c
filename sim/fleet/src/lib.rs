//! A fleet as it truly is: tenants, machines, replicas of services, their calls, and the bill. One concept a
//! file. Knows no policy, no view and no fault.
//!
//! [`Fleet`] holds the state; what happens to it are functions over it, in the file of their concept.
//! [`happen`] says which event calls which.

pub mod actions;
pub mod bill;
mod calls;
pub mod cuts;
pub mod databases;
pub mod design;
pub mod disks;
mod event;
pub mod growth;
pub mod invariants;
mod link;
pub mod loss;
mod loss_metrics;
pub mod measures;
pub mod metrics;
mod node_load;
pub mod nodes;
mod noted;
mod objects;
mod outages;
pub mod places;
pub mod pool_counting;
pub mod pool_levels;
pub mod replicas;
mod resizing;
pub mod restoring;
pub mod series;
pub mod sessions;
pub mod starting;
mod state;
pub mod tenants;
pub mod usage;

pub use actions::drains;
pub use event::{Event, Hosts, Turn};
pub use noted::Noted;

use bill::Ledger;
use design::Design;
use measures::{Measures, Targets};
use nodes::Node;
use places::Place;
use replicas::Replicas;
use restoring::Restoring;
pub use restoring::backups;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, NodeId, PoolId, TenantId};
use seatrial_format::scenario::Scenario;
use seatrial_kernel::agenda::Agenda;
use seatrial_traffic::sampling::Sampling;
use seatrial_traffic::{StartCall, Stations, WORLD};
use seatrial_traffic::{callers, steadying};
use std::collections::BTreeMap;
use tenants::{Behind, Tenant};

/// Tenants on machines, and all that they depend on. `E` are the events of the world that it is a part of.
pub struct Fleet<E: Hosts> {
    /// What is to come.
    pub schedule: Schedule<E>,
    /// All chance.
    pub dice: Dice,
    /// What the scenario lays down.
    pub design: Design,
    /// All tenants that ever were.
    pub tenants: Vec<Tenant>,
    /// All machines that ever were.
    pub nodes: Vec<Node>,
    /// What calls go through.
    pub traffic: Traffic<E>,
    /// Replicas of services that stand on machines.
    pub replicas: Replicas,
    restoring: Restoring,
    /// What is counted.
    pub measures: Measures,
    /// Money so far.
    pub ledger: Ledger,
    /// What is otherwise than when somebody last looked.
    pub changed: Changed,
    /// Who comes from outside, and what is to be had there.
    pub market: Market,
}

/// Who comes from outside, and what is to be had there.
#[derive(Default)]
pub struct Market {
    /// How many have ever signed up.
    signups: u64,
    /// Pools and places of which no machine is to be had, as often as there are reasons.
    pub sold_out: Vec<SoldOut>,
}

/// Of what no machine is to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoldOut {
    /// Of this pool; of all where there is none.
    pub pool: Option<PoolId>,
    /// In this place; anywhere where there is none.
    pub place: Option<Place>,
}

/// What is to come, and how long time passes.
pub struct Schedule<E> {
    /// All events.
    pub agenda: Agenda<E>,
    /// Time passes from then on.
    pub starts: Moment,
    /// Nothing happens after that.
    pub ends_at: Moment,
    /// Whether time passes; what happens before only sets the scene.
    pub has_begun: bool,
}

/// What calls go through.
pub struct Traffic<E: Hosts> {
    /// Services, caches, databases, poolers and who calls them.
    pub stations: Stations,
    /// Places between which the network is cut.
    pub parted: Vec<cuts::Parted>,
    /// Where calls are lived through for part of the time.
    pub sampling: Option<Box<Sampling<E>>>,
}

/// What is otherwise than when somebody last looked.
#[derive(Default)]
pub struct Changed {
    /// Each of them once.
    pub tenants: Vec<TenantId>,
    /// Each of them once.
    pub nodes: Vec<NodeId>,
    /// Tenants of which a part was killed, as often as that was so.
    pub killed: Vec<TenantId>,
    /// Machines that do not answer: every scrape misses them.
    pub down: Vec<NodeId>,
    /// Those of them that run on while nobody reaches them, and the tenants that run there.
    pub unreached: BTreeMap<NodeId, Vec<TenantId>>,
    /// Who changed, where somebody wants to be told of every state; emptied after each event.
    pub noted: Option<Box<Noted>>,
}

impl<E: Hosts> Fleet<E> {
    /// The fleet of a scenario before anybody is there.
    #[must_use]
    pub fn new(scenario: &Scenario, seed: u64, starts: Moment, is_sampled: bool) -> Self {
        let (design, dice) = (Design::of(scenario), Dice::new(seed));
        let pools = design.pools.iter().map(|pool| (pool.name.clone(), pool.needs));
        let mut fleet = Self {
            schedule: Schedule {
                agenda: Agenda::new(),
                starts,
                ends_at: starts.after(scenario.duration.value),
                has_begun: false,
            },
            dice,
            tenants: Vec::new(),
            nodes: Vec::new(),
            traffic: Traffic {
                stations: Stations::new(scenario, dice, starts, is_sampled),
                parted: Vec::new(),
                sampling: is_sampled.then(|| Sampling::new(scenario, dice, starts)),
            },
            replicas: Replicas::new(scenario, starts),
            restoring: Restoring::new(scenario),
            measures: Measures::new(starts, (design.tiers.len(), design.names.stages.len()), pools),
            ledger: Ledger::new(scenario, starts),
            changed: Changed::default(),
            market: Market::default(),
            design,
        };
        fleet.measures.machines.losses.may_come = !scenario.faults.is_empty();
        let targets = scenario.tiers.iter().map(|tier| Targets {
            rto: tier.rto.as_ref().map(|of| of.value),
            rpo: tier.rpo.as_ref().map(|of| of.value),
            served: tier.served.as_ref().map(|of| of.value),
            ..Targets::default()
        });
        fleet.measures.machines.losses.targets = targets.collect();
        bill::open_ledger(&mut fleet);
        fleet
    }

    /// What time it is.
    pub fn now(&self) -> Moment {
        self.schedule.agenda.now().max(self.schedule.starts)
    }

    /// Has something happen so long from now, if the run lasts as long.
    pub fn later(&mut self, span: Span, event: impl Into<E>) {
        let at = self.now().after(span);
        if at <= self.schedule.ends_at {
            self.schedule.agenda.schedule(at, WORLD, event.into());
        }
    }

    /// Somebody who looks at the tenant sees something else from now on.
    pub fn touch(&mut self, id: TenantId) {
        self.changed.tenant(id, &mut self.tenants[id.index()], Behind::All);
    }

    /// The next scrape sees all of a machine and its tenants.
    pub fn touch_machine(&mut self, id: NodeId) {
        self.touch_node(id);
        for tenant in &self.nodes[id.index()].tenants {
            self.changed.tenant(*tenant, &mut self.tenants[tenant.index()], Behind::All);
        }
    }

    /// Somebody who looks at the machine sees something else from now on.
    pub fn touch_node(&mut self, id: NodeId) {
        if let Some(noted) = &mut self.changed.noted {
            noted.nodes.push(id);
        }
        if !core::mem::replace(&mut self.nodes[id.index()].dirty, true) {
            self.changed.nodes.push(id);
        }
    }
}

impl Changed {
    fn tenant(&mut self, id: TenantId, tenant: &mut Tenant, behind: Behind) {
        if let Some(noted) = self.noted.as_mut().filter(|_| behind == Behind::All) {
            noted.tenants.push(id);
        }
        if tenant.behind == Behind::Nothing {
            self.tenants.push(id);
        }
        tenant.behind = tenant.behind.max(behind);
    }
}

/// Has time begin to pass.
pub fn begin<E: Hosts>(fleet: &mut Fleet<E>) {
    fleet.schedule.has_begun = true;
    growth::plan_signup(fleet);
    backups::begin(fleet);
}

/// Has calls begin. Of some sources somebody watches how many calls take longer than so long.
pub fn begin_calls<E: Hosts>(fleet: &mut Fleet<E>, watched: impl Iterator<Item = (usize, Span)>) {
    let starts = fleet.schedule.starts;
    let (stations, agenda) = fleet.calls();
    callers::begin(stations, agenda, starts);
    for id in (0..fleet.tenants.len()).map(TenantId::at) {
        let doing = fleet.tenants[id.index()].usage.does;
        let (stations, agenda) = fleet.calls();
        callers::tenant_does(stations, id, doing, agenda);
    }
    steadying::go_on(&mut fleet.traffic.stations);
    fleet.begin_sampling(watched);
}

/// Something happens.
pub fn happen<E: Hosts>(fleet: &mut Fleet<E>, event: Event) {
    match event {
        Event::Calls(event) => fleet.call_happens(event),
        Event::Login(id) => sessions::login(fleet, id),
        Event::SessionEnds(id) => sessions::session_ends(fleet, id),
        Event::GiveUp(Turn(id, session)) => sessions::give_up(fleet, id, session),
        Event::Started(Turn(id, turn)) => starting::started(fleet, id, turn),
        Event::StartTaken(Turn(tenant, turn)) => {
            let call = StartCall { tenant, turn, is_answered: true };
            starting::start_answered(fleet, call, false);
        }
        Event::Restarts(Turn(id, turn)) => starting::restarts(fleet, id, turn),
        Event::Revived(Turn(id, part)) => usage::revive(fleet, id, part),
        Event::DataMoves(turn) => restoring::moves(fleet, turn),
        Event::DataThere(Turn(id, turn)) => {
            if restoring::is_there(fleet, id, turn) {
                starting::begin_start(fleet, id);
            }
        }
        Event::SnapshotTaken(database) => backups::made(fleet, database),
        Event::DatabaseRestored(database, turn) => backups::restored(fleet, database, turn),
        Event::LoadTurns(id) => sessions::load_turns(fleet, id),
        Event::Leaves(id) => growth::leave(fleet, id),
        Event::SignUp => growth::sign_up(fleet),
        Event::NodeReady(id) => nodes::node_ready(fleet, id),
        Event::ReplicaDue(Turn(id, turn)) => replicas::lifecycle::replica_due(fleet, id, turn),
        Event::ReplicasSeek(service) => replicas::lifecycle::replicas_seek(fleet, service),
        Event::Reverted(service, turn) => replicas::releases::reverted(fleet, service, turn),
        Event::ReplicasSampled => replicas::uses::sample_replicas(fleet),
    }
}

/// Has the starts go on whose calls were answered, and stores that have something before them, after each event.
pub fn after_event<E: Hosts>(fleet: &mut Fleet<E>) {
    while let Some(call) = fleet.traffic.stations.next_start() {
        starting::start_answered(fleet, call, true);
    }
    while let Some((after, event)) = fleet.traffic.stations.next_planned() {
        fleet.later(after, Event::from(event));
    }
}

/// Statistics begin anew; what is there stays there.
pub fn warmed_up<E: Hosts>(fleet: &mut Fleet<E>) {
    let now = fleet.now();
    replicas::uses::count_uses(fleet);
    fleet.measures.reset(now);
    backups::reset(fleet);
    fleet.reset_calls();
    fleet.replicas.reset(now);
    for node in &mut fleet.nodes {
        node.metered.load = node_load::NodeLoad::new(now);
    }
    for tenant in &mut fleet.tenants {
        tenant.visits.unserved = 0;
    }
}
