//! docs/data.md: its queries in DuckDB, pandas and polars over a real folder (`tests/data/run`), and what it says of tables. It is
//! never skipped: where those cannot be had, it fails.

mod common;

use common::{err, out, root, seatrial};
use seatrial_tables::TABLES;
use std::fmt::Write;
use std::process::Command;

#[test]
fn the_queries_of_the_document_give_the_figures_of_the_summary() {
    let folder = std::env::temp_dir().join(format!("seatrial-real-data-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let to = folder.display().to_string();
    let fine = ["--fail-on", "nothing", "--quiet"];
    let ran =
        seatrial(&[&["run", "scenarios/thousand-users.toml", "--out", &to], &fine[..]].concat());
    assert!(ran.status.success(), "{}", err(&ran));
    let mut ask = Command::new(root().join("tests/data/run"));
    ask.arg(&folder);
    if std::env::var_os("SEATRIAL_RENEW").is_some() {
        ask.arg("--renew");
    }
    let output = ask.output().unwrap();
    let said = format!("{}{}", out(&output), err(&output));
    println!("{said}");
    assert!(output.status.success(), "{said}");
    assert!(said.contains("8 queries of data.md were asked"), "{said}");
    // The same figures stand in the summary, as people read them.
    let summary = std::fs::read_to_string(folder.join("summary.txt")).unwrap();
    let document = std::fs::read_to_string(root().join("docs/data.md")).unwrap();
    for (told, asked) in [("$3,153.31", "3153.31"), ("1.36 %", "0.01364"), ("6.86", "6.86409")] {
        assert!(summary.contains(told), "{told} in the summary");
        assert!(document.contains(asked), "{asked} in the document");
    }
    let _ = std::fs::remove_dir_all(&folder);
}

#[test]
fn the_document_says_what_each_table_holds() {
    let mut told = String::new();
    for table in TABLES {
        let _ = write!(told, "\n### {}.parquet\n\nA row is {}.\n\n", table.name, table.about);
        told += "| Column | Cells | What it says |\n|---|---|---|\n";
        for column in table.columns {
            let _ =
                writeln!(told, "| `{}` | {} | {} |", column.name, column.kind.word(), column.about);
        }
    }
    let path = root().join("docs/data.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (from, until) = ("<!-- tables: renewed by a test -->\n", "\n<!-- end of tables -->");
    let (head, rest) = document.split_once(from).unwrap();
    let (is, tail) = rest.split_once(until).unwrap();
    if std::env::var_os("SEATRIAL_RENEW").is_some() {
        std::fs::write(&path, format!("{head}{from}{told}{until}{tail}")).unwrap();
        return;
    }
    assert_eq!(is, told, "SEATRIAL_RENEW=1 cargo nextest run -E 'binary(real_data)' renews it");
}
