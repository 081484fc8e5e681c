//! How long a Redis under Sentinel takes to be writable again. Plays the sentinels' own timers, tick
//! by tick, as `sentinel.c` runs them; knows no tenant, no store and no network, whose milliseconds
//! are nothing beside ticks of fifty to a hundred.
//!
//! Not in it: votes that split because two ask within a message's time of one another. Then nothing
//! happens until twice the failover time-out.

use seatrial_contract::Stream;
use seatrial_contract::units::Span;

/// Sentinels that watch a master with one replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentinels {
    /// How many.
    pub count: u32,
    /// How many must agree that the master is down.
    pub quorum: u32,
    /// How long it must be silent (`down-after-milliseconds`).
    pub down_after: Span,
}

/// How a master is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It dies, and its connections break.
    Dies,
    /// It hangs: its connections stay open, and nothing is answered.
    Hangs,
}

/// When there is a master again, counted from the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailedOver {
    /// The replica takes writes.
    pub writable: Span,
    /// A client that asks the sentinels is told so.
    pub announced: Span,
}

/// Between pings, between questions to other sentinels, and between reports of a replica that has
/// lost its master (`SENTINEL_PING_PERIOD`, `SENTINEL_ASK_PERIOD`).
const SECOND: Span = Span::seconds(1);
/// Between reports of a replica that is well (`SENTINEL_INFO_PERIOD`).
const REPORTS: Span = Span::seconds(10);

impl Sentinels {
    /// One loss, by chance as the timers stand.
    pub fn fail_over(&self, loss: Loss, stream: &mut Stream) -> FailedOver {
        // The master is lost when all timers have a past.
        let lost_at = REPORTS;
        let mut watching: Vec<Watching> =
            (0..self.count.max(1)).map(|_| Watching::new(lost_at, loss, stream)).collect();
        let mut leader: Option<Leader> = None;
        loop {
            let (turn, now) = next(&watching);
            watching[turn].tick = now + tick(stream);
            watching[turn].notice(now, self.down_after);
            let agreed =
                watching[turn].is_down && watching[turn].agreeing() >= self.quorum.min(self.count);
            match &mut leader {
                // It asks for votes, and since nobody else has asked yet, it gets them.
                None if agreed => leader = Some(Leader { turn, stage: Stage::Elect }),
                Some(leader) if leader.turn == turn => leader.stage = leader.stage.next(now),
                _ => {}
            }
            ask(&mut watching, turn, now);
            let promoted = match leader {
                Some(Leader { turn: leading, stage: Stage::Promoted(at) }) if leading == turn => {
                    Some(at)
                }
                Some(_) | None => None,
            };
            if watching[turn].report(now, lost_at, agreed)
                && let Some(promoted) = promoted
            {
                let since = |moment: Span| moment.saturating_sub(lost_at);
                return FailedOver { writable: since(promoted), announced: since(now) };
            }
        }
    }
}

/// One sentinel, by its own clock.
struct Watching {
    /// When it looks next.
    tick: Span,
    /// Since when the master owes it an answer.
    silent: Option<Span>,
    /// When it finds out, where the master hangs: with its next ping.
    pings: Span,
    is_down: bool,
    /// Which others have said that it is down, and when each answered.
    others: Vec<(bool, Option<Span>)>,
    /// When the replica last reported.
    reported: Span,
    /// The replica has said that it lost its master.
    is_orphan: bool,
}

/// The sentinel that fails over.
struct Leader {
    turn: usize,
    stage: Stage,
}

/// One step each tick, as the state machine goes.
#[derive(Clone, Copy)]
enum Stage {
    /// Votes are on their way.
    Elect,
    /// They are here: it picks the replica.
    Select,
    /// It tells the replica.
    Promote,
    /// It told it then.
    Promoted(Span),
}

impl Stage {
    const fn next(self, now: Span) -> Self {
        match self {
            Self::Elect => Self::Select,
            Self::Select => Self::Promote,
            Self::Promote => Self::Promoted(now),
            Self::Promoted(at) => Self::Promoted(at),
        }
    }
}

impl Watching {
    fn new(lost_at: Span, loss: Loss, stream: &mut Stream) -> Self {
        let within = |span: Span, stream: &mut Stream| Span(stream.below(span.0));
        let first = tick(stream);
        let first = lost_at + within(first, stream);
        let pings = match loss {
            // The broken connection is opened anew at once, and a ping waits in it.
            Loss::Dies => first,
            Loss::Hangs => lost_at + within(SECOND, stream),
        };
        let reported = lost_at.saturating_sub(within(REPORTS, stream));
        let others = Vec::new();
        Self {
            tick: first,
            silent: None,
            pings,
            is_down: false,
            others,
            reported,
            is_orphan: false,
        }
    }

    fn notice(&mut self, now: Span, down_after: Span) {
        if now >= self.pings {
            let silent = *self.silent.get_or_insert(now);
            self.is_down |= now.saturating_sub(silent) > down_after;
        }
    }

    /// How many say that the master is down, itself among them.
    fn agreeing(&self) -> u32 {
        1 + self.others.iter().map(|(is_down, _)| u32::from(*is_down)).sum::<u32>()
    }

    /// Whether the replica reports now.
    fn report(&mut self, now: Span, lost_at: Span, agreed: bool) -> bool {
        let every = if agreed || self.is_orphan { SECOND } else { REPORTS };
        if now.saturating_sub(self.reported) <= every {
            return false;
        }
        self.reported = now;
        // It says for how many whole seconds it has had no master.
        self.is_orphan = now.saturating_sub(lost_at) >= SECOND;
        true
    }
}

/// A sentinel that believes that the master is down asks the others, who answer at once.
fn ask(watching: &mut [Watching], turn: usize, now: Span) {
    if !watching[turn].is_down {
        return;
    }
    let down: Vec<bool> = watching.iter().map(|other| other.is_down).collect();
    let others = &mut watching[turn].others;
    others.resize(down.len(), (false, None));
    for (index, (says, answered)) in others.iter_mut().enumerate() {
        let is_due = answered.is_none_or(|then| now.saturating_sub(then) >= SECOND);
        if index != turn && is_due {
            (*says, *answered) = (down[index], Some(now));
        }
    }
}

/// The next to look, and when.
fn next(watching: &[Watching]) -> (usize, Span) {
    let ticks = watching.iter().map(|one| one.tick).enumerate();
    ticks.min_by_key(|(_, tick)| *tick).unwrap_or((0, Span::MAX))
}

/// From one look to the next: each time anew, so that sentinels do not fall into step
/// (`server.hz = CONFIG_DEFAULT_HZ + rand() % CONFIG_DEFAULT_HZ`, in whole milliseconds).
fn tick(stream: &mut Stream) -> Span {
    Span::millis(1_000 / (10 + stream.below(10)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::{Dice, Purpose};

    /// The shortest, the mean and the longest of many losses, in seconds.
    fn spread(sentinels: Sentinels, loss: Loss, of: fn(FailedOver) -> Span) -> [f64; 3] {
        let mut stream = Dice::new(1).stream(0, Purpose::new("losses"));
        let times: Vec<f64> =
            (0..4_000).map(|_| of(sentinels.fail_over(loss, &mut stream)).as_seconds()).collect();
        let mean = times.iter().sum::<f64>() / 4_000.0;
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        [least, mean, times.iter().copied().fold(0.0, f64::max)]
    }

    const THREE: Sentinels = Sentinels { count: 3, quorum: 2, down_after: Span::seconds(5) };

    #[test]
    fn a_dead_master_is_replaced_half_a_second_after_down_after() {
        // A tick to find the silence, one to see it last, one to hear another, three to promote: each
        // 52 to 100 ms, or a part of one.
        let [least, mean, most] = spread(THREE, Loss::Dies, |over| over.writable);
        assert!(least >= 5.2 && most <= 5.6, "{least} to {most}");
        assert!((mean - 5.4).abs() < 0.05, "{mean}");
    }

    #[test]
    fn clients_are_told_with_the_replicas_next_report() {
        // Measured with three sentinels: 5.65 s to 6.25 s.
        let [least, mean, most] = spread(THREE, Loss::Dies, |over| over.announced);
        assert!(least < 5.65 && most > 6.25 && most < 6.6, "{least} to {most}");
        assert!((5.65..6.25).contains(&mean), "{mean}");
    }

    #[test]
    fn a_master_that_hangs_is_found_out_with_the_next_ping() {
        // Measured: 6.8 s.
        let [least, _, most] = spread(THREE, Loss::Hangs, |over| over.announced);
        assert!(least < 6.0 && most > 6.8, "{least} to {most}");
    }

    #[test]
    fn it_takes_longer_when_all_must_agree() {
        let all = Sentinels { quorum: 3, ..THREE };
        let [_, two, _] = spread(THREE, Loss::Hangs, |over| over.writable);
        let [_, three, _] = spread(all, Loss::Hangs, |over| over.writable);
        assert!(three > two + 0.1, "{two} {three}");
    }
}
