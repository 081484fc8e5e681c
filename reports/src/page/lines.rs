//! Series as charts show them: found by what they are of, and thinned so that a page stays small. Draws nothing.

use seatrial_tables::Rows;

/// About so many points of a series fit a page, where it has not too many charts.
pub(super) const POINTS: usize = 150;

/// All series of a run.
#[derive(Debug, Default)]
pub(super) struct Lines {
    all: Vec<Line>,
    /// How long the run lasts, in seconds.
    pub(super) until: f64,
    /// How many stretches a point stands for, at the most.
    pub(super) thinned: usize,
}

/// One series.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) series: String,
    pub(super) kind: String,
    pub(super) of: String,
    pub(super) points: Vec<Point>,
    /// All stretches, as they were told.
    pub(super) stretches: Vec<Point>,
}

/// One stretch of time, or several together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) from: f64,
    pub(super) until: f64,
    pub(super) least: Option<f64>,
    pub(super) mean: Option<f64>,
    pub(super) most: Option<f64>,
    pub(super) total: Option<f64>,
    pub(super) p50: Option<f64>,
    pub(super) p95: Option<f64>,
    pub(super) p99: Option<f64>,
}

impl Lines {
    #[expect(clippy::cast_precision_loss, reason = "within a microsecond of a century")]
    pub(super) fn of(rows: &Rows, duration: u64) -> Self {
        let mut all: Vec<Line> = Vec::new();
        for row in 0..rows.len() {
            let text = |column| rows.text(row, column);
            let key = (text("series"), text("kind"), text("of"));
            let is_it =
                |line: &Line| (line.series.as_str(), line.kind.as_str(), line.of.as_str()) == key;
            // Rows of a series stand together.
            let at = all.iter().rposition(is_it).unwrap_or_else(|| {
                all.push(Line {
                    series: key.0.to_owned(),
                    kind: key.1.to_owned(),
                    of: key.2.to_owned(),
                    points: Vec::new(),
                    stretches: Vec::new(),
                });
                all.len() - 1
            });
            let number = |column| rows.number(row, column);
            all[at].stretches.push(Point {
                from: number("from_s").unwrap_or_default(),
                until: number("until_s").unwrap_or_default(),
                least: number("least"),
                mean: number("mean"),
                most: number("most"),
                total: number("total"),
                p50: number("p50"),
                p95: number("p95"),
                p99: number("p99"),
            });
        }
        let mut lines = Self { all, until: duration as f64 / 1e9, thinned: 1 };
        lines.thin(POINTS);
        lines
    }

    /// Has charts show no more than about so many points of a series.
    pub(super) fn thin(&mut self, points: usize) {
        let longest = self.all.iter().map(|line| line.stretches.len()).max().unwrap_or_default();
        self.thinned = longest.div_ceil(points).max(1);
        for line in &mut self.all {
            line.points = line.stretches.chunks(self.thinned).map(together).collect();
        }
    }

    /// One series.
    pub(super) fn line(&self, series: &str, kind: &str, of: &str) -> Option<&Line> {
        self.all.iter().find(|line| line.series == series && line.kind == kind && line.of == of)
    }

    /// All of a kind that measure the same.
    pub(super) fn lines<'a>(
        &'a self,
        series: &'a str,
        kind: &'a str,
    ) -> impl Iterator<Item = &'a Line> {
        self.all.iter().filter(move |line| line.series == series && line.kind == kind)
    }

    /// What there is of a kind, in the order of the file.
    pub(super) fn names(&self, kind: &str) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for line in self.all.iter().filter(|line| line.kind == kind) {
            if !names.contains(&line.of.as_str()) {
                names.push(&line.of);
            }
        }
        names
    }
}

impl Line {
    /// Whether it ever was anything but nothing.
    pub(super) fn is_something(&self) -> bool {
        let some = |of: Option<f64>| of.is_some_and(|value| value != 0.0);
        self.points.iter().any(|point| some(point.most.or(point.mean)) || some(point.total))
    }

    /// The first stretch of which this is so.
    pub(super) fn first(&self, is_so: impl Fn(&Point) -> bool) -> Option<&Point> {
        self.stretches.iter().find(|point| is_so(point))
    }
}

/// Several stretches as one point: the least of the least, the most of the most, the mean over time, all of the totals;
/// of quantiles the worst.
fn together(stretches: &[Point]) -> Point {
    let [first, .., last] = stretches else {
        return stretches.first().copied().unwrap_or_default();
    };
    let each = |pick: fn(&Point) -> Option<f64>| stretches.iter().filter_map(pick);
    let most = |pick| each(pick).reduce(f64::max);
    // What was measured of many counts for as many as they are, of levels for as long as they lasted.
    let weight = |of: &Point| match (of.p50, of.total) {
        (Some(_), Some(total)) => total,
        (None, Some(whole)) => whole,
        (_, None) => of.until - of.from,
    };
    let weighed: Vec<(f64, f64)> =
        stretches.iter().filter_map(|of| Some((of.mean?, weight(of)))).collect();
    let whole: f64 = weighed.iter().map(|(_, weight)| weight).sum();
    let sum: f64 = weighed.iter().map(|(mean, weight)| mean * weight).sum();
    Point {
        from: first.from,
        until: last.until,
        least: each(|of| of.least).reduce(f64::min),
        mean: (whole > 0.0).then(|| sum / whole),
        most: most(|of| of.most),
        total: each(|of| of.total).reduce(|one, other| one + other),
        p50: most(|of| of.p50),
        p95: most(|of| of.p95),
        p99: most(|of| of.p99),
    }
}
