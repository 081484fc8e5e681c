//! Caches with bounded memory, and what calls keep in them.

use super::{DistributionFile, Each, SizeFile};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Name, Path, Problems, choice, element, words};
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
        /// Who makes a replica the master where it is lost with its place, or by a fault that says no other: it
        /// is back then with what it had, wherever that replica stands. Nobody where left out.
        failover: Option<CacheFailover> = None,
        /// How it is written to disk; not at all where left out.
        snapshots: Option<Snapshots> = None,
        /// What it costs; nothing where left out.
        price: Option<Located<Price>> = None,
    }
}

choice! {
    /// Who makes a cache's replica its master.
    pub enum CacheFailover {
        /// Redis Sentinels.
        Sentinel(SentinelFailover) = "sentinel",
        /// The other masters of a Redis Cluster: one master is lost, and until its replica has taken over the whole
        /// cluster answers nobody (`cluster-require-full-coverage`).
        Cluster(ClusterFailover) = "cluster",
    }
}

element! {
    /// Redis Sentinels.
    pub struct SentinelFailover {
        /// How many there are. At most 99.
        count: Located<NonZeroU32> = Located::nowhere(THREE),
        /// How many must agree that the master is down.
        quorum: Located<NonZeroU32> = Located::nowhere(TWO),
        /// How long it must be silent (down-after-milliseconds). An hour at the most.
        down_after: Located<Span> = Located::nowhere(Span::seconds(30)),
    }
}

element! {
    /// A Redis Cluster.
    pub struct ClusterFailover {
        /// How many masters there are, from 3 to 99.
        masters: Located<NonZeroU32> = Located::nowhere(THREE),
        /// How long one must be silent (cluster-node-timeout). An hour at the most.
        node_timeout: Located<Span> = Located::nowhere(Span::seconds(15)),
        /// How many replicas of the lost master are fresher than the one that gets the votes; each costs a second.
        rank: Located<u32> = Located::nowhere(0),
    }
}

impl SentinelFailover {
    /// Says what there cannot be.
    pub fn check(&self, path: &Path<'_>, problems: &mut Problems) {
        let (count, quorum) = (self.count, self.quorum);
        if quorum.get() > count.get() {
            let path = Path::Key(path, "quorum");
            let message = format!("{} of {} sentinels", quorum.value, count.value);
            problems.add(&path, quorum.place, message, "write no more than there are");
        }
        if count.get() > WATCHING_MOST {
            let message = format!("{} sentinels", count.value);
            problems.add(&Path::Key(path, "count"), count.place, message, "have at most 99");
        }
        silence("down_after", &self.down_after, path, problems);
    }
}

impl ClusterFailover {
    /// Says what there cannot be.
    pub fn check(&self, path: &Path<'_>, problems: &mut Problems) {
        let masters = self.masters;
        if !(3..=WATCHING_MOST).contains(&masters.get()) {
            let message = format!("{} masters", masters.value);
            problems.add(&Path::Key(path, "masters"), masters.place, message, "write from 3 to 99");
        }
        if self.rank.value > WATCHING_MOST {
            let message = format!("{} replicas that are fresher", self.rank.value);
            problems.add(
                &Path::Key(path, "rank"),
                self.rank.place,
                message,
                "write 99 at the most",
            );
        }
        silence("node_timeout", &self.node_timeout, path, problems);
    }
}

fn silence(key: &str, span: &Located<Span>, path: &Path<'_>, problems: &mut Problems) {
    if span.value > Span::hours(1) {
        let message = format!("{} of silence", span.value);
        problems.add(&Path::Key(path, key), span.place, message, "write an hour at the most");
    }
}

/// More than anybody runs.
const WATCHING_MOST: u32 = 99;
const TWO: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
const THREE: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

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
