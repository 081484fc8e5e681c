//! What should be done about one service: what its metrics call for, held by its window, its rates and
//! its bounds. Knows no view; what it remembers of a service is data.

use super::Hpa;
use super::rates::{Change, Rates, forget};
use super::replicas::{Grace, Proposal, Seen, Unknown, by_average, by_part, by_share, by_whole};
use super::rules::{Down, Metric, Rate, Scaled, Up};
use super::window::{Recommendation, Recommendations};
use alloc::vec::Vec;
use seatrial_contract::config::{Element, Node, Path, Problems};
use seatrial_contract::units::{Bytes, Frequency, MilliCores, Moment, Ppm, Span};
use seatrial_contract::view::ReplicaState;
use seatrial_contract::{Footprint, Limited, Measure, Reading, Reason};
use serde::{Deserialize, Serialize};

/// What is remembered of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaler {
    /// What was called for of late; nothing at all where the service was never looked at.
    pub recommendations: Option<Recommendations>,
    /// What came of late.
    pub ups: Vec<Change>,
    /// What went of late.
    pub downs: Vec<Change>,
    looked_at: Option<Moment>,
}

/// What is seen of a service.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The moment of looking.
    pub now: Moment,
    /// So many replicas it should have.
    pub wanted: u32,
    /// Those that are there.
    pub replicas: Vec<Sighted>,
    /// What is to be said where none of them was seen.
    pub unseen: Reason,
    /// How often it is called, or why that is not to be relied on.
    pub calls: Result<Frequency, Reason>,
    /// How many wait, or why that is not to be relied on.
    pub waiting: Result<u32, Reason>,
}

/// What is seen of a replica, what is too old left out.
#[derive(Clone, Copy, Debug)]
pub struct Sighted {
    /// How it is.
    pub state: ReplicaState,
    /// In this state since.
    pub since: Moment,
    /// When its machine began to start it.
    pub started_at: Option<Moment>,
    /// What it asks for.
    pub requested: Footprint,
    /// Cpu in use.
    pub cpu: Option<Reading<MilliCores>>,
    /// Memory in use.
    pub memory: Option<Reading<Bytes>>,
}

/// What should be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Have so many replicas.
    Scale {
        /// How many.
        to: u32,
        /// Why.
        reason: Reason,
    },
    /// Leave it.
    Hold(Reason),
}

/// What should be done about a service; remembers what was called for.
pub fn advise(config: &Hpa, rules: &Scaled, scaler: &mut Scaler, sight: &Sight) -> Advice {
    let (now, wanted) = (sight.now, sight.wanted);
    let (least, most) = (rules.least, rules.most.get());
    let first = || Recommendations([Recommendation { at: now, replicas: wanted }].into());
    let recommendations = scaler.recommendations.get_or_insert_with(first);
    if wanted == 0 && least > 0 {
        return Advice::Hold(Reason::SwitchedOff);
    }
    if wanted > most || wanted < least {
        let reason = Reason::OutOfBounds { least, most };
        return Advice::Scale { to: wanted.clamp(least, most), reason };
    }
    let (by, proposal) = match called_for(config, rules, sight) {
        Ok(found) => found,
        Err(reason) => return Advice::Hold(reason),
    };
    let rates = Rates { now, current: wanted, least, most, ups: &scaler.ups, downs: &scaler.downs };
    let (steady, (to, limited)) = if let Some((up, down)) = rules.ways() {
        let windows = (up.window, down.window.unwrap_or(config.down_window));
        let steady = recommendations.within(now, wanted, proposal.replicas, windows);
        let (up, down) = ((up.select, &*up.rates), (down.select, &*down.rates));
        (steady, rates.limit(steady, up, down))
    } else {
        let steady = recommendations.most_within(now, proposal.replicas, config.down_window);
        (steady, rates.limit_plainly(steady, config.up_factor, config.up_least))
    };
    let limited = match limited {
        Limited::Nothing if steady != proposal.replicas => Limited::Window,
        other @ (Limited::Nothing
        | Limited::Window
        | Limited::Rate
        | Limited::Guard
        | Limited::Most
        | Limited::Least) => other,
    };
    let reason = reason(by, proposal, wanted, to, limited);
    if to == wanted { Advice::Hold(reason) } else { Advice::Scale { to, reason } }
}

fn reason(by: Measure, proposal: Proposal, wanted: u32, to: u32, limited: Limited) -> Reason {
    let (used, wants) = (share(proposal.ratio), proposal.replicas);
    match wants.cmp(&wanted).then(to.cmp(&wanted)) {
        core::cmp::Ordering::Greater => Reason::AboveTarget { by, used, wants, limited },
        core::cmp::Ordering::Less => Reason::BelowTarget { by, used, wants, limited },
        core::cmp::Ordering::Equal => Reason::OnTarget { by, used },
    }
}

/// What the metric that calls for most calls for. One that cannot be read keeps replicas from being
/// taken away, for it might call for them.
fn called_for(config: &Hpa, rules: &Scaled, sight: &Sight) -> Result<(Measure, Proposal), Reason> {
    let mut most: Option<(Measure, Proposal)> = None;
    let mut unknown = None;
    for metric in &rules.metrics {
        match by_metric(config, metric, sight) {
            Err(reason) => unknown = unknown.or(Some(reason)),
            Ok(found) => {
                if most.is_none_or(|(_, most)| most.replicas == 0 || found.replicas > most.replicas)
                {
                    most = Some((metric.measure(), found));
                }
            }
        }
    }
    match (most, unknown) {
        (None, unknown) => Err(unknown.unwrap_or(sight.unseen)),
        (Some((_, found)), Some(unknown)) if found.replicas < sight.wanted => Err(unknown),
        (Some(found), _) => Ok(found),
    }
}

fn by_metric(config: &Hpa, metric: &Metric, sight: &Sight) -> Result<Proposal, Reason> {
    let tolerance = f64::from(config.tolerance.0) / 1e6;
    let grace = Grace {
        now: sight.now,
        cpu_initialization: config.cpu_initialization,
        initial_readiness: config.initial_readiness,
        sampled_over: config.sampled_over,
    };
    let percent = |target: Ppm| f64::from(target.0) / 1e4;
    let wanted = sight.wanted;
    let found = match metric {
        Metric::Cpu(of) => {
            by_share(wanted, percent(of.target), &sight.cpu(), Some(&grace), tolerance)
        }
        Metric::CpuEach(of) => by_average(wanted, of.each.0, &sight.cpu(), Some(&grace), tolerance),
        Metric::Memory(of) => {
            by_share(wanted, percent(of.target), &sight.memory(), None, tolerance)
        }
        Metric::MemoryEach(of) => {
            by_average(wanted, thousandths(of.each), &sight.memory(), None, tolerance)
        }
        Metric::Calls(of) => {
            Ok(by_part(sight.there(), a_second(of.each), a_second(sight.calls?), tolerance))
        }
        Metric::CallsInAll(of) => {
            let (target, calls) = (a_second(of.target), a_second(sight.calls?));
            by_whole(wanted, target, calls, &sight.cpu(), tolerance)
        }
        Metric::Waiting(of) => {
            let waiting = u64::from(sight.waiting?) * 1_000;
            Ok(by_part(sight.there(), u64::from(of.each.get()) * 1_000, waiting, tolerance))
        }
        Metric::WaitingInAll(of) => {
            let waiting = u64::from(sight.waiting?) * 1_000;
            let target = u64::from(of.target.get()) * 1_000;
            by_whole(wanted, target, waiting, &sight.cpu(), tolerance)
        }
    };
    found.map_err(|unknown| match unknown {
        Unknown::NoReplica => Reason::NoReplica,
        Unknown::NoSample => sight.unseen,
        Unknown::NothingRequested => Reason::NothingRequested { by: metric.measure() },
    })
}

impl Sight {
    fn cpu(&self) -> Vec<Seen> {
        let seen = |of: &Sighted| {
            let reading =
                |of: Reading<MilliCores>| Reading { value: of.value.0, seen_at: of.seen_at };
            of.seen(of.requested.cpu.0, of.cpu.map(reading))
        };
        self.replicas.iter().map(seen).collect()
    }

    fn memory(&self) -> Vec<Seen> {
        let seen = |of: &Sighted| {
            let reading =
                |of: Reading<Bytes>| Reading { value: thousandths(of.value), seen_at: of.seen_at };
            of.seen(thousandths(of.requested.memory), of.memory.map(reading))
        };
        self.replicas.iter().map(seen).collect()
    }

    /// Those that are there to stay.
    fn there(&self) -> u32 {
        let goes = |of: &&Sighted| {
            matches!(of.state, ReplicaState::Stopping | ReplicaState::Failed | ReplicaState::Gone)
        };
        let there = self.replicas.iter().filter(|of| !goes(of)).count();
        u32::try_from(there).unwrap_or(u32::MAX)
    }
}

impl Sighted {
    fn seen(&self, requested: u64, sample: Option<Reading<u64>>) -> Seen {
        let Self { state, since, started_at, .. } = *self;
        Seen { state, since, started_at, requested, sample }
    }
}

impl Scaler {
    /// Whether it is time to look again; if so, that is noted.
    pub(super) fn is_due(&mut self, now: Moment, every: Span) -> bool {
        if self.looked_at.is_some_and(|at| now.since(at) < every) {
            return false;
        }
        self.looked_at = Some(now);
        true
    }

    /// Notes that replicas came or went, where rates ask for that.
    pub fn note(&mut self, rules: &Scaled, now: Moment, from: u32, to: u32) {
        let Some((up, down)) = rules.ways() else { return };
        let longest = up.rates.iter().chain(&down.rates).map(Rate::per).max().unwrap_or_default();
        forget(&mut self.ups, now, longest);
        forget(&mut self.downs, now, longest);
        let way = if to > from { &mut self.ups } else { &mut self.downs };
        way.push(Change { at: now, by: to.abs_diff(from) });
    }
}

impl Scaled {
    /// The rules for either way, the usual ones for the way of which nothing is said; none where
    /// nothing is said of either.
    fn ways(&self) -> Option<(Up, Down)> {
        if self.up.is_none() && self.down.is_none() {
            return None;
        }
        Some((self.up.clone().or_else(usual)?, self.down.clone().or_else(usual)?))
    }
}

/// What an empty table says.
fn usual<T: Element>() -> Option<T> {
    T::read(&Node::table([]), &Path::Root, &mut Problems::default())
}

fn thousandths(bytes: Bytes) -> u64 {
    bytes.0.saturating_mul(1_000)
}

/// Thousandths of a call in each second, rounded up.
fn a_second(rate: Frequency) -> u64 {
    let span = u128::from(rate.per.0.max(1)) * 1_000;
    let calls = (u128::from(rate.millionths) * u128::from(Span::seconds(1).0)).div_ceil(span);
    u64::try_from(calls).unwrap_or(u64::MAX)
}

/// For a reason: a share, or the largest that can be told.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, which is what is promised"
)]
fn share(ratio: f64) -> Ppm {
    Ppm((ratio * 1e6 + 0.5) as u32)
}
