//! How much connections that work at the same time get done together. A curve: knows no queue, no
//! request and no time, and draws nothing.

use seatrial_format::scenario;

/// What `active` connections get done together: near-linear at first, a knee where the cores are
/// busy, and a slow decline when they crowd.
#[derive(Clone, Debug, PartialEq)]
pub struct Contention {
    cores: f64,
    /// To the power of minus `knee`.
    plateau: f64,
    knee: f64,
    crowding: f64,
    waking: f64,
}

impl Contention {
    /// Of a machine with so many cores.
    #[must_use]
    pub fn new(file: &scenario::Contention, cores: u32) -> Self {
        let (cores, knee) = (f64::from(cores.max(1)), file.knee.value);
        Self {
            cores,
            plateau: libm::pow(file.per_core.value * cores, -knee),
            knee,
            crowding: file.crowding.value,
            waking: file.waking.value,
        }
    }

    /// How many times the work of one connection alone so many get done.
    #[must_use]
    pub fn speed(&self, active: u32) -> f64 {
        if active <= 1 {
            return f64::from(active);
        }
        let active = f64::from(active);
        let rise = libm::pow(self.rise(active), -self.knee);
        // One alone is at 1, very many are at the plateau.
        let speed = libm::pow(rise * (1.0 - self.plateau) + self.plateau, -1.0 / self.knee);
        speed / (1.0 + self.crowding * (active / self.cores - 1.0).max(0.0))
    }

    /// What they would get done if there were cores for all.
    fn rise(&self, active: f64) -> f64 {
        // One other for every four cores keeps half of them awake. Smooth, so that a fit cannot
        // find a corner in what is noise.
        let others = active - 1.0;
        let awake = others / (others + self.cores / 4.0);
        active / (1.0 - self.waking * awake)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use seatrial_contract::config::Located;

    fn curve(per_core: f64, knee: f64, crowding: f64, waking: f64, cores: u32) -> Contention {
        let at = Located::nowhere;
        let file = scenario::Contention {
            per_core: at(per_core),
            knee: at(knee),
            crowding: at(crowding),
            waking: at(waking),
        };
        Contention::new(&file, cores)
    }

    fn close(found: f64, expected: f64, share: f64) {
        assert!((found / expected - 1.0).abs() <= share, "{found}, not {expected}");
    }

    #[test]
    fn rises_with_connections_up_to_the_cores() {
        let curve = curve(1.0, 16.0, 0.0, 0.0, 8);
        close(curve.speed(4), 4.0, 0.001);
        close(curve.speed(6), 6.0, 0.01);
        // At a knee of k, as many as cores give 2^(-1/k) of the plateau: 0.96 of 8.
        close(curve.speed(8), 7.66, 0.01);
        close(curve.speed(32), 8.0, 0.001);
    }

    #[test]
    fn crowding_slows_by_its_share_for_each_further_connection_a_core() {
        let crowded = curve(1.0, 16.0, 0.02, 0.0, 2);
        // 64 on 2 cores are 31 more a core than the first: 2 / (1 + 31 × 0.02).
        close(crowded.speed(64), 2.0 / 1.62, 0.001);
    }

    #[test]
    fn one_alone_that_wakes_processors_is_outdone_by_two() {
        // Six tenths of its time alone: two on two cores, of which 1 / (1 + 0.5) are awake, get
        // 2 / (1 − 0.6 × 2/3) done.
        close(curve(10.0, 16.0, 0.0, 0.6, 2).speed(2), 2.0 / 0.6, 0.01);
        // On sixteen cores one other keeps 1 / (1 + 4) awake.
        close(curve(10.0, 16.0, 0.0, 0.6, 16).speed(2), 2.0 / 0.88, 0.01);
    }

    #[test]
    fn a_disk_may_bound_a_machine_to_less_than_one_connection_gets_done_alone() {
        let bound = curve(0.4, 2.0, 0.0, 0.0, 2);
        close(bound.speed(1_000), 0.8, 0.01);
        assert!(bound.speed(2) < 1.0 && bound.speed(2) > bound.speed(3));
    }

    proptest! {
        #[test]
        fn one_alone_is_one_and_no_number_is_out_of_bounds(
            per_core in 0.01f64..1_000.0,
            knee in 0.5f64..16.0,
            crowding in 0.0f64..10.0,
            waking in 0.0f64..0.99,
            cores in 1u32..=4_096,
            active in 2u32..=1_000_000,
        ) {
            let curve = curve(per_core, knee, crowding, waking, cores);
            prop_assert!((curve.speed(1) - 1.0).abs() < 1e-12);
            let speed = curve.speed(active);
            let most = (per_core * f64::from(cores)).max(1.0);
            prop_assert!(speed > 0.0 && speed <= most * (1.0 + 1e-9), "{speed}");
        }

        #[test]
        fn without_crowding_more_never_get_less_done(
            per_core in 1.0f64..10.0,
            knee in 0.5f64..16.0,
            waking in 0.0f64..0.99,
            cores in 1u32..=64,
            active in 1u32..=1_000,
        ) {
            let curve = curve(per_core, knee, 0.0, waking, cores);
            prop_assert!(curve.speed(active + 1) >= curve.speed(active) * (1.0 - 1e-9));
        }
    }
}
