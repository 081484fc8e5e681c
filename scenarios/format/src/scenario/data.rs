//! Where tenants' data lies, how it is backed up, and how it comes back.

use super::DistributionFile;
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, choice, element};
use seatrial_contract::units::{Bytes, Ppm, Span, mib};

choice! {
    /// Where a tenant's data lies.
    pub enum Data {
        /// On its machine: where that is lost, the tenant waits for it, or is restored from its last backup.
        OnMachine(OnMachine) = "on-machine",
        /// On storage of the network: another machine can attach it.
        OnNetwork(OnNetwork) = "on-network",
    }
}

element! {
    /// Data on a machine's own disk.
    pub struct OnMachine {
        /// What it takes of the machine's disk; what its backups bring back where left out.
        size: Option<Located<Bytes>> = None,
        /// How it is backed up; not at all where left out.
        backups: Option<Backups> = None,
    }
}

element! {
    /// Data on storage of the network.
    pub struct OnNetwork {
        /// How long it takes until another machine has it. Our judgement.
        attaches: DistributionFile = DistributionFile::Fixed(Span::minutes(1)),
    }
}

element! {
    /// Backups of each tenant, at moments of its own.
    pub struct Backups {
        /// From one to the next.
        every: Located<Span>,
        /// What a restore has to bring back of a tenant.
        size: Located<Bytes>,
        /// The share of backups that can be restored; others fail, and nobody knows until one is needed.
        succeed: Located<Ppm> = Located::nowhere(Ppm::WHOLE),
    }
}

element! {
    /// How backups come back: all that is restored at the same time, and backups of databases, share one link.
    pub struct Restoring {
        /// What the link carries in a second.
        link: Located<Bytes> = Located::nowhere(mib(1_024)),
        /// What one tenant is restored at the most in a second: its disk, or one worker. (Databases say it themselves.)
        each: Located<Bytes> = Located::nowhere(mib(200)),
        /// How many tenants are restored at the same time; others wait, the most urgent tier first. Any number where
        /// left out.
        at_once: Option<Located<NonZeroU32>> = None,
        /// How long it takes to verify one that was restored.
        verifies: DistributionFile = DistributionFile::Fixed(Span::ZERO),
        /// Where backups are kept, as a database's `place`: while that place is lost none is made, nothing is archived,
        /// and nothing is restored but from copies off site. Nowhere that is lost where left out.
        place: Option<Located<String>> = None,
    }
}

impl Data {
    /// What a tenant takes of its machine's disk.
    #[must_use]
    pub fn on_machine(&self) -> u64 {
        match self {
            Self::OnNetwork(_) => 0,
            Self::OnMachine(of) => {
                let backed_up = of.backups.as_ref().map(|of| of.size);
                of.size.or(backed_up).map_or(0, |size| size.value.0)
            }
        }
    }
}

impl Default for Data {
    fn default() -> Self {
        Self::OnMachine(OnMachine { size: None, backups: None })
    }
}

impl Default for Restoring {
    fn default() -> Self {
        Self {
            link: Located::nowhere(mib(1_024)),
            each: Located::nowhere(mib(200)),
            at_once: None,
            verifies: DistributionFile::Fixed(Span::ZERO),
            place: None,
        }
    }
}
