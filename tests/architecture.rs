//! The arrows of the house: who may use whom, and what must not be in which room.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Each room with the rooms it may use, as the map draws the arrows.
const ARROWS: &[(&str, &[&str])] = &[
    ("seatrial-contract", &[]),
    ("seatrial-policies", &["seatrial-contract"]),
    ("seatrial-format", &["seatrial-contract"]),
    ("seatrial-record", &[]),
    ("seatrial-crew", &[]),
    ("seatrial-tables", &["seatrial-record"]),
    ("seatrial-reports", &["seatrial-contract", "seatrial-record", "seatrial-tables"]),
    ("seatrial-kernel", &["seatrial-contract"]),
    (
        "seatrial-traffic",
        &["seatrial-contract", "seatrial-format", "seatrial-record", "seatrial-kernel"],
    ),
    (
        "seatrial-fleet",
        &[
            "seatrial-contract",
            "seatrial-format",
            "seatrial-record",
            "seatrial-kernel",
            "seatrial-traffic",
        ],
    ),
    (
        "seatrial-faults",
        &[
            "seatrial-contract",
            "seatrial-format",
            "seatrial-record",
            "seatrial-kernel",
            "seatrial-traffic",
            "seatrial-fleet",
        ],
    ),
    (
        "seatrial-host",
        &[
            "seatrial-contract",
            "seatrial-policies",
            "seatrial-format",
            "seatrial-record",
            "seatrial-kernel",
            "seatrial-traffic",
            "seatrial-fleet",
            "seatrial-faults",
        ],
    ),
    (
        "seatrial-trials",
        &[
            "seatrial-contract",
            "seatrial-policies",
            "seatrial-format",
            "seatrial-record",
            "seatrial-kernel",
            "seatrial-traffic",
            "seatrial-fleet",
            "seatrial-faults",
            "seatrial-host",
        ],
    ),
    (
        "seatrial-bridge",
        &["seatrial-contract", "seatrial-policies", "seatrial-format", "seatrial-record"],
    ),
    (
        "seatrial",
        &[
            "seatrial-contract",
            "seatrial-policies",
            "seatrial-format",
            "seatrial-record",
            "seatrial-reports",
            "seatrial-tables",
            "seatrial-faults",
            "seatrial-host",
            "seatrial-trials",
        ],
    ),
];

/// All that the pure rooms may use from outside: nothing that knows a clock, a thread, a file or
/// a socket.
const PURE: &[&str] = &["serde", "serde_json", "rand_core", "rand_xoshiro", "blake3", "libm"];

/// Packages that live in one room and nowhere else.
const AT_HOME: &[(&str, &str)] = &[
    ("tokio", "seatrial-bridge"),
    ("polars", "seatrial-reports"),
    ("plotters", "seatrial-reports"),
    ("parquet", "seatrial-tables"),
    ("rayon", "seatrial-trials"),
    ("ed25519-dalek", "seatrial-record"),
    ("getrandom", "seatrial"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let arguments = ["metadata", "--format-version", "1", "--no-deps", "--offline"];
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// The packages that a package uses when it is built, its tests aside.
fn uses(package: &Value, kinds: &[&str]) -> Vec<String> {
    let dependencies = package["dependencies"].as_array().unwrap().iter();
    let kept = dependencies.filter(|d| kinds.contains(&d["kind"].as_str().unwrap_or("normal")));
    kept.map(|d| d["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn arrows_point_one_way() {
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        let (_, may) = ARROWS
            .iter()
            .find(|arrow| arrow.0 == name)
            .unwrap_or_else(|| panic!("no arrows drawn for the new room `{name}`"));
        for used in uses(&package, &["normal", "build"]) {
            let ours = used.starts_with("seatrial");
            assert!(!ours || may.contains(&used.as_str()), "`{name}` must not use `{used}`");
        }
    }
}

#[test]
fn packages_stay_in_their_room() {
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        for used in uses(&package, &["normal", "build", "dev"]) {
            let home = AT_HOME.iter().find(|at_home| at_home.0 == used);
            assert!(home.is_none_or(|home| home.1 == name), "`{used}` does not live in `{name}`");
        }
    }
}

#[test]
fn the_pure_rooms_use_nothing_that_knows_the_world() {
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        if !["seatrial-contract", "seatrial-policies"].contains(&name) {
            continue;
        }
        for used in uses(&package, &["normal"]) {
            let ours = used.starts_with("seatrial");
            assert!(ours || PURE.contains(&used.as_str()), "`{name}` must not use `{used}`");
        }
    }
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    assert!(!found.is_empty(), "no sources in {folder}");
    found.into_iter().map(|path| (path.clone(), std::fs::read_to_string(path).unwrap())).collect()
}

/// The code of a file: its comments and the tests at its end left out.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

fn forbid(folders: &[&str], words: &[&str], why: &str) {
    for folder in folders {
        for (path, text) in sources(folder) {
            let is_test = path.components().any(|part| part.as_os_str() == "tests")
                || path.ends_with("tests.rs")
                || path.ends_with("speed.rs");
            for word in words {
                let found = !is_test && code(&text).contains(word);
                assert!(!found, "{}: `{word}`: {why}", path.display());
            }
        }
    }
}

#[test]
fn the_pure_rooms_are_without_std() {
    for folder in ["policies/contract/src", "policies/src"] {
        let library = std::fs::read_to_string(root().join(folder).join("lib.rs")).unwrap();
        assert!(library.contains("#![no_std]"), "{folder} is not #![no_std]");
        forbid(&[folder], &["extern crate std", "std::"], "the compiler must hold the purity");
    }
}

#[test]
fn no_order_of_a_hash_and_no_clock_reaches_a_result() {
    let rooms = [
        "policies/contract/src",
        "policies/src",
        "sim/kernel/src",
        "sim/traffic/src",
        "sim/fleet/src",
        "sim/faults/src",
        "sim/host/src",
        "sim/trials/src",
        "reports/record/src",
    ];
    let words =
        ["HashMap", "HashSet", "Instant::", "SystemTime", "thread_rng", "available_parallelism"];
    forbid(&rooms, &words, "a result must not depend on it");
}

#[test]
fn chance_and_time_use_no_mathematics_of_the_platform() {
    // Correctly rounded everywhere: + - * / sqrt abs. Everything else must come from `libm`.
    let words = [
        ".ln(",
        ".ln_1p(",
        ".log(",
        ".log2(",
        ".log10(",
        ".exp(",
        ".exp2(",
        ".exp_m1(",
        ".powf(",
        ".powi(",
        ".cbrt(",
        ".hypot(",
        ".sin(",
        ".cos(",
        ".tan(",
        ".atan(",
        ".atan2(",
        ".tanh(",
        ".gamma(",
        ".ln_gamma(",
        ".erf(",
    ];
    let rooms = [
        "sim/kernel/src",
        "sim/traffic/src",
        "sim/fleet/src",
        "sim/faults/src",
        "sim/host/src",
        "policies/contract/src",
        "policies/src",
    ];
    forbid(&rooms, &words, "use libm, which is the same everywhere");
}

#[test]
fn the_command_line_has_no_logic_of_the_plant() {
    forbid(&["src"], &["kernel::", "Agenda"], "one thin file a command");
}

/// A file that is longer is two.
const LINES_MOST: usize = 450;

#[test]
fn no_file_is_too_long_to_be_read() {
    let folders = ["src", "sim", "policies", "scenarios", "reports", "live-bridge", "tests"];
    let files = folders.into_iter().flat_map(sources);
    let mut lengths: Vec<(usize, PathBuf)> =
        files.map(|(path, text)| (text.lines().count(), path)).collect();
    lengths.sort();
    let (most, path) = lengths.pop().expect("there are files");
    println!("the longest file has {most} lines: {}", path.display());
    assert!(most <= LINES_MOST, "{} has {most} lines, at most {LINES_MOST}", path.display());
}
