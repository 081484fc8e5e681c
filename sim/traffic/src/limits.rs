//! Poolers with a pool for each tier: what is to be seen of their connections, and limits that change
//! while they run. Opens and queries nothing itself.

use super::Stations;
use crate::event::Hosts;
use crate::{connecting, endings, imagining};
use seatrial_contract::units::Moment;
use seatrial_contract::view::{Connections, Pooler as Row};
use seatrial_contract::{PoolerId, TierId};
use seatrial_format::scenario::{PoolPer, Pooler, Scenario};
use seatrial_kernel::agenda::Agenda;

/// The poolers of a scenario that policies can see, in its order.
pub fn of_tiers(scenario: &Scenario) -> impl Iterator<Item = (usize, &Pooler)> {
    let all = scenario.poolers.iter().enumerate();
    all.filter(|(_, pooler)| pooler.pool_per == PoolPer::Tier)
}

/// What is known of a pooler beforehand.
pub fn row(pooler: &Pooler, scenario: &Scenario) -> Row {
    let tiers: Vec<TierId> = (0..scenario.tiers.len()).map(TierId::at).collect();
    let count = u32::try_from(tiers.len()).unwrap_or(u32::MAX);
    let own = pooler.most.as_ref().map(|most| most.get());
    let most = own.unwrap_or_else(|| pooler.pool_size.get().saturating_mul(count));
    let name = pooler.database.value.as_str();
    let database = scenario.databases.iter().find(|of| of.name.as_str() == name);
    let lets_in = |of: &seatrial_format::scenario::Database| {
        of.max_connections.get().saturating_sub(of.reserved.value)
    };
    Row::new(pooler.name.to_string(), database.map_or(most, |of| lets_in(of).min(most)), tiers)
}

/// What is to be seen of a tier's connections at a pooler, by its place in the scenario.
pub fn connections(stations: &Stations, place: usize, tier: TierId) -> Connections {
    let seen = stations.stores.poolers[place].connections(tier);
    match imagining::imagined_connections(stations, place, tier.index()) {
        Some((in_use, waiting)) => Connections { in_use, waiting, ..seen },
        None => seen,
    }
}

/// To how many a tier's connections are limited, by the number of a pooler among those that keep tiers apart.
pub fn limit(stations: &Stations, id: PoolerId, tier: TierId) -> Option<u32> {
    let mut apart = stations.stores.poolers.iter().filter(|of| of.terms.apart == PoolPer::Tier);
    apart.nth(id.index()).map(|pooler| pooler.connections(tier).most)
}

/// Limits a tier's connections.
pub fn limit_connections(
    stations: &mut Stations,
    id: PoolerId,
    tier: TierId,
    most: u32,
    now: Moment,
    agenda: &mut Agenda<impl Hosts>,
) {
    let mut apart =
        (0..).zip(&mut stations.stores.poolers).filter(|(_, of)| of.terms.apart == PoolPer::Tier);
    let Some((number, pooler)) = apart.nth(id.index()) else { return };
    let closed = pooler.limit(tier, most, now);
    let database = usize::from(pooler.database);
    (0..closed).for_each(|_| stations.stores.databases[database].close(now));
    connecting::feed(stations, number, agenda);
    endings::fail_cut_off(stations, agenda);
}

#[cfg(test)]
mod tests {
    use super::super::poolers::{Given, Pooler, Released, invariants};
    use super::*;
    use core::num::NonZeroU32;
    use seatrial_contract::config::{Located, Name};
    use seatrial_contract::units::Span;
    use seatrial_format::scenario::{Pooler as PoolerFile, Pooling};

    const NOW: Moment = Moment(0);
    const FREE: TierId = TierId(0);

    fn pooler(size: u32, most: u32) -> Pooler {
        let count = |count| Located::nowhere(NonZeroU32::new(count).expect("one at least"));
        let file = PoolerFile {
            name: Located::nowhere(Name::new("p").expect("a name")),
            database: Located::nowhere("d".to_owned()),
            pool_size: count(size),
            min_pool_size: Located::nowhere(0),
            pool_per: PoolPer::Tier,
            pooling: Pooling::Transaction,
            most: Some(count(most)),
            clients_most: None,
            wait_timeout: Located::nowhere(Span::seconds(5)),
            idle_timeout: Located::nowhere(Span::minutes(10)),
            reconnects_after: Located::nowhere(Span::seconds(15)),
            place: None,
            price: None,
        };
        Pooler::new(&file, 0, NOW)
    }

    #[test]
    fn a_lower_limit_closes_idle_connections_at_once_and_others_when_they_come_back() {
        let mut pooler = pooler(5, 10);
        pooler.limit(FREE, 5, NOW);
        for _ in 0..5 {
            assert_eq!(pooler.ask(0, NOW), Given::Fresh);
            pooler.opened(0, NOW);
        }
        (0..2).for_each(|_| assert_eq!(pooler.released(0, NOW), Released::Idle));
        // Two idle and three in use: the idle ones go, and one of the others.
        assert_eq!(pooler.limit(FREE, 2, NOW), 2);
        assert_eq!(pooler.connections(FREE), Connections { in_use: 3, waiting: 0, most: 2 });
        assert_eq!(pooler.released(0, NOW), Released::Closed);
        assert_eq!(pooler.released(0, NOW), Released::Idle);
        assert_eq!(pooler.connections(FREE), Connections { in_use: 1, waiting: 0, most: 2 });
        assert_eq!(invariants::broken(&pooler), None);
    }

    #[test]
    fn the_one_that_idled_longest_makes_room() {
        let mut pooler = pooler(3, 2);
        for pool in [0, 1] {
            pooler.limit(TierId(pool), 3, NOW);
            pooler.ask(u32::from(pool), NOW);
            pooler.opened(u32::from(pool), NOW);
        }
        pooler.released(1, Moment(7));
        pooler.released(0, Moment(9));
        pooler.limit(TierId(2), 3, NOW);
        assert_eq!(pooler.ask(2, Moment(10)), Given::Fresh);
        assert!(pooler.makes_room(Moment(10)));
        pooler.opened(2, Moment(10));
        assert_eq!(pooler.connections(TierId(1)).in_use, 0);
        // The other one still idles, and is used again.
        assert_eq!(pooler.ask(0, Moment(11)), Given::Idle);
        assert!(!pooler.makes_room(Moment(11)));
        assert_eq!(invariants::broken(&pooler), None);
    }
}
