//! How calls are sampled, where they are.

use super::at;
use crate::scenario::{Grain, Scenario};
use seatrial_contract::config::{Path, Problems};

/// In parts per million: from a thousandth to a half.
const PRECISION: (u32, u32) = (1_000, 500_000);
const EVENTS_LEAST: u64 = 10_000;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    if scenario.grain == Grain::Request
        && let Some(zoom) = scenario.zoom.first()
    {
        let message = "each call is an event already, so there is nothing to zoom in on";
        let words = (message, "write grain = \"sampled\", or remove `zoom`");
        at(&Path::Root, "zoom", zoom.lasts.place, words, problems);
    }
    let precision = &scenario.precision;
    if !(PRECISION.0..=PRECISION.1).contains(&precision.value.0) {
        let words = ("this is no precision to sample by", "write a share from 0.1 % to 50 %");
        at(&Path::Root, "precision", precision.place, words, problems);
    }
    if scenario.events_most.value < EVENTS_LEAST {
        let words = ("with so few events nothing is known of calls", "write 10000 at the least");
        at(&Path::Root, "events_most", scenario.events_most.place, words, problems);
    }
}
