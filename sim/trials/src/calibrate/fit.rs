//! The curve that meets measured points best: least squares of what it is away from each, as a
//! share. Deterministic: a fixed grid of starts, then Nelder and Mead's simplex from each.

use super::nelder_mead::least;
use super::sweep::Point;
use seatrial_contract::config::Located;
use seatrial_contract::units::Span;
use seatrial_format::scenario;
use seatrial_traffic::Contention;

/// A curve, and what one client alone gets done.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The curve.
    pub contention: scenario::Contention,
    /// How long a transaction takes when no other is under way.
    pub alone: Span,
    shape: Shape,
}

/// A place among all shapes: a number from 0 to 1 for each parameter.
type Shape = [f64; 4];

/// Where the simplex starts, for each parameter: shapes near and far.
const STARTS: [&[f64]; 4] = [&[0.35, 0.6], &[0.2, 0.8], &[0.25, 0.6], &[0.05, 0.6, 0.95]];
/// From so many points on the curve without one of them is near the curve of all.
const MANY: usize = 24;
/// The first steps of the simplex.
const STEP: f64 = 0.1;
/// What a shape costs by being unusual, so that it does not bend to noise: a parameter's whole range
/// counts as much as one point that is 1.7 % away, less than what most measurements repeat to.
const UNUSUAL: f64 = 3e-4;
/// The usual shape: that of a scenario that says nothing, by the ranges below.
const USUAL: Shape = [0.5, 0.5, 0.5, 0.0];

impl Fit {
    /// Of these points; all parameters as they will be written.
    pub(super) fn of(points: &[Point], cores: u32) -> Self {
        Self::from(&starts(), points, cores)
    }

    /// Of all these points but a few: the search begins at the curve of all where there are so many that
    /// the curve hardly moves without one, and everywhere where there are not.
    pub(super) fn of_fewer(&self, points: &[Point], cores: u32) -> Self {
        if points.len() < MANY {
            Self::of(points, cores)
        } else {
            Self::from(&[self.shape], points, cores)
        }
    }

    /// The best that is found from any of these starts.
    fn from(starts: &[Shape], points: &[Point], cores: u32) -> Self {
        let cost = |shape: &Shape| {
            let away: f64 = shape.iter().map(|value| (value - value.clamp(0.0, 1.0)).abs()).sum();
            let shape = shape.map(|value| value.clamp(0.0, 1.0));
            let curve = Contention::new(&contention(&shape), cores);
            let unusual: f64 = (0..4).map(|axis| (shape[axis] - USUAL[axis]).powi(2)).sum();
            errors(&ratios(&curve, points)) + UNUSUAL * unusual + away
        };
        let (mut best, mut lowest) = (USUAL, f64::INFINITY);
        for start in starts {
            let (shape, value) = least(cost, *start, STEP);
            if value < lowest {
                (best, lowest) = (shape, value);
            }
        }
        let shape = best.map(|value| value.clamp(0.0, 1.0));
        let contention = written(&contention(&shape));
        let scale = alone(&ratios(&Contention::new(&contention, cores), points));
        // What is checked to be no faster than this may be fitted a little faster.
        let alone = Span(whole(significant(1e9 / scale, 4)).max(1));
        Self { contention, alone, shape }
    }

    /// What so many clients get done in a second.
    #[must_use]
    pub fn per_second(&self, clients: u32, cores: u32) -> f64 {
        Contention::new(&self.contention, cores).speed(clients) / self.alone.as_seconds()
    }
}

fn starts() -> Vec<Shape> {
    let mut all = Vec::new();
    for &per_core in STARTS[0] {
        for &knee in STARTS[1] {
            for &crowding in STARTS[2] {
                for &waking in STARTS[3] {
                    all.push([per_core, knee, crowding, waking]);
                }
            }
        }
    }
    all
}

/// What the curve says over what was measured, for each point.
fn ratios(curve: &Contention, points: &[Point]) -> Vec<f64> {
    points.iter().map(|point| curve.speed(point.clients) / point.per_second).collect()
}

/// The scale that suits a curve best: in closed form, since what the curve is away is linear in it.
fn alone(ratios: &[f64]) -> f64 {
    let (sum, squares) = ratios
        .iter()
        .fold((0.0, 0.0), |(sum, squares), ratio| (sum + ratio, squares + ratio * ratio));
    sum / squares
}

fn errors(ratios: &[f64]) -> f64 {
    let alone = alone(ratios);
    ratios.iter().map(|ratio| alone * ratio - 1.0).map(|error| error * error).sum()
}

/// The curve of a shape. The ranges are as wide as databases are known to be, and no wider: a huge
/// plateau that is all crowded away would meet a noisy sweep as well, and mislead on other cores.
fn contention(shape: &Shape) -> scenario::Contention {
    let at = Located::nowhere;
    let between = |low: f64, high: f64, far: f64| low * libm::pow(high / low, far);
    scenario::Contention {
        per_core: at(between(0.1, 10.0, shape[0])),
        knee: at(between(1.0, 16.0, shape[1])),
        // Finer where it is small, and exactly 0 at 0.
        crowding: at(0.16 * libm::pow(shape[2], 3.0)),
        waking: at(0.98 * shape[3]),
    }
}

/// As people will read it.
fn written(curve: &scenario::Contention) -> scenario::Contention {
    let at = |value: &Located<f64>, digits| Located::nowhere(significant(value.value, digits));
    scenario::Contention {
        per_core: at(&curve.per_core, 4),
        knee: at(&curve.knee, 3),
        crowding: at(&curve.crowding, 3),
        waking: at(&curve.waking, 3),
    }
}

/// Rounded to so many digits that count.
fn significant(value: f64, digits: i32) -> f64 {
    // Nothing that a search ends so near to zero with can be told from it.
    if value.abs() < 1e-6 {
        return 0.0;
    }
    let magnitude = digits - 1 - exponent(value);
    // Powers of ten that are exact, on the side where they are.
    let power = libm::pow(10.0, f64::from(magnitude.abs()));
    if magnitude >= 0 {
        libm::round(value * power) / power
    } else {
        libm::round(value / power) * power
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the exponent of a float is small")]
fn exponent(value: f64) -> i32 {
    libm::floor(libm::log10(value.abs())) as i32
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates"
)]
fn whole(value: f64) -> u64 {
    value as u64
}
