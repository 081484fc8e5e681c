//! The entries of a cache, without gaps, and the order in which they were used or written. Decides
//! nothing: who is pushed out is chosen elsewhere.

use super::index::{Index, Key};

/// The place of an entry; another entry may have it once this one is gone.
pub(super) type Place = u32;

const NOBODY: Place = Place::MAX;

/// One entry.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) key: Key,
    /// Bytes, overhead included.
    pub(super) size: u32,
    /// The second in which it was last used.
    pub(super) used_at: u32,
    /// Its neighbours in the order.
    before: Place,
    after: Place,
}

const _: () = assert!(size_of::<Entry>() <= 24, "a cache may have millions of entries");

/// All entries of a cache.
#[derive(Clone, Debug)]
pub(super) struct EntryStore {
    entries: Vec<Entry>,
    index: Index,
    /// In the order: who is pushed out first, and last.
    first: Place,
    last: Place,
    /// Bytes of all.
    used: u64,
}

impl EntryStore {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), index: Index::new(), first: NOBODY, last: NOBODY, used: 0 }
    }

    pub(super) fn len(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn used(&self) -> u64 {
        self.used
    }

    #[inline]
    pub(super) fn find(&self, key: Key) -> Option<Place> {
        self.index.find(key, |place| self.entries[place as usize].key == key)
    }

    #[inline]
    pub(super) fn entry(&self, place: Place) -> &Entry {
        &self.entries[place as usize]
    }

    pub(super) fn first(&self) -> Option<Place> {
        (self.first != NOBODY).then_some(self.first)
    }

    /// Adds an entry that is not there, as the last in the order.
    pub(super) fn push(&mut self, key: Key, size: u32, used_at: u32) {
        let place = self.len();
        assert!(place < NOBODY, "more entries than can be numbered");
        self.entries.push(Entry { key, size, used_at, before: NOBODY, after: NOBODY });
        self.index.insert(key, place);
        self.link_last(place);
        self.used += u64::from(size);
    }

    /// It is in use in this second.
    #[inline]
    pub(super) fn touch(&mut self, place: Place, used_at: u32) {
        self.entries[place as usize].used_at = used_at;
    }

    /// It becomes the last in the order.
    #[inline]
    pub(super) fn move_last(&mut self, place: Place) {
        if self.last != place {
            self.unlink(place);
            self.link_last(place);
        }
    }

    /// Takes an entry out; the entry of the last place takes its place.
    pub(super) fn remove(&mut self, place: Place) -> Entry {
        self.unlink(place);
        let gone = self.entries[place as usize];
        self.index.remove(gone.key, place);
        self.used -= u64::from(gone.size);
        self.entries.swap_remove(place as usize);
        let from = self.len();
        if from != place {
            let Entry { key, before, after, .. } = self.entries[place as usize];
            self.index.moved(key, from, place);
            *self.after_of(before) = place;
            *self.before_of(after) = place;
        }
        gone
    }

    /// The entries in their order.
    #[cfg(test)]
    pub(super) fn in_order(&self) -> impl Iterator<Item = &Entry> {
        let step = |entry: &&Entry| self.entries.get(entry.after as usize);
        core::iter::successors(self.entries.get(self.first as usize), step)
    }

    /// What is wrong, if anything.
    pub(super) fn broken(&self) -> Option<String> {
        let sizes: u64 = self.entries.iter().map(|entry| u64::from(entry.size)).sum();
        let used = self.used;
        (sizes != used).then(|| format!("entries of {sizes} B were counted as {used} B"))
    }

    fn link_last(&mut self, place: Place) {
        let before = std::mem::replace(&mut self.last, place);
        let entry = &mut self.entries[place as usize];
        (entry.before, entry.after) = (before, NOBODY);
        match before {
            NOBODY => self.first = place,
            _ => self.entries[before as usize].after = place,
        }
    }

    fn unlink(&mut self, place: Place) {
        let Entry { before, after, .. } = self.entries[place as usize];
        *self.after_of(before) = after;
        *self.before_of(after) = before;
    }

    /// Who comes after this place, or first where it is nobody's.
    fn after_of(&mut self, place: Place) -> &mut Place {
        match place {
            NOBODY => &mut self.first,
            _ => &mut self.entries[place as usize].after,
        }
    }

    fn before_of(&mut self, place: Place) -> &mut Place {
        match place {
            NOBODY => &mut self.last,
            _ => &mut self.entries[place as usize].before,
        }
    }
}
