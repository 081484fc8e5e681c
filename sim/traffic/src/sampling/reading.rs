//! What is read off the stations while calls stand still. Knows no policy.

use super::Sampling;
use super::section::{Scrapes, scale};
use crate::event::Hosts;
use crate::imagining;
use crate::{Conditions, Stations};
use seatrial_contract::units::Moment;
use seatrial_kernel::statistics::float;

/// Readings are looked up anew once paces have gone on by more than this.
const NEAR: f64 = 0.02;

/// Has readings come to what they would be now, had calls been lived through since they were last read:
/// as in batches picked by chance of those that were, under like conditions.
pub fn read<E: Hosts>(sampling: &mut Sampling<E>, stations: &mut Stations, world: Moment) {
    let seconds = world.since(sampling.gap.read).as_seconds();
    if sampling.time.is_live || seconds <= 0.0 {
        return;
    }
    sampling.gap.read = world;
    let apart = |of: &Scrapes| {
        sampling.known.library.loads.paces_apart(&of.conditions.paces, &sampling.paces.now) > NEAR
    };
    if sampling.gap.scrapes.as_ref().is_none_or(apart) {
        let shape = sampling.gap.conditions.shape.clone();
        let paces = sampling.paces.now.clone();
        sampling.gap.scrapes = sampling.known.library.scrapes(&Conditions { shape, paces });
    }
    let Some(Scrapes { all, seconds: each, means, .. }) = &sampling.gap.scrapes else { return };
    // So many batches fit; of more than a few the mean is as good, as long as it varies as much.
    let picks = (seconds / each).clamp(1.0, 8.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "up to eight")]
    let picks = libm::round(picks) as u64;
    let varies = libm::sqrt(float(picks) * each / seconds).min(4.0);
    let mut rates = vec![0.0; means.len()];
    let mut last = &all[0];
    for _ in 0..picks {
        let pick = sampling.stream.below(all.len() as u64);
        last = &all[usize::try_from(pick).unwrap_or_default()];
        for (sum, rate) in rates.iter_mut().zip(&last.rates) {
            *sum += rate / float(picks);
        }
    }
    let pace = scale(sampling.paces.now.iter().sum()) / scale(last.pace);
    let more: Vec<f64> = rates
        .iter()
        .zip(means)
        .map(|(rate, mean)| ((mean + (rate - mean) * varies) * pace * seconds).max(0.0))
        .collect();
    imagining::imagine_now(stations, Some(last.now.clone()));
    imagining::imagine(stations, &more);
}
