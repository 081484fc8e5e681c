//! Services with servers and queues, and who calls them.

use super::{Cached, LawFile};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Name, choice, element, words};
use seatrial_contract::units::Frequency;

words! {
    /// Who is served next.
    pub enum Discipline {
        /// First come, first served.
        Fifo = "fifo",
        /// All at once, each with its share of the servers.
        Sharing = "processor-sharing",
        /// The most urgent first, interrupting others, who later go on where they were.
        Preemptive = "preemptive-priority",
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
    /// A service.
    pub struct Service {
        /// The service's name.
        name: Located<Name>,
        /// Copies of it, each with servers and a queue of its own.
        replicas: Located<NonZeroU32> = Located::nowhere(NonZeroU32::MIN),
        /// Which copy takes a request.
        balance: Balance = Balance::Random,
        /// Requests that one copy serves at the same time.
        servers: Located<NonZeroU32>,
        /// Who is served next.
        discipline: Discipline = Discipline::Fifo,
        /// How many may wait at one copy; others are refused. Unbounded where left out.
        waiting_room: Option<u32> = None,
        /// How long a request is served.
        service: LawFile,
        /// How long a request waits before it gives up; for ever where left out.
        patience: Option<LawFile> = None,
    }
}

element! {
    /// Calls of one kind to one service.
    pub struct Traffic {
        /// The name of these calls.
        name: Located<Name>,
        /// The service they call.
        service: Located<String>,
        /// When they come.
        arrivals: Arrivals,
        /// The smaller, the more urgent, where the service has priorities.
        priority: u8 = 0,
        /// How long these calls are served, where it differs from the service's own.
        takes: Option<LawFile> = None,
        /// A cache that they ask first.
        cache: Option<Cached> = None,
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
    }
}

element! {
    /// Independent calls.
    pub struct Poisson {
        /// How many come.
        rate: Located<Frequency>,
        /// When they come.
        rhythm: Option<Located<String>> = None,
    }
}
element! {
    /// Calls with gaps.
    pub struct Renewal {
        /// From one to the next.
        gap: Located<LawFile>,
    }
}
element! {
    /// Callers who wait.
    pub struct Closed {
        /// How many callers.
        clients: Located<NonZeroU32>,
        /// From an answer to the next call.
        think: Located<LawFile>,
    }
}
