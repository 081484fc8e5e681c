//! When calls can stand still, and for how long; how they go on.

use super::Sampling;
use super::library::Known;
use super::section::Sights;
use super::stretch::{self, Which};
use crate::event::Hosts;
use crate::{Conditions, Kind, Stations};
use crate::{imagining, steadying};
use seatrial_contract::units::Moment;
use seatrial_kernel::statistics::float;

/// A gap is no longer than so many times what was lived through under like conditions, and half of what was
/// passed over there.
const GROWTH: f64 = 3.0;
/// Gaps shorter than so many sections are not worth it.
const SHORTEST: f64 = 1.5;
/// With fewer sections than this nothing is known of how figures vary.
const LEAST: f64 = 8.0;
/// Something that goes on for so many sections is no chance. J.
const FALLS: usize = 8;
/// Shares are known to so many times more of themselves than means.
const SHARES: f64 = 2.5;

/// The gap that the world is in.
#[derive(Default)]
pub(super) struct Gap {
    pub(super) since: Moment,
    pub(super) until: Moment,
    /// Until when readings are what they would be.
    pub(super) read: Moment,
    pub(super) conditions: Conditions,
    /// What is to be read in it.
    pub(super) sights: Option<Sights>,
    /// Expected calls when it began.
    pub(super) sums: Vec<f64>,
    /// Sources whose calls fail more often than is to be.
    pub(super) troubled: Vec<usize>,
}

impl<E: Hosts> Sampling<E> {
    /// What calls depend on now. Where they can be in several states under the same conditions, the one that
    /// they are in counts among those.
    pub(super) fn conditions(&self, stations: &Stations, world: Moment) -> Conditions {
        let mut conditions = steadying::conditions(stations, world);
        conditions.shape.push(self.regime);
        conditions
    }

    /// Whether calls can stand still now, and for how long, in seconds.
    pub(super) fn gap(&mut self, stations: &Stations, world: Moment) -> Option<f64> {
        let is_to_change =
            steadying::caches_are_young(stations) || steadying::are_to_connect_again(stations);
        if self.held > 0 || is_to_change {
            return None;
        }
        // What stations can do changes with their replicas.
        let loads = steadying::loads_of_calls(stations);
        let mut conditions = self.conditions(stations, world);
        let mut known = self.library.known(&conditions);
        if known.count < LEAST && self.find_known_regime(&conditions) {
            conditions = self.conditions(stations, world);
            known = self.library.known(&conditions);
        }
        let is_known = known.count >= LEAST;
        let newest = self.stretch.newest()?;
        let seconds = newest.seconds / newest.count;
        let was_steady = self.stretch.is_resumed() || self.stretch.is_shaken();
        let mut which = if was_steady { Which::All } else { Which::Newest };
        if self.stretch.is_resumed() {
            if is_known && !self.stretch.is_like(&known) {
                // Something moves that nobody has touched: it is lived through until it is clear where to.
                self.stretch.shake();
                return None;
            }
        } else if self.stretch.calls() < loads.calls_to_tell(&self.paces.now) {
            return None;
        } else if !(is_known && self.stretch.count() > 1 && self.stretch.is_like(&known)) {
            if !self
                .stretch
                .is_steady(float(steadying::under_way(stations)), &steadying::kinds(stations))
            {
                return None;
            }
            if !was_steady {
                which = Which::Later;
            }
            if is_known && self.stretch.differs(&known, &steadying::kinds(stations)) {
                self.find_regime(&conditions);
                self.told.fell |= was_steady;
                which = Which::Later;
            }
        }
        for mut section in self.stretch.hand_over(which) {
            if let Some(regime) = section.conditions.shape.last_mut() {
                *regime = self.regime;
            }
            self.library.lived(section);
        }
        let conditions = self.conditions(stations, world);
        let known = self.library.known(&conditions);
        if known.count < LEAST {
            return None;
        }
        let whole = self.ends_at.since(self.starts_at).as_seconds() / seconds;
        let wanted = self.wanted(&known, &steadying::kinds(stations));
        let affordable = self.events_most / self.events_each.max(1.0);
        let wanted = wanted.min(affordable).max(1.0);
        let passed = self.library.passed_near(&conditions) / seconds;
        let sections = (whole / wanted).min(GROWTH * known.count + passed / 2.0);
        if sections < SHORTEST {
            // As all is lived through, there is no use in looking often.
            self.stretch.lengthen();
            return None;
        }
        self.stretch.size = 1.0;
        self.told.may_fall |= loads.may_fall(&self.paces.now);
        // By chance, so that what comes again and again is not met always at the same place.
        let chance = 0.5 + float(self.stream.below(1 << 20)) / float(1 << 20);
        Some(sections * chance * seconds)
    }

    /// Calls are in another state than the one that is known under these conditions: in one that was known
    /// before, or in a new one.
    pub(super) fn find_regime(&mut self, conditions: &Conditions) {
        if !self.find_known_regime(conditions) {
            self.regime = self.regimes;
            self.regimes += 1;
        }
    }

    /// Whether calls are in a state that is known under these conditions.
    fn find_known_regime(&mut self, conditions: &Conditions) -> bool {
        let mut conditions = conditions.clone();
        let found = (0..self.regimes).find(|regime| {
            if let Some(last) = conditions.shape.last_mut() {
                *last = *regime;
            }
            let known = self.library.known(&conditions);
            known.count >= LEAST && self.stretch.is_like(&known)
        });
        self.regime = found.unwrap_or(self.regime);
        found.is_some()
    }

    /// At the end: whether calls are on their way to another state than the one that is known.
    pub(super) fn falls(&mut self, stations: &Stations, world: Moment) {
        let known = self.library.known(&self.conditions(stations, world));
        let is_shaken = self.stretch.is_shaken() && self.stretch.count() >= FALLS;
        self.told.fell |= is_shaken
            && known.count >= LEAST
            && self.stretch.differs(&known, &steadying::kinds(stations));
    }

    /// How many sections all figures need to be as precise as is wanted; but for those of which there is
    /// hardly anything.
    pub(super) fn wanted(&self, known: &Known, kinds: &[Kind]) -> f64 {
        // 1.96 standard errors are the precision.
        let error = self.precision / 1.96;
        let least = stretch::least(kinds, &known.means);
        let each = kinds.iter().zip(least).zip(known.means.iter().zip(&known.variances));
        let each = each.map(|((kind, least), (mean, variance))| {
            // A share is to be known to more of itself.
            let error = if *kind == Kind::Calls { error * SHARES } else { error };
            let counts = *mean > least && *mean > 0.0;
            if counts { variance / (mean * mean) / (error * error) } else { 0.0 }
        });
        each.fold(0.0, f64::max)
    }

    /// Calls stand still from now on.
    pub(super) fn begin_gap(&mut self, stations: &mut Stations, world: Moment, until: Moment) {
        self.is_live = false;
        steadying::stand_still(stations);
        self.turn = self.turn.wrapping_add(1);
        self.note_paces(stations, world);
        self.gap = Gap {
            since: world,
            until,
            read: world,
            conditions: self.conditions(stations, world),
            sums: self.paces.sums.clone(),
            sights: None,
            troubled: (0..self.troubled.len()).filter(|at| self.troubled[*at]).collect(),
        };
    }

    /// Calls go on, as they stood.
    pub(super) fn resume(&mut self, stations: &mut Stations, world: Moment) {
        self.read(stations, world);
        imagining::imagine_now(stations, None);
        self.note_paces(stations, world);
        let seconds = world.since(self.gap.since).as_seconds();
        let mut conditions = core::mem::take(&mut self.gap.conditions);
        conditions.paces = self.mean_paces(&self.gap.sums, seconds);
        self.library.passed(conditions, seconds);
        steadying::pass_over(stations, self.gap.since, world);
        for source in core::mem::take(&mut self.gap.troubled) {
            steadying::trouble_went_on(stations, source, self.gap.since, world);
        }
        self.is_live = true;
        self.ahead = world.since(self.now());
        steadying::world_is_ahead(stations, self.ahead, &mut self.agenda);
        self.runs_in = true;
        self.begin_section(stations);
        self.plan_look(1.0);
    }
}
