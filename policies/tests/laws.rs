//! Laws for every policy in the catalog: same view, same decision; deciding again after applying
//! holds; memory saved and restored decides the same; bad data never destroys.
//!
//! Views are drawn at random. A failure prints its seed; `SEATRIAL_SEED=<seed> cargo test -p
//! seatrial-policies --test laws` repeats it alone.

mod worlds;

use seatrial_contract::config::{Element, Node, Path, Problems, Shape, Value};
use seatrial_contract::units::Span;
use seatrial_contract::view::{Delta, Names, NodeState, Phase};
use seatrial_contract::{Action, ClusterView, Decision, Dice, NodeId, Target, TenantId, Verdict};
use seatrial_policies::{
    Clock, LogbookHead, LogbookHost, LogbookMode, Pilot, PilotMemory, PolicyConfig, PolicyFile,
    Recovery, Replay, Scribe, Tally, digest, read_turn,
};
use worlds::{World, apply};

/// Every policy in the catalog with its defaults, alone, and all of them together.
fn sets() -> Vec<(String, PolicyFile)> {
    let Shape::Choice(variants) = PolicyConfig::shape() else { panic!("the catalog is a choice") };
    let words: Vec<&str> = variants.iter().map(|variant| variant.word).collect();
    assert!(words.len() >= 5, "the catalog lost policies: {words:?}");
    let mut sets: Vec<(String, PolicyFile)> =
        words.iter().map(|word| ((*word).to_owned(), file(&[word]))).collect();
    sets.push(("all together".to_owned(), file(&words)));
    sets
}

fn file(words: &[&str]) -> PolicyFile {
    let one = |word: &&str| Node::table([("kind", Node::text(word))]);
    let list = Value::List(words.iter().map(one).collect()).nowhere();
    let mut problems = Problems::default();
    let file = PolicyFile::read(&Node::table([("policies", list)]), &Path::Root, &mut problems);
    file.unwrap_or_else(|| panic!("{problems:?}"))
}

fn seeds() -> Vec<u64> {
    match std::env::var("SEATRIAL_SEED") {
        Ok(seed) => vec![seed.parse().expect("SEATRIAL_SEED is a number")],
        Err(_) => (0..150).collect(),
    }
}

fn each(claim: &str, law: impl Fn(&PolicyFile, u64) -> Result<(), String>) {
    for (name, file) in sets() {
        for seed in seeds() {
            if let Err(found) = law(&file, seed) {
                panic!("{claim}: `{name}` with SEATRIAL_SEED={seed}: {found}");
            }
        }
    }
}

fn actions(decisions: &[Decision]) -> Vec<Action> {
    let act = |decision: &Decision| match decision.verdict {
        Verdict::Act { action, .. } => Some(action),
        Verdict::Hold => None,
    };
    decisions.iter().filter_map(act).collect()
}

fn same<T: PartialEq + core::fmt::Debug>(left: &T, right: &T) -> Result<(), String> {
    if left == right { Ok(()) } else { Err(format!("{left:?}\nis not\n{right:?}")) }
}

#[test]
fn the_same_view_gives_the_same_decision() {
    each("same view, same decision", |file, seed| {
        let world = World::draw(seed);
        let first = Pilot::new(file).tick(&world.view, Dice::new(1)).clone();
        let second = Pilot::new(file).tick(&world.view, Dice::new(1)).clone();
        same(&first, &second)
    });
}

#[test]
fn the_random_views_make_every_policy_act() {
    for (name, file) in sets() {
        let acted = |seed: u64| {
            let mut world = World::draw(seed);
            let mut pilot = Pilot::new(&file);
            (0..40).any(|_| {
                let found = actions(&pilot.tick(&world.view, Dice::new(1)).all);
                world.pass(Span::minutes(10));
                !found.is_empty()
            })
        };
        assert!((0..40).filter(|seed| acted(*seed)).count() > 10, "`{name}` hardly ever acts");
    }
}

#[test]
fn deciding_again_after_applying_holds() {
    each("deciding again holds", |file, seed| {
        let mut world = World::draw(seed);
        let mut pilot = Pilot::new(file);
        let first = actions(&pilot.tick(&world.view, Dice::new(1)).all);
        world.view.settle();
        for action in &first {
            apply(&mut world.view, *action);
        }
        let second = actions(&pilot.tick(&world.view, Dice::new(1)).all);
        for action in &second {
            let before = first.iter().find(|before| before.target() == action.target());
            // An emptied machine is drained in one tick and given back in the next.
            let goes_on = matches!(
                (before, action),
                (None, _) | (Some(Action::Drain { .. }), Action::RemoveNode { .. })
            );
            if !goes_on {
                return Err(format!("first {before:?}, then {action:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn one_target_has_one_action() {
    each("one owner", |file, seed| {
        let world = World::draw(seed);
        let decided = actions(&Pilot::new(file).tick(&world.view, Dice::new(1)).all);
        let mut targets: Vec<Target> = decided.iter().map(Action::target).collect();
        targets.sort();
        let count = targets.len();
        targets.dedup();
        same(&targets.len(), &count)
    });
}

#[test]
fn a_memory_saved_and_restored_decides_the_same() {
    each("memory", |file, seed| {
        let mut world = World::draw(seed);
        let mut never_stopped = Pilot::new(file);
        for turn in 0..30u64 {
            let mut restored = Pilot::new(file);
            let text = serde_json::to_string(&never_stopped.save()).map_err(|e| e.to_string())?;
            let memory: PilotMemory = serde_json::from_str(&text).map_err(|e| e.to_string())?;
            restored.restore(&memory).map_err(|e| e.to_string())?;
            let expected = never_stopped.tick(&world.view, Dice::new(turn)).clone();
            same(restored.tick(&world.view, Dice::new(turn)), &expected)?;
            same(&restored.save(), &never_stopped.save())?;
            world.view.settle();
            for action in actions(&expected.all) {
                apply(&mut world.view, action);
            }
            world.live();
            if turn % 3 == 2 {
                world.suffer();
            }
            world.pass(Span::minutes(7));
        }
        Ok(())
    });
}

#[test]
fn more_marked_as_changed_changes_no_action() {
    each("extra marks", |file, seed| {
        let mut world = World::draw(seed);
        let (mut lean, mut full) = (Pilot::new(file), Pilot::new(file));
        for turn in 0..20u64 {
            let mut touched = world.view.clone();
            touched.touch_all();
            let some = actions(&lean.tick(&world.view, Dice::new(1)).all);
            let all = actions(&full.tick(&touched, Dice::new(1)).all);
            let sorted = |mut actions: Vec<Action>| {
                actions.sort_by_key(Action::target);
                actions
            };
            same(&sorted(some.clone()), &sorted(all))?;
            world.view.settle();
            for action in some {
                apply(&mut world.view, action);
            }
            world.live();
            if turn % 3 == 2 {
                world.suffer();
            }
            world.pass(Span::minutes(7));
        }
        Ok(())
    });
}

fn none_destroys(pilot: &mut Pilot, view: &ClusterView) -> Result<(), String> {
    let decided = actions(&pilot.tick(view, Dice::new(1)).all);
    match decided.iter().find(|action| action.is_destructive()) {
        Some(action) => Err(format!("{action:?}")),
        None => Ok(()),
    }
}

/// Days pass in this way, and whoever is idle seems ever more so.
fn none_destroys_while(
    file: &PolicyFile,
    mut world: World,
    passes: fn(&mut World, Span),
) -> Result<(), String> {
    let mut pilot = Pilot::new(file);
    for _ in 0..40 {
        passes(&mut world, Span::hours(5));
        none_destroys(&mut pilot, &world.view)?;
        world.view.settle();
    }
    Ok(())
}

#[test]
fn stale_readings_never_destroy() {
    each("stale", |file, seed| none_destroys_while(file, World::draw(seed), World::pass_blindly));
}

#[test]
fn absent_readings_never_destroy() {
    each("absent", |file, seed| {
        let mut world = World::draw(seed);
        world.forget_readings();
        none_destroys_while(file, world, World::pass_blindly)
    });
}

#[test]
fn a_fleet_that_vanished_is_not_believed() {
    each("vanished", |file, seed| {
        let mut world = World::draw(seed);
        let mut pilot = Pilot::new(file);
        pilot.tick(&world.view, Dice::new(1));
        world.view.settle();
        let present: Vec<TenantId> = (0..world.view.tenants().len()).map(TenantId::at).collect();
        for id in present.iter().skip(present.len() / 4) {
            world.view.update_tenant(*id, |row| {
                (row.phase, row.node) = (Phase::Gone, None);
            });
        }
        for _ in 0..3 {
            world.pass(Span::minutes(10));
            none_destroys(&mut pilot, &world.view)?;
            world.view.settle();
        }
        Ok(())
    });
}

#[test]
fn nothing_is_destroyed_anywhere_while_a_machine_does_not_answer() {
    each("a machine lost", |file, seed| {
        let mut world = World::draw(seed);
        let Some(lost) = world.view.nodes().iter().position(|n| n.state == NodeState::Ready) else {
            return Ok(());
        };
        world.view.update_node(NodeId::at(lost), |row| row.state = NodeState::Lost);
        world.view.lose_node(NodeId::at(lost));
        none_destroys_while(file, world, World::pass)
    });
}

#[test]
fn nothing_is_destroyed_anywhere_while_a_machine_knows_none_of_its_tenants() {
    each("tenants missing", |file, seed| {
        let mut world = World::draw(seed);
        let all = world.view.tenants().len();
        let settled = |world: &World, id| world.view.tenant(id).phase == Phase::Settled;
        let known: Vec<_> = (0..all).map(TenantId::at).filter(|id| settled(&world, *id)).collect();
        let missing = &known[..known.len().min(all / 5 + 1)];
        if missing.len() * 10 <= all {
            return Ok(()); // Fewer than the guard minds.
        }
        for id in missing {
            world.view.update_tenant(*id, |row| row.phase = Phase::Missing);
        }
        none_destroys_while(file, world, World::pass)
    });
}

#[test]
fn nothing_is_destroyed_anywhere_while_nobody_can_say_who_was_active() {
    each("activity stale", |file, seed| {
        none_destroys_while(file, World::draw(seed), World::pass_without_activity)
    });
}

#[test]
fn an_empty_view_gives_no_action() {
    for (name, file) in sets() {
        let mut pilot = Pilot::new(&file);
        for _ in 0..3 {
            let found = pilot.tick(&ClusterView::default(), Dice::new(1));
            assert!(actions(&found.all).is_empty(), "`{name}`: {found:?}");
        }
    }
}

#[test]
fn a_view_rebuilt_from_its_deltas_is_the_view_and_decides_the_same() {
    each("deltas", |file, seed| {
        let mut world = World::draw(seed);
        let (mut written, mut rebuilt) = (ClusterView::default(), ClusterView::default());
        let (mut first, mut again) = (Pilot::new(file), Pilot::new(file));
        for turn in 0..20u64 {
            let delta = Delta::between(&written, &world.view);
            written = world.view.clone();
            let text = serde_json::to_string(&delta).map_err(|e| e.to_string())?;
            let read: Delta = serde_json::from_str(&text).map_err(|e| e.to_string())?;
            rebuilt.apply(&read).map_err(|e| e.to_string())?;
            same(&rebuilt, &world.view)?;
            let expected = first.tick(&world.view, Dice::new(turn)).clone();
            same(again.tick(&rebuilt, Dice::new(turn)), &expected)?;
            world.view.settle();
            for action in actions(&expected.all) {
                apply(&mut world.view, action);
            }
            world.live();
            if turn % 3 == 2 {
                world.suffer();
            }
            world.pass(Span::minutes(7));
        }
        Ok(())
    });
}

#[test]
fn a_delta_of_another_view_is_refused() {
    let world = World::draw(3);
    let mut grown = world.view.clone();
    grown.update_tenant(TenantId::at(5), |row| row.active = !row.active);
    let delta = Delta::between(&world.view, &grown);
    assert!(ClusterView::default().apply(&delta).is_err());
    let mut copy = world.view.clone();
    assert!(copy.apply(&delta).is_ok());
    assert_eq!(copy, grown);
}

fn head(file: &PolicyFile) -> LogbookHead {
    LogbookHead {
        of: "a random world".to_owned(),
        host: LogbookHost::Bridge,
        mode: LogbookMode::Decided,
        policy_digest: digest(file),
        policies: file.write().to_string(),
        seed: 1,
        clock: Clock::Utc,
        memory: None,
    }
}

/// A logbook of thirty turns in segments of seven: head and turns of each, and after each what the
/// world, its names and the pilot's memory were.
struct Segments(Vec<(String, Vec<String>)>, Vec<(ClusterView, Names, PilotMemory)>);

impl Segments {
    fn write(file: &PolicyFile, seed: u64) -> Self {
        let mut world = World::draw(seed);
        let mut pilot = Pilot::new(file);
        let mut scribe = Scribe::new(head(file));
        let mut names = Names::default();
        let (mut segments, mut states) = (vec![], vec![]);
        for turn in 0..30 {
            if turn % 7 == 0 {
                // A pilot that remembers nothing need not be told so.
                let memory = (turn > 0).then(|| pilot.save());
                segments.push((scribe.begin(memory), vec![]));
            }
            for row in names.nodes.len()..world.view.nodes().len() {
                names.nodes.push(format!("host-{row}"));
            }
            pilot.tick(&world.view, Dice::new(1));
            let text = scribe.turn(&world.view, &names, pilot.decided());
            segments.last_mut().unwrap().1.push(text);
            if turn % 7 == 6 || turn == 29 {
                states.push((world.view.clone(), names.clone(), pilot.save()));
            }
            world.view.settle();
            for action in actions(&pilot.decided().all) {
                apply(&mut world.view, action);
            }
            world.live();
            world.pass(Span::minutes(7));
        }
        Self(segments, states)
    }

    fn replay(&self, from: usize, mut replay: Replay, own: &PolicyFile) -> Result<Tally, String> {
        for (head, turns) in &self.0[from..] {
            let head = LogbookHead::read(head).map_err(|e| e.to_string())?;
            replay.begin(&head, Some(own), true).map_err(|e| e.to_string())?;
            for text in turns {
                let turn = read_turn(text).map_err(|e| e.to_string())?;
                replay.turn(&turn).map_err(|e| e.to_string())?;
            }
        }
        Ok(replay.tally())
    }
}

#[test]
fn a_segment_read_back_gives_all_that_its_writer_knew() {
    each("recovery", |file, seed| {
        let Segments(segments, states) = Segments::write(file, seed);
        for ((head, turns), (view, names, memory)) in segments.iter().zip(&states) {
            let mut recovery = Recovery::begin(head, file).map_err(|e| e.to_string())?;
            for text in turns {
                recovery.turn(text).map_err(|e| e.to_string())?;
            }
            let found = recovery.end();
            same(&found.last.view, view)?;
            same(&found.last.names, names)?;
            same(&found.pilot.map(|pilot| pilot.save()).as_ref(), &Some(memory))?;
            same(&(found.turns, found.differing), &(turns.len() as u64, 0))?;
        }
        Ok(())
    });
}

#[test]
fn a_replay_from_any_segment_decides_as_one_from_the_first() {
    each("replay from any segment", |file, seed| {
        let segments = Segments::write(file, seed);
        for from in 0..segments.0.len() {
            let tally = segments.replay(from, Replay::of_the_same(), file)?;
            let ticks = 30 - 7 * from as u64;
            same(&(tally.ticks, tally.differing, tally.memories), &(ticks, 0, 0))?;
        }
        Ok(())
    });
}

#[test]
fn the_same_policies_asked_as_others_decide_the_same_actions() {
    each("others", |file, seed| {
        let segments = Segments::write(file, seed);
        let tally = segments.replay(0, Replay::of_others(file.clone()), file)?;
        same(&(tally.ticks, tally.differing), &(30, 0))
    });
}

#[test]
fn other_policies_recover_the_view_and_no_pilot() {
    let (file, other) = (file(&["spread"]), file(&["best-fit"]));
    let Segments(segments, states) = Segments::write(&file, 5);
    let observed = |head: &str| head.replace("\"decided\"", "\"observed\"");
    for (head, policies) in [(segments[1].0.clone(), &other), (observed(&segments[1].0), &file)] {
        let mut recovery = Recovery::begin(&head, policies).unwrap();
        segments[1].1.iter().for_each(|text| recovery.turn(text).unwrap());
        let found = recovery.end();
        assert!(found.pilot.is_none() && found.last.view == states[1].0);
    }
}

#[test]
fn a_segment_that_begins_with_another_memory_is_counted() {
    let file = file(&["least-loaded", "idle-ladder", "threshold"]);
    let mut segments = Segments::write(&file, 5);
    assert_ne!(segments.0[1].0, segments.0[2].0);
    segments.0[2].0 = segments.0[1].0.clone();
    let tally = segments.replay(0, Replay::of_the_same(), &file).unwrap();
    assert_eq!(tally.memories, 2, "it begins with another memory, and so does the one after it");
}
