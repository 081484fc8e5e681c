//! Describes an element to editors, as JSON Schema. Knows no scenario and validates nothing.

use seatrial_contract::config::{Field, Node, Shape, Value as Written, Variant};
use serde_json::{Map, Value, json};

/// The schema of a file that holds an element of this shape.
///
/// Draft 7, because that is what taplo (and with it "Even Better TOML") reads. A file that says
/// `extends` may leave out what its base has, so keys are required only in one that does not.
#[must_use]
pub fn json_schema(title: &str, shape: &Shape) -> Value {
    let mut schema = describe(shape);
    schema.insert("$schema".into(), json!("http://json-schema.org/draft-07/schema#"));
    schema.insert("title".into(), json!(title));
    let extends = json!({
        "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }],
        "description": "A file that this one is laid over, by its path from here: tables key by \
            key, lists of named tables name by name, all else replaced. Of several, each is laid \
            over the one before.",
        "examples": ["base.toml", ["users.toml", "requests.toml"]],
    });
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert("extends".into(), extends);
    }
    if let Some(demanded) = demand(shape) {
        schema.insert("if".into(), json!({ "required": ["extends"] }));
        schema.insert("else".into(), demanded);
    }
    Value::Object(schema)
}

type Object = Map<String, Value>;

/// What may be there, and what it means.
fn describe(shape: &Shape) -> Object {
    match shape {
        Shape::Bool => object(json!({ "type": "boolean" })),
        Shape::Integer { least, most } => {
            object(json!({ "type": "integer", "minimum": least, "maximum": most }))
        }
        Shape::Decimal => object(json!({ "type": "number" })),
        Shape::Text { what, example, pattern } => text(what, example, pattern),
        Shape::Words(all) => words(all),
        Shape::List(item) => object(json!({ "type": "array", "items": describe(item) })),
        Shape::Keyed(value) => {
            object(json!({ "type": "object", "additionalProperties": describe(value) }))
        }
        Shape::Table(fields) => table(fields),
        Shape::Choice(variants) => choice(variants),
        Shape::Either(shapes) => {
            let any_of: Vec<Object> = shapes.iter().map(describe).collect();
            object(json!({ "anyOf": any_of }))
        }
        Shape::Any => Object::new(),
    }
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Object::new()
        }
    }
}

fn text(what: &str, example: &str, pattern: &str) -> Object {
    let mut schema = object(json!({ "type": "string" }));
    if !pattern.is_empty() {
        schema.insert("pattern".into(), json!(pattern));
        schema.insert("description".into(), json!(format!("Written as {what}: {example}.")));
        schema.insert("examples".into(), json!([example.trim_matches('"')]));
    }
    schema
}

fn words(all: &[(&str, &str)]) -> Object {
    let words: Vec<&str> = all.iter().map(|word| word.0).collect();
    let meanings: Vec<&str> = all.iter().map(|word| word.1).collect();
    let lines: Vec<String> = all.iter().map(|(word, doc)| format!("- `{word}`: {doc}")).collect();
    object(json!({
        "type": "string",
        "enum": words,
        "description": lines.join("\n"),
        "x-taplo": { "docs": { "enumValues": meanings } },
    }))
}

fn table(fields: &[Field]) -> Object {
    let properties: Object = fields
        .iter()
        .map(|field| {
            let mut schema = describe(&field.shape);
            explain(&mut schema, &field.doc);
            if let Some(default) = field.default.as_ref().and_then(default) {
                schema.insert("default".into(), default);
            }
            (field.key.to_string(), Value::Object(schema))
        })
        .collect();
    object(json!({ "type": "object", "properties": properties, "additionalProperties": false }))
}

/// One of several tables, told apart by their `kind`.
fn choice(variants: &[Variant]) -> Object {
    let one_of: Vec<Value> = variants
        .iter()
        .map(|variant| {
            let mut schema = describe(&variant.shape);
            let doc = json!({ "const": variant.word, "description": variant.doc });
            let properties = schema.entry("properties").or_insert_with(|| json!({}));
            if let Value::Object(properties) = properties {
                properties.insert("kind".into(), doc);
            }
            schema.insert("type".into(), json!("object"));
            schema.insert("title".into(), json!(variant.word));
            explain(&mut schema, &variant.doc);
            Value::Object(schema)
        })
        .collect();
    // A file laid over another may leave out the kind, and then several can fit.
    object(json!({ "anyOf": one_of }))
}

/// Puts a comment in front of what is already said.
fn explain(schema: &mut Object, doc: &str) {
    if doc.is_empty() {
        return;
    }
    let more = schema.get("description").and_then(Value::as_str);
    let text = more.map_or(doc.to_string(), |more| format!("{doc}\n\n{more}"));
    schema.insert("description".into(), json!(text));
}

/// What must be there, and nothing else; none where nothing must.
fn demand(shape: &Shape) -> Option<Value> {
    match shape {
        Shape::List(item) => Some(json!({ "items": demand(item)? })),
        Shape::Keyed(value) => Some(json!({ "additionalProperties": demand(value)? })),
        Shape::Table(fields) => {
            let required: Vec<&str> =
                fields.iter().filter(|f| f.default.is_none()).map(|field| field.key).collect();
            let properties: Object = fields
                .iter()
                .filter_map(|field| Some((field.key.to_string(), demand(&field.shape)?)))
                .collect();
            if required.is_empty() && properties.is_empty() {
                return None;
            }
            Some(json!({ "required": required, "properties": properties }))
        }
        Shape::Choice(variants) => {
            let all: Vec<Value> = variants
                .iter()
                .filter_map(|variant| {
                    let kind = json!({ "properties": { "kind": { "const": variant.word } } });
                    Some(json!({ "if": kind, "then": demand(&variant.shape)? }))
                })
                .collect();
            let mut schema = object(json!({ "required": ["kind"] }));
            if !all.is_empty() {
                schema.insert("allOf".into(), Value::Array(all));
            }
            Some(Value::Object(schema))
        }
        Shape::Bool
        | Shape::Integer { .. }
        | Shape::Decimal
        | Shape::Text { .. }
        | Shape::Words(_)
        | Shape::Either(_)
        | Shape::Any => None,
    }
}

/// A default as JSON; none where what is absent stays absent.
fn default(value: &Written) -> Option<Value> {
    Some(match value {
        Written::Bool(value) => json!(value),
        Written::Integer(value) => json!(value),
        Written::Decimal(value) => json!(value),
        Written::Text(text) => json!(text),
        Written::List(nodes) => nodes.iter().filter_map(|node| default(&node.value)).collect(),
        Written::Table(entries) => {
            let entry = |(key, node): (&String, &Node)| Some((key.clone(), default(&node.value)?));
            let entries = entries.iter().map(|entry| (&entry.key, &entry.node));
            Value::Object(entries.filter_map(entry).collect())
        }
        Written::Other(_) => return None,
    })
}
