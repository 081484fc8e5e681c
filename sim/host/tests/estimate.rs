//! What is estimated before a run against what the run comes to, and who is asked first.

use seatrial_format::{Disk, Override};
use seatrial_host::estimate::{Estimate, Load};
use seatrial_host::{Opened, Silent, World, open, open_text};
use std::path::{Path, PathBuf};

/// Estimates are good for telling minutes from days.
const FACTOR: f64 = 5.0;

fn shipped() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut all = Vec::new();
    for folder in ["", "mondays", "stores", "chaos"] {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder of the project");
        let files = entries.flatten().map(|entry| entry.path());
        all.extend(files.filter(|path| path.extension().is_some_and(|end| end == "toml")));
    }
    all.sort();
    assert!(all.len() > 20, "{all:?}");
    all
}

fn opened(path: &Path, sets: &[&str]) -> Opened {
    let sets: Vec<Override> = sets.iter().map(|set| (*set).to_owned().into()).collect();
    let opened = open(&Disk, path, &sets);
    opened.unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())))
}

fn of_text(text: &str) -> Opened {
    let opened = open_text(text, None);
    opened.unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())))
}

/// `SEATRIAL_WHOLE=1` runs them as long as they say: some minutes.
#[test]
fn estimates_are_within_five_times_of_the_events_of_every_shipped_scenario() {
    let whole = std::env::var_os("SEATRIAL_WHOLE").is_some();
    let cut: &[&str] = if whole { &[] } else { &["duration=2h", "warm_up=0s"] };
    let mut wrong = Vec::new();
    for path in shipped() {
        let opened = opened(&path, cut);
        let policies = opened.policies.as_ref();
        let estimate = Estimate::of(&opened.scenario, policies);
        let world = World::new(&opened.scenario, policies, opened.scenario.seed);
        let record = world.run(&Silent).unwrap_or_else(|broken| panic!("{broken}"));
        let factor = estimate.events() / record.events as f64;
        let told = format!(
            "{}: {:.0} events estimated, {} counted: {factor:.2}; {:.0} MB",
            path.display(),
            estimate.events(),
            record.events,
            estimate.bytes() / 1e6
        );
        println!("{told}");
        // Nobody is asked about a few events, however few were expected.
        let is_much = estimate.events().max(record.events as f64) > 1_000.0;
        if is_much && !(1.0 / FACTOR..=FACTOR).contains(&factor) {
            wrong.push(told);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_shipped_scenario_runs_without_a_question() {
    for path in shipped() {
        let load = estimate(&opened(&path, &[]), 1);
        assert_eq!(load.question(), None, "{}", path.display());
    }
}

fn estimate(opened: &Opened, runs: u32) -> Load {
    let estimate = Estimate::of(&opened.scenario, opened.policies.as_ref());
    Load::default().and(estimate, runs, 1)
}

const QUEUE: &str = r#"
    title = "one queue"
    duration = "1 h"
    [[services]]
    name = "desk"
    concurrency = 10
    service_time = { kind = "exponential", mean = "1 s" }
    [[traffic]]
    name = "calls"
    service = "desk"
    arrivals = { kind = "poisson", rate = "9/s" }
"#;

/// Why somebody is asked before one run of this.
fn question(scenario: &str, runs: u32) -> Option<String> {
    estimate(&of_text(scenario), runs).question()
}

#[test]
fn a_rate_with_a_slip_of_the_pen_is_asked_about_with_its_key() {
    assert_eq!(question(QUEUE, 1), None);
    let fast = QUEUE.replace("9/s", "150000000/s");
    let asked = question(&fast, 1).expect("a question");
    assert!(asked.contains("traffic.calls.arrivals.rate"), "{asked}");
    assert!(asked.contains("the calls `calls`"), "{asked}");
}

#[test]
fn the_same_calls_sampled_are_not_asked_about() {
    let fast =
        QUEUE.replace("9/s", "2000000/s").replace("concurrency = 10", "concurrency = 1000000");
    let fast = fast.replace("1 s\"", "100 ms\"");
    let each = format!("grain = \"request\"\n{fast}");
    assert!(question(&each, 1).is_some());
    // As they are where nothing is said, since there are so many.
    assert_eq!(question(&fast, 1), None);
    let sampled = format!("grain = \"sampled\"\n{fast}");
    assert_eq!(question(&sampled, 1), None);
}

#[test]
fn many_replications_take_as_long_as_all_of_them() {
    // 64,800 events: 0.03 s; a hundred thousand of them take 54 min.
    assert_eq!(question(QUEUE, 1_000), None);
    assert!(question(QUEUE, 100_000).is_some());
}

#[test]
fn a_queue_that_grows_without_bound_is_asked_about_for_its_memory() {
    // 20,000 a second, of whom ten are served: 72 million wait after an hour, at 250 B each.
    let grows = QUEUE.replace("9/s", "20000/s");
    let asked = question(&grows, 1).expect("a question");
    assert!(asked.contains("most of the memory goes to waiting calls"), "{asked}");
    let bounded = grows.replace("concurrency = 10", "concurrency = 10\nwaiting_room = 100");
    assert_eq!(question(&bounded, 1), None);
}
