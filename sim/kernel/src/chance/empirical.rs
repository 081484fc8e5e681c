//! Draws what was measured: values with weights, by Walker's alias method in whole numbers.

use super::impossible::Impossible;
use super::rounding::{float, nanos};
use seatrial_contract::Stream;
use seatrial_contract::units::Span;

/// A distribution that draws from a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Empirical {
    /// The values with their weights, as given or in order of the samples.
    values: Vec<(Span, u64)>,
    whole: u64,
    columns: Vec<Column>,
}

/// One of as many equally likely columns as there are values: its own value or another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Column {
    own: Span,
    other: Span,
    /// Random bits below this keep the own value.
    until: u64,
}

impl Empirical {
    /// From values and their relative weights.
    pub fn weighted(values: &[(Span, u64)]) -> Result<Self, Impossible> {
        let whole: u128 = values.iter().map(|(_, weight)| u128::from(*weight)).sum();
        // One less than all, so that the products below stay within 128 bits.
        let whole = u64::try_from(whole).map_err(|_| Impossible::OutOfReach("sum of weights"))?;
        if whole == 0 {
            return Err(Impossible::NoWeight);
        }
        let values: Vec<_> = values.iter().copied().filter(|(_, weight)| *weight > 0).collect();
        let columns = columns(&values, whole);
        Ok(Self { values, whole, columns })
    }

    /// From raw samples, each as likely as the next; their order does not matter.
    pub fn of_samples(samples: &[Span]) -> Result<Self, Impossible> {
        let mut sorted = samples.to_vec();
        sorted.sort_unstable();
        let mut values: Vec<(Span, u64)> = Vec::new();
        for sample in sorted {
            match values.last_mut() {
                Some((value, weight)) if *value == sample => *weight += 1,
                _ => values.push((sample, 1)),
            }
        }
        Self::weighted(&values)
    }

    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> Span {
        // Columns are few beside 2⁶⁴: the product's high half chooses one, its low half (as good
        // as uniform) the side.
        let product = u128::from(stream.bits()) * self.columns.len() as u128;
        let column = &self.columns[usize::try_from(product >> 64).unwrap_or_default()];
        let side = u64::try_from(product & u128::from(u64::MAX)).unwrap_or_default();
        if side < column.until { column.own } else { column.other }
    }

    /// The values with their weights.
    pub(super) fn values(&self) -> &[(Span, u64)] {
        &self.values
    }

    pub(super) fn mean(&self) -> f64 {
        let whole = float(self.whole);
        self.values.iter().map(|(value, weight)| float(*weight) / whole * nanos(*value)).sum()
    }

    pub(super) fn scv(&self) -> f64 {
        let (mean, whole) = (self.mean(), float(self.whole));
        if mean <= 0.0 {
            return 0.0;
        }
        let spread = |(value, weight): &(Span, u64)| {
            let away = nanos(*value) / mean - 1.0;
            float(*weight) / whole * away * away
        };
        self.values.iter().map(spread).sum()
    }
}

/// Vose's construction (1991): each column holds `whole`, each value has weight × columns to fill.
fn columns(values: &[(Span, u64)], whole: u64) -> Vec<Column> {
    let (count, full) = (values.len() as u128, u128::from(whole));
    let mut left: Vec<u128> =
        values.iter().map(|(_, weight)| u128::from(*weight) * count).collect();
    let mut columns: Vec<Column> = values
        .iter()
        .map(|(value, _)| Column { own: *value, other: *value, until: u64::MAX })
        .collect();
    let (mut poor, mut rich): (Vec<usize>, Vec<usize>) =
        (0..values.len()).partition(|at| left[*at] < full);
    while let (Some(small), Some(large)) = (poor.pop(), rich.last().copied()) {
        columns[small].other = values[large].0;
        columns[small].until = part_of_bits(left[small], whole);
        left[large] -= full - left[small];
        if left[large] < full {
            rich.pop();
            poor.push(large);
        }
    }
    columns
}

/// `part ÷ whole` of 2⁶⁴, rounded down; the part is the smaller.
fn part_of_bits(part: u128, whole: u64) -> u64 {
    u64::try_from((part << 64) / u128::from(whole)).unwrap_or(u64::MAX)
}
