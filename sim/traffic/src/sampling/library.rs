//! What was lived through, by the conditions under which it was, and what is known of them. Knows no clock
//! and no event.

use super::section::{SCRAPES, Scrapes, Section, ServicesScrape};
use crate::{Conditions, Figures, Loads};
use std::collections::VecDeque;

/// What is known of paces this far away is known here. J: a sixteenth more or less.
pub(super) const REACH: f64 = 0.06;
/// Paces this close are the same.
const SAME: f64 = 0.01;
/// With fewer sections than this nothing is known of how figures vary.
pub(super) const LEAST: f64 = 8.0;
/// Stretches of a cell that are kept apart at the most.
const BLOCKS: usize = 16;
/// So many cells are kept, as long as conditions are no others altogether.
const CELLS: usize = 400;

/// Several of them, under the same conditions, one after another.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) count: f64,
    entries: f64,
    /// Sums over its sections.
    pub(super) seconds: f64,
    pub(super) paces: Vec<f64>,
    /// What levels came to for a call, and its squares, each as often as there were calls.
    rates: Vec<f64>,
    squares: Vec<f64>,
    pub(super) figures: Figures,
}

/// Those of almost the same paces.
#[derive(Debug)]
pub(super) struct Cell {
    pub(super) conditions: Conditions,
    /// Each but the last has so many sections.
    size: f64,
    pub(super) blocks: Vec<Block>,
    /// The newest of what was to be read.
    scrapes: VecDeque<ServicesScrape>,
}

/// Time that was not lived through.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    pub(super) conditions: Conditions,
    pub(super) seconds: f64,
}

/// All that was lived through, and what was not.
#[derive(Debug, Default)]
pub(super) struct Library {
    pub(super) loads: Loads,
    pub(super) cells: Vec<Cell>,
    pub(super) gaps: Vec<Gap>,
}

/// What is known of conditions: of every level, how much it comes to for a call (or a second, where calls
/// have no pace) and how that varies from section to section.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) count: f64,
    pub(super) means: Vec<f64>,
    pub(super) variances: Vec<f64>,
    /// Calls of each source a second.
    pub(super) paces: Vec<f64>,
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
    pub(super) fn calls(&self) -> f64 {
        let calls: f64 = self.paces.iter().sum();
        if calls > 0.0 { calls } else { self.seconds }
    }

    pub(super) fn mean_paces(&self) -> Vec<f64> {
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
        self.scrapes.extend(section.scrapes.drain(..));
        let beyond = self.scrapes.len().saturating_sub(SCRAPES);
        self.scrapes.drain(..beyond);
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
        let mut cell = Cell { conditions, size: 1.0, blocks: Vec::new(), scrapes: VecDeque::new() };
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
        let (mut calls, mut entries, mut seconds) = (0.0, 0.0_f64, 0.0);
        let near = |cell: &&Cell| self.loads.apart(&cell.conditions, conditions) <= REACH;
        for cell in self.cells.iter().filter(near) {
            for block in &cell.blocks {
                known.count += block.count;
                entries += block.entries;
                calls += block.calls();
                seconds += block.seconds;
                known.paces.resize(block.paces.len(), 0.0);
                add(&mut known.paces, &block.paces);
                known.means.resize(block.rates.len(), 0.0);
                known.variances.resize(block.rates.len(), 0.0);
                add(&mut known.means, &block.rates);
                add(&mut known.variances, &block.squares);
            }
        }
        known.paces.iter_mut().for_each(|pace| *pace /= seconds);
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
    pub(super) fn scrapes(&self, conditions: &Conditions) -> Option<Scrapes> {
        let away = |cell: &Cell| self.loads.apart(&cell.conditions, conditions);
        let near = self.cells.iter().filter(|cell| !cell.scrapes.is_empty());
        let nearest = near.min_by(|one, other| away(one).total_cmp(&away(other)))?;
        away(nearest).is_finite().then(|| Scrapes::new(conditions.clone(), &nearest.scrapes))
    }

    /// Seconds lived and kept, and seconds that were not lived through.
    pub(super) fn seconds(&self) -> (f64, f64) {
        let lived = self.cells.iter().flat_map(|cell| &cell.blocks).map(|block| block.seconds);
        (lived.sum(), self.gaps.iter().map(|gap| gap.seconds).sum())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn conditions(pace: f64) -> Conditions {
        Conditions { shape: vec![1], paces: vec![pace] }
    }

    /// A section in which each call takes as long as there are calls a second.
    pub(in super::super) fn section(pace: f64) -> Section {
        let (seconds, rates) = (1_600.0 / pace, vec![pace, pace * pace]);
        let (figures, scrapes) = (Figures::default(), Vec::new());
        Section { conditions: conditions(pace), seconds, count: 1.0, rates, figures, scrapes }
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
