//! What was seen of one container: its cpu as a histogram, its memory as the peaks of eight days, and
//! how long and how often it was seen. Knows no view and no decision.
//!
//! 136 bytes and 8 for each bucket of cpu that was hit: a kibibyte or less for a tenant of five parts.

use super::buckets::Buckets;
use super::estimate::{Confidence, float, footprint, scaled, with_margin};
use super::histogram::Histogram;
use seatrial_contract::Footprint;
use seatrial_contract::units::{Bytes, MilliCores, Moment, Span, mib};
use serde::{Deserialize, Serialize};

/// VPA's `DefaultMemoryAggregationIntervalCount`, each of a day.
const DAYS: usize = 8;
const DAY: u64 = Span::days(1).0;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct History {
    pub(super) cpu: Histogram,
    /// The bucket of each day's peak counted from one, the latest day first; nothing where none was
    /// seen.
    peaks: [u16; DAYS],
    /// The latest day, counted from the zero, and the most memory seen on it.
    day: u64,
    peak: Bytes,
    first: Option<Moment>,
    last: Moment,
    samples: u32,
    /// Killed for want of memory, it lay down since then.
    pub(super) lies_since: Option<Moment>,
    /// When a kill was last noted.
    pub(super) killed_at: Option<Moment>,
    pub(super) resized_at: Option<Moment>,
}

/// What a container should request, and between which bounds it may stay as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) lower: Footprint,
    pub(super) target: Footprint,
    pub(super) upper: Footprint,
}

/// By which shares, margin and half-life a range is worked out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// Lower, target and upper share of what was seen.
    pub(super) shares: [f64; 3],
    pub(super) margin: f64,
    pub(super) half_life: Span,
}

impl History {
    /// Its use was seen at that moment.
    pub(super) fn see(&mut self, at: Moment, cpu: (u16, f64)) {
        self.cpu.add(cpu.0, cpu.1);
        self.first.get_or_insert(at);
        self.last = at;
        self.samples = self.samples.saturating_add(1);
    }

    /// So much memory was in use, or was needed; says whether the day's peak is in a higher bucket
    /// than before.
    pub(super) fn see_memory(&mut self, at: Moment, used: Bytes, buckets: &Buckets) -> bool {
        let day = at.0 / DAY;
        if day > self.day {
            let days = usize::try_from(day - self.day).unwrap_or(DAYS).min(DAYS);
            self.peaks.rotate_right(days);
            self.peaks[..days].fill(0);
            (self.day, self.peak) = (day, Bytes(0));
        }
        if used <= self.peak && self.peaks[0] > 0 {
            return false;
        }
        let bucket = buckets.find(float(used.0)) + 1;
        self.peak = used;
        core::mem::replace(&mut self.peaks[0], bucket) < bucket
    }

    /// It was killed for want of memory: it needs a fifth more than it used or asked for, or 100 MiB
    /// more if that is more (VPA's `OOMBumpUpRatio` and `OOMMinBumpUp`).
    pub(super) fn kill(&mut self, at: Moment, requested: Bytes, buckets: &Buckets) {
        self.killed_at = Some(at);
        let used = requested.max(self.peak);
        let fifth = scaled(Footprint { cpu: MilliCores(0), memory: used }, 1.2).memory;
        self.see_memory(at, fifth.max(used + mib(100)), buckets);
    }

    /// Whether it was killed since it was last resized.
    pub(super) fn is_killed(&self) -> bool {
        self.killed_at.is_some_and(|at| self.resized_at.is_none_or(|resized| at > resized))
    }

    /// What it should request; none where nothing was seen.
    pub(super) fn range(&self, rule: &Rule, cores: &Buckets, bytes: &Buckets) -> Option<Range> {
        // A container that was killed before its cpu was seen is given memory all the same.
        if self.peaks == [0; DAYS] || self.cpu.is_empty() && !self.is_killed() {
            return None;
        }
        let cpu = self.cpu.percentiles(cores, rule.shares);
        let memory = self.memory(rule.half_life).percentiles(bytes, rule.shares);
        let at = |index: usize| with_margin(footprint(cpu[index], memory[index]), rule.margin);
        let known = self.known();
        Some(Range {
            // (1 + 0.001 / days)^-2 and 1 + 1 / days: estimator and recommender of VPA (S).
            lower: scaled(at(0), known.factor(0.001, -2.0)),
            target: at(1),
            upper: scaled(at(2), known.factor(1.0, 1.0)),
        })
    }

    /// How much is known of it.
    fn known(&self) -> Confidence {
        let watched = self.first.map_or(Span::ZERO, |first| self.last.since(first));
        Confidence::new(watched, self.samples, Span::days(1))
    }

    /// The peaks, each day's counting for less the longer it is ago.
    fn memory(&self, half_life: Span) -> Histogram {
        let mut histogram = Histogram::default();
        let (mut ago, day) = (0.0, Span::days(1).as_seconds());
        for peak in self.peaks {
            if peak > 0 {
                histogram.add(peak - 1, libm::exp2(-ago * day / half_life.as_seconds()));
            }
            ago += 1.0;
        }
        histogram
    }
}
