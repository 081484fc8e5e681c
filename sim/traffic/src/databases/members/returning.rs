//! Servers of a database that come back: the primary before somebody has taken over, and what follows. Plans nothing.

use super::{Members, Next};
use crate::databases::failover::{Chain, Loss};
use seatrial_contract::Dice;
use seatrial_contract::units::{Moment, Span};

impl Members {
    /// A server is cut off, and runs on; one that is lost for another reason does not.
    pub(crate) fn cut_off(&mut self, server: usize) {
        if let Some(of) = self.servers.get_mut(server)
            && (of.cuts > 0 || of.down == 0 && !of.is_empty)
        {
            of.cuts += 1;
        }
    }

    /// A server that is cut off is lost for good reason; whether it ran on until now. Where another was built in its
    /// place, it is that which is lost.
    pub(crate) fn stops_running(&mut self, server: usize) -> bool {
        let of = self.servers.get_mut(server).filter(|of| of.replaced == 0);
        of.is_some_and(|of| core::mem::take(&mut of.cuts) > 0)
    }

    /// A server is cut off for one reason less; whether it ran on until now, and is reached again.
    pub(crate) fn joined(&mut self, server: usize) -> bool {
        let of = self.servers.get_mut(server).filter(|of| of.cuts > 0);
        of.is_some_and(|of| {
            of.cuts -= 1;
            of.cuts == 0
        })
    }

    /// A lost server is there again; `recovery` is how long a database takes to start after a crash.
    pub(crate) fn bring_back(&mut self, server: usize, recovery: Span, now: Moment) -> Next {
        let Some(of) = self.servers.get_mut(server) else { return Next::Nothing };
        if of.replaced > 0 {
            of.replaced -= 1;
            return Next::Nothing;
        }
        of.down = of.down.saturating_sub(1);
        if of.down > 0 {
            return Next::Nothing;
        }
        let is_empty = of.is_empty;
        match self.place_of(server).checked_sub(1) {
            // It copies all from the primary, or waits until there is one.
            Some(_) if is_empty && self.is_lost() => Next::Nothing,
            Some(_) if is_empty => Next::Follows(self.terms.copying, server),
            Some(standby) => Next::Follows(self.standbys[standby].catches_up_in(), server),
            None if is_empty => Next::Nothing,
            None => {
                let Some(lost) = &mut self.lost else { return Next::Nothing };
                // Nobody has taken over by then, or it is back before.
                let planned = lost.chain.map(|(from, chain)| from.after(chain.restored));
                if planned.is_some_and(|at| at <= now.after(recovery)) {
                    return Next::Nothing;
                }
                self.turn = self.turn.wrapping_add(1);
                if let Some(since) = lost.without.take() {
                    lost.waited = lost.waited.saturating_add(now.since(since));
                }
                lost.loss = Loss::Process(recovery);
                lost.chain = Some((now, Chain::at_once(recovery)));
                Next::Restored(recovery, self.turn)
            }
        }
    }

    /// A server that was built anew, or has caught up, follows from now on.
    pub(crate) fn follows(&mut self, server: usize, dice: Dice, now: Moment) -> Next {
        let Some(standby) = self.place_of(server).checked_sub(1) else { return Next::Nothing };
        let of = &mut self.servers[server];
        if of.down > 0 || of.is_empty && self.lost.is_some() {
            return Next::Nothing;
        }
        of.is_empty = false;
        self.standbys[standby].goes_on(now);
        if self.lost.is_some() { self.take_over(dice, now) } else { Next::Nothing }
    }
}
