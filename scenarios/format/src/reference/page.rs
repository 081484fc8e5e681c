//! The reference as a Markdown page.

use super::{Chapter, Key, MINIMAL, Measured, Reference, Section};
use seatrial_contract::config::renamed_keys;
use std::fmt::Write as _;

const HEAD: &str = "\
# The language of files

<!-- Made by `seatrial reference --format markdown`: change the comments of the elements instead. -->

Scenario files, policy files, suites and the bridge's file are TOML. Everything here is so since version 0.1.
`seatrial reference TOPIC` says the same in a terminal, `seatrial check FILE` says what is wrong with a
file, and `seatrial schema` has editors complete it.

- Quantities are text with a unit: `\"10 min\"`, `\"64 GiB\"`, `\"0.5 cores\"`, `\"90 %\"`, `\"$0.34/h\"`,
  `\"9/s\"`. Numbers without a unit are not in quotes.
- Names are at most 64 lower-case letters, digits and dashes, beginning with a letter.
- `extends = \"base.toml\"` at the top of a file lays it over another: tables key by key, lists of named
  tables name by name, all else replaced. With several, `extends = [\"a.toml\", \"b.toml\"]`, each is
  laid over the one before.
- A key without a default must be given. \"None\" as a default says that nothing of the kind is there.
";

pub(super) fn markdown(reference: &Reference) -> String {
    let mut text = HEAD.to_owned();
    contents(&mut text, reference);
    minimal(&mut text);
    for chapter in &reference.chapters {
        let _ = write!(text, "\n## {}\n\n{}\n", chapter.title, chapter.intro);
        chapter.sections.iter().for_each(|of| section(&mut text, of));
    }
    metrics(&mut text, &reference.metrics);
    renamed(&mut text);
    text
}

fn contents(text: &mut String, reference: &Reference) {
    let titles = reference.chapters.iter().map(|chapter: &Chapter| chapter.title);
    let titles = ["Complete files"].into_iter().chain(titles).chain(["Metrics", "Renamed keys"]);
    text.push('\n');
    for title in titles {
        let anchor = title.to_lowercase().replace('\'', "").replace(' ', "-");
        let _ = writeln!(text, "- [{title}](#{anchor})");
    }
}

fn minimal(text: &mut String) {
    text.push_str("\n## Complete files\n\nThe smallest that are fine and say something.\n");
    for (what, name, file) in MINIMAL {
        let _ = write!(text, "\n{what}, `{name}`:\n\n```toml\n{file}```\n");
    }
}

fn section(text: &mut String, section: &Section) {
    let _ = write!(text, "\n### `{}`\n\n{}", section.name, section.doc);
    if !section.limit.is_empty() {
        let _ = write!(text, " {}", section.limit);
    }
    text.push('\n');
    if !section.kinds.is_empty() {
        text.push_str("\n| `kind` | Meaning |\n|---|---|\n");
        for (word, doc) in &section.kinds {
            let _ = writeln!(text, "| `{word}` | {} |", cell(doc));
        }
    }
    if !section.keys.is_empty() {
        text.push_str("\n| Key | Takes | Default | Meaning |\n|---|---|---|---|\n");
        section.keys.iter().for_each(|of| key(text, of));
    }
    if !section.example.is_empty() {
        let _ = write!(text, "\n```toml\n{}\n```\n", section.example);
    }
}

fn key(text: &mut String, key: &Key) {
    let mut meaning = key.doc.clone();
    if !key.limit.is_empty() {
        let _ = write!(meaning, " {}", key.limit);
    }
    for (word, doc) in &key.words {
        let _ = write!(meaning, " `{word}`: {doc}");
    }
    let takes = match &key.see {
        Some(see) => format!("[{}](#{})", cell(&key.accepts), see.replace('.', "").to_lowercase()),
        None => cell(&key.accepts),
    };
    let default = match key.default.as_str() {
        "required" => "**required**".to_owned(),
        "none" => "none".to_owned(),
        default if default.contains([' ']) && !default.starts_with(['"', '{', '[']) => {
            default.to_owned()
        }
        default => format!("`{}`", cell(default)),
    };
    let _ = writeln!(text, "| `{}` | {takes} | {default} | {} |", key.name, cell(&meaning));
}

fn metrics(text: &mut String, metrics: &[Measured]) {
    text.push_str(
        "\n## Metrics\n\nAll that a run measures, for the `metric` of objectives and claims. Words in \
         capitals stand for a name\nof the scenario; FIGURE for ",
    );
    let _ = writeln!(text, "{}.", Measured::FIGURES.join(", "));
    let mut made_by = "";
    for known in metrics {
        if known.made_by != made_by {
            made_by = known.made_by;
            let _ = write!(
                text,
                "\n### From {made_by}\n\n| Metric | Unit | Meaning |\n|---|---|---|\n"
            );
        }
        let _ = writeln!(text, "| `{}` | {} | {} |", known.name, known.unit, cell(known.meaning));
    }
}

fn renamed(text: &mut String) {
    text.push_str(
        "\n## Renamed keys\n\nKeys and words that files had before, and what they are called now, by \
         what they mean.\n\n| Before | Now |\n|---|---|\n",
    );
    for (was, now) in renamed_keys() {
        let now: Vec<String> = now.iter().map(|now| format!("`{now}`")).collect();
        let _ = writeln!(text, "| `{was}` | {} |", now.join(" or "));
    }
}

/// A text within a row of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}
