//! How attempts and calls end: with an answer, with a failure, with a caller who has waited long
//! enough; and what callers do then.

use super::Stations;
use super::attempts::{Attempt, Link, Place};
use super::ids::AttemptId;
use super::retrying::Next;
use crate::event::{Event, Hosts, WORLD};
use seatrial_contract::TenantId;
use seatrial_contract::units::Moment;
use seatrial_format::scenario::Orphaned;
use seatrial_kernel::agenda::Agenda;

/// Why an attempt failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// A service had no room, or turned callers away.
    Refused,
    /// There was no copy of the service, or the one that it was sent to had been lost.
    Absent,
    /// It stood in a service's line for too long.
    Impatient,
    /// No connection was to be had, or none in time.
    Unconnected,
    /// The database could not be reached.
    Unreachable,
    /// The database had no memory left, and was not back yet.
    Crashed,
    /// The copy of its service that it was at was lost.
    CopyLost,
    /// The copy of its service that it was at had to end before it was done.
    CopyEnded,
    /// The caller waited long enough.
    TimedOut,
}

impl Failure {
    pub(super) const ALL: [(Self, &'static str); 9] = [
        (Self::Refused, "refused_full"),
        (Self::Absent, "refused_absent"),
        (Self::Impatient, "impatient"),
        (Self::Unconnected, "unconnected"),
        (Self::Unreachable, "lost_outage"),
        (Self::Crashed, "lost_crash"),
        (Self::CopyLost, "lost_replica"),
        (Self::CopyEnded, "lost_ended"),
        (Self::TimedOut, "timed_out"),
    ];
}

/// What became of the call that a tenant made when it started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartCall {
    /// Whose call it was.
    pub tenant: TenantId,
    /// Which start of it (its low bits).
    pub turn: u16,
    /// Whether it was answered.
    pub is_answered: bool,
}

impl Stations {
    /// The attempt has been to everybody.
    pub(super) fn complete(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        self.leave_everything(id, agenda);
        let now = agenda.now();
        let attempt = self.end(id, agenda);
        let source = &mut self.sources[attempt.caller.source.index()];
        if let (Some(key), Some(asking)) = (attempt.key, &mut source.asking) {
            // What the service has answered goes into the cache too, whoever still waits for it.
            let cache = self.caches[asking.cache].of(attempt.caller.tenant, now);
            asking.write(key, cache, now);
            if !attempt.is_orphan {
                asking.answered(now.since(attempt.called));
            }
        }
        if attempt.is_orphan {
            source.calling.wasted += 1;
            return;
        }
        self.answer(&attempt, now, agenda);
    }

    /// Its caller has the answer.
    pub(super) fn answer(
        &mut self,
        attempt: &Attempt,
        now: Moment,
        agenda: &mut Agenda<impl Hosts>,
    ) {
        let world = now.after(self.ahead);
        self.judge(world);
        let source = &mut self.sources[attempt.caller.source.index()];
        source.calling.answered(now.since(attempt.called), world);
        self.over(attempt, true, now, agenda);
    }

    /// The attempt cannot be brought to an end.
    pub(super) fn fail(
        &mut self,
        id: AttemptId,
        failure: Failure,
        agenda: &mut Agenda<impl Hosts>,
    ) {
        self.leave_everything(id, agenda);
        let attempt = self.end(id, agenda);
        if attempt.is_orphan {
            return self.note_waste(&attempt);
        }
        let source = &mut self.sources[attempt.caller.source.index()];
        source.calling.failures[failure as usize] += 1;
        self.try_again(&attempt, agenda);
    }

    /// The caller has waited for an answer long enough.
    pub fn overdue(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        let attempt = self.attempts.get_mut(id);
        attempt.deadline = None;
        let copy = *attempt;
        let source = &mut self.sources[copy.caller.source.index()];
        source.calling.failures[Failure::TimedOut as usize] += 1;
        let stops = source.orphaned == Orphaned::Stops;
        self.attempts.get_mut(id).is_orphan = true;
        let stands_in_line = copy.request.is_some_and(|of| self.requests.get(of).stands_in_line());
        match copy.place {
            Place::Pool if stops => self.drop_attempt(id, agenda),
            Place::Service if stops && stands_in_line => self.drop_attempt(id, agenda),
            Place::Away
            | Place::Caller
            | Place::Cache
            | Place::Service
            | Place::Pool
            | Place::Connecting
            | Place::Querying
            | Place::Committing => {}
        }
        self.try_again(&copy, agenda);
    }

    /// The call is made once more, or has failed.
    pub(super) fn try_again(&mut self, attempt: &Attempt, agenda: &mut Agenda<impl Hosts>) {
        let (now, dice) = (agenda.now(), self.dice);
        let source = &mut self.sources[attempt.caller.source.index()];
        let next = match &mut source.retrying {
            Some(retrying) => retrying.after(attempt.attempt, attempt.caller.number, dice),
            None => Next::Enough,
        };
        match next {
            Next::After(wait) => {
                source.calling.retries += 1;
                let at = now.after(wait);
                let mut again = attempt.again();
                (again.place, again.waits_since) = (Place::Caller, at);
                let again = self.attempts.begin(again);
                if at <= self.ends_at {
                    agenda.schedule(at, WORLD, Event::Retries(again).into());
                }
                return;
            }
            Next::Spent => source.calling.unbudgeted += 1,
            Next::Enough => {}
        }
        let world = now.after(self.ahead);
        self.judge(world);
        let source = &mut self.sources[attempt.caller.source.index()];
        source.calling.failed(world);
        self.over(attempt, false, now, agenda);
    }

    /// A call is over: whoever waited for it thinks and calls again, or a start is told.
    fn over(
        &mut self,
        attempt: &Attempt,
        is_answered: bool,
        now: Moment,
        agenda: &mut Agenda<impl Hosts>,
    ) {
        if self.sources[attempt.caller.source.index()].is_start()
            && let Some(tenant) = attempt.caller.tenant
        {
            #[expect(clippy::cast_possible_truncation, reason = "its low bits, as events have it")]
            let turn = attempt.caller.number as u16;
            self.starts.push(StartCall { tenant, turn, is_answered });
        }
        self.think(attempt.caller.source, now, agenda);
    }

    /// Drops an attempt whose caller is gone and whose work stops then, or which nobody can carry on;
    /// true where it did.
    pub(super) fn is_dropped(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) -> bool {
        let attempt = self.attempts.get(id);
        let orphaned = self.sources[attempt.caller.source.index()].orphaned;
        if !attempt.is_cut && (!attempt.is_orphan || orphaned == Orphaned::GoesOn) {
            return false;
        }
        self.drop_attempt(id, agenda);
        true
    }

    /// Nothing more is done for a caller who is gone.
    fn drop_attempt(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        self.leave_everything(id, agenda);
        let attempt = self.end(id, agenda);
        self.note_waste(&attempt);
    }

    /// What was done for a caller who is gone was done for nobody, though the rest is not.
    fn note_waste(&mut self, attempt: &Attempt) {
        let source = &mut self.sources[attempt.caller.source.index()];
        source.calling.wasted += u64::from(attempt.is_worked_for);
    }

    /// Gives back what an attempt holds, wherever it is: its connection, its server, its place in line.
    fn leave_everything(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
        match self.attempts.get(id).place {
            Place::Pool => self.leave_pool_line(id, agenda),
            Place::Querying => {
                let link = self.attempts.get(id).link;
                debug_assert!(link.is_none(), "a query is not called back");
            }
            Place::Away
            | Place::Caller
            | Place::Cache
            | Place::Service
            | Place::Connecting
            | Place::Committing => {}
        }
        self.let_go(id, agenda);
        if let Some(request) = self.attempts.get_mut(id).request.take() {
            self.leave_service(request, agenda);
        }
    }

    fn end(&mut self, id: AttemptId, agenda: &mut Agenda<impl Hosts>) -> Attempt {
        let attempt = self.attempts.end(id);
        for timer in [attempt.deadline, attempt.timer].into_iter().flatten() {
            agenda.cancel(timer);
        }
        attempt
    }

    /// A tenant's machine does not run it any more, or lets it sleep: its pools are closed.
    pub fn tenant_sleeps(&mut self, id: TenantId, now: Moment) {
        for pooler in &mut self.poolers {
            let closed = pooler.sleeps(id, now);
            let database = &mut self.databases[usize::from(pooler.database)];
            (0..closed).for_each(|_| database.close(now));
        }
    }

    /// What is wrong, if anything: connections that nobody has, or that two count.
    pub(super) fn broken_links(&self) -> Option<String> {
        let mut counted = vec![0; self.databases.len()];
        for id in self.attempts.which(|attempt| matches!(attempt.link, Some(Link::Direct { .. }))) {
            if let Some(Link::Direct { database }) = self.attempts.get(id).link {
                counted[usize::from(database)] += 1;
            }
        }
        for pooler in &self.poolers {
            counted[usize::from(pooler.database)] += pooler.open_now();
        }
        self.databases.iter().zip(counted).find_map(|(database, counted)| {
            let (name, open) = (&database.name, database.open_now());
            (counted != open)
                .then(|| format!("{name} has {open} connections, others count {counted}"))
        })
    }
}
