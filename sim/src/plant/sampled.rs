//! Calls of which only some are lived through, as the world has to do with them: who tells the sampling what.

use super::{Event, World};
use seatrial_contract::TenantId;
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Agenda;
use seatrial_traffic::{self as traffic, StartCall, Stations};

impl World {
    /// Calls, and the agenda that they are on.
    pub(crate) fn calls(&mut self) -> (&mut Stations, &mut Agenda<Event>) {
        match &mut self.sampling {
            Some(sampling) => (&mut self.stations, sampling.agenda()),
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
        self.sampling.as_ref().map_or(0, |sampling| sampling.quiet())
    }

    /// Has what is read off the stations be as it would be now.
    pub(crate) fn read_calls(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.sampling {
            sampling.read(&mut self.stations, now);
        }
    }

    /// Begins to sample, if calls are to be.
    pub(crate) fn begin_sampling(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.sampling {
            let watched = self.alerts.watched();
            sampling.begin(&mut self.stations, &mut self.agenda, now, watched);
        }
    }

    /// An event of calls.
    pub(crate) fn call_happens(&mut self, event: traffic::Event) {
        let now = self.now();
        if let traffic::Event::OutageBegins(_) | traffic::Event::OutageEnds(_) = event {
            self.stir();
        }
        if let traffic::Event::TenantCalls(source, id) = event {
            let does = self.tenants[id.index()].does;
            let (stations, agenda) = self.calls();
            return stations.tenant_calls(source, id, does, agenda);
        }
        let (stations, world) = (&mut self.stations, &mut self.agenda);
        let Some(sampling) = &mut self.sampling else { return stations.happen(event, world) };
        match event {
            traffic::Event::Looks(turn) => sampling.looks(stations, world, now, turn),
            traffic::Event::Resumes(turn) => sampling.resumes(stations, now, turn),
            traffic::Event::HourTurns => sampling.hour_turns(stations, world, now),
            traffic::Event::ZoomBegins => sampling.hold(stations, now, true),
            traffic::Event::ZoomEnds => sampling.hold(stations, now, false),
            event => stations.happen(event, sampling.agenda()),
        }
    }

    /// What calls depend on changes now.
    pub(crate) fn stir(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.sampling {
            sampling.stir(&mut self.stations, now);
        }
    }

    /// A tenant does something else than before, and calls more or less.
    pub(crate) fn slide(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.sampling {
            sampling.slide(&mut self.stations, now);
        }
    }

    /// A tenant starts and makes its call: how long that takes, where it need not be lived through.
    pub(crate) fn start_taking(&mut self, id: TenantId) -> Option<Span> {
        let now = self.now();
        self.sampling.as_mut()?.start_taking(&mut self.stations, now, id)
    }

    /// What became of a start is known.
    pub(crate) fn start_is_over(&mut self, call: StartCall, is_lived: bool) {
        let now = self.now();
        if let Some(sampling) = &mut self.sampling {
            sampling.start_is_over(&mut self.stations, now, call, is_lived);
        }
    }

    /// Has calls go on, if they stand still.
    pub(crate) fn end_gap(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.sampling {
            sampling.end_gap(&mut self.stations, now);
        }
    }

    /// At the end: has what was lived through stand for all time.
    pub(crate) fn end_sampling(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.sampling {
            sampling.end(&mut self.stations, now);
        }
    }

    /// Forgets the warm-up of calls.
    pub(crate) fn reset_calls(&mut self) {
        let now = self.now();
        match &mut self.sampling {
            Some(sampling) => sampling.reset(&mut self.stations, now),
            None => self.stations.reset(now, now),
        }
    }
}
