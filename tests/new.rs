//! `seatrial new` writes scenarios that are fine, run, and say something.

mod common;

use common::{err, out, seatrial};
use std::path::PathBuf;
use std::process::{Command, Output};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("seatrial-new-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// Runs a command line as it was told, in this folder.
    fn type_in(&self, line: &str) -> Output {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("seatrial"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_seatrial"));
        command.args(words).current_dir(&self.0).env("NO_COLOR", "1").output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_it_writes_is_fine_and_runs_by_the_commands_that_it_tells() {
    for (line, tells) in [
        ("seatrial new", ["Databases", "hpa"]),
        ("seatrial new shop --like services", ["Bill", "hpa"]),
        ("seatrial new fleet --like tenants", ["wake-ups", "idle-ladder"]),
    ] {
        let folder = Folder::new(line.split_whitespace().nth(2).unwrap_or("plain"));
        let told = folder.type_in(line);
        assert_eq!(told.status.code(), Some(0), "{}", err(&told));
        let text = out(&told);
        let next: Vec<&str> = text.lines().filter(|line| line.starts_with("  seatrial")).collect();
        assert_eq!(next.len(), 3, "{text}");
        for line in &next {
            let denied = if line.contains("check") { " --deny warnings" } else { "" };
            let output = folder.type_in(&format!("{line}{denied}"));
            let (says, warns) = (out(&output), err(&output));
            assert_eq!(output.status.code(), Some(0), "{line}: {says}{warns}");
            assert!(!warns.contains("W0"), "{line}: {warns}");
            if line.contains(" run ") {
                assert!(says.contains("Objectives: all hold"), "{says}");
                assert!(tells.iter().all(|told| says.contains(told)), "{tells:?}: {says}");
                assert!(says.contains("hibernate") || says.contains("scale"), "{says}");
            }
        }
    }
}

#[test]
fn the_changes_that_the_files_suggest_can_be_made() {
    for like in ["services", "tenants"] {
        let folder = Folder::new(&format!("sets-{like}"));
        folder.type_in(&format!("seatrial new it --like {like}"));
        let text = std::fs::read_to_string(folder.0.join("it.toml")).unwrap();
        let sets: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("#   --set ")?.split_whitespace().next())
            .collect();
        assert_eq!(sets.len(), 2, "{text}");
        for set in sets {
            let output = folder.type_in(&format!("seatrial check it.toml --set {set}"));
            assert_eq!(output.status.code(), Some(0), "{set}: {}", out(&output));
        }
    }
}

#[test]
fn nothing_is_written_over() {
    let folder = Folder::new("over");
    std::fs::write(folder.0.join("shop-policies.toml"), "mine").unwrap();
    let output = folder.type_in("seatrial new shop");
    assert_eq!(output.status.code(), Some(3));
    assert!(err(&output).contains("shop-policies.toml: it is there already"), "{}", err(&output));
    assert!(!folder.0.join("shop.toml").exists(), "half a pair is left");
    std::fs::rename(folder.0.join("shop-policies.toml"), folder.0.join("shop.toml")).unwrap();
    assert_eq!(folder.type_in("seatrial new shop.toml").status.code(), Some(3));
    assert_eq!(std::fs::read_to_string(folder.0.join("shop.toml")).unwrap(), "mine");
    assert!(!folder.0.join("shop-policies.toml").exists());
}

#[test]
fn a_name_that_is_none_is_refused() {
    for name in ["..", "a b", "", "/"] {
        let output = seatrial(&["new", name]);
        assert_eq!(output.status.code(), Some(2), "{name}");
    }
}
