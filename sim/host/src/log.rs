//! What a run notes of the pilot's decisions and of itself, for its record.

use crate::living::Living;
use crate::recording::Recorder;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Action, Decision, PolicyId, Verdict};
use std::collections::BTreeMap;
use std::ptr;

/// What a run notes for its record.
#[derive(Default)]
pub(crate) struct Log {
    /// The decisions to act, and when.
    pub(crate) actions: Vec<(Moment, Decision)>,
    /// By policy, verdict and reason. They are few and counted at every decision, so they are found by
    /// where their words stand; what stands at two places is there twice.
    reasons: Vec<(Why, u64)>,
    /// What was taken over from a logbook.
    pub(crate) departed: Option<seatrial_record::Departure>,
    pub(crate) events: u64,
    /// Ticks at which nobody decided anything, and from when to when they follow one another.
    pub(crate) ticks_missed: u64,
    missed: Vec<(Moment, Moment)>,
    /// Actions of which it was drawn whether they get lost.
    pub(crate) actions_lost: u64,
    /// Actions before this place were decided within the warm-up.
    pub(crate) counted_from: usize,
    /// So many policies decided before those that decide now.
    pub(crate) before: u8,
    /// Who is told what the run is like over time, if anybody wants to know.
    pub(crate) recorder: Option<Box<Recorder>>,
    /// Who is told what tenants and machines go through, if anybody wants to know.
    pub(crate) living: Option<Box<Living>>,
}

/// A policy by its place, the word for what it did, and the word for why.
type Why = (u8, &'static str, &'static str);

impl Log {
    /// Nobody decides anything at this tick, or at the one so long before it.
    pub(crate) fn misses(&mut self, at: Moment, tick: Span) {
        self.ticks_missed += 1;
        match self.missed.last_mut() {
            Some(last) if last.1.after(tick) >= at => last.1 = at,
            Some(_) | None => self.missed.push((at, at)),
        }
    }

    /// Whether nobody decided anything at some time between these.
    pub(crate) fn missed(&self, from: Moment, until: Moment) -> bool {
        self.missed.iter().any(|missed| missed.0 <= until && missed.1 >= from)
    }

    /// How often each kind of action was decided, for all kinds that there are, in a fixed order.
    pub(crate) fn decided(&self) -> Vec<(&'static str, u64)> {
        let mut times = Action::WORDS.map(|word| (word, 0));
        for (_, decision) in self.actions.iter().skip(self.counted_from) {
            let Verdict::Act { action, .. } = decision.verdict else { continue };
            let word = action.word();
            times.iter_mut().filter(|of| of.0 == word).for_each(|of| of.1 += 1);
        }
        times.into()
    }

    /// A policy by its place among all that ever decided.
    pub(crate) fn policy(&self, of: PolicyId) -> PolicyId {
        PolicyId(of.0.saturating_add(self.before))
    }

    /// One more of these.
    pub(crate) fn count(&mut self, why: Why) {
        let is_it = |of: &Why| of.0 == why.0 && ptr::eq(of.1, why.1) && ptr::eq(of.2, why.2);
        match self.reasons.iter_mut().find(|(of, _)| is_it(of)) {
            Some((_, count)) => *count += 1,
            None => self.reasons.push((why, 1)),
        }
    }

    /// How many there were of each, by policy and words.
    pub(crate) fn reasons(&self) -> BTreeMap<Why, u64> {
        let mut sums = BTreeMap::new();
        for (why, count) in &self.reasons {
            *sums.entry(*why).or_default() += count;
        }
        sums
    }
}
