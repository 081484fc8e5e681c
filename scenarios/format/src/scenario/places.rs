//! Where tenants live, and what else must be paid for.

use super::DistributionFile;
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Name, element};
use seatrial_contract::units::{Bytes, MilliCores, Ppm, Price, Span};

element! {
    /// A pool of equal machines.
    pub struct Pool {
        /// The pool's name, by which services, policies, alerts and metrics refer to it.
        name: Located<Name>,
        /// How many machines it has at the start.
        count: Located<u32>,
        /// The fewest that a policy may leave; the number at the start where left out.
        least: Option<Located<u32>> = None,
        /// The most that a policy may order; the number at the start where left out.
        most: Option<Located<u32>> = None,
        /// The size of one machine.
        machine: Machine,
        /// What one machine costs while it is kept.
        price: Located<Price>,
        /// How long an ordered machine takes until it takes tenants. Our judgement where left out.
        boot: DistributionFile = DistributionFile::Fixed(Span::minutes(3)),
        /// The tiers it takes; all of them where left out. A pool for services takes none: `[]`.
        tiers: Option<Vec<Located<String>>> = None,
        /// The most tenants that one machine takes, those that sleep included; no limit where left out.
        tenants_most: NonZeroU32 = NonZeroU32::MAX,
        /// How much may be requested of a machine, as a share of what it has.
        overcommit: Overcommit = Overcommit::default(),
        /// How many tenants one machine can start at the same time; others queue.
        starts_at_once: NonZeroU32 = NonZeroU32::new(8).unwrap_or(NonZeroU32::MIN),
        /// The zones that its machines are in, in turn.
        zones: Located<Vec<Name>> = Located::nowhere(Vec::from_iter(Name::new("zone-a"))),
        /// How many of its machines have to be up for it to do its work: `enough_up_share` says for what part
        /// of the time they are. All that it has at the start where left out.
        needs: Option<Located<u32>> = None,
    }
}

element! {
    /// A zone: its region, and its racks. A zone that only pools name has no racks.
    pub struct Zone {
        /// The zone's name, as pools name it.
        name: Located<Name>,
        /// Its region; all zones without one are in the same.
        region: Option<Located<Name>> = None,
        /// Its racks; the machines of each pool stand in them in turn.
        racks: Located<Vec<Name>> = Located::nowhere(vec![]),
    }
}

element! {
    /// The size of one machine.
    pub struct Machine {
        /// Cpu of one machine.
        cpu: Located<MilliCores>,
        /// Memory of one machine.
        memory: Located<Bytes>,
        /// Disk of one machine: it takes no more tenants than have their data there, each counted as one of the tier
        /// with most of those that the pool takes. No limit where left out.
        disk: Option<Located<Bytes>> = None,
        /// What is written to that disk a second at the most, by all who are restored there together. No limit where
        /// left out.
        disk_rate: Option<Located<Bytes>> = None,
        /// What comes to one machine by the network a second at the most, of the same. No limit where left out.
        network: Option<Located<Bytes>> = None,
    }
}

element! {
    /// What may be requested over what is there: 400 % of cpu lets 128 cores be requested of 32.
    pub struct Overcommit {
        /// Cpu that may be requested; where more is used than is there, all on the machine are slowed.
        cpu: Located<Ppm> = Located::nowhere(Ppm::WHOLE),
        /// Memory that may be requested; where more is used than is there, a container is killed.
        memory: Located<Ppm> = Located::nowhere(Ppm::WHOLE),
    }
}

element! {
    /// A server beside the pools: it costs money and holds no tenants.
    pub struct Server {
        /// Its name, under which it is on the bill.
        name: Located<Name>,
        /// How many of them.
        count: Located<u32> = Located::nowhere(1),
        /// What one of them costs.
        price: Located<Price>,
    }
}

impl Machine {
    /// What its disk and its network take a second of what is restored onto one.
    #[must_use]
    pub fn takes_in(&self) -> (u64, u64) {
        let most = |of: &Option<Located<Bytes>>| of.as_ref().map_or(u64::MAX, |of| of.value.0);
        (most(&self.disk_rate).max(1), most(&self.network).max(1))
    }
}

impl Pool {
    /// The fewest machines that a policy may leave.
    #[must_use]
    pub fn least(&self) -> u32 {
        self.least.map_or(self.count.value, |least| least.value)
    }

    /// The most machines that a policy may order.
    #[must_use]
    pub fn most(&self) -> u32 {
        self.most.map_or(self.count.value, |most| most.value)
    }

    /// How many machines have to be up.
    #[must_use]
    pub fn needs(&self) -> u32 {
        self.needs.map_or(self.count.value, |needs| needs.value)
    }

    /// Whether a tenant of this tier may live here.
    #[must_use]
    pub fn takes(&self, tier: &str) -> bool {
        self.tiers.as_ref().is_none_or(|tiers| tiers.iter().any(|named| named.value == tier))
    }
}

impl Default for Overcommit {
    fn default() -> Self {
        Self { cpu: Located::nowhere(Ppm::WHOLE), memory: Located::nowhere(Ppm::WHOLE) }
    }
}
