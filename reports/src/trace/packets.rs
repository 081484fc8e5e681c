//! Packets of a Perfetto trace: tracks, slices, instants, counters. Knows no run.
//!
//! Numbers of fields are those of `protos/perfetto/trace` in Perfetto's sources: `trace_packet.proto` and, below
//! `track_event/`, `track_event.proto`, `track_descriptor.proto`, `counter_descriptor.proto`, `debug_annotation.proto`.

use super::proto::Message;
use seatrial_contract::outside;
use std::io::{self, Write};

/// A track, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Track(u64);

impl Track {
    /// Its number.
    pub(super) const fn number(self) -> u64 {
        self.0
    }
}

/// Where a track stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) below: Option<Track>,
    pub(super) name: &'a str,
    /// Its place among those below the same.
    pub(super) rank: u64,
}

/// What something on a track says.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said<'a> {
    pub(super) name: &'a str,
    pub(super) category: &'a str,
    pub(super) notes: &'a [(&'a str, Note<'a>)],
    /// Arrows that begin or end here.
    pub(super) flows: &'a [u64],
    /// All that have it look alike.
    pub(super) alike: Option<u64>,
}

/// What stands beside something.
#[derive(Clone, Copy, Debug)]
pub(super) enum Note<'a> {
    Text(&'a str),
    Number(u64),
}

/// What a trace has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceCounts {
    /// Tracks, counters among them.
    pub tracks: u64,
    /// Slices.
    pub slices: u64,
    /// Instants.
    pub instants: u64,
    /// Values of counters.
    pub values: u64,
    /// Arrows from what brought something about to what it brought about.
    pub flows: u64,
    /// Bytes.
    pub bytes: u64,
}

/// Writes packets.
pub(super) struct Packets<W> {
    to: W,
    pub(super) counts: TraceCounts,
}

/// The one who writes all packets.
const SEQUENCE: u64 = 1;

const TYPE_BEGIN: u64 = 1;
const TYPE_END: u64 = 2;
const TYPE_INSTANT: u64 = 3;
const TYPE_COUNTER: u64 = 4;
const ORDER_EXPLICIT: u64 = 3;
const MERGE_NEVER: u64 = 2;
const UNIT_COUNT: u64 = 2;
const UNIT_BYTES: u64 = 3;

/// Reasons and actions are JSON, which is longer than a sentence.
const TEXT_MOST: usize = 4_000;

impl<W: Write> Packets<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to, counts: TraceCounts::default() }
    }

    /// A new track for slices and instants, and for others below it.
    pub(super) fn track(&mut self, place: &Place<'_>) -> io::Result<Track> {
        self.describe(place, None)
    }

    /// A new track for values that are counted in this.
    pub(super) fn counter(&mut self, place: &Place<'_>, unit: &str) -> io::Result<Track> {
        let mut counter = Message::default();
        match unit {
            "count" => counter.number(3, UNIT_COUNT),
            "bytes" => counter.number(3, UNIT_BYTES),
            other => counter.text(6, other),
        }
        self.describe(place, Some(&counter))
    }

    fn describe(&mut self, place: &Place<'_>, counter: Option<&Message>) -> io::Result<Track> {
        self.counts.tracks += 1;
        let track = Track(self.counts.tracks);
        let mut of = Message::default();
        of.number(1, track.0);
        of.text(2, &outside::name(place.name));
        if let Some(Track(parent)) = place.below {
            of.number(5, parent);
        }
        if let Some(counter) = counter {
            of.message(8, counter);
        }
        of.number(11, ORDER_EXPLICIT);
        of.number(12, place.rank);
        of.number(15, MERGE_NEVER);
        let mut packet = Message::default();
        packet.number(10, SEQUENCE);
        packet.message(60, &of);
        self.put(&packet)?;
        Ok(track)
    }

    /// Something begins.
    pub(super) fn begin(&mut self, track: Track, at: u64, said: &Said<'_>) -> io::Result<()> {
        self.counts.slices += 1;
        self.event(track, (at, TYPE_BEGIN), |event| say(event, said))
    }

    /// What began last on the track, and has not ended, ends.
    pub(super) fn end(&mut self, track: Track, at: u64) -> io::Result<()> {
        self.event(track, (at, TYPE_END), |_| {})
    }

    /// Something from then until then.
    pub(super) fn slice(
        &mut self,
        track: Track,
        (from, until): (u64, u64),
        said: &Said<'_>,
    ) -> io::Result<()> {
        self.begin(track, from, said)?;
        self.end(track, until)
    }

    /// Something at a moment.
    pub(super) fn instant(&mut self, track: Track, at: u64, said: &Said<'_>) -> io::Result<()> {
        self.counts.instants += 1;
        self.event(track, (at, TYPE_INSTANT), |event| say(event, said))
    }

    /// From then on a counter has that value.
    pub(super) fn value(&mut self, track: Track, at: u64, value: f64) -> io::Result<()> {
        self.counts.values += 1;
        self.event(track, (at, TYPE_COUNTER), |event| event.double(44, value))
    }

    fn event(
        &mut self,
        Track(track): Track,
        (at, kind): (u64, u64),
        more: impl FnOnce(&mut Message),
    ) -> io::Result<()> {
        let mut event = Message::default();
        event.number(9, kind);
        event.number(11, track);
        more(&mut event);
        let mut packet = Message::default();
        packet.number(8, at);
        packet.number(10, SEQUENCE);
        packet.message(11, &event);
        self.put(&packet)
    }

    fn put(&mut self, packet: &Message) -> io::Result<()> {
        let mut of_trace = Message::default();
        of_trace.message(1, packet);
        self.counts.bytes += of_trace.bytes().len() as u64;
        self.to.write_all(of_trace.bytes())
    }

    /// Nothing more comes.
    pub(super) fn close(mut self) -> io::Result<TraceCounts> {
        self.to.flush()?;
        Ok(self.counts)
    }
}

fn say(event: &mut Message, said: &Said<'_>) {
    event.text(22, said.category);
    event.text(23, &outside::name(said.name));
    for (name, note) in said.notes {
        let mut of = Message::default();
        of.text(10, name);
        match note {
            Note::Text(text) => of.text(6, &outside::line(text, TEXT_MOST)),
            Note::Number(number) => of.number(3, *number),
        }
        event.message(4, &of);
    }
    said.flows.iter().for_each(|flow| event.fixed(47, *flow));
    if let Some(alike) = said.alike {
        event.number(52, alike);
    }
}
