//! A run that would take days or a whole memory is asked about first; where nobody can answer, it is
//! refused with the key to look at.

mod common;

use common::{err, out, seatrial};
use std::process::{Command, Stdio};
use std::time::Duration;

#[test]
fn a_run_of_days_is_refused_with_what_it_takes_and_how_to_run_it() {
    let fast = ["run", "scenarios/queue.toml", "--set", "traffic.calls.arrivals.rate=1500000/s"];
    let output = seatrial(&fast);
    let said = err(&output);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert_eq!(out(&output), "");
    for part in ["events", "traffic.calls.arrivals.rate", "`duration`", "grain", "--yes"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn yes_runs_what_would_be_asked_about() {
    let fast = ["run", "scenarios/queue.toml", "--set", "traffic.calls.arrivals.rate=150000/s"];
    let refused = seatrial(&fast);
    assert_eq!(refused.status.code(), Some(2), "{}", err(&refused));
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatrial"));
    command.args(fast).args(["--yes", "--quiet"]).current_dir(common::root());
    let mut running = command.stdout(Stdio::null()).spawn().expect("it starts");
    std::thread::sleep(Duration::from_millis(500));
    let ended = running.try_wait().expect("a child of ours");
    drop(running.kill());
    drop(running.wait());
    assert_eq!(ended, None, "it runs until it is stopped");
}

#[test]
fn a_sweep_is_asked_about_as_all_of_its_runs() {
    let sweep = ["sweep", "scenarios/thousand-users.toml", "--tenants", "1000,5000000"];
    let output = seatrial(&sweep);
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert!(err(&output).contains("--yes"), "{}", err(&output));
}
