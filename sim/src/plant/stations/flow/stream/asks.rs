//! What calls ask of a cache before anything else, and what came of it.

use crate::laws::law;
use crate::plant::stations::flow::bins::Bins;
use crate::plant::stations::flow::shelf::Shelf;
use crate::plant::stations::flow::spread::Spread;
use seatrial_format::scenario::{Scenario, Traffic};

/// A source that asks a cache first.
pub(super) struct Asks {
    pub(super) shelf: usize,
    pub(super) space: usize,
    pub(super) takes: Spread,
    /// Seconds until what it lacked is written.
    pub(super) lag: f64,
    pub(super) hits: f64,
    pub(super) misses: f64,
    pub(super) response: Bins,
}

impl Asks {
    pub(super) fn new(
        traffic: &Traffic,
        name: &str,
        scenario: &Scenario,
        shelves: &mut [Shelf],
    ) -> Option<Self> {
        let file = traffic.cache.as_ref()?;
        let mut caches = scenario.caches.iter();
        let shelf = caches.position(|cache| cache.name.as_str() == file.name.value)?;
        let prefix = file.prefix.as_ref().map_or(name, |prefix| prefix.as_str());
        Some(Self {
            shelf,
            space: shelves[shelf].space(prefix, file),
            takes: Spread::of(&law(&scenario.caches[shelf].service_time)),
            lag: 0.0,
            hits: 0.0,
            misses: 0.0,
            response: Bins::default(),
        })
    }

    pub(super) fn missed(&self, shelves: &[Shelf]) -> f64 {
        1.0 - shelves[self.shelf].spaces[self.space].hits
    }
}
