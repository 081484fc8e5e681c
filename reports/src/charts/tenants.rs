//! Tenants and those asleep, with logins behind a second axis, day by day. Knows no tier.

use super::scale::Scale;
use super::sheet::{Axis, Entry, Mark, SKY, Shape, Sheet, VERMILLION, tint};
use super::steps::{Point, steps};
use super::{days_run, subtitle};
use crate::figures::count;
use seatrial_record::{DayRow, Runs};

/// The chart; none where no day was run or no tenant was there.
pub(super) fn sheet(runs: &Runs) -> Option<Sheet> {
    let days = days_run(runs);
    let last = *days.last()?;
    let most = days.iter().map(|row| row.tenants.max(row.asleep)).max().filter(|most| *most > 0)?;
    let logins_most = days.iter().map(|row| row.logins).max().unwrap_or_default();
    let until = f64::from(last.day) + 1.0;

    let upward = Scale::covering(f64::from(most), 5, 1.0);
    let second = Scale::beside(&upward, number(logins_most), 1.0);
    let stretch = upward.end / second.end;
    let of = |value: &dyn Fn(&DayRow) -> f64| -> Vec<Point> {
        steps(days.iter().map(|row| (f64::from(row.day), value(row))), until)
    };
    let end = |tenants: u32| format!("{} at the end", count(u64::from(tenants)));
    let mut sheet = Sheet {
        title: "Tenants, and those asleep".to_owned(),
        subtitle: subtitle(runs),
        along: Axis::new("days since the start".to_owned(), Scale::ending(until, 10, 1.0)),
        upward: Axis::new("tenants at the end of the day".to_owned(), upward),
        second: None,
        shapes: vec![
            Shape::Area { points: of(&|row| f64::from(row.tenants)), foot: 0.0, colour: tint(SKY) },
            Shape::Area { points: of(&|row| f64::from(row.asleep)), foot: 0.0, colour: SKY },
        ],
        legend: vec![
            Entry::new(Mark::Block, tint(SKY), "tenants".to_owned(), end(last.tenants)),
            Entry::new(Mark::Block, SKY, "of them asleep".to_owned(), end(last.asleep)),
        ],
    };
    if logins_most > 0 {
        let logins: u128 = days.iter().map(|row| u128::from(row.logins)).sum();
        let mean = u64::try_from(logins / days.len() as u128).unwrap_or(u64::MAX);
        let points = of(&|row| number(row.logins) * stretch);
        sheet.second = Some(Axis::new("logins a day".to_owned(), second));
        sheet.shapes.push(Shape::Line { points, colour: VERMILLION });
        let detail = format!("{} on average", count(mean));
        let name = "logins a day (right)".to_owned();
        sheet.legend.push(Entry::new(Mark::Line, VERMILLION, name, detail));
    }
    Some(sheet)
}

#[expect(clippy::cast_precision_loss, reason = "for display only")]
fn number(logins: u64) -> f64 {
    logins as f64
}
