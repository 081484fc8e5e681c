//! What was answered of late, summed over a window, so that a share of few answers is not taken for one of many.
//! Knows no service and no machine.

use alloc::vec::Vec;
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::view::Answers;
use seatrial_contract::{ClusterView, Reading, ReplicaId};
use serde::{Deserialize, Serialize};

/// Answers as they were seen, look by look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recent {
    looks: Vec<(Moment, Answers)>,
}

impl Recent {
    /// Adds what was seen then.
    pub(crate) fn add(&mut self, reading: Reading<Answers>) {
        match self.looks.last_mut() {
            Some((at, sum)) if *at == reading.seen_at => *sum = plus(*sum, reading.value),
            _ => self.looks.push((reading.seen_at, reading.value)),
        }
    }

    /// Forgets what was seen longer ago than that, or before that moment.
    pub(crate) fn keep(&mut self, now: Moment, over: Span, since: Moment) {
        self.looks.retain(|(at, _)| now.since(*at) < over && *at > since);
    }

    /// All that is in the window.
    pub(crate) fn sum(&self) -> Answers {
        self.looks.iter().fold(Answers::default(), |sum, (_, of)| plus(sum, *of))
    }
}

/// Both together.
pub(crate) fn plus(one: Answers, other: Answers) -> Answers {
    Answers {
        all: one.all.saturating_add(other.all),
        failed: one.failed.saturating_add(other.failed),
    }
}

/// The share that were failures; none of nothing.
pub(crate) fn failed(of: Answers) -> Ppm {
    let share = u64::from(of.failed) * 1_000_000 / u64::from(of.all.max(1));
    Ppm(u32::try_from(share).unwrap_or(u32::MAX))
}

/// What is seen of a replica that was seen after that, and no longer ago than that.
pub(crate) fn fresh(
    view: &ClusterView,
    replica: ReplicaId,
    after: Moment,
    stale: Span,
) -> Option<Reading<Answers>> {
    let reading = view.replica_answers().get(replica.index())?;
    let is_new = reading.seen_at > after && reading.age(view.taken_at) <= stale;
    (is_new && reading.value.failed <= reading.value.all).then_some(reading)
}
