//! Axes of a sweep: a key that `--set` reaches, and the values that it takes one after the other. Reads
//! `pools.worker-low.count=1..4` and files of `[[axes]]`; knows no scenario.

use crate::load::{Failure, load_from};
use crate::sources::Sources;
use crate::steps::steps;
use crate::{Files, toml_tree};
use seatrial_contract::config::{Element, Located, Node, Path, Problems, Shape, Value, element};
use std::path::Path as FilePath;

/// A key and its values, as they would be written behind `--set KEY=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Axis {
    /// The key.
    pub key: String,
    /// Its values, in order; no two are the same.
    pub values: Vec<String>,
}

/// Why a text is no axis, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {remedy}")]
pub struct AxisError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// More values than anybody waits for.
pub const VALUES_MAX: usize = 100_000;

/// What an axis looks like.
const EXAMPLE: &str = "write it such as pools.worker-low.count=1..4 or policies.tick=5s,10s";

impl Axis {
    /// Reads `KEY=1..4`, `KEY=0..100/25` or `KEY=3d,7d`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, AxisError> {
        let (path, at) = steps(text, 0)
            .map_err(|problem| wrong(format!("`{text}`: {}", problem.message), EXAMPLE))?;
        if path.first().is_some_and(|step| step.word == "extends") {
            let remedy = "name several scenarios instead";
            return Err(wrong("`extends` holds for a file and cannot be varied", remedy));
        }
        let key = text[..at - 1].trim().to_owned();
        Self::of(key, spread(text[at..].trim())?)
    }

    /// An axis of these values.
    ///
    /// # Errors
    /// When there are none, too many, or two that are the same.
    pub fn of(key: String, values: Vec<String>) -> Result<Self, AxisError> {
        if let Some(at) = values.iter().position(String::is_empty) {
            let message = format!("`{key}`: value {} is empty", at + 1);
            return Err(wrong(message, "leave no comma at an end, and none beside another"));
        }
        if values.is_empty() {
            return Err(wrong(format!("`{key}` has no values"), EXAMPLE));
        }
        if values.len() > VALUES_MAX {
            return Err(too_many(&key));
        }
        let mut sorted: Vec<&String> = values.iter().collect();
        sorted.sort();
        if let Some(twice) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            let message = format!("`{key}` has the value `{}` twice", twice[0]);
            return Err(wrong(message, "leave one of them out"));
        }
        Ok(Self { key, values })
    }
}

fn wrong(message: impl Into<String>, remedy: &str) -> AxisError {
    AxisError { message: message.into(), remedy: remedy.to_owned() }
}

fn too_many(what: &str) -> AxisError {
    let message = format!("`{what}` has more than {VALUES_MAX} values");
    wrong(message, "take larger steps, such as 0..1000000/50000")
}

/// The values that a text stands for: a range of whole numbers, or a list.
fn spread(text: &str) -> Result<Vec<String>, AxisError> {
    if let Some(range) = range(text)? {
        return Ok(range);
    }
    let values = list(text);
    // What begins with digits on both sides is no path.
    let is_like =
        |part: &str| part.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit());
    let like = values.iter().find(|value| {
        value.split_once("..").is_some_and(|(from, to)| is_like(from) && is_like(to))
    });
    match like {
        Some(value) => Err(wrong(
            format!("`{value}` is no range of whole numbers"),
            "write 1..4 or 0..100/25 alone, and any other values as a list: 3d,7d,14d",
        )),
        None => Ok(values),
    }
}

/// `1..4` and `0..100/25`; none where it is no range.
fn range(text: &str) -> Result<Option<Vec<String>>, AxisError> {
    let Some((from, rest)) = text.split_once("..") else { return Ok(None) };
    let (to, step) = rest.split_once('/').unwrap_or((rest, "1"));
    let number = |text: &str| text.trim().parse::<i64>().ok();
    let (Some(from), Some(to), Some(step)) = (number(from), number(to), number(step)) else {
        return Ok(None);
    };
    if step < 1 {
        return Err(wrong(
            format!("the step of `{text}` is not above 0"),
            "write such as 0..100/25",
        ));
    }
    if from > to {
        let remedy = format!("write the smaller number first: {to}..{from}");
        return Err(wrong(format!("`{text}` is empty"), &remedy));
    }
    let count = (i128::from(to) - i128::from(from)) / i128::from(step) + 1;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    if count > VALUES_MAX {
        return Err(too_many(text));
    }
    let value = |at: usize| i128::from(from) + i128::from(step) * i128::try_from(at).unwrap_or(0);
    Ok(Some((0..count).map(|at| value(at).to_string()).collect()))
}

/// The parts between commas, but for those within quotes, brackets and braces.
fn list(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quote) = (vec![String::new()], 0_u32, None);
    let mut escaped = false;
    for c in text.chars() {
        let is_plain = quote.is_none();
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == Some('"') => escaped = true,
            '"' | '\'' if is_plain => quote = Some(c),
            _ if quote == Some(c) => quote = None,
            '[' | '{' if is_plain => depth += 1,
            ']' | '}' if is_plain => depth = depth.saturating_sub(1),
            ',' if is_plain && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

element! {
    /// A file of axes.
    pub struct AxesFile {
        /// What is varied.
        axes: Vec<AxisEntry>,
    }
}

element! {
    /// One axis.
    pub struct AxisEntry {
        /// What is varied: what `--set` reaches, or `tenants`.
        key: Located<String>,
        /// Its values: a list, or a text as `--vary` has it (`"1..4"`, `"0..100/25"`).
        values: Located<AxisValues>,
    }
}

/// The values of an axis of a file, as they would be written behind `--set KEY=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AxisValues {
    /// As `--vary` has them.
    Text(String),
    /// One by one.
    List(Vec<String>),
}

impl Element for AxisValues {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let remedy = "write [\"3 d\", \"7 d\"], [1, 2, 4] or \"1..4\"";
        match &node.value {
            Value::Text(text) => Some(Self::Text(text.clone())),
            Value::List(items) => {
                let mut values = Vec::new();
                for item in items {
                    let Some(value) = written(&item.value) else {
                        let message = format!("{} is no value of an axis", item.value.called());
                        problems.add(path, item.place, message, remedy);
                        return None;
                    };
                    values.push(value);
                }
                Some(Self::List(values))
            }
            other @ (Value::Bool(_)
            | Value::Integer(_)
            | Value::Decimal(_)
            | Value::Table(_)
            | Value::Other(_)) => {
                let message = format!("this is {}, not the values of an axis", other.called());
                problems.add(path, node.place, message, remedy);
                None
            }
        }
    }
    fn shape() -> Shape {
        let one = Shape::Either(vec![String::shape(), f64::shape(), bool::shape()]);
        Shape::Either(vec![String::shape(), Shape::List(Box::new(one))])
    }
    fn write(&self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.clone()),
            Self::List(values) => {
                let text = |value: &String| Value::Text(value.clone()).nowhere();
                Value::List(values.iter().map(text).collect())
            }
        }
    }
}

/// A value as it is written behind `--set KEY=`; none where it is not a single one.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::Bool(_) | Value::Integer(_) | Value::Decimal(_) => Some(value.to_string()),
        Value::Text(text) => {
            // What would be read as something else, or not as a whole, needs its quotes.
            let is_plain = text.trim() == text
                && !text.is_empty()
                && !text.starts_with(['"', '\'', '[', '{'])
                && !text.contains(char::is_control);
            let is_toml = toml_tree::parse_value(text, 0, 0, &mut Problems::default()).is_some();
            Some(if is_plain && !is_toml { text.clone() } else { value.to_string() })
        }
        Value::List(_) | Value::Table(_) | Value::Other(_) => None,
    }
}

/// The axes of a file.
///
/// # Errors
/// All that is wrong with it, at once.
pub fn load_axes(files: &dyn Files, path: &FilePath) -> Result<Vec<Axis>, Failure> {
    let loaded = load_from::<AxesFile>(files, path, &[])?;
    let check = |file: AxesFile, _: &Sources, problems: &mut Problems| {
        let root = Path::Root;
        let all = Path::Key(&root, "axes");
        let mut axes = Vec::new();
        for (at, AxisEntry { key, values }) in file.axes.into_iter().enumerate() {
            let path = Path::Index(&all, at);
            let read = match values.value {
                AxisValues::Text(text) => Axis::parse(&format!("{}={text}", key.value)),
                AxisValues::List(list) => Axis::parse(&format!("{}=0", key.value))
                    .and_then(|axis| Axis::of(axis.key, list)),
            };
            match read {
                Ok(axis) => axes.push(axis),
                Err(AxisError { message, remedy }) => {
                    problems.add(&path, values.place, message, remedy);
                }
            }
        }
        Some(axes)
    };
    loaded.check(check).map(|loaded| loaded.value)
}

/// Says of a key that is varied twice that it is.
///
/// # Errors
/// The key.
pub fn each_once(axes: &[Axis]) -> Result<(), AxisError> {
    let plain = |axis: &Axis| axis.key.replace([' ', '"', '\''], "");
    for (at, axis) in axes.iter().enumerate() {
        if axes[..at].iter().any(|other| plain(other) == plain(axis)) {
            let message = format!("`{}` is varied twice", axis.key);
            return Err(wrong(message, "give all of its values at one place"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::InMemory;

    fn values(text: &str) -> Vec<String> {
        Axis::parse(text).unwrap_or_else(|error| panic!("{text}: {error}")).values
    }

    fn told(text: &str) -> String {
        Axis::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn ranges_are_of_whole_numbers_with_both_ends() {
        assert_eq!(values("pools.worker-mid.count=1..4"), ["1", "2", "3", "4"]);
        assert_eq!(values("a=-2 .. 3/2"), ["-2", "0", "2"]);
        assert_eq!(values("a=7..7"), ["7"]);
        assert_eq!(values("a=9223372036854775806..9223372036854775807").len(), 2);
        assert_eq!(Axis::parse(" a.\"b=c\"[0] = 1,2").unwrap().key, "a.\"b=c\"[0]");
    }

    #[test]
    fn lists_are_parted_by_commas_that_stand_in_nothing() {
        assert_eq!(values("policies.ladder.asleep=3d, 7d,14 d"), ["3d", "7d", "14 d"]);
        assert_eq!(values("a=[1, 2],[3]"), ["[1, 2]", "[3]"]);
        assert_eq!(
            values("a={ b = 1, c = 2 },\"x, \\\"y\",'p,\\'"),
            ["{ b = 1, c = 2 }", "\"x, \\\"y\"", "'p,\\'"]
        );
        // Files of folders above are no ranges.
        assert_eq!(values("policies.file=../a.toml,../b.toml"), ["../a.toml", "../b.toml"]);
    }

    #[test]
    fn what_is_no_axis_is_told_with_what_to_write() {
        for (text, message, remedy) in [
            ("pools.a.count", "there is no `=`", "write it such as"),
            ("=1..2", "there is no key here", "write it such as"),
            ("a=", "value 1 is empty", "leave no comma"),
            ("a=1,,2", "value 2 is empty", "leave no comma"),
            ("a=3d,7d,3d", "has the value `3d` twice", "leave one of them out"),
            ("a=4..1", "`4..1` is empty", "the smaller number first: 1..4"),
            ("a=1..4/0", "the step of `1..4/0` is not above 0", "such as 0..100/25"),
            ("a=0..1000000", "more than 100000 values", "larger steps"),
            ("a=-9223372036854775808..9223372036854775807", "more than 100000", "larger steps"),
            ("a=0.5..2", "`0.5..2` is no range of whole numbers", "write 1..4 or"),
            ("a=1..4,8", "`1..4` is no range", "alone"),
            ("a=1d..3d", "`1d..3d` is no range", "as a list"),
            ("extends=a,b", "`extends` holds for a file", "several scenarios"),
        ] {
            let told = told(text);
            assert!(told.contains(message) && told.contains(remedy), "{text}: {told}");
        }
        let twice = [Axis::parse("a.b=1").unwrap(), Axis::parse("a . \"b\"=2").unwrap()];
        assert!(each_once(&twice).unwrap_err().to_string().contains("is varied twice"));
        assert_eq!(each_once(&twice[..1]), Ok(()));
    }

    #[test]
    fn a_file_of_axes_says_the_same_as_the_command_line() {
        let file = "[[axes]]\nkey = \"pools.mid.count\"\nvalues = \"1..3\"\n\
                    [[axes]]\nkey = \"a\"\nvalues = [1, 2.5, true, \"7 d\", \"3\", \"\", \"x\\ny\"]\n";
        let files = InMemory::default().with("axes.toml", file);
        let axes = load_axes(&files, FilePath::new("axes.toml")).unwrap();
        assert_eq!(axes[0], Axis::parse("pools.mid.count=1..3").unwrap());
        // Text that would be read as a number or a line of its own keeps its quotes.
        assert_eq!(axes[1].values, ["1", "2.5", "true", "7 d", "\"3\"", "\"\"", "\"x\\u000ay\""]);
    }

    #[test]
    fn what_is_wrong_with_a_file_of_axes_is_told_all_at_once_and_where() {
        let file = "[[axes]]\nkey = \"a\"\nvalues = \"4..1\"\n[[axes]]\nkey = \"b\"\nvalues = []\n";
        let files = InMemory::default().with("axes.toml", file);
        let told = load_axes(&files, FilePath::new("axes.toml")).unwrap_err();
        let told = told.render(crate::Style::default());
        for part in ["axes[0]", "axes.toml:3:10", "axes[1]", "`b` has no values", "2 problems"] {
            assert!(told.contains(part), "no {part} in {told}");
        }
        let files =
            InMemory::default().with("axes.toml", "[[axes]]\nkey = \"a\"\nvalues = [[1]]\n");
        let told = load_axes(&files, FilePath::new("axes.toml")).unwrap_err();
        assert!(told.render(crate::Style::default()).contains("is no value of an axis"));
    }
}
