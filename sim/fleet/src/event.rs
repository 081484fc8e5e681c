//! What happens to a fleet, and which other events its own may stand among.

use seatrial_contract::{NodeId, TenantId};
use seatrial_traffic as traffic;

/// Who it is, and at which turn (its low bits), or which part. Packed, so that it fits beside the word that
/// tells events apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(Rust, packed(2))]
pub struct Turn<T>(pub T, pub u16);

/// What happens to a fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// What happens to calls.
    Calls(traffic::Event),
    /// Somebody comes to a tenant.
    Login(TenantId),
    /// The session of that number ends.
    SessionEnds(TenantId),
    /// The user who waits since the session of that number (its low bits) gives up.
    GiveUp(Turn<TenantId>),
    /// A start that was begun at that turn (its low bits) is done.
    Started(Turn<TenantId>),
    /// The start of a tenant at that turn (its low bits) is answered, whose calls were not lived through.
    StartTaken(Turn<TenantId>),
    /// A tenant whose start has failed is started again.
    Restarts(Turn<TenantId>),
    /// A part that was killed, or restarts, comes back.
    Revived(Turn<TenantId>),
    /// The next tenant on the link is restored, at that turn.
    DataMoves(u16),
    /// A tenant's data is on its machine, for the start at that turn (its low bits).
    DataThere(Turn<TenantId>),
    /// A database that was fetched from its backups is up and verified, at that turn.
    DatabaseRestored(u16, u16),
    /// A snapshot of a database's volume can be used.
    SnapshotTaken(u16),
    /// A tenant's load factor is drawn anew.
    LoadTurns(TenantId),
    /// A tenant leaves for good.
    Leaves(TenantId),
    /// Somebody signs up.
    SignUp,
    /// A machine that was ordered is there.
    NodeReady(NodeId),
    /// What a replica waited for is there, at that turn (its low bits).
    ReplicaDue(Turn<u32>),
    /// Replicas of a service look for machines again.
    ReplicasSeek(u16),
    /// A service's release before is up, in place of the one of that number (its low bits).
    Reverted(u16, u16),
    /// What replicas use is taken down.
    ReplicasSampled,
}

const _: () = assert!(size_of::<Event>() <= 8, "events are copied about in the agenda");

impl From<traffic::Event> for Event {
    fn from(event: traffic::Event) -> Self {
        Self::Calls(event)
    }
}

impl traffic::Hosts for Event {
    #[inline]
    fn of_calls(self) -> Option<traffic::Event> {
        if let Self::Calls(event) = self { Some(event) } else { None }
    }
}

/// Events of a world that a fleet is a part of.
pub trait Hosts: traffic::Hosts + From<Event> {}

impl Hosts for Event {}
