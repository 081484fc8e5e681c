//! The states that calls can be in under the same conditions. Decides nothing.

use super::Sampling;
use super::library::LEAST;
use crate::event::Hosts;
use crate::{Conditions, Stations, steadying};
use seatrial_contract::units::Moment;

/// What calls depend on now. Where they can be in several states under the same conditions, the one that
/// they are in counts among those.
pub(super) fn conditions<E: Hosts>(
    sampling: &Sampling<E>,
    stations: &Stations,
    world: Moment,
) -> Conditions {
    let mut conditions = steadying::conditions(stations, world);
    conditions.shape.push(sampling.known.regime);
    conditions
}

/// Calls are in another state than the one that is known under these conditions: in one that was known
/// before, or in a new one.
pub(super) fn find_regime<E: Hosts>(sampling: &mut Sampling<E>, conditions: &Conditions) {
    if !find_known_regime(sampling, conditions) {
        sampling.known.regime = sampling.known.regimes;
        sampling.known.regimes += 1;
    }
}

/// Whether calls are in a state that is known under these conditions.
pub(super) fn find_known_regime<E: Hosts>(
    sampling: &mut Sampling<E>,
    conditions: &Conditions,
) -> bool {
    let mut conditions = conditions.clone();
    let found = (0..sampling.known.regimes).find(|regime| {
        if let Some(last) = conditions.shape.last_mut() {
            *last = *regime;
        }
        let known = sampling.known.library.known(&conditions);
        known.count >= LEAST && sampling.stretch.is_like(&known)
    });
    sampling.known.regime = found.unwrap_or(sampling.known.regime);
    found.is_some()
}
