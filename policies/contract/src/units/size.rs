//! Sizes in bytes.

use super::quantity::{Quantity, counts, serde_as_text, write_exact};
use core::fmt;

/// An amount of memory, disk or traffic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes(pub u64);

/// This many mebibytes.
#[must_use]
pub const fn mib(n: u64) -> Bytes {
    Bytes(n << 20)
}

/// This many gibibytes.
#[must_use]
pub const fn gib(n: u64) -> Bytes {
    Bytes(n << 30)
}

counts!(Bytes);

const UNITS: &[(&str, u128)] = &[
    ("B", 1),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
];

impl Quantity for Bytes {
    const WHAT: &'static str = "a size";
    const UNITS: &'static [(&'static str, u128)] = UNITS;
    const EXAMPLE: &'static str = "\"64 GiB\"";
    fn from_smallest(count: u128) -> Option<Self> {
        u64::try_from(count).ok().map(Self)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_exact(f, u128::from(self.0), &UNITS[..5])
    }
}

serde_as_text!(Bytes, u64);
