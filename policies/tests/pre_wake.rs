//! What pre-wake learns in weeks, hour by hour, with the sums shown; and how it gets on with the
//! policy of sleep.

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Moment, Ppm, Span, percent};
use seatrial_contract::view::{Phase, ViewDocument};
use seatrial_contract::{Action, ClusterView, Dice, Reason, Stage, TenantId, Verdict};
use seatrial_policies::{Pilot, PilotMemory, PolicyFile};

fn file(pre_wake: &str) -> PolicyFile {
    // More weeks than are remembered: a habit of her own is never known.
    let weeks = if pre_wake == "tier's" { 9 } else { 2 };
    let weeks = ("weeks_least", Value::Integer(weeks).nowhere());
    let pre_wake = Node::table([("kind", Node::text("pre-wake")), weeks]);
    let rungs = Node::table([("bots-stopped", Node::text("1 h"))]);
    let ladder = Node::table([("kind", Node::text("idle-ladder")), ("ladder", rungs)]);
    let list = Value::List(vec![pre_wake, ladder]).nowhere();
    let mut problems = Problems::default();
    let file = PolicyFile::read(&Node::table([("policies", list)]), &Path::Root, &mut problems);
    file.unwrap_or_else(|| panic!("{problems:?}"))
}

const ANN: TenantId = TenantId(0);

/// Ann, who comes at half past nine for half an hour as told, on a machine with so many cores.
/// She has a tier of her own, or shares it with two who never come.
struct Office {
    view: ClusterView,
    pilot: Pilot,
    /// What was done to Ann, and when.
    done: Vec<(Moment, Action, Reason)>,
    held: Vec<(Moment, Reason)>,
}

const ROW: &str = r#"{ "taken_at": "0 d", "tiers": [{ "name": "free" }], "pools": [{ "name": "workers" }],
    "nodes": [{ "name": "a", "pool": "workers", "cpu": "CORES cores", "memory": "64 GiB" }],
    "tenants": [{ "name": "ann", "tier": "free", "node": "a",
        "units": [{ "name": "app", "cpu": "4 cores", "memory": "1 GiB", "stops_at": "bots-stopped" }] }OTHERS] }"#;

/// Two of her tier who never come.
const OTHERS: &str = r#", { "name": "bob", "tier": "free", "units": [] },
    { "name": "cho", "tier": "free", "units": [] }"#;

impl Office {
    fn new(cores: u32, pre_wake: &str) -> Self {
        let others = if pre_wake == "tier's" { "" } else { OTHERS };
        let text = ROW.replace("CORES", &cores.to_string()).replace("OTHERS", others);
        let document: ViewDocument = serde_json::from_str(&text).unwrap();
        let view = document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0;
        Self { view, pilot: Pilot::new(&file(pre_wake)), done: vec![], held: vec![] }
    }

    /// Lets days pass in steps of ten minutes; she comes on those for which the answer is yes.
    fn days(&mut self, from: u64, to: u64, comes: impl Fn(u64) -> bool) {
        for step in from * 144..to * 144 {
            let now = Moment(Span::minutes(10 * step).0);
            let (day, minute) = (step / 144, step % 144 * 10);
            let there = comes(day) && (570..600).contains(&minute);
            self.step(now, there);
        }
    }

    fn step(&mut self, now: Moment, there: bool) {
        self.view.taken_at = now;
        let was = self.view.sessions().last(ANN.index());
        self.view.see_session(ANN, there);
        self.view.update_tenant(ANN, |row| {
            let waits = there && row.stage != Stage::AWAKE;
            row.wanted_since = waits.then_some(row.wanted_since.unwrap_or(now));
            if row.phase == Phase::Starting {
                (row.phase, row.wanted_since) = (Phase::Settled, None);
            }
        });
        if was && !there {
            self.view.see_activity(ANN, now);
        }
        let node = seatrial_contract::NodeId(0);
        self.view.see_node(node, Default::default(), Default::default());
        self.view.sweep_machines(now);
        self.view.sweep_activity(now);
        self.view.sweep_sessions(now);
        self.view.sweep_wanted(now);
        let decided = self.pilot.tick(&self.view, Dice::new(1)).clone();
        self.view.settle();
        for decision in decided.all {
            match decision.verdict {
                Verdict::Act { action, .. } => {
                    self.done.push((now, action, decision.reason));
                    self.carry_out(action);
                }
                Verdict::Hold => self.held.push((now, decision.reason)),
            }
        }
    }

    fn carry_out(&mut self, action: Action) {
        let (stage, phase) = match action {
            Action::Hibernate { stage, .. } => (stage, Phase::Settled),
            Action::Place { .. }
            | Action::Move { .. }
            | Action::Evict { .. }
            | Action::Abandon { .. }
            | Action::Wake { .. }
            | Action::Resize { .. }
            | Action::AddNodes { .. }
            | Action::Cordon { .. }
            | Action::Uncordon { .. }
            | Action::Drain { .. }
            | Action::RemoveNode { .. }
            | Action::LimitConnections { .. }
            | Action::Scale { .. }
            | Action::RevertRelease { .. }
            | Action::BackUp { .. }
            | Action::Restore { .. }
            | Action::FailOver { .. } => (Stage::AWAKE, Phase::Starting),
        };
        self.view.update_tenant(ANN, |row| (row.stage, row.phase) = (stage, phase));
    }

    /// The wakes that nobody had asked for.
    fn ahead(&self) -> Vec<(Moment, Reason)> {
        let ahead = |done: &&(Moment, Action, Reason)| matches!(done.2, Reason::Expected { .. });
        self.done.iter().filter(ahead).map(|(at, _, reason)| (*at, *reason)).collect()
    }
}

fn at(day: u64, hour: u64, minute: u64) -> Moment {
    Moment(Span::minutes((day * 24 + hour) * 60 + minute).0)
}

#[test]
fn who_came_on_two_mondays_is_awake_before_the_third() {
    let mut office = Office::new(10, "");
    office.days(0, 15, |day| day % 7 == 0);
    // From 8 to 12 on both Mondays before: 2 of 2. Ten minutes ahead.
    let reason = Reason::Expected { chance: Ppm::WHOLE, until: at(14, 12, 0) };
    assert_eq!(office.ahead(), [(at(14, 7, 50), reason)]);
    // She left at ten and is idle for an hour at eleven; until twelve she is kept awake.
    let own = office.done.iter().filter(|done| done.0 >= at(14, 0, 0)).skip(1);
    let slept: Vec<_> = own.map(|(at, action, _)| (*at, *action)).collect();
    assert_eq!(slept, [(at(14, 12, 0), Action::Hibernate { tenant: ANN, stage: Stage(1) })]);
}

#[test]
fn who_does_not_come_any_more_is_not_woken_any_more() {
    let mut office = Office::new(10, "");
    office.days(0, 7 * 9, |day| day % 7 == 0 && day < 21);
    let days: Vec<u64> = office.ahead().iter().map(|(at, _)| at.0 / Span::days(1).0 / 7).collect();
    // Weeks 0 to 2 she came: 2/2 in week 2, 3/3, 3/4, 3/5, 3/6 = 50 % in week 6; 3/7 in week 7, and
    // 2/7 in week 8, when week 0 is forgotten.
    assert_eq!(days, [2, 3, 4, 5, 6]);
    let limit = percent(50);
    let unexpected = Reason::Unexpected { chance: Ppm(428_571), limit };
    assert!(office.held.contains(&(at(49, 7, 50), unexpected)));
    assert!(
        office.held.contains(&(at(56, 7, 50), Reason::Unexpected { chance: Ppm(285_714), limit }))
    );
}

#[test]
fn one_week_is_no_habit_unless_the_tiers_is() {
    let mut own = Office::new(10, "");
    own.days(0, 14, |day| day % 7 == 0);
    // One week is known, so the tier's stands for hers: 1 of 3, and 33 % are not 50 %.
    assert_eq!(own.ahead(), []);
    let (chance, limit) = (Ppm(333_333), percent(50));
    assert!(own.held.contains(&(at(7, 7, 50), Reason::Unexpected { chance, limit })));
    // She is the tier: 1 of 1.
    let mut tiers = Office::new(10, "tier's");
    tiers.days(0, 22, |day| day % 7 == 0);
    assert_eq!(tiers.ahead().len(), 3, "on the Mondays of weeks 1, 2 and 3");
}

#[test]
fn a_fifth_of_a_machine_is_left_for_those_who_come_unexpected() {
    // She needs 4 of 5 cores and leaves 1, a fifth; of 4 cores she leaves none.
    for (cores, woken) in [(5, 1), (4, 0)] {
        let mut office = Office::new(cores, "");
        office.days(0, 15, |day| day % 7 == 0);
        assert_eq!(office.ahead().iter().filter(|ahead| ahead.0 > at(8, 0, 0)).count(), woken);
    }
}

#[test]
fn weeks_of_memory_saved_and_restored_decide_the_same() {
    let (mut never_stopped, mut restored) = (Office::new(10, ""), Office::new(10, ""));
    for week in 0..4 {
        let comes = |day: u64| day % 7 < 3;
        never_stopped.days(week * 7, week * 7 + 7, comes);
        restored.days(week * 7, week * 7 + 7, comes);
        let text = serde_json::to_string(&restored.pilot.save()).unwrap();
        let memory: PilotMemory = serde_json::from_str(&text).unwrap();
        restored.pilot = Pilot::new(&file(""));
        restored.pilot.restore(&memory).unwrap();
        assert_eq!(restored.pilot.save(), never_stopped.pilot.save());
    }
    assert_eq!(never_stopped.done, restored.done);
    assert!(never_stopped.ahead().len() >= 6);
}
