//! The bill: machines and servers for as long as they are kept, shared out by use.

use super::World;
use super::tenants::Account;
use seatrial_contract::units::{Moment, Money, Span};
use seatrial_contract::{NodeId, TenantId};
use seatrial_record::{Bill, BillLine, DayRow, TenantBill};

/// Money so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// By pool, then by server: machine time and its cost.
    pub(crate) lines: Vec<(u128, Money)>,
    servers_until: Moment,
    closed_at: Moment,
    day_began_with: Money,
    /// What each tier's use was worth when the day began.
    worth_before: Vec<Money>,
    by_tier: Vec<Money>,
    pub(crate) days: Vec<DayRow>,
}

impl World {
    /// Bills a machine up to now.
    pub(crate) fn bill_node(&mut self, id: NodeId) {
        let now = self.now();
        let node = &mut self.nodes[id.index()];
        if node.gone {
            return;
        }
        let span = now.since(node.billed_until);
        node.billed_until = now;
        let pool = node.pool.index();
        let line = &mut self.ledger.lines[pool];
        line.0 += u128::from(span.0);
        line.1 = self.design.pools[pool].price.times(line.0);
    }

    fn bill_all(&mut self) {
        let now = self.now();
        let pools = self.design.pools.len();
        let servers = self.design.servers.len();
        self.ledger.lines.resize(pools + servers + self.objects.len(), (0, Money::ZERO));
        for index in 0..self.nodes.len() {
            self.bill_node(NodeId::at(index));
        }
        let span = now.since(self.ledger.servers_until.max(self.design.starts));
        self.ledger.servers_until = now;
        for (server, line) in self.design.servers.iter().zip(&mut self.ledger.lines[pools..]) {
            line.0 += u128::from(span.0) * u128::from(server.count);
            line.1 = server.price.times(line.0);
        }
        for (store, line) in self.objects.iter().zip(&mut self.ledger.lines[pools + servers..]) {
            *line = (line.0 + u128::from(span.0), store.cost);
        }
    }

    pub(crate) fn open_ledger(&mut self) {
        self.ledger.worth_before = vec![Money::ZERO; self.design.tiers.len()];
        self.ledger.by_tier = vec![Money::ZERO; self.design.tiers.len()];
        self.bill_all();
    }

    fn total(&self) -> Money {
        self.ledger.lines.iter().map(|line| line.1).sum()
    }

    /// What an account's use is worth by the scenario's prices.
    fn worth(&self, account: &Account) -> Money {
        let prices = &self.design.prices;
        let core = prices.core.times(account.core_nanos / 1_000);
        let gib = prices.gib.times(account.byte_nanos >> 30);
        core + gib + prices.bot.times(account.bot_nanos)
    }

    /// Closes a day: its bill is shared out among the tiers by what they used on it.
    pub(crate) fn close_day(&mut self) {
        let now = self.now();
        if core::mem::replace(&mut self.ledger.closed_at, now) == now {
            return; // The run ends where a day does.
        }
        let tiers = self.design.tiers.len();
        let mut worth = vec![Money::ZERO; tiers];
        for index in 0..self.tenants.len() {
            self.tenants[index].settle_account(now);
            let tenant = &self.tenants[index];
            worth[tenant.tier.index()] += self.worth(&tenant.account);
        }
        self.keep_objects();
        self.bill_all();
        let amount = self.total() - self.ledger.day_began_with;
        let used: Vec<Money> =
            worth.iter().zip(&self.ledger.worth_before).map(|(now, then)| *now - *then).collect();
        let by_tier = share_out(amount, &used);
        for (sum, part) in self.ledger.by_tier.iter_mut().zip(&by_tier) {
            *sum += *part;
        }
        let count = |pick: fn(&super::measures::TierMeasures) -> u64| -> u32 {
            let sum: u64 = self.measures.tiers.iter().map(pick).sum();
            u32::try_from(sum).unwrap_or(u32::MAX)
        };
        let tenants = count(|tier| tier.present.value());
        let awake = count(|tier| tier.awake.value());
        let day = u32::try_from(self.ledger.days.len()).unwrap_or(u32::MAX);
        let logins = self.measures.logins();
        let row = DayRow {
            day,
            amount: amount.0,
            by_tier: by_tier.iter().map(|part| part.0).collect(),
            tenants,
            asleep: tenants.saturating_sub(awake),
            nodes: u32::try_from(self.nodes.iter().filter(|node| node.ready).count())
                .unwrap_or(u32::MAX),
            logins: logins.saturating_sub(self.measures.day_logins_before),
            wakes: core::mem::take(&mut self.measures.day_wakes),
        };
        self.measures.day_logins_before = logins;
        self.ledger.days.push(row);
        self.ledger.day_began_with = self.total();
        self.ledger.worth_before = worth;
    }

    /// The whole bill, after the last day was closed.
    pub(crate) fn bill(&self) -> Bill {
        let pools = self.design.pools.iter().map(|pool| &pool.name);
        let names = pools.chain(self.design.servers.iter().map(|server| &server.name));
        let names = names.chain(self.objects.iter().map(|store| &store.name));
        let lines = names.zip(&self.ledger.lines).map(|(name, line)| BillLine {
            name: name.clone(),
            machine_time: line.0,
            amount: line.1.0,
        });
        Bill { total: self.total().0, lines: lines.collect() }
    }

    /// Each tier's part of the bill.
    pub(crate) fn bill_by_tier(&self) -> &[Money] {
        &self.ledger.by_tier
    }

    /// What a tier's tenants paid for so much tenant time.
    pub(crate) fn revenue(&self, tier: usize) -> Money {
        let present = self.measures.tiers[tier].present.integral(self.now());
        self.design.tiers[tier].pays.times(present)
    }

    /// Each tenant's part: its tier's part, shared out by use within the tier.
    pub(crate) fn bill_by_tenant(&self) -> Vec<TenantBill> {
        let tiers = self.design.tiers.len();
        let mut of_tier: Vec<Vec<TenantId>> = vec![Vec::new(); tiers];
        for (index, tenant) in self.tenants.iter().enumerate() {
            of_tier[tenant.tier.index()].push(TenantId::at(index));
        }
        let mut bills: Vec<TenantBill> = Vec::with_capacity(self.tenants.len());
        for (tier, members) in of_tier.iter().enumerate() {
            let account = |id: &TenantId| &self.tenants[id.index()].account;
            let worth: Vec<Money> = members.iter().map(|id| self.worth(account(id))).collect();
            let parts = share_out(self.ledger.by_tier[tier], &worth);
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
                    logins_unserved: self.tenants[id.index()].unserved,
                });
            }
        }
        bills.sort_by_key(|bill| bill.tenant);
        bills
    }
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
