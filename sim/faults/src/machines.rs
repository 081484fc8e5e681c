//! Machines that are lost together, whatever the reason. Decides on none.

use crate::control::Control;
use crate::kind::{Checked, Scene, Struck, Target};
use crate::{Hosts, stores};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Place as Where, Problems};
use seatrial_contract::units::Ppm;
use seatrial_contract::{NodeId, Stream};
use seatrial_fleet::Fleet;
use seatrial_fleet::loss::{self, lose_machine, machine_is_back};
use seatrial_fleet::nodes::Node;
use seatrial_fleet::places::{Place, Stands};
use seatrial_format::scenario::Scenario;
use seatrial_traffic::recovering::Blow;

/// Machines that are there, by what they are.
pub(crate) fn those<E: Hosts>(fleet: &Fleet<E>, is: impl Fn(&Node) -> bool) -> Vec<NodeId> {
    let here = fleet.nodes.iter().enumerate();
    here.filter(|(_, node)| !node.is_gone() && is(node)).map(|(at, _)| NodeId::at(at)).collect()
}

/// Those of a pool, or of all.
pub(crate) fn of_pool<E: Hosts>(fleet: &Fleet<E>, pool: Option<&Located<String>>) -> Vec<NodeId> {
    let design = &fleet.design.pools;
    let is_meant = |of: &str| pool.is_none_or(|meant| meant.value == of);
    those(fleet, |node| is_meant(&design[node.pool.index()].name))
}

/// All of them are lost, with what stands on them.
pub(crate) fn lose<E: Hosts>(scene: &mut Scene<'_, E>, machines: Vec<NodeId>) -> Struck {
    machines.iter().for_each(|id| crash(scene.fleet, scene.control, *id));
    Struck { machines, ..Struck::default() }
}

/// One more is lost.
pub(crate) fn lose_one<E: Hosts>(
    fleet: &mut Fleet<E>,
    control: &mut Control,
    struck: &mut Struck,
    id: NodeId,
) {
    if !fleet.nodes[id.index()].is_gone() {
        crash(fleet, control, id);
        struck.machines.push(id);
    }
}

fn crash<E: Hosts>(fleet: &mut Fleet<E>, control: &mut Control, id: NodeId) {
    lose_machine(fleet, id);
    for what in standing_on(fleet, id) {
        stores::lose(fleet, control, what, Blow::Machine);
    }
}

/// One of them comes back.
pub(crate) fn bring_one_back<E: Hosts>(
    fleet: &mut Fleet<E>,
    control: &mut Control,
    struck: &mut Struck,
    id: NodeId,
) {
    if let Some(at) = struck.machines.iter().position(|lost| *lost == id) {
        struck.machines.remove(at);
        come_back(fleet, control, id);
    }
}

fn come_back<E: Hosts>(fleet: &mut Fleet<E>, control: &mut Control, id: NodeId) {
    machine_is_back(fleet, id);
    for what in standing_on(fleet, id) {
        stores::bring_back(fleet, control, what);
    }
}

/// A machine is taken back, with what stands on it.
pub(crate) fn reclaim<E: Hosts>(fleet: &mut Fleet<E>, control: &mut Control, id: NodeId) {
    if !fleet.nodes[id.index()].is_gone() {
        for what in standing_on(fleet, id) {
            stores::lose(fleet, control, what, Blow::Machine);
        }
        loss::reclaim(fleet, id);
    }
}

pub(crate) fn standing_on<E: Hosts>(fleet: &Fleet<E>, id: NodeId) -> Vec<Stands> {
    let spot = |id: NodeId| fleet.nodes[id.index()].spot;
    fleet.design.places.standing(Place::Machine(id), spot)
}

/// They come back, but for that share of them, picked by chance, which never does.
pub(crate) fn bring_back<E: Hosts>(
    scene: &mut Scene<'_, E>,
    struck: &Struck,
    stay_down: Option<&Located<Ppm>>,
) {
    let stay_down = stay_down.map_or(0, |of| u64::from(of.value.0));
    for id in &struck.machines {
        if stay_down == 0 || scene.stream.below(1_000_000) >= stay_down {
            come_back(scene.fleet, scene.control, *id);
        }
    }
    for what in &struck.stands {
        stores::bring_back(scene.fleet, scene.control, *what);
    }
    on_sale_again(scene.fleet, struck);
}

/// Machines are to be had again.
pub(crate) fn on_sale_again<E: Hosts>(fleet: &mut Fleet<E>, struck: &Struck) {
    let sold_out = &mut fleet.market.sold_out;
    if let Some(at) = sold_out.iter().position(|of| Some(*of) == struck.sold_out) {
        sold_out.swap_remove(at);
    }
}

/// So many of them, or such a share, picked by chance among those that are ready.
pub(crate) fn ready<E: Hosts>(
    scene: &mut Scene<'_, E>,
    pool: Option<&Located<String>>,
    (machines, share): (Option<NonZeroU32>, Option<Ppm>),
) -> Vec<NodeId> {
    if let Some(Target::Machine(id)) = scene.on {
        return vec![id];
    }
    let mut left = of_pool(scene.fleet, pool);
    left.retain(|id| scene.fleet.nodes[id.index()].is_ready());
    let count = match share {
        Some(share) => (left.len() as u64 * u64::from(share.0)).div_ceil(1_000_000),
        None => machines.map_or(1, |count| u64::from(count.get())),
    };
    let mut picked = picked(left, count, &mut scene.stream);
    picked.sort_unstable();
    picked
}

/// Says that both a number and a share are given, or either where each is struck alone.
pub(crate) fn check_count(
    machines: Option<&Located<NonZeroU32>>,
    share: Option<&Located<Ppm>>,
    of: &Checked<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    check_share(share, "share", path, problems);
    let mut twice = |key: &str, place: Where, message: &str| {
        problems.add(&Path::Key(path, key), place, message, "leave this one out");
    };
    let number = machines.map(|of| ("machines", of.place));
    let share = share.map(|of| ("share", of.place));
    match (number, share) {
        (Some(_), Some((key, place))) => twice(key, place, "`machines` says how many already"),
        (Some((key, place)), None) | (None, Some((key, place))) if of.is_each => {
            twice(key, place, "with `each`, every machine is struck alone");
        }
        (Some(_), None) | (None, Some(_)) | (None, None) => {}
    }
}

/// So many of them, picked by chance; all where there are no more.
pub(crate) fn picked(mut left: Vec<NodeId>, count: u64, stream: &mut Stream) -> Vec<NodeId> {
    let mut picked = Vec::new();
    while (picked.len() as u64) < count && !left.is_empty() {
        let pick = usize::try_from(stream.below(left.len() as u64)).unwrap_or_default();
        picked.push(left.swap_remove(pick));
    }
    picked
}

/// Says that there is no such pool, or no machine at all.
pub(crate) fn check_pool(
    pool: Option<&Located<String>>,
    scenario: &Scenario,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let have = scenario.pools.iter().map(|pool| pool.name.as_str());
    let wanted: Vec<_> = pool.into_iter().collect();
    seatrial_format::check_names("pool", "pools", have, &wanted, problems);
    if scenario.pools.is_empty() {
        let remedy = "add a table `[[pools]]` with machines, or leave the fault out";
        problems.add(path, Where::default(), "there is no machine that could crash", remedy);
    }
}

/// Says that a share is none of anything.
pub(crate) fn check_share(
    share: Option<&Located<Ppm>>,
    key: &str,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    if let Some(share) = share.filter(|of| !(1..=1_000_000).contains(&of.value.0)) {
        let path = Path::Key(path, key);
        let message = format!("{} is nothing, or more than all", share.value);
        problems.add(&path, share.place, message, "write a share such as \"10 %\"");
    }
}
