//! How the cluster is watched and steered.

use seatrial_contract::config::{Located, element};
use seatrial_contract::units::{Ppm, Span};

element! {
    /// Which policies run the cluster: the same file that the bridge reads.
    pub struct Policies {
        /// The policy file, relative to this file.
        file: Located<String>,
    }
}

element! {
    /// How true values become readings.
    pub struct Sensing {
        /// How often the cluster is scraped.
        every: Span = Span::seconds(15),
        /// How old a reading is when it arrives.
        delay: Span = Span::ZERO,
        /// How many scrapes are lost.
        loss: Ppm = Ppm::ZERO,
    }
}

element! {
    /// How decisions become deeds.
    pub struct Acting {
        /// How long an action takes to reach its target.
        delay: Span = Span::ZERO,
    }
}

impl Default for Sensing {
    fn default() -> Self {
        Self { every: Span::seconds(15), delay: Span::ZERO, loss: Ppm::ZERO }
    }
}

impl Default for Acting {
    fn default() -> Self {
        Self { delay: Span::ZERO }
    }
}
