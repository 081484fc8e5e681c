//! The servers of a database: which of them is primary, which follow, and what becomes of them when one is lost.
//! Plans nothing; says what is to happen, and when.

mod emptied;
mod returning;
mod told;

pub use emptied::Health;

use super::failover::{Chain, Heir, Loss, Manager};
use super::log::{Log, Mark};
use super::standby::{LostWrites, Standby};
use crate::distributions::distribution;
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_contract::{Dice, Purpose};
use seatrial_format::scenario::{Database as File, WhenAlone};
use seatrial_kernel::chance::Distribution;

/// The servers of one database.
pub(crate) struct Members {
    terms: Terms,
    /// Those that follow the primary, by their places in the file.
    pub(super) standbys: Vec<Standby>,
    /// Which server has which place: the first is primary, the others are the standbys. Servers go by the place
    /// that they had at the start.
    places: Vec<usize>,
    servers: Vec<Server>,
    /// What goes on while the primary is lost.
    lost: Option<Takeover>,
    /// Counts promotions and recoveries that were planned, so that one that is overtaken is known.
    turn: u16,
    /// From when a primary without synchronous standby goes on alone.
    alone_from: Moment,
    /// How often a primary was lost, and how often somebody said that another is to take over.
    losses: u64,
    told: u32,
    /// What was written.
    pub(crate) log: Log,
}

struct Terms {
    manager: Option<Manager>,
    reconnecting: Distribution,
    rebuild: Option<Distribution>,
    when_alone: WhenAlone,
    chance: Purpose,
    /// How long people take, in millionths of what they usually do.
    people: u64,
    /// How long it takes to copy all from another server.
    copying: Span,
}

#[derive(Clone, Copy, Default)]
struct Server {
    /// So many reasons why it is lost.
    down: u32,
    /// So many of them are of a machine that was replaced: their end changes nothing.
    replaced: u32,
    /// It has not got the data.
    is_empty: bool,
    /// It runs, and for so many reasons nobody reaches it.
    cuts: u32,
}

/// A primary was lost, and somebody takes over.
struct Takeover {
    /// By the time of calls, and by the world's.
    at: Moment,
    world_at: Moment,
    loss: Loss,
    /// What is planned; nothing while there is nobody who could.
    chain: Option<(Moment, Chain)>,
    /// Since then there is nobody who could.
    without: Option<Moment>,
    waited: Span,
    /// It serves, and nothing is lost of what was written.
    is_drill: bool,
    /// Where the log was then, and acknowledged writes that the archive had not got.
    mark: Mark,
    unarchived: LostWrites,
}

/// What is to happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing, until something is back.
    Nothing,
    /// The primary takes writes again after so long, at that turn.
    Restored(Span, u16),
    /// A server follows after so long.
    Follows(Span, usize),
}

/// A loss of a primary that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Recovered {
    /// When it was lost, by the world's time.
    pub at: Moment,
    /// Counted from then; of what was tried last.
    pub chain: Chain,
    /// Whether a standby took over.
    pub failed_over: bool,
    /// Whether it was restored from a backup.
    pub from_backup: bool,
    /// Whether a policy had a standby take over.
    pub by_policy: bool,
    /// When callers are back.
    pub clients_back: Span,
    /// How many acknowledged writes were lost with it.
    pub writes_lost: u64,
    /// How long before the loss the oldest of them was acknowledged; nothing where none was lost.
    pub rpo: Span,
    /// How long there was nobody who could take over.
    pub waited: Span,
    /// The server that was primary before took writes too.
    pub two_primaries: Option<TwoPrimaries>,
}

/// Two servers that both take writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoPrimaries {
    /// The one that others took over from.
    pub server: usize,
    /// From then on, by the world's time.
    pub since: Moment,
    /// For how long, where it is over.
    pub lasted: Option<Span>,
}

impl Members {
    pub(super) fn new(file: &File, now: Moment) -> Self {
        let name = file.name.as_str();
        let standbys: Vec<Standby> =
            file.standbys.iter().map(|of| Standby::new(of, name, now)).collect();
        Self {
            terms: Terms {
                manager: file.failover.as_ref().map(Manager::new),
                reconnecting: distribution(&file.reconnecting),
                rebuild: file.rebuild.as_ref().map(distribution),
                when_alone: file.when_alone,
                chance: Purpose::new(&format!("database {name}: failover")),
                people: 1_000_000,
                copying: copying(file.data.value.0, file.disk.value.0),
            },
            places: (0..=standbys.len()).collect(),
            servers: vec![Server::default(); standbys.len() + 1],
            standbys,
            lost: None,
            turn: 0,
            alone_from: now,
            losses: 0,
            told: 0,
            log: Log::new(file.backups.as_ref().and_then(|of| of.archive.as_ref()), now),
        }
    }

    pub(super) fn reset(&mut self) {
        self.standbys.iter_mut().for_each(Standby::reset);
        self.log.reset();
    }

    /// A standby's place among all.
    pub(crate) fn standby(&self, name: &str) -> Option<usize> {
        self.standbys.iter().position(|standby| standby.name == name)
    }

    /// A standby applies only so large a part of what it could.
    pub(crate) fn slow_standby(&mut self, standby: usize, to: Ppm, now: Moment) {
        if let Some(standby) = self.standbys.get_mut(standby) {
            standby.slow_down(to, now);
        }
    }

    /// People take so many millionths of their usual time.
    pub(crate) fn people_take(&mut self, millionths: u64) {
        self.terms.people = millionths;
    }

    /// Whether somebody would take over from the primary.
    pub(crate) const fn is_managed(&self) -> bool {
        self.terms.manager.is_some()
    }

    /// Whether the primary is lost.
    pub(crate) const fn is_lost(&self) -> bool {
        self.lost.is_some()
    }

    /// How many are lost, or do not follow yet.
    pub(crate) fn out(&self) -> u32 {
        let standbys = self.standbys.iter().filter(|standby| !standby.follows()).count();
        u32::try_from(standbys).unwrap_or(u32::MAX).saturating_add(u32::from(self.is_lost()))
    }

    /// The server that is primary now.
    pub(crate) fn primary(&self) -> usize {
        self.places[0]
    }

    fn place_of(&self, server: usize) -> usize {
        self.places.iter().position(|of| *of == server).unwrap_or_default()
    }

    /// How long a commit waits, of a write of so many bytes that comes now; every standby hears of it.
    pub(super) fn commit(&mut self, bytes: u64, of: (u64, u64), dice: Dice, now: Moment) -> Span {
        let mut waits = Span::ZERO;
        for standby in &mut self.standbys {
            standby.write(bytes, now);
            waits = waits.max(standby.commit_waits(of.0, of.1, dice, now));
        }
        let is_alone = !self.standbys.iter().any(Standby::is_waited_for);
        if is_alone && self.standbys.iter().any(Standby::is_synchronous) {
            waits = waits.max(self.alone_from.since(now));
        }
        let at = now.after(waits);
        self.log.write(bytes, at, now);
        if self.is_managed() {
            self.standbys.iter_mut().for_each(|standby| standby.acknowledged(at, now));
        }
        waits
    }

    /// Whether it takes no writes for want of a synchronous standby.
    pub(crate) fn is_stopped(&self) -> bool {
        self.terms.when_alone == WhenAlone::Stops
            && self.standbys.iter().any(Standby::is_synchronous)
            && !self.standbys.iter().any(Standby::is_waited_for)
    }

    /// A server is lost; whether that was the primary, which then takes no writes, and what is to happen.
    pub(crate) fn lose(
        &mut self,
        server: usize,
        loss: Loss,
        dice: Dice,
        (now, world): (Moment, Moment),
    ) -> (bool, Next) {
        let Some(of) = self.servers.get_mut(server) else { return (false, Next::Nothing) };
        if loss == Loss::Machine {
            of.down += 1;
        }
        let place = self.place_of(server);
        if let Some(standby) = place.checked_sub(1) {
            let was_waited_for = self.standbys[standby].is_waited_for();
            self.standbys[standby].stops();
            if was_waited_for && !self.standbys.iter().any(Standby::is_waited_for) {
                let after = self.terms.manager.as_ref().map_or(Span::ZERO, Manager::alone_after);
                self.alone_from = now.after(after);
            }
            // It may have been about to take over.
            let next = self.lost.is_some().then(|| self.take_over(dice, now));
            return (false, next.unwrap_or(Next::Nothing));
        }
        let is_new = self.lost.is_none();
        if is_new {
            let unarchived = self.log.unarchived(now, world);
            self.begin_loss(loss, unarchived, (now, world));
        } else if let Some(lost) = &mut self.lost {
            // What was a drill is none any more; and a machine is more than its process.
            lost.is_drill = false;
            lost.loss = if loss == Loss::Machine { loss } else { lost.loss };
        }
        (is_new, self.take_over(dice, now))
    }

    fn begin_loss(&mut self, loss: Loss, unarchived: LostWrites, (at, world_at): (Moment, Moment)) {
        self.losses += 1;
        self.standbys.iter_mut().for_each(|of| of.primary_is_lost(at));
        self.lost = Some(Takeover {
            at,
            world_at,
            loss,
            chain: None,
            without: None,
            waited: Span::ZERO,
            is_drill: false,
            mark: self.log.mark(at, world_at),
            unarchived,
        });
    }

    /// The standby that takes over best: one that commits waited for, then the one that lacks least.
    fn heir(&self, now: Moment) -> Option<usize> {
        let most = self.terms.manager.as_ref()?.lag_most();
        let may = |place: &usize| {
            let standby = &self.standbys[*place];
            let server = &self.servers[self.places[*place + 1]];
            let may = standby.follows() && server.down == 0 && !server.is_empty;
            may && standby.lag(now) <= most
        };
        let all = (0..self.standbys.len()).filter(may);
        all.min_by_key(|place| {
            let standby = &self.standbys[*place];
            (!standby.is_waited_for(), standby.lacking(now).count, *place)
        })
    }

    /// Plans who takes over, anew where something has changed.
    fn take_over(&mut self, dice: Dice, now: Moment) -> Next {
        let heir = self.heir(now);
        let mut stream = dice.turn(self.losses, self.terms.chance, u64::from(self.turn));
        let Some(lost) = &mut self.lost else { return Next::Nothing };
        let primary = &self.servers[self.places[0]];
        let is_up = primary.down == 0 && !primary.is_empty;
        if lost.chain.is_some() && heir.is_some() {
            return Next::Nothing; // It is under way.
        }
        self.turn = self.turn.wrapping_add(1);
        lost.chain = None;
        let (taker, chain) = match (&self.terms.manager, heir, lost.loss) {
            // It starts again by itself, or somebody has to say that another takes over.
            (Some(Manager::ByPolicy(_)), Some(_), Loss::Process(back)) if is_up => {
                (Heir::Itself, Chain::at_once(back))
            }
            (Some(Manager::ByPolicy(_)), Some(_), _) => {
                if let Some(since) = lost.without.take() {
                    lost.waited = lost.waited.saturating_add(now.since(since));
                }
                return Next::Nothing;
            }
            (Some(manager), Some(_), loss) => {
                manager.take_over(loss, self.terms.people, &mut stream)
            }
            // Nobody could, and its process starts again by itself.
            (_, _, Loss::Process(back)) if is_up => (Heir::Itself, Chain::at_once(back)),
            (_, _, Loss::Machine | Loss::Process(_)) => {
                lost.without.get_or_insert(now);
                return Next::Nothing;
            }
        };
        if let Some(since) = lost.without.take() {
            lost.waited = lost.waited.saturating_add(now.since(since));
        }
        if taker == Heir::Standby {
            // So that it is another than one that starts again by itself.
            lost.loss = Loss::Machine;
        }
        lost.chain = Some((now, chain));
        Next::Restored(chain.restored, self.turn)
    }

    /// The primary takes writes again as was planned at that turn: what came of its loss, and which server is to
    /// be built anew, after how long.
    pub(crate) fn restored(
        &mut self,
        turn: u16,
        dice: Dice,
        now: Moment,
    ) -> Option<(Recovered, Vec<Next>)> {
        if turn != self.turn {
            return None;
        }
        let lost = self.lost.take()?;
        self.standbys.iter_mut().for_each(Standby::has_a_primary);
        let (from, chain) = lost.chain?;
        let mut stream = dice.turn(self.losses, self.terms.chance, 1 << 32 | u64::from(turn));
        let mut recovered = Recovered {
            at: lost.world_at,
            chain: chain.after(from.since(lost.at)),
            failed_over: false,
            from_backup: false,
            clients_back: Span::ZERO,
            writes_lost: 0,
            rpo: Span::ZERO,
            waited: lost.waited,
            two_primaries: None,
            by_policy: false,
        };
        let mut next = Vec::new();
        let heir = (lost.loss == Loss::Machine).then(|| self.heir(now)).flatten();
        if let Some(place) = heir {
            recovered.failed_over = true;
            let mut writes = self.standbys[place].lacking(lost.at);
            if lost.is_drill {
                writes = LostWrites::default();
            }
            recovered.by_policy = matches!(self.terms.manager, Some(Manager::ByPolicy(_)));
            recovered.writes_lost = writes.count;
            recovered.rpo = writes.oldest.map_or(Span::ZERO, |oldest| lost.at.since(oldest));
            // They change places; what was primary has to be built anew, or comes back.
            self.places.swap(0, place + 1);
            self.standbys[place].stops();
            let old = self.places[place + 1];
            let server = &mut self.servers[old];
            let is_fenced = self.terms.manager.as_ref().is_none_or(Manager::fences);
            if server.cuts > 0 && !is_fenced {
                let since = lost.world_at.after(now.since(lost.at));
                let two = TwoPrimaries { server: old, since, lasted: None };
                recovered.two_primaries = Some(two);
            }
            if let Some(rebuild) = self.terms.rebuild.as_ref().filter(|_| !lost.is_drill) {
                server.replaced += core::mem::take(&mut server.down);
                server.is_empty = false;
                next.push(Next::Follows(rebuild.sample(&mut stream), old));
            } else if server.down == 0 && !server.is_empty {
                next.push(Next::Follows(self.standbys[place].catches_up_in(), old));
            }
            for standby in self.standbys.iter_mut().filter(|of| of.follows()) {
                standby.goes_on(now);
            }
        }
        let reconnecting = if recovered.failed_over {
            self.terms.reconnecting.sample(&mut stream)
        } else {
            Span::ZERO
        };
        recovered.clients_back = recovered.chain.verified.saturating_add(reconnecting);
        next.extend(self.filled());
        Some((recovered, next))
    }
}

/// How long it takes to copy so much at that rate.
fn copying(bytes: u64, rate: u64) -> Span {
    let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(rate.max(1));
    Span(u64::try_from(nanos).unwrap_or(u64::MAX))
}
