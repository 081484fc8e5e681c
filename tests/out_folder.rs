//! What `--out` leaves behind: the files of exactly one run, and whatever others keep there.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Self(
            std::env::temp_dir().join(format!("seatrial-out-folder-{name}-{}", std::process::id())),
        );
        let _ = std::fs::remove_dir_all(&folder.0);
        folder
    }

    fn write(&self, scenario: &[&str]) -> Output {
        let path = self.0.display().to_string();
        let more = ["--fail-on", "nothing", "--out", &path];
        seatrial(&[&["run"], scenario, &more].concat())
    }

    fn names(&self) -> BTreeSet<String> {
        let entries = std::fs::read_dir(&self.0).unwrap().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    fn listed(&self) -> BTreeSet<String> {
        let text = std::fs::read_to_string(self.0.join("files.json")).unwrap();
        let list: Value = serde_json::from_str(&text).unwrap();
        let files = list["files"].as_array().unwrap().iter();
        let names = files.map(|file| file["name"].as_str().unwrap().to_owned());
        names.chain(["files.json".to_owned()]).collect()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
        let _ = std::fs::remove_file(&self.0);
    }
}

const TENANTS: [&str; 3] = ["scenarios/thousand-users.toml", "--set", "duration=1d"];
const QUEUE: [&str; 5] = ["scenarios/queue.toml", "--set", "duration=2h", "--set", "warm_up=10min"];

fn fine(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
}

#[test]
fn a_folder_holds_the_files_of_the_last_run_and_of_no_other() {
    let (used, fresh) = (Folder::new("used"), Folder::new("fresh"));
    fine(&used.write(&TENANTS));
    assert!(used.names().contains("bill.svg"), "{:?}", used.names());
    fine(&used.write(&QUEUE));
    fine(&fresh.write(&QUEUE));
    assert!(!fresh.names().contains("bill.svg"), "a queue has no bill: {:?}", fresh.names());
    assert_eq!(used.names(), fresh.names());
    assert_eq!(used.names(), used.listed());
    for name in fresh.names() {
        let read = |folder: &Folder| std::fs::read(folder.0.join(&name)).unwrap();
        assert!(read(&used) == read(&fresh), "{name} differs");
    }
}

#[test]
fn what_others_keep_there_stays_and_is_told() {
    let folder = Folder::new("others");
    fine(&folder.write(&TENANTS));
    std::fs::write(folder.0.join("notes.txt"), "mine").unwrap();
    std::fs::create_dir(folder.0.join("more")).unwrap();
    let output = folder.write(&QUEUE);
    fine(&output);
    assert!(
        err(&output).contains("`more` and 1 more, which no run wrote, stays"),
        "{}",
        err(&output)
    );
    assert_eq!(std::fs::read_to_string(folder.0.join("notes.txt")).unwrap(), "mine");
    assert!(folder.0.join("more").is_dir());
}

#[test]
fn a_file_of_somebody_else_with_our_name_is_not_written_over() {
    let folder = Folder::new("foreign");
    std::fs::create_dir_all(&folder.0).unwrap();
    std::fs::write(folder.0.join("summary.txt"), "mine").unwrap();
    let output = folder.write(&QUEUE);
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    assert!(err(&output).contains("summary.txt: no run is known to have written it"));
    assert!(out(&output).is_empty(), "it ran all the same");
    assert_eq!(std::fs::read_to_string(folder.0.join("summary.txt")).unwrap(), "mine");
}

#[test]
fn a_list_that_was_forged_removes_nothing_elsewhere() {
    let (folder, victim) = (Folder::new("forged"), Folder::new("victim"));
    fine(&folder.write(&QUEUE));
    std::fs::write(&victim.0, "mine").unwrap();
    let name = victim.0.file_name().unwrap().to_string_lossy();
    let list = folder.0.join("files.json");
    let text = std::fs::read_to_string(&list).unwrap();
    std::fs::write(&list, text.replacen("summary.txt", &format!("../{name}"), 1)).unwrap();
    std::fs::remove_file(folder.0.join("summary.txt")).unwrap();
    fine(&folder.write(&QUEUE));
    assert_eq!(std::fs::read_to_string(&victim.0).unwrap(), "mine");
}

#[test]
fn what_cannot_be_written_fails_before_the_run() {
    let folder = Folder::new("file");
    std::fs::write(&folder.0, "no folder").unwrap();
    let below = folder.0.join("below").display().to_string();
    let wrong = |more: &[&str]| {
        let output = seatrial(&[&["run"], &TENANTS[..], more].concat());
        assert_eq!(output.status.code(), Some(3), "{more:?}: {}", err(&output));
        assert!(out(&output).is_empty(), "{more:?} ran all the same");
        assert!(err(&output).contains("cannot write"), "{more:?}: {}", err(&output));
    };
    wrong(&["--out", &below]);
    wrong(&["--logbook", &below]);
    let other = folder.0.display().to_string();
    wrong(&["--logbook", &other]);
    assert_eq!(std::fs::read_to_string(&folder.0).unwrap(), "no folder");
    // Neither is begun where the other cannot be written.
    let logbook = Folder::new("logbook");
    wrong(&["--out", &below, "--logbook", &logbook.0.display().to_string()]);
    assert!(!Path::new(&logbook.0).exists());
}

#[test]
fn figures_of_the_first_of_several_runs_are_told_as_such() {
    let folder = Folder::new("reps");
    let output = folder.write(&[&TENANTS[..], &["--reps", "2"]].concat());
    fine(&output);
    let says = out(&output);
    for told in
        ["tenants (first run)", "over time (first run)", "in the first run", "reason (first"]
    {
        assert!(says.contains(told), "no `{told}` in\n{says}");
    }
    let list = std::fs::read_to_string(folder.0.join("files.json")).unwrap();
    let list: Value = serde_json::from_str(&list).unwrap();
    let of = |name: &str| {
        let files = list["files"].as_array().unwrap();
        files.iter().find(|file| file["name"] == name).unwrap()["of"].clone()
    };
    assert_eq!(of("bill.svg"), "the first of 2 runs, seed 4");
    assert_eq!(of("days.csv"), "the first of 2 runs, seed 4");
    assert_eq!(of("metrics.csv"), "all 2 runs");
    let one = out(&seatrial(&[&["run"], &TENANTS[..]].concat()));
    assert!(!one.contains("first run"), "{one}");
}
