//! Poolers that keep a pool of connections for each tier: what is seen of them, and by whom it is
//! changed. Knows no database and no caller.

use super::ClusterView;
use crate::units::Moment;
use crate::{PoolerId, Reading, Standing, TierId};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Pools of connections to a database, one for each of these tiers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pooler {
    /// Its name.
    pub name: String,
    /// Connections of all its pools at the most.
    pub most: u32,
    /// Whose pools it keeps.
    pub tiers: Vec<TierId>,
    /// Where the first of its pools stands among all, kept by the view.
    #[serde(skip)]
    pub(super) first: usize,
}

/// The connections of one tier at one pooler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connections {
    /// Somebody has them.
    pub in_use: u32,
    /// So many wait for one.
    pub waiting: u32,
    /// The tier may have so many.
    pub most: u32,
}

impl Pooler {
    /// A pooler with these pools.
    #[must_use]
    pub fn new(name: String, most: u32, tiers: Vec<TierId>) -> Self {
        Self { name, most, tiers, first: 0 }
    }
}

impl Connections {
    /// So many have a connection or wait for one.
    #[must_use]
    pub fn wanted(&self) -> u32 {
        self.in_use.saturating_add(self.waiting)
    }
}

impl ClusterView {
    /// The poolers that keep tiers apart.
    #[must_use]
    pub fn poolers(&self) -> &[Pooler] {
        &self.poolers
    }

    /// One of them.
    #[must_use]
    pub fn pooler(&self, id: PoolerId) -> &Pooler {
        &self.poolers[id.index()]
    }

    /// Every pool: whose it is, and where.
    pub fn connection_pools(&self) -> impl Iterator<Item = (PoolerId, TierId)> + '_ {
        self.poolers.iter().enumerate().flat_map(|(index, pooler)| {
            pooler.tiers.iter().map(move |tier| (PoolerId::at(index), *tier))
        })
    }

    /// What was seen of a tier's connections.
    #[must_use]
    pub fn connections(&self, pooler: PoolerId, tier: TierId) -> Option<Reading<Connections>> {
        self.connections.get(self.pool_row(pooler, tier)?)
    }

    /// One more pooler, after the tiers that it keeps apart.
    pub fn add_pooler(&mut self, pooler: Pooler) -> PoolerId {
        let first = self.poolers.last().map_or(0, |last| last.first + last.tiers.len());
        pooler.tiers.iter().for_each(|_| self.connections.push());
        self.poolers.push(Pooler { first, ..pooler });
        PoolerId::at(self.poolers.len() - 1)
    }

    /// What a sweep saw of a tier's connections. Like requests that is on no list of changes:
    /// poolers and tiers are few.
    pub fn see_connections(&mut self, pooler: PoolerId, tier: TierId, seen: Connections) {
        if let Some(row) = self.pool_row(pooler, tier) {
            self.connections.cover(row, seen);
        }
    }

    /// What is known of a tier's connections from a reading of its own.
    pub fn read_connections(
        &mut self,
        pooler: PoolerId,
        tier: TierId,
        reading: Option<Reading<Connections>>,
    ) {
        match (self.pool_row(pooler, tier), reading) {
            (Some(row), Some(reading)) => self.connections.set(row, reading),
            (Some(row), None) => self.connections.clear(row),
            (None, _) => {}
        }
    }

    /// A sweep over poolers found the covered pools as they stand.
    pub fn sweep_connections(&mut self, at: Moment) {
        self.connections.sweep(at);
    }

    fn pool_row(&self, pooler: PoolerId, tier: TierId) -> Option<usize> {
        let pooler = self.poolers.get(pooler.index())?;
        Some(pooler.first + pooler.tiers.iter().position(|of| *of == tier)?)
    }

    /// The pools that stand otherwise than in the view before this one, by row.
    pub(super) fn pools_since(&self, before: &Self) -> Vec<(usize, Standing<Connections>)> {
        let rows = |view: &Self| view.poolers.iter().map(|pooler| pooler.tiers.len()).sum();
        let (known, all): (usize, usize) = (rows(before), rows(self));
        let was = |row: usize| match row < known {
            true => before.connections.standing(row),
            false => Standing::Absent,
        };
        let now = (0..all).map(|row| (row, self.connections.standing(row)));
        now.filter(|(row, standing)| was(*row) != *standing).collect()
    }
}
