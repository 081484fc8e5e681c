//! What is counted of a source's requests, in whole numbers. Knows no names.

use super::figures::{Kept, Show};
use super::requests::Request;
use seatrial_kernel::statistics::Sketch;

use seatrial_contract::units::{Moment, Span};

/// What became of requests.
#[derive(Clone, Debug, Default)]
pub(super) struct RequestStatistics {
    pub(super) arrivals: u64,
    pub(super) refused: u64,
    pub(super) abandoned: u64,
    /// Their replica was lost while they were there.
    pub(super) lost: u64,
    /// Of those served or gone, who were not served all the time.
    pub(super) delayed: u64,
    /// Of those served: the time they were in the system and not served, or, where servers are
    /// shared, the time they lost by that.
    pub(super) wait: Sketch,
    /// Of those served: the time they were in the system.
    pub(super) sojourn: Sketch,
    /// Of those served, where servers are shared: sojourn over demand, in millionths.
    pub(super) slowdown: Sketch,
}

impl RequestStatistics {
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    pub(super) fn show(&mut self, show: &mut Show<'_>) {
        let counts = [
            &mut self.arrivals,
            &mut self.refused,
            &mut self.abandoned,
            &mut self.lost,
            &mut self.delayed,
        ];
        counts.into_iter().for_each(|count| show(Kept::Count(count)));
        let times = [&mut self.wait, &mut self.sojourn, &mut self.slowdown];
        times.into_iter().for_each(|times| show(Kept::Times(times)));
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.arrivals += other.arrivals;
        self.refused += other.refused;
        self.abandoned += other.abandoned;
        self.lost += other.lost;
        self.delayed += other.delayed;
        self.wait.merge(&other.wait);
        self.sojourn.merge(&other.sojourn);
        self.slowdown.merge(&other.slowdown);
    }

    #[inline]
    pub(super) fn served(&mut self, request: &Request, now: Moment) -> Span {
        let sojourn = now.since(request.arrived);
        let wait = sojourn.saturating_sub(request.demand);
        self.delayed += u64::from(wait > Span::ZERO);
        self.wait.add(wait.0);
        self.sojourn.add(sojourn.0);
        sojourn
    }

    /// A request of no demand has no slowdown.
    pub(super) fn slowed_down(&mut self, sojourn: Span, demand: Span) {
        let millionths = u128::from(sojourn.0) * 1_000_000;
        if let Some(slowdown) = millionths.checked_div(u128::from(demand.0)) {
            self.slowdown.add(u64::try_from(slowdown).unwrap_or(u64::MAX));
        }
    }

    #[inline]
    pub(super) fn gave_up(&mut self, request: &Request, now: Moment) {
        self.abandoned += 1;
        self.delayed += u64::from(now > request.arrived);
    }

    /// Requests that were let in and are out again.
    pub(super) fn settled(&self) -> u64 {
        self.sojourn.count() + self.abandoned
    }
}
