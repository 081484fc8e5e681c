//! Runs the command with bounded memory and time, and says how it ended.

use std::fs::File;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// No mutant takes longer.
const TIME_MOST: Duration = Duration::from_secs(20);

/// How a command ended, and what it said.
pub struct Ending {
    /// None where a signal or the time limit ended it.
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub timed_out: bool,
    pub out: String,
    pub err: String,
}

impl Ending {
    /// What no input may do; none where it ended as commands end.
    pub fn fault(&self) -> Option<String> {
        if self.timed_out {
            return Some(format!("did not end within {} s", TIME_MOST.as_secs()));
        }
        if let Some(signal) = self.signal {
            return Some(format!("ended by signal {signal}"));
        }
        if !self.code.is_some_and(|code| (0..=4).contains(&code)) {
            return Some(format!("ended with {:?}", self.code));
        }
        if self.err.contains("panicked at") || self.err.contains("bug of Seatrial") {
            return Some("panicked".to_owned());
        }
        let odd = |text: &str| text.chars().find(|of| of.is_control() && *of != '\n');
        odd(&self.out).or(odd(&self.err)).map(|of| format!("printed the control character {of:?}"))
    }
}

/// Runs `seatrial` in a folder, with so many KiB of memory.
pub fn caged(folder: &Path, kibibytes: u64, arguments: &[&str]) -> Ending {
    let file = |name: &str| folder.join(format!(".{name}-of-the-command"));
    let open = |name: &str| Stdio::from(File::create(file(name)).expect("a file for the output"));
    let mut child = Command::new("sh")
        .args(["-c", &format!("ulimit -c 0; ulimit -v {kibibytes}; exec \"$@\""), "sh"])
        .arg(env!("CARGO_BIN_EXE_seatrial"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .env("RUST_BACKTRACE", "1")
        .stdin(Stdio::null())
        .stdout(open("out"))
        .stderr(open("err"))
        .spawn()
        .expect("sh runs");
    let begun = Instant::now();
    let (status, timed_out) = loop {
        if let Some(status) = child.try_wait().expect("a child of ours") {
            break (status, false);
        }
        if begun.elapsed() > TIME_MOST {
            drop(child.kill());
            break (child.wait().expect("a child of ours"), true);
        }
        std::thread::sleep(Duration::from_millis(3));
    };
    let read = |name: &str| {
        let bytes = std::fs::read(file(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let signal = if timed_out { None } else { status.signal() };
    Ending { code: status.code(), signal, timed_out, out: read("out"), err: read("err") }
}
