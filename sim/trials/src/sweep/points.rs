//! Which points a sweep has: all combinations of the axes' values, or a Latin hypercube of them.

use core::fmt;
use seatrial_contract::{Dice, Purpose};
use seatrial_record::SweepAxis;
use std::collections::BTreeSet;

/// More points than anybody looks at.
pub const POINTS_MOST: u64 = 100_000;

/// There are more points than may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPoints(pub u64);

impl fmt::Display for TooManyPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} points are too many; have at most {POINTS_MOST}, or draw some of them (--latin 200)",
            self.0
        )
    }
}

impl std::error::Error for TooManyPoints {}

/// All combinations; the last axis moves first.
///
/// # Errors
/// When there are too many.
pub fn grid(axes: &[SweepAxis]) -> Result<Vec<Vec<String>>, TooManyPoints> {
    let count = axes.iter().map(|axis| axis.values.len() as u64).fold(1, u64::saturating_mul);
    if count > POINTS_MOST {
        return Err(TooManyPoints(count));
    }
    let mut points = vec![Vec::new()];
    for axis in axes {
        let with = |point: &Vec<String>, value: &String| {
            point.iter().chain([value]).cloned().collect::<Vec<String>>()
        };
        points = points
            .iter()
            .flat_map(|point| axis.values.iter().map(move |value| with(point, value)))
            .collect();
    }
    Ok(points)
}

/// So many points of a Latin hypercube: on each axis every value stands at as many of them as any other, but for one.
/// Those that come out the same are one, in the place of the first.
///
/// # Errors
/// When there are too many.
pub fn latin(axes: &[SweepAxis], count: u32, seed: u64) -> Result<Vec<Vec<String>>, TooManyPoints> {
    if u64::from(count) > POINTS_MOST {
        return Err(TooManyPoints(count.into()));
    }
    let columns: Vec<Vec<&String>> =
        (0..).zip(axes).map(|(at, axis)| column(axis, count, at, seed)).collect();
    let point = |at: usize| columns.iter().map(|column| column[at].clone()).collect();
    let points = (0..count as usize).map(point);
    let mut seen = BTreeSet::new();
    Ok(points.filter(|point: &Vec<String>| seen.insert(point.clone())).collect())
}

/// The values of an axis at all points: spread evenly, then shuffled by a stream of the axis' own.
fn column(axis: &SweepAxis, count: u32, at: u64, seed: u64) -> Vec<&String> {
    const SHUFFLED: Purpose = Purpose::new("latin");
    let (length, values) = (count as usize, axis.values.len());
    let mut column: Vec<&String> =
        (0..length).map(|place| &axis.values[place * values / length]).collect();
    let mut chance = Dice::new(seed).stream(at, SHUFFLED);
    // Fisher and Yates', from the end.
    for last in (1..length).rev() {
        let other = usize::try_from(chance.below(last as u64 + 1)).unwrap_or(last);
        column.swap(last, other);
    }
    column
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(key: &str, values: &[&str]) -> SweepAxis {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        SweepAxis { key: key.to_owned(), values }
    }

    fn told(points: &[Vec<String>]) -> Vec<String> {
        points.iter().map(|point| point.join(" ")).collect()
    }

    #[test]
    fn a_grid_has_every_combination_and_its_last_axis_moves_first() {
        let axes = [axis("a", &["1", "2"]), axis("b", &["x", "y", "z"])];
        assert_eq!(told(&grid(&axes).unwrap()), ["1 x", "1 y", "1 z", "2 x", "2 y", "2 z"]);
        let long = axis("c", &["0"; 50_000]);
        assert_eq!(grid(&[long, axes[1].clone()]), Err(TooManyPoints(150_000)));
    }

    #[test]
    fn a_latin_hypercube_has_each_value_equally_often() {
        let values: Vec<String> = (0..10).map(|of| of.to_string()).collect();
        let ten = SweepAxis { key: "a".to_owned(), values };
        let axes =
            [ten.clone(), SweepAxis { key: "b".to_owned(), ..ten }, axis("c", &["x", "y", "z"])];
        for seed in 0..50 {
            let points = latin(&axes, 10, seed).unwrap();
            // As many values as points: each once, so no two points are the same.
            for on in 0..2 {
                let seen: BTreeSet<&String> = points.iter().map(|point| &point[on]).collect();
                assert_eq!(seen.len(), 10, "seed {seed}");
            }
            for value in ["x", "y", "z"] {
                let count = points.iter().filter(|point| point[2] == value).count();
                assert!((3..=4).contains(&count), "seed {seed}: {value} {count} times");
            }
        }
    }

    #[test]
    fn the_same_points_are_drawn_on_every_machine_and_others_with_another_seed() {
        let axes = [axis("a", &["1", "2", "3", "4", "5"]), axis("b", &["v", "w", "x", "y", "z"])];
        let drawn = told(&latin(&axes, 5, 1).unwrap());
        assert_eq!(drawn, DRAWN);
        assert_ne!(told(&latin(&axes, 5, 2).unwrap()), drawn);
        assert_eq!(latin(&axes, 100_001, 1), Err(TooManyPoints(100_001)));
    }

    /// As drawn on x86-64 in November 2026.
    const DRAWN: [&str; 5] = ["3 v", "5 z", "2 y", "4 w", "1 x"];

    #[test]
    fn points_that_come_out_the_same_are_one() {
        let axes = [axis("a", &["1", "2"])];
        let mut drawn = told(&latin(&axes, 8, 1).unwrap());
        drawn.sort();
        assert_eq!(drawn, ["1", "2"]);
    }
}
