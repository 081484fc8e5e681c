//! What each table holds: the one place where that is said, for writers, readers and the reference. Writes nothing.

/// The version of all tables; it grows when a query of the last one would stumble.
pub const TABLES_VERSION: u32 = 1;

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name, and that of its file.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
}

/// A column.
#[derive(Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name; what ends in `_s` is in seconds, what ends in `_dollars` in dollars.
    pub name: &'static str,
    /// What its cells are.
    pub kind: Kind,
    /// What it says.
    pub about: &'static str,
}

/// What cells are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// A number; absent where there is none.
    Float,
    /// Yes or no.
    Flag,
}

impl Kind {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Int => "whole number",
            Self::Float => "number",
            Self::Flag => "yes or no",
        }
    }
}

const fn text(name: &'static str, about: &'static str) -> Column {
    Column { name, kind: Kind::Text, about }
}

const fn int(name: &'static str, about: &'static str) -> Column {
    Column { name, kind: Kind::Int, about }
}

const fn float(name: &'static str, about: &'static str) -> Column {
    Column { name, kind: Kind::Float, about }
}

const fn flag(name: &'static str, about: &'static str) -> Column {
    Column { name, kind: Kind::Flag, about }
}

const SEED: Column = int("seed", "the seed of the run");

/// The table of this name.
#[must_use]
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// All tables.
pub const TABLES: &[Table] = &[
    Table {
        name: "runs",
        about: "a run",
        columns: &[
            SEED,
            text("scenario", "the scenario's title"),
            text("policies", "the digest of the policy set; empty where no policy ran"),
            text("record", "the digest of all that was found: the same where all that happened is"),
            float("duration_s", "how long it lasted, in the world"),
            int("events", "how many events it took"),
        ],
    },
    Table {
        name: "metrics",
        about: "a metric of a run, as `seatrial reference metrics` lists them",
        columns: &[
            SEED,
            text("metric", "its name: `wake_wait_p95`, `bill_month.tier.free`"),
            text("measure", "what stands before the first dot"),
            text("of", "what stands behind it; empty where it is of all"),
            text("unit", "what it is counted in"),
            float("value", "its value; absent where nothing was there to measure"),
            float("within", "how far it may be off where calls were sampled, 19 times in 20"),
        ],
    },
    Table {
        name: "goals",
        about: "an objective or a claim, judged by the means over all runs",
        columns: &[
            text("kind", "`objective` or `claim`"),
            text("name", "its name"),
            text("source", "where a claim is made"),
            text("metric", "the metric"),
            text("unit", "what it is counted in"),
            float("value", "what it was"),
            float("at_least", "what it must at least be"),
            float("at_most", "what it may at most be"),
            flag("holds", "whether it holds; nothing holds of what was not measured"),
        ],
    },
    Table {
        name: "series",
        about: "a stretch of time of a series; of the first run where there are several",
        columns: &[
            SEED,
            text("series", "what is measured: `connections`"),
            text(
                "kind",
                "what kind of thing it is measured of: `database`; `run` for all together",
            ),
            text("of", "which of them"),
            text("unit", "what it is counted in"),
            text("shape", "`level`, `sum`, `times` or `ratio`"),
            float("from_s", "the stretch begins then, after the start"),
            float("until_s", "it ends then"),
            float("lived_s", "so much of it was lived through; all, where calls are not sampled"),
            float("least", "of a level: the least, if only for a moment"),
            float(
                "mean",
                "of a level: the mean over time; of times: their mean; of a ratio: the ratio",
            ),
            float("most", "of a level: the most, if only for a moment; of times: the longest"),
            float(
                "total",
                "of a sum: all that came; of times: how many ended; of a ratio: its whole",
            ),
            float("p50", "of times: what half of them do not exceed"),
            float("p95", "of times: what 95 in 100 do not exceed"),
            float("p99", "of times: what 99 in 100 do not exceed"),
        ],
    },
    Table {
        name: "tenants",
        about: "a tenant of the first run",
        columns: &[
            SEED,
            text("tenant", "what it is called"),
            text("tier", "its tier"),
            int("core_seconds", "core-seconds used"),
            float("gib_hours", "GiB-hours used"),
            float("bot_hours", "hours that its bots ran"),
            float("bill_dollars", "its part of the bill"),
            int("logins_unserved", "logins that were not served"),
        ],
    },
    Table {
        name: "lives",
        about: "a state that a tenant, a machine, a replica or a database of the first run was in",
        columns: &[
            SEED,
            text("kind", "`tenant`, `machine`, `replica` or `database`"),
            text(
                "name",
                "its name; of replicas the place that the next one takes when one is gone",
            ),
            text("of", "the tier of a tenant, the pool of a machine, the service of a replica"),
            text("machine", "the machine that a tenant or a replica was on; empty where on none"),
            text("region", "the region where a machine stands"),
            text("zone", "the zone where it stands"),
            text("rack", "the rack where it stands; empty where none is named"),
            text("state", "`awake`, `asleep`, `waking`, `down`: docs/trace.md lists them"),
            text("stage", "the stage of sleep of one that is `asleep`"),
            float("from_s", "from then on"),
            float("until_s", "until then, or to the end of the run"),
            text("cause", "`decision` or `fault`; empty where it came by itself"),
            text("by", "the number of that decision, or the name of that fault"),
            float("by_at_s", "when that fault struck"),
        ],
    },
    Table {
        name: "incidents",
        about: "what a fault took, and how it came back; the first thousand of the first run",
        columns: &[
            SEED,
            int("incident", "its number"),
            text("fault", "what the fault is called"),
            float("at_s", "when it struck"),
            float("healed_s", "when the fault itself was over"),
            float("detected_s", "when those who steer knew"),
            float("decided_s", "when it was decided what to do"),
            float("acted_s", "when that was begun"),
            float("restored_s", "when all that was lost did its work again"),
            float("verified_s", "when somebody had seen that it did"),
            float("clients_back_s", "when all callers and users were back"),
            int("machines", "machines that were lost"),
            int("tenants", "tenants that served their users until then"),
            text("databases", "databases whose primary was lost, with a space between them"),
            int("writes_lost", "acknowledged writes of databases that were lost"),
            float("two_primaries_s", "how long two servers of one database took writes"),
            text("absent", "why a step is absent"),
        ],
    },
    Table {
        name: "decisions",
        about: "an action that a policy decided on in the first run",
        columns: &[
            SEED,
            int("decision", "its number"),
            float("at_s", "when it was decided"),
            text("policy", "who decided"),
            text("action", "what was done: `hibernate`"),
            text("target", "what it is about, by name"),
            text("reason", "why: `idle`"),
            text("action_json", "the whole action"),
            text("reason_json", "the whole reason, with its figures"),
        ],
    },
    Table {
        name: "reasons",
        about: "how often a policy gave a reason in the first run, for actions and for holds",
        columns: &[
            SEED,
            text("policy", "the policy"),
            text("verdict", "an action's word, or `hold`"),
            text("reason", "why"),
            int("times", "how often"),
        ],
    },
    Table {
        name: "alerts",
        about: "an alert that went off; the first ten thousand of the first run",
        columns: &[
            SEED,
            text("alert", "the rule"),
            text("machine", "the machine that it is about; empty for a rule over all"),
            float("at_s", "when it went off"),
            float("until_s", "when it was so no longer; absent where it still was at the end"),
        ],
    },
    Table {
        name: "days",
        about: "a day of the first run",
        columns: &[
            SEED,
            int("day", "days since the start"),
            int("tenants", "tenants at its end"),
            int("asleep", "tenants that do not run in full at its end"),
            int("machines", "machines at its end"),
            int("logins", "logins during it"),
            int("wakes", "wake-ups during it"),
            float("bill_dollars", "its bill"),
        ],
    },
    Table {
        name: "tier_days",
        about: "a tier's part of the bill of a day of the first run",
        columns: &[
            SEED,
            int("day", "days since the start"),
            text("tier", "the tier"),
            float("bill_dollars", "its part of that day's bill"),
        ],
    },
    Table {
        name: "tiers",
        about: "a tier of the first run",
        columns: &[
            SEED,
            text("tier", "its name"),
            int("tenants", "tenants at the end"),
            int("tenants_unserved", "tenants for whom at least one login was not served"),
            int("logins", "logins"),
            int("logins_unserved", "logins that were not served"),
            float("bill_dollars", "its part of the bill"),
            float("revenue_dollars", "what its tenants paid"),
        ],
    },
    Table {
        name: "bill",
        about: "a line of the bill of the first run",
        columns: &[
            SEED,
            text("line", "the pool, server or store"),
            float("machine_hours", "hours that its machines were kept"),
            float("bill_dollars", "what it costs"),
        ],
    },
    Table {
        name: "machines",
        about: "a change of the number of machines of a pool in the first run",
        columns: &[
            SEED,
            float("at_s", "from then on"),
            text("pool", "the pool"),
            int("ready", "so many take tenants"),
            int("booting", "so many are on their way"),
        ],
    },
];
