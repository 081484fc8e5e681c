//! A slow twin of the exact policies: a plain list, searched from its beginning. On random traces
//! both keep the same entries in the same order, and both answer alike.

use super::*;

/// Objects with their sizes; the first is pushed out first.
struct Twin {
    policy: Eviction,
    maxmemory: u64,
    kept: Vec<(Key, u64)>,
}

impl Twin {
    fn look_up(&mut self, key: Key) -> bool {
        let Some(at) = self.kept.iter().position(|one| one.0 == key) else { return false };
        if self.policy == Eviction::Lru {
            let one = self.kept.remove(at);
            self.kept.push(one);
        }
        true
    }

    fn write(&mut self, key: Key, size: u64) -> bool {
        if self.look_up(key) {
            return true;
        }
        let sum = |kept: &[(Key, u64)]| kept.iter().map(|one| one.1).sum::<u64>();
        if size > self.maxmemory {
            return false;
        }
        while sum(&self.kept) + size > self.maxmemory {
            if self.policy == Eviction::NoEviction {
                return false;
            }
            self.kept.remove(0);
        }
        self.kept.push((key, size));
        true
    }
}

/// `SEATRIAL_SEED=7 cargo test -p seatrial-host caches_do_as_the_slow_twin` repeats a trace.
fn seeds() -> std::ops::Range<u64> {
    let given = std::env::var("SEATRIAL_SEED").ok().and_then(|text| text.parse().ok());
    given.map_or(0..300, |seed: u64| seed..seed + 1)
}

fn located<T>(value: T) -> seatrial_contract::config::Located<T> {
    seatrial_contract::config::Located::nowhere(value)
}

#[test]
fn caches_do_as_the_slow_twin() {
    for policy in [Eviction::Lru, Eviction::Fifo, Eviction::NoEviction] {
        for seed in seeds() {
            trace(policy, seed);
        }
    }
}

fn trace(policy: Eviction, seed: u64) {
    let repeat = format!(
        "{policy}; repeat: SEATRIAL_SEED={seed} cargo test -p seatrial-host caches_do_as_the_slow_twin"
    );
    let mut chance = Dice::new(seed).stream(0, Purpose::new("trace"));
    let overhead = chance.below(3);
    let most_size = 1 + chance.below(20);
    let maxmemory = 1 + chance.below(300);
    let objects = 1 + u32::try_from(chance.below(80)).unwrap();
    let file = CacheFile {
        place: None,
        failover: None,
        nodes: located(core::num::NonZeroU32::MIN),
        maxclients: located(10_000),
        snapshots: None,
        one_per: None,
        name: located(seatrial_contract::config::Name::new("c").unwrap()),
        maxmemory: located(Bytes(maxmemory)),
        policy,
        samples: located(core::num::NonZeroU32::MIN),
        overhead: located(Bytes(overhead)),
        service_time: seatrial_format::scenario::DistributionFile::Fixed(Span::ZERO),
        price: None,
    };
    let mut cache = Cache::new(&file, Moment::START, Dice::new(seed));
    let uniform = seatrial_format::scenario::UniformSize {
        from: located(Bytes(0)),
        to: located(Bytes(most_size)),
    };
    cache.space("fixed", &SizeFile::Fixed(located(Bytes(chance.below(9)))), Moment::START);
    cache.space("drawn", &SizeFile::Drawn(DrawnSize::Uniform(uniform)), Moment::START);
    let mut twin = Twin { policy, maxmemory, kept: Vec::new() };
    for step in 0..600_u64 {
        let space = u32::try_from(chance.below(2)).unwrap();
        // The low ones more often.
        let object = chance.below(u64::from(objects)).min(chance.below(u64::from(objects)));
        let key = Key::new(space, u32::try_from(object).unwrap());
        let now = Moment(step);
        if chance.below(2) == 0 {
            assert_eq!(cache.look_up(key, now), twin.look_up(key), "step {step} of {repeat}");
        } else {
            let size = cache.size(key);
            assert_eq!(cache.write(key, now), twin.write(key, size), "step {step} of {repeat}");
        }
        assert_eq!(cache.broken(), None, "step {step} of {repeat}");
        let found = cache.nodes[0].store.in_order().map(|entry| (entry.key, u64::from(entry.size)));
        assert!(found.eq(twin.kept.iter().copied()), "step {step} of {repeat}");
    }
}
