//! Parts that request more or less than their stack lays down. What they use stays what it was.
//! Knows no policy.

use crate::design::PartDesign;
use crate::tenants::Size;
use crate::{Event, Fleet, Hosts, Turn, sessions, usage};
use seatrial_contract::units::{Bytes, MilliCores, Span};
use seatrial_contract::{Footprint, TenantId, UnitId};
use seatrial_format::scenario::{Limits, Resizing};
use std::sync::Arc;

/// Has a part request something else from now on.
pub fn resize<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, unit: UnitId, to: Footprint) {
    let tenant = &fleet.tenants[id.index()];
    let parts = fleet.design.parts(tenant);
    let index = unit.index() - tenant.parts.first.index();
    let part = &parts[index];
    let limits = fleet.design.resizing.limits;
    let designed = |part: &PartDesign| Size { requested: part.requested, limit: part.limit };
    let mut sizes: Vec<Size> = match &tenant.parts.sizes {
        Some(sizes) => sizes.to_vec(),
        None => parts.iter().map(designed).collect(),
    };
    let limit = part.limit.map(|limit| match limits {
        Limits::Kept => limit,
        Limits::Scaled => scaled(limit, part.requested, to),
    });
    sizes[index] = Size { requested: to, limit };
    let running = tenant.part_runs(index, part);
    fleet.tenants[id.index()].parts.sizes = Some(Arc::from(sizes));
    fleet.measures.counts.resizes += 1;
    if running && fleet.design.resizing.way == Resizing::Restart {
        restart(fleet, id, index);
    }
    usage::refresh(fleet, id);
    usage::check_limits(fleet, id);
}

/// A part is taken down and comes back with its new size.
fn restart<E: Hosts>(fleet: &mut Fleet<E>, id: TenantId, part: usize) {
    sessions::count_interruption(fleet, id);
    let tenant = &mut fleet.tenants[id.index()];
    tenant.parts.restarting |= 1 << part;
    tenant.starts.count += 1;
    let turn = tenant.starts.count;
    let takes = usage::start_takes(fleet, id, turn).max(Span::seconds(1));
    fleet.later(takes, Event::Revived(Turn(id, u16::try_from(part).unwrap_or(u16::MAX))));
}

/// A limit that stays as many times the request as it was.
fn scaled(limit: Footprint, before: Footprint, after: Footprint) -> Footprint {
    let times = |limit: u64, before: u64, after: u64| {
        let product = u128::from(limit) * u128::from(after);
        u64::try_from(product / u128::from(before.max(1))).unwrap_or(u64::MAX)
    };
    Footprint {
        cpu: MilliCores(times(limit.cpu.0, before.cpu.0, after.cpu.0)),
        memory: Bytes(times(limit.memory.0, before.memory.0, after.memory.0)),
    }
}
