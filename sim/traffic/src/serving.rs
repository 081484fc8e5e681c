//! How a request leaves its service. Does not know where its call goes on.

use crate::Stations;
use crate::event::Hosts;
use crate::ids::{AttemptId, RequestId};
use seatrial_format::scenario::Discipline;
use seatrial_kernel::agenda::Agenda;

/// A request leaves its service: out of the line, or with all done.
pub(crate) fn leave_service(
    stations: &mut Stations,
    id: RequestId,
    agenda: &mut Agenda<impl Hosts>,
) {
    let now = agenda.now();
    let request = *stations.serving.requests.get(id);
    let source = &stations.sources[request.source.index()];
    let asks = request.attempt != AttemptId::NONE && !source.queries.is_empty();
    let was_held = asks && source.service.is_some_and(|of| stations.serving.services[of].holds());
    let (replica_queue, mut context) = stations.context(request.replica_queue, agenda);
    if request.stands_in_line() {
        context.call_back(id);
        replica_queue.give_up(id, &mut context);
        stations.serving.requests.release(id);
        return stations.sources[request.source.index()].seen.gave_up(&request, now);
    }
    replica_queue.leave(id, was_held, &mut context);
    let mut request = stations.serving.requests.release(id);
    let source = &mut stations.sources[request.source.index()];
    let Some(called) = source.service else { return };
    let service = &stations.serving.services[called];
    if was_held {
        // What its server waited for the databases is no waiting for the server.
        let asked = now.since(request.began);
        request.demand = request.demand.saturating_add(asked);
    }
    let sojourn = source.seen.served(&request, now);
    if service.discipline == Discipline::Sharing {
        source.seen.slowed_down(sojourn, request.demand);
    }
}
