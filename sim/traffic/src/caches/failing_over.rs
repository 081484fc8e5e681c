//! Why a cache cannot be reached, and when a replica takes the lost master's place. Knows no entry.

use super::cluster::Cluster;
use super::sentinels::{Loss, Sentinels};
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose};
use seatrial_format::scenario::{Cache as File, CacheFailover};

/// What is lost of a cache, and who mends it.
pub(super) struct Lost {
    manager: Option<Manager>,
    chance: Purpose,
    /// So many reasons why it cannot be reached.
    reasons: u32,
    /// So many more are over for those who call, since a replica took over: their end changes nothing.
    replaced: u32,
    /// The master stands no longer where it stood at the start.
    is_elsewhere: bool,
    /// Counts what was planned, so that what is overtaken is known.
    turn: u16,
    losses: u64,
    /// Sentinels that saw their clock jump do nothing before.
    inert_until: Moment,
}

#[derive(Clone, Copy)]
enum Manager {
    Sentinels(Sentinels),
    Cluster(Cluster),
}

/// How a cache's master is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blow {
    /// It is, wherever it stands; whether it has what it had when it is back.
    Master {
        /// It has.
        keeps: bool,
        /// Whoever else sees to it than those who see to the cache: they leave it alone.
        is_seen_to: bool,
    },
    /// All that stands where it stood at the start.
    Place {
        /// It runs on, and nobody reaches it.
        runs_on: bool,
    },
}

/// What comes of it.
pub(super) enum Lose {
    /// Nothing that anybody notices.
    Nothing,
    /// It cannot be reached, and has lost what it had unless it keeps that; a replica takes over after so long, at
    /// that turn, if one does.
    Out { keeps: bool, next: Option<(Span, u16)> },
}

/// How long Sentinels do nothing that see their clock jump, and from which jump on (`SENTINEL_TILT_PERIOD` and
/// `SENTINEL_TILT_TRIGGER`).
const INERT: Span = Span::seconds(30);
const JUMP: Span = Span::seconds(2);

impl Lost {
    pub(super) fn new(file: &File) -> Self {
        let manager = file.failover.as_ref().map(|of| match of {
            CacheFailover::Sentinel(of) => Manager::Sentinels(Sentinels {
                count: of.count.get(),
                quorum: of.quorum.get(),
                down_after: of.down_after.value,
            }),
            CacheFailover::Cluster(of) => Manager::Cluster(Cluster {
                masters: of.masters.get(),
                node_timeout: of.node_timeout.value,
                rank: of.rank.value,
            }),
        });
        Self {
            manager,
            chance: Purpose::new(&format!("cache {}: failover", file.name.as_str())),
            reasons: 0,
            replaced: 0,
            is_elsewhere: false,
            turn: 0,
            losses: 0,
            inert_until: Moment::START,
        }
    }

    pub(super) const fn is_out(&self) -> bool {
        self.reasons > 0
    }

    /// Whether somebody makes a replica the master.
    pub(super) const fn is_managed(&self) -> bool {
        self.manager.is_some()
    }

    pub(super) fn lose(&mut self, blow: Blow, dice: Dice, world: Moment) -> Lose {
        if matches!(blow, Blow::Place { .. }) && self.is_elsewhere {
            self.replaced += 1;
            return Lose::Nothing;
        }
        self.reasons += 1;
        let own = matches!(blow, Blow::Master { keeps: true, .. } | Blow::Place { runs_on: true });
        let leaves = matches!(blow, Blow::Master { is_seen_to: true, .. });
        let Some(manager) = self.manager.filter(|_| self.reasons == 1 && !leaves) else {
            return Lose::Out { keeps: own || self.is_managed(), next: None };
        };
        self.losses += 1;
        self.turn = self.turn.wrapping_add(1);
        let mut stream = dice.turn(self.losses, self.chance, 0);
        let takes = match manager {
            Manager::Sentinels(of) => {
                let inert = self.inert_until.since(world);
                inert.saturating_add(of.fail_over(Loss::Dies, &mut stream).announced)
            }
            Manager::Cluster(of) => of.fail_over(&mut stream),
        };
        Lose::Out { keeps: true, next: Some((takes, self.turn)) }
    }

    /// A replica takes over, as was planned at that turn.
    pub(super) fn taken_over(&mut self, turn: u16) {
        if turn == self.turn && self.reasons > 0 {
            self.replaced += core::mem::take(&mut self.reasons);
            self.is_elsewhere = true;
        }
    }

    /// One reason less.
    pub(super) fn come_back(&mut self) {
        if self.replaced > 0 && self.reasons == 0 {
            self.replaced -= 1;
            return;
        }
        self.reasons = self.reasons.saturating_sub(1);
        if self.reasons == 0 {
            self.turn = self.turn.wrapping_add(1);
        }
    }

    /// The clocks of those who watch it jump.
    pub(super) fn clocks_jump(&mut self, by: Span, world: Moment) {
        if by > JUMP {
            self.inert_until = world.after(INERT);
        }
    }
}
