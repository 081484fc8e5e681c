//! Stores of objects: what is written each day, how old it is, what it costs. Looked at once a day; knows
//! no single object.

use crate::tenants::Account;
use crate::{Fleet, Hosts};
use seatrial_contract::units::{Bytes, Moment, Money, Price, Span};
use seatrial_format::scenario::ObjectStore as StoreFile;
use seatrial_record::{Metric, Unit};
use seatrial_traffic::telling::number;
use std::collections::VecDeque;

/// A store.
pub struct ObjectStore {
    pub name: String,
    each_tenant: Bytes,
    each_bot: Bytes,
    classes: Vec<Class>,
    expires: Option<Span>,
    /// What was written by then, the oldest first.
    cohorts: VecDeque<(Moment, u64)>,
    until: Moment,
    written: u64,
    expired: u64,
    /// What was awake and ran up to then, in nanoseconds.
    awake_before: u128,
    bots_before: u128,
    pub cost: Money,
}

struct Class {
    name: String,
    after: Span,
    gib: Price,
    stored: u64,
    /// Bytes times nanoseconds.
    kept: u128,
}

impl ObjectStore {
    pub fn new(file: &StoreFile, starts: Moment) -> Self {
        let class = |of: &seatrial_format::scenario::StorageClass| Class {
            name: of.name.to_string(),
            after: of.after.value,
            gib: of.gib.value,
            stored: 0,
            kept: 0,
        };
        let mut classes: Vec<Class> = file.classes.value.iter().map(class).collect();
        if let Some(first) = classes.first_mut() {
            first.stored = file.holds.value.0;
        }
        Self {
            name: file.name.to_string(),
            each_tenant: file.per_tenant.value,
            each_bot: file.per_bot.value,
            classes,
            expires: file.expires.as_ref().map(|of| of.value),
            cohorts: VecDeque::from([(starts, file.holds.value.0)]),
            until: starts,
            written: 0,
            expired: 0,
            awake_before: 0,
            bots_before: 0,
            cost: Money::ZERO,
        }
    }

    /// Goes on to now, given how long tenants were awake and bots ran in all.
    fn pass(&mut self, now: Moment, awake: u128, bots: u128) {
        let day = u128::from(Span::days(1).0);
        let of = |each: Bytes, span: u128| {
            u64::try_from(u128::from(each.0) * span / day).unwrap_or(u64::MAX)
        };
        let fresh = of(self.each_tenant, awake - self.awake_before)
            + of(self.each_bot, bots - self.bots_before);
        (self.awake_before, self.bots_before) = (awake, bots);
        self.written += fresh;
        self.cohorts.push_back((now, fresh));
        if let Some(expires) = self.expires {
            while self.cohorts.front().is_some_and(|first| now.since(first.0) >= expires) {
                self.expired += self.cohorts.pop_front().map_or(0, |first| first.1);
            }
        }
        let span = u128::from(now.since(self.until).0);
        self.until = now;
        let mut cost = 0;
        for at in 0..self.classes.len() {
            let stored = self.stored_in(at, now);
            let class = &mut self.classes[at];
            // What came and went did so evenly over the day.
            class.kept += (u128::from(class.stored) + u128::from(stored)) * span / 2;
            class.stored = stored;
            cost += class.gib.times(class.kept >> 30).0;
        }
        self.cost = Money(cost);
    }

    /// What lies in a class: as old as that and not as old as the next one.
    fn stored_in(&self, at: usize, now: Moment) -> u64 {
        let next = self.classes.get(at + 1).map_or(Span::MAX, |class| class.after);
        let ages = self.classes[at].after..next;
        let here = self.cohorts.iter().filter(|cohort| ages.contains(&now.since(cohort.0)));
        here.map(|cohort| cohort.1).sum()
    }

    fn metrics(&self, all: &mut Vec<Metric>) {
        let mut add = |name: String, value: u64| {
            all.push(Metric::new(name, Unit::Bytes, Some(number(value))));
        };
        let stored = self.classes.iter().map(|class| class.stored).sum();
        add(format!("stored.{}", self.name), stored);
        for class in self.classes.iter().filter(|_| self.classes.len() > 1) {
            add(format!("stored.{}.{}", self.name, class.name), class.stored);
        }
        add(format!("objects_written.{}", self.name), self.written);
        add(format!("objects_expired.{}", self.name), self.expired);
    }
}

/// Brings the stores of objects up to now.
pub fn keep_objects<E: Hosts>(fleet: &mut Fleet<E>) {
    if fleet.ledger.objects.is_empty() {
        return;
    }
    let now = fleet.now();
    let sum = |pick: fn(&Account) -> u128| -> u128 {
        fleet.tenants.iter().map(|tenant| pick(&tenant.usage.account)).sum()
    };
    let (awake, bots) = (sum(|account| account.awake_nanos), sum(|account| account.bot_nanos));
    fleet.ledger.objects.iter_mut().for_each(|store| store.pass(now, awake, bots));
}

/// Every metric of every store, at the end.
pub fn object_metrics<E: Hosts>(fleet: &Fleet<E>, all: &mut Vec<Metric>) {
    fleet.ledger.objects.iter().for_each(|store| store.metrics(all));
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::units::gib;

    #[test]
    fn objects_grow_old_get_cheaper_and_go() {
        let text = "name = \"o\"\nholds = \"10 GiB\"\nper_tenant = \"1 GiB\"\nexpires = \"5 d\"\n\
                    classes = [{ name = \"hot\", gib = \"$1/d\" }, \
                    { name = \"cold\", after = \"3 d\", gib = \"$0.5/d\" }]";
        let read = seatrial_format::read_text::<StoreFile>("objects.toml", text);
        let file = read.unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())));
        let mut store = ObjectStore::new(&file.value, Moment::START);
        let mut seen = Vec::new();
        for day in 1..=6_u64 {
            // Two tenants, awake all day.
            let awake = u128::from(Span::days(2 * day).0);
            store.pass(Moment::START.after(Span::days(day)), awake, 0);
            let of = |at: usize| store.classes[at].stored / gib(1).0;
            seen.push((of(0), of(1), store.cost.0 / 1_000_000));
        }
        // 2 GiB a day on top of 10; after three days the oldest move, after five they go.
        // Day 1: (10 + 12) / 2 = 11; day 2: 13; day 3: hot 14 → 6, cold 0 → 10: 10 + 2.5; day 4:
        // hot 6, cold 11 and half price; day 5: hot 6, cold 12 → 4: 6 + 4; day 6: 6 + 2.
        assert_eq!(
            seen,
            [(12, 0, 11), (14, 0, 24), (6, 10, 36), (6, 12, 48), (6, 4, 58), (6, 4, 66)]
        );
        assert_eq!(store.expired, gib(12).0);
    }
}
