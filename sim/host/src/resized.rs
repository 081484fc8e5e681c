//! Sizes of tenants as a logbook has them, each size kept once. Knows no machine.

use crate::departure::Departure;
use seatrial_contract::units::{Bytes, MilliCores};
use seatrial_contract::view::{Footprint, UnitState};
use seatrial_contract::{TenantId, TierId};
use seatrial_fleet::design::{Design, PartDesign};
use std::collections::BTreeMap;

/// More sizes than this are not kept: a tenant should cost less than a KiB, and many of one tier are
/// of one size.
const SIZES_MOST: usize = 4_096;

/// The sizes met so far.
#[derive(Default)]
pub(super) struct Sizes {
    /// By tier and by cpu and memory of each part: the number of the stack.
    known: BTreeMap<(u16, Vec<(u64, u64)>), u32>,
    /// Tenants that have the scenario's size for want of a better.
    others: usize,
    there: Footprint,
    here: Footprint,
}

impl Sizes {
    /// The number of the stack of a tenant; none is that of its tier.
    pub(super) fn of(
        &mut self,
        from: &Departure,
        id: TenantId,
        tier: TierId,
        design: &mut Design,
    ) -> u32 {
        let number = requests(from, id, &design.tier(tier).parts)
            .and_then(|sizes| self.number(tier, &sizes, design));
        self.others += usize::from(number.is_none());
        let number = number.unwrap_or(0);
        self.there = self.there.plus(from.view.tenant(id).whole);
        let asked = design.stack(tier, number).iter().map(|part| part.requested);
        self.here = asked.fold(self.here, Footprint::plus);
        number
    }

    fn number(&mut self, tier: TierId, sizes: &[Footprint], design: &mut Design) -> Option<u32> {
        let parts = &design.tier(tier).parts;
        if sizes.iter().zip(parts).all(|(size, part)| *size == part.requested) {
            return Some(0);
        }
        let key = sizes.iter().map(|size| (size.cpu.0, size.memory.0)).collect();
        let key = (tier.0, key);
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        if self.known.len() == SIZES_MOST {
            return None;
        }
        let sized = parts.iter().zip(sizes).map(|(part, size)| part.sized(*size)).collect();
        design.sized.push(sized);
        let number = u32::try_from(design.sized.len()).ok()?;
        self.known.insert(key, number);
        Some(number)
    }

    /// What is to be said of sizes that are not the logbook's.
    pub(super) fn note(&self) -> Option<String> {
        let told = |sum: Footprint| {
            let tenths = |part: u64, whole: u64| {
                let tenths = part.saturating_mul(10).div_ceil(whole);
                format!("{}.{}", tenths / 10, tenths % 10)
            };
            let (MilliCores(cpu), Bytes(memory)) = (sum.cpu, sum.memory);
            format!("{} cores and {} GiB", tenths(cpu, 1_000), tenths(memory, 1 << 30))
        };
        (self.others > 0).then(|| {
            format!(
                "{} the scenario's sizes, since the logbook calls the parts otherwise: all \
                 together ask for {}, and {} by the logbook",
                if self.others == 1 {
                    "1 tenant has".to_owned()
                } else {
                    format!("{} tenants have", self.others)
                },
                told(self.here),
                told(self.there)
            )
        })
    }
}

/// What each part of a tenant may take by the logbook; none where its containers are not called as
/// the parts are. What has no limit there has the scenario's.
fn requests(from: &Departure, id: TenantId, parts: &[PartDesign]) -> Option<Vec<Footprint>> {
    let there = from.view.units_of(id).filter_map(|unit| {
        let row = from.view.units()[unit.index()];
        let name = from.names.units.get(unit.index())?;
        (row.state != UnitState::Gone).then_some((name, row.requested))
    });
    let there: Vec<(&String, Footprint)> = there.collect();
    if there.len() != parts.len() {
        return None;
    }
    let size = |part: &PartDesign| {
        let (_, size) = there.iter().find(|(name, _)| **name == part.name)?;
        let cpu = if size.cpu.0 == 0 { part.requested.cpu } else { size.cpu };
        let memory = if size.memory.0 == 0 { part.requested.memory } else { size.memory };
        Some(Footprint { cpu, memory })
    };
    parts.iter().map(size).collect()
}
