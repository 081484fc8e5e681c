//! Has a zone emptied by the calendar, one after the other, to see that it can be: a drill. Its machines are drained,
//! whoever places tenants moves them, and after a while all are opened again. Nothing is lost in it. Knows no tenant.

use crate::calendar::last_due;
use crate::kind::Kind;
use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{Footprint, Node, NodeState};
use seatrial_contract::{
    Action, ClusterView, Declared, Input, Memory, MemoryError, NodeId, Policy, Reason, Target,
    Tick, ZoneId, element, reasons,
};
use serde::{Deserialize, Serialize};

element! {
    /// How often a zone is emptied, and for how long. The guard must let so many machines be drained within an hour
    /// (`machines_an_hour`).
    pub struct EmptyZone {
        /// How often one is, in turn.
        every: Span = Span::days(28),
        /// When, counted from the midnight UTC that begins a Monday.
        at: Span = Span::hours(10),
        /// How long it may take until nobody is there; then it is opened again, empty or not. J.
        within: Span = Span::hours(2),
        /// How long it stays empty. J.
        stays: Span = Span::minutes(30),
    }
}

reasons! {
    /// Its zone is emptied.
    pub ZoneDrill = "zone-drill": "its zone is emptied since {due}, to see that it can be" {
        due: Moment,
    }
    /// Nobody was left there in time.
    pub ZoneEmptied = "zone-emptied": "its zone was empty after {took}" {
        took: Span,
    }
    /// Somebody was.
    pub ZoneNotEmptied = "zone-not-emptied": "{tenants} were left there after {after}" {
        tenants: u32,
        after: Span,
    }
    /// Something is lost, which comes first.
    pub SomethingIsLost = "something-is-lost": "{machines} machines are lost: it is no time for a drill" {
        machines: u32,
    }
    /// Who is there has no room elsewhere.
    pub NoRoomElsewhere = "no-room-elsewhere": "who is in its zone has no room in the others" {}
}

impl Kind for EmptyZone {
    const ABOUT: &'static str = "Has a zone emptied by the calendar, to see that it can be.";
    const REASONS: &'static [&'static Declared] = REASONS;

    fn start(&self) -> Box<dyn Policy> {
        Box::new(EmptyZonePolicy { config: self.clone(), memory: Drills::default() })
    }

    fn inputs(&self) -> Vec<Input> {
        [Input::MachineUse].into()
    }
}

struct EmptyZonePolicy {
    config: EmptyZone,
    memory: Drills,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drills {
    /// The last one that was due, held or not worth holding. A new fleet is left alone at first.
    last: Option<Moment>,
    /// The zone of the last one.
    zone: Option<ZoneId>,
    running: Option<Running>,
}

/// One that is being held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Running {
    due: Moment,
    since: Moment,
    emptied: Option<Moment>,
    /// Machines that it closed.
    closed: BTreeSet<u32>,
    /// They are being opened again.
    is_over: bool,
}

/// Machines of a zone that are there, or of all.
fn machines(view: &ClusterView, zone: Option<ZoneId>) -> impl Iterator<Item = (NodeId, &Node)> {
    let all = view.nodes().iter().enumerate().map(|(at, node)| (NodeId::at(at), node));
    all.filter(move |(_, node)| {
        node.state != NodeState::Gone && zone.is_none_or(|zone| node.zone == zone)
    })
}

fn lost(view: &ClusterView) -> u32 {
    let lost = machines(view, None).filter(|(_, node)| node.state == NodeState::Lost);
    u32::try_from(lost.count()).unwrap_or(u32::MAX)
}

/// The zone whose turn it is, after that one.
fn next(view: &ClusterView, last: Option<ZoneId>) -> Option<ZoneId> {
    let zones: BTreeSet<ZoneId> = machines(view, None).map(|(_, node)| node.zone).collect();
    let after = zones.iter().find(|zone| last.is_none_or(|last| **zone > last));
    after.or(zones.first()).copied().filter(|_| zones.len() > 1)
}

/// Whether those who are in a zone have room in the others, all together.
fn has_room(tick: &Tick<'_>, zone: ZoneId) -> bool {
    let mut needed = Footprint::default();
    let mut room = Footprint::default();
    for (id, node) in machines(tick.view, None) {
        if node.zone == zone {
            needed = needed.plus(node.taken());
        } else if node.is_open() {
            room = room.plus(tick.room(id));
        }
    }
    room.fits(needed)
}

impl EmptyZonePolicy {
    /// Whether one begins now, and in which zone.
    fn look(&mut self, tick: &mut Tick<'_>) {
        let due = last_due(tick.now(), self.config.every, self.config.at);
        if *self.memory.last.get_or_insert(due) >= due {
            return;
        }
        let Some(zone) = next(tick.view, self.memory.zone) else { return };
        let all: Vec<NodeId> = machines(tick.view, Some(zone)).map(|(id, _)| id).collect();
        let reason: Reason = match lost(tick.view) {
            0 if has_room(tick, zone) => {
                let since = tick.now();
                let closed = BTreeSet::new();
                let running = Running { due, since, emptied: None, closed, is_over: false };
                self.memory = Drills { last: Some(due), zone: Some(zone), running: Some(running) };
                return self.empty(tick);
            }
            0 => NoRoomElsewhere {}.into(),
            machines => SomethingIsLost { machines }.into(),
        };
        if let Some(first) = all.first() {
            tick.hold(Target::Node(*first), reason);
        }
    }

    /// Closes what is open in the zone, and sees whether anybody is left.
    fn empty(&mut self, tick: &mut Tick<'_>) {
        let Drills { zone: Some(zone), running: Some(running), .. } = &mut self.memory else {
            return;
        };
        let (now, zone) = (tick.now(), *zone);
        let until = running.since.after(self.config.within).after(self.config.stays);
        let all: Vec<(NodeId, bool, u32)> = machines(tick.view, Some(zone))
            .map(|(id, node)| (id, node.state == NodeState::Ready && !node.draining, node.tenants))
            .collect();
        let mut is_closed = true;
        for (node, is_open, _) in &all {
            let is_open = *is_open && !running.closed.contains(&node.0);
            is_closed &= !is_open;
            let reason = ZoneDrill { due: running.due };
            if is_open && tick.act(Action::Drain { node: *node }, reason) {
                running.closed.insert(node.0);
                tick.keep_closed(*node, until);
            }
        }
        let tenants: u32 = all.iter().map(|(_, _, tenants)| tenants).sum();
        if is_closed && tenants == 0 {
            running.emptied.get_or_insert(now);
        }
        let stayed = running.emptied.is_some_and(|at| now.since(at) >= self.config.stays);
        let is_late = running.emptied.is_none() && now.since(running.since) >= self.config.within;
        running.is_over = stayed || is_late || lost(tick.view) > 0;
        if running.is_over {
            self.open(tick, tenants);
        }
    }

    /// Opens again what it closed.
    fn open(&mut self, tick: &mut Tick<'_>, tenants: u32) {
        let machines = lost(tick.view);
        let now = tick.now();
        let Some(running) = &mut self.memory.running else { return };
        let reason: Reason = match running.emptied {
            _ if machines > 0 => SomethingIsLost { machines }.into(),
            Some(at) => ZoneEmptied { took: at.since(running.since) }.into(),
            None => ZoneNotEmptied { tenants, after: now.since(running.since) }.into(),
        };
        running.closed.retain(|node| {
            let node = NodeId(*node);
            // One that is lost is opened once it is back.
            let (is_back, is_gone) = match tick.view.node(node).state {
                NodeState::Ready => (true, false),
                NodeState::Booting | NodeState::Lost => (false, false),
                NodeState::Gone => (false, true),
            };
            let is_done = is_gone || is_back && tick.act(Action::Uncordon { node }, reason);
            if is_done {
                tick.need_not_be_closed(node);
            }
            !is_done
        });
        if running.closed.is_empty() {
            self.memory.running = None;
        }
    }
}

impl Policy for EmptyZonePolicy {
    fn decide(&mut self, tick: &mut Tick<'_>) {
        match &self.memory.running {
            None => self.look(tick),
            Some(running) if running.is_over => {
                let zone = self.memory.zone;
                let tenants = machines(tick.view, zone).map(|(_, node)| node.tenants).sum();
                self.open(tick, tenants);
            }
            Some(_) => self.empty(tick),
        }
    }

    fn save(&self) -> Memory {
        Memory::of(&self.memory)
    }

    fn restore(&mut self, memory: &Memory) -> Result<(), MemoryError> {
        self.memory = memory.read()?;
        Ok(())
    }

    fn fits(&self, view: &ClusterView) -> bool {
        let closed = self.memory.running.iter().flat_map(|running| &running.closed);
        closed.copied().all(|node| (node as usize) < view.nodes().len())
    }
}
