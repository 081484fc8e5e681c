//! Scenarios as texts, for tests.

use seatrial_format::scenario::Scenario;
use seatrial_format::{InMemory, Style, load_scenario};
use std::path::Path;

/// The scenario, which has to be right.
pub fn scenario(text: &str) -> Scenario {
    let files = InMemory::default().with("scenario.toml", text);
    match load_scenario(&files, Path::new("scenario.toml"), &[]) {
        Ok(loaded) => loaded.value,
        Err(failure) => panic!("{text}\n{}", failure.render(Style::default())),
    }
}
