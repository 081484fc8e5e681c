//! Places that are lost with all that stands there, whatever their size. Decides on none.

use crate::kind::{Checked, Scene, Struck, Target};
use crate::{Hosts, machines, stores};
use seatrial_contract::NodeId;
use seatrial_contract::config::{Located, Name, Path, Place as Where, Problems};
use seatrial_fleet::SoldOut;
use seatrial_fleet::places::{Place, Stands};
use seatrial_format::scenario::Scenario;
use seatrial_traffic::recovering::Blow;

/// The regions of a scenario.
pub(crate) fn regions(scenario: &Scenario) -> Vec<&str> {
    scenario.zones.iter().filter_map(|zone| zone.region.as_ref()).map(|of| of.as_str()).collect()
}

/// Its zones, whoever names them.
pub(crate) fn zones(scenario: &Scenario) -> Vec<&str> {
    let of_pools = scenario.pools.iter().flat_map(|pool| pool.zones.iter()).map(Name::as_str);
    of_pools.chain(scenario.zones.iter().map(|zone| zone.name.as_str())).collect()
}

/// Its racks.
pub(crate) fn racks(scenario: &Scenario) -> Vec<&str> {
    scenario.zones.iter().flat_map(|zone| zone.racks.value.iter().map(Name::as_str)).collect()
}

/// Says what is wrong with the place that a fault names.
pub(crate) fn check(
    what: &'static str,
    have: Vec<&str>,
    named: Option<&Located<String>>,
    of: &Checked<'_>,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let section = match what {
        "rack" => "zones.racks",
        "region" => "zones.region",
        _ => "pools.zones",
    };
    if have.is_empty() {
        let message = format!("there is no {what} that could be lost");
        let remedy = "add a table `[[zones]]` that names it, or leave the fault out";
        problems.add(path, Where::default(), message, remedy);
        return;
    }
    if let Some(named) = named.filter(|_| of.is_each) {
        let message = format!("with `each`, every {what} is lost on its own");
        problems.add(&Path::Key(path, what), named.place, message, "leave this or `each` out");
    }
    let wanted: Vec<_> = named.into_iter().collect();
    seatrial_format::check_names(what, section, have.into_iter(), &wanted, problems);
}

/// The one that is meant is lost; by chance one of them where none is.
pub(crate) fn lose<E: Hosts>(
    scene: &mut Scene<'_, E>,
    named: Option<&Located<String>>,
    all: Vec<Target>,
) -> Struck {
    let design = &scene.fleet.design;
    let named = named.and_then(|named| design.places.named(&design.names.zones, named));
    let by_chance = |scene: &mut Scene<'_, E>| {
        let pick = scene.stream.below(all.len() as u64);
        all.get(usize::try_from(pick).unwrap_or_default()).copied()
    };
    let place = match (scene.on, named) {
        (Some(on), _) => Some(on),
        (None, Some(place)) => Some(Target::Place(place)),
        (None, None) if all.is_empty() => None,
        (None, None) => by_chance(scene),
    };
    let Some(Target::Place(place)) = place else { return Struck::default() };
    let places = &scene.fleet.design.places;
    let here = machines::those(scene.fleet, |node| places.holds(place, node.spot));
    // What stands on those machines goes with them, and what stands there beside them.
    let spot = |id: NodeId| scene.fleet.nodes[id.index()].spot;
    let on_them = here.iter().flat_map(|id| places.standing(Place::Machine(*id), spot));
    let on_them: Vec<Stands> = on_them.collect();
    let mut stands = places.standing(place, spot);
    stands.retain(|what| !on_them.contains(what));
    let struck = machines::lose(scene, here);
    for what in &stands {
        stores::lose(scene.fleet, scene.control, *what, Blow::Machine);
    }
    // Nobody gets a new machine there either.
    let sold_out = SoldOut { pool: None, place: Some(place) };
    scene.fleet.market.sold_out.push(sold_out);
    Struck { stands, sold_out: Some(sold_out), ..struck }
}
