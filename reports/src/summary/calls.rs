//! Calls, databases and pools in a summary, and why calls failed, in a line for each kind. Every word of
//! it follows from figures.

use super::Page;
use crate::figures::{quantity, span};
use crate::grid::Grid;
use core::fmt::Write;
use seatrial_record::Unit;

/// Why attempts fail, and how people say it.
const CAUSES: [(&str, &str); 5] = [
    ("attempts_timed_out", "nobody answered in time"),
    ("attempts_unconnected", "no connection was to be had"),
    ("attempts_lost", "the database could not be reached"),
    ("attempts_refused", "the service turned them away"),
    ("attempts_impatient", "they stood in line too long"),
];

/// Attempts for each call from which on retries are what is the matter.
const AMPLIFIED: f64 = 1.2;
/// The share of work done for nobody from which on it matters.
const WASTED: f64 = 0.1;
/// Trouble that lasts so much longer than its cause, in seconds, keeps itself alive.
const OUTLIVED: f64 = 600.0;

impl Page<'_> {
    /// The names that have a metric: `hit_ratio.shared` says `shared`.
    fn named(&self, metric: &str) -> Vec<&str> {
        let all = self.voyage.estimates.iter().filter_map(|e| e.name.strip_prefix(metric));
        all.filter_map(|rest| rest.strip_prefix('.')).collect()
    }

    fn value(&self, metric: &str, name: &str) -> f64 {
        let found = self.estimate(&format!("{metric}.{name}"));
        found.and_then(|estimate| estimate.value).unwrap_or_default()
    }

    pub(super) fn calls(&self) -> String {
        let names = self.named("prob_failed");
        if names.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrrr");
        grid.row(["calls of", "calls", "attempts", "failed", "response", "p95", "in trouble"]);
        for name in &names {
            let of = |metric: &str| self.figure(&format!("{metric}.{name}"));
            grid.row([
                (*name).to_owned(),
                of("calls"),
                of("attempts"),
                of("prob_failed"),
                of("response_mean"),
                of("response_p95"),
                of("trouble_time"),
            ]);
        }
        let mut text = format!("{}\n{}", self.bold("Calls"), grid.print(2));
        names.iter().for_each(|name| text += &self.why(name));
        text
    }

    /// When calls failed, and why.
    fn why(&self, name: &str) -> String {
        let of = |metric: &str| self.value(metric, name);
        if of("trouble_time") <= 0.0 {
            return String::new();
        }
        let (from, until) = (of("trouble_from"), of("trouble_until"));
        let mut text = format!("  {name}: in trouble from {} to {}", span(from), span(until));
        let sum: f64 = CAUSES.iter().map(|(metric, _)| of(metric)).sum();
        let most = CAUSES.iter().max_by(|a, b| of(a.0).total_cmp(&of(b.0)));
        if let Some((metric, words)) = most.filter(|_| sum > 0.0) {
            let share = quantity(of(metric) / sum, Unit::Share);
            let _ = write!(text, "; of the attempts that failed, {share} because {words}");
        }
        let each = of("attempts") / of("calls").max(1.0);
        if each >= AMPLIFIED {
            let _ = write!(text, "; each call was tried {each:.1} times");
        }
        let wasted = of("attempts_wasted") / of("attempts").max(1.0);
        if wasted >= WASTED {
            let share = quantity(wasted, Unit::Share);
            let _ = write!(text, "; {share} of the work was done for nobody");
        }
        if let Some(ended) = self.estimate("outages_until").and_then(|of| of.value)
            && until > ended
        {
            let (after, verdict) = (span(until - ended), until - ended >= OUTLIVED);
            let verdict = if verdict { ": it kept itself alive" } else { "" };
            let _ = write!(text, "; over {after} after the last outage{verdict}");
        }
        text + ".\n"
    }

    pub(super) fn databases(&self) -> String {
        let names = self.named("connections_refused");
        if names.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrrrrr");
        grid.row([
            "database",
            "queries",
            "query",
            "p95",
            "active",
            "in use",
            "connections",
            "most",
            "refused",
        ]);
        for name in &names {
            let of = |metric: &str| self.figure(&format!("{metric}.{name}"));
            grid.row([
                (*name).to_owned(),
                of("queries"),
                of("query_mean"),
                of("query_p95"),
                of("active_mean"),
                of("utilisation"),
                of("connections_mean"),
                of("connections_most"),
                of("connections_refused"),
            ]);
        }
        let mut text = format!("{}\n{}", self.bold("Databases"), grid.print(2));
        for name in names {
            let (crashes, down) = (self.value("crashes", name), self.value("down", name));
            if crashes > 0.0 {
                let crashes = self.figure(&format!("crashes.{name}"));
                let _ = writeln!(text, "  {name} ran out of memory and crashed: {crashes} times.");
            }
            if down > 0.0 {
                let lost = self.figure(&format!("connections_lost.{name}"));
                let _ = writeln!(
                    text,
                    "  {name} could not be reached for {}; {lost} connections were cut off.",
                    span(down)
                );
            }
        }
        text + &self.poolers()
    }

    fn poolers(&self) -> String {
        let names = self.named("prob_timed_out");
        if names.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrrrr");
        grid.row(["pooler", "asked", "wait", "p95", "in line", "timed out", "connections", "most"]);
        for name in names {
            let of = |metric: &str| self.figure(&format!("{metric}.{name}"));
            grid.row([
                name.to_owned(),
                of("asked"),
                of("wait_mean"),
                of("wait_p95"),
                of("queue_mean"),
                of("prob_timed_out"),
                of("connections_mean"),
                of("connections_most"),
            ]);
        }
        grid.print(2)
    }
}
