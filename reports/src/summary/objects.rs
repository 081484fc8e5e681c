//! Stores of objects in a summary: what lies in them at the end, as a whole and by class.

use super::Page;
use crate::grid::Grid;

impl Page<'_> {
    pub(super) fn objects(&self) -> String {
        let names = self.runs.estimates.iter().filter_map(|e| e.name.strip_prefix("stored."));
        let names: Vec<&str> = names.collect();
        if names.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrr");
        grid.row(["objects", "stored at the end", "written", "expired", "a month"]);
        for name in names {
            let of = |metric: &str| self.figure(&format!("{metric}.{name}"));
            match name.split_once('.') {
                Some((_, class)) => {
                    grid.row([format!("  {class}"), of("stored"), String::new(), String::new()]);
                }
                None => grid.row([
                    name.to_owned(),
                    of("stored"),
                    of("objects_written"),
                    of("objects_expired"),
                    of("bill_month"),
                ]),
            }
        }
        format!("{}\n{}", self.bold("Objects"), grid.print(2))
    }
}
