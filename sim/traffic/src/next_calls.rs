//! When callers call next, and that being on the agenda. Knows no service.

use crate::Stations;
use crate::event::{Event, Hosts, WORLD};
use crate::ids::SourceId;
use crate::source::Calls;
use seatrial_contract::TenantId;
use seatrial_contract::units::Moment;
use seatrial_kernel::agenda::Agenda;

/// A client that waited for the answer thinks, and calls again.
#[inline]
pub(crate) fn think(
    stations: &mut Stations,
    id: SourceId,
    now: Moment,
    agenda: &mut Agenda<impl Hosts>,
) {
    if matches!(stations.sources[id.index()].calls, Calls::Closed(_)) {
        plan_call(stations, id, now, agenda);
    }
}

#[inline]
pub(crate) fn plan_call(
    stations: &mut Stations,
    id: SourceId,
    now: Moment,
    agenda: &mut Agenda<impl Hosts>,
) {
    let source = &mut stations.sources[id.index()];
    let at = source.next_call(now, stations.clock.ahead);
    if at > stations.clock.ends_at {
        return;
    }
    if stations.clock.is_sampled && source.has_rhythm() {
        source.next.planned = Some(agenda.schedule_timer(at, WORLD, Event::Calls(id).into()));
    } else {
        agenda.schedule(at, WORLD, Event::Calls(id).into());
    }
}

/// Plans the next call of a tenant, unless the run is over by then.
pub(crate) fn plan_tenants_call(
    source: usize,
    id: TenantId,
    at: Moment,
    ends_at: Moment,
    agenda: &mut Agenda<impl Hosts>,
) {
    if at <= ends_at {
        // The format lets through no more than a thousand sources.
        let source = u16::try_from(source).unwrap_or(u16::MAX);
        agenda.schedule(at, WORLD, Event::TenantCalls(source, id).into());
    }
}
