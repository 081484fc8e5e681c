//! Places between which the network is cut: what stands at either end, whoever comes there later too. Knows no fault.

use crate::places::{Place, Stands};
use crate::{Fleet, Hosts, databases};
use seatrial_contract::units::Span;
use seatrial_contract::{Action, DatabaseId, NodeId};
use seatrial_traffic::cuts::{self, Cut, End};
use seatrial_traffic::recovering;

/// A network that is cut between two places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parted {
    /// Tells it from others.
    pub number: u64,
    /// Where what is sent gets lost.
    pub from: Place,
    /// Where it does not arrive.
    pub to: Place,
    /// What is sent the other way arrives.
    pub one_way: bool,
}

/// How those notice it who ask across it.
#[derive(Clone, Copy, Debug)]
pub struct Noticing {
    /// How long somebody tries who gets no answer.
    pub gives_up: Span,
    /// How long load balancers take to notice.
    pub noticed: Span,
}

/// What gets lost between two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// What the first sends.
    pub sent: bool,
    /// What comes back.
    pub answers: bool,
}

/// The network is cut: standbys at the other end than their primary do not hear of writes.
pub fn part<E: Hosts>(fleet: &mut Fleet<E>, parted: Parted, noticing: Noticing) {
    fleet.stir();
    let (from, to) = (end(fleet, parted.from), end(fleet, parted.to));
    let cut = Cut {
        number: parted.number,
        one_way: parted.one_way,
        gives_up: noticing.gives_up,
        noticed: fleet.now().after(noticing.noticed),
        from,
        to,
    };
    cuts::cut(&mut fleet.traffic.stations, cut);
    fleet.traffic.parted.push(parted);
    for id in 0..fleet.replicas.all.len() {
        settles(fleet, id);
    }
}

/// Load balancers have noticed by now: calls go elsewhere.
pub fn noticed<E: Hosts>(fleet: &mut Fleet<E>) {
    fleet.stir();
}

/// It is whole again.
pub fn join<E: Hosts>(fleet: &mut Fleet<E>, number: u64) {
    fleet.stir();
    fleet.traffic.parted.retain(|of| of.number != number);
    cuts::mend(&mut fleet.traffic.stations, number);
}

/// Standbys that a cut has between them and their primary.
pub fn standbys_apart<E: Hosts>(fleet: &Fleet<E>, parted: &Parted) -> Vec<(u16, usize)> {
    let ends = [end(fleet, parted.from), end(fleet, parted.to)];
    let stations = &fleet.traffic.stations;
    let mut apart = Vec::new();
    for (here, there) in [(&ends[0], &ends[1]), (&ends[1], &ends[0])] {
        let hears = |of: &&(u16, usize)| {
            let primary = recovering::primary(stations, of.0);
            of.1 != primary && here.servers.contains(&(of.0, primary))
        };
        apart.extend(there.servers.iter().filter(hears).copied());
    }
    apart
}

/// A replica stands on its machine from now on.
pub(crate) fn settles<E: Hosts>(fleet: &mut Fleet<E>, replica: usize) {
    if fleet.traffic.parted.is_empty() {
        return;
    }
    let of = &fleet.replicas.all[replica];
    let ends = of.node.map(|node| {
        let here = fleet.traffic.parted.iter().flat_map(|parted| {
            [(parted.from, true), (parted.to, false)]
                .map(|(place, sends)| holds(fleet, place, node).then_some((parted.number, sends)))
        });
        here.flatten().collect::<Vec<_>>()
    });
    let queue = of.queue;
    cuts::stands(&mut fleet.traffic.stations, queue, &ends.unwrap_or_default());
}

/// Machines that stand in a place.
pub fn machines<E: Hosts>(fleet: &Fleet<E>, place: Place) -> Vec<NodeId> {
    let all = (0..fleet.nodes.len()).map(NodeId::at);
    all.filter(|id| !fleet.nodes[id.index()].is_gone() && holds(fleet, place, *id)).collect()
}

fn holds<E: Hosts>(fleet: &Fleet<E>, place: Place, node: NodeId) -> bool {
    place == Place::Machine(node)
        || fleet.design.places.holds(place, fleet.nodes[node.index()].spot)
}

/// What gets lost between a machine and what is no machine.
pub fn lost<E: Hosts>(fleet: &Fleet<E>, what: Stands, node: NodeId) -> Lost {
    let mut lost = Lost::default();
    for parted in &fleet.traffic.parted {
        let stands = |place: Place| stands_in(fleet, place, what);
        if stands(parted.from) && holds(fleet, parted.to, node) {
            (lost.sent, lost.answers) = (true, lost.answers || !parted.one_way);
        }
        if stands(parted.to) && holds(fleet, parted.from, node) {
            (lost.sent, lost.answers) = (lost.sent || !parted.one_way, true);
        }
    }
    lost
}

/// Whether no way is cut from who steers to what an action is for.
pub fn arrives<E: Hosts>(fleet: &Fleet<E>, action: Action) -> bool {
    // Giving something up needs no way to where it is.
    if fleet.traffic.parted.is_empty() || matches!(action, Action::Abandon { .. }) {
        return true;
    }
    let target = action.target();
    let hides = |id| hides_database(fleet, Stands::Policies, id);
    if target.database().is_some_and(hides) {
        return false;
    }
    let on = target.tenant().and_then(|id| fleet.tenants[id.index()].node);
    let to = if let Action::Place { node, .. } | Action::Move { node, .. } = action {
        Some(node)
    } else {
        target.node()
    };
    let mut all = on.into_iter().chain(to);
    all.all(|node| !lost(fleet, Stands::Policies, node).sent)
}

/// Whether the way between a database's primary and what sees or steers is cut in either direction.
pub fn hides_database<E: Hosts>(fleet: &Fleet<E>, what: Stands, id: DatabaseId) -> bool {
    let Some(database) = databases::place(fleet, id) else { return false };
    let primary = recovering::primary(&fleet.traffic.stations, database);
    let server = Stands::Server(database, primary);
    fleet.traffic.parted.iter().any(|parted| {
        let both = |one, other| stands_in(fleet, one, what) && stands_in(fleet, other, server);
        both(parted.from, parted.to) || both(parted.to, parted.from)
    })
}

fn stands_in<E: Hosts>(fleet: &Fleet<E>, place: Place, what: Stands) -> bool {
    let spot = |id: NodeId| fleet.nodes[id.index()].spot;
    fleet.design.places.standing(place, spot).contains(&what)
}

/// All that stands in a place and is no replica on a machine.
fn end<E: Hosts>(fleet: &Fleet<E>, place: Place) -> End {
    let spot = |id: NodeId| fleet.nodes[id.index()].spot;
    let mut end = End::default();
    for what in fleet.design.places.standing(place, spot) {
        match what {
            Stands::Server(database, server) => end.servers.push((database, server)),
            Stands::Cache(cache) => end.caches.push(cache),
            Stands::Pooler(pooler) => end.poolers.push(pooler),
            Stands::Service(service) => end.services.push(service),
            Stands::Balancer(source) => end.sources.push(source),
            Stands::Backups | Stands::Sensing | Stands::Policies => {}
        }
    }
    end
}
