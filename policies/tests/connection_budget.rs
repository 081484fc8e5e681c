//! Invariants of the connection budget: limits never allow more than there is, whatever is carried out
//! first; who has use for what is guaranteed gets it; nothing flaps; and what it says.

#[expect(dead_code, reason = "the invariants of all policies use the rest")]
mod worlds;

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Connections, ViewDocument};
use seatrial_contract::{
    Action, ClusterView, Decisions, Dice, PoolerId, Reading, Reason, Target, TierId,
};
use seatrial_policies::catalog::connection_budget::TakenBack;
use seatrial_policies::{Pilot, PolicyFile};
use worlds::{World, apply};

fn pilot(setting: Option<(&'static str, Node)>) -> Pilot {
    let kind = ("kind", Node::text("connection-budget"));
    let policy = match setting {
        Some(setting) => Node::table([kind, setting]),
        None => Node::table([kind]),
    };
    let guard = Node::table([]);
    let list = Value::List(vec![policy]).nowhere();
    let file = Node::table([("guard", guard), ("policies", list)]);
    let mut problems = Problems::default();
    let file = PolicyFile::read(&file, &Path::Root, &mut problems);
    Pilot::new(&file.unwrap_or_else(|| panic!("{problems:?}")))
}

fn actions(decisions: &Decisions) -> Vec<Action> {
    decisions.actions().map(|(_, action)| action).collect()
}

fn limits(view: &ClusterView, pooler: PoolerId) -> u32 {
    let pools = view.connection_pools().filter(|(of, _)| *of == pooler);
    pools
        .filter_map(|(of, tier)| view.connections(of, tier))
        .map(|reading| reading.value.most)
        .sum()
}

#[test]
fn limits_never_allow_more_than_there_is_whatever_is_carried_out_first() {
    for seed in 0..300 {
        let (mut world, mut pilot) = (World::draw(seed), pilot(None));
        let poolers: Vec<_> = (0..world.view.poolers().len()).map(PoolerId::at).collect();
        let mut sums: Vec<u32> = poolers.iter().map(|id| limits(&world.view, *id)).collect();
        for turn in 0..60 {
            let mut all = actions(pilot.tick(&world.view, Dice::new(1)));
            world.view.settle();
            if turn % 2 == 0 {
                all.reverse();
            }
            // Every third action is lost on its way.
            for (_, action) in all.into_iter().enumerate().filter(|(at, _)| (at + turn) % 3 != 0) {
                apply(&mut world.view, action);
                for (id, sum) in poolers.iter().zip(&mut sums) {
                    let (now, most) = (limits(&world.view, *id), world.view.pooler(*id).most);
                    // Only where they were too high from the start.
                    assert!(now <= most.max(*sum), "seed {seed}, turn {turn}: {now} of {most}");
                    *sum = now;
                }
            }
            world.ask_poolers();
            world.pass(Span::seconds(15));
        }
        // What was lost is tried again after ten minutes, and twenty, and so on.
        for _ in 0..20 {
            tick_and_apply(&mut pilot, &mut world.view);
            world.pass(Span::minutes(15));
        }
        for id in &poolers {
            let (now, most) = (limits(&world.view, *id), world.view.pooler(*id).most);
            assert!(now <= most, "seed {seed}: {now} of {most}");
        }
    }
}

fn tick_and_apply(pilot: &mut Pilot, view: &mut ClusterView) -> Vec<Action> {
    let all = actions(pilot.tick(view, Dice::new(1)));
    view.settle();
    all.iter().for_each(|action| apply(view, *action));
    all
}

#[test]
fn who_has_use_for_what_is_guaranteed_gets_it_within_two_minutes() {
    for seed in 0..300 {
        let (mut world, mut pilot) = (World::draw(seed), pilot(None));
        for _ in 0..20 {
            tick_and_apply(&mut pilot, &mut world.view);
            world.ask_poolers();
            world.pass(Span::seconds(15));
        }
        // From now on as many ask as do.
        for _ in 0..8 {
            tick_and_apply(&mut pilot, &mut world.view);
            world.pass(Span::seconds(15));
        }
        for (id, tier) in world.view.connection_pools() {
            let most = world.view.pooler(id).most;
            // Low and high: 1 : 3.
            let guaranteed = most * [1, 3][tier.index()] / 4;
            let Connections { in_use, waiting, most } =
                world.view.connections(id, tier).unwrap().value;
            let owed = guaranteed.min(in_use + waiting);
            assert!(most >= owed, "seed {seed}: {most} of {owed} for tier {}", tier.0);
        }
    }
}

#[test]
fn what_does_not_change_is_left_alone() {
    for seed in 0..300 {
        let (mut world, mut pilot) = (World::draw(seed), pilot(None));
        for _ in 0..90 {
            tick_and_apply(&mut pilot, &mut world.view);
            world.pass(Span::seconds(15));
        }
        for _ in 0..40 {
            let more = tick_and_apply(&mut pilot, &mut world.view);
            assert!(more.is_empty(), "seed {seed}: {more:?}");
            world.pass(Span::seconds(15));
        }
    }
}

/// A pooler of 40 with 10 guaranteed to free and 30 to premium: 1 : 3.
fn pools(free: (u32, u32, u32), premium: (u32, u32, u32)) -> ClusterView {
    let row = |tier: &str, (in_use, waiting, most): (u32, u32, u32)| {
        format!(
            r#"{{ "tier": "{tier}", "connections": {{ "seen_at": "100 d", "value":
               {{ "in_use": {in_use}, "waiting": {waiting}, "most": {most} }} }} }}"#
        )
    };
    let text = format!(
        r#"{{ "taken_at": "100 d",
        "tiers": [{{ "name": "free", "priority": "low" }}, {{ "name": "premium", "priority": "high" }}],
        "pools": [],
        "poolers": [{{ "name": "pool", "most": 40, "tiers": [{}, {}] }}] }}"#,
        row("free", free),
        row("premium", premium)
    );
    let document: ViewDocument = serde_json::from_str(&text).unwrap();
    let (view, names) = document.open().unwrap_or_else(|wrong| panic!("{wrong:?}"));
    assert_eq!(ViewDocument::of(&view, &names), document);
    view
}

const POOL: PoolerId = PoolerId(0);
const FREE: TierId = TierId(0);
const PREMIUM: TierId = TierId(1);

fn limit(tier: TierId, from: u32, most: u32) -> Action {
    Action::LimitConnections { pooler: POOL, tier, from, most }
}

/// So much later these are seen.
fn later(view: &mut ClusterView, span: Span, of: TierId, in_use: u32, waiting: u32) {
    view.taken_at = view.taken_at.after(span);
    for tier in [FREE, PREMIUM] {
        let mut value = view.connections(POOL, tier).unwrap().value;
        if tier == of {
            (value.in_use, value.waiting) = (in_use, waiting);
        }
        view.read_connections(POOL, tier, Some(Reading { value, seen_at: view.taken_at }));
    }
}

#[test]
fn what_was_borrowed_is_taken_back_step_by_step_and_given_when_it_is_there() {
    let mut view = pools((36, 200, 36), (4, 50, 4));
    let mut pilot = pilot(None);
    // 40 in all: nothing for premium yet. Half of free's limit at once.
    let found = pilot.tick(&view, Dice::new(1)).clone();
    assert_eq!(actions(&found), [limit(FREE, 36, 18)]);
    let taken = found.all.iter().find(|of| of.target == Target::Connections(POOL, FREE));
    assert_eq!(taken.unwrap().reason, TakenBack { owed: PREMIUM, waiting: 50 }.into());
    apply(&mut view, limit(FREE, 36, 18));
    let mut done = Vec::new();
    for _ in 0..4 {
        view.settle();
        later(&mut view, Span::seconds(15), FREE, 10, 200);
        done.push(tick_and_apply(&mut pilot, &mut view));
    }
    let steps = [
        vec![limit(PREMIUM, 4, 22), limit(FREE, 18, 10)],
        vec![limit(PREMIUM, 22, 30)],
        vec![],
        vec![],
    ];
    assert_eq!(done, steps);
}

#[test]
fn what_nobody_uses_for_a_quarter_of_an_hour_is_lent_but_for_half() {
    let mut view = pools((10, 50, 10), (18, 0, 30));
    let mut pilot = pilot(None);
    // 18 and a quarter more are 23 of 30.
    assert_eq!(tick_and_apply(&mut pilot, &mut view), [limit(PREMIUM, 30, 23)]);
    let mut done = vec![];
    for _ in 0..70 {
        view.settle();
        later(&mut view, Span::seconds(15), PREMIUM, 2, 0);
        done.push(tick_and_apply(&mut pilot, &mut view));
    }
    assert_eq!(done[0], [limit(FREE, 10, 17)]);
    assert!(done[1..59].iter().all(Vec::is_empty), "{done:?}");
    assert_eq!(done[59..].concat(), [limit(PREMIUM, 23, 15), limit(FREE, 17, 25)]);
}

#[test]
fn a_limit_that_is_nearly_right_stays_unless_somebody_is_owed() {
    // Premium keeps 15, free has use for the other 25: three of 30 and of 28 are less than a fifth.
    let mut view = pools((28, 0, 28), (10, 0, 12));
    assert_eq!(tick_and_apply(&mut pilot(None), &mut view), []);
    // The same, and one waits.
    let mut view = pools((28, 0, 28), (12, 1, 12));
    assert_eq!(tick_and_apply(&mut pilot(None), &mut view), [limit(FREE, 28, 23)]);
}

#[test]
fn a_share_is_by_tier_where_it_is_named() {
    let shares = Node::table([("free", Node::text("50 %"))]);
    let mut view = pools((20, 50, 20), (20, 50, 20));
    assert_eq!(tick_and_apply(&mut pilot(Some(("shares", shares))), &mut view), []);
}

#[test]
fn holds_with_a_reason_while_any_tier_cannot_be_seen() {
    let mut view = pools((36, 200, 36), (4, 50, 4));
    view.read_connections(POOL, PREMIUM, None);
    let found = pilot(None).tick(&view, Dice::new(1)).clone();
    let reasons: Vec<_> = found.all.iter().map(|of| (of.target, of.reason)).collect();
    assert_eq!(reasons, [(Target::Connections(POOL, PREMIUM), Reason::AbsentReading)]);
    let mut view = pools((36, 200, 36), (4, 50, 4));
    view.taken_at = view.taken_at.after(Span::minutes(3));
    let found = pilot(None).tick(&view, Dice::new(1)).clone();
    assert!(actions(&found).is_empty());
    let stale = Reason::StaleReading { age: Span::minutes(3), limit: Span::minutes(2) };
    assert!(found.all.iter().all(|of| of.reason == stale) && found.all.len() == 2);
    assert_eq!(view.taken_at, Moment(Span::days(100).0).after(Span::minutes(3)));
}
