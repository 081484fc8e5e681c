//! Lists of entries in chunks of one shared pool: appending never moves what is there, and an
//! emptied list gives its chunks to the next. Knows no order.

use super::entry::{Entry, What};

/// Entries a chunk: 8 × 24 bytes are three cache lines.
pub(super) const CHUNK: usize = 16;

/// A list of at most this many chunks is short: it is sorted as it is.
pub(super) const SHORT: usize = 2;

/// An append-only list in the pool. The default is empty.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct List {
    /// The first chunk, from 1; meaningless while `end` is 0.
    first: u32,
    /// Position behind the last entry, counted from chunk 1 at `CHUNK`; 0 is an empty list. A
    /// multiple of `CHUNK` says that the last chunk is full.
    end: u32,
}

impl List {
    pub(super) const EMPTY: Self = Self { first: 0, end: 0 };

    #[inline]
    pub(super) const fn is_empty(self) -> bool {
        self.end == 0
    }

    /// Of a list that is not empty.
    #[inline]
    pub(super) const fn is_one_chunk(self) -> bool {
        self.tail().0 == self.first as usize
    }

    /// The last chunk and the entries in it.
    #[inline]
    const fn tail(self) -> (usize, usize) {
        let chunk = (self.end as usize - 1) / CHUNK;
        (chunk, self.end as usize - chunk * CHUNK)
    }
}

/// The pool.
#[derive(Debug)]
pub(super) struct Chunks<E> {
    /// Chunk `c` has the entries from `(c - 1) * CHUNK`.
    entries: Vec<Entry<E>>,
    /// By chunk: the next of its list, or of the free ones.
    next: Vec<u32>,
    /// The free chunk on top, or 0.
    free: u32,
}

impl<E: Copy> Chunks<E> {
    pub(super) const fn new() -> Self {
        Self { entries: Vec::new(), next: Vec::new(), free: 0 }
    }

    /// Appends.
    #[inline(always)]
    pub(super) fn push(&mut self, list: &mut List, entry: Entry<E>) {
        let end = list.end as usize;
        if end.is_multiple_of(CHUNK) {
            self.push_in_new_chunk(list, entry.at, entry.order, entry.what);
        } else {
            self.entries[end - CHUNK] = entry;
            list.end += 1;
        }
    }

    /// Takes the entry in parts, so that the caller need not have it in memory.
    #[inline(never)]
    fn push_in_new_chunk(&mut self, list: &mut List, at: u64, order: u64, what: What<E>) {
        let entry = Entry { at, order, what };
        let chunk = self.take_chunk(entry);
        if list.is_empty() {
            list.first = chunk;
        } else {
            self.next[list.tail().0 - 1] = chunk;
        }
        list.end = chunk * CHUNK_U32 + 1;
    }

    /// A chunk with `entry` at its beginning.
    fn take_chunk(&mut self, entry: Entry<E>) -> u32 {
        if self.free != 0 {
            let chunk = self.free;
            self.free = self.next[chunk as usize - 1];
            self.entries[(chunk as usize - 1) * CHUNK] = entry;
            return chunk;
        }
        self.entries.extend([entry; CHUNK]);
        self.next.push(0);
        u32::try_from(self.next.len())
            .ok()
            .filter(|chunk| *chunk < u32::MAX / CHUNK_U32)
            .expect("more entries pending than can be numbered")
    }

    /// Where the entries are, if the list has at most [`SHORT`] chunks and is not empty.
    #[inline]
    pub(super) fn short(&self, list: List) -> Option<Short> {
        let (tail, tail_count) = list.tail();
        let mut begins = [0; SHORT];
        let mut chunk = list.first as usize;
        for (place, begin) in begins.iter_mut().enumerate() {
            *begin = (chunk - 1) * CHUNK;
            if chunk == tail {
                return Some(Short { begins, count: place * CHUNK + tail_count });
            }
            chunk = self.next[chunk - 1] as usize;
        }
        None
    }

    /// One entry of a short list, by its place in the order of appending.
    #[inline]
    pub(super) fn entry(&self, short: &Short, place: usize) -> &Entry<E> {
        &self.entries[short.begins[place / CHUNK] + place % CHUNK]
    }

    /// Frees the chunks of a list that is not empty.
    #[inline]
    pub(super) fn free(&mut self, list: List) {
        self.next[list.tail().0 - 1] = self.free;
        self.free = list.first;
    }

    /// Gives every entry to `visit`, in the order of appending, and frees the chunks.
    #[inline]
    pub(super) fn drain(&mut self, list: List, mut visit: impl FnMut(&mut Self, Entry<E>)) {
        if list.is_empty() {
            return;
        }
        let (tail, tail_count) = list.tail();
        let mut chunk = list.first as usize;
        loop {
            let count = if chunk == tail { tail_count } else { CHUNK };
            for position in 0..count {
                let entry = self.entries[(chunk - 1) * CHUNK + position];
                visit(self, entry);
            }
            let next = self.next[chunk - 1] as usize;
            self.next[chunk - 1] = self.free;
            self.free = chunk as u32;
            if chunk == tail {
                return;
            }
            chunk = next;
        }
    }

    /// Shows every entry.
    pub(super) fn each(&self, list: List, mut visit: impl FnMut(&Entry<E>)) {
        if list.is_empty() {
            return;
        }
        let (tail, tail_count) = list.tail();
        let mut chunk = list.first as usize;
        while chunk != tail {
            self.entries[(chunk - 1) * CHUNK..chunk * CHUNK].iter().for_each(&mut visit);
            chunk = self.next[chunk - 1] as usize;
        }
        self.entries[(tail - 1) * CHUNK..][..tail_count].iter().for_each(visit);
    }

    /// Keeps the entries that `keep` holds for.
    pub(super) fn retain(&mut self, list: &mut List, keep: &mut impl FnMut(&Entry<E>) -> bool) {
        let mut kept = List::default();
        self.drain(std::mem::take(list), |chunks, entry| {
            if keep(&entry) {
                chunks.push(&mut kept, entry);
            }
        });
        *list = kept;
    }

    /// Entries that the pool has room for.
    #[cfg(test)]
    pub(super) fn room(&self) -> usize {
        self.entries.capacity()
    }
}

const CHUNK_U32: u32 = CHUNK as u32;

/// A list of few chunks.
pub(super) struct Short {
    /// By chunk: the index of its first entry.
    begins: [usize; SHORT],
    /// Entries in all.
    pub(super) count: usize,
}
