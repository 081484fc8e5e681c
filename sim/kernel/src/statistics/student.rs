//! Quantiles of Student's t and of the normal distribution, to 1e-9 of themselves. Platform-independent,
//! like all chance: from `libm`, by halving.

use std::f64::consts::SQRT_2;

/// Above so many degrees of freedom the expansion about the normal distribution is exact to 1e-12.
const DEGREES_EXPANDED: f64 = 10_000.0;

/// Where Student's t of so many degrees of freedom lies below with this probability.
///
/// # Panics
/// If the probability is not between 0 and 1 or the degrees are not positive.
#[must_use]
pub fn student_quantile(probability: f64, degrees: f64) -> f64 {
    assert!(degrees > 0.0, "degrees of freedom must be positive: {degrees}");
    if degrees > DEGREES_EXPANDED {
        return expanded(normal_quantile(probability), degrees);
    }
    symmetric(probability, |t| 0.5 * outside(t, degrees))
}

/// Where the standard normal distribution lies below with this probability.
///
/// # Panics
/// If the probability is not between 0 and 1.
#[must_use]
pub fn normal_quantile(probability: f64) -> f64 {
    symmetric(probability, |z| 0.5 * libm::erfc(z / SQRT_2))
}

/// Inverts a symmetric distribution by its upper tail, which falls from one half at 0.
fn symmetric(probability: f64, tail: impl Fn(f64) -> f64) -> f64 {
    assert!(probability > 0.0 && probability < 1.0, "no probability: {probability}");
    if probability < 0.5 {
        return -above(probability, tail);
    }
    above(1.0 - probability, tail)
}

/// Where the upper tail has this probability, one half at most.
fn above(probability: f64, tail: impl Fn(f64) -> f64) -> f64 {
    let mut high = 1.0;
    while tail(high) > probability && high < 1e300 {
        high *= 2.0;
    }
    let mut low = if high > 1.0 { high / 2.0 } else { 0.0 };
    // Sixty halvings leave a part in 10¹⁸.
    for _ in 0..60 {
        let middle = low + (high - low) / 2.0;
        if tail(middle) > probability { low = middle } else { high = middle }
    }
    low + (high - low) / 2.0
}

/// Abramowitz and Stegun 26.7.5, to the third order.
fn expanded(z: f64, degrees: f64) -> f64 {
    let square = z * z;
    let first = z * (square + 1.0) / 4.0;
    let second = z * ((5.0 * square + 16.0) * square + 3.0) / 96.0;
    let third = z * (((3.0 * square + 19.0) * square + 17.0) * square - 15.0) / 384.0;
    z + (first + (second + third / degrees) / degrees) / degrees
}

/// The probability that |T| exceeds `t`: the incomplete beta function at n ÷ (n + t²).
fn outside(t: f64, degrees: f64) -> f64 {
    let ratio = t * t / degrees;
    let (x, rest) = (1.0 / (1.0 + ratio), ratio / (1.0 + ratio));
    let (a, b) = (degrees / 2.0, 0.5);
    if rest <= 0.0 {
        return 1.0;
    }
    let logarithm =
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) - a * libm::log1p(ratio)
            + b * libm::log(rest);
    let front = libm::exp(logarithm);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(rest, b, a) / b
    }
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), by Lentz's method.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0));
    let mut product = d;
    let mut m = 0.0;
    // Needs about the square root of the larger parameter; 10,000 degrees take 70.
    for _ in 0..500 {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        product *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        let step = d * c;
        product *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn close(found: f64, expected: f64, error: f64) {
        assert!((found - expected).abs() <= error, "{found} is not {expected}");
    }

    #[test]
    fn quantiles_are_the_published_ones() {
        // NIST/SEMATECH e-Handbook 1.3.6.7.2, three decimals.
        for (degrees, expected) in [
            (1.0, 12.706),
            (2.0, 4.303),
            (4.0, 2.776),
            (9.0, 2.262),
            (29.0, 2.045),
            (60.0, 2.000),
            (100.0, 1.984),
        ] {
            close(student_quantile(0.975, degrees), expected, 5.1e-4);
        }
        close(student_quantile(0.995, 5.0), 4.032, 5.1e-4);
        close(student_quantile(0.90, 10.0), 1.372, 5.1e-4);
        close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-12);
        close(normal_quantile(0.95), 1.644_853_626_951_472_2, 1e-12);
    }

    #[test]
    fn closed_forms_agree_to_a_billionth() {
        for probability in [0.5001, 0.6, 0.75, 0.9, 0.975, 0.9995, 0.999_999] {
            // One degree: tan(π(p - ½)). Two: (2p - 1) ÷ √(2p(1 - p)).
            let one = libm::tan(std::f64::consts::PI * (probability - 0.5));
            close(student_quantile(probability, 1.0) / one, 1.0, 1e-9);
            let two = (2.0 * probability - 1.0) / (2.0 * probability * (1.0 - probability)).sqrt();
            close(student_quantile(probability, 2.0) / two, 1.0, 1e-9);
        }
    }

    #[test]
    fn sides_mirror_and_the_middle_is_nothing() {
        close(student_quantile(0.025, 7.0), -student_quantile(0.975, 7.0), 1e-12);
        close(student_quantile(0.5, 7.0), 0.0, 1e-12);
    }

    #[test]
    fn the_expansion_continues_the_inversion() {
        for probability in [0.6, 0.975, 0.9999, 0.999_999_9] {
            let degrees = DEGREES_EXPANDED;
            let inverted = student_quantile(probability, degrees);
            close(expanded(normal_quantile(probability), degrees), inverted, 1e-9 * inverted);
        }
    }
}
