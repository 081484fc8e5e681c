//! The caches' table of a summary: each as a whole, and below it the kinds of calls that share it.

use super::Page;
use crate::grid::Grid;

impl Page<'_> {
    pub(super) fn caches(&self) -> String {
        let names = self.runs.estimates.iter().filter_map(|e| e.name.strip_prefix("hit_ratio."));
        let names: Vec<&str> = names.collect();
        if names.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrrrrr");
        grid.row([
            "cache",
            "hits",
            "misses",
            "hit ratio",
            "entries",
            "memory",
            "pushed out",
            "writes refused",
            "response p95",
        ]);
        for name in names {
            let of = |metric: &str| self.figure(&format!("{metric}.{name}"));
            let (label, memory) = match name.split_once('.') {
                Some((_, calls)) => (format!("  {calls}"), String::new()),
                None => (name.to_owned(), of("memory_mean")),
            };
            grid.row([
                label,
                of("hits"),
                of("misses"),
                of("hit_ratio"),
                of("entries_mean"),
                memory,
                of("evictions"),
                of("writes_refused"),
                of("response_p95"),
            ]);
        }
        format!("{}\n{}", self.bold("Caches"), grid.print(2))
    }
}
