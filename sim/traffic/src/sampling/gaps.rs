//! When calls can stand still, and for how long; how they go on.

use super::Sampling;
use super::library::{Known, LEAST};
use super::section::Scrapes;
use super::stretch::{self, Which};
use super::{reading, regimes, sections};
use crate::event::Hosts;
use crate::{Conditions, Kind, Loads, Stations};
use crate::{imagining, steadying};
use seatrial_contract::units::Moment;
use seatrial_kernel::statistics::float;

/// A gap is no longer than so many times what was lived through under like conditions, and half of what was
/// passed over there.
const GROWTH: f64 = 3.0;
/// Gaps shorter than so many sections are not worth it.
const SHORTEST: f64 = 1.5;
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
    pub(super) scrapes: Option<Scrapes>,
    /// Expected calls when it began.
    pub(super) sums: Vec<f64>,
    /// Sources whose calls fail more often than is to be.
    pub(super) troubled: Vec<usize>,
}

/// Which sections show what comes again and again, and how long one is, in seconds; none as long as something
/// may move.
fn steady<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &Stations,
    loads: &Loads,
    world: Moment,
) -> Option<(Which, f64)> {
    let mut conditions = regimes::conditions(sampling, stations, world);
    let mut known = sampling.known.library.known(&conditions);
    if known.count < LEAST && regimes::find_known_regime(sampling, &conditions) {
        conditions = regimes::conditions(sampling, stations, world);
        known = sampling.known.library.known(&conditions);
    }
    let is_known = known.count >= LEAST;
    let newest = sampling.stretch.newest()?;
    let seconds = newest.seconds / newest.count;
    let was_steady = sampling.stretch.is_resumed() || sampling.stretch.is_shaken();
    let mut which = if was_steady { Which::All } else { Which::Newest };
    if sampling.stretch.is_resumed() {
        if is_known && !sampling.stretch.is_like(&known) {
            // Something moves that nobody has touched: it is lived through until it is clear where to.
            sampling.stretch.shake();
            return None;
        }
    } else if sampling.stretch.calls() < loads.calls_to_tell(&sampling.paces.now) {
        return None;
    } else if !(is_known && sampling.stretch.count() > 1 && sampling.stretch.is_like(&known)) {
        if !sampling
            .stretch
            .is_steady(float(steadying::under_way(stations)), &steadying::kinds(stations))
        {
            return None;
        }
        if !was_steady {
            which = Which::Later;
        }
        if is_known && sampling.stretch.differs(&known, &steadying::kinds(stations)) {
            regimes::find_regime(sampling, &conditions);
            sampling.told.fell |= was_steady;
            which = Which::Later;
        }
    }
    Some((which, seconds))
}

/// Whether calls can stand still now, and for how long, in seconds.
pub(super) fn gap<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &Stations,
    world: Moment,
) -> Option<f64> {
    let is_to_change =
        steadying::caches_are_young(stations) || steadying::are_to_connect_again(stations);
    if sampling.disturbed.held > 0 || is_to_change {
        return None;
    }
    // What stations can do changes with their replicas.
    let loads = steadying::loads_of_calls(stations);
    let (which, seconds) = steady(sampling, stations, &loads, world)?;
    for mut section in sampling.stretch.hand_over(which) {
        if let Some(regime) = section.conditions.shape.last_mut() {
            *regime = sampling.known.regime;
        }
        sampling.known.library.lived(section);
    }
    let conditions = regimes::conditions(sampling, stations, world);
    let known = sampling.known.library.known(&conditions);
    if known.count < LEAST {
        return None;
    }
    let whole = sampling.time.ends_at.since(sampling.time.starts_at).as_seconds() / seconds;
    let wanted = wanted(sampling, &known, &steadying::kinds(stations));
    let affordable = sampling.effort.events_most / sampling.effort.events_each.max(1.0);
    let wanted = wanted.min(affordable).max(1.0);
    let passed = sampling.known.library.passed_near(&conditions) / seconds;
    let sections = (whole / wanted).min(GROWTH * known.count + passed / 2.0);
    if sections < SHORTEST {
        // As all is lived through, there is no use in looking often.
        sampling.stretch.lengthen();
        return None;
    }
    sampling.stretch.size = 1.0;
    sampling.told.may_fall |= loads.may_fall(&sampling.paces.now);
    // By chance, so that what comes again and again is not met always at the same place.
    let chance = 0.5 + float(sampling.stream.below(1 << 20)) / float(1 << 20);
    Some(sections * chance * seconds)
}

/// At the end: whether calls are on their way to another state than the one that is known.
pub(super) fn falls<E: Hosts>(sampling: &mut Sampling<E>, stations: &Stations, world: Moment) {
    let known = sampling.known.library.known(&regimes::conditions(sampling, stations, world));
    let is_shaken = sampling.stretch.is_shaken() && sampling.stretch.count() >= FALLS;
    sampling.told.fell |= is_shaken
        && known.count >= LEAST
        && sampling.stretch.differs(&known, &steadying::kinds(stations));
}

/// How many sections all figures need to be as precise as is wanted; but for those of which there is
/// hardly anything.
pub(super) fn wanted<E: Hosts>(sampling: &Sampling<E>, known: &Known, kinds: &[Kind]) -> f64 {
    // 1.96 standard errors are the precision.
    let error = sampling.effort.precision / 1.96;
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
pub(super) fn begin_gap<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    world: Moment,
    until: Moment,
) {
    sampling.time.is_live = false;
    steadying::stand_still(stations);
    sampling.time.turn = sampling.time.turn.wrapping_add(1);
    sections::note_paces(sampling, stations, world);
    sampling.gap = Gap {
        since: world,
        until,
        read: world,
        conditions: regimes::conditions(sampling, stations, world),
        sums: sampling.paces.sums.clone(),
        scrapes: None,
        troubled: (0..sampling.batch.troubled.len())
            .filter(|at| sampling.batch.troubled[*at])
            .collect(),
    };
}

/// Calls go on, as they stood.
pub(super) fn resume<E: Hosts>(sampling: &mut Sampling<E>, stations: &mut Stations, world: Moment) {
    reading::read(sampling, stations, world);
    imagining::imagine_now(stations, None);
    sections::note_paces(sampling, stations, world);
    let seconds = world.since(sampling.gap.since).as_seconds();
    let mut conditions = core::mem::take(&mut sampling.gap.conditions);
    conditions.paces = sections::mean_paces(sampling, &sampling.gap.sums, seconds);
    sampling.known.library.passed(conditions, seconds);
    steadying::pass_over(stations, sampling.gap.since, world);
    for source in core::mem::take(&mut sampling.gap.troubled) {
        steadying::trouble_went_on(stations, source, sampling.gap.since, world);
    }
    sampling.time.is_live = true;
    sampling.time.ahead = world.since(sampling.now());
    steadying::world_is_ahead(stations, sampling.time.ahead, &mut sampling.agenda);
    sampling.batch.runs_in = true;
    sections::begin_section(sampling, stations);
    sections::plan_look(sampling, 1.0);
}
