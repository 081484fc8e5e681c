//! Opens a logbook as the departure of a scenario, or says all that is wrong.

use crate::exit::Stop;
use crate::open;
use crate::view_at::{Found, Wanted};
use seatrial_contract::config::Problems;
use seatrial_format::scenario::Scenario;
use seatrial_format::{Failure, Origin as Source, Sources};
use seatrial_host::{Departure, Origin};
use seatrial_policies::Rebuilt;
use std::sync::Arc;

/// The view of a logbook as the departure of this scenario.
pub fn depart(scenario: &Scenario, wanted: &Wanted<'_>) -> Result<Arc<Departure>, Stop> {
    let Found { last: Rebuilt { view, names }, head, check } = wanted.find()?;
    let origin = Origin { of: head.of, clock: head.clock, check: check.to_string() };
    let (mut problems, mut sources) = (Problems::default(), Sources::default());
    sources.add(wanted.logbook.display().to_string(), "", Source::File);
    Departure::new(scenario, origin, view, names, &mut problems)
        .map(Arc::new)
        .ok_or_else(|| open::stop(&Failure::Wrong { problems, sources }))
}
