//! JSON, as elements write themselves, back into a tree that elements read. Places are nowhere.

use seatrial_contract::config::{Node, Value};

/// The tree of a JSON value.
#[must_use]
pub fn json_tree(json: &serde_json::Value) -> Node {
    use serde_json::Value as Json;
    let value = match json {
        Json::Null => Value::NOTHING,
        Json::Bool(value) => Value::Bool(*value),
        Json::Number(number) => match number.as_i64() {
            Some(value) => Value::Integer(value),
            None => number.as_f64().map_or(Value::Other("a number too large"), Value::Decimal),
        },
        Json::String(text) => Value::Text(text.clone()),
        Json::Array(items) => Value::List(items.iter().map(json_tree).collect()),
        Json::Object(entries) => {
            Value::table(entries.iter().map(|(key, json)| (key.clone(), json_tree(json).value)))
        }
    };
    value.nowhere()
}
