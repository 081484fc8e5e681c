//! Batches and sections of calls that are lived through, and what paces come to meanwhile. Decides nothing.

use super::Sampling;
use super::regimes;
use super::section::{Section, ServicesScrape};
use super::stretch::BATCHES;
use crate::event::{Event, Hosts, OBSERVE};
use crate::{Conditions, Figures, Stations};
use crate::{figures, imagining, steadying};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::statistics::float;

/// Calls to a batch, about.
const CALLS: f64 = 400.0;
/// Where nobody calls, a batch is over after so many seconds.
const QUIET: f64 = 10.0;
/// A section may be so many times as long as usual, so that it has a whole period.
const LONGER: f64 = 8.0;
/// One call in so many that fails is trouble, as it is for windows that are lived through.
const NOTICED: u64 = 20;

/// The batch that is lived through, and the section that it is in.
#[derive(Default)]
pub(super) struct Batch {
    /// How long batches are, in the time of calls.
    pub(super) span: f64,
    pub(super) began: Moment,
    pub(super) events: u64,
    pub(super) levels: Vec<f64>,
    pub(super) readings: Vec<f64>,
    /// Batches of this section so far, and how many usual ones each is as long as.
    pub(super) count: usize,
    pub(super) size: f64,
    pub(super) section: Begun,
    /// The first batch after a gap is lived through and left out.
    pub(super) runs_in: bool,
    /// What all statistics had come to when the section began.
    pub(super) mark: Figures,
    /// By source, whether its calls were in trouble in the last section.
    pub(super) troubled: Vec<bool>,
}

/// How a section began.
#[derive(Default)]
pub(super) struct Begun {
    pub(super) began: Moment,
    pub(super) levels: Vec<f64>,
    pub(super) scrapes: Vec<ServicesScrape>,
    pub(super) outcomes: Vec<(u64, u64)>,
    pub(super) paces: Vec<f64>,
    pub(super) events: u64,
}

/// What paces have come to.
#[derive(Default)]
pub(super) struct Paces {
    pub(super) now: Vec<f64>,
    pub(super) since: Moment,
    /// Calls expected until then, by source, since time began.
    pub(super) sums: Vec<f64>,
    /// After how many seconds calls come again as they came.
    pub(super) periods: Vec<f64>,
}

impl Batch {
    pub(super) fn new(began: Moment) -> Self {
        // Its length is found by what happens in the first ones.
        Self { span: 0.01, began, ..Self::default() }
    }
}

impl Paces {
    pub(super) fn new(since: Moment) -> Self {
        Self { since, ..Self::default() }
    }
}

/// Brings what paces have come to up to this moment of the world, and says what they are now.
pub(super) fn note_paces<E: Hosts>(sampling: &mut Sampling<E>, stations: &Stations, world: Moment) {
    let seconds = world.since(sampling.paces.since).as_seconds();
    sampling.paces.since = world;
    for (sum, pace) in sampling.paces.sums.iter_mut().zip(&sampling.paces.now) {
        *sum += pace * seconds;
    }
    steadying::paces(stations, world, &mut sampling.paces.now);
    sampling.paces.sums.resize(sampling.paces.now.len(), 0.0);
}

/// What paces were on the mean since these sums.
pub(super) fn mean_paces<E: Hosts>(
    sampling: &Sampling<E>,
    before: &[f64],
    seconds: f64,
) -> Vec<f64> {
    if seconds <= 0.0 {
        return sampling.paces.now.clone();
    }
    sampling.paces.sums.iter().zip(before).map(|(now, before)| (now - before) / seconds).collect()
}

/// Looks again after this part of a batch.
pub(super) fn plan_look<E: Hosts>(sampling: &mut Sampling<E>, part: f64) {
    sampling.time.turn = sampling.time.turn.wrapping_add(1);
    let after = Span::from_seconds(sampling.batch.span * part).max(Span::nanos(1));
    let at = sampling.now().after(after);
    sampling.agenda.schedule(at, OBSERVE, Event::Looks(sampling.time.turn).into());
}

/// Begins a section, and its first batch.
pub(super) fn begin_section<E: Hosts>(sampling: &mut Sampling<E>, stations: &mut Stations) {
    let now = sampling.now();
    let mut levels = Vec::new();
    steadying::levels(stations, now, &mut levels);
    sampling.batch.began = now;
    sampling.batch.events = sampling.effort.events;
    sampling.batch.levels.clone_from(&levels);
    imagining::readings(stations, now, &mut sampling.batch.readings);
    sampling.batch.count = 0;
    sampling.batch.size = sampling.stretch.size;
    figures::mark_figures(stations, &mut sampling.batch.mark, now);
    sampling.batch.section = Begun {
        began: now,
        levels,
        scrapes: Vec::new(),
        outcomes: steadying::outcomes(stations),
        paces: sampling.paces.sums.clone(),
        events: sampling.effort.events,
    };
}

/// How long a batch is to be, if it is to be about this long: so that a section has whole periods, and one
/// is as the other.
fn fitting<E: Hosts>(sampling: &Sampling<E>, span: f64) -> f64 {
    let section = span * float(BATCHES as u64);
    let fits = |period: &&f64| **period <= section * LONGER;
    let Some(period) = sampling.paces.periods.iter().filter(fits).max_by(|a, b| a.total_cmp(b))
    else {
        return span;
    };
    span * libm::round(section / period).max(1.0) * period / section
}

/// A batch is over, and maybe its section; whether one is.
pub(super) fn end_batch<E: Hosts>(
    sampling: &mut Sampling<E>,
    stations: &mut Stations,
    world: Moment,
) -> bool {
    let now = sampling.now();
    let seconds = now.since(sampling.batch.began).as_seconds();
    let mut levels = Vec::new();
    steadying::levels(stations, now, &mut levels);
    let shape = regimes::conditions(sampling, stations, world).shape;
    let rates = |since: &[f64], seconds: f64| -> Vec<f64> {
        levels.iter().zip(since).map(|(now, since)| (now - since) / seconds).collect()
    };
    let calls = levels[0] - sampling.batch.levels[0];
    // As long as so many calls take, or so many events where few of them are calls.
    let measured = calls.max(float(sampling.effort.events - sampling.batch.events) / 8.0);
    let whole = sampling.now().since(sampling.batch.began).as_seconds();
    let wanted = CALLS * sampling.stretch.size;
    if measured < wanted / 2.0 && (sampling.paces.now.iter().sum::<f64>() > 0.0 || whole < QUIET) {
        // It goes on, and is looked at when it is twice as long.
        sampling.batch.span = whole;
        return false;
    }
    if !sampling.batch.runs_in {
        // The batch's own paces hardly differ from those now.
        let conditions = Conditions { shape: shape.clone(), paces: sampling.paces.now.clone() };
        let rates = rates(&sampling.batch.levels, seconds);
        sampling.stretch.add(&conditions, seconds, &rates, calls);
        sampling.batch.count += 1;
        let mut readings = Vec::new();
        imagining::readings(stations, now, &mut readings);
        let grown = readings.iter().zip(&sampling.batch.readings);
        let rates = grown.map(|(now, before)| (now - before) / seconds).collect();
        sampling.disturbed.usual = sampling.disturbed.usual.max(steadying::under_way(stations));
        let (pace, now) = (conditions.pace(), imagining::scrape(stations));
        sampling.batch.section.scrapes.push(ServicesScrape { seconds, pace, rates, now });
        sampling.batch.readings = readings;
    }
    sampling.batch.span = fitting(sampling, whole * (wanted / measured.max(1.0)).clamp(0.5, 2.0));
    if sampling.batch.runs_in {
        sampling.batch.runs_in = false;
        begin_section(sampling, stations);
        return false;
    }
    if sampling.batch.count < BATCHES {
        (sampling.batch.began, sampling.batch.events) = (now, sampling.effort.events);
        sampling.batch.levels = levels;
        return false;
    }
    let begun = &sampling.batch.section;
    let seconds = now.since(begun.began).as_seconds();
    let paces = mean_paces(sampling, &begun.paces, seconds);
    let rates = rates(&begun.levels, seconds);
    let events = float(sampling.effort.events - begun.events);
    let figures = figures::figures_since(stations, &mut sampling.batch.mark, now);
    let conditions = Conditions { shape, paces };
    let outcomes = steadying::outcomes(stations).into_iter().zip(&sampling.batch.section.outcomes);
    let is_trouble = |((over, failed), before): ((u64, u64), &(u64, u64))| {
        (failed - before.1) * NOTICED > over - before.0
    };
    sampling.batch.troubled = outcomes.map(is_trouble).collect();
    let scrapes = core::mem::take(&mut sampling.batch.section.scrapes);
    let count = sampling.batch.size;
    sampling.effort.events_each += (events / count - sampling.effort.events_each)
        / 8.0_f64.min(1.0 + sampling.effort.events_each);
    sampling.stretch.close(Section { conditions, seconds, count, rates, figures, scrapes });
    begin_section(sampling, stations);
    true
}
