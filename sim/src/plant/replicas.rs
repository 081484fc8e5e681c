//! Services whose replicas stand on machines: which there are, and how each comes and goes. Decides
//! how many only as far as it keeps to what is wanted; knows no request.

mod lives;
mod metrics;
mod rooms;
mod sight;
#[cfg(test)]
mod tests;
mod uses;

pub(crate) use sight::Sight;

use seatrial_contract::units::{Frequency, MilliCores, Moment, Span};
use seatrial_contract::view::Service as ServiceRow;
use seatrial_contract::{Footprint, NodeId, PoolId, Purpose};
use seatrial_format::scenario::Scenario;
use seatrial_kernel::chance::Law;
use seatrial_kernel::statistics::{Share, TimeWeighted};
use seatrial_traffic::DeskId;
use seatrial_traffic::laws::law;
use uses::{Uses, Varying};

/// All services on machines, and all their replicas.
pub(crate) struct Replicas {
    pub(crate) services: Vec<Deployed>,
    pub(crate) all: Vec<Replica>,
    /// Those that are otherwise than when somebody last looked.
    pub(crate) dirty: Vec<usize>,
    /// When their use was last taken down.
    sampled_at: Moment,
}

/// A service on machines.
pub(crate) struct Deployed {
    pub(crate) name: String,
    /// Its place among the stations.
    pub(crate) station: usize,
    pub(crate) pool: PoolId,
    /// How many there should be.
    pub(crate) wanted: u32,
    /// Of one replica.
    pub(crate) requested: Footprint,
    uses: Uses,
    starts_in: Law,
    purpose: Purpose,
    /// How many replicas it ever had.
    made: u64,
    noticed_after: Span,
    ends_within: Span,
    losses: Vec<(Moment, u32)>,
    /// Whether those without a machine are to look for one again.
    looks_again: bool,
    /// Stations' copies that no replica has.
    spare: Vec<DeskId>,
    /// Calls that had come when its use was last taken down.
    arrivals: u64,
    /// How many came a second until then, and how many waited.
    pub(crate) demand: (Frequency, u32),
    seen: Seen,
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
pub(crate) struct Replica {
    /// Its place among the services on machines, and its number among that service's replicas.
    pub(crate) of: usize,
    number: u64,
    pub(crate) state: State,
    pub(crate) node: Option<NodeId>,
    /// In this state since.
    pub(crate) since: Moment,
    /// When it began to start.
    pub(crate) started_at: Option<Moment>,
    /// What it was seen to use.
    pub(crate) uses: Footprint,
    copy: DeskId,
    /// Of its states, so that what was due in an earlier one is nothing any more.
    turn: u16,
    /// When it has to end, if it is to.
    ends_by: Moment,
    /// What its servers had worked when its use was last taken down, and when it was last counted.
    sampled: Worked,
    counted: Worked,
    /// Cpu that it takes beside.
    beside: MilliCores,
    memory: Varying,
    pub(crate) is_dirty: bool,
}

/// How long a replica's servers had worked at a moment, all together, in nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Worked {
    at: Moment,
    nanos: u128,
}

/// What a replica is going through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum State {
    /// It has no machine yet.
    Pending,
    Starting,
    Ready,
    /// It is not there any more, and nobody knows.
    Lost,
    /// It takes no more calls, and ends those it has.
    Ending,
    Gone,
}

impl Deployed {
    /// What policies see of it.
    pub(crate) fn row(&self) -> ServiceRow {
        ServiceRow::new(self.name.clone(), Some(self.pool), self.wanted, self.requested)
    }
}

impl Replicas {
    /// The services of a scenario that stand on machines, before any replica is there.
    pub(crate) fn new(scenario: &Scenario, starts: Moment) -> Self {
        let services = scenario.services.iter().enumerate().filter_map(|(station, service)| {
            let on = service.on.as_ref()?;
            let pool = scenario.pools.iter().position(|pool| pool.name.as_str() == on.pool.value);
            let losses = on.losses.iter();
            Some(Deployed {
                name: service.name.to_string(),
                station,
                pool: PoolId::at(pool?),
                wanted: service.replicas.get(),
                requested: Footprint { cpu: on.cpu.value, memory: on.memory.value },
                uses: Uses::new(on, service.name.as_str()),
                starts_in: law(&on.start_time),
                purpose: Purpose::new(&format!("service {}: start", service.name.value)),
                made: 0,
                noticed_after: on.noticed_after.value,
                ends_within: on.grace_period.value,
                losses: losses.map(|of| (starts.after(of.at.value), of.replicas.get())).collect(),
                looks_again: false,
                spare: Vec::new(),
                arrivals: 0,
                demand: (Frequency::default(), 0),
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
    pub(crate) fn of(&self, service: usize) -> impl Iterator<Item = (usize, &Replica)> {
        let all = self.all.iter().enumerate();
        all.filter(move |(_, replica)| replica.of == service && replica.state != State::Gone)
    }

    /// So many of a service are in one of these states.
    fn count(&self, service: usize, states: &[State]) -> usize {
        self.of(service).filter(|(_, replica)| states.contains(&replica.state)).count()
    }

    /// Forgets what was counted.
    pub(crate) fn reset(&mut self, now: Moment) {
        for service in &mut self.services {
            service.seen.ready.reset(now);
            service.seen.short.reset(now);
            (service.seen.started, service.seen.lost, service.seen.scaled) = (0, 0, 0);
            service.seen.cpu = 0;
            service.seen.memory.reset(now);
        }
    }
}
