//! Distributions as the scenario says them, made ready to draw from.

use seatrial_contract::units::Span;
use seatrial_format::scenario::{DistributionFile, Drawn};
use seatrial_kernel::chance::{Distribution, Rhythm};

/// The 95th percentile of a standard normal variable.
pub const NORMAL_P95: f64 = 1.644_853_626_951_472_2;

/// A distribution from its words. The format has checked that it is possible; what is impossible all the
/// same takes no time.
#[must_use]
pub fn distribution(file: &DistributionFile) -> Distribution {
    let drawn = match file {
        DistributionFile::Fixed(span) => return Distribution::Fixed(*span),
        DistributionFile::Drawn(drawn) => drawn,
    };
    let distribution = match drawn {
        Drawn::Exponential(by) => Distribution::exponential(by.mean),
        Drawn::Lognormal(by) => Distribution::lognormal(by.median, by.p95),
        Drawn::LognormalScv(by) => Distribution::lognormal_by_mean(by.mean, by.scv),
        Drawn::Weibull(by) => Distribution::weibull(by.shape, by.scale),
        Drawn::Erlang(by) => Distribution::erlang(by.phases, by.mean),
        Drawn::HyperExponential(by) => {
            let phases: Vec<(u64, Span)> =
                by.phases.iter().map(|phase| (weight(phase.share), phase.mean)).collect();
            Distribution::hyper_exponential(&phases)
        }
        Drawn::HyperExponentialScv(by) => Distribution::balanced(by.mean, by.scv),
        Drawn::Uniform(by) => Distribution::uniform(by.from, by.to),
        Drawn::Empirical(by) => {
            let values: Vec<(Span, u64)> =
                by.values.iter().map(|value| (value.value, weight(value.weight))).collect();
            Distribution::empirical(&values)
        }
    };
    distribution.unwrap_or(Distribution::Fixed(Span::ZERO))
}

/// A rhythm by the hours of a day and the days of a week.
#[must_use]
pub fn rhythm_of(hours: &[f64], days: &[f64]) -> Rhythm {
    let mut day = [1.0; 24];
    let mut week = [1.0; 7];
    for (slot, value) in day.iter_mut().zip(hours) {
        *slot = *value;
    }
    for (slot, value) in week.iter_mut().zip(days) {
        *slot = *value;
    }
    // The format checks that a rhythm is possible.
    Rhythm::new(&day, &week).unwrap_or_else(|_| Rhythm::flat())
}

/// A weight in millionths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn weight(share: f64) -> u64 {
    (share * 1e6 + 0.5) as u64
}
