//! The network is cut between two places, or between one and all others. What stands at either end runs on, and waits
//! in vain for the other; what is cut off from everything serves nobody.

use crate::kind::{Checked, Kind, Scene, Step, Struck};
use crate::{Hosts, stores};
use seatrial_contract::NodeId;
use seatrial_contract::config::{Located, Name, Path, Problems, element};
use seatrial_contract::units::Span;
use seatrial_fleet::cuts::{self, Noticing, Parted};
use seatrial_fleet::loss;
use seatrial_fleet::places::{Place, Stands};
use seatrial_format::scenario::{Scenario, Zone};
use seatrial_traffic::recovering::Blow;

element! {
    /// Which places, and how it is noticed.
    pub struct Partition {
        /// One place: a region, a zone, a rack, or a machine such as `workers/1`.
        from: Located<String>,
        /// The other. All that stands elsewhere where left out, and users: then `from` is cut off, its primaries step
        /// down, and what runs there runs on unseen.
        to: Option<Located<String>> = None,
        /// Whether what `to` sends arrives: who asks from there on a connection that is open is heard, and does not
        /// hear the answer.
        one_way: Located<bool> = Located::nowhere(false),
        /// How long somebody tries who gets no answer and has no time-out of its own (Linux: `tcp_syn_retries` 6).
        gives_up: Located<Span> = Located::nowhere(Span::seconds(127)),
        /// How long load balancers go on sending calls to replicas that do not answer.
        noticed: Located<Span> = Located::nowhere(Span::seconds(10)),
    }
}

impl Kind for Partition {
    const ABOUT: &'static str =
        "The network is cut between two places, or around one; one way only if so wished.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        seatrial_format::check_place(of, &self.from, &Path::Key(path, "from"), problems);
        let Some(to) = &self.to else {
            if self.one_way.value {
                let message = "a place that is cut off from all others is so in both directions";
                let remedy = "name the other place with `to`, or leave `one_way` out";
                problems.add(&Path::Key(path, "one_way"), self.one_way.place, message, remedy);
            }
            return;
        };
        seatrial_format::check_place(of, to, &Path::Key(path, "to"), problems);
        if to.value == self.from.value {
            let message = format!("`{}` is at both ends", to.value);
            let remedy = "name two places, or leave `to` out to cut one off from all others";
            problems.add(&Path::Key(path, "to"), to.place, message, remedy);
        }
        for (inner, outer) in [(&self.from.value, &to.value), (&to.value, &self.from.value)] {
            if lies_in(of, inner).contains(&outer.as_str()) {
                let message = format!("`{inner}` lies in `{outer}`");
                let remedy = "name two places of which neither lies in the other";
                problems.add(&Path::Key(path, "to"), to.place, message, remedy);
            }
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let place = |scene: &Scene<'_, E>, name: &str| {
            let design = &scene.fleet.design;
            design.places.named(&design.names.zones, name)
        };
        let Some(from) = place(scene, &self.from.value) else { return Struck::default() };
        let Some(to) = &self.to else { return cut_off(scene, from) };
        let Some(to) = place(scene, &to.value) else { return Struck::default() };
        scene.control.cuts += 1;
        let number = scene.control.cuts;
        let parted = Parted { number, from, to, one_way: self.one_way.value };
        let apart = cuts::standbys_apart(scene.fleet, &parted);
        let noticing = Noticing { gives_up: self.gives_up.value, noticed: self.noticed.value };
        cuts::part(scene.fleet, parted, noticing);
        let apart = apart.into_iter().map(|(database, server)| Stands::Server(database, server));
        let stands = lose(scene, apart.collect());
        let script = [(self.noticed.value, Step::Noticed)].into();
        Struck { stands, cut: Some(number), script, ..Struck::default() }
    }

    fn end<E: Hosts>(&self, scene: &mut Scene<'_, E>, struck: &Struck) {
        if let Some(number) = struck.cut {
            cuts::join(scene.fleet, number);
        }
        struck.machines.iter().for_each(|id| loss::machine_is_back(scene.fleet, *id));
        for what in &struck.stands {
            stores::return_from(scene.fleet, scene.control, *what, Blow::Network);
        }
    }
}

/// The places that a place lies in: the zone of a machine or a rack, and the region of a zone. A rack of a machine is not
/// known before there is one.
fn lies_in<'a>(scenario: &'a Scenario, place: &str) -> Vec<&'a str> {
    let of_machine = || {
        let (pool, number) = place.rsplit_once('/')?;
        let pool = scenario.pools.iter().find(|of| of.name.as_str() == pool)?;
        let at = number.parse::<usize>().ok()?.checked_sub(1)?;
        pool.zones.get(at % pool.zones.len().max(1)).map(Name::as_str)
    };
    let has_rack = |zone: &&Zone| zone.racks.value.iter().any(|rack| rack.as_str() == place);
    let of_rack = scenario.zones.iter().find(has_rack).map(|zone| zone.name.as_str());
    let zone = of_machine().or(of_rack);
    let named = zone.unwrap_or(place);
    let region = scenario.zones.iter().find(|zone| zone.name.as_str() == named);
    let region = region.and_then(|zone| zone.region.as_ref()).map(|of| of.as_str());
    zone.into_iter().chain(region).collect()
}

fn cut_off<E: Hosts>(scene: &mut Scene<'_, E>, place: Place) -> Struck {
    let machines = cuts::machines(scene.fleet, place);
    let spot = |id: NodeId| scene.fleet.nodes[id.index()].spot;
    let stands = scene.fleet.design.places.standing(place, spot);
    machines.iter().for_each(|id| loss::cut_off_machine(scene.fleet, *id));
    let stands = lose(scene, stands);
    Struck { machines, stands, ..Struck::default() }
}

fn lose<E: Hosts>(scene: &mut Scene<'_, E>, all: Vec<Stands>) -> Vec<Stands> {
    for what in &all {
        stores::lose(scene.fleet, scene.control, *what, Blow::Network);
    }
    all
}
