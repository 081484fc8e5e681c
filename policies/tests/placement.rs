//! Placement by its index chooses as looking at all machines does: random clusters of four shapes of machines in
//! three zones and twenty sizes of tenants, who come and leave, while machines come, close, answer no more and are
//! seen late. Debug builds compare each choice with the slow way; here is what they compare on.
//!
//! `SEATRIAL_SEED=17 cargo test -p seatrial-policies --test placement` repeats one.

use seatrial_contract::config::{Element, Node as Config, Path, Problems, Value};
use seatrial_contract::units::{Bytes, MilliCores, Moment, Span, gib, millicores, percent};
use seatrial_contract::view::{
    Node, NodeState, Phase, Pool, PoolSums, Tenant, Tier, Unit, UnitState,
};
use seatrial_contract::{
    Action, ClusterView, Dice, Footprint, NodeId, PoolId, Priority, Purpose, Stream, TenantId,
    TierId, UnitId, ZoneId,
};
use seatrial_policies::{Pilot, PolicyFile};

const SHAPES: [(u64, u64); 4] = [(4, 8), (8, 16), (8, 32), (16, 32)];
const KINDS: [&str; 3] = ["least-loaded", "best-fit", "spread"];

struct Cluster {
    view: ClusterView,
    pilot: Pilot,
    stream: Stream,
    seed: u64,
}

fn seeds() -> Vec<u64> {
    match std::env::var("SEATRIAL_SEED").ok().and_then(|seed| seed.parse().ok()) {
        Some(seed) => vec![seed],
        None => (0..12).collect(),
    }
}

fn pilot(kind: &str) -> Pilot {
    let one = Config::table([("kind", Config::text(kind))]);
    let file = Config::table([("policies", Value::List(vec![one]).nowhere())]);
    let file = PolicyFile::read(&file, &Path::Root, &mut Problems::default());
    Pilot::new(&file.expect("a policy file"))
}

impl Cluster {
    fn new(kind: &str, seed: u64) -> Self {
        let stream = Dice::new(seed).stream(0, Purpose::new("placement"));
        let mut view = ClusterView::default();
        view.taken_at = Moment::START.after(Span::days(7));
        for (tier, priority) in [Priority::Low, Priority::High].into_iter().enumerate() {
            view.add_tier(Tier { name: format!("tier-{tier}"), priority });
        }
        for shape in 0..SHAPES.len() {
            view.add_pool(Pool {
                name: format!("pool-{shape}"),
                // One pool is for the first tier alone.
                tiers: if shape == 3 { vec![TierId::at(0)] } else { Vec::new() },
                least: 0,
                most: u32::MAX,
                tenants_most: 12,
                overcommit_cpu: percent(300),
                overcommit_memory: percent(120),
                sums: PoolSums::default(),
            });
        }
        let mut cluster = Self { view, pilot: pilot(kind), stream, seed };
        (0..24).for_each(|_| cluster.machine());
        (0..60).for_each(|_| cluster.tenant());
        cluster
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.stream.below(most as u64)).unwrap()
    }

    fn machine(&mut self) {
        let shape = self.below(SHAPES.len());
        let (cores, memory) = SHAPES[shape];
        let capacity = Footprint { cpu: MilliCores(cores * 1_000), memory: gib(memory) };
        let zone = ZoneId::at(self.below(3));
        let row = Node::new(PoolId::at(shape), zone, NodeState::Ready, capacity);
        let id = self.view.add_node(row);
        self.view.see_node(id, MilliCores(0), Bytes(0));
    }

    fn tenant(&mut self) {
        let (tier, size) = (TierId::at(self.below(2)), 1 + self.stream.below(10));
        let id = self.view.add_tenant(Tenant::new(tier));
        let memory = Bytes((size << 28) + (u64::from(tier.0) << 26));
        let requested = Footprint { cpu: millicores(150 * size), memory };
        self.view.add_unit(Unit::new(id, None, UnitState::Stopped, None, requested));
    }

    fn live(&mut self, tenant: TenantId, node: Option<NodeId>, phase: Phase, state: UnitState) {
        self.view.update_tenant(tenant, |row| (row.node, row.phase) = (node, phase));
        let units: Vec<UnitId> = self.view.units_of(tenant).collect();
        for unit in units {
            self.view.update_unit(unit, |row| (row.node, row.state) = (node, state));
        }
    }

    /// Something happens to a machine.
    fn disturb(&mut self) {
        let id = NodeId::at(self.below(self.view.nodes().len()));
        match self.below(8) {
            0 => self.view.update_node(id, |row| row.cordoned ^= true),
            1 => self.view.update_node(id, |row| row.draining ^= true),
            2 => self.view.update_node(id, |row| {
                row.state =
                    if row.state == NodeState::Lost { NodeState::Ready } else { NodeState::Lost };
            }),
            3 => self.view.lose_node(id),
            4 => self.machine(),
            _ => {
                let (cpu, memory) = (self.stream.below(16_000), self.stream.below(1 << 34));
                self.view.see_node(id, MilliCores(cpu), Bytes(memory));
            }
        }
    }

    /// Time goes on, some leave, some come, and the policies look; says how many were placed or moved.
    fn tick(&mut self) -> usize {
        self.view.taken_at = self.view.taken_at.after(Span::seconds(15));
        // A sweep in ten is missing for so long that what was seen is too old.
        if self.below(10) == 0 {
            self.view.taken_at = self.view.taken_at.after(Span::minutes(20));
        } else {
            self.view.sweep_machines(self.view.taken_at);
        }
        for _ in 0..self.below(4) {
            let id = TenantId::at(self.below(self.view.tenants().len()));
            if self.view.tenant(id).phase == Phase::Settled {
                self.live(id, None, Phase::Gone, UnitState::Gone);
            }
        }
        (0..self.below(6)).for_each(|_| self.tenant());
        (0..self.below(5)).for_each(|_| self.disturb());
        let actions: Vec<Action> = {
            let decisions = self.pilot.tick(&self.view, Dice::new(self.seed));
            decisions.actions().map(|(_, action)| action).collect()
        };
        self.view.settle();
        let mut count = 0;
        for action in actions {
            if let Action::Place { tenant, node } | Action::Move { tenant, node, .. } = action {
                count += 1;
                // Some actions come to nothing, and what they reserved is given back.
                if self.below(12) > 0 {
                    self.live(tenant, Some(node), Phase::Settled, UnitState::Running);
                }
            }
        }
        count
    }
}

#[test]
fn the_index_chooses_as_looking_at_all_machines_does() {
    if !cfg!(debug_assertions) {
        println!("skipped: release builds compare nothing");
        return;
    }
    for kind in KINDS {
        let mut placed = 0;
        for seed in seeds() {
            println!("{kind}, seed {seed}");
            let mut cluster = Cluster::new(kind, seed);
            placed += (0..150).map(|_| cluster.tick()).sum::<usize>();
        }
        assert!(placed > 300 * seeds().len(), "{kind}: only {placed} choices were compared");
    }
}

#[test]
fn a_pilot_that_goes_on_from_memory_chooses_as_one_that_never_stopped() {
    for kind in KINDS {
        for seed in seeds() {
            let (mut stays, mut restarts) = (Cluster::new(kind, seed), Cluster::new(kind, seed));
            for turn in 0..60 {
                if turn % 7 == 3 {
                    let memory = restarts.pilot.save();
                    restarts.pilot = pilot(kind);
                    restarts.pilot.restore(&memory).expect("its own memory");
                }
                assert_eq!(stays.tick(), restarts.tick(), "{kind}, seed {seed}, turn {turn}");
                assert_eq!(stays.pilot.decided(), restarts.pilot.decided(), "{kind}, seed {seed}");
            }
        }
    }
}

/// A memory in which a tenant is on its way to that machine, where room is reserved on that one.
fn forged(to: u32, reserved_on: u32) -> serde_json::Value {
    let (nothing, moment) = (Footprint::default(), Moment::START);
    serde_json::json!([[{ "tenant": 0 }, {
        "id": 0, "policy": 0, "since": moment, "due": moment.after(Span::days(9)), "failures": 0, "state": "flying",
        "action": { "do": "place", "tenant": 0, "node": to },
        "effect": { "lives-on": 0 },
        "reserved": { "node": reserved_on, "footprint": nothing, "tenants": 1 },
    }]])
}

#[test]
fn a_memory_that_names_machines_which_are_not_there_is_refused() {
    let restored = |to: u32, reserved_on: u32| {
        let mut cluster = Cluster::new("spread", 3);
        let mut memory = serde_json::to_value(cluster.pilot.save()).unwrap();
        memory["book"]["flights"] = forged(to, reserved_on);
        // So many on their way to eight machines that they are more than can be counted.
        let many = serde_json::json!({ "footprint": Footprint::default(), "tenants": u32::MAX });
        memory["book"]["reserved"] = serde_json::json!(vec![many; 8]);
        let memory = serde_json::from_value(memory).expect("a memory");
        cluster.pilot.restore(&memory).expect("of this pilot");
        let fits = cluster.pilot.fits(&cluster.view).is_ok();
        if fits {
            (0..20).for_each(|_| _ = cluster.tick());
        }
        fits
    };
    assert!(restored(1, 1));
    assert!(!restored(999, 1), "it goes to a machine that is not there");
    assert!(!restored(1, 999), "room is reserved on a machine that is not there");
}
