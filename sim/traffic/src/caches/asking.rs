//! A source that asks a cache first: for which objects, and what came of it. Each of its draws has
//! a stream of its own, so that neither another cache nor another source shifts them.

use super::super::draws::Draws;
use super::super::figures::{Kept, Show};
use super::Cache;
use super::index::Key;
use crate::distributions::distribution;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose, Stream, TenantId};
use seatrial_format::scenario::{Scenario, Traffic};
use seatrial_kernel::chance::Zipf;
use seatrial_kernel::statistics::Sketch;

/// What a source asks of its cache.
pub(in super::super) struct Asking {
    /// The place of its cache among the stations.
    pub(in super::super) cache: usize,
    pub(super) space: u32,
    /// Each tenant has keys of its own in a cache that is everybody's.
    each: bool,
    /// Those that each calling tenant keeps.
    pub(in super::super) connections: u32,
    objects: Zipf,
    stream: Stream,
    takes: Draws,
    pub(super) seen: Asked,
}

/// What became of calls that asked a cache.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    pub(super) hits: u64,
    pub(super) misses: u64,
    pub(super) writes: u64,
    pub(super) refused: u64,
    /// Calls that went past the cache, since their tenant had no connection to it.
    pub(super) past: u64,
    /// Of those answered, by the cache or the service: from the call to the answer.
    pub(super) response: Sketch,
}

impl Asking {
    /// None where the traffic asks no cache, or one that is not there; the format tells of that.
    pub(in super::super) fn new(
        traffic: &Traffic,
        scenario: &Scenario,
        caches: &mut [Cache],
        now: Moment,
        dice: Dice,
    ) -> Option<Self> {
        let file = traffic.cache.as_ref()?;
        let cache = caches.iter().position(|cache| cache.name == file.name.value)?;
        let name = traffic.name.as_str();
        let prefix = file.prefix.as_ref().map_or(name, |prefix| prefix.as_str());
        Some(Self {
            cache,
            space: caches[cache].space(prefix, &file.entry, now),
            each: file.keys_per.is_some() && scenario.caches[cache].one_per.is_none(),
            connections: file.connections,
            // The format has checked that it is possible.
            objects: Zipf::new(file.objects.get(), file.zipf.value).ok()?,
            stream: dice.stream(0, Purpose::new(&format!("traffic {name}: object"))),
            takes: Draws::new(
                distribution(&scenario.caches[cache].service_time),
                name,
                "cache",
                dice,
            ),
            seen: Asked::default(),
        })
    }

    pub(in super::super) const fn hits(&self) -> u64 {
        self.seen.hits
    }

    /// Shows its statistics.
    pub(in super::super) fn show(&mut self, show: &mut Show<'_>) {
        let seen = &mut self.seen;
        let counts =
            [&mut seen.hits, &mut seen.misses, &mut seen.writes, &mut seen.refused, &mut seen.past];
        counts.into_iter().for_each(|count| show(Kept::Count(count)));
        show(Kept::Times(&mut seen.response));
    }

    /// What the call that comes now asks for, and how long the cache takes to answer.
    #[inline]
    pub(in super::super) fn ask(
        &mut self,
        cache: &mut Cache,
        tenant: Option<TenantId>,
        now: Moment,
    ) -> (Key, Span) {
        let space = match tenant {
            Some(tenant) if self.each => cache.space_of(self.space, tenant, now),
            _ => self.space,
        };
        (Key::new(space, self.objects.draw(&mut self.stream)), self.takes.draw())
    }

    /// Whether the cache has it.
    #[inline]
    pub(in super::super) fn look_up(&mut self, key: Key, cache: &mut Cache, now: Moment) -> bool {
        let is_hit = cache.look_up(key, now);
        self.seen.hits += u64::from(is_hit);
        self.seen.misses += u64::from(!is_hit);
        is_hit
    }

    /// The service has answered: the cache is to have it too.
    #[inline]
    pub(in super::super) fn write(&mut self, key: Key, cache: &mut Cache, now: Moment) {
        let is_kept = cache.write(key, now);
        self.seen.writes += u64::from(is_kept);
        self.seen.refused += u64::from(!is_kept);
    }

    /// A call goes past the cache.
    pub(in super::super) fn pass(&mut self) {
        self.seen.past += 1;
    }

    /// A call has its answer.
    #[inline]
    pub(in super::super) fn answered(&mut self, after: Span) {
        self.seen.response.add(after.0);
    }

    pub(in super::super) fn reset(&mut self) {
        self.seen = Asked::default();
    }
}

impl Asked {
    pub(super) fn merge(&mut self, other: &Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.writes += other.writes;
        self.refused += other.refused;
        self.past += other.past;
        self.response.merge(&other.response);
    }
}
