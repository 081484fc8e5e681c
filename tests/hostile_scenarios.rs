//! Mutants of every shipped scenario and policy file: whatever a file says, the command says what is
//! wrong with it or runs it, in bounded time and memory, and finds numbers that can be.
//!
//! `SEATRIAL_HOSTILE=6000 cargo nextest run --test hostile_scenarios` tries more of them;
//! `SEATRIAL_HOSTILE_SEED` and `SEATRIAL_HOSTILE_FROM` repeat one.

#[path = "hostile/cage.rs"]
mod cage;
#[path = "hostile/chance.rs"]
mod chance;
#[path = "hostile/mutants.rs"]
mod mutants;

use cage::{Ending, caged};
use chance::{Chance, asked};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// So many in every run of the tests.
const SHORT: u64 = 80;
/// KiB of address space: 2 GiB.
const MEMORY: u64 = 2 << 20;

/// The shipped files, by their paths below the root.
struct Shipped {
    files: Vec<(PathBuf, String)>,
}

impl Shipped {
    fn read() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        let folders = [
            "scenarios",
            "scenarios/parts",
            "scenarios/mondays",
            "scenarios/stores",
            "scenarios/chaos",
            "policies",
        ];
        for folder in folders {
            let entries = std::fs::read_dir(root.join(folder)).expect("a folder of the project");
            for entry in entries.flatten() {
                let name = entry.file_name().into_string().expect("a name in UTF-8");
                if name.ends_with(".toml") && name != "Cargo.toml" {
                    let text =
                        std::fs::read_to_string(entry.path()).expect("a file of the project");
                    files.push((Path::new(folder).join(name), text));
                }
            }
        }
        files.sort();
        Self { files }
    }

    /// The scenarios that a change of this file reaches.
    fn users<'a>(&'a self, file: &'a Path) -> Vec<&'a Path> {
        let is_part = file.starts_with("policies") || file.starts_with("scenarios/parts");
        if !is_part {
            return vec![file];
        }
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let named = [format!("/{name}\""), format!("\"{name}\"")];
        let uses = |text: &str| named.iter().any(|name| text.contains(name));
        let whole =
            |file: &Path| file.starts_with("scenarios") && !file.starts_with("scenarios/parts");
        let users = self.files.iter().filter(|(file, text)| whole(file) && uses(text));
        users.map(|(file, _)| file.as_path()).collect()
    }

    fn write(&self, folder: &Path) {
        for (file, text) in &self.files {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder of ours");
            std::fs::write(path, text).expect("a file of ours");
        }
    }
}

#[derive(Default)]
struct Found {
    refused: u64,
    ran: u64,
    too_large: u64,
    faults: Vec<String>,
}

#[test]
fn no_mutant_of_a_scenario_brings_the_command_down() {
    let count = asked("SEATRIAL_HOSTILE", SHORT);
    let (seed, from) = (asked("SEATRIAL_HOSTILE_SEED", 1), asked("SEATRIAL_HOSTILE_FROM", 0));
    let (shipped, next) = (Shipped::read(), AtomicU64::new(from));
    let found = Mutex::new(Found::default());
    let home = std::env::temp_dir().join(format!("seatrial-mutants-{}", std::process::id()));
    let threads = std::thread::available_parallelism().map_or(2, |all| all.get().min(4));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (shipped, next, found) = (&shipped, &next, &found);
            let folder = home.join(thread.to_string());
            scope.spawn(move || {
                shipped.write(&folder);
                loop {
                    let trial = next.fetch_add(1, Ordering::Relaxed);
                    if trial >= from + count {
                        break;
                    }
                    attempt(shipped, &folder, (seed, trial), found);
                }
            });
        }
    });
    drop(std::fs::remove_dir_all(&home));
    let Found { refused, ran, too_large, faults } = found.into_inner().expect("no thread panics");
    println!(
        "seed {seed}: {count} mutants: {refused} refused by `check`, {ran} ran to the end, \
         {too_large} ask before they run, {} faults",
        faults.len()
    );
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    // Mutants that are all refused try nothing but the reader.
    assert!(count < 30 || ran * 3 >= count, "only {ran} of {count} mutants ran to the end");
}

fn attempt(shipped: &Shipped, folder: &Path, (seed, trial): (u64, u64), found: &Mutex<Found>) {
    let mut chance = Chance::of(seed, trial);
    let (file, text) = &shipped.files[chance.below(shipped.files.len())];
    let users = shipped.users(file);
    let scenario = match users.is_empty() {
        true => Path::new("scenarios/thousand-users.toml"),
        false => users[chance.below(users.len())],
    };
    let others: Vec<String> = shipped.files.iter().map(|(_, text)| text.clone()).collect();
    let (mutated, done) = mutants::mutant(text, &others, &mut chance);
    std::fs::write(folder.join(file), &mutated).expect("a file of ours");
    let scenario = scenario.to_str().expect("a name in UTF-8");
    // Short, so that thousands can be tried, and from its beginning on.
    let lasts = chance.pick(&["duration=1min", "duration=10min", "duration=40min"]);
    let cut = ["--set", lasts, "--set", "warm_up=0s"];
    let checked = caged(folder, MEMORY, &[&["check", scenario], &cut[..]].concat());
    let mut faults: Vec<String> =
        checked.fault().map(|fault| format!("check {fault}")).into_iter().collect();
    let fine = checked.code == Some(0);
    let mut last = checked;
    let mut is_asked = false;
    if fine {
        let run = ["run", scenario, "--format", "json", "--quiet", "--threads", "1"];
        last = caged(folder, MEMORY, &[&run[..], &cut[..]].concat());
        is_asked = last.code == Some(2) && last.err.contains("--yes");
        faults.extend(last.fault().map(|fault| format!("run {fault}")));
        if faults.is_empty() && !is_asked {
            faults.extend(odd_results(&last).map(|fault| format!("run {fault}")));
        }
    }
    std::fs::write(folder.join(file), text).expect("a file of ours");
    let mut found = found.lock().expect("no thread panics");
    match (fine, is_asked) {
        (false, _) => found.refused += 1,
        (true, true) => found.too_large += 1,
        (true, false) => found.ran += 1,
    }
    for fault in faults {
        let kept = std::env::temp_dir().join(format!("seatrial-mutant-{seed}-{trial}.toml"));
        std::fs::write(&kept, &mutated).expect("a file of ours");
        let said: String = last.err.chars().take(1_500).collect();
        let again = format!(
            "SEATRIAL_HOSTILE=1 SEATRIAL_HOSTILE_SEED={seed} SEATRIAL_HOSTILE_FROM={trial} cargo \
             nextest run --test hostile_scenarios"
        );
        let told = format!(
            "{scenario} --set {lasts}: {fault}\n  {} ({})\n  {}\n  repeat with: {again}\n{said}",
            file.display(),
            kept.display(),
            done.join("\n  ")
        );
        println!("{told}\n");
        found.faults.push(told);
    }
}

/// What is odd about the numbers that a run found.
fn odd_results(ran: &Ending) -> Option<String> {
    if ran.code == Some(2) {
        return Some(format!("refuses what `check` called fine: {}", ran.err));
    }
    let Ok(document) = serde_json::from_str::<Value>(&ran.out) else {
        return Some("wrote no JSON".to_owned());
    };
    if document["events"].as_u64().is_none() {
        return Some("counted no events".to_owned());
    }
    let Some(metrics) = document["metrics"].as_object() else {
        return Some("has no metrics".to_owned());
    };
    metrics.iter().find_map(|(name, metric)| odd_metric(name, metric))
}

fn odd_metric(name: &str, metric: &Value) -> Option<String> {
    if metric["value"].is_null() {
        return None;
    }
    let Some(value) = metric["value"].as_f64() else {
        return Some(format!("{name} is {}", metric["value"]));
    };
    let unit = metric["unit"].as_str().unwrap_or_default();
    let least = match unit {
        // What a cluster earns can be less than what it costs.
        "dollars" => f64::NEG_INFINITY,
        _ => 0.0,
    };
    // Shares are quotients of sums.
    let most = if unit == "share" { 1.0 + 1e-9 } else { 1e300 };
    let is_odd = !value.is_finite() || value < least || value > most;
    is_odd.then(|| format!("{name} is {value} ({unit})"))
}
