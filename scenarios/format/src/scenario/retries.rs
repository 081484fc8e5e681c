//! What callers do who get no answer.

use super::DistributionFile;
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, element, words};
use seatrial_contract::units::{Ppm, Span};

words! {
    /// What becomes of a call's work when its caller is gone.
    pub enum Orphaned {
        /// It goes on, for nobody.
        GoesOn = "goes-on",
        /// It is dropped where it waits, or at its next step.
        Stops = "stops",
    }
}

element! {
    /// Calling again after a failure.
    pub struct Retry {
        /// How often, after the first time.
        most: Located<NonZeroU32> = Located::nowhere(MOST),
        /// From a failure to the next attempt, the first time; a distribution spreads the callers.
        wait: Located<DistributionFile>,
        /// By what this grows from one time to the next.
        growth: Located<f64> = Located::nowhere(2.0),
        /// It grows no longer than this.
        wait_most: Located<Span> = Located::nowhere(Span::minutes(1)),
        /// How many attempts after the first these callers make together, as a share of all first
        /// ones; as many as they like where left out.
        budget: Option<Located<Ppm>> = None,
        /// How many may be made at once out of that budget when it was not used for a while.
        burst: Located<u32> = Located::nowhere(10),
    }
}

/// As most client libraries have it.
const MOST: NonZeroU32 = match NonZeroU32::new(3) {
    Some(most) => most,
    None => NonZeroU32::MIN,
};
