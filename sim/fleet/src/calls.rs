//! Calls of which only some are lived through, as the world has to do with them: who tells the sampling what.

use crate::{Fleet, Hosts};
use seatrial_contract::TenantId;
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Agenda;
use seatrial_traffic::sampling::{reading, told, world};
use seatrial_traffic::{self as traffic, StartCall, Stations};
use seatrial_traffic::{callers, dispatch, figures};

impl<E: Hosts> Fleet<E> {
    /// Calls, and the agenda that they are on.
    pub fn calls(&mut self) -> (&mut Stations, &mut Agenda<E>) {
        match &mut self.traffic.sampling {
            Some(sampling) => (&mut self.traffic.stations, sampling.agenda()),
            None => (&mut self.traffic.stations, &mut self.schedule.agenda),
        }
    }

    /// What time it is for calls.
    pub fn calls_now(&self) -> Moment {
        match &self.traffic.sampling {
            Some(sampling) => sampling.now(),
            None => self.now(),
        }
    }

    /// The next event until then.
    pub fn next_event(&mut self, ends_at: Moment) -> Option<E> {
        match &mut self.traffic.sampling {
            Some(sampling) => {
                sampling.next(&mut self.traffic.stations, &mut self.schedule.agenda, ends_at)
            }
            None => self.schedule.agenda.next(ends_at).map(|(_, event)| event),
        }
    }

    /// Events of calls that nothing but calls was told of.
    pub fn sampled_events(&self) -> u64 {
        self.traffic.sampling.as_ref().map_or(0, |sampling| sampling.quiet())
    }

    /// Has what is read off the stations be as it would be now.
    pub fn read_calls(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.traffic.sampling {
            reading::read(sampling, &mut self.traffic.stations, now);
        }
    }

    /// Begins to sample, if calls are to be.
    pub fn begin_sampling(&mut self, watched: impl Iterator<Item = (usize, Span)>) {
        let now = self.now();
        if let Some(sampling) = &mut self.traffic.sampling {
            world::begin(
                sampling,
                &mut self.traffic.stations,
                &mut self.schedule.agenda,
                now,
                watched,
            );
        }
    }

    /// An event of calls.
    pub fn call_happens(&mut self, event: traffic::Event) {
        if let traffic::Event::TenantCalls(source, id) = event {
            let does = self.tenants[id.index()].usage.does;
            let (stations, agenda) = self.calls();
            return callers::tenant_calls(stations, source, id, does, agenda);
        }
        if self.traffic.sampling.is_none() {
            return dispatch::happen(&mut self.traffic.stations, event, &mut self.schedule.agenda);
        }
        if let traffic::Event::DatabaseBack(_)
        | traffic::Event::CacheBack(..)
        | traffic::Event::Restored(..)
        | traffic::Event::Follows(..) = event
        {
            self.stir();
        }
        let now = self.now();
        let (stations, world) = (&mut self.traffic.stations, &mut self.schedule.agenda);
        let Some(sampling) = &mut self.traffic.sampling else { return };
        match event {
            traffic::Event::Looks(turn) => world::looks(sampling, stations, world, now, turn),
            traffic::Event::Resumes(turn) => world::resumes(sampling, stations, now, turn),
            traffic::Event::HourTurns => world::hour_turns(sampling, stations, world, now),
            traffic::Event::ZoomBegins => world::hold(sampling, stations, now, true),
            traffic::Event::ZoomEnds => world::hold(sampling, stations, now, false),
            traffic::Event::Calls(_)
            | traffic::Event::LookedUp(_)
            | traffic::Event::Served(_)
            | traffic::Event::TimesOut(_)
            | traffic::Event::TenantCalls(..)
            | traffic::Event::Connected(_)
            | traffic::Event::Queried(_)
            | traffic::Event::Committed(_)
            | traffic::Event::PoolGivesUp(_)
            | traffic::Event::Overdue(_)
            | traffic::Event::Unreached(_)
            | traffic::Event::Retries(_)
            | traffic::Event::PoolSwept(_)
            | traffic::Event::Reconnects(_)
            | traffic::Event::DatabaseBack(_)
            | traffic::Event::CacheBack(..)
            | traffic::Event::Restored(..)
            | traffic::Event::Follows(..)
            | traffic::Event::Happened => dispatch::happen(stations, event, sampling.agenda()),
        }
    }

    /// What calls depend on changes now.
    pub fn stir(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.traffic.sampling {
            world::stir(sampling, &mut self.traffic.stations, now);
        }
    }

    /// A tenant does something else than before, and calls more or less.
    pub fn slide(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.traffic.sampling {
            world::slide(sampling, &mut self.traffic.stations, now);
        }
    }

    /// A tenant starts and makes its call: how long that takes, where it need not be lived through.
    pub fn start_taking(&mut self, id: TenantId) -> Option<Span> {
        let now = self.now();
        let sampling = self.traffic.sampling.as_mut()?;
        world::start_taking(sampling, &mut self.traffic.stations, now, id)
    }

    /// What became of a start is known.
    pub fn start_is_over(&mut self, call: StartCall, is_lived: bool) {
        let now = self.now();
        if let Some(sampling) = &mut self.traffic.sampling {
            world::start_is_over(sampling, &mut self.traffic.stations, now, call, is_lived);
        }
    }

    /// Has calls go on, if they stand still.
    pub fn end_gap(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.traffic.sampling {
            world::end_gap(sampling, &mut self.traffic.stations, now);
        }
    }

    /// At the end: has what was lived through stand for all time.
    pub fn end_sampling(&mut self) {
        let now = self.now();
        if let Some(sampling) = &mut self.traffic.sampling {
            told::end(sampling, &mut self.traffic.stations, now);
        }
    }

    /// Forgets the warm-up of calls.
    pub fn reset_calls(&mut self) {
        let now = self.now();
        match &mut self.traffic.sampling {
            Some(sampling) => world::reset(sampling, &mut self.traffic.stations, now),
            None => figures::reset(&mut self.traffic.stations, now, now),
        }
    }
}
