//! `seatrial explain` as users run it.

mod common;

use common::{err, out, root, seatrial};
use serde_json::Value;
use std::path::PathBuf;

const SCENARIO: &str = "scenarios/thousand-users.toml";
/// Eight days of it: tenants sleep, wake and move by then.
const SHORT: [&str; 2] = ["--set", "duration=8d"];
const MINUTE: u64 = 60_000_000_000;

fn explain(more: &[&str]) -> (i32, String, String) {
    let output = seatrial(&[&["explain", SCENARIO, "--quiet"], &SHORT[..], more].concat());
    (output.status.code().unwrap_or(-1), out(&output), err(&output))
}

fn explained(more: &[&str]) -> Value {
    let (code, text, told) = explain(&[more, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{told}");
    serde_json::from_str(&text).expect("a document")
}

/// The logbook of the same run, in a folder of its own.
struct Logged(PathBuf);

impl Logged {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("seatrial-{name}-{}.logbook", std::process::id()));
        let file = path.display().to_string();
        let output =
            seatrial(&[&["run", SCENARIO, "--quiet", "--logbook", &*file], &SHORT[..]].concat());
        // A claim of the scenario does not hold in so few days.
        assert!(matches!(output.status.code(), Some(0 | 1)), "{}", err(&output));
        Self(path)
    }

    fn replay(&self, more: &[&str]) -> String {
        let file = self.0.display().to_string();
        let output = seatrial(&[&["replay", &*file], more].concat());
        assert_eq!(output.status.code(), Some(0), "{}", err(&output));
        out(&output)
    }

    /// What was done by a moment about somebody: when, by which policy, its number, and what it says.
    fn decided(&self, of: &str, until: f64) -> Vec<(String, String, u64, String)> {
        let text = self.replay(&["--tell", "actions", "--format", "json"]);
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line"));
        let about = lines.filter(|line| {
            line["target"] == of && line["seconds"].as_f64().is_some_and(|at| at <= until)
        });
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        about
            .map(|of| {
                (
                    word(&of["at"]),
                    word(&of["policy"]),
                    of["id"].as_u64().unwrap_or(0),
                    word(&of["says"]),
                )
            })
            .collect()
    }

    /// What a view of that moment has of a tenant.
    fn tenant(&self, name: &str, at: &str) -> Value {
        let view: Value = serde_json::from_str(&self.replay(&["--view", at])).expect("a view");
        let tenants = view["tenants"].as_array().expect("tenants");
        tenants.iter().find(|of| of["name"] == name).expect("it is there").clone()
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// A moment as logbooks tell it.
fn told(at: u64) -> String {
    let seconds = at / 1_000_000_000;
    let (hours, minutes) = (seconds / 3_600 % 24, seconds / 60 % 60);
    format!("{} d {hours:02}:{minutes:02}:{:02}", seconds / 86_400, seconds % 60)
}

#[test]
fn the_story_of_a_tenant_is_that_of_the_logbook_event_by_event() {
    let logged = Logged::new("explain");
    let (until, seconds) = ("7 d 06:00:00", 7.25 * 86_400.0);
    let (mut acts, mut changes) = (0, 0);
    for tenant in ["tenant-17", "tenant-700", "tenant-980"] {
        let of = explained(&["--at", until, "--tenant", tenant]);
        let story = of["subject"]["story"].as_array().expect("a story");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let decided = story.iter().filter(|row| row["policy"].is_string()).map(|row| {
            let says = format!("{}: {}", word(&row["what"]), word(&row["why"]));
            let at = told(row["at"].as_u64().unwrap_or(0));
            (at, word(&row["policy"]), row["action"].as_u64().unwrap_or(0), says)
        });
        let decided: Vec<_> = decided.collect();
        assert_eq!(decided, logged.decided(tenant, seconds), "{tenant}");
        acts += decided.len();
        // Between two changes that were seen nothing else is seen: views in between agree with the last of them.
        let seen: Vec<u64> = story
            .iter()
            .filter(|row| row["policy"].is_null())
            .map(|row| row["at"].as_u64().unwrap_or(0))
            .filter(|at| *at > MINUTE)
            .collect();
        let parts = |at: &str| {
            let row = logged.tenant(tenant, at);
            let session = row["session"]["value"].clone();
            [row["node"].clone(), row["stage"].clone(), row["phase"].clone(), session]
        };
        for pair in seen.windows(2).take(3) {
            let after = parts(&told(pair[0]));
            assert_ne!(parts(&told(pair[0] - MINUTE / 4)), after, "{tenant} at {}", told(pair[0]));
            assert_eq!(parts(&told(pair[1] - MINUTE / 4)), after, "{tenant} at {}", told(pair[1]));
            changes += 1;
        }
        // The row is that of the view.
        assert_eq!(of["subject"]["row"], logged.tenant(tenant, until), "{tenant}");
    }
    assert!(acts >= 4 && changes >= 4, "{acts} actions, {changes} changes: too few to compare");
}

#[test]
fn the_same_policies_go_on_to_the_last_byte_and_others_part() {
    for at in ["3 d", "4 d 10:00:07", "0 s"] {
        let same = explained(&["--at", at, "--fork", "policies/thousand-users.toml"]);
        assert_eq!(same["fork"]["identical"], true, "{at}");
        assert_eq!(same["fork"]["metrics"].as_array().map(Vec::len), Some(0));
        assert!(same["fork"]["parting"].is_null());
    }
    // A logbook of what follows is the same, too.
    let other = std::env::temp_dir().join(format!("seatrial-fork-{}.toml", std::process::id()));
    let text = std::fs::read_to_string(root().join("policies/thousand-users.toml")).unwrap();
    std::fs::write(&other, text.replace("spare_for = \"2 h\"", "spare_for = \"9 h\"")).unwrap();
    let file = other.display().to_string();
    let parted = explained(&["--at", "3 d", "--fork", &file]);
    assert_eq!(parted["fork"]["identical"], false);
    let sides = ["first", "second"].map(|side| parted["fork"]["parting"][side]["at"].as_u64());
    let at = sides.into_iter().flatten().min().expect("they part");
    assert!(at > 3 * 1_440 * MINUTE, "before the fork: {at}");
    let (code, text, _) = explain(&["--at", "3 d", "--fork", &file]);
    assert_eq!(code, 0);
    for part in [
        "from 3 d 00:00:00 on",
        "actions that are the same",
        "What comes out otherwise",
        "bill_month",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let _ = std::fs::remove_file(&other);
}

#[test]
fn a_moment_says_what_was_seen_decided_and_in_flight() {
    // Seconds after a tenant is woken its wake-up is in flight.
    let story = explained(&["--at", "7 d", "--tenant", "tenant-700"]);
    let mut found = false;
    for tenant in 600..760 {
        let name = format!("tenant-{tenant}");
        let story = explained(&["--at", "7 d", "--tenant", &name]);
        let rows = story["subject"]["story"].as_array().expect("a story").clone();
        let Some(wake) = rows.iter().find(|row| row["what"] == "wake") else { continue };
        let at = told(wake["at"].as_u64().unwrap_or(0));
        let then = explained(&["--at", &at, "--tenant", &name]);
        let flights = then["flights"].as_array().expect("flights");
        let own = flights.iter().find(|of| of["target"] == *name).expect("it is in flight");
        assert_eq!(
            (&own["what"], &own["since"], &own["waits"]),
            (&"wake".into(), &wake["at"], &true.into())
        );
        let decided = then["decided"].as_array().expect("decisions");
        assert!(
            decided.iter().any(|of| of["target"] == *name && of["what"] == "wake"),
            "{decided:?}"
        );
        assert_eq!(then["looked"], then["at"]);
        found = true;
        break;
    }
    assert!(found, "nobody was woken");
    let pools = story["seen"].as_array().expect("rows").iter();
    assert_eq!(
        pools.filter(|of| of["of"].as_str().is_some_and(|of| of.starts_with("pool "))).count(),
        4
    );
}

#[test]
fn machines_have_a_story_and_so_have_services() {
    let machine = explained(&["--at", "6 d", "--node", "worker-low-1"]);
    let story = machine["subject"]["story"].as_array().expect("a story");
    let comes = |row: &&Value| row["what"].as_str().is_some_and(|of| of.contains("tenant-0 comes"));
    assert_eq!(story.iter().filter(comes).count(), 1);
    assert!(story.iter().any(|row| row["what"] == "tenant-0: place on worker-low-1"));
    let output = seatrial(&[
        "explain",
        "scenarios/scale-out.toml",
        "--at",
        "2 h",
        "--service",
        "portal",
        "--format",
        "json",
    ]);
    let service: Value =
        serde_json::from_str(&out(&output)).unwrap_or_else(|_| panic!("{}", err(&output)));
    let story = service["subject"]["story"].as_array().expect("a story");
    assert!(
        story.iter().any(|row| row["what"].as_str().is_some_and(|of| of.starts_with("scale to"))),
        "{story:?}"
    );
    assert!(
        story
            .iter()
            .any(|row| row["what"].as_str().is_some_and(|of| of.contains("replicas wanted")))
    );
}

#[test]
fn while_the_policies_are_down_their_last_look_is_told() {
    let of = |at: &str| {
        let down =
            ["explain", "scenarios/chaos/policy-process-down.toml", "--at", at, "--format", "json"];
        let output = seatrial(&down);
        serde_json::from_str::<Value>(&out(&output)).unwrap_or_else(|_| panic!("{}", err(&output)))
    };
    let (before, during) = (of("33 h"), of("1 d 10:30:00"));
    assert_eq!(before["looked"], before["at"]);
    let [looked, at] = ["looked", "at"].map(|of| during[of].as_u64().unwrap_or(0));
    assert!(looked + 10 * MINUTE < at, "looked at {}, asked about {}", told(looked), told(at));
    assert!(during["seen"].as_array().is_some_and(|rows| rows.len() > 4));
}

#[test]
fn what_is_not_there_is_said() {
    for (arguments, part) in [
        (&["--at", "soon"][..], "--at: `soon` is no moment of a run"),
        (
            &["--at", "0 s", "--set", "tiers.free.start=awake", "--node", "x"],
            "--node: there is no node `x`",
        ),
        (&["--at", "9 d"], "--at: the run is over after 8 d"),
        (
            &["--at", "1 d", "--tenant", "nobody"],
            "there is no tenant `nobody` by then; there is tenant-0, tenant-1, tenant-2",
        ),
        (
            &["--at", "1 d", "--node", "nothing"],
            "there is no node `nothing` by then; there is worker-",
        ),
        (&["--at", "1 d", "--service", "pages"], "there is no service `pages` by then"),
        (&["--at", "1 d", "--fork", "policies/plan-z.toml"], "plan-z.toml"),
        (&["--at", "1 d", "--tenant", "tenant-1", "--node", "worker-low-1"], "cannot be used with"),
        (&[], "--at"),
    ] {
        let (code, _, told) = explain(arguments);
        assert!(code == 2 && told.contains(part), "{arguments:?}: {told}");
    }
    let output = seatrial(&["explain", "scenarios/queue.toml", "--at", "1 s"]);
    assert_eq!(output.status.code(), Some(2), "{}", out(&output));
}
