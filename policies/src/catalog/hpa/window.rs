//! What was called for of late, so that a service does not follow every passing thing. Knows no
//! measure and no limit.

use alloc::vec::Vec;
use seatrial_contract::units::{Moment, Span};
use serde::{Deserialize, Serialize};

/// So many were called for then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommendation {
    /// When.
    pub at: Moment,
    /// How many.
    pub replicas: u32,
}

/// What was called for within the windows, and a few from before: a new one takes the place of one
/// that is too old for any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recommendations(pub Vec<Recommendation>);

impl Recommendations {
    /// The most that was called for within the window, this time counted.
    pub fn most_within(&mut self, now: Moment, wants: u32, window: Span) -> u32 {
        let is_old = |one: &Recommendation| now.since(one.at) > window;
        let recent = self.0.iter().filter(|one| !is_old(one)).map(|one| one.replicas);
        let most = recent.max().unwrap_or(0).max(wants);
        self.keep(Recommendation { at: now, replicas: wants }, is_old);
        most
    }

    /// As many as there should be now, raised to the fewest that were called for within one window
    /// and lowered to the most within the other, this time counted.
    pub fn within(
        &mut self,
        now: Moment,
        current: u32,
        wants: u32,
        (up, down): (Span, Span),
    ) -> u32 {
        let recent = |window: Span| {
            let recent = self.0.iter().filter(move |one| now.since(one.at) < window);
            recent.map(|one| one.replicas)
        };
        let least = recent(up).min().unwrap_or(wants).min(wants);
        let most = recent(down).max().unwrap_or(wants).max(wants);
        let is_old = |one: &Recommendation| now.since(one.at) > up.max(down);
        self.keep(Recommendation { at: now, replicas: wants }, is_old);
        current.max(least).min(most)
    }

    fn keep(&mut self, new: Recommendation, is_old: impl Fn(&Recommendation) -> bool) {
        match self.0.iter_mut().rfind(|one| is_old(one)) {
            Some(old) => *old = new,
            None => self.0.push(new),
        }
    }
}
