//! A miniature scenario for the tests: a bit of everything that the real one has.

use seatrial_contract::config::{Keyed, Name, choice, element, words};
use seatrial_contract::units::{Bytes, Frequency, MilliCores, Ppm, Price, Span};

element! {
    /// A miniature scenario.
    pub struct Miniature {
        /// How long it runs.
        duration: Span,
        /// Where chance begins.
        seed: u64 = 1,
        /// Which machines there are.
        pools: Vec<Pool>,
        /// Who pays what.
        tiers: Keyed<Tier>,
        /// When people come.
        arrivals: Distribution = Distribution::Fixed(Fixed { every: Span::minutes(1) }),
        /// A note for readers.
        note: Option<String> = None,
    }
}

element! {
    /// Machines of one shape.
    pub struct Pool {
        /// What others call it.
        name: Name,
        /// How many machines.
        count: u32 = 1,
        /// Processors of one machine.
        cpu: MilliCores,
        /// Memory of one machine.
        memory: Bytes = Bytes(1 << 30),
        /// What one machine costs.
        price: Option<Price> = None,
        /// How it is paid.
        purchase: Purchase = Purchase::OnDemand,
        /// How much of it may be promised.
        fill: Ppm = Ppm(1_000_000),
    }
}

element! {
    /// Tenants who pay alike.
    pub struct Tier {
        /// How many.
        tenants: u32,
        /// Hours of the day when they are awake.
        awake: Vec<u8> = Vec::new(),
        /// The part of them that is awake in those hours.
        share: f64 = 0.5,
    }
}

words! {
    /// How machines are paid.
    pub enum Purchase {
        /// By the hour.
        OnDemand = "on-demand",
        /// Cheap, and gone at any moment.
        Spot = "spot",
    }
}

choice! {
    /// A distribution of chance.
    pub enum Distribution {
        /// Without memory.
        Poisson(Poisson) = "poisson",
        /// As a clock.
        Fixed(Fixed) = "fixed",
    }
}

element! {
    /// Without memory.
    pub struct Poisson {
        /// How often.
        rate: Frequency,
    }
}

element! {
    /// As a clock.
    pub struct Fixed {
        /// How far apart.
        every: Span,
    }
}

/// A file with nothing wrong in it.
pub const GOOD: &str = r#"# A quiet week.
duration = "7 d"
seed = 42

[[pools]]
name = "worker-low"
count = 5
cpu = "8 cores"
memory = "64 GiB"
price = "$0.34/h"

[[pools]]
name = "worker-high"
cpu = "16 cores"
purchase = "spot"
fill = "90 %"

[tiers.free]
tenants = 900
awake = [8, 9, 10]
share = 0.4

[tiers."very important"]
tenants = 100

[arrivals]
kind = "poisson"
rate = "3/s"
"#;
