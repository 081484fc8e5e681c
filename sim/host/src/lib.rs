//! Runs policies on a simulated world: the loop, sensing and acting, the start of a run, the logbook. The only
//! room of the simulator that knows the pilot.

mod acting;
mod alerts;
mod build;
pub mod catalogue;
mod departure;
pub mod estimate;
mod event;
mod fork;
mod goals;
mod incidents;
mod invariants;
mod life_states;
mod lives;
mod living;
mod log;
mod logbook;
mod missed;
mod naming;
mod onlooker;
mod open;
mod past;
pub mod rare;
mod recorder;
mod recording;
mod resized;
mod resume;
mod run;
mod sense;
mod sensing;
mod services_scrape;
mod settle;
#[cfg(test)]
mod tests;
mod warnings;
mod world;

pub use departure::{Departure, Origin};
pub use fork::forking;
pub use goals::goals;
pub use invariants::BrokenInvariant;
pub use lives::told_of;
pub use logbook::Logbook;
pub use onlooker::{Onlooker, Ticked};
pub use open::{Opened, Warnings, open, open_text};
pub use recorder::recorded;
pub use recording::{Recording, resolution};
pub use run::{Silent, Watch, look_on};
pub use world::World;

use seatrial_contract::units::Moment;
use seatrial_format::scenario::Scenario;

/// When runs of a scenario start.
#[must_use]
pub fn starts(scenario: &Scenario) -> Moment {
    departure::starts(scenario, None)
}
