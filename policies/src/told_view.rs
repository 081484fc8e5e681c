//! A view as the text of a document, its moments told as its clock tells them, and back.
//!
//! A document that names no clock counts its moments from the host's zero, as spans: short to type.

use crate::Clock;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use seatrial_contract::units::Moment;
use seatrial_contract::view::ViewDocument;
use serde_json::{Map, Value};

const CLOCK: &str = "clock";
/// Where rows keep moments.
const MOMENTS: [&str; 5] = ["taken_at", "since", "started_at", "wanted_since", "seen_at"];
/// A reading whose value is a moment.
const OF_MOMENTS: [&str; 1] = ["last_active"];

/// A text that is no view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextError(String);

impl fmt::Display for TextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for TextError {}

/// The text of a view whose moments this clock tells.
#[must_use]
pub fn tell_view(document: &ViewDocument, clock: Clock) -> String {
    let mut value = serde_json::to_value(document).unwrap_or_default();
    let tell = |text: &str| {
        let moment = serde_json::from_value::<Moment>(text.into()).ok()?;
        Some(clock.tell_exactly(moment))
    };
    // What a document writes is read by a document.
    let _ = moments(&mut value, &tell);
    let mut told = Map::new();
    told.insert(CLOCK.to_owned(), serde_json::to_value(clock).unwrap_or_default());
    if let Value::Object(fields) = value {
        told.extend(fields);
    }
    serde_json::to_string_pretty(&told).unwrap_or_default()
}

/// Reads the text of a view, and its clock where it names one.
///
/// # Errors
/// When it is none.
pub fn read_view(text: &str) -> Result<(ViewDocument, Option<Clock>), TextError> {
    let wrong = |error: serde_json::Error| TextError(error.to_string());
    let value: Value = serde_json::from_str(text).map_err(wrong)?;
    let Value::Object(mut fields) = value else {
        // The reader of documents says what it is instead.
        return serde_json::from_str(text).map(|document| (document, None)).map_err(wrong);
    };
    let Some(clock) = fields.remove(CLOCK) else {
        // Read anew from the text, so that a problem has its line.
        return serde_json::from_str(text).map(|document| (document, None)).map_err(wrong);
    };
    let clock: Clock =
        serde_json::from_value(clock).map_err(|error| TextError(format!("{CLOCK}: {error}")))?;
    let mut value = Value::Object(fields);
    let read = |text: &str| clock.read_exactly(text).map(|moment| moment.to_string());
    moments(&mut value, &read)?;
    let document = serde_json::from_value(value).map_err(wrong)?;
    Ok((document, Some(clock)))
}

/// Has every moment said otherwise.
fn moments(value: &mut Value, say: &dyn Fn(&str) -> Option<String>) -> Result<(), TextError> {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                let of_moments = OF_MOMENTS.contains(&key.as_str());
                let within = if of_moments { value.get_mut("value") } else { None };
                let is_moment = of_moments || MOMENTS.contains(&key.as_str());
                if let (true, Some(Value::String(text))) = (of_moments, within) {
                    *text = said(key, text, say)?;
                }
                match value {
                    Value::String(text) if is_moment => *text = said(key, text, say)?,
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Array(_)
                    | Value::Object(_) => moments(value, say)?,
                }
            }
            Ok(())
        }
        Value::Array(all) => all.iter_mut().try_for_each(|one| moments(one, say)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn said(key: &str, text: &str, say: &dyn Fn(&str) -> Option<String>) -> Result<String, TextError> {
    say(text).ok_or_else(|| TextError(format!("{key}: `{text}` is no moment of its clock")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::units::Span;

    const VIEW: &str = r#"{
        "clock": { "run": { "starts": "364 d" } },
        "taken_at": "3 d 09:00:00.5",
        "tiers": [{ "name": "free" }],
        "pools": [{ "name": "low" }],
        "nodes": [{ "name": "low-1", "pool": "low", "cpu": "4 cores", "memory": "8 GiB",
            "since": "-0 d 01:00:00",
            "cpu_used": { "value": "1 cores", "seen_at": "3 d 08:59:55" } }],
        "tenants": [{ "name": "ann", "tier": "free", "wanted_since": "2 d 00:00:00",
            "last_active": { "value": "-9 d 10:00:00", "seen_at": "3 d 09:00:00" } }]
    }"#;

    #[test]
    fn moments_are_told_by_the_clock_that_the_document_names() {
        let (document, clock) = read_view(VIEW).unwrap();
        let starts = Moment::START.after(Span::days(364));
        assert_eq!(clock, Some(Clock::Run { starts }));
        let at =
            |hours: u64, millis: u64| starts.after(Span::hours(hours)).after(Span::millis(millis));
        assert_eq!(document.taken_at, at(81, 500));
        let visit = document.tenants[0].last_active.unwrap();
        assert_eq!(
            (visit.value, visit.seen_at),
            (Moment::START.after(Span::hours(8_510)), at(81, 0))
        );
        assert_eq!(document.nodes[0].since, Moment::START.after(Span::hours(8_735)));
        let told = tell_view(&document, clock.unwrap());
        assert_eq!(read_view(&told).unwrap(), (document, clock));
        assert!(told.contains(r#""taken_at": "3 d 09:00:00.5""#), "{told}");
        assert!(told.contains(r#""value": "-9 d 10:00:00""#), "{told}");
    }

    #[test]
    fn a_clock_by_its_former_name_is_read() {
        let (_, clock) = read_view(&VIEW.replace("\"run\"", "\"voyage\"")).unwrap();
        assert_eq!(clock, read_view(VIEW).unwrap().1);
    }

    #[test]
    fn what_is_no_moment_of_its_clock_is_named() {
        let wrong = read_view(&VIEW.replace("2 d 00:00:00", "2026-11-21 10:50:33Z")).unwrap_err();
        let says = "wanted_since: `2026-11-21 10:50:33Z` is no moment of its clock";
        assert_eq!(wrong.to_string(), says);
        let wrong = read_view(&VIEW.replace("\"run\"", "\"runs\"")).unwrap_err();
        assert!(wrong.to_string().starts_with("clock: "), "{wrong}");
        let wrong = read_view("[1]").unwrap_err();
        assert!(wrong.to_string().contains("line 1"), "{wrong}");
    }
}
