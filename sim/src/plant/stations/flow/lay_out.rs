//! Builds the flow of a scenario: which streams go through which lines, shelves and gates.

use super::bins::{Bins, whole};
use super::gate::{Gate, Limits};
use super::line::{Line, Tools};
use super::path::{Leg, Path};
use super::shelf::Shelf;
use super::spread::{Looks, Spread};
use super::stream::Stream;
use super::zoom::Zooms;
use super::{Flow, deposit::float};
use crate::laws::law;
use crate::plant::stations::contention::Contention;
use crate::plant::stations::source::Source;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::{
    Arrivals, Database, Following, PoolPer, Pooler, Pooling, Query, Scenario, Traffic,
};

/// A database, as gates feel it.
pub(super) struct Base {
    contention: Contention,
    /// What so many get done together, counted from none.
    speeds: Vec<f64>,
    /// The most that any number gets done together.
    pub(super) best: f64,
    /// Connections that callers may have.
    pub(super) most: f64,
    /// From and until when it cannot be reached.
    outages: Vec<(Moment, Moment)>,
}

/// A database that cannot be reached: for how many seconds it has been so, and will be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Down {
    pub(super) since: f64,
    pub(super) left: f64,
}

/// Speeds of more queries at once than this are worked out where they are needed.
const SPEEDS: u32 = 2_048;

impl Base {
    fn new(file: &Database, starts: Moment) -> Self {
        let contention = Contention::new(&file.contention, file.cores.get());
        let most = file.max_connections.get().saturating_sub(file.reserved.value);
        let speeds = (0..=most.min(SPEEDS)).map(|active| contention.speed(active));
        let speeds: Vec<f64> = speeds.collect();
        let best = speeds.iter().copied().fold(1.0, f64::max);
        let outages = file.outages.iter().map(|of| {
            let begins = starts.after(of.at.value);
            (begins, begins.after(of.lasts.value))
        });
        let mut outages: Vec<(Moment, Moment)> = outages.collect();
        outages.sort_unstable();
        // One that begins within another only makes it longer.
        outages.dedup_by(|next, last| {
            let is_within = next.0 <= last.1;
            last.1 = if is_within { last.1.max(next.1) } else { last.1 };
            is_within
        });
        Self { contention, speeds, best, most: f64::from(most), outages }
    }

    /// Whether it cannot be reached at a moment.
    pub(super) fn down(&self, now: Moment) -> Option<Down> {
        let found = self.outages.iter().find(|(begins, ends)| *begins <= now && now < *ends)?;
        let (since, left) = (now.since(found.0).as_seconds(), found.1.since(now).as_seconds());
        Some(Down { since, left })
    }

    /// When it will be otherwise next, for callers who wait for so long.
    pub(super) fn next_change(&self, now: Moment, waits: Span) -> Moment {
        let changes = self.outages.iter().flat_map(|(begins, ends)| {
            let gives_up = begins.after(waits).min(*ends);
            let hopes = Moment(ends.0.saturating_sub(waits.0)).max(*begins);
            [*begins, gives_up, hopes, *ends]
        });
        changes.filter(|change| *change > now).min().unwrap_or(Moment::NEVER)
    }

    /// By how much queries are slowed down where so many are at work.
    pub(super) fn slowed(&self, active: f64) -> f64 {
        let active = active.max(1.0);
        let floor = active.floor();
        let low = u32::try_from(whole(floor)).unwrap_or(u32::MAX);
        let speed = |at: u32| match self.speeds.get(at as usize) {
            Some(speed) => *speed,
            None => self.contention.speed(at),
        };
        let (one, next) = (speed(low), speed(low.saturating_add(1)));
        active / (one + (next - one) * (active - floor))
    }
}

impl Flow {
    pub(in super::super) fn new(scenario: &Scenario, sources: &[Source], starts: Moment) -> Self {
        let mut shelves: Vec<Shelf> = scenario.caches.iter().map(Shelf::new).collect();
        let bases = scenario.databases.iter().map(|of| Base::new(of, starts));
        let mut gates = Gates { scenario, gates: Vec::new(), keys: Vec::new() };
        let mut streams = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            let named = scenario.traffic.iter().find(|of| of.name.as_str() == source.name);
            let path = named.map(|traffic| gates.path(traffic, number)).unwrap_or_default();
            streams.push(Stream::new(source, scenario, &mut shelves, path));
        }
        let lines = scenario.services.iter().enumerate().map(|(at, file)| {
            let here = streams.iter().filter(|of| of.line == Some(at));
            let levels = here.map(|of| of.level).max();
            let patience = file.patience.as_ref().map(law);
            Line::new(file, patience.as_ref(), usize::from(levels.unwrap_or(0)) + 1)
        });
        let zooms = Zooms::new(scenario, starts);
        let first = zooms.as_ref().map_or(Moment::NEVER, Zooms::next);
        Self {
            until: starts,
            counted_from: starts.after(*scenario.warm_up),
            counted_to: starts.after(*scenario.duration).min(first),
            step: 1e-3,
            is_stirred: false,
            stirred_at: starts,
            lines: lines.collect(),
            gates: gates.gates,
            bases: bases.collect(),
            streams,
            shelves,
            voyage_starts: starts,
            zooms: zooms.map(Box::new),
            tools: Tools { looks: Looks::new(), bins: Bins::default() },
        }
    }
}

/// The gates found so far, each with what tells it from the others.
struct Gates<'a> {
    scenario: &'a Scenario,
    gates: Vec<Gate>,
    keys: Vec<(usize, Option<usize>, usize)>,
}

impl Gates<'_> {
    /// What calls of a kind ask, in order.
    fn path(&mut self, traffic: &Traffic, number: usize) -> Path {
        let mut bins = Bins::default();
        let mut path = Path::default();
        let mut last: Option<(usize, bool)> = None;
        for query in &traffic.queries {
            let Some((gate, keeps)) = self.gate(query, traffic, number) else { continue };
            let takes = Spread::of(&law(&query.service_time));
            let (count, writes) = (query.count.get(), float(query.writes.value.0));
            let database = &self.scenario.databases[self.gates[gate].database];
            let commit = if writes > 0.0 { commit(database) } else { Spread::NONE };
            if !keeps {
                path.legs.push(Leg {
                    gate,
                    times: count,
                    alone: takes,
                    queries: 1.0,
                    kinds: 1,
                    writes,
                    commit,
                });
                last = Some((gate, keeps));
                continue;
            }
            // One connection for all that is asked there in a row.
            let all = takes.repeated(count, &mut bins);
            let commits = commit.repeated(count, &mut bins);
            match path.legs.last_mut().filter(|_| last == Some((gate, true))) {
                Some(leg) => {
                    leg.alone = leg.alone.and(&all, &mut bins);
                    leg.commit = leg.commit.and(&commits, &mut bins);
                    leg.queries += f64::from(count);
                    leg.kinds += 1;
                    leg.writes += writes * f64::from(count);
                }
                None => path.legs.push(Leg {
                    gate,
                    times: 1,
                    alone: all,
                    queries: f64::from(count),
                    kinds: 1,
                    writes: writes * f64::from(count),
                    commit: commits,
                }),
            }
            last = Some((gate, keeps));
        }
        path
    }

    /// Where a query gets its connection, and whether it is kept for the next query there.
    fn gate(&mut self, query: &Query, traffic: &Traffic, number: usize) -> Option<(usize, bool)> {
        let asked = query.at.value.as_str();
        let databases = &self.scenario.databases;
        let pooled = self.scenario.poolers.iter().position(|of| of.name.as_str() == asked);
        let Some(pooler) = pooled else {
            let database = databases.iter().position(|of| of.name.as_str() == asked)?;
            let file = &databases[database];
            let most = f64::from(file.max_connections.get().saturating_sub(file.reserved.value));
            let limits = Limits { size: most, clients: most, waits: None, idles: Span::ZERO };
            return Some((self.find((database, None, 0), 1.0, &limits), true));
        };
        let file = &self.scenario.poolers[pooler];
        let name = file.database.value.as_str();
        let database = databases.iter().position(|of| of.name.as_str() == name)?;
        let (apart, copies) = self.copies(file, traffic, number);
        let limits = Limits {
            size: f64::from(file.pool_size.get()).min(
                file.most.as_ref().map_or(f64::INFINITY, |most| f64::from(most.get()) / copies),
            ),
            clients: file.clients_most.as_ref().map_or(f64::INFINITY, |of| f64::from(of.get())),
            waits: Some(file.wait_timeout.value),
            idles: file.idle_timeout.value,
        };
        let gate = self.find((database, Some(pooler), apart), copies, &limits);
        Some((gate, file.pooling == Pooling::Session))
    }

    /// Which of a pooler's kinds of pools calls go to, and how many there are.
    fn copies(&self, file: &Pooler, traffic: &Traffic, number: usize) -> (usize, f64) {
        match file.pool_per {
            PoolPer::Database => (0, 1.0),
            // The format lets no flow through whose pools are apart by tier.
            PoolPer::Traffic | PoolPer::Tier => (number + 1, 1.0),
            // One for each tenant that calls; how many these are changes.
            PoolPer::Tenant if matches!(traffic.arrivals, Arrivals::Tenants(_)) => (0, 1.0),
            PoolPer::Tenant => (number + 1, 1.0),
            PoolPer::Replica => {
                let called = traffic.called();
                let services = &self.scenario.services;
                let found = services.iter().position(|of| Some(of.name.as_str()) == called);
                let copies = found.map_or(1.0, |at| f64::from(services[at].replicas.get()));
                (found.map_or(0, |at| at + 1), copies)
            }
        }
    }

    fn find(&mut self, key: (usize, Option<usize>, usize), copies: f64, limits: &Limits) -> usize {
        if let Some(at) = self.keys.iter().position(|known| *known == key) {
            return at;
        }
        let connecting = law(&self.scenario.databases[key.0].connecting);
        let (database, pooler, _) = key;
        let is_of_tenants = pooler
            .is_some_and(|at| self.scenario.poolers[at].pool_per == PoolPer::Tenant && key.2 == 0);
        self.keys.push(key);
        self.gates.push(Gate::new(
            (database, pooler),
            (copies, is_of_tenants),
            limits,
            &connecting,
        ));
        self.gates.len() - 1
    }
}

/// How long a commit waits for the slowest standby that it waits for.
fn commit(database: &Database) -> Spread {
    let waits = database.standbys.iter().filter(|of| of.following == Following::Synchronous);
    let spreads = waits.map(|of| Spread::of(&law(&of.round_trip)));
    spreads.max_by(|one, other| one.mean().total_cmp(&other.mean())).unwrap_or(Spread::NONE)
}
