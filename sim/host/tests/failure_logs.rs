//! A log of failures, played back: minutes down, machines down at once, minutes with all up, to the minute. Says
//! so where there is no reference data.

use seatrial_format::InMemory;
use seatrial_host::{Silent, World, open};
use seatrial_record::Record;
use serde_json::Value;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/reference/lanl");

/// A log played back on so many machines of which so many are needed, for so many minutes.
fn replayed(log: &str, system: &str, machines: u64, needs: u64, minutes: u64) -> Record {
    let text = format!(
        r#"
        title = "a log"
        duration = "{minutes} min"
        [[pools]]
        name = "p"
        count = {machines}
        needs = {needs}
        machine = {{ cpu = "1 cores", memory = "1 GiB" }}
        price = "$1/h"
        [[faults]]
        kind = "replay"
        at = "0 s"
        file = "log.csv"
        pool = "p"
        machine = "node"
        down = "down_min"
        up = "up_min"
        unit = "1 min"
        where_column = "system"
        where_is = "{system}"
        "#
    );
    let files = InMemory::default().with("scenario.toml", text).with("log.csv", log);
    let opened = open(&files, Path::new("scenario.toml"), &[])
        .unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())));
    let world = World::new(&opened.scenario, None, 1);
    world.run(&Silent).unwrap_or_else(|broken| panic!("{broken}"))
}

fn figure(record: &Record, name: &str) -> f64 {
    let value = record.metric(name).and_then(|metric| metric.value);
    value.unwrap_or_else(|| panic!("no figure {name}"))
}

#[test]
fn a_log_of_failures_gives_its_own_minutes_back() {
    let read = |name: &str| std::fs::read_to_string(Path::new(FOLDER).join(name));
    let (Ok(log), Ok(reference)) = (read("failure_events.csv"), read("replay_reference.json"))
    else {
        println!("skipped: no reference data");
        return;
    };
    let reference: Value = serde_json::from_str(&reference).expect("the reference is JSON");
    for of in reference["systems"].as_array().expect("systems") {
        let whole = |key: &str| of[key].as_u64().unwrap_or_else(|| panic!("no {key}"));
        let part = |key: &str| of[key].as_f64().unwrap_or_else(|| panic!("no {key}"));
        let (system, machines) = (whole("system").to_string(), whole("nodes"));
        let horizon = whole("horizon_min");
        let record = replayed(&log, &system, machines, machines - 1, horizon);
        let exact = |metric: &str, expected: f64| {
            let found = figure(&record, metric);
            let error = (found - expected).abs() / expected;
            println!("system {system}: {metric} {found}, expected {expected}");
            assert!(error < 1e-9, "system {system}: {metric} is {found}, expected {expected}");
        };
        let minutes = |key: &str| whole(key) as f64;
        exact("machines_lost", minutes("merged_outages"));
        exact("machine_time_down.p", minutes("node_down_minutes") * 60.0);
        exact("machine_time_down_share.p", 1.0 - part("node_availability"));
        exact("machines_down_most.p", minutes("max_nodes_down"));
        exact("machines_down_mean.p", part("mean_nodes_down"));
        exact("all_up_share.p", minutes("minutes_all_up") / horizon as f64);
        exact("enough_up_share.p", 1.0 - part("fraction_ge_2_down"));
    }
}

#[test]
fn machines_of_a_log_go_down_and_come_back_when_it_says() {
    let log = "system,node,down_min,up_min\n7,x,10,20\n8,x,0,99\n7,y,20,25\n7,x,20,30\n7,y,50,50\n";
    let record = replayed(log, "7", 3, 2, 100);
    // x is down from 10 to 30 and y from 20 to 25.
    let minutes = |metric: &str| figure(&record, metric) / 60.0;
    assert!((minutes("machine_time_down.p") - 25.0).abs() < 1e-9);
    assert!((figure(&record, "machines_lost") - 2.0).abs() < 1e-9);
    assert!((figure(&record, "machines_down_most.p") - 2.0).abs() < 1e-9);
    assert!((figure(&record, "all_up_share.p") - 0.8).abs() < 1e-9);
    assert!((figure(&record, "enough_up_share.p") - 0.95).abs() < 1e-9);
}
