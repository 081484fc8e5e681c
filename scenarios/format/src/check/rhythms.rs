//! Rhythms that are no week: too few hours, negative days.

use super::each;
use crate::scenario::Scenario;
use seatrial_contract::config::{Located, Path, Problems};

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    each("rhythms", &scenario.rhythms, |path, rhythm| {
        row(&rhythm.hours, 24, "hours", &Path::Key(path, "hours"), problems);
        row(&rhythm.days, 7, "days", &Path::Key(path, "days"), problems);
    });
}

/// A busier hour would round the others to nothing.
const FACTOR_MAX: f64 = 1e6;

fn row(
    row: &Located<Vec<f64>>,
    count: usize,
    what: &str,
    path: &Path<'_>,
    problems: &mut Problems,
) {
    let found = row.value.len();
    if found != count {
        let message = format!("{found} {what}, not {count}");
        let from = if count == 24 { "from midnight on" } else { "from Monday on" };
        let remedy = match found.checked_sub(count) {
            Some(extra) => format!("remove {extra}; there is one for each, {from}"),
            None => format!("add {}; there is one for each, {from}", count - found),
        };
        problems.add(path, row.place, message, remedy);
    }
    let bad = row.value.iter().position(|factor| !(0.0..=FACTOR_MAX).contains(factor));
    if let Some(index) = bad {
        let message = format!("{} is outside 0 to 1000000", row.value[index]);
        let remedy = "write each in proportion to the others: 2 is twice as busy as 1";
        problems.add(&Path::Index(path, index), row.place, message, remedy);
    } else if found > 0 && row.value.iter().all(|factor| *factor == 0.0) {
        let remedy = "make at least one larger than 0";
        problems.add(path, row.place, format!("all {what} are 0, so nobody ever comes"), remedy);
    }
}
