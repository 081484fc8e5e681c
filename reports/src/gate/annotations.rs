//! What a gate found as annotations of GitHub's runner, a line each.

use super::told::{Level, told};
use core::fmt::Write;
use seatrial_contract::outside;
use seatrial_record::Gated;

/// The lines; none where all is fine.
#[must_use]
pub fn gate_annotations(found: &Gated) -> String {
    let mut text = String::new();
    for of in told(found) {
        let word = match of.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Fine => continue,
        };
        let place = of.place.as_ref().map_or_else(String::new, |place| {
            format!("file={},line={},", property(&place.file), place.line)
        });
        let title = property(&format!("{} {}", of.kind, of.of));
        let _ = writeln!(text, "::{word} {place}title={title}::{}", message(&of.sentence()));
    }
    text
}

fn message(text: &str) -> String {
    let text = outside::sentence(text);
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
