//! Logs of failures: CSV with a line for each time that a machine was down. Knows no fleet.

use seatrial_contract::units::Span;
use std::collections::BTreeMap;

/// Where a log says what.
pub(crate) struct Columns<'a> {
    pub(crate) machine: &'a str,
    pub(crate) down: &'a str,
    pub(crate) up: &'a str,
    /// A column and the value that a line has to have in it.
    pub(crate) only: Option<(&'a str, &'a str)>,
    pub(crate) unit: Span,
}

/// A time in which a machine was down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outage {
    /// Its place in the order in which the log names machines.
    pub(crate) machine: usize,
    pub(crate) down: Span,
    /// Not within it any more.
    pub(crate) up: Span,
}

/// The times in which machines were down, machine by machine; those of one machine that overlap or touch are
/// one.
pub(crate) fn outages(text: &str, columns: &Columns<'_>) -> Result<Vec<Outage>, String> {
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let head: Vec<&str> = fields(lines.next().map_or("", |line| line.1));
    let place = |name: &str| {
        let found = head.iter().position(|column| *column == name);
        found.ok_or_else(|| format!("no column `{name}`; it has {}", head.join(", ")))
    };
    let (machine, down, up) = (place(columns.machine)?, place(columns.down)?, place(columns.up)?);
    let only = columns.only.map(|(column, value)| Ok::<_, String>((place(column)?, value)));
    let only = only.transpose()?;
    let mut machines: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all: Vec<Vec<(Span, Span)>> = Vec::new();
    for (line, text) in lines.filter(|(_, text)| !text.trim().is_empty()) {
        let fields = fields(text);
        let field = |at: usize| fields.get(at).copied().unwrap_or_default();
        if only.is_some_and(|(at, value)| field(at) != value) {
            continue;
        }
        let time = |at: usize| {
            span(field(at), columns.unit).ok_or_else(|| {
                format!(
                    "line {}: `{}` is no time in units of {}",
                    line + 1,
                    field(at),
                    columns.unit
                )
            })
        };
        let (down, up) = (time(down)?, time(up)?);
        if up < down {
            return Err(format!("line {}: it is up before it is down", line + 1));
        }
        let next = machines.len();
        let machine = *machines.entry(field(machine)).or_insert(next);
        all.resize_with(all.len().max(machine + 1), Vec::new);
        all[machine].push((down, up));
    }
    let merged = all.into_iter().enumerate().flat_map(|(machine, times)| {
        merged(times).into_iter().map(move |(down, up)| Outage { machine, down, up })
    });
    Ok(merged.collect())
}

fn fields(line: &str) -> Vec<&str> {
    line.split(',').map(|field| field.trim().trim_matches('"')).collect()
}

/// A time that is a number of units, with a part of one perhaps.
fn span(text: &str, unit: Span) -> Option<Span> {
    if let Ok(whole) = text.parse::<u64>() {
        return whole.checked_mul(unit.0).map(Span);
    }
    let seconds = text.parse::<f64>().ok()? * unit.as_seconds();
    (0.0..1e10).contains(&seconds).then(|| Span::from_seconds(seconds))
}

fn merged(mut times: Vec<(Span, Span)>) -> Vec<(Span, Span)> {
    times.sort_unstable();
    let mut merged: Vec<(Span, Span)> = Vec::new();
    for (down, up) in times.into_iter().filter(|(down, up)| down < up) {
        match merged.last_mut() {
            Some(last) if down <= last.1 => last.1 = last.1.max(up),
            Some(_) | None => merged.push((down, up)),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: Columns<'static> =
        Columns { machine: "node", down: "from", up: "to", only: None, unit: Span::minutes(1) };

    #[test]
    fn outages_that_overlap_or_touch_are_one() {
        let text = "node,from,to\nb,5,9\na,1,3\na,3,4\n\na,8,10\na,9,9.5\nb,5,5\n";
        let found = outages(text, &COLUMNS).unwrap();
        let minutes = |machine, down, up| Outage {
            machine,
            down: Span::minutes(down),
            up: Span::minutes(up),
        };
        assert_eq!(found, [minutes(0, 5, 9), minutes(1, 1, 4), minutes(1, 8, 10)]);
    }

    #[test]
    fn what_is_wrong_with_a_log_is_told_with_its_line() {
        for (text, says) in [
            ("", "no column `node`"),
            ("node,down,to\n", "no column `from`; it has node, down, to"),
            ("node,from,to\na,1,x\n", "line 2: `x` is no time in units of 1 min"),
            ("node,from,to\na,1\n", "line 2: `` is no time"),
            ("node,from,to\na,-1,5\n", "line 2: `-1` is no time"),
            ("node,from,to\na,9,99999999999999999999\n", "line 2"),
            ("node,from,to\na,1,NaN\n", "line 2"),
            ("node,from,to\na,7,6\n", "line 2: it is up before it is down"),
        ] {
            let told = outages(text, &COLUMNS).unwrap_err();
            assert!(told.contains(says), "{text:?}: {told}");
        }
    }
}
