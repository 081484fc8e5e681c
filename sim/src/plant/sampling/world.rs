//! What the world does with calls of which only some are lived through.

use super::library::REACH;
use super::stretch::Stretch;
use crate::plant::stations::{Conditions, Figures, StartCall, Stations};
use crate::plant::{Event, WORLD, World};
use seatrial_contract::TenantId;
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Agenda;

/// Paces that change by more than this at once are a step. J.
const STEP: f64 = 0.03;
/// As long as something is lived through that is no part of what is known, it is looked at as often as this,
/// in batches.
const SOON: f64 = 0.1;

impl World {
    /// Calls, and the agenda that they are on.
    pub(crate) fn calls(&mut self) -> (&mut Stations, &mut Agenda<Event>) {
        match &mut self.sampling {
            Some(sampling) => (&mut self.stations, &mut sampling.agenda),
            None => (&mut self.stations, &mut self.agenda),
        }
    }

    /// What time it is for calls.
    pub(crate) fn calls_now(&self) -> Moment {
        match &self.sampling {
            Some(sampling) => sampling.now(),
            None => self.now(),
        }
    }

    /// The next event until then.
    pub(crate) fn next_event(&mut self, ends_at: Moment) -> Option<Event> {
        match &mut self.sampling {
            Some(sampling) => sampling.next(&mut self.stations, &mut self.agenda, ends_at),
            None => self.agenda.next(ends_at).map(|(_, event)| event),
        }
    }

    /// Events of calls that nothing but calls was told of.
    pub(crate) fn sampled_events(&self) -> u64 {
        self.sampling.as_ref().map_or(0, |sampling| sampling.quiet)
    }

    /// Has what is read off the stations be as it would be now.
    pub(crate) fn read_calls(&mut self) {
        let world = self.now();
        if let Some(sampling) = &mut self.sampling {
            sampling.read(&mut self.stations, world);
        }
    }

    /// Begins to sample, if calls are to be.
    pub(crate) fn begin_sampling(&mut self) {
        let world = self.now();
        let Some(sampling) = &mut self.sampling else { return };
        sampling.agenda.pass(world);
        sampling.library.loads = self.stations.loads_of_calls();
        sampling.periods = self.stations.periods();
        self.alerts.watched().for_each(|(source, longest)| self.stations.watch(source, longest));
        sampling.note_paces(&self.stations, world);
        sampling.begin_section(&mut self.stations);
        sampling.plan_look(1.0);
        for (begins, ends) in core::mem::take(&mut sampling.zooms) {
            self.agenda.schedule(begins.max(world), WORLD, Event::ZoomBegins);
            self.agenda.schedule(ends, WORLD, Event::ZoomEnds);
        }
        self.plan_hour();
    }

    /// Plans the next hour of a rhythm.
    fn plan_hour(&mut self) {
        let now = self.now();
        if let Some(at) = self.stations.next_hour(now).filter(|at| *at <= self.design.ends_at) {
            self.agenda.schedule(at, WORLD, Event::HourTurns);
        }
    }

    /// A rhythm goes on to another hour.
    pub(crate) fn hour_turns(&mut self) {
        let world = self.now();
        if let Some(sampling) = &mut self.sampling {
            let before = sampling.paces.now.clone();
            sampling.note_paces(&self.stations, world);
            if sampling.library.loads.paces_apart(&before, &sampling.paces.now) > STEP {
                // The hour that is over was another one.
                self.stir();
            }
            let (stations, agenda) = self.calls();
            stations.follow_rhythms(agenda);
        }
        self.plan_hour();
    }

    /// What calls depend on changes now: they are lived through until nothing moves any more.
    pub(crate) fn stir(&mut self) {
        let world = self.now();
        let Some(sampling) = &mut self.sampling else { return };
        if !sampling.is_live {
            sampling.resume(&mut self.stations, world);
        }
        sampling.is_stirred = true;
        sampling.interrupted = None;
    }

    /// A tenant does something else than before, and calls more or less: once it is much, what is known is
    /// looked up anew.
    pub(crate) fn slide(&mut self) {
        let world = self.now();
        let Some(sampling) = &mut self.sampling else { return };
        sampling.note_paces(&self.stations, world);
        let (before, now) = (&sampling.gap.conditions.paces, &sampling.paces.now);
        if !sampling.is_live && sampling.library.loads.paces_apart(before, now) > REACH {
            sampling.resume(&mut self.stations, world);
        }
    }

    /// A reason to live without gaps comes, or goes.
    pub(crate) fn hold(&mut self, is_on: bool) {
        let world = self.now();
        let Some(sampling) = &mut self.sampling else { return };
        if !sampling.is_live {
            let until = sampling.gap.until;
            sampling.resume(&mut self.stations, world);
            sampling.interrupted = Some(until);
        }
        sampling.is_disturbed = true;
        sampling.held = if is_on { sampling.held + 1 } else { sampling.held.saturating_sub(1) };
        if sampling.held == 0 {
            sampling.plan_look(SOON);
        }
    }

    /// A tenant starts and makes its call: how long that takes, where it need not be lived through.
    pub(crate) fn start_taking(&mut self, id: TenantId) -> Option<Span> {
        let world = self.now();
        let sampling = self.sampling.as_mut()?;
        let conditions = self.stations.conditions(world);
        if !sampling.is_live {
            let loads = &sampling.library.loads;
            let away = |other: &Conditions| loads.apart(&conditions, other);
            if let Some(takes) = sampling.starts.draw(&conditions, away, &mut sampling.stream) {
                return Some(takes);
            }
        }
        sampling.starts.begins(id.0, world, conditions);
        self.hold(true);
        None
    }

    /// What became of a start is known.
    pub(crate) fn start_is_over(&mut self, call: StartCall, is_lived: bool) {
        let world = self.now();
        let Some(sampling) = &mut self.sampling else { return };
        if !is_lived {
            return sampling.starts.drawn_ends();
        }
        sampling.starts.ends(call.tenant.0, world, call.is_answered);
        self.hold(false);
    }

    /// Something was lived through that is no part of what is known; once no more calls are under way than
    /// usual, the gap that it fell into goes on.
    fn looks_disturbed(&mut self) {
        let world = self.now();
        let Some(sampling) = &mut self.sampling else { return };
        sampling.begin_section(&mut self.stations);
        let is_over = sampling.held == 0 && self.stations.under_way() <= sampling.usual.max(1);
        if !is_over && (sampling.held > 0 || sampling.stretch.is_resumed()) {
            return sampling.plan_look(SOON);
        }
        sampling.is_disturbed = false;
        match sampling.interrupted.take().filter(|until| *until > world) {
            Some(until) => self.begin_gap(until),
            None => {
                sampling.runs_in = true;
                sampling.plan_look(1.0);
            }
        }
    }

    /// Calls stand still from now on, until then at the latest.
    fn begin_gap(&mut self, until: Moment) {
        let world = self.now();
        let Some(sampling) = &mut self.sampling else { return };
        sampling.begin_gap(&mut self.stations, world, until);
        if until <= sampling.ends_at {
            let turn = sampling.turn;
            self.agenda.schedule(until, WORLD, Event::Resumes(turn));
        }
    }

    /// A batch is over.
    pub(crate) fn looks(&mut self, turn: u32) {
        let world = self.now();
        let Some(sampling) = &mut self.sampling else { return };
        if turn != sampling.turn || !sampling.is_live {
            return;
        }
        sampling.note_paces(&self.stations, world);
        if core::mem::take(&mut sampling.is_stirred) {
            sampling.stretch = Stretch::default();
            (sampling.runs_in, sampling.usual) = (false, 0);
            sampling.begin_section(&mut self.stations);
            return sampling.plan_look(1.0);
        }
        if sampling.held > 0 || sampling.is_disturbed {
            return self.looks_disturbed();
        }
        let is_over = sampling.end_batch(&mut self.stations, world);
        let gap = if is_over { sampling.gap(&self.stations, world) } else { None };
        match gap {
            Some(seconds) => self.begin_gap(world.after(Span::from_seconds(seconds))),
            None => sampling.plan_look(1.0),
        }
    }

    /// Has calls go on, if they stand still.
    pub(crate) fn end_gap(&mut self) {
        let world = self.now();
        if let Some(sampling) = self.sampling.as_mut().filter(|sampling| !sampling.is_live) {
            sampling.resume(&mut self.stations, world);
        }
    }

    /// A gap is over.
    pub(crate) fn resumes(&mut self, turn: u32) {
        let world = self.now();
        let Some(sampling) = &mut self.sampling else { return };
        if turn == sampling.turn && !sampling.is_live {
            sampling.resume(&mut self.stations, world);
        }
    }

    /// Forgets the warm-up of calls.
    pub(crate) fn reset_calls(&mut self) {
        let (world, now) = (self.now(), self.calls_now());
        self.end_gap();
        if let Some(sampling) = &mut self.sampling {
            sampling.library.reset();
        }
        self.stations.reset(world, now);
        if let Some(sampling) = &mut self.sampling {
            sampling.stretch = Stretch::default();
            // What was before is no earlier state of what is now.
            sampling.mark = Figures::default();
            sampling.begin_section(&mut self.stations);
        }
    }
}
