//! What a gate found as SARIF 2.1.0, which code hosts show beside the line.

use super::told::{Level, Told, told};
use seatrial_contract::outside;
use seatrial_record::Gated;
use serde_json::{Value, json};

/// The document.
#[must_use]
pub fn gate_sarif(found: &Gated) -> Value {
    let all = told(found);
    let loud = || all.iter().filter(|of| of.level != Level::Fine);
    let results: Vec<Value> = loud().map(result).collect();
    let rule = |id: &str, text: &str| json!({ "id": id, "shortDescription": { "text": text } });
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "seatrial gate",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": [
                    rule("metric", "A gated metric is worse, or not decided."),
                    rule("objective", "An objective is broken in more runs than it may be."),
                ],
            } },
            "results": results,
        }],
    })
}

fn result(of: &Told) -> Value {
    let level = match of.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Fine => "note",
    };
    let text = outside::sentence(&of.sentence()).to_string();
    let mut result = json!({ "ruleId": of.kind, "level": level, "message": { "text": text } });
    if let Some(place) = &of.place {
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&place.file) },
            "region": { "startLine": place.line.max(1) },
        } }]);
    }
    result
}

/// A path as a reference that a reader resolves against the repository.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let path = path.trim_start_matches("./");
    path.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
