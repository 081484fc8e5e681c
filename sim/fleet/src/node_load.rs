//! What was asked of one machine, over time, and how much of that it could give. Knows no machine.

use seatrial_contract::Footprint;
use seatrial_contract::units::{Bytes, MilliCores, Moment};

/// What was asked of one machine, over time.
#[derive(Clone, Copy, Debug, Default)]
pub struct NodeLoad {
    until: Moment,
    /// Nanoseconds in service.
    pub ready: u128,
    /// Nanoseconds during which more cpu was asked for than there is.
    pub over: u128,
    /// Millicores times nanoseconds that there were.
    pub cpu_capacity: u128,
    /// All that was asked for, whether there was as much or not.
    cpu_asked: u128,
    /// Of what was asked for, what there was not.
    pub cpu_shed: u128,
    /// Bytes times nanoseconds that there were.
    pub memory_capacity: u128,
    /// Of those, what was used.
    pub memory_used: u128,
}

impl NodeLoad {
    /// Counts from now on.
    pub fn new(now: Moment) -> Self {
        Self { until: now, ..Self::default() }
    }

    /// Counts on from now; what was before is not counted.
    pub fn goes_on(&mut self, now: Moment) {
        self.until = now;
    }

    /// So much was asked for until now.
    pub fn settle(&mut self, now: Moment, asked: Footprint, capacity: Footprint) {
        let span = u128::from(now.since(self.until).0);
        if span == 0 {
            return;
        }
        let (MilliCores(asked_cpu), MilliCores(cpu)) = (asked.cpu, capacity.cpu);
        let (Bytes(used_memory), Bytes(memory)) = (asked.memory, capacity.memory);
        self.until = now;
        self.ready += span;
        self.over += if asked_cpu > cpu { span } else { 0 };
        self.cpu_capacity += u128::from(cpu) * span;
        self.cpu_asked += u128::from(asked_cpu) * span;
        self.cpu_shed += u128::from(asked_cpu.saturating_sub(cpu)) * span;
        self.memory_capacity += u128::from(memory) * span;
        self.memory_used += u128::from(used_memory) * span;
    }

    /// Millicores × nanoseconds that were used.
    pub fn cpu_used(&self) -> u128 {
        self.cpu_asked.saturating_sub(self.cpu_shed).min(self.cpu_capacity)
    }

    /// In place of so many millicores × nanoseconds that were booked, so many were asked for.
    pub fn correct(&mut self, booked: u128, taken: u128) {
        self.cpu_asked = (self.cpu_asked + taken).saturating_sub(booked);
    }

    /// Adds what was asked of another.
    pub fn merge(&mut self, other: &Self) {
        self.ready += other.ready;
        self.over += other.over;
        self.cpu_capacity += other.cpu_capacity;
        self.cpu_asked += other.cpu_asked;
        self.cpu_shed += other.cpu_shed;
        self.memory_capacity += other.memory_capacity;
        self.memory_used += other.memory_used;
    }
}
