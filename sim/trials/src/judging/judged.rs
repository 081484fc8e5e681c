//! The verdict on one metric, look by look.

use super::intervals::{Range, moments, of_mean, of_median};
use super::looks::first;
use super::{Looks, Measure, Scale, Verdict, anytime, yes_no};

/// What pairs say of a metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The look at which it was reached, or the last one.
    pub pairs: u32,
    /// The mean difference, on the measure's scale.
    pub effect: f64,
    /// From where to where the difference is, all metrics and looks at once; infinite where nothing is known.
    pub low: f64,
    /// See `low`.
    pub high: f64,
    /// How many times as many unpaired runs would be needed; nothing where the pairs do not vary.
    pub gain: Option<f64>,
    /// How many pairs would about decide it, where they did not.
    pub needs: Option<u32>,
}

/// Judges the pairs that there are, at all looks until now.
#[must_use]
pub fn judge(measure: &Measure, pairs: &[(Option<f64>, Option<f64>)], looks: &Looks) -> Judged {
    let differences: Vec<f64> = pairs.iter().map(|pair| measure.scale.difference(*pair)).collect();
    let mut range = Range::ALL;
    let mut verdict = Verdict::Undecided;
    let mut looked = 0;
    for at in looks.at.iter().map(|at| *at as usize).take_while(|at| *at <= differences.len()) {
        looked = at;
        let seen = &differences[..at];
        range = range.and(interval(measure, seen, looks));
        verdict = if measure.scale == Scale::YesNo && !looks.until_decided {
            yes_no::judge(seen, measure.better, looks.alpha)
        } else {
            verdict_on(measure, seen, range)
        };
        if verdict.is_decided() {
            break;
        }
    }
    let seen = &differences[..looked];
    let (effect, _) = if seen.is_empty() { (f64::NAN, 0.0) } else { moments(seen) };
    Judged {
        verdict,
        pairs: u32::try_from(looked).unwrap_or(u32::MAX),
        effect,
        low: range.low,
        high: range.high,
        gain: gain(measure.scale, &pairs[..looked]),
        needs: (verdict == Verdict::Undecided).then(|| needs(measure, range, looked)).flatten(),
    }
}

fn interval(measure: &Measure, seen: &[f64], looks: &Looks) -> Range {
    if seen.iter().any(|of| of.is_nan()) {
        return Range::ALL;
    }
    if looks.until_decided {
        // Pairs that do not vary at all have no t.
        let is_early = seen.len() < first(looks.alpha) as usize;
        return if is_early { Range::ALL } else { anytime::interval(seen, looks.alpha) };
    }
    match measure.scale {
        // Of what is yes or no, the mean is a share and its interval is told, not judged by.
        Scale::YesNo => of_mean(seen, looks.alpha),
        Scale::Ratio | Scale::Difference => {
            of_mean(seen, looks.alpha).hull(of_median(seen, looks.alpha))
        }
    }
}

fn verdict_on(measure: &Measure, seen: &[f64], range: Range) -> Verdict {
    if range.is_empty() {
        Verdict::Inconsistent
    } else if range.low > -measure.margin && range.high < measure.margin {
        let is_same = seen.iter().all(|of| of.to_bits() == 0);
        if is_same { Verdict::Identical } else { Verdict::Equivalent }
    } else if range.low > 0.0 || range.high < 0.0 {
        Verdict::towards(range.low > 0.0, measure.better)
    } else {
        Verdict::Undecided
    }
}

/// By how much pairs vary less than two runs of their own seeds.
fn gain(scale: Scale, pairs: &[(Option<f64>, Option<f64>)]) -> Option<f64> {
    let both: Vec<(f64, f64)> = pairs
        .iter()
        .filter_map(|(first, second)| first.zip(*second))
        .map(|(first, second)| (scale.place(first), scale.place(second)))
        .filter(|(first, second)| first.is_finite() && second.is_finite())
        .collect();
    if both.len() < 2 {
        return None;
    }
    let variance = |of: &dyn Fn(&(f64, f64)) -> f64| {
        let samples: Vec<f64> = both.iter().map(of).collect();
        moments(&samples).1.powi(2)
    };
    let of_difference = variance(&|of| of.1 - of.0);
    (of_difference > 0.0).then(|| (variance(&|of| of.0) + variance(&|of| of.1)) / of_difference)
}

fn needs(measure: &Measure, range: Range, looked: usize) -> Option<u32> {
    let half = (range.high - range.low) / 2.0;
    let times = (half / measure.margin).powi(2);
    let pairs = looked as f64 * times;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
    let pairs = (pairs.is_finite() && pairs < 1e6).then(|| pairs.ceil() as u32);
    pairs.filter(|pairs| *pairs as usize > looked)
}

#[cfg(test)]
mod tests {
    use super::super::Better;
    use super::*;
    use seatrial_contract::{Dice, Purpose, Stream};
    use seatrial_kernel::statistics::normal_quantile;

    fn measure(scale: Scale, margin: f64) -> Measure {
        Measure { name: "m".to_owned(), scale, margin, better: Better::Less }
    }

    fn normal(stream: &mut Stream) -> f64 {
        normal_quantile((stream.below(1 << 40) as f64 + 0.5) / 2_f64.powi(40))
    }

    /// Pairs of which the second is `shift` more, give or take one.
    fn pairs(trial: u64, shift: f64) -> Vec<(Option<f64>, Option<f64>)> {
        let mut stream = Dice::new(3).stream(trial, Purpose::new("verdicts"));
        let pair = |stream: &mut Stream| {
            let common = 100.0 + 10.0 * normal(stream);
            (Some(common), Some(common + shift + normal(stream)))
        };
        (0..50).map(|_| pair(&mut stream)).collect()
    }

    #[test]
    fn verdicts_say_what_the_interval_says() {
        let looks = Looks::planned(30, 50).unwrap();
        let same: Vec<_> = (0..50).map(|n| (Some(f64::from(n)), Some(f64::from(n)))).collect();
        let judged = judge(&measure(Scale::Difference, 0.5), &same, &looks);
        assert_eq!((judged.verdict, judged.pairs), (Verdict::Identical, 13));
        let more = judge(&measure(Scale::Difference, 0.5), &pairs(0, 3.0), &looks);
        assert_eq!(more.verdict, Verdict::Worse);
        assert!(more.low < 3.0 && more.high > 3.0 && more.low > 0.0, "{more:?}");
        // Pairs of one seed vary two hundred times less.
        assert!(more.gain.unwrap() > 50.0, "{more:?}");
        let less = judge(&measure(Scale::Difference, 0.5), &pairs(0, -3.0), &looks);
        assert_eq!(less.verdict, Verdict::Better);
        let near = judge(&measure(Scale::Difference, 2.0), &pairs(1, 0.1), &looks);
        assert_eq!(near.verdict, Verdict::Equivalent);
        let unclear = judge(&measure(Scale::Difference, 0.1), &pairs(2, 0.05), &looks);
        assert_eq!((unclear.verdict, unclear.pairs), (Verdict::Undecided, 50));
        assert!(unclear.needs.unwrap() > 1_000, "{unclear:?}");
    }

    #[test]
    fn what_is_absent_in_one_world_alone_is_never_decided() {
        let looks = Looks::planned(1, 50).unwrap();
        let mut pairs = pairs(0, 3.0);
        pairs[7].1 = None;
        let judged = judge(&measure(Scale::Difference, 0.5), &pairs, &looks);
        assert_eq!(judged.verdict, Verdict::Undecided);
        pairs[7] = (None, None);
        assert!(judge(&measure(Scale::Difference, 0.5), &pairs, &looks).verdict.is_decided());
        // By ratio, nothing beside something is beyond all bounds, and decides nothing by itself.
        pairs[7] = (Some(0.0), Some(5.0));
        let judged = judge(&measure(Scale::Ratio, 0.01), &pairs, &looks);
        assert_eq!(judged.verdict, Verdict::Undecided);
    }

    #[test]
    fn power_is_that_of_the_table() {
        // |mean| over deviation 1, 1.5, 2, 3: decided at 35, 20, 15, 13 pairs on the average, the first in 92 %.
        let looks = Looks::planned(30, 50).unwrap();
        for (shift, expected, share) in
            [(1.0, 35.0, 0.92), (1.5, 20.0, 1.0), (2.0, 15.0, 1.0), (3.0, 13.0, 1.0)]
        {
            let all: Vec<Judged> = (0..400)
                .map(|trial| judge(&measure(Scale::Difference, 1e-6), &pairs(trial, shift), &looks))
                .collect();
            let decided =
                all.iter().filter(|of| of.verdict == Verdict::Worse).count() as f64 / 400.0;
            let mean = all.iter().map(|of| f64::from(of.pairs)).sum::<f64>() / 400.0;
            assert!((decided - share).abs() < 0.04, "{shift}: {decided} by seed 3");
            assert!((mean - expected).abs() < 1.6, "{shift}: {mean} by seed 3");
        }
        // No change, and a margin of 1, 1.5, 2 deviations: equal in 83 %, 99.9 %, 100 %, at 43, 25, 17 pairs.
        for (margin, expected, share) in [(1.0, 43.0, 0.83), (1.5, 25.0, 0.999), (2.0, 17.0, 1.0)] {
            let all: Vec<Judged> = (0..400)
                .map(|trial| judge(&measure(Scale::Difference, margin), &pairs(trial, 0.0), &looks))
                .collect();
            let equal =
                all.iter().filter(|of| of.verdict == Verdict::Equivalent).count() as f64 / 400.0;
            let mean = all.iter().map(|of| f64::from(of.pairs)).sum::<f64>() / 400.0;
            assert!((equal - share).abs() < 0.06, "{margin}: {equal} by seed 3");
            assert!((mean - expected).abs() < 2.5, "{margin}: {mean} by seed 3");
        }
    }

    #[test]
    fn what_never_differed_in_a_few_pairs_is_not_decided_by_looking_after_each() {
        let looks = Looks::until_decided(2, 50);
        let same = [(Some(1.0), Some(1.0)); 50];
        let found = judge(&measure(Scale::Difference, 0.5), &same[..5], &looks);
        assert_eq!(found.verdict, Verdict::Undecided);
        let found = judge(&measure(Scale::Difference, 0.5), &same, &looks);
        assert_eq!((found.verdict, found.pairs), (Verdict::Identical, 7));
    }

    #[test]
    fn looks_that_exclude_each_other_are_told() {
        let looks = Looks { at: vec![3, 30], alpha: 0.5, until_decided: false };
        // First they are near nothing, and then far off.
        let value =
            |n: i32| if n < 3 { 0.1 * f64::from(n - 1) } else { 9.0 + 0.01 * f64::from(n % 3) };
        let pairs: Vec<_> = (0..30).map(|n| (Some(0.0), Some(value(n)))).collect();
        let judged = judge(&measure(Scale::Difference, 0.01), &pairs, &looks);
        assert_eq!(judged.verdict, Verdict::Inconsistent, "{judged:?}");
    }
}
