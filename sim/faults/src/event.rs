//! What happens to a fleet that is disturbed.

use seatrial_fleet as fleet;
use seatrial_traffic as traffic;

/// What happens to a fleet that is disturbed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// What happens to the fleet.
    Fleet(fleet::Event),
    /// The fault at that clock begins.
    Begins(u32),
    /// The one at that place goes on with its script.
    GoesOn(u32),
    /// It is over.
    Ends(u32),
}

const _: () = assert!(size_of::<Event>() <= 8, "events are copied about in the agenda");

impl From<fleet::Event> for Event {
    fn from(event: fleet::Event) -> Self {
        Self::Fleet(event)
    }
}

impl From<traffic::Event> for Event {
    fn from(event: traffic::Event) -> Self {
        fleet::Event::from(event).into()
    }
}

impl traffic::Hosts for Event {
    #[inline]
    fn of_calls(self) -> Option<traffic::Event> {
        if let Self::Fleet(event) = self { event.of_calls() } else { None }
    }
}

impl fleet::Hosts for Event {}

/// Events of a world that faults are a part of.
pub trait Hosts: fleet::Hosts + From<Event> {}

impl Hosts for Event {}
