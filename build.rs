//! Names the commit that a program is built from, this one or the bridge; without a repository it is
//! not known.

use std::process::Command;

fn main() {
    // A build script that changed runs anyway; without any such line it ran after every change.
    println!("cargo::rerun-if-changed=Cargo.toml");
    // Whatever says which commit is checked out: HEAD, the branch that it names, packed branches.
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]);
    let names = ["HEAD".to_owned(), "packed-refs".to_owned()].into_iter().chain(branch);
    for name in names {
        if let Some(path) = git(&["rev-parse", "--git-path", &name]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    let commit = commit.map_or_else(|| "unknown commit".to_owned(), |of| format!("commit {of}"));
    println!("cargo::rustc-env=SEATRIAL_COMMIT={commit}");
}

/// The line that git answers; none where it cannot.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let line = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !line.is_empty()).then_some(line)
}
