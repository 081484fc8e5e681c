//! A database whose standby is made the primary when somebody says so, and by nothing else. Decides nothing.

use super::{Members, Next};
use crate::databases::failover::{Chain, Loss, Manager};
use crate::databases::standby::LostWrites;
use seatrial_contract::Dice;
use seatrial_contract::units::Moment;

impl Members {
    /// How often it was told to fail over, and of the standby that would take over best: how much it lacks, and whether
    /// commits wait for it.
    pub(crate) fn heir_seen(&self, now: Moment) -> (u32, Option<(u64, bool)>) {
        let Some(Manager::ByPolicy(_)) = self.terms.manager else { return (0, None) };
        let heir = self.heir(now).map(|place| {
            let standby = &self.standbys[place];
            (standby.lag(now), standby.is_waited_for())
        });
        (self.told, heir)
    }

    /// A standby is to take over: from a primary that is lost, or from one that serves, which then takes no writes until
    /// the other has all of them. Whether it stops taking writes now, and what is to happen.
    pub(crate) fn fail_over(&mut self, dice: Dice, at: (Moment, Moment)) -> (bool, Next) {
        let (now, _) = at;
        let Some(place) = self.heir(now) else { return (false, Next::Nothing) };
        let Some(Manager::ByPolicy(promotes)) = &self.terms.manager else {
            return (false, Next::Nothing);
        };
        self.told = self.told.saturating_add(1);
        let mut stream = dice.turn(u64::from(self.told), self.terms.chance, 3 << 32);
        let takes = promotes.sample(&mut stream);
        let (is_drill, catches_up) = (self.lost.is_none(), self.standbys[place].behind(now));
        if is_drill {
            self.begin_loss(Loss::Machine, LostWrites::default(), at);
        }
        self.turn = self.turn.wrapping_add(1);
        let Some(lost) = &mut self.lost else { return (false, Next::Nothing) };
        let chain = Chain::at_once(if is_drill { catches_up.saturating_add(takes) } else { takes });
        if let Some(since) = lost.without.take() {
            lost.waited = lost.waited.saturating_add(now.since(since));
        }
        lost.is_drill |= is_drill;
        (lost.loss, lost.chain) = (Loss::Machine, Some((now, chain)));
        (is_drill, Next::Restored(chain.restored, self.turn))
    }
}
