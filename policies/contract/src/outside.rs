//! Text from outside, such as a tenant's name or a server's error, made safe to show: on a terminal, in
//! HTML, in Markdown, in JSON and as a Prometheus label. Everything that shows such text uses this file.
//! Decides nothing about what is shown.

use alloc::format;
use alloc::string::String;
use core::fmt::Write;

/// A name in a table or a sentence; nobody reads more of one.
pub const NAME_MAX: usize = 120;
/// A sentence, such as a server's error.
pub const SENTENCE_MAX: usize = 400;

/// Whether a character changes how what comes after it is shown, or cannot be seen at all.
#[must_use]
pub fn is_harmful(c: char) -> bool {
    // Controls end lines and steer terminals; the others are invisible, end lines, or turn text around, so
    // that it reads differently than it is.
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// One line for a terminal: nothing that moves a cursor or forges a line, at most so many characters, the
/// middle left out.
#[must_use]
pub fn line(text: &str, characters: usize) -> String {
    let visible = |c: char| if is_harmful(c) { '·' } else { c };
    if text.chars().nth(characters).is_none() {
        return text.chars().map(visible).collect();
    }
    let half = characters / 2;
    let start: String = text.chars().take(half).map(visible).collect();
    // From the end, without walking a text of any length twice.
    let mut tail = text.char_indices().rev().take(half);
    let from = tail.by_ref().last().map_or(text.len(), |(at, _)| at);
    let end: String = text[from..].chars().map(visible).collect();
    format!("{start}…{end}")
}

/// Colours that we write ourselves; no others pass, for some hide text.
const COLOURS: [&str; 7] = ["0", "1", "31", "32", "34", "36", "1;31"];

/// Many lines for a terminal, in our colours: nothing else in them steers it. What may forge a line is
/// made one before it comes here, by [`line()`].
#[must_use]
pub fn page(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let colour = rest.strip_prefix("\u{1b}[").and_then(|code| {
            COLOURS.iter().find(|known| {
                code.strip_prefix(**known).is_some_and(|after| after.starts_with('m'))
            })
        });
        let length = match colour {
            Some(code) => code.len() + 3,
            None => c.len_utf8(),
        };
        match (colour, c) {
            (None, '\n') => safe.push('\n'),
            (None, c) if is_harmful(c) => safe.push('·'),
            _ => safe.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    safe
}

/// A name for a terminal.
#[must_use]
pub fn name(text: &str) -> String {
    line(text, NAME_MAX)
}

/// A sentence for a terminal.
#[must_use]
pub fn sentence(text: &str) -> String {
    line(text, SENTENCE_MAX)
}

/// Text between HTML tags or in a quoted attribute.
#[must_use]
pub fn html(text: &str, characters: usize) -> String {
    let mut safe = String::new();
    for c in line(text, characters).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

/// Text within a line or a table's cell of Markdown.
#[must_use]
pub fn markdown(text: &str, characters: usize) -> String {
    let mut safe = String::new();
    for c in line(text, characters).chars() {
        match c {
            // HTML in Markdown is HTML.
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '-' | '.'
            | '!' | '|' | '~' | '@' | ':' => {
                safe.push('\\');
                safe.push(c);
            }
            c => safe.push(c),
        }
    }
    safe
}

/// A JSON document that means the same and steers no terminal: what is harmful in its strings is written
/// as `\u` and its number.
#[must_use]
pub fn json(document: &str) -> String {
    let mut safe = String::with_capacity(document.len());
    for c in document.chars() {
        // Line breaks and tabs stand between values only: in strings a writer has escaped them.
        if is_harmful(c) && !matches!(c, '\n' | '\t' | '\r') {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// The value of a Prometheus label, between its quotes.
#[must_use]
pub fn label(text: &str, characters: usize) -> String {
    let mut safe = String::new();
    for c in line(text, characters).chars() {
        if matches!(c, '\\' | '"') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A forged line, a cleared screen, text turned around, and an invisible end.
    const HOSTILE: &str = "ann\nbob would drain\u{1b}[2J\u{9b}K\u{202e}x\u{2028}y\u{200b}";

    #[test]
    fn a_line_stays_one_line_and_steers_nothing() {
        assert_eq!(line(HOSTILE, 99), "ann·bob would drain·[2J·K·x·y·");
        for shown in [line(HOSTILE, 99), html(HOSTILE, 99), markdown(HOSTILE, 99)] {
            assert!(!shown.chars().any(is_harmful), "{shown:?}");
        }
    }

    #[test]
    fn long_text_loses_its_middle() {
        assert_eq!(line(&"x".repeat(1_000), 10), "xxxxx…xxxxx");
        assert_eq!(line("0123456789", 10), "0123456789");
        assert_eq!(line("ä23456789€b", 4), "ä2…€b");
        assert_eq!(line("abc", 0), "…");
        assert_eq!(line("", 0), "");
    }

    #[test]
    fn a_page_has_our_colours_and_nothing_else_that_steers() {
        let ours = "\u{1b}[1;31mE001\u{1b}[0m wrong\n";
        assert_eq!(page(ours), ours);
        assert_eq!(page("a\u{1b}[8mb\u{1b}[2Jc\rd\u{9b}1me"), "a·[8mb·[2Jc·d·1me");
    }

    #[test]
    fn html_is_text() {
        assert_eq!(
            html("<img src=x onerror='a(\"&\")'>", 99),
            "&lt;img src=x onerror=&#39;a(&quot;&amp;&quot;)&#39;&gt;"
        );
    }

    #[test]
    fn markdown_is_text() {
        assert_eq!(markdown("a|b](x) <b>", 99), "a\\|b\\]\\(x\\) &lt;b&gt;");
        assert_eq!(markdown("# @all", 99), "\\# \\@all");
    }

    #[test]
    fn json_means_what_it_meant() {
        let document = serde_json::to_string(&[HOSTILE, "\u{7f}\u{e0001}"]).unwrap();
        let safe = json(&document);
        assert!(!safe.chars().any(is_harmful), "{safe:?}");
        let read: alloc::vec::Vec<String> = serde_json::from_str(&safe).unwrap();
        assert_eq!(read, [HOSTILE, "\u{7f}\u{e0001}"]);
    }

    #[test]
    fn a_label_ends_where_it_ends() {
        assert_eq!(label("a\"} 1\nup{b=\"\\", 99), "a\\\"} 1·up{b=\\\"\\\\");
    }
}
