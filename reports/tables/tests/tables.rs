//! Tables written and read back: nothing is lost, equal rows are equal bytes, and what is damaged is said.

use seatrial_record::{Point, SeriesHead, SeriesSink, Shape, Stretch, Unit};
use seatrial_tables::{Cell, Kind, SeriesFile, TABLES, Writer, read, table};
use std::fs::{self, File};
use std::path::PathBuf;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("seatrial-tables-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn cells(kinds: &[Kind], row: usize) -> Vec<Cell<'static>> {
    let words = ["", "plain", "with \"quotes\", commas\nand lines", "ünï 🚢"];
    let cell = |kind: &Kind| match kind {
        Kind::Text => Cell::Text(words[row % words.len()]),
        Kind::Int => Cell::Int(i64::MIN + row as i64),
        Kind::Float => Cell::Float((!row.is_multiple_of(3)).then_some(row as f64 / 7.0)),
        Kind::Flag => Cell::Flag(row.is_multiple_of(2)),
    };
    kinds.iter().map(cell).collect()
}

#[test]
fn every_table_comes_back_as_it_was_written_over_many_groups() {
    let folder = Folder::new("back");
    for table in TABLES {
        let kinds: Vec<Kind> = table.columns.iter().map(|column| column.kind).collect();
        // More than two groups of rows for one of them, so that groups are put together.
        let rows = if table.name == "metrics" { 70_001 } else { 13 };
        let path = folder.0.join(table.name);
        let mut writer =
            Writer::new(table, &["pools.a-b.count"], File::create(&path).unwrap()).unwrap();
        for row in 0..rows {
            writer.row(&[&format!("{}", row % 5)], &cells(&kinds, row)).unwrap();
        }
        writer.close().unwrap();
        let found = read(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(found.len(), rows, "{}", table.name);
        for row in (0..rows).step_by(rows / 13) {
            assert_eq!(found.text(row, "pools.a-b.count"), (row % 5).to_string());
            for (column, cell) in table.columns.iter().zip(cells(&kinds, row)) {
                let what = format!("{} {row}", column.name);
                match cell {
                    Cell::Text(text) => assert_eq!(found.text(row, column.name), text, "{what}"),
                    Cell::Int(_) => assert!(found.number(row, column.name).is_some(), "{what}"),
                    Cell::Float(number) => {
                        assert_eq!(found.number(row, column.name), number, "{what}");
                    }
                    Cell::Flag(flag) => assert_eq!(found.flag(row, column.name), flag, "{what}"),
                }
            }
        }
    }
}

fn head(series: &'static str, of: &str) -> SeriesHead {
    SeriesHead { series, kind: "pool", of: of.to_owned(), unit: Unit::Count, shape: Shape::Level }
}

/// A file of two series, one of which has fewer stretches.
fn series(path: &PathBuf, stretches: u64) {
    let file = SeriesFile::new(7, File::create(path).unwrap()).unwrap();
    file.begin(&[head("machines", "a"), head("machines", "b")]);
    for at in 0..stretches {
        let stretch =
            Stretch { from: at * 1_000_000_000, until: (at + 1) * 1_000_000_000, lived: 5 };
        let point = |value: u64| Point { most: Some(value as f64), ..Point::default() };
        file.stretch(stretch, 0, &[point(at)]);
        if at % 2 == 1 {
            file.stretch(stretch, 1, &[point(at * 10)]);
        }
    }
    file.close().unwrap();
    // Once more changes nothing.
    file.close().unwrap();
}

#[test]
fn series_are_told_stretch_by_stretch_and_stand_series_by_series() {
    let folder = Folder::new("series");
    let path = folder.0.join("series.parquet");
    series(&path, 40_000);
    let found = read(&path).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found.len(), 60_000);
    for of in ["a", "b"] {
        let rows: Vec<usize> =
            (0..found.len()).filter(|row| found.text(*row, "of") == of).collect();
        let from = |row: &usize| found.number(*row, "from_s").unwrap();
        assert!(rows.windows(2).all(|two| from(&two[0]) < from(&two[1])), "in the order of time");
        let last = rows.last().unwrap();
        let times = if of == "a" { 1.0 } else { 10.0 };
        assert_eq!(found.number(*last, "most"), Some(39_999.0 * times));
        assert_eq!(found.number(*last, "least"), None);
    }
    let again = folder.0.join("again.parquet");
    series(&again, 40_000);
    assert_eq!(fs::read(&path).unwrap(), fs::read(&again).unwrap());
}

#[test]
fn what_is_damaged_is_said_and_nothing_stops_the_program() {
    let folder = Folder::new("damaged");
    let path = folder.0.join("series.parquet");
    series(&path, 300);
    let whole = fs::read(&path).unwrap();
    // A small generator, so that each run tries the same: seed 1.
    let mut state = 1_u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap()
    };
    let mut said = 0;
    for _ in 0..400 {
        let mut bytes = whole.clone();
        match next() % 3 {
            0 => bytes.truncate(next() % whole.len()),
            1 => bytes[next() % whole.len()] ^= 1 << (next() % 8),
            _ => {
                let at = next() % whole.len();
                bytes.splice(at..at, [0xff; 5]);
            }
        }
        fs::write(&path, &bytes).unwrap();
        said += usize::from(read(&path).is_err());
    }
    assert!(said > 100, "only {said} of 400 were said to be damaged");
    fs::write(&path, b"no table").unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("damaged"));
    assert!(read(&folder.0.join("nowhere")).is_err());
}

#[test]
fn a_table_of_others_or_of_another_version_is_refused() {
    let folder = Folder::new("version");
    let path = folder.0.join("days.parquet");
    let mut bytes = Vec::new();
    Writer::new(table("days").unwrap(), &[], &mut bytes).unwrap().close().unwrap();
    let from: &[u8] = b"seatrial.version";
    let at = bytes.windows(from.len()).position(|of| of == from).unwrap();
    let mut others = bytes.clone();
    others[at] = b'S';
    fs::write(&path, &others).unwrap();
    assert!(read(&path).unwrap_err().why.contains("no table that Seatrial wrote"));
    let digit = bytes[at + from.len()..].iter().position(|of| *of == b'1').unwrap();
    bytes[at + from.len() + digit] = b'9';
    fs::write(&path, &bytes).unwrap();
    assert!(read(&path).unwrap_err().why.contains("its version is 9"));
}
