//! What a trace has: read back with protoc, which shares no code with the writer, and held to the record and the tables of
//! the same run.

#[expect(dead_code, reason = "other tests use the rest")]
mod common;
#[path = "common/perfetto.rs"]
mod perfetto;

use common::{err, root, seatrial};
use perfetto::{Event, Trace};
use seatrial_tables::{Rows, read};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// A folder with a run, and its trace.
struct Traced(PathBuf);

impl Traced {
    fn new(name: &str, scenario: &[&str]) -> Self {
        let folder =
            std::env::temp_dir().join(format!("seatrial-trace-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let of = Self(folder);
        let path = of.0.display().to_string();
        let run = seatrial(
            &[&["run"], scenario, &["--fail-on", "nothing", "--quiet", "--out", &path]].concat(),
        );
        assert_eq!(run.status.code(), Some(0), "{}", err(&run));
        of
    }

    fn trace(&self, more: &[&str]) -> Trace {
        let (path, to) = (self.0.display().to_string(), self.0.join("trace.pftrace"));
        let to = to.display().to_string();
        let output = seatrial(&[&["trace", &path, "--to", &to], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        Trace::read(&root(), to.as_ref())
    }

    fn record(&self) -> Value {
        let text = std::fs::read_to_string(self.0.join("record.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    fn table(&self, name: &str) -> Rows {
        read(&self.0.join(format!("{name}.parquet"))).unwrap()
    }
}

impl Drop for Traced {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const ZONE_LOSS: [&str; 3] = ["scenarios/chaos/zone-loss.toml", "--set", "duration=5d"];

/// By the number of an arrow, the events that it joins, in their order.
fn arrows(trace: &Trace) -> BTreeMap<u64, Vec<&Event>> {
    let mut arrows: BTreeMap<u64, Vec<&Event>> = BTreeMap::new();
    for event in &trace.events {
        event.flows.iter().for_each(|flow| arrows.entry(*flow).or_default().push(event));
    }
    arrows
}

#[test]
fn decisions_incidents_and_arrows_are_those_of_the_record() {
    if !perfetto::is_readable() {
        return;
    }
    let traced = Traced::new("record", &ZONE_LOSS);
    let (trace, record) = (traced.trace(&[]), traced.record());
    let decided: BTreeSet<u64> =
        trace.of("INSTANT", "decision").map(|of| of.notes["id"].parse().unwrap()).collect();
    let actions = record["actions"].as_array().unwrap();
    assert_eq!(decided, actions.iter().map(|of| of["id"].as_u64().unwrap()).collect());
    assert_eq!(trace.of("INSTANT", "decision").count(), actions.len());
    for (event, action) in trace.of("INSTANT", "decision").zip(actions) {
        assert_eq!(event.at, action["at"].as_u64().unwrap());
        assert_eq!(trace.path(event.track)[2], action["policy"]);
        assert!(event.name.starts_with(action["action"]["do"].as_str().unwrap()));
        assert_eq!(event.notes["reason"], action["reason"]["why"]);
        assert!(event.notes["why"].contains(event.notes["reason"].as_str()), "{event:?}");
    }
    let incidents = record["incidents"].as_array().unwrap();
    assert!(!incidents.is_empty());
    let begun: Vec<&Event> = trace.of("SLICE_BEGIN", "incident").collect();
    assert_eq!(begun.len(), incidents.len());
    let arrows = arrows(&trace);
    for (event, incident) in begun.iter().zip(incidents) {
        assert_eq!(
            (event.at, &event.name),
            (incident["at"].as_u64().unwrap(), &incident["fault"].as_str().unwrap().to_owned())
        );
        let to = |category: &str| {
            let ends = event.flows.iter().map(|flow| arrows[flow][1]);
            ends.filter(|end| {
                end.category == category && ["down", "lost"].contains(&end.name.as_str())
            })
            .count() as u64
        };
        assert_eq!(to("machine"), incident["machines"].as_u64().unwrap());
        assert!(to("tenant") >= incident["tenants"].as_u64().unwrap());
        assert_eq!(to("database"), incident["databases"].as_array().unwrap().len() as u64);
    }
    let steps = ["at", "detected", "decided", "acted", "restored", "verified", "clients_back"];
    for (event, incident) in begun.iter().zip(incidents) {
        let mut moments: BTreeSet<u64> =
            steps.iter().filter_map(|step| incident[step].as_u64()).collect();
        let last = moments.pop_last().expect("it struck");
        let here = trace.of("SLICE_BEGIN", "step").filter(|of| of.track == event.track);
        let here = here.filter(|of| event.at <= of.at && of.at <= last);
        assert_eq!(here.map(|of| of.at).collect::<BTreeSet<_>>(), moments, "{incident}");
        assert!(moments.len() > 2, "a chain of steps: {incident}");
    }
    for (number, ends) in &arrows {
        let [from, to] = ends[..] else { panic!("arrow {number} has {} ends", ends.len()) };
        assert!(["incident", "decision"].contains(&from.category.as_str()), "{from:?}");
        assert_eq!((to.kind.as_str(), from.at <= to.at), ("SLICE_BEGIN", true), "{to:?}");
        let by = if from.category == "incident" { &from.name } else { &from.notes["id"] };
        assert_eq!(&to.notes["by"], by);
    }
    let lives = traced.table("lives");
    let brought = (0..lives.len()).filter(|row| !lives.text(*row, "cause").is_empty()).count();
    assert_eq!(arrows.len(), brought, "everything that something brought about");
}

#[test]
fn hibernations_and_wakes_are_as_many_slices_as_the_run_counted() {
    if !perfetto::is_readable() {
        return;
    }
    let traced = Traced::new("sleep", &["scenarios/thousand-users.toml", "--set", "duration=9d"]);
    let (trace, record) = (traced.trace(&[]), traced.record());
    let metrics = record["metrics"].as_array().unwrap();
    let metric = |name: &str| {
        metrics.iter().find(|of| of["name"] == name).unwrap()["value"].as_f64().unwrap()
    };
    let asleep = trace.of("SLICE_BEGIN", "tenant").filter(|of| of.name.starts_with("asleep"));
    let told = asleep.filter(|of| of.notes.get("cause").is_some_and(|cause| cause == "decision"));
    assert_eq!(told.count(), metric("hibernations") as usize);
    let names: BTreeSet<&str> =
        trace.of("SLICE_BEGIN", "tenant").map(|of| of.name.as_str()).collect();
    for name in ["awake", "waking"] {
        assert!(names.contains(name), "{names:?}");
    }
    // One tenant looks alike on every machine.
    let mut alike: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
    for event in trace.of("SLICE_BEGIN", "tenant") {
        let tenant = trace.path(event.track).pop().unwrap();
        alike.entry(tenant).or_default().insert(event.alike.expect("a tenant's number"));
    }
    assert!(alike.values().all(|numbers| numbers.len() == 1));
}

#[test]
fn slices_nest_and_end_and_tenants_stand_below_their_machines() {
    if !perfetto::is_readable() {
        return;
    }
    let traced = Traced::new("nest", &ZONE_LOSS);
    let trace = traced.trace(&[]);
    let mut open: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    let (mut depth, mut ended) = (0, 0);
    for event in &trace.events {
        let here = open.entry(event.track).or_default();
        match event.kind.as_str() {
            "SLICE_BEGIN" => {
                assert!(event.category == "step" || here.is_empty(), "over another: {event:?}");
                here.push(event.at);
                depth = depth.max(here.len());
            }
            "SLICE_END" => {
                assert!(here.pop().expect("it began") <= event.at);
                ended += 1;
            }
            _ => {}
        }
    }
    assert!(open.values().all(Vec::is_empty), "all end");
    assert!(depth == 2 && ended > 1_000, "steps within incidents: {depth}, {ended}");
    let lives = traced.table("lives");
    let stands = (0..lives.len()).filter(|row| lives.text(*row, "kind") == "machine").map(|row| {
        let path = ["region", "zone", "rack", "name"].map(|column| lives.text(row, column));
        (path[3], path.into_iter().filter(|of| !of.is_empty()).collect::<Vec<_>>())
    });
    let stands: BTreeMap<&str, Vec<&str>> = stands.collect();
    let mut on_machines = 0;
    for event in trace.of("SLICE_BEGIN", "tenant") {
        let path = trace.path(event.track);
        if path[1] == "regions" {
            let machine = path[path.len() - 2];
            assert_eq!(path[2..path.len() - 1], stands[machine]);
            on_machines += 1;
        }
    }
    assert!(on_machines > 100, "{on_machines}");
    for event in trace.of("SLICE_BEGIN", "machine") {
        let path = trace.path(event.track);
        assert_eq!(path[2..], stands[path[path.len() - 1]]);
    }
}

#[test]
fn counters_agree_with_the_table_of_series_at_every_moment() {
    if !perfetto::is_readable() {
        return;
    }
    let traced = Traced::new("counters", &["scenarios/wake-storm.toml", "--set", "duration=3h"]);
    let (trace, series) = (traced.trace(&[]), traced.table("series"));
    let mut tried = BTreeMap::new();
    let mut known: BTreeMap<[&str; 3], Vec<(u64, f64)>> = BTreeMap::new();
    // A prime, so that all series and all times of the run have their turn.
    for row in (0..series.len()).step_by(97) {
        let text = |column| series.text(row, column);
        let column = match text("shape") {
            "level" | "ratio" => "mean",
            "sum" => "total",
            _ => continue,
        };
        let Some(value) = series.number(row, column).filter(|value| *value != 0.0) else {
            continue;
        };
        let key = [text("kind"), text("of"), text("series")];
        let values = known.entry(key).or_insert_with(|| match text("of") {
            "" => trace.counter(&["all together", text("series")]),
            of => trace.counter(&[of, text("series")]),
        });
        let at = (series.number(row, "from_s").unwrap() * 1e9).round() as u64;
        let then = values.iter().rev().find(|(from, _)| *from <= at).expect("a value by then");
        assert!(
            (then.1 - value).abs() <= 1e-9 * value.abs(),
            "{key:?} at {at}: {then:?}, not {value}"
        );
        *tried.entry(key).or_insert(0) += 1;
    }
    assert!(tried.len() > 10, "only {} series were tried", tried.len());
    for wanted in ["connections", "waiting", "memory_used", "retries"] {
        let any = trace.tracks.values().any(|of| of.name == wanted && of.unit.is_some());
        assert!(any, "no counter {wanted}");
    }
}

#[test]
fn trouble_is_where_more_than_one_call_in_twenty_is_tried_again_or_fails() {
    if !perfetto::is_readable() {
        return;
    }
    let traced = Traced::new("trouble", &["scenarios/wake-storm.toml", "--set", "duration=3h"]);
    let (trace, series) = (traced.trace(&[]), traced.table("series"));
    let mut calls: BTreeMap<(&str, u64), [f64; 3]> = BTreeMap::new();
    for row in (0..series.len()).filter(|row| series.text(*row, "kind") == "traffic") {
        let at = (series.number(row, "from_s").unwrap() * 1e9).round() as u64;
        let of = calls.entry((series.text(row, "of"), at)).or_default();
        let place =
            ["calls", "retries", "failed"].iter().position(|of| *of == series.text(row, "series"));
        place.into_iter().for_each(|place| of[place] = series.number(row, "total").unwrap());
    }
    let mut slices: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
    let mut begun = BTreeMap::new();
    for event in &trace.events {
        if event.category == "trouble" {
            begun.insert(event.track, event.at);
        } else if event.kind == "SLICE_END"
            && let Some(from) = begun.remove(&event.track)
        {
            let of = trace.path(event.track)[2].to_owned();
            slices.entry(of).or_default().push((from, event.at));
        }
    }
    let (mut troubled, mut fine) = (0, 0);
    for ((of, at), [calls, retries, failed]) in calls {
        let is_told = slices
            .get(of)
            .is_some_and(|all| all.iter().any(|(from, until)| *from <= at && at < *until));
        assert_eq!(is_told, calls > 0.0 && retries + failed > 0.05 * calls, "{of} at {at}");
        *if is_told { &mut troubled } else { &mut fine } += 1;
    }
    assert!(troubled > 0 && fine > 0, "{troubled} and {fine}");
}
