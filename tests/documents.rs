//! Runs the commands that documents show and compares what they print. `SEATRIAL_RENEW=1 cargo test --test
//! documents` writes what they print now into the documents instead.
//!
//! A fenced block that is marked `console` is a session in a shell: lines that begin with `$ ` are run, one
//! after another in one folder for the whole document, and the lines below are what they print, on stdout and
//! stderr alike. A line that is `…` alone stands for any number of lines. Blocks with other marks are not run:
//! what they show must not be the output of a command.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Stands for any number of lines.
const ELLIPSIS: &str = "…";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A folder to run a document's commands in, with what a fresh clone has.
struct Scratch(PathBuf);

impl Scratch {
    fn new(document: &str) -> Self {
        let name = document.replace(['/', '.'], "-");
        let folder = std::env::temp_dir().join(format!("seatrial-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("tests")).unwrap();
        for shown in ["scenarios", "policies", "tests/views", "tests/sweeps"] {
            std::os::unix::fs::symlink(root().join(shown), folder.join(shown)).unwrap();
        }
        Self(folder)
    }

    /// What a command prints.
    fn run(&self, command: &str) -> String {
        let programs = Path::new(env!("CARGO_BIN_EXE_seatrial")).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
        // What a user of a fresh clone types builds first.
        let command = command.replace("cargo run --release --", "seatrial");
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(&self.0)
            .env("PATH", path)
            .env("NO_COLOR", "1")
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A command of a document, and the lines shown below it.
struct Shown {
    command: String,
    lines: Vec<String>,
}

/// A document in pieces: text that stays, and sessions.
enum Piece {
    Text(String),
    Session(Vec<Shown>),
}

fn pieces(document: &str) -> Vec<Piece> {
    let (mut pieces, mut lines) = (Vec::new(), document.lines());
    let mut text = String::new();
    while let Some(line) = lines.next() {
        let _ = writeln!(text, "{line}");
        if line.trim() != "```console" {
            continue;
        }
        pieces.push(Piece::Text(std::mem::take(&mut text)));
        let mut session: Vec<Shown> = Vec::new();
        for line in lines.by_ref() {
            if line.trim() == "```" {
                let _ = writeln!(text, "{line}");
                break;
            }
            match (line.strip_prefix("$ "), session.last_mut()) {
                (Some(command), _) => {
                    session.push(Shown { command: command.to_owned(), lines: Vec::new() });
                }
                // A command goes on where its line ends with a backslash.
                (None, Some(last)) if last.command.ends_with('\\') && last.lines.is_empty() => {
                    last.command = format!("{}\n{line}", last.command);
                }
                (None, Some(last)) => last.lines.push(line.to_owned()),
                (None, None) => panic!("a session begins with a command, not with `{line}`"),
            }
        }
        pieces.push(Piece::Session(session));
    }
    pieces.push(Piece::Text(text));
    pieces
}

/// A line without the digest of policies, which is another with each change of any of them.
fn undigested(line: &str) -> String {
    const BEFORE: &str = "policies ";
    let mut parts = line.split(BEFORE);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        text += BEFORE;
        text += if digits == 16 { &part[digits..] } else { part };
    }
    text
}

/// Whether the lines shown are what was printed.
fn fits(shown: &[String], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first.trim() == ELLIPSIS => {
            (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..]))
        }
        Some((first, rest)) => {
            let is_same = |line: &str| undigested(line) == undigested(first);
            printed.split_first().is_some_and(|(line, others)| is_same(line) && fits(rest, others))
        }
    }
}

/// What was printed, with as many lines around each ellipsis as before.
fn renewed(shown: &[String], printed: &[&str]) -> Vec<String> {
    let parts: Vec<&[String]> = shown.split(|line| line.trim() == ELLIPSIS).collect();
    let whole = || printed.iter().map(|line| (*line).to_owned()).collect();
    let wanted: usize = parts.iter().map(|part| part.len()).sum();
    if parts.len() == 1 || wanted >= printed.len() {
        return whole();
    }
    let mut lines = Vec::new();
    let mut at = 0;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            lines.push(ELLIPSIS.to_owned());
        }
        // A part in the middle is found again by its first line; the last one is the end.
        let from = if index + 1 == parts.len() && index > 0 {
            printed.len() - part.len()
        } else {
            let found = part.first().and_then(|first| {
                printed[at..].iter().position(|line| line == first).map(|found| at + found)
            });
            found.unwrap_or(at)
        };
        let to = (from + part.len()).min(printed.len());
        lines.extend(printed[from..to].iter().map(|line| (*line).to_owned()));
        at = to;
    }
    lines
}

fn holds(document: &str) {
    let path = root().join(document);
    let text = std::fs::read_to_string(&path).unwrap();
    let scratch = Scratch::new(document);
    let is_renewed = std::env::var_os("SEATRIAL_RENEW").is_some();
    let (mut whole, mut wrong, mut commands) = (String::new(), String::new(), 0);
    for piece in pieces(&text) {
        let session = match piece {
            Piece::Text(text) => {
                whole += &text;
                continue;
            }
            Piece::Session(session) => session,
        };
        for Shown { command, lines } in session {
            commands += 1;
            let printed = scratch.run(&command);
            let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
            let trimmed: Vec<String> =
                lines.iter().map(|line| line.trim_end().to_owned()).collect();
            // An empty line before the next command is the document's.
            let blank = trimmed.iter().rev().take_while(|line| line.is_empty()).count();
            let shown = &trimmed[..trimmed.len() - blank];
            let end = printed.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1);
            let _ = writeln!(whole, "$ {command}");
            if fits(shown, &printed[..end]) {
                shown.iter().for_each(|line| whole += &format!("{line}\n"));
            } else {
                let now = renewed(shown, &printed[..end]);
                now.iter().for_each(|line| whole += &format!("{line}\n"));
                let _ = write!(wrong, "\n$ {command}\nprints now\n{}\n", printed[..end].join("\n"));
            }
            whole += &"\n".repeat(blank);
        }
    }
    assert!(commands > 0, "{document} shows no command");
    if is_renewed {
        std::fs::write(&path, whole).unwrap();
        return;
    }
    assert!(
        wrong.is_empty(),
        "{document} shows what its commands no longer print. Renew it, and read the difference:\n\
         SEATRIAL_RENEW=1 cargo test --test documents\n{wrong}"
    );
}

#[test]
fn the_readme_shows_what_its_commands_print() {
    holds("README.md");
}

#[test]
fn the_planners_tutorial_shows_what_its_commands_print() {
    holds("docs/planning.md");
}

#[test]
fn the_policy_authors_tutorial_shows_what_its_commands_print() {
    holds("docs/policies.md");
}

#[test]
fn the_page_on_comparisons_shows_what_commands_print() {
    holds("docs/compare.md");
}

#[test]
fn the_tutorial_on_sweeps_shows_what_its_commands_print() {
    holds("docs/sweeps.md");
}

#[test]
fn the_page_on_traces_shows_what_its_commands_print() {
    holds("docs/trace.md");
}

#[test]
fn the_operators_tutorial_shows_what_its_commands_print() {
    holds("docs/operating.md");
}

#[test]
fn links_in_documents_lead_somewhere() {
    let mut documents = vec![PathBuf::from("README.md"), "ARCHITECTURE.md".into()];
    documents.extend(["CONTRIBUTING.md", "SECURITY.md"].map(PathBuf::from));
    for entry in std::fs::read_dir(root().join("docs")).unwrap().flatten() {
        if entry.path().extension().is_some_and(|extension| extension == "md") {
            documents.push(Path::new("docs").join(entry.file_name()));
        }
    }
    documents.sort();
    let mut broken: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    for document in documents {
        let text = std::fs::read_to_string(root().join(&document)).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let file = target.split('#').next().unwrap_or_default();
            if !root().join(document.parent().unwrap()).join(file).exists() {
                broken.entry(document.clone()).or_default().push(target.to_owned());
            }
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn digests_of_policies_alone_may_differ() {
    assert_eq!(
        undigested("(policies 3cc6bd1b0d01fd04, 7)"),
        undigested("(policies 0daf9849bd4d28bc, 7)")
    );
    assert_ne!(
        undigested("(policies 3cc6bd1b0d01fd04, 7)"),
        undigested("(policies 0daf9849bd4d28bc, 8)")
    );
    assert_ne!(undigested("two policies 12 a"), undigested("two policies 13 a"));
}

#[test]
fn an_ellipsis_stands_for_any_lines_and_nothing_else_does() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(fits(&lines("a\n…\nd"), &["a", "b", "c", "d"]));
    assert!(fits(&lines("a\n…\nd"), &["a", "d"]));
    assert!(!fits(&lines("a\nd"), &["a", "b", "d"]));
    assert!(!fits(&lines("a\n…\nd"), &["a", "b"]));
    assert_eq!(renewed(&lines("a\n…\nd"), &["x", "y", "z", "w"]), ["x", "…", "w"]);
    assert_eq!(renewed(&lines("a\nd"), &["x", "y", "z"]), ["x", "y", "z"]);
}
