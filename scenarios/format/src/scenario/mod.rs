//! What a scenario file says, section by section. Reads no file.

mod alerts;
mod caches;
mod contention;
mod databases;
mod each;
mod fleet;
mod goals;
mod grain;
mod impossible;
mod law;
mod objects;
mod places;
mod retries;
mod serving;
mod size;
mod standing;
mod tenants;

pub use alerts::{Above, Alert, Failing, Many, Often, Pager, Severity, Slow, Watch};
pub use caches::{Cache, Cached, Eviction, Snapshots};
pub use contention::Contention;
pub use databases::{Database, Following, Outage, PoolPer, Pooler, Pooling, Query, Standby};
pub use each::Each;
pub use fleet::{Acting, Limits, Policies, Resizing, Sensing};
pub use goals::{Amount, Claim, Objective};
pub use grain::{Grain, Zoom};
pub use law::{
    ByScv, Drawn, Empirical, Erlang, Exponential, HyperExponential, LawFile, Lognormal, Phase,
    Uniform, Weibull, Weighted,
};
pub use objects::{ObjectStore, StorageClass};
pub use places::{Machine, Overcommit, Pool, Server};
pub use retries::{Orphaned, Retry};
pub use serving::{
    Arrivals, Balance, Closed, Discipline, Poisson, Renewal, Service, Shedding, Starts, Tenants,
    Traffic, While, WhileAsking,
};
pub use size::{DrawnSize, LognormalSize, SizeFile, UniformSize};
pub use standing::{ReplicaLoss, Standing, Using};
pub use tenants::{
    Growth, Limit, Load, Part, Prices, Rhythm, Sessions, Stack, Start, StopsAt, Tier, Use, Waking,
    Weekday,
};

use seatrial_contract::config::{Located, element};
use seatrial_contract::units::Span;

element! {
    /// One voyage: a world, the policies that run it, and what must hold.
    pub struct Scenario {
        /// What this scenario is, in a line.
        title: String,
        /// Where its figures come from, and what is our own judgement.
        about: String = String::new(),
        /// The seed of all chance; the same seed gives the same run.
        seed: u64 = 1,
        /// How long the voyage lasts.
        duration: Located<Span>,
        /// How much of its beginning is left out of the statistics.
        warm_up: Located<Span> = Located::nowhere(Span::ZERO),
        /// The weekday on which the voyage starts; policies see it too, in their moments.
        starts_on: Weekday = Weekday::Monday,
        /// The time of that day at which the voyage starts.
        starts_at: Located<Span> = Located::nowhere(Span::ZERO),
        /// The policies that run the cluster; none are run where this is left out.
        policies: Option<Policies> = None,
        /// How the cluster is observed.
        sensing: Sensing = Sensing::default(),
        /// How actions reach the cluster.
        acting: Acting = Acting::default(),
        /// What tenants' use is worth, to share the bill out.
        prices: Prices = Prices::default(),
        /// Daily and weekly rhythms.
        rhythms: Vec<Rhythm> = vec![],
        /// Pools of equal machines on which tenants live.
        pools: Vec<Pool> = vec![],
        /// Servers beside the pools, which cost money and hold no tenants.
        servers: Vec<Server> = vec![],
        /// Stores of objects.
        objects: Vec<ObjectStore> = vec![],
        /// What a tenant consists of.
        stacks: Vec<Stack> = vec![],
        /// How a sleeping tenant comes back.
        waking: Waking = Waking::default(),
        /// Tenants by what they pay for.
        tiers: Vec<Tier> = vec![],
        /// New tenants as time goes on.
        growth: Option<Growth> = None,
        /// Services with servers and queues.
        services: Vec<Service> = vec![],
        /// Caches in front of services.
        caches: Vec<Cache> = vec![],
        /// Databases.
        databases: Vec<Database> = vec![],
        /// Pools of connections to databases.
        poolers: Vec<Pooler> = vec![],
        /// Who calls the services and asks the databases.
        traffic: Vec<Traffic> = vec![],
        /// Whether each call is an event, or calls are rates.
        grain: Grain = Grain::Request,
        /// Intervals of a `flow` scenario in which each call is an event.
        zoom: Vec<Zoom> = vec![],
        /// What calls people.
        alerts: Vec<Alert> = vec![],
        /// The people who are called.
        pager: Pager = Pager::default(),
        /// What must hold; a broken one fails the run.
        objectives: Vec<Objective> = vec![],
        /// What a document promises; the run prints which promises hold.
        claims: Vec<Claim> = vec![],
    }
}
