//! The simulated world: tenants and machines whose calls go through `seatrial-traffic`, seen and steered by policies.

mod apply;
pub mod catalogue;
pub mod estimate;
mod goals;
mod logbook;
mod naming;
mod open;
mod plant;
mod sense;
mod warnings;

pub use goals::goals;
pub use logbook::Logbook;
pub use open::{Opened, Warnings, open, open_text};
pub use plant::{BrokenLaw, Departure, FailedOver, Loss, Origin, Sentinels, Silent, Watch, World};
