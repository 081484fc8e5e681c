//! Time that was not lived through is extrapolated from what was lived under like conditions; where conditions
//! slide, between those that were a little below and a little above.

use super::library::{Block, Library, REACH};
use super::section::scale;
use crate::{Conditions, Loads, Stood};

/// Parts that everything lived is dealt out to, so that leaving out one after another tells how sure
/// figures are.
pub(super) const PARTS: usize = 8;
/// So many sections are enough to say what is so at one place; with fewer, farther ones help.
const ENOUGH: f64 = 24.0;
/// How far away others may help.
const FARTHER: [f64; 5] = [REACH / 2.0, REACH, 0.15, 0.4, f64::INFINITY];

impl Library {
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
            let extrapolated = extrapolated(&near, &blocks, &paces, &gap.conditions, &self.loads);
            // So much time of each, and as many calls as a gap like that has: of all sources, and of each.
            let times = extrapolated
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
fn extrapolated(
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
    use super::super::library::tests::{conditions, section};
    use super::*;

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
        let extrapolated = extrapolated(&near, &blocks, &paces, &here, &library.loads);
        extrapolated.into_iter().map(|(at, share)| (paces[at][0], share)).collect()
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
}
