//! A cache with bounded memory: whether it has an object, what it pushes out for another. Knows no
//! service and no queue.
//!
//! Entries never take more than `maxmemory` together. (Redis looks before it writes, and so may
//! stand one entry above it.) An object has the same size whenever it is written.

mod asking;
mod candidates;
pub mod cluster;
mod failing_over;
mod index;
pub(super) mod metrics;
mod own;
pub mod sentinels;
mod snapshots;
mod store;
#[cfg(test)]
mod twin;

pub(super) use asking::Asking;
pub(super) use index::Key;

use super::figures::{Kept, Show};
use candidates::Candidates;
pub use failing_over::Blow;
use failing_over::{Lose, Lost};
use own::Own;
use seatrial_contract::units::{Bytes, Moment, Span};
use seatrial_contract::{Dice, Purpose, Stream};
use seatrial_format::scenario::{Cache as CacheFile, DrawnSize, Eviction, SizeFile};
use seatrial_kernel::chance::Distribution;
use seatrial_kernel::statistics::TimeWeighted;
use snapshots::Snapshots;
use store::{EntryStore, Place};

/// A cache.
pub(super) struct Cache {
    pub(super) name: String,
    terms: Terms,
    nodes: Vec<Node>,
    evicting: Evicting,
    /// Where each tenant has a cache of its own; this one is then asked by nobody.
    own: Option<Own>,
    clients: Clients,
    /// Why it cannot be reached, if so.
    lost: Lost,
    snapshots: Option<Snapshots>,
    spaces: Vec<Space>,
    entries: TimeWeighted,
    memory: TimeWeighted,
    dice: Dice,
}

/// What its file says.
struct Terms {
    policy: Eviction,
    maxmemory: u64,
    overhead: u64,
    clients_most: u64,
}

/// How entries are pushed out.
struct Evicting {
    /// Which entries are looked at, where chance says that.
    chance: Stream,
    purpose: Purpose,
    /// How many were, since the beginning.
    ever: u64,
}

/// Connections that tenants keep to a cache.
struct Clients {
    now: TimeWeighted,
    refused: u64,
}

/// What keeps the keys of some slots.
struct Node {
    store: EntryStore,
    candidates: Candidates,
}

/// Redis Cluster's slots.
const SLOTS: u64 = 16_384;

/// The keys of one prefix.
struct Space {
    prefix: String,
    sizes: Sizes,
    entries: TimeWeighted,
    evictions: u64,
    /// The spaces of tenants that have keys of their own beneath this prefix.
    own: Vec<Option<u32>>,
}

/// How large the objects of a space are.
#[derive(Clone)]
enum Sizes {
    Fixed(u64),
    /// A distribution of spans serves: a nanosecond is a byte here.
    Drawn(Distribution, Purpose),
}

/// Redis takes no larger value.
const SIZE_MAX: u64 = 512 << 20;

impl Cache {
    pub(super) fn new(file: &CacheFile, now: Moment, dice: Dice) -> Self {
        let name = file.name.to_string();
        let purpose = Purpose::new(&format!("cache {name}: evictions"));
        Self {
            terms: Terms {
                policy: file.policy,
                maxmemory: file.maxmemory.value.0,
                overhead: file.overhead.value.0,
                clients_most: u64::from(file.maxclients.value),
            },
            nodes: (0..file.nodes.get())
                .map(|_| Node {
                    store: EntryStore::new(),
                    candidates: Candidates::new(file.samples.get()),
                })
                .collect(),
            clients: Clients { now: TimeWeighted::new(now, 0), refused: 0 },
            snapshots: file.snapshots.as_ref().map(|of| Snapshots::new(of, &name, now, dice)),
            evicting: Evicting { chance: dice.stream(0, purpose), purpose, ever: 0 },
            own: Own::new(file),
            lost: Lost::new(file),
            name,
            spaces: Vec::new(),
            entries: TimeWeighted::new(now, 0),
            memory: TimeWeighted::new(now, 0),
            dice,
        }
    }

    /// The space of a prefix; the same for all who name it.
    fn space(&mut self, prefix: &str, entry: &SizeFile, now: Moment) -> u32 {
        // Those of tenants stand behind all that a file names.
        let found = self.spaces.iter().position(|space| space.prefix == prefix);
        let at = found.unwrap_or_else(|| {
            let entries = TimeWeighted::new(now, 0);
            let sizes = Sizes::new(entry, prefix);
            let prefix = prefix.to_owned();
            self.spaces.push(Space { prefix, sizes, entries, evictions: 0, own: Vec::new() });
            self.spaces.len() - 1
        });
        u32::try_from(at).expect("spaces can be numbered")
    }

    /// Its master is lost so: after how long a replica takes over, if one does, and at which turn.
    pub(super) fn lose(&mut self, blow: Blow, now: Moment, world: Moment) -> Option<(Span, u16)> {
        let Lose::Out { keeps, next } = self.lost.lose(blow, self.dice, world) else { return None };
        if !keeps {
            self.nodes.iter_mut().for_each(|node| node.store = EntryStore::new());
            self.entries.set(now, 0);
            self.memory.set(now, 0);
            self.spaces.iter_mut().for_each(|space| space.entries.set(now, 0));
        }
        next
    }

    /// A replica takes over, as was planned at that turn.
    pub(super) fn taken_over(&mut self, turn: u16) {
        self.lost.taken_over(turn);
    }

    /// One reason less why it cannot be reached.
    pub(super) fn come_back(&mut self) {
        self.lost.come_back();
    }

    /// The clocks of those who watch it jump.
    pub(super) fn clocks_jump(&mut self, by: Span, world: Moment) {
        self.lost.clocks_jump(by, world);
    }

    pub(super) const fn is_down(&self) -> bool {
        self.lost.is_out()
    }

    /// Whether it has the object, which counts as its use.
    #[inline]
    fn look_up(&mut self, key: Key, now: Moment) -> bool {
        let node = self.node_of(key);
        let Some(place) = self.nodes[node].store.find(key) else { return false };
        self.touch(node, place, now);
        true
    }

    /// Writes an object; false where it refuses.
    fn write(&mut self, key: Key, now: Moment) -> bool {
        if self.is_down() {
            return false;
        }
        let node = self.node_of(key);
        if let Some(place) = self.nodes[node].store.find(key) {
            // Two lacked it at the same time. It is as large as before, and written anew.
            self.touch(node, place, now);
            return true;
        }
        let size = self.size(key);
        if size > self.terms.maxmemory {
            return false;
        }
        while self.nodes[node].store.used() + size > self.terms.maxmemory {
            let Some(place) = self.victim(node, now) else { return false };
            let gone = self.nodes[node].store.remove(place);
            self.entries.add(now, -1);
            self.memory.add(now, -i64::from(gone.size));
            self.evicting.ever += 1;
            let space = &mut self.spaces[gone.key.space()];
            space.entries.add(now, -1);
            space.evictions += 1;
        }
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        self.nodes[node].store.push(key, size, second(now));
        self.spaces[key.space()].entries.add(now, 1);
        self.entries.add(now, 1);
        self.memory.add(now, i64::from(size));
        true
    }

    #[inline]
    fn touch(&mut self, node: usize, place: Place, now: Moment) {
        let store = &mut self.nodes[node].store;
        match self.terms.policy {
            Eviction::Lru => store.move_last(place),
            Eviction::AllKeysLru => store.touch(place, second(now)),
            Eviction::NoEviction | Eviction::Fifo | Eviction::Random => {}
        }
    }

    /// Who is pushed out next, if anybody may be.
    fn victim(&mut self, node: usize, now: Moment) -> Option<Place> {
        let Node { store, candidates } = &mut self.nodes[node];
        match self.terms.policy {
            Eviction::NoEviction => None,
            Eviction::Lru | Eviction::Fifo => store.first(),
            Eviction::Random => {
                let place = self.evicting.chance.below(u64::from(store.len()));
                u32::try_from(place).ok()
            }
            Eviction::AllKeysLru => {
                Some(candidates.choose(store, second(now), &mut self.evicting.chance))
            }
        }
    }

    /// The node that has the key's slot.
    #[inline]
    fn node_of(&self, key: Key) -> usize {
        if self.nodes.len() == 1 {
            return 0;
        }
        let nodes = u64::try_from(self.nodes.len()).unwrap_or(SLOTS);
        usize::try_from(key.slot(SLOTS) * nodes / SLOTS).unwrap_or_default()
    }

    /// A tenant wants so many connections; whether it has them.
    pub(super) fn connect(&mut self, count: u32, now: Moment) -> bool {
        let fits = self.clients.now.value() + u64::from(count) <= self.terms.clients_most;
        if fits {
            self.clients.now.add(now, i64::from(count));
        } else {
            self.clients.refused += 1;
        }
        fits
    }

    pub(super) fn disconnect(&mut self, count: u32, now: Moment) {
        self.clients.now.add(now, -i64::from(count));
    }

    /// How much longer it takes to answer now than it would by itself.
    #[inline]
    pub(super) fn slowed(&mut self, takes: Span, now: Moment) -> Span {
        match &mut self.snapshots {
            None => takes,
            Some(snapshots) => snapshots.slowed(takes, now),
        }
    }

    fn size(&self, key: Key) -> u64 {
        let size = match &self.spaces[key.space()].sizes {
            Sizes::Fixed(size) => *size,
            Sizes::Drawn(distribution, purpose) => {
                distribution.sample(&mut self.dice.stream(key.object(), *purpose)).0.min(SIZE_MAX)
            }
        };
        (size + self.terms.overhead).max(1)
    }

    /// How long it has kept its entries, all together, in nanoseconds.
    pub(super) fn kept(&self, now: Moment) -> u128 {
        self.all().map(|of| of.entries.integral(now)).sum()
    }

    /// Whether it still has room and fills, or keeps what it has had since its beginning: it is old once
    /// twice as much was written as it keeps.
    pub(super) fn is_young(&self) -> bool {
        self.all().any(|of| {
            let kept = of.entries.value();
            let is_full = of.evicting.ever > 0;
            is_full && of.evicting.ever < kept
        })
    }

    /// Shows its statistics, but not those of tenants' own.
    pub(super) fn show(&mut self, show: &mut Show<'_>) {
        let held = [&mut self.entries, &mut self.memory, &mut self.clients.now];
        held.into_iter().for_each(|of| show(Kept::Held(of)));
        show(Kept::Count(&mut self.clients.refused));
        for space in &mut self.spaces {
            show(Kept::Held(&mut space.entries));
            show(Kept::Count(&mut space.evictions));
        }
    }

    /// Forgets the warm-up; what is in it stays.
    pub(super) fn reset(&mut self, now: Moment) {
        self.entries.reset(now);
        self.memory.reset(now);
        self.clients.now.reset(now);
        self.clients.refused = 0;
        for space in &mut self.spaces {
            space.entries.reset(now);
            space.evictions = 0;
        }
        self.all_own().for_each(|cache| cache.reset(now));
    }

    /// What is wrong, if anything: more is kept than there is room for, entries were lost or
    /// counted twice, or something was pushed out that never may be.
    pub(super) fn broken(&self) -> Option<String> {
        let (name, most) = (&self.name, self.terms.maxmemory);
        let used = self.nodes.iter().map(|node| node.store.used()).max().unwrap_or_default();
        let of_spaces: u64 = self.spaces.iter().map(|space| space.entries.value()).sum();
        let entries = self.nodes.iter().map(|node| u64::from(node.store.len())).sum::<u64>();
        let evictions: u64 = self.spaces.iter().map(|space| space.evictions).sum();
        if used > most {
            return Some(format!("{name} keeps {used} B in {most} B"));
        }
        if of_spaces != entries {
            return Some(format!("{name} has {entries} entries, of its prefixes {of_spaces}"));
        }
        if self.terms.policy == Eviction::NoEviction && evictions > 0 {
            return Some(format!("{name} pushed out {evictions} entries and never may"));
        }
        let broken = self.nodes.iter().find_map(|node| node.store.broken());
        let broken = broken.map(|what| format!("{name}: {what}"));
        broken.or_else(|| self.own.iter().flat_map(Own::all).find_map(Self::broken))
    }
}

impl Sizes {
    fn new(file: &SizeFile, prefix: &str) -> Self {
        let span = |size: Bytes| Span(size.0);
        let drawn = match file {
            SizeFile::Fixed(size) => return Self::Fixed(size.value.0),
            SizeFile::Drawn(drawn) => drawn,
        };
        let distribution = match drawn {
            DrawnSize::Lognormal(by) => {
                Distribution::lognormal(span(by.median.value), span(by.p95.value))
            }
            DrawnSize::Uniform(by) => Distribution::uniform(span(by.from.value), span(by.to.value)),
        };
        // The format has checked that it is possible.
        let distribution = distribution.unwrap_or(Distribution::Fixed(Span::ZERO));
        Self::Drawn(distribution, Purpose::new(&format!("keys {prefix}: size")))
    }
}

/// Redis' clock of use (`LRU_CLOCK_RESOLUTION`): it does not tell what happens within a second.
#[inline]
fn second(now: Moment) -> u32 {
    u32::try_from(now.0 / Span::seconds(1).0).unwrap_or(u32::MAX)
}
