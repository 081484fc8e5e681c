//! What has to be so for a service to fail in somebody's sight. Decides nothing.

use crate::kind::Checked;
use seatrial_contract::config::{Located, Path, Place, Problems};

/// Whether somebody is told of a failed call to it.
fn is_heard(name: &str, of: &Checked<'_>) -> bool {
    of.traffic.iter().any(|calls| calls.called() == Some(name) && calls.is_traced())
}

/// Says that nobody would hear of a failed call to that service.
pub(crate) fn check_callers(
    service: &Located<String>,
    of: &Checked<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let is_there = of.services.iter().any(|of| of.name.as_str() == service.value);
    if is_there && !is_heard(service, of) {
        let message = "nobody is told of a failed call to it";
        let remedy = "give a `[[traffic]]` that calls it a `time_out`, `retry` or queries";
        problems.add(&Path::Key(path, "service"), service.place, message, remedy);
    }
}

/// Says that on machines of that pool no service stands whose failures somebody would hear of.
pub(crate) fn check_standing(
    pool: Option<&Located<String>>,
    of: &Checked<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let stands = |on: &Located<String>| pool.is_none_or(|pool| pool.value == on.value);
    let mut there =
        of.services.iter().filter(|of| of.on.as_ref().is_some_and(|on| stands(&on.pool)));
    if !there.any(|service| is_heard(service.name.as_str(), of)) {
        let place = pool.map_or(Place::default(), |pool| pool.place);
        let message = "no service stands there of whose failed calls anybody is told";
        let remedy = "give a `[[services]]` an `on` with that pool, and a `[[traffic]]` that calls it a `time_out`";
        let path = if pool.is_some() { &Path::Key(path, "pool") } else { path };
        problems.add(path, place, message, remedy);
    }
}
