//! What right-size makes of what it sees, minute by minute, with the sums shown.

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{
    Bytes, MilliCores, Moment, Ppm, Span, gib, mib, millicores, percent,
};
use seatrial_contract::view::{UnitState, ViewDocument};
use seatrial_contract::{
    Action, ClusterView, Dice, Footprint, NodeId, Reason, TenantId, UnitId, Verdict,
};
use seatrial_policies::{Pilot, PolicyFile};

fn pilot() -> Pilot {
    let kind = Node::table([("kind", Node::text("right-size"))]);
    let list = Value::List(vec![kind]).nowhere();
    let mut problems = Problems::default();
    let file = PolicyFile::read(&Node::table([("policies", list)]), &Path::Root, &mut problems);
    Pilot::new(&file.unwrap_or_else(|| panic!("{problems:?}")))
}

const ANN: TenantId = TenantId(0);
const APP: UnitId = UnitId(0);

/// Ann's only part, which uses 100 m and 400 MiB, on a machine with 10 cores and so many GiB.
struct Cluster {
    view: ClusterView,
    pilot: Pilot,
    since: Moment,
    last: Option<Reason>,
}

fn cluster(requested: Footprint, memory: u32) -> Cluster {
    let text = format!(
        r#"{{ "taken_at": "100 d", "tiers": [{{ "name": "free" }}], "pools": [{{ "name": "workers" }}],
        "nodes": [{{ "name": "a", "pool": "workers", "cpu": "10 cores", "memory": "{memory} GiB" }}],
        "tenants": [{{ "name": "ann", "tier": "free", "node": "a",
            "units": [{{ "name": "app", "cpu": "{}", "memory": "{}" }}] }}] }}"#,
        requested.cpu, requested.memory
    );
    let document: ViewDocument = serde_json::from_str(&text).unwrap();
    let mut view = document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0;
    let since = view.taken_at;
    view.update_unit(APP, |row| row.since = since);
    view.see_session(ANN, false);
    Cluster { view, pilot: pilot(), since, last: None }
}

fn asks(cpu: MilliCores, memory: Bytes) -> Footprint {
    Footprint { cpu, memory }
}

impl Cluster {
    /// One minute, in which it is seen to use so much; says what was done to it.
    fn minute(&mut self, cpu: MilliCores, memory: Bytes) -> Option<(Action, Reason)> {
        let now = self.view.taken_at;
        self.view.see_node(NodeId(0), cpu, memory);
        self.view.see_unit(APP, cpu, memory);
        self.view.sweep_machines(now);
        self.view.sweep_activity(now);
        self.view.sweep_sessions(now);
        self.view.sweep_wanted(now);
        let all = self.pilot.tick(&self.view, Dice::new(1)).all.clone();
        self.view.settle();
        self.view.taken_at = now.after(Span::minutes(1));
        self.last = all.last().map(|decision| decision.reason);
        let [decision] = all.as_slice() else { return None };
        let Verdict::Act { action, .. } = decision.verdict else { return None };
        let Action::Resize { unit, to, .. } = action else { panic!("{action:?}") };
        self.view.update_unit(unit, |row| row.requested = to);
        Some((action, decision.reason))
    }

    /// As it is for so long; what was done, after how many minutes.
    fn pass(&mut self, span: Span) -> Vec<(u64, Footprint, Reason)> {
        let ends = self.view.taken_at.after(span);
        let mut done = Vec::new();
        while self.view.taken_at < ends {
            let minutes = self.view.taken_at.since(self.since).0 / Span::minutes(1).0;
            if let Some((Action::Resize { to, .. }, why)) = self.minute(millicores(100), mib(400)) {
                done.push((minutes, to, why));
            }
        }
        done
    }
}

// 100 m lie in the bucket that ends at 0.01 × (1.05^9 − 1) ÷ 0.05 = 0.1102 cores: 110 m and 15 %.
// 400 MiB lie in the one that ends at 10 MB × (1.05^24 − 1) ÷ 0.05 = 445.02 MB: 511.77 MB.
const NEEDED: Footprint = Footprint { cpu: MilliCores(126), memory: Bytes(511_772_986) };

#[test]
fn what_asks_for_more_than_it_may_ever_need_shrinks_once_that_is_known() {
    let mut cluster = cluster(asks(millicores(1_000), gib(1)), 64);
    // 1000 m are over 126 m × (1 + 1 ÷ days) from 0.1442 days on: 208 minutes.
    // |1000 − 126| ÷ 1000 = 0.874 and |1073.7 − 511.8| ÷ 1073.7 = 0.523.
    let by = Ppm(874_000 + 523_374);
    assert_eq!(cluster.pass(Span::hours(48)), [(208, NEEDED, Reason::Oversized { by })]);
}

#[test]
fn what_is_a_little_off_changes_after_twelve_hours_and_what_is_less_never() {
    let mut off = cluster(asks(millicores(150), mib(500)), 64);
    // 24 m of 150 m and 12.5 MB of 524.3 MB: 16 % + 2.4 %.
    let why = Reason::OffSize { by: Ppm(160_000 + 23_870), limit: percent(10) };
    assert_eq!(off.pass(Span::hours(48)), [(720, NEEDED, why)]);
    let mut near = cluster(asks(millicores(130), mib(500)), 64);
    assert_eq!(near.pass(Span::hours(48)), []);
    // 4 m of 130 m: 3.1 % + 2.4 %.
    let by = Ppm(30_769 + 23_870);
    assert_eq!(near.last, Some(Reason::RightSize { by, limit: percent(10) }));
}

#[test]
fn what_asks_for_less_than_it_needs_grows_as_soon_as_that_is_known() {
    let mut cluster = cluster(asks(millicores(50), mib(500)), 64);
    // The lower bound of cpu, 126 m × (1 + 0.001 ÷ days)^-2, is over 50 m from 0.0017 days on. Memory,
    // which could shrink by a little, stays.
    let grown = asks(NEEDED.cpu, mib(500));
    let done = cluster.pass(Span::hours(48));
    assert_eq!(done, [(3, grown, Reason::Undersized { by: Ppm(1_520_000) })]);
}

#[test]
fn what_was_killed_gets_a_fifth_more_and_all_that_comes_on_top() {
    let mut cluster = cluster(asks(millicores(126), gib(1)), 64);
    cluster.pass(Span::hours(1));
    cluster.view.see_session(ANN, true);
    let now = cluster.view.taken_at;
    cluster.view.update_unit(APP, |row| (row.state, row.since) = (UnitState::Killed, now));
    let done = cluster.minute(millicores(0), Bytes(0));
    // 1.2 GiB lie in the bucket that ends at 10 MB × (1.05^42 − 1) ÷ 0.05 = 1352.32 MB; 15 % on top.
    let Some((Action::Resize { to, .. }, Reason::Undersized { .. })) = done else {
        panic!("{done:?}, {:?}", cluster.last)
    };
    assert_eq!((to.cpu, to.memory.0 / 1_000_000), (millicores(126), 1_555));
    assert_eq!(cluster.minute(millicores(0), Bytes(0)), None, "once a kill");
}

#[test]
fn what_was_killed_shrinks_again_once_the_day_of_that_is_long_ago() {
    let mut cluster = cluster(asks(millicores(126), gib(1)), 64);
    let now = cluster.view.taken_at;
    cluster.view.update_unit(APP, |row| (row.state, row.since) = (UnitState::Killed, now));
    cluster.minute(millicores(100), mib(400));
    cluster.view.update_unit(APP, |row| (row.state, row.since) = (UnitState::Running, now));
    let done = cluster.pass(Span::days(9));
    assert_eq!(done.last().map(|done| done.1), Some(NEEDED), "{done:?}");
}

#[test]
fn what_lies_killed_gets_more_every_five_minutes() {
    let mut cluster = cluster(asks(millicores(126), gib(1)), 64);
    let now = cluster.view.taken_at;
    cluster.minute(millicores(100), mib(400));
    cluster.view.update_unit(APP, |row| (row.state, row.since) = (UnitState::Killed, now));
    let grown: Vec<u64> = cluster.pass(Span::minutes(16)).iter().map(|done| done.0).collect();
    assert_eq!(grown, [1, 6, 11, 16]);
}

#[test]
fn what_was_killed_before_it_was_seen_is_given_memory_and_keeps_its_cpu() {
    let mut cluster = cluster(asks(millicores(126), mib(500)), 64);
    let now = cluster.view.taken_at;
    cluster.view.update_unit(APP, |row| (row.state, row.since) = (UnitState::Killed, now));
    // 600 MiB lie in the bucket that ends at 10 MB × (1.05^30 − 1) ÷ 0.05 = 664.39 MB; 15 % on top.
    let done = cluster.minute(millicores(0), Bytes(0));
    let Some((Action::Resize { to, .. }, _)) = done else { panic!("{:?}", cluster.last) };
    assert_eq!((to.cpu, to.memory.0 / 1_000_000), (millicores(126), 764));
}

#[test]
fn whoever_is_there_is_left_alone() {
    let mut cluster = cluster(asks(millicores(1_000), gib(1)), 64);
    cluster.view.see_session(ANN, true);
    assert_eq!(cluster.pass(Span::hours(48)), []);
    assert_eq!(cluster.last, Some(Reason::InSession));
}

#[test]
fn what_its_machine_has_no_room_for_waits() {
    // The machine has a GiB and has promised it; 2 GiB are in use. Cpu, of which it needs less, does
    // not shrink while memory is short.
    let mut cluster = cluster(asks(millicores(1_000), gib(1)), 1);
    for _ in 0..24 * 60 {
        assert_eq!(cluster.minute(millicores(100), gib(2)), None);
    }
    assert_eq!(cluster.last, Some(Reason::NoRoom { eligible: 1, asked: millicores(0) }));
}

#[test]
fn what_is_not_asked_for_at_all_is_left_so() {
    let mut cluster = cluster(asks(millicores(1_000), Bytes(0)), 64);
    let [(_, to, _)] = cluster.pass(Span::hours(48))[..] else { panic!("once") };
    assert_eq!(to, asks(NEEDED.cpu, Bytes(0)));
}

#[test]
fn what_cannot_be_seen_is_not_resized() {
    let mut cluster = cluster(asks(millicores(1_000), gib(1)), 64);
    cluster.pass(Span::hours(3));
    cluster.view.lose_unit(APP);
    for _ in 0..48 * 60 {
        let now = cluster.view.taken_at;
        cluster.view.sweep_machines(now);
        assert_eq!(cluster.pilot.tick(&cluster.view, Dice::new(1)).actions().count(), 0);
        cluster.view.settle();
        cluster.view.taken_at = now.after(Span::minutes(1));
    }
}
