//! What is wrong with a file, where, and what to do about it.

use super::Place;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// The way from the root of a file to a value: `pools[2].shape.cpu`.
#[derive(Clone, Copy, Debug)]
pub enum Path<'a> {
    /// The file itself.
    Root,
    /// A key of a table.
    Key(&'a Path<'a>, &'a str),
    /// A position in a list.
    Index(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Key(Path::Root, key) => bare_or_quoted(f, key),
            Self::Key(before, key) => {
                write!(f, "{before}.")?;
                bare_or_quoted(f, key)
            }
            Self::Index(before, index) => write!(f, "{before}[{index}]"),
        }
    }
}

/// A key as it would be written in a file.
fn bare_or_quoted(f: &mut fmt::Formatter<'_>, key: &str) -> fmt::Result {
    let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !key.is_empty() && key.chars().all(bare) { f.write_str(key) } else { write!(f, "{key:?}") }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The way to it, empty for the file as a whole.
    pub path: String,
    /// Where it stands.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// All that is wrong, in the order found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// One more.
    pub fn add(
        &mut self,
        path: &Path<'_>,
        place: Place,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let (message, remedy) = (message.into(), remedy.into());
        self.found.push(Problem { path: path.to_string(), place, message, remedy });
    }

    /// One more, already made.
    pub fn push(&mut self, problem: Problem) {
        self.found.push(problem);
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// All of them, by file and place, then in the order found.
    #[must_use]
    pub fn sorted(&self) -> Vec<&Problem> {
        let mut all: Vec<&Problem> = self.found.iter().collect();
        all.sort_by_key(|problem| problem.place);
        all
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}; {}", self.message, self.remedy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_written_as_they_would_be_typed() {
        let tiers = Path::Key(&Path::Root, "tiers");
        let tier = Path::Key(&tiers, "very important");
        let path = Path::Index(&tier, 2);
        assert_eq!(Path::Key(&path, "cpu").to_string(), "tiers.\"very important\"[2].cpu");
    }
}
