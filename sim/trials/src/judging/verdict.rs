//! What can be said of a metric. Judges nothing.

use super::Better;

/// What is said of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The same in every pair, to the bit.
    Identical,
    /// Nearer than the margin.
    Equivalent,
    /// The second is better.
    Better,
    /// The second is worse.
    Worse,
    /// It differs, and neither way is better.
    Changed,
    /// The pairs do not tell yet.
    Undecided,
    /// What was found at one look excludes what was found at another: one of them missed.
    Inconsistent,
}

impl Verdict {
    /// What it is to have more of something, or less.
    pub(super) fn towards(is_more: bool, better: Better) -> Self {
        match (better, is_more) {
            (Better::Neither, _) => Self::Changed,
            (Better::More, true) | (Better::Less, false) => Self::Better,
            (Better::More, false) | (Better::Less, true) => Self::Worse,
        }
    }

    /// Whether more pairs would change nothing.
    #[must_use]
    pub fn is_decided(self) -> bool {
        !matches!(self, Self::Undecided)
    }
}
