//! A cache with bounded memory: whether it has an object, what it pushes out for another. Knows no
//! service and no queue.
//!
//! Entries never take more than `maxmemory` together. (Redis looks before it writes, and so may
//! stand one entry above it.) An object has the same size whenever it is written.

mod asking;
mod candidates;
mod index;
mod metrics;
mod shelf;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin;

pub(super) use asking::Asking;
pub(super) use index::Key;

use crate::kernel::chance::Law;
use crate::kernel::statistics::TimeWeighted;
use candidates::Candidates;
use seatrial_contract::units::{Bytes, Moment, Span};
use seatrial_contract::{Dice, Purpose, Stream};
use seatrial_format::scenario::{Cache as CacheFile, DrawnSize, Eviction, SizeFile};
use shelf::{Place, Shelf};

/// A cache.
pub(super) struct Cache {
    pub(super) name: String,
    policy: Eviction,
    maxmemory: u64,
    overhead: u64,
    shelf: Shelf,
    candidates: Candidates,
    /// Which entries are looked at, where chance says that.
    chance: Stream,
    spaces: Vec<Space>,
    entries: TimeWeighted,
    memory: TimeWeighted,
    dice: Dice,
}

/// The keys of one prefix.
struct Space {
    prefix: String,
    sizes: Sizes,
    entries: TimeWeighted,
    evictions: u64,
}

/// How large the objects of a space are.
enum Sizes {
    Fixed(u64),
    /// A law of spans serves: a nanosecond is a byte here.
    Drawn(Law, Purpose),
}

/// Redis takes no larger value.
const SIZE_MAX: u64 = 512 << 20;

impl Cache {
    pub(super) fn new(file: &CacheFile, now: Moment, dice: Dice) -> Self {
        let name = file.name.to_string();
        let purpose = Purpose::new(&format!("cache {name}: evictions"));
        Self {
            name,
            policy: file.policy,
            maxmemory: file.maxmemory.value.0,
            overhead: file.overhead.value.0,
            shelf: Shelf::new(),
            candidates: Candidates::new(file.samples.get()),
            chance: dice.stream(0, purpose),
            spaces: Vec::new(),
            entries: TimeWeighted::new(now, 0),
            memory: TimeWeighted::new(now, 0),
            dice,
        }
    }

    /// The space of a prefix; the same for all who name it.
    fn space(&mut self, prefix: &str, entry: &SizeFile, now: Moment) -> u32 {
        let found = self.spaces.iter().position(|space| space.prefix == prefix);
        let at = found.unwrap_or_else(|| {
            let entries = TimeWeighted::new(now, 0);
            let sizes = Sizes::new(entry, prefix);
            self.spaces.push(Space { prefix: prefix.to_owned(), sizes, entries, evictions: 0 });
            self.spaces.len() - 1
        });
        u32::try_from(at).expect("spaces can be numbered")
    }

    /// Whether it has the object, which counts as its use.
    #[inline]
    fn look_up(&mut self, key: Key, now: Moment) -> bool {
        let Some(place) = self.shelf.find(key) else { return false };
        self.touch(place, now);
        true
    }

    /// Writes an object; false where it refuses.
    fn write(&mut self, key: Key, now: Moment) -> bool {
        if let Some(place) = self.shelf.find(key) {
            // Two lacked it at the same time. It is as large as before, and written anew.
            self.touch(place, now);
            return true;
        }
        let size = self.size(key);
        if size > self.maxmemory {
            return false;
        }
        while self.shelf.used() + size > self.maxmemory {
            let Some(place) = self.victim(now) else { return false };
            let gone = self.shelf.remove(place);
            let space = &mut self.spaces[gone.key.space()];
            space.entries.add(now, -1);
            space.evictions += 1;
        }
        self.shelf.push(key, u32::try_from(size).unwrap_or(u32::MAX), second(now));
        self.spaces[key.space()].entries.add(now, 1);
        self.entries.set(now, u64::from(self.shelf.len()));
        self.memory.set(now, self.shelf.used());
        true
    }

    #[inline]
    fn touch(&mut self, place: Place, now: Moment) {
        match self.policy {
            Eviction::Lru => self.shelf.move_last(place),
            Eviction::AllKeysLru => self.shelf.touch(place, second(now)),
            Eviction::NoEviction | Eviction::Fifo | Eviction::Random => {}
        }
    }

    /// Who is pushed out next, if anybody may be.
    fn victim(&mut self, now: Moment) -> Option<Place> {
        match self.policy {
            Eviction::NoEviction => None,
            Eviction::Lru | Eviction::Fifo => self.shelf.first(),
            Eviction::Random => {
                let place = self.chance.below(u64::from(self.shelf.len()));
                u32::try_from(place).ok()
            }
            Eviction::AllKeysLru => {
                Some(self.candidates.choose(&self.shelf, second(now), &mut self.chance))
            }
        }
    }

    fn size(&self, key: Key) -> u64 {
        let size = match &self.spaces[key.space()].sizes {
            Sizes::Fixed(size) => *size,
            Sizes::Drawn(law, purpose) => {
                law.sample(&mut self.dice.stream(key.object(), *purpose)).0.min(SIZE_MAX)
            }
        };
        (size + self.overhead).max(1)
    }

    /// Forgets the warm-up; what is in it stays.
    pub(super) fn reset(&mut self, now: Moment) {
        self.entries.reset(now);
        self.memory.reset(now);
        for space in &mut self.spaces {
            space.entries.reset(now);
            space.evictions = 0;
        }
    }

    /// What is wrong, if anything: more is kept than there is room for, entries were lost or
    /// counted twice, or something was pushed out that never may be.
    pub(super) fn broken(&self) -> Option<String> {
        let (name, used, most) = (&self.name, self.shelf.used(), self.maxmemory);
        let of_spaces: u64 = self.spaces.iter().map(|space| space.entries.value()).sum();
        let entries = u64::from(self.shelf.len());
        let evictions: u64 = self.spaces.iter().map(|space| space.evictions).sum();
        if used > most {
            return Some(format!("{name} keeps {used} B in {most} B"));
        }
        if of_spaces != entries {
            return Some(format!("{name} has {entries} entries, of its prefixes {of_spaces}"));
        }
        if self.policy == Eviction::NoEviction && evictions > 0 {
            return Some(format!("{name} pushed out {evictions} entries and never may"));
        }
        self.shelf.broken().map(|what| format!("{name}: {what}"))
    }
}

impl Sizes {
    fn new(file: &SizeFile, prefix: &str) -> Self {
        let span = |size: Bytes| Span(size.0);
        let drawn = match file {
            SizeFile::Fixed(size) => return Self::Fixed(size.value.0),
            SizeFile::Drawn(drawn) => drawn,
        };
        let law = match drawn {
            DrawnSize::Lognormal(by) => Law::lognormal(span(by.median.value), span(by.p95.value)),
            DrawnSize::Uniform(by) => Law::uniform(span(by.from.value), span(by.to.value)),
        };
        // The format has checked that it is possible.
        let law = law.unwrap_or(Law::Fixed(Span::ZERO));
        Self::Drawn(law, Purpose::new(&format!("keys {prefix}: size")))
    }
}

/// Redis' clock of use (`LRU_CLOCK_RESOLUTION`): it does not tell what happens within a second.
#[inline]
fn second(now: Moment) -> u32 {
    u32::try_from(now.0 / Span::seconds(1).0).unwrap_or(u32::MAX)
}
