//! What a sample comes to at the end: every figure, and how far it may be off.

use super::Sampling;
use super::extrapolated::PARTS;
use super::gaps;
use crate::event::Hosts;
use crate::{Stations, Stood};
use crate::{figures, metrics};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::statistics::float;
use seatrial_record::{Metric, Sampled};

/// What is told at the end.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// How long was lived through, in all.
    lived: Span,
    /// Calls went from one lasting state to another by themselves: when that happens is chance, much of which
    /// gaps leave out.
    pub(super) fell: bool,
    /// They could.
    pub(super) may_fall: bool,
    /// How far figures may be off, by name.
    names: Vec<String>,
    within: Vec<Option<f64>>,
}

/// How calls were sampled.
pub fn sampled<E: Hosts>(sampling: &Sampling<E>) -> Sampled {
    // As the file has it, in parts per million.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share")]
    let precision = libm::round(sampling.effort.precision * 1e6) as u32;
    Sampled {
        lived: sampling.told.lived.0,
        precision,
        fell: sampling.told.fell,
        may_fall: sampling.told.may_fall,
    }
}

/// Says of figures how far they may be off.
pub fn tell<E: Hosts>(sampling: &Sampling<E>, metrics: &mut [Metric]) {
    let mut from = 0;
    for (name, within) in sampling.told.names.iter().zip(&sampling.told.within) {
        // They stand in the same order there, among others.
        let found = metrics[from..].iter_mut().position(|metric| metric.name == *name);
        if let Some(at) = found {
            from += at;
            metrics[from].within = *within;
        }
    }
}

/// At the end: has what was lived through stand for all time, and notes how sure every figure is.
pub fn end<E: Hosts>(sampling: &mut Sampling<E>, stations: &mut Stations, world: Moment) {
    sampling.agenda.pass(Moment(world.0 - sampling.time.ahead.0));
    gaps::falls(sampling, stations, world);
    let now = sampling.now();
    sampling.told.lived = Span(now.0 - sampling.time.starts_at.0);
    let lived = figures::figures(stations, now);
    let (kept, passed) = sampling.known.library.seconds();
    if passed <= 0.0 {
        return figures::restate(stations, &lived, &Stood::default(), world);
    }
    let mut parts: Vec<Vec<Option<f64>>> = Vec::new();
    for part in 0..PARTS {
        let stood = sampling.known.library.stood(Some(part));
        figures::restate(stations, &lived, &stood, world);
        let metrics = metrics::metrics(stations, world);
        sampling.told.names = metrics.iter().map(|metric| metric.name.clone()).collect();
        parts.push(metrics.into_iter().map(|metric| metric.value).collect());
    }
    let stood = sampling.known.library.stood(None);
    figures::restate(stations, &lived, &stood, world);
    let whole = sampling.told.lived.as_seconds() + passed;
    sampling.told.within =
        within(&sampling.told.names, &parts, kept * whole / (passed * passed), passed / whole);
    if sampling.told.fell {
        // Nobody knows: all may be as it was before, or as it is now.
        let values = metrics::metrics(stations, world).into_iter().map(|metric| metric.value);
        sampling.told.within = values.map(|value| value.map(f64::abs)).collect();
    }
}

/// How far figures may be off, by what they come to without one part of what was lived through after
/// another. Had all been lived through, there would have been other chances: so much more.
fn within(
    names: &[String],
    parts: &[Vec<Option<f64>>],
    more: f64,
    passed: f64,
) -> Vec<Option<f64>> {
    let count = float(parts.len() as u64);
    // Of Student with one less than there are parts, 95 %.
    let times = 2.365 * libm::sqrt((count - 1.0) / count * (1.0 + more));
    let each = names.iter().enumerate().map(|(at, name)| {
        let values: Option<Vec<f64>> = parts.iter().map(|part| part[at]).collect();
        let values = values?;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        // A quantile is told to the width of a bucket; and what sampling has a part in is known no better than
        // this.
        let is_quantile = name.contains("_p50") || name.contains("_p95");
        let least = if is_quantile { 1.0 / 128.0 } else { passed.min(0.002) };
        let is_touched = squares > 0.0 || is_quantile;
        is_touched.then(|| (times * libm::sqrt(squares)).max(least * libm::fabs(mean)))
    });
    each.collect()
}
