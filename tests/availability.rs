//! `seatrial availability`: rare losses from the command line.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;

const SCENARIO: &str = "scenarios/chaos/rare-losses.toml";

fn told(more: &[&str]) -> (Option<i32>, String, String) {
    let output = seatrial(&[&["availability", SCENARIO], more].concat());
    (output.status.code(), out(&output), err(&output))
}

#[test]
fn a_rare_loss_is_told_with_its_interval_and_its_levels() {
    let few = ["--machines", "3", "--effort", "60", "--repeats", "5"];
    let (code, page, said) = told(&few);
    assert_eq!(code, Some(0), "{said}");
    for says in ["3 machines are lost at once within 365 d", "chance in a run", "95 % interval"] {
        assert!(page.contains(says), "{says}\n{page}");
    }
    // The same seed tells the same, whatever the threads do.
    assert_eq!(told(&few).1, page);
    let (_, json, _) = told(&[&few[..], &["--format", "json"]].concat());
    let found: Value = serde_json::from_str(&json).expect("a document");
    let chances = found["chances"].as_array().expect("one each repeat");
    assert_eq!(chances.len(), 5);
    assert!(chances.iter().all(|of| of.as_f64().is_some_and(|of| (0.2..=1.0).contains(&of))));
    // A machine that does not fail is not lost.
    let none = [&few[..], &["--set", "faults=[]"]].concat();
    let (code, _, said) = told(&none);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("no run of 60 came beyond 0 at once"), "{said}");
}

#[test]
fn a_rarer_loss_is_rarer_and_a_slower_repair_makes_it_more_likely() {
    let chance = |more: &[&str]| {
        let few = ["--effort", "150", "--repeats", "10", "--format", "json"];
        let (code, json, said) = told(&[&few[..], more].concat());
        assert_eq!(code, Some(0), "{said}");
        let found: Value = serde_json::from_str(&json).expect("a document");
        let all = found["chances"].as_array().expect("one each repeat");
        all.iter().filter_map(Value::as_f64).sum::<f64>() / 10.0
    };
    let (three, four) = (chance(&["--machines", "3"]), chance(&["--machines", "4"]));
    assert!(four < three / 10.0, "{four} and {three}");
    let slower = chance(&["--machines", "4", "--set", "faults.machine-crash.lasts.mean=8 h"]);
    assert!(slower > four * 1.5, "{slower} and {four}");
    let other = chance(&["--machines", "4", "--set", "databases.accounts.cores=8"]);
    assert!((other - four).abs() < four * 1e-9, "a database is no machine: {other} and {four}");
}

#[test]
fn what_cannot_be_counted_is_said_with_what_there_is() {
    for (more, says) in [
        (&[][..], "say what is counted"),
        (&["--machines", "3", "--pool", "workrs"], "it has workers"),
        (&["--database", "acounts"], "it has accounts"),
        (&["--machines", "3", "--repeats", "1"], "5..=1000"),
        (&["--machines", "0"], "--machines"),
        (&["--machines", "3", "--effort", "4000000000"], "10..=100000"),
        (&["--machines", "3", "--tenants", "3"], "cannot be used with"),
    ] {
        let (code, _, said) = told(more);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(says), "{says}\n{said}");
    }
}
