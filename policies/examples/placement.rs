//! How long placement takes: so many tenants of twenty sizes onto machines of four shapes in three zones, a
//! tenth of them leaving and as many coming in between.
//!
//! `cargo run --release -p seatrial-policies --example placement [TENANTS MACHINES]`

use seatrial_contract::config::{Element, Node as Config, Path, Problems, Value};
use seatrial_contract::units::{Bytes, MilliCores, Moment, Span, gib, millicores, percent};
use seatrial_contract::view::{
    Node, NodeState, Phase, Pool, PoolSums, Tenant, Tier, Unit, UnitState,
};
use seatrial_contract::{
    Action, ClusterView, Dice, Footprint, NodeId, PoolId, Priority, Purpose, Stream, TenantId,
    TierId, UnitId, Verdict, ZoneId,
};
use seatrial_policies::{Pilot, PolicyFile};
use std::time::{Duration, Instant};

const SHAPES: [(u64, u64); 4] = [(8, 16), (16, 32), (16, 64), (32, 64)];
const TIERS: usize = 4;
const SIZES: u64 = 5;
/// So many come in one tick.
const AT_ONCE: usize = 4_096;

fn main() {
    let numbers: Vec<usize> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let [tenants, machines] = numbers[..] else {
        let sizes = [(1_000, 100), (10_000, 1_000), (50_000, 5_000)];
        return sizes.into_iter().for_each(|(tenants, machines)| all(tenants, machines));
    };
    all(tenants, machines);
}

fn all(tenants: usize, machines: usize) {
    for kind in ["least-loaded", "best-fit", "spread"] {
        let mut cluster = Cluster::new(kind, tenants, machines);
        let first = cluster.place_all();
        let leaving = tenants / 10;
        let again = (0..5).map(|_| cluster.churn(leaving)).min().unwrap_or_default();
        println!(
            "{kind:<13} {tenants:>7} tenants onto {machines:>5} machines: {:>7.1} ms; {leaving:>6} leave and \
             as many come: {:>7.1} ms; {} without a machine",
            first.as_secs_f64() * 1e3,
            again.as_secs_f64() * 1e3,
            cluster.homeless(),
        );
    }
}

struct Cluster {
    view: ClusterView,
    pilot: Pilot,
    dice: Dice,
    stream: Stream,
}

impl Cluster {
    fn new(kind: &str, tenants: usize, machines: usize) -> Self {
        let dice = Dice::new(7);
        let mut view = ClusterView::default();
        view.taken_at = Moment::START.after(Span::days(7));
        for tier in 0..TIERS {
            view.add_tier(Tier { name: format!("tier-{tier}"), priority: Priority::Low });
        }
        for shape in 0..SHAPES.len() {
            view.add_pool(Pool {
                name: format!("pool-{shape}"),
                tiers: Vec::new(),
                least: 0,
                most: u32::MAX,
                tenants_most: 64,
                overcommit_cpu: percent(400),
                overcommit_memory: percent(120),
                sums: PoolSums::default(),
            });
        }
        for index in 0..machines {
            let (cores, memory) = SHAPES[index % SHAPES.len()];
            let capacity = Footprint { cpu: MilliCores(cores * 1_000), memory: gib(memory) };
            let (pool, zone) = (PoolId::at(index % SHAPES.len()), ZoneId::at(index % 3));
            let id = view.add_node(Node::new(pool, zone, NodeState::Ready, capacity));
            view.see_node(id, MilliCores(0), Bytes(0));
        }
        view.sweep_machines(view.taken_at);
        let one = Config::table([("kind", Config::text(kind))]);
        let file = Config::table([("policies", Value::List(vec![one]).nowhere())]);
        let file =
            PolicyFile::read(&file, &Path::Root, &mut Problems::default()).expect("a policy");
        let stream = dice.stream(0, Purpose::new("bench"));
        let mut cluster = Self { view, pilot: Pilot::new(&file), dice, stream };
        (0..tenants).for_each(|_| cluster.comes());
        cluster.view.settle();
        cluster
    }

    /// One more tenant, of one of twenty sizes.
    fn comes(&mut self) {
        let tier = TierId::at(self.stream.below(TIERS as u64) as usize);
        let size = 1 + self.stream.below(SIZES);
        let id = self.view.add_tenant(Tenant::new(tier));
        let requested = Footprint {
            cpu: millicores(100 * size + 50 * u64::from(tier.0)),
            memory: Bytes((size << 28) + (u64::from(tier.0) << 26)),
        };
        self.view.add_unit(Unit::new(id, None, UnitState::Stopped, None, requested));
    }

    /// Has all placed, so many in each tick; what policies do is timed, not the host.
    fn place_all(&mut self) -> Duration {
        let all: Vec<TenantId> = (0..self.view.tenants().len()).map(TenantId::at).collect();
        self.place(&all)
    }

    fn place(&mut self, all: &[TenantId]) -> Duration {
        let mut spent = Duration::ZERO;
        for some in all.chunks(AT_ONCE) {
            let homeless = |id: &&TenantId| self.view.tenant(**id).node.is_none();
            for id in some.iter().filter(homeless).copied().collect::<Vec<_>>() {
                // Its row changes, as if it was seen for the first time.
                self.view.update_tenant(id, |row| row.phase = Phase::Settled);
                self.view.update_tenant(id, |row| row.phase = Phase::Homeless);
            }
            spent += self.tick();
        }
        spent
    }

    fn tick(&mut self) -> Duration {
        self.view.taken_at = self.view.taken_at.after(Span::seconds(15));
        self.view.sweep_machines(self.view.taken_at);
        let begins = Instant::now();
        let decisions = self.pilot.tick(&self.view, self.dice);
        let spent = begins.elapsed();
        let placed: Vec<(TenantId, NodeId)> = decisions
            .all
            .iter()
            .filter_map(|decision| match decision.verdict {
                Verdict::Act { action: Action::Place { tenant, node }, .. } => Some((tenant, node)),
                Verdict::Act { .. } | Verdict::Hold => None,
            })
            .collect();
        self.view.settle();
        for (tenant, node) in placed {
            self.settle(tenant, Some(node));
        }
        spent
    }

    fn settle(&mut self, tenant: TenantId, node: Option<NodeId>) {
        self.view.update_tenant(tenant, |row| {
            row.node = node;
            row.phase = if node.is_some() { Phase::Settled } else { Phase::Gone };
        });
        let units: Vec<UnitId> = self.view.units_of(tenant).collect();
        for unit in units {
            self.view.update_unit(unit, |row| {
                row.node = node;
                row.state = if node.is_some() { UnitState::Running } else { UnitState::Gone };
            });
        }
    }

    /// So many leave, and as many come.
    fn churn(&mut self, count: usize) -> Duration {
        let mut left = 0;
        while left < count {
            let at = self.stream.below(self.view.tenants().len() as u64) as usize;
            if self.view.tenants()[at].phase == Phase::Settled {
                self.settle(TenantId::at(at), None);
                left += 1;
            }
        }
        let from = self.view.tenants().len();
        (0..count).for_each(|_| self.comes());
        let new: Vec<TenantId> = (from..from + count).map(TenantId::at).collect();
        self.place(&new)
    }

    fn homeless(&self) -> usize {
        self.view.tenants().iter().filter(|row| row.phase == Phase::Homeless).count()
    }
}
