//! Intervals of a flow in which each call is an event. Stations of their own, with an agenda of their
//! own, live through them: they begin with as many calls as the flow has, and hand as many back. The
//! world's events come in between, in the order of time.

use super::Flow;
use crate::kernel::agenda::Agenda;
use crate::plant::stations::Stations;
use crate::plant::stations::crowd::Doing;
use crate::plant::stations::endings::StartCall;
use crate::plant::{Event, WORLD};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, TenantId};
use seatrial_format::scenario::{Grain, Scenario};

/// The intervals, and the one that is lived through now.
pub(super) struct Zooms {
    scenario: Scenario,
    /// From and until when, those to come in order, the next one last.
    to_come: Vec<(Moment, Moment)>,
    /// What each tenant does.
    does: Vec<Doing>,
    now: Option<Zoom>,
    /// Events of all intervals that are over.
    events: u64,
}

/// One interval.
struct Zoom {
    until: Moment,
    stations: Box<Stations>,
    agenda: Agenda<Event>,
    events: u64,
}

/// What starts wait for is looked up as often as this.
const LOOKS: Span = Span::millis(100);

impl Zooms {
    /// None where there are none.
    pub(super) fn new(scenario: &Scenario, starts: Moment) -> Option<Self> {
        let ends_at = starts.after(*scenario.duration);
        let mut to_come: Vec<(Moment, Moment)> = Vec::new();
        let mut all: Vec<(Moment, Moment)> = scenario
            .zoom
            .iter()
            .map(|zoom| {
                let begins = starts.after(zoom.at.value);
                (begins, begins.after(zoom.lasts.value).min(ends_at))
            })
            .collect();
        all.sort_unstable();
        for (begins, ends) in all {
            match to_come.last_mut() {
                // One that begins within another only makes it longer.
                Some(last) if begins <= last.1 => last.1 = last.1.max(ends),
                _ => to_come.push((begins, ends)),
            }
        }
        to_come.reverse();
        let scenario = Scenario { grain: Grain::Request, zoom: Vec::new(), ..scenario.clone() };
        (!to_come.is_empty()).then(|| Self {
            scenario,
            to_come,
            does: Vec::new(),
            now: None,
            events: 0,
        })
    }

    /// When the next one begins, or this one ends.
    pub(super) fn next(&self) -> Moment {
        match &self.now {
            Some(zoom) => zoom.until,
            None => self.to_come.last().map_or(Moment::NEVER, |(begins, _)| *begins),
        }
    }

    /// When calls are looked at next.
    pub(super) fn look_at(&self, now: Moment) -> Moment {
        if self.now.is_some() { now.after(LOOKS).min(self.next()) } else { self.next() }
    }

    /// Events of all intervals so far.
    pub(super) fn events(&self) -> u64 {
        self.events + self.now.as_ref().map_or(0, |zoom| zoom.events)
    }

    pub(super) const fn is_on(&self) -> bool {
        self.now.is_some()
    }

    /// Notes what a tenant does; an interval that is on feels it.
    pub(super) fn tenant_does(&mut self, id: TenantId, doing: Doing, now: Moment) {
        if self.does.len() <= id.index() {
            let nothing = Doing { tier: doing.tier, awake: false, in_session: false, bots: 0 };
            self.does.resize(id.index() + 1, nothing);
        }
        if let Some(zoom) = &mut self.now {
            zoom.carry(now, &self.does);
            zoom.stations.tenant_does(id, doing, &mut zoom.agenda);
        }
        self.does[id.index()] = doing;
    }

    /// A tenant starts; true where an interval is on.
    pub(super) fn start(&mut self, id: TenantId, tier: usize, turn: u32, now: Moment) -> bool {
        let Some(zoom) = &mut self.now else { return false };
        zoom.carry(now, &self.does);
        zoom.stations.start(id, tier, (turn, false), &mut zoom.agenda);
        true
    }

    /// What became of the starts since.
    pub(super) fn starts(&mut self) -> Vec<StartCall> {
        let mut all = Vec::new();
        if let Some(zoom) = &mut self.now {
            all.extend(core::iter::from_fn(|| zoom.stations.next_start()));
        }
        all
    }

    /// Lives on until a moment; returns the stations where that is the interval's end.
    pub(super) fn carry(&mut self, now: Moment) -> Option<Box<Stations>> {
        let zoom = self.now.as_mut()?;
        zoom.carry(now.min(zoom.until), &self.does);
        if now < zoom.until {
            return None;
        }
        let zoom = self.now.take()?;
        self.events += zoom.events;
        Some(zoom.stations)
    }

    pub(super) fn reset(&mut self, now: Moment) {
        if let Some(zoom) = &mut self.now {
            zoom.carry(now, &self.does);
            zoom.stations.reset(now, now);
        }
    }

    /// An interval begins, with the backlog of the flow.
    pub(super) fn begin(&mut self, now: Moment, flow: &Flow, dice: Dice) {
        let Some((_, until)) = self.to_come.pop() else { return };
        // Each interval has a chance of its own.
        let number = self.to_come.len() as u64;
        let dice = Dice::new(dice.seed() ^ (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut stations = Box::new(Stations::new(&self.scenario, dice, now));
        stations.ends_at = until;
        let begun = stations.put_off_outages(now, until, flow.voyage_starts);
        let mut agenda = Agenda::new();
        // Its time is that of the world.
        agenda.schedule(now, WORLD, Event::Flows);
        let _ = agenda.next(now);
        for (at, shelf) in flow.shelves.iter().enumerate() {
            for (number, space) in shelf.spaces.iter().enumerate() {
                let number = u32::try_from(number).unwrap_or_default();
                stations.caches[at].fill(number, space.ranks(), now);
            }
        }
        stations.plan_outages(&mut agenda, now);
        stations.launch(&mut agenda, now);
        for database in begun {
            stations.outage_begins(database, &mut agenda);
        }
        stations.take_backlog(flow, &mut agenda);
        for (id, doing) in (0..).map(TenantId::at).zip(&self.does) {
            stations.tenant_does(id, *doing, &mut agenda);
        }
        self.now = Some(Zoom { until, stations, agenda, events: 0 });
    }
}

impl Zoom {
    fn carry(&mut self, now: Moment, does: &[Doing]) {
        while let Some((_, event)) = self.agenda.next(now) {
            self.events += 1;
            match event {
                Event::TenantCalls(source, id) => {
                    let doing = does[id.index()];
                    self.stations.tenant_calls(source, id, doing, &mut self.agenda);
                }
                event => self.stations.happen(event, &mut self.agenda),
            }
        }
        // Time goes on, where nothing may be due.
        self.agenda.schedule(now, WORLD, Event::Flows);
        let _ = self.agenda.next(now);
    }
}

impl Stations {
    /// Only those outages that touch the interval; returns the databases of those that have begun.
    fn put_off_outages(&mut self, now: Moment, until: Moment, voyage_starts: Moment) -> Vec<u16> {
        let later = now.since(voyage_starts);
        for (_, begins, ends) in &mut self.outages {
            let early = |at: Moment| Moment(at.0.saturating_sub(later.0));
            (*begins, *ends) = (early(*begins), early(*ends));
        }
        self.outages.retain(|(_, begins, ends)| *ends > now && *begins < until);
        let begun = self.outages.iter().filter(|(_, begins, _)| *begins < now);
        begun.map(|(database, ..)| *database).collect()
    }
}
