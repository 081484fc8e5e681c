//! Stores of objects whose classes are in no order, or keep nothing.

use super::references::unique;
use super::{at, each};
use crate::scenario::{ObjectStore, Scenario};
use seatrial_contract::config::{Path, Problems};
use seatrial_contract::units::{Bytes, Span, gib};
use std::collections::BTreeSet;

/// A hundred petabytes: what is written in a century stays within 64 bits.
pub(super) const HOLDS_MAX: Bytes = gib(100 << 20);
pub(super) const DAILY_MAX: Bytes = gib(1 << 10);
pub(super) const CLASSES_MAX: usize = 16;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    let mut seen = BTreeSet::new();
    each("objects", &scenario.objects, |path, of| {
        unique(&of.name, &mut seen, path, problems);
        store(of, path, problems);
    });
}

fn store(store: &ObjectStore, path: &Path<'_>, problems: &mut Problems) {
    let sizes = [
        ("holds", &store.holds, HOLDS_MAX),
        ("per_tenant", &store.per_tenant, DAILY_MAX),
        ("per_bot", &store.per_bot, DAILY_MAX),
    ];
    for (key, found, most) in sizes {
        if found.value > most {
            let words =
                (format!("{} is too much", found.value), format!("write at most \"{most}\""));
            at(path, key, found.place, words, problems);
        }
    }
    let place = store.classes.place;
    if store.classes.value.is_empty() || store.classes.value.len() > CLASSES_MAX {
        let remedy =
            "write classes = [{ name = \"standard\", gib = \"$0.023/month\" }]; at most 16";
        let words = ("objects need a class to lie in", remedy);
        return at(path, "classes", place, words, problems);
    }
    let (path, mut seen) = (Path::Key(path, "classes"), BTreeSet::new());
    let mut before: Option<Span> = None;
    for (index, class) in store.classes.value.iter().enumerate() {
        let path = Path::Index(&path, index);
        unique(&class.name, &mut seen, &path, problems);
        let after = class.after.value;
        let message = match before {
            None if after > Span::ZERO => format!("nobody keeps objects younger than {after}"),
            Some(before) if after <= before => format!("{after} is not later than {before}"),
            _ => String::new(),
        };
        if !message.is_empty() {
            let words = (message, "begin with a class without `after`; then let each be later");
            at(&path, "after", class.after.place, words, problems);
        }
        before = Some(after);
    }
    if let Some(expires) = &store.expires
        && before.is_some_and(|last| expires.value <= last)
    {
        let words = ("objects are deleted before they reach the last class", "raise `expires`");
        at(&path, "expires", expires.place, words, problems);
    }
}
