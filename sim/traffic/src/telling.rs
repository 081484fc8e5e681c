//! How figures are told: numbers, ratios, and the usual figures of a sketch.

use seatrial_contract::units::{Ppm, Span};
use seatrial_kernel::statistics::Sketch;

/// A count as a number.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a metric is rounded for people")]
pub fn number(count: u64) -> f64 {
    count as f64
}

/// A part of a whole; none of nothing.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a metric is rounded for people")]
pub fn ratio(part: u128, whole: u128) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// A part of a whole, of counts.
#[must_use]
pub fn share(part: u64, whole: u64) -> Option<f64> {
    ratio(u128::from(part), u128::from(whole))
}

/// In seconds, what this share of all spans do not exceed.
#[must_use]
pub fn quantile(sketch: &Sketch, share: u32) -> Option<f64> {
    sketch.quantile(Ppm(share)).map(|nanos| Span(nanos).as_seconds())
}

/// The usual figures of a sketch of spans, in seconds.
#[must_use]
pub fn quantiles(sketch: &Sketch) -> [(&'static str, Option<f64>); 4] {
    [
        ("mean", sketch.mean().map(|nanos| nanos / 1e9)),
        ("p50", quantile(sketch, 500_000)),
        ("p95", quantile(sketch, 950_000)),
        ("max", sketch.maximum().map(|nanos| Span(nanos).as_seconds())),
    ]
}
