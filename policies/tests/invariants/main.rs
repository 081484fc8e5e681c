//! Invariants for every policy in the catalog: same view, same decision; deciding again after applying
//! holds; memory saved and restored decides the same; bad data never destroys.
//!
//! Views are drawn at random. A failure prints its seed; `SEATRIAL_SEED=<seed> cargo test -p
//! seatrial-policies --test invariants` repeats it alone.

mod bad_data;
mod columns;
mod logbooks;
#[path = "../worlds/mod.rs"]
mod worlds;

use seatrial_contract::config::{Element, Node, Path, Problems, Shape, Value};
use seatrial_contract::units::{Ppm, Span};
use seatrial_contract::view::Delta;
use seatrial_contract::{Action, ClusterView, Decision, Dice, Target, TenantId, Verdict};
use seatrial_policies::{Pilot, PilotMemory, PolicyConfig, PolicyFile};
use worlds::{World, apply};

/// Every policy in the catalog with its defaults, alone, and all of them together.
fn sets() -> Vec<(String, PolicyFile)> {
    let Shape::Choice(variants) = PolicyConfig::shape() else { panic!("the catalog is a choice") };
    let words: Vec<&str> = variants.iter().map(|variant| variant.word).collect();
    assert!(words.len() >= 5, "the catalog lost policies: {words:?}");
    let mut sets: Vec<(String, PolicyFile)> =
        words.iter().map(|word| ((*word).to_owned(), file(&with_followers(word)))).collect();
    sets.push(("all together".to_owned(), file(&words)));
    sets
}

/// A policy, and those it steers where it does nothing alone.
fn with_followers(word: &str) -> Vec<&str> {
    match word {
        "wake-admission" => vec![word, "spread", "idle-ladder"],
        // It learns for weeks; tests/pre_wake.rs has them pass.
        "pre-wake" => vec![word, "idle-ladder"],
        _ => vec![word],
    }
}

/// Limits that leave a policy more to do than its own, where it would hardly ever act in worlds as
/// wild as these: use is anything up to all there is, and somebody always waits.
fn set_loose(word: &str) -> &'static [(&'static str, &'static str)] {
    match word {
        "pack" => &[
            ("cpu_below", "100 %"),
            ("memory_below", "100 %"),
            ("leave", "0 %"),
            ("waiting_most", "1000 d"),
            ("possible_for", "0 s"),
        ],
        "restart-budget" => &[("within", "100 d")],
        // What was never looked at counts as tried.
        "switch-over" | "empty-zone" => &[("every", "1 h")],
        _ => &[],
    }
}

fn file(words: &[&str]) -> PolicyFile {
    let one = |word: &&str| {
        let kind = ("kind".to_owned(), Node::text(word).value);
        let more =
            set_loose(word).iter().map(|(key, text)| ((*key).to_owned(), Node::text(text).value));
        let mut all: Vec<_> = std::iter::once(kind).chain(more).collect();
        if *word == "restart-budget" {
            // Hardly anything is killed twice in these worlds; two containers of one tenant are.
            all.push(("most".to_owned(), Value::Integer(1)));
        }
        if *word == "hpa" {
            all.push(("services".to_owned(), scaled_services().value));
        }
        Value::table(all).nowhere()
    };
    let list = Value::List(words.iter().map(one).collect()).nowhere();
    let mut problems = Problems::default();
    let file = PolicyFile::read(&Node::table([("policies", list)]), &Path::Root, &mut problems);
    file.unwrap_or_else(|| panic!("{problems:?}"))
}

/// It scales what it is told to: one service as Kubernetes does where nothing is said, the other by
/// rates.
fn scaled_services() -> Node {
    let metric = |kind: &str, key: &str, value: Node| {
        Value::table([("kind".to_owned(), Node::text(kind).value), (key.to_owned(), value.value)])
    };
    let list =
        |all: Vec<Value>| Value::List(all.into_iter().map(Value::nowhere).collect()).nowhere();
    let cpu = metric("cpu", "target", Node::text("70 %"));
    let calls = metric("calls", "each", Node::text("50/s"));
    let waiting = metric("waiting", "each", Value::Integer(20).nowhere());
    let memory = metric("memory", "target", Node::text("80 %"));
    let portal = [
        ("least", Value::Integer(1).nowhere()),
        ("most", Value::Integer(12).nowhere()),
        ("metrics", list(vec![cpu, calls])),
    ];
    let api = [
        ("most", Value::Integer(9).nowhere()),
        ("metrics", list(vec![waiting, memory])),
        ("down", Node::table([("window", Node::text("1 min"))])),
    ];
    let [first, second] = worlds::services::SERVICES;
    Node::table([(first, Node::table(portal)), (second, Node::table(api))])
}

fn seeds() -> Vec<u64> {
    match std::env::var("SEATRIAL_SEED") {
        Ok(seed) => vec![seed.parse().expect("SEATRIAL_SEED is a number")],
        Err(_) => (0..150).collect(),
    }
}

fn each(claim: &str, invariant: impl Fn(&PolicyFile, u64) -> Result<(), String>) {
    for (name, file) in sets() {
        for seed in seeds() {
            if let Err(found) = invariant(&file, seed) {
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
    for (name, mut file) in sets() {
        // Nothing is given up for lost unless the guard says that it may be, and something is lost.
        let of_losses = name == "evacuate";
        if of_losses {
            file.guard.lost_most = Ppm::WHOLE;
        }
        let acted = |seed: u64| {
            let mut world = World::draw(seed);
            let mut pilot = Pilot::new(&file);
            (0..40).any(|_| {
                let found = actions(&pilot.tick(&world.view, Dice::new(1)).all);
                world.pass(Span::minutes(10));
                if of_losses
                    || ["restore", "fail-over", "switch-over", "restart-budget"]
                        .contains(&name.as_str())
                {
                    world.suffer();
                }
                !found.is_empty()
            })
        };
        // Pack begins only where nothing else is under way, which is so in every fourth world;
        // tests/pack.rs has it go all the way.
        let seldom = if name == "pack" { 5 } else { 10 };
        assert!((0..40).filter(|seed| acted(*seed)).count() > seldom, "`{name}` hardly ever acts");
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
            // A machine that is to be emptied is left, whatever was done to who lived there.
            let leaves = matches!(action, Action::Move { from, .. }
                if first.contains(&Action::Drain { node: *from }));
            if !goes_on && !leaves {
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
            restored.fits(&world.view).map_err(|e| format!("turn {turn}: {e}"))?;
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
    let there = !grown.sessions().last(5);
    grown.see_session(TenantId::at(5), there);
    let delta = Delta::between(&world.view, &grown);
    assert!(ClusterView::default().apply(&delta).is_err());
    let mut copy = world.view.clone();
    assert!(copy.apply(&delta).is_ok());
    assert_eq!(copy, grown);
}
