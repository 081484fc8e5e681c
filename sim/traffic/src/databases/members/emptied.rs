//! Servers of a database that have not got its data any more, and a database that comes back from a backup. Copies
//! nothing.

use super::{Members, Next, Recovered};
use crate::databases::failover::{Chain, Loss};
use crate::databases::log::Mark;
use crate::databases::standby::{LostWrites, Standby};
use seatrial_contract::Dice;
use seatrial_contract::units::Moment;

/// How a database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It has a primary.
    Serves,
    /// Another takes over, or the primary starts again.
    TakesOver,
    /// Nobody could take over before something is back.
    Lost,
    /// No server has its data.
    Gone,
}

impl Members {
    /// A server has not got the data any more; it is lost for another reason too.
    pub(crate) fn empty(&mut self, server: usize) {
        if let Some(of) = self.servers.get_mut(server) {
            of.is_empty = true;
        }
    }

    /// All of it is deleted, on every server, which live; whether it took writes until then.
    pub(crate) fn delete(&mut self, (now, world): (Moment, Moment)) -> bool {
        self.servers.iter_mut().for_each(|of| of.is_empty = true);
        self.standbys.iter_mut().for_each(Standby::stops);
        self.turn = self.turn.wrapping_add(1);
        let is_new = self.lost.is_none();
        if is_new {
            // The log itself is there, and is archived to its end.
            self.begin_loss(Loss::Machine, LostWrites::default(), (now, world));
        }
        if let Some(lost) = &mut self.lost {
            lost.loss = Loss::Machine;
            lost.chain = None;
            lost.without.get_or_insert(now);
        }
        is_new
    }

    /// How it is.
    pub(crate) fn health(&self) -> Health {
        match &self.lost {
            None => Health::Serves,
            Some(_) if self.servers.iter().all(|of| of.is_empty) => Health::Gone,
            Some(lost) if lost.chain.is_some() => Health::TakesOver,
            Some(_) => Health::Lost,
        }
    }

    /// Where its log was when it was lost, while it is, and how often it was.
    pub(crate) fn lost_at(&self) -> (Option<Mark>, u64) {
        (self.lost.as_ref().map(|lost| lost.mark), self.losses)
    }

    /// It is there again from a backup, after that chain. `has` is what the backup has, and nothing where the archive
    /// has the rest.
    pub(crate) fn comes_from_backup(
        &mut self,
        chain: Chain,
        has: Option<Mark>,
        dice: Dice,
        now: Moment,
    ) -> Option<(Recovered, Vec<Next>)> {
        let lost = self.lost.take()?;
        self.standbys.iter_mut().for_each(Standby::has_a_primary);
        self.turn = self.turn.wrapping_add(1);
        let mut waited = lost.waited;
        if let Some(since) = lost.without {
            waited = waited.saturating_add(now.since(since));
        }
        let (writes_lost, rpo) = match has {
            Some(has) => {
                let written = self.log.between(has, lost.mark);
                let oldest = written.first.map(|first| lost.world_at.since(first));
                (written.writes, oldest)
            }
            None => {
                let LostWrites { count, oldest } = lost.unarchived;
                (count, oldest.map(|oldest| lost.at.since(oldest)))
            }
        };
        self.log.begins_anew(now);
        let primary = &mut self.servers[self.places[0]];
        primary.is_empty = false;
        primary.replaced += core::mem::take(&mut primary.down);
        for (place, standby) in self.standbys.iter_mut().enumerate() {
            // What it has is of another history.
            standby.stops();
            self.servers[self.places[place + 1]].is_empty = true;
        }
        let mut stream = dice.turn(self.losses, self.terms.chance, 2 << 32 | u64::from(self.turn));
        let reconnecting = self.terms.reconnecting.sample(&mut stream);
        let recovered = Recovered {
            at: lost.world_at,
            chain,
            failed_over: false,
            from_backup: true,
            by_policy: false,
            clients_back: chain.verified.saturating_add(reconnecting),
            writes_lost,
            rpo: rpo.unwrap_or_default(),
            waited,
            two_primaries: None,
        };
        Some((recovered, self.filled()))
    }

    /// Servers without data copy it from the primary that is there again.
    pub(super) fn filled(&self) -> Vec<Next> {
        let servers = self.places[1..].iter().filter(|server| {
            let of = &self.servers[**server];
            of.is_empty && of.down == 0
        });
        servers.map(|server| Next::Follows(self.terms.copying, *server)).collect()
    }
}
