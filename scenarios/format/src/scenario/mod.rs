//! What a scenario file says, section by section. Reads no file.

mod alerts;
mod caches;
mod contention;
mod data;
mod databases;
mod distribution;
mod each;
mod faults;
mod fleet;
mod goals;
mod grain;
mod impossible;
mod objects;
mod places;
mod recovery;
mod retries;
mod serving;
mod size;
mod sleep;
mod standing;
mod tenants;

pub use alerts::{Above, Alert, Failing, Many, Often, Pager, Severity, Slow, Watch};
pub use caches::{
    Cache, CacheFailover, Cached, ClusterFailover, Eviction, SentinelFailover, Snapshots,
};
pub use contention::Contention;
pub use data::{Backups, Data, OnMachine, OnNetwork, Restoring};
pub use databases::{
    Archive, Database, DatabaseBackups, Following, Outage, PoolPer, Pooler, Pooling, Query,
    Standby, VolumeSnapshots,
};
pub use distribution::{
    ByScv, DistributionFile, Drawn, Empirical, Erlang, Exponential, HyperExponential, Lognormal,
    Phase, Uniform, Weibull, Weighted,
};
pub use each::Each;
pub use faults::FaultTable;
pub use fleet::{Acting, Limits, Policies, Resizing, Sensing};
pub use goals::{Amount, Claim, Objective};
pub use grain::{Grain, Zoom};
pub use objects::{ObjectStore, StorageClass};
pub use places::{Machine, Overcommit, Pool, Server, Zone};
pub use recovery::{
    CloudNative, Failover, Manual, MultiAz, Patroni, Probing, Timed, TwoStandby, WhenAlone,
};
pub use retries::{Orphaned, Retry};
pub use serving::{
    Arrivals, Balance, Closed, Discipline, Poisson, Renewal, Service, Shedding, Starts, Tenants,
    Traffic, While, WhileAsking,
};
pub use size::{DrawnSize, LognormalSize, SizeFile, UniformSize};
pub use sleep::Sleep;
pub use standing::{ReplicaLoss, Standing, Using};
pub(crate) use tenants::NEVER;
pub use tenants::{
    Growth, Limit, Load, Part, Prices, Rhythm, Sessions, Stack, Start, Tier, Use, Waking, Weekday,
};

use seatrial_contract::config::{Located, element};
use seatrial_contract::units::{Ppm, Span, percent};

element! {
    /// One run: a world, the policies that run it, and what must hold.
    pub struct Scenario {
        /// What this scenario is, in a line; the title of every report on it.
        title: String,
        /// Where its figures come from, and what is our own judgement.
        about: String = String::new(),
        /// The seed of all chance: the same seed gives the same run, to the byte.
        seed: u64 = 1,
        /// How long the run lasts, in simulated time.
        duration: Located<Span>,
        /// How much of its beginning is left out of the metrics, so that they are not of a world that is
        /// still filling up.
        warm_up: Located<Span> = Located::nowhere(Span::ZERO),
        /// The weekday on which the run starts; rhythms go by it, and policies see it too.
        starts_on: Weekday = Weekday::Monday,
        /// The time of that day at which the run starts, counted from midnight.
        starts_at: Located<Span> = Located::nowhere(Span::ZERO),
        /// The policies that run the cluster; without this section there are none.
        policies: Option<Policies> = None,
        /// How policies and alerts see the cluster: how often, how late, and with what missing.
        sensing: Sensing = Sensing::default(),
        /// How actions of policies reach the cluster, and what they do there.
        acting: Acting = Acting::default(),
        /// What tenants' use is worth: the bill is shared out among tenants in proportion. It adds nothing
        /// to the bill.
        prices: Prices = Prices::default(),
        /// Daily and weekly rhythms, by which sessions, sign-ups and calls come at some hours more than at
        /// others.
        rhythms: Vec<Rhythm> = vec![],
        /// Zones with their regions and racks, for those of them that have any.
        zones: Vec<Zone> = vec![],
        /// Pools of equal machines, on which tenants live and replicas of services stand.
        pools: Vec<Pool> = vec![],
        /// Servers beside the pools, which cost money and hold no tenants.
        servers: Vec<Server> = vec![],
        /// Stores of objects, such as S3 buckets: they are on the bill and never slow.
        objects: Vec<ObjectStore> = vec![],
        /// How deeply tenants may sleep: the names of the stages.
        sleep: Sleep = Sleep::default(),
        /// What a tenant consists of: the containers of one tenant, with what they request and use.
        stacks: Vec<Stack> = vec![],
        /// How long it takes until a sleeping tenant serves again.
        waking: Waking = Waking::default(),
        /// How tenants' data comes back from backups.
        restoring: Restoring = Restoring::default(),
        /// Tenants by what they pay for: how many there are, what they consist of, when they come.
        tiers: Vec<Tier> = vec![],
        /// New tenants as time goes on; nobody signs up without this section.
        growth: Option<Growth> = None,
        /// Services: replicas with so many requests at a time, and queues in front of them.
        services: Vec<Service> = vec![],
        /// Caches, such as Redis, that calls ask before their service.
        caches: Vec<Cache> = vec![],
        /// Databases with connections that run out, such as Postgres.
        databases: Vec<Database> = vec![],
        /// Pools of connections to databases, such as PgBouncer or the pool within a process.
        poolers: Vec<Pooler> = vec![],
        /// Who calls the services and asks the databases, and how often.
        traffic: Vec<Traffic> = vec![],
        /// Whether each call is an event at all times, or for part of the time.
        grain: Grain = Grain::Auto,
        /// Where calls are sampled: what part of itself a mean may be off, 19 times in 20.
        precision: Located<Ppm> = Located::nowhere(percent(2)),
        /// Where calls are sampled: events that precision may cost where nothing moves.
        events_most: Located<u64> = Located::nowhere(600_000),
        /// Intervals of a `sampled` scenario in which each call is an event.
        zoom: Vec<Zoom> = vec![],
        /// What disturbs the world: machines that crash, databases that cannot be reached, and more.
        faults: Vec<FaultTable> = vec![],
        /// Alert rules: what is told to people, and what calls them.
        alerts: Vec<Alert> = vec![],
        /// The people who are called by alerts: how soon they look, and how long it keeps them.
        pager: Pager = Pager::default(),
        /// What must hold at the end; where one does not, `seatrial run` exits with 1.
        objectives: Vec<Objective> = vec![],
        /// What a document promises; where one does not hold, `seatrial run` exits with 1, unless
        /// `--fail-on objective` says otherwise.
        claims: Vec<Claim> = vec![],
    }
}
