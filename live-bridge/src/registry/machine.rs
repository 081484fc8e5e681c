//! Takes in a machine that answered, with the containers on it.

use super::{Notes, Registry, TENANTS_MAX, UNITS_MAX, Visits};
use crate::sighting::{MachineSeen, UnitSeen};
use seatrial_contract::units::Moment;
use seatrial_contract::view::{Node, NodeState, Phase, Tenant, Unit, UnitState};
use seatrial_contract::{Footprint, NodeId, TenantId, TierId, UnitId};
use std::collections::{BTreeMap, BTreeSet};

impl Registry {
    /// Returns what could not be understood.
    pub(super) fn machine(&mut self, seen: MachineSeen, notes: &mut Notes) -> Vec<String> {
        let mut complaints = seen.complaints.clone();
        let pool = match self.pool_of(seen.pool.as_deref(), seen.tier.as_deref()) {
            Ok(pool) => pool,
            Err(complaint) => {
                complaints.push(complaint);
                return complaints;
            }
        };
        let zone = self.zone_of(&seen.zone);
        let node = match self.nodes.get(&seen.name) {
            Some(node) => *node,
            None => {
                let mut row = Node::new(pool, zone, NodeState::Ready, seen.capacity);
                row.since = seen.at;
                let id = self.view.add_node(row);
                self.nodes.insert(seen.name.clone(), id);
                self.names.nodes.push(seen.name.clone());
                self.seen_at.push(seen.at);
                self.units_on.push(BTreeSet::new());
                id
            }
        };
        if self.view.node(node).state != NodeState::Ready {
            notes.say(format!("{} answers again", seen.name));
        }
        self.view.update_node(node, |row| {
            if row.state != NodeState::Ready {
                (row.state, row.since) = (NodeState::Ready, seen.at);
            }
            (row.pool, row.zone, row.capacity) = (pool, zone, seen.capacity);
        });
        self.seen_at[node.index()] = seen.at;
        let used = self.used(&seen);
        let mut found = self.meet(node, seen.units, &mut complaints);
        self.keep_unclear(node, &seen.unclear, &mut found);
        let touched = self.exchange(node, found);
        for tenant in touched {
            self.settle_tenant(tenant, node, seen.at, notes);
        }
        match used {
            Some(used) => self.view.see_node(node, used.cpu, used.memory),
            None => self.view.lose_node(node),
        }
        complaints
    }

    /// What is used on the machine; none while that is not known of everything that runs on it.
    /// A container that came since the last look is taken to use all it may.
    fn used(&self, seen: &MachineSeen) -> Option<Footprint> {
        if seen.unmeasured {
            return None;
        }
        let mut sum = seen.used_beside;
        for unit in seen.units.iter().filter(|unit| runs(unit.state)) {
            let fresh = seen.at.since(unit.since) <= self.lost_after;
            sum = sum.plus(match unit.used {
                Some(used) => Footprint { cpu: used.cpu, memory: used.memory },
                None if fresh => unit.requested,
                None => return None,
            });
        }
        Some(sum)
    }

    /// The ids of the containers that were found; those that are new get one.
    fn meet(
        &mut self,
        node: NodeId,
        units: Vec<UnitSeen>,
        complaints: &mut Vec<String>,
    ) -> BTreeMap<UnitId, UnitSeen> {
        let mut found: BTreeMap<UnitId, UnitSeen> = BTreeMap::new();
        self.claims.look_anew(node);
        for seen in units {
            let Some(tier) = self.tier_of(&seen.tier) else {
                let have: Vec<&str> =
                    self.view.tiers().iter().map(|tier| tier.name.as_str()).collect();
                complaints.push(format!(
                    "{}/{}: there is no tier `{}`; have {}: it is left out",
                    seen.tenant,
                    seen.unit,
                    seen.tier,
                    have.join(", ")
                ));
                continue;
            };
            let unit = match self.unit_of(&seen, tier) {
                Ok(unit) => unit,
                Err(complaint) => {
                    complaints.push(complaint);
                    continue;
                }
            };
            if let Some(other) = found.get(&unit) {
                self.claims.twins(unit, node, other, &seen);
            }
            match found.get(&unit) {
                Some(other) if rank(other) >= rank(&seen) => {}
                _ => {
                    found.insert(unit, seen);
                }
            }
        }
        found
    }

    /// The row of a container, which may be a new one, and so may its tenant's be.
    fn unit_of(&mut self, seen: &UnitSeen, tier: TierId) -> Result<UnitId, String> {
        let full = |what: &str, most: usize| {
            format!(
                "{}/{} is left out: {most} {what} have been seen, and no more are kept; name \
                 another folder for the logbook to begin anew",
                seen.tenant, seen.unit
            )
        };
        if !self.tenants.contains_key(&seen.tenant) && self.tenants.len() >= TENANTS_MAX {
            return Err(full("tenants", TENANTS_MAX));
        }
        let known = self.tenants.get(&seen.tenant).copied();
        let unit = known.and_then(|tenant| self.units.get(&(tenant, seen.unit.clone())).copied());
        if unit.is_none() && self.units.len() >= UNITS_MAX {
            return Err(full("containers", UNITS_MAX));
        }
        let tenant = known.unwrap_or_else(|| {
            let id = self.view.add_tenant(Tenant::new(tier));
            self.tenants.insert(seen.tenant.clone(), id);
            self.names.tenants.push(seen.tenant.clone());
            self.visits.push(Visits::default());
            id
        });
        self.visits[tenant.index()].made(seen.created);
        Ok(unit.unwrap_or_else(|| {
            let (state, none) = (UnitState::Stopped, Footprint::default());
            let id = self.view.add_unit(Unit::new(tenant, None, state, seen.stops_at, none));
            self.names.units.push(seen.unit.clone());
            self.units.insert((tenant, seen.unit.clone()), id);
            id
        }))
    }

    /// Containers that are there and could not be looked at stay as they were last seen.
    fn keep_unclear(
        &mut self,
        node: NodeId,
        unclear: &[(String, String)],
        found: &mut BTreeMap<UnitId, UnitSeen>,
    ) {
        self.unclear.retain(|(_, on)| *on != node);
        for (tenant, unit) in unclear {
            let tenant = self.tenants.get(tenant).copied();
            let unit = tenant.and_then(|tenant| self.units.get(&(tenant, unit.clone())).copied());
            let Some(unit) = unit else { continue };
            if let Some(before) = self.instances.get(&(unit, node)) {
                let before = UnitSeen { used: None, ..before.clone() };
                found.entry(unit).or_insert(before);
                self.unclear.insert((unit, node));
            }
        }
    }

    /// Puts the containers found on a machine in the place of those found before; says whose
    /// changed.
    fn exchange(&mut self, node: NodeId, found: BTreeMap<UnitId, UnitSeen>) -> BTreeSet<TenantId> {
        let found = self.claims.relabelled(node, found, &self.instances);
        let view = &self.view;
        let mut touched: BTreeSet<TenantId> = BTreeSet::new();
        let here: BTreeSet<UnitId> = found.keys().copied().collect();
        let before = core::mem::replace(&mut self.units_on[node.index()], here);
        for unit in before.into_iter().filter(|unit| !found.contains_key(unit)) {
            touched.insert(view.units()[unit.index()].tenant);
            self.instances.remove(&(unit, node));
        }
        for (unit, seen) in found {
            touched.insert(view.units()[unit.index()].tenant);
            self.instances.insert((unit, node), seen);
        }
        touched
    }

    /// Works out anew what a tenant's containers say.
    fn settle_tenant(&mut self, tenant: TenantId, node: NodeId, at: Moment, notes: &mut Notes) {
        let units: Vec<UnitId> = self.view.units_of(tenant).collect();
        let known = units.iter().any(|unit| self.instances_of(*unit).next().is_some());
        if !known {
            return self.miss(tenant, node, at, notes);
        }
        if self.view.tenant(tenant).phase == Phase::Missing {
            notes.say(format!("{} is there again", self.names.tenants[tenant.index()]));
        }
        self.visits[tenant.index()].missing_since = None;
        for unit in units {
            let best = self
                .instances_of(unit)
                .max_by_key(|(node, seen)| (rank(seen), core::cmp::Reverse(*node)));
            match best.map(|(node, seen)| (node, seen.clone())) {
                Some((node, seen)) => self.write(unit, node, &seen),
                None => self.retire(unit, at),
            }
        }
        self.compare_claims(tenant, notes);
        self.judge(tenant);
    }

    pub(super) fn instances_of(&self, unit: UnitId) -> impl Iterator<Item = (NodeId, &UnitSeen)> {
        let all = (unit, NodeId(0))..=(unit, NodeId(u32::MAX));
        self.instances.range(all).map(|(key, seen)| (key.1, seen))
    }

    fn write(&mut self, unit: UnitId, node: NodeId, seen: &UnitSeen) {
        self.view.update_unit(unit, |row| {
            (row.node, row.state, row.since) = (Some(node), seen.state, seen.since);
            (row.stops_at, row.requested) = (seen.stops_at, seen.requested);
        });
        match seen.used {
            Some(used) => self.view.see_unit(unit, used.cpu, used.memory),
            // What does not run uses nothing; that is known, not guessed.
            None if !runs(seen.state) && !self.unclear.contains(&(unit, node)) => {
                self.view.see_unit(unit, Default::default(), Default::default());
            }
            None => self.view.lose_unit(unit),
        }
    }

    /// A machine that answers does not know a tenant any more that lived on it. That may be a
    /// disk that was lost or a tenant that left: nobody here can tell.
    fn miss(&mut self, tenant: TenantId, node: NodeId, at: Moment, notes: &mut Notes) {
        if !self.view.tenant(tenant).phase.is_present() {
            return;
        }
        self.view.update_tenant(tenant, |row| row.phase = Phase::Missing);
        for unit in self.view.units_of(tenant).collect::<Vec<_>>() {
            self.view.lose_unit(unit);
        }
        self.visits[tenant.index()].missing_since = Some(at);
        let name = &self.names.tenants[tenant.index()];
        notes.say(format!("{} does not know {name} any more", self.names.nodes[node.index()]));
    }
}

/// Which of two containers of one name counts: one that runs, then the later one.
fn rank(seen: &UnitSeen) -> (bool, Moment) {
    (crate::stack::is_up(seen.state), seen.since)
}

fn runs(state: UnitState) -> bool {
    matches!(state, UnitState::Running | UnitState::Starting | UnitState::Paused)
}
