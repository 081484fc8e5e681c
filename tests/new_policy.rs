//! What CONTRIBUTING says of a new policy is the whole truth: one file and one line, and it decides, gives
//! reasons of its own, remembers, and is replayed.

#[expect(dead_code, reason = "other tests use the rest")]
mod common;

use common::{err, out, root};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("seatrial-new-policy-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn run(&self, program: &Path, words: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.args(words).current_dir(&self.0).env("NO_COLOR", "1").output().unwrap()
    }

    /// What it says, where it ends well.
    fn says(&self, program: &Path, words: &[&str]) -> String {
        let output = self.run(program, words);
        assert!(output.status.success(), "{words:?}: {}{}", out(&output), err(&output));
        out(&output)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn ours() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_seatrial"))
}

/// The files of the project, by their paths in it.
fn files(of: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn collect(of: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() && name != "target" && name != ".git" {
                collect(of, &path, found);
            } else if path.is_file() {
                let inside = path.strip_prefix(of).unwrap().to_owned();
                found.insert(inside, fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(of, of, &mut found);
    found
}

fn copy(name: &str) -> (Folder, BTreeMap<PathBuf, Vec<u8>>) {
    let (folder, all) = (Folder::new(name), files(&root()));
    for (path, text) in &all {
        let to = folder.0.join(path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::write(to, text).unwrap();
    }
    (folder, all)
}

/// The commands that CONTRIBUTING gives for a new policy.
fn commands() -> Vec<Vec<String>> {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
    let section = text.split("## A new policy").nth(1).expect("a section about new policies");
    let block = section.split("```sh\n").nth(1).expect("a block of commands");
    let lines = block.split("```").next().unwrap_or_default().lines();
    lines.map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
}

/// Cargo in the copy. It builds into a folder of its own, quickly rather than well.
fn cargo(folder: &Folder, words: &[&str]) -> Output {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(words).current_dir(&folder.0).env("CARGO_TARGET_DIR", target());
    command.env("CARGO_NET_OFFLINE", "true").env("CARGO_INCREMENTAL", "0").env("RUSTFLAGS", "");
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
    command.output().unwrap()
}

fn target() -> PathBuf {
    root().join("target/new-policy")
}

#[test]
fn a_policy_is_one_file_and_one_line() {
    let (folder, before) = copy("whole");
    for words in commands() {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = match words[..] {
            ["cargo", "run", "--", "new-policy", ..] => folder.run(ours(), &words[3..]),
            ["cargo", ..] => cargo(&folder, &words[1..]),
            _ => panic!("what is `{}`?", words.join(" ")),
        };
        let said = out(&output) + &err(&output);
        assert!(output.status.success(), "{}: {said}", words.join(" "));
        if words[1] == "test" {
            assert!(said.contains("a_fuller_machine_comes_first ... ok"), "{said}");
        }
    }
    let after = files(&folder.0);
    let new: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    assert_eq!(new, [Path::new("policies/src/catalog/most_loaded.rs")]);
    let changed = before.iter().filter(|(path, text)| after.get(*path) != Some(text));
    let changed: Vec<_> = changed.map(|(path, _)| path.as_path()).collect();
    assert_eq!(changed, [Path::new("policies/src/catalog.rs")]);
    let lines = |of: &BTreeMap<PathBuf, Vec<u8>>| -> Vec<String> {
        let text = String::from_utf8(of[changed[0]].clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    };
    let (was, is) = (lines(&before), lines(&after));
    let more: Vec<_> = is.iter().filter(|line| !was.contains(line)).collect();
    assert_eq!(more, ["    most_loaded::MostLoaded = \"most-loaded\","]);
    assert_eq!(is.len(), was.len() + 1);

    let built = cargo(&folder, &["build", "-p", "seatrial"]);
    assert!(built.status.success(), "{}", err(&built));
    it_decides_tells_why_and_is_replayed(&target().join("debug/seatrial"));
}

fn it_decides_tells_why_and_is_replayed(seatrial: &Path) {
    let folder = Folder::new("fleet");
    folder.says(seatrial, &["new", "fleet", "--like", "tenants"]);
    let path = folder.0.join("fleet-policies.toml");
    let kind = "kind = \"least-loaded\"";
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(kind), "{text}");
    let most = "kind = \"most-loaded\"\nof_tier_in_zone = 20\na_minute = 15";
    fs::write(&path, text.replace(kind, most)).unwrap();
    assert!(folder.says(seatrial, &["check", "fleet.toml"]).contains("fine"));
    let run = ["run", "fleet.toml", "--set", "duration=1 d", "--fail-on", "nothing"];
    let more = ["--out", "result", "--logbook", "logbook/", "--logbook-segment", "64 KiB"];
    let table = folder.says(seatrial, &[&run[..], &more[..]].concat());
    let record = fs::read_to_string(folder.0.join("result/record.json")).unwrap();
    let replayed = folder.says(seatrial, &["replay", "logbook/"]);
    assert!(replayed.contains("every one the same again"), "{replayed}");
    let segments = fs::read_dir(folder.0.join("logbook")).unwrap().count();
    assert!(segments > 1, "memory is read back where a segment begins");
    let told = folder.says(seatrial, &["replay", "logbook/", "--tell", "all"]);
    for (word, says) in [
        ("most-loaded-fullest", "machines that fit"),
        ("most-loaded-zone-full", "20 of free live in"),
        ("most-loaded-too-many", "15 were placed since"),
    ] {
        assert!(table.contains(word), "{word} is not in the table: {table}");
        assert!(record.contains(&format!("\"{word}\"")), "{word} is not in the JSON document");
        let decided: Vec<_> = told.lines().filter(|line| line.contains(says)).take(1).collect();
        assert_eq!(decided.len(), 1, "nobody tells `{says}`");
        assert!(decided[0].contains("(most-loaded)"), "{decided:?}");
    }
}

#[test]
fn nothing_is_written_over_and_wrong_words_are_told() {
    let folder = Folder::new("wrong");
    let catalog = folder.0.join("policies/src/catalog.rs");
    fs::create_dir_all(folder.0.join("policies/src/catalog")).unwrap();
    let list = "\ncatalog! {\n    best_fit::BestFit = \"best-fit\",\n}\n";
    fs::write(&catalog, list).unwrap();
    let refused = |words: &[&str], says: &str| {
        let output = folder.run(ours(), &[&["new-policy"], words].concat());
        let told = err(&output);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {told}");
        assert!(told.contains(says), "{words:?}: {told}");
        assert_eq!(fs::read_to_string(&catalog).unwrap(), list, "{words:?}");
    };
    for word in ["MostLoaded", "most_loaded", "-x", "a--b", "2nd", "", "loop", "\u{e9}t\u{e9}"] {
        refused(&["--", word], "small letters, digits");
    }
    refused(&["best-fit"], "already: choose another name");
    refused(&["machine"], "choose another name");
    refused(&["x", "--sources", "nowhere"], "--sources is the folder");
    fs::write(folder.0.join("policies/src/catalog/own.rs"), "mine").unwrap();
    let output = folder.run(ours(), &["new-policy", "own"]);
    assert_eq!(output.status.code(), Some(3), "{}", err(&output));
    assert_eq!(fs::read_to_string(folder.0.join("policies/src/catalog/own.rs")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(&catalog).unwrap(), list);
    let told = folder.says(ours(), &["new-policy", "night-watch", "--template", "plain"]);
    assert!(told.contains("kind = \"night-watch\""), "{told}");
    let line = "    night_watch::NightWatch = \"night-watch\",\n}\n";
    assert!(fs::read_to_string(&catalog).unwrap().ends_with(line));
    let text = fs::read_to_string(folder.0.join("policies/src/catalog/night_watch.rs")).unwrap();
    assert!(text.contains("pub struct NightWatch {") && !text.contains("{Kind}"), "{text}");
}
