//! Refuses files that are absurdly large or deep, before anything is built from them. Looks at
//! tokens only; knows no keys and no values.

use std::ops::Range;
use toml_parser::lexer::{Token, TokenKind};

/// A hand-written file has a few kilobytes; four mebibytes are data in the wrong place.
pub(crate) const BYTES_MAX: usize = 4 << 20;
/// Keys and list entries in one file. The largest fleet we know has 40 pools.
pub(crate) const VALUES_MAX: usize = 250_000;
/// Deeper than people write, and shallow enough for every recursive reader.
pub(crate) const DEPTH_MAX: usize = 64;

/// What a file has too much of, and where that shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Excess {
    Values(Range<usize>),
    Depth(Range<usize>),
}

/// The first excess of a text; none in any file that was meant.
pub(crate) fn excess(text: &str) -> Option<Excess> {
    let mut scan = Scan::default();
    toml_parser::Source::new(text).lex().find_map(|token| scan.step(token))
}

/// The bracket that is opened and never closed: the one that another's end runs into, or the
/// outermost that is open at the end.
pub(crate) fn unclosed(text: &str) -> Option<Range<usize>> {
    let mut scan = Scan::default();
    for token in toml_parser::Source::new(text).lex() {
        if scan.step(token).is_some() {
            return None;
        }
    }
    let open = scan.open.first().map(|open| open.at);
    scan.run_into.or(open).map(|at| at..at + 1)
}

/// A bracket that is open.
struct Open {
    kind: TokenKind,
    at: usize,
    /// How much deeper it and the dotted key before it lead.
    depth: usize,
}

#[derive(Default)]
struct Scan {
    values: usize,
    open: Vec<Open>,
    /// Of the open brackets.
    depth: usize,
    /// Of the last `[table.header]`.
    header: usize,
    in_header: bool,
    /// Dots since the last key began.
    dots: usize,
    /// Whether the line has nothing but blanks so far.
    fresh: bool,
    started: bool,
    /// The first bracket that was still open where one around it closed.
    run_into: Option<usize>,
}

impl Scan {
    fn step(&mut self, token: Token) -> Option<Excess> {
        use TokenKind as Kind;
        if !self.started {
            (self.started, self.fresh) = (true, true);
        }
        let fresh = self.fresh;
        if !matches!(token.kind(), Kind::Whitespace | Kind::Newline) {
            self.fresh = false;
        }
        match token.kind() {
            Kind::Newline => self.end_line(),
            Kind::Dot => self.dots += 1,
            Kind::Equals | Kind::Comma => self.values += 1,
            Kind::LeftSquareBracket if self.in_header => {}
            Kind::LeftSquareBracket if fresh && self.open.is_empty() => {
                (self.in_header, self.header, self.dots) = (true, 0, 0);
                self.values += 1;
            }
            Kind::LeftSquareBracket | Kind::LeftCurlyBracket => self.open(token),
            Kind::RightSquareBracket => self.close(Kind::LeftSquareBracket),
            Kind::RightCurlyBracket => self.close(Kind::LeftCurlyBracket),
            Kind::Whitespace
            | Kind::Comment
            | Kind::LiteralString
            | Kind::BasicString
            | Kind::MlLiteralString
            | Kind::MlBasicString
            | Kind::Atom
            | Kind::Eof => {}
        }
        if token.kind() == Kind::Comma {
            self.dots = 0;
        }
        let at = token.span().start()..token.span().end();
        if self.header + self.depth + self.dots > DEPTH_MAX {
            return Some(Excess::Depth(at));
        }
        if self.values > VALUES_MAX {
            let at = self.open.first().map_or(at, |open| open.at..open.at + 1);
            return Some(Excess::Values(at));
        }
        None
    }

    fn end_line(&mut self) {
        if self.in_header {
            (self.in_header, self.header) = (false, self.dots + 1);
        }
        (self.fresh, self.dots) = (true, 0);
    }

    fn open(&mut self, token: Token) {
        let depth = self.dots + 1;
        self.open.push(Open { kind: token.kind(), at: token.span().start(), depth });
        (self.depth, self.dots) = (self.depth + depth, 0);
        self.values += 1;
    }

    fn close(&mut self, kind: TokenKind) {
        if self.open.last().is_some_and(|open| open.kind == kind)
            && let Some(open) = self.open.pop()
        {
            (self.depth, self.dots) = (self.depth - open.depth, 0);
        } else if self.open.iter().any(|open| open.kind == kind) {
            self.run_into = self.run_into.or(self.open.last().map(|open| open.at));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_depth_across_headers_keys_and_brackets() {
        let deep = |header: usize, keys: usize, brackets: usize| {
            let header = vec!["h"; header].join(".");
            let keys = vec!["k"; keys].join(".");
            let value = format!("{}{}", "[".repeat(brackets), "]".repeat(brackets));
            excess(&format!("[{header}]\n{keys} = {value}\n"))
        };
        assert_eq!(deep(20, 20, 20), None);
        assert!(matches!(deep(70, 1, 1), Some(Excess::Depth(_))));
        assert!(matches!(deep(1, 70, 1), Some(Excess::Depth(_))));
        assert!(matches!(deep(1, 1, 70), Some(Excess::Depth(_))));
        assert!(matches!(deep(25, 25, 25), Some(Excess::Depth(_))));
    }

    #[test]
    fn strings_and_comments_are_not_depth() {
        let brackets = "[".repeat(200);
        assert_eq!(excess(&format!("a = \"{brackets}\" # {brackets}\nb = '{brackets}'\n")), None);
        assert_eq!(excess(&"a = [1.5, 2.5]\n".repeat(1_000)), None);
    }

    #[test]
    fn a_list_without_end_is_shown_where_it_begins() {
        let text = format!("a = [{}]", "1,".repeat(VALUES_MAX + 1));
        assert_eq!(excess(&text), Some(Excess::Values(4..5)));
    }
}
