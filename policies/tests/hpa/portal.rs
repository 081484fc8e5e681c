//! A service with replicas of a core and a GiB each, and what scales it.

use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Frequency, Moment, Ppm, Span, mib, millicores};
use seatrial_contract::view::{Replica, ReplicaState, ViewDocument};
use seatrial_contract::{
    Action, ClusterView, Dice, Limited, Measure, NodeId, Reason, ReplicaId, ServiceId, Target,
    Verdict,
};
use seatrial_policies::{Pilot, PolicyFile};

pub const PORTAL: ServiceId = ServiceId(0);
pub const TICK: Span = Span::seconds(15);

pub fn number(value: i64) -> Node {
    Value::Integer(value).nowhere()
}

pub fn list<const N: usize>(all: [Node; N]) -> Node {
    Value::List(all.into()).nowhere()
}

pub fn cpu(target: &str) -> Node {
    Node::table([("kind", Node::text("cpu")), ("target", Node::text(target))])
}

pub fn calls(each: &str) -> Node {
    Node::table([("kind", Node::text("calls")), ("each", Node::text(each))])
}

pub fn waiting(each: i64) -> Node {
    Node::table([("kind", Node::text("waiting")), ("each", number(each))])
}

/// One service with replicas of a core and a GiB each, and what scales it.
pub struct Portal {
    pub view: ClusterView,
    pub pilot: Pilot,
}

impl Portal {
    /// Two to ten replicas by this metric.
    pub fn by<const N: usize>(replicas: u32, metrics: [Node; N]) -> Self {
        let bounds = [("least", number(2)), ("most", number(10)), ("metrics", list(metrics))];
        Self::scaled(replicas, Node::table(bounds))
    }

    pub fn scaled(replicas: u32, rules: Node) -> Self {
        let services = Node::table([("portal", rules)]);
        let kind = Node::table([("kind", Node::text("hpa")), ("services", services)]);
        let mut problems = Problems::default();
        let file = Node::table([("policies", list([kind]))]);
        let file = PolicyFile::read(&file, &Path::Root, &mut problems);
        let pilot = Pilot::new(&file.unwrap_or_else(|| panic!("{problems:?}")));
        let text = format!(
            r#"{{ "taken_at": "100 d", "tiers": [], "pools": [{{ "name": "shared" }}],
            "nodes": [{{ "name": "a", "pool": "shared", "cpu": "64 cores", "memory": "64 GiB" }}],
            "services": [{{ "name": "portal", "cpu": "1 cores", "memory": "1 GiB",
                "wanted": {replicas} }}] }}"#
        );
        let document: ViewDocument = serde_json::from_str(&text).unwrap();
        let view = document.open().unwrap_or_else(|wrong| panic!("{wrong:?}")).0;
        let mut portal = Self { view, pilot };
        for _ in 0..replicas {
            let one = portal.add(ReplicaState::Ready);
            portal.view.update_replica(one, |row| row.since = Moment(Span::days(99).0));
            portal.view.update_replica(one, |row| row.started_at = Some(row.since));
        }
        portal
    }

    pub fn add(&mut self, state: ReplicaState) -> ReplicaId {
        let now = self.view.taken_at;
        let node = (state != ReplicaState::Pending).then_some(NodeId(0));
        let mut row = Replica::new(PORTAL, node, state, now);
        row.started_at = node.map(|_| now);
        self.view.add_replica(row)
    }

    /// Each that runs is seen to use so much.
    pub fn uses(&mut self, cpu: u64) {
        for id in self.view.replicas_of(PORTAL).collect::<Vec<_>>() {
            if self.view.replica(id).state != ReplicaState::Pending {
                self.view.see_replica(id, millicores(cpu), mib(500));
            }
        }
        self.view.sweep_replicas(self.view.taken_at);
    }

    pub fn called(&mut self, a_second: u64) {
        let rate = Frequency { millionths: a_second * 1_000_000, ..Default::default() };
        self.view.see_calls(PORTAL, rate);
        self.view.sweep_calls(self.view.taken_at);
    }

    pub fn waits(&mut self, count: u32) {
        self.view.see_waiting(PORTAL, count);
        self.view.sweep_waiting(self.view.taken_at);
    }

    /// What is decided now, after which so much passes. Nothing is carried out.
    pub fn look(&mut self, passes: Span) -> Option<(Option<Action>, Reason)> {
        let all = self.pilot.tick(&self.view, Dice::new(1)).all.clone();
        self.view.settle();
        self.view.taken_at = self.view.taken_at.after(passes);
        let one = all.first().copied()?;
        assert!(all.len() == 1 && one.target == Target::Service(PORTAL), "{all:?}");
        let action = match one.verdict {
            Verdict::Act { action, .. } => Some(action),
            Verdict::Hold => None,
        };
        Some((action, one.reason))
    }

    /// The same, carried out at once: those that are to come are ready at once, too.
    pub fn step(&mut self) -> (Option<u32>, Reason) {
        let (action, reason) = self.look(TICK).expect("a decision");
        let Some(Action::Scale { to, .. }) = action else { return (None, reason) };
        self.view.update_service(PORTAL, |row| row.wanted = to);
        let there: Vec<_> = self.view.replicas_of(PORTAL).collect();
        for id in there.iter().skip(to as usize) {
            self.view.update_replica(*id, |row| row.state = ReplicaState::Gone);
        }
        for _ in there.len()..to as usize {
            let one = self.add(ReplicaState::Ready);
            self.view.update_replica(one, |row| row.started_at = Some(Moment(Span::days(99).0)));
        }
        (Some(to), reason)
    }
}

pub fn scale(from: u32, to: u32) -> Option<Action> {
    Some(Action::Scale { service: PORTAL, from, to })
}

pub fn above(by: Measure, used: u32, wants: u32, limited: Limited) -> Reason {
    Reason::AboveTarget { by, used: Ppm(used), wants, limited }
}

pub fn below(by: Measure, used: u32, wants: u32, limited: Limited) -> Reason {
    Reason::BelowTarget { by, used: Ppm(used), wants, limited }
}
