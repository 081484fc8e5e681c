//! The Zipf distribution over the ranks from 1 to n: rank k in proportion to 1 ÷ kˢ. Exact, and as fast for
//! a billion ranks as for ten: rejection-inversion (Hörmann and Derflinger 1996). Knows no object.
//!
//! The ranks' weights lie as bars of width 1 around each rank, under the curve x⁻ˢ. A point is
//! drawn evenly under the curve, by inverting the curve's area. Its nearest rank is taken where the
//! point lies under that rank's bar, whose area is measured back from the bar's right end, else
//! another is drawn. That is at most one in a few.

use super::impossible::Impossible;
use super::rounding::float;
use seatrial_contract::Stream;

/// A Zipf distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zipf {
    ranks: u32,
    exponent: f64,
    /// The area up to where rank 1's bar begins, and up to where the last one's ends.
    from: f64,
    to: f64,
    /// So far to the left of its rank, a point lies under the bar for sure.
    sure: f64,
}

impl Zipf {
    /// Over so many ranks; with an exponent of 0 all are alike.
    pub fn new(ranks: u32, exponent: f64) -> Result<Self, Impossible> {
        if ranks == 0 {
            return Err(Impossible::NotPositive("number of ranks"));
        }
        if !exponent.is_finite() || exponent < 0.0 {
            return Err(Impossible::NotPositive("exponent"));
        }
        let mut distribution = Self { ranks, exponent, from: 0.0, to: 0.0, sure: 0.0 };
        distribution.from = distribution.area(1.5) - 1.0;
        distribution.to = distribution.area(float(u64::from(ranks)) + 0.5);
        distribution.sure =
            2.0 - distribution.at_area(distribution.area(2.5) - distribution.weight(2.0));
        Ok(distribution)
    }

    /// A rank, the first the most likely.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> u32 {
        if self.exponent == 0.0 {
            let rank = stream.below(u64::from(self.ranks)) + 1;
            return u32::try_from(rank).unwrap_or(self.ranks);
        }
        loop {
            let area = self.to + stream.unit() * (self.from - self.to);
            let point = self.at_area(area);
            let rank = nearest(point).clamp(1, self.ranks);
            let bar = float(u64::from(rank));
            if bar - point <= self.sure || area >= self.area(bar + 0.5) - self.weight(bar) {
                return rank;
            }
        }
    }

    /// x⁻ˢ
    fn weight(&self, x: f64) -> f64 {
        libm::exp(-self.exponent * libm::log(x))
    }

    /// The area under x⁻ˢ from 1 to x: (x¹⁻ˢ - 1) ÷ (1 - s), or its limit log x where s is 1.
    fn area(&self, x: f64) -> f64 {
        let log = libm::log(x);
        let power = (1.0 - self.exponent) * log;
        // Near 0 the quotient loses all its digits; its series does not.
        let quotient = if power.abs() > 1e-8 {
            libm::expm1(power) / power
        } else {
            1.0 + power * (0.5 + power / 6.0)
        };
        log * quotient
    }

    /// Up to where the area is so much.
    fn at_area(&self, area: f64) -> f64 {
        // Rounding must not go past where the area ends.
        let grown = (area * (1.0 - self.exponent)).max(-1.0);
        let quotient = if grown.abs() > 1e-8 {
            libm::log1p(grown) / grown
        } else {
            1.0 - grown * (0.5 - grown / 3.0)
        };
        libm::exp(area * quotient)
    }
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and the caller clamps"
)]
fn nearest(point: f64) -> u32 {
    (point + 0.5) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::{Dice, Purpose};

    const DRAWS: u32 = 400_000;

    /// How often each rank is drawn, the last for all from `kept` on.
    fn counts(ranks: u32, exponent: f64, kept: usize) -> Vec<f64> {
        let distribution = Zipf::new(ranks, exponent).unwrap();
        let mut stream = Dice::new(20_261_121).stream(u64::from(ranks), Purpose::new("zipf"));
        let mut counts = vec![0.0; kept];
        for _ in 0..DRAWS {
            let rank = distribution.draw(&mut stream);
            assert!((1..=ranks).contains(&rank));
            counts[(rank as usize - 1).min(kept - 1)] += 1.0;
        }
        counts
    }

    #[test]
    fn each_rank_is_drawn_as_often_as_its_weight_says() {
        for (ranks, exponent) in [
            (1, 0.7),
            (2, 1.0),
            (8, 1.0),
            (10, 0.0),
            (50, 3.0),
            (100, 0.3),
            (1_000, 0.999_999_999_9),
            (1_000, 1.000_000_01),
            (10_000, 0.8),
            (100_000, 1.2),
            (1_000_000, 1.0),
            (1_000, 10.0),
        ] {
            let weight = |rank: u32| libm::pow(f64::from(rank), -exponent);
            let whole: f64 = (1..=ranks).rev().map(weight).sum();
            // The ranks that are expected a hundred times, and all others together.
            let often =
                (1..=ranks).take_while(|rank| weight(*rank) / whole > 100.0 / f64::from(DRAWS));
            let often = often.count();
            let mut expected: Vec<f64> =
                (1..=ranks).take(often).map(|rank| weight(rank) / whole).collect();
            let rest = 1.0 - expected.iter().sum::<f64>();
            let kept = if often < ranks as usize { often + 1 } else { often };
            if kept > often {
                expected.push(rest);
            }
            let found = counts(ranks, exponent, kept);
            let few = |share: &&f64| **share * f64::from(DRAWS) > 20.0;
            let degrees = expected.iter().filter(few).count() as f64 - 1.0;
            let squared: f64 = found
                .iter()
                .zip(&expected)
                .map(|(found, share)| {
                    let expected = share * f64::from(DRAWS);
                    if expected > 20.0 {
                        (found - expected) * (found - expected) / expected
                    } else {
                        0.0
                    }
                })
                .sum();
            // Chi-squared has a variance of twice its degrees; five deviations.
            let most = degrees + 5.0 * (2.0 * degrees).sqrt() + 3.0;
            println!("{ranks} ranks, exponent {exponent}: {squared:.1} of {degrees}");
            assert!(squared < most, "{ranks} ranks, exponent {exponent}: {squared} of {degrees}");
        }
    }

    #[test]
    fn a_huge_distribution_draws_at_once_and_in_range() {
        let found = counts(u32::MAX, 0.9, 3);
        // The sum of k⁻⁰·⁹ up to 2³² is ζ(0.9) + n⁰·¹ ÷ 0.1 = -9.430 + 91.896 = 82.466.
        let expected = f64::from(DRAWS) / 82.466;
        assert!((found[0] - expected).abs() < 5.0 * expected.sqrt(), "{} of {expected}", found[0]);
    }

    #[test]
    fn draws_the_same_on_every_machine() {
        let distribution = Zipf::new(10_000, 0.8).unwrap();
        let mut stream = Dice::new(11).stream(3, Purpose::new("zipf"));
        let drawn: [u32; 8] = std::array::from_fn(|_| distribution.draw(&mut stream));
        assert_eq!(drawn, DRAWN);
    }

    const DRAWN: [u32; 8] = [45, 1_787, 144, 3, 3_712, 1_977, 3_415, 8];

    #[test]
    fn refuses_what_no_distribution_can_be() {
        assert!(Zipf::new(0, 1.0).is_err());
        assert!(Zipf::new(9, -0.1).is_err());
        assert!(Zipf::new(9, f64::NAN).is_err());
    }
}
