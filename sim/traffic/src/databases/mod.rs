//! A database: connections that run out, queries that crowd one another, memory that is used up, and
//! the log of what was written. Knows no call and no pool.

pub(super) mod failover;
pub(super) mod log;
pub(super) mod members;
pub(super) mod metrics;
pub(super) mod own;
mod recoveries;
mod sharing;
mod standby;

use super::contention::Contention;
use super::failure::Failure;
use super::figures::{Kept, Show};
use super::ids::AttemptId;
use crate::distributions::distribution;
use crate::event::{Event, Hosts, WORLD};
use crate::trouble::Way;
use members::Members;
use recoveries::Recoveries;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose};
use seatrial_format::scenario::Database as DatabaseFile;
use seatrial_kernel::agenda::{Agenda, Timer};
use seatrial_kernel::chance::Distribution;
use seatrial_kernel::statistics::{Sketch, TimeWeighted};
use sharing::Active;

/// A database server.
pub(super) struct Database {
    pub(super) name: String,
    terms: Terms,
    pub(super) members: Members,
    pub(super) recoveries: Recoveries,
    active: Active,
    next: Option<Timer>,
    levels: Levels,
    /// So many reasons why it cannot be reached.
    down: u32,
    /// What is wrong with it though it lives.
    pub(super) ailing: Ailing,
    /// It is, or was at last, because its memory was used up.
    has_crashed: bool,
    crashes_ever: u64,
    seen: Seen,
}

/// What its file says.
struct Terms {
    /// Connections that callers may have.
    most: u32,
    connecting: Distribution,
    connecting_for: Purpose,
    recovery: Distribution,
    recovery_for: Purpose,
    memory: Option<Memory>,
}

/// What is wrong with a database that lives.
#[derive(Default)]
pub(super) struct Ailing {
    /// It takes no writes for want of a synchronous standby.
    pub(super) is_held: bool,
    /// Connections that somebody else has.
    pub(super) taken: u64,
    /// So many reasons why nobody can connect anew.
    pub(super) unnamed: u32,
    /// How many times as long its queries take, in millionths, by each reason.
    pub(super) slowed: Vec<u64>,
    /// What is wrong with the way to it, by each reason.
    pub(super) ways: Vec<Way>,
}

/// How many there are of each, over time.
struct Levels {
    connections: TimeWeighted,
    queries: TimeWeighted,
    /// What its active queries get done together, in millionths of one that is alone.
    speed: TimeWeighted,
    /// One while it cannot be reached.
    down: TimeWeighted,
}

impl Levels {
    const fn all(&mut self) -> [&mut TimeWeighted; 4] {
        [&mut self.connections, &mut self.queries, &mut self.speed, &mut self.down]
    }
}

struct Memory {
    size: u64,
    shared: u64,
    each: u64,
}

/// What happened at a database.
#[derive(Clone, Debug, Default)]
struct Seen {
    opened: u64,
    refused: u64,
    lost: u64,
    crashes: u64,
    done: u64,
    written: u64,
    /// From a query's beginning to its end.
    takes: Sketch,
}

/// What came of asking for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// There is one.
    Yes,
    /// There is none to be had.
    Refused,
    /// It cannot be reached.
    Down,
    /// It was one too many: the memory is used up, and everybody is cut off.
    Crashed,
}

impl Database {
    pub(super) fn new(file: &DatabaseFile, now: Moment) -> Self {
        let name = file.name.as_str();
        let purpose = |what: &str| Purpose::new(&format!("database {name}: {what}"));
        Self {
            name: name.to_owned(),
            terms: Terms {
                most: file.max_connections.get().saturating_sub(file.reserved.value),
                connecting: distribution(&file.connecting),
                connecting_for: purpose("connecting"),
                recovery: distribution(&file.recovery),
                recovery_for: purpose("recovery"),
                memory: file.memory.as_ref().map(|size| Memory {
                    size: size.value.0,
                    shared: file.shared_memory.value.0,
                    each: file.memory_per_connection.value.0,
                }),
            },
            members: Members::new(file, now),
            recoveries: Recoveries::new(file),
            active: Active::new(Contention::new(&file.contention, file.cores.get()), now),
            next: None,
            levels: Levels {
                connections: TimeWeighted::new(now, 0),
                queries: TimeWeighted::new(now, 0),
                speed: TimeWeighted::new(now, 0),
                down: TimeWeighted::new(now, 0),
            },
            down: 0,
            ailing: Ailing::default(),
            has_crashed: false,
            crashes_ever: 0,
            seen: Seen::default(),
        }
    }

    /// Opens a connection, if there is one.
    pub(super) fn open(&mut self, now: Moment) -> Opened {
        if self.down > 0 || self.ailing.unnamed > 0 {
            return Opened::Down;
        }
        if self.levels.connections.value() + self.ailing.taken >= u64::from(self.terms.most) {
            self.seen.refused += 1;
            return Opened::Refused;
        }
        self.levels.connections.add(now, 1);
        self.seen.opened += 1;
        let taken = |of: &Memory| of.shared + of.each * self.levels.connections.value();
        match &self.terms.memory {
            Some(memory) if taken(memory) > memory.size => Opened::Crashed,
            _ => Opened::Yes,
        }
    }

    pub(super) fn close(&mut self, now: Moment) {
        self.levels.connections.add(now, -1);
    }

    /// How long opening takes for the call of that number.
    pub(super) fn connecting(&self, number: u64, turn: u64, dice: Dice) -> Span {
        self.terms.connecting.sample(&mut dice.turn(number, self.terms.connecting_for, turn))
    }

    /// A query begins that takes so long alone.
    pub(super) fn begin(&mut self, id: AttemptId, takes: Span, now: Moment) {
        let slowed = |takes: Span, times: &u64| {
            let nanos = u128::from(takes.0) * u128::from(*times) / 1_000_000;
            Span(u64::try_from(nanos).unwrap_or(u64::MAX))
        };
        let takes = self.ailing.slowed.iter().fold(takes, slowed);
        self.active.enter(id, takes, now);
        self.count(now);
    }

    /// The next query is done.
    pub(super) fn done(&mut self, now: Moment) -> Option<AttemptId> {
        let id = self.active.leave(now)?;
        self.next = None;
        self.seen.done += 1;
        self.count(now);
        Some(id)
    }

    /// A query took so long.
    pub(super) fn took(&mut self, span: Span) {
        self.seen.takes.add(span.0);
    }

    fn count(&mut self, now: Moment) {
        let count = u64::try_from(self.active.count()).unwrap_or(u64::MAX);
        self.levels.queries.set(now, count);
        self.levels.speed.set(now, self.active.speed());
    }

    /// Plans the end of the query that is done next, at today's speed.
    pub(super) fn plan(&mut self, number: u16, ends_at: Moment, agenda: &mut Agenda<impl Hosts>) {
        if let Some(timer) = self.next.take() {
            agenda.cancel(timer);
        }
        let Some(after) = self.active.next() else { return };
        let at = agenda.now().after(after);
        if at <= ends_at {
            self.next = Some(agenda.schedule_timer(at, WORLD, Event::Queried(number).into()));
        }
    }

    /// So much is written to the log; how long the commit waits for standbys.
    pub(super) fn write(
        &mut self,
        bytes: u64,
        (number, turn): (u64, u64),
        dice: Dice,
        now: Moment,
    ) -> Span {
        self.seen.written += bytes;
        self.members.commit(bytes, (number, turn), dice, now)
    }

    /// Cannot be reached from now on: nobody is connected any more.
    pub(super) fn go_down(&mut self, now: Moment, agenda: &mut Agenda<impl Hosts>) {
        self.stop(now);
        self.seen.lost += self.levels.connections.value();
        self.levels.connections.set(now, 0);
        self.active.clear(now);
        self.count(now);
        if let Some(timer) = self.next.take() {
            agenda.cancel(timer);
        }
    }

    /// Cannot be reached from now on, where nobody is connected one by one.
    pub(super) fn stop(&mut self, now: Moment) {
        self.down += 1;
        self.levels.down.set(now, 1);
    }

    /// Its memory is used up; how long until it takes connections again.
    pub(super) fn crash(
        &mut self,
        now: Moment,
        dice: Dice,
        agenda: &mut Agenda<impl Hosts>,
    ) -> Span {
        self.seen.crashes += 1;
        self.crashes_ever += 1;
        self.has_crashed = true;
        self.go_down(now, agenda);
        self.recovery(dice)
    }

    /// How long it takes to start after its last crash.
    fn recovery(&self, dice: Dice) -> Span {
        let mut stream = dice.turn(self.crashes_ever, self.terms.recovery_for, 0);
        self.terms.recovery.sample(&mut stream).max(Span::nanos(1))
    }

    /// The same, of a crash for another reason than its memory.
    pub(super) fn next_recovery(&mut self, dice: Dice) -> Span {
        self.crashes_ever += 1;
        self.recovery(dice)
    }

    pub(super) fn is_down(&self) -> bool {
        self.down > 0
    }

    /// Why calls that ask it fail while it cannot be reached.
    pub(super) fn why_down(&self) -> Failure {
        if self.has_crashed { Failure::Crashed } else { Failure::Unreachable }
    }

    /// The most that its queries get done together, in millionths of one that is alone.
    pub(super) fn best(&self) -> u128 {
        self.active.best()
    }

    /// One reason less why it cannot be reached.
    pub(super) fn come_back(&mut self, now: Moment) {
        self.down -= 1;
        self.has_crashed &= self.down > 0;
        self.levels.down.set(now, u64::from(self.down > 0));
    }

    /// Shows its statistics.
    pub(super) fn show(&mut self, show: &mut Show<'_>) {
        self.levels.all().into_iter().for_each(|of| show(Kept::Held(of)));
        let seen = &mut self.seen;
        let counts = [
            &mut seen.opened,
            &mut seen.refused,
            &mut seen.lost,
            &mut seen.crashes,
            &mut seen.done,
            &mut seen.written,
        ];
        counts.into_iter().for_each(|count| show(Kept::Count(count)));
        show(Kept::Times(&mut seen.takes));
    }

    pub(super) fn reset(&mut self, now: Moment) {
        self.seen = Seen::default();
        self.levels.all().into_iter().for_each(|of| of.reset(now));
        self.members.reset();
        self.recoveries.reset();
    }

    /// What is wrong, if anything: more connections than there may be, more queries than connections.
    pub(super) fn broken(&self) -> Option<String> {
        let (open, active) = (self.levels.connections.value(), self.levels.queries.value());
        let is_sound = open <= u64::from(self.terms.most) && active <= open;
        let (name, most) = (&self.name, self.terms.most);
        (!is_sound)
            .then(|| format!("{name} has {open} connections of {most}, {active} of them active"))
    }

    /// How long it was asked, by all together, in nanoseconds.
    pub(super) fn asked(&self, now: Moment) -> u128 {
        self.levels.queries.integral(now)
    }

    pub(super) fn open_now(&self) -> u64 {
        self.levels.connections.value()
    }
}
