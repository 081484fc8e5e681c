//! What users see of runs that start from a logbook.

mod common;

use common::{err, out, seatrial};
use seatrial_contract::view::{NodeState, Phase};
use seatrial_contract::{NodeId, TenantId};
use seatrial_policies::{
    Clock, LogbookHead, LogbookHost, LogbookMode, Rebuilt, Scribe, TurnReader,
};
use seatrial_record::{LogbookReader, LogbookWriter};
use serde_json::Value;
use std::fs::File;
use std::path::PathBuf;
use std::process::Output;

/// A folder of our own, removed at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let name = format!("seatrial-from-{name}-{}", std::process::id());
        let place = Self(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&place.0).unwrap();
        place
    }

    /// With the logbook of two days of a thousand users.
    fn two_days(name: &str) -> Self {
        let place = Self::new(name);
        let path = place.path("days");
        let to = ["--set", "duration=2d", "--logbook", &path, "--fail-on", "nothing", "--quiet"];
        fine(&seatrial(&[&["run", USERS][..], &to].concat()));
        place
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// A run of half a day from a logbook of ours.
    fn run(&self, logbook: &str, more: &[&str]) -> Output {
        let path = self.path(logbook);
        let run = ["run", USERS, "--set", "duration=12h", "--fail-on", "nothing", "--quiet"];
        seatrial(&[&run[..], &["--from-logbook", &path], more].concat())
    }

    fn document(&self, logbook: &str, more: &[&str]) -> Value {
        let output = self.run(logbook, &[more, &["--format", "json"]].concat());
        fine(&output);
        serde_json::from_str(&out(&output)).unwrap()
    }

    fn view(&self, logbook: &str, moment: &str) -> Value {
        let output = seatrial(&["replay", &self.path(logbook), "--view", moment]);
        fine(&output);
        serde_json::from_str(&out(&output)).unwrap()
    }

    /// What is refused with 2, without the name of this folder.
    fn refused(&self, output: &Output) -> String {
        assert_eq!(output.status.code(), Some(2), "{}{}", out(output), err(output));
        assert!(out(output).is_empty(), "{}", out(output));
        err(output).replace(&self.path(""), "")
    }

    /// What a bridge would have written of this cluster: in UTC, with names, and nothing decided.
    fn as_a_bridge(&self, logbook: &str, change: impl FnOnce(&mut Rebuilt)) {
        let bytes = std::fs::read(self.path("days")).unwrap();
        let mut reader = LogbookReader::open(&bytes[..]).unwrap();
        let head = LogbookHead::read(&reader.next_frame().unwrap().unwrap()).unwrap();
        let (mut last, mut turns) = (Rebuilt::default(), TurnReader::default());
        while let Some(text) = reader.next_frame().unwrap() {
            last.turn(&turns.read(&text).unwrap()).unwrap();
        }
        // The same ages, told in UTC.
        change(&mut last);
        last.names.tenants = (0..1_000).map(|number| format!("user-{number}")).collect();
        let head = LogbookHead {
            of: "docker-1".to_owned(),
            host: LogbookHost::Bridge,
            mode: LogbookMode::Observed,
            clock: Clock::Utc,
            ..head
        };
        let mut scribe = Scribe::new(head);
        let file = File::create(self.path(logbook)).unwrap();
        let mut writer = LogbookWriter::begin(file).unwrap();
        writer.append(&scribe.begin(None)).unwrap();
        writer.append(&scribe.turn(&last.view, &last.names, &Default::default())).unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

const USERS: &str = "scenarios/thousand-users.toml";

fn fine(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}{}", out(output), err(output));
}

/// Of each row, what a run must take over: used up to the last word, but no moments.
fn rows(view: &Value) -> (Vec<Value>, Vec<Value>) {
    let pick = |list: &str, keys: &[&str]| -> Vec<Value> {
        let all = view[list].as_array().unwrap().iter();
        all.map(|row| keys.iter().map(|key| row[*key].clone()).collect()).collect()
    };
    let machines = ["name", "pool", "zone", "state", "cordoned", "draining", "cpu", "memory"];
    let tenants = ["name", "tier", "node", "stage", "phase", "active"];
    (pick("nodes", &machines), pick("tenants", &tenants))
}

#[test]
fn a_run_goes_on_from_the_last_view_of_another() {
    let place = Place::two_days("goes-on");
    let output = place.run("days", &["--logbook", &place.path("next"), "--seed", "9"]);
    fine(&output);
    // The pilot looks at once, so its first view is what it started from.
    let (last, first) = (place.view("days", "last"), place.view("next", "0 s"));
    let (was, is) = (rows(&last), rows(&first));
    assert_eq!(was.0, is.0);
    assert_eq!(was.1.len(), 1_000);
    for (was, is) in was.1.iter().zip(&is.1) {
        assert_eq!(was, is);
    }
    let text = out(&output);
    let says = "from     One thousand users on plan B, with hibernation, 2 d 00:00:00, logbook ";
    assert!(text.contains(says), "{text}");
    let says = "1,000 tenants: 600 free, 250 basic, 120 pro, 30 premium; ";
    assert!(text.contains(says), "{text}");
    let repeat = text.lines().last().unwrap();
    let says = format!("--from-logbook '{}'", place.path("days"));
    assert!(repeat.contains("--seed 9") && repeat.ends_with(&says), "{repeat}");
    let replayed = seatrial(&["replay", &place.path("next")]);
    assert!(out(&replayed).contains("every one the same again"), "{}", out(&replayed));
}

#[test]
fn the_same_logbook_scenario_and_seed_give_the_same_bytes() {
    let place = Place::two_days("same");
    let one = place.document("days", &["--reps", "3", "--threads", "1"]);
    let other = place.document("days", &["--reps", "3", "--threads", "2"]);
    assert_eq!(one, other);
    let departure = &one["departure"];
    assert_eq!(departure["taken_at"], "2 d 00:00:00");
    assert_eq!(departure["check"].as_str().unwrap().len(), 16);
    assert_eq!(departure["tiers"][0]["tier"], "free");
    assert_eq!(departure["tiers"][0]["tenants"], 600);
    let earlier = place.document("days", &["--from-logbook-at", "1 d 02:00:00"]);
    assert_eq!(earlier["departure"]["taken_at"], "1 d 02:00:00");
    assert_ne!(earlier["departure"]["check"], departure["check"]);
    assert_ne!(earlier["record_digest"], one["record_digest"]);
    let own = seatrial(&["run", USERS, "--set", "duration=1h", "--format", "json"]);
    let own: Value = serde_json::from_str(&out(&own)).unwrap();
    assert!(own["departure"].is_null());
}

#[test]
fn what_a_bridge_has_seen_is_where_a_run_starts() {
    let place = Place::two_days("bridge");
    place.as_a_bridge("night", |last| {
        last.names.nodes[0] = "host-a".to_owned();
        last.view.update_node(NodeId::at(0), |row| row.draining = true);
        last.view.update_node(NodeId::at(1), |row| row.state = NodeState::Lost);
        last.view.update_tenant(TenantId::at(3), |row| row.phase = Phase::Missing);
    });
    let output = place.run("night", &["--logbook", &place.path("next")]);
    fine(&output);
    let text = out(&output);
    // Two days and 52 weeks after the Monday where moments begin.
    assert!(text.contains("from     docker-1, 1970-12-30 00:00:00Z, logbook "), "{text}");
    assert!(text.contains("1 machine no longer answered: taken to be gone; "), "{text}");
    assert!(text.contains("1 tenant was missing: left out"), "{text}");
    assert!(text.contains("1 of them closed") && text.contains(" without a machine"), "{text}");
    let view = place.view("next", "0 s");
    assert_eq!(view["nodes"][0]["name"], "host-a");
    assert_eq!(view["nodes"][0]["draining"], true);
    let names: Vec<&Value> =
        view["tenants"].as_array().unwrap().iter().map(|row| &row["name"]).collect();
    assert_eq!(names.len(), 999);
    assert_eq!((names[2], names[3]), (&"user-2".into(), &"user-4".into()));
}

#[test]
fn what_the_scenario_lacks_is_told_all_at_once() {
    let place = Place::two_days("lacks");
    let from = ["--from-logbook", &place.path("days"), "--quiet"];
    let output = seatrial(&[&["run", "scenarios/keep-alive.toml"][..], &from].concat());
    insta::assert_snapshot!(place.refused(&output));
}

#[test]
fn what_is_no_logbook_or_was_changed_is_refused() {
    let place = Place::two_days("refused");
    let mut bytes = std::fs::read(place.path("days")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(place.path("changed"), bytes).unwrap();
    std::fs::write(place.path("poem"), "the sea, the sea").unwrap();
    let says = |logbook: &str, more: &[&str]| place.refused(&place.run(logbook, more));
    assert!(says("poem", &[]).contains("poem: this is no logbook of Seatrial's"));
    assert!(says("nowhere", &[]).contains("nowhere: the logbook cannot be read: "));
    assert!(says("changed", &[]).contains("the logbook was changed: the frame at byte "));
    let when = says("days", &["--from-logbook-at", "whenever"]);
    assert!(when.contains("--from-logbook-at: `whenever` is no moment here"), "{when}");
    let alone = ["run", USERS, "--from-logbook-at", "1 h"];
    assert_eq!(seatrial(&alone).status.code(), Some(2));
}

#[test]
fn the_help_says_who_says_what() {
    let help = out(&seatrial(&["run", "--help"]));
    let start = help.find("--from-logbook").expect("the option");
    let end = help[start..].find("--fail-on").expect("the next") + start;
    insta::assert_snapshot!(help[start..end].trim_end());
}
