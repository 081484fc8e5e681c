//! Shows problems to people: numbered, with the line and a caret, and what to do. Prints nothing
//! itself; the text is the same on every machine and terminal.

use crate::findings::{Finding, Weight, finding};
use crate::load::Failure;
use crate::snippet::Snippet;
use crate::sources::Sources;
use seatrial_contract::config::Problems;
use seatrial_contract::outside;
use std::fmt::Write;

/// How problems are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// With the colours of a terminal.
    pub colour: bool,
}

/// Nobody reads more; the count at the end is of all.
const SHOWN_MAX: usize = 100;

/// All problems as people read them, by file and place.
#[must_use]
pub fn render(problems: &Problems, sources: &Sources, style: Style) -> String {
    weighed(problems, sources, style, Weight::Problem)
}

/// All that is odd, but no problem, as people read it.
#[must_use]
pub fn render_warnings(odd: &Problems, sources: &Sources, style: Style) -> String {
    weighed(odd, sources, style, Weight::Warning)
}

fn weighed(problems: &Problems, sources: &Sources, style: Style, weight: Weight) -> String {
    let mut text = String::new();
    for (index, problem) in problems.sorted().into_iter().enumerate().take(SHOWN_MAX) {
        let place = problem.place;
        let snippet = if place.end > 0 { Snippet::new(place, sources) } else { None };
        one(&mut text, &finding(index, problem, sources, weight), snippet, style);
    }
    if problems.len() > SHOWN_MAX {
        let more = problems.len() - SHOWN_MAX;
        let _ = writeln!(text, "… and {more} more\n");
    }
    count(&mut text, problems.len(), weight);
    text
}

impl Failure {
    /// The failure as people read it.
    #[must_use]
    pub fn render(&self, style: Style) -> String {
        match self {
            Self::Wrong { problems, sources } => render(problems, sources, style),
            Self::Unreadable(_) => {
                let mut text = String::new();
                for finding in self.findings() {
                    one(&mut text, &Finding { file: String::new(), ..finding }, None, style);
                }
                count(&mut text, 1, Weight::Problem);
                text
            }
        }
    }
}

fn count(text: &mut String, count: usize, weight: Weight) {
    let word = weight.word();
    let _ = match count {
        1 => writeln!(text, "1 {word}"),
        count => writeln!(text, "{count} {word}s"),
    };
}

fn one(text: &mut String, finding: &Finding, snippet: Option<Snippet>, style: Style) {
    let paint = |code, words: &str| {
        if style.colour { format!("\u{1b}[{code}m{words}\u{1b}[0m") } else { words.to_string() }
    };
    let red = |words: &str| paint("1;31", words);
    let blue = |words: &str| paint("34", words);
    let path = match finding.path.as_str() {
        "" => String::new(),
        path => format!("{}: ", outside::name(path)),
    };
    let message = paint("1", &format!("{path}{}", finding.message));
    let _ = writeln!(text, "{} {message}", red(&finding.number));
    let line = finding.line.filter(|_| finding.column.is_some());
    let line = line.map(|line| line.to_string()).unwrap_or_default();
    let margin = " ".repeat(line.len().max(3));
    if !finding.file.is_empty() {
        let column = finding.column.map(|column| format!(":{column}")).unwrap_or_default();
        let colon = if line.is_empty() { "" } else { ":" };
        let spot = format!("{}{colon}{line}{column}", outside::name(&finding.file));
        let _ = writeln!(text, "{margin}{} {spot}", blue("-->"));
    }
    if let Some(Snippet { shown, indent, carets }) = snippet {
        let bar = blue("|");
        let number = format!("{line:>width$}", width = margin.len());
        let _ = writeln!(text, "{margin} {bar}");
        let _ = writeln!(text, "{} {bar} {shown}", blue(&number));
        let underline = format!("{}{}", " ".repeat(indent), red(&"^".repeat(carets)));
        let _ = writeln!(text, "{margin} {bar} {underline}");
    }
    let _ = writeln!(text, "{margin} {} {}\n", paint("36", "help:"), finding.remedy);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::Origin;
    use seatrial_contract::config::{Path, Place};

    fn shown(text: &str, start: u32, end: u32) -> String {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        sources.add("week.toml", text, Origin::File);
        let place = Place { file: 0, start, end };
        problems.add(&Path::Key(&Path::Root, "boot"), place, "it is wrong", "mend it");
        render(&problems, &sources, Style::default())
    }

    #[test]
    fn a_problem_shows_its_line_and_a_caret_under_it() {
        let text = shown("seed = 5\nboot = \"7x\" # soon\n", 16, 20);
        assert_eq!(
            text,
            "\
E001 boot: it is wrong
   --> week.toml:2:8
    |
  2 | boot = \"7x\" # soon
    |        ^^^^
    help: mend it

1 problem
"
        );
    }

    #[test]
    fn a_problem_of_the_whole_file_shows_the_file() {
        let text = "E001 boot: it is wrong\n   --> week.toml\n    help: mend it\n\n1 problem\n";
        assert_eq!(shown("seed = 5\n", 0, 0), text);
    }

    #[test]
    fn colour_changes_nothing_else() {
        let (mut sources, mut problems) = (Sources::default(), Problems::default());
        sources.add("--set a=7x", "a=7x", Origin::Override);
        problems.add(&Path::Root, Place { file: 0, start: 2, end: 4 }, "no", "yes");
        let plain = render(&problems, &sources, Style { colour: false });
        let mut coloured = render(&problems, &sources, Style { colour: true });
        assert!(coloured.contains("\u{1b}[1;31m^^\u{1b}[0m"));
        while let Some(at) = coloured.find('\u{1b}') {
            let end = coloured[at..].find('m').unwrap();
            coloured.replace_range(at..=at + end, "");
        }
        assert_eq!(coloured, plain);
        assert!(plain.contains("--> --set a=7x\n    |\n    | a=7x\n    |   ^^\n"), "{plain}");
    }

    #[test]
    fn floods_are_cut_and_counted() {
        let mut problems = Problems::default();
        for _ in 0..1_234 {
            problems.add(&Path::Root, Place::default(), "no", "yes");
        }
        let text = render(&problems, &Sources::default(), Style::default());
        assert!(text.ends_with("E100 no\n    help: yes\n\n… and 1134 more\n\n1234 problems\n"));
    }
}
