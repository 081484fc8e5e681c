//! Starts: after sleep, after a move, after a first placement. One machine starts only so many at
//! the same time; others queue.

use super::{Event, Phase, StartCall, World};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Purpose, Stage, TenantId};

const START: Purpose = Purpose::new("tenant start");

impl World {
    /// How long the start of that turn takes: a crowded machine is as much slower as more cpu is
    /// asked of it than it has.
    pub(crate) fn start_takes(&self, id: TenantId, turn: u32) -> Span {
        let mut stream = self.dice.turn(u64::from(id.0), START, u64::from(turn));
        let takes = self.design.waking.sample(&mut stream);
        let Some(node) = self.tenants[id.index()].node else { return takes };
        let node = &self.nodes[node.index()];
        if node.asked.cpu <= node.capacity.cpu || node.capacity.cpu.0 == 0 {
            return takes;
        }
        let slowed = u128::from(takes.0) * u128::from(node.asked.cpu.0);
        Span(u64::try_from(slowed / u128::from(node.capacity.cpu.0)).unwrap_or(u64::MAX))
    }

    /// Begins to start a tenant on its machine, or queues it there.
    pub(crate) fn begin_start(&mut self, id: TenantId) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        let Some(node) = tenant.node else { return };
        tenant.since = now;
        let pool = self.nodes[node.index()].pool;
        let at_once = self.design.pools[pool.index()].starts_at_once;
        if self.nodes[node.index()].starting >= at_once {
            self.tenants[id.index()].phase = Phase::Queued;
            self.nodes[node.index()].queue.push_back(id);
            self.refresh(id);
            return;
        }
        self.nodes[node.index()].starting += 1;
        self.start_now(id);
    }

    fn start_now(&mut self, id: TenantId) {
        let tenant = &mut self.tenants[id.index()];
        tenant.phase = Phase::Starting;
        tenant.runs = tenant.stage;
        tenant.starts += 1;
        let turn = tenant.starts;
        tenant.start_turn = turn;
        self.refresh(id);
        let takes = self.start_takes(id, turn);
        #[expect(clippy::cast_possible_truncation, reason = "its low bits, as the event says")]
        self.later(takes, Event::Started(super::Turn(id, turn as u16)));
    }

    /// A start is done, unless it was given up meanwhile.
    pub(crate) fn started(&mut self, id: TenantId, turn: u16) {
        let now = self.now();
        let tenant = &mut self.tenants[id.index()];
        #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
        if tenant.phase != Phase::Starting || tenant.start_turn as u16 != turn {
            return;
        }
        let tier = tenant.tier.index();
        if tenant.stage == Stage::AWAKE && self.stations.asks_at_start(tier) {
            let turn = tenant.starts;
            let is_again = self.tenants[id.index()].starts_failed > 0;
            if let Some(takes) = self.start_taking(id) {
                self.stations.start_taken(tier, is_again, takes);
                #[expect(clippy::cast_possible_truncation, reason = "its low bits")]
                return self.later(takes, Event::StartTaken(super::Turn(id, turn as u16)));
            }
            let (stations, agenda) = self.calls();
            return stations.start(id, tier, (turn, is_again), agenda);
        }
        self.has_started(id, now);
    }

    /// Its start has been answered, or has failed: then it is started again.
    pub(crate) fn start_answered(&mut self, call: StartCall, is_lived: bool) {
        let (id, now) = (call.tenant, self.now());
        self.start_is_over(call, is_lived);
        let tenant = &mut self.tenants[id.index()];
        #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
        if tenant.phase != Phase::Starting || tenant.starts as u16 != call.turn {
            return;
        }
        if call.is_answered {
            tenant.starts_failed = 0;
            return self.has_started(id, now);
        }
        let failed = tenant.starts_failed;
        tenant.starts_failed += 1;
        self.measures.starts_failed += 1;
        let wait = self.stations.restart_wait(tenant.tier.index(), failed);
        self.later(wait, Event::Restarts(super::Turn(id, call.turn)));
    }

    /// A tenant whose start has failed is started again, unless that was given up meanwhile.
    pub(crate) fn restarts(&mut self, id: TenantId, turn: u16) {
        let tenant = &self.tenants[id.index()];
        #[expect(clippy::cast_possible_truncation, reason = "compared by its low bits")]
        if tenant.phase == Phase::Starting && tenant.starts as u16 == turn {
            self.start_now(id);
        }
    }

    fn has_started(&mut self, id: TenantId, now: Moment) {
        let tenant = &mut self.tenants[id.index()];
        tenant.phase = Phase::Settled;
        tenant.since = now;
        let awake = tenant.serves();
        self.leave_start(id);
        if awake {
            self.serve_waiting(id);
            self.arm_load(id);
        }
        self.refresh(id);
    }

    /// A tenant leaves its machine or goes back to sleep while it starts or queues.
    pub(crate) fn abandon_start(&mut self, id: TenantId) {
        let tenant = &mut self.tenants[id.index()];
        let Some(node) = tenant.node else { return };
        match tenant.phase {
            Phase::Starting => {
                tenant.phase = Phase::Settled;
                self.leave_start(id);
            }
            Phase::Queued => {
                tenant.phase = Phase::Settled;
                self.nodes[node.index()].queue.retain(|queued| *queued != id);
            }
            Phase::Homeless | Phase::Settled | Phase::Gone => {}
        }
    }

    /// The next in the machine's queue takes the place of one that has started.
    fn leave_start(&mut self, id: TenantId) {
        let Some(node) = self.tenants[id.index()].node else { return };
        match self.nodes[node.index()].queue.pop_front() {
            Some(next) => self.start_now(next),
            None => self.nodes[node.index()].starting -= 1,
        }
    }
}
