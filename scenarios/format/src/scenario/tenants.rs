//! Tenants: what they consist of, when they come, what they are worth.

use super::{Data, DistributionFile};
use seatrial_contract::config::{Keyed, Located, Name, element, words};
use seatrial_contract::units::{Bytes, Frequency, MilliCores, Ppm, Price, Span};
use seatrial_contract::{Priority, Stage, Stages};

/// What a part says that stands still at no stage.
pub(crate) const NEVER: &str = "never";

words! {
    /// Days of the week.
    pub enum Weekday {
        /// Monday.
        Monday = "monday",
        /// Tuesday.
        Tuesday = "tuesday",
        /// Wednesday.
        Wednesday = "wednesday",
        /// Thursday.
        Thursday = "thursday",
        /// Friday.
        Friday = "friday",
        /// Saturday.
        Saturday = "saturday",
        /// Sunday.
        Sunday = "sunday",
    }
}

words! {
    /// How a tier's tenants stand when the run begins.
    pub enum Start {
        /// As after a long time: each has been idle for as long as chance has it, and sleeps as
        /// deeply as the idle ladder would have it.
        Settled = "settled",
        /// All awake, each at the beginning of an idle time.
        Awake = "awake",
    }
}

element! {
    /// What a tenant's use is worth: the bill is shared out in proportion.
    pub struct Prices {
        /// A core in use for that time.
        core: Price = Price::FREE,
        /// A GiB of memory in use for that time.
        gib: Price = Price::FREE,
        /// A bot that runs for that time.
        bot: Price = Price::FREE,
    }
}

element! {
    /// When people come: 24 hours and 7 days, each in proportion to the others.
    pub struct Rhythm {
        /// The rhythm's name, by which other sections refer to it.
        name: Located<Name>,
        /// 24 weights from midnight on, an hour each, in proportion to one another.
        hours: Located<Vec<f64>>,
        /// 7 weights from Monday on, in proportion to one another; all days alike where left out.
        days: Located<Vec<f64>> = Located::nowhere(vec![1.0; 7]),
    }
}

element! {
    /// The containers of one tenant.
    pub struct Stack {
        /// The stack's name, by which tiers refer to it.
        name: Located<Name>,
        /// Its containers, a table `[[stacks.parts]]` each.
        parts: Vec<Part>,
    }
}

element! {
    /// One container of a stack: what it requests, and how much of that it uses.
    pub struct Part {
        /// The container's name.
        name: Located<Name>,
        /// Cpu requested; a placement policy finds room for it.
        cpu: Located<MilliCores> = Located::nowhere(MilliCores::ZERO),
        /// Cpu requested besides for each bot of the tenant.
        cpu_per_bot: Located<MilliCores> = Located::nowhere(MilliCores::ZERO),
        /// Memory requested; a placement policy finds room for it.
        memory: Located<Bytes> = Located::nowhere(Bytes::ZERO),
        /// Memory requested besides for each bot of the tenant.
        memory_per_bot: Located<Bytes> = Located::nowhere(Bytes::ZERO),
        /// What it uses while nobody is at its tenant, as shares of its request.
        quiet: Use = Use::default(),
        /// What it uses during a session and while it starts, as shares of its request.
        busy: Use = Use::default(),
        /// Whether the tenant's bots run in this container; where it stands still, they do not run.
        runs_bots: bool = false,
        /// From which stage of sleep on it stands still and gives its request back: the name of a stage
        /// (of `[sleep]`; `asleep` where there is no such section), or `never`.
        stops_at: Located<String> = Located::nowhere(NEVER.to_owned()),
    }
}

element! {
    /// Shares of a request.
    pub struct Use {
        /// Cpu in use, as a share of what is requested.
        cpu: Located<Ppm> = Located::nowhere(Ppm::WHOLE),
        /// Memory in use, as a share of what is requested.
        memory: Located<Ppm> = Located::nowhere(Ppm::WHOLE),
    }
}

element! {
    /// How a tenant starts: after sleep, after a move, after its container was killed.
    pub struct Waking {
        /// From the start on its machine until the tenant serves.
        start_time: DistributionFile = DistributionFile::Fixed(Span::seconds(150)),
    }
}

element! {
    /// Tenants who pay for the same.
    pub struct Tier {
        /// The tier's name, by which pools, policies and metrics refer to it.
        name: Located<Name>,
        /// How many tenants it has at the start.
        tenants: Located<u32>,
        /// How many bots each tenant runs.
        bots: Located<u32> = Located::nowhere(1),
        /// Where its tenants' data lies, and so what becomes of them when their machine is lost.
        data: Data = Data::default(),
        /// How soon its tenants are to serve again once their machine is lost (RTO); `rto_missed_share.TIER`
        /// says how often they do not.
        rto: Option<Located<Span>> = None,
        /// How old the oldest write may be that a tenant then loses (RPO).
        rpo: Option<Located<Span>> = None,
        /// What part of the time its tenants are to be served: `error_budget_spent.TIER` says how much of the rest
        /// losses of machines took.
        served: Option<Located<Ppm>> = None,
        /// Who goes first when not all can be served.
        priority: Priority = Priority::Medium,
        /// What one container may use: beyond it cpu slows and memory kills. No limit where left out.
        limit: Option<Limit> = None,
        /// What a tenant consists of: the name of a stack.
        stack: Located<String>,
        /// When people come to a tenant, and how long they stay.
        sessions: Sessions,
        /// How their bots' load wanders from hour to hour; it does not where left out.
        load: Option<Load> = None,
        /// How long a tenant stays before it leaves for good; forever where left out.
        lifetime: Option<DistributionFile> = None,
        /// What a tenant pays; nothing where left out.
        pays: Located<Price> = Located::nowhere(Price::FREE),
        /// How they stand when the run begins.
        start: Start = Start::Settled,
    }
}

element! {
    /// Caps of one container.
    pub struct Limit {
        /// Cpu that a container may use at most; beyond it, it is slowed.
        cpu: MilliCores,
        /// Memory that a container may use at most; beyond it, it is killed and started again.
        memory: Located<Bytes>,
    }
}

element! {
    /// When a tenant comes and how long it stays.
    pub struct Sessions {
        /// From the end of a session to the next login, if people came evenly around the clock.
        gap: Located<DistributionFile>,
        /// The rhythm that moves logins to the hours when people come; around the clock where left out.
        rhythm: Option<Located<String>> = None,
        /// How long a session lasts.
        length: DistributionFile,
        /// How long someone waits for a wake-up before giving up; to the end of the session where
        /// left out.
        patience: Option<DistributionFile> = None,
    }
}

element! {
    /// A factor on what a tenant's bots use, redrawn again and again: lognormal around 1.
    pub struct Load {
        /// How long a factor holds.
        every: Located<DistributionFile>,
        /// The factor that 95 of 100 stay below.
        p95: Located<f64>,
    }
}

element! {
    /// Sign-ups.
    pub struct Growth {
        /// How many tenants sign up.
        signups: Located<Frequency>,
        /// The rhythm by which they come; around the clock where left out.
        rhythm: Option<Located<String>> = None,
        /// The tiers they choose, by name, in proportion: `{ free = 3.0, paid = 1.0 }`.
        mix: Keyed<Located<f64>>,
    }
}

impl Default for Use {
    fn default() -> Self {
        Self { cpu: Located::nowhere(Ppm::WHOLE), memory: Located::nowhere(Ppm::WHOLE) }
    }
}

impl Default for Waking {
    fn default() -> Self {
        Self { start_time: DistributionFile::Fixed(Span::seconds(150)) }
    }
}

impl Default for Prices {
    fn default() -> Self {
        Self { core: Price::FREE, gib: Price::FREE, bot: Price::FREE }
    }
}

impl Part {
    /// From which stage of sleep on it stands still, if from any.
    #[must_use]
    pub fn stops_at(&self, stages: &Stages) -> Option<Stage> {
        if self.stops_at.value == NEVER { None } else { stages.find(&self.stops_at) }
    }
}
