//! How finely calls are simulated.

use seatrial_contract::config::{Located, element, words};
use seatrial_contract::units::Span;

words! {
    /// Whether each call is an event.
    pub enum Grain {
        /// Each is: exact, and as slow as there are calls.
        Request = "request",
        /// Each is, for part of the time: while nothing changes, what was lived through stands for the rest.
        Sampled = "sampled",
        /// Calls are rates: within a few per cent, and fast whatever the rate.
        Flow = "flow",
    }
}

element! {
    /// An interval in which each call is an event although all others are rates.
    pub struct Zoom {
        /// When it begins, counted from the start of the run.
        at: Located<Span>,
        /// How long it lasts.
        lasts: Located<Span>,
    }
}
