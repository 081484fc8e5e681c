//! Processors and accelerators in thousandths.

use super::quantity::{Quantity, counts, serde_as_text, write_exact};
use core::fmt;

/// Processor time per time, in thousandths of a core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MilliCores(pub u64);

/// Accelerator share, in thousandths of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MilliGpu(pub u64);

/// This many thousandths of a core.
#[must_use]
pub const fn millicores(n: u64) -> MilliCores {
    MilliCores(n)
}

/// This many cores.
#[must_use]
pub const fn cores(n: u64) -> MilliCores {
    MilliCores(n * 1_000)
}

counts!(MilliCores);
counts!(MilliGpu);

const CORES: &[(&str, u128)] = &[("cores", 1_000), ("core", 1_000), ("m", 1)];
const GPUS: &[(&str, u128)] = &[("gpu", 1_000), ("gpus", 1_000), ("mgpu", 1)];

impl Quantity for MilliCores {
    const WHAT: &'static str = "an amount of cpu";
    const UNITS: &'static [(&'static str, u128)] = CORES;
    const EXAMPLE: &'static str = "\"0.5 cores\"";
    fn from_smallest(count: u128) -> Option<Self> {
        u64::try_from(count).ok().map(Self)
    }
}

impl Quantity for MilliGpu {
    const WHAT: &'static str = "an amount of gpu";
    const UNITS: &'static [(&'static str, u128)] = GPUS;
    const EXAMPLE: &'static str = "\"0.5 gpu\"";
    fn from_smallest(count: u128) -> Option<Self> {
        u64::try_from(count).ok().map(Self)
    }
}

impl fmt::Display for MilliCores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_exact(f, u128::from(self.0), &[("cores", 1_000), ("m", 1)])
    }
}

impl fmt::Display for MilliGpu {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_exact(f, u128::from(self.0), &[("gpu", 1_000), ("mgpu", 1)])
    }
}

serde_as_text!(MilliCores, u64);
serde_as_text!(MilliGpu, u64);
