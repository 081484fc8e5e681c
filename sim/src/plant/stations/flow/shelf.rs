//! A cache as shares: what part of its objects it has, and so how often a call finds what it asks
//! for. Cold, it fills; full, an object stays as long as the cache's characteristic time (Che 2002;
//! for random and first-in eviction Gelenbe 1973, followed in time). Draws nothing.

use super::bins::whole;
use super::deposit::float;
use crate::kernel::chance::Law;
use crate::plant::stations::Cache;
use seatrial_contract::units::{Bytes, Moment};
use seatrial_format::scenario::{Cache as CacheFile, Cached, DrawnSize, Eviction, SizeFile};

/// A cache.
pub(super) struct Shelf {
    policy: Eviction,
    room: f64,
    overhead: f64,
    pub(super) spaces: Vec<Space>,
    /// Its room is taken.
    is_full: bool,
    /// The rates for which the characteristic time was found.
    settled: Vec<f64>,
}

/// The objects of one prefix.
pub(super) struct Space {
    pub(super) prefix: String,
    /// Bytes of an entry.
    size: f64,
    groups: Vec<Group>,
    /// Calls since the cache was empty or, once it is full, within its characteristic time.
    calls: f64,
    /// Seconds from a call that finds nothing until its object is written.
    pub(super) lag: f64,
    /// The share of calls that find their object, on the mean of the last step.
    pub(super) hits: f64,
    pub(super) entries: f64,
    /// Since the beginning of the last step.
    pub(super) evicted: f64,
    /// Evictions that were not yet told, less than one.
    owed: f64,
}

/// Objects that are asked for about alike.
struct Group {
    count: f64,
    /// Of one object: its share of the calls.
    share: f64,
    /// The share of them that is kept.
    kept: f64,
}

/// Groups are as wide as a part of their first rank.
const WIDTH: f64 = 0.1;

impl Shelf {
    pub(super) fn new(file: &CacheFile) -> Self {
        let bytes = |of: Bytes| float(of.0);
        Self {
            policy: file.policy,
            room: bytes(file.maxmemory.value),
            overhead: bytes(file.overhead.value),
            spaces: Vec::new(),
            is_full: false,
            settled: Vec::new(),
        }
    }

    /// The space of a prefix; the same for all who name it.
    pub(super) fn space(&mut self, prefix: &str, file: &Cached) -> usize {
        if let Some(at) = self.spaces.iter().position(|space| space.prefix == prefix) {
            return at;
        }
        self.spaces.push(Space {
            prefix: prefix.to_owned(),
            size: (mean_size(&file.entry) + self.overhead).max(1.0),
            groups: groups(f64::from(file.objects.get()), file.zipf.value),
            calls: 0.0,
            lag: 0.0,
            hits: 0.0,
            entries: 0.0,
            evicted: 0.0,
            owed: 0.0,
        });
        self.spaces.len() - 1
    }

    /// What was kept on the mean until a moment.
    pub(super) fn tell(&mut self, now: Moment, cache: &mut Cache) {
        let of = |space: &mut Space| {
            space.owed += space.evicted;
            let told = whole(space.owed - 0.5);
            space.owed -= float(told);
            (space.entries, told)
        };
        let spaces: Vec<(f64, u64)> = self.spaces.iter_mut().map(of).collect();
        cache.flowed(now, &spaces, self.memory());
    }

    /// Goes on from what a cache keeps after single calls.
    pub(super) fn take_back(&mut self, cache: &Cache) {
        for (number, space) in self.spaces.iter_mut().enumerate() {
            space.entries = float(cache.entries_of(number));
            // As many calls ago as fill it so far.
            let (mut low, mut high) = (0.0, 1e12);
            for _ in 0..80 {
                space.calls = 0.5 * (low + high);
                if space.entries_after() < space.entries {
                    low = space.calls;
                } else {
                    high = space.calls;
                }
            }
            space.hits = space.hits_after();
            for group in &mut space.groups {
                group.kept = -libm::expm1(-group.share * space.calls);
            }
        }
        self.is_full = self.memory() >= 0.999 * self.room;
        self.settled.clear();
        self.settled.resize(self.spaces.len(), -1.0);
    }

    /// Whether it keeps what it keeps.
    pub(super) fn is_settled(&self) -> bool {
        self.is_full && !matches!(self.policy, Eviction::Random | Eviction::Fifo)
    }

    /// Bytes in use.
    pub(super) fn memory(&self) -> f64 {
        self.spaces.iter().map(|space| space.entries * space.size).sum()
    }

    /// Time passes, with so many calls a second to each space; returns how much longer or shorter
    /// the next step should be.
    pub(super) fn advance(&mut self, seconds: f64, rates: &[f64]) -> f64 {
        match self.policy {
            Eviction::Random | Eviction::Fifo => self.turn_over(seconds, rates),
            Eviction::NoEviction if self.is_full => 2.0,
            _ => self.remember(seconds, rates),
        }
    }

    /// The last so many calls decide what is kept.
    fn remember(&mut self, seconds: f64, rates: &[f64]) -> f64 {
        if self.is_full {
            let near = |(old, new): (&f64, &f64)| (old - new).abs() <= 1e-3 * old.abs();
            if !self.settled.iter().zip(rates).all(near) {
                self.find_time(rates);
            }
            self.spaces.iter_mut().zip(rates).for_each(|(space, rate)| {
                space.evicted = rate * (1.0 - space.hits) * seconds;
            });
            return 2.0;
        }
        let mut factor: f64 = 2.0;
        for (space, rate) in self.spaces.iter_mut().zip(rates) {
            let more = rate * seconds;
            let calls = space.calls + more;
            // What is on its way is not there yet.
            let late = rate * space.lag;
            space.calls = (calls - 0.5 * more - late).max(0.0);
            space.hits = space.hits_after();
            space.calls = (calls - late).max(0.0);
            space.entries = space.entries_after();
            space.calls = calls;
            space.evicted = 0.0;
            // A tenth more calls than there have been.
            factor = factor.min((0.1 * space.calls + 20.0) / more.max(1e-12));
        }
        if self.memory() >= self.room {
            self.is_full = true;
            self.find_time(rates);
        }
        factor.clamp(0.2, 2.0)
    }

    /// The time within which what is asked for just fills the room.
    fn find_time(&mut self, rates: &[f64]) {
        self.settled = rates.to_vec();
        let (mut low, mut high) = (0.0, 1.0);
        let fill = |seconds: f64, spaces: &mut [Space]| -> f64 {
            for (space, rate) in spaces.iter_mut().zip(rates) {
                space.calls = rate * seconds;
                space.entries = space.entries_after();
            }
            spaces.iter().map(|space| space.entries * space.size).sum()
        };
        while fill(high, &mut self.spaces) < self.room && high < 1e12 {
            high *= 2.0;
        }
        for _ in 0..50 {
            let middle = 0.5 * (low + high);
            if fill(middle, &mut self.spaces) < self.room {
                low = middle;
            } else {
                high = middle;
            }
        }
        self.spaces.iter_mut().for_each(|space| space.hits = space.hits_after());
    }

    /// Whoever is pushed out is any of those kept.
    fn turn_over(&mut self, seconds: f64, rates: &[f64]) -> f64 {
        let entries: f64 = self.spaces.iter().map(|space| space.entries).sum();
        let missed: f64 = self
            .spaces
            .iter()
            .zip(rates)
            .map(|(space, rate)| rate * (1.0 - space.hits_now()))
            .sum();
        // Of each entry, how often it is pushed out in a second.
        let pushed = if self.is_full { missed / entries.max(1.0) } else { 0.0 };
        for (space, rate) in self.spaces.iter_mut().zip(rates) {
            let (before, found) = (space.entries, space.hits_now());
            for group in &mut space.groups {
                let asked = group.share * rate;
                group.kept = (group.kept + asked * seconds) / (1.0 + (asked + pushed) * seconds);
            }
            space.entries = space.groups.iter().map(|group| group.count * group.kept).sum();
            space.hits = 0.5 * (found + space.hits_now());
            let more = rate * (1.0 - space.hits) * seconds;
            space.evicted = (more - (space.entries - before)).max(0.0);
        }
        if self.memory() >= self.room {
            self.is_full = true;
            let factor = self.room / self.memory();
            for space in &mut self.spaces {
                space.groups.iter_mut().for_each(|group| group.kept *= factor);
                space.entries *= factor;
            }
        }
        (0.05 * (entries + 20.0) / (missed * seconds).max(1e-12)).clamp(0.2, 2.0)
    }
}

impl Space {
    /// The ranks that are kept, the last used first: of each group as many as are, evenly.
    pub(super) fn ranks(&self) -> impl Iterator<Item = u32> + '_ {
        let (mut first, mut owed) = (1.0, 0.0);
        let groups: Vec<(f64, f64, f64)> = self
            .groups
            .iter()
            .map(|group| {
                let kept = if group.kept > 0.0 {
                    group.kept
                } else {
                    -libm::expm1(-group.share * self.calls)
                };
                let from = first;
                first += group.count;
                (from, group.count, kept)
            })
            .collect();
        groups.into_iter().rev().flat_map(move |(from, count, kept)| {
            let mut ranks = Vec::new();
            for rank in 0..whole(count) {
                owed += kept;
                if owed >= 1.0 {
                    owed -= 1.0;
                    ranks.push(u32::try_from(whole(from) + rank).unwrap_or(u32::MAX));
                }
            }
            ranks
        })
    }

    fn hits_after(&self) -> f64 {
        let kept = |group: &Group| -libm::expm1(-group.share * self.calls);
        self.groups.iter().map(|group| group.count * group.share * kept(group)).sum()
    }

    fn entries_after(&self) -> f64 {
        let kept = |group: &Group| -libm::expm1(-group.share * self.calls);
        self.groups.iter().map(|group| group.count * kept(group)).sum()
    }

    fn hits_now(&self) -> f64 {
        self.groups.iter().map(|group| group.count * group.share * group.kept).sum()
    }
}

/// So many objects by Zipf's law, in groups that widen with the rank.
fn groups(objects: f64, exponent: f64) -> Vec<Group> {
    let weight = |rank: f64| libm::exp(-exponent * libm::log(rank));
    let mut groups = Vec::new();
    let (mut first, mut whole) = (1.0, 0.0);
    while first <= objects {
        let count = (first * WIDTH).floor().max(1.0).min(objects - first + 1.0);
        // Simpson's rule over the bars of the group; exact for a group of one.
        let (low, high) = (first - 0.5, first + count - 0.5);
        let mean = if count < 1.5 {
            weight(first)
        } else {
            (weight(low) + 4.0 * weight(0.5 * (low + high)) + weight(high)) / 6.0
        };
        whole += count * mean;
        groups.push(Group { count, share: mean, kept: 0.0 });
        first += count;
    }
    groups.iter_mut().for_each(|group| group.share /= whole);
    groups
}

fn mean_size(file: &SizeFile) -> f64 {
    let span = |size: Bytes| seatrial_contract::units::Span(size.0);
    let law = match file {
        SizeFile::Fixed(size) => return float(size.value.0),
        SizeFile::Drawn(DrawnSize::Lognormal(by)) => {
            Law::lognormal(span(by.median.value), span(by.p95.value))
        }
        SizeFile::Drawn(DrawnSize::Uniform(by)) => {
            Law::uniform(span(by.from.value), span(by.to.value))
        }
    };
    // A nanosecond is a byte here, as where sizes are drawn.
    law.map_or(0.0, |law| law.mean_seconds() * 1e9)
}
