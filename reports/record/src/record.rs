//! What one run found.

use crate::{Departure, Metric};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One run. Times are nanoseconds since its start, money is in millionths of a dollar.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// [`crate::VERSION`] when it was written.
    pub version: u32,
    /// The scenario's title.
    pub scenario: String,
    /// The seed of all chance.
    pub seed: u64,
    /// The generator behind all chance.
    pub generator: String,
    /// What it began with; none where that is the scenario's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub departure: Option<Departure>,
    /// How calls were sampled; absent where each was lived through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampled: Option<Sampled>,
    /// The digest of the policy set; empty where no policy ran.
    pub policy_digest: String,
    /// How long the run lasted, in nanoseconds.
    pub duration: u64,
    /// How many events it took.
    pub events: u64,
    /// All that was measured, in a fixed order.
    pub metrics: Vec<Metric>,
    /// The bill.
    pub bill: Bill,
    /// Day by day.
    pub days: Vec<DayRow>,
    /// Tier by tier.
    pub tiers: Vec<TierRow>,
    /// What tenants are called, by number; those beyond the list are called `tenant-` and their
    /// number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tenant_names: Vec<String>,
    /// Each tenant's part of the bill.
    pub tenants: Vec<TenantBill>,
    /// How many machines there were, each time it changed.
    pub nodes: Vec<NodeChange>,
    /// What faults took, and how it came back; the first thousand of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<IncidentRow>,
    /// How often each kind of fault struck. What struck by name is among the metrics; this is beside the record, for whoever
    /// counts what was rehearsed, and not in its text.
    #[serde(skip)]
    pub struck: Vec<Counted>,
    /// When alerts went off; the first ten thousand times, and not in the record's text.
    #[serde(skip)]
    pub alerts: Vec<AlertRow>,
    /// How often each policy gave each reason.
    pub reasons: Vec<ReasonCount>,
    /// Every action, in the order decided.
    pub actions: Vec<DecisionRow>,
}

/// The bill of the whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// All of it.
    pub total: i64,
    /// By pool and server.
    pub lines: Vec<BillLine>,
}

/// How calls were sampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sampled {
    /// How long they were lived through one by one, in nanoseconds.
    pub lived: u64,
    /// How well means were to be known, in parts per million of themselves.
    pub precision: u32,
    /// They went from one lasting state to another by themselves: when they do is chance, and a sample does
    /// not tell it.
    pub fell: bool,
    /// They could, since all that fail are tried again and that would be more work than can be done.
    #[serde(default)]
    pub may_fall: bool,
}

/// One line of a bill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BillLine {
    /// The pool or server.
    pub name: String,
    /// Machine time, in nanoseconds.
    pub machine_time: u128,
    /// What it costs.
    pub amount: i64,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayRow {
    /// Days since the start.
    pub day: u32,
    /// That day's bill.
    pub amount: i64,
    /// That day's bill by tier, in the order of tiers.
    pub by_tier: Vec<i64>,
    /// Tenants at its end.
    pub tenants: u32,
    /// Tenants that do not run in full at its end.
    pub asleep: u32,
    /// Machines at its end.
    pub nodes: u32,
    /// Logins during it.
    pub logins: u64,
    /// Wake-ups during it.
    pub wakes: u64,
}

/// One tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierRow {
    /// Its name.
    pub name: String,
    /// Tenants at the end.
    pub tenants: u32,
    /// Tenants for whom at least one login was not served.
    pub unserved: u32,
    /// Logins.
    pub logins: u64,
    /// Logins that were not served.
    pub logins_unserved: u64,
    /// Its part of the bill.
    pub amount: i64,
    /// What its tenants paid.
    pub revenue: i64,
}

/// One tenant's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantBill {
    /// The tenant.
    pub tenant: u32,
    /// Its tier, by position in [`Record::tiers`].
    pub tier: u16,
    /// Core-seconds used.
    pub core_seconds: u64,
    /// GiB-seconds used.
    pub gib_seconds: u64,
    /// Bot-seconds run.
    pub bot_seconds: u64,
    /// Its part of the bill.
    pub amount: i64,
    /// Logins that were not served.
    pub logins_unserved: u32,
}

/// What one fault took, and how it came back. Times are nanoseconds since the start of the run; none decreases
/// from one step to the next, but that a database may be seen to work again before those who steer knew of its loss.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentRow {
    /// What the fault is called.
    pub fault: String,
    /// When it struck.
    pub at: u64,
    /// When the fault itself was over, if it was.
    pub healed: Option<u64>,
    /// Machines that were lost.
    pub machines: u32,
    /// Tenants that served their users until then.
    pub tenants: u32,
    /// Databases whose primary was lost.
    pub databases: Vec<String>,
    /// Acknowledged writes of databases that were lost.
    pub writes_lost: u64,
    /// How long two servers of one of them took writes.
    pub two_primaries: u64,
    /// Whoever steers knew.
    pub detected: Option<u64>,
    /// It was decided what to do.
    pub decided: Option<u64>,
    /// It was begun.
    pub acted: Option<u64>,
    /// All that was lost did its work again.
    pub restored: Option<u64>,
    /// Somebody had seen that it did.
    pub verified: Option<u64>,
    /// All callers and users were back.
    pub clients_back: Option<u64>,
    /// Why a step is absent.
    pub absent: String,
}

/// An alert that went off. Times are nanoseconds since the start of the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertRow {
    /// The rule.
    pub alert: String,
    /// The machine that it is about; empty for a rule that is about all of them.
    pub machine: String,
    /// When it went off.
    pub at: u64,
    /// When it was so no longer, if that came.
    pub until: Option<u64>,
}

/// How many machines there are from a moment on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeChange {
    /// From then on.
    pub at: u64,
    /// In this pool.
    pub pool: String,
    /// So many are ready.
    pub ready: u32,
    /// So many are on their way.
    pub booting: u32,
}

/// How often something was.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counted {
    /// What.
    pub word: String,
    /// How often.
    pub count: u64,
}

/// How often a policy gave a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCount {
    /// The policy.
    pub policy: String,
    /// What it did: an action's word, or `hold`.
    pub verdict: String,
    /// Why.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// One action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// When it was decided.
    pub at: u64,
    /// Its number.
    pub id: u64,
    /// The policy.
    pub policy: String,
    /// What was done, with the names of what it is about.
    pub action: Json,
    /// Why, with names, moments and spans as people read them, and in seconds beside that.
    pub reason: Json,
}

/// Something that was JSON already when it was handed in; kept as its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// The JSON of a value; `null` where it has none.
    #[must_use]
    pub fn of(value: &impl Serialize) -> Self {
        Self(serde_json::value::to_raw_value(value).unwrap_or_default())
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Record {
    /// The record as JSON lines: first everything but the long lists, then a line each.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The digest of everything in the record: equal runs have equal digests.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        if serde_json::to_writer(&mut hasher_writer(&mut hasher), self).is_err() {
            return String::new();
        }
        hasher.finalize().to_hex().as_str().into()
    }

    /// What a tenant is called.
    #[must_use]
    pub fn tenant(&self, number: u32) -> String {
        let name = usize::try_from(number).ok().and_then(|at| self.tenant_names.get(at));
        name.cloned().unwrap_or_else(|| format!("tenant-{number}"))
    }

    /// The metric of that name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.name == name)
    }
}

fn hasher_writer(hasher: &mut blake3::Hasher) -> impl std::io::Write + '_ {
    struct Writer<'a>(&'a mut blake3::Hasher);
    impl std::io::Write for Writer<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    std::io::BufWriter::new(Writer(hasher))
}
