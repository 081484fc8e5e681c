//! A chart over time as SVG, complete without style and script: title, description, legend, and its data as a table.
//! Knows no series.

use super::scale::{Axis, plain, ticks_of_time};
use crate::figures::span;
use maud::{Markup, PreEscaped, html};
use seatrial_record::Unit;
use std::fmt::Write;

/// A chart over the time of a run.
pub(super) struct Chart {
    /// Its place in the page.
    pub(super) id: String,
    pub(super) title: String,
    /// What it shows, in a sentence.
    pub(super) about: String,
    pub(super) unit: Unit,
    /// Values go up by factors, not by steps.
    pub(super) by_factors: bool,
    pub(super) curves: Vec<Curve>,
    pub(super) marks: Vec<Mark>,
    /// The run ends then, in seconds.
    pub(super) until: f64,
    /// Why there may be nothing.
    pub(super) empty: String,
}

/// One curve.
pub(super) struct Curve {
    pub(super) label: String,
    pub(super) cells: Vec<Cell>,
    /// It is a limit, not something measured.
    pub(super) is_limit: bool,
}

/// A curve from one moment to another.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) from: f64,
    pub(super) until: f64,
    pub(super) value: Option<f64>,
    /// The least and the most within it, where more than the value is to be seen.
    pub(super) ends: Option<(f64, f64)>,
}

/// Something that happened.
pub(super) struct Mark {
    pub(super) at: f64,
    pub(super) label: String,
    /// A limit that bit, and not a decision.
    pub(super) is_alarm: bool,
}

/// What tells curves apart: a colour that those who see few colours tell from the others, and a dash.
const LOOKS: [(&str, &str); 8] = [
    ("#0072b2", ""),
    ("#d55e00", "7 3"),
    ("#009e73", "2 2"),
    ("#8c4f9f", "9 3 2 3"),
    ("#b8860b", "4 4"),
    ("#3a86a8", "12 3"),
    ("#a23b3b", "3 6"),
    ("#5c6b1f", "1 3"),
];

const LIMITS: [(&str, &str); 2] = [("#777", "1 3"), ("#777", "10 4")];

/// The drawing's inner size: what lies within stretches with the page.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 200.0;

/// How the curve of that number looks.
pub(super) fn look_of(at: usize) -> (&'static str, &'static str) {
    LOOKS[at % LOOKS.len()]
}

fn look(at: usize, curve: &Curve) -> (&'static str, &'static str) {
    if curve.is_limit { LIMITS[at % LIMITS.len()] } else { look_of(at) }
}

impl Chart {
    /// The figure.
    pub(super) fn figure(&self) -> Markup {
        let has_data =
            self.curves.iter().any(|of| of.cells.iter().any(|cell| cell.value.is_some()));
        html! {
            figure id=(self.id) .chart {
                figcaption { h3 { (self.title) } p { (self.about) } }
                @if has_data {
                    (self.drawing())
                    (self.legend())
                    (self.table())
                } @else {
                    p .empty { "Nothing to draw: " (self.empty) }
                }
            }
        }
    }

    fn axis(&self) -> Axis {
        let cells = self.curves.iter().flat_map(|curve| &curve.cells);
        let values = cells.flat_map(|cell| [cell.value, cell.ends.map(|ends| ends.1)]);
        Axis::of(values.flatten(), self.unit, self.by_factors)
    }

    fn drawing(&self) -> Markup {
        let axis = self.axis();
        let y = |value: f64| HEIGHT - HEIGHT * axis.part(value);
        let x = |at: f64| WIDTH * at / self.until.max(1e-9);
        let (title, about) = (format!("{}-t", self.id), format!("{}-d", self.id));
        html! {
            div .scroll tabindex="0" {
                svg .drawing viewBox="0 0 960 244" role="img" aria-labelledby={ (title) " " (about) } font-family="sans-serif" font-size="12" {
                    title id=(title) { (self.title) }
                    desc id=(about) { (self.about) " " (self.in_words()) }
                    @for (value, label) in axis.ticks() {
                        @let at = 8.0 + y(value);
                        line .grid x1="66" x2="950" y1=(short(at)) y2=(short(at)) stroke="#ccc" {}
                        text x="60" y=(short(at + 4.0)) text-anchor="end" fill="currentColor" { (label) }
                    }
                    @for (at, label) in ticks_of_time(self.until) {
                        text .tick x=(short(66.0 + 0.884 * x(at))) y="224" text-anchor=(if at > 0.97 * self.until { "end" } else { "middle" }) fill="currentColor" { (label) }
                    }
                    svg .plot x="66" y="8" width="884" height="200" viewBox="0 0 1000 200" preserveAspectRatio="none" data-until=(plain(self.until)) {
                        @for (at, curve) in self.curves.iter().enumerate() {
                            @let (colour, dash) = look(at, curve);
                            @if let Some(band) = band(curve, &x, &y) {
                                path d=(band) fill=(colour) fill-opacity="0.18" stroke="none" {}
                            }
                            path d=(steps(curve, &x, &y)) fill="none" stroke=(colour) stroke-width="1.6" stroke-dasharray=(dash) vector-effect="non-scaling-stroke" {}
                        }
                        @for mark in &self.marks {
                            @let at = x(mark.at);
                            @if mark.is_alarm {
                                path d={ "M" (short(at)) " 0v200" } stroke="#b00020" stroke-width="1.4" stroke-dasharray="3 2" vector-effect="non-scaling-stroke" fill="none" { title { (mark.label) } }
                            } @else {
                                path d={ "M" (short(at)) " 200v-12" } stroke="currentColor" stroke-width="1.2" vector-effect="non-scaling-stroke" fill="none" { title { (mark.label) } }
                            }
                        }
                    }
                    text x="508" y="240" text-anchor="middle" fill="currentColor" { "time since the start" }
                }
            }
            output .read aria-live="polite" {}
        }
    }

    /// The whole chart in words, for those who do not see it.
    fn in_words(&self) -> String {
        let axis = self.axis();
        let mut words = String::new();
        for curve in &self.curves {
            let most = curve
                .cells
                .iter()
                .filter_map(|cell| Some((cell.ends.map_or(cell.value?, |ends| ends.1), cell.from)));
            let Some(most) = most.max_by(|one, other| one.0.total_cmp(&other.0)) else { continue };
            let _ = write!(
                words,
                "{}: at most {}, first {} after the start. ",
                curve.label,
                axis.tell(most.0),
                if most.1 > 0.0 { span(most.1) } else { "0 s".to_owned() }
            );
        }
        words
    }

    fn legend(&self) -> Markup {
        html! {
            ul .legend {
                @for (at, curve) in self.curves.iter().enumerate() {
                    @let (colour, dash) = look(at, curve);
                    li {
                        svg width="28" height="8" aria-hidden="true" { path d="M0 4H28" stroke=(colour) stroke-width="2" stroke-dasharray=(dash) fill="none" {} }
                        " " (curve.label)
                    }
                }
                @if self.marks.iter().any(|mark| mark.is_alarm) { li { svg width="28" height="8" aria-hidden="true" { path d="M14 0V8" stroke="#b00020" stroke-width="2" stroke-dasharray="3 2" {} } " a limit bit first" } }
                @if self.marks.iter().any(|mark| !mark.is_alarm) { li { svg width="28" height="8" aria-hidden="true" { path d="M14 2V8" stroke="currentColor" stroke-width="2" {} } " a decision" } }
            }
        }
    }

    fn table(&self) -> Markup {
        let axis = self.axis();
        let mut rows = String::new();
        let longest = self.curves.iter().map(|curve| curve.cells.len()).max().unwrap_or_default();
        let first = self.curves.iter().find(|curve| curve.cells.len() == longest);
        for at in 0..longest {
            let when = first.and_then(|curve| curve.cells.get(at));
            let (from, until) = when.map_or((0.0, 0.0), |cell| (cell.from, cell.until));
            let _ = write!(rows, "<tr><td>{}<td>{}", plain(from), plain(until));
            for curve in &self.curves {
                let cell = curve.cells.get(at);
                let value = |of: Option<f64>| of.map(|of| axis.number(of)).unwrap_or_default();
                let _ = write!(rows, "<td>{}", value(cell.and_then(|cell| cell.value)));
                if curve.has_ends() {
                    let most = cell.and_then(|cell| cell.ends).map(|ends| ends.1);
                    let _ = write!(rows, "<td>{}", value(most));
                }
            }
        }
        html! {
            details {
                summary { "The data of this figure" }
                div .scroll tabindex="0" {
                    table .data {
                        caption { (self.title) ", in " (axis.word()) }
                        thead { tr {
                            th { "from, s" } th { "until, s" }
                            @for curve in &self.curves {
                                th { (curve.label) }
                                @if curve.has_ends() { th { (curve.label) ", most" } }
                            }
                        } }
                        tbody { (PreEscaped(rows)) }
                    }
                }
            }
        }
    }
}

impl Curve {
    fn has_ends(&self) -> bool {
        self.cells.iter().any(|cell| cell.ends.is_some())
    }
}

/// A coordinate.
fn short(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(ToOwned::to_owned).unwrap_or(text)
}

/// From one value to the next by steps, with gaps where there is none.
fn steps(curve: &Curve, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) -> String {
    let mut path = String::new();
    let mut is_drawn = false;
    let mut last = String::new();
    for cell in &curve.cells {
        let Some(value) = cell.value else {
            is_drawn = false;
            continue;
        };
        let height = short(y(value));
        if !is_drawn {
            let _ = write!(path, "M{} {height}", short(x(cell.from)));
        } else if height != last {
            let _ = write!(path, "V{height}");
        }
        let _ = write!(path, "H{}", short(x(cell.until)));
        (is_drawn, last) = (true, height);
    }
    path
}

/// Between the least and the most.
fn band(curve: &Curve, x: &dyn Fn(f64) -> f64, y: &dyn Fn(f64) -> f64) -> Option<String> {
    if !curve.has_ends() {
        return None;
    }
    let mut path = String::new();
    for cell in &curve.cells {
        let Some((least, most)) = cell.ends else { continue };
        let (top, bottom) = (short(y(most)), short(y(least)));
        if top != bottom {
            let (from, until) = (short(x(cell.from)), short(x(cell.until)));
            let _ = write!(path, "M{from} {top}H{until}V{bottom}H{from}Z");
        }
    }
    Some(path)
}
