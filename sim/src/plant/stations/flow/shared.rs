//! How long calls take that share servers: each is slowed down by how many are there when it comes,
//! and the longer it takes the more by how many are there on the mean.

use super::bins::Bins;
use super::chain::Chain;
use super::spread::Spread;

/// By how much calls are slowed down.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    /// Beyond 1, as one who comes finds it.
    excess: Spread,
    /// How long the number there remembers itself, in seconds.
    memory: f64,
}

impl Shared {
    /// At a station where so many that are there together are slowed down so much, and where so
    /// many come in a second.
    pub(super) fn of(
        chain: &Chain,
        slowed: impl Fn(f64) -> f64,
        offers: impl Fn(f64) -> f64,
    ) -> Self {
        let (mut found, mut come) = (Vec::new(), 0.0);
        for (present, mass) in chain.during() {
            let weight = mass.max(0.0) * offers(present);
            if weight > 0.0 {
                come += weight;
                found.push((slowed(present + 1.0) - 1.0, weight));
            }
        }
        if come <= 0.0 {
            return Self { excess: Spread::NONE, memory: 1.0 };
        }
        // Into few points, each the mean of a share of those who come.
        let mut points: Vec<(f64, f64)> = Vec::new();
        let (mut weight, mut sum) = (0.0, 0.0);
        for (excess, of) in found {
            weight += of / come;
            sum += of / come * excess;
            if weight > 0.04 || (excess > 0.0 && weight > 0.01) {
                points.push((sum / weight, weight));
                (weight, sum) = (0.0, 0.0);
            }
        }
        if weight > 0.0 {
            points.push((sum / weight, weight));
        }
        Self { excess: Spread::new(points), memory: (chain.variance() / come).max(1e-9) }
    }

    /// Nobody is there.
    pub(super) const fn none() -> Self {
        Self { excess: Spread::NONE, memory: 1.0 }
    }

    /// By how much one is slowed down, on the mean.
    pub(super) fn mean(&self) -> f64 {
        1.0 + self.excess.mean()
    }

    /// How long the number there remembers itself, in seconds.
    pub(super) const fn memory(&self) -> f64 {
        self.memory
    }

    /// The time lost, and the whole time, of calls that take so long alone.
    pub(super) fn pass(&self, alone: &Spread, bins: &mut Bins) -> (Spread, Spread) {
        let sojourn = self.sojourn(alone, bins, 1.0);
        let wait = self.sojourn(alone, bins, 0.0);
        (wait, sojourn)
    }

    /// The whole time of calls that take so long alone.
    pub(super) fn whole(&self, alone: &Spread, bins: &mut Bins) -> Spread {
        self.sojourn(alone, bins, 1.0)
    }

    fn sojourn(&self, alone: &Spread, bins: &mut Bins, own: f64) -> Spread {
        bins.clear();
        let mean = self.excess.mean();
        for (takes, share) in alone.points() {
            let kept = averaged(takes * (1.0 + mean) / self.memory).sqrt();
            for (excess, of) in self.excess.points() {
                let slowed = (mean + (excess - mean) * kept).max(0.0);
                bins.add(takes * (own + slowed), share * of);
            }
        }
        bins.take_spread()
    }
}

/// What is left of a variance that is averaged over so many times its memory: 2 (z - 1 + e⁻ᶻ) ÷ z²
/// (of M/M/1 sharing this is Ott's law of 1984).
fn averaged(memories: f64) -> f64 {
    if memories < 1e-3 {
        return 1.0 - memories / 3.0;
    }
    2.0 * (memories + libm::expm1(-memories)) / (memories * memories)
}
