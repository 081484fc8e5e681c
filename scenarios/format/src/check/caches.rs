//! Caches that cannot hold what is to be kept in them, and objects that cannot be.

use super::{at, each, grouped, totals};
use crate::scenario::{Cache, CacheFailover, Cached, DrawnSize, Scenario, SizeFile, Traffic};
use seatrial_contract::config::{Element, Located, Path, Problems};
use seatrial_contract::units::{Bytes, Span, gib, mib};
use std::collections::BTreeMap;

/// Twice the memory of the largest machines for rent.
pub(super) const MAXMEMORY_MAX: Bytes = gib(64 << 10);
/// Redis takes no larger value (proto-max-bulk-len).
pub(super) const ENTRY_MAX: Bytes = mib(512);
pub(super) const OVERHEAD_MAX: Bytes = mib(1);
/// Redis' manual: 10 comes very close to exact; beyond 64 there is nothing left to gain.
pub(super) const SAMPLES_MAX: u32 = 64;
/// Redis' own advice for a cluster.
pub(super) const NODES_MAX: u32 = 1_000;
/// Steeper, and one object has all calls but one in a thousand.
pub(super) const ZIPF_MAX: f64 = 10.0;
/// As many as fit some gigabytes of the simulator's own memory.
pub(super) const ENTRIES_MAX: u128 = 50_000_000;
/// Wider distributions have moments that leave what a float can hold.
pub(super) const SPREAD_MOST: u64 = 1_000_000;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    each("caches", &scenario.caches, |path, of| {
        cache(of, path, problems);
        let path = &Path::Key(path, "failover");
        match &of.failover {
            Some(CacheFailover::Sentinel(of)) => of.check(path, problems),
            Some(CacheFailover::Cluster(of)) => of.check(path, problems),
            None => {}
        }
    });
    let caches: BTreeMap<&str, &Cache> =
        scenario.caches.iter().map(|of| (of.name.as_str(), of)).collect();
    let mut prefixes: BTreeMap<(&str, &str), (&Traffic, &Cached)> = BTreeMap::new();
    let tenants = totals::tenants(scenario).max(1);
    let mut all = 0;
    // The bytes that nobody's entries have taken yet.
    let mut free: BTreeMap<&str, u128> = BTreeMap::new();
    each("traffic", &scenario.traffic, |path, traffic| {
        let Some(cached) = &traffic.cache else { return };
        let path = Path::Key(path, "cache");
        let before = problems.len();
        zipf(cached, &path, problems);
        let cache = caches.get(cached.name.value.as_str()).copied();
        entry(cached, cache, &path, problems);
        let prefix = cached.prefix.as_ref().unwrap_or(&traffic.name);
        let shared = prefixes.insert((&cached.name.value, prefix.as_str()), (traffic, cached));
        if let Some(other) = shared {
            return same_objects(cached, prefix.as_str(), other, &path, problems);
        }
        let Some(cache) = cache.filter(|_| problems.len() == before) else { return };
        let copies = if cache.one_per.is_some() { tenants } else { 1 };
        let whole = u128::from(cache.maxmemory.0) * u128::from(cache.nodes.get()) * copies;
        let left = free.entry(cache.name.as_str()).or_insert(whole);
        let each = u128::from(smallest(cached, cache).0);
        let own = if cached.keys_per.is_some() { tenants } else { copies };
        let more = (u128::from(cached.objects.get()) * own).min(*left / each);
        let was = all;
        (*left, all) = (*left - more * each, all + more);
        if all > ENTRIES_MAX && was <= ENTRIES_MAX {
            let message = format!("the caches hold {} entries, too many to simulate", grouped(all));
            let remedy = format!(
                "keep it at {} in all: make `maxmemory`, `objects` and the rate of calls smaller by \
                 the same factor, and the share of hits stays what it is",
                grouped(ENTRIES_MAX)
            );
            at(&path, "objects", cached.objects.place, (message, remedy), problems);
        }
    });
}

fn cache(cache: &Cache, path: &Path<'_>, problems: &mut Problems) {
    let most = |found: &Located<Bytes>, key: &str, most: Bytes, problems: &mut Problems| {
        if found.value > most {
            let message = format!("{} is too much", found.value);
            at(path, key, found.place, (message, format!("write at most \"{most}\"")), problems);
        }
    };
    most(&cache.maxmemory, "maxmemory", MAXMEMORY_MAX, problems);
    most(&cache.overhead, "overhead", OVERHEAD_MAX, problems);
    if cache.maxmemory.value == Bytes::ZERO {
        // Redis takes 0 for no bound at all.
        let remedy = "write its limit, such as \"64 MiB\"; in Redis 0 means no limit: then write \
                      the memory of its machine";
        let words = ("a cache without memory keeps nothing", remedy);
        at(path, "maxmemory", cache.maxmemory.place, words, problems);
    }
    if cache.nodes.get() > NODES_MAX {
        let words = ("more nodes than slots can be dealt to sensibly", "have at most 1,000");
        at(path, "nodes", cache.nodes.place, words, problems);
    }
    if cache.maxclients.value == 0 {
        let words = ("nobody may connect to this cache", "write 10000, as Redis does");
        at(path, "maxclients", cache.maxclients.place, words, problems);
    }
    if let Some(snapshots) = &cache.snapshots
        && snapshots.every.value == Span::ZERO
    {
        let words = ("snapshots after 0 s follow one another without end", "write \"15 min\"");
        at(&Path::Key(path, "snapshots"), "every", snapshots.every.place, words, problems);
    }
    if cache.samples.get() > SAMPLES_MAX {
        let message = format!("{} samples are too many", cache.samples.value);
        let remedy =
            format!("have at most {SAMPLES_MAX}; or write policy = \"lru\", which is exact");
        at(path, "samples", cache.samples.place, (message, remedy), problems);
    }
}

fn zipf(cached: &Cached, path: &Path<'_>, problems: &mut Problems) {
    let exponent = cached.zipf.value;
    if !(0.0..=ZIPF_MAX).contains(&exponent) {
        let message = format!("an exponent of {exponent} is outside 0 to {ZIPF_MAX}");
        let remedy = "write 0 where all objects are alike; web caches see 0.6 to 1.0";
        at(path, "zipf", cached.zipf.place, (message, remedy), problems);
    }
}

/// The sizes must be possible, and a usual one must fit.
fn entry(cached: &Cached, cache: Option<&Cache>, path: &Path<'_>, problems: &mut Problems) {
    let path = Path::Key(path, "entry");
    let (key, usual, largest) = match &cached.entry {
        SizeFile::Fixed(size) => (None, size, size),
        SizeFile::Drawn(DrawnSize::Uniform(distribution)) => {
            if distribution.to.value <= distribution.from.value {
                let message = format!(
                    "`to` ({}) is not above `from` ({})",
                    distribution.to.value, distribution.from.value
                );
                at(&path, "to", distribution.to.place, (message, "make `to` larger"), problems);
            }
            (Some("from"), &distribution.from, &distribution.to)
        }
        SizeFile::Drawn(DrawnSize::Lognormal(distribution)) => {
            let (median, p95) = (distribution.median.value, distribution.p95.value);
            if median == Bytes::ZERO {
                let remedy = "write a median above 0 B; half of all are smaller than it";
                let words = ("a lognormal size cannot have a median of 0 B", remedy);
                at(&path, "median", distribution.median.place, words, problems);
            } else if p95 <= median {
                let message = format!("p95 ({p95}) is not above the median ({median})");
                let remedy = "make p95 larger: half of all are larger than the median, 5 of 100 \
                              than p95";
                at(&path, "p95", distribution.p95.place, (message, remedy), problems);
            } else if p95.0 / median.0 > SPREAD_MOST {
                let message =
                    format!("p95 ({p95}) is more than a million times the median ({median})");
                at(
                    &path,
                    "p95",
                    distribution.p95.place,
                    (message, "bring them closer together"),
                    problems,
                );
            }
            (Some("median"), &distribution.median, &distribution.p95)
        }
    };
    let mut tell = |place, message: String, remedy: String| match key {
        Some(key) => problems.add(&Path::Key(&path, key), place, message, remedy),
        None => problems.add(&path, place, message, remedy),
    };
    if largest.value > ENTRY_MAX {
        let message = format!("an entry of {} is too large", largest.value);
        return tell(largest.place, message, format!("write at most \"{ENTRY_MAX}\", as in Redis"));
    }
    let Some(cache) = cache else { return };
    let name = &cache.name.value;
    let whole = usual.value.0.saturating_add(cache.overhead.0);
    if whole == 0 {
        let message = format!("entries of 0 B take no memory, so `{name}` never fills");
        tell(
            usual.place,
            message,
            "write a size above 0 B, or give the cache an `overhead`".into(),
        );
    } else if whole > cache.maxmemory.0 && cache.maxmemory.0 > 0 {
        let with = if cache.overhead.0 > 0 { " with its overhead" } else { "" };
        let message = format!(
            "an entry of {}{with} is larger than `{name}` ({})",
            usual.value, cache.maxmemory.value
        );
        tell(
            usual.place,
            message,
            "raise the cache's `maxmemory`, or look for a wrong unit".into(),
        );
    }
}

/// What the smallest usual entry takes.
fn smallest(cached: &Cached, cache: &Cache) -> Bytes {
    let size = match &cached.entry {
        SizeFile::Fixed(size) => size.value,
        SizeFile::Drawn(DrawnSize::Uniform(distribution)) => distribution.from.value,
        SizeFile::Drawn(DrawnSize::Lognormal(distribution)) => distribution.median.value,
    };
    Bytes(size.0.saturating_add(cache.overhead.0))
}

/// Calls with the same prefix ask for the same objects.
fn same_objects(
    cached: &Cached,
    prefix: &str,
    (other, theirs): (&Traffic, &Cached),
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let whose = &other.name.value;
    let remedy = "calls of one prefix ask for the same objects: say the same here and there, or \
                  give each a `prefix` of its own";
    if cached.objects.value != theirs.objects.value {
        let message = format!(
            "{} objects with the prefix `{prefix}`, but `{whose}` says {}",
            grouped(u128::from(cached.objects.get())),
            grouped(u128::from(theirs.objects.get()))
        );
        return at(path, "objects", cached.objects.place, (message, remedy), problems);
    }
    if cached.keys_per.is_some() != theirs.keys_per.is_some() {
        let message =
            format!("the objects of prefix `{prefix}` are each tenant's own, or everybody's");
        return at(path, "keys_per", cached.name.place, (message, remedy), problems);
    }
    if cached.entry.write() != theirs.entry.write() {
        let message =
            format!("entries with the prefix `{prefix}` differ from those that `{whose}` says");
        at(path, "entry", cached.entry.place(), (message, remedy), problems);
    }
}
