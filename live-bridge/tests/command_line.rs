//! The bridge's command line where there is no cluster.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn bridge(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatrial-bridge"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).env("NO_COLOR", "1");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A folder of its own with a file of the bridge's that leads nowhere.
struct Lonely(PathBuf);

impl Lonely {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("seatrial-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken/policies.toml");
        std::fs::copy(policies, folder.join("policies.toml")).unwrap();
        let file = "title = \"Lonely\"\npolicies = \"policies.toml\"\n\
                    [[tiers]]\nname = \"premium\"\n[[pools]]\nname = \"workers\"\n\
                    [[docker.hosts]]\nname = \"host-a\"\nsocket = \"nowhere.sock\"\n";
        std::fs::write(folder.join("bridge.toml"), file).unwrap();
        Self(folder)
    }

    fn file(&self) -> String {
        self.0.join("bridge.toml").display().to_string()
    }
}

impl Drop for Lonely {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_version_names_the_commit_and_the_policies() {
    let told = text(&bridge(&["--version"]).stdout);
    let policies = &seatrial_policies::sources()[..16];
    assert!(told.starts_with("seatrial-bridge 0."), "{told}");
    assert!(told.trim_end().ends_with(&format!("policies {policies})")), "{told}");
    let mut git = Command::new("git");
    let folder = env!("CARGO_MANIFEST_DIR");
    let asked = git.args(["rev-parse", "--short=12", "HEAD"]).current_dir(folder).output();
    let commit = asked.ok().filter(|output| output.status.success());
    let commit = commit.map(|output| format!("commit {}", text(&output.stdout).trim()));
    assert!(told.contains(&commit.unwrap_or_else(|| "unknown commit".to_owned())), "{told}");
}

#[test]
fn a_value_of_the_policy_file_is_changed_by_the_words_of_a_scenario() {
    let lonely = Lonely::new("knobs");
    let check = |set: &str| bridge(&["check", &lonely.file(), "--set", set]);
    let wrong = check("policies.tik=5s");
    assert_eq!(wrong.status.code(), Some(2));
    let says = text(&wrong.stdout) + &text(&wrong.stderr);
    assert!(says.contains("did you mean `tick`?"), "{says}");
    assert!(says.contains("--> --set policies.tik=5s"), "{says}");
    assert_ne!(check("policies.tick=5s").status.code(), Some(2));
}

#[test]
fn help_says_that_nothing_is_changed() {
    let help = text(&bridge(&["--help"]).stdout);
    for word in ["observe", "shadow", "check", "It changes nothing", "Exit codes"] {
        assert!(help.contains(word), "{word} is not in\n{help}");
    }
}

#[test]
fn a_broken_file_ends_with_2() {
    for command in ["check", "observe", "shadow"] {
        let ended = bridge(&[command, "tests/broken/times.toml"]);
        assert_eq!(ended.status.code(), Some(2));
        assert!(text(&ended.stderr).contains("6 problems"), "{}", text(&ended.stderr));
    }
}

#[test]
fn what_cannot_be_reached_is_told_and_ends_with_3() {
    let lonely = Lonely::new("check");
    let ended = bridge(&["check", &lonely.file()]);
    let told = text(&ended.stdout);
    assert_eq!(ended.status.code(), Some(3), "{told}");
    assert!(told.contains("cannot   host-a  cannot connect to"), "{told}");
    assert!(told.contains("missing  machine-use, wanted by threshold: no machine"), "{told}");
    let missing =
        "missing  last-active, wanted by idle-ladder: nothing gives it: add `last_active`";
    assert!(told.contains(missing), "{told}");
    let json = bridge(&["check", &lonely.file(), "--format", "json"]);
    let document: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert!(document["sources"][0]["error"].is_string(), "{document}");
    assert!(!lonely.0.join("logbook").exists(), "a check writes nothing");
}

#[test]
fn one_logbook_has_one_writer() {
    let lonely = Lonely::new("lock");
    let file = lonely.file();
    let quick = ["--set", "docker.every=200ms", "--for", "3 s"];
    let mut first = Command::new(env!("CARGO_BIN_EXE_seatrial-bridge"));
    let first = first.args(["observe", &file]).args(quick).stderr(std::process::Stdio::null());
    let mut first = first.spawn().unwrap();
    while !lonely.0.join("logbook/000001.logbook").exists() {
        assert!(first.try_wait().unwrap().is_none(), "the first one ended");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let second = bridge(&["observe", &file, "--for", "1 s"]);
    assert_eq!(second.status.code(), Some(3));
    assert!(text(&second.stderr).contains("another bridge keeps the logbook"));
    assert!(first.wait().unwrap().success());
}

#[test]
fn the_schema_is_json() {
    let schema: serde_json::Value = serde_json::from_slice(&bridge(&["schema"]).stdout).unwrap();
    assert!(schema["properties"]["docker"].is_object(), "{schema}");
}

/// Who copies the tutorial's file has only to name certificates that are there.
#[test]
fn the_tutorials_file_is_sound() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/operating.md")).unwrap();
    let (_, rest) = page.split_once("```toml\ntitle = \"Production\"").unwrap();
    let (block, _) = rest.split_once("```").unwrap();
    let policies = root.join("policies").display().to_string();
    let file = format!("title = \"Production\"{block}").replace("../policies", &policies);
    let lonely = Lonely::new("tutorial");
    std::fs::write(lonely.0.join("bridge.toml"), file).unwrap();
    let told = text(&bridge(&["check", &lonely.file()]).stderr);
    assert!(told.contains("ca.pem: I/O error") && told.contains("\n1 problem\n"), "{told}");
}
