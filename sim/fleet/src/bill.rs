//! The bill: machines and servers for as long as they are kept, shared out by use.

use crate::measures::TierMeasures;
use crate::objects::ObjectStore;
use crate::tenants::Account;
use crate::{Fleet, Hosts, objects};
use seatrial_contract::units::{Moment, Money, Span};
use seatrial_contract::{NodeId, TenantId};
use seatrial_format::scenario::Scenario;
use seatrial_record::{Bill, BillLine, DayRow, TenantBill};

/// Money so far.
#[derive(Default)]
pub struct Ledger {
    /// By pool, then by server: machine time and its cost.
    pub lines: Vec<(u128, Money)>,
    servers_until: Moment,
    closed_at: Moment,
    day_began_with: Money,
    /// What each tier's use was worth when the day began.
    worth_before: Vec<Money>,
    by_tier: Vec<Money>,
    /// Day by day.
    pub days: Vec<DayRow>,
    /// Stores of objects.
    pub(crate) objects: Vec<ObjectStore>,
}

impl Ledger {
    /// Before anything was paid for.
    pub(crate) fn new(scenario: &Scenario, starts: Moment) -> Self {
        let objects = scenario.objects.iter().map(|of| ObjectStore::new(of, starts)).collect();
        Self { objects, ..Self::default() }
    }
}

/// Bills a machine up to now.
pub fn bill_node<E: Hosts>(fleet: &mut Fleet<E>, id: NodeId) {
    let now = fleet.now();
    let node = &mut fleet.nodes[id.index()];
    if node.is_gone() {
        return;
    }
    let span = now.since(node.metered.billed_until);
    node.metered.billed_until = now;
    let pool = node.pool.index();
    let line = &mut fleet.ledger.lines[pool];
    line.0 += u128::from(span.0);
    line.1 = fleet.design.pools[pool].price.times(line.0);
}

fn bill_all<E: Hosts>(fleet: &mut Fleet<E>) {
    let now = fleet.now();
    let pools = fleet.design.pools.len();
    let servers = fleet.design.servers.len();
    fleet.ledger.lines.resize(pools + servers + fleet.ledger.objects.len(), (0, Money::ZERO));
    for index in 0..fleet.nodes.len() {
        bill_node(fleet, NodeId::at(index));
    }
    let span = now.since(fleet.ledger.servers_until.max(fleet.schedule.starts));
    fleet.ledger.servers_until = now;
    for (server, line) in fleet.design.servers.iter().zip(&mut fleet.ledger.lines[pools..]) {
        line.0 += u128::from(span.0) * u128::from(server.count);
        line.1 = server.price.times(line.0);
    }
    for (store, line) in fleet.ledger.objects.iter().zip(&mut fleet.ledger.lines[pools + servers..])
    {
        *line = (line.0 + u128::from(span.0), store.cost);
    }
}

/// What pools, servers and stores have cost until a moment not before the last event, whether it was billed yet or
/// not; stores are looked at once a day.
pub(crate) fn costs_until<E: Hosts>(fleet: &Fleet<E>, now: Moment) -> Vec<Money> {
    let design = &fleet.design;
    let mut lines = fleet.ledger.lines.clone();
    for node in fleet.nodes.iter().filter(|node| !node.is_gone()) {
        if let Some(line) = lines.get_mut(node.pool.index()) {
            line.0 += u128::from(now.since(node.metered.billed_until).0);
        }
    }
    let span = now.since(fleet.ledger.servers_until.max(fleet.schedule.starts));
    let prices = design.pools.iter().map(|pool| (pool.price, 0));
    let prices = prices.chain(design.servers.iter().map(|of| (of.price, u128::from(of.count))));
    for (line, (price, count)) in lines.iter_mut().zip(prices) {
        *line = (line.0, price.times(line.0 + u128::from(span.0) * count));
    }
    lines.into_iter().map(|line| line.1).collect()
}

/// Begins to bill.
pub fn open_ledger<E: Hosts>(fleet: &mut Fleet<E>) {
    fleet.ledger.worth_before = vec![Money::ZERO; fleet.design.tiers.len()];
    fleet.ledger.by_tier = vec![Money::ZERO; fleet.design.tiers.len()];
    bill_all(fleet);
}

fn total<E: Hosts>(fleet: &Fleet<E>) -> Money {
    fleet.ledger.lines.iter().map(|line| line.1).sum()
}

/// What an account's use is worth by the scenario's prices.
fn worth_of<E: Hosts>(fleet: &Fleet<E>, account: &Account) -> Money {
    let prices = &fleet.design.prices;
    let core = prices.core.times(account.core_nanos / 1_000);
    let gib = prices.gib.times(account.byte_nanos >> 30);
    core + gib + prices.bot.times(account.bot_nanos)
}

/// Closes a day: its bill is shared out among the tiers by what they used on it.
pub fn close_day<E: Hosts>(fleet: &mut Fleet<E>) {
    let now = fleet.now();
    if core::mem::replace(&mut fleet.ledger.closed_at, now) == now {
        return; // The run ends where a day does.
    }
    let tiers = fleet.design.tiers.len();
    let mut worth = vec![Money::ZERO; tiers];
    for index in 0..fleet.tenants.len() {
        fleet.tenants[index].settle_account(now);
        let tenant = &fleet.tenants[index];
        worth[tenant.tier.index()] += worth_of(fleet, &tenant.usage.account);
    }
    objects::keep_objects(fleet);
    bill_all(fleet);
    let amount = total(fleet) - fleet.ledger.day_began_with;
    let used: Vec<Money> =
        worth.iter().zip(&fleet.ledger.worth_before).map(|(now, then)| *now - *then).collect();
    let by_tier = share_out(amount, &used);
    for (sum, part) in fleet.ledger.by_tier.iter_mut().zip(&by_tier) {
        *sum += *part;
    }
    let count = |pick: fn(&TierMeasures) -> u64| -> u32 {
        let sum: u64 = fleet.measures.tiers.iter().map(pick).sum();
        u32::try_from(sum).unwrap_or(u32::MAX)
    };
    let tenants = count(|tier| tier.present.value());
    let awake = count(|tier| tier.awake.value());
    let day = u32::try_from(fleet.ledger.days.len()).unwrap_or(u32::MAX);
    let logins = fleet.measures.logins();
    let row = DayRow {
        day,
        amount: amount.0,
        by_tier: by_tier.iter().map(|part| part.0).collect(),
        tenants,
        asleep: tenants.saturating_sub(awake),
        nodes: u32::try_from(fleet.nodes.iter().filter(|node| node.is_ready()).count())
            .unwrap_or(u32::MAX),
        logins: logins.saturating_sub(fleet.measures.day.logins_before),
        wakes: core::mem::take(&mut fleet.measures.day.wakes),
    };
    fleet.measures.day.logins_before = logins;
    fleet.ledger.days.push(row);
    fleet.ledger.day_began_with = total(fleet);
    fleet.ledger.worth_before = worth;
}

/// The whole bill, after the last day was closed.
pub fn bill<E: Hosts>(fleet: &Fleet<E>) -> Bill {
    let pools = fleet.design.pools.iter().map(|pool| &pool.name);
    let names = pools.chain(fleet.design.servers.iter().map(|server| &server.name));
    let names = names.chain(fleet.ledger.objects.iter().map(|store| &store.name));
    let lines = names.zip(&fleet.ledger.lines).map(|(name, line)| BillLine {
        name: name.clone(),
        machine_time: line.0,
        amount: line.1.0,
    });
    Bill { total: total(fleet).0, lines: lines.collect() }
}

/// Each tier's part of the bill.
pub fn bill_by_tier<E: Hosts>(fleet: &Fleet<E>) -> &[Money] {
    &fleet.ledger.by_tier
}

/// What a tier's tenants paid for so much tenant time.
pub fn revenue<E: Hosts>(fleet: &Fleet<E>, tier: usize) -> Money {
    let present = fleet.measures.tiers[tier].present.integral(fleet.now());
    fleet.design.tiers[tier].pays.times(present)
}

/// Each tenant's part: its tier's part, shared out by use within the tier.
pub fn bill_by_tenant<E: Hosts>(fleet: &Fleet<E>) -> Vec<TenantBill> {
    let tiers = fleet.design.tiers.len();
    let mut of_tier: Vec<Vec<TenantId>> = vec![Vec::new(); tiers];
    for (index, tenant) in fleet.tenants.iter().enumerate() {
        of_tier[tenant.tier.index()].push(TenantId::at(index));
    }
    let mut bills: Vec<TenantBill> = Vec::with_capacity(fleet.tenants.len());
    for (tier, members) in of_tier.iter().enumerate() {
        let account = |id: &TenantId| &fleet.tenants[id.index()].usage.account;
        let worth: Vec<Money> = members.iter().map(|id| worth_of(fleet, account(id))).collect();
        let parts = share_out(fleet.ledger.by_tier[tier], &worth);
        for (id, amount) in members.iter().zip(parts) {
            let account = account(id);
            let second = u128::from(Span::seconds(1).0);
            let whole = |amount: u128| u64::try_from(amount).unwrap_or(u64::MAX);
            bills.push(TenantBill {
                tenant: id.0,
                tier: u16::try_from(tier).unwrap_or(u16::MAX),
                core_seconds: whole(account.core_nanos / 1_000 / second),
                gib_seconds: whole((account.byte_nanos >> 30) / second),
                bot_seconds: whole(account.bot_nanos / second),
                amount: amount.0,
                logins_unserved: fleet.tenants[id.index()].visits.unserved,
            });
        }
    }
    bills.sort_by_key(|bill| bill.tenant);
    bills
}

/// Shares an amount out in proportion, to the last millionth: running sums are rounded, so that
/// the parts add up to the whole. Where nothing was used, everyone bears the same.
fn share_out(amount: Money, used: &[Money]) -> Vec<Money> {
    let count = used.len();
    let none = used.iter().all(|used| used.0 <= 0);
    let weight = |used: &Money| if none { 1 } else { i128::from(used.0.max(0)) };
    let whole: i128 = used.iter().map(weight).sum();
    let (mut sum, mut given) = (0i128, 0i128);
    let mut parts = Vec::with_capacity(count);
    for used in used {
        sum += weight(used);
        let upto = i128::from(amount.0) * sum / whole.max(1);
        parts.push(Money(i64::try_from(upto - given).unwrap_or(i64::MAX)));
        given = upto;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_add_up_to_the_whole() {
        let parts = share_out(Money(100), &[Money(1), Money(1), Money(1)]);
        assert_eq!(parts, [Money(33), Money(33), Money(34)]);
        assert_eq!(share_out(Money(9), &[Money(0), Money(0), Money(0)]), [Money(3); 3]);
    }
}
