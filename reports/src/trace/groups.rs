//! The tracks that others stand below: one for each kind of thing, and one for each thing. Knows no event.

use super::packets::{Packets, Place, Track};
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Kinds of things, what stands above all of a kind, and in which order.
const TITLES: [(&str, &str); 16] = [
    ("incident", "incidents"),
    ("alert", "alerts"),
    ("decision", "decisions"),
    ("run", "all together"),
    ("tier", "tiers"),
    ("stage", "stages of sleep"),
    ("region", "regions"),
    ("pool", "pools"),
    ("service", "services"),
    ("traffic", "traffic"),
    ("database", "databases"),
    ("pooler", "poolers"),
    ("cache", "caches"),
    ("server", "servers"),
    ("objects", "stores of objects"),
    ("tenant", "tenants without a machine"),
];

/// Tracks of things, made when something is first told of them.
pub(super) struct Groups {
    root: Track,
    kinds: BTreeMap<String, Track>,
    things: BTreeMap<(String, String), Track>,
    /// How many tracks stand below each.
    below: BTreeMap<u64, u64>,
}

impl Groups {
    /// One track above all, which is called so.
    pub(super) fn new<W: Write>(packets: &mut Packets<W>, title: &str) -> io::Result<Self> {
        let root = packets.track(&Place { below: None, name: title, rank: 0 })?;
        Ok(Self { root, kinds: BTreeMap::new(), things: BTreeMap::new(), below: BTreeMap::new() })
    }

    /// The track above all of a kind.
    pub(super) fn kind<W: Write>(
        &mut self,
        packets: &mut Packets<W>,
        kind: &str,
    ) -> io::Result<Track> {
        if let Some(track) = self.kinds.get(kind) {
            return Ok(*track);
        }
        let at = TITLES.iter().position(|(of, _)| *of == kind);
        let name = at.map_or(kind, |at| TITLES[at].1);
        let rank = at.unwrap_or(TITLES.len()) as u64;
        let track = packets.track(&Place { below: Some(self.root), name, rank })?;
        self.kinds.insert(kind.to_owned(), track);
        Ok(track)
    }

    /// The track of a thing; that of its kind where it has no name.
    pub(super) fn thing<W: Write>(
        &mut self,
        packets: &mut Packets<W>,
        (kind, name): (&str, &str),
    ) -> io::Result<Track> {
        let above = self.kind(packets, kind)?;
        if name.is_empty() {
            return Ok(above);
        }
        let key = (kind.to_owned(), name.to_owned());
        if let Some(track) = self.things.get(&key) {
            return Ok(*track);
        }
        let rank = self.next(above);
        let track = packets.track(&Place { below: Some(above), name, rank })?;
        self.things.insert(key, track);
        Ok(track)
    }

    /// The place of one more track below another.
    pub(super) fn next(&mut self, above: Track) -> u64 {
        let below = self.below.entry(above.number()).or_default();
        *below += 1;
        *below
    }
}
