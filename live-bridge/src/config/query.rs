//! Tells queries that only select from those that work something out. Pure.

/// Whether a query is a metric with at most a selector: then `timestamp(…)` of it gives the moments
/// of its samples, not that of the asking.
pub(super) fn selects_only(query: &str) -> bool {
    let query = query.trim();
    let name = query.find('{').map_or(query, |at| query[..at].trim_end());
    let fits = |(index, c): (usize, char)| {
        c.is_ascii_alphabetic() || c == '_' || c == ':' || (index > 0 && c.is_ascii_digit())
    };
    if !name.char_indices().all(fits) {
        return false;
    }
    match query.find('{') {
        None => !name.is_empty(),
        Some(at) => closes_at_the_end(&query[at..]),
    }
}

/// Whether the brace that opens this closes at its very end, quotes minded.
fn closes_at_the_end(selector: &str) -> bool {
    let (mut quoted, mut escaped) = (None, false);
    for (index, c) in selector.char_indices() {
        match (quoted, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(quote), '\\') if quote != '`' => escaped = true,
            (Some(quote), c) if c == quote => quoted = None,
            (None, '"' | '\'' | '`') => quoted = Some(c),
            (None, '}') => return index + 1 == selector.len(),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::selects_only;

    #[test]
    fn plain_selectors_are_told_from_what_is_worked_out() {
        for query in ["up", "a:b_total", "x{}", "x{a=\"}\"}", "{__name__=~\"x|y\"}", " x {a='b'} "]
        {
            assert!(selects_only(query), "{query}");
        }
        for query in
            ["", "rate(x[1m])", "x + y", "x{a=\"b\"} + 1", "x offset 5m", "x[5m]", "1", "x{"]
        {
            assert!(!selects_only(query), "{query}");
        }
    }
}
