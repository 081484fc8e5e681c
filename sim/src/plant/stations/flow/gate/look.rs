//! What callers find at one pool in a step, and what that is for all that are alike.

use super::Found;
use super::pace::Pace;
use crate::plant::stations::flow::chain::{Chain, Rates};
use crate::plant::stations::flow::line::Tools;
use crate::plant::stations::flow::shared::Shared;

pub(super) fn found(
    chain: &Chain,
    pace: &Pace<'_>,
    (phase, waits_for): (f64, f64),
    copies: f64,
    tools: &mut Tools,
) -> Found {
    let (mut asked, mut refused, mut timed_out) = (0.0, 0.0, 0.0);
    let (mut active, mut waiting, mut done) = (0.0, 0.0, 0.0);
    tools.bins.clear();
    for (present, mass) in chain.during() {
        let used = present.min(pace.size);
        if let Some(out) = &pace.load.out {
            // Nobody has a connection, and those who will get one get it when it is over.
            waiting += mass * present;
            let offered = mass * pace.rate;
            asked += offered;
            let offered = offered.max(0.0);
            if out.is_hopeless() {
                timed_out += offered;
            } else {
                let ahead = present / pace.slot;
                let line = phase * pace.slot * (ahead + 1.0);
                tools.bins.add(out.down.left + line, offered);
            }
            continue;
        }
        active += mass * used;
        waiting += mass * (present - pace.size).max(0.0);
        done += mass * pace.deaths(present);
        asked += mass * pace.rate;
        // After a long step a mass may be a bit less than nothing.
        let offered = mass.max(0.0) * pace.rate;
        if present >= pace.most - 1e-9 {
            refused += offered;
        } else if present < pace.size - 1e-9 {
            tools.bins.add(0.0, offered);
        } else {
            let ahead = (present - pace.size) / pace.slot;
            let mean = phase * pace.slot * (ahead + 1.0);
            let stays = pace.waits.map_or(1.0, |waits| waits.accepts(ahead));
            timed_out += offered * (1.0 - stays);
            tools.looks.add_gamma(mean, 1.0 / (ahead + 1.0), offered * stays, &mut tools.bins);
        }
    }
    let share = |part: f64| if asked > 0.0 { part / asked } else { 0.0 };
    // Whoever neither came in nor was refused has waited too long.
    if timed_out > 1e-9 * asked && pace.load.out.is_none() {
        timed_out = (asked - refused - done - chain.growth()).clamp(0.0, asked);
        waiting += timed_out * waits_for;
    }
    let slowed = Shared::of(
        chain,
        |present| pace.load.slowed(present.min(pace.size)),
        |present| if present < pace.most - 1e-9 { pace.rate } else { 0.0 },
    );
    let share_at_work = pace.load.alone * slowed.mean();
    let share_at_work = share_at_work / (share_at_work + pace.load.beside);
    Found {
        asked: asked * copies,
        refused: share(refused),
        timed_out: share(timed_out),
        wait: tools.bins.take_spread(),
        active: active * copies * share_at_work,
        waiting: waiting * copies,
        connections: 0.0,
        used: active * copies,
        opened: 0.0,
        work: done * copies * pace.load.alone,
        slowed,
    }
}
