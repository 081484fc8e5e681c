//! Where chance passes between floats and integers, in sight and in one place.

use seatrial_contract::units::Span;

/// The nearest span to so many nanoseconds; nothing for less than none, capped at the longest.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, which is what is promised"
)]
pub(super) fn span(nanos: f64) -> Span {
    Span((nanos + 0.5) as u64)
}

/// A span in nanoseconds.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "exact up to 104 days, within 2⁻⁵³ above")]
pub(super) fn nanos(span: Span) -> f64 {
    span.0 as f64
}

/// A count or weight as a factor.
#[inline]
#[expect(clippy::cast_precision_loss, reason = "within 2⁻⁵³ of itself")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// 53 bits as a number in `[0, 1)`.
#[inline]
pub(super) fn grid(bits: u64) -> f64 {
    float(bits) * (1.0 / 9_007_199_254_740_992.0)
}

/// The share of 2⁶⁴ that is nearest to `share`, for comparing with 64 random bits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates: a whole share is all of 2⁶⁴ but one"
)]
pub(super) fn threshold(share: f64) -> u64 {
    (share * 18_446_744_073_709_551_616.0) as u64
}
