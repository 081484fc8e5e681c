//! Sets a world up as a departure found it: machines first, then tenants, then their plans.
//! Places nobody and decides nothing: the pilot looks as soon as time passes.

use crate::departure::Departure;
use crate::past::PAST;
use crate::resized::Sizes;
use crate::world::World;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{NodeState, Phase as Seen, Tenant as Row};
use seatrial_contract::{NodeId, Purpose, Stage, Stream, TenantId, ZoneId};
use seatrial_fleet::design::{PoolDesign, TierDesign};
use seatrial_fleet::nodes::{Closed, Node, boot_time};
use seatrial_fleet::tenants::Phase;
use seatrial_fleet::{Event, growth, nodes, sessions, starting, usage};
use seatrial_record::{Departure as Told, DeparturePool, DepartureTier};

const RESUME: Purpose = Purpose::new("resume");

/// What could not be taken over as it was.
#[derive(Default)]
struct Odd {
    lost: usize,
    on_lost: usize,
    missing: usize,
    broken: usize,
    never_seen: usize,
    clamped: usize,
    beyond: usize,
}

/// Takes over the machines and tenants of a departure, and says so.
pub(crate) fn depart(world: &mut World, from: &Departure) -> Told {
    let mut odd = Odd::default();
    let machines = take_machines(world, from, &mut odd);
    let (tenants, notes) = take_tenants(world, from, &machines, &mut odd);
    world.know_all_tenants();
    plan_on(world, from, &tenants, &mut odd);
    world.observe_now();
    Told {
        of: from.origin.of.clone(),
        taken_at: from.origin.clock.tell(from.view.taken_at),
        check: from.origin.check.clone(),
        pools: departure_pools(world),
        tiers: departure_tiers(world),
        notes: odd.notes().into_iter().chain(notes).collect(),
    }
}

/// Takes over the machines; says which of ours each is.
fn take_machines(world: &mut World, from: &Departure, odd: &mut Odd) -> Vec<Option<NodeId>> {
    let zones: Vec<ZoneId> = from
        .names
        .zones
        .iter()
        .map(|name| zone(&mut world.fleet.design.names.zones, name))
        .collect();
    let mut ours = Vec::with_capacity(from.view.nodes().len());
    for (index, row) in from.view.nodes().iter().enumerate() {
        if matches!(row.state, NodeState::Gone | NodeState::Lost) {
            odd.lost += usize::from(row.state == NodeState::Lost);
            ours.push(None);
            continue;
        }
        let id = NodeId::at(world.fleet.nodes.len());
        let pool = from.pools[row.pool.index()];
        let design = &world.fleet.design.pools[pool.index()];
        let unnamed = || ZoneId::at(row.zone.index() % world.fleet.design.names.zones.len().max(1));
        let zone = zones.get(row.zone.index()).copied().unwrap_or_else(unnamed);
        world.fleet.nodes.push(Node {
            spot: world.fleet.design.places.spot(zone, index),
            closed: Closed { cordoned: row.cordoned, draining: row.draining },
            capacity: row.capacity,
            ..Node::order(pool, 0, &world.fleet.design, world.fleet.schedule.starts)
        });
        let boot = boot_time(world.fleet.dice, id, design);
        world.fleet.touch_node(id);
        world.fleet.measures.count_node(world.fleet.schedule.starts, pool, 0, 1);
        world.fleet.design.names.nodes.push(from.names.node(NodeId::at(index)));
        if row.state == NodeState::Ready {
            nodes::node_ready(&mut world.fleet, id);
        } else {
            world.fleet.later(boot, Event::NodeReady(id));
        }
        world.fleet.nodes[id.index()].since = from.before_start(row.since);
        ours.push(Some(id));
    }
    ours
}

/// Takes over the tenants with their homes, stages and phases; says which ours are.
fn take_tenants(
    world: &mut World,
    from: &Departure,
    machines: &[Option<NodeId>],
    odd: &mut Odd,
) -> (Vec<TenantId>, Option<String>) {
    let mut sizes = Sizes::default();
    let mut theirs = Vec::new();
    world.view.reserve(from.view.tenants().len(), from.view.units().len());
    for (index, row) in from.view.tenants().iter().enumerate() {
        if !row.phase.is_present() {
            odd.missing += usize::from(row.phase == Seen::Missing);
            continue;
        }
        let before = TenantId::at(index);
        let tier = from.tiers[row.tier.index()];
        let sized = sizes.of(from, before, tier, &mut world.fleet.design);
        let id = growth::add_tenant_of(&mut world.fleet, tier, sized);
        world.fleet.design.names.tenants.push(from.names.tenant(before));
        theirs.push(before);
        let stage = from.stage(row.stage);
        usage::enter_stage(&mut world.fleet, id, stage);
        let tenant = &mut world.fleet.tenants[id.index()];
        tenant.parts.runs = stage;
        if let Some(last) = from.view.last_active().get(index) {
            tenant.visits.last_active = from.before_start(last.value);
            odd.clamped += usize::from(from.age(last.value) > PAST);
        }
        let node = row.node.filter(|_| row.phase != Seen::Homeless);
        odd.on_lost +=
            usize::from(node.is_some_and(|node| from.view.node(node).state == NodeState::Lost));
        let Some(node) = node.and_then(|node| machines[node.index()]) else { continue };
        usage::rehome(&mut world.fleet, id, Some(node));
        if row.phase == Seen::Settled {
            world.fleet.tenants[id.index()].phase = Phase::Settled;
        }
        odd.broken += usize::from(row.phase == Seen::Broken);
    }
    let unnamed = |(index, name): (usize, &String)| *name == format!("tenant-{index}");
    if world.fleet.design.names.tenants.iter().enumerate().all(unnamed) {
        world.fleet.design.names.tenants.clear();
    }
    (theirs, sizes.note())
}

/// Has those who are there stay on, the others come again, and the starting ones start.
fn plan_on(world: &mut World, from: &Departure, theirs: &[TenantId], odd: &mut Odd) {
    // First all that is settled, so that starts are as slow as their machines are full.
    for settled in [true, false] {
        for (index, before) in theirs.iter().enumerate() {
            let id = TenantId::at(index);
            let tenant = &world.fleet.tenants[index];
            if (tenant.phase == Phase::Settled) != settled {
                continue;
            }
            let starts = tenant.phase == Phase::Homeless && tenant.node.is_some();
            let row = *from.view.tenant(*before);
            let reading = from.view.sessions().get(before.index());
            let there = reading.is_some_and(|reading| reading.value);
            let waited = wait_on(world, id, &row, there, from);
            come_and_go(
                world,
                id,
                there,
                waited,
                from.view.last_active().get(before.index()).map(|r| from.age(r.value)),
                odd,
            );
            if starts {
                starting::begin_start(&mut world.fleet, id);
            } else if world.fleet.tenants[index].serves() {
                sessions::arm_load(&mut world.fleet, id);
            }
            usage::refresh(&mut world.fleet, id);
        }
    }
}

/// Somebody waits for a tenant that does not serve: since when.
fn wait_on(
    world: &mut World,
    id: TenantId,
    row: &Row,
    there: bool,
    from: &Departure,
) -> Option<Span> {
    let tenant = &mut world.fleet.tenants[id.index()];
    if tenant.serves() {
        return None;
    }
    if let Some(since) = row.wanted_since {
        tenant.visits.wanted = true;
        tenant.visits.wanted_since = from.before_start(since);
        return Some(from.age(since));
    }
    // Who is at a sleeping tenant waits; who is at one that moves was served, and will be.
    let sleeps = tenant.phase == Phase::Settled;
    (there && sleeps).then_some(Span::ZERO)
}

/// Draws what is left of the session or the gap that a tenant is in.
fn come_and_go(
    world: &mut World,
    id: TenantId,
    there: bool,
    waited: Option<Span>,
    away: Option<Span>,
    odd: &mut Odd,
) {
    let mut stream = world.fleet.dice.stream(u64::from(id.0), RESUME);
    if there {
        let length = &world.fleet.design.tier(world.fleet.tenants[id.index()].tier).length;
        let longer = waited.filter(|waited| *waited > Span::ZERO);
        let left = longer.and_then(|waited| length.rest_after(waited, &mut stream));
        let left = left.unwrap_or_else(|| length.under_way(&mut stream).rest);
        return sessions::be_there(&mut world.fleet, id, left, waited);
    }
    let left = match away {
        Some(away) => gap_left(world, id, away, &mut stream, odd),
        None => {
            odd.never_seen += 1;
            let gap = &world.fleet.design.tier(world.fleet.tenants[id.index()].tier).gap;
            let met = gap.under_way(&mut stream);
            world.fleet.tenants[id.index()].visits.last_active =
                Moment(world.fleet.schedule.starts.0 - met.age.min(PAST).0);
            met.rest
        }
    };
    sessions::plan_login(&mut world.fleet, id, left);
}

/// What is left of a gap in which nobody has been there for so long: as of a gap that is longer.
fn gap_left(world: &World, id: TenantId, away: Span, stream: &mut Stream, odd: &mut Odd) -> Span {
    let tier = world.fleet.design.tier(world.fleet.tenants[id.index()].tier);
    let starts = world.fleet.schedule.starts;
    let passed = match tier.rhythm {
        None => away,
        Some(rhythm) => {
            // A whole week is as long by the rhythm as by the clock.
            let whole = Span(away.0 - away.0 % Span::days(7).0);
            let since = Moment(starts.0 - away.0 % Span::days(7).0);
            whole.saturating_add(world.fleet.design.rhythms[rhythm].operational(
                since,
                starts,
                Span::ZERO,
            ))
        }
    };
    tier.gap.rest_after(passed, stream).unwrap_or_else(|| {
        odd.beyond += 1;
        tier.gap.sample(stream)
    })
}

fn departure_pools(world: &World) -> Vec<DeparturePool> {
    let row = |(index, pool): (usize, &PoolDesign)| {
        let here = || world.fleet.nodes.iter().filter(move |node| node.pool.index() == index);
        let closed =
            |node: &&Node| node.is_ready() && (node.closed.cordoned || node.closed.draining);
        DeparturePool {
            pool: pool.name.clone(),
            ready: count(here().filter(|node| node.is_ready())),
            closed: count(here().filter(closed)),
            booting: count(here().filter(|node| !node.is_ready())),
        }
    };
    world.fleet.design.pools.iter().enumerate().map(row).collect()
}

fn departure_tiers(world: &World) -> Vec<DepartureTier> {
    let named =
        |tier: &TierDesign| DepartureTier { tier: tier.name.clone(), ..DepartureTier::default() };
    let mut rows: Vec<DepartureTier> = world.fleet.design.tiers.iter().map(named).collect();
    for tenant in &world.fleet.tenants {
        let row = &mut rows[tenant.tier.index()];
        row.tenants += 1;
        row.asleep += u32::from(tenant.stage != Stage::AWAKE);
        row.active += u32::from(tenant.visits.in_session);
        row.wanted += u32::from(tenant.visits.wanted);
        row.homeless += u32::from(tenant.node.is_none());
    }
    rows
}

/// The zone of that name, as we number it.
fn zone(zones: &mut Vec<String>, name: &str) -> ZoneId {
    let known = zones.iter().position(|zone| zone == name);
    ZoneId::at(known.unwrap_or_else(|| {
        zones.push(name.to_owned());
        zones.len() - 1
    }))
}

fn count<T>(all: impl Iterator<Item = T>) -> u32 {
    u32::try_from(all.count()).unwrap_or(u32::MAX)
}

impl Odd {
    fn notes(&self) -> Vec<String> {
        let of = |count: usize, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            _ => format!("{count} {many}"),
        };
        let tenants = |count: usize, were: (&str, &str)| {
            of(count, &format!("tenant {}", were.0), &format!("tenants {}", were.1))
        };
        let lost = of(self.lost, "machine no longer answered", "machines no longer answered");
        let all = [
            (
                self.lost,
                format!(
                    "{lost}: taken to be gone; {} without one",
                    tenants(self.on_lost, ("on it begins", "on them begin"))
                ),
            ),
            (
                self.missing,
                format!("{}: left out", tenants(self.missing, ("was missing", "were missing"))),
            ),
            (
                self.broken,
                format!(
                    "{}: taken to start anew",
                    tenants(self.broken, ("was broken", "were broken"))
                ),
            ),
            (
                self.never_seen,
                format!(
                    "{} seen active: the past is drawn from the tier's sessions",
                    tenants(self.never_seen, ("was never", "were never"))
                ),
            ),
            (
                self.clamped,
                format!(
                    "{} away for more than 52 weeks: seen as 52 weeks",
                    tenants(self.clamped, ("was", "were"))
                ),
            ),
            (
                self.beyond,
                format!(
                    "{} away longer than any gap of the tier: a new gap begins with the run",
                    tenants(self.beyond, ("was", "were"))
                ),
            ),
        ];
        all.into_iter().filter(|(count, _)| *count > 0).map(|(_, note)| note).collect()
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod typed;
