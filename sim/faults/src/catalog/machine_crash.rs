//! Machines crash, one or several at the same moment, with all that runs on them. Their disks are kept: when they
//! are back, what ran on them starts anew.

use crate::kind::{Kind, Struck};
use crate::{Hosts, machines};
use core::num::NonZeroU32;
use seatrial_contract::Stream;
use seatrial_contract::config::{Located, Path, Place, Problems, element};
use seatrial_contract::units::Ppm;
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;

element! {
    /// Which machines crash: of a pool, or of all.
    pub struct MachineCrash {
        /// The pool of the machines, by its name; all pools where left out.
        pool: Option<Located<String>> = None,
        /// How many, picked by chance.
        machines: NonZeroU32 = NonZeroU32::MIN,
        /// What share of them in place of a number, rounded up.
        share: Option<Located<Ppm>> = None,
    }
}

impl Kind for MachineCrash {
    const ABOUT: &'static str = "Machines crash with all that runs on them.";

    fn check(&self, path: &Path<'_>, scenario: &Scenario, problems: &mut Problems) {
        let have = scenario.pools.iter().map(|pool| pool.name.as_str());
        let wanted: Vec<_> = self.pool.iter().collect();
        seatrial_format::check_names("pool", "pools", have, &wanted, problems);
        if scenario.pools.is_empty() {
            let remedy = "add a table `[[pools]]` with machines, or leave the fault out";
            problems.add(path, Place::default(), "there is no machine that could crash", remedy);
        }
        if let Some(share) = self.share.as_ref().filter(|of| !(1..=1_000_000).contains(&of.value.0))
        {
            let path = Path::Key(path, "share");
            let message = format!("{} is nothing, or more than all", share.value);
            problems.add(&path, share.place, message, "write a share such as \"10 %\"");
        }
    }

    fn begin<E: Hosts>(&self, fleet: &mut Fleet<E>, stream: &mut Stream) -> Struck {
        let design = &fleet.design.pools;
        let is_meant = |pool: &str| self.pool.as_ref().is_none_or(|meant| meant.value == pool);
        let mut left = machines::those(fleet, |node| is_meant(&design[node.pool.index()].name));
        let share = self.share.as_ref().map(|share| share.value.0);
        let count = match share {
            Some(share) => (left.len() as u64 * u64::from(share)).div_ceil(1_000_000),
            None => u64::from(self.machines.get()),
        };
        let mut struck = Vec::new();
        while (struck.len() as u64) < count && !left.is_empty() {
            let pick = usize::try_from(stream.below(left.len() as u64)).unwrap_or_default();
            struck.push(left.swap_remove(pick));
        }
        struck.sort_unstable();
        machines::lose(fleet, struck)
    }

    fn end<E: Hosts>(&self, fleet: &mut Fleet<E>, struck: &Struck) {
        machines::bring_back(fleet, struck);
    }
}
