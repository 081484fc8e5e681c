//! Caches with bounded memory, and what calls keep in them.

use super::{DistributionFile, Each, SizeFile};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Name, element, words};
use seatrial_contract::units::{Bytes, Ppm, Price, Span, percent};

words! {
    /// What a cache does when a new entry does not fit.
    pub enum Eviction {
        /// It refuses the entry; nothing is ever pushed out (Redis' default).
        NoEviction = "noeviction",
        /// It pushes out the entry that was asked for the longest ago.
        Lru = "lru",
        /// As Redis does it: the longest unused of some samples, and of the 16 best of earlier
        /// samples, by a clock that counts whole seconds.
        AllKeysLru = "allkeys-lru",
        /// It pushes out the entry that was written the longest ago.
        Fifo = "fifo",
        /// It pushes out any entry (Redis calls it allkeys-random).
        Random = "random",
    }
}

element! {
    /// A cache in front of services, such as a Redis.
    pub struct Cache {
        /// The cache's name, by which traffic and metrics refer to it.
        name: Located<Name>,
        /// With `tenant`, a small cache for each tenant that asks it, as large as said here; what such a
        /// cache costs is what its container asks of the tenant's machine.
        one_per: Option<Located<Each>> = None,
        /// The most that its entries take together.
        maxmemory: Located<Bytes>,
        /// What it does when a new entry does not fit.
        policy: Eviction = Eviction::NoEviction,
        /// How many entries `allkeys-lru` compares to find one to push out (Redis:
        /// maxmemory-samples).
        samples: Located<NonZeroU32> = Located::nowhere(SAMPLES),
        /// What each entry takes beside its size: its key and the cache's own bookkeeping.
        overhead: Located<Bytes> = Located::nowhere(Bytes::ZERO),
        /// How long it takes to answer, whether it has what is asked for or not.
        service_time: DistributionFile,
        /// Nodes among which keys are dealt by 16,384 slots, as in a Redis Cluster; each has
        /// `maxmemory`.
        nodes: Located<NonZeroU32> = Located::nowhere(NonZeroU32::MIN),
        /// Connections at the most; others are refused (Redis: maxclients).
        maxclients: Located<u32> = Located::nowhere(10_000),
        /// Where it stands: a region, a zone, a rack, or a machine such as `workers/1`. With that place it is
        /// lost, and comes back empty. Nowhere that is lost where left out.
        place: Option<Located<String>> = None,
        /// How it is written to disk; not at all where left out.
        snapshots: Option<Snapshots> = None,
        /// What it costs; nothing where left out.
        price: Option<Located<Price>> = None,
    }
}

/// Redis' own default of maxmemory-samples.
const SAMPLES: NonZeroU32 = match NonZeroU32::new(5) {
    Some(samples) => samples,
    None => NonZeroU32::MIN,
};

element! {
    /// Writing a cache to disk (Redis: save).
    pub struct Snapshots {
        /// From the end of one to the beginning of the next.
        every: Located<Span>,
        /// How long one takes.
        lasts: Located<DistributionFile>,
        /// How much longer the cache takes to answer meanwhile.
        slows: Ppm = percent(25),
    }
}

element! {
    /// A cache that calls ask first. What it has needs no service; what it lacks is written into
    /// it when the service has answered.
    pub struct Cached {
        /// The cache.
        name: Located<String>,
        /// How many different objects are asked for.
        objects: Located<NonZeroU32>,
        /// How uneven: the object of rank k is asked for in proportion to 1 ÷ k to the power of
        /// this; 0 for all alike.
        zipf: Located<f64> = Located::nowhere(0.0),
        /// How large an object is; with a distribution, each object keeps the size it has.
        entry: SizeFile,
        /// What the keys begin with: calls with the same prefix ask for the same objects. The name
        /// of the calls where left out.
        prefix: Option<Located<Name>> = None,
        /// With `tenant`, each calling tenant has so many objects of its own, beneath a prefix of its own.
        keys_per: Option<Located<Each>> = None,
        /// Connections to the cache that each calling tenant keeps open. Without them its calls go
        /// past the cache.
        connections: u32 = 0,
    }
}
