//! `seatrial sweep plan`, `run`, `status`, `merge` and `emit`, as users and clusters run them.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const WHAT: [&str; 9] = [
    "scenarios/queue.toml",
    "--set",
    "duration=8h",
    "--vary",
    "services.desk.concurrency=9..11",
    "--vary",
    "traffic.calls.arrivals.rate=8/s,10/s",
    "--reps",
    "2",
];

/// A folder that goes away.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("seatrial-plan-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// A plan in it.
    fn plan(&self, name: &str) -> String {
        let plan = self.path(name);
        fine(&[&["sweep", "plan"], &WHAT[..], &["-o", &plan]].concat(), 0);
        plan
    }

    /// What one process finds.
    fn whole(&self) -> Vec<u8> {
        let whole = self.path("whole");
        fine(&[&["sweep"], &WHAT[..], &["--out", &whole, "--quiet"]].concat(), 0);
        fs::read(self.0.join("whole/sweep.json")).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn fine(arguments: &[&str], code: i32) -> String {
    let output = seatrial(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", err(&output));
    out(&output)
}

fn wrong(arguments: &[&str], code: i32) -> String {
    let output = seatrial(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", err(&output));
    assert_eq!(out(&output), "", "{arguments:?}");
    err(&output)
}

fn merged(plan: &str, file: &str) -> Vec<u8> {
    fine(&["sweep", "merge", plan, "--out", file], 0);
    fs::read(file).unwrap()
}

fn units(plan: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(plan).join("units")).unwrap().flatten();
    let mut units: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    units.sort();
    units
}

/// Runs it with these variables, somewhere else.
fn with(variables: &[(&str, &str)], folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatrial"));
    command.args(arguments).current_dir(folder).envs(variables.iter().copied());
    command.output().unwrap()
}

#[test]
fn any_shards_in_any_order_merge_to_what_one_process_writes() {
    let scratch = Scratch::new("shards");
    let whole = scratch.whole();
    for (name, shards) in
        [("one", &["1/1"][..]), ("three", &["2/3", "3/3", "1/3"]), ("many", &["2/2", "1/7", "1/2"])]
    {
        let plan = scratch.plan(name);
        for shard in shards {
            fine(&["sweep", "run", &plan, "--shard", shard], 0);
        }
        assert!(merged(&plan, &scratch.path("merged.json")) == whole, "{shards:?}");
        assert_eq!(units(&plan).len(), 12);
    }
}

#[test]
fn a_plan_needs_nothing_but_its_folder_and_the_program() {
    let scratch = Scratch::new("copied");
    // A scenario with a policy file and a base, which are gone when it is run.
    for (from, to) in [("scenarios", "s"), ("policies", "p")] {
        let (from, to) = (common::root().join(from), scratch.0.join(to));
        let copied = Command::new("cp").arg("-r").args([from, to]).status().unwrap();
        assert!(copied.success());
    }
    fs::rename(scratch.0.join("p"), scratch.0.join("policies")).unwrap();
    let what = ["s/thousand-users.toml", "--tenants", "40,80", "--set", "duration=1d"];
    let whole = with(&[], &scratch.0, &[&["sweep"], &what[..], &["--out", "w"]].concat());
    let plan = with(&[], &scratch.0, &[&["sweep", "plan"], &what[..], &["-o", "plan"]].concat());
    assert!(plan.status.success(), "{}", err(&plan));
    fs::remove_dir_all(scratch.0.join("s")).unwrap();
    fs::remove_dir_all(scratch.0.join("policies")).unwrap();
    let elsewhere = scratch.0.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::rename(scratch.0.join("plan"), elsewhere.join("moved")).unwrap();
    let run = with(&[], &elsewhere, &["sweep", "run", "moved"]);
    assert!(run.status.success(), "{}", err(&run));
    let merge = with(&[], &elsewhere, &["sweep", "merge", "moved", "--out", "m/"]);
    assert_eq!(merge.status.code(), whole.status.code(), "{}", err(&merge));
    assert_eq!(out(&merge), out(&whole));
    let [merged, whole] = [elsewhere.join("m"), scratch.0.join("w")]
        .map(|folder| fs::read(folder.join("sweep.json")).unwrap());
    assert!(merged == whole);
}

#[test]
fn the_same_plan_is_written_once_and_another_never_over_it() {
    let scratch = Scratch::new("again");
    let plan = scratch.plan("plan");
    let before = fs::read(Path::new(&plan).join("plan.json")).unwrap();
    let again = fine(&[&["sweep", "plan"], &WHAT[..], &["-o", &plan]].concat(), 0);
    assert!(again.starts_with("that plan is there already: 12 runs at 6 points"), "{again}");
    let other = [&["sweep", "plan"], &WHAT[..], &["--seed", "9", "-o", &plan]].concat();
    assert!(wrong(&other, 2).contains("it holds another plan"));
    assert_eq!(fs::read(Path::new(&plan).join("plan.json")).unwrap(), before);
    let told = wrong(&[&["sweep", "plan"], &WHAT[..], &["-o", "docs"]].concat(), 2);
    assert!(told.contains("which no plan has"), "{told}");
    // What was begun and broken off is gone on with.
    fs::remove_file(Path::new(&plan).join("plan.json")).unwrap();
    scratch.plan("plan");
    assert_eq!(fs::read(Path::new(&plan).join("plan.json")).unwrap(), before);
    // Ids are what a unit is made of: one more axis value changes no other.
    let ids = |plan: &str| -> Vec<String> {
        let text = fs::read_to_string(Path::new(plan).join("plan.json")).unwrap();
        let plan: Value = serde_json::from_str(&text).unwrap();
        plan["units"].as_array().unwrap().iter().map(|unit| unit["id"].to_string()).collect()
    };
    let more = scratch.path("more");
    let what = WHAT
        .map(|of| if of.starts_with("services") { "services.desk.concurrency=9..12" } else { of });
    fine(&[&["sweep", "plan"], &what[..], &["-o", &more]].concat(), 0);
    assert!(ids(&plan).iter().all(|id| ids(&more).contains(id)));
    assert_eq!((ids(&plan).len(), ids(&more).len()), (12, 16));
}

#[test]
fn what_is_missing_or_damaged_is_told_and_done_again() {
    let scratch = Scratch::new("damaged");
    let plan = scratch.plan("plan");
    let status = ["sweep", "status", &plan];
    assert!(fine(&status, 4).starts_with("12 runs: 0 done, 12 missing, 0 damaged, 0 failed\n"));
    fine(&["sweep", "run", &plan, "--quiet"], 0);
    assert_eq!(fine(&status, 0), "12 runs: 12 done, 0 missing, 0 damaged, 0 failed\n");
    let whole = merged(&plan, &scratch.path("a.json"));
    let all = units(&plan);
    let kept: Vec<Vec<u8>> = all.iter().map(|unit| fs::read(unit).unwrap()).collect();
    // A byte anywhere; the end; another unit's; nothing.
    for (unit, at) in all.iter().zip([0, 20, 100, kept[3].len() / 2, kept[4].len() - 1]) {
        let mut bytes = fs::read(unit).unwrap();
        bytes[at] ^= 1;
        fs::write(unit, bytes).unwrap();
    }
    fs::write(&all[5], &kept[5][..kept[5].len() - 9]).unwrap();
    fs::write(&all[6], &kept[7]).unwrap();
    fs::write(&all[8], "").unwrap();
    fs::remove_file(&all[9]).unwrap();
    let told = fine(&status, 4);
    assert!(told.starts_with("12 runs: 3 done, 1 missing, 8 damaged, 0 failed\n"), "{told}");
    assert!(told.contains("it is another unit's") && told.contains("it is not as it was written"));
    let document: Value =
        serde_json::from_str(&fine(&[&status[..], &["--format", "json"]].concat(), 4)).unwrap();
    assert_eq!(document["damaged"].as_array().unwrap().len(), 8);
    let refused = wrong(&["sweep", "merge", &plan], 4);
    for part in
        ["missing  scenarios/queue.toml with", "Go on with: seatrial sweep run", "--partial"]
    {
        assert!(refused.contains(part), "no `{part}` in {refused}");
    }
    let partial = fine(&["sweep", "merge", &plan, "--partial"], 4);
    assert!(partial.contains("missing") && partial.contains("Missing with"), "{partial}");
    let ran = fine(&["sweep", "run", &plan], 0);
    assert_eq!(ran, "12 runs: 9 run, 3 there already, 0 failed\n");
    for (unit, kept) in all.iter().zip(kept) {
        assert!(fs::read(unit).unwrap() == kept, "{}", unit.display());
    }
    assert!(merged(&plan, &scratch.path("b.json")) == whole);
}

#[test]
fn a_run_that_failed_is_a_result_that_is_told_and_not_an_absence() {
    let scratch = Scratch::new("failed");
    let plan = scratch.plan("plan");
    fine(&["sweep", "run", &plan], 0);
    // As a run is kept that broke an invariant.
    let unit = &units(&plan)[0];
    let id = unit.file_stem().unwrap().to_str().unwrap();
    let body = format!(
        "{{\"version\":1,\"unit\":\"{id}\",\"outcome\":{{\"failed\":{{\"kind\":\"invariant\",\"what\":\"two at once\"}}}}}}\n"
    );
    let check = seatrial_record::digest(body.as_bytes());
    fs::write(unit, format!("seatrial unit {check}\n{body}")).unwrap();
    let status = fine(&["sweep", "status", &plan], 101);
    assert!(status.starts_with("12 runs: 11 done, 0 missing, 0 damaged, 1 failed\n"), "{status}");
    let ran = fine(&["sweep", "run", &plan], 101);
    assert_eq!(ran, "12 runs: 0 run, 12 there already, 1 failed\n");
    let file = scratch.path("merged.json");
    let told = fine(&["sweep", "merge", &plan, "--out", &file], 101);
    assert!(told.contains("(invariant): two at once") && told.contains("failed"), "{told}");
    let merged: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let points = merged["scenarios"][0]["points"].as_array().unwrap();
    let failed: Vec<&Value> = points.iter().filter(|point| point.get("run").is_none()).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0]["failed"][0]["what"], "two at once");
}

#[test]
fn clusters_say_which_shard_and_processes_at_the_same_folder_do_not_harm_each_other() {
    let scratch = Scratch::new("env");
    let whole = scratch.whole();
    let plan = scratch.plan("plan");
    let run = |variables: &[(&str, &str)], more: &[&str]| {
        let arguments = [&["sweep", "run", &*plan], more].concat();
        let output = with(variables, &scratch.0, &arguments);
        (output.status.code(), out(&output), err(&output))
    };
    let kubernetes = run(&[("JOB_COMPLETION_INDEX", "0")], &["--shards", "3"]);
    assert!(kubernetes.1.starts_with("4 runs: 4 run"), "{kubernetes:?}");
    let slurm = [("SLURM_ARRAY_TASK_ID", "1"), ("SLURM_ARRAY_TASK_COUNT", "3")];
    assert!(run(&slurm, &[]).1.starts_with("4 runs: 4 run"));
    assert_eq!(run(&[("JOB_COMPLETION_INDEX", "3")], &["--shards", "3"]).0, Some(2));
    assert_eq!(run(&[("JOB_COMPLETION_INDEX", "0")], &[]).0, Some(2));
    // Four at once, all of them for all of it.
    let plan = scratch.plan("at-once");
    let start = |_| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_seatrial"));
        command.args(["sweep", "run", &plan, "--threads", "1"]).stdout(Stdio::null());
        command.spawn().unwrap()
    };
    for mut process in (0..4).map(start).collect::<Vec<_>>() {
        assert!(process.wait().unwrap().success());
    }
    assert!(merged(&plan, &scratch.path("merged.json")) == whole);
    let left: Vec<PathBuf> =
        units(&plan).into_iter().filter(|unit| unit.extension().unwrap() != "unit").collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}

#[test]
fn what_cannot_be_run_or_written_is_told_with_what_to_do() {
    let scratch = Scratch::new("wrong");
    let none = wrong(&["sweep", "run", &scratch.path("none")], 2);
    assert!(none.contains("this is no plan") && none.contains("seatrial sweep plan"), "{none}");
    let plan = scratch.plan("plan");
    let file = Path::new(&plan).join("plan.json");
    let text = fs::read_to_string(&file).unwrap();
    for (from, to, code, told) in [
        ("\"version\": 1", "\"version\": 2", 2, "its version is 2, and this program reads 1"),
        ("\"replications\": 2", "\"replications\": 3", 2, "it is not as it was written"),
        ("\"units\"", "\"unit\"", 2, "it is not understood"),
        ("{", "", 2, "it is not understood"),
    ] {
        assert!(text.contains(from), "{from}");
        fs::write(&file, text.replacen(from, to, 1)).unwrap();
        for command in ["run", "status", "merge"] {
            let said = wrong(&["sweep", command, &plan], code);
            assert!(said.contains(told), "no `{told}` in {said}");
        }
    }
    // Names of files that lead out of the folder.
    let mut other: seatrial_record::SweepPlan = serde_json::from_str(&text).unwrap();
    other.units[0].id = "../../x".to_owned();
    other.check = other.checked();
    fs::write(&file, serde_json::to_string(&other).unwrap()).unwrap();
    assert!(wrong(&["sweep", "run", &plan], 2).contains("it is not as it was written"));
    // Another program, as it would have written the plan.
    let mut other: seatrial_record::SweepPlan = serde_json::from_str(&text).unwrap();
    other.program = "9.9.9 (commit 000000000000, policies 0000000000000000)".to_owned();
    other.check = other.checked();
    fs::write(&file, serde_json::to_string(&other).unwrap()).unwrap();
    let said = wrong(&["sweep", "run", &plan], 2);
    assert!(
        said.contains("it was planned by seatrial 9.9.9") && said.contains("plan again"),
        "{said}"
    );
    fs::write(&file, &text).unwrap();
    // A copy of a scenario that was touched.
    let copy =
        fs::read_dir(Path::new(&plan).join("files")).unwrap().flatten().next().unwrap().path();
    let mut copied = fs::OpenOptions::new().append(true).open(&copy).unwrap();
    copied.write_all(b" ").unwrap();
    let said = wrong(&["sweep", "run", &plan], 2);
    assert!(said.contains("it is not as it was planned"), "{said}");
    // A folder that takes no files.
    let plan = scratch.plan("full");
    fs::remove_dir_all(Path::new(&plan).join("units")).unwrap();
    fs::write(Path::new(&plan).join("units"), "no folder").unwrap();
    assert!(wrong(&["sweep", "run", &plan], 3).contains("cannot write"));
}
