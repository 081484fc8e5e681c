//! Logbooks that somebody tampered with: what was changed without its checks is told as changed; what
//! says impossible things with right checks is refused or read, and never brings the command down.
//!
//! `SEATRIAL_HOSTILE=1000 cargo nextest run --test hostile_logbooks` tries more of them;
//! `SEATRIAL_HOSTILE_SEED` and `SEATRIAL_HOSTILE_FROM` repeat one.

#[path = "hostile/cage.rs"]
mod cage;
#[path = "hostile/chance.rs"]
mod chance;
#[path = "hostile/json.rs"]
mod json;

use cage::caged;
use chance::{Chance, asked};
use seatrial_record::{Effort, LogbookReader, LogbookWriter};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const SHORT: u64 = 60;
/// KiB of address space: 1 GiB.
const MEMORY: u64 = 1 << 20;

/// The scenarios whose logbooks are tampered with, how long they run, and other policies to ask.
const RUNS: &[(&str, &str, &str)] = &[
    ("scenarios/thousand-users.toml", "duration=3h", "policies/wake-storm-healed.toml"),
    ("scenarios/scale-out.toml", "duration=10min", "policies/scale-out.toml"),
    ("scenarios/connection-budget.toml", "duration=5min", "policies/portal.toml"),
    ("scenarios/wake-storm-healed.toml", "duration=45min", "policies/plan-a.toml"),
    ("scenarios/plan-b-asked.toml", "duration=3h", "policies/thousand-users.toml"),
    ("scenarios/keep-alive.toml", "duration=2h", "policies/right-sized.toml"),
    ("scenarios/plan-c.toml", "duration=3h", "policies/spread.toml"),
];

/// A segment as it was written.
struct Sound {
    scenario: &'static str,
    other: &'static str,
    /// The setting that makes it short.
    lasts: &'static str,
    bytes: Vec<u8>,
    frames: Vec<String>,
}

fn sound(home: &Path, runs: &[(&'static str, &'static str, &'static str)]) -> Vec<Sound> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = Vec::new();
    for (number, (scenario, lasts, other)) in runs.iter().enumerate() {
        let folder = home.join(format!("sound-{number}"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_seatrial"));
        command.args(["run", scenario, "--quiet", "--fail-on", "nothing", "--set", "warm_up=0s"]);
        command.args(["--set", lasts, "--logbook-segment", "16 KiB"]);
        command.arg("--logbook").arg(format!("{}/", folder.display())).current_dir(root);
        let output = command.output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        // The last one begins with all that its pilot remembers.
        let mut segments: Vec<PathBuf> =
            std::fs::read_dir(&folder).expect("ours").flatten().map(|of| of.path()).collect();
        segments.sort();
        for path in [segments.first(), segments.last()].into_iter().flatten() {
            let bytes = std::fs::read(path).expect("ours");
            let mut reader = LogbookReader::open(&bytes[..]).expect("a logbook");
            let mut frames = Vec::new();
            while let Some(text) = reader.next_frame().expect("a sound frame") {
                frames.push(text);
            }
            frames.truncate(60);
            all.push(Sound { scenario, other, lasts, bytes, frames });
        }
    }
    all
}

#[test]
fn no_tampered_logbook_brings_the_command_down() {
    let count = asked("SEATRIAL_HOSTILE", SHORT);
    let (seed, from) = (asked("SEATRIAL_HOSTILE_SEED", 1), asked("SEATRIAL_HOSTILE_FROM", 0));
    let home = std::env::temp_dir().join(format!("seatrial-tampered-{}", std::process::id()));
    std::fs::create_dir_all(&home).expect("a folder of ours");
    let (sound, next) = (sound(&home, RUNS), AtomicU64::new(from));
    let found: Mutex<(Vec<i32>, Vec<String>)> = Mutex::default();
    let threads = std::thread::available_parallelism().map_or(2, |all| all.get().min(4));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (sound, next, found) = (&sound, &next, &found);
            let folder = home.join(thread.to_string());
            scope.spawn(move || {
                std::fs::create_dir_all(&folder).expect("a folder of ours");
                loop {
                    let trial = next.fetch_add(1, Ordering::Relaxed);
                    if trial >= from + count {
                        break;
                    }
                    let mut chance = Chance::of(seed, trial);
                    let of = &sound[chance.below(sound.len())];
                    let (code, fault) = match chance.one_in(4) {
                        true => unrepaired(of, &folder, &mut chance),
                        false => repaired(of, &folder, &mut chance),
                    };
                    let mut found = found.lock().expect("no thread panics");
                    found.0.extend(code);
                    if let Some(fault) = fault {
                        let told = format!("seed {seed}, trial {trial}: {}: {fault}", of.scenario);
                        println!("{told}\n");
                        found.1.push(told);
                    }
                }
            });
        }
    });
    drop(std::fs::remove_dir_all(&home));
    let (codes, faults) = found.into_inner().expect("no thread panics");
    let with = |code: i32| codes.iter().filter(|of| **of == code).count();
    println!(
        "seed {seed}: {count} logbooks: {} read, {} told as different, {} refused, {} faults; repeat \
         with SEATRIAL_HOSTILE=1 SEATRIAL_HOSTILE_SEED={seed} SEATRIAL_HOSTILE_FROM=N cargo nextest \
         run --test hostile_logbooks",
        with(0),
        with(1),
        with(2),
        faults.len()
    );
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(count < 30 || (with(0) + with(1)) * 10 >= codes.len(), "hardly any was read");
}

/// Bytes are changed and no check is repaired.
fn unrepaired(of: &Sound, folder: &Path, chance: &mut Chance) -> (Option<i32>, Option<String>) {
    let mut bytes = of.bytes.clone();
    // What is cut off at the end is a torn tail, which is said and does no harm.
    let at = chance.below(bytes.len() - 64);
    let what = match chance.below(4) {
        0 => {
            bytes[at] ^= 1 << chance.below(8);
            "flipped"
        }
        1 => {
            bytes.remove(at);
            "taken out"
        }
        2 => {
            bytes.insert(at, bytes[at] ^ 0x55);
            "put in"
        }
        _ => {
            let other = chance.below(bytes.len() - 64);
            if bytes[at] == bytes[other] {
                bytes[at] ^= 0xff;
            }
            bytes.swap(at, other);
            "swapped"
        }
    };
    std::fs::write(folder.join("tampered.logbook"), &bytes).expect("a file of ours");
    let ending = caged(folder, MEMORY, &["replay", "tampered.logbook"]);
    // Where nothing follows, a byte that is missing is a tail that its writer never finished: that is told, and
    // what stands before it is read.
    let is_torn = what == "taken out" && ending.out.contains("ends in the middle of a tick");
    let is_told = ending.code == Some(2) || is_torn;
    let told =
        ending.fault().or_else(|| (!is_told).then(|| format!("ended with {:?}", ending.code)));
    let told = told.map(|fault| format!("a byte {what} at {at}: {fault}\n{}", ending.err));
    (ending.code, told)
}

/// What frames say is changed, and all checks are right.
fn repaired(of: &Sound, folder: &Path, chance: &mut Chance) -> (Option<i32>, Option<String>) {
    let mut frames = of.frames.clone();
    let mut done = Vec::new();
    for _ in 0..=chance.below(3) {
        // Most in the head, which has the memory, and in the first turn, which is the whole view.
        let at = match chance.below(10) {
            0..=3 => 0,
            4..=6 => 1,
            _ => chance.below(frames.len()),
        };
        let at = at.min(frames.len() - 1);
        let Ok(mut document) = serde_json::from_str::<Value>(&frames[at]) else { continue };
        let part = match (at, chance.one_in(4)) {
            (0, false) => document.get_mut("memory").filter(|memory| memory.is_object()),
            _ => None,
        };
        let told = match part {
            Some(memory) => json::mutate(memory, chance),
            None => json::mutate(&mut document, chance),
        };
        done.push(format!("frame {at}{told}"));
        frames[at] = document.to_string();
    }
    write(of, &frames, folder);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let in_root = |name: &str| root.join(name).display().to_string();
    let (scenario, other) = (in_root(of.scenario), in_root(of.other));
    let commands: [&[&str]; 5] = [
        &["replay", "tampered.logbook"],
        &["replay", "tampered.logbook", "--tell", "all"],
        &["replay", "tampered.logbook", "--policy", &other],
        &["replay", "tampered.logbook", "--view", "last"],
        &[
            "run",
            &scenario,
            "--from-logbook",
            "tampered.logbook",
            "--quiet",
            "--fail-on",
            "nothing",
            "--set",
            of.lasts,
            "--set",
            "warm_up=0s",
            "--threads",
            "1",
        ],
    ];
    let mut code = None;
    for command in commands {
        // Each costs a start of the command; the first is always tried.
        if command != commands[0] && chance.one_in(2) {
            continue;
        }
        let ending = caged(folder, MEMORY, command);
        code = code.or(ending.code);
        if let Some(fault) = ending.fault() {
            let said: String = ending.err.chars().take(2_500).collect();
            let told = format!("{}: {fault}\n  {}\n{said}", command.join(" "), done.join("\n  "));
            return (code, Some(told));
        }
    }
    (code, None)
}

/// Writes frames down with all checks right.
fn write(of: &Sound, frames: &[String], folder: &Path) {
    let place = LogbookReader::open(&of.bytes[..]).expect("a logbook").place();
    let mut bytes = Vec::new();
    let mut writer = LogbookWriter::begin_at(&mut bytes, place, Effort::Quick).expect("memory");
    frames.iter().for_each(|frame| writer.append(frame).expect("memory"));
    drop(writer);
    std::fs::write(folder.join("tampered.logbook"), &bytes).expect("a file of ours");
}

/// Each of these once made the command loop for ever, panic or index beyond its rows.
#[test]
fn what_contradicts_itself_is_refused_with_what_it_is() {
    let home = std::env::temp_dir().join(format!("seatrial-contradicts-{}", std::process::id()));
    std::fs::create_dir_all(&home).expect("a folder of ours");
    let all = sound(&home, &RUNS[..1]);
    let of = all.last().expect("a segment that begins with a memory");
    let refused = |frame: usize, change: &dyn Fn(&mut Value), told: &str| {
        let mut frames = of.frames.clone();
        let mut document: Value = serde_json::from_str(&frames[frame]).expect("JSON");
        change(&mut document);
        frames[frame] = document.to_string();
        write(of, &frames, &home);
        let ending = caged(&home, MEMORY, &["replay", "tampered.logbook"]);
        assert_eq!(ending.fault(), None, "{told}: {}", ending.err);
        assert_eq!(ending.code, Some(2), "{told}: {}", ending.err);
        assert!(ending.err.contains(told), "{told}: {}", ending.err);
    };
    let own_next = |turn: &mut Value| {
        let unit = &mut turn["seen"]["units"][0];
        unit[1]["next_of_tenant"] = unit[0].clone();
    };
    refused(1, &own_next, "never ends");
    let tier = |turn: &mut Value| turn["seen"]["pools"][0]["tiers"] = serde_json::json!([65_535]);
    refused(1, &tier, "rows that are not there");
    // The idle ladder of `thousand-users.toml`: a deadline that is nobody's.
    let policies: Vec<Value> = {
        let head: Value = serde_json::from_str(&of.frames[0]).expect("JSON");
        head["memory"]["policies"].as_array().expect("memories").clone()
    };
    let ladder = policies
        .iter()
        .position(|memory| memory.as_str().is_some_and(|text| text.starts_with("{\"due\":")));
    let ladder = ladder.expect("an idle ladder");
    let in_ladder = |head: &mut Value, change: &dyn Fn(&mut Value)| {
        let memory = &mut head["memory"]["policies"][ladder];
        let mut inner: Value =
            serde_json::from_str(memory.as_str().expect("a text")).expect("JSON");
        change(&mut inner);
        *memory = Value::from(inner.to_string());
    };
    let due = |inner: &mut Value| {
        inner["due"].as_array_mut().expect("a list").insert(0, serde_json::json!(["1 s", 0]));
    };
    refused(0, &|head| in_ladder(head, &due), "contradicts itself");
    let unknown = |inner: &mut Value| inner["wanted"] = serde_json::json!([4_000_000]);
    refused(0, &|head| in_ladder(head, &unknown), "rows that are not there");
    let fewer = |head: &mut Value| {
        head["memory"]["policies"].as_array_mut().expect("memories").pop();
    };
    refused(0, &fewer, "policies");
    drop(std::fs::remove_dir_all(&home));
}

/// Views and memories that are handed to `seatrial decide`.
#[test]
fn no_view_and_no_memory_brings_decide_down() {
    let count = asked("SEATRIAL_HOSTILE", SHORT / 2);
    let (seed, from) = (asked("SEATRIAL_HOSTILE_SEED", 1), asked("SEATRIAL_HOSTILE_FROM", 0));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let in_root = |name: &str| root.join(name).display().to_string();
    let policies = [
        ("small", "policies/thousand-users.toml"),
        ("small", "policies/wake-storm-healed.toml"),
        ("small", "policies/plan-a.toml"),
        ("small", "policies/right-sized.toml"),
        ("portal", "policies/portal.toml"),
    ];
    let home = std::env::temp_dir().join(format!("seatrial-decide-{}", std::process::id()));
    std::fs::create_dir_all(&home).expect("a folder of ours");
    let (mut faults, mut decided) = (Vec::new(), 0);
    for trial in from..from + count {
        let mut chance = Chance::of(seed, trial);
        let (view, policy) = policies[chance.below(policies.len())];
        let (policy, view) = (in_root(policy), in_root(&format!("tests/views/{view}.json")));
        let save = ["decide", "--policy", &policy, "--view", &view, "--save", "memory.json"];
        let saved = caged(&home, MEMORY, &save);
        assert_eq!(saved.code, Some(0), "{}", saved.err);
        std::fs::copy(&view, home.join("view.json")).expect("a file of ours");
        let name = chance.pick(&["view.json", "memory.json"]);
        let text = std::fs::read_to_string(home.join(name)).expect("a file of ours");
        let mut document: Value = serde_json::from_str(&text).expect("JSON");
        let done: Vec<String> =
            (0..=chance.below(3)).map(|_| json::mutate(&mut document, &mut chance)).collect();
        std::fs::write(home.join(name), document.to_string()).expect("a file of ours");
        let decide =
            ["decide", "--policy", &policy, "--view", "view.json", "--memory", "memory.json"];
        let ending = caged(&home, MEMORY, &decide);
        decided += u64::from(ending.code == Some(0));
        if let Some(fault) = ending.fault() {
            let said: String = ending.err.chars().take(2_500).collect();
            faults.push(format!(
                "seed {seed}, trial {trial}: {name}: {fault}\n  {}\n{said}",
                done.join("\n  ")
            ));
        }
    }
    drop(std::fs::remove_dir_all(&home));
    println!(
        "seed {seed}: {count} views and memories, {decided} decided on, {} faults",
        faults.len()
    );
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
