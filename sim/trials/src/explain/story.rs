//! What happened to one tenant, machine or service: what was seen of it to change, and what was decided about it.

use super::{Unexplained, teller};
use seatrial_contract::units::Moment;
use seatrial_contract::view::{Conflict, ReplicaState, ViewDocument};
use seatrial_contract::{
    Action, ClusterView, Decision, NodeId, ServiceId, Target, TenantId, Verdict,
};
use seatrial_host::Ticked;
use seatrial_policies::{Clock, tell_view};
use seatrial_record::{Explainee, Json, StoryRow};
use serde_json::Value;
use std::collections::BTreeMap;

/// So many names are given where one is not known.
const NAMED_MOST: usize = 3;

/// Whose story it is, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A tenant.
    Tenant(String),
    /// A machine.
    Node(String),
    /// A service.
    Service(String),
}

impl Subject {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Tenant(_) => "tenant",
            Self::Node(_) => "node",
            Self::Service(_) => "service",
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Tenant(name) | Self::Node(name) | Self::Service(name) => name,
        }
    }
}

/// A story as it goes on.
pub(super) struct Story {
    subject: Subject,
    clock: Clock,
    starts: Moment,
    /// Who it is, once it is there.
    target: Option<Target>,
    /// So many rows were looked through for it.
    looked_at: usize,
    /// Some that are called otherwise.
    others: Vec<String>,
    /// What was seen of it last, part by part.
    before: Vec<String>,
    /// Where each tenant lived, where it is a machine's story.
    homes: Vec<Option<NodeId>>,
    last: BTreeMap<usize, StoryRow>,
    rows: Vec<StoryRow>,
}

impl Story {
    pub(super) fn new(subject: Subject, starts: Moment) -> Self {
        Self {
            subject,
            clock: Clock::Run { starts },
            starts,
            target: None,
            looked_at: 0,
            others: Vec::new(),
            before: Vec::new(),
            homes: Vec::new(),
            last: BTreeMap::new(),
            rows: Vec::new(),
        }
    }

    pub(super) fn tick(&mut self, ticked: &Ticked<'_>) {
        if self.target.is_none() {
            self.target = self.find(ticked);
        }
        let Some(target) = self.target else { return };
        let at = ticked.view.taken_at.since(self.starts).0;
        let mut changed = self.changed(ticked, target);
        changed.extend(self.neighbours(ticked, target));
        if !changed.is_empty() {
            self.rows.push(StoryRow { at, what: changed.join(", "), ..StoryRow::default() });
        }
        let teller = teller(ticked);
        for decision in ticked.decided.all.iter().filter(|of| is_about(of, target)) {
            let action = match decision.verdict {
                Verdict::Act { id, .. } => Some(id.0),
                Verdict::Hold => None,
            };
            let deed = teller.deed(decision);
            let is_own = decision.target == target;
            let row = StoryRow {
                at,
                policy: Some(teller.policy(decision).to_owned()),
                action,
                what: if is_own {
                    deed
                } else {
                    format!("{}: {deed}", teller.target(decision.target))
                },
                why: teller.because(decision),
            };
            if is_own {
                self.last.insert(decision.policy.index(), row.clone());
            }
            if action.is_some() {
                self.rows.push(row);
            }
        }
    }

    /// Whoever is called so, among those that are new.
    fn find(&mut self, ticked: &Ticked<'_>) -> Option<Target> {
        let (view, from) = (ticked.view, self.looked_at);
        let wanted = self.subject.name();
        let named = |of: Target| teller(ticked).target(of);
        let all: Vec<Target> = match self.subject {
            Subject::Tenant(_) => {
                (from..view.tenants().len()).map(|at| Target::Tenant(TenantId::at(at))).collect()
            }
            Subject::Node(_) => {
                (from..view.nodes().len()).map(|at| Target::Node(NodeId::at(at))).collect()
            }
            Subject::Service(_) => {
                (from..view.services().len()).map(|at| Target::Service(ServiceId::at(at))).collect()
            }
        };
        let names = all.iter().map(|of| named(*of));
        self.others.extend(names.take(NAMED_MOST.saturating_sub(self.others.len())));
        self.looked_at += all.len();
        all.into_iter().find(|of| named(*of) == wanted)
    }

    /// What is seen of it otherwise than before.
    fn changed(&mut self, ticked: &Ticked<'_>, target: Target) -> Vec<String> {
        let now = match target {
            Target::Tenant(id) => self.tenant(ticked, id),
            Target::Node(id) => node(ticked.view, id),
            Target::Service(id) => service(ticked.view, id),
            Target::Pool(_) | Target::Connections(..) | Target::Database(_) => Vec::new(),
        };
        let before = core::mem::replace(&mut self.before, now);
        let changed = self.before.iter().enumerate();
        let changed = changed.filter(|(at, of)| before.get(*at) != Some(of));
        let over = |before: &String| format!("no more: {before}");
        let told = |(at, of): (usize, &String)| match before.get(at) {
            Some(before) if of.is_empty() => over(before),
            Some(_) | None => of.clone(),
        };
        changed.map(told).filter(|of| !of.is_empty()).collect()
    }

    fn tenant(&self, ticked: &Ticked<'_>, id: TenantId) -> Vec<String> {
        let view = ticked.view;
        let tenant = view.tenant(id);
        let home = tenant.node.map_or("on no machine".to_owned(), |node| {
            format!("on {}", teller(ticked).target(Target::Node(node)))
        });
        // What is not so has no words; that it is no more does.
        let wanted = tenant.wanted_since.map_or_else(String::new, |since| {
            format!("somebody waits for it since {}", self.clock.tell(since))
        });
        let conflict = match tenant.conflict {
            Conflict::None => String::new(),
            of @ (Conflict::Tier | Conflict::RunsTwice | Conflict::Unclear) => of.word().to_owned(),
        };
        let session = match view.sessions().get(id.index()) {
            Some(of) if of.value => "somebody is there",
            Some(_) => "nobody is there",
            None => "nobody knows who is there",
        };
        let tier = view.tiers().get(tenant.tier.index()).map_or("?", |of| &*of.name);
        vec![
            format!("of tier {tier}"),
            home,
            view.stages().name(tenant.stage).to_owned(),
            tenant.phase.word().to_owned(),
            session.to_owned(),
            wanted,
            conflict,
        ]
    }

    /// Who comes to a machine, and who leaves it.
    fn neighbours(&mut self, ticked: &Ticked<'_>, target: Target) -> Vec<String> {
        let Target::Node(node) = target else { return Vec::new() };
        let view = ticked.view;
        let known = self.homes.len();
        self.homes.resize(view.tenants().len(), None);
        let mut told = Vec::new();
        let new = (known..view.tenants().len()).map(TenantId::at);
        for id in view.changes().tenants().iter().copied().chain(new) {
            let home = view.tenant(id).node;
            let before = core::mem::replace(&mut self.homes[id.index()], home);
            let name = || teller(ticked).target(Target::Tenant(id));
            match (before == Some(node), home == Some(node)) {
                (false, true) => told.push(format!("{} comes", name())),
                (true, false) => told.push(format!("{} leaves", name())),
                (true, true) | (false, false) => {}
            }
        }
        told
    }

    /// The whole story.
    pub(super) fn told(self, document: ViewDocument) -> Result<Explainee, Unexplained> {
        let (kind, name) = (self.subject.kind(), self.subject.name().to_owned());
        if self.target.is_none() {
            let some = self.others.join(", ");
            let some = if some.is_empty() { some } else { format!("; there is {some}") };
            return Err(Unexplained::Nobody { kind, name, some });
        }
        // Only that row, with its moments as the run counts them.
        let mut row = ViewDocument::default();
        let key = match self.subject {
            Subject::Tenant(_) => {
                row.tenants = document.tenants.into_iter().filter(|of| of.name == name).collect();
                "tenants"
            }
            Subject::Node(_) => {
                row.nodes = document.nodes.into_iter().filter(|of| of.name == name).collect();
                "nodes"
            }
            Subject::Service(_) => {
                row.services = document.services.into_iter().filter(|of| of.name == name).collect();
                "services"
            }
        };
        let row: Value = serde_json::from_str(&tell_view(&row, self.clock)).unwrap_or_default();
        Ok(Explainee {
            kind: kind.to_owned(),
            name,
            row: Json::of(&row[key][0]),
            last: self.last.into_values().collect(),
            story: self.rows,
        })
    }
}

/// Whether a decision is about somebody: it is its target, or the machine that an action names.
fn is_about(decision: &Decision, target: Target) -> bool {
    if decision.target == target {
        return true;
    }
    let (Verdict::Act { action, .. }, Target::Node(node)) = (decision.verdict, target) else {
        return false;
    };
    match action {
        Action::Place { node: to, .. } => to == node,
        Action::Move { from, node: to, .. } => from == node || to == node,
        Action::Evict { from, .. } | Action::Abandon { from, .. } => from == node,
        Action::Hibernate { .. }
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
        | Action::FailOver { .. } => false,
    }
}

fn node(view: &ClusterView, id: NodeId) -> Vec<String> {
    let node = view.node(id);
    let cordoned = if node.cordoned { "cordoned" } else { "open to tenants" };
    let draining = if node.draining { "being emptied" } else { "not being emptied" };
    vec![node.state.word().to_owned(), cordoned.to_owned(), draining.to_owned()]
}

fn service(view: &ClusterView, id: ServiceId) -> Vec<String> {
    let service = &view.services()[id.index()];
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for replica in view.replicas_of(id).map(|id| view.replica(id).state) {
        if replica != ReplicaState::Gone {
            *counts.entry(replica.word()).or_default() += 1;
        }
    }
    let counts = counts.iter().map(|(word, count)| format!("{count} {word}"));
    vec![
        format!("{} replicas wanted", service.wanted),
        counts.collect::<Vec<_>>().join(" and "),
        format!("release {}", service.release.number),
    ]
}
