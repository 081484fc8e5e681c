//! What happens in a run: to the world, and to those who look at it and steer it.

use seatrial_faults as faults;
use seatrial_fleet as fleet;
use seatrial_kernel::agenda::Class;
use seatrial_traffic as traffic;

/// What happens in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// What happens to the world.
    World(faults::Event),
    /// The cluster is scraped.
    Scrape,
    /// What a scrape saw arrives.
    Seen,
    /// The policies look.
    Tick,
    /// The oldest action on its way arrives.
    Acted,
    /// A day is over.
    DayEnds,
    /// Statistics begin anew.
    WarmedUp,
}

/// The world changes before it is observed, and is observed before it is steered.
pub(crate) const STEER: Class = Class(2);
pub(crate) const CLOSE: Class = Class(3);

const _: () = assert!(size_of::<Event>() <= 8, "events are copied about in the agenda");

impl From<faults::Event> for Event {
    fn from(event: faults::Event) -> Self {
        Self::World(event)
    }
}

impl From<fleet::Event> for Event {
    fn from(event: fleet::Event) -> Self {
        faults::Event::from(event).into()
    }
}

impl From<traffic::Event> for Event {
    fn from(event: traffic::Event) -> Self {
        faults::Event::from(event).into()
    }
}

impl traffic::Hosts for Event {
    #[inline]
    fn of_calls(self) -> Option<traffic::Event> {
        if let Self::World(event) = self { event.of_calls() } else { None }
    }
}

impl fleet::Hosts for Event {}

impl faults::Hosts for Event {}
