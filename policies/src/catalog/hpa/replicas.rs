//! How many replicas a measure calls for. Numbers in, numbers out: knows no service, no window, no
//! limit but the tolerance.
//!
//! Figures are thousandths of what is measured, and are added and divided as whole numbers before
//! anything is compared, as Kubernetes does (replica_calculator.go): a use of 50.9 % is one of 50 %.

use alloc::vec::Vec;
use seatrial_contract::Reading;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::ReplicaState;

/// What is known of one replica.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// How it is.
    pub state: ReplicaState,
    /// In this state since.
    pub since: Moment,
    /// When its machine began to start it.
    pub started_at: Option<Moment>,
    /// What it asks for.
    pub requested: u64,
    /// What it was seen to use.
    pub sample: Option<Reading<u64>>,
}

/// When what a replica uses while it starts is not counted. Only cpu asks: what a start takes of it is
/// not what serving takes.
#[derive(Clone, Copy, Debug)]
pub struct Grace {
    /// The moment of looking.
    pub now: Moment,
    /// So long after it began to start, one must be ready and have been sampled since.
    pub cpu_initialization: Span,
    /// A replica that has been unready since then, counted from its start, was never ready.
    pub initial_readiness: Span,
    /// What a sample was taken over.
    pub sampled_over: Span,
}

/// So many a measure calls for, and by what.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    /// So many.
    pub replicas: u32,
    /// Use over target, as it was first seen.
    pub ratio: f64,
    /// Use over what is asked for, in whole percent, where that was the measure.
    pub percent: Option<u64>,
    /// What one replica was seen to use, or all together where no replica has a figure of its own.
    pub figure: u64,
}

/// Why nothing can be called for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// There is no replica.
    NoReplica,
    /// No replica that counts was seen.
    NoSample,
    /// A share of what is asked for was to be found, and nothing is asked for.
    NothingRequested,
}

/// What counts of one replica.
#[derive(Clone, Copy)]
struct Sample {
    used: u64,
    requested: u64,
}

#[derive(Default)]
struct Sorted {
    counted: Vec<Sample>,
    /// On their way up, and not to be gone by yet.
    ignored: Vec<Sample>,
    /// There, but not seen.
    missing: Vec<Sample>,
}

/// What replicas use of what they ask for.
struct Use {
    ratio: f64,
    percent: Option<u64>,
    figure: u64,
}

/// By the share of what replicas ask for that they use, against so many percent.
pub fn by_share(
    current: u32,
    target_percent: f64,
    replicas: &[Seen],
    grace: Option<&Grace>,
    tolerance: f64,
) -> Result<Proposal, Unknown> {
    let sorted = Sorted::of(replicas, grace)?;
    if replicas.iter().any(|replica| replica.requested == 0) {
        return Err(Unknown::NothingRequested);
    }
    let share = |samples: &[Sample]| {
        let sum = |of: fn(&Sample) -> u64| samples.iter().map(|one| u128::from(of(one))).sum();
        let (used, requested): (u128, u128) = (sum(|one| one.used), sum(|one| one.requested));
        let percent = narrow(used * 100 / requested.max(1));
        let figure = narrow(used / samples.len().max(1) as u128);
        Use { ratio: float(percent) / target_percent, percent: Some(percent), figure }
    };
    let unseen = |one: &Sample, ratio: f64| match ratio {
        _ if ratio < 1.0 => Some(one.requested),
        _ if ratio > 1.0 => Some(0),
        _ => None,
    };
    propose(current, sorted, share, unseen, tolerance)
}

/// By what a replica uses on the average, against so much.
pub fn by_average(
    current: u32,
    target: u64,
    replicas: &[Seen],
    grace: Option<&Grace>,
    tolerance: f64,
) -> Result<Proposal, Unknown> {
    let average = |samples: &[Sample]| {
        let used: u128 = samples.iter().map(|one| u128::from(one.used)).sum();
        let figure = narrow(used / samples.len().max(1) as u128);
        Use { ratio: float(figure) / float(target), percent: None, figure }
    };
    let unseen = |_: &Sample, ratio: f64| Some(if ratio < 1.0 { target } else { 0 });
    propose(current, Sorted::of(replicas, grace)?, average, unseen, tolerance)
}

/// By a figure for the whole service, against so much for those that are ready.
pub fn by_whole(
    current: u32,
    target: u64,
    figure: u64,
    replicas: &[Seen],
    tolerance: f64,
) -> Result<Proposal, Unknown> {
    let ratio = float(figure) / float(target);
    let proposal = |replicas| Ok(Proposal { replicas, ratio, percent: None, figure });
    if current == 0 {
        return proposal(ceil(ratio));
    }
    if is_near(ratio, tolerance) {
        return proposal(current);
    }
    if replicas.is_empty() {
        return Err(Unknown::NoReplica);
    }
    let ready = replicas.iter().filter(|replica| replica.state == ReplicaState::Ready).count();
    proposal(ceil(ratio * float(ready as u64)))
}

/// By a figure for the whole service, of which each replica is to have so much. So many are there.
#[must_use]
pub fn by_part(there: u32, each: u64, figure: u64, tolerance: f64) -> Proposal {
    let ratio = float(figure) / (float(each) * f64::from(there));
    // Nothing to be shared among nobody is not to be compared, and leaves nobody.
    let far = (1.0 - ratio).abs() > tolerance;
    let replicas = if far { ceil(float(figure) / float(each)) } else { there };
    let part = u64::from(ceil(float(figure) / f64::from(there)));
    Proposal { replicas, ratio, percent: None, figure: part }
}

/// Looks at those who count first, then again with those who do not count standing for what keeps a
/// change small, and proposes only what both looks agree on.
fn propose(
    current: u32,
    sorted: Sorted,
    used: impl Fn(&[Sample]) -> Use,
    unseen: impl Fn(&Sample, f64) -> Option<u64>,
    tolerance: f64,
) -> Result<Proposal, Unknown> {
    let Sorted { counted, ignored, missing } = sorted;
    if counted.is_empty() {
        return Err(Unknown::NoSample);
    }
    let Use { ratio, percent, figure } = used(&counted);
    let proposal = |replicas| Ok(Proposal { replicas, ratio, percent, figure });
    let counts_ignored = !ignored.is_empty() && ratio > 1.0;
    if !counts_ignored && missing.is_empty() {
        let replicas = if is_near(ratio, tolerance) {
            current
        } else {
            ceil(ratio * float(counted.len() as u64))
        };
        return proposal(replicas);
    }
    let mut all = counted;
    let assumed = |one: &Sample| unseen(one, ratio).map(|used| Sample { used, ..*one });
    all.extend(missing.iter().filter_map(assumed));
    if counts_ignored {
        all.extend(ignored.iter().map(|one| Sample { used: 0, ..*one }));
    }
    let again = used(&all).ratio;
    let turned = (ratio < 1.0 && again > 1.0) || (ratio > 1.0 && again < 1.0);
    if is_near(again, tolerance) || turned {
        return proposal(current);
    }
    let replicas = ceil(again * float(all.len() as u64));
    // More are there than should be, or fewer: their count alone is no reason to go the other way.
    let turned = (again < 1.0 && replicas > current) || (again > 1.0 && replicas < current);
    proposal(if turned { current } else { replicas })
}

impl Sorted {
    fn of(replicas: &[Seen], grace: Option<&Grace>) -> Result<Self, Unknown> {
        if replicas.is_empty() {
            return Err(Unknown::NoReplica);
        }
        let mut sorted = Self::default();
        for replica in replicas {
            let sample = |used| Sample { used, requested: replica.requested };
            match (replica.state, replica.sample) {
                (ReplicaState::Stopping | ReplicaState::Failed | ReplicaState::Gone, _) => {}
                (ReplicaState::Pending, _) => sorted.ignored.push(sample(0)),
                (_, None) => sorted.missing.push(sample(0)),
                (_, Some(seen)) if grace.is_some_and(|grace| grace.covers(replica, seen)) => {
                    sorted.ignored.push(sample(seen.value));
                }
                (_, Some(seen)) => sorted.counted.push(sample(seen.value)),
            }
        }
        Ok(sorted)
    }
}

impl Grace {
    /// Whether what it uses is that of a start.
    fn covers(&self, replica: &Seen, seen: Reading<u64>) -> bool {
        let Some(started_at) = replica.started_at else { return true };
        let serves = match replica.state {
            ReplicaState::Ready => true,
            ReplicaState::Unready => false,
            // It was never ready, however long it takes.
            ReplicaState::Pending
            | ReplicaState::Starting
            | ReplicaState::Stopping
            | ReplicaState::Failed
            | ReplicaState::Gone => return true,
        };
        if started_at.after(self.cpu_initialization) > self.now {
            return !serves || seen.seen_at < replica.since.after(self.sampled_over);
        }
        !serves && started_at.after(self.initial_readiness) > replica.since
    }
}

fn is_near(ratio: f64, tolerance: f64) -> bool {
    (1.0 - ratio).abs() <= tolerance
}

fn narrow(figure: u128) -> u64 {
    u64::try_from(figure).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "Kubernetes compares as floating point, too")]
pub(super) fn float(figure: u64) -> f64 {
    figure as f64
}

/// Rounded up; as many as can be counted where that is more.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, which is what is promised"
)]
fn ceil(replicas: f64) -> u32 {
    libm::ceil(replicas) as u32
}
