//! What tests share that kill a server many times and put what they measure beside what was predicted.

use std::process::Command;

/// Of values in order.
pub fn quantile(of: &[f64], part: f64) -> f64 {
    let at = part * (of.len() - 1) as f64;
    let (low, high) = (of[at.floor() as usize], of[at.ceil() as usize]);
    low + (high - low) * at.fract()
}

/// Kills a server with all its processes at once, as a machine that goes dark.
pub fn kill_all(pid: u32) {
    let children = Command::new("pgrep").args(["-P", &pid.to_string()]).output();
    let children = children.map(|found| found.stdout).unwrap_or_default();
    let children = String::from_utf8_lossy(&children).into_owned();
    let all =
        std::iter::once(pid.to_string()).chain(children.split_whitespace().map(str::to_owned));
    let killed = Command::new("kill").arg("-KILL").args(all).status();
    assert!(killed.is_ok(), "kill");
}
