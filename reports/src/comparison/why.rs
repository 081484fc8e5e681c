//! Where two worlds part, as text.

use crate::figures::{count, moment};
use core::fmt::Write;
use seatrial_contract::outside;
use seatrial_record::{DecisionRow, Parting};
use serde_json::Value;

/// What either decides at the moment at which they part.
pub(crate) fn parting(of: &Parting) -> String {
    let first = [&of.first, &of.second].into_iter().flatten().map(|row| row.at).min();
    let mut text = format!(
        "  seed {}, {}, after {} actions that are the same\n",
        of.seed,
        first.map_or_else(String::new, moment),
        count(of.same)
    );
    for (word, row) in [("first ", &of.first), ("second", &of.second)] {
        let told = match row {
            // The other acts before it.
            Some(row) if first.is_some_and(|at| row.at > at) => {
                format!("nothing; the next is at {}: {}", moment(row.at), told(row))
            }
            Some(row) => told(row),
            None => "nothing more".to_owned(),
        };
        let _ = writeln!(text, "  {word}  {told}");
    }
    text
}

/// What is decided, why, and what that rests on.
pub(crate) fn told(row: &DecisionRow) -> String {
    let action = plain(row.action.text(), "do");
    let reason = plain(row.reason.text(), "why");
    outside::sentence(&format!("{}: {action}, because {reason}", row.policy))
}

/// The JSON of an action or a reason in words: what stands under that key, and the rest behind it.
fn plain(json: &str, head: &str) -> String {
    let Ok(Value::Object(all)) = serde_json::from_str::<Value>(json) else {
        return json.to_owned();
    };
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let begins = all.get(head).map(word).unwrap_or_default();
    let told = all.iter().filter(|(key, _)| *key != head && !key.ends_with("_seconds"));
    let told: Vec<String> = told.map(|(key, value)| format!("{key} {}", word(value))).collect();
    if told.is_empty() { begins } else { format!("{begins} ({})", told.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_and_its_reason_read_as_a_sentence() {
        let action = r#"{"do":"hibernate","stage":"asleep","tenant":"t-1"}"#;
        assert_eq!(plain(action, "do"), "hibernate (stage asleep, tenant t-1)");
        let reason = r#"{"why":"idle","idle":"14 d","idle_seconds":1209600.5,"most":3}"#;
        assert_eq!(plain(reason, "why"), "idle (idle 14 d, most 3)");
        assert_eq!(plain("7", "why"), "7");
    }
}
