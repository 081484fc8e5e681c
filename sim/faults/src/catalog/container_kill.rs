//! Containers of tenants are killed: each starts again by itself.

use crate::Hosts;
use crate::kind::{Checked, Kind, Scene, Struck};
use core::num::NonZeroU32;
use seatrial_contract::config::{Located, Path, Place, Problems, element};
use seatrial_fleet::usage;

element! {
    /// Whose containers are killed.
    pub struct ContainerKill {
        /// The tier of the tenants; all tiers where left out.
        tier: Option<Located<String>> = None,
        /// How many tenants that run, picked by chance, lose one container each.
        tenants: Located<NonZeroU32> = Located::nowhere(NonZeroU32::MIN),
    }
}

impl Kind for ContainerKill {
    const ABOUT: &'static str = "Containers of tenants are killed, and start again.";

    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems) {
        let have = of.tiers.iter().map(|tier| tier.name.as_str());
        let wanted: Vec<_> = self.tier.iter().collect();
        seatrial_format::check_names("tier", "tiers", have, &wanted, problems);
        if of.tiers.is_empty() {
            let remedy = "add a table `[[tiers]]`, or leave the fault out";
            problems.add(path, Place::default(), "there is no tenant that could be struck", remedy);
        }
    }

    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck {
        let tiers = &scene.fleet.design.tiers;
        let is_meant =
            |tier: usize| self.tier.as_ref().is_none_or(|named| tiers[tier].name == named.value);
        let all = usage::with_running_parts(scene.fleet, is_meant);
        for _ in 0..self.tenants.get().min(u32::try_from(all.len()).unwrap_or(u32::MAX)) {
            let pick = scene.stream.below(all.len() as u64);
            let (tenant, part) = all[usize::try_from(pick).unwrap_or_default()];
            usage::kill_part(scene.fleet, tenant, part);
        }
        Struck::default()
    }
}
