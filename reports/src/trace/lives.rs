//! What tenants, machines, replicas and databases went through, as slices: machines below their racks, zones and regions,
//! tenants below the machine that they were on, replicas below their services. Knows no series.

use super::flows::{Cause, Flows};
use super::groups::Groups;
use super::packets::{Note, Packets, Place, Said, Track};
use super::source::{Source, TraceFailure, moment, stretch};
use seatrial_tables::Rows;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Where a machine stands: its region, its zone and its rack, if it has them.
type Stands = [String; 3];

/// What must be known of all states before the first is drawn.
#[derive(Default)]
pub(super) struct Seen {
    /// Machines in the order of their names, with where they stand and their pools.
    machines: BTreeMap<(Stands, String, u64), String>,
}

/// Looks over all states once: where machines stand, and what brought about how much.
pub(super) fn look(source: &Source, flows: &mut Flows) -> Result<Seen, TraceFailure> {
    let mut seen = Seen::default();
    source.each("lives", |rows, row| {
        if rows.text(row, "kind") == "machine" {
            let name = rows.text(row, "name");
            let (word, number) = parts(name);
            let key = (stands(rows, row), word.to_owned(), number);
            seen.machines.insert(key, name.to_owned());
        }
        if let Some(cause) = shown_cause(source, rows, row) {
            flows.count(cause);
        }
        Ok(())
    })?;
    flows.number();
    Ok(seen)
}

fn stands(rows: &Rows, row: usize) -> Stands {
    ["region", "zone", "rack"].map(|column| rows.text(row, column).to_owned())
}

/// A name and the number at its end: so the second comes before the tenth.
fn parts(name: &str) -> (&str, u64) {
    let word = name.trim_end_matches(|of: char| of.is_ascii_digit());
    (word, name[word.len()..].parse().unwrap_or_default())
}

/// What brought a state about that is shown from its beginning on.
fn shown_cause(source: &Source, rows: &Rows, row: usize) -> Option<Cause> {
    let begins = source.window.has(stretch(rows, row).0);
    if !begins || is_whole(source, rows, row) {
        return None;
    }
    let by = rows.text(row, "by").to_owned();
    match rows.text(row, "cause") {
        "decision" => Some(Cause::Decision(by)),
        "fault" => Some(Cause::Fault(by, moment(rows, row, "by_at_s").unwrap_or_default())),
        _ => None,
    }
}

/// Whether nothing ever changed about one: then it is not shown, unless it is a machine, below which others are.
fn is_whole(source: &Source, rows: &Rows, row: usize) -> bool {
    let is_machine = rows.text(row, "kind") == "machine";
    !is_machine && stretch(rows, row) == (0, source.duration)
}

/// Tracks of those who go through states.
struct Tracks {
    machines: BTreeMap<String, Track>,
    /// Tenants on machines.
    tenants: BTreeMap<(Track, String), Track>,
}

impl Tracks {
    /// One for each place where machines stand, and for each machine.
    fn new<W: Write>(
        seen: &Seen,
        packets: &mut Packets<W>,
        groups: &mut Groups,
    ) -> io::Result<Self> {
        let mut places: BTreeMap<Vec<String>, Track> = BTreeMap::new();
        let mut machines = BTreeMap::new();
        for ((stands, _, _), name) in &seen.machines {
            let mut above = groups.kind(packets, "region")?;
            let mut path = Vec::new();
            for place in stands.iter().filter(|place| !place.is_empty()) {
                path.push(place.clone());
                if let Some(track) = places.get(&path) {
                    above = *track;
                    continue;
                }
                let rank = groups.next(above);
                above = packets.track(&Place { below: Some(above), name: place, rank })?;
                places.insert(path.clone(), above);
            }
            let rank = groups.next(above);
            let track = packets.track(&Place { below: Some(above), name, rank })?;
            machines.insert(name.clone(), track);
        }
        Ok(Self { machines, tenants: BTreeMap::new() })
    }

    /// The track of who is in the state of a row.
    fn of<W: Write>(
        &mut self,
        rows: &Rows,
        row: usize,
        (packets, groups): (&mut Packets<W>, &mut Groups),
    ) -> io::Result<Track> {
        let (name, of) = (rows.text(row, "name"), rows.text(row, "of"));
        let above = match rows.text(row, "kind") {
            "machine" => match self.machines.get(name) {
                Some(track) => return Ok(*track),
                None => groups.kind(packets, "region")?,
            },
            "tenant" => match self.machines.get(rows.text(row, "machine")) {
                Some(track) => *track,
                None => groups.kind(packets, "tenant")?,
            },
            "replica" => groups.thing(packets, ("service", of))?,
            kind => return groups.thing(packets, (kind, name)),
        };
        let key = (above, name.to_owned());
        if let Some(track) = self.tenants.get(&key) {
            return Ok(*track);
        }
        // In the order of their numbers, whoever comes first.
        let rank = parts(name).1;
        let track = packets.track(&Place { below: Some(above), name, rank })?;
        self.tenants.insert(key, track);
        Ok(track)
    }
}

/// Every state as a slice.
pub(super) fn lives<W: Write>(
    source: &Source,
    seen: &Seen,
    (packets, groups, flows): (&mut Packets<W>, &mut Groups, &mut Flows),
) -> Result<(), TraceFailure> {
    let mut tracks = Tracks::new(seen, packets, groups)?;
    source.each("lives", |rows, row| {
        if is_whole(source, rows, row) {
            return Ok(());
        }
        let Some(shown) = source.window.clip(stretch(rows, row)) else { return Ok(()) };
        let track = tracks.of(rows, row, (packets, groups))?;
        let text = |column| rows.text(row, column);
        let name = match text("stage") {
            "" => text("state").to_owned(),
            stage if stage == text("state") => stage.to_owned(),
            stage => format!("{}: {stage}", text("state")),
        };
        let flow = shown_cause(source, rows, row).and_then(|cause| flows.end(&cause));
        packets.counts.flows += u64::from(flow.is_some());
        let notes = [
            ("of", Note::Text(text("of"))),
            ("cause", Note::Text(text("cause"))),
            ("by", Note::Text(text("by"))),
        ];
        let notes = if text("cause").is_empty() { &notes[..1] } else { &notes[..] };
        let alike = (text("kind") == "tenant").then(|| number(text("name")));
        let flows = flow.as_slice();
        let said = Said { name: &name, category: text("kind"), notes, flows, alike };
        Ok(packets.slice(track, shown, &said)?)
    })
}

/// A number that stands for a name: FNV-1a, which is the same everywhere.
fn number(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_stand_in_the_order_of_their_numbers() {
        assert!(parts("worker-2") < parts("worker-10"));
        assert_eq!(parts("worker-2"), ("worker-", 2));
        assert_eq!(parts("édge"), ("édge", 0));
        assert_eq!(parts(""), ("", 0));
        assert_eq!(parts("99999999999999999999999"), ("", 0), "more than fits");
    }
}
