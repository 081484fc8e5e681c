//! Words and numbers that fit into a chart. Knows no chart.

use crate::figures::count;
use seatrial_contract::outside::is_harmful;
use unicode_width::UnicodeWidthChar;

/// A text that takes at most so many columns, and that any XML may hold.
pub(super) fn short(text: &str, columns: usize) -> String {
    let clean: String = text
        .chars()
        .filter(|letter| letter.is_control() || !is_harmful(*letter))
        .map(visible)
        .collect();
    let clean = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    let width = |letter: char| letter.width().unwrap_or_default();
    if clean.chars().map(width).sum::<usize>() <= columns && clean.chars().count() <= columns * 2 {
        return clean;
    }
    let mut kept = String::new();
    let mut used = 1; // the ellipsis
    for letter in clean.chars().take(columns * 2) {
        used += width(letter);
        if used > columns {
            break;
        }
        kept.push(letter);
    }
    kept.trim_end().to_owned() + "…"
}

/// Control characters and non-characters have no place in XML.
fn visible(letter: char) -> char {
    let forbidden = letter.is_control() || matches!(u32::from(letter) & 0xffff, 0xfffe | 0xffff);
    if forbidden { ' ' } else { letter }
}

/// A number on an axis that ends at `end`: all of an axis are in the same thousands or millions.
pub(super) fn plain(number: f64, end: f64) -> String {
    const SHORT: [(f64, f64, &str); 5] =
        [(1e15, 1e15, "P"), (1e12, 1e12, "T"), (1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e4, 1e3, "k")];
    if number == 0.0 {
        return "0".to_owned();
    }
    for (from, size, letter) in SHORT {
        if end >= from {
            return format!("{}{letter}", trimmed(format!("{:.2}", number / size)));
        }
    }
    if number >= 1_000.0 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below 1e4")]
        return count((number + 0.5) as u64);
    }
    trimmed(format!("{number:.6}"))
}

/// Dollars on an axis.
pub(super) fn dollars(number: f64, end: f64) -> String {
    format!("${}", plain(number, end))
}

/// Without the zeros that say nothing.
fn trimmed(places: String) -> String {
    places.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_end_in_an_ellipsis() {
        assert_eq!(short("worker-high", 22), "worker-high");
        assert_eq!(short("a-very-long-name-for-a-pool", 12), "a-very-long…");
        assert_eq!(short("名前の長いプール", 9), "名前の長…"); // two columns a letter
    }

    #[test]
    fn what_xml_may_not_hold_is_left_out() {
        assert_eq!(short("a\u{0}b\u{ffff}c\u{202e}d\n", 22), "a b cd");
    }

    #[test]
    fn axis_numbers_are_short() {
        assert_eq!(plain(0.0, 1.0), "0");
        assert_eq!(plain(0.5, 2.0), "0.5");
        assert_eq!(plain(1_500.0, 2_000.0), "1,500");
        assert_eq!(plain(5_000.0, 15_000.0), "5k");
        assert_eq!(plain(2_500_000.0, 1e7), "2.5M");
        assert_eq!(dollars(120.0, 150.0), "$120");
    }
}
