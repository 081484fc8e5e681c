//! Where machines stand: region, zone and rack. Knows no machine.

use seatrial_contract::config::{Located, Name};
use seatrial_contract::{NodeId, ZoneId};
use seatrial_format::scenario::Scenario;

/// A rack, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RackId(pub u32);

/// A region, by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RegionId(pub u32);

/// Where something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Its zone.
    pub zone: ZoneId,
    /// Its rack, if that is known.
    pub rack: Option<RackId>,
}

/// Something that is lost as a whole: all that stands in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// All zones of a region.
    Region(RegionId),
    /// All racks of a zone, and what stands in none.
    Zone(ZoneId),
    /// A rack.
    Rack(RackId),
    /// A machine.
    Machine(NodeId),
}

/// Something that stands at a place and is no machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// A server of a database, by the database's place in the file and its own at the start.
    Server(u16, usize),
    /// A cache.
    Cache(usize),
    /// A pooler, by its place in the file.
    Pooler(u16),
    /// The load balancer through which a source's calls come, by the source's place among the stations.
    Balancer(usize),
    /// A service whose replicas stand on no machine of a pool.
    Service(usize),
    /// Where backups are kept.
    Backups,
    /// What sees the cluster: the store of metrics.
    Sensing,
    /// Who steers it: the process of the policies.
    Policies,
}

impl Place {
    /// A number that no other place has.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::Region(RegionId(at)) => 4 * u64::from(at),
            Self::Zone(zone) => 4 * zone.index() as u64 + 1,
            Self::Rack(RackId(at)) => 4 * u64::from(at) + 2,
            Self::Machine(id) => 4 * u64::from(id.0) + 3,
        }
    }
}

/// All places of a scenario.
#[derive(Clone, Debug, Default)]
pub struct Places {
    regions: Vec<String>,
    /// By the number of the zone: its region, and its racks.
    zones: Vec<(RegionId, Vec<RackId>)>,
    /// What racks are called, and their zones.
    racks: Vec<(String, ZoneId)>,
    /// Machines that there are at the start, pool by pool.
    pools: Vec<(String, u32)>,
    /// What stands where, of all that is no machine.
    standing: Vec<(Place, Stands)>,
}

/// Of all zones that name none.
const REGION: &str = "region";

impl Places {
    /// Those of a scenario whose zones are called so.
    #[must_use]
    pub fn of(scenario: &Scenario, zones: &[String]) -> Self {
        let mut all = Self::default();
        for (index, name) in zones.iter().enumerate() {
            let told = scenario.zones.iter().find(|zone| zone.name.as_str() == name);
            let region =
                told.and_then(|zone| zone.region.as_ref()).map_or(REGION, |of| of.as_str());
            let region = RegionId(position(&mut all.regions, region));
            let racks = told.map(|zone| zone.racks.value.as_slice()).unwrap_or_default();
            let racks = racks.iter().map(Name::as_str).map(|name| {
                all.racks.push((name.to_owned(), ZoneId::at(index)));
                RackId(numbered(all.racks.len() - 1))
            });
            let racks = racks.collect();
            all.zones.push((region, racks));
        }
        let pools = scenario.pools.iter().map(|pool| (pool.name.to_string(), pool.count.value));
        all.pools = pools.collect();
        let placed = placed(scenario).into_iter();
        let placed = placed.filter_map(|(what, name)| Some((all.named(zones, name)?, what)));
        all.standing = placed.collect();
        all
    }

    /// What stands there, of all that is no machine; `spot` says where a machine stands.
    pub fn standing(&self, place: Place, spot: impl Fn(NodeId) -> Spot) -> Vec<Stands> {
        let here = self.standing.iter().filter(|(at, _)| self.is_within(place, *at, &spot));
        here.map(|(_, what)| *what).collect()
    }

    /// Whether a place is another, or lies in it.
    fn is_within(&self, outer: Place, inner: Place, spot: &impl Fn(NodeId) -> Spot) -> bool {
        match inner {
            _ if inner == outer => true,
            Place::Region(_) => false,
            Place::Zone(zone) => self.holds(outer, Spot { zone, rack: None }),
            Place::Rack(rack) => {
                let zone = self.racks.get(rack.0 as usize).map(|of| of.1);
                zone.is_some_and(|zone| self.holds(outer, Spot { zone, rack: Some(rack) }))
            }
            Place::Machine(id) => self.holds(outer, spot(id)),
        }
    }

    /// Where the machine of that number stands in a zone, of those of its pool.
    #[must_use]
    pub fn spot(&self, zone: ZoneId, number: usize) -> Spot {
        let racks = self.zones.get(zone.index()).map(|of| of.1.as_slice()).unwrap_or_default();
        let rack = number.checked_rem(racks.len()).and_then(|at| racks.get(at).copied());
        Spot { zone, rack }
    }

    /// What the region and the rack of a spot are called; the rack's is empty where none is known.
    #[must_use]
    pub fn around(&self, spot: Spot) -> (&str, &str) {
        let region = self.zones.get(spot.zone.index()).map(|of| of.0.0 as usize);
        let region = region.and_then(|at| self.regions.get(at)).map_or("", String::as_str);
        let rack = spot.rack.and_then(|rack| self.racks.get(rack.0 as usize));
        (region, rack.map_or("", |rack| rack.0.as_str()))
    }

    /// The place that is called so, of zones that are called so.
    #[must_use]
    pub fn named(&self, zones: &[String], name: &str) -> Option<Place> {
        let zone = || zones.iter().position(|zone| zone == name);
        let rack = || self.racks.iter().position(|rack| rack.0 == name);
        let region = || self.regions.iter().position(|region| region == name);
        zone()
            .map(|at| Place::Zone(ZoneId::at(at)))
            .or_else(|| rack().map(|at| Place::Rack(RackId(numbered(at)))))
            .or_else(|| region().map(|at| Place::Region(RegionId(numbered(at)))))
            .or_else(|| self.machine(name))
    }

    /// The machine that is called `workers/1`: the first of its pool at the start.
    fn machine(&self, name: &str) -> Option<Place> {
        let (pool, number) = name.rsplit_once('/')?;
        let number = number.parse::<u32>().ok()?;
        let mut before = 0;
        for (name, count) in &self.pools {
            if name == pool {
                return (1..=*count)
                    .contains(&number)
                    .then(|| Place::Machine(NodeId(before + number - 1)));
            }
            before += count;
        }
        None
    }

    /// Whether what stands there stands in this place.
    #[must_use]
    pub fn holds(&self, place: Place, spot: Spot) -> bool {
        match place {
            Place::Rack(this) => spot.rack == Some(this),
            Place::Zone(this) => spot.zone == this,
            Place::Machine(_) => false,
            Place::Region(this) => self.zones.get(spot.zone.index()).is_some_and(|of| of.0 == this),
        }
    }

    /// All regions.
    pub fn regions(&self) -> impl Iterator<Item = Place> {
        (0..self.regions.len()).map(|at| Place::Region(RegionId(numbered(at))))
    }

    /// All zones.
    pub fn zones(&self) -> impl Iterator<Item = Place> {
        (0..self.zones.len()).map(|at| Place::Zone(ZoneId::at(at)))
    }

    /// All racks.
    pub fn racks(&self) -> impl Iterator<Item = Place> {
        (0..self.racks.len()).map(|at| Place::Rack(RackId(numbered(at))))
    }
}

/// What a scenario gives a place, and the place's name.
fn placed(scenario: &Scenario) -> Vec<(Stands, &str)> {
    let mut all: Vec<(Stands, Option<&Located<String>>)> = Vec::new();
    for (at, database) in (0..).zip(&scenario.databases) {
        all.push((Stands::Server(at, 0), database.place.as_ref()));
        let standbys = database.standbys.iter().enumerate();
        all.extend(standbys.map(|(of, file)| (Stands::Server(at, of + 1), file.place.as_ref())));
    }
    let caches = scenario.caches.iter().enumerate();
    all.extend(caches.map(|(at, cache)| (Stands::Cache(at), cache.place.as_ref())));
    let services = scenario.services.iter().enumerate();
    all.extend(services.map(|(at, service)| (Stands::Service(at), service.place.as_ref())));
    let poolers = (0..).zip(&scenario.poolers);
    all.extend(poolers.map(|(at, pooler)| (Stands::Pooler(at), pooler.place.as_ref())));
    // As the stations have them: sources of services that are not there are left out.
    let is_there = |service: &Located<String>| {
        scenario.services.iter().any(|of| of.name.as_str() == service.value)
    };
    let sources = scenario.traffic.iter().filter(|of| of.service.as_ref().is_none_or(is_there));
    let sources = sources.enumerate();
    all.extend(sources.map(|(at, source)| (Stands::Balancer(at), source.place.as_ref())));
    all.push((Stands::Backups, scenario.restoring.place.as_ref()));
    all.push((Stands::Sensing, scenario.sensing.place.as_ref()));
    let policies = scenario.policies.as_ref().and_then(|policies| policies.place.as_ref());
    all.push((Stands::Policies, policies));
    let named = all.into_iter().filter_map(|(what, place)| Some((what, place?.value.as_str())));
    named.collect()
}

/// The place of a name in a list, which has it from now on.
fn position(names: &mut Vec<String>, name: &str) -> u32 {
    let found = names.iter().position(|other| other == name);
    numbered(found.unwrap_or_else(|| {
        names.push(name.to_owned());
        names.len() - 1
    }))
}

fn numbered(place: usize) -> u32 {
    u32::try_from(place).expect("places can be numbered")
}
