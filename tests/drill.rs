//! `seatrial drill`: the record of a rehearsed incident, and what it is compared with.

mod common;

use common::{err, out, seatrial};
use seatrial_record::{Drill, Held, Severity};
use std::path::{Path, PathBuf};

const ZONE: &str = "scenarios/chaos/zone-loss.toml";
const SHORT: [&str; 2] = ["--reps", "2"];

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("seatrial-drill-{name}-{}", std::process::id()));
        drop(std::fs::remove_dir_all(&path));
        Self(path)
    }

    fn hold(&self, series: &str, more: &[&str]) -> (Option<i32>, String, String) {
        let folder = self.0.display().to_string();
        let line = ["drill", ZONE, "--series", series, "--out", &folder];
        let output = seatrial(&[&line[..], &SHORT, more].concat());
        (output.status.code(), out(&output), err(&output))
    }

    /// The records in it, by name.
    fn records(&self) -> Vec<(PathBuf, Drill)> {
        let entries = std::fs::read_dir(&self.0).expect("it is there");
        let paths = entries.map(|entry| entry.expect("it can be listed").path());
        let mut paths: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|of| of == "json")).collect();
        paths.sort();
        paths.into_iter().map(|path| (path.clone(), record(&path))).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn record(path: &Path) -> Drill {
    let text = std::fs::read_to_string(path).expect("it can be read");
    serde_json::from_str(&text).expect("a record of a drill")
}

#[test]
fn a_drill_is_written_with_what_was_wished_for_beside_what_came_of_it() {
    let folder = Folder::new("written");
    let terms = ["--owner", "platform", "--due", "2027-01-15", "--date", "2026-11-30"];
    let (code, page, said) = folder.hold("zone-evacuation", &terms);
    assert_eq!(code, Some(0), "{said}");
    let records = folder.records();
    let [(path, drill)] = &records[..] else { panic!("one record: {}", records.len()) };
    let kept = std::fs::read_to_string(path.with_extension("md")).expect("a page");
    assert_eq!(kept, page);
    assert!(page.contains("simulated, not a test of production"), "{page}");
    assert_eq!((drill.held, drill.subject.runs), (Held::Simulated, 2));
    let premium = drill.targets.iter().find(|of| of.of == "premium" && of.target == Some(3_600.0));
    assert!(premium.is_some_and(|of| of.max.is_some_and(|most| (60.0..3_600.0).contains(&most))));
    let steps: Vec<&str> = drill.steps.iter().map(|of| of.step.as_str()).collect();
    assert_eq!(steps[..4], ["detected", "decided", "acted", "restored"]);
    assert!(drill.steps.iter().all(|of| of.after.is_some() && of.actor == "machine"));
    assert!(drill.verdicts.iter().all(|of| of.holds) && drill.findings.is_empty());
    assert!(drill.backups.iter().any(|of| of.of == "premium" && (of.every - 3_600.0).abs() < 1e-9));
    // None is ever replaced: the same again is the same, and another is refused.
    assert_eq!(folder.hold("zone-evacuation", &terms).0, Some(0));
    let other = ["--owner", "nobody", "--due", "2027-01-15", "--date", "2026-11-30"];
    let (code, _, said) = folder.hold("zone-evacuation", &other);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("none is replaced"), "{said}");
    assert_eq!(folder.records().len(), 1);
}

#[test]
fn a_drill_that_goes_wrong_has_findings_and_stands_beside_the_one_before() {
    let folder = Folder::new("beside");
    let (code, _, said) = folder.hold("evacuation", &[]);
    assert_eq!(code, Some(0), "{said}");
    let (path, first) = folder.records().remove(0);
    let file = path.display().to_string();
    let without = ["--set", "policies.file=policies/thousand-users.toml", "--owner", "platform"];
    let (code, page, said) = folder
        .hold("evacuation", &[&without[..], &["--last", &file, "--forecast", &file]].concat());
    assert_eq!(code, Some(1), "{said}");
    let records = folder.records();
    let second = records.iter().map(|of| &of.1).find(|of| of.id != first.id).expect("a second");
    assert_eq!(second.previous.as_deref(), Some(first.digest().as_str()));
    let high = second.findings.iter().filter(|of| of.severity == Severity::High);
    assert!(high.clone().count() >= 2, "{:?}", second.findings);
    assert!(second.findings.iter().all(|of| of.owner.as_deref() == Some("platform")));
    let slower = |beside: &Option<seatrial_record::Beside>| {
        let beside = beside.as_ref().expect("it is beside another");
        assert_eq!(beside.id, first.id);
        beside
            .rows
            .iter()
            .any(|row| row.what == "back for users, p95" && row.here > 3.0 * row.other)
    };
    assert!(slower(&second.last) && slower(&second.forecast), "{page}");
    // The one before was changed afterwards: its digest says so.
    let changed = Drill { owner: Some("somebody".to_owned()), ..first };
    assert_ne!(second.previous.as_deref(), Some(changed.digest().as_str()));
}

#[test]
fn what_cannot_be_held_is_said() {
    let folder = Folder::new("wrong");
    let (code, _, said) = folder.hold("a/b", &[]);
    assert!(code == Some(2) && said.contains("letters, digits"), "{said}");
    for (file, says) in [
        ("README.md", "no record of a drill"),
        ("nothing.json", "nothing.json"),
        ("tests/views", "tests/views"),
        ("/dev/zero", "a device"),
    ] {
        let (code, _, said) = folder.hold("series", &["--last", file]);
        assert!(code == Some(2) && said.contains(says), "{file}: {said}");
    }
    let folder = folder.0.display().to_string();
    let quiet = ["drill", "scenarios/queue.toml", "--series", "queue", "--out", &folder];
    let output = seatrial(&quiet);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("nothing strikes in it"), "{}", err(&output));
    let file = ["drill", ZONE, "--series", "zone", "--out", "README.md"];
    let output = seatrial(&file);
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
}
