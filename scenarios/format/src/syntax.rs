//! Says in our own words what is wrong with a text that is no TOML. Knows only the messages of the
//! `toml` crate and the text; a message it does not know is passed on as it is.

use crate::bounds;
use crate::sources::floor_boundary;
use std::ops::Range;

/// What is wrong, where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) at: Range<usize>,
    pub(crate) message: String,
    pub(crate) remedy: String,
    /// Whether the rest of the file was still understood as it was meant.
    pub(crate) contained: bool,
}

/// More would be consequences of the first ones.
const FAULTS_MAX: usize = 50;

/// All faults, at most one a line: what else is said of that line is a consequence. Then whether
/// all of the damage is contained.
pub(crate) fn faults(text: &str, errors: &[toml::de::Error]) -> (Vec<Fault>, bool) {
    let mut all: Vec<Fault> = errors.iter().map(|error| fault(text, error)).collect();
    let contained = all.iter().all(|fault| fault.contained);
    let never_closed = errors.iter().any(|error| {
        error.message().starts_with("unclosed array,")
            || error.message().starts_with("unclosed inline table")
    });
    if never_closed && let Some(at) = bounds::unclosed(text) {
        all.retain(|fault| fault.at.start < at.start);
        all.push(never_closes(text, at));
    }
    all.sort_by_key(|fault| (fault.at.start, fault.at.end));
    let mut kept: Vec<Fault> = Vec::new();
    let mut line_end = 0;
    for fault in all {
        if let Some(last) = kept.last_mut()
            && fault.at.start <= line_end
        {
            // A broken structure makes values look broken too.
            if last.contained && !fault.contained {
                *last = fault;
            }
        } else if kept.len() < FAULTS_MAX {
            line_end = end_of_line(text, fault.at.start);
            kept.push(fault);
        }
    }
    (kept, contained)
}

fn end_of_line(text: &str, at: usize) -> usize {
    let at = floor_boundary(text, at);
    text[at..].find('\n').map_or(text.len(), |length| at + length)
}

fn never_closes(text: &str, at: Range<usize>) -> Fault {
    let open = &text[at.clone()];
    let close = if open == "[" { "]" } else { "}" };
    Fault {
        at,
        message: format!("this `{open}` is never closed"),
        remedy: format!("add the `{close}` where the entries end"),
        contained: false,
    }
}

fn fault(text: &str, error: &toml::de::Error) -> Fault {
    let span = error.span().unwrap_or(0..0);
    let start = floor_boundary(text, span.start);
    let end = floor_boundary(text, span.end).max(start);
    let written = text[start..end].trim_end();
    let (message, remedy, contained) = words(error.message(), written, &text[start..]);
    // Quotes over several lines are missed at the end of the file; people look where they open.
    let said = error.message();
    let unclosed = said.starts_with("invalid multi-line") && !said.ends_with("characters");
    let open = if unclosed { quotes_before(text, end) } else { None };
    let at = open.unwrap_or(start..start + written.len());
    Fault { at, message, remedy, contained }
}

/// The three quotes that open the text which ends here.
fn quotes_before(text: &str, end: usize) -> Option<Range<usize>> {
    let mut tokens = toml_parser::Source::new(text).lex();
    let token = tokens.find(|token| token.span().end() >= end)?;
    let start = token.span().start();
    let quotes = ["\"\"\"", "'''"];
    quotes.iter().any(|quotes| text[start..].starts_with(quotes)).then_some(start..start + 3)
}

/// Message, remedy, and whether the damage is contained in one value.
fn words(said: &str, written: &str, rest: &str) -> (String, String, bool) {
    let says = |start: &str| said.starts_with(start);
    let boolean = |word: &str| matches!(word.to_lowercase().as_str(), "true" | "false");
    if says("string values must be quoted") || (says("invalid boolean") && !boolean(written)) {
        return unquoted(written);
    }
    if says("duplicate key") {
        let message = format!("`{written}` is here a second time");
        return (
            message,
            "keep one of the two; entries of a list of tables are written [[…]]".into(),
            true,
        );
    }
    if says("cannot extend value of type") {
        let message = format!("`{written}` is no table here, so nothing can be put into it");
        return (message, "remove one of the two, or write both as keys of one table".into(), true);
    }
    if says("invalid unquoted key") && written == ":" {
        let message = "`:` does not stand between a key and its value";
        return (message.into(), "write `key = value`".into(), false);
    }
    if said.contains(" string, expected ") && said.contains("characters") {
        let message = "a character like this may not stand in text";
        return (message.into(), "remove it; it may be invisible".into(), true);
    }
    let fixed = KNOWN.iter().find(|(start, ..)| says(start));
    if let Some((_, message, remedy, contained)) = fixed {
        return ((*message).into(), (*remedy).into(), *contained);
    }
    let next = rest.lines().next().unwrap_or("").trim();
    let message = if next.is_empty() {
        said.to_string()
    } else {
        let next: String = next.chars().take(20).collect();
        format!("{said}, at `{next}`")
    };
    (message, "compare quotes, brackets and commas with the lines around".into(), false)
}

fn unquoted(written: &str) -> (String, String, bool) {
    if written.is_empty() {
        let remedy = "write the value after `=`, such as `count = 3` or `after = \"7 d\"`";
        return ("there is no value here".into(), remedy.into(), true);
    }
    let curly = |c: char| matches!(c, '“' | '”' | '„' | '‘' | '’' | '«' | '»');
    if written.contains(curly) {
        let bare = written.replace(curly, "");
        let message = format!("{written} has typographic quotes");
        return (message, format!("write \"{bare}\", with straight quotes"), true);
    }
    let bare = written.replace(['"', '\''], "");
    let remedy = format!("write \"{bare}\": text and quantities stand in quotes");
    (format!("`{written}` is not in quotes"), remedy, true)
}

const NO_NUMBER: &str = "this is no number";
const A_NUMBER: &str = "write 5, 0.5, 1_000 or 1e6; versions, text and quantities stand in quotes";

/// What the parser says; what we say; what to do; whether the damage is contained.
const KNOWN: &[(&str, &str, &str, bool)] = &[
    (
        "key with no value",
        "this key has no `=` behind it",
        "write `key = value`; a key with blanks in it stands in quotes",
        false,
    ),
    (
        "missing value for key",
        "there is no value here",
        "write the value after `=`, such as `count = 3` or `after = \"7 d\"`",
        false,
    ),
    (
        "unquoted keys cannot be empty",
        "there is no key here",
        "write a key in front of `=`, or a name between the brackets",
        false,
    ),
    (
        "invalid unquoted key",
        "a key like this needs quotes",
        "use letters, digits, `-` and `_`, or put the key in straight quotes",
        false,
    ),
    ("unclosed table", "this header has no `]`", "write `[name]`", false),
    ("unclosed array table", "this header has no `]]`", "write `[[name]]`", false),
    (
        "unexpected key or value",
        "something is left over after the value",
        "write one `key = value` a line, and comments after `#`",
        false,
    ),
    (
        "invalid basic string, expected `\"`",
        "this text has no closing quote",
        "add `\"` at its end; text over several lines stands between \"\"\" and \"\"\"",
        true,
    ),
    (
        "invalid literal string, expected `'`",
        "this text has no closing quote",
        "add `'` at its end",
        true,
    ),
    (
        "invalid multi-line",
        "this text has no closing quotes",
        "add the three quotes at its end",
        false,
    ),
    (
        "missing escaped value",
        "no letter like this may follow `\\`",
        "write `\\\\` for a backslash, or put the text in single quotes",
        true,
    ),
    (
        "unexpected leading zero",
        "a number does not begin with 0",
        "remove the zero; a code with leading zeros stands in quotes",
        true,
    ),
    (
        "`_` may only go between digits",
        "`_` stands between two digits or not at all",
        "write `10_000`",
        true,
    ),
    (
        "invalid boolean",
        "this is neither true nor false",
        "write true or false, in small letters",
        true,
    ),
    (
        "missing comma between",
        "a comma is missing before this",
        "separate the entries with commas, and close the bracket",
        false,
    ),
    (
        "extra assignment between",
        "a comma is missing before this",
        "separate the keys with commas",
        false,
    ),
    ("missing assignment between", "this key has no `=` behind it", "write `key = value`", false),
    ("extra comma", "here is a comma with nothing before it", "remove it", false),
    (
        "unexpected `=` in array",
        "a list has no keys",
        "close the list with `]`, or write its entry as { key = value }",
        false,
    ),
    ("extra `=`", "one `=` is enough", "remove the other", false),
    ("missing table open", "this `]` closes nothing", "remove it, or write `[name]`", false),
    ("missing array opening", "this `]` closes nothing", "remove it, or add the `[`", false),
    ("missing inline table opening", "this `}` closes nothing", "remove it, or add the `{`", false),
    (
        "invalid comment character",
        "a comment may not hold this character",
        "remove it; it may be invisible",
        true,
    ),
    ("invalid float", NO_NUMBER, A_NUMBER, true),
    ("invalid exponent", NO_NUMBER, A_NUMBER, true),
    ("invalid mantissa", NO_NUMBER, A_NUMBER, true),
    ("invalid integer", NO_NUMBER, A_NUMBER, true),
    ("invalid decimal", NO_NUMBER, A_NUMBER, true),
    ("invalid hexadecimal", NO_NUMBER, A_NUMBER, true),
    ("invalid octal", NO_NUMBER, A_NUMBER, true),
    ("invalid binary", NO_NUMBER, A_NUMBER, true),
    ("integers with a radix", NO_NUMBER, A_NUMBER, true),
    ("radix must be", NO_NUMBER, A_NUMBER, true),
    ("redundant", NO_NUMBER, A_NUMBER, true),
    ("unexpected sign", NO_NUMBER, A_NUMBER, true),
    (
        "too few unicode value digits",
        "`\\u` has four digits and `\\U` eight",
        "add the missing digits, or write the character itself",
        true,
    ),
    (
        "invalid value, expected unicode",
        "there is no such character",
        "write the character itself",
        true,
    ),
    ("invalid date", "there is no such date", "write a date such as 2026-03-01", true),
    ("invalid time", "there is no such time", "write a time such as 07:30:00", true),
];
