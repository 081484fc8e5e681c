//! Pages in a real browser (`tests/pages/run`): no word on the console, no request, every chart with data, by keyboard, in the
//! dark, on paper, on a narrow screen. It is never skipped: where Chromium or Playwright cannot be had, it fails.

mod common;

use common::{err, out, root, seatrial};
use std::path::{Path, PathBuf};
use std::process::Command;

fn made(folder: &Path, name: &str, arguments: &[&str]) -> PathBuf {
    let to = folder.join(name);
    let path = to.display().to_string();
    let ran = seatrial(&[arguments, &["--out", &path, "--quiet"]].concat());
    assert!(matches!(ran.status.code(), Some(0 | 1 | 4)), "{name}: {}", err(&ran));
    let page = seatrial(&["report", &path, "--quiet"]);
    assert!(page.status.success(), "{name}: {}", err(&page));
    to.join("report.html")
}

#[test]
fn pages_are_whole_in_a_browser_for_all_who_read_them() {
    let folder = std::env::temp_dir().join(format!("seatrial-real-pages-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let thousand = "scenarios/thousand-users.toml";
    let storm = ["run", "scenarios/wake-storm.toml", "--set", "duration=100min"];
    let compared = ["compare", thousand, "scenarios/plan-a.toml", "--set", "duration=1d"];
    let swept = ["sweep", thousand, "--tenants", "500,1500", "--set", "duration=1d"];
    let varied = ["--vary", "pools.worker-low.count=2..3"];
    let gated = ["gate", "tests/pages/suite.toml", "--no-cache"];
    let pages = [
        made(&folder, "thousand-users", &["run", thousand]),
        made(&folder, "wake-storm", &storm),
        made(&folder, "rack-power", &["run", "scenarios/chaos/rack-power.toml"]),
        made(&folder, "small", &["run", "scenarios/queue.toml"]),
        made(&folder, "compared", &compared),
        made(&folder, "swept", &[&swept[..], &varied].concat()),
        made(&folder, "gated", &gated),
    ];
    let mut look = Command::new(root().join("tests/pages/run"));
    if std::env::var_os("SEATRIAL_RENEW").is_some() {
        look.env("PICTURE", root().join("reports/pictures/page.png"));
    }
    let output = look.arg(root().join("target/pages-looked-at")).args(&pages).output().unwrap();
    let said = format!("{}{}", out(&output), err(&output));
    println!("{said}");
    assert!(output.status.success(), "{said}");
    // What would be told if nothing had been looked at.
    assert_eq!(said.matches("looked at in the light").count(), pages.len(), "{said}");
    let _ = std::fs::remove_dir_all(&folder);
}
