//! `seatrial sweep` over any values, in one process, as users run it.

mod common;

use common::{err, out, seatrial};
use serde_json::{Value, json};
use std::path::PathBuf;

const QUEUE: [&str; 4] = ["sweep", "scenarios/queue.toml", "--set", "duration=8h"];
/// More servers and more calls: some of the combinations break it.
const SERVERS: [&str; 2] = ["--vary", "services.desk.concurrency=9..11"];
const CALLS: [&str; 2] = ["--vary", "traffic.calls.arrivals.rate=8/s,10/s"];

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("seatrial-sweep-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// The queue with an objective beside its claims.
fn scenario(folder: &std::path::Path) -> String {
    let base = common::root().join("scenarios/queue.toml");
    let file = folder.join("queue.toml");
    let objective =
        "[[objectives]]\nname = \"quick\"\nmetric = \"wait_mean.desk\"\nat_most = \"2 s\"\n";
    std::fs::write(&file, format!("extends = {base:?}\nwarm_up = \"1 h\"\n{objective}")).unwrap();
    file.display().to_string()
}

fn swept(arguments: &[&str]) -> (i32, String, String) {
    let output = seatrial(arguments);
    (output.status.code().unwrap_or(-1), out(&output), err(&output))
}

#[test]
fn several_axes_are_a_line_a_point_and_each_objective_has_its_places() {
    let folder = folder("grid");
    let file = scenario(&folder);
    let arguments = [&["sweep", &*file, "--set", "duration=8h"], &SERVERS[..], &CALLS[..]].concat();
    let (code, text, told) = swept(&arguments);
    assert_eq!(code, 1, "{told}");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert!(
        lines[1].starts_with("services.desk.concurrency  traffic.calls.arrivals.rate"),
        "{text}"
    );
    // The last axis moves first.
    for (at, point) in [(3, "9 "), (4, "9 "), (5, "10 "), (8, "11 ")] {
        assert!(lines[at].starts_with(point), "{text}");
    }
    // Ten calls a second are more than nine servers do, and than ten; eight are fewer than any.
    assert!(text.contains("quick breaks at 2 of 6 points: (9, 10/s), (10, 10/s)"), "{text}");
    assert!(text.contains("along services.desk.concurrency: it holds at all 3 values"), "{text}");
    assert!(
        text.contains("along traffic.calls.arrivals.rate: first at 10/s; it holds at 8/s"),
        "{text}"
    );
    let (_, json, _) = swept(&[&arguments[..], &["--format", "json"]].concat());
    let json: Value = serde_json::from_str(&json).unwrap();
    let point = &json[0]["points"][1];
    let at = json!({ "services.desk.concurrency": 9, "traffic.calls.arrivals.rate": "10/s" });
    assert_eq!(point["at"], at);
    assert_eq!(point["run"]["objectives"][0]["holds"], false);
    assert_eq!(json[0]["breaks"][0]["points"], json!([1, 3]));
    let (_, markdown, _) = swept(&[&arguments[..], &["--format", "markdown"]].concat());
    assert!(markdown.contains("| 9 | 10/s | "), "{markdown}");
}

#[test]
fn each_point_is_what_a_run_with_its_values_finds() {
    let folder = folder("same");
    let written = folder.display().to_string();
    let sweep = [&QUEUE[..], &SERVERS, &["--reps", "2", "--out", &written]].concat();
    let (code, _, told) = swept(&sweep);
    assert_eq!(code, 0, "{told}");
    let text = std::fs::read_to_string(folder.join("sweep.json")).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["version"], 1);
    let set = "services.desk.concurrency=11";
    let run = ["run", "scenarios/queue.toml", "--set", "duration=8h", "--set", set, "--reps", "2"];
    let run = out(&seatrial(&[&run[..], &["--format", "json"]].concat()));
    let run: Value = serde_json::from_str(&run).unwrap();
    assert_eq!(document["scenarios"][0]["points"][2]["run"], run);
    // Again, and on one thread, it is the same to the byte.
    let (_, _, told) = swept(&[&sweep[..], &["--threads", "1"]].concat());
    assert_eq!(std::fs::read_to_string(folder.join("sweep.json")).unwrap(), text, "{told}");
}

#[test]
fn values_of_the_policy_file_are_varied_and_tenants_are_an_axis_like_others() {
    let file = "scenarios/thousand-users.toml";
    let key = "policies.threshold.spare_for";
    let short = ["sweep", file, "--set", "duration=1d", "--tenants", "50,100", "--format", "json"];
    let vary = format!("{key}=1h,4h");
    let (code, text, told) = swept(&[&short[..], &["--vary", &vary]].concat());
    // Within a day none of fifty is woken, and nothing holds of what was not measured.
    assert_eq!(code, 1, "{told}");
    let found: Value = serde_json::from_str(&text).unwrap();
    let points = found[0]["points"].as_array().unwrap();
    let at: Vec<&Value> = points.iter().map(|point| &point["at"]).collect();
    let point = |tenants: u32, spare: &str| json!({ "tenants": tenants, key: spare });
    assert_eq!(at, [&point(50, "1h"), &point(50, "4h"), &point(100, "1h"), &point(100, "4h")]);
    // Other policies, and other tenants.
    let digest = |at: usize| points[at]["run"]["policy_digest"].as_str().unwrap();
    assert!(digest(0) != digest(1) && digest(0) == digest(2), "{text}");
    let record = |at: usize| points[at]["run"]["record_digest"].as_str().unwrap();
    assert!(record(0) != record(2), "{text}");
    // The long form of the axis is the same.
    let long =
        ["sweep", file, "--set", "duration=1d", "--vary", "tenants=50,100", "--format", "json"];
    assert_eq!(swept(&long).1, swept(&short).1);
}

#[test]
fn axes_come_from_a_file_and_some_of_all_points_are_drawn() {
    let folder = folder("latin");
    let axes = folder.join("axes.toml");
    let text = "[[axes]]\nkey = \"services.desk.concurrency\"\nvalues = \"10..19\"\n\
                [[axes]]\nkey = \"traffic.calls.arrivals.rate\"\nvalues = [\"6/s\", \"7/s\"]\n";
    std::fs::write(&axes, text).unwrap();
    let axes = axes.display().to_string();
    let sweep = [&QUEUE[..], &["--axes", &axes, "--latin", "10", "--format", "json"]].concat();
    let (code, text, told) = swept(&sweep);
    assert_eq!(code, 0, "{told}");
    let found: Value = serde_json::from_str(&text).unwrap();
    let points = found[0]["points"].as_array().unwrap();
    let value = |at: usize, key: &str| points[at]["at"][key].to_string();
    let all = |key: &'static str| (0..points.len()).map(move |at| value(at, key));
    let mut servers: Vec<String> = all("services.desk.concurrency").collect();
    servers.sort();
    assert_eq!(servers, (10..20).map(|of| of.to_string()).collect::<Vec<_>>());
    let rates: Vec<String> = all("traffic.calls.arrivals.rate").collect();
    assert_eq!(rates.iter().filter(|rate| *rate == "\"6/s\"").count(), 5);
    assert_eq!(swept(&sweep).1, text);
    // Those that come out the same are one, which is said.
    let few = ["--vary", "seed=1,2", "--latin", "9"];
    let (_, _, told) = swept(&[&QUEUE[..], &few].concat());
    assert!(told.contains("of 9 points that were drawn 2 differ"), "{told}");
    assert_ne!(swept(&[&sweep[..], &["--latin-seed", "2"]].concat()).1, text);
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_what_to_do() {
    let file = "scenarios/queue.toml";
    for (arguments, parts) in [
        (&["--vary", "services.desk.concurrency=4..1"][..], &["--vary: ", "1..4"][..]),
        (&["--vary", "services.dsk.concurrency=1..4"][..], &["did you mean `desk`?", "E001"][..]),
        (
            &["--vary", "services.desk.concurrency=0..2"][..],
            &["1 of 3 points cannot be run", "first of them: services.desk.concurrency=0"][..],
        ),
        (&["--vary", "seed=1", "--vary", "seed=2"][..], &["`seed` is varied twice"][..]),
        (&["--tenants", "5000001"][..], &["--tenants", "at most 5000000"][..]),
        (&["--vary", "tenants=some"][..], &["`some` is no number of tenants"][..]),
        (&[][..], &["nothing is varied", "--vary pools.front.count=1..4"][..]),
        (&["--axes", "nowhere.toml"][..], &["there is no file `nowhere.toml`"][..]),
        (
            &["--vary", "seed=1..1000", "--vary", "duration=1h,2h", "--vary", "warm_up=0..99"][..],
            &["200000 points are too many", "--latin 200"][..],
        ),
        (&["--vary", "seed=1..100000", "--reps", "3"][..], &["--reps", "250000 runs"][..]),
        (&[file, "--vary", "seed=1..2"][..], &["it is named twice"][..]),
        (&["--latin-seed", "2", "--vary", "seed=1..2"][..], &["--latin"][..]),
    ] {
        let (code, text, told) = swept(&[&["sweep", file], arguments].concat());
        assert_eq!((code, &*text), (2, ""), "{arguments:?}: {told}");
        for part in parts {
            assert!(told.contains(part), "{arguments:?}: no `{part}` in {told}");
        }
    }
    let (code, _, told) = swept(&[&QUEUE[..], &SERVERS, &["--out", "Cargo.toml/no"]].concat());
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("cannot write"), "{told}");
}

#[test]
fn a_scenario_that_is_called_like_a_command_is_still_one() {
    let folder = folder("plan");
    std::fs::rename(scenario(&folder), folder.join("plan")).unwrap();
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_seatrial"));
        let output = command.args(arguments).current_dir(&folder).output().unwrap();
        (output.status.code(), out(&output), err(&output))
    };
    let more = ["--set", "duration=2h", "--vary", "seed=1,2"];
    for arguments in [["sweep", "./plan"], ["sweep", "--"]] {
        let arguments = match arguments {
            // Behind `--` all are files.
            [_, "--"] => [&["sweep"], &more[..], &["--", "plan"]].concat(),
            _ => [&arguments[..], &more].concat(),
        };
        let (code, text, told) = run(&arguments);
        assert_eq!(code, Some(0), "{told}");
        assert!(text.contains("Nothing breaks."), "{text}");
    }
}
