//! Reads the path in front of `=`: `pools.worker-low[0]."a key".count`. Knows no tree.

use crate::bounds::DEPTH_MAX;
use seatrial_contract::config::{Place, Problem};

/// One step of a path.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) word: String,
    /// Whether it stands in brackets.
    pub(crate) bracket: bool,
    pub(crate) place: Place,
}

pub(crate) fn problem(
    path: &str,
    place: Place,
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> Problem {
    Problem { path: path.into(), place, message: message.into(), remedy: remedy.into() }
}

pub(crate) fn place(file: u16, start: usize, end: usize) -> Place {
    let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Place { file, start: narrow(start), end: narrow(end) }
}

/// The steps in front of `=`, and where the value begins.
pub(crate) fn steps(text: &str, file: u16) -> Result<(Vec<Step>, usize), Problem> {
    let mut steps = Vec::new();
    let mut at = 0;
    let broken = |at: usize, message: &str| {
        let length = text[at..].chars().next().map_or(0, char::len_utf8);
        problem("", place(file, at, at + length), message, "write --set key.path=value")
    };
    loop {
        at += text[at..].len() - text[at..].trim_start().len();
        let rest = &text[at..];
        let step = match rest.chars().next() {
            Some('[') => bracket_step(rest),
            Some(quote @ ('"' | '\'')) => quoted_step(rest, quote),
            _ => {
                let length = rest.find(['.', '=', '[']).unwrap_or(rest.len());
                Some((rest[..length].trim_end().to_string(), length, false))
            }
        };
        let (word, length, bracket) =
            step.ok_or_else(|| broken(at, "this bracket or quote is never closed"))?;
        if word.is_empty() {
            return Err(broken(at, "there is no key here"));
        }
        let word_end = at + rest[..length].trim_end().len();
        steps.push(Step { word, bracket, place: place(file, at, word_end) });
        if steps.len() > DEPTH_MAX {
            return Err(broken(at, "this path is too long"));
        }
        at += length;
        at += text[at..].len() - text[at..].trim_start().len();
        match text[at..].chars().next() {
            Some('=') => return Ok((steps, at + 1)),
            Some('.') => at += 1,
            Some('[') => {}
            Some(_) => return Err(broken(at, "a `.` or `=` is missing before this")),
            None => return Err(broken(at, "there is no `=` and no value")),
        }
    }
}

/// Word, length, and that it stands in brackets.
fn bracket_step(rest: &str) -> Option<(String, usize, bool)> {
    let end = rest.find(']')?;
    Some((rest[1..end].trim().to_string(), end + 1, true))
}

fn quoted_step(rest: &str, quote: char) -> Option<(String, usize, bool)> {
    let end = rest[1..].find(quote)? + 1;
    Some((rest[1..end].to_string(), end + 1, false))
}

/// `pools.worker-low[0].count`, as far as these steps go.
pub(crate) fn written_path(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        if step.bracket {
            path.push_str(&format!("[{}]", step.word));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&step.word);
        }
    }
    path
}
