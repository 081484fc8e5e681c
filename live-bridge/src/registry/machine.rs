//! Takes in a machine that answered, with the containers on it.

use super::{Notes, Registry, Visits};
use crate::sighting::{MachineSeen, UnitSeen};
use seatrial_contract::units::Moment;
use seatrial_contract::view::{Node, NodeState, Phase, Tenant, Unit, UnitState};
use seatrial_contract::{Footprint, NodeId, TenantId, UnitId};
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
                self.aboard.push(BTreeSet::new());
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
        let found = self.meet(seen.units, &mut complaints);
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
        units: Vec<UnitSeen>,
        complaints: &mut Vec<String>,
    ) -> BTreeMap<UnitId, UnitSeen> {
        let mut found: BTreeMap<UnitId, UnitSeen> = BTreeMap::new();
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
            let tenant = match self.tenants.get(&seen.tenant) {
                Some(tenant) => *tenant,
                None => {
                    let id = self.view.add_tenant(Tenant::new(tier));
                    self.tenants.insert(seen.tenant.clone(), id);
                    self.names.tenants.push(seen.tenant.clone());
                    self.visits.push(Visits::default());
                    id
                }
            };
            self.view.update_tenant(tenant, |row| row.tier = tier);
            let key = (tenant, seen.unit.clone());
            let unit = match self.units.get(&key) {
                Some(unit) => *unit,
                None => {
                    let row = Unit::new(
                        tenant,
                        None,
                        UnitState::Stopped,
                        seen.stops_at,
                        Footprint::default(),
                    );
                    let id = self.view.add_unit(row);
                    self.names.units.push(seen.unit.clone());
                    self.units.insert(key, id);
                    id
                }
            };
            match found.get(&unit) {
                Some(other) if rank(other) >= rank(&seen) => {}
                _ => {
                    found.insert(unit, seen);
                }
            }
        }
        found
    }

    /// Puts the containers found on a machine in the place of those found before; says whose
    /// changed.
    fn exchange(&mut self, node: NodeId, found: BTreeMap<UnitId, UnitSeen>) -> BTreeSet<TenantId> {
        let view = &self.view;
        let mut touched: BTreeSet<TenantId> = BTreeSet::new();
        let here: BTreeSet<UnitId> = found.keys().copied().collect();
        let before = core::mem::replace(&mut self.aboard[node.index()], here);
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
        self.judge(tenant);
    }

    fn instances_of(&self, unit: UnitId) -> impl Iterator<Item = (NodeId, &UnitSeen)> {
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
            None if !runs(seen.state) => {
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
