//! Pools of connections to a database: who has one, who waits for one. A caller is given the one that
//! came back last, as PgBouncer does (`server_round_robin = 0`), so that those that are not needed stay idle
//! and are closed, each when its own time is up. Knows no query and no time-out but its own.

pub(super) mod figures;
pub(super) mod invariants;
pub(super) mod metrics;

use super::attempts::{Attempt, Queue};
use super::ids::{AttemptId, ReplicaQueueId};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::Connections;
use seatrial_contract::{TenantId, TierId};
use seatrial_format::scenario::{PoolPer, Pooler as PoolerFile, Pooling};
use seatrial_kernel::statistics::{Sketch, TimeWeighted};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

/// A pooler.
pub(super) struct Pooler {
    pub(super) name: String,
    /// The place of its database among the stations.
    pub(super) database: u16,
    pub(super) terms: Terms,
    pools: Vec<Pool>,
    /// Pools in which somebody waits although they are not at their size.
    starved: VecDeque<u32>,
    pub(super) reconnects: bool,
    pub(super) sweeps: bool,
    /// Connections of all pools that nobody uses.
    idle: u64,
    /// So many reasons why it is lost.
    pub(super) down: u32,
    /// When to look at pools with idle connections for those whose time is up; each is here once at most.
    watched: BinaryHeap<Reverse<(Moment, u32)>>,
    counted: Counted,
}

/// What its file says.
pub(super) struct Terms {
    pub(super) pooling: Pooling,
    pub(super) waits: Span,
    idles: Span,
    pub(super) reconnects_after: Span,
    pub(super) apart: PoolPer,
    pool_size: u32,
    /// So many connections a pool that is used keeps open.
    keeps: u32,
    most: u64,
    clients_most: u64,
    /// It has a place of its own, and does not stand with its database.
    pub(super) has_place: bool,
}

/// How many there are of each, over time, and what happened.
struct Counted {
    clients: TimeWeighted,
    waiting: TimeWeighted,
    open: TimeWeighted,
    seen: Seen,
}

/// The connections of one user, tenant or process.
#[derive(Clone, Debug)]
struct Pool {
    /// Connections at the most; it may have more for a while after this was lowered.
    most: u32,
    open: u32,
    /// Connections that nobody uses, by when they came back: the last one is used next.
    idle: VecDeque<Moment>,
    is_watched: bool,
    is_starved: bool,
    /// Its tenant sleeps, or its replica ends: whatever comes back is closed.
    closes: bool,
    waiting: u32,
    line: Queue,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    asked: u64,
    refused: u64,
    timed_out: u64,
    /// Of those who were given a connection.
    wait: Sketch,
}

/// What a caller gets who asks for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// One that was idle.
    Idle,
    /// One that has to be opened first.
    Fresh,
    /// A place in line.
    InLine,
    /// Nothing: there are too many callers.
    Refused,
}

/// What becomes of a connection that comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Released {
    /// The next in line gets it.
    To(AttemptId),
    /// It stays open.
    Idle,
    /// It is closed.
    Closed,
}

impl Pool {
    fn has_room(&self) -> bool {
        self.open < self.most
    }

    fn idle(&self) -> u32 {
        u32::try_from(self.idle.len()).unwrap_or(u32::MAX)
    }
}

impl Pooler {
    pub(super) fn new(file: &PoolerFile, database: u16, now: Moment) -> Self {
        let most = |of: Option<u32>| of.map_or(u64::MAX, u64::from);
        Self {
            name: file.name.to_string(),
            database,
            terms: Terms {
                pooling: file.pooling,
                waits: file.wait_timeout.value,
                idles: file.idle_timeout.value.max(Span::millis(1)),
                reconnects_after: file.reconnects_after.value,
                apart: file.pool_per,
                pool_size: file.pool_size.get(),
                keeps: file.min_pool_size.value,
                most: most(file.most.as_ref().map(|of| of.get())),
                clients_most: most(file.clients_most.as_ref().map(|of| of.get())),
                has_place: file.place.is_some(),
            },
            pools: Vec::new(),
            starved: VecDeque::new(),
            reconnects: false,
            sweeps: false,
            idle: 0,
            down: 0,
            watched: BinaryHeap::new(),
            counted: Counted {
                clients: TimeWeighted::new(now, 0),
                waiting: TimeWeighted::new(now, 0),
                open: TimeWeighted::new(now, 0),
                seen: Seen::default(),
            },
        }
    }

    /// Whose pool it is that an attempt asks.
    pub(super) fn pool_of(&mut self, attempt: &Attempt) -> u32 {
        let pool = match self.terms.apart {
            PoolPer::Database => 0,
            PoolPer::Traffic => attempt.call.caller.source.index(),
            PoolPer::Tenant => attempt.call.caller.tenant.map_or(0, |id| id.index() + 1),
            // The format lets nobody without a tier through.
            PoolPer::Tier => attempt.call.caller.tier.map_or(0, TierId::index),
            PoolPer::Replica => {
                attempt.holds.replica_queue.map_or(0, |replica_queue| replica_queue.index() + 1)
            }
        };
        self.reach(pool);
        u32::try_from(pool).expect("pools can be numbered")
    }

    /// Has so many pools that this is one of them.
    fn reach(&mut self, pool: usize) {
        if self.pools.len() <= pool {
            let none = Pool {
                most: self.terms.pool_size,
                open: 0,
                idle: VecDeque::new(),
                is_watched: false,
                is_starved: false,
                closes: false,
                waiting: 0,
                line: Queue::EMPTY,
            };
            self.pools.resize(pool + 1, none);
        }
    }

    /// Somebody asks for a connection; one that has to be opened is not counted before it is.
    pub(super) fn ask(&mut self, pool: u32, now: Moment) -> Given {
        self.counted.seen.asked += 1;
        if self.counted.clients.value() >= self.terms.clients_most {
            self.counted.seen.refused += 1;
            return Given::Refused;
        }
        self.counted.clients.add(now, 1);
        let of = &mut self.pools[pool as usize];
        of.closes = false;
        if of.idle.pop_back().is_some() {
            self.idle -= 1;
            self.counted.seen.wait.add(0);
            return Given::Idle;
        }
        if self.may_open(pool) { Given::Fresh } else { Given::InLine }
    }

    fn may_open(&self, pool: u32) -> bool {
        // After a connection that was not to be had, none is tried for a while.
        let may_try =
            !self.reconnects && (self.counted.open.value() < self.terms.most || self.has_idle());
        may_try && self.pools[pool as usize].has_room()
    }

    /// Closes the connection that nobody has used for longest, where there are as many as may be
    /// (PgBouncer: `evict_connection`); whether it did.
    pub(super) fn makes_room(&mut self, now: Moment) -> bool {
        if self.counted.open.value() < self.terms.most {
            return false;
        }
        let idle = self.pools.iter_mut().filter(|pool| !pool.idle.is_empty());
        let Some(oldest) = idle.min_by_key(|pool| pool.idle.front().copied()) else { return false };
        oldest.idle.pop_front();
        oldest.open -= 1;
        self.idle -= 1;
        self.counted.open.add(now, -1);
        true
    }

    /// A connection was opened for somebody who did not wait.
    pub(super) fn opened(&mut self, pool: u32, now: Moment) {
        self.counted.seen.wait.add(0);
        self.grew(pool, now);
    }

    /// A connection was opened for the first in line.
    pub(super) fn grew(&mut self, pool: u32, now: Moment) {
        self.pools[pool as usize].open += 1;
        self.counted.open.add(now, 1);
    }

    /// Whether a pool should have another connection open that nobody needs yet.
    pub(super) fn lacks(&self, pool: u32) -> bool {
        let of = &self.pools[pool as usize];
        let is_short = of.open < self.terms.keeps.min(of.most) && of.line.first().is_none();
        is_short && !of.closes && !self.reconnects && self.counted.open.value() < self.terms.most
    }

    /// A connection was opened that nobody needs yet.
    pub(super) fn keep(&mut self, pool: u32, now: Moment) {
        self.pools[pool as usize].open += 1;
        self.counted.open.add(now, 1);
        self.idles(pool, now);
    }

    /// A connection is idle from now on.
    fn idles(&mut self, pool: u32, now: Moment) {
        self.idle += 1;
        let of = &mut self.pools[pool as usize];
        of.idle.push_back(now);
        if !core::mem::replace(&mut of.is_watched, true) {
            self.watched.push(Reverse((now.after(self.terms.idles), pool)));
        }
    }

    /// Somebody has to wait. Whether the pool would open a connection if it could.
    pub(super) fn stands(&mut self, pool: u32, now: Moment) -> &mut Queue {
        self.counted.waiting.add(now, 1);
        let of = &mut self.pools[pool as usize];
        of.waiting += 1;
        if of.has_room() && !core::mem::replace(&mut of.is_starved, true) {
            self.starved.push_back(pool);
        }
        &mut of.line
    }

    /// Somebody leaves the line, with a connection after so long or without.
    pub(super) fn leaves_line(&mut self, pool: u32, with: Option<Span>, now: Moment) -> &mut Queue {
        self.counted.waiting.add(now, -1);
        match with {
            Some(waited) => self.counted.seen.wait.add(waited.0),
            None => self.counted.clients.add(now, -1),
        }
        let of = &mut self.pools[pool as usize];
        of.waiting -= 1;
        &mut of.line
    }

    pub(super) fn timed_out(&mut self) {
        self.counted.seen.timed_out += 1;
    }

    /// Somebody is done with a connection.
    pub(super) fn released(&mut self, pool: u32, now: Moment) -> Released {
        self.counted.clients.add(now, -1);
        let of = &mut self.pools[pool as usize];
        let is_beyond = of.open > of.most;
        if let Some(next) = of.line.first().filter(|_| !is_beyond) {
            return Released::To(next);
        }
        if of.closes || is_beyond {
            of.open -= 1;
            self.counted.open.add(now, -1);
            return Released::Closed;
        }
        self.idles(pool, now);
        Released::Idle
    }

    /// Somebody leaves whose connection is not there any more.
    pub(super) fn lost(&mut self, now: Moment) {
        self.counted.clients.add(now, -1);
    }

    /// The next pool in which somebody waits for a connection that can be opened now.
    pub(super) fn starving(&mut self) -> Option<(u32, AttemptId)> {
        while let Some(pool) = self.starved.front().copied() {
            let may_open = self.may_open(pool);
            let of = &mut self.pools[pool as usize];
            match of.line.first() {
                Some(first) if may_open => return Some((pool, first)),
                Some(_) if of.has_room() => return None,
                _ => {
                    of.is_starved = false;
                    self.starved.pop_front();
                }
            }
        }
        None
    }

    /// When there may be a connection again that was idle for too long.
    pub(super) fn next_sweep(&self) -> Option<Moment> {
        self.watched.peek().map(|Reverse((at, _))| *at)
    }

    /// Closes what was idle for too long; how many. As PgBouncer does, it leaves a pool no fewer than it
    /// keeps, however long they were idle.
    pub(super) fn sweep(&mut self, now: Moment) -> u64 {
        let before = self.counted.open.value();
        while self.next_sweep().is_some_and(|at| at <= now) {
            let Some(Reverse((_, number))) = self.watched.pop() else { break };
            let pool = &mut self.pools[number as usize];
            pool.is_watched = false;
            let is_over = |since: &Moment| since.after(self.terms.idles) <= now;
            while pool.idle.front().is_some_and(is_over)
                && (pool.open > self.terms.keeps || pool.closes)
            {
                pool.idle.pop_front();
                pool.open -= 1;
                self.idle -= 1;
                self.counted.open.add(now, -1);
            }
            // Those that are kept are looked at again when there were none idle meanwhile: before that, the
            // pool opens no more.
            if let Some(since) = pool.idle.front().filter(|since| !is_over(since)) {
                pool.is_watched = true;
                self.watched.push(Reverse((since.after(self.terms.idles), number)));
            }
        }
        before - self.counted.open.value()
    }

    pub(super) fn has_idle(&self) -> bool {
        self.idle > 0
    }

    /// A tenant sleeps: its idle connections are closed; how many.
    pub(super) fn sleeps(&mut self, id: TenantId, now: Moment) -> u64 {
        if self.terms.apart == PoolPer::Tenant { self.close_pool(id.index() + 1, now) } else { 0 }
    }

    /// A replica of a service ends: its idle connections are closed; how many.
    pub(super) fn replica_ends(&mut self, replica_queue: ReplicaQueueId, now: Moment) -> u64 {
        if self.terms.apart == PoolPer::Replica {
            self.close_pool(replica_queue.index() + 1, now)
        } else {
            0
        }
    }

    /// Closes what a pool has idle, and what comes back until somebody asks it again; how many were
    /// idle.
    fn close_pool(&mut self, pool: usize, now: Moment) -> u64 {
        let Some(pool) = self.pools.get_mut(pool) else { return 0 };
        pool.closes = true;
        let closed = u64::from(pool.idle());
        pool.open -= pool.idle();
        pool.idle.clear();
        self.idle -= closed;
        self.counted.open.set(now, self.counted.open.value() - closed);
        closed
    }

    /// It is lost: what is idle is closed, and what comes back; how many were idle.
    pub(super) fn closes_all(&mut self, now: Moment) -> u64 {
        (0..self.pools.len()).map(|pool| self.close_pool(pool, now)).sum()
    }

    /// All connections are cut off.
    pub(super) fn cut_off(&mut self, now: Moment) {
        for (number, pool) in (0..).zip(&mut self.pools) {
            (pool.open, _) = (0, pool.idle.clear());
            if pool.line.first().is_some() && !core::mem::replace(&mut pool.is_starved, true) {
                self.starved.push_back(number);
            }
        }
        self.counted.open.set(now, 0);
        self.idle = 0;
    }

    /// Whether somebody waits in a pool that is not at its limit.
    pub(super) fn starves(&self) -> bool {
        !self.starved.is_empty()
    }

    /// What is to be seen of a tier's connections.
    pub(super) fn connections(&self, tier: TierId) -> Connections {
        let none = Connections { most: self.terms.pool_size, ..Connections::default() };
        self.pools.get(tier.index()).map_or(none, |pool| Connections {
            in_use: pool.open - pool.idle(),
            waiting: pool.waiting,
            most: pool.most,
        })
    }

    /// Limits a tier's connections to so many; how many that were idle are closed.
    pub(super) fn limit(&mut self, tier: TierId, most: u32, now: Moment) -> u64 {
        self.reach(tier.index());
        let pool = &mut self.pools[tier.index()];
        pool.most = most;
        let closed = pool.open.saturating_sub(most).min(pool.idle());
        pool.idle.drain(..closed as usize);
        pool.open -= closed;
        let waits = pool.line.first().is_some() && pool.has_room();
        if waits && !core::mem::replace(&mut pool.is_starved, true) {
            self.starved.push_back(u32::try_from(tier.index()).expect("pools can be numbered"));
        }
        let closed = u64::from(closed);
        self.idle -= closed;
        self.counted.open.set(now, self.counted.open.value() - closed);
        closed
    }

    pub(super) fn reset(&mut self, now: Moment) {
        self.counted.seen = Seen::default();
        for of in [&mut self.counted.clients, &mut self.counted.waiting, &mut self.counted.open] {
            of.reset(now);
        }
    }
}
