//! The least of a function by Nelder and Mead's simplex, which needs no derivative. Draws nothing,
//! so the same function gives the same answer.

/// Steps after which a simplex of a few dimensions has long settled.
const STEPS: u32 = 600;
/// Settled: its corners differ by less.
const SETTLED: f64 = 1e-13;

/// Where the function is least, from this start on with first steps of this size, and how much it
/// is there.
pub(super) fn least<const N: usize>(
    function: impl Fn(&[f64; N]) -> f64,
    start: [f64; N],
    step: f64,
) -> ([f64; N], f64) {
    let at = |point: [f64; N]| (point, function(&point));
    let mut corners = vec![at(start)];
    for axis in 0..N {
        let mut point = start;
        point[axis] += step;
        corners.push(at(point));
    }
    for _ in 0..STEPS {
        corners.sort_by(|one, other| one.1.total_cmp(&other.1));
        let (best, second, worst) = (corners[0].1, corners[N - 1].1, corners[N]);
        if worst.1 - best < SETTLED {
            break;
        }
        let centre = centre(&corners[..N]);
        let along = |far: f64| at(between(&centre, &worst.0, -far));
        let mirrored = along(1.0);
        let next = if mirrored.1 < best {
            let further = along(2.0);
            if further.1 < mirrored.1 { Some(further) } else { Some(mirrored) }
        } else if mirrored.1 < second {
            Some(mirrored)
        } else {
            let outside = mirrored.1 < worst.1;
            let nearer = along(if outside { 0.5 } else { -0.5 });
            (nearer.1 < mirrored.1.min(worst.1)).then_some(nearer)
        };
        match next {
            Some(corner) => corners[N] = corner,
            None => {
                let first = corners[0].0;
                for corner in &mut corners[1..] {
                    *corner = at(between(&first, &corner.0, 0.5));
                }
            }
        }
    }
    corners.into_iter().min_by(|one, other| one.1.total_cmp(&other.1)).unwrap_or(at(start))
}

#[expect(clippy::cast_precision_loss, reason = "corners are few")]
fn centre<const N: usize>(corners: &[([f64; N], f64)]) -> [f64; N] {
    core::array::from_fn(|axis| {
        corners.iter().map(|corner| corner.0[axis]).sum::<f64>() / corners.len() as f64
    })
}

/// From one point to another, so far.
fn between<const N: usize>(from: &[f64; N], to: &[f64; N], far: f64) -> [f64; N] {
    core::array::from_fn(|axis| from[axis] + far * (to[axis] - from[axis]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_bottom_of_a_curved_valley() {
        // Rosenbrock's: least at (1, 1).
        let valley = |x: &[f64; 2]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
        let (found, value) = least(valley, [-1.2, 1.0], 0.5);
        assert!((found[0] - 1.0).abs() < 1e-4 && (found[1] - 1.0).abs() < 1e-4, "{found:?}");
        assert!(value < 1e-8);
    }

    #[test]
    fn finds_the_bottom_of_a_bowl_in_four_dimensions() {
        let bowl = |x: &[f64; 4]| (0..4).map(|i| (x[i] - i as f64).powi(2)).sum();
        let (found, _) = least(bowl, [9.0; 4], 1.0);
        for (axis, value) in found.iter().enumerate() {
            assert!((value - axis as f64).abs() < 1e-4, "{found:?}");
        }
    }
}
