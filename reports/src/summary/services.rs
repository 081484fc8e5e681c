//! Services in a summary: who called, how long it took, and how many replicas there were.

use super::Page;
use crate::grid::Grid;

impl Page<'_> {
    pub(super) fn services(&self) -> String {
        let names =
            self.runs.estimates.iter().filter_map(|e| e.name.strip_prefix("in_system_mean."));
        let names: Vec<&str> = names.filter(|name| !name.contains('.')).collect();
        if names.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrrrrr");
        grid.row([
            "service", "calls", "wait", "p95", "response", "p95", "waiting", "in use", "refused",
        ]);
        for name in names {
            let of = |metric: &str| self.figure(&format!("{metric}.{name}"));
            grid.row([
                name.to_owned(),
                of("arrivals"),
                of("wait_mean"),
                of("wait_p95"),
                of("response_mean"),
                of("response_p95"),
                of("queue_mean"),
                of("utilisation"),
                of("prob_refused"),
            ]);
        }
        format!("{}\n{}{}", self.bold("Services"), grid.print(2), self.replicas())
    }

    /// Of services on machines, how many copies there were.
    fn replicas(&self) -> String {
        let names =
            self.runs.estimates.iter().filter_map(|e| e.name.strip_prefix("replicas_mean."));
        let names: Vec<&str> = names.collect();
        if names.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrrrr");
        grid.row([
            "replicas",
            "mean",
            "most",
            "at the end",
            "scaled",
            "started",
            "lost",
            "too few for",
        ]);
        for name in names {
            let of = |metric: &str| self.figure(&format!("{metric}.{name}"));
            grid.row([
                name.to_owned(),
                of("replicas_mean"),
                of("replicas_most"),
                of("replicas_end"),
                of("scalings"),
                of("replicas_started"),
                of("replicas_lost"),
                of("short_time"),
            ]);
        }
        grid.print(2)
    }
}
