//! How much destructive actions may take within an hour, each in the unit of what it takes from, and how
//! much they took. Knows no policy.

use crate::units::{Moment, Ppm, Span};
use crate::view::NodeState;
use crate::{Action, ClusterView, Guard, NodeId, PoolId, PoolerId, ServiceId, words};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

words! {
    /// What a cap protects.
    pub enum Protected {
        /// Tenants of the fleet: put to sleep, moved, evicted, or given less.
        Tenants = "tenants",
        /// Machines of a pool: closed, emptied or given back, each counted once.
        Machines = "machines",
        /// Replicas of a service.
        Replicas = "replicas",
        /// Connections of a pooler.
        Connections = "connections",
    }
}

/// What an action takes, beside what others took within the hour and may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charge {
    pub(crate) unit: Protected,
    pub(crate) takes: u32,
    pub(crate) done: u32,
    pub(crate) of: u32,
}

/// What destructive actions took within the last hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Spent {
    tenants: Hour,
    /// By minute; each machine once.
    machines: Vec<(u64, NodeId)>,
    #[serde(with = "crate::pairs")]
    replicas: BTreeMap<ServiceId, Hour>,
    #[serde(with = "crate::pairs")]
    connections: BTreeMap<PoolerId, Hour>,
}

/// How much, by minute of the last hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Hour(Vec<(u64, u32)>);

impl Guard {
    /// How much may be taken of so much within an hour; none where there is no cap.
    #[must_use]
    pub fn limit(&self, unit: Protected, of: u32) -> Option<u32> {
        let (share, always) = match unit {
            Protected::Tenants => (self.tenants_an_hour, self.tenants_always),
            Protected::Machines => (self.machines_an_hour, self.machines_always),
            Protected::Replicas => (self.replicas_an_hour, self.replicas_always),
            Protected::Connections => (self.connections_an_hour, self.connections_always),
        };
        if share >= Ppm::WHOLE {
            return None;
        }
        if share.0 == 0 {
            return Some(0);
        }
        let part = u64::from(of) * u64::from(share.0) / 1_000_000;
        Some(u32::try_from(part).unwrap_or(u32::MAX).max(always))
    }
}

impl Spent {
    /// What an action would take; none where it takes nothing that a cap protects.
    pub(crate) fn charge(&self, view: &ClusterView, action: Action) -> Option<Charge> {
        let now = view.taken_at;
        let charge = |unit, takes, done, of| Some(Charge { unit, takes, done, of });
        match action {
            Action::Hibernate { .. }
            | Action::Move { .. }
            | Action::Evict { .. }
            | Action::Abandon { .. }
            | Action::Resize { .. } => {
                let done = self.tenants.within(now);
                charge(Protected::Tenants, 1, done, view.tenants_present())
            }
            Action::Cordon { node } | Action::Drain { node } | Action::RemoveNode { node } => {
                let pool = view.node(node).pool;
                let counted = self.of_pool(view, pool).any(|(_, id)| id == node);
                let done = self.of_pool(view, pool).count();
                let gone = self
                    .of_pool(view, pool)
                    .filter(|(_, id)| view.node(*id).state == NodeState::Gone)
                    .count();
                let sums = view.pool(pool).sums;
                let of = sums.ready + sums.lost + small(gone);
                charge(Protected::Machines, u32::from(!counted), small(done), of)
            }
            Action::Scale { service, from, to } => {
                let done = self.replicas.get(&service).map_or(0, |hour| hour.within(now));
                let of = from.saturating_add(done);
                charge(Protected::Replicas, from.saturating_sub(to), done, of)
            }
            Action::LimitConnections { pooler, from, most, .. } => {
                let done = self.connections.get(&pooler).map_or(0, |hour| hour.within(now));
                let of = view.pooler(pooler).most;
                charge(Protected::Connections, from.saturating_sub(most), done, of)
            }
            Action::Place { .. }
            | Action::Wake { .. }
            | Action::AddNodes { .. }
            | Action::Uncordon { .. }
            // It leaves as many replicas as there are, and a release is left no more than once.
            | Action::RevertRelease { .. }
            | Action::BackUp { .. }
            | Action::Restore { .. }
            | Action::FailOver { .. } => None,
        }
    }

    /// Machines of a pool that were taken from within the hour.
    fn of_pool<'a>(
        &'a self,
        view: &'a ClusterView,
        pool: PoolId,
    ) -> impl Iterator<Item = (u64, NodeId)> + 'a {
        let first = first_minute(view.taken_at);
        let within = self.machines.iter().copied().filter(move |(at, _)| *at >= first);
        within.filter(move |(_, id)| view.node(*id).pool == pool)
    }

    /// Writes down what a destructive action takes.
    pub(crate) fn add(&mut self, now: Moment, action: Action) {
        match action {
            Action::Hibernate { .. }
            | Action::Move { .. }
            | Action::Evict { .. }
            | Action::Abandon { .. }
            | Action::Resize { .. } => self.tenants.add(now, 1),
            Action::Cordon { node } | Action::Drain { node } | Action::RemoveNode { node } => {
                let first = first_minute(now);
                self.machines.retain(|(at, _)| *at >= first);
                if !self.machines.iter().any(|(_, id)| *id == node) {
                    self.machines.push((minute(now), node));
                }
            }
            Action::Scale { service, from, to } => {
                self.replicas.entry(service).or_default().add(now, from.saturating_sub(to));
            }
            Action::LimitConnections { pooler, from, most, .. } => {
                self.connections.entry(pooler).or_default().add(now, from.saturating_sub(most));
            }
            Action::Place { .. }
            | Action::Wake { .. }
            | Action::AddNodes { .. }
            | Action::Uncordon { .. }
            | Action::RevertRelease { .. }
            | Action::BackUp { .. }
            | Action::Restore { .. }
            | Action::FailOver { .. } => {}
        }
    }
}

impl Hour {
    fn within(&self, now: Moment) -> u32 {
        let first = first_minute(now);
        self.0.iter().filter(|(at, _)| *at >= first).fold(0, |sum, (_, n)| sum.saturating_add(*n))
    }

    fn add(&mut self, now: Moment, taken: u32) {
        let (at, first) = (minute(now), first_minute(now));
        self.0.retain(|(minute, _)| *minute >= first);
        match self.0.last_mut() {
            Some((minute, count)) if *minute == at => *count = count.saturating_add(taken),
            Some(_) | None => self.0.push((at, taken)),
        }
    }
}

fn minute(at: Moment) -> u64 {
    at.0 / Span::minutes(1).0
}

fn first_minute(now: Moment) -> u64 {
    minute(now).saturating_sub(59)
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
