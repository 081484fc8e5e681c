//! Turns TOML text into a tree whose keys and values know where they stand. Reads no file, merges
//! nothing, knows no key.

use crate::bounds::{self, BYTES_MAX, DEPTH_MAX, Excess, VALUES_MAX};
use crate::syntax;
use seatrial_contract::config::{Entry, Node, Path, Place, Problem, Problems, Value};
use std::ops::Range;
use toml::de::{DeFloat, DeInteger, DeTable, DeValue};

/// Reads a whole text. Nothing where so much of it is broken that checking the rest would only
/// raise false alarms; what is wrong is in `problems` either way.
pub fn parse(text: &str, file: u16, problems: &mut Problems) -> Option<Node> {
    if let Some(problem) = refusal(text, file) {
        problems.push(problem);
        return None;
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let contained = report(text, file, 0, &errors, problems);
    let mut tree = Tree { file, offset: 0, problems };
    let value = tree.table(table.into_inner(), &Path::Root);
    contained.then_some(Node { value, place: Place { file, start: 0, end: 0 } })
}

/// Reads one value that stands at `start` of a text, two bytes in or more. Nothing where it is no
/// TOML value; then `problems` says why.
pub(crate) fn parse_value(
    value: &str,
    start: usize,
    file: u16,
    problems: &mut Problems,
) -> Option<Node> {
    // As the only line of a document, so that brackets and what is left over are told as there.
    let text = format!("v={value}");
    let offset = start.saturating_sub(2);
    if let Some(excess) = bounds::excess(&text) {
        problems.push(excessive(excess, offset, file));
        return None;
    }
    let (table, errors) = DeTable::parse_recoverable(&text);
    let before = problems.len();
    report(&text, file, offset, &errors, problems);
    let table = table.into_inner();
    let alone = table.len() == 1;
    let value = table.into_iter().next()?.1;
    let mut tree = Tree { file, offset, problems };
    let node = tree.node(value.span(), value.into_inner(), &Path::Root);
    (alone && problems.len() == before).then_some(node)
}

/// Text from bytes; what is no UTF-8 is replaced and reported.
pub(crate) fn decode(bytes: Vec<u8>, file: u16, problems: &mut Problems) -> String {
    if bytes.len() > BYTES_MAX {
        problems.push(too_large(bytes.len(), file));
        return String::new();
    }
    let error = match String::from_utf8(bytes) {
        Ok(text) => return text,
        Err(error) => error,
    };
    let start = error.utf8_error().valid_up_to();
    let bytes = error.into_bytes();
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let message = if wide {
        "this file is UTF-16, not UTF-8".to_string()
    } else {
        format!("byte 0x{:02x} is not UTF-8", bytes.get(start).copied().unwrap_or(0))
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let at = start..start + char::REPLACEMENT_CHARACTER.len_utf8();
    problems.push(Problem {
        path: String::new(),
        place: place(file, 0, &at),
        message,
        remedy: "save the file with the encoding UTF-8".into(),
    });
    text
}

/// Why a text is not even looked at.
fn refusal(text: &str, file: u16) -> Option<Problem> {
    if text.len() > BYTES_MAX {
        return Some(too_large(text.len(), file));
    }
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    if lines.all(|line| line.is_empty() || line.starts_with('#')) {
        return Some(Problem {
            path: String::new(),
            place: place(file, 0, &(0..0)),
            message: "there is nothing in this file".into(),
            remedy: "write something into it, or name another file".into(),
        });
    }
    bounds::excess(text).map(|excess| excessive(excess, 0, file))
}

fn too_large(bytes: usize, file: u16) -> Problem {
    let limit = BYTES_MAX >> 20;
    let mebibytes = bytes.div_ceil(1 << 20);
    let size = if mebibytes > limit + 1 {
        format!("this file has {mebibytes} MiB")
    } else {
        format!("this file has more than {limit} MiB")
    };
    Problem {
        path: String::new(),
        place: place(file, 0, &(0..0)),
        message: format!("{size}; a file that people read has at most {limit}"),
        remedy: "check that it is the right file; long series belong in CSV files".into(),
    }
}

fn excessive(excess: Excess, offset: usize, file: u16) -> Problem {
    let (at, message, remedy) = match excess {
        Excess::Values(at) => (
            at,
            format!("more than {VALUES_MAX} values in one file"),
            "look for what is repeated by mistake, or split the file with `extends`",
        ),
        Excess::Depth(at) => (
            at,
            format!("more than {DEPTH_MAX} tables or lists inside one another"),
            "close the brackets that are too many: what is meant to be read has four or five",
        ),
    };
    let (place, remedy) = (place(file, offset, &at), remedy.into());
    Problem { path: String::new(), place, message, remedy }
}

/// Adds the syntax errors; whether all of them are contained.
fn report(
    text: &str,
    file: u16,
    offset: usize,
    errors: &[toml::de::Error],
    problems: &mut Problems,
) -> bool {
    if errors.is_empty() {
        return true;
    }
    let (faults, contained) = syntax::faults(text, errors);
    for fault in faults {
        let place = place(file, offset, &fault.at);
        problems.add(&Path::Root, place, fault.message, fault.remedy);
    }
    contained
}

fn place(file: u16, offset: usize, at: &Range<usize>) -> Place {
    let narrow = |at: usize| u32::try_from(offset + at).unwrap_or(u32::MAX);
    Place { file, start: narrow(at.start), end: narrow(at.end) }
}

struct Tree<'p> {
    file: u16,
    offset: usize,
    problems: &'p mut Problems,
}

impl Tree<'_> {
    fn node(&mut self, span: Range<usize>, value: DeValue<'_>, path: &Path<'_>) -> Node {
        let place = place(self.file, self.offset, &span);
        let value = match value {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => self.integer(&number, place, path),
            DeValue::Float(number) => self.decimal(&number, place, path),
            DeValue::Boolean(value) => Value::Bool(value),
            DeValue::Datetime(_) => Value::Other("a date"),
            DeValue::Table(table) => self.table(table, path),
            DeValue::Array(array) => {
                let nodes = array.into_iter().enumerate().map(|(index, value)| {
                    self.node(value.span(), value.into_inner(), &Path::Index(path, index))
                });
                Value::List(nodes.collect())
            }
        };
        Node { value, place }
    }

    fn table(&mut self, table: DeTable<'_>, path: &Path<'_>) -> Value {
        let mut entries: Vec<Entry> = table
            .into_iter()
            .map(|(key, value)| {
                let place = place(self.file, self.offset, &key.span());
                let key = key.into_inner().into_owned();
                let node = self.node(value.span(), value.into_inner(), &Path::Key(path, &key));
                Entry { key, place, node }
            })
            .collect();
        // The parser hands the keys over by name; people expect them in the order written.
        entries.sort_by_key(|entry| entry.place);
        Value::Table(entries)
    }

    fn integer(&mut self, number: &DeInteger<'_>, place: Place, path: &Path<'_>) -> Value {
        if let Ok(value) = i64::from_str_radix(number.as_str(), number.radix()) {
            return Value::Integer(value);
        }
        // What is no number at all is already reported as a syntax error.
        let digits = number.as_str().trim_start_matches(['+', '-']);
        let signs = number.as_str().len() - digits.len();
        let counted = !digits.is_empty() && digits.chars().all(|c| c.is_digit(number.radix()));
        if !counted || signs > 1 {
            return Value::Integer(0);
        }
        let message = "this whole number is too large to count";
        let remedy = "write a smaller one; check the zeros";
        self.problems.add(path, place, message, remedy);
        Value::Integer(0)
    }

    fn decimal(&mut self, number: &DeFloat<'_>, place: Place, path: &Path<'_>) -> Value {
        let text = number.as_str();
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() || text.contains("inf") || text.contains("nan") => {
                return Value::Decimal(value);
            }
            Ok(_) => {}
            // What is no number at all is already reported as a syntax error.
            Err(_) => return Value::Decimal(0.0),
        }
        self.problems.add(path, place, "this number is too large", "write a smaller one");
        Value::Decimal(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Vec<String> {
        let mut problems = Problems::default();
        parse(text, 0, &mut problems);
        problems.sorted().iter().map(|p| format!("{}: {}", p.place.start, p.message)).collect()
    }

    #[test]
    fn every_key_and_value_knows_its_place() {
        let text = "z = 1\n[a]\nb = { c = \"x\" }\n[[list]]\nd = 2026-01-01\n";
        let node = parse(text, 3, &mut Problems::default()).unwrap();
        let Value::Table(entries) = &node.value else { panic!("a table") };
        let keys: Vec<_> = entries.iter().map(|entry| entry.key.as_str()).collect();
        assert_eq!(keys, ["z", "a", "list"], "in the order written");
        let c = node.get("a").and_then(|a| a.get("b")).and_then(|b| b.entry("c")).unwrap();
        assert_eq!(c.place, Place { file: 3, start: 16, end: 17 });
        assert_eq!(c.node.place, Place { file: 3, start: 20, end: 23 });
        let Value::List(list) = &node.get("list").unwrap().value else { panic!("a list") };
        assert_eq!(list[0].place, Place { file: 3, start: 26, end: 34 });
        assert_eq!(list[0].get("d").unwrap().value, Value::Other("a date"));
    }

    #[test]
    fn unquoted_quantities_are_the_only_thing_said_about_their_line() {
        assert_eq!(
            broken("a = 7 d\nb = 1\nc = 5 %"),
            ["4: `7 d` is not in quotes", "18: `5 %` is not in quotes"]
        );
    }

    #[test]
    fn an_unclosed_list_is_shown_where_it_opens() {
        assert_eq!(
            broken("a = 7d\npools = [1, 2\nb = 3\nc = 4\n"),
            ["4: `7d` is not in quotes", "15: this `[` is never closed"]
        );
    }

    #[test]
    fn the_bracket_or_quote_that_is_not_closed_is_the_one_shown() {
        assert_eq!(
            broken("a = [\n  { b = 1 },\n  { b = 2\n]\nc = 1\n"),
            ["21: this `{` is never closed"]
        );
        assert_eq!(broken("a = 1\nb = \"\"\"\nc = 2\n"), ["10: this text has no closing quotes"]);
    }

    #[test]
    fn numbers_that_do_not_fit_are_named() {
        assert_eq!(
            broken("a = 99999999999999999999\nb = 1e999"),
            ["4: this whole number is too large to count", "29: this number is too large"]
        );
    }

    #[test]
    fn empty_files_are_refused() {
        for text in ["", "\n\n", "# nothing\n  # here\n", "\u{feff}"] {
            assert_eq!(broken(text), ["0: there is nothing in this file"]);
        }
    }

    #[test]
    fn absurd_files_are_refused_before_they_are_parsed() {
        let deep = format!("a = {}", "[".repeat(1 << 20));
        assert_eq!(broken(&deep), ["68: more than 64 tables or lists inside one another"]);
        let dotted = format!("a{} = 1", ".a".repeat(1 << 20));
        assert_eq!(broken(&dotted).len(), 1);
        let long = format!("a = [{}]", "1,".repeat(1 << 20));
        assert_eq!(broken(&long), ["4: more than 250000 values in one file"]);
        let large = "# x\n".repeat(2 << 20);
        assert_eq!(
            broken(&large)[0],
            "0: this file has 8 MiB; a file that people read has at most 4"
        );
    }

    #[test]
    fn bytes_that_are_no_text_are_shown() {
        let mut problems = Problems::default();
        let text = decode(b"a = \"\xff\"".to_vec(), 0, &mut problems);
        assert_eq!(text, "a = \"\u{fffd}\"");
        assert_eq!(problems.sorted()[0].message, "byte 0xff is not UTF-8");
        assert_eq!(problems.sorted()[0].place, Place { file: 0, start: 5, end: 8 });
    }

    #[test]
    fn every_broken_line_gets_words_of_our_own() {
        let cases = [
            ("duration =", "there is no value here"),
            ("duration", "this key has no `=` behind it"),
            ("a = “x”", "“x” has typographic quotes"),
            ("a = \"x", "this text has no closing quote"),
            ("[pools\na = 1", "this header has no `]`"),
            ("[[pools]\na = 1", "this header has no `]]`"),
            ("a = 1\na = 2", "`a` is here a second time"),
            ("a = 1\na.b = 2", "`a` is no table here, so nothing can be put into it"),
            ("a = 012", "a number does not begin with 0"),
            ("a = \"\\q\"", "no letter like this may follow `\\`"),
            ("a = 'x' 'y'", "something is left over after the value"),
            ("a = True", "this is neither true nor false"),
            ("a = {b = 1 c = 2}", "a comma is missing before this"),
            ("a = 2026-13-45", "there is no such date"),
            ("ä = 1", "a key like this needs quotes"),
            ("a = 1\n]", "this `]` closes nothing"),
            ("a = \"\u{1}\"", "a character like this may not stand in text"),
            ("a = '\u{1}'", "a character like this may not stand in text"),
            ("a = \"\"\"\u{1}\"\"\"", "a character like this may not stand in text"),
            ("a = 1 # \u{1}", "a comment may not hold this character"),
            ("seed: 5", "`:` does not stand between a key and its value"),
            ("a = 1.2.3", "this is no number"),
            ("a = 0xZZ", "this is no number"),
            ("a = --5", "this is no number"),
            ("a = 1e", "this is no number"),
            ("a = \"\\u12\"", "`\\u` has four digits and `\\U` eight"),
            ("a = 1__0", "`_` stands between two digits or not at all"),
        ];
        for (text, message) in cases {
            let mut problems = Problems::default();
            parse(text, 0, &mut problems);
            let found = problems.sorted();
            assert_eq!(found.first().map(|p| p.message.as_str()), Some(message), "{text}");
        }
    }
}
