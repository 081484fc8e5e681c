//! What each kind of fault moves, as measured: the same world with it and without it. The table is in docs/faults.md;
//! `SEATRIAL_RENEW=1 cargo nextest run -p seatrial-host what_each_kind_moves` writes it anew.

use super::worlds::{FAULTS, fixed};
use crate::World;
use crate::event::Event;
use crate::open_text;
use crate::run::close;
use seatrial_contract::units::{Moment, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// What is told apart, in the order of the table.
const GROUPS: [&str; 8] = [
    "machines",
    "tenants",
    "calls",
    "databases",
    "caches",
    "what is seen",
    "what is done",
    "people",
];
/// A figure that changes by no more than this is left as it was: what all share shifts it.
const MOVES: f64 = 0.02;

/// A fault that comes after the end, so that the figures of faults are there in each run.
const NEVER: &str = "[[faults]]\nkind = \"machine-crash\"\nname = \"never\"\nat = \"90 h\"\n";

/// What was found of a run.
#[derive(Default)]
struct Found {
    figures: BTreeMap<String, f64>,
    /// How old the newest reading of machines was at the most.
    oldest: Span,
    /// How much of what is used was seen, at the least.
    seen: f64,
    /// The most actions on their way at once.
    flying: usize,
    lost: u64,
    /// How many times as long people took, in millionths.
    people: u64,
}

fn run(faults: &str) -> Found {
    let (world, policies) = fixed();
    let opened = open_text(&(world + faults), Some(&policies));
    let opened = opened.unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())));
    let mut world = World::new(&opened.scenario, opened.policies.as_ref(), 7);
    let mut found = Found { seen: f64::MAX, people: 1_000_000, ..Found::default() };
    world.begin();
    let ends_at = world.fleet.schedule.ends_at;
    while let Some(event) = world.fleet.next_event(ends_at) {
        world.handle(event);
        found.flying = found.flying.max(world.acting.flying.len());
        found.people = found.people.max(world.faults.control.people());
        if event == Event::Tick {
            found.look(&world);
        }
    }
    close(&mut world).unwrap_or_else(|broken| panic!("{broken}"));
    found.lost = world.log.actions_lost;
    let metrics = world.metrics().into_iter();
    found.figures = metrics.filter_map(|of| Some((of.name.clone(), of.value?))).collect();
    found
}

impl Found {
    fn look(&mut self, world: &World) {
        // By the clock of those who look.
        let (view, now) = (&world.view, world.view.taken_at);
        let readings = (0..view.nodes().len()).filter_map(|row| view.node_cpu().get(row));
        let newest = readings.map(|reading| reading.seen_at).max().unwrap_or(Moment::START);
        self.oldest = self.oldest.max(now.since(newest));
        let pairs = world.fleet.nodes.iter().enumerate().filter(|(_, node)| node.is_ready());
        let pairs: Vec<(u64, u64)> = pairs
            .filter_map(|(row, node)| {
                Some((view.node_memory().get(row)?.value.0, node.asked.memory.0))
            })
            .collect();
        let (seen, used) = pairs.iter().fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        #[expect(clippy::cast_precision_loss, reason = "a ratio of bytes")]
        let part = seen as f64 / (used.max(1)) as f64;
        self.seen = self.seen.min(part);
    }

    /// The groups in which something is otherwise than in the other.
    fn moved(&self, other: &Self) -> BTreeSet<&'static str> {
        let mut moved = BTreeSet::new();
        for (name, value) in &self.figures {
            let before = other.figures.get(name).copied().unwrap_or_default();
            if (value - before).abs() > MOVES * before.abs().max(1e-9)
                && let Some(group) = group(name)
            {
                moved.insert(group);
            }
        }
        let later = self.oldest > other.oldest.saturating_add(Span::seconds(30));
        if later || (self.seen - other.seen).abs() > 0.1 {
            moved.insert("what is seen");
        }
        if self.flying > other.flying || self.lost > other.lost {
            moved.insert("what is done");
        }
        if self.people > other.people {
            moved.insert("people");
        }
        moved
    }
}

/// What a figure is about.
fn group(name: &str) -> Option<&'static str> {
    let of = name.rsplit_once('.').map_or("", |(_, of)| of);
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    Some(match of {
        "workers" | "spot" => "machines",
        "free" | "paid" => "tenants",
        "portal" | "placed" | "buy" | "look" | "read" => "calls",
        "db" | "pool" => "databases",
        "redis" => "caches",
        _ if begins(&["ticks_missed", "actions_refused"]) => "what is done",
        _ if begins(&["machines_", "nodes_"]) => "machines",
        _ if begins(&[
            "tenants_",
            "wake",
            "recovery",
            "moves",
            "kills",
            "hibernations",
            "restore",
        ]) =>
        {
            "tenants"
        }
        _ => return None,
    })
}

fn table() -> String {
    let base = run(NEVER);
    let mut text = "| kind |".to_owned();
    GROUPS.iter().for_each(|group| _ = write!(text, " {group} |"));
    text += "\n|---|";
    GROUPS.iter().for_each(|_| text += "---|");
    text.push('\n');
    let mut told = BTreeSet::new();
    for fault in FAULTS {
        let word = fault.split('"').nth(1).unwrap_or_default();
        if !told.insert(word) {
            continue;
        }
        let faults = format!("{NEVER}[[faults]]\n{fault}\nat = \"2 h\"\nlasts = \"1 h\"\n");
        let moved = run(&faults).moved(&base);
        let _ = write!(text, "| `{word}` |");
        for group in GROUPS {
            text += if moved.contains(group) { " moves |" } else { " |" };
        }
        text.push('\n');
    }
    text
}

#[test]
fn what_each_kind_moves_is_as_the_page_on_faults_has_it() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../faults/src/moves.md");
    let found = table();
    if std::env::var_os("SEATRIAL_RENEW").is_some() {
        std::fs::write(&file, &found).expect("it can be written");
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        kept == found,
        "sim/faults/src/moves.md is not what is measured; read the difference after\n    SEATRIAL_RENEW=1 \
         cargo nextest run -p seatrial-host what_each_kind_moves\n{found}"
    );
    // Nobody orders machines in that hour.
    for line in found.lines().skip(2).filter(|line| !line.contains("`stock-out`")) {
        assert!(line.contains("moves"), "it moves nothing: {line}");
    }
}
