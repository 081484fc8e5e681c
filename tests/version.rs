//! `--version` names the program to the commit and the policies inside, and nothing of the machine.

mod common;

use common::{err, out, root, seatrial};
use std::process::Command;

#[test]
fn the_version_names_the_commit_and_the_policies() {
    let output = seatrial(&["--version"]);
    let told = out(&output);
    assert!(err(&output).is_empty(), "{}", err(&output));
    let policies = &seatrial_policies::sources()[..16];
    assert!(told.starts_with("seatrial 0."), "{told}");
    assert!(told.trim_end().ends_with(&format!("policies {policies})")), "{told}");
    let mut git = Command::new("git");
    let asked = git.args(["rev-parse", "--short=12", "HEAD"]).current_dir(root()).output();
    let commit = asked.ok().filter(|output| output.status.success());
    let commit = commit.map(|output| format!("commit {}", out(&output).trim()));
    assert!(told.contains(&commit.unwrap_or_else(|| "unknown commit".to_owned())), "{told}");
    assert!(!told.contains('/'), "{told}");
}

#[test]
fn every_command_has_a_help_that_says_what_it_does() {
    let help = out(&seatrial(&["--help"]));
    for told in ["seatrial new shop", "seatrial check shop.toml", "Exit codes: 0 fine"] {
        assert!(help.contains(told), "no `{told}` in {help}");
    }
    for command in ["run", "check", "sweep", "decide", "replay", "new"] {
        let help = out(&seatrial(&[command, "--help"]));
        assert!(
            help.contains("Example") && help.contains(&format!("seatrial {command}")),
            "{help}"
        );
    }
}
