//! Those who stand one behind another, as links between the places they are kept in: who leaves from
//! the middle costs no more than who leaves from the front. Knows not who they are.

use core::marker::PhantomData;

/// The name of a place.
pub(super) trait Named: Copy + Eq {
    /// Names nobody.
    const NOBODY: Self;

    #[inline]
    fn somebody(self) -> Option<Self> {
        (self != Self::NOBODY).then_some(self)
    }
}

/// Where those are kept who stand in lines.
pub(super) trait Linked<Id> {
    /// Who stands before and after this one.
    fn links(&mut self, id: Id) -> &mut (Id, Id);
}

/// Some one behind another; each is in one line at most.
#[derive(Debug)]
pub(super) struct IntrusiveList<Id, In> {
    first: Id,
    last: Id,
    kept: PhantomData<In>,
}

impl<Id: Copy, In> Clone for IntrusiveList<Id, In> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Id: Copy, In> Copy for IntrusiveList<Id, In> {}

impl<Id: Named, In: Linked<Id>> IntrusiveList<Id, In> {
    pub(super) const EMPTY: Self = Self { first: Id::NOBODY, last: Id::NOBODY, kept: PhantomData };

    #[inline]
    pub(super) fn first(&self) -> Option<Id> {
        self.first.somebody()
    }

    #[inline]
    pub(super) fn last(&self) -> Option<Id> {
        self.last.somebody()
    }

    #[inline]
    pub(super) fn push_last(&mut self, id: Id, places: &mut In) {
        let before = self.last;
        *places.links(id) = (before, Id::NOBODY);
        match before.somebody() {
            Some(before) => places.links(before).1 = id,
            None => self.first = id,
        }
        self.last = id;
    }

    pub(super) fn push_first(&mut self, id: Id, places: &mut In) {
        let after = self.first;
        *places.links(id) = (Id::NOBODY, after);
        match after.somebody() {
            Some(after) => places.links(after).0 = id,
            None => self.last = id,
        }
        self.first = id;
    }

    /// Takes out one that is in this line.
    #[inline]
    pub(super) fn remove(&mut self, id: Id, places: &mut In) {
        let (before, after) = *places.links(id);
        match before.somebody() {
            Some(before) => places.links(before).1 = after,
            None => self.first = after,
        }
        match after.somebody() {
            Some(after) => places.links(after).0 = before,
            None => self.last = before,
        }
    }
}
