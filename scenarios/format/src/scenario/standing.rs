//! Where the copies of a service stand, and how they come and go.

use super::LawFile;
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, element};
use seatrial_contract::units::{Bytes, MilliCores, Span};

element! {
    /// The machines that a service's replicas stand on.
    pub struct Standing {
        /// The pool of those machines.
        pool: Located<String>,
        /// Processors that one replica requests.
        cpu: Located<MilliCores>,
        /// Memory that one replica requests, and uses.
        memory: Located<Bytes>,
        /// Cpu that a request takes while it is served; while its server waits for a database it takes
        /// none.
        cpu_per_request: MilliCores = MilliCores(1_000),
        /// How long a replica takes to start.
        starts_in: LawFile = LawFile::Fixed(Span::seconds(10)),
        /// How long nobody notices that a replica was lost: calls still go to it and are refused, and
        /// none takes its place.
        noticed_after: Located<Span> = Located::nowhere(Span::seconds(10)),
        /// How long a replica that is told to end may take for the calls it has (Kubernetes'
        /// terminationGracePeriodSeconds); what it has then is lost.
        ends_within: Located<Span> = Located::nowhere(Span::seconds(30)),
        /// Replicas that are lost: their process ends, whatever they were at.
        losses: Vec<ReplicaLoss> = vec![],
    }
}

element! {
    /// Replicas lost at one moment.
    pub struct ReplicaLoss {
        /// When, after the start.
        at: Located<Span>,
        /// How many, of those that are ready the ones that have been there longest.
        replicas: Located<NonZeroU32> = Located::nowhere(NonZeroU32::MIN),
    }
}
