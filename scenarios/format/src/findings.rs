//! Problems as numbered data, for machines and for the renderer. Knows no layout.

use crate::load::Failure;
use crate::sources::{Origin, Sources};
use seatrial_contract::config::{Problem, Problems};
use seatrial_contract::outside;

/// One problem as it is printed, stored or posted.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// `E001` for the first by file and place.
    pub number: String,
    /// The way to it from the file's root; empty for the file as a whole.
    pub path: String,
    /// The file as the user wrote it, or `--set key=value`.
    pub file: String,
    /// Its line, from 1; none on the command line and for a whole file.
    pub line: Option<usize>,
    /// Its character in the line, from 1.
    pub column: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// Nobody mends more at a time; a broken generator can cause millions.
const FINDINGS_MAX: usize = 1_000;

/// All problems, by file and place, numbered. After a thousand, the last one counts the rest.
#[must_use]
pub fn findings(problems: &Problems, sources: &Sources) -> Vec<Finding> {
    weighed(problems, sources, Weight::Problem)
}

/// The same of what is odd, but no problem: numbered `W001` and so on.
#[must_use]
pub fn warnings(odd: &Problems, sources: &Sources) -> Vec<Finding> {
    weighed(odd, sources, Weight::Warning)
}

/// Whether something can be run all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// No.
    Problem,
    /// Yes.
    Warning,
}

impl Weight {
    /// What it is called.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Problem => "problem",
            Self::Warning => "warning",
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Problem => 'E',
            Self::Warning => 'W',
        }
    }
}

fn weighed(problems: &Problems, sources: &Sources, weight: Weight) -> Vec<Finding> {
    let numbered = problems.sorted().into_iter().enumerate().take(FINDINGS_MAX);
    let mut all: Vec<Finding> =
        numbered.map(|(index, problem)| finding(index, problem, sources, weight)).collect();
    if problems.len() > FINDINGS_MAX {
        let rest = problems.len() - FINDINGS_MAX;
        all.push(Finding {
            number: number(FINDINGS_MAX, weight),
            path: String::new(),
            file: String::new(),
            line: None,
            column: None,
            message: format!("{rest} more {}s", weight.word()),
            remedy: "mend the first ones and look again".into(),
        });
    }
    all
}

/// One problem with its number.
pub(crate) fn finding(
    index: usize,
    problem: &Problem,
    sources: &Sources,
    weight: Weight,
) -> Finding {
    let source = sources.of(problem.place);
    let spot = source
        .filter(|source| source.origin == Origin::File && problem.place.end > 0)
        .map(|source| source.spot(problem.place.start));
    Finding {
        number: number(index, weight),
        path: outside::sentence(&problem.path),
        file: source.map(|source| source.name.clone()).unwrap_or_default(),
        line: spot.map(|spot| spot.line),
        column: spot.map(|spot| spot.column),
        message: outside::sentence(&problem.message),
        remedy: outside::sentence(&problem.remedy),
    }
}

impl Failure {
    /// The failure as numbered data.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        match self {
            Self::Wrong { problems, sources } => findings(problems, sources),
            Self::Unreadable(unreadable) => vec![Finding {
                number: number(0, Weight::Problem),
                path: String::new(),
                file: unreadable.path.display().to_string(),
                line: None,
                column: None,
                message: outside::sentence(&unreadable.message),
                remedy: outside::sentence(&unreadable.remedy),
            }],
        }
    }
}

fn number(index: usize, weight: Weight) -> String {
    format!("{}{:03}", weight.letter(), index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_contract::config::{Path, Place};

    #[test]
    fn problems_are_numbered_by_place() {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        sources.add("a.toml", "x = 1\ny = 2\n", Origin::File);
        let place = |start| Place { file: 0, start, end: start + 1 };
        problems.add(&Path::Key(&Path::Root, "y"), place(6), "second", "mend");
        problems.add(&Path::Key(&Path::Root, "x"), place(4), "first", "mend");
        let json = serde_json::to_value(findings(&problems, &sources)).unwrap();
        assert_eq!(json[0]["message"], "first");
        assert_eq!(
            json[1],
            serde_json::json!({
                "number": "E002", "path": "y", "file": "a.toml", "line": 2, "column": 1,
                "message": "second", "remedy": "mend",
            })
        );
    }
}
