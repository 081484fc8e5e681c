//! A server that follows by the log of writes: how far it is behind, how long commits wait for it, and which
//! acknowledged writes it lacks. Knows no query.

use crate::distributions::distribution;
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::{Dice, Purpose};
use seatrial_format::scenario::{Following, Standby as StandbyFile};
use seatrial_kernel::chance::Distribution;
use std::collections::VecDeque;

/// A standby.
pub(super) struct Standby {
    pub(super) name: String,
    following: Following,
    round_trip: Distribution,
    purpose: Purpose,
    /// Bytes a second.
    applies: u64,
    /// To what part of that it is slowed.
    slowed: Ppm,
    /// When it will have applied all that is written, if nothing more is.
    level_at: Moment,
    /// How far it was behind when the primary was lost, while it is: what it lacked then comes from nowhere any more.
    lacked: Option<Span>,
    /// The most that it was behind.
    pub(super) behind_most: Span,
    /// Bytes that were written while it did not follow; none while it does.
    lacks: Option<u64>,
    /// Writes that were acknowledged before they are here.
    coming: VecDeque<Coming>,
}

/// Acknowledged writes that a standby will have at a moment.
#[derive(Clone, Copy, Debug)]
struct Coming {
    acknowledged: Moment,
    arrives: Moment,
    count: u64,
}

/// More than these are put together two by two: their ages stay right to the pair.
const COMING_MOST: usize = 1 << 16;

/// Acknowledged writes that are lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LostWrites {
    /// How many.
    pub count: u64,
    /// When the oldest of them was acknowledged.
    pub oldest: Option<Moment>,
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
            slowed: Ppm::WHOLE,
            level_at: now,
            lacked: None,
            behind_most: Span::ZERO,
            lacks: None,
            coming: VecDeque::new(),
        }
    }

    /// So much is to be applied.
    pub(super) fn write(&mut self, bytes: u64, now: Moment) {
        match &mut self.lacks {
            Some(lacks) => *lacks = lacks.saturating_add(bytes),
            None => {
                self.level_at = self.level_at.max(now).after(self.takes(bytes));
                let behind = self.level_at.since(now);
                self.behind_most = self.behind_most.max(behind);
            }
        }
    }

    /// How long it takes to apply so much.
    pub(super) fn takes(&self, bytes: u64) -> Span {
        let applies = u128::from(self.applies) * u128::from(self.slowed.0) / 1_000_000;
        let nanos = u128::from(bytes) * u128::from(Span::seconds(1).0) / applies.max(1);
        Span(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How long a commit waits for it.
    pub(super) fn commit_waits(&self, number: u64, turn: u64, dice: Dice, now: Moment) -> Span {
        if !self.is_waited_for() {
            return Span::ZERO;
        }
        let there_and_back = self.round_trip.sample(&mut dice.turn(number, self.purpose, turn));
        // What was written before goes first.
        there_and_back.saturating_add(self.level_at.since(now))
    }

    /// Whether commits wait for it.
    pub(super) const fn is_waited_for(&self) -> bool {
        matches!(self.following, Following::Synchronous) && self.lacks.is_none()
    }

    pub(super) const fn is_synchronous(&self) -> bool {
        matches!(self.following, Following::Synchronous)
    }

    pub(super) const fn follows(&self) -> bool {
        self.lacks.is_none()
    }

    /// A write is acknowledged at that moment that is here only once all before it is applied.
    pub(super) fn acknowledged(&mut self, at: Moment, now: Moment) {
        while self.coming.front().is_some_and(|of| of.arrives <= now) {
            self.coming.pop_front();
        }
        let half = Span(self.round_trip.mean().0 / 2);
        let arrives = self.level_at.after(half);
        if self.lacks.is_some() || arrives <= at {
            return;
        }
        if self.coming.len() >= COMING_MOST {
            let all: Vec<Coming> = self.coming.drain(..).collect();
            self.coming.extend(all.chunks(2).map(|of| Coming {
                acknowledged: of[0].acknowledged,
                arrives: of[of.len() - 1].arrives,
                count: of.iter().map(|of| of.count).sum(),
            }));
        }
        self.coming.push_back(Coming { acknowledged: at, arrives, count: 1 });
    }

    /// Writes acknowledged by now that it does not have.
    pub(super) fn lacking(&self, now: Moment) -> LostWrites {
        let lost = self.coming.iter().filter(|of| of.arrives > now && of.acknowledged <= now);
        lost.fold(LostWrites::default(), |lost, of| LostWrites {
            count: lost.count + of.count,
            oldest: lost.oldest.or(Some(of.acknowledged)),
        })
    }

    /// How long it takes until it has applied all that is written.
    pub(super) fn behind(&self, now: Moment) -> Span {
        self.level_at.since(now)
    }

    /// How many bytes it has not applied.
    pub(super) fn lag(&self, now: Moment) -> u64 {
        let behind = self.lacked.unwrap_or_else(|| self.level_at.since(now));
        let behind = u128::from(behind.0);
        let bytes = behind * u128::from(self.applies) / u128::from(Span::seconds(1).0);
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }

    /// It is lost, and lacks all that is written from now on.
    pub(super) fn stops(&mut self) {
        self.lacks.get_or_insert(0);
        self.coming.clear();
    }

    /// How long it takes to apply what it lacks.
    pub(super) fn catches_up_in(&self) -> Span {
        self.takes(self.lacks.unwrap_or_default())
    }

    /// Its primary is lost.
    pub(super) fn primary_is_lost(&mut self, now: Moment) {
        self.lacked = Some(self.level_at.since(now));
    }

    /// There is a primary again.
    pub(super) fn has_a_primary(&mut self) {
        self.lacked = None;
    }

    /// It follows again from now on.
    pub(super) fn goes_on(&mut self, now: Moment) {
        (self.lacks, self.lacked, self.level_at) = (None, None, now);
    }

    /// It applies only so large a part of what it could.
    pub(super) fn slow_down(&mut self, to: Ppm, now: Moment) {
        let left = self.level_at.since(now);
        // What it is behind takes longer in proportion, or shorter.
        let nanos = u128::from(left.0) * u128::from(self.slowed.0.max(1)) / u128::from(to.0.max(1));
        self.slowed = to;
        self.level_at = now.after(Span(u64::try_from(nanos).unwrap_or(u64::MAX)));
    }

    pub(super) fn reset(&mut self) {
        self.behind_most = Span::ZERO;
    }
}
