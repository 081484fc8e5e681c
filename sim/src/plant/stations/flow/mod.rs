//! Calls as rates: the same sources, caches, services, pools and databases as request by request, at a
//! cost that does not depend on how many calls there are. Draws nothing but what becomes of a single
//! call.
//!
//! Between two events of the world rates are constant. A [`Flow`] carries them through the stations
//! in steps: short ones while something changes, long ones while nothing does. In each step every
//! station's number moves on as a distribution ([`chain`]), and what calls find there becomes the
//! spread of their waits. What it amounts to is poured into the statistics of requests ([`deposit`]),
//! so that both grains have the same metrics. Memory that crashes a database and standbys that fall
//! behind are not followed.

mod again;
mod backlog;
mod bins;
mod chain;
mod deposit;
mod gate;
mod handing;
mod lay_out;
mod line;
mod path;
mod patience;
mod shared;
mod shelf;
mod single;
mod source;
mod spread;
mod steps;
mod stream;
mod urgency;
mod window;
mod zoom;

use super::Stations;
use super::databases::Database;
use super::poolers::Pooler;
use super::service::Service;
use super::{Cache, Doing};
use crate::kernel::agenda::Agenda;
use crate::plant::{Event, WORLD};
use gate::Gate;
use lay_out::Base;
use line::{Line, Tools};
use seatrial_contract::TenantId;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::Discipline;
use shelf::Shelf;
use steps::{EASY, QUIET};
use stream::Stream;
use zoom::Zooms;

/// Steps are no longer than this where there may be long lines, where there are short ones, and where
/// there are none.
const STEP_MOST: Span = Span::seconds(60);
const STEP_MOST_EASY: Span = Span::minutes(3);
const STEP_MOST_QUIET: Span = Span::minutes(10);

/// All calls of a scenario, as rates.
pub(super) struct Flow {
    /// Carried so far.
    pub(super) until: Moment,
    /// What ends before this is not counted.
    counted_from: Moment,
    /// What ends after this is counted elsewhere.
    counted_to: Moment,
    /// The next step in seconds.
    step: f64,
    /// A database went or came back, or an interval of single calls is over: whatever was known may be wrong.
    is_stirred: bool,
    stirred_at: Moment,
    streams: Vec<Stream>,
    lines: Vec<Line>,
    shelves: Vec<Shelf>,
    gates: Vec<Gate>,
    bases: Vec<Base>,
    tools: Tools,
    voyage_starts: Moment,
    zooms: Option<Box<Zooms>>,
}

/// Where statistics over time are kept.
struct Sinks<'a> {
    services: &'a mut [Service],
    caches: &'a mut [Cache],
    databases: &'a mut [Database],
    poolers: &'a mut [Pooler],
}

impl Flow {
    /// Calls of a source that are over, and those of them that failed or took longer than this.
    pub(super) fn worse_than(&self, source: usize, longest: Span) -> (u64, u64) {
        self.streams.get(source).map_or((0, 0), |stream| stream.worse_than(longest.as_seconds()))
    }

    /// Until when rates stay as they are.
    fn next_change(&self, now: Moment) -> Moment {
        let changes = self.streams.iter().map(|stream| stream.calling.next_change(now));
        let zooms = self.zooms.as_ref().map_or(Moment::NEVER, |zooms| zooms.look_at(now));
        let gates = self.gates.iter();
        let gates = gates.map(|gate| gate.next_change(&self.bases[gate.database], now));
        changes.chain(gates).min().unwrap_or(Moment::NEVER).min(zooms)
    }
}

impl Stations {
    /// Carries the flow to now, and plans when to do so again.
    pub(crate) fn flows(&mut self, agenda: &mut Agenda<Event>) {
        let now = agenda.now();
        self.carry_flow(now);
        self.zoom_in(now);
        self.plan_flows(now, agenda);
    }

    pub(super) fn plan_flows(&mut self, now: Moment, agenda: &mut Agenda<Event>) {
        let Some(flow) = &self.flow else { return };
        let most = match flow.load() {
            load if load < QUIET => STEP_MOST_QUIET,
            load if load < EASY => STEP_MOST_EASY,
            _ => STEP_MOST,
        };
        let at = now.after(most).min(flow.next_change(now)).min(self.ends_at);
        if at > now {
            agenda.schedule(at, WORLD, Event::Flows);
        }
    }

    /// An interval of single calls begins, if one is due.
    fn zoom_in(&mut self, now: Moment) {
        let (dice, ends_at) = (self.dice, self.ends_at);
        let Some(flow) = &mut self.flow else { return };
        let Some(mut zooms) = flow.zooms.take() else { return };
        if !zooms.is_on() && zooms.next() <= now && now < ends_at {
            zooms.begin(now, flow, dice);
        }
        flow.zooms = Some(zooms);
    }

    /// Lives through an interval of single calls, if one is on; true where that is all until now.
    fn carry_zoom(&mut self, now: Moment) -> bool {
        let Some(zooms) = self.flow.as_mut().and_then(|flow| flow.zooms.as_mut()) else {
            return false;
        };
        if !zooms.is_on() {
            return false;
        }
        let ended = zooms.carry(now);
        self.starts.extend(zooms.starts());
        if let Some(mut zoomed) = ended {
            self.starts.extend(core::iter::from_fn(|| zoomed.next_start()));
            self.merge(&mut zoomed, now);
            if let Some(flow) = &mut self.flow {
                flow.counted_to = flow.zooms.as_ref().map_or(Moment::NEVER, |of| of.next());
                flow.counted_to = flow.counted_to.min(self.ends_at);
                flow.take_back(now, &zoomed);
            }
        }
        true
    }

    /// Forgets the warm-up of an interval of single calls.
    pub(super) fn reset_zoom(&mut self, now: Moment) {
        if let Some(zooms) = self.flow.as_mut().and_then(|flow| flow.zooms.as_mut()) {
            zooms.reset(now);
        }
    }

    /// A database goes, or comes back: until now it was otherwise. True where calls are rates.
    pub(super) fn outage_flows(&mut self, now: Moment) -> bool {
        self.carry_flow(now);
        let Some(flow) = &mut self.flow else { return false };
        flow.is_stirred = true;
        true
    }

    /// Brings all statistics up to a moment.
    pub(super) fn carry_flow(&mut self, now: Moment) {
        if self.carry_zoom(now) {
            return;
        }
        let Some(flow) = &mut self.flow else { return };
        let mut sinks = Sinks {
            services: &mut self.services,
            caches: &mut self.caches,
            databases: &mut self.databases,
            poolers: &mut self.poolers,
        };
        flow.carry(now, &mut sinks);
        for (stream, source) in flow.streams.iter_mut().zip(&mut self.sources) {
            stream.tell(now, source);
        }
    }

    /// Events within intervals of single calls.
    pub(crate) fn zoomed_events(&self) -> u64 {
        let zooms = self.flow.as_ref().and_then(|flow| flow.zooms.as_ref());
        zooms.map_or(0, |zooms| zooms.events())
    }

    /// Pours what flowed into the statistics of requests: at the end, once.
    pub(crate) fn settle(&mut self, now: Moment) {
        // The window that is not over counts as far as it came.
        self.judge_all(now);
        self.carry_flow(now);
        let Some(flow) = &mut self.flow else { return };
        for (stream, source) in flow.streams.iter_mut().zip(&mut self.sources) {
            let is_shared = source
                .service
                .is_some_and(|of| self.services[of].discipline == Discipline::Sharing);
            stream.pour(source, is_shared);
        }
        for gate in &mut flow.gates {
            let pooler = gate.pooler.map(|of| &mut self.poolers[of]);
            gate.pour(pooler, &mut self.databases[gate.database]);
        }
    }

    /// A tenant does something else than before: rates change with it. True where calls are rates.
    pub(super) fn tenant_flows(&mut self, id: TenantId, doing: Doing, now: Moment) -> bool {
        let Some(flow) = &self.flow else { return false };
        if flow.swings(now) {
            self.carry_flow(now);
        }
        let Some(flow) = &mut self.flow else { return false };
        flow.tenants_change(id, doing, &mut self.sources, now);
        if let Some(zooms) = &mut flow.zooms {
            zooms.tenant_does(id, doing, now);
        }
        true
    }
}
