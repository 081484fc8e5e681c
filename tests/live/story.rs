//! What a logbook tells, read back for a test: views and decisions with the time of the real world.

use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{NodeState, Phase};
use seatrial_contract::{Action, Decisions, Stage, Target, Verdict};
use seatrial_policies::{Clock, LogbookHead, Rebuilt, TurnReader};
use seatrial_record::{Frame, SegmentReader};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// All ticks of a logbook.
pub struct Story {
    /// In order.
    pub turns: Vec<Told>,
    /// The digests of the policies, each once.
    pub digests: Vec<String>,
}

/// One tick.
pub struct Told {
    /// When, in Unix seconds.
    pub at: u64,
    /// What was decided.
    pub decided: Decisions,
    /// What of it would have been done, with names.
    actions: Vec<(String, Action)>,
    missing: u32,
    lost: usize,
}

/// Now, in Unix seconds.
pub fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn unix(moment: Moment) -> u64 {
    moment.since(Clock::moment(Span::ZERO)).0 / Span::seconds(1).0
}

impl Story {
    /// Reads a logbook.
    pub fn read(folder: &Path) -> Self {
        let mut reader = SegmentReader::open(folder).unwrap_or_else(|error| panic!("{error}"));
        let (mut seen, mut turns, mut digests) = (Rebuilt::default(), Vec::new(), Vec::new());
        let mut reading = TurnReader::default();
        while let Some(frame) = reader.next_frame().unwrap_or_else(|error| panic!("{error}")) {
            match frame {
                Frame::Head { text, .. } => {
                    seen.begin();
                    reading.begin();
                    digests.push(LogbookHead::read(&text).unwrap().policy_digest);
                    digests.dedup();
                }
                Frame::Turn(text) => {
                    let turn = reading.read(&text).unwrap();
                    seen.turn(&turn).unwrap();
                    turns.push(told(&seen, turn.decided));
                }
            }
        }
        Self { turns, digests }
    }

    fn between(&self, from: u64, to: u64) -> impl Iterator<Item = &Told> {
        self.turns.iter().filter(move |turn| (from..=to).contains(&turn.at))
    }

    fn actions(&self, from: u64, to: u64) -> impl Iterator<Item = (u64, &(String, Action))> {
        self.between(from, to).flat_map(|turn| turn.actions.iter().map(|one| (turn.at, one)))
    }

    /// No two ticks are further apart, one restart aside.
    pub fn ticks_without_gap(&self, most: u64) {
        let gaps = self.turns.windows(2).map(|two| (two[0].at, two[1].at - two[0].at));
        let long: Vec<_> = gaps.filter(|gap| gap.1 > most).collect();
        assert!(long.len() <= 1, "ticks stopped: {long:?}");
    }

    /// Who was to sleep how deeply, and when.
    pub fn hibernations(&self) -> Vec<(u64, String, Stage)> {
        let all = self.actions(0, u64::MAX);
        let stage = |action: &Action| match action {
            Action::Hibernate { stage, .. } => Some(*stage),
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
            | Action::FailOver { .. } => None,
        };
        all.filter_map(|(at, (name, action))| Some((at, name.clone(), stage(action)?))).collect()
    }

    /// Who was to sleep within this time.
    pub fn hibernated(&self, from: u64, to: u64) -> BTreeSet<String> {
        let within = self.hibernations().into_iter().filter(|one| (from..=to).contains(&one.0));
        within.map(|one| one.1).collect()
    }

    /// Who was to be woken, and when.
    pub fn wakes(&self) -> Vec<(u64, String)> {
        let all = self.actions(0, u64::MAX);
        let wakes = all.filter(|(_, one)| matches!(one.1, Action::Wake { .. }));
        wakes.map(|(at, one)| (at, one.0.clone())).collect()
    }

    /// How many machines were to be emptied.
    pub fn drains(&self, from: u64, to: u64) -> usize {
        self.actions(from, to).filter(|(_, one)| matches!(one.1, Action::Drain { .. })).count()
    }

    /// How many orders for machines there were.
    pub fn orders(&self, from: u64, to: u64) -> usize {
        self.actions(from, to).filter(|(_, one)| matches!(one.1, Action::AddNodes { .. })).count()
    }

    /// How many holds gave this reason.
    pub fn held(&self, reason: &str, from: u64, to: u64) -> usize {
        let all = self.between(from, to).flat_map(|turn| &turn.decided.all);
        all.filter(|one| one.verdict == Verdict::Hold && one.reason.word() == reason).count()
    }

    /// The most tenants that were missing.
    pub fn missing(&self, from: u64, to: u64) -> u32 {
        self.between(from, to).map(|turn| turn.missing).max().unwrap_or_else(|| panic!("no tick"))
    }

    /// The most machines that did not answer.
    pub fn lost(&self, from: u64, to: u64) -> usize {
        self.between(from, to).map(|turn| turn.lost).max().unwrap_or_else(|| panic!("no tick"))
    }

    /// Nothing destructive was to be done to anything.
    pub fn nothing_destroyed(&self, while_what: &str, from: u64, to: u64) {
        assert!(self.between(from, to).count() > 2, "hardly a tick while {while_what}");
        let found = self.actions(from, to).find(|(_, one)| crate::is_destructive(&one.1));
        assert_eq!(found, None, "while {while_what}");
    }

    /// Those who were due are to sleep by then.
    pub fn to_sleep(&self, since: &str, due: &[u32], but: &[&str], from: u64, to: u64) {
        let asleep = self.hibernated(from, to);
        let due = due.iter().copied().map(crate::boxed::tenant);
        let missed: Vec<String> = due
            .filter(|tenant| !asleep.contains(tenant) && !but.contains(&tenant.as_str()))
            .collect();
        assert!(missed.is_empty(), "{since}, and these are not to sleep: {missed:?}");
    }
}

fn told(seen: &Rebuilt, decided: Decisions) -> Told {
    let (view, names) = (&seen.view, &seen.names);
    let name = |target| match target {
        Target::Tenant(id) => names.tenant(id),
        Target::Node(id) => names.node(id),
        Target::Pool(id) => view.pool(id).name.clone(),
        Target::Connections(id, _) => view.pooler(id).name.clone(),
        Target::Service(id) => view.service(id).name.clone(),
        Target::Database(id) => view.databases()[id.index()].clone(),
    };
    let actions = decided.actions().map(|(_, action)| (name(action.target()), action)).collect();
    let missing = view.tenants().iter().filter(|tenant| tenant.phase == Phase::Missing).count();
    Told {
        at: unix(view.taken_at),
        actions,
        missing: u32::try_from(missing).unwrap(),
        lost: view.nodes().iter().filter(|node| node.state == NodeState::Lost).count(),
        decided,
    }
}
