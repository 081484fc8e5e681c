//! What a placement policy says, and what it is told: how it ranks machines and zones for a tenant that asks.
//! The lowest rank is taken; of equals the machine that was there first.

use seatrial_contract::units::Ppm;
use seatrial_contract::{
    Footprint, Memory, MemoryError, NodeId, PoolId, Reason, TenantId, Tick, TierId, ZoneId,
};

/// A placement policy. What it does not say is as it is written here.
pub(crate) trait Place: Send {
    /// How many tenants may be on the move off machines that are emptied.
    fn moves_at_once(&self) -> u32 {
        4
    }
    /// Whether this tenant is to wait, and why: it is asked again at the next tick.
    fn refuses(&mut self, _: &Tick<'_>, _: &Asked) -> Option<Reason> {
        None
    }
    /// How a zone ranks, before its machines are looked at; or why none of them is taken. Who is refused in
    /// all zones is asked again as soon as there may be room that was not there.
    fn zone(&self, _: &Zone, _: &Asked) -> Result<u32, Reason> {
        Ok(0)
    }
    /// How a machine ranks that has room. It depends on nothing but what is given here.
    fn rank(&self, machine: &Machine, need: &Need) -> u32;
    /// Why that machine, in words and data.
    fn reason(&self, chosen: &Chosen<'_>) -> Reason;
    /// Its action was taken.
    fn placed(&mut self, _: &Tick<'_>, _: &Asked, _: NodeId) {}
    /// All that it remembers beside who waits; nothing, if it remembers nothing.
    fn save(&self) -> Option<Memory> {
        None
    }
    /// Remembers what another of its kind saved.
    fn restore(&mut self, _: &Memory) -> Result<(), MemoryError> {
        Ok(())
    }
}

/// A tenant that asks for a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// Who.
    pub(crate) tenant: TenantId,
    /// Where it lives now, if it does.
    pub(crate) home: Option<NodeId>,
    /// What it needs.
    pub(crate) need: Need,
}

/// What tenants need alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// The tier.
    pub(crate) tier: TierId,
    /// What its machine has to promise.
    pub(crate) footprint: Footprint,
}

/// A machine as placement sees it, those on their way to it counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Its pool.
    pub(crate) pool: PoolId,
    /// Where it stands.
    pub(crate) zone: ZoneId,
    /// What it has.
    pub(crate) capacity: Footprint,
    /// What it may still promise.
    pub(crate) room: Footprint,
    /// What is used there and will be by those on their way; what is promised, where its use cannot be read.
    pub(crate) load: Footprint,
    /// Tenants that live there.
    pub(crate) tenants: u32,
    /// The most that may.
    pub(crate) tenants_most: u32,
    /// It takes new tenants.
    pub(crate) is_open: bool,
}

/// A zone as placement sees it, those on their way counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Zone {
    /// Which.
    pub(crate) id: ZoneId,
    /// Tenants that live there.
    pub(crate) tenants: u32,
    /// Of those, of the tier that asks.
    pub(crate) of_tier: u32,
}

/// What was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Chosen<'a> {
    /// The machine.
    pub(crate) node: NodeId,
    /// As it was before.
    pub(crate) machine: &'a Machine,
    /// How it ranked.
    pub(crate) rank: u32,
    /// How its zone ranked.
    pub(crate) zone: u32,
    /// So many machines had room.
    pub(crate) of: u32,
}

impl Machine {
    /// Whether it takes one tenant more that needs so much.
    pub(crate) fn takes(&self, need: Footprint) -> bool {
        self.is_open && self.tenants < self.tenants_most && self.room.fits(need)
    }

    /// The larger share of what it has that would be left to promise.
    pub(crate) fn left(&self, need: Footprint) -> Ppm {
        self.room.minus(need).share_of(self.capacity)
    }
}
