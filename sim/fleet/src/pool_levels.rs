//! What the machines of a pool have, have promised and give, all together and at every moment. Knows no machine.

use seatrial_contract::Footprint;
use seatrial_contract::units::{Bytes, MilliCores, Moment};
use seatrial_kernel::statistics::TimeWeighted;

/// Machines of one pool together.
#[derive(Clone, Debug)]
pub struct PoolLevels {
    /// Machines that were ordered and are not there yet.
    pub booting: TimeWeighted,
    /// What those have that take tenants.
    pub capacity: Both,
    /// What may be promised of that.
    pub promisable: Both,
    /// What is promised to tenants and replicas that were given a machine.
    pub requested: Both,
    /// What is given of what there is.
    pub used: Both,
}

/// Cpu in millicores, and memory in bytes.
#[derive(Clone, Debug)]
pub struct Both {
    /// In millicores.
    pub cpu: TimeWeighted,
    /// In bytes.
    pub memory: TimeWeighted,
}

/// What one machine adds to its pool's levels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub(crate) capacity: Footprint,
    pub(crate) promisable: Footprint,
    pub(crate) used: Footprint,
}

impl Both {
    fn new(now: Moment) -> Self {
        Self { cpu: TimeWeighted::new(now, 0), memory: TimeWeighted::new(now, 0) }
    }

    pub(crate) fn change(&mut self, now: Moment, before: Footprint, after: Footprint) {
        if before != after {
            let (MilliCores(less), MilliCores(more)) = (before.cpu, after.cpu);
            self.cpu.set(now, self.cpu.value() - less + more);
            let (Bytes(less), Bytes(more)) = (before.memory, after.memory);
            self.memory.set(now, self.memory.value() - less + more);
        }
    }

    /// What it is now.
    pub(crate) fn value(&self) -> Footprint {
        Footprint { cpu: MilliCores(self.cpu.value()), memory: Bytes(self.memory.value()) }
    }
}

impl PoolLevels {
    pub(crate) fn new(now: Moment) -> Self {
        Self {
            booting: TimeWeighted::new(now, 0),
            capacity: Both::new(now),
            promisable: Both::new(now),
            requested: Both::new(now),
            used: Both::new(now),
        }
    }

    /// Forgets the warm-up.
    pub(crate) fn reset(&mut self, now: Moment) {
        self.booting.reset(now);
        for both in [&mut self.capacity, &mut self.promisable, &mut self.requested, &mut self.used]
        {
            both.cpu.reset(now);
            both.memory.reset(now);
        }
    }
}
