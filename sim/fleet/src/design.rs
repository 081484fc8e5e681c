//! What a scenario lays down once and no run changes, worked out for speed.

use crate::places::Places;
use seatrial_contract::units::{Bytes, MilliCores, Ppm, Price, Span};
use seatrial_contract::{Footprint, Priority, Stage, Stages, Stream, ZoneId};
use seatrial_format::scenario::{
    Database, Limits, Load, Part, Pool, Pooler, Prices, Resizing, Scenario, Sessions, Start, Tier,
};
use seatrial_kernel::chance::{Distribution, Rhythm, normal};
use seatrial_traffic::distributions::{distribution, rhythm_of};

/// The whole lay-out.
pub struct Design {
    /// Tiers of tenants.
    pub tiers: Vec<TierDesign>,
    /// Pools of machines.
    pub pools: Vec<PoolDesign>,
    /// What stands beside the pools and costs money.
    pub servers: Vec<ServerDesign>,
    /// Rhythms of the week.
    pub rhythms: Vec<Rhythm>,
    /// How long a start takes.
    pub waking: Distribution,
    /// How a part is given another size.
    pub resizing: ResizingDesign,
    /// Who signs up.
    pub growth: Option<GrowthDesign>,
    /// What use is worth.
    pub prices: Prices,
    /// Stacks of other sizes than their tier's: those of tenants that a logbook brought along.
    pub sized: Vec<Vec<PartDesign>>,
    /// What there is to be called.
    pub names: Names,
    /// Regions, zones and racks.
    pub places: Places,
    /// How often it is taken down what replicas use: as often as the cluster is scraped.
    pub samples_every: Span,
}

/// What zones are called, and the machines and tenants that were there before the run.
#[derive(Default)]
pub struct Names {
    /// Zones.
    pub zones: Vec<String>,
    /// Machines.
    pub nodes: Vec<String>,
    /// Tenants.
    pub tenants: Vec<String>,
    /// Being awake, and the stages of sleep.
    pub stages: Vec<String>,
}

/// How a part is given another size.
pub struct ResizingDesign {
    /// Whether it restarts for that.
    pub way: Resizing,
    /// What becomes of its limits.
    pub limits: Limits,
}

/// A tier of tenants.
pub struct TierDesign {
    /// What it is called.
    pub name: String,
    /// Tenants at the start.
    pub count: u32,
    /// How urgent its tenants are.
    pub priority: Priority,
    /// What a tenant of it consists of.
    pub parts: Vec<PartDesign>,
    /// From one visit to the next.
    pub gap: Distribution,
    /// How long a visit lasts.
    pub length: Distribution,
    /// How long a visitor waits.
    pub patience: Option<Distribution>,
    /// The rhythm of its visits.
    pub rhythm: Option<usize>,
    /// How much its bots have to do, where that varies.
    pub load: Option<LoadDesign>,
    /// How long a tenant stays.
    pub lifetime: Option<Distribution>,
    /// What a tenant pays.
    pub pays: Price,
    /// How its tenants stand at the start.
    pub start: Start,
}

/// A part of a stack.
#[derive(Clone)]
pub struct PartDesign {
    /// What it is called.
    pub name: String,
    /// What is promised to it.
    pub requested: Footprint,
    /// What it uses while nobody is there.
    pub quiet: Footprint,
    /// What it uses while somebody is.
    pub busy: Footprint,
    /// Of what is requested: the cpu and memory used while quiet, then while busy.
    shares: [(Ppm, Ppm); 2],
    /// What it may use at most.
    pub limit: Option<Footprint>,
    /// Bots that it runs.
    pub bots: u32,
    /// It stops at this stage of sleep.
    pub stops_at: Option<Stage>,
}

/// A factor that varies.
pub struct LoadDesign {
    /// How long each holds.
    pub every: Distribution,
    /// Of the logarithm of the factor.
    deviation: f64,
}

impl LoadDesign {
    /// Works it out.
    pub fn new(Load { every, p95 }: &Load) -> Self {
        let deviation = libm::log(p95.value) / seatrial_traffic::distributions::NORMAL_P95;
        Self { every: distribution(every), deviation }
    }

    /// The next factor, in parts per million, and how long it holds.
    pub fn next(&self, stream: &mut Stream) -> (Ppm, Span) {
        let factor = libm::exp(self.deviation * normal(stream));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
        let factor = Ppm((factor * 1e6 + 0.5) as u32);
        (factor, self.every.sample(stream).max(Span::seconds(1)))
    }
}

/// A pool of machines.
pub struct PoolDesign {
    /// What it is called.
    pub name: String,
    /// What one machine has.
    pub machine: Footprint,
    /// Promised over present, of cpu and of memory.
    overcommit: (Ppm, Ppm),
    /// What one costs.
    pub price: Price,
    /// How long one takes to boot.
    pub boot: Distribution,
    /// Starts of tenants on one machine at the same time.
    pub starts_at_once: u32,
    /// What the disk and the network of one machine take a second of what is restored onto it.
    pub takes_in: (u64, u64),
    /// The most machines.
    pub most: u32,
    /// Machines that have to be up.
    pub needs: u32,
    /// Its zones, taken in turn.
    pub zones: Vec<ZoneId>,
}

impl PoolDesign {
    /// How much may be promised on a machine of it.
    pub fn promises(&self, machine: Footprint) -> Footprint {
        let part = |whole: u64, share: Ppm| {
            let part = u128::from(whole) * u128::from(share.0) / 1_000_000;
            u64::try_from(part).unwrap_or(u64::MAX)
        };
        let (cpu, memory) = self.overcommit;
        Footprint {
            cpu: MilliCores(part(machine.cpu.0, cpu)),
            memory: Bytes(part(machine.memory.0, memory)),
        }
    }
}

/// What stands beside the pools and costs money.
pub struct ServerDesign {
    /// What it is called.
    pub name: String,
    /// How many.
    pub count: u32,
    /// What one costs.
    pub price: Price,
}

/// Who signs up.
pub struct GrowthDesign {
    /// Between sign-ups in operational time.
    pub gap: Distribution,
    /// Its rhythm.
    pub rhythm: Option<usize>,
    /// Tiers with their shares added up.
    pub mix: Vec<(usize, f64)>,
}

impl Design {
    /// What a scenario lays down.
    pub fn of(scenario: &Scenario) -> Self {
        let mut zones = Vec::new();
        let pools = scenario.pools.iter().map(|pool| pool_design(pool, &mut zones)).collect();
        for zone in &scenario.zones {
            zone_called(&mut zones, zone.name.as_str());
        }
        let rhythm = |name: &str| scenario.rhythms.iter().position(|r| r.name.as_str() == name);
        Self {
            tiers: scenario.tiers.iter().map(|tier| tier_design(tier, scenario)).collect(),
            pools,
            servers: servers(scenario),
            rhythms: scenario
                .rhythms
                .iter()
                .map(|r| rhythm_of(&r.hours.value, &r.days.value))
                .collect(),
            waking: distribution(&scenario.waking.start_time),
            resizing: ResizingDesign {
                way: scenario.acting.resize,
                limits: scenario.acting.limits,
            },
            growth: scenario.growth.as_ref().and_then(|growth| {
                let mean = Span::from_seconds(1.0 / growth.signups.per_second());
                let mut sum = 0.0;
                let mix = growth.mix.0.iter().filter_map(|(name, share)| {
                    sum += share.value;
                    let tier = scenario.tiers.iter().position(|t| t.name.as_str() == name.value)?;
                    Some((tier, sum))
                });
                Some(GrowthDesign {
                    gap: Distribution::exponential(mean).ok()?,
                    rhythm: growth.rhythm.as_ref().and_then(|name| rhythm(&name.value)),
                    mix: mix.collect(),
                })
            }),
            prices: scenario.prices.clone(),
            sized: Vec::new(),
            places: Places::of(scenario, &zones),
            names: Names { zones, stages: stages(scenario), ..Names::default() },
            samples_every: scenario.sensing.every.value.max(Span::millis(1)),
        }
    }
}

/// Being awake, and the stages of sleep, the lightest first.
fn stages(scenario: &Scenario) -> Vec<String> {
    let asleep = scenario.sleep.named();
    let asleep = asleep.names().iter().cloned();
    core::iter::once(Stages::AWAKE.to_owned()).chain(asleep).collect()
}

/// What stands beside the pools and costs money: servers, and caches, databases and poolers with a price.
fn servers(scenario: &Scenario) -> Vec<ServerDesign> {
    let servers = scenario.servers.iter().map(|server| ServerDesign {
        name: server.name.to_string(),
        count: server.count.value,
        price: server.price.value,
    });
    let caches = scenario.caches.iter().filter_map(|cache| {
        let price = cache.price?.value;
        Some(ServerDesign { name: cache.name.to_string(), count: 1, price })
    });
    let database = |of: &Database| Some((of.name.to_string(), of.price?.value));
    let pooler = |of: &Pooler| Some((of.name.to_string(), of.price?.value));
    let databases = scenario.databases.iter().filter_map(database);
    let poolers = scenario.poolers.iter().filter_map(pooler);
    let beside =
        databases.chain(poolers).map(|(name, price)| ServerDesign { name, count: 1, price });
    servers.chain(caches).chain(beside).collect()
}

fn zone_called(zones: &mut Vec<String>, name: &str) -> ZoneId {
    let at = zones.iter().position(|zone| zone == name).unwrap_or_else(|| {
        zones.push(name.to_owned());
        zones.len() - 1
    });
    ZoneId::at(at)
}

fn pool_design(pool: &Pool, zones: &mut Vec<String>) -> PoolDesign {
    let mut zone = |name: &str| zone_called(zones, name);
    let mut of_pool: Vec<ZoneId> = pool.zones.iter().map(|name| zone(name.as_str())).collect();
    if of_pool.is_empty() {
        of_pool.push(zone("zone-a"));
    }
    PoolDesign {
        name: pool.name.to_string(),
        machine: Footprint { cpu: pool.machine.cpu.value, memory: pool.machine.memory.value },
        overcommit: (pool.overcommit.cpu.value, pool.overcommit.memory.value),
        price: pool.price.value,
        boot: distribution(&pool.boot),
        starts_at_once: pool.starts_at_once.get(),
        takes_in: pool.machine.takes_in(),
        most: pool.most(),
        needs: pool.needs(),
        zones: of_pool,
    }
}

fn tier_design(tier: &Tier, scenario: &Scenario) -> TierDesign {
    let stack = scenario.stacks.iter().find(|stack| stack.name.as_str() == tier.stack.value);
    let parts = stack.map(|stack| stack.parts.as_slice()).unwrap_or_default();
    let stages = scenario.sleep.named();
    let Sessions { gap, rhythm, length, patience } = &tier.sessions;
    TierDesign {
        name: tier.name.to_string(),
        count: tier.tenants.value,
        priority: tier.priority,
        parts: parts.iter().map(|part| part_design(part, tier, &stages)).collect(),
        gap: distribution(gap),
        length: distribution(length),
        patience: patience.as_ref().map(distribution),
        rhythm: rhythm.as_ref().and_then(|name| {
            scenario.rhythms.iter().position(|rhythm| rhythm.name.as_str() == name.value)
        }),
        load: tier.load.as_ref().map(LoadDesign::new),
        lifetime: tier.lifetime.as_ref().map(distribution),
        pays: tier.pays.value,
        start: tier.start,
    }
}

fn part_design(part: &Part, tier: &Tier, stages: &Stages) -> PartDesign {
    let bots = u64::from(tier.bots.value);
    let requested = Footprint {
        cpu: part.cpu.value + part.cpu_per_bot.value * bots,
        memory: part.memory.value + part.memory_per_bot.value * bots,
    };
    let shares = [&part.quiet, &part.busy].map(|used| (used.cpu.value, used.memory.value));
    let [quiet, busy] = shares.map(|shares| used(requested, shares));
    PartDesign {
        name: part.name.to_string(),
        requested,
        quiet,
        busy,
        shares,
        limit: tier.limit.as_ref().map(|l| Footprint { cpu: l.cpu, memory: l.memory.value }),
        bots: if part.runs_bots { tier.bots.value } else { 0 },
        stops_at: part.stops_at(stages),
    }
}

fn used(requested: Footprint, (cpu, memory): (Ppm, Ppm)) -> Footprint {
    Footprint { cpu: requested.cpu.part(cpu), memory: requested.memory.part(memory) }
}

impl PartDesign {
    /// The same part of another size: it uses as large a share of it, and may have all of it.
    pub fn sized(&self, requested: Footprint) -> Self {
        let [quiet, busy] = self.shares.map(|shares| used(requested, shares));
        let limit = self.limit.map(|limit| Footprint {
            cpu: limit.cpu.max(requested.cpu),
            memory: limit.memory.max(requested.memory),
        });
        Self { requested, quiet, busy, limit, ..self.clone() }
    }
}
