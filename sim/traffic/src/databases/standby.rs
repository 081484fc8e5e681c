//! A server that follows by the log of writes: how far it is behind, and how long commits wait for it.
//! Knows no query.

use crate::distributions::distribution;
use seatrial_contract::units::{Moment, Span};
use seatrial_contract::{Dice, Purpose};
use seatrial_format::scenario::{Following, Standby as StandbyFile};
use seatrial_kernel::chance::Distribution;

/// A standby.
pub(super) struct Standby {
    pub(super) name: String,
    following: Following,
    round_trip: Distribution,
    purpose: Purpose,
    /// Bytes a second.
    applies: u64,
    /// When it will have applied all that is written, if nothing more is.
    level_at: Moment,
    /// The most that it was behind.
    pub(super) behind_most: Span,
}

impl Standby {
    pub(super) fn new(file: &StandbyFile, database: &str, now: Moment) -> Self {
        let name = file.name.as_str();
        Self {
            name: name.to_owned(),
            following: file.following,
            round_trip: distribution(&file.round_trip),
            purpose: Purpose::new(&format!("database {database}: standby {name}")),
            applies: file.applies.value.0.max(1),
            level_at: now,
            behind_most: Span::ZERO,
        }
    }

    /// So much is to be applied.
    pub(super) fn write(&mut self, bytes: u64, now: Moment) {
        let nanos = u128::from(bytes) * u128::from(Span::seconds(1).0) / u128::from(self.applies);
        let takes = Span(u64::try_from(nanos).unwrap_or(u64::MAX));
        self.level_at = self.level_at.max(now).after(takes);
        let behind = self.level_at.since(now);
        self.behind_most = self.behind_most.max(behind);
    }

    /// How long a commit waits for it.
    pub(super) fn commit_waits(&self, number: u64, turn: u64, dice: Dice, now: Moment) -> Span {
        if self.following == Following::Asynchronous {
            return Span::ZERO;
        }
        let there_and_back = self.round_trip.sample(&mut dice.turn(number, self.purpose, turn));
        // What was written before goes first.
        there_and_back.saturating_add(self.level_at.since(now))
    }

    pub(super) fn reset(&mut self) {
        self.behind_most = Span::ZERO;
    }
}
