//! What a scenario file says, section by section. Reads no file.

mod alerts;
mod caches;
mod contention;
mod fleet;
mod goals;
mod impossible;
mod law;
mod places;
mod serving;
mod size;
mod tenants;

pub use alerts::{Above, Alert, Many, Often, Pager, Severity, Watch};
pub use caches::{Cache, Cached, Eviction};
pub use contention::Contention;
pub use fleet::{Acting, Policies, Sensing};
pub use goals::{Amount, Claim, Objective};
pub use law::{
    ByScv, Drawn, Empirical, Erlang, Exponential, HyperExponential, LawFile, Lognormal, Phase,
    Uniform, Weibull, Weighted,
};
pub use places::{Machine, Overcommit, Pool, Server};
pub use serving::{Arrivals, Balance, Closed, Discipline, Poisson, Renewal, Service, Traffic};
pub use size::{DrawnSize, LognormalSize, SizeFile, UniformSize};
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
        /// The weekday of the first midnight; policies see it too, in their moments.
        starts_on: Weekday = Weekday::Monday,
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
        /// Who calls the services.
        traffic: Vec<Traffic> = vec![],
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
