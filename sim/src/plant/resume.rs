//! Sets a world up as a departure found it: machines first, then tenants, then their plans.
//! Places nobody and decides nothing: the pilot looks as soon as time passes.

use super::departure::Departure;
use super::nodes::{Node, boot_time};
use super::resized::Sizes;
use super::tenants::Phase;
use super::{Event, PAST, World};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::view::{NodeState, Phase as Seen, Tenant as Row};
use seatrial_contract::{NodeId, Purpose, Stage, Stream, TenantId, ZoneId};
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

impl World {
    /// Takes over the machines and tenants of a departure, and says so.
    pub(super) fn depart(&mut self, from: &Departure) -> Told {
        let mut odd = Odd::default();
        let machines = self.take_machines(from, &mut odd);
        let (tenants, notes) = self.take_tenants(from, &machines, &mut odd);
        self.plan_on(from, &tenants, &mut odd);
        self.observe_now();
        Told {
            of: from.origin.of.clone(),
            taken_at: from.origin.clock.tell(from.view.taken_at),
            check: from.origin.check.clone(),
            pools: self.departure_pools(),
            tiers: self.departure_tiers(),
            notes: odd.notes().into_iter().chain(notes).collect(),
        }
    }

    /// Takes over the machines; says which of ours each is.
    fn take_machines(&mut self, from: &Departure, odd: &mut Odd) -> Vec<Option<NodeId>> {
        let zones: Vec<ZoneId> =
            from.names.zones.iter().map(|name| zone(&mut self.design.zones, name)).collect();
        let mut ours = Vec::with_capacity(from.view.nodes().len());
        for (index, row) in from.view.nodes().iter().enumerate() {
            if matches!(row.state, NodeState::Gone | NodeState::Lost) {
                odd.lost += usize::from(row.state == NodeState::Lost);
                ours.push(None);
                continue;
            }
            let id = NodeId::at(self.nodes.len());
            let pool = from.pools[row.pool.index()];
            let design = &self.design.pools[pool.index()];
            let unnamed = || ZoneId::at(row.zone.index() % self.design.zones.len().max(1));
            self.nodes.push(Node {
                zone: zones.get(row.zone.index()).copied().unwrap_or_else(unnamed),
                cordoned: row.cordoned,
                draining: row.draining,
                capacity: row.capacity,
                ..Node::order(pool, 0, design, self.design.starts)
            });
            let boot = boot_time(self.dice, id, design);
            self.touch_node(id);
            self.measures.count_node(self.design.starts, pool, 0, 1);
            self.design.node_names.push(from.names.node(NodeId::at(index)));
            if row.state == NodeState::Ready {
                self.node_ready(id);
            } else {
                self.later(boot, Event::NodeReady(id));
            }
            self.nodes[id.index()].since = from.before_start(row.since);
            ours.push(Some(id));
        }
        ours
    }

    /// Takes over the tenants with their homes, stages and phases; says which ours are.
    fn take_tenants(
        &mut self,
        from: &Departure,
        machines: &[Option<NodeId>],
        odd: &mut Odd,
    ) -> (Vec<TenantId>, Option<String>) {
        let mut sizes = Sizes::default();
        let mut theirs = Vec::new();
        self.view.reserve(from.view.tenants().len(), from.view.units().len());
        for (index, row) in from.view.tenants().iter().enumerate() {
            if !row.phase.is_present() {
                odd.missing += usize::from(row.phase == Seen::Missing);
                continue;
            }
            let before = TenantId::at(index);
            let tier = from.tiers[row.tier.index()];
            let sized = sizes.of(from, before, tier, &mut self.design);
            let id = self.add_tenant_of(tier, sized);
            self.design.tenant_names.push(from.names.tenant(before));
            theirs.push(before);
            let stage = from.stage(row.stage);
            self.enter_stage(id, stage);
            let tenant = &mut self.tenants[id.index()];
            tenant.runs = stage;
            if let Some(last) = from.view.last_active().get(index) {
                tenant.last_active = from.before_start(last.value);
                odd.clamped += usize::from(from.age(last.value) > PAST);
            }
            let node = row.node.filter(|_| row.phase != Seen::Homeless);
            odd.on_lost +=
                usize::from(node.is_some_and(|node| from.view.node(node).state == NodeState::Lost));
            let Some(node) = node.and_then(|node| machines[node.index()]) else { continue };
            self.rehome(id, Some(node));
            if row.phase == Seen::Settled {
                self.tenants[id.index()].phase = Phase::Settled;
            }
            odd.broken += usize::from(row.phase == Seen::Broken);
        }
        let unnamed = |(index, name): (usize, &String)| *name == format!("tenant-{index}");
        if self.design.tenant_names.iter().enumerate().all(unnamed) {
            self.design.tenant_names.clear();
        }
        (theirs, sizes.note())
    }

    /// Has those who are there stay on, the others come again, and the starting ones start.
    fn plan_on(&mut self, from: &Departure, theirs: &[TenantId], odd: &mut Odd) {
        // First all that is settled, so that starts are as slow as their machines are full.
        for settled in [true, false] {
            for (index, before) in theirs.iter().enumerate() {
                let id = TenantId::at(index);
                let tenant = &self.tenants[index];
                if (tenant.phase == Phase::Settled) != settled {
                    continue;
                }
                let starts = tenant.phase == Phase::Homeless && tenant.node.is_some();
                let row = *from.view.tenant(*before);
                let reading = from.view.sessions().get(before.index());
                let there = reading.is_some_and(|reading| reading.value);
                let waited = self.wait_on(id, &row, there, from);
                self.come_and_go(
                    id,
                    there,
                    waited,
                    from.view.last_active().get(before.index()).map(|r| from.age(r.value)),
                    odd,
                );
                if starts {
                    self.begin_start(id);
                } else if self.tenants[index].serves() {
                    self.arm_load(id);
                }
                self.refresh(id);
            }
        }
    }

    /// Somebody waits for a tenant that does not serve: since when.
    fn wait_on(&mut self, id: TenantId, row: &Row, there: bool, from: &Departure) -> Option<Span> {
        let tenant = &mut self.tenants[id.index()];
        if tenant.serves() {
            return None;
        }
        if let Some(since) = row.wanted_since {
            tenant.wanted = true;
            tenant.wanted_since = from.before_start(since);
            return Some(from.age(since));
        }
        // Who is at a sleeping tenant waits; who is at one that moves was served, and will be.
        let sleeps = tenant.phase == Phase::Settled;
        (there && sleeps).then_some(Span::ZERO)
    }

    /// Draws what is left of the session or the gap that a tenant is in.
    fn come_and_go(
        &mut self,
        id: TenantId,
        there: bool,
        waited: Option<Span>,
        away: Option<Span>,
        odd: &mut Odd,
    ) {
        let mut stream = self.dice.stream(u64::from(id.0), RESUME);
        if there {
            let length = &self.design.tier(self.tenants[id.index()].tier).length;
            let longer = waited.filter(|waited| *waited > Span::ZERO);
            let left = longer.and_then(|waited| length.rest_after(waited, &mut stream));
            let left = left.unwrap_or_else(|| length.under_way(&mut stream).rest);
            return self.be_there(id, left, waited);
        }
        let left = match away {
            Some(away) => self.gap_left(id, away, &mut stream, odd),
            None => {
                odd.never_seen += 1;
                let gap = &self.design.tier(self.tenants[id.index()].tier).gap;
                let met = gap.under_way(&mut stream);
                self.tenants[id.index()].last_active =
                    Moment(self.design.starts.0 - met.age.min(PAST).0);
                met.rest
            }
        };
        self.plan_login(id, left);
    }

    /// What is left of a gap in which nobody has been there for so long: as of a gap that is longer.
    fn gap_left(&self, id: TenantId, away: Span, stream: &mut Stream, odd: &mut Odd) -> Span {
        let tier = self.design.tier(self.tenants[id.index()].tier);
        let starts = self.design.starts;
        let passed = match tier.rhythm {
            None => away,
            Some(rhythm) => {
                // A whole week is as long by the rhythm as by the clock.
                let whole = Span(away.0 - away.0 % Span::days(7).0);
                let since = Moment(starts.0 - away.0 % Span::days(7).0);
                whole.saturating_add(self.design.rhythms[rhythm].operational(
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

    fn departure_pools(&self) -> Vec<DeparturePool> {
        let row = |(index, pool): (usize, &super::design::PoolDesign)| {
            let here = || self.nodes.iter().filter(move |node| node.pool.index() == index);
            let closed = |node: &&Node| node.ready && (node.cordoned || node.draining);
            DeparturePool {
                pool: pool.name.clone(),
                ready: count(here().filter(|node| node.ready)),
                closed: count(here().filter(closed)),
                booting: count(here().filter(|node| !node.ready)),
            }
        };
        self.design.pools.iter().enumerate().map(row).collect()
    }

    fn departure_tiers(&self) -> Vec<DepartureTier> {
        let named = |tier: &super::TierDesign| DepartureTier {
            tier: tier.name.clone(),
            ..DepartureTier::default()
        };
        let mut rows: Vec<DepartureTier> = self.design.tiers.iter().map(named).collect();
        for tenant in &self.tenants {
            let row = &mut rows[tenant.tier.index()];
            row.tenants += 1;
            row.asleep += u32::from(tenant.stage != Stage::AWAKE);
            row.active += u32::from(tenant.in_session);
            row.wanted += u32::from(tenant.wanted);
            row.homeless += u32::from(tenant.node.is_none());
        }
        rows
    }
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
