//! A world that is looked at for how near it comes to something rare, and whose future can be made another one at
//! a moment of its past: what is drawn from then on is drawn from another seed. Decides on no level.

use crate::run::close;
use crate::{BrokenInvariant, World};
use seatrial_contract::units::Moment;
use seatrial_contract::{Dice, PoolId};
use seatrial_fleet::nodes::State;
use seatrial_traffic::recovering;

/// What is rare, and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rare {
    /// Machines that are lost at the same time, of a pool or of all.
    Machines(Option<PoolId>),
    /// Tenants that are down at the same time.
    Tenants,
    /// Servers of a database that are lost at the same time, or do not follow yet.
    Servers(u16),
}

/// Where a past ends and another future begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Branch {
    /// After so many events.
    pub after: u64,
    /// What is drawn from then on is drawn from this seed.
    pub seed: u64,
}

/// How far a world is to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// Until that many are counted, or to the end.
    Reached(u32),
    /// To the end; how long that many are counted is added up.
    TheEnd(u32),
}

/// What was seen of a life after its last branch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Lived {
    /// After how many events that many were counted first.
    pub reached: Option<u64>,
    /// For how many seconds.
    pub seconds: f64,
    /// The most that were counted.
    pub most: u32,
    /// How many events there were in all.
    pub events: u64,
}

/// How many are counted now.
fn count(world: &World, rare: Rare) -> u32 {
    let fleet = &world.fleet;
    let count = match rare {
        Rare::Machines(pool) => {
            let nodes = fleet.nodes.iter().filter(|of| matches!(of.state, State::Down(_)));
            nodes.filter(|of| pool.is_none_or(|pool| of.pool == pool)).count()
        }
        Rare::Tenants => fleet.measures.machines.losses.down.len(),
        Rare::Servers(database) => {
            return recovering::servers_out(&fleet.traffic.stations, database);
        }
    };
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Lets a world live through a past with these branches, and on from the last.
///
/// # Errors
/// A broken invariant: a bug of ours.
pub fn live(
    mut world: World,
    rare: Rare,
    branches: &[Branch],
    until: Until,
) -> Result<Lived, BrokenInvariant> {
    let (Until::Reached(level) | Until::TheEnd(level)) = until;
    let mut lived = Lived::default();
    let mut branches = branches.iter().peekable();
    world.begin();
    let ends_at = world.fleet.schedule.ends_at;
    let mut since: Option<Moment> = None;
    loop {
        while let Some(branch) = branches.next_if(|of| of.after == lived.events) {
            another_future(&mut world, branch.seed);
        }
        if branches.peek().is_none() {
            let now = world.fleet.now();
            let counted = count(&world, rare);
            lived.most = lived.most.max(counted);
            if counted >= level {
                lived.reached.get_or_insert(lived.events);
                since.get_or_insert(now);
            } else if let Some(since) = since.take() {
                lived.seconds += now.since(since).as_seconds();
            }
            if lived.reached.is_some() && matches!(until, Until::Reached(_)) {
                return Ok(lived);
            }
        }
        let Some(event) = world.fleet.next_event(ends_at) else { break };
        world.handle(event);
        lived.events += 1;
    }
    close(&mut world)?;
    if let Some(since) = since {
        lived.seconds += ends_at.since(since).as_seconds();
    }
    Ok(lived)
}

/// From now on another seed decides. What is waited for is drawn anew, knowing for how long it was.
fn another_future(world: &mut World, seed: u64) {
    let dice = Dice::new(seed);
    world.fleet.dice = dice;
    recovering::another_future(&mut world.fleet.traffic.stations, dice);
    world.faults.redraw(&mut world.fleet);
}
