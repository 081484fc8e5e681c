//! Contention between connections: shapes that the curve can take. Knows no database.

use crate::scenario::Contention;
use seatrial_contract::config::{Located, Path, Problems};

/// Adds what is impossible about a curve.
pub(super) fn check(contention: &Contention, path: &Path<'_>, problems: &mut Problems) {
    let mut within = |found: &Located<f64>, key, least: f64, most: f64, remedy: &str| {
        if !(least..=most).contains(&found.value) {
            let message = format!("{} is outside {least} to {most}", found.value);
            problems.add(&Path::Key(path, key), found.place, message, remedy);
        }
    };
    let remedy = "a core gets about as much done as one connection alone: write 1";
    within(&contention.per_core, "per_core", 0.01, 1_000.0, remedy);
    within(&contention.knee, "knee", 0.5, 16.0, "write 1 for a gentle knee, 16 for a sharp one");
    within(&contention.crowding, "crowding", 0.0, 10.0, "write 0 for none; 0.02 is usual");
    within(&contention.waking, "waking", 0.0, 0.99, "it is a share: write 0 for none");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_curve_is_possible_and_others_are_told_how_to_mend() {
        let mut problems = Problems::default();
        let mut contention = Contention::default();
        check(&contention, &Path::Root, &mut problems);
        assert!(problems.is_empty());
        for (value, field) in [
            (0.0, &mut contention.per_core),
            (f64::NAN, &mut contention.knee),
            (-0.1, &mut contention.crowding),
            (1.0, &mut contention.waking),
        ] {
            *field = Located::nowhere(value);
        }
        check(&contention, &Path::Root, &mut problems);
        assert_eq!(problems.len(), 4, "{problems:?}");
    }
}
