//! How attempts and calls end: with an answer, with a failure, with a caller who has waited long
//! enough; and what callers do then.

use super::Stations;
use super::attempts::{Attempt, Place};
use super::failure::Failure;
use super::ids::AttemptId;
use super::retrying::Next;
use crate::event::{Event, Hosts, WORLD};
use crate::{connecting, needs, next_calls, serving};
use seatrial_contract::TenantId;
use seatrial_contract::units::Moment;
use seatrial_format::scenario::Orphaned;
use seatrial_kernel::agenda::Agenda;

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

/// The attempt has been to everybody.
pub(crate) fn complete(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    leave_everything(stations, id, agenda);
    let now = agenda.now();
    let attempt = end(stations, id, agenda);
    let source = &mut stations.sources[attempt.call.caller.source.index()];
    if let (Some(key), Some(asking)) = (attempt.key, &mut source.asking) {
        // What the service has answered goes into the cache too, even if nobody waits for it any more.
        let cache = stations.stores.caches[asking.cache].of(attempt.call.caller.tenant, now);
        asking.write(key, cache, now);
        if !attempt.is_orphan {
            asking.answered(now.since(attempt.call.began));
        }
    }
    if attempt.is_orphan {
        source.calling.wasted += 1;
        return;
    }
    note(stations, &attempt, false);
    answer(stations, &attempt, now, agenda);
}

/// Counts an answer, or its absence, with the replica that was asked.
#[inline]
fn note(stations: &mut Stations, attempt: &Attempt, is_failure: bool) {
    if let Some(queue) = attempt.holds.replica_queue {
        let answers = &mut stations.serving.replica_queues[queue.index()].answers;
        answers.0 += 1;
        answers.1 += u64::from(is_failure);
    }
}

/// Its caller has the answer.
pub(crate) fn answer(
    stations: &mut Stations,
    attempt: &Attempt,
    now: Moment,
    agenda: &mut Agenda<impl Hosts>,
) {
    let world = now.after(stations.clock.ahead);
    needs::judge(stations, world);
    let source = &mut stations.sources[attempt.call.caller.source.index()];
    source.calling.answered(now.since(attempt.call.began), world);
    over(stations, attempt, true, now, agenda);
}

/// The attempt cannot be brought to an end.
pub(crate) fn fail(
    stations: &mut Stations,
    id: AttemptId,
    failure: Failure,
    agenda: &mut Agenda<impl Hosts>,
) {
    leave_everything(stations, id, agenda);
    let attempt = end(stations, id, agenda);
    if attempt.is_orphan {
        return note_waste(stations, &attempt);
    }
    note(stations, &attempt, true);
    let source = &mut stations.sources[attempt.call.caller.source.index()];
    source.calling.failures[failure as usize] += 1;
    try_again(stations, &attempt, agenda);
}

/// Those that have lost their database fail. Whatever may cut somebody off ends with this.
#[inline(always)]
pub(crate) fn fail_cut_off(stations: &mut Stations, agenda: &mut Agenda<impl Hosts>) {
    if !stations.stores.cut_off.is_empty() {
        fail_all_cut_off(stations, agenda);
    }
}

#[cold]
fn fail_all_cut_off(stations: &mut Stations, agenda: &mut Agenda<impl Hosts>) {
    while !stations.stores.cut_off.is_empty() {
        for (id, why) in core::mem::take(&mut stations.stores.cut_off) {
            // It may have ended meanwhile, and its place have been used again.
            if stations.attempts.get(id).place == Place::CutOff {
                fail(stations, id, why, agenda);
            }
        }
    }
}

/// The caller has waited for an answer long enough.
pub(crate) fn overdue(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    let attempt = stations.attempts.get_mut(id);
    attempt.timers.deadline = None;
    let before = *attempt;
    let source = &mut stations.sources[before.call.caller.source.index()];
    source.calling.failures[Failure::TimedOut as usize] += 1;
    let stops = source.giving_up.orphaned == Orphaned::Stops;
    stations.attempts.get_mut(id).is_orphan = true;
    note(stations, &before, true);
    let stands_in_line =
        before.holds.request.is_some_and(|of| stations.serving.requests.get(of).stands_in_line());
    match before.place {
        Place::Pool if stops => drop_attempt(stations, id, agenda),
        // Nobody but its caller has it in hand.
        Place::Unreached if stops || before.holds.replica_queue.is_none() => {
            drop_attempt(stations, id, agenda);
        }
        Place::Service if stops && stands_in_line => drop_attempt(stations, id, agenda),
        Place::Away
        | Place::Caller
        | Place::Cache
        | Place::Service
        | Place::Pool
        | Place::Connecting
        | Place::Querying
        | Place::Committing
        | Place::Unreached
        | Place::CutOff => {}
    }
    try_again(stations, &before, agenda);
}

/// The call is made once more, or has failed.
pub(crate) fn try_again(
    stations: &mut Stations,
    attempt: &Attempt,
    agenda: &mut Agenda<impl Hosts>,
) {
    let (now, dice) = (agenda.now(), stations.dice);
    let source = &mut stations.sources[attempt.call.caller.source.index()];
    let next = match &mut source.giving_up.retrying {
        Some(retrying) => retrying.after(attempt.attempt, attempt.call.caller.number, dice),
        None => Next::Enough,
    };
    match next {
        Next::After(wait) => {
            source.calling.retries += 1;
            let at = now.after(wait);
            let mut again = attempt.again();
            (again.place, again.waits_since) = (Place::Caller, at);
            let again = stations.attempts.begin(again);
            if at <= stations.clock.ends_at {
                agenda.schedule(at, WORLD, Event::Retries(again).into());
            }
            return;
        }
        Next::Spent => source.calling.unbudgeted += 1,
        Next::Enough => {}
    }
    let world = now.after(stations.clock.ahead);
    needs::judge(stations, world);
    let source = &mut stations.sources[attempt.call.caller.source.index()];
    source.calling.failed(world);
    over(stations, attempt, false, now, agenda);
}

/// A call is over: its client thinks and calls again, or a start is told.
fn over(
    stations: &mut Stations,
    attempt: &Attempt,
    is_answered: bool,
    now: Moment,
    agenda: &mut Agenda<impl Hosts>,
) {
    if stations.sources[attempt.call.caller.source.index()].is_start()
        && let Some(tenant) = attempt.call.caller.tenant
    {
        #[expect(clippy::cast_possible_truncation, reason = "its low bits, as events have it")]
        let turn = attempt.call.caller.number as u16;
        stations.starts.push(StartCall { tenant, turn, is_answered });
    }
    next_calls::think(stations, attempt.call.caller.source, now, agenda);
}

/// Drops an attempt whose caller is gone and whose work stops then, or which nobody can carry on;
/// true where it did.
pub(crate) fn is_dropped(
    stations: &mut Stations,
    id: AttemptId,
    agenda: &mut Agenda<impl Hosts>,
) -> bool {
    let attempt = stations.attempts.get(id);
    let orphaned = stations.sources[attempt.call.caller.source.index()].giving_up.orphaned;
    if !attempt.is_cut && (!attempt.is_orphan || orphaned == Orphaned::GoesOn) {
        return false;
    }
    drop_attempt(stations, id, agenda);
    true
}

/// Nothing more is done for a caller who is gone.
fn drop_attempt(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    leave_everything(stations, id, agenda);
    let attempt = end(stations, id, agenda);
    note_waste(stations, &attempt);
}

/// What was done for a caller who is gone was done for nobody, though the rest is not.
fn note_waste(stations: &mut Stations, attempt: &Attempt) {
    let source = &mut stations.sources[attempt.call.caller.source.index()];
    source.calling.wasted += u64::from(attempt.is_worked_for);
}

/// Gives back what an attempt holds, wherever it is: its connection, its server, its place in line.
fn leave_everything(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) {
    match stations.attempts.get(id).place {
        Place::Pool => connecting::leave_pool_line(stations, id, agenda),
        Place::Querying => {
            let link = stations.attempts.get(id).holds.link;
            debug_assert!(link.is_none(), "a query is not called back");
        }
        Place::Away
        | Place::Caller
        | Place::Cache
        | Place::Service
        | Place::Connecting
        | Place::Committing
        | Place::Unreached
        | Place::CutOff => {}
    }
    connecting::let_go(stations, id, agenda);
    if let Some(request) = stations.attempts.get_mut(id).holds.request.take() {
        serving::leave_service(stations, request, agenda);
    }
}

fn end(stations: &mut Stations, id: AttemptId, agenda: &mut Agenda<impl Hosts>) -> Attempt {
    let attempt = stations.attempts.end(id);
    for timer in [attempt.timers.deadline, attempt.timers.next].into_iter().flatten() {
        agenda.cancel(timer);
    }
    attempt
}
