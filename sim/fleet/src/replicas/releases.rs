//! Which release of a service runs on its replicas, and what is wrong with it; and which replicas stand on machines
//! that look well and are not. Decides nothing.

use crate::{Event, Fleet, Hosts};
use seatrial_contract::units::{Moment, Ppm};
use seatrial_contract::view::Release;
use seatrial_contract::{NodeId, Purpose, ServiceId};
use seatrial_traffic::{recovering, replica_queues};

/// The releases of a service: the one that runs, and those before it.
#[derive(Clone, Debug, Default)]
pub struct Releases {
    made: u32,
    runs: Running,
    before: Vec<Running>,
    /// A step back is under way.
    is_reverting: bool,
    /// When each that runs no more was gone from.
    left: Vec<(u32, Moment)>,
}

/// A release that runs, or did.
#[derive(Clone, Copy, Debug, Default)]
struct Running {
    number: u32,
    since: Moment,
    wrong: Option<Wrong>,
}

/// What is wrong with a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The share of its answers that are failures.
    pub fails: Ppm,
    /// How many millionths of their time its requests take.
    pub slower: u64,
}

const REVERT: Purpose = Purpose::new("a release before comes up");

impl Releases {
    /// What policies see of it.
    pub(crate) fn row(&self) -> Release {
        let before = self.before.last();
        Release {
            number: self.runs.number,
            since: self.runs.since,
            before: before.map(|of| of.number),
        }
    }
}

/// A service of that name, among those on machines.
pub fn service<E: Hosts>(fleet: &Fleet<E>, name: &str) -> Option<ServiceId> {
    let found = fleet.replicas.services.iter().position(|of| of.name == name);
    found.map(ServiceId::at)
}

/// When a service went from that release to another.
#[must_use]
pub fn left<E: Hosts>(fleet: &Fleet<E>, service: ServiceId, number: u32) -> Option<Moment> {
    let of = &fleet.replicas.services[service.index()].releases;
    of.left.iter().find(|of| of.0 == number).map(|of| of.1)
}

/// All replicas of a service run another release from now on, which has this wrong with it; says its number.
pub fn deploy<E: Hosts>(fleet: &mut Fleet<E>, service: ServiceId, wrong: Option<Wrong>) -> u32 {
    let now = fleet.now();
    let of = &mut fleet.replicas.services[service.index()].releases;
    of.made += 1;
    let number = of.made;
    let before = core::mem::replace(&mut of.runs, Running { number, since: now, wrong });
    of.before.push(before);
    of.left.push((before.number, now));
    of.is_reverting = false;
    go_over(fleet, service, before.wrong, wrong);
    number
}

/// What is wrong with a release is mended: one that has it no more takes its place, if it still runs.
pub fn mend<E: Hosts>(fleet: &mut Fleet<E>, service: ServiceId, number: u32) {
    let of = &mut fleet.replicas.services[service.index()].releases;
    of.before.retain(|older| older.number != number);
    if of.runs.number == number {
        let before = of.before.last().copied();
        deploy(fleet, service, None);
        // What was wrong is not come back to.
        let of = &mut fleet.replicas.services[service.index()].releases;
        of.before = before.into_iter().collect();
    }
}

/// A service is to run the release before: its replicas of that come up, beside those that serve meanwhile.
pub(crate) fn revert<E: Hosts>(fleet: &mut Fleet<E>, service: ServiceId) {
    let of = &mut fleet.replicas.services[service.index()];
    if core::mem::replace(&mut of.releases.is_reverting, true) {
        return;
    }
    let mut stream = fleet.dice.stream(u64::from(of.releases.runs.number), REVERT);
    let takes = of.lifecycle.starts_in.sample(&mut stream);
    // Below 2³² releases, of which the low bits tell one from the last.
    #[expect(clippy::cast_possible_truncation, reason = "its low bits, as events have it")]
    let turn = of.releases.runs.number as u16;
    let service = u16::try_from(service.index()).unwrap_or(u16::MAX);
    fleet.later(takes, Event::Reverted(service, turn));
}

/// The replicas of the release before are up, and take over.
pub(crate) fn reverted<E: Hosts>(fleet: &mut Fleet<E>, service: u16, turn: u16) {
    let (now, id) = (fleet.now(), ServiceId::at(usize::from(service)));
    let of = &mut fleet.replicas.services[id.index()].releases;
    #[expect(clippy::cast_possible_truncation, reason = "its low bits, as events have it")]
    let is_same = of.runs.number as u16 == turn;
    if !is_same || !of.is_reverting {
        return;
    }
    of.is_reverting = false;
    let Some(before) = of.before.pop() else { return };
    let after = core::mem::replace(&mut of.runs, Running { since: now, ..before });
    // It runs again, and was not gone from for good.
    of.left.retain(|of| of.0 != before.number);
    of.left.push((after.number, now));
    go_over(fleet, id, after.wrong, before.wrong);
}

fn go_over<E: Hosts>(
    fleet: &mut Fleet<E>,
    service: ServiceId,
    from: Option<Wrong>,
    to: Option<Wrong>,
) {
    fleet.stir();
    let station = fleet.replicas.services[service.index()].station;
    let (stations, _) = fleet.calls();
    for (wrong, so) in [(from, false), (to, true)] {
        if let Some(Wrong { fails, slower }) = wrong {
            recovering::trouble(stations, station, fails, slower, so);
        }
    }
}

/// A machine has what stands there fail such a share of calls, or no longer.
pub fn ails<E: Hosts>(fleet: &mut Fleet<E>, node: NodeId, fails: Ppm, so: bool) {
    let all = &mut fleet.nodes[node.index()].replicas.fails;
    match all.iter().position(|of| *of == fails) {
        _ if so => all.push(fails),
        Some(at) => _ = all.swap_remove(at),
        None => {}
    }
    let here = fleet.replicas.all.iter().enumerate().filter(|(_, of)| of.node == Some(node));
    let here: Vec<usize> = here.map(|(id, _)| id).collect();
    here.into_iter().for_each(|id| share_of_machine(fleet, id));
    fleet.stir();
}

/// When the last replica left a machine, if there is none now.
pub fn emptied<E: Hosts>(fleet: &Fleet<E>, node: NodeId) -> Option<Moment> {
    let here = fleet.replicas.all.iter().any(|of| of.node == Some(node));
    fleet.nodes[node.index()].replicas.left.filter(|_| !here)
}

/// A replica fails as its machine has it fail.
pub(super) fn share_of_machine<E: Hosts>(fleet: &mut Fleet<E>, id: usize) {
    let replica = &fleet.replicas.all[id];
    let shares = match replica.node {
        Some(node) => fleet.nodes[node.index()].replicas.fails.clone(),
        None => Vec::new(),
    };
    replica_queues::fails(&mut fleet.traffic.stations, replica.queue, shares);
}
