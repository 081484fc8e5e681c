//! Tenants: what they consist of, when they come, what they are worth.

use super::LawFile;
use seatrial_contract::config::{Keyed, Located, Name, element, words};
use seatrial_contract::units::{Bytes, Frequency, MilliCores, Ppm, Price, Span};
use seatrial_contract::{Priority, Stage};

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
    /// From which stage of sleep on a part stands still.
    pub enum StopsAt {
        /// With the bots.
        BotsStopped = "bots-stopped",
        /// With the dashboard and the cache.
        DashboardStopped = "dashboard-stopped",
        /// When only the database is left.
        DatabaseOnly = "database-only",
        /// It always runs.
        Never = "never",
    }
}

words! {
    /// How a tier's tenants stand when the voyage begins.
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
        /// A core in use.
        core: Price = Price::FREE,
        /// A GiB of memory in use.
        gib: Price = Price::FREE,
        /// A bot that runs.
        bot: Price = Price::FREE,
    }
}

element! {
    /// When people come: 24 hours and 7 days, each in proportion to the others.
    pub struct Rhythm {
        /// The rhythm's name.
        name: Located<Name>,
        /// From midnight on, an hour each.
        hours: Located<Vec<f64>>,
        /// From Monday on; even where left out.
        days: Located<Vec<f64>> = Located::nowhere(vec![1.0; 7]),
    }
}

element! {
    /// The containers of one tenant.
    pub struct Stack {
        /// The stack's name.
        name: Located<Name>,
        /// Its containers.
        parts: Vec<Part>,
    }
}

element! {
    /// One container of a stack: what it requests, and how much of that it uses.
    pub struct Part {
        /// The part's name.
        name: Located<Name>,
        /// Processors requested.
        cpu: Located<MilliCores> = Located::nowhere(MilliCores::ZERO),
        /// Processors requested for each bot besides.
        cpu_per_bot: Located<MilliCores> = Located::nowhere(MilliCores::ZERO),
        /// Memory requested.
        memory: Located<Bytes> = Located::nowhere(Bytes::ZERO),
        /// Memory requested for each bot besides.
        memory_per_bot: Located<Bytes> = Located::nowhere(Bytes::ZERO),
        /// What it uses of its request while its tenant is away.
        quiet: Use = Use::default(),
        /// What it uses of its request during a session, and while it starts.
        busy: Use = Use::default(),
        /// Whether bots run in this part.
        runs_bots: bool = false,
        /// From which stage of sleep on it stands still.
        stops_at: StopsAt = StopsAt::Never,
    }
}

element! {
    /// Shares of a request.
    pub struct Use {
        /// Of processors.
        cpu: Located<Ppm> = Located::nowhere(Ppm::WHOLE),
        /// Of memory.
        memory: Located<Ppm> = Located::nowhere(Ppm::WHOLE),
    }
}

element! {
    /// How a tenant starts: after sleep, after a move, after its container was killed.
    pub struct Waking {
        /// From the start on its machine to service.
        start_time: LawFile = LawFile::Fixed(Span::seconds(150)),
    }
}

element! {
    /// Tenants who pay for the same.
    pub struct Tier {
        /// The tier's name.
        name: Located<Name>,
        /// How many at the start.
        tenants: Located<u32>,
        /// How many bots each runs.
        bots: Located<u32> = Located::nowhere(1),
        /// Who goes first when not all can be served.
        priority: Priority = Priority::Medium,
        /// What one container may use: beyond it cpu slows and memory kills.
        limit: Option<Limit> = None,
        /// What a tenant consists of.
        stack: Located<String>,
        /// When they come.
        sessions: Sessions,
        /// How their bots' load wanders from hour to hour.
        load: Option<Load> = None,
        /// How long a tenant stays before it leaves for good; for ever where left out.
        lifetime: Option<LawFile> = None,
        /// What a tenant pays.
        pays: Located<Price> = Located::nowhere(Price::FREE),
        /// How they stand when the voyage begins.
        start: Start = Start::Settled,
    }
}

element! {
    /// Caps of one container.
    pub struct Limit {
        /// Processors.
        cpu: MilliCores,
        /// Memory.
        memory: Located<Bytes>,
    }
}

element! {
    /// When a tenant comes and how long it stays.
    pub struct Sessions {
        /// From the end of a session to the next login, if people came evenly around the clock.
        gap: Located<LawFile>,
        /// The rhythm that moves logins to the hours when people come.
        rhythm: Option<Located<String>> = None,
        /// How long a session lasts.
        length: LawFile,
        /// How long someone waits for a wake-up before giving up; to the end of the session where
        /// left out.
        patience: Option<LawFile> = None,
    }
}

element! {
    /// A factor on what a tenant's bots use, redrawn again and again: lognormal around 1.
    pub struct Load {
        /// How long a factor holds.
        every: Located<LawFile>,
        /// The factor that 95 of 100 stay below.
        p95: Located<f64>,
    }
}

element! {
    /// Sign-ups.
    pub struct Growth {
        /// How many come.
        signups: Located<Frequency>,
        /// When they come.
        rhythm: Option<Located<String>> = None,
        /// The tiers they choose, in proportion.
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
        Self { start_time: LawFile::Fixed(Span::seconds(150)) }
    }
}

impl Default for Prices {
    fn default() -> Self {
        Self { core: Price::FREE, gib: Price::FREE, bot: Price::FREE }
    }
}

impl StopsAt {
    /// Whether the part runs at this stage.
    #[must_use]
    pub fn runs_at(self, stage: Stage) -> bool {
        let stops = match self {
            Self::BotsStopped => Stage::BotsStopped,
            Self::DashboardStopped => Stage::DashboardStopped,
            Self::DatabaseOnly => Stage::DatabaseOnly,
            Self::Never => return true,
        };
        stage < stops
    }
}
