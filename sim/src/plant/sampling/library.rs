//! What was lived through, by the conditions under which it was: and what it stands for. Time that was
//! not lived through is laid out over what was lived under like conditions; where conditions slide, between
//! those that were a little below and a little above. Knows no clock and no event.

use crate::plant::stations::{Conditions, Figures, Loads, Stood};
use std::collections::VecDeque;

/// Parts that everything lived is dealt out to, so that leaving out one after another tells how sure
/// figures are.
pub(super) const PARTS: usize = 8;
/// What is known of paces this far away is known here. J: a sixteenth more or less.
pub(super) const REACH: f64 = 0.06;
/// Paces this close are the same.
const SAME: f64 = 0.01;
/// Stretches of a cell that are kept apart at the most.
const BLOCKS: usize = 16;
/// So many cells are kept, as long as conditions are no others altogether.
const CELLS: usize = 400;
/// What was to be read in so many batches is kept.
const SIGHTS: usize = 64;
/// So many sections are enough to say what is so at one place; with fewer, farther ones help.
const ENOUGH: f64 = 24.0;
/// How far away others may help.
const FARTHER: [f64; 5] = [REACH / 2.0, REACH, 0.15, 0.4, f64::INFINITY];

/// A stretch that was lived through.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) conditions: Conditions,
    pub(super) seconds: f64,
    /// How many of the usual length it is as long as.
    pub(super) count: f64,
    /// What levels came to a second.
    pub(super) rates: Vec<f64>,
    pub(super) figures: Figures,
    /// What was to be read in it, batch by batch.
    pub(super) sights: Vec<Sight>,
}

/// What was to be read of a batch.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    pub(super) seconds: f64,
    /// Calls a second.
    pub(super) pace: f64,
    /// What readings grew by in a second.
    pub(super) rates: Vec<f64>,
    /// Who waited and who had connections at its end.
    pub(super) now: Vec<u32>,
}

/// What is to be read under certain conditions.
#[derive(Debug)]
pub(super) struct Sights {
    pub(super) conditions: Conditions,
    pub(super) all: Vec<Sight>,
    /// How long a batch was, and what readings grew by in a second, on the mean.
    pub(super) seconds: f64,
    pub(super) means: Vec<f64>,
}

impl Sights {
    fn new(conditions: Conditions, all: &VecDeque<Sight>) -> Self {
        let whole: f64 = all.iter().map(|sight| sight.seconds).sum();
        let mut means = vec![0.0; all[0].rates.len()];
        for sight in all {
            for (mean, rate) in means.iter_mut().zip(&sight.rates) {
                *mean += rate * sight.seconds / whole;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "sights are few")]
        let seconds = whole / all.len() as f64;
        Self { conditions, all: all.iter().cloned().collect(), seconds, means }
    }
}

/// Several of them, under the same conditions, one after another.
#[derive(Clone, Debug)]
struct Block {
    count: f64,
    entries: f64,
    /// Sums over its sections.
    seconds: f64,
    paces: Vec<f64>,
    /// What levels came to for a call, and its squares, each as often as there were calls.
    rates: Vec<f64>,
    squares: Vec<f64>,
    figures: Figures,
}

/// Those of almost the same paces.
#[derive(Debug)]
struct Cell {
    conditions: Conditions,
    /// Each but the last has so many sections.
    size: f64,
    blocks: Vec<Block>,
    /// The newest of what was to be read.
    sights: VecDeque<Sight>,
}

/// Time that was not lived through.
#[derive(Clone, Debug)]
struct Gap {
    conditions: Conditions,
    seconds: f64,
}

/// All that was lived through, and what was not.
#[derive(Debug, Default)]
pub(super) struct Library {
    pub(super) loads: Loads,
    cells: Vec<Cell>,
    gaps: Vec<Gap>,
}

/// What is known of conditions: of every level, how much it comes to for a call (or a second, where calls
/// have no pace) and how that varies from section to section.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) count: f64,
    pub(super) means: Vec<f64>,
    pub(super) variances: Vec<f64>,
}

impl Section {
    /// The calls that were expected of it, or its seconds.
    fn calls(&self) -> f64 {
        scale(self.conditions.pace()) * self.seconds
    }

    /// Together with the one after it.
    pub(super) fn merge(&mut self, next: &Self) {
        let all = self.seconds + next.seconds;
        let merge = |kept: &mut [f64], more: &[f64]| {
            for (kept, more) in kept.iter_mut().zip(more) {
                *kept = (*kept * self.seconds + more * next.seconds) / all;
            }
        };
        merge(&mut self.rates, &next.rates);
        merge(&mut self.conditions.paces, &next.conditions.paces);
        self.figures.merge(&next.figures);
        self.sights.extend(next.sights.iter().cloned());
        self.sights.truncate(SIGHTS);
        self.count += next.count;
        self.seconds = all;
    }

    /// What levels came to for a call.
    pub(super) fn each(&self) -> impl Iterator<Item = f64> {
        let pace = scale(self.conditions.pace());
        self.rates.iter().map(move |rate| rate / pace)
    }
}

/// Where calls have no pace of their own, time is counted.
pub(super) fn scale(pace: f64) -> f64 {
    if pace > 0.0 { pace } else { 1.0 }
}

impl Block {
    fn new(section: Section) -> Self {
        let calls = section.calls();
        let each: Vec<f64> = section.each().collect();
        Self {
            count: section.count,
            entries: 1.0,
            seconds: section.seconds,
            paces: section.conditions.paces.iter().map(|pace| pace * section.seconds).collect(),
            squares: each.iter().map(|each| each * each * calls).collect(),
            rates: each.iter().map(|each| each * calls).collect(),
            figures: section.figures,
        }
    }

    fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.entries += other.entries;
        self.seconds += other.seconds;
        add(&mut self.paces, &other.paces);
        add(&mut self.rates, &other.rates);
        add(&mut self.squares, &other.squares);
        self.figures.merge(&other.figures);
    }

    /// The calls that were expected of it, or its seconds.
    fn calls(&self) -> f64 {
        let calls: f64 = self.paces.iter().sum();
        if calls > 0.0 { calls } else { self.seconds }
    }

    fn mean_paces(&self) -> Vec<f64> {
        self.paces.iter().map(|pace| pace / self.seconds.max(1e-9)).collect()
    }
}

fn add(kept: &mut [f64], more: &[f64]) {
    for (kept, more) in kept.iter_mut().zip(more) {
        *kept += more;
    }
}

impl Cell {
    fn add(&mut self, mut section: Section) {
        self.sights.extend(section.sights.drain(..));
        let beyond = self.sights.len().saturating_sub(SIGHTS);
        self.sights.drain(..beyond);
        let block = Block::new(section);
        match self.blocks.last_mut() {
            Some(last) if last.count < self.size => last.merge(&block),
            _ => self.blocks.push(block),
        }
        if self.blocks.len() == BLOCKS && self.blocks.last().is_some_and(|b| b.count >= self.size) {
            let whole = core::mem::take(&mut self.blocks);
            let mut pairs = whole.into_iter();
            while let Some(mut first) = pairs.next() {
                if let Some(second) = pairs.next() {
                    first.merge(&second);
                }
                self.blocks.push(first);
            }
            self.size *= 2.0;
        }
    }
}

impl Library {
    /// A stretch was lived through.
    pub(super) fn lived(&mut self, section: Section) {
        let (loads, here) = (&self.loads, &section.conditions);
        let near = |cell: &&mut Cell| loads.apart(&cell.conditions, here) <= SAME;
        if let Some(cell) = self.cells.iter_mut().find(near) {
            return cell.add(section);
        }
        if self.cells.len() >= CELLS {
            // There is room for no more: the nearest has it too.
            let away = |cell: &Cell| loads.apart(&cell.conditions, here);
            let near = self.cells.iter_mut().filter(|cell| away(cell).is_finite());
            if let Some(cell) = near.min_by(|one, other| away(one).total_cmp(&away(other))) {
                return cell.add(section);
            }
        }
        let conditions = section.conditions.clone();
        let mut cell = Cell { conditions, size: 1.0, blocks: Vec::new(), sights: VecDeque::new() };
        cell.add(section);
        self.cells.push(cell);
    }

    /// A stretch was not.
    pub(super) fn passed(&mut self, conditions: Conditions, seconds: f64) {
        if seconds <= 0.0 {
            return;
        }
        let loads = &self.loads;
        let near = |gap: &&mut Gap| loads.apart(&gap.conditions, &conditions) <= SAME;
        let found = self.gaps.iter_mut().find(near);
        let Some(gap) = found else { return self.gaps.push(Gap { conditions, seconds }) };
        let all = gap.seconds + seconds;
        for (kept, more) in gap.conditions.paces.iter_mut().zip(&conditions.paces) {
            *kept = (*kept * gap.seconds + more * seconds) / all;
        }
        gap.seconds = all;
    }

    /// Statistics begin anew: time that was not lived through before does not count any more.
    pub(super) fn reset(&mut self) {
        self.gaps.clear();
    }

    /// What is known here.
    pub(super) fn known(&self, conditions: &Conditions) -> Known {
        let mut known = Known::default();
        let (mut calls, mut entries) = (0.0, 0.0_f64);
        let near = |cell: &&Cell| self.loads.apart(&cell.conditions, conditions) <= REACH;
        for cell in self.cells.iter().filter(near) {
            for block in &cell.blocks {
                known.count += block.count;
                entries += block.entries;
                calls += block.calls();
                known.means.resize(block.rates.len(), 0.0);
                known.variances.resize(block.rates.len(), 0.0);
                add(&mut known.means, &block.rates);
                add(&mut known.variances, &block.squares);
            }
        }
        for (mean, square) in known.means.iter_mut().zip(&mut known.variances) {
            *mean /= calls;
            let about = *square / calls - *mean * *mean;
            // Of a section of the usual length.
            *square = about.max(0.0) * known.count / (entries - 1.0).max(1.0);
        }
        known
    }

    /// How many seconds were passed over under conditions like these.
    pub(super) fn passed_near(&self, conditions: &Conditions) -> f64 {
        let near = |gap: &&Gap| self.loads.apart(&gap.conditions, conditions) <= REACH;
        self.gaps.iter().filter(near).map(|gap| gap.seconds).sum()
    }

    /// What is to be read under conditions like these: as in those with the nearest paces.
    pub(super) fn sights(&self, conditions: &Conditions) -> Option<Sights> {
        let away = |cell: &Cell| self.loads.apart(&cell.conditions, conditions);
        let near = self.cells.iter().filter(|cell| !cell.sights.is_empty());
        let nearest = near.min_by(|one, other| away(one).total_cmp(&away(other)))?;
        away(nearest).is_finite().then(|| Sights::new(conditions.clone(), &nearest.sights))
    }

    /// Seconds lived and kept, and seconds that were not lived through.
    pub(super) fn seconds(&self) -> (f64, f64) {
        let lived = self.cells.iter().flat_map(|cell| &cell.blocks).map(|block| block.seconds);
        (lived.sum(), self.gaps.iter().map(|gap| gap.seconds).sum())
    }

    /// What all that was not lived through comes to; without one part of what was, where that is told.
    pub(super) fn stood(&self, without: Option<usize>) -> Stood {
        let blocks: Vec<(&Conditions, &Block, usize)> = self
            .cells
            .iter()
            .enumerate()
            .flat_map(|(number, cell)| {
                let numbered = cell.blocks.iter().enumerate();
                numbered.map(move |(at, block)| (&cell.conditions, block, (number + at) % PARTS))
            })
            .collect();
        let paces: Vec<Vec<f64>> = blocks.iter().map(|(_, block, _)| block.mean_paces()).collect();
        let sources = paces.first().map_or(0, Vec::len);
        let mut weights = vec![(0.0, vec![0.0; sources], 0.0); blocks.len()];
        for gap in &self.gaps {
            let all = || blocks.iter().zip(&paces).enumerate();
            let candidates = |but: Option<usize>| -> Vec<(usize, f64)> {
                let fit = all().filter(|(_, ((conditions, _, part), _))| {
                    conditions.shape == gap.conditions.shape && Some(*part) != but
                });
                let away = |paces: &[f64]| self.loads.paces_apart(paces, &gap.conditions.paces);
                fit.map(|(at, (_, paces))| (at, away(paces))).collect()
            };
            let mut near = candidates(without);
            if near.is_empty() {
                near = candidates(None);
            }
            let laid_out = laid_out(&near, &blocks, &paces, &gap.conditions, &self.loads);
            // So much time of each, and as many calls as a gap like that has: of all sources, and of each.
            let times = laid_out
                .iter()
                .map(|(at, weight)| (*at, weight * gap.seconds / blocks[*at].1.seconds.max(1e-9)));
            let times: Vec<(usize, f64)> = times.collect();
            let stands = |wanted: f64, of: &dyn Fn(&Block) -> f64| {
                let has: f64 = times.iter().map(|(at, time)| time * of(blocks[*at].1)).sum();
                if has > 0.0 { wanted * gap.seconds / has } else { 1.0 }
            };
            let calls = stands(scale(gap.conditions.pace()), &Block::calls);
            let each = gap.conditions.paces.iter().enumerate();
            // Those without a pace of their own call as often as they did.
            let each: Vec<f64> = each
                .map(|(source, pace)| {
                    let has_pace = times.iter().any(|(at, _)| blocks[*at].1.paces[source] > 0.0);
                    if has_pace { stands(*pace, &|block| block.paces[source]) } else { 1.0 }
                })
                .collect();
            for (at, time) in times {
                weights[at].0 += time * calls;
                weights[at].2 += time;
                for (kept, each) in weights[at].1.iter_mut().zip(&each) {
                    *kept += time * each;
                }
            }
        }
        let mut stood = Stood::default();
        for ((_, block, _), (calls, sources, time)) in blocks.iter().zip(weights) {
            if time != 0.0 {
                stood.add(&block.figures, calls, &sources, time);
            }
        }
        stood
    }
}

/// What share of a gap each of these stands for: those that are near, so that on the mean they have its
/// load where there are such on both sides of it.
fn laid_out(
    near: &[(usize, f64)],
    blocks: &[(&Conditions, &Block, usize)],
    paces: &[Vec<f64>],
    conditions: &Conditions,
    loads: &Loads,
) -> Vec<(usize, f64)> {
    let sections = |within: f64| -> f64 {
        let those = near.iter().filter(|(_, away)| *away <= within);
        those.map(|(at, _)| blocks[*at].1.count).sum()
    };
    let least = near.iter().map(|(_, away)| *away).fold(f64::INFINITY, f64::min);
    let within = FARTHER.into_iter().find(|within| {
        let count = sections(*within);
        count >= ENOUGH || (count > 0.0 && *within >= REACH)
    });
    let within = within.unwrap_or(f64::INFINITY).max(least);
    let here = loads.load(&conditions.paces);
    let of = |at: usize| {
        let there = loads.load(&paces[at]);
        if here > 0.0 && there > 0.0 { libm::log(there / here) } else { 0.0 }
    };
    let those = near.iter().filter(|(_, away)| *away <= within);
    let those: Vec<(usize, f64, f64)> =
        those.map(|(at, _)| (*at, blocks[*at].1.calls(), of(*at))).collect();
    let sum = |power: i32| -> f64 {
        those.iter().map(|(_, weight, away)| weight * libm::pow(*away, f64::from(power))).sum()
    };
    let (all, first, second) = (sum(0), sum(1), sum(2));
    let spread = all * second - first * first;
    let lies_between =
        those.iter().any(|(.., away)| *away <= 0.0) && those.iter().any(|(.., away)| *away >= 0.0);
    let share = |weight: f64, away: f64| {
        if lies_between && spread > 1e-12 * all * all {
            weight * (second - away * first) / spread
        } else {
            weight / all
        }
    };
    those.iter().map(|(at, weight, away)| (*at, share(*weight, *away))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conditions(pace: f64) -> Conditions {
        Conditions { shape: vec![1], paces: vec![pace] }
    }

    /// A section in which each call takes as long as there are calls a second.
    fn section(pace: f64) -> Section {
        let (seconds, rates) = (1_600.0 / pace, vec![pace, pace * pace]);
        let (figures, sights) = (Figures::default(), Vec::new());
        Section { conditions: conditions(pace), seconds, count: 1.0, rates, figures, sights }
    }

    /// What share of a gap at this pace each section stands for, by its pace.
    fn shares(library: &Library, pace: f64) -> Vec<(f64, f64)> {
        let cells = library.cells.iter();
        let blocks: Vec<(&Conditions, &Block, usize)> =
            cells.flat_map(|cell| cell.blocks.iter().map(|of| (&cell.conditions, of, 0))).collect();
        let paces: Vec<Vec<f64>> = blocks.iter().map(|(_, block, _)| block.mean_paces()).collect();
        let here = conditions(pace);
        let near: Vec<(usize, f64)> = paces
            .iter()
            .enumerate()
            .map(|(at, paces)| (at, library.loads.paces_apart(paces, &here.paces)))
            .collect();
        let laid_out = laid_out(&near, &blocks, &paces, &here, &library.loads);
        laid_out.into_iter().map(|(at, share)| (paces[at][0], share)).collect()
    }

    #[test]
    fn a_gap_lies_between_what_is_a_little_below_and_a_little_above() {
        let mut library = Library::default();
        for pace in [90.0, 91.5, 93.0, 94.5, 96.0, 97.5] {
            (0..8).for_each(|_| library.lived(section(pace)));
        }
        let shares = shares(&library, 94.0);
        let whole: f64 = shares.iter().map(|(_, share)| share).sum();
        let mean: f64 = shares.iter().map(|(pace, share)| pace * share).sum();
        assert!((whole - 1.0).abs() < 1e-9, "{shares:?}");
        assert!((mean / 94.0 - 1.0).abs() < 1e-3, "{mean}: {shares:?}");
        // What is far away has no part in it.
        assert!(shares.iter().all(|(pace, _)| (90.0..98.0).contains(pace)));
    }

    #[test]
    fn beyond_all_that_is_known_the_nearest_stand_for_it() {
        let mut library = Library::default();
        (0..8).for_each(|_| library.lived(section(50.0)));
        let shares = shares(&library, 60.0);
        assert!(shares.iter().all(|(pace, share)| *pace > 49.9 && *share > 0.0), "{shares:?}");
    }

    #[test]
    fn what_is_known_varies_as_sections_do() {
        let mut library = Library::default();
        // Two and four a call, as often.
        for pace in [100.0, 100.0, 100.0, 100.0] {
            for each in [2.0, 4.0] {
                let section = Section { rates: vec![pace, pace * each], ..section(pace) };
                library.lived(section);
            }
        }
        let known = library.known(&conditions(100.0));
        assert!((known.count - 8.0).abs() < 1e-9 && (known.means[1] - 3.0).abs() < 1e-9);
        // One below and one above the mean, of eight: 8 ÷ 7.
        assert!((known.variances[1] - 8.0 / 7.0).abs() < 1e-9, "{:?}", known.variances);
        assert!(library.known(&conditions(120.0)).count < 0.5);
    }

    #[test]
    fn many_sections_take_no_more_room_than_some() {
        let mut library = Library::default();
        (0..5_000).for_each(|_| library.lived(section(80.0)));
        assert_eq!(library.cells.len(), 1);
        assert!(library.cells[0].blocks.len() <= BLOCKS);
        let lived: f64 = library.cells[0].blocks.iter().map(|block| block.count).sum();
        assert!((lived - 5_000.0).abs() < 1e-6);
    }
}
