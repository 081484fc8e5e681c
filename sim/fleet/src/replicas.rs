//! Services whose replicas stand on machines: which there are, and how each comes and goes. Decides
//! how many only as far as it keeps to what is wanted; knows no request.

pub mod lifecycle;
pub mod metrics;
pub mod releases;
mod scheduling;
pub mod uses;

use releases::Releases;
use seatrial_contract::units::{Frequency, MilliCores, Moment, Span};
use seatrial_contract::view::{Answers, Service as ServiceRow};
use seatrial_contract::{Footprint, NodeId, PoolId, Purpose};
use seatrial_format::scenario::Scenario;
use seatrial_kernel::chance::Distribution;
use seatrial_kernel::statistics::{Share, TimeWeighted};
use seatrial_traffic::ReplicaQueueId;
use seatrial_traffic::distributions::distribution;
use uses::{Uses, Varying};

/// All services on machines, and all their replicas.
pub struct Replicas {
    /// Services on machines, in the order of the scenario.
    pub services: Vec<Deployed>,
    /// All that ever were.
    pub all: Vec<Replica>,
    /// Those that are otherwise than when somebody last looked.
    pub dirty: Vec<usize>,
    /// When their use was last taken down.
    sampled_at: Moment,
}

/// A service on machines.
pub struct Deployed {
    /// What it is called.
    pub name: String,
    /// Its place among the stations.
    pub station: usize,
    /// Where its replicas stand.
    pub pool: PoolId,
    /// How many there should be.
    pub wanted: u32,
    /// Of one replica.
    pub requested: Footprint,
    uses: Uses,
    lifecycle: Lifecycle,
    /// Which release of it runs.
    pub(crate) releases: Releases,
    stock: Stock,
    /// Whether those without a machine are to look for one again.
    looks_again: bool,
    /// Who called when its use was last taken down.
    pub demand: Demand,
    seen: Seen,
}

/// What replicas of a service are made of.
#[derive(Default)]
struct Stock {
    /// How many it ever had.
    made: u64,
    /// Stations' replicas that no replica has.
    spare: Vec<ReplicaQueueId>,
}

/// How long replicas of a service take to come and go.
struct Lifecycle {
    starts_in: Distribution,
    purpose: Purpose,
    noticed_after: Span,
    ends_within: Span,
}

/// Who calls a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    /// Calls that had come.
    arrivals: u64,
    /// How many came a second since the time before.
    pub calls: Frequency,
    /// How many waited.
    pub waiting: u32,
}

/// What is counted of a service's replicas.
struct Seen {
    ready: TimeWeighted,
    /// While fewer are ready than wanted.
    short: Share,
    started: u64,
    lost: u64,
    scaled: u64,
    /// Cpu that replicas took, in millicores × nanoseconds.
    cpu: u128,
    /// Memory that they were seen to use, in bytes.
    memory: TimeWeighted,
}

/// One replica; it keeps its row when it is gone.
#[derive(Clone, Copy, Debug)]
pub struct Replica {
    /// Its place among the services on machines.
    pub of: usize,
    /// Its number among that service's replicas.
    number: u64,
    /// What it is going through.
    pub state: State,
    /// Where it stands.
    pub node: Option<NodeId>,
    /// In this state since.
    pub since: Moment,
    /// When it began to start.
    pub started_at: Option<Moment>,
    /// What it uses.
    pub usage: Usage,
    /// What it answers.
    pub answers: Answered,
    pub(crate) queue: ReplicaQueueId,
    /// Of its states, so that what was due in an earlier one is nothing any more.
    turn: u16,
    /// When it has to end, if it is to.
    ends_by: Moment,
    /// It is among those that are otherwise than when somebody last looked.
    pub is_dirty: bool,
}

/// What a replica answers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answered {
    /// What it had answered when that was last taken down, and how much of it was failures.
    sampled: (u64, u64),
    /// What it answered in the time before that.
    pub of_late: Answers,
}

/// What a replica uses.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// What it was seen to use.
    pub seen: Footprint,
    /// What its servers had worked when its use was last taken down, and when it was last counted.
    sampled: Worked,
    counted: Worked,
    /// Cpu that it takes beside.
    beside: MilliCores,
    memory: Varying,
}

/// How long a replica's servers had worked at a moment, all together, in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Worked {
    at: Moment,
    nanos: u128,
}

/// What a replica is going through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// It has no machine yet.
    Pending,
    /// It is on the way up.
    Starting,
    /// It takes calls.
    Ready,
    /// It is not there any more, and nobody knows.
    Lost,
    /// It takes no more calls, and ends those it has.
    Ending,
    /// It is not there any more.
    Gone,
}

impl Deployed {
    /// What it is called, its replicas that are ready, and the memory that they were seen to use.
    pub(crate) fn levels(&mut self) -> (&str, &mut TimeWeighted, &mut TimeWeighted) {
        (&self.name, &mut self.seen.ready, &mut self.seen.memory)
    }

    /// What policies see of it.
    pub fn row(&self) -> ServiceRow {
        let pool = Some(self.pool);
        let mut row = ServiceRow::new(self.name.clone(), pool, self.wanted, self.requested);
        row.release = self.releases.row();
        row
    }
}

impl Replicas {
    /// The services of a scenario that stand on machines, before any replica is there.
    pub fn new(scenario: &Scenario, starts: Moment) -> Self {
        let services = scenario.services.iter().enumerate().filter_map(|(station, service)| {
            let on = service.on.as_ref()?;
            let pool = scenario.pools.iter().position(|pool| pool.name.as_str() == on.pool.value);
            Some(Deployed {
                name: service.name.to_string(),
                station,
                pool: PoolId::at(pool?),
                wanted: service.replicas.get(),
                requested: Footprint { cpu: on.cpu.value, memory: on.memory.value },
                uses: Uses::new(on, service.name.as_str()),
                lifecycle: Lifecycle {
                    starts_in: distribution(&on.start_time),
                    purpose: Purpose::new(&format!("service {}: start", service.name.value)),
                    noticed_after: on.noticed_after.value,
                    ends_within: on.grace_period.value,
                },
                releases: Releases::default(),
                stock: Stock::default(),
                looks_again: false,
                demand: Demand::default(),
                seen: Seen {
                    ready: TimeWeighted::new(starts, 0),
                    short: Share::new(starts, false),
                    started: 0,
                    lost: 0,
                    scaled: 0,
                    cpu: 0,
                    memory: TimeWeighted::new(starts, 0),
                },
            })
        });
        Self {
            services: services.collect(),
            all: Vec::new(),
            dirty: Vec::new(),
            sampled_at: starts,
        }
    }

    /// A replica is otherwise than it was.
    fn touch(&mut self, id: usize) {
        if !core::mem::replace(&mut self.all[id].is_dirty, true) {
            self.dirty.push(id);
        }
    }

    /// Those of one service that are there, by their places.
    pub fn of(&self, service: usize) -> impl Iterator<Item = (usize, &Replica)> {
        let all = self.all.iter().enumerate();
        all.filter(move |(_, replica)| replica.of == service && replica.state != State::Gone)
    }

    /// So many of a service are in one of these states.
    fn count(&self, service: usize, states: &[State]) -> usize {
        self.of(service).filter(|(_, replica)| states.contains(&replica.state)).count()
    }

    /// Forgets what was counted.
    pub fn reset(&mut self, now: Moment) {
        for service in &mut self.services {
            service.seen.ready.reset(now);
            service.seen.short.reset(now);
            (service.seen.started, service.seen.lost, service.seen.scaled) = (0, 0, 0);
            service.seen.cpu = 0;
            service.seen.memory.reset(now);
        }
    }
}
