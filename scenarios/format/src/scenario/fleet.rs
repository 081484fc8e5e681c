//! How the cluster is watched and steered.

use seatrial_contract::config::{Located, element, words};
use seatrial_contract::units::{Ppm, Span};

element! {
    /// Which policies run the cluster: the same file that the bridge reads.
    pub struct Policies {
        /// The policy file, relative to this file.
        file: Located<String>,
        /// Where their process stands, as a database's `place`: nobody steers while that place is lost.
        place: Option<Located<String>> = None,
        /// How often they save what they remember; with that they go on when their process is started again. At
        /// each tick where left out, so that they forget nothing.
        saves_every: Located<Span> = Located::nowhere(Span::ZERO),
    }
}

element! {
    /// How true values become readings.
    pub struct Sensing {
        /// How often the cluster is scraped. 15 s, as in the example configuration of Prometheus.
        every: Located<Span> = Located::nowhere(Span::seconds(15)),
        /// How old a reading is when it arrives.
        delay: Located<Span> = Located::nowhere(Span::ZERO),
        /// The share of scrapes that are lost.
        loss: Located<Ppm> = Located::nowhere(Ppm::ZERO),
        /// The share of machines that a scrape does not reach, each by its own chance.
        missed: Located<Ppm> = Located::nowhere(Ppm::ZERO),
        /// A machine that was not seen for so long counts as lost; three scrapes and the delay where left
        /// out, as in the bridge.
        lost_after: Option<Located<Span>> = None,
        /// Where the store of metrics stands, as a database's `place`: nothing is seen while that place is
        /// lost.
        place: Option<Located<String>> = None,
    }
}

element! {
    /// How actions reach the cluster, and what they do there.
    pub struct Acting {
        /// How long an action takes to reach its target.
        delay: Located<Span> = Located::nowhere(Span::ZERO),
        /// Whether a part that runs restarts when it is to request more or less.
        resize: Resizing = Resizing::Restart,
        /// What becomes of a part's limit when it requests more or less.
        limits: Limits = Limits::Kept,
    }
}

words! {
    /// What a resize does to a part that runs.
    pub enum Resizing {
        /// It restarts, which takes as long as a wake-up. By default, since VPA's updater evicts.
        Restart = "restart",
        /// It goes on, as with `docker update` and with resizes in place of Kubernetes.
        InPlace = "in-place",
    }
}

words! {
    /// What a resize does to a part's limit.
    pub enum Limits {
        /// It stays what the tier grants. By default, since tiers are sold by their limits.
        Kept = "kept",
        /// It grows and shrinks with the request, as VPA has it by default.
        Scaled = "scaled",
    }
}

impl Default for Sensing {
    fn default() -> Self {
        Self {
            every: Located::nowhere(Span::seconds(15)),
            delay: Located::nowhere(Span::ZERO),
            loss: Located::nowhere(Ppm::ZERO),
            missed: Located::nowhere(Ppm::ZERO),
            lost_after: None,
            place: None,
        }
    }
}

impl Default for Acting {
    fn default() -> Self {
        Self {
            delay: Located::nowhere(Span::ZERO),
            resize: Resizing::Restart,
            limits: Limits::Kept,
        }
    }
}
