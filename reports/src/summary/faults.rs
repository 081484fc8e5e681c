//! What faults took in a summary, tier by tier, and how long it took until it was back.

use super::Page;
use crate::grid::Grid;

impl Page<'_> {
    pub(super) fn faults(&self) -> String {
        if self.estimate("machines_lost").is_none() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrr");
        let back = "back after, p50";
        grid.row(["tier", "tenants down", "still at the end", back, "p95", "longest"]);
        let tiers = self.runs.estimates.iter();
        let tiers = tiers.filter_map(|of| of.name.strip_prefix("tenants_down."));
        let row = |tier: &str, suffix: &str| {
            let of = |metric: &str| self.figure(&format!("{metric}{suffix}"));
            [
                tier.to_owned(),
                of("tenants_down"),
                of("tenants_down_end"),
                of("recovery_p50"),
                of("recovery_p95"),
                of("recovery_max"),
            ]
        };
        tiers.for_each(|tier| grid.row(row(tier, &format!(".{tier}"))));
        grid.row(row("all", ""));
        let lost = self.figure("machines_lost");
        format!(
            "{}\n  {lost} machines lost with all that ran on them.\n{}",
            self.bold("Faults"),
            grid.print(2)
        )
    }
}
