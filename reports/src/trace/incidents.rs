//! Incidents with their steps, alerts, and decisions with their reasons. Knows nothing of those whom they are about.

use super::flows::{Cause, Flows};
use super::groups::Groups;
use super::packets::{Note, Packets, Place, Said, Track};
use super::source::{Source, TraceFailure, moment, whole};
use seatrial_tables::Rows;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// Tracks beside one another for what overlaps.
#[derive(Default)]
struct Lanes {
    /// Each with the moment from which on it is free.
    all: Vec<(Track, u64)>,
}

impl Lanes {
    /// The first track that is free then, which is taken until then; they come in the order of their beginnings.
    fn take(
        &mut self,
        (from, until): (u64, u64),
        new: impl FnOnce(usize) -> io::Result<Track>,
    ) -> io::Result<Track> {
        if let Some(lane) = self.all.iter_mut().find(|lane| lane.1 <= from) {
            lane.1 = until;
            return Ok(lane.0);
        }
        let track = new(self.all.len())?;
        self.all.push((track, until));
        Ok(track)
    }
}

/// What is reached on the way, by its column. A database may be verified before anybody who steers knows.
const STEPS: [(&str, &str); 6] = [
    ("detected_s", "known"),
    ("decided_s", "decided"),
    ("acted_s", "begun"),
    ("restored_s", "restored"),
    ("verified_s", "verified"),
    ("clients_back_s", "all are back"),
];

/// Every incident as a slice, with its steps inside.
pub(super) fn incidents<W: Write>(
    source: &Source,
    (packets, groups, flows): (&mut Packets<W>, &mut Groups, &mut Flows),
) -> Result<(), TraceFailure> {
    let rows = source.table("incidents")?;
    let mut lanes = Lanes::default();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|row| moment(&rows, *row, "at_s"));
    for row in order {
        let at = moment(&rows, row, "at_s").unwrap_or_default();
        let healed = moment(&rows, row, "healed_s");
        let until = end(&rows, row, source.duration).max(at);
        let Some((from, until)) = source.window.clip((at, until)) else { continue };
        // That it is healed may come later, and stands on the same track.
        let taken = until.max(healed.unwrap_or_default()).saturating_add(1);
        let above = groups.kind(packets, "incident")?;
        let track = lanes.take((from, taken), |at| {
            let name = format!("incidents {}", at + 1);
            packets.track(&Place { below: Some(above), name: &name, rank: at as u64 })
        })?;
        let fault = rows.text(row, "fault");
        let flows = flows.begin(&Cause::Fault(fault.to_owned(), at));
        let notes = [
            ("machines", Note::Number(whole(&rows, row, "machines"))),
            ("tenants", Note::Number(whole(&rows, row, "tenants"))),
            ("databases", Note::Text(rows.text(row, "databases"))),
            ("writes_lost", Note::Number(whole(&rows, row, "writes_lost"))),
            ("absent", Note::Text(rows.text(row, "absent"))),
        ];
        let said =
            Said { name: fault, category: "incident", notes: &notes, flows: &flows, alike: None };
        packets.begin(track, from, &said)?;
        steps(&rows, row, packets, (track, from, until))?;
        packets.end(track, until)?;
        if let Some(at) = healed.filter(|at| source.window.has(*at)) {
            let said = Said { name: "healed", category: "incident", ..Said::default() };
            packets.instant(track, at, &said)?;
        }
    }
    Ok(())
}

/// When an incident is over: when all are back; where nobody was lost, when it healed.
fn end(rows: &Rows, row: usize, duration: u64) -> u64 {
    let nobody = whole(rows, row, "tenants") == 0 && rows.text(row, "databases").is_empty();
    let healed = moment(rows, row, "healed_s").filter(|_| nobody);
    moment(rows, row, "clients_back_s").or(healed).unwrap_or(duration)
}

/// A slice until each moment at which something is reached, one after another.
fn steps<W: Write>(
    rows: &Rows,
    row: usize,
    packets: &mut Packets<W>,
    (track, from, until): (Track, u64, u64),
) -> io::Result<()> {
    let reached = STEPS.iter().filter_map(|(of, word)| Some((moment(rows, row, of)?, *word)));
    let mut moments: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for (at, word) in reached.filter(|(at, _)| (from..=until).contains(at)) {
        moments.entry(at).or_default().push(word);
    }
    let mut before = from;
    for (at, words) in moments {
        let name = format!("until {}", words.join(", "));
        let said = Said { name: &name, category: "step", ..Said::default() };
        packets.slice(track, (before, at), &said)?;
        before = at;
    }
    Ok(())
}

/// Every alert as a slice, each rule of each machine on a track.
pub(super) fn alerts<W: Write>(
    source: &Source,
    packets: &mut Packets<W>,
    groups: &mut Groups,
) -> Result<(), TraceFailure> {
    let rows = source.table("alerts")?;
    for row in 0..rows.len() {
        let at = moment(&rows, row, "at_s").unwrap_or_default();
        let until = moment(&rows, row, "until_s").unwrap_or(source.duration).max(at);
        let Some(stretch) = source.window.clip((at, until)) else { continue };
        let (alert, machine) = (rows.text(row, "alert"), rows.text(row, "machine"));
        let space = if machine.is_empty() { "" } else { " " };
        let track = groups.thing(packets, ("alert", &format!("{alert}{space}{machine}")))?;
        packets.slice(
            track,
            stretch,
            &Said { name: alert, category: "alert", ..Said::default() },
        )?;
    }
    Ok(())
}

/// Every decision as an instant, each policy on a track.
pub(super) fn decisions<W: Write>(
    source: &Source,
    (packets, groups, flows): (&mut Packets<W>, &mut Groups, &mut Flows),
) -> Result<(), TraceFailure> {
    source.each("decisions", |rows, row| {
        let at = moment(rows, row, "at_s").unwrap_or_default();
        if !source.window.has(at) {
            return Ok(());
        }
        let text = |column| rows.text(row, column);
        let track = groups.thing(packets, ("decision", text("policy")))?;
        let id = whole(rows, row, "decision");
        let flows = flows.begin(&Cause::Decision(id.to_string()));
        let notes = [
            ("id", Note::Number(id)),
            ("reason", Note::Text(text("reason"))),
            ("why", Note::Text(text("reason_json"))),
            ("action", Note::Text(text("action_json"))),
        ];
        let name = format!("{} {}", text("action"), text("target"));
        let name = name.trim_end();
        let said = Said { name, category: "decision", notes: &notes, flows: &flows, alike: None };
        Ok(packets.instant(track, at, &said)?)
    })
}
