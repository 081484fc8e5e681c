//! What faults took in a summary, tier by tier, and how long it took until it was back.

use super::{Page, Span};
use crate::figures::{moment, span};
use crate::grid::Grid;
use seatrial_contract::outside;

/// So many incidents are told one by one.
const INCIDENTS_SHOWN: usize = 8;

impl Page<'_> {
    pub(super) fn faults(&self) -> String {
        if self.estimate("machines_lost").is_none() {
            let told = self.incidents();
            let head = self.bold("Faults");
            return if told.is_empty() { told } else { format!("{head}\n{told}") };
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
        let machines = match self.estimate("tenants_down") {
            Some(_) => {
                format!("  {lost} machines lost with all that ran on them.\n{}", grid.print(2))
            }
            None if self.runs.first.nodes.is_empty() => String::new(),
            None => format!("  {lost} machines lost with all that ran on them.\n"),
        };
        let told = machines + &self.incidents();
        if told.is_empty() {
            return told;
        }
        format!("{}\n{told}", self.bold("Faults"))
    }

    /// The first incidents of the first run, step by step.
    fn incidents(&self) -> String {
        let all = &self.runs.first.incidents;
        if all.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrrrrrr");
        grid.row([
            "fault",
            "at",
            "machines",
            "tenants",
            "lost writes",
            "detected",
            "decided",
            "acted",
            "restored",
            "users back",
        ]);
        for row in all.iter().take(INCIDENTS_SHOWN) {
            let step = |at: Option<u64>| match at {
                Some(at) => format!("+{}", span(Span(at.saturating_sub(row.at)).seconds())),
                None => "-".to_owned(),
            };
            grid.row([
                outside::name(&row.fault),
                moment(row.at),
                row.machines.to_string(),
                row.tenants.to_string(),
                row.writes_lost.to_string(),
                step(row.detected),
                step(row.decided),
                step(row.acted),
                step(row.restored),
                step(row.clients_back),
            ]);
        }
        let mut text = grid.print(2);
        let mut told: Vec<&str> = Vec::new();
        for row in all.iter().filter(|row| !row.absent.is_empty()) {
            if !told.contains(&row.absent.as_str()) {
                told.push(&row.absent);
                text += &format!("  {}: {}.\n", outside::name(&row.fault), row.absent);
            }
        }
        for row in all.iter().filter(|row| row.two_primaries > 0) {
            text += &format!(
                "  {}: two servers of {} took writes for {}; what the one took that was cut off is lost.\n",
                outside::name(&row.fault),
                row.databases.join(", "),
                span(Span(row.two_primaries).seconds()),
            );
        }
        if all.len() > INCIDENTS_SHOWN {
            text += &format!(
                "  and {} more; `--out` writes all into incidents.csv.\n",
                all.len() - INCIDENTS_SHOWN
            );
        }
        text
    }
}
