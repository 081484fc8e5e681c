//! What happens to calls, and which other events theirs may stand among.

use super::{AttemptId, RequestId, SourceId};
use seatrial_contract::TenantId;
use seatrial_kernel::agenda::Class;

/// The world changes before it is observed.
pub const WORLD: Class = Class(0);
/// It is observed after it has changed.
pub const OBSERVE: Class = Class(1);

/// What happens to calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A source calls a service.
    Calls(SourceId),
    /// A cache knows whether it has what a call asks for.
    LookedUp(AttemptId),
    /// A service has served a request.
    Served(RequestId),
    /// A request has waited for a service long enough.
    TimesOut(RequestId),
    /// A tenant calls.
    TenantCalls(u16, TenantId),
    /// A call's connection is open.
    Connected(AttemptId),
    /// A database has done its next query.
    Queried(u16),
    /// What a call has written is where it has to be.
    Committed(AttemptId),
    /// A call has waited for a connection long enough.
    PoolGivesUp(AttemptId),
    /// A caller has waited for an answer long enough.
    Overdue(AttemptId),
    /// Who asks across a way that is cut gives up.
    Unreached(AttemptId),
    /// A caller tries again.
    Retries(AttemptId),
    /// A pooler closes connections that nobody uses.
    PoolSwept(u16),
    /// A pooler tries again to connect.
    Reconnects(u16),
    /// A database that crashed is there again.
    DatabaseBack(u16),
    /// A cache's replica takes over, as was planned at that turn.
    CacheBack(u16, u16),
    /// A database takes writes again, as was planned at that turn.
    Restored(u16, u16),
    /// A server of a database follows its primary again.
    Follows(u16, u16),
    /// Sampled calls have come to where the world is told of them.
    Happened,
    /// A batch of sampled calls is over.
    Looks(u32),
    /// Calls that stood still go on.
    Resumes(u32),
    /// A rhythm of sampled calls goes on to another hour.
    HourTurns,
    /// An interval begins in which calls are lived through without gaps.
    ZoomBegins,
    /// It ends.
    ZoomEnds,
}

const _: () = assert!(size_of::<Event>() <= 8, "events are copied about in the agenda");

/// Events of a world that calls are a part of.
pub trait Hosts: Copy + From<Event> {
    /// The event of calls that it is, if it is one.
    fn of_calls(self) -> Option<Event>;
}

impl Hosts for Event {
    fn of_calls(self) -> Option<Event> {
        Some(self)
    }
}
