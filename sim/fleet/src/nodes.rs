//! Machines: what is used on them, when cpu slows and when memory kills.

use crate::design::{Design, PoolDesign};
use crate::node_load::NodeLoad;
use crate::places::Spot;
use crate::pool_levels::Part;
use crate::replicas::lifecycle;
use crate::{Fleet, Hosts, bill, pool_counting, usage};
use seatrial_contract::units::{MilliCores, Moment, Ppm, Span};
use seatrial_contract::{Dice, Footprint, NodeId, PoolId, Purpose, TenantId};
use std::collections::VecDeque;

const BOOT: Purpose = Purpose::new("node boot");

/// A machine as it truly is.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its pool.
    pub pool: PoolId,
    /// Where it stands.
    pub spot: Spot,
    /// What it is going through.
    pub state: State,
    /// Since then.
    pub since: Moment,
    /// What is not to come to it any more.
    pub closed: Closed,
    /// Somebody who looks sees something else than at the last look.
    pub dirty: bool,
    /// What there is.
    pub capacity: Footprint,
    /// What its tenants and replicas ask for; cpu beyond capacity is asked for in vain.
    pub asked: Footprint,
    /// What of that is its replicas'.
    pub replicas: OfReplicas,
    /// Those that live on it.
    pub tenants: Vec<TenantId>,
    /// Starts of its tenants.
    pub starts: StartQueue,
    /// What it is paid for and used.
    pub metered: Metered,
}

/// What a machine is going through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It was ordered.
    Booting,
    /// It takes tenants.
    Ready,
    /// It does not answer, and nothing on it runs, for so many reasons.
    Down(u32),
    /// It was given back.
    Gone,
}

/// What is not to come to a machine any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// It takes nobody new.
    pub cordoned: bool,
    /// It is to be emptied.
    pub draining: bool,
}

/// What replicas on a machine have of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfReplicas {
    /// What is promised to them.
    pub requested: Footprint,
    /// What they use.
    pub uses: Footprint,
    /// The share of their answers that are failures, by each reason that the machine has.
    pub fails: Vec<Ppm>,
    /// When one left it last.
    pub left: Option<Moment>,
}

/// Starts of tenants on a machine.
#[derive(Clone, Debug, Default)]
pub struct StartQueue {
    /// Those under way.
    pub running: u32,
    /// Those that wait for their turn.
    pub waiting: VecDeque<TenantId>,
}

/// What a machine is paid for and used.
#[derive(Clone, Copy, Debug)]
pub struct Metered {
    /// Up to then it is paid for.
    pub billed_until: Moment,
    /// What was asked of it, over time.
    pub load: NodeLoad,
    /// The cpu that it has while nothing slows it, once something did.
    pub whole: Option<MilliCores>,
    /// What it adds to its pool's levels.
    pub part: Part,
}

impl Node {
    /// One that is ordered now, with so many in its pool before it.
    pub fn order(pool: PoolId, number: usize, design: &Design, now: Moment) -> Self {
        let (places, design) = (&design.places, &design.pools[pool.index()]);
        let zones = design.zones.len().max(1);
        Self {
            pool,
            // Pools begin with different racks, so that not all of them fill the first.
            spot: places.spot(design.zones[number % zones], number / zones + pool.index()),
            state: State::Booting,
            since: now,
            closed: Closed::default(),
            dirty: false,
            capacity: design.machine,
            asked: Footprint::default(),
            replicas: OfReplicas::default(),
            tenants: Vec::new(),
            starts: StartQueue::default(),
            metered: Metered {
                billed_until: now,
                load: NodeLoad::new(now),
                whole: None,
                part: Part::default(),
            },
        }
    }

    /// Whether it takes tenants.
    pub fn is_ready(&self) -> bool {
        self.state == State::Ready
    }

    /// Whether nothing on it runs.
    pub fn is_down(&self) -> bool {
        matches!(self.state, State::Down(_))
    }

    /// Whether it was given back.
    pub fn is_gone(&self) -> bool {
        self.state == State::Gone
    }

    /// It as somebody sees it who asks the machine: without lists of who lives on it.
    #[must_use]
    pub fn seen(&self) -> Self {
        let OfReplicas { requested, uses, left, .. } = self.replicas;
        let replicas = OfReplicas { requested, uses, fails: Vec::new(), left };
        Self { tenants: Vec::new(), starts: StartQueue::default(), replicas, ..*self }
    }
}

/// How long a machine takes to boot: its own chance, whatever else is ordered.
pub fn boot_time(dice: Dice, id: NodeId, design: &PoolDesign) -> Span {
    design.boot.sample(&mut dice.stream(u64::from(id.0), BOOT))
}

/// Where the next machine of a pool would stand, if one is to be had: in turn, but for places that are sold out.
pub(crate) fn next_spot<E: Hosts>(fleet: &Fleet<E>, pool: PoolId) -> Option<usize> {
    let in_pool = fleet.nodes.iter().filter(|node| node.pool == pool).count();
    let zones = fleet.design.pools[pool.index()].zones.len().max(1);
    let is_sold_out = |number: &usize| {
        let spot = Node::order(pool, *number, &fleet.design, fleet.now()).spot;
        fleet.market.sold_out.iter().any(|of| {
            let is_here = of.place.is_none_or(|place| fleet.design.places.holds(place, spot));
            of.pool.is_none_or(|sold_out| sold_out == pool) && is_here
        })
    };
    (in_pool..in_pool + zones).find(|number| !is_sold_out(number))
}

/// Orders a machine; where none is to be had it comes all the same, so that must be asked before.
pub fn order_node<E: Hosts>(fleet: &mut Fleet<E>, pool: PoolId) -> NodeId {
    let (id, now) = (NodeId::at(fleet.nodes.len()), fleet.now());
    let in_pool = fleet.nodes.iter().filter(|node| node.pool == pool).count();
    let number = next_spot(fleet, pool).unwrap_or(in_pool);
    fleet.nodes.push(Node::order(pool, number, &fleet.design, now));
    fleet.touch_node(id);
    fleet.measures.count_node(now, pool, 0, 1);
    id
}

/// A machine takes tenants from now on.
pub fn node_ready<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    let now = fleet.now();
    let node = &mut fleet.nodes[id.index()];
    if node.is_gone() || node.is_down() {
        return;
    }
    node.state = State::Ready;
    node.since = now;
    node.metered.load = NodeLoad::new(now);
    let pool = node.pool;
    fleet.measures.count_node(now, pool, 1, -1);
    fleet.touch_node(id);
    pool_counting::recount(fleet, id);
    if fleet.schedule.has_begun {
        lifecycle::keep_all_replicas(fleet);
    }
}

/// A machine is given back.
pub fn retire_node<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    let now = fleet.now();
    usage::settle_load(fleet, id);
    bill::bill_node(fleet, id);
    let node = &mut fleet.nodes[id.index()];
    let (ready, booting) = match node.state {
        State::Ready => (-1, 0),
        State::Booting => (0, -1),
        State::Down(_) | State::Gone => (0, 0),
    };
    let was_down = node.is_down();
    node.state = State::Gone;
    let pool = node.pool;
    if was_down {
        fleet.measures.machines.pools[pool.index()].outages.count(now, -1);
    }
    fleet.changed.down.retain(|down| *down != id);
    fleet.measures.count_node(now, pool, ready, booting);
    fleet.touch_node(id);
    pool_counting::recount(fleet, id);
}

/// What a machine may still promise.
pub fn room<E: Hosts>(fleet: &Fleet<E>, id: NodeId) -> Footprint {
    let node = &fleet.nodes[id.index()];
    let here = node.tenants.iter();
    let promised = here.map(|id| fleet.tenants[id.index()].usage.draws.requested);
    let promised = promised.fold(Footprint::default(), Footprint::plus);
    fleet.design.pools[node.pool.index()].promises(node.capacity).minus(promised)
}
