//! Things that happen in a run or do not: which of two worlds has them more often.

use super::Better;
use super::verdict::Verdict;

/// Where at most such a share of pairs differs they are as good as equal.
pub const DIFFERENT_MOST: f64 = 0.2;

/// How many pairs have it in the second alone, and in the first alone.
pub fn discordant(differences: &[f64]) -> (u32, u32) {
    let count = |of: &dyn Fn(f64) -> bool| {
        u32::try_from(differences.iter().filter(|of_it| of(**of_it)).count()).unwrap_or(u32::MAX)
    };
    (count(&|of| of > 0.0), count(&|of| of < 0.0))
}

/// McNemar's exact test: how likely so lopsided a split is by chance alone.
pub fn mcnemar(more: u32, less: u32) -> f64 {
    let all = more + less;
    (2.0 * at_most(more.min(less), all, 0.5)).min(1.0)
}

/// The verdict on pairs, at that level.
pub fn judge(differences: &[f64], better: Better, alpha: f64) -> Verdict {
    let (more, less) = discordant(differences);
    if differences.iter().any(|of| of.is_nan()) {
        return Verdict::Undecided;
    }
    if mcnemar(more, less) <= alpha / 2.0 {
        return Verdict::towards(more > less, better);
    }
    let pairs = u32::try_from(differences.len()).unwrap_or(u32::MAX);
    if upper(more + less, pairs, alpha / 2.0) <= DIFFERENT_MOST {
        return if more + less == 0 { Verdict::Identical } else { Verdict::Equivalent };
    }
    Verdict::Undecided
}

/// How likely at most so many of all are it, each with that chance.
fn at_most(most: u32, all: u32, chance: f64) -> f64 {
    if chance <= 0.0 || most >= all {
        return 1.0;
    }
    if chance >= 1.0 {
        return 0.0;
    }
    let all = f64::from(all);
    let mut exactly = all * libm::log(1.0 - chance);
    let mut sum = 0.0;
    for number in 0..=most {
        sum += libm::exp(exactly);
        let number = f64::from(number);
        exactly += libm::log((all - number) / (number + 1.0) * chance / (1.0 - chance));
    }
    sum.min(1.0)
}

/// The upper end of a share of which so many of all were seen, missed with that chance (Clopper and Pearson).
pub fn upper(seen: u32, all: u32, alpha: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if at_most(seen, all, middle) > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALPHA: f64 = 0.05 / 180.0;

    fn of(more: usize, less: usize, equal: usize) -> Vec<f64> {
        let all = [(1.0, more), (-1.0, less), (0.0, equal)];
        all.into_iter().flat_map(|(of, count)| std::iter::repeat_n(of, count)).collect()
    }

    #[test]
    fn fourteen_pairs_on_one_side_decide_and_forty_equal_ones() {
        let judge = |more, less, equal| judge(&of(more, less, equal), Better::Less, ALPHA);
        assert_eq!(judge(13, 0, 37), Verdict::Undecided);
        assert_eq!(judge(14, 0, 36), Verdict::Worse);
        assert_eq!(judge(0, 14, 36), Verdict::Better);
        assert_eq!(judge(0, 0, 39), Verdict::Undecided);
        assert_eq!(judge(0, 0, 40), Verdict::Identical);
        assert_eq!(judge(14, 3, 33), Verdict::Undecided);
        assert_eq!(judge(1, 0, 99), Verdict::Equivalent);
    }

    #[test]
    fn the_test_and_the_bound_are_those_of_the_textbook() {
        // Agresti: 6 and 16 of 22 discordant pairs.
        assert!((mcnemar(6, 16) - 0.052_5).abs() < 5e-4, "{}", mcnemar(6, 16));
        // None of 50 at 95 %: 1 − 0.05^(1/50).
        assert!((upper(0, 50, 0.05) - 0.058_2).abs() < 5e-4);
        // 3 of 20: 0.3421 (one-sided 95 %: R's binom.test alternative "less" gives 0.3437).
        assert!((upper(3, 20, 0.05) - 0.343_7).abs() < 5e-4, "{}", upper(3, 20, 0.05));
    }
}
