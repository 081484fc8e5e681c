//! What was measured, and when. Knows no source.

use crate::units::{Moment, Span};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// A measured value; it may be old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading<T> {
    /// What was measured.
    pub value: T,
    /// When it was measured.
    pub seen_at: Moment,
}

/// Clocks of one cluster do not differ by more. J.
const CLOCKS_DIFFER: Span = Span::minutes(1);

impl<T> Reading<T> {
    /// How old it is; older than anything where it was seen at a moment that is to come, further ahead than
    /// clocks differ: nobody has seen it.
    #[inline]
    #[must_use]
    pub fn age(&self, now: Moment) -> Span {
        if self.seen_at > now.after(CLOCKS_DIFFER) { Span::MAX } else { now.since(self.seen_at) }
    }
}

impl Reading<Moment> {
    /// How long before `now` the moment was that it tells.
    #[must_use]
    pub fn age_of_value(&self, now: Moment) -> Span {
        now.since(self.value)
    }
}

/// A column of readings. A row either carries the moment of its own reading, or is *covered*: it
/// was confirmed by the last sweep over all of them, so that a sweep in which little changed costs
/// little.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gauge<T> {
    values: Vec<T>,
    seen_at: Vec<Moment>,
    swept_at: Moment,
}

/// How one row of a gauge stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing<T> {
    /// There is no reading.
    Absent,
    /// The last sweep confirmed it.
    Covered(T),
    /// It was read at a moment of its own.
    Read(Reading<T>),
}

/// The row is as fresh as the last sweep.
const COVERED: Moment = Moment(u64::MAX - 1);

impl<T: Copy + Default> Gauge<T> {
    /// One more row, absent.
    pub fn push(&mut self) {
        self.values.push(T::default());
        self.seen_at.push(Moment::NEVER);
    }

    /// Makes room for so many rows more.
    pub fn reserve(&mut self, rows: usize) {
        self.values.reserve_exact(rows);
        self.seen_at.reserve_exact(rows);
    }

    /// The reading of a row, where there is one.
    #[inline]
    #[must_use]
    pub fn get(&self, row: usize) -> Option<Reading<T>> {
        let seen_at = match *self.seen_at.get(row)? {
            Moment::NEVER => return None,
            COVERED => self.swept_at,
            own => own,
        };
        Some(Reading { value: self.values[row], seen_at })
    }

    /// The reading of a row, where there is one no older than `limit`.
    #[must_use]
    pub fn fresh(&self, row: usize, now: Moment, limit: Span) -> Option<T> {
        self.get(row).filter(|reading| reading.age(now) <= limit).map(|reading| reading.value)
    }

    /// What the row last held, seen or not.
    #[must_use]
    pub fn last(&self, row: usize) -> T {
        self.values[row]
    }

    /// Whether sweeps confirm the row.
    #[must_use]
    pub fn covered(&self, row: usize) -> bool {
        self.seen_at[row] == COVERED
    }

    /// A value that this sweep found and later sweeps confirm until they say otherwise.
    pub fn cover(&mut self, row: usize, value: T) {
        self.values[row] = value;
        self.seen_at[row] = COVERED;
    }

    /// A value measured at a moment of its own.
    pub fn set(&mut self, row: usize, reading: Reading<T>) {
        self.values[row] = reading.value;
        self.seen_at[row] = reading.seen_at;
    }

    /// The row can no longer be read: what it held grows old from the last sweep on.
    pub fn lose(&mut self, row: usize) {
        if self.seen_at[row] == COVERED {
            self.seen_at[row] = self.swept_at;
        }
    }

    /// The row has no value at all.
    pub fn clear(&mut self, row: usize) {
        self.values[row] = T::default();
        self.seen_at[row] = Moment::NEVER;
    }

    /// How a row stands, whatever it may be.
    #[must_use]
    pub fn standing(&self, row: usize) -> Standing<T> {
        match (self.seen_at[row], self.values[row]) {
            (Moment::NEVER, _) => Standing::Absent,
            (COVERED, value) => Standing::Covered(value),
            (seen_at, value) => Standing::Read(Reading { value, seen_at }),
        }
    }

    /// Makes a row stand as another one did.
    pub fn stand(&mut self, row: usize, standing: Standing<T>) {
        match standing {
            Standing::Absent => self.clear(row),
            Standing::Covered(value) => self.cover(row, value),
            Standing::Read(reading) => self.set(row, reading),
        }
    }

    /// A sweep found all covered rows as they stand.
    pub fn sweep(&mut self, at: Moment) {
        self.swept_at = at;
    }

    /// When the last sweep was.
    #[must_use]
    pub fn swept_at(&self) -> Moment {
        self.swept_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_old_and_covered_rows_differ() {
        let mut gauge = Gauge::<u64>::default();
        for _ in 0..3 {
            gauge.push();
        }
        gauge.cover(1, 7);
        gauge.set(2, Reading { value: 8, seen_at: Moment(5) });
        gauge.sweep(Moment(100));
        assert_eq!(gauge.get(0), None);
        assert_eq!(gauge.get(1), Some(Reading { value: 7, seen_at: Moment(100) }));
        assert_eq!(gauge.get(2), Some(Reading { value: 8, seen_at: Moment(5) }));
        gauge.lose(1);
        gauge.sweep(Moment(200));
        assert_eq!(gauge.fresh(1, Moment(200), Span(99)), None);
        assert_eq!(gauge.fresh(1, Moment(200), Span(100)), Some(7));
    }
}
