//! How finely calls are simulated.

use seatrial_contract::config::{Located, element, words};
use seatrial_contract::units::Span;

words! {
    /// Whether each call is lived through.
    pub enum Grain {
        /// As `request`, or as `sampled` where that would take more than about 250 million events.
        Auto = "auto",
        /// Each is: exact, and as slow as there are calls.
        Request = "request",
        /// Each is, for part of the time: while nothing changes, what was lived through stands for the rest.
        Sampled = "sampled",
    }
}

element! {
    /// An interval in which each call is lived through, although others are sampled.
    pub struct Zoom {
        /// When it begins, counted from the start of the run.
        at: Located<Span>,
        /// How long it lasts.
        lasts: Located<Span>,
    }
}
