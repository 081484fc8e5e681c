//! Where the marks of an axis stand. Knows no chart.

/// An axis from 0 to its end, with marks at round numbers.
#[derive(Clone)]
pub(super) struct Scale {
    /// Where it ends; more than 0.
    pub(super) end: f64,
    /// The marks.
    pub(super) marks: Vec<f64>,
}

impl Scale {
    /// An axis that ends on the first mark at or above `most`, with at most so many steps.
    pub(super) fn covering(most: f64, steps: u32, step_least: f64) -> Self {
        let step = step(most, steps, step_least);
        let mut marks = vec![0.0];
        let mut end = step;
        while marks.len() < 2 || end < most + step {
            marks.push(end);
            end = step * fraction(marks.len());
        }
        Self { end: marks.last().copied().unwrap_or(step), marks }
    }

    /// An axis that ends where its data does.
    pub(super) fn ending(end: f64, steps: u32, step_least: f64) -> Self {
        let mut scale = Self::covering(end, steps, step_least);
        scale.marks.retain(|mark| *mark <= end);
        scale.end = if end > 0.0 { end } else { scale.end };
        scale
    }

    /// An axis with as many steps as `other`, so that both share the lines across the chart.
    pub(super) fn beside(other: &Self, most: f64, step_least: f64) -> Self {
        let steps = other.marks.len().saturating_sub(1).max(1);
        let step = step(most, u32::try_from(steps).unwrap_or(1), step_least);
        let marks = (0..=steps).map(|index| step * fraction(index)).collect();
        Self { end: step * fraction(steps), marks }
    }
}

/// The smallest of 1, 2, 5, 10, 20… that needs at most so many steps up to `most`.
fn step(most: f64, steps: u32, step_least: f64) -> f64 {
    let wanted = (most / f64::from(steps.max(1))).max(step_least);
    let mut power = 1.0;
    // Multiplied, not by logarithms: those round differently on other platforms.
    while power > wanted {
        power /= 10.0;
    }
    while power * 10.0 <= wanted {
        power *= 10.0;
    }
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|by| by * power).find(|s| *s >= wanted).unwrap_or(power)
}

#[expect(clippy::cast_precision_loss, reason = "a handful of marks")]
fn fraction(index: usize) -> f64 {
    index as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_and_cover_the_data() {
        assert_eq!(Scale::covering(113.0, 5, 1.0).marks, [0.0, 50.0, 100.0, 150.0]);
        assert_eq!(Scale::covering(2.0, 5, 1.0).marks, [0.0, 1.0, 2.0]);
        assert_eq!(Scale::covering(0.0, 5, 1.0).marks, [0.0, 1.0]);
        assert_eq!(Scale::ending(31.0, 8, 1.0).marks, [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0]);
    }

    #[test]
    fn a_second_axis_shares_the_lines() {
        let first = Scale::covering(1_000.0, 5, 1.0);
        let second = Scale::beside(&first, 346.0, 1.0);
        assert_eq!(second.marks.len(), first.marks.len());
        assert!(second.end >= 346.0);
    }

    #[test]
    fn odd_lengths_end() {
        for most in [0.0, 1e-9, 0.3, 7.0, 1e12, 2e19, 1.7e38] {
            let scale = Scale::covering(most, 5, 0.01);
            assert!(scale.end >= most && scale.marks.len() <= 12, "{most}");
            assert!(Scale::ending(most, 8, 1.0).end > 0.0, "{most}");
        }
    }
}
