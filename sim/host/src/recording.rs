//! What is told of a run over time, how finely, and how far that has come. Knows no world.

use seatrial_contract::units::{Moment, Span};
use seatrial_record::SeriesSink;
use seatrial_traffic::sheet::Sheet;
use std::sync::Arc;

/// What a run is like over time.
pub struct Recording {
    /// How long a stretch is.
    pub each: Span,
    /// Who is told.
    pub sink: Arc<dyn SeriesSink>,
}

/// A recording that is under way.
pub(crate) struct Recorder {
    pub(crate) each: Span,
    pub(crate) sink: Arc<dyn SeriesSink>,
    /// The stretch of the world ends then.
    pub(crate) due: Moment,
    pub(crate) world: Part,
    pub(crate) calls: Part,
    pub(crate) has_begun: bool,
}

/// One part of what is told.
#[derive(Default)]
pub(crate) struct Part {
    pub(crate) sheet: Sheet,
    /// Its stretch began then,
    pub(crate) from: Moment,
    /// and then by the clock of what is told.
    pub(crate) clock: Moment,
}

/// How many points a series has, about, where nothing else is wanted.
const POINTS: u64 = 2_000;

/// Lengths of stretches that people can count in, in seconds.
const LENGTHS: [u64; 24] = [
    1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 14_400,
    21_600, 43_200, 86_400, 172_800, 604_800, 2_419_200,
];

/// How long a stretch is in a run of that length, where nothing else is wanted: the length that comes nearest to two
/// thousand of them.
#[must_use]
pub fn resolution(duration: Span) -> Span {
    let wanted = Span(duration.0 / POINTS);
    let far = |length: &u64| {
        let length = Span::seconds(*length);
        let (less, more) = (length.min(wanted), length.max(wanted));
        u128::from(more.0) * 1_000 / u128::from(less.0.max(1))
    };
    Span::seconds(LENGTHS.into_iter().min_by_key(far).unwrap_or(1))
}
