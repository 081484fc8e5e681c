//! Batches and sections of calls that are lived through, and what paces come to meanwhile. Decides nothing.

use super::Sampling;
use super::section::{Section, ServicesScrape};
use super::stretch::BATCHES;
use crate::event::{Event, Hosts, OBSERVE};
use crate::{Conditions, Stations};
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
}

/// How a section began.
#[derive(Default)]
pub(super) struct Begun {
    pub(super) began: Moment,
    pub(super) levels: Vec<f64>,
    pub(super) sights: Vec<ServicesScrape>,
    pub(super) fates: Vec<(u64, u64)>,
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

impl<E: Hosts> Sampling<E> {
    /// Brings what paces have come to up to this moment of the world, and says what they are now.
    pub(super) fn note_paces(&mut self, stations: &Stations, world: Moment) {
        let seconds = world.since(self.paces.since).as_seconds();
        self.paces.since = world;
        for (sum, pace) in self.paces.sums.iter_mut().zip(&self.paces.now) {
            *sum += pace * seconds;
        }
        steadying::paces(stations, world, &mut self.paces.now);
        self.paces.sums.resize(self.paces.now.len(), 0.0);
    }

    /// What paces were on the mean since these sums.
    pub(super) fn mean_paces(&self, before: &[f64], seconds: f64) -> Vec<f64> {
        if seconds <= 0.0 {
            return self.paces.now.clone();
        }
        self.paces.sums.iter().zip(before).map(|(now, before)| (now - before) / seconds).collect()
    }

    /// Looks again after this part of a batch.
    pub(super) fn plan_look(&mut self, part: f64) {
        self.turn = self.turn.wrapping_add(1);
        let after = Span::from_seconds(self.batch.span * part).max(Span::nanos(1));
        let at = self.now().after(after);
        self.agenda.schedule(at, OBSERVE, Event::Looks(self.turn).into());
    }

    /// Begins a section, and its first batch.
    pub(super) fn begin_section(&mut self, stations: &mut Stations) {
        let now = self.now();
        let mut levels = Vec::new();
        steadying::levels(stations, now, &mut levels);
        self.batch.began = now;
        self.batch.events = self.events;
        self.batch.levels.clone_from(&levels);
        imagining::readings(stations, now, &mut self.batch.readings);
        self.batch.count = 0;
        self.batch.size = self.stretch.size;
        figures::mark_figures(stations, &mut self.mark, now);
        self.batch.section = Begun {
            began: now,
            levels,
            sights: Vec::new(),
            fates: steadying::fates(stations),
            paces: self.paces.sums.clone(),
            events: self.events,
        };
    }

    /// How long a batch is to be, if it is to be about this long: so that a section has whole periods, and one
    /// is as the other.
    fn fitting(&self, span: f64) -> f64 {
        let section = span * float(BATCHES as u64);
        let fits = |period: &&f64| **period <= section * LONGER;
        let Some(period) = self.periods.iter().filter(fits).max_by(|a, b| a.total_cmp(b)) else {
            return span;
        };
        span * libm::round(section / period).max(1.0) * period / section
    }

    /// A batch is over, and maybe its section; whether one is.
    pub(super) fn end_batch(&mut self, stations: &mut Stations, world: Moment) -> bool {
        let now = self.now();
        let seconds = now.since(self.batch.began).as_seconds();
        let mut levels = Vec::new();
        steadying::levels(stations, now, &mut levels);
        let shape = self.conditions(stations, world).shape;
        let rates = |since: &[f64], seconds: f64| -> Vec<f64> {
            levels.iter().zip(since).map(|(now, since)| (now - since) / seconds).collect()
        };
        let calls = levels[0] - self.batch.levels[0];
        // As long as so many calls take, or so many events where few of them are calls.
        let measured = calls.max(float(self.events - self.batch.events) / 8.0);
        let whole = self.now().since(self.batch.began).as_seconds();
        let wanted = CALLS * self.stretch.size;
        if measured < wanted / 2.0 && (self.paces.now.iter().sum::<f64>() > 0.0 || whole < QUIET) {
            // It goes on, and is looked at when it is twice as long.
            self.batch.span = whole;
            return false;
        }
        if !self.runs_in {
            // The batch's own paces hardly differ from those now.
            let conditions = Conditions { shape: shape.clone(), paces: self.paces.now.clone() };
            let rates = rates(&self.batch.levels, seconds);
            self.stretch.add(&conditions, seconds, &rates, calls);
            self.batch.count += 1;
            let mut readings = Vec::new();
            imagining::readings(stations, now, &mut readings);
            let grown = readings.iter().zip(&self.batch.readings);
            let rates = grown.map(|(now, before)| (now - before) / seconds).collect();
            self.usual = self.usual.max(steadying::under_way(stations));
            let (pace, now) = (conditions.pace(), imagining::sight(stations));
            self.batch.section.sights.push(ServicesScrape { seconds, pace, rates, now });
            self.batch.readings = readings;
        }
        self.batch.span = self.fitting(whole * (wanted / measured.max(1.0)).clamp(0.5, 2.0));
        if self.runs_in {
            self.runs_in = false;
            self.begin_section(stations);
            return false;
        }
        if self.batch.count < BATCHES {
            (self.batch.began, self.batch.events) = (now, self.events);
            self.batch.levels = levels;
            return false;
        }
        let begun = &self.batch.section;
        let seconds = now.since(begun.began).as_seconds();
        let paces = self.mean_paces(&begun.paces, seconds);
        let rates = rates(&begun.levels, seconds);
        let events = float(self.events - begun.events);
        let figures = figures::figures_since(stations, &mut self.mark, now);
        let conditions = Conditions { shape, paces };
        let fates = steadying::fates(stations).into_iter().zip(&self.batch.section.fates);
        let is_trouble = |((over, failed), before): ((u64, u64), &(u64, u64))| {
            (failed - before.1) * NOTICED > over - before.0
        };
        self.troubled = fates.map(is_trouble).collect();
        let sights = core::mem::take(&mut self.batch.section.sights);
        let count = self.batch.size;
        self.events_each +=
            (events / count - self.events_each) / 8.0_f64.min(1.0 + self.events_each);
        self.stretch.close(Section { conditions, seconds, count, rates, figures, sights });
        self.begin_section(stations);
        true
    }
}
