//! How often something happened.

use super::float;
use seatrial_contract::units::Span;

/// A number of events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count(pub u64);

impl Count {
    /// One more.
    #[inline]
    pub fn one(&mut self) {
        self.0 += 1;
    }

    /// So many more.
    #[inline]
    pub fn add(&mut self, events: u64) {
        self.0 += events;
    }

    /// With another part's.
    pub fn merge(&mut self, other: Self) {
        self.0 += other.0;
    }

    /// Forgets the warm-up.
    pub fn reset(&mut self) {
        self.0 = 0;
    }

    /// Events a second over a span; `None` over no time.
    #[must_use]
    pub fn per_second(self, over: Span) -> Option<f64> {
        (over > Span::ZERO).then(|| float(self.0) / over.as_seconds())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_by_the_second() {
        let mut count = Count::default();
        count.one();
        count.add(8);
        count.merge(Count(3));
        assert_eq!(count.per_second(Span::seconds(4)), Some(3.0));
        assert_eq!(count.per_second(Span::ZERO), None);
    }
}
