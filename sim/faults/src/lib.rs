//! What disturbs a fleet: something is lost, cut off or slowed from a moment on, perhaps until another. One
//! kind a file, and one line in `catalog.rs`. Knows no cure: what fails over, starts anew or is replaced
//! does so where it stands, in `seatrial-traffic` and `seatrial-fleet`.

mod catalog;
mod event;

pub use event::{Event, Hosts};

use catalog::Kind;
use seatrial_contract::units::{Moment, Span};
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;
use seatrial_kernel::agenda::Agenda;
use seatrial_traffic::WORLD;

/// A kind of fault. What one needs to know of itself is in its fields.
trait Fault: Sized {
    /// Those that a scenario has, and when.
    fn planned(scenario: &Scenario) -> Vec<Planned<Self>>;
    /// Begins to disturb the fleet.
    fn begin<E: Hosts>(&self, fleet: &mut Fleet<E>);
    /// Disturbs it no longer. What is lost at one moment has no end.
    fn end<E: Hosts>(&self, _: &mut Fleet<E>) {}
}

/// When a fault disturbs, counted from the start of the run.
struct Planned<F> {
    fault: F,
    at: Span,
    lasts: Option<Span>,
}

/// All faults of a run.
pub struct Faults(Vec<Planned<Kind>>);

impl Faults {
    /// The faults of a scenario.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        Self(catalog::planned(scenario))
    }

    /// Has all of them come in a run that starts then.
    pub fn plan<E: Hosts>(&self, starts: Moment, agenda: &mut Agenda<E>) {
        for (number, planned) in self.0.iter().enumerate() {
            let number = u32::try_from(number).expect("faults can be numbered");
            let at = starts.after(planned.at);
            agenda.schedule(at, WORLD, Event::Begins(number).into());
            if let Some(lasts) = planned.lasts {
                agenda.schedule(at.after(lasts), WORLD, Event::Ends(number).into());
            }
        }
    }

    /// Something happens to the fleet.
    #[inline]
    pub fn happen<E: Hosts>(&self, fleet: &mut Fleet<E>, event: Event) {
        match event {
            Event::Fleet(event) => seatrial_fleet::happen(fleet, event),
            Event::Begins(number) => self.0[number as usize].fault.begin(fleet),
            Event::Ends(number) => self.0[number as usize].fault.end(fleet),
        }
    }
}
