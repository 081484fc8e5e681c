//! `seatrial trace` and `seatrial run --trace`: the same bytes, parts of a run, and what is said where there is no run.

mod common;

use common::{err, out, seatrial};
use std::fs;
use std::path::PathBuf;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir()
            .join(format!("seatrial-trace-command-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const RUN: [&str; 6] =
    ["run", "scenarios/thousand-users.toml", "--set", "duration=2d", "--fail-on", "nothing"];

fn fine(arguments: &[&str]) -> String {
    let output = seatrial(arguments);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", err(&output));
    err(&output)
}

#[test]
fn a_trace_is_the_same_bytes_however_it_is_made() {
    let folder = Folder::new("same");
    let [result, direct, other] =
        ["result", "direct.pftrace", "other.pftrace"].map(|of| folder.path(of));
    fine(&[&RUN[..], &["--trace", &direct]].concat());
    assert_eq!(folder.names(), ["direct.pftrace"], "nothing else stays");
    fine(&[&RUN[..], &["--out", &result]].concat());
    let said = fine(&["trace", &result]);
    assert!(said.contains("slices") && said.contains("seatrial open"), "{said}");
    fine(&["trace", &result, "--to", &other]);
    let stdout = seatrial(&["trace", &result, "--to", "-"]);
    let bytes = fs::read(&direct).unwrap();
    assert!(bytes.len() > 100_000, "{} bytes", bytes.len());
    for again in [
        fs::read(&other).unwrap(),
        fs::read(format!("{result}/trace.pftrace")).unwrap(),
        stdout.stdout,
    ] {
        assert!(again == bytes, "{} bytes, not the same {}", again.len(), bytes.len());
    }
    // It is one of the run's files: the next run takes it away.
    let list = fs::read_to_string(format!("{result}/files.json")).unwrap();
    assert!(list.contains("trace.pftrace"), "{list}");
    fine(&[&RUN[..], &["--out", &result]].concat());
    assert!(!fs::exists(format!("{result}/trace.pftrace")).unwrap());
}

#[test]
fn a_part_of_a_run_is_smaller_and_nothing_is_the_whole() {
    let folder = Folder::new("part");
    let [result, whole, part] =
        ["result", "whole.pftrace", "part.pftrace"].map(|of| folder.path(of));
    fine(&[&RUN[..], &["--out", &result, "--trace", &whole]].concat());
    fine(&["trace", &result, "--from", "1d", "--until", "30h", "--to", &part]);
    let size = |path: &str| fs::metadata(path).unwrap().len();
    assert!(size(&part) * 2 < size(&whole), "{} of {}", size(&part), size(&whole));
    fine(&["trace", &result, "--from", "0s", "--until", "9d", "--to", &part]);
    assert_eq!(size(&part), size(&whole));
    for none in [["--from", "3d"], ["--until", "0s"]] {
        let output = seatrial(&[&["trace", &result], &none[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{none:?}");
        assert!(err(&output).contains("is empty, or after the end"), "{}", err(&output));
    }
}

#[test]
fn what_is_no_run_is_said_with_the_place_and_the_remedy() {
    let folder = Folder::new("none");
    let refused = |arguments: &[&str], code: i32, words: &[&str]| {
        let output = seatrial(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", err(&output));
        for word in words {
            assert!(err(&output).contains(word), "{word} is not in {}", err(&output));
        }
        assert!(out(&output).is_empty());
    };
    let (empty, result) = (folder.path("empty"), folder.path("result"));
    refused(&["trace", &empty], 2, &[&empty, "runs.parquet is missing"]);
    let to = folder.path("to.pftrace");
    refused(
        &["trace", &empty, "--to", &to],
        2,
        &[&empty, "runs.parquet is missing", "seatrial run"],
    );
    fine(&[&RUN[..], &["--out", &result]].concat());
    refused(&["trace", &result, "--to", &folder.path("no/such")], 3, &["cannot write", "no/such"]);
    refused(&["trace", &result, "--to", &result], 3, &["it is a folder, not a file"]);
    let lives = format!("{result}/lives.parquet");
    let bytes = fs::read(&lives).unwrap();
    for (cut, at) in [(bytes.len() / 2, "the middle"), (8, "the head"), (0, "nothing")] {
        fs::write(&lives, &bytes[..cut]).unwrap();
        refused(&["trace", &result], 2, &["lives.parquet", "damaged", "seatrial run"]);
        assert!(!fs::exists(format!("{result}/trace.pftrace")).unwrap(), "{at}");
    }
    fs::remove_file(&lives).unwrap();
    refused(&["trace", &result], 2, &["lives.parquet", "write the folder anew"]);
    fs::write(format!("{result}/trace.pftrace"), "mine").unwrap();
    refused(&["trace", &result], 3, &["no run is known to have written it"]);
    assert_eq!(fs::read_to_string(format!("{result}/trace.pftrace")).unwrap(), "mine");
    assert!(!folder.names().iter().any(|name| name.contains("part")), "{:?}", folder.names());
    // Before the run, not after it.
    let left = folder.path("left.pftrace");
    fs::create_dir(format!("{left}.tables")).unwrap();
    refused(&[&RUN[..], &["--trace", &left]].concat(), 3, &["left.pftrace.tables", "remove it"]);
    refused(&[&RUN[..], &["--trace", &folder.path("no/such")]].concat(), 3, &["cannot write"]);
}
