//! How far back a run knows anything.

use seatrial_contract::units::Span;

/// What lies between the simulator's zero, midnight on a Monday, and the Monday of the week in which
/// a run starts: what happened before (a tenant's last visit) has a moment too. Whole weeks, so
/// that a moment tells its time of the week by itself.
pub(crate) const PAST: Span = Span::days(364);
