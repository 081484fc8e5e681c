//! The texts that were read, so that a place in one of them can be shown. Reads nothing itself.

use seatrial_contract::config::Place;
use std::path::{Path, PathBuf};

/// All texts that one scenario was made of: its file, the files it extends, the overrides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    all: Vec<Source>,
}

/// One text and what it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user wrote it, or `--set key=value`.
    pub name: String,
    /// The whole text; bytes that were not UTF-8 replaced.
    pub text: String,
    /// Where it came from.
    pub origin: Origin,
    /// Where each line begins.
    lines: Vec<u32>,
}

/// Where a text came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file, which has lines.
    File,
    /// The command line, which has none.
    Override,
}

/// A place as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl Sources {
    /// As many texts as places can tell apart.
    pub(crate) const COUNT_MAX: usize = 1_024;

    /// Keeps one text more; its number is what its places carry.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>, origin: Origin) -> u16 {
        let number = u16::try_from(self.all.len()).unwrap_or(u16::MAX);
        let (name, text) = (name.into(), text.into());
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0)
            .chain(breaks.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)))
            .collect();
        self.all.push(Source { name, text, origin, lines });
        number
    }

    /// The text that this place is in.
    #[must_use]
    pub fn of(&self, place: Place) -> Option<&Source> {
        self.all.get(usize::from(place.file))
    }

    /// All of them, the scenario's own file first.
    pub fn iter(&self) -> impl Iterator<Item = &Source> {
        self.all.iter()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What to call a place in a sentence: `line 7`, or `line 7 of base.toml` seen from elsewhere.
    #[must_use]
    pub fn called(&self, place: Place, seen_from: Place) -> String {
        let Some(source) = self.of(place) else { return "nowhere".into() };
        if source.origin == Origin::Override {
            return format!("`{}`", source.name);
        }
        let line = source.spot(place.start).line;
        if place.file == seen_from.file {
            format!("line {line}")
        } else {
            format!("line {line} of {}", source.name)
        }
    }

    /// The file that a path means when it is written at this place: paths in a file are relative
    /// to that file, paths on the command line to where the command runs.
    #[must_use]
    pub fn beside(&self, place: Place, path: &str) -> PathBuf {
        match self.of(place) {
            Some(source) if source.origin == Origin::File => {
                Path::new(&source.name).parent().unwrap_or(Path::new("")).join(path)
            }
            Some(_) | None => PathBuf::from(path),
        }
    }
}

impl Source {
    /// A byte's line and column.
    #[must_use]
    pub fn spot(&self, at: u32) -> Spot {
        let line = self.lines.partition_point(|start| *start <= at).max(1);
        let start = self.lines[line - 1] as usize;
        let end = floor_boundary(&self.text, (at as usize).max(start));
        let before = self.text.get(start..end).unwrap_or("");
        Spot { line, column: before.trim_start_matches('\u{feff}').chars().count() + 1 }
    }

    /// The bytes of a line, counted from 1, without its line break.
    #[must_use]
    pub fn line(&self, line: usize) -> (u32, &str) {
        let Some(start) = line.checked_sub(1).and_then(|index| self.lines.get(index)) else {
            return (0, "");
        };
        let end = self.lines.get(line).map_or(self.text.len(), |next| *next as usize);
        let text = self.text.get(*start as usize..end).unwrap_or("");
        (*start, text.trim_end_matches(['\n', '\r']))
    }
}

/// The start of the character that a byte belongs to.
pub(crate) fn floor_boundary(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let mut sources = Sources::default();
        let file = sources.add("a/b.toml", "ä = 1\r\nb = 2\n", Origin::File);
        let place = |start| Place { file, start, end: start };
        let source = sources.of(place(0)).unwrap();
        assert_eq!(source.spot(0), Spot { line: 1, column: 1 });
        assert_eq!(source.spot(3), Spot { line: 1, column: 3 }); // ä is two bytes
        assert_eq!(source.spot(8), Spot { line: 2, column: 1 });
        assert_eq!(source.spot(999), Spot { line: 3, column: 1 });
        assert_eq!(source.line(1), (0, "ä = 1"));
        assert_eq!(source.line(4), (0, ""));
        assert_eq!(sources.beside(place(0), "c.toml"), Path::new("a/c.toml"));
    }
}
