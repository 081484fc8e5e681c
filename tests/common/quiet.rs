//! How much of the machine others used while a server was measured, from the kernel's accounts.

use std::time::{Duration, Instant};

/// The share of all processors that others may use during a measurement that counts.
pub const TOLERATED: f64 = 0.08;

/// Clock ticks a second; Linux has told programs 100 on every machine since 2.6.
const TICKS: f64 = 100.0;

/// Tells others' use from that of servers and of what this test itself runs.
pub struct Quiet {
    /// Each server's first process.
    servers: Vec<u32>,
    cores: f64,
}

/// The accounts at a moment, in seconds of processors.
pub struct Look {
    at: Instant,
    all: f64,
    own: f64,
}

impl Quiet {
    pub fn of(servers: &[u32]) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { servers: servers.to_vec(), cores: cores as f64 }
    }

    /// Waits until others leave the machine to us; says whether they do.
    pub fn wait(&self, until: Instant) -> bool {
        loop {
            let before = self.look();
            std::thread::sleep(Duration::from_millis(50));
            if self.others(&before) <= TOLERATED {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
        }
    }

    pub fn look(&self) -> Look {
        let servers = self.servers.iter().flat_map(|server| [vec![*server], children(*server)]);
        let own = servers.flatten().chain([std::process::id()]).map(used).sum();
        Look { at: Instant::now(), all: all(), own }
    }

    /// The share of the machine that others have used since, the hypervisor's other guests among
    /// them.
    pub fn others(&self, before: &Look) -> f64 {
        // What has ended is on its parent's account only when it has been waited for.
        std::thread::sleep(Duration::from_millis(15));
        let now = self.look();
        let elapsed = now.at.duration_since(before.at).as_secs_f64();
        ((now.all - before.all) - (now.own - before.own)) / elapsed / self.cores
    }
}

/// What all have used: all but idling and waiting for disks.
fn all() -> f64 {
    let text = std::fs::read_to_string("/proc/stat").expect("the kernel's accounts");
    let line = text.lines().next().unwrap_or_default();
    let ticks: Vec<f64> = line.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    (ticks.iter().take(8).sum::<f64>() - ticks[3] - ticks[4]) / TICKS
}

/// What a process and its children that have ended have used.
fn used(pid: u32) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // After the name in brackets: utime, stime, cutime and cstime are the 12th to the 15th.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks =
        rest.split_whitespace().skip(11).take(4).filter_map(|word| word.parse::<f64>().ok());
    ticks.sum::<f64>() / TICKS
}

fn children(pid: u32) -> Vec<u32> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let text = text.unwrap_or_default();
    text.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}
