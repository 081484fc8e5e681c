//! Calls, databases and pools in a summary, and why calls failed, in a line for each kind. Every word of
//! it follows from figures.

use super::Page;
use crate::figures::{quantity, span};
use crate::grid::Grid;
use core::fmt::Write;
use seatrial_record::Unit;

/// Why attempts fail, and how people say it.
const CAUSES: [(&str, &str); 9] = [
    ("attempts_timed_out", "nobody answered in time"),
    ("attempts_unconnected", "no connection was to be had"),
    ("attempts_lost_outage", "the database could not be reached"),
    ("attempts_lost_crash", "the database had run out of memory and crashed"),
    ("attempts_lost_replica", "the replica that had them was lost"),
    ("attempts_lost_ended", "the replica that had them was ended before they were done"),
    ("attempts_refused_full", "the service turned them away"),
    ("attempts_refused_absent", "there was no replica to take them"),
    ("attempts_impatient", "they stood in line too long"),
];

/// Attempts for each call from which on retries are what is the matter.
const AMPLIFIED: f64 = 1.2;
/// The share of work done for nobody from which on it matters.
const WASTED: f64 = 0.1;
/// Trouble that goes on for so much longer, in seconds, than its cause and what had piled up explain keeps
/// itself alive.
const OUTLIVED: f64 = 600.0;

impl Page<'_> {
    /// The names that have a metric: `hit_ratio.shared` says `shared`.
    fn named(&self, metric: &str) -> Vec<&str> {
        let all = self.runs.estimates.iter().filter_map(|e| e.name.strip_prefix(metric));
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
        text += &self.too_small(name);
        text += &self.outlived(name, each >= AMPLIFIED || wasted >= WASTED);
        text + ".\n"
    }

    /// What more came to than it can do, most of the time in which there was trouble.
    fn too_small(&self, name: &str) -> String {
        let names = self.named(&format!("trouble_overloaded.{name}"));
        let times = names
            .into_iter()
            .map(|station| (station, self.value(&format!("trouble_overloaded.{name}"), station)));
        let Some((station, time)) = times.max_by(|a, b| a.1.total_cmp(&b.1)) else {
            return String::new();
        };
        if time < self.value("trouble_time", name) / 2.0 {
            return String::new();
        }
        let time = span(time);
        format!(
            "; {station} was too small: for {time} more came than it can do, each call made once"
        )
    }

    /// Whether trouble went on when its cause was over. That it kept itself alive is said where calls were
    /// tried again or work was done for nobody, and nothing else explains it.
    fn outlived(&self, name: &str, is_amplified: bool) -> String {
        let whole = |metric: &str| self.estimate(metric).and_then(|of| of.value);
        let outlived = whole(&format!("trouble_outlived.{name}"));
        let (from, until) = (self.value("trouble_from", name), self.value("trouble_until", name));
        // Trouble is told by windows, in the first of which the outage began.
        let window =
            (Self::seconds(self.runs.first.duration) / 2_880.0 / 60.0).ceil().max(1.0) * 60.0;
        let outages = whole("outages_from").zip(whole("outages_until"));
        let after = outages.filter(|(begins, ends)| from + window > *begins && until > *ends);
        let after = after.map(|(_, ends)| until - ends);
        let is_alive = is_amplified && outlived.is_some_and(|time| time >= OUTLIVED);
        match after {
            Some(time) if is_alive => {
                format!("; over {} after the last outage: it kept itself alive", span(time))
            }
            Some(time) => format!("; over {} after the last outage", span(time)),
            None if is_alive => {
                let time = span(outlived.unwrap_or_default());
                format!("; for {time} of it the cause was over: it kept itself alive")
            }
            None => String::new(),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "for display only")]
    fn seconds(nanos: u64) -> f64 {
        nanos as f64 / 1e9
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
