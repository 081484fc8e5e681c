//! A mixture of exponential distributions: short and long spans from one source, varying more than one.

use super::exponential::exponential;
use super::impossible::{Impossible, in_reach, positive};
use super::rounding::{float, nanos, threshold};
use seatrial_contract::Stream;
use seatrial_contract::units::Span;

/// A hyper-exponential distribution over nanoseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct HyperExponential {
    phases: Vec<Phase>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Phase {
    share: f64,
    mean: f64,
    /// Random bits below this, and not below an earlier one, choose this phase.
    until: u64,
}

impl HyperExponential {
    /// From (weight, mean) of each phase; weights are relative.
    pub fn of(phases: &[(u64, Span)]) -> Result<Self, Impossible> {
        let whole: u128 = phases.iter().map(|(weight, _)| u128::from(*weight)).sum();
        let whole = u64::try_from(whole).map_err(|_| Impossible::OutOfReach("sum of weights"))?;
        if whole == 0 {
            return Err(Impossible::NoWeight);
        }
        let used = phases.iter().filter(|(weight, _)| *weight > 0);
        let used = used.map(|(weight, mean)| {
            Ok((float(*weight) / float(whole), positive(nanos(*mean), "mean of a phase")?))
        });
        Ok(Self::from_shares(&used.collect::<Result<Vec<_>, _>>()?))
    }

    /// Two phases of the same total work, by mean and squared coefficient of variation.
    pub fn balanced(mean: Span, scv: f64) -> Result<Self, Impossible> {
        let mean = positive(nanos(mean), "mean")?;
        let scv = positive(scv, "squared coefficient of variation")?;
        if scv < 1.0 {
            return Err(Impossible::TooRegular { scv });
        }
        let lean = ((scv - 1.0) / (scv + 1.0)).sqrt();
        // 1 - lean, without losing its digits where the variation is large.
        let rare =
            in_reach(1.0 / ((scv + 1.0) * (1.0 + lean)), "squared coefficient of variation")?;
        let often = 0.5 * (1.0 + lean);
        let long = in_reach(mean / (2.0 * rare), "squared coefficient of variation")?;
        Ok(Self::from_shares(&[(often, mean / (2.0 * often)), (rare, long)]))
    }

    fn from_shares(shares: &[(f64, f64)]) -> Self {
        let mut passed = 0.0;
        let mut phases = Vec::with_capacity(shares.len());
        for (share, mean) in shares {
            passed += share;
            phases.push(Phase { share: *share, mean: *mean, until: threshold(passed) });
        }
        if let Some(last) = phases.last_mut() {
            last.until = u64::MAX;
        }
        Self { phases }
    }

    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        let bits = stream.bits();
        let last = self.phases.len() - 1;
        let chosen = self.phases[..last].iter().find(|phase| bits < phase.until);
        chosen.unwrap_or(&self.phases[last]).mean * exponential(stream)
    }

    /// The share and the mean of each phase.
    pub(super) fn phases(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.phases.iter().map(|phase| (phase.share, phase.mean))
    }

    pub(super) fn mean(&self) -> f64 {
        self.phases.iter().map(|phase| phase.share * phase.mean).sum()
    }

    pub(super) fn scv(&self) -> f64 {
        let mean = self.mean();
        let relative = |phase: &Phase| {
            let ratio = phase.mean / mean;
            2.0 * phase.share * ratio * ratio
        };
        self.phases.iter().map(relative).sum::<f64>() - 1.0
    }
}
