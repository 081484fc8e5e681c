//! Any bytes as a scenario file, alone, over a base and under an override: it loads and passes all
//! checks, or at least one problem says why and can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use seatrial_contract::config::{Element, Path, Problems};
use seatrial_format::scenario::Scenario;
use seatrial_format::{Failure, InMemory, Override, Style, check, load_scenario};

const GOOD: &str = include_str!("../../tests/sample/run.toml");

fuzz_target!(|bytes: &[u8]| {
    // What stands behind the first zero byte is an override.
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let file = parts.next().unwrap_or_default();
    let overrides: Vec<Override> =
        parts.map(|text| Override(String::from_utf8_lossy(text).into_owned())).collect();
    let files = InMemory::default().with("base.toml", GOOD).with("week.toml", file);
    let failure = match load_scenario(&files, "week.toml".as_ref(), &overrides) {
        Ok(loaded) => return holds(&loaded.value),
        Err(failure) => failure,
    };
    if let Failure::Wrong { problems, .. } = &failure {
        assert!(!problems.is_empty(), "no value and no problem");
    }
    assert!(failure.render(Style { colour: false }).contains("help: "));
    assert!(failure.findings().iter().all(|finding| !finding.remedy.is_empty()));
});

/// What loads is written back, reads as the same, and passes the same checks.
fn holds(scenario: &Scenario) {
    let mut problems = Problems::default();
    let written = scenario.write();
    let again = Scenario::read(&written.clone().nowhere(), &Path::Root, &mut problems);
    let again = again.unwrap_or_else(|| panic!("{problems:?}"));
    assert_eq!(again.write(), written);
    check(&again, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
}
