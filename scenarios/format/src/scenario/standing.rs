//! Where the copies of a service stand, and how they come and go.

use super::{DistributionFile, Load};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, element};
use seatrial_contract::units::{Bytes, MilliCores, Span};

element! {
    /// The machines that a service's replicas stand on.
    pub struct Standing {
        /// The pool of those machines, by its name.
        pool: Located<String>,
        /// Processors that one replica requests.
        cpu: Located<MilliCores>,
        /// Memory that one replica requests.
        memory: Located<Bytes>,
        /// What one replica uses, beside the cpu of its requests.
        uses: Using = Using::default(),
        /// Cpu that a request takes while it is served; while its server waits for a database it takes
        /// none.
        cpu_per_request: MilliCores = MilliCores(1_000),
        /// How long a replica takes to start.
        start_time: DistributionFile = DistributionFile::Fixed(Span::seconds(10)),
        /// How long nobody notices that a replica was lost: calls still go to it and are refused, and
        /// none takes its place.
        noticed_after: Located<Span> = Located::nowhere(Span::seconds(10)),
        /// How long a replica that is told to end may take for the calls it has (Kubernetes'
        /// terminationGracePeriodSeconds); what it has then is lost.
        grace_period: Located<Span> = Located::nowhere(Span::seconds(30)),
        /// Replicas that are lost: their process ends, whatever they were at.
        losses: Vec<ReplicaLoss> = vec![],
    }
}

element! {
    /// What a replica uses of its machine. It uses no more memory than the machine has left for it: whatever
    /// it wants beyond that it goes without.
    pub struct Using {
        /// Cpu that it takes as long as it is there, whether it serves anybody or not.
        cpu: Located<MilliCores> = Located::nowhere(MilliCores(0)),
        /// Memory that it uses as long as it is there; half of what it requests where left out.
        memory: Option<Located<Bytes>> = None,
        /// Memory for each request that it has: that waits, is served, or asks databases.
        memory_per_request: Bytes = Bytes::ZERO,
        /// Memory for each connection that it has: those of its own pool, idle ones too, and those to
        /// other pools and to databases that its requests have or wait for.
        memory_per_connection: Bytes = Bytes::ZERO,
        /// A factor on all of that memory, redrawn again and again: lognormal around 1.
        varies: Option<Load> = None,
    }
}

impl Default for Using {
    fn default() -> Self {
        Self {
            cpu: Located::nowhere(MilliCores(0)),
            memory: None,
            memory_per_request: Bytes::ZERO,
            memory_per_connection: Bytes::ZERO,
            varies: None,
        }
    }
}

impl Standing {
    /// Memory that a replica uses whether it has requests or not. J: half of its request, where nothing
    /// else is said; what is requested is meant to be more than what is used.
    #[must_use]
    pub fn memory_at_rest(&self) -> Bytes {
        match &self.uses.memory {
            Some(memory) => memory.value,
            None => Bytes(self.memory.value.0 / 2),
        }
    }
}

element! {
    /// Replicas lost at one moment.
    pub struct ReplicaLoss {
        /// When, counted from the start of the run.
        at: Located<Span>,
        /// How many, of those that are ready the ones that have been there longest.
        replicas: Located<NonZeroU32> = Located::nowhere(NonZeroU32::MIN),
    }
}
