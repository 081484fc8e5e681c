//! What a column's absence means: each column that a destructive decision rests on is taken away, aged, or
//! filled with what cannot be, and no policy takes anything that it would not have taken on whole data.
//! `docs/columns.md` tells the same as a table.

use crate::worlds::World;
use crate::{actions, sets};
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::view::{Column, Conflict, NodeState, Phase, ViewDocument};
use seatrial_contract::{Action, Dice, Reading};
use seatrial_policies::catalog::idle_ladder::IdleLadder;
use seatrial_policies::{Pilot, PolicyConfig, PolicyFile};

type Harm = (&'static str, fn(&mut ViewDocument));

/// Long enough to be too old for any guard, and a day into the worlds' past.
const OLD: Span = Span::hours(3);

fn age<T>(reading: &mut Option<Reading<T>>) {
    if let Some(reading) = reading {
        reading.seen_at = Moment(reading.seen_at.0 - OLD.0);
    }
}

/// Seen at a moment that is to come, so that it would be fresh for ever.
fn ahead<T>(reading: &mut Option<Reading<T>>) {
    if let Some(reading) = reading {
        reading.seen_at = Moment(reading.seen_at.0 + Span::days(400).0);
    }
}

/// One column of tenants taken away, the same grown old, and seen at a moment to come.
macro_rules! lost {
    ($rows:ident . $column:ident) => {
        vec![
            ("absent", |of: &mut ViewDocument| {
                of.$rows.iter_mut().for_each(|row| row.$column = None)
            }),
            ("old", |of: &mut ViewDocument| {
                of.$rows.iter_mut().for_each(|row| age(&mut row.$column))
            }),
            ("seen ahead", |of: &mut ViewDocument| {
                of.$rows.iter_mut().for_each(|row| ahead(&mut row.$column))
            }),
        ]
    };
    ($rows:ident . $parts:ident . $column:ident) => {
        vec![
            ("absent", |of: &mut ViewDocument| {
                let parts = of.$rows.iter_mut().flat_map(|row| &mut row.$parts);
                parts.for_each(|part| part.$column = None);
            }),
            ("old", |of: &mut ViewDocument| {
                let parts = of.$rows.iter_mut().flat_map(|row| &mut row.$parts);
                parts.for_each(|part| age(&mut part.$column));
            }),
            ("seen ahead", |of: &mut ViewDocument| {
                let parts = of.$rows.iter_mut().flat_map(|row| &mut row.$parts);
                parts.for_each(|part| ahead(&mut part.$column));
            }),
        ]
    };
}

fn last_active(of: &mut ViewDocument, at: fn(Moment) -> Moment) {
    let now = of.taken_at;
    for reading in of.tenants.iter_mut().filter_map(|row| row.last_active.as_mut()) {
        reading.value = at(now);
    }
}

/// What may befall a column. Where nothing is listed, the table says why nothing is doubted.
fn harms(column: Column) -> Vec<Harm> {
    match column {
        Column::NodeCpu => lost!(nodes.cpu_used),
        Column::NodeMemory => lost!(nodes.memory_used),
        Column::NodeState => vec![("lost", |of| {
            of.nodes.iter_mut().for_each(|row| row.state = NodeState::Lost);
        })],
        Column::LastActive => {
            let mut all: Vec<Harm> = lost!(tenants.last_active);
            all.push(("zero", |of| last_active(of, |_| Moment::START)));
            all.push(("to come", |of| last_active(of, |now| now.after(Span::days(400)))));
            // In a small fleet a few may well have come at the same moment.
            all.push(("one for all", |of| {
                if of.tenants.len() > 15 {
                    last_active(of, |now| Moment(now.0 - Span::days(40).0));
                }
            }));
            all
        }
        Column::Sessions => lost!(tenants.session),
        Column::Wanted => vec![
            ("absent", |of| {
                of.tenants.iter_mut().for_each(|row| row.wanted_since = None);
                of.wanted_seen_at = Some(Moment::START);
            }),
            ("old", |of| {
                of.tenants.iter_mut().for_each(|row| row.wanted_since = None);
                of.wanted_seen_at = Some(Moment(of.taken_at.0 - OLD.0));
            }),
            ("seen ahead", |of| {
                of.tenants.iter_mut().for_each(|row| row.wanted_since = None);
                of.wanted_seen_at = Some(of.taken_at.after(Span::days(400)));
            }),
        ],
        Column::Requests => lost!(tenants.requests),
        Column::Phase => vec![("missing", |of| {
            of.tenants.iter_mut().for_each(|row| row.phase = Some(Phase::Missing));
        })],
        Column::Tier => vec![("contested", |of| {
            of.tenants.iter_mut().for_each(|row| row.conflict = Conflict::Tier);
        })],
        Column::UnitState => vec![("running twice", |of| {
            of.tenants.iter_mut().for_each(|row| row.conflict = Conflict::RunsTwice);
        })],
        Column::TenantSince => vec![("later than its visits", |of| {
            let now = of.taken_at.after(Span::days(2));
            of.tenants.iter_mut().for_each(|row| row.since = Some(now));
        })],
        Column::UnitCpu => lost!(tenants.units.cpu_used),
        Column::UnitMemory => lost!(tenants.units.memory_used),
        Column::Connections => lost!(poolers.tiers.connections),
        Column::Databases => lost!(databases.seen),
        Column::ServiceCalls => lost!(services.calls),
        Column::ServiceWaiting => lost!(services.waiting),
        Column::ReplicaCpu => lost!(services.replicas.cpu_used),
        Column::ReplicaMemory => lost!(services.replicas.memory_used),
        Column::ReplicaAnswers => lost!(services.replicas.answers),
        Column::Release
        | Column::Stage
        | Column::Home
        | Column::Requested
        | Column::ReplicaState => Vec::new(),
    }
}

/// Each policy alone, with nothing in its way but what is known: where one target is refused, no other
/// takes its turn, and no cap is reached.
fn free_sets() -> Vec<(String, PolicyFile)> {
    let mut all = sets();
    all.retain(|(name, _)| name != "all together");
    for (_, file) in &mut all {
        let guard = &mut file.guard;
        // The worlds are 100 days old, and nobody in them has been away for more than 40.
        guard.idle_most = Span::days(60);
        (guard.tenants_an_hour, guard.machines_an_hour) = (Ppm::WHOLE, Ppm::WHOLE);
        for policy in file.policies.iter_mut() {
            if let PolicyConfig::IdleLadder(IdleLadder { asked_below, .. }) = &mut policy.config {
                *asked_below = seatrial_contract::units::Quantity::parse("1/s").ok();
            }
            if let PolicyConfig::RightSize(config) = &mut policy.config {
                config.at_once = core::num::NonZeroU32::MAX;
            }
        }
    }
    all
}

/// What is seen of a world while two hours pass.
fn passing(seed: u64) -> Vec<ViewDocument> {
    let mut world = World::draw(seed);
    let look = |world: &mut World| {
        let document = ViewDocument::of(&world.view, &Default::default());
        world.pass(Span::minutes(10));
        document
    };
    (0..12).map(|_| look(&mut world)).collect()
}

/// What is taken while that is seen.
fn taken(file: &PolicyFile, seen: &[ViewDocument]) -> Vec<Action> {
    let mut pilot = Pilot::new(file);
    let mut all = Vec::new();
    for document in seen {
        let view = document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0;
        let decided = actions(&pilot.tick(&view, Dice::new(1)).all);
        // What is restored rests on what is seen of it too.
        let rests = |of: &Action| {
            of.is_destructive() || matches!(of, Action::Restore { .. } | Action::FailOver { .. })
        };
        all.extend(decided.into_iter().filter(rests));
    }
    all
}

#[test]
fn no_column_that_is_lost_or_cannot_be_true_takes_anything_from_anyone() {
    let files = free_sets();
    let seeds: Vec<u64> = match std::env::var("SEATRIAL_SEED") {
        Ok(seed) => vec![seed.parse().expect("SEATRIAL_SEED is a number")],
        Err(_) => (0..36).collect(),
    };
    let worlds: Vec<Vec<ViewDocument>> = seeds.iter().copied().map(passing).collect();
    let whole: Vec<Vec<Vec<Action>>> = worlds
        .iter()
        .map(|seen| files.iter().map(|(_, file)| taken(file, seen)).collect())
        .collect();
    for column in Column::ALL {
        for (word, harm) in harms(*column) {
            let mut kept_back = 0;
            for (number, seen) in worlds.iter().enumerate() {
                let mut harmed = seen.clone();
                harmed.iter_mut().for_each(harm);
                for ((name, file), before) in files.iter().zip(&whole[number]) {
                    let after = taken(file, &harmed);
                    let added = after.iter().find(|action| !before.contains(action));
                    let seed = seeds[number];
                    assert_eq!(added, None, "{column} {word}: `{name}` with SEATRIAL_SEED={seed}");
                    kept_back += before.iter().filter(|action| !after.contains(action)).count();
                }
            }
            // Otherwise nothing rests on it, and the invariant could not fail.
            assert!(
                kept_back > 0 || seeds.len() == 1,
                "{column} {word}: on whole data nothing else was taken"
            );
        }
    }
}

#[test]
fn the_table_tells_of_every_column_what_its_absence_means() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/columns.md");
    let text = std::fs::read_to_string(path).unwrap();
    for column in Column::ALL {
        let head = format!("| `{column}` |");
        let row = text.lines().find(|line| line.starts_with(&head));
        let row = row.unwrap_or_else(|| panic!("docs/columns.md has no row for `{column}`"));
        assert_eq!(row.matches(" | ").count(), 4, "{row}");
        let doubted = !row.contains("not doubted");
        assert_eq!(doubted, !harms(*column).is_empty(), "{row}");
    }
}
