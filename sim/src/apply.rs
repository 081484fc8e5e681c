//! Action → change of the world, after the time it takes to reach its target. An action whose
//! precondition no longer holds is refused. Knows no policy and no reason.

use crate::plant::{Event, Phase, STEER, World};
use seatrial_contract::units::Span;
use seatrial_contract::{Action, Footprint, NodeId, Stage, TenantId, Verdict};
use std::collections::VecDeque;

/// Actions on their way.
pub(crate) struct Acting {
    delay: Span,
    flying: VecDeque<Action>,
}

impl Acting {
    pub(crate) fn new(delay: Span) -> Self {
        Self { delay, flying: VecDeque::new() }
    }
}

impl World {
    /// The policies look, and their actions set out; the next tick is planned.
    pub(crate) fn tick(&mut self) {
        let next = self.now().after(self.design.tick);
        self.agenda.schedule(next, STEER, Event::Tick);
        self.tick_and(|world, action| {
            if world.acting.delay == Span::ZERO {
                return world.apply(action);
            }
            world.acting.flying.push_back(action);
            let arrives = world.now().after(world.acting.delay);
            world.agenda.schedule(arrives, STEER, Event::Acted);
        });
    }

    /// The oldest action on its way arrives.
    pub(crate) fn acted(&mut self) {
        if let Some(action) = self.acting.flying.pop_front() {
            self.apply(action);
        }
    }

    /// Has the pilot look, notes its decisions, and hands each action to `deed`. Says how many
    /// there were.
    pub(crate) fn tick_and(&mut self, mut deed: impl FnMut(&mut Self, Action)) -> usize {
        let Some(mut pilot) = self.pilot.take() else { return 0 };
        self.view.taken_at = self.now();
        let mut count = 0;
        pilot.tick(&self.view, self.dice);
        let decisions = pilot.decided();
        if let Some(logbook) = &mut self.logbook {
            logbook.turn(&self.view, &self.design, decisions, &pilot);
        }
        for decision in &decisions.all {
            let (verdict, reason) = match &decision.verdict {
                Verdict::Hold => ("hold", decision.reason.word()),
                Verdict::Act { action, .. } => (action.word(), decision.reason.word()),
            };
            self.log.count((decision.policy.0, verdict, reason));
            let Verdict::Act { action, .. } = decision.verdict else { continue };
            count += 1;
            if self.launched {
                self.log.actions.push((self.view.taken_at, *decision));
            }
            deed(self, action);
        }
        self.view.settle();
        self.pilot = Some(pilot);
        count
    }

    pub(crate) fn apply(&mut self, action: Action) {
        let done = match action {
            Action::Place { tenant, node } => self.place(tenant, node),
            Action::Move { tenant, from, node } => self.relocate(tenant, from, node),
            Action::Evict { tenant, from } => self.evict(tenant, from),
            Action::Hibernate { tenant, stage } => self.hibernate(tenant, stage),
            Action::Wake { tenant } => self.wake(tenant),
            Action::Resize { tenant, unit, from, to } => self.resize(tenant, unit, from, to),
            Action::AddNodes { pool, count } => self.add_nodes(pool, count),
            Action::Cordon { node } => self.mark(node, |row| row.cordoned = true),
            Action::Uncordon { node } => {
                self.mark(node, |row| (row.cordoned, row.draining) = (false, false))
            }
            Action::Drain { node } => {
                let done = self.mark(node, |row| row.draining = true);
                self.keep_all_replicas();
                done
            }
            Action::RemoveNode { node } => self.remove(node),
            Action::LimitConnections { pooler, tier, from, most } => {
                self.stir();
                let now = self.calls_now();
                let (stations, agenda) = self.calls();
                stations.limit_connections(pooler, tier, (from, most), now, agenda)
            }
            Action::Scale { service, from, to } => self.scale(service.index(), from, to),
        };
        self.measures.refused += u64::from(!done);
    }

    fn is_there(&self, node: NodeId) -> bool {
        self.nodes[node.index()].ready
    }

    fn place(&mut self, id: TenantId, node: NodeId) -> bool {
        if self.tenants[id.index()].phase != Phase::Homeless || !self.is_there(node) {
            return false;
        }
        self.rehome(id, Some(node));
        if self.tenants[id.index()].wanted {
            self.enter_stage(id, Stage::AWAKE);
        }
        self.begin_start(id);
        true
    }

    fn relocate(&mut self, id: TenantId, from: NodeId, node: NodeId) -> bool {
        let tenant = &self.tenants[id.index()];
        if tenant.node != Some(from) || !self.is_there(node) || node == from {
            return false;
        }
        self.count_interruption(id);
        self.abandon_start(id);
        self.rehome(id, Some(node));
        if self.tenants[id.index()].wanted {
            self.enter_stage(id, Stage::AWAKE);
        }
        self.measures.moves += 1;
        self.begin_start(id);
        true
    }

    fn evict(&mut self, id: TenantId, from: NodeId) -> bool {
        if self.tenants[id.index()].node != Some(from) {
            return false;
        }
        self.count_interruption(id);
        self.abandon_start(id);
        self.rehome(id, None);
        self.tenants[id.index()].phase = Phase::Homeless;
        true
    }

    /// Whoever is served now is so no longer.
    pub(crate) fn count_interruption(&mut self, id: TenantId) {
        let tenant = &self.tenants[id.index()];
        self.measures.interrupted += u64::from(tenant.in_session && tenant.serves());
    }

    fn hibernate(&mut self, id: TenantId, stage: Stage) -> bool {
        let tenant = &self.tenants[id.index()];
        let free = !tenant.in_session && !tenant.wanted && tenant.phase == Phase::Settled;
        if !free || tenant.stage >= stage {
            return false;
        }
        self.enter_stage(id, stage);
        self.tenants[id.index()].runs = stage;
        self.measures.hibernations += 1;
        self.refresh(id);
        true
    }

    fn wake(&mut self, id: TenantId) -> bool {
        let tenant = &self.tenants[id.index()];
        if tenant.phase != Phase::Settled || tenant.stage == Stage::AWAKE {
            return false;
        }
        self.enter_stage(id, Stage::AWAKE);
        self.begin_start(id);
        true
    }

    fn add_nodes(&mut self, pool: seatrial_contract::PoolId, count: u32) -> bool {
        let here = self.nodes.iter().filter(|node| node.pool == pool && !node.gone).count();
        let most = self.design.pools[pool.index()].most;
        if u32::try_from(here).unwrap_or(u32::MAX).saturating_add(count) > most {
            return false;
        }
        for _ in 0..count {
            let id = self.order_node(pool);
            let boot = crate::plant::boot_time(self.dice, id, &self.design.pools[pool.index()]);
            self.later(boot, Event::NodeReady(id));
        }
        true
    }

    fn mark(&mut self, id: NodeId, change: impl FnOnce(&mut crate::plant::Node)) -> bool {
        let node = &mut self.nodes[id.index()];
        if node.gone {
            return false;
        }
        change(node);
        self.touch_node(id);
        true
    }

    fn remove(&mut self, id: NodeId) -> bool {
        let node = &self.nodes[id.index()];
        if node.gone || !node.aboard.is_empty() || node.kept != Footprint::default() {
            return false;
        }
        self.retire_node(id);
        true
    }
}
