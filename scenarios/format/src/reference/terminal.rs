//! The reference as plain text in a terminal. Knows no colour.

use super::{Key, Measured, Reference, Section};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

pub(super) fn topics(reference: &Reference, width: usize) -> String {
    let mut text = String::new();
    for chapter in &reference.chapters {
        heading(&mut text, chapter.title);
        let names = chapter.sections.iter().map(|section| section.name.width()).max();
        // Longer names have their line to themselves.
        let column = names.unwrap_or_default().min(24) + 2;
        for section in &chapter.sections {
            let line = section.doc.split(". ").next().unwrap_or(&section.doc);
            entry(&mut text, &section.name, line.trim_end_matches('.'), 2, column, width);
        }
        text.push('\n');
    }
    heading(&mut text, "Metrics");
    entry(&mut text, "metrics", "All that a run measures, for objectives and claims", 2, 26, width);
    text.push_str("\nseatrial reference TOPIC tells of one: a section, a key, or a metric.\n");
    text
}

pub(super) fn section(section: &Section, others: &[&str], width: usize) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", section.name);
    wrap(&mut text, &section.doc, 2, width);
    if !section.limit.is_empty() {
        wrap(&mut text, &section.limit, 2, width);
    }
    text.push('\n');
    if !section.kinds.is_empty() {
        wrap(&mut text, "kind is one of:", 2, width);
        for (word, doc) in &section.kinds {
            entry(&mut text, word, doc, 4, 24, width);
        }
        text.push('\n');
    }
    for key in &section.keys {
        self::key(&mut text, key.name, key, width);
    }
    if !section.example.is_empty() {
        wrap(&mut text, "At the least:", 2, width);
        section.example.lines().for_each(|line| {
            let _ = writeln!(text, "    {line}");
        });
    }
    if !others.is_empty() {
        wrap(&mut text, &format!("See also: {}.", others.join(", ")), 2, width);
    }
    text
}

/// Keys of one name, each with where it may stand.
pub(super) fn keys(keys: &[(&Section, &Key)], width: usize) -> String {
    let mut text = String::new();
    for (section, of) in keys {
        key(&mut text, &format!("{}.{}", section.name, of.name), of, width);
    }
    text
}

fn key(text: &mut String, name: &str, key: &Key, width: usize) {
    let standing = match key.default.as_str() {
        "required" => "required".to_owned(),
        default => format!("default: {default}"),
    };
    let _ = writeln!(text, "  {name}");
    let takes = format!("{}; {standing}", key.accepts);
    wrap(text, &takes, 6, width);
    let limit = if key.limit.is_empty() { String::new() } else { format!(" {}", key.limit) };
    wrap(text, &format!("{}{limit}", key.doc), 6, width);
    for (word, doc) in &key.words {
        entry(text, word, doc, 8, 22, width);
    }
    if let Some(see) = &key.see {
        wrap(text, &format!("See: seatrial reference {see}"), 6, width);
    }
    text.push('\n');
}

pub(super) fn metrics(found: &[&Measured], width: usize) -> String {
    let mut text = String::new();
    let mut made_by = "";
    for known in found {
        if known.made_by != made_by {
            if !made_by.is_empty() {
                text.push('\n');
            }
            made_by = known.made_by;
            heading(&mut text, &format!("From {made_by}"));
        }
        let meaning = format!("{} ({})", known.meaning.trim_end_matches('.'), known.unit);
        entry(&mut text, known.name, &meaning, 2, 34, width);
    }
    text.push_str("\nWords in capitals stand for a name of the scenario");
    if found.iter().any(|known| known.name.contains("FIGURE")) {
        let _ = write!(text, "; FIGURE for {}", Measured::FIGURES.join(", "));
    }
    text.push_str(".\n");
    text
}

fn heading(text: &mut String, title: &str) {
    let _ = writeln!(text, "{title}:");
}

/// A word and what it means, beside each other; a long word has its line to itself.
fn entry(text: &mut String, word: &str, doc: &str, indent: usize, column: usize, width: usize) {
    let at = indent + column;
    let mut lines = String::new();
    wrap(&mut lines, doc, at, width);
    let _ = write!(text, "{}{word}", " ".repeat(indent));
    if indent + word.width() + 2 > at {
        text.push('\n');
        text.push_str(&lines);
    } else {
        text.push_str(lines.get(indent + word.width()..).unwrap_or("\n"));
    }
}

/// Breaks a text into lines that begin so far in and end before the width.
fn wrap(text: &mut String, words: &str, indent: usize, width: usize) {
    // In a terminal that narrow a word a line still says something.
    let room = width.saturating_sub(indent).max(20);
    let mut line = String::new();
    let put = |text: &mut String, line: &str| {
        let _ = writeln!(text, "{}{line}", " ".repeat(indent));
    };
    for word in words.split_whitespace() {
        if !line.is_empty() && line.width() + 1 + word.width() > room {
            put(text, &line);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    put(text, &line);
}
