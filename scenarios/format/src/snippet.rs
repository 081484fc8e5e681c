//! One line of a source and the carets under it, in the columns of a terminal. Knows no colours.

use crate::sources::{Sources, floor_boundary};
use seatrial_contract::config::Place;
use seatrial_contract::outside::is_harmful;
use unicode_width::UnicodeWidthChar;

/// A line as shown, and where its carets go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Snippet {
    pub(crate) shown: String,
    /// Columns in front of the first caret.
    pub(crate) indent: usize,
    /// At least one.
    pub(crate) carets: usize,
}

/// A terminal of 120 columns less the margin, with room to spare.
const COLUMNS_MAX: usize = 100;
/// Columns kept in front of the carets in a line that is cut.
const LEAD: usize = 30;
/// Bytes looked at on both sides of the carets: more than can be shown.
const BYTES_AROUND: usize = 1_200;
/// A tab moves to the next multiple of this.
const TAB: usize = 4;

/// One character as shown.
struct Cell {
    shown: char,
    width: usize,
    /// Where it begins in the text.
    at: usize,
}

impl Snippet {
    /// The first line of a place; none where the place is in no source.
    pub(crate) fn new(place: Place, sources: &Sources) -> Option<Self> {
        let source = sources.of(place)?;
        let (line_start, line) = source.line(source.spot(place.start).line);
        let line_start = line_start as usize;
        let start = (place.start as usize).saturating_sub(line_start).min(line.len());
        let end = (place.end as usize).saturating_sub(line_start).clamp(start, line.len());
        Some(Self::of(line, start, end))
    }

    /// A line with carets under some of its bytes.
    fn of(line: &str, start: usize, end: usize) -> Self {
        let from = floor_boundary(line, start.saturating_sub(BYTES_AROUND));
        let to = floor_boundary(line, start + BYTES_AROUND);
        let cells = cells(&line[from..to], from);
        let column = |byte: usize| -> usize {
            cells.iter().take_while(|cell| cell.at < byte).map(|cell| cell.width).sum()
        };
        let (first, last) = (column(floor_boundary(line, start)), column(end));
        let total: usize = cells.iter().map(|cell| cell.width).sum();
        let cut = if total > COLUMNS_MAX { first.saturating_sub(LEAD) } else { 0 };
        let mut shown = String::new();
        let (mut at, mut skipped, mut width) = (0, 0, 0);
        let mut more = to < line.len();
        for cell in &cells {
            if at < cut {
                (at, skipped) = (at + cell.width, skipped + cell.width);
                continue;
            }
            if width + cell.width > COLUMNS_MAX {
                more = true;
                break;
            }
            shown.push(cell.shown);
            // A tab is one character and up to four columns.
            let rest = cell.width.saturating_sub(cell.shown.width().unwrap_or(0));
            shown.extend(std::iter::repeat_n(' ', rest));
            (at, width) = (at + cell.width, width + cell.width);
        }
        let lead = if skipped > 0 || from > 0 { "…" } else { "" };
        let tail = if more { "…" } else { "" };
        let indent = first - skipped.min(first) + lead.chars().count();
        let carets = (last.max(first) - first).min((width + skipped).saturating_sub(first)).max(1);
        Self { shown: format!("{lead}{}{tail}", shown.trim_end()), indent, carets }
    }
}

fn cells(text: &str, from: usize) -> Vec<Cell> {
    let mut column = 0;
    let cells = text.char_indices().map(|(at, c)| {
        let (shown, width) = match c {
            '\t' => (' ', TAB - column % TAB),
            '\u{feff}' => ('\u{200b}', 0),
            c if is_harmful(c) => ('·', 1),
            c => (c, c.width().unwrap_or(1)),
        };
        column += width;
        Cell { shown, width, at: from + at }
    });
    cells.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line, and the carets in a line of their own.
    fn shown(line: &str, under: &str) -> (String, String) {
        let start = line.find(under).unwrap();
        let Snippet { shown, indent, carets } = Snippet::of(line, start, start + under.len());
        (shown, format!("{}{}", " ".repeat(indent), "^".repeat(carets)))
    }

    fn lines(above: &str, below: &str) -> (String, String) {
        (above.into(), below.into())
    }

    #[test]
    fn tabs_and_wide_characters_do_not_shift_the_carets() {
        assert_eq!(shown("a = 7x", "7x"), lines("a = 7x", "    ^^"));
        assert_eq!(shown("\ta\t= 7x", "7x"), lines("    a   = 7x", "          ^^"));
        assert_eq!(shown("ä = 7x", "7x"), lines("ä = 7x", "    ^^"));
        // Each of the two is two columns wide.
        assert_eq!(shown("船名 = 7x", "7x"), lines("船名 = 7x", "       ^^"));
        assert_eq!(shown("a = 船名", "船名"), lines("a = 船名", "    ^^^^"));
        assert_eq!(shown("\u{feff}a = 1", "a").1, "^");
        assert_eq!(shown("a\u{1b}[0m = 7x", "7x"), lines("a·[0m = 7x", "        ^^"));
    }

    #[test]
    fn nothing_still_gets_a_caret() {
        let snippet = Snippet::of("a =", 3, 3);
        assert_eq!((snippet.indent, snippet.carets), (3, 1));
    }

    #[test]
    fn long_lines_are_cut_around_the_carets() {
        let line = format!("a = {} 7x {}", "y".repeat(5_000), "z".repeat(5_000));
        let (above, below) = shown(&line, "7x");
        assert_eq!(above.chars().count(), 102);
        assert!(above.starts_with("…yyy") && above.ends_with("zzz…"), "{above}");
        let at = below.find('^').unwrap();
        assert_eq!(above.chars().skip(at).take(2).collect::<String>(), "7x");
        let wide = "船".repeat(5_000);
        let (above, below) = shown(&wide, &wide[3_000..]);
        assert!(above.chars().count() <= 52 && below.chars().count() <= 102);
    }
}
