//! Services with servers and queues, and the requests that come to them one by one. Knows no
//! tenant, no machine and no policy.
//!
//! A source draws a request: when it comes, how long it is served, how long it would wait. A
//! service picks one of its replicas, and the replica's discipline says who is served when. A source may
//! ask a cache first: what that has needs no service, what it lacks is written into it after.

mod attempts;
pub mod caches;
mod call_statistics;
pub mod callers;
mod connecting;
mod contention;
pub mod cuts;
mod databases;
pub mod dispatch;
pub mod distributions;
mod draws;
mod endings;
mod event;
mod failure;
mod fifo;
pub mod figures;
pub mod from_backup;
mod ids;
pub mod imagining;
mod intrusive_list;
pub mod invariants;
pub mod limits;
mod measures;
pub mod metrics;
pub mod needs;
mod next_calls;
mod planned;
mod poolers;
mod preemptive;
mod priority;
pub mod queries;
mod query;
mod querying;
#[cfg(test)]
mod reading;
pub mod recovering;
pub mod replica_queues;
mod requests;
mod retrying;
pub mod sampling;
pub mod series;
mod service;
mod service_context;
mod serving;
mod sharing;
pub mod sheet;
mod source;
pub mod steadying;
pub mod telling;
mod tenant_callers;
#[cfg(test)]
mod tests;
mod trouble;
#[cfg(test)]
mod twin;

pub use contention::Contention;
pub use endings::StartCall;
pub use event::{Event, Hosts, OBSERVE, WORLD};
pub use figures::{Figures, Stood};
pub use ids::{AttemptId, ReplicaQueueId, RequestId, SourceId};
pub use limits::{of_tiers, row as pooler_row};
pub use replica_queues::{EndOfReplica, Load};
use seatrial_kernel::agenda::Agenda;
pub use steadying::{Conditions, Kind, Loads};
pub use tenant_callers::Activity;

use attempts::Attempts;
use caches::{Asking, Cache};
use cuts::Cuts;
use databases::Database;
use databases::own::Own;
use failure::Failure;
use imagining::Imagined;
use needs::Needs;
use planned::Planned;
use poolers::Pooler;
use requests::Requests;
use seatrial_contract::Dice;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::Scenario;
use service::{ReplicaQueue, Service};
use service_context::ServiceContext;
use source::Source;
use std::collections::BTreeMap;
use trouble::Trouble;

/// All services, all who call them, and all requests under way.
pub struct Stations {
    clock: Clock,
    serving: Serving,
    sources: Vec<Source>,
    stores: Stores,
    attempts: Attempts,
    /// What became of the calls of tenants that start, until somebody asks.
    starts: Vec<StartCall>,
    needs: Needs,
    dice: Dice,
    imagined: Imagined,
}

/// The time of calls.
struct Clock {
    starts_at: Moment,
    ends_at: Moment,
    /// Statistics began then.
    since: Moment,
    /// Whether calls are sampled, and how far the world is ahead of them then.
    is_sampled: bool,
    ahead: Span,
    /// The time of calls does not pass now.
    stands_still: bool,
}

/// Services, their replicas' queues, and the requests in them.
struct Serving {
    services: Vec<Service>,
    replica_queues: Vec<ReplicaQueue>,
    requests: Requests,
    /// What is wrong with services that are there; nothing is with those that are not in the list.
    troubles: Vec<Trouble>,
    /// Ways that are cut.
    cuts: Cuts,
    /// Services of which no replica is there: so many reasons why, and the replicas that would be.
    out: BTreeMap<usize, (u32, Vec<ReplicaQueueId>)>,
}

/// What keeps data, and the way there.
struct Stores {
    caches: Vec<Cache>,
    /// Those of the file, and behind them those that tenants have for themselves.
    databases: Vec<Database>,
    /// By database of the file.
    own: Vec<Option<Own>>,
    poolers: Vec<Pooler>,
    /// Attempts that have lost their database, and why, until they are told.
    cut_off: Vec<(AttemptId, Failure)>,
    planned: Planned,
    /// From the first outage's beginning to the last one's end.
    outages_span: Option<(Moment, Moment)>,
}

impl Stations {
    /// The stations of a scenario, before anybody has called. Sources of services that are not
    /// there are left out; the format tells of them.
    pub fn new(scenario: &Scenario, dice: Dice, starts: Moment, is_sampled: bool) -> Self {
        let mut stations = Self {
            clock: Clock {
                starts_at: starts,
                ends_at: starts.after(*scenario.duration),
                since: starts,
                is_sampled,
                ahead: Span::ZERO,
                stands_still: true,
            },
            serving: Serving {
                services: Vec::new(),
                replica_queues: Vec::new(),
                requests: Requests::new(),
                troubles: Vec::new(),
                cuts: Cuts::default(),
                out: BTreeMap::new(),
            },
            sources: Vec::new(),
            stores: Stores {
                caches: scenario.caches.iter().map(|of| Cache::new(of, starts, dice)).collect(),
                databases: scenario.databases.iter().map(|of| Database::new(of, starts)).collect(),
                own: scenario.databases.iter().map(Own::new).collect(),
                poolers: Vec::new(),
                cut_off: Vec::new(),
                planned: Planned::default(),
                outages_span: None,
            },
            attempts: Attempts::new(),
            starts: Vec::new(),
            needs: Needs::new(starts, source::window(*scenario.duration)),
            dice,
            imagined: Imagined::default(),
        };
        stations.add_databases(scenario, starts);
        for (at, file) in scenario.services.iter().enumerate() {
            let first = u32::try_from(stations.serving.replica_queues.len())
                .expect("replicas can be numbered");
            stations.serving.services.push(Service::new(file, first, scenario, starts));
            stations.serving.replica_queues.extend(ReplicaQueue::all(at, file, scenario));
        }
        for traffic in &scenario.traffic {
            let mut services = scenario.services.iter().enumerate();
            let called = services.find(|(_, file)| Some(file.name.as_str()) == traffic.called());
            if called.is_some() || traffic.service.is_none() {
                let caches = &mut stations.stores.caches;
                let asking = Asking::new(traffic, scenario, caches, starts, dice);
                let source = Source::new(traffic, called, asking, scenario, (starts, dice));
                stations.sources.push(source);
            }
        }
        needs::build_needs(&mut stations);
        stations
    }

    fn add_databases(&mut self, scenario: &Scenario, starts: Moment) {
        let number = |at: usize| u16::try_from(at).expect("the format lets no more through");
        for file in &scenario.poolers {
            let name = file.database.value.as_str();
            let found = scenario.databases.iter().position(|of| of.name.as_str() == name);
            self.stores.poolers.push(Pooler::new(file, number(found.unwrap_or_default()), starts));
        }
        let outages = scenario.databases.iter().flat_map(|file| &file.outages);
        let spans = outages.map(|of| {
            let begins = starts.after(of.at.value);
            (begins, begins.after(of.lasts.value))
        });
        self.stores.outages_span = spans.reduce(|all, of| (all.0.min(of.0), all.1.max(of.1)));
    }

    /// Whether it is known of a start what became of its call.
    #[inline]
    pub const fn has_starts(&self) -> bool {
        !self.starts.is_empty()
    }

    /// What became of the calls of tenants that start.
    pub fn next_start(&mut self) -> Option<StartCall> {
        self.starts.pop()
    }

    /// What is to happen to stores, and after how long.
    #[inline]
    pub fn next_planned(&mut self) -> Option<(Span, Event)> {
        self.stores.planned.next()
    }

    /// A replica queue and its surroundings.
    #[inline]
    fn context<'a, E: Hosts>(
        &'a mut self,
        replica_queue: ReplicaQueueId,
        agenda: &'a mut Agenda<E>,
    ) -> (&'a mut ReplicaQueue, ServiceContext<'a, E>) {
        let replica_queue = &mut self.serving.replica_queues[replica_queue.index()];
        let service = &mut self.serving.services[replica_queue.service];
        let context = ServiceContext {
            now: agenda.now(),
            ends_at: self.clock.ends_at,
            servers: service.servers,
            requests: &mut self.serving.requests,
            load: &mut service.load,
            agenda,
        };
        (replica_queue, context)
    }
}
