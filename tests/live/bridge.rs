//! Runs the bridge on a box.

use crate::boxed::Boxed;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A bridge that runs.
pub struct Bridge {
    child: Child,
    told: PathBuf,
}

fn binary() -> PathBuf {
    let beside = Path::new(env!("CARGO_BIN_EXE_seatrial")).with_file_name("seatrial-bridge");
    assert!(beside.exists(), "build it first: cargo build -p seatrial-bridge");
    beside
}

fn command(boxed: &Boxed, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(arguments).current_dir(boxed.folder()).env("NO_COLOR", "1");
    command
}

/// Runs a command of the bridge's to its end.
pub fn bridge(boxed: &Boxed, arguments: &[&str]) -> Output {
    command(boxed, arguments).output().unwrap()
}

impl Bridge {
    /// Starts watching.
    pub fn start(boxed: &Boxed, mode: &str) -> Self {
        let told = boxed.path("told.txt");
        let file = File::options().create(true).append(true).open(&told).unwrap();
        // The pool may grow: otherwise load could call for nothing.
        let grows = ["--set", "pools.workers.most=5"];
        let child = command(boxed, &[mode, "bridge.toml"])
            .args(grows)
            .stdout(boxed_file(boxed, "would.txt"))
            .stderr(Stdio::from(file))
            .spawn()
            .unwrap();
        Self { child, told }
    }

    /// Kills it without a word.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, and gives what it told.
    pub fn stop(&mut self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        let ended = self.child.wait().unwrap();
        let told = std::fs::read_to_string(&self.told).unwrap();
        assert!(ended.success(), "{ended}\n{told}");
        told
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn boxed_file(boxed: &Boxed, name: &str) -> Stdio {
    Stdio::from(File::options().create(true).append(true).open(boxed.path(name)).unwrap())
}
