//! The schema accepts the files that load and refuses those that do not.

mod sample;

use sample::{GOOD, Miniature};
use seatrial_contract::config::{Element, Node, Problems, Value as Written};
use seatrial_format::scenario::Scenario;
use seatrial_format::{InMemory, Override, json_schema, load_scenario, parse, read_text};
use serde_json::{Value, json};

fn schema() -> Value {
    json_schema("A miniature scenario", &Miniature::shape())
}

/// A text as the JSON that an editor checks.
fn document(text: &str) -> Value {
    fn json(node: &Node) -> Value {
        match &node.value {
            Written::Bool(value) => json!(value),
            Written::Integer(value) => json!(value),
            Written::Decimal(value) => json!(value),
            Written::Text(text) => json!(text),
            Written::Other(what) => json!(what),
            Written::List(nodes) => nodes.iter().map(json).collect(),
            Written::Table(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), json(&entry.node)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }
    json(&parse(text, 0, &mut Problems::default()).unwrap())
}

/// As much of a validator as the schema needs, all but `pattern`.
fn fits(schema: &Value, value: &Value) -> bool {
    let Value::Object(rules) = schema else { return true };
    rules.iter().all(|(rule, says)| match rule.as_str() {
        "type" => match says.as_str().unwrap() {
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            other => panic!("no such type: {other}"),
        },
        "minimum" => value.as_i64().is_none_or(|value| value >= says.as_i64().unwrap()),
        "maximum" => value.as_i64().is_none_or(|value| value <= says.as_i64().unwrap()),
        "enum" => says.as_array().unwrap().contains(value),
        "const" => says == value,
        "required" => {
            let keys = says.as_array().unwrap();
            value
                .as_object()
                .is_none_or(|v| keys.iter().all(|k| v.contains_key(k.as_str().unwrap())))
        }
        "items" => value.as_array().is_none_or(|items| items.iter().all(|item| fits(says, item))),
        "properties" => value.as_object().is_none_or(|object| {
            object.iter().all(|(key, value)| says.get(key).is_none_or(|says| fits(says, value)))
        }),
        "additionalProperties" => value.as_object().is_none_or(|object| {
            let known =
                |key: &str| rules.get("properties").is_some_and(|known| known.get(key).is_some());
            let mut others = object.iter().filter(|(key, _)| !known(key));
            others.all(|(_, value)| *says != json!(false) && fits(says, value))
        }),
        "anyOf" => says.as_array().unwrap().iter().any(|says| fits(says, value)),
        "allOf" => says.as_array().unwrap().iter().all(|says| fits(says, value)),
        "if" => {
            let branch = if fits(says, value) { "then" } else { "else" };
            rules.get(branch).is_none_or(|branch| fits(branch, value))
        }
        "then" | "else" | "$schema" | "title" | "description" | "default" | "examples"
        | "pattern" | "x-taplo" => true,
        other => panic!("this rule is not checked: {other}"),
    })
}

#[test]
fn good_files_fit_the_schema() {
    assert!(fits(&schema(), &document(GOOD)));
    assert!(fits(&schema(), &document("extends = \"base.toml\"\narrivals.rate = \"9/s\"\n")));
    assert!(fits(&schema(), &document("extends = \"b.toml\"\npools = [{ name = \"a\" }]\n")));
}

#[test]
fn whatever_does_not_fit_does_not_load_either() {
    for (from, to) in [
        ("seed = 42", "seed = -1"),
        ("seed = 42", "sed = 42"),
        ("duration = \"7 d\"", "duration = 7"),
        ("duration = \"7 d\"", ""),
        ("cpu = \"8 cores\"", ""),
        ("\"spot\"", "\"spott\""),
        ("\"poisson\"", "\"fixed\""),
        ("\"poisson\"", "\"poison\""),
        ("rate = \"3/s\"", ""),
        ("kind = \"poisson\"", ""),
        ("tenants = 100\n", ""),
        ("share = 0.4", "share = true"),
        ("[8, 9, 10]", "[8, \"9\", 10]"),
        ("[8, 9, 10]", "8"),
    ] {
        let text = GOOD.replacen(from, to, 1);
        assert!(!fits(&schema(), &document(&text)), "the schema accepts {to:?} for {from:?}");
        assert!(read_text::<Miniature>("x.toml", &text).is_err(), "{to:?} for {from:?} loads");
    }
}

/// The scenario that users read first, the one with a bit of everything, and one with caches.
const SCENARIOS: [&str; 3] = [
    include_str!("../../thousand-users.toml"),
    include_str!("sample/run.toml"),
    include_str!("../../shared-cache.toml"),
];

#[test]
fn the_scenarios_of_this_repository_fit_their_schema() {
    let schema = json_schema("A Seatrial scenario", &Scenario::shape());
    for text in SCENARIOS {
        assert_eq!(misfit(&schema, &document(text), ""), None);
    }
}

/// The first key or entry that does not fit where it stands, for a message.
fn misfit(schema: &Value, value: &Value, path: &str) -> Option<String> {
    if fits(schema, value) {
        return None;
    }
    let inside = match value {
        Value::Object(entries) => entries.iter().find_map(|(key, value)| {
            misfit(schema.get("properties")?.get(key)?, value, &format!("{path}.{key}"))
        }),
        Value::Array(items) => items.iter().enumerate().find_map(|(index, value)| {
            misfit(schema.get("items")?, value, &format!("{path}[{index}]"))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    };
    inside.or_else(|| Some(format!("{path}: {value}")))
}

#[test]
fn what_does_not_fit_the_scenario_schema_does_not_load() {
    let schema = json_schema("A Seatrial scenario", &Scenario::shape());
    for (from, to) in [
        ("tenants = 900", "tenants = \"900\""),
        ("tenants = 900", "tenants = 5000000000"),
        ("stack = \"trading\"", ""),
        ("starts_on = \"monday\"", "starts_on = \"mondy\""),
        ("kind = \"lognormal\"", "kind = \"normal\""),
        ("count = 5", "count = -5"),
        ("concurrency = 4", "concurrency = 0"),
        ("loss = \"1 %\"", "loss = 1"),
        ("at_most = 0", "at_most = true"),
        ("[growth]", "[grow]"),
        ("\"allkeys-lru\"", "\"lfu\""),
        ("objects = 90_000", "objects = 0"),
        ("median = \"1 KiB\"", "median = 1024"),
    ] {
        let text = SCENARIOS[1].replacen(from, to, 1);
        assert!(!fits(&schema, &document(&text)), "the schema accepts {to:?} for {from:?}");
        let files = InMemory::default().with("x.toml", text);
        let loaded = load_scenario(&files, "x.toml".as_ref(), &[] as &[Override]);
        assert!(loaded.is_err(), "{to:?} for {from:?} loads");
    }
}

#[test]
fn the_schema_explains_what_editors_show() {
    let schema = schema();
    assert_eq!(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    let pool = &schema["properties"]["pools"]["items"]["properties"];
    assert_eq!(
        pool["purchase"],
        json!({
            "type": "string",
            "enum": ["on-demand", "spot"],
            "default": "on-demand",
            "description": "How it is paid.\n\n- `on-demand`: By the hour.\n\
                - `spot`: Cheap, and gone at any moment.",
            "x-taplo": { "docs": { "enumValues": [
                "By the hour.", "Cheap, and gone at any moment."
            ] } },
        })
    );
    assert_eq!(pool["cpu"]["examples"], json!(["0.5 cores"]));
    assert!(pool["cpu"]["pattern"].as_str().unwrap().contains("cores"));
    assert!(pool["price"].get("default").is_none(), "an absent option has no default");
    let distribution = &schema["properties"]["arrivals"];
    assert_eq!(distribution["anyOf"][0]["properties"]["kind"]["const"], "poisson");
    assert_eq!(distribution["default"]["kind"], "fixed");
    assert_eq!(schema["else"]["required"], json!(["duration", "pools", "tiers"]));
}
