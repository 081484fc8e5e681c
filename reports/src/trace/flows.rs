//! Arrows from what brought something about to what it brought about: each has a number of its own, which both its ends
//! carry. Draws none.

use std::collections::BTreeMap;

/// What brings something about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cause {
    /// The decision of that number.
    Decision(String),
    /// A fault, and when it struck.
    Fault(String, u64),
}

/// All arrows of a trace. Who has how many is counted before any is drawn, for an arrow's beginning is written first.
#[derive(Debug, Default)]
pub(super) struct Flows {
    of: BTreeMap<Cause, Arrows>,
}

#[derive(Debug, Default)]
struct Arrows {
    count: u64,
    first: u64,
    /// So many have their ends.
    ended: u64,
    has_begun: bool,
}

impl Flows {
    /// Something brings about one thing more.
    pub(super) fn count(&mut self, cause: Cause) {
        self.of.entry(cause).or_default().count += 1;
    }

    /// All are counted.
    pub(super) fn number(&mut self) {
        let mut next = 1;
        for arrows in self.of.values_mut() {
            arrows.first = next;
            next += arrows.count;
        }
    }

    /// Those that begin at this; nothing where they have begun already.
    pub(super) fn begin(&mut self, cause: &Cause) -> Vec<u64> {
        let Some(arrows) = self.of.get_mut(cause).filter(|of| !of.has_begun) else {
            return Vec::new();
        };
        arrows.has_begun = true;
        (arrows.first..arrows.first + arrows.count).collect()
    }

    /// The one that ends at the next thing that this brought about; nothing where it began nowhere.
    pub(super) fn end(&mut self, cause: &Cause) -> Option<u64> {
        let arrows = self.of.get_mut(cause).filter(|of| of.has_begun && of.ended < of.count)?;
        arrows.ended += 1;
        Some(arrows.first + arrows.ended - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_arrow_has_its_own_number_and_two_ends() {
        let mut flows = Flows::default();
        let (one, two) = (Cause::Decision("7".to_owned()), Cause::Fault("zone".to_owned(), 5));
        for cause in [&one, &two, &one] {
            flows.count(cause.clone());
        }
        flows.number();
        assert_eq!(flows.end(&one), None, "it began nowhere");
        assert_eq!(flows.begin(&one), [1, 2]);
        assert!(flows.begin(&one).is_empty(), "it begins once");
        assert_eq!(flows.begin(&two), [3]);
        assert_eq!(
            [flows.end(&one), flows.end(&two), flows.end(&one)],
            [Some(1), Some(3), Some(2)]
        );
        assert_eq!(flows.end(&one), None, "only so many were counted");
    }
}
