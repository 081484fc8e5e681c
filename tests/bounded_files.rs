//! Files that a command is given are regular ones, and no larger than it can use; what cannot be
//! written is said, with exit code 3.

mod common;

use common::{err, out, seatrial};
use std::path::PathBuf;
use std::process::Command;

/// A pipe that nobody writes into.
struct Pipe(PathBuf);

impl Pipe {
    fn new(name: &str) -> Self {
        let name = format!("seatrial-bounded-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        drop(std::fs::remove_file(&path));
        let made = Command::new("mkfifo").arg(&path).status();
        assert!(made.is_ok_and(|status| status.success()));
        Self(path)
    }

    fn text(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

#[test]
fn a_view_or_a_memory_is_a_file() {
    let pipe = Pipe::new("view");
    let policy = ["decide", "--policy", "policies/thousand-users.toml"];
    let view = ["--view", "tests/views/small.json"];
    for (path, told) in
        [(pipe.text(), "a pipe"), ("/dev/zero".into(), "a device"), ("tests".into(), "a folder")]
    {
        for more in [&["--view", &path][..], &[view[0], view[1], "--memory", &path]] {
            let output = seatrial(&[&policy[..], more].concat());
            assert_eq!(output.status.code(), Some(2), "{}", err(&output));
            assert!(err(&output).contains(told), "{}", err(&output));
            assert_eq!(out(&output), "");
        }
    }
}

#[test]
fn what_is_too_large_for_a_view_is_refused_unread() {
    let path = std::env::temp_dir().join(format!("seatrial-large-{}", std::process::id()));
    // A file with a hole takes no disk.
    let file = std::fs::File::create(&path).expect("a file of ours");
    file.set_len(300 << 20).expect("a hole");
    let large = path.display().to_string();
    let output =
        seatrial(&["decide", "--policy", "policies/thousand-users.toml", "--view", &large]);
    drop(std::fs::remove_file(&path));
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    assert!(err(&output).contains("more than 256 MiB"), "{}", err(&output));
}

#[test]
fn a_logbook_and_a_memory_are_written_into_files() {
    let pipe = Pipe::new("logbook");
    let run = ["run", "scenarios/thousand-users.toml", "--set", "duration=1h", "--quiet"];
    let decide = ["decide", "--policy", "policies/thousand-users.toml"];
    let view = ["--view", "tests/views/small.json"];
    for path in [&*pipe.text(), "/dev/full"] {
        let output = seatrial(&[&run[..], &["--logbook", path]].concat());
        assert_eq!(output.status.code(), Some(3), "{}", err(&output));
        assert!(err(&output).contains("a pipe, a device or a socket"), "{}", err(&output));
        let output = seatrial(&[&decide[..], &view, &["--save", path]].concat());
        assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    }
}

/// A limit on the size of files ends a program by a signal, unless it takes that for an error.
#[test]
fn files_that_grow_beyond_a_limit_are_an_error_with_a_name() {
    let folder = std::env::temp_dir().join(format!("seatrial-limit-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let program = env!("CARGO_BIN_EXE_seatrial");
    let run = "run scenarios/come-and-go.toml --set duration=1d --quiet --fail-on nothing";
    for (option, name) in [("--logbook", "x.logbook"), ("--logbook", "parts/"), ("--out", "out")] {
        let path = folder.join(name).display().to_string();
        let line = format!("ulimit -f 8; exec {program} {run} {option} {path}");
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        assert_eq!(output.status.code(), Some(3), "{option}: {}", err(&output));
        assert!(err(&output).contains("File too large"), "{option}: {}", err(&output));
    }
    // Nothing that is whole was left, and what is there is not taken for whole.
    assert!(!folder.join("out/record.json").exists());
    let replay = seatrial(&["replay", &folder.join("x.logbook").display().to_string()]);
    assert!(
        out(&replay).contains("ends in the middle of a tick") || replay.status.code() != Some(0)
    );
    drop(std::fs::remove_dir_all(&folder));
}
