//! What containers say of a tenant, where they contradict each other: such a tenant keeps the tier
//! that it had, and is frozen until they agree.

use super::{Notes, Registry};
use crate::sighting::UnitSeen;
use crate::stack;
use seatrial_contract::view::Conflict;
use seatrial_contract::{NodeId, TenantId, UnitId};
use std::collections::BTreeMap;

/// Contradictions that are told, and what is needed to find them.
#[derive(Debug, Default)]
pub(super) struct Claims {
    /// Two containers of one machine say that they are the same.
    twins: BTreeMap<(UnitId, NodeId), String>,
    /// A container says another tier than it said before.
    relabelled: BTreeMap<(UnitId, NodeId), String>,
    /// Whose containers contradict each other.
    against: BTreeMap<TenantId, Conflict>,
}

impl Claims {
    /// A machine is looked at again.
    pub(super) fn look_anew(&mut self, node: NodeId) {
        self.twins.retain(|(_, on), _| *on != node);
        self.relabelled.retain(|(_, on), _| *on != node);
    }

    /// Two containers of a machine have the same name within their tenant.
    pub(super) fn twins(&mut self, unit: UnitId, node: NodeId, one: &UnitSeen, other: &UnitSeen) {
        let both_run = stack::is_up(one.state) && stack::is_up(other.state);
        if both_run || one.tier != other.tier {
            let twins = format!("{} and {}", short(&one.container), short(&other.container));
            self.twins.insert((unit, node), twins);
        }
    }

    /// The labels of a container never change: one that says another tier than before is not
    /// believed.
    pub(super) fn relabelled(
        &mut self,
        node: NodeId,
        mut found: BTreeMap<UnitId, UnitSeen>,
        before: &BTreeMap<(UnitId, NodeId), UnitSeen>,
    ) -> BTreeMap<UnitId, UnitSeen> {
        for (unit, seen) in &mut found {
            let Some(before) = before.get(&(*unit, node)) else { continue };
            let same = !seen.container.is_empty() && before.container == seen.container;
            if same && before.tier != seen.tier {
                let now = core::mem::replace(&mut seen.tier, before.tier.clone());
                self.relabelled.insert((*unit, node), now);
            }
        }
        found
    }
}

impl Registry {
    /// Takes over the tier that all containers of a tenant name. Where they differ, the tenant
    /// keeps what it had.
    pub(super) fn compare_claims(&mut self, tenant: TenantId, notes: &mut Notes) {
        let name = self.names.tenants[tenant.index()].clone();
        let against = self.contradiction(tenant);
        let told = self.claims.against.contains_key(&tenant);
        match &against {
            Some((_, what)) if !told => {
                notes.say(format!("{name}: {what}: nothing is taken from it until that ends"));
            }
            None if told => {
                notes.say(format!("{name}: its containers contradict each other no longer"));
                self.claims.against.remove(&tenant);
            }
            Some(_) | None => {}
        }
        if let Some((conflict, _)) = &against {
            self.claims.against.insert(tenant, *conflict);
        } else {
            let units: Vec<UnitId> = self.view.units_of(tenant).collect();
            let said = units.iter().find_map(|unit| self.instances_of(*unit).next());
            if let Some(tier) = said.and_then(|(_, seen)| self.tier_of(&seen.tier)) {
                self.view.update_tenant(tenant, |row| row.tier = tier);
            }
        }
    }

    /// Why a tenant is to be left as it is: its containers contradict each other, or one of them
    /// could not be looked at.
    pub(super) fn conflict(&self, tenant: TenantId) -> Conflict {
        let unclear = |unit| {
            self.unclear.range((unit, NodeId(0))..=(unit, NodeId(u32::MAX))).next().is_some()
        };
        match self.claims.against.get(&tenant) {
            Some(conflict) => *conflict,
            None if self.view.units_of(tenant).any(unclear) => Conflict::Unclear,
            None => Conflict::None,
        }
    }

    /// What the containers of a tenant say against each other, with both places.
    fn contradiction(&self, tenant: TenantId) -> Option<(Conflict, String)> {
        let units: Vec<UnitId> = self.view.units_of(tenant).collect();
        let place = |unit: UnitId, node: NodeId| {
            format!("{} on {}", self.names.units[unit.index()], self.names.nodes[node.index()])
        };
        let mut first: Option<(UnitId, NodeId, &UnitSeen)> = None;
        for unit in units {
            for (node, seen) in self.instances_of(unit) {
                if let Some(now) = self.claims.relabelled.get(&(unit, node)) {
                    let (at, before) = (place(unit, node), &seen.tier);
                    let what = format!(
                        "{at} says that it is `{now}` and said `{before}` before, and labels of a \
                         container never change"
                    );
                    return Some((Conflict::Tier, what));
                }
                if let Some(twins) = self.claims.twins.get(&(unit, node)) {
                    let what = format!("{} is there twice, as {twins}", place(unit, node));
                    return Some((Conflict::RunsTwice, what));
                }
                match first {
                    None => first = Some((unit, node, seen)),
                    Some((other, on, said)) if said.tier != seen.tier => {
                        let (one, two) = (place(other, on), place(unit, node));
                        let (its, this) = (&said.tier, &seen.tier);
                        let what = format!("{one} says that it is `{its}`, {two} `{this}`");
                        return Some((Conflict::Tier, what));
                    }
                    Some(_) => {}
                }
            }
            if let Some((one, two)) = self.runs_twice(unit) {
                let (one, two) = (place(unit, one), place(unit, two));
                let what = format!("{one} runs, and so does {two}");
                return Some((Conflict::RunsTwice, what));
            }
        }
        None
    }

    /// The two machines on which a container runs at once. One that moved is still thought to run
    /// where it was until that machine is looked at again.
    fn runs_twice(&self, unit: UnitId) -> Option<(NodeId, NodeId)> {
        let running = |seen: &UnitSeen| stack::is_up(seen.state);
        let all: Vec<_> = self.instances_of(unit).filter(|one| running(one.1)).collect();
        for (index, (one, its)) in all.iter().enumerate() {
            for (two, others) in &all[index + 1..] {
                let seen = |node: NodeId| self.seen_at[node.index()];
                if seen(*one) >= others.since && seen(*two) >= its.since {
                    return Some((*one, *two));
                }
            }
        }
        None
    }
}

/// As much of an id as Docker shows.
fn short(container: &str) -> String {
    container.chars().take(12).collect()
}
