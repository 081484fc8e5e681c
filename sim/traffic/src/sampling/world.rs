//! What the world does with calls of which only some are lived through: `now` is always its time, not theirs.

use super::Sampling;
use super::library::REACH;
use super::stretch::Stretch;
use crate::event::{Event, Hosts, WORLD};
use crate::{Conditions, Figures, StartCall, Stations};
use crate::{figures, imagining, steadying};
use seatrial_contract::TenantId;
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Agenda;

/// Paces that change by more than this at once are a step. J.
const STEP: f64 = 0.03;
/// As long as something is lived through that is no part of what is known, it is looked at as often as this,
/// in batches.
const SOON: f64 = 0.1;

impl<E: Hosts> Sampling<E> {
    /// What calls are on while they are sampled.
    pub const fn agenda(&mut self) -> &mut Agenda<E> {
        &mut self.agenda
    }

    /// Events of calls that nothing but calls was told of.
    #[must_use]
    pub const fn quiet(&self) -> u64 {
        self.quiet
    }

    /// Begins to sample; these are the sources that somebody watches, and how long their calls may take.
    pub fn begin(
        &mut self,
        stations: &mut Stations,
        world: &mut Agenda<E>,
        now: Moment,
        watched: impl Iterator<Item = (usize, Span)>,
    ) {
        self.agenda.pass(now);
        self.library.loads = steadying::loads_of_calls(stations);
        self.periods = steadying::periods(stations);
        watched.for_each(|(source, longest)| imagining::watch(stations, source, longest));
        self.note_paces(stations, now);
        self.begin_section(stations);
        self.plan_look(1.0);
        for (begins, ends) in core::mem::take(&mut self.zooms) {
            world.schedule(begins.max(now), WORLD, Event::ZoomBegins.into());
            world.schedule(ends, WORLD, Event::ZoomEnds.into());
        }
        self.plan_hour(stations, world, now);
    }

    /// Plans the next hour of a rhythm.
    fn plan_hour(&self, stations: &Stations, world: &mut Agenda<E>, now: Moment) {
        if let Some(at) = steadying::next_hour(stations, now).filter(|at| *at <= self.ends_at) {
            world.schedule(at, WORLD, Event::HourTurns.into());
        }
    }

    /// A rhythm goes on to another hour.
    pub fn hour_turns(&mut self, stations: &mut Stations, world: &mut Agenda<E>, now: Moment) {
        let before = self.paces.now.clone();
        self.note_paces(stations, now);
        if self.library.loads.paces_apart(&before, &self.paces.now) > STEP {
            // The hour that is over was another one.
            self.stir(stations, now);
        }
        steadying::follow_rhythms(stations, &mut self.agenda);
        self.plan_hour(stations, world, now);
    }

    /// What calls depend on changes now: they are lived through until nothing moves any more.
    pub fn stir(&mut self, stations: &mut Stations, now: Moment) {
        self.end_gap(stations, now);
        self.is_stirred = true;
        self.interrupted = None;
    }

    /// A tenant does something else than before, and calls more or less: once it is much, what is known is
    /// looked up anew.
    pub fn slide(&mut self, stations: &mut Stations, now: Moment) {
        self.note_paces(stations, now);
        let (before, paces) = (&self.gap.conditions.paces, &self.paces.now);
        if !self.is_live && self.library.loads.paces_apart(before, paces) > REACH {
            self.resume(stations, now);
        }
    }

    /// A reason to live without gaps comes, or goes.
    pub fn hold(&mut self, stations: &mut Stations, now: Moment, is_on: bool) {
        if !self.is_live {
            let until = self.gap.until;
            self.resume(stations, now);
            self.interrupted = Some(until);
        }
        self.is_disturbed = true;
        self.held = if is_on { self.held + 1 } else { self.held.saturating_sub(1) };
        if self.held == 0 {
            self.plan_look(SOON);
        }
    }

    /// A tenant starts and makes its call: how long that takes, where it need not be lived through.
    pub fn start_taking(
        &mut self,
        stations: &mut Stations,
        now: Moment,
        id: TenantId,
    ) -> Option<Span> {
        let conditions = steadying::conditions(stations, now);
        if !self.is_live {
            let loads = &self.library.loads;
            let away = |other: &Conditions| loads.apart(&conditions, other);
            if let Some(takes) = self.starts.draw(&conditions, away, &mut self.stream) {
                return Some(takes);
            }
        }
        self.starts.begins(id.0, now, conditions);
        self.hold(stations, now, true);
        None
    }

    /// What became of a start is known.
    pub fn start_is_over(
        &mut self,
        stations: &mut Stations,
        now: Moment,
        call: StartCall,
        is_lived: bool,
    ) {
        if !is_lived {
            return self.starts.drawn_ends();
        }
        self.starts.ends(call.tenant.0, now, call.is_answered);
        self.hold(stations, now, false);
    }

    /// Something was lived through that is no part of what is known; once no more calls are under way than
    /// usual, the gap that it fell into goes on.
    fn looks_disturbed(&mut self, stations: &mut Stations, world: &mut Agenda<E>, now: Moment) {
        self.begin_section(stations);
        let is_over = self.held == 0 && steadying::under_way(stations) <= self.usual.max(1);
        if !is_over && (self.held > 0 || self.stretch.is_resumed()) {
            return self.plan_look(SOON);
        }
        self.is_disturbed = false;
        match self.interrupted.take().filter(|until| *until > now) {
            Some(until) => self.stand_until(until, stations, world, now),
            None => {
                self.runs_in = true;
                self.plan_look(1.0);
            }
        }
    }

    /// Calls stand still from now on, until then at the latest.
    fn stand_until(
        &mut self,
        until: Moment,
        stations: &mut Stations,
        world: &mut Agenda<E>,
        now: Moment,
    ) {
        self.begin_gap(stations, now, until);
        if until <= self.ends_at {
            world.schedule(until, WORLD, Event::Resumes(self.turn).into());
        }
    }

    /// A batch is over.
    pub fn looks(
        &mut self,
        stations: &mut Stations,
        world: &mut Agenda<E>,
        now: Moment,
        turn: u32,
    ) {
        if turn != self.turn || !self.is_live {
            return;
        }
        self.note_paces(stations, now);
        if core::mem::take(&mut self.is_stirred) {
            self.stretch = Stretch::default();
            (self.runs_in, self.usual) = (false, 0);
            self.begin_section(stations);
            return self.plan_look(1.0);
        }
        if self.held > 0 || self.is_disturbed {
            return self.looks_disturbed(stations, world, now);
        }
        let is_over = self.end_batch(stations, now);
        let gap = if is_over { self.gap(stations, now) } else { None };
        match gap {
            Some(seconds) => {
                self.stand_until(now.after(Span::from_seconds(seconds)), stations, world, now);
            }
            None => self.plan_look(1.0),
        }
    }

    /// Has calls go on, if they stand still.
    pub fn end_gap(&mut self, stations: &mut Stations, now: Moment) {
        if !self.is_live {
            self.resume(stations, now);
        }
    }

    /// A gap is over.
    pub fn resumes(&mut self, stations: &mut Stations, now: Moment, turn: u32) {
        if turn == self.turn {
            self.end_gap(stations, now);
        }
    }

    /// Forgets the warm-up of calls, and begins anew.
    pub fn reset(&mut self, stations: &mut Stations, now: Moment) {
        let calls_now = self.now();
        self.end_gap(stations, now);
        self.library.reset();
        figures::reset(stations, now, calls_now);
        self.stretch = Stretch::default();
        // What was before is no earlier state of what is now.
        self.mark = Figures::default();
        self.begin_section(stations);
    }
}
