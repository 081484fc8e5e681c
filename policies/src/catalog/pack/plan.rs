//! Whether all tenants of a machine fit onto fuller ones, and where one of them goes. Knows no budget
//! and moves nobody.

use super::{Pack, gentlest};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use seatrial_contract::units::{Moment, Ppm};
use seatrial_contract::view::Phase;
use seatrial_contract::{Footprint, NodeId, Reason, TenantId, Tick};

/// Everyone on a machine, in the order of moves, and onto how many others they would go.
pub(super) struct Plan {
    pub(super) tenants: Vec<TenantId>,
    pub(super) onto: u32,
}

/// What would come to a machine besides what is on its way there.
#[derive(Clone, Copy, Default)]
struct Coming {
    promised: Footprint,
    used: Footprint,
    tenants: u32,
}

impl Plan {
    /// How a machine would be emptied, or why it cannot be.
    pub(super) fn of(
        tick: &Tick<'_>,
        config: &Pack,
        from: NodeId,
        moved: &BTreeMap<TenantId, Moment>,
    ) -> Result<Self, Reason> {
        let all = (0..tick.view.tenants().len()).map(TenantId::at);
        let mut tenants: Vec<TenantId> =
            all.filter(|id| tick.view.tenant(*id).node == Some(from)).collect();
        if tenants.is_empty() {
            return Err(Reason::Emptied); // The policy that gives machines back sees that.
        }
        for id in &tenants {
            let row = tick.view.tenant(*id);
            let priority = tick.view.tiers()[row.tier.index()].priority;
            if priority >= config.spare {
                return Err(Reason::Spared { priority });
            }
            if !row.conflict.is_none() {
                return Err(Reason::Contested { by: row.conflict });
            }
            if let Some(at) = moved.get(id) {
                return Err(Reason::CoolingDown { until: at.after(config.settled_for) });
            }
            if !matches!(row.phase, Phase::Settled | Phase::Starting) {
                return Err(Reason::InFlight { since: tick.now() });
            }
        }
        tenants.sort_by_key(|id| (core::cmp::Reverse(tick.view.need(*id).memory), *id));
        let mut coming: BTreeMap<NodeId, Coming> = BTreeMap::new();
        for id in &tenants {
            let (need, used) = (tick.view.need(*id), used(tick, *id));
            let Some(node) = best(tick, config, from, *id, &coming) else {
                return Err(Reason::NoRoom {
                    eligible: u32::try_from(coming.len()).unwrap_or(u32::MAX),
                    asked: need.cpu,
                });
            };
            let at = coming.entry(node).or_default();
            at.promised = at.promised.plus(need);
            at.used = at.used.plus(used);
            at.tenants += 1;
        }
        pool_left(tick, config, from, &coming)?;
        tenants.sort_by_key(|id| gentlest(tick, *id));
        let onto = u32::try_from(coming.len()).unwrap_or(u32::MAX);
        Ok(Self { tenants, onto })
    }

    /// Where one tenant goes now.
    pub(super) fn target(
        tick: &Tick<'_>,
        config: &Pack,
        from: NodeId,
        tenant: TenantId,
    ) -> Option<NodeId> {
        best(tick, config, from, tenant, &BTreeMap::new())
    }
}

/// The fullest machine that takes it and has enough left afterwards; never one emptier than where it
/// comes from.
fn best(
    tick: &Tick<'_>,
    config: &Pack,
    from: NodeId,
    tenant: TenantId,
    coming: &BTreeMap<NodeId, Coming>,
) -> Option<NodeId> {
    let (need, uses) = (tick.view.need(tenant), used(tick, tenant));
    let (tier, source) = (tick.view.tenant(tenant).tier, tick.view.node(from));
    let least = source.taken().share_of(source.capacity);
    let takes = |(index, node): (usize, &seatrial_contract::view::Node)| {
        let id = NodeId::at(index);
        let share = node.taken().share_of(node.capacity);
        if id == from || !node.is_open() || share < least || !tick.view.takes(node.pool, tier) {
            return None;
        }
        let coming = coming.get(&id).copied().unwrap_or_default();
        let pool = tick.view.pool(node.pool);
        let promisable = Footprint {
            cpu: node.capacity.cpu.part(pool.overcommit_cpu).part(config.leave),
            memory: node.capacity.memory.part(pool.overcommit_memory).part(config.leave),
        };
        let wanted = need.plus(coming.promised).plus(promisable);
        let now = tick.now();
        let cpu = tick.view.node_cpu().fresh(index, now, tick.guard.stale_after)?;
        let memory = tick.view.node_memory().fresh(index, now, tick.guard.stale_after)?;
        let used = Footprint { cpu, memory }.plus(coming.used).plus(uses);
        let crowd = node.tenants + tick.book().reserved(id).1 + coming.tenants;
        let fits = tick.takes_one_more(id, wanted)
            && crowd < pool.tenants_most
            && below(config, used, node.capacity);
        fits.then_some((share, core::cmp::Reverse(id)))
    };
    tick.view.nodes().iter().enumerate().filter_map(takes).max().map(|found| found.1.0)
}

/// Whether the rest of its pool stays below the limits once it is gone.
fn pool_left(
    tick: &Tick<'_>,
    config: &Pack,
    from: NodeId,
    coming: &BTreeMap<NodeId, Coming>,
) -> Result<(), Reason> {
    let (row, index) = (tick.view.node(from), from.index());
    let sums = tick.view.pool(row.pool).sums;
    let here = Footprint {
        cpu: tick.view.node_cpu().last(index),
        memory: tick.view.node_memory().last(index),
    };
    let stay = coming.iter().filter(|(id, _)| tick.view.node(**id).pool == row.pool);
    let used = stay.fold(sums.used.minus(here), |sum, (_, coming)| sum.plus(coming.used));
    let rest = sums.capacity.minus(row.capacity);
    if below(config, used, rest) {
        return Ok(());
    }
    let (cpu, memory) = (used.cpu.share_of(rest.cpu), used.memory.share_of(rest.memory));
    Err(Reason::WithinLimits { cpu, memory })
}

fn below(config: &Pack, used: Footprint, capacity: Footprint) -> bool {
    let (cpu, memory): (Ppm, Ppm) =
        (used.cpu.share_of(capacity.cpu), used.memory.share_of(capacity.memory));
    cpu <= config.cpu_below && memory <= config.memory_below
}

/// What a tenant was last seen to use; what it is promised where that was not seen.
fn used(tick: &Tick<'_>, tenant: TenantId) -> Footprint {
    let limit = tick.guard.stale_after;
    let of = |index: usize| {
        let cpu = tick.view.unit_cpu().fresh(index, tick.now(), limit)?;
        Some(Footprint { cpu, memory: tick.view.unit_memory().fresh(index, tick.now(), limit)? })
    };
    let units = tick.view.units_of(tenant);
    let seen: Option<Footprint> = units
        .map(|unit| of(unit.index()))
        .try_fold(Footprint::default(), |sum, one| Some(sum.plus(one?)));
    seen.unwrap_or(tick.view.tenant(tenant).promised)
}
