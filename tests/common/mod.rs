//! What the tests of the house share: running the command and reading what it says.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The root of the project.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Runs `seatrial` in the root of the project.
pub fn seatrial(arguments: &[&str]) -> Output {
    run(Path::new(env!("CARGO_BIN_EXE_seatrial")), arguments)
}

/// Runs a binary in the root of the project.
pub fn run(binary: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary);
    command.args(arguments).current_dir(root()).env("NO_COLOR", "1");
    command.output().unwrap_or_else(|error| panic!("{}: {error}", binary.display()))
}

/// What it wrote to stdout.
pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// What it wrote to stderr.
pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
