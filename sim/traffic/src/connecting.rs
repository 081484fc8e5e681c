//! How an attempt gets a connection, out of a pool or of its own, waits for one, and lets go of it; and
//! how pools open and close theirs. Knows no query.

use super::Stations;
use super::attempts::{Link, Place};
use super::databases::Opened;
use super::endings::Failure;
use super::ids::AttemptId;
use super::poolers::{Given, Released};
use crate::event::{Event, Hosts, WORLD};
use seatrial_contract::units::Span;
use seatrial_kernel::agenda::Agenda;

impl Stations {
    /// Opens a connection of its own.
    pub(super) fn connect(
        &mut self,
        id: AttemptId,
        database: u16,
        agenda: &mut Agenda<impl Hosts>,
    ) {
        match self.open(database, agenda) {
            Opened::Yes => self.connecting(id, database, Link::Direct { database }, agenda),
            Opened::Refused => self.fail(id, Failure::Unconnected, agenda),
            Opened::Down | Opened::Crashed => {
                let why = self.databases[usize::from(database)].why_down();
                self.fail(id, why, agenda);
            }
        }
    }

    /// Opens a connection of a pooler, which closes an idle one where it has as many as it may.
    fn open_pooled(
        &mut self,
        number: u16,
        database: u16,
        agenda: &mut Agenda<impl Hosts>,
    ) -> Opened {
        if self.poolers[usize::from(number)].makes_room(agenda.now()) {
            self.databases[usize::from(database)].close(agenda.now());
        }
        self.open(database, agenda)
    }

    fn open(&mut self, database: u16, agenda: &mut Agenda<impl Hosts>) -> Opened {
        let now = agenda.now();
        let opened = self.databases[usize::from(database)].open(now);
        if opened == Opened::Crashed {
            let takes = self.databases[usize::from(database)].crash(now, self.dice, agenda);
            self.cut_off(database, agenda);
            let at = now.after(takes);
            if at <= self.ends_at {
                agenda.schedule(at, WORLD, Event::DatabaseBack(database).into());
            }
        }
        opened
    }

    fn connecting(
        &mut self,
        id: AttemptId,
        database: u16,
        link: Link,
        agenda: &mut Agenda<impl Hosts>,
    ) {
        let attempt = self.attempts.get_mut(id);
        (attempt.place, attempt.link) = (Place::Connecting, Some(link));
        let (number, turn) = attempt.turn();
        let takes = self.databases[usize::from(database)].connecting(number, turn, self.dice);
        if takes == Span::ZERO {
            return self.query(id, agenda);
        }
        let at = agenda.now().after(takes);
        if at <= self.ends_at {
            self.attempts.get_mut(id).timer =
                Some(agenda.schedule_timer(at, WORLD, Event::Connected(id).into()));
        }
    }

    /// A connection is open.
    pub fn connected(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        self.attempts.get_mut(id).timer = None;
        if !self.is_dropped(id, agenda) {
            self.query(id, agenda);
        }
    }

    /// Asks a pool for a connection.
    pub(super) fn ask_pool(&mut self, id: AttemptId, number: u16, agenda: &mut Agenda<impl Hosts>) {
        let now = agenda.now();
        let attempt = *self.attempts.get(id);
        let pooler = &mut self.poolers[usize::from(number)];
        let pool = pooler.pool_of(&attempt);
        let (database, waits) = (pooler.database, pooler.waits);
        let link = Link::Pooled { pooler: number, pool };
        match pooler.ask(pool, now) {
            Given::Idle => {
                self.attempts.get_mut(id).link = Some(link);
                self.query(id, agenda);
                self.fill(number, pool, agenda);
            }
            Given::Refused => self.fail(id, Failure::Unconnected, agenda),
            Given::Fresh => match self.open_pooled(number, database, agenda) {
                Opened::Yes => {
                    self.poolers[usize::from(number)].opened(pool, now);
                    self.connecting(id, database, link, agenda);
                    self.fill(number, pool, agenda);
                }
                Opened::Refused | Opened::Down | Opened::Crashed => {
                    self.stand_in_line(id, (number, pool), waits, agenda);
                    self.plan_reconnecting(number, agenda);
                }
            },
            Given::Line => self.stand_in_line(id, (number, pool), waits, agenda),
        }
    }

    /// Opens the connections that a pool keeps, whoever needs them.
    fn fill(&mut self, number: u16, pool: u32, agenda: &mut Agenda<impl Hosts>) {
        while self.poolers[usize::from(number)].lacks(pool) {
            let database = self.poolers[usize::from(number)].database;
            match self.open(database, agenda) {
                Opened::Yes => {
                    self.poolers[usize::from(number)].keep(pool, agenda.now());
                    self.plan_sweep(number, agenda);
                }
                Opened::Refused | Opened::Down | Opened::Crashed => {
                    return self.plan_reconnecting(number, agenda);
                }
            }
        }
    }

    fn stand_in_line(
        &mut self,
        id: AttemptId,
        (number, pool): (u16, u32),
        waits: Span,
        agenda: &mut Agenda<impl Hosts>,
    ) {
        let now = agenda.now();
        let line = self.poolers[usize::from(number)].stands(pool, now);
        line.push_last(id, &mut self.attempts);
        let attempt = self.attempts.get_mut(id);
        attempt.place = Place::Pool;
        attempt.link = Some(Link::Pooled { pooler: number, pool });
        attempt.waits_since = now;
        let at = now.after(waits);
        if at <= self.ends_at {
            attempt.timer = Some(agenda.schedule_timer(at, WORLD, Event::PoolGivesUp(id).into()));
        }
    }

    /// Whoever waited for a connection of a pool has waited long enough.
    pub fn pool_gives_up(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        self.attempts.get_mut(id).timer = None;
        if let Some(Link::Pooled { pooler, .. }) = self.attempts.get(id).link {
            self.poolers[usize::from(pooler)].timed_out();
        }
        self.leave_pool_line(id, agenda);
        self.fail(id, Failure::Unconnected, agenda);
    }

    /// Takes an attempt that waits in a pool's line out of it, without a connection.
    pub(super) fn leave_pool_line(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        let attempt = self.attempts.get_mut(id);
        attempt.place = Place::Service;
        if let Some(timer) = attempt.timer.take() {
            agenda.cancel(timer);
        }
        if let Some(Link::Pooled { pooler, pool }) = attempt.link.take() {
            let line = self.poolers[usize::from(pooler)].leaves_line(pool, None, agenda.now());
            line.remove(id, &mut self.attempts);
        }
    }

    /// The first in line is given a connection: one that was used before, or one that was opened.
    fn give(&mut self, id: AttemptId, is_fresh: bool, agenda: &mut Agenda<impl Hosts>) {
        let now = agenda.now();
        let attempt = self.attempts.get_mut(id);
        let waited = now.since(attempt.waits_since);
        if let Some(timer) = attempt.timer.take() {
            agenda.cancel(timer);
        }
        let Some(link @ Link::Pooled { pooler: number, pool }) = attempt.link else { return };
        let pooler = &mut self.poolers[usize::from(number)];
        pooler.leaves_line(pool, Some(waited), now).remove(id, &mut self.attempts);
        let database = pooler.database;
        if is_fresh {
            pooler.grew(pool, now);
            self.connecting(id, database, link, agenda);
        } else {
            self.query(id, agenda);
        }
    }

    /// Gives back the connection that an attempt has, if it has one.
    pub(super) fn let_go(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        let now = agenda.now();
        match self.attempts.get_mut(id).link.take() {
            None => {}
            Some(Link::Direct { database }) => self.databases[usize::from(database)].close(now),
            Some(Link::Pooled { pooler: number, pool }) => {
                let pooler = &mut self.poolers[usize::from(number)];
                let database = pooler.database;
                match pooler.released(pool, now) {
                    Released::To(next) => self.give(next, false, agenda),
                    Released::Idle => {
                        self.plan_sweep(number, agenda);
                        self.feed_starved(number, agenda);
                    }
                    Released::Closed => {
                        self.databases[usize::from(database)].close(now);
                        self.feed_starved(number, agenda);
                    }
                }
            }
        }
    }

    fn plan_sweep(&mut self, number: u16, agenda: &mut Agenda<impl Hosts>) {
        let pooler = &mut self.poolers[usize::from(number)];
        let next = pooler.next_sweep().filter(|at| *at <= self.ends_at);
        // One that is planned comes no later than any that is to be planned now.
        if let Some(at) = next.filter(|_| !pooler.sweeps) {
            pooler.sweeps = true;
            agenda.schedule(at, WORLD, Event::PoolSwept(number).into());
        }
    }

    /// A pooler closes what nobody uses.
    pub fn pool_swept(&mut self, number: u16, agenda: &mut Agenda<impl Hosts>) {
        let now = agenda.now();
        let pooler = &mut self.poolers[usize::from(number)];
        pooler.sweeps = false;
        let (closed, database) = (pooler.sweep(now), pooler.database);
        (0..closed).for_each(|_| self.databases[usize::from(database)].close(now));
        self.plan_sweep(number, agenda);
        if closed > 0 {
            self.feed(number, agenda);
        }
    }

    pub(super) fn plan_reconnecting(&mut self, number: u16, agenda: &mut Agenda<impl Hosts>) {
        let pooler = &mut self.poolers[usize::from(number)];
        let at = agenda.now().after(pooler.reconnects_after);
        if !core::mem::replace(&mut pooler.reconnects, true) && at <= self.ends_at {
            agenda.schedule(at, WORLD, Event::Reconnects(number).into());
        }
    }

    /// A pooler tries again to open the connections that it could not.
    pub fn reconnects(&mut self, number: u16, agenda: &mut Agenda<impl Hosts>) {
        self.poolers[usize::from(number)].reconnects = false;
        self.feed(number, agenda);
    }

    /// Opens connections for those who wait in pools that may grow.
    pub(super) fn feed(&mut self, number: u16, agenda: &mut Agenda<impl Hosts>) {
        let database = self.poolers[usize::from(number)].database;
        while let Some((_, first)) = self.poolers[usize::from(number)].starving() {
            match self.open_pooled(number, database, agenda) {
                Opened::Yes => self.give(first, true, agenda),
                Opened::Refused | Opened::Down | Opened::Crashed => {
                    return self.plan_reconnecting(number, agenda);
                }
            }
        }
    }

    pub(super) fn feed_starved(&mut self, number: u16, agenda: &mut Agenda<impl Hosts>) {
        if self.poolers[usize::from(number)].starves() {
            self.feed(number, agenda);
        }
    }
}
