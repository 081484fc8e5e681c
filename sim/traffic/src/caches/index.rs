//! Finds an entry by its key: open addressing with linear probing and a hash of our own. It is only
//! ever asked for one key; nobody walks through it, so its order reaches no result. Knows no entry:
//! keys are compared by their holder.

/// An object within a key space of a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Key(pub(super) u64);

impl Key {
    pub(super) fn new(space: u32, object: u32) -> Self {
        Self(u64::from(space) << 32 | u64::from(object))
    }

    pub(super) fn space(self) -> usize {
        (self.0 >> 32) as usize
    }

    pub(super) fn object(self) -> u64 {
        self.0 & u64::from(u32::MAX)
    }

    /// Which of so many slots it belongs to; by the half of the hash that the index does not use.
    pub(super) fn slot(self, slots: u64) -> u64 {
        self.mixed() % slots
    }

    fn hash(self) -> u32 {
        (self.mixed() >> 32) as u32
    }

    /// `SplitMix64`'s finaliser: each bit of it depends on each bit of the key.
    fn mixed(self) -> u64 {
        let mut z = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Where one entry stands, with its key's hash.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    at: u32,
}

const NOTHING: u32 = u32::MAX;
const EMPTY: Slot = Slot { hash: 0, at: NOTHING };

/// From keys to places.
#[derive(Clone, Debug)]
pub(super) struct Index {
    /// A power of two, at most three quarters full.
    slots: Vec<Slot>,
    count: usize,
}

impl Index {
    pub(super) fn new() -> Self {
        Self { slots: vec![EMPTY; 16], count: 0 }
    }

    /// The place of a key; `is_at` says whether a place has it.
    #[inline]
    pub(super) fn find(&self, key: Key, is_at: impl Fn(u32) -> bool) -> Option<u32> {
        let hash = key.hash();
        let mut slot = self.first(hash);
        loop {
            let found = self.slots[slot];
            if found.at == NOTHING {
                return None;
            }
            if found.hash == hash && is_at(found.at) {
                return Some(found.at);
            }
            slot = self.next(slot);
        }
    }

    /// Adds a key that is not there.
    pub(super) fn insert(&mut self, key: Key, at: u32) {
        if (self.count + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.count += 1;
        self.put(Slot { hash: key.hash(), at });
    }

    /// Removes a key that is at this place.
    pub(super) fn remove(&mut self, key: Key, at: u32) {
        let mut hole = self.slot_of(key, at);
        self.count -= 1;
        // An entry that stands behind the hole and would be found there moves into it.
        let mut slot = hole;
        loop {
            slot = self.next(slot);
            let found = self.slots[slot];
            if found.at == NOTHING {
                break;
            }
            let mask = self.slots.len() - 1;
            let away = slot.wrapping_sub(self.first(found.hash)) & mask;
            if away >= slot.wrapping_sub(hole) & mask {
                self.slots[hole] = found;
                hole = slot;
            }
        }
        self.slots[hole] = EMPTY;
    }

    /// A key's entry stands at another place now.
    pub(super) fn moved(&mut self, key: Key, from: u32, to: u32) {
        let slot = self.slot_of(key, from);
        self.slots[slot].at = to;
    }

    /// Places are unlike, so a place alone tells the slot among those that the key leads to.
    fn slot_of(&self, key: Key, at: u32) -> usize {
        let mut slot = self.first(key.hash());
        while self.slots[slot].at != at {
            assert!(self.slots[slot].at != NOTHING, "a key that is not in the index");
            slot = self.next(slot);
        }
        slot
    }

    fn grow(&mut self) {
        let twice = self.slots.len() * 2;
        let slots = std::mem::replace(&mut self.slots, vec![EMPTY; twice]);
        slots.into_iter().filter(|slot| slot.at != NOTHING).for_each(|slot| self.put(slot));
    }

    fn put(&mut self, what: Slot) {
        let mut slot = self.first(what.hash);
        while self.slots[slot].at != NOTHING {
            slot = self.next(slot);
        }
        self.slots[slot] = what;
    }

    #[inline]
    fn first(&self, hash: u32) -> usize {
        hash as usize & (self.slots.len() - 1)
    }

    #[inline]
    fn next(&self, slot: usize) -> usize {
        (slot + 1) & (self.slots.len() - 1)
    }
}
