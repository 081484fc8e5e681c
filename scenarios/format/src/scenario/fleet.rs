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
        every: Located<Span> = Located::nowhere(Span::seconds(15)),
        /// How old a reading is when it arrives.
        delay: Located<Span> = Located::nowhere(Span::ZERO),
        /// How many scrapes are lost.
        loss: Located<Ppm> = Located::nowhere(Ppm::ZERO),
    }
}

element! {
    /// How decisions become deeds.
    pub struct Acting {
        /// How long an action takes to reach its target.
        delay: Located<Span> = Located::nowhere(Span::ZERO),
    }
}

impl Default for Sensing {
    fn default() -> Self {
        Self {
            every: Located::nowhere(Span::seconds(15)),
            delay: Located::nowhere(Span::ZERO),
            loss: Located::nowhere(Ppm::ZERO),
        }
    }
}

impl Default for Acting {
    fn default() -> Self {
        Self { delay: Located::nowhere(Span::ZERO) }
    }
}
