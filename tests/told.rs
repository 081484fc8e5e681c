//! Documents for programs tell things by name and moments as Seatrial tells them, with seconds
//! beside them; no index and no nanosecond is left.

mod common;

use common::{err, out, seatrial};
use seatrial_contract::units::{Moment, Span};
use seatrial_policies::Clock;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("seatrial-told-{name}-{}", std::process::id())))
    }

    fn text(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What is wrong with a told value: an index where there should be a name, or a moment or span that
/// nobody reads.
fn untold(way: &str, value: &Value, wrong: &mut Vec<String>) {
    const NAMED: [&str; 10] =
        ["tenant", "node", "unit", "pool", "pooler", "tier", "service", "owed", "target", "policy"];
    let key = way.rsplit('/').next().unwrap_or_default();
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, value)| untold(&format!("{way}/{key}"), value, wrong));
        }
        Value::Array(all) => all.iter().for_each(|value| untold(way, value, wrong)),
        Value::Number(_) if NAMED.contains(&key) => wrong.push(format!("{way}: {value}")),
        Value::String(text) => {
            let span = serde_json::from_value::<Span>(text.as_str().into());
            // A simulated moment is at least 52 weeks after the simulator's zero.
            let long = span.is_ok_and(|span| span >= Span::days(364));
            if long || text.ends_with(" ns") {
                wrong.push(format!("{way}: {value}"));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn all_told(documents: &[Value]) {
    let mut wrong = Vec::new();
    documents.iter().for_each(|document| untold("", document, &mut wrong));
    wrong.truncate(10);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn run(scenario: &str, duration: &str, to: &Place, more: &[&str]) {
    let duration = format!("duration={duration}");
    let line = ["run", scenario, "--quiet", "--fail-on", "nothing", "--set", &duration];
    let output = seatrial(&[&line[..], &["--out", &to.text()], more].concat());
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
}

fn read(folder: &Place, name: &str) -> String {
    std::fs::read_to_string(folder.0.join(name)).unwrap()
}

#[test]
fn actions_are_written_with_names_and_moments() {
    let (folder, logbook) = (Place::new("actions"), Place::new("actions-logbook"));
    run("scenarios/thousand-users.toml", "2d", &folder, &["--logbook", &logbook.text()]);
    let actions = lines(&read(&folder, "actions.jsonl"));
    all_told(&actions);
    let verbs: BTreeMap<&str, &Value> =
        actions.iter().map(|line| (line["action"]["do"].as_str().unwrap(), line)).collect();
    let hibernate = verbs["hibernate"];
    assert!(hibernate["action"]["tenant"].as_str().unwrap().starts_with("tenant-"), "{hibernate}");
    assert!(hibernate["action"]["stage"].is_string(), "{hibernate}");
    assert!(hibernate["reason"]["idle"].as_str().unwrap().contains(" d"), "{hibernate}");
    assert!(hibernate["reason"]["idle_seconds"].as_f64().unwrap() > 86_400.0, "{hibernate}");
    let place = &verbs["place"]["action"];
    assert!(place["node"].as_str().unwrap().starts_with("worker-"), "{place}");
    assert!(verbs["add-nodes"]["action"]["pool"].as_str().unwrap().starts_with("worker-"));
    let wake = &verbs["wake"]["reason"];
    assert!(wake["since"].is_string() && wake["since_seconds"].is_number(), "{wake}");
    // The logbook tells the same actions of the same targets, in the same order.
    let told = seatrial(&["replay", &logbook.text(), "--tell", "actions", "--format", "json"]);
    let told = lines(&out(&told));
    all_told(&told);
    let later: Vec<&Value> = told.iter().filter(|line| line["at"] != "0 d 00:00:00").collect();
    let written: Vec<&Value> = actions.iter().filter(|line| line["at"] != "0 d 00:00:00").collect();
    assert!(later.len() > 50 && later.len() == written.len(), "{} {}", later.len(), written.len());
    for (told, written) in later.iter().zip(written) {
        for key in ["at", "seconds", "id", "policy", "action", "reason"] {
            assert_eq!(told[key], written[key], "{key} of {written}");
        }
    }
}

#[test]
fn moments_of_files_are_those_of_logbooks() {
    let folder = Place::new("moments");
    run("scenarios/thousand-users.toml", "2d", &folder, &[]);
    let clock = Clock::Run { starts: Moment::START };
    let check = |at: &str, seconds: f64| {
        let moment = Moment::START.after(Span::from_seconds(seconds));
        assert_eq!(clock.tell(moment), at);
    };
    for line in lines(&read(&folder, "actions.jsonl")) {
        check(line["at"].as_str().unwrap(), line["seconds"].as_f64().unwrap());
    }
    let nodes = read(&folder, "nodes.csv");
    assert!(nodes.starts_with("at,seconds,pool,ready,booting\n"), "{nodes}");
    assert!(nodes.lines().count() > 5);
    for line in nodes.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        check(cells[0], cells[1].parse().unwrap());
    }
    assert!(read(&folder, "tenants.csv").lines().nth(1).unwrap().starts_with("tenant-0,free,"));
}

#[test]
fn services_and_connections_are_named_too() {
    for (scenario, verb, key) in [
        ("scenarios/scale-out.toml", "scale", "service"),
        ("scenarios/connection-budget.toml", "limit-connections", "pooler"),
    ] {
        let folder = Place::new(verb);
        run(scenario, "2h", &folder, &["--set", "warm_up=1min"]);
        let actions = lines(&read(&folder, "actions.jsonl"));
        all_told(&actions);
        let one = actions.iter().find(|line| line["action"]["do"] == verb);
        assert!(one.unwrap_or_else(|| panic!("no {verb}"))["action"][key].is_string());
    }
}

#[test]
fn a_view_of_a_logbook_is_told_as_the_logbook_tells_and_decided_on_as_it_was() {
    let (folder, logbook, view) =
        (Place::new("view-out"), Place::new("view-logbook"), Place::new("view.json"));
    run("scenarios/thousand-users.toml", "2d", &folder, &["--logbook", &logbook.text()]);
    let text = out(&seatrial(&["replay", &logbook.text(), "--view", "1 d 09:00:00"]));
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["taken_at"], "1 d 09:00:00");
    all_told(&document["nodes"].as_array().unwrap().clone());
    all_told(&document["tenants"].as_array().unwrap().clone());
    std::fs::write(&view.0, &text).unwrap();
    let decide = |view: &Path| {
        let view = view.display().to_string();
        let line = ["decide", "--policy", "policies/thousand-users.toml", "--view", &view];
        let output = seatrial(&[&line[..], &["--format", "json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        let document: Value = serde_json::from_str(&out(&output)).unwrap();
        document["decisions"].as_array().unwrap().clone()
    };
    let decisions = decide(&view.0);
    assert!(decisions.len() > 100, "{}", decisions.len());
    all_told(&decisions);
    // The same view with its moments counted from zero, as they were written by hand.
    let (parsed, clock) = seatrial_policies::read_view(&text).unwrap();
    assert!(clock.is_some());
    std::fs::write(&view.0, serde_json::to_string(&parsed).unwrap()).unwrap();
    let says = |all: Vec<Value>| -> Vec<Value> {
        all.into_iter().map(|mut one| one["says"].take()).collect()
    };
    assert_eq!(says(decide(&view.0)), says(decisions));
}

#[test]
fn a_view_that_says_a_moment_wrongly_is_told_where() {
    let view = Place::new("wrong.json");
    let text = r#"{"clock":{"run":{"starts":"364 d"}},"taken_at":"noon","tiers":[],"pools":[]}"#;
    std::fs::write(&view.0, text).unwrap();
    let line = ["decide", "--policy", "policies/thousand-users.toml", "--view", &view.text()];
    let output = seatrial(&line);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("taken_at: `noon` is no moment of its clock"),
        "{}",
        err(&output)
    );
}
