//! Any bytes as a scenario file, alone, over a base and under an override: it loads, or at least
//! one problem says why and can be shown.
#![no_main]

#[expect(dead_code, reason = "shared with the tests, which use all of it")]
#[path = "../../tests/sample/mod.rs"]
mod sample;

use libfuzzer_sys::fuzz_target;
use sample::{GOOD, Miniature};
use seatrial_format::{Failure, InMemory, Override, Style, load_from};

fuzz_target!(|bytes: &[u8]| {
    // What stands behind the first zero byte is an override.
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let file = parts.next().unwrap_or_default();
    let overrides: Vec<Override> =
        parts.map(|text| Override(String::from_utf8_lossy(text).into_owned())).collect();
    let files = InMemory::default().with("base.toml", GOOD).with("week.toml", file);
    let Err(failure) = load_from::<Miniature>(&files, "week.toml".as_ref(), &overrides) else {
        return;
    };
    if let Failure::Wrong { problems, .. } = &failure {
        assert!(!problems.is_empty(), "no value and no problem");
    }
    assert!(failure.render(Style { colour: false }).contains("help: "));
    assert!(failure.findings().iter().all(|finding| !finding.remedy.is_empty()));
});
