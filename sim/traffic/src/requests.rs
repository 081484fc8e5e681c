//! Requests and the places they are kept in. A place is used again, so a run allocates no more
//! than its fullest moment needs. Knows no discipline.

use super::ids::{AttemptId, ReplicaQueueId, RequestId, SourceId};
use super::intrusive_list::{Linked, Named};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::agenda::Timer;

/// One request in the system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(super) arrived: Moment,
    pub(super) demand: Span,
    /// What was still to be served when it last began.
    pub(super) left: Span,
    /// When it last began to be served, or, while its server waits for a database, to ask it.
    pub(super) began: Moment,
    pub(super) source: SourceId,
    pub(super) replica_queue: ReplicaQueueId,
    /// Of its end of service or its end of patience, where that can be called back.
    pub(super) timer: Option<Timer>,
    /// Its neighbours in line, before and after; for a free place, the latter is the next free one.
    links: (RequestId, RequestId),
    /// Of a call that asked a cache first.
    pub(super) attempt: AttemptId,
    /// The smaller, the more urgent.
    pub(super) level: u8,
}

const _: () = assert!(size_of::<Request>() <= 64, "a request fits a cache line");

impl Request {
    pub(super) fn new(
        source: SourceId,
        replica_queue: ReplicaQueueId,
        level: u8,
        now: Moment,
        demand: Span,
        attempt: AttemptId,
    ) -> Self {
        Self {
            arrived: now,
            demand,
            left: demand,
            began: now,
            source,
            replica_queue,
            timer: None,
            links: (RequestId::NOBODY, RequestId::NOBODY),
            attempt,
            level,
        }
    }
}

/// When those last began to be served who stand in line.
pub(super) const STANDS: Moment = Moment(u64::MAX);

impl Request {
    /// Whether it waits and was never served yet.
    pub(super) fn stands_in_line(&self) -> bool {
        self.began == STANDS
    }
}

/// The one of several lines who came first.
pub(super) fn oldest(lines: &[Queue], requests: &Requests) -> Option<RequestId> {
    let firsts = lines.iter().filter_map(Queue::first);
    firsts.min_by_key(|id| requests.get(*id).arrived)
}

/// All requests in the system.
#[derive(Debug)]
pub(super) struct Requests {
    places: Vec<Request>,
    free: RequestId,
}

impl Requests {
    pub(super) const fn new() -> Self {
        Self { places: Vec::new(), free: RequestId::NOBODY }
    }

    #[inline]
    pub(super) fn admit(&mut self, request: Request) -> RequestId {
        if let Some(id) = self.free.somebody() {
            let place = &mut self.places[id.0 as usize];
            self.free = place.links.1;
            *place = request;
            return id;
        }
        let count = u32::try_from(self.places.len()).ok().filter(|count| *count < u32::MAX);
        self.places.push(request);
        RequestId(count.expect("more requests at once than can be numbered"))
    }

    /// Gives its place free.
    #[inline]
    pub(super) fn release(&mut self, id: RequestId) -> Request {
        let place = &mut self.places[id.0 as usize];
        let request = *place;
        place.links.1 = self.free;
        place.replica_queue = ReplicaQueueId::NOWHERE;
        self.free = id;
        request
    }

    /// Those at one replica, by their places.
    pub(super) fn at(&self, replica_queue: ReplicaQueueId) -> Vec<RequestId> {
        let all =
            (0..).zip(&self.places).filter(|(_, request)| request.replica_queue == replica_queue);
        all.map(|(number, _)| RequestId(number)).collect()
    }

    /// The replicas of those that are no call's that does more than be served.
    pub(super) fn plain(&self) -> impl Iterator<Item = ReplicaQueueId> {
        let here = self.places.iter().filter(|of| of.replica_queue != ReplicaQueueId::NOWHERE);
        here.filter(|of| of.attempt == AttemptId::NONE).map(|of| of.replica_queue)
    }

    #[inline]
    pub(super) fn get(&self, id: RequestId) -> &Request {
        &self.places[id.0 as usize]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, id: RequestId) -> &mut Request {
        &mut self.places[id.0 as usize]
    }
}

/// Requests one behind another.
pub(super) type Queue = super::intrusive_list::IntrusiveList<RequestId, Requests>;

impl Linked<RequestId> for Requests {
    #[inline]
    fn links(&mut self, id: RequestId) -> &mut (RequestId, RequestId) {
        &mut self.places[id.0 as usize].links
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request::new(SourceId(0), ReplicaQueueId(0), 0, Moment::START, Span::ZERO, AttemptId::NONE)
    }

    fn names(line: &Queue, requests: &Requests) -> Vec<u32> {
        let step = |id: &RequestId| requests.get(*id).links.1.somebody();
        core::iter::successors(line.first(), step).map(|id| id.0).collect()
    }

    #[test]
    fn a_line_is_left_from_anywhere() {
        let mut requests = Requests::new();
        let mut line = Queue::EMPTY;
        let ids: Vec<RequestId> = (0..5).map(|_| requests.admit(request())).collect();
        ids[1..].iter().for_each(|id| line.push_last(*id, &mut requests));
        line.push_first(ids[0], &mut requests);
        assert_eq!(names(&line, &requests), [0, 1, 2, 3, 4]);
        for (leaves, stay) in [(2, vec![0, 1, 3, 4]), (0, vec![1, 3, 4]), (4, vec![1, 3])] {
            line.remove(ids[leaves], &mut requests);
            assert_eq!(names(&line, &requests), stay);
        }
        assert_eq!((line.first(), line.last()), (Some(ids[1]), Some(ids[3])));
        line.remove(ids[1], &mut requests);
        line.remove(ids[3], &mut requests);
        assert_eq!((line.first(), line.last()), (None, None));
    }

    #[test]
    fn places_are_used_again() {
        let mut requests = Requests::new();
        let first = requests.admit(request());
        let second = requests.admit(request());
        requests.release(first);
        requests.release(second);
        assert_eq!((requests.admit(request()), requests.admit(request())), (second, first));
        assert_eq!(requests.places.len(), 2);
    }
}
