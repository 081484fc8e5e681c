//! How much work active connections get done together.

use seatrial_contract::config::{Located, element};
use seatrial_contract::units::{Ppm, percent};

element! {
    /// A curve over the number of active connections: it rises as they do, bends at the peak, and
    /// falls slowly beyond it. `seatrial calibrate` finds it from measurements.
    pub struct Contention {
        /// The work of how many connections that are alone a core does at the most. Above 1, where one
        /// that is alone leaves the core idle in between.
        per_core: Located<f64> = Located::nowhere(1.0),
        /// How sharply it bends there: 1 for a long curve, 10 for a corner.
        sharpness: Located<f64> = Located::nowhere(4.0),
        /// What is lost, beyond the peak, with as many more connections as are active there.
        crowding: Located<Ppm> = Located::nowhere(percent(1)),
    }
}

impl Default for Contention {
    fn default() -> Self {
        Self {
            per_core: Located::nowhere(1.0),
            sharpness: Located::nowhere(4.0),
            crowding: Located::nowhere(percent(1)),
        }
    }
}
