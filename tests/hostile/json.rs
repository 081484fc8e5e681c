//! Changes a JSON document by chance: numbers at bounds, keys that are gone or twice, texts with signs
//! that terminals obey, parts where others should be.

use crate::chance::Chance;
use serde_json::{Map, Value, json};

/// Documents that stand as texts in others are opened this deep.
const NESTED_MOST: usize = 2;

/// Changes one thing somewhere, and says what. Four of five changes keep the kind of what is changed, so
/// that the document can still be read and what it says is looked at.
pub fn mutate(document: &mut Value, chance: &mut Chance) -> String {
    let mut path = String::new();
    let keeps_kind = !chance.one_in(5);
    let others = if keeps_kind { document.clone() } else { Value::Null };
    descend(document, &others, chance, &mut path, 0)
}

fn descend(
    value: &mut Value,
    others: &Value,
    chance: &mut Chance,
    path: &mut String,
    nested: usize,
) -> String {
    match value {
        Value::Object(map) if !map.is_empty() && !chance.one_in(15) => {
            let keys: Vec<String> = map.keys().cloned().collect();
            let key = &keys[chance.below(keys.len())];
            *path += &format!(".{key}");
            if !others.is_null() && chance.one_in(6) {
                let mut same = Vec::new();
                of_key(others, key, &mut same);
                let told = format!("{path}: {} became that of another", short(&map[key.as_str()]));
                map[key.as_str()] = same.get(chance.below(same.len())).cloned().unwrap_or_default();
                return told;
            }
            descend(&mut map[key.as_str()], others, chance, path, nested)
        }
        Value::Array(all) if !all.is_empty() && !chance.one_in(15) => {
            let index = chance.below(all.len());
            *path += &format!("[{index}]");
            descend(&mut all[index], others, chance, path, nested)
        }
        Value::String(text) if nested < NESTED_MOST && !chance.one_in(20) => {
            match serde_json::from_str::<Value>(text) {
                Ok(mut inner) if inner.is_object() || inner.is_array() => {
                    *path += " in a text";
                    let others = if others.is_null() { Value::Null } else { inner.clone() };
                    let told = descend(&mut inner, &others, chance, path, nested + 1);
                    *text = inner.to_string();
                    told
                }
                _ => replace(value, others, chance, path),
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => replace(value, others, chance, path),
    }
}

/// The first hundred values of a key, wherever it stands.
fn of_key(value: &Value, key: &str, found: &mut Vec<Value>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(own, inner)| {
            if own == key && found.len() < 100 {
                found.push(inner.clone());
            }
            of_key(inner, key, found);
        }),
        Value::Array(all) => all.iter().for_each(|inner| of_key(inner, key, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn replace(value: &mut Value, others: &Value, chance: &mut Chance, path: &str) -> String {
    let was = short(value);
    match value {
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or(0);
            *value = match others.is_null() {
                true => other_number(number, chance),
                false => whole_number(number, chance),
            };
        }
        Value::Array(all) => change_array(all, chance),
        Value::Object(map) => change_object(map, chance),
        Value::Bool(is) if !others.is_null() => *is = !*is,
        Value::String(text) if !others.is_null() => *text = other_text(text, chance),
        Value::Null | Value::Bool(_) | Value::String(_) => *value = other(chance),
    }
    format!("{path}: {was} became {}", short(value))
}

/// Another amount of the same unit, or another text.
fn other_text(text: &str, chance: &mut Chance) -> String {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if digits == 0 {
        return match chance.below(3) {
            0 => "\u{1b}[2J\u{7}\u{202e}".to_owned(),
            1 => "x".repeat(10_000),
            _ => String::new(),
        };
    }
    let was = text[..digits].parse().unwrap_or(u64::MAX);
    format!("{}{}", whole_number(was, chance), &text[digits..])
}

fn whole_number(was: u64, chance: &mut Chance) -> Value {
    match chance.below(12) {
        0 => json!(0),
        1 | 2 => json!(was.wrapping_add(1)),
        3 => json!(was.saturating_sub(1)),
        4 => json!(was.saturating_mul(2)),
        5 => json!(was / 2),
        6 => json!(was.saturating_mul(1_000)),
        7 => json!(u32::MAX),
        8 => json!(255),
        9 => json!(65_535),
        10 => json!(u64::MAX - chance.below(3) as u64),
        _ => json!(chance.below(3_000)),
    }
}

fn short(value: &Value) -> String {
    value.to_string().chars().take(60).collect()
}

fn other_number(was: u64, chance: &mut Chance) -> Value {
    match chance.below(14) {
        0 => json!(0),
        1 => json!(-1),
        2 => json!(was.wrapping_add(1)),
        3 => json!(was.saturating_sub(1)),
        4 => json!(u64::MAX),
        5 => json!(u64::MAX - 1),
        6 => json!(u32::MAX),
        7 => json!(65_535),
        8 => json!(i64::MAX),
        9 => json!(was.wrapping_mul(1_000)),
        10 => json!(1.5),
        11 => json!(was / 2),
        12 => json!(chance.below(100)),
        _ => other(chance),
    }
}

fn other(chance: &mut Chance) -> Value {
    let deep = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    match chance.below(10) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!("\u{1b}[2J\u{7}\u{202e}"),
        3 => json!([]),
        4 => json!({}),
        5 => json!(""),
        6 => deep(100),
        7 => json!("x".repeat(100_000)),
        8 => json!(7),
        _ => json!("awake"),
    }
}

fn change_array(all: &mut Vec<Value>, chance: &mut Chance) {
    match (all.len(), chance.below(5)) {
        (0, _) => all.push(other(chance)),
        (count, 0) => drop(all.remove(chance.below(count))),
        (count, 1) => all.push(all[chance.below(count)].clone()),
        (count, 2) => all.swap(0, chance.below(count)),
        (count, 3) => {
            let one = all[chance.below(count)].clone();
            all.extend(std::iter::repeat_n(one, 2_000));
        }
        _ => all.clear(),
    }
}

fn change_object(map: &mut Map<String, Value>, chance: &mut Chance) {
    let keys: Vec<String> = map.keys().cloned().collect();
    match (keys.len(), chance.below(3)) {
        (0, _) | (_, 0) => drop(map.insert("unknown".to_owned(), other(chance))),
        (count, 1) => drop(map.remove(&keys[chance.below(count)])),
        (count, _) => {
            let value = map[keys[chance.below(count)].as_str()].clone();
            map.insert(keys[chance.below(count)].clone(), value);
        }
    }
}
