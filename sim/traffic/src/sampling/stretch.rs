//! A stretch of calls lived through one by one, and whether anything still moves in it: found by looking
//! at it, never by a formula. Knows no clock.

use super::library::Known;
use super::section::{Section, scale};
use crate::{Conditions, Kind};

/// Batches to a section.
pub(super) const BATCHES: usize = 4;
/// So many batches are the least that a stretch is judged by.
const LEAST: usize = 12;
/// Batches that are looked at, at the most; older ones are merged, so that what is slow shows too.
const MOST: usize = 48;
/// Halves that differ by more standard errors than this are not of the same. Many levels are looked at many
/// times, so chance goes far. J.
const APART: f64 = 4.5;
/// What differs by less than this part of itself is the same.
const SAME: f64 = 0.002;
const KEPT_SAME: f64 = 0.005;
/// What differs by more than this part of itself is not, if it matters. J.
const MOVES: f64 = 1.0 / 3.0;
/// So many times as many calls as are under way have to come before a stretch can be judged: whatever
/// grows by more than a thirtieth of what comes is never steady. J.
const TURNS: f64 = 30.0;

/// What happened in a batch.
#[derive(Clone, Debug)]
struct Batch {
    seconds: f64,
    /// What levels came to a call.
    each: Vec<f64>,
    calls: f64,
}

/// Batches are never longer than so many usual ones.
const SIZE_MOST: f64 = 32.0;
/// Sections of a stretch that are kept apart at the most.
const SECTIONS: usize = 24;

/// Shares of calls below this, and times below this part of the longest, hardly matter.
const SHARE_LEAST: f64 = 0.005;
const TIME_LEAST: f64 = 0.02;

/// Which sections of a stretch are those of what is steady.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Which {
    /// All: nothing had changed, whatever happened.
    All,
    /// All but the first quarter, which stands for nothing but itself.
    Later,
    /// The newest, which is as others that are known; those before it led there.
    Newest,
}

/// Since something changed.
#[derive(Debug)]
pub(super) struct Stretch {
    /// The first of them are left out, since what happened before may still be felt.
    batches: Vec<Batch>,
    /// Sections of it that nobody knows of yet.
    sections: Vec<Section>,
    /// It goes on with what was steady before.
    is_resumed: bool,
    /// It was, and then something was not as it is known.
    is_shaken: bool,
    /// Batches are so many times as long as usual: in a long stretch there is no use in short ones.
    pub(super) size: f64,
}

impl Default for Stretch {
    fn default() -> Self {
        Self {
            batches: Vec::new(),
            sections: Vec::new(),
            is_resumed: false,
            is_shaken: false,
            size: 1.0,
        }
    }
}

impl Stretch {
    /// A batch is over.
    pub(super) fn add(&mut self, conditions: &Conditions, seconds: f64, rates: &[f64], calls: f64) {
        let pace = scale(conditions.pace());
        let each = rates.iter().map(|rate| rate / pace).collect();
        self.batches.push(Batch { seconds, each, calls });
        if self.batches.len() > MOST {
            let whole = core::mem::take(&mut self.batches);
            self.batches = whole.chunks(2).map(Batch::merged).collect();
            if !self.is_resumed {
                self.lengthen();
            }
        }
    }

    /// From now on batches are twice as long.
    pub(super) fn lengthen(&mut self) {
        self.size = (self.size * 2.0).min(SIZE_MOST);
    }

    /// A section is over.
    pub(super) fn close(&mut self, section: Section) {
        self.sections.push(section);
        if self.sections.len() > SECTIONS && !self.is_resumed {
            let whole = core::mem::take(&mut self.sections);
            let mut pairs = whole.into_iter();
            while let Some(mut first) = pairs.next() {
                if let Some(next) = pairs.next() {
                    first.merge(&next);
                }
                self.sections.push(first);
            }
        }
    }

    /// Calls since something changed that can be judged.
    pub(super) fn calls(&self) -> f64 {
        self.batches[self.batches.len() / 4..].iter().map(|batch| batch.calls).sum()
    }

    /// The newest section.
    pub(super) fn newest(&self) -> Option<&Section> {
        self.sections.last()
    }

    /// How many sections there are that nobody knows of.
    pub(super) fn count(&self) -> usize {
        self.sections.len()
    }

    /// Hands over its sections, as it is steady now.
    pub(super) fn hand_over(&mut self, which: Which) -> impl Iterator<Item = Section> {
        let sections = core::mem::take(&mut self.sections);
        let whole: f64 = sections.iter().map(|section| section.seconds).sum();
        let mut passed = 0.0;
        let mut is_early = |section: &Section| {
            let begins = passed;
            passed += section.seconds;
            begins < whole / 4.0
        };
        let last = sections.len().saturating_sub(1);
        let first = match which {
            Which::All => 0,
            Which::Later => sections.iter().take_while(|section| is_early(section)).count(),
            Which::Newest => last,
        };
        (self.is_resumed, self.is_shaken) = (true, false);
        sections.into_iter().skip(first.min(last))
    }

    /// It is not as it is known: it is looked at as if something had changed, but its sections go on.
    pub(super) fn shake(&mut self) {
        self.batches.clear();
        (self.is_resumed, self.is_shaken) = (false, true);
    }

    pub(super) const fn is_shaken(&self) -> bool {
        self.is_shaken
    }

    /// Whether it was steady before.
    pub(super) const fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// Whether nothing moves, as far as can be told: the halves of all but its first quarter are of the same,
    /// and many times as many calls have come as are under way.
    pub(super) fn is_steady(&self, under_way: f64, kinds: &[Kind]) -> bool {
        let batches = &self.batches[self.batches.len() / 4..];
        if self.batches.len() < LEAST || self.calls() < TURNS * under_way {
            return false;
        }
        let (first, second) = batches.split_at(batches.len() / 2);
        let means: Vec<f64> = (0..kinds.len()).map(|level| mean_level(batches, level)).collect();
        let least = least(kinds, &means);
        let is_same = |(level, kind): (usize, &Kind)| {
            let [one, other] = [first, second].map(|half| mean_level(half, level));
            let away = libm::fabs(one - other) / (libm::fabs(one + other) / 2.0).max(1e-300);
            match kind {
                // What is kept grows slowly and hardly by chance.
                Kind::Kept => away <= KEPT_SAME,
                // However much chance there is, what drains or fills is not taken for it.
                _ if means[level] > least[level] && away > MOVES => false,
                _ if means[level] > least[level] && breaks_off(second, level) => false,
                Kind::Calls | Kind::Time => are_the_same(first, second, level),
            }
        };
        kinds.iter().enumerate().all(is_same)
    }

    /// Whether the newest section is as those that are known.
    pub(super) fn is_like(&self, known: &Known) -> bool {
        let Some(section) = self.sections.last() else { return false };
        let mut levels = section.each().zip(known.means.iter().zip(&known.variances));
        let is_like = |(found, (mean, variance)): (f64, (&f64, &f64))| {
            let error = libm::sqrt(variance * (1.0 / section.count + 1.0 / known.count));
            let away = libm::fabs(found - mean);
            away <= APART * error || away <= 0.05 * libm::fabs(*mean)
        };
        levels.all(is_like)
    }

    /// Whether what matters in it is another thing altogether than what is known: by twice, by more than chance,
    /// and by more than is due to its paces, which are like those and not the same.
    pub(super) fn differs(&self, known: &Known, kinds: &[Kind]) -> bool {
        let seconds: f64 = self.sections.iter().map(|section| section.seconds).sum();
        let sections: f64 = self.sections.iter().map(|section| section.count).sum();
        let mut found = vec![0.0; known.means.len()];
        let mut paces = vec![0.0; known.paces.len()];
        for section in &self.sections {
            let share = section.seconds / seconds;
            found.iter_mut().zip(section.each()).for_each(|(sum, each)| *sum += each * share);
            let mine = paces.iter_mut().zip(&section.conditions.paces);
            mine.for_each(|(sum, pace)| *sum += pace * share);
        }
        let (fewer, more) = shifts(&known.paces, &paces);
        let most: Vec<f64> =
            found.iter().zip(&known.means).map(|(one, other)| one.max(*other)).collect();
        let least = least(kinds, &most);
        (0..found.len()).any(|level| {
            let (found, mean) = (found[level], known.means[level]);
            let error = known.variances[level] * (1.0 / sections + 1.0 / known.count);
            most[level] > least[level]
                && (found > 2.0 * mean * more || 2.0 * found < mean * fewer)
                && libm::fabs(found - mean) > APART * libm::sqrt(error)
        })
    }
}

/// How much smaller and how much larger a source's part of all calls is than it was, at the most.
fn shifts(before: &[f64], now: &[f64]) -> (f64, f64) {
    let (all, of_all) = (scale(before.iter().sum()), scale(now.iter().sum()));
    let parts = before.iter().zip(now).filter(|(before, now)| **before > 0.0 || **now > 0.0);
    let shifts = parts.map(|(before, now)| now / of_all / (before / all));
    shifts.fold((1.0, 1.0), |(fewer, more), shift| (shift.min(fewer), shift.max(more)))
}

/// By level, what is so little that it hardly matters.
pub(super) fn least(kinds: &[Kind], means: &[f64]) -> Vec<f64> {
    let times = kinds.iter().zip(means).filter(|(kind, _)| **kind == Kind::Time);
    let longest = times.map(|(_, mean)| *mean).fold(0.0, f64::max);
    let calls = means.first().copied().unwrap_or_default();
    let least = |kind: &Kind| match kind {
        Kind::Calls => calls * SHARE_LEAST,
        Kind::Time => longest * TIME_LEAST,
        Kind::Kept => 0.0,
    };
    kinds.iter().map(least).collect()
}

impl Batch {
    fn merged(of: &[Self]) -> Self {
        let mut merged = of[0].clone();
        for other in &of[1..] {
            let all = merged.seconds + other.seconds;
            for (kept, more) in merged.each.iter_mut().zip(&other.each) {
                *kept = (*kept * merged.seconds + more * other.seconds) / all;
            }
            merged.calls += other.calls;
            merged.seconds = all;
        }
        merged
    }
}

/// Whether the last batch is another thing than those before it: something ends just now.
fn breaks_off(half: &[Batch], level: usize) -> bool {
    let Some((last, others)) = half.split_last() else { return false };
    let mean = mean_level(others, level);
    let squares: f64 =
        others.iter().map(|of| (of.each[level] - mean) * (of.each[level] - mean)).sum();
    let deviation = libm::sqrt(squares / (count(others.len()) - 1.0).max(1.0));
    let away = libm::fabs(last.each[level] - mean);
    away > APART * deviation && away > MOVES * libm::fabs(mean)
}

/// Whether a level is as high in one half as in the other, in spite of chance: of which there is more
/// than batches show one by one where each goes on with what the last one left.
fn are_the_same(first: &[Batch], second: &[Batch], level: usize) -> bool {
    let of = |half: &[Batch]| -> Vec<f64> { half.iter().map(|batch| batch.each[level]).collect() };
    let (one, other) = (mean_level(first, level), mean_level(second, level));
    let (first, second) = (of(first), of(second));
    let away = libm::fabs(one - other);
    if away <= SAME * libm::fabs(one + other) / 2.0 {
        return true;
    }
    let error = |of: &[f64], about: f64| {
        let rest = without_trend(of, about);
        let squares: f64 = rest.iter().map(|x| x * x).sum();
        let next: f64 = rest.windows(2).map(|x| x[0] * x[1]).sum();
        let tie = if squares > 0.0 { (next / squares).clamp(0.0, 0.8) } else { 0.0 };
        let count = count(of.len());
        squares / (count - 2.0).max(1.0) / count * (1.0 + tie) / (1.0 - tie)
    };
    away <= APART * libm::sqrt(error(&first, one) + error(&second, other))
}

/// What is left of values about their mean without the line through them: a trend is no chance.
fn without_trend(of: &[f64], about: f64) -> Vec<f64> {
    let middle = (count(of.len()) - 1.0) / 2.0;
    let places = || (0..of.len()).map(|at| count(at) - middle);
    let slope = |(sum, squares): (f64, f64)| if squares > 0.0 { sum / squares } else { 0.0 };
    let sums = places().zip(of).fold((0.0, 0.0), |sums, (place, value)| {
        (sums.0 + place * (value - about), sums.1 + place * place)
    });
    let slope = slope(sums);
    places().zip(of).map(|(place, value)| value - about - slope * place).collect()
}

fn mean_level(of: &[Batch], level: usize) -> f64 {
    of.iter().map(|batch| batch.each[level]).sum::<f64>() / count(of.len())
}

#[expect(clippy::cast_precision_loss, reason = "batches are few")]
fn count(of: usize) -> f64 {
    of as f64
}

#[cfg(test)]
mod tests {
    use super::super::library::Library;
    use super::*;
    use crate::Figures;

    const KINDS: [Kind; 3] = [Kind::Calls, Kind::Time, Kind::Kept];

    /// A stretch of so many batches of a hundred calls, with these times of calls and as much kept.
    fn stretch(batches: u32, time: impl Fn(u32) -> f64, kept: impl Fn(u32) -> f64) -> Stretch {
        let conditions = Conditions { shape: vec![1], paces: vec![100.0] };
        let mut stretch = Stretch::default();
        for batch in 0..batches {
            stretch.add(&conditions, 1.0, &[100.0, time(batch), kept(batch)], 100.0);
        }
        stretch
    }

    /// Some chance, the same each time: from -1 to 1.
    fn noise(batch: u32) -> f64 {
        f64::from(batch.wrapping_mul(2_654_435_761) >> 16) / 32_768.0 - 1.0
    }

    #[test]
    fn what_varies_about_a_level_is_steady_and_what_has_a_trend_is_not() {
        let varies = stretch(40, |batch| 50.0 + 10.0 * noise(batch), |_| 7.0);
        assert!(varies.is_steady(3.0, &KINDS));
        let grows = stretch(40, |batch| 50.0 + f64::from(batch) + 2.0 * noise(batch), |_| 7.0);
        assert!(!grows.is_steady(3.0, &KINDS));
        let drains = stretch(40, |batch| (1_000.0 - 60.0 * f64::from(batch)).max(50.0), |_| 7.0);
        assert!(!drains.is_steady(3.0, &KINDS));
    }

    #[test]
    fn what_breaks_off_just_now_is_not_steady() {
        let ends = |last: u32| {
            stretch(
                40,
                |batch| if batch >= last { 9.0 } else { 50.0 + 2.0 * noise(batch) },
                |_| 7.0,
            )
        };
        assert!(ends(40).is_steady(3.0, &KINDS));
        assert!(!ends(39).is_steady(3.0, &KINDS));
    }

    #[test]
    fn nothing_is_steady_that_is_young_or_has_many_under_way() {
        let young = stretch(8, |_| 50.0, |_| 7.0);
        assert!(!young.is_steady(3.0, &KINDS));
        // Three quarters of forty batches are 3,000 calls.
        let long = stretch(40, |_| 50.0, |_| 7.0);
        assert!(long.is_steady(99.0, &KINDS) && !long.is_steady(101.0, &KINDS));
    }

    #[test]
    fn what_fills_slowly_is_not_steady() {
        let fills = stretch(40, |_| 50.0, |batch| 1_000.0 + f64::from(batch));
        assert!(!fills.is_steady(3.0, &KINDS));
        let full = stretch(40, |_| 50.0, |_| 1_000.0);
        assert!(full.is_steady(3.0, &KINDS));
    }

    #[test]
    fn another_state_is_one_that_paces_do_not_explain() {
        let of = |share: f64, wait: f64| {
            let (seconds, paces) = (16.0, vec![100.0 * (1.0 - share), 100.0 * share]);
            let conditions = Conditions { shape: vec![1], paces };
            let rates = vec![100.0, 100.0 * wait];
            let (figures, scrapes) = (Figures::default(), Vec::new());
            Section { conditions, seconds, count: 1.0, rates, figures, scrapes }
        };
        let kinds = [Kind::Calls, Kind::Time];
        let mut library = Library::default();
        (0..12).for_each(|at| library.lived(of(0.04, 2.0 + 0.1 * noise(at))));
        let known = library.known(&Conditions { shape: vec![1], paces: vec![96.0, 4.0] });
        let differs = |share: f64, wait: f64| {
            let mut stretch = Stretch::default();
            (0..4).for_each(|_| stretch.close(of(share, wait)));
            stretch.differs(&known, &kinds)
        };
        assert!(!differs(0.04, 3.8) && differs(0.04, 4.4) && differs(0.04, 0.8));
        // Twice as many of those that wait longest.
        assert!(!differs(0.08, 4.4) && differs(0.08, 9.0));
    }

    #[test]
    fn a_long_stretch_takes_no_more_room_and_longer_batches() {
        let long = stretch(5_000, |batch| 50.0 + 10.0 * noise(batch), |_| 7.0);
        assert!(long.batches.len() <= MOST);
        assert!((long.size - SIZE_MOST).abs() < 1e-9);
        let calls: f64 = long.batches.iter().map(|batch| batch.calls).sum();
        assert!((calls - 500_000.0).abs() < 1e-6);
    }
}
