//! Arrivals whose rate changes: candidates at the highest rate, kept with the share that holds at
//! their moment (Lewis and Shedler 1979). Knows nothing of what arrives.

use super::exponential::exponential;
use super::rhythm::Rhythm;
use super::rounding::{float, nanos, span};
use seatrial_contract::Stream;
use seatrial_contract::units::{Moment, Ppm, Span};

/// The next arrival after `from` of a Poisson process with a mean gap of `gap_least` where it is
/// busiest, and `share` of that rate at other moments (capped at the whole).
///
/// [`Moment::NEVER`] where nothing arrives; a share of zero for ever is found out only there, so
/// the caller should not ask for it.
pub fn next_arrival(
    from: Moment,
    gap_least: Span,
    share: impl Fn(Moment) -> Ppm,
    stream: &mut Stream,
) -> Moment {
    let gap = nanos(gap_least);
    let kept = |at, stream: &mut Stream| stream.below(1_000_000) < u64::from(share(at).0);
    thin(from, gap, kept, stream)
}

impl Rhythm {
    /// The next arrival after `from` of a Poisson process with a weekly mean gap of `gap_mean`.
    ///
    /// The same process as [`Rhythm::advance`] by an exponential gap, by other means: warping
    /// costs one draw, thinning does not need the rate's integral.
    pub fn next_arrival(
        &self,
        from: Moment,
        phase: Span,
        gap_mean: Span,
        stream: &mut Stream,
    ) -> Moment {
        let peak = u64::from(self.peak().0);
        let gap = nanos(gap_mean) * 1e6 / float(peak);
        let kept =
            |at, stream: &mut Stream| stream.below(peak) < u64::from(self.factor(at, phase).0);
        thin(from, gap, kept, stream)
    }
}

fn thin(
    from: Moment,
    gap: f64,
    kept: impl Fn(Moment, &mut Stream) -> bool,
    stream: &mut Stream,
) -> Moment {
    let mut at = from;
    loop {
        // At least a nanosecond, so that time passes whatever the rate.
        at = at.after(span(gap * exponential(stream)).max(Span(1)));
        if at == Moment::NEVER || kept(at, stream) {
            return at;
        }
    }
}
