//! Where machines stand: region, zone and rack. Knows no machine.

use seatrial_contract::ZoneId;
use seatrial_contract::config::Name;
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
}

impl Place {
    /// A number that no other place has.
    #[must_use]
    pub fn number(self) -> u64 {
        match self {
            Self::Region(RegionId(at)) => 3 * u64::from(at),
            Self::Zone(zone) => 3 * zone.index() as u64 + 1,
            Self::Rack(RackId(at)) => 3 * u64::from(at) + 2,
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
        all
    }

    /// Where the machine of that number stands in a zone, of those of its pool.
    #[must_use]
    pub fn spot(&self, zone: ZoneId, number: usize) -> Spot {
        let racks = self.zones.get(zone.index()).map(|of| of.1.as_slice()).unwrap_or_default();
        let rack = number.checked_rem(racks.len()).and_then(|at| racks.get(at).copied());
        Spot { zone, rack }
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
    }

    /// Whether what stands there stands in this place.
    #[must_use]
    pub fn holds(&self, place: Place, spot: Spot) -> bool {
        match place {
            Place::Rack(this) => spot.rack == Some(this),
            Place::Zone(this) => spot.zone == this,
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
