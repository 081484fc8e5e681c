//! How long the longest of a share of all spans is: the distributions' cumulative distributions, inverted.
//! Draws nothing.

use super::distribution::Distribution;
use super::rounding::{float, nanos};

/// As many halvings find a quantile to a part in 10¹².
const HALVINGS: u32 = 60;

impl Distribution {
    /// The span in nanoseconds that this share of all spans, above 0 and below 1, does not exceed.
    #[must_use]
    pub fn quantile(&self, share: f64) -> f64 {
        let left = -libm::log1p(-share);
        match self {
            Self::Fixed(always) => nanos(*always),
            Self::Uniform(distribution) => {
                let (low, high) = distribution.bounds();
                nanos(low) + share * (nanos(high) - nanos(low))
            }
            Self::Exponential { mean } => mean * left,
            Self::Erlang { phases, phase } => {
                gamma_quantile(float(u64::from(*phases)), share) * phase
            }
            Self::Gamma(distribution) => {
                let (shape, scale) = distribution.parts();
                gamma_quantile(shape, share) * scale
            }
            Self::HyperExponential(distribution) => {
                let longest = distribution.phases().map(|(_, mean)| mean).fold(0.0, f64::max);
                let above = |at: f64| -> f64 {
                    distribution.phases().map(|(share, mean)| share * libm::exp(-at / mean)).sum()
                };
                invert(longest * (left + 1.0), |at| 1.0 - above(at), share)
            }
            Self::Lognormal(distribution) => {
                let (median, sigma) = distribution.parts();
                median * libm::exp(sigma * normal_quantile(share))
            }
            Self::Weibull(distribution) => {
                let (power, scale) = distribution.parts();
                scale * libm::pow(left, power)
            }
            Self::BoundedPareto(distribution) => distribution.quantile(share),
            Self::Empirical(distribution) => {
                let mut values = distribution.values().to_vec();
                values.sort_unstable();
                let whole: u64 = values.iter().map(|(_, weight)| weight).sum();
                let mut passed = 0.0;
                for (value, weight) in &values {
                    passed += float(*weight) / float(whole);
                    if passed >= share {
                        return nanos(*value);
                    }
                }
                values.last().map_or(0.0, |(value, _)| nanos(*value))
            }
        }
    }
}

/// Where a distribution that grows from nothing up to `most` passes a share.
fn invert(most: f64, below: impl Fn(f64) -> f64, share: f64) -> f64 {
    let (mut low, mut high) = (0.0, most);
    while below(high) < share && high < 1e30 {
        high *= 2.0;
    }
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if below(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Of the gamma distribution of scale 1.
fn gamma_quantile(shape: f64, share: f64) -> f64 {
    invert(shape + 10.0 * shape.sqrt() + 10.0, |at| gamma_below(shape, at), share)
}

/// The regularised incomplete gamma function P(shape, at), by its series below the mean and by its
/// continued fraction above (Press and others, Numerical Recipes, 6.2).
fn gamma_below(shape: f64, at: f64) -> f64 {
    if at <= 0.0 {
        return 0.0;
    }
    let front = libm::exp(shape * libm::log(at) - at - libm::lgamma(shape));
    if at < shape + 1.0 {
        let (mut term, mut sum, mut n) = (1.0 / shape, 1.0 / shape, shape);
        while term > sum * 1e-15 {
            n += 1.0;
            term *= at / n;
            sum += term;
        }
        return front * sum;
    }
    let mut b = at + 1.0 - shape;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut fraction = d;
    for n in 1..1_000_u32 {
        let n = f64::from(n);
        let a = -n * (n - shape);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        fraction *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    1.0 - front * fraction
}

/// Of the standard normal distribution, within 1.2 parts in a billion (Acklam's rational approximation).
#[must_use]
pub fn normal_quantile(share: f64) -> f64 {
    const A: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
    ];
    const C: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] = [
        0.007_784_695_709_041_462,
        0.322_467_129_070_039_8,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
    ];
    let row = |of: &[f64], at: f64| of.iter().fold(0.0, |sum, factor| sum * at + factor);
    let tail = |share: f64| {
        let at = (-2.0 * libm::log(share)).sqrt();
        row(&C, at) / (row(&D, at) * at + 1.0)
    };
    if share < 0.024_25 {
        return tail(share);
    }
    if share > 0.975_75 {
        return -tail(1.0 - share);
    }
    let away = share - 0.5;
    let square = away * away;
    row(&A, square) * away / (row(&B, square) * square + 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::units::Span;
    use seatrial_contract::{Dice, Purpose};

    #[test]
    fn a_share_of_all_draws_lies_below_its_quantile() {
        let hour = Span::hours(1);
        let distributions = [
            Distribution::uniform(hour, Span::hours(9)).unwrap(),
            Distribution::exponential(Span::hours(3)).unwrap(),
            Distribution::erlang(3, Span::hours(4)).unwrap(),
            Distribution::gamma(Span::hours(4), 0.4).unwrap(),
            Distribution::gamma(Span::hours(4), 3.0).unwrap(),
            Distribution::hyper_exponential(&[(3, hour), (1, Span::hours(9))]).unwrap(),
            Distribution::lognormal(Span::hours(2), Span::hours(20)).unwrap(),
            Distribution::weibull(0.6, Span::hours(3)).unwrap(),
            Distribution::weibull(2.0, Span::hours(5)).unwrap(),
            Distribution::bounded_pareto(hour, Span::hours(90), 1.2).unwrap(),
        ];
        for distribution in distributions {
            let mut stream = Dice::new(3).stream(1, Purpose::new("quantile"));
            let mut drawn: Vec<u64> =
                (0..100_000).map(|_| distribution.sample(&mut stream).0).collect();
            drawn.sort_unstable();
            for share in [0.001, 0.05, 0.5, 0.9, 0.999] {
                let at = distribution.quantile(share);
                let below = drawn.partition_point(|one| float(*one) <= at);
                let found = float(below as u64) / 100_000.0;
                // Five deviations of a share of 100,000 draws.
                let apart = 5.0 * (share * (1.0 - share) / 1e5_f64).sqrt();
                assert!((found - share).abs() < apart, "{distribution:?}: {found} of {share}");
            }
        }
    }

    #[test]
    fn what_was_measured_has_its_own_values_as_quantiles() {
        let distribution = Distribution::empirical(&[(Span(5), 1), (Span(2), 3)]).unwrap();
        for (share, value) in [(0.1, 2.0), (0.74, 2.0), (0.76, 5.0)] {
            assert!((distribution.quantile(share) - value).abs() < 1e-12);
        }
        assert!((Distribution::fixed(Span(7)).quantile(0.3) - 7.0).abs() < 1e-12);
    }
}
