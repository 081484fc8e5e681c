//! The page on faults: every kind with its keys and their defaults, as the catalog has them. Knows no kind.

use crate::entry::{self, Entry};
use seatrial_contract::config::{Element, Field, Shape};
use std::fmt::Write;

/// The page as Markdown.
#[must_use]
pub fn page() -> String {
    let Shape::Choice(kinds) = Entry::shape() else { return String::new() };
    let mut text = HEAD.to_owned();
    let is_common = |field: &&Field| entry::COMMON.contains(&field.key);
    if let Some(Shape::Table(fields)) = kinds.first().map(|kind| &kind.shape) {
        table(fields.iter().filter(is_common), &mut text);
    }
    text += MOVES;
    text += include_str!("moves.md");
    text += "\n## The kinds\n";
    for kind in &kinds {
        let _ = write!(text, "\n### `{}`\n\n{}\n", kind.word, kind.doc);
        let Shape::Table(fields) = &kind.shape else { continue };
        let own: Vec<&Field> = fields.iter().filter(|field| !is_common(field)).collect();
        if !own.is_empty() {
            text.push('\n');
            table(own.into_iter(), &mut text);
        }
    }
    text
}

const HEAD: &str = "\
# Faults

What a table `[[faults]]` may say: what kind of fault it is, when it comes, how long it lasts, and what its kind takes.
This page is made by `seatrial reference faults --format markdown`; [recovery.md](recovery.md) says what is measured of
what comes back, and [planning.md](planning.md) has scenarios to begin with.

## What every fault has

";

const MOVES: &str = "
## What each kind moves

As measured, not as meant: a small world of 80 tenants, two services, a database with a standby and a cache, with all
policies, for twelve hours with an hour of the fault and without it. *Moves* says that some figure of the group is more
than 2 % off; that policies were shown old or wrong figures (what is seen); that actions were refused, lost or late (what
is done); that people took longer (people). Much of it is what follows from the fault: a machine takes tenants with it,
and what stood on it. `stock-out` moves nothing here, since nobody orders machines in that hour.

";

fn table<'a>(fields: impl Iterator<Item = &'a Field>, text: &mut String) {
    text.push_str("| key | where left out | what it says |\n|---|---|---|\n");
    for Field { key, doc, default, .. } in fields {
        let default = match default {
            None => "must be given".to_owned(),
            Some(value) => match value.to_string().as_str() {
                "null" | "" => "none".to_owned(),
                told => format!("`{told}`"),
            },
        };
        let _ = writeln!(
            text,
            "| `{key}` | {default} | {} |",
            doc.replace('|', "\\|").replace('\n', " ")
        );
    }
}
