//! Calls that are lived through for part of the time. They have an agenda and a time of their own: while
//! nothing changes, that time stands still, the world goes on, and what was lived through stands for what
//! was not. Then calls go on as they stood.
//!
//! A *batch* is some hundred calls, a *section* a few batches with their figures, a *stretch* all since
//! something changed. Once a stretch is steady (`stretch`) its sections are kept (`library`), and gaps
//! lie between one section and the next: the longer, the less a figure still has to be known.

mod extrapolated;
mod gaps;
mod library;
pub mod reading;
mod regimes;
mod section;
mod sections;
mod starts;
mod stretch;
pub mod told;
pub mod world;

use crate::Stations;
use crate::dispatch;
use crate::event::{Event, Hosts};
use gaps::Gap;
use library::Library;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose, Stream};
use seatrial_format::scenario::{Scenario, Zoom};
use seatrial_kernel::agenda::Agenda;
use seatrial_kernel::statistics::float;
use sections::{Batch, Paces};
use starts::Starts;
use stretch::Stretch;
use told::Told;

const GAPS: Purpose = Purpose::new("gaps between samples");

/// The time of calls, and what is known of them.
pub struct Sampling<E> {
    agenda: Agenda<E>,
    time: Time,
    disturbed: Disturbed,
    effort: Effort,
    stream: Stream,
    known: Known,
    stretch: Stretch,
    batch: Batch,
    paces: Paces,
    gap: Gap,
    told: Told,
    zooms: Vec<(Moment, Moment)>,
}

/// The time of calls, which stands still in gaps.
struct Time {
    /// The world is so far ahead of the calls.
    ahead: Span,
    is_live: bool,
    /// Of the next look, or the end of the gap: those of other numbers are not meant any more.
    turn: u32,
    starts_at: Moment,
    ends_at: Moment,
}

/// What keeps calls from standing still.
#[derive(Default)]
struct Disturbed {
    /// So many reasons to live without gaps.
    held: u32,
    /// There was one since the last section, which is not told apart from what it has left behind.
    is_disturbed: bool,
    /// Something changed of which the stretch does not know yet.
    is_stirred: bool,
    /// The gap that was interrupted was to end then.
    interrupted: Option<Moment>,
    /// The most calls that were under way at a batch's end since it is steady.
    usual: u64,
}

/// How much is lived through.
struct Effort {
    /// What part of itself a mean may be off, 19 times in 20, and how many events that may cost where
    /// nothing moves.
    precision: f64,
    events_most: f64,
    events: u64,
    /// Those of them that the world was not told of.
    quiet: u64,
    /// Events of a section of the usual length, about.
    events_each: f64,
}

/// What is known of calls under the conditions that they were under.
struct Known {
    library: Library,
    starts: Starts,
    /// The state that calls are in where there are several under the same conditions, and how many are
    /// known.
    regime: u64,
    regimes: u64,
}

impl<E: Hosts> Sampling<E> {
    /// None has been lived through yet.
    #[must_use]
    pub fn new(scenario: &Scenario, dice: Dice, starts: Moment) -> Box<Self> {
        Box::new(Self {
            agenda: Agenda::new(),
            time: Time {
                ahead: Span::ZERO,
                is_live: true,
                turn: 0,
                starts_at: starts,
                ends_at: starts.after(*scenario.duration),
            },
            disturbed: Disturbed::default(),
            effort: Effort {
                precision: f64::from(scenario.precision.value.0) / 1e6,
                events_most: float(scenario.events_most.value),
                events: 0,
                quiet: 0,
                events_each: 0.0,
            },
            stream: dice.stream(0, GAPS),
            known: Known {
                library: Library::default(),
                starts: Starts::default(),
                regime: 0,
                regimes: 1,
            },
            stretch: Stretch::default(),
            batch: Batch::new(starts),
            paces: Paces::new(starts),
            gap: Gap::default(),
            told: Told::default(),
            zooms: zooms(scenario, starts),
        })
    }

    /// The next event of the world, or of what calls mean for it; calls happen before that on the way.
    pub fn next(
        &mut self,
        stations: &mut Stations,
        world: &mut Agenda<E>,
        ends_at: Moment,
    ) -> Option<E> {
        if !self.time.is_live {
            return world.next(ends_at).map(|(_, event)| event);
        }
        loop {
            let due = world.soonest().unwrap_or(Moment::NEVER);
            // Of an event of the world and one of calls at the same time that of the world goes first, as what
            // is planned first does.
            let until = Moment(due.0.saturating_sub(1).min(ends_at.0) - self.time.ahead.0);
            while let Some((at, event)) = self.agenda.next(until) {
                self.effort.events += 1;
                self.effort.quiet += 1;
                let is_ours = |of: &Event| !matches!(of, Event::Looks(_) | Event::TenantCalls(..));
                let Some(calls) = event.of_calls().filter(is_ours) else {
                    world.pass(at.after(self.time.ahead));
                    self.effort.quiet -= 1;
                    return Some(event);
                };
                dispatch::happen(stations, calls, &mut self.agenda);
                if stations.has_starts() {
                    world.pass(at.after(self.time.ahead));
                    self.effort.quiet -= 1;
                    return Some(Event::Happened.into());
                }
            }
            let calls = self.agenda.soonest().map_or(Moment::NEVER, |at| at.after(self.time.ahead));
            if let Some((at, event)) = world.next(calls.min(ends_at)) {
                self.agenda.pass(Moment(at.0 - self.time.ahead.0));
                return Some(event);
            }
            if calls > ends_at {
                return None;
            }
        }
    }

    /// What time it is for calls.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.agenda.now().max(self.time.starts_at)
    }
}

/// When each call is lived through, whatever is known, from and until when.
fn zooms(scenario: &Scenario, starts: Moment) -> Vec<(Moment, Moment)> {
    let span = |zoom: &Zoom| {
        let begins = starts.after(zoom.at.value);
        (begins, begins.after(zoom.lasts.value))
    };
    scenario.zoom.iter().map(span).collect()
}
