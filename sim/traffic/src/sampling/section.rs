//! A part of a stretch that was lived through: what it came to, and what was to be read in it.

use crate::{Conditions, Figures};
use std::collections::VecDeque;

/// What was to be read in so many batches is kept.
pub(super) const SCRAPES: usize = 64;

/// A stretch that was lived through.
#[derive(Clone, Debug)]
pub(super) struct Section {
    pub(super) conditions: Conditions,
    pub(super) seconds: f64,
    /// How many of the usual length it is as long as.
    pub(super) count: f64,
    /// What levels came to a second.
    pub(super) rates: Vec<f64>,
    pub(super) figures: Figures,
    /// What was to be read in it, batch by batch.
    pub(super) scrapes: Vec<ServicesScrape>,
}

/// What was to be read of a batch.
#[derive(Clone, Debug)]
pub(super) struct ServicesScrape {
    pub(super) seconds: f64,
    /// Calls a second.
    pub(super) pace: f64,
    /// What readings grew by in a second.
    pub(super) rates: Vec<f64>,
    /// Who waited and who had connections at its end.
    pub(super) now: Vec<u32>,
}

/// What is to be read under certain conditions.
#[derive(Debug)]
pub(super) struct Scrapes {
    pub(super) conditions: Conditions,
    pub(super) all: Vec<ServicesScrape>,
    /// How long a batch was, and what readings grew by in a second, on the mean.
    pub(super) seconds: f64,
    pub(super) means: Vec<f64>,
}

impl Scrapes {
    pub(super) fn new(conditions: Conditions, all: &VecDeque<ServicesScrape>) -> Self {
        let whole: f64 = all.iter().map(|scrape| scrape.seconds).sum();
        let mut means = vec![0.0; all[0].rates.len()];
        for scrape in all {
            for (mean, rate) in means.iter_mut().zip(&scrape.rates) {
                *mean += rate * scrape.seconds / whole;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "scrapes are few")]
        let seconds = whole / all.len() as f64;
        Self { conditions, all: all.iter().cloned().collect(), seconds, means }
    }
}

impl Section {
    /// The calls that were expected of it, or its seconds.
    pub(super) fn calls(&self) -> f64 {
        scale(self.conditions.pace()) * self.seconds
    }

    /// Together with the one after it.
    pub(super) fn merge(&mut self, next: &Self) {
        let all = self.seconds + next.seconds;
        let merge = |kept: &mut [f64], more: &[f64]| {
            for (kept, more) in kept.iter_mut().zip(more) {
                *kept = (*kept * self.seconds + more * next.seconds) / all;
            }
        };
        merge(&mut self.rates, &next.rates);
        merge(&mut self.conditions.paces, &next.conditions.paces);
        self.figures.merge(&next.figures);
        self.scrapes.extend(next.scrapes.iter().cloned());
        self.scrapes.truncate(SCRAPES);
        self.count += next.count;
        self.seconds = all;
    }

    /// What levels came to for a call.
    pub(super) fn each(&self) -> impl Iterator<Item = f64> {
        let pace = scale(self.conditions.pace());
        self.rates.iter().map(move |rate| rate / pace)
    }
}

/// Where calls have no pace of their own, time is counted.
pub(super) fn scale(pace: f64) -> f64 {
    if pace > 0.0 { pace } else { 1.0 }
}
