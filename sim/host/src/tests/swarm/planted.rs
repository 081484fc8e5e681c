//! Defects that are planted to see that a law finds each, and that little is left of what is not needed to show it.
//! Each does to a world what a mistake of ours would.

use crate::World;
use crate::event::Event;
use seatrial_contract::NodeId;
use seatrial_contract::units::{MilliCores, Span};
use seatrial_faults as faults;
use seatrial_fleet as fleet;
use seatrial_fleet::databases;
use seatrial_fleet::nodes::State;
use seatrial_fleet::restoring::backups;
use seatrial_fleet::tenants::Phase;
use seatrial_traffic as traffic;
use seatrial_traffic::Hosts as _;
use seatrial_traffic::from_backup;

/// What is done to a world before each event; whether the event happens at all.
pub(super) type Defect = fn(&mut World, Event) -> bool;

/// A defect by name, what the law says that finds it, and what it does.
pub(super) struct Planted {
    pub(super) name: &'static str,
    pub(super) told: &'static str,
    /// What a world does as if something else were written there, though what it promises stands.
    pub(super) instead: Option<(&'static str, &'static str)>,
    pub(super) defect: Defect,
}

/// Nothing is wrong.
pub(super) const NONE: Planted = Planted { name: "", told: "", instead: None, defect: |_, _| true };

/// One for each law.
pub(super) const ALL: [Planted; 15] = [
    Planted {
        name: "a machine that comes back keeps what it was asked for",
        told: "is asked for",
        instead: None,
        defect: |world, event| {
            let begins = matches!(event, Event::World(faults::Event::Ends(_)));
            let lost = |node: &&mut fleet::nodes::Node| matches!(node.state, State::Down(_));
            if begins && let Some(node) = world.fleet.nodes.iter_mut().find(lost) {
                node.asked.cpu = MilliCores(node.asked.cpu.0 + 1);
            }
            true
        },
    },
    Planted {
        name: "a tenant that comes up elsewhere stays where it was",
        told: "and elsewhere",
        instead: None,
        defect: |world, _| {
            let restored = world.fleet.tenants.iter().position(|of| of.phase == Phase::Restoring);
            let Some(id) = restored.map(seatrial_contract::TenantId::at) else { return true };
            let home = world.fleet.tenants[id.index()].node;
            let other = (0..world.fleet.nodes.len()).map(NodeId::at).find(|at| Some(*at) != home);
            if let Some(other) = other
                && !world.fleet.nodes[other.index()].tenants.contains(&id)
            {
                world.fleet.nodes[other.index()].tenants.push(id);
            }
            true
        },
    },
    Planted {
        name: "a machine is not given back what runs there",
        told: "is lost at the end",
        instead: None,
        defect: |world, event| {
            let ends = matches!(event, Event::World(faults::Event::Ends(_)));
            !(ends && world.fleet.nodes.iter().any(|node| matches!(node.state, State::Down(_))))
        },
    },
    Planted {
        name: "data arrives and nobody starts",
        told: "tenants are down at the end",
        instead: None,
        defect: |_, event| {
            let of = |event| matches!(event, fleet::Event::DataThere(_));
            !matches!(event, Event::World(faults::Event::Fleet(event)) if of(event))
        },
    },
    Planted {
        name: "a replica that was lost is never there again",
        told: "calls do not find what they found",
        instead: None,
        defect: |world, event| {
            let of = |event| matches!(event, fleet::Event::ReplicaDue(_));
            let is_due = matches!(event, Event::World(faults::Event::Fleet(event)) if of(event));
            !(is_due && world.fleet.schedule.has_begun)
        },
    },
    Planted {
        name: "nobody promotes a standby",
        told: "calls do not find what they found",
        instead: None,
        defect: |_, event| !matches!(event.of_calls(), Some(traffic::Event::Restored(..))),
    },
    Planted {
        name: "nobody hears of a second primary",
        told: "two servers of db took writes",
        instead: None,
        defect: |world, _| {
            world.faults.incidents.rows.iter_mut().for_each(|row| row.databases.clear());
            true
        },
    },
    Planted {
        name: "a write is acknowledged before its standby has it",
        told: "a synchronous standby acknowledged is lost",
        instead: Some((
            "following = \"synchronous\"",
            "following = \"asynchronous\", round_trip = \"10 min\"",
        )),
        defect: |_, _| true,
    },
    Planted {
        name: "a database that crashed stays away",
        told: "calls do not find what they found",
        instead: None,
        defect: |_, event| !matches!(event.of_calls(), Some(traffic::Event::DatabaseBack(..))),
    },
    Planted {
        name: "a fault that is over leaves actions late",
        told: "not well",
        instead: None,
        defect: |world, event| {
            if matches!(event, Event::World(faults::Event::Ends(_))) {
                world.faults.control.delays.push(Span::seconds(1));
            }
            true
        },
    },
    Planted {
        name: "who waits is forgotten while machines are lost",
        told: "waits for a tenant in vain",
        instead: None,
        defect: |world, _| {
            if world.fleet.nodes.iter().any(|node| matches!(node.state, State::Down(_))) {
                let now = world.fleet.now();
                let of = world.fleet.tenants.iter_mut().find(|of| of.phase == Phase::Settled);
                if let Some(tenant) = of {
                    tenant.phase = Phase::Queued;
                    (tenant.visits.wanted, tenant.visits.wanted_since) = (true, now);
                }
            }
            true
        },
    },
    Planted {
        name: "a backup counts as made while it is copied",
        told: "backups take",
        instead: None,
        defect: |world, event| {
            if event == Event::Tick {
                let made = fleet::Event::SnapshotTaken(0);
                world.handle(Event::World(faults::Event::Fleet(made)));
            }
            true
        },
    },
    Planted {
        name: "the backups before go when one is made",
        told: "room for",
        instead: None,
        defect: |world, event| {
            let database = seatrial_contract::DatabaseId::at(0);
            let seen = databases::look(&world.fleet, database);
            if event == Event::Tick && seen.is_some_and(|of| of.backing_up) {
                backups::lose(&mut world.fleet, 0);
            }
            true
        },
    },
    Planted {
        name: "a restore brings back what was written after its backup",
        told: "no backup has",
        instead: None,
        defect: |world, event| {
            let is_due = |event| matches!(event, fleet::Event::DatabaseRestored(0, _));
            let is_due = matches!(event, Event::World(faults::Event::Fleet(of)) if is_due(of));
            let stations = &world.fleet.traffic.stations;
            let (Some(lost), _) = from_backup::lost_at(stations, 0) else { return true };
            if is_due {
                let after = world.fleet.now().since(lost.world_at);
                let (stations, agenda) = world.fleet.calls();
                from_backup::restored(stations, 0, (after, after), None, agenda);
            }
            !is_due
        },
    },
    Planted {
        name: "an action counts as done before it is decided",
        told: "steps of an incident decrease",
        instead: None,
        defect: |world, _| {
            for row in &mut world.faults.incidents.rows {
                row.steps.reverse();
            }
            true
        },
    },
];
