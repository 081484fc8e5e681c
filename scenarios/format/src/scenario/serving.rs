//! Services with servers and queues, and who calls them.

use super::{Cached, DistributionFile, Orphaned, Query, Retry, Standing};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Name, choice, element, words};
use seatrial_contract::units::{Frequency, Span};

words! {
    /// Who is served next.
    pub enum Discipline {
        /// First come, first served.
        Fifo = "fifo",
        /// All at once, each with its share of the servers.
        Sharing = "processor-sharing",
        /// The most urgent first, interrupting others, who later go on where they were.
        Preemptive = "preemptive-priority",
        /// The most urgent first, interrupting nobody.
        Priority = "priority",
    }
}

words! {
    /// What a server does while its request asks a database.
    pub enum WhileAsking {
        /// It waits for the answer, and serves nobody else: a thread or process for each request.
        Held = "held",
        /// It serves others: callers do not block.
        Free = "free",
    }
}

words! {
    /// Which of a service's replicas takes a request.
    pub enum Balance {
        /// Any, by chance.
        Random = "random",
        /// The shorter of two queues picked by chance.
        LeastOfTwo = "least-of-two",
        /// Each in turn.
        InTurn = "in-turn",
    }
}

element! {
    /// A service that serves requests, with a queue in front of each replica.
    pub struct Service {
        /// The service's name, by which traffic, policies and metrics refer to it.
        name: Located<Name>,
        /// How many replicas it has at the start, each with a queue of its own.
        replicas: Located<NonZeroU32> = Located::nowhere(NonZeroU32::MIN),
        /// Which replica takes a request.
        balance: Balance = Balance::Random,
        /// Requests that one replica serves at the same time.
        concurrency: Located<NonZeroU32>,
        /// Who is served next.
        discipline: Discipline = Discipline::Fifo,
        /// How many may wait at one replica; others are refused. No limit where left out.
        waiting_room: Option<u32> = None,
        /// How long a request is served when nothing slows it; its queries to databases come on top.
        service_time: DistributionFile,
        /// How long a request waits before it gives up; forever where left out.
        patience: Option<DistributionFile> = None,
        /// What a server does while its request asks a database.
        while_asking: WhileAsking = WhileAsking::Held,
        /// Which requests are refused before the queue grows long; none where left out.
        shedding: Option<Shedding> = None,
        /// The machines that its replicas stand on. Where left out they need no room, cannot be lost, and no
        /// policy scales them.
        on: Option<Standing> = None,
        /// Where its replicas stand where that is no pool, as a database's `place`: all of them are lost with
        /// that place.
        place: Option<Located<String>> = None,
    }
}

element! {
    /// Refusing requests while others wait too long.
    pub struct Shedding {
        /// While the first in line has waited this long, new requests are refused.
        waited: Located<Span>,
        /// Except those whose priority is this or smaller.
        spares: Option<u8> = None,
    }
}

element! {
    /// Calls of one kind: to a service, to databases, or to both.
    pub struct Traffic {
        /// The name of these calls.
        name: Located<Name>,
        /// The service they call, by its name; left out where they ask databases only.
        service: Option<Located<String>> = None,
        /// When they come, or how many callers there are.
        arrivals: Arrivals,
        /// The smaller, the more urgent, where the service's discipline goes by priority.
        priority: u8 = 0,
        /// How long these calls are served; as long as the service says where left out.
        service_time: Option<DistributionFile> = None,
        /// A cache that they ask first.
        cache: Option<Cached> = None,
        /// What each asks of databases, one after another, once the service has served it.
        queries: Vec<Query> = vec![],
        /// How long its caller waits for the answer to one attempt; forever where left out.
        time_out: Option<Located<Span>> = None,
        /// What becomes of the work whose caller is gone.
        orphaned: Orphaned = Orphaned::GoesOn,
        /// How callers try again after a failure; they do not where left out.
        retry: Option<Retry> = None,
        /// Where the load balancer stands that these calls come through, as a database's `place`: while that
        /// place is lost none comes through. Nowhere that is lost where left out.
        place: Option<Located<String>> = None,
    }
}

impl Traffic {
    /// The service it calls, if any.
    #[must_use]
    pub fn called(&self) -> Option<&str> {
        self.service.as_ref().map(|service| service.value.as_str())
    }

    /// Whether its calls are followed to their answer: they take several attempts, or are of tenants, or
    /// ask databases.
    #[must_use]
    pub fn is_traced(&self) -> bool {
        let is_of_tenants = matches!(self.arrivals, Arrivals::Tenants(_) | Arrivals::Starts(_));
        let is_tried = self.time_out.is_some() || self.retry.is_some();
        is_of_tenants || is_tried || !self.queries.is_empty()
    }
}

choice! {
    /// When calls come.
    pub enum Arrivals {
        /// Independently of one another.
        Poisson(Poisson) = "poisson",
        /// With independent gaps between them.
        Renewal(Renewal) = "renewal",
        /// From so many callers, each of whom thinks, calls, and waits for the answer.
        Closed(Closed) = "closed",
        /// From tenants, each on its own.
        Tenants(Tenants) = "tenants",
        /// From tenants that start: none serves before its call was answered.
        Starts(Starts) = "starts",
    }
}

words! {
    /// While a tenant calls.
    pub enum While {
        /// While somebody is there and it serves.
        InSession = "in-session",
        /// While it is awake.
        Awake = "awake",
    }
}

element! {
    /// Calls of tenants.
    pub struct Tenants {
        /// While a tenant does this.
        when: While,
        /// From one call of a tenant to its next.
        every: Located<DistributionFile>,
        /// Whether each of its bots calls as often as that.
        per_bot: bool = false,
        /// The tiers whose tenants call; all of them where left out.
        tiers: Option<Vec<Located<String>>> = None,
    }
}

element! {
    /// The call that a tenant makes when it starts.
    pub struct Starts {
        /// The tiers whose tenants make it; all of them where left out.
        tiers: Option<Vec<Located<String>>> = None,
        /// From a call that failed for good until the tenant is started again (the kubelet: 10 s).
        restarts_after: Located<Span> = Located::nowhere(Span::seconds(10)),
        /// It doubles from one time to the next up to this (the kubelet: 5 min).
        restarts_after_most: Located<Span> = Located::nowhere(Span::minutes(5)),
    }
}

element! {
    /// Independent calls.
    pub struct Poisson {
        /// How many calls come.
        rate: Located<Frequency>,
        /// The rhythm by which they come, with `rate` as the mean over a week; evenly where left out.
        rhythm: Option<Located<String>> = None,
    }
}
element! {
    /// Calls with gaps.
    pub struct Renewal {
        /// From one to the next.
        gap: Located<DistributionFile>,
    }
}
element! {
    /// Callers who wait.
    pub struct Closed {
        /// How many callers.
        clients: Located<NonZeroU32>,
        /// From an answer to the next call.
        think: Located<DistributionFile>,
    }
}
