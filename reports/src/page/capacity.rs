//! Charts of what there is against what it may be: machines, tenants, calls, stores. One time axis for all. Knows no
//! incident and no money.

use super::bites::Bite;
use super::chart::{Cell, Chart, Curve, Mark};
use super::found::FoundRun;
use super::lines::{Line, Lines, Point};
use seatrial_record::Unit;

/// What of a point is drawn.
type Pick = fn(&Point) -> Option<f64>;

pub(super) fn curve(label: &str, line: &Line, pick: Pick) -> Curve {
    let cell = |of: &Point| Cell { from: of.from, until: of.until, value: pick(of), ends: None };
    Curve {
        label: label.to_owned(),
        cells: line.points.iter().map(cell).collect(),
        is_limit: false,
    }
}

/// The mean, and what lies between the least and the most.
pub(super) fn level(label: &str, line: &Line) -> Curve {
    let cell = |of: &Point| {
        let ends = of.least.zip(of.most);
        Cell { from: of.from, until: of.until, value: of.mean, ends }
    };
    Curve {
        label: label.to_owned(),
        cells: line.points.iter().map(cell).collect(),
        is_limit: false,
    }
}

fn limit(label: &str, line: &Line) -> Curve {
    Curve { is_limit: true, ..curve(label, line, |of| of.most) }
}

/// How much of something came in a second.
fn rate(label: &str, line: &Line) -> Curve {
    curve(label, line, |of| of.total.map(|total| total / (of.until - of.from).max(1e-9)))
}

/// A part of a whole, stretch by stretch.
fn share(label: &str, part: &Line, whole: &Line) -> Curve {
    let cells = part.points.iter().zip(&whole.points).map(|(part, whole)| {
        let of = part.total.zip(whole.total).filter(|of| of.1 > 0.0);
        let value = of.map(|(part, whole)| (part / whole).min(1.0));
        Cell { from: part.from, until: part.until, value, ends: None }
    });
    Curve { label: label.to_owned(), cells: cells.collect(), is_limit: false }
}

/// Makes charts of one run.
pub(super) struct Maker<'a> {
    pub(super) found: &'a FoundRun,
    pub(super) bites: &'a [Bite],
}

/// More marks than that are a smear.
const MARKS: usize = 60;

impl Maker<'_> {
    fn lines(&self) -> &Lines {
        &self.found.lines
    }

    pub(super) fn chart(&self, id: String, title: String, about: &str, unit: Unit) -> Chart {
        Chart {
            id,
            title,
            about: about.to_owned(),
            unit,
            by_factors: false,
            curves: Vec::new(),
            marks: Vec::new(),
            until: self.found.lines.until,
            empty: "nothing of the kind was there in this run.".to_owned(),
        }
    }

    /// Limits that bit first at this thing.
    fn alarms(&self, kind: &str, of: &str) -> Vec<Mark> {
        let here = self.bites.iter().filter(|bite| bite.kind == kind && bite.of == of);
        here.map(|bite| Mark { at: bite.at, label: bite.told.clone(), is_alarm: true }).collect()
    }

    /// Decisions of these kinds, if not too many; those about one of a kind only where they name it.
    fn answers(&self, actions: &[&str], named: Option<&str>) -> Vec<Mark> {
        let mut marks = Vec::new();
        for row in &self.found.runs.first.actions {
            let text = row.action.text();
            let is_it = actions.iter().any(|word| text.contains(&format!("\"do\":\"{word}\"")));
            let is_here = named.is_none_or(|of| text.contains(&format!("\"{of}\"")));
            if is_it && is_here {
                #[expect(clippy::cast_precision_loss, reason = "within a microsecond of a century")]
                let at = row.at as f64 / 1e9;
                marks.push(Mark { at, label: format!("{}: {text}", row.policy), is_alarm: false });
            }
        }
        let each = marks.len().div_ceil(MARKS).max(1);
        marks.into_iter().step_by(each).collect()
    }

    /// Machines of each pool, and what they have.
    pub(super) fn machines(&self) -> Vec<Chart> {
        let mut charts = Vec::new();
        for pool in self.lines().names("pool") {
            let line = |series| self.lines().line(series, "pool", pool);
            let mut chart = self.chart(
                format!("machines-{pool}"),
                format!("Machines of {pool}"),
                "How many take tenants, are on their way, or are down; marks are decisions to add, drain or remove some.",
                Unit::Count,
            );
            for (series, label) in [
                ("machines", "ready"),
                ("machines_booting", "on their way"),
                ("machines_down", "down"),
            ] {
                let line = line(series).filter(|of| series == "machines" || of.is_something());
                chart.curves.extend(line.map(|of| level(label, of)));
            }
            let actions = ["add-nodes", "remove-node", "drain", "cordon"];
            chart.marks = all([self.alarms("pool", pool), self.answers(&actions, Some(pool))]);
            charts.push(chart);
            for (what, title, unit) in
                [("memory", "Memory", Unit::Bytes), ("cpu", "Cores", Unit::Cores)]
            {
                charts.push(self.resource(pool, what, title, unit));
            }
        }
        charts
    }

    fn resource(&self, pool: &str, what: &str, title: &str, unit: Unit) -> Chart {
        let mut chart = self.chart(
            format!("{what}-{pool}"),
            format!("{title} of {pool}"),
            "What its machines give and have promised, against what they have and what may be promised of it.",
            unit,
        );
        let line = |series: &str| self.lines().line(&format!("{what}_{series}"), "pool", pool);
        for series in ["used", "requested"] {
            chart.curves.extend(line(series).map(|of| level(series, of)));
        }
        chart.curves.extend(line("capacity").map(|of| limit("there is", of)));
        chart.curves.extend(line("promisable").map(|of| limit("may be promised", of)));
        chart
    }

    /// Tenants by stage of sleep, and those who wait.
    pub(super) fn tenants(&self) -> Vec<Chart> {
        if self.lines().names("tier").is_empty() {
            return Vec::new();
        }
        let mut stages = self.chart(
            "stages".to_owned(),
            "Tenants awake and asleep".to_owned(),
            "How many tenants were told to be at each stage of sleep.",
            Unit::Count,
        );
        stages.curves.extend(self.lines().lines("tenants", "stage").map(|of| level(&of.of, of)));
        let mut waiting = self.chart(
            "waiting".to_owned(),
            "Tenants that somebody waits for".to_owned(),
            "By tier; the band reaches from the least to the most.",
            Unit::Count,
        );
        waiting.curves.extend(self.lines().lines("waiting", "tier").map(|of| level(&of.of, of)));
        let mut wakes = self.chart(
            "wakes".to_owned(),
            "How long users waited for a tenant to wake".to_owned(),
            "95 in 100 of those who were served waited no longer, by tier; the axis goes up by factors of ten.",
            Unit::Seconds,
        );
        wakes.by_factors = true;
        wakes.empty = "nobody waited for a tenant to wake.".to_owned();
        wakes.curves.extend(
            self.lines().lines("wake_wait", "tier").map(|of| curve(&of.of, of, |of| of.p95)),
        );
        vec![stages, waiting, wakes]
    }

    /// Calls by who makes them, and the services that they go through.
    pub(super) fn calls(&self) -> Vec<Chart> {
        let mut charts = Vec::new();
        for name in self.lines().names("traffic") {
            let line = |series| self.lines().line(series, "traffic", name);
            charts.push(self.times(
                format!("response-{name}"),
                format!("Response times of {name}"),
                line("response"),
            ));
            let mut chart = self.chart(
                format!("failed-{name}"),
                format!("Calls of {name} that failed or were tried again"),
                "Shares of all calls, stretch by stretch.",
                Unit::Share,
            );
            for (series, label) in [("failed", "failed"), ("retries", "tried again")] {
                let pair = line(series).zip(line("calls"));
                chart.curves.extend(pair.map(|(part, whole)| share(label, part, whole)));
            }
            charts.push(chart);
        }
        for name in self.lines().names("service") {
            let line = |series| self.lines().line(series, "service", name);
            let is_called = line("arrivals").is_some_and(Line::is_something);
            if is_called {
                charts.push(self.times(
                    format!("service-{name}"),
                    format!("Response times of service {name}"),
                    line("response"),
                ));
            }
            let mut chart = self.chart(
                format!("replicas-{name}"),
                format!("Service {name}: replicas, requests in service, requests that wait"),
                "Marks are decisions to scale.",
                Unit::Count,
            );
            for (series, label) in
                [("replicas", "replicas"), ("busy", "in service"), ("waiting", "wait")]
            {
                chart.curves.extend(line(series).map(|of| level(label, of)));
            }
            chart.marks = all([self.alarms("service", name), self.answers(&["scale"], Some(name))]);
            charts.push(chart);
        }
        charts
    }

    fn times(&self, id: String, title: String, line: Option<&Line>) -> Chart {
        let about = "What half, 95 and 99 in 100 of those answered took at the most, and the longest; the axis goes up by factors of ten.";
        let mut chart = self.chart(id, title, about, Unit::Seconds);
        chart.by_factors = true;
        chart.empty = "nothing was answered.".to_owned();
        if let Some(line) = line {
            let picks: [(&str, Pick); 4] = [
                ("p50", |of| of.p50),
                ("p95", |of| of.p95),
                ("p99", |of| of.p99),
                ("longest", |of| of.most),
            ];
            chart.curves.extend(picks.into_iter().map(|(label, pick)| curve(label, line, pick)));
        }
        chart
    }

    /// Connections and caches.
    pub(super) fn stores(&self) -> Vec<Chart> {
        let mut charts = Vec::new();
        for (kind, title) in [("database", "Database"), ("pooler", "Pooler")] {
            for name in self.lines().names(kind) {
                let line = |series| self.lines().line(series, kind, name);
                let mut chart = self.chart(
                    format!("connections-{kind}-{name}"),
                    format!("{title} {name}: connections"),
                    "Open connections against how many there may be, and what works or waits; the band reaches from the least to the most.",
                    Unit::Count,
                );
                for (series, label) in [
                    ("connections", "connections"),
                    ("active", "queries at work"),
                    ("waiting", "callers that wait"),
                ] {
                    chart.curves.extend(line(series).map(|of| level(label, of)));
                }
                chart.curves.extend(line("connections_limit").map(|of| limit("limit", of)));
                chart.marks = all([
                    self.alarms(kind, name),
                    self.answers(&["limit-connections"], Some(name)),
                ]);
                charts.push(chart);
                let refusals = ["refused", "lost", "timed_out"];
                let refusals: Vec<&Line> =
                    refusals.into_iter().filter_map(line).filter(|of| of.is_something()).collect();
                if !refusals.is_empty() {
                    let mut chart = self.chart(
                        format!("refused-{kind}-{name}"),
                        format!("{title} {name}: turned away"),
                        "How many a second got no connection, waited for one in vain, or lost it.",
                        Unit::PerSecond,
                    );
                    chart.curves.extend(
                        refusals.into_iter().map(|of| rate(&of.series.replace('_', " "), of)),
                    );
                    charts.push(chart);
                }
            }
        }
        for name in self.lines().names("cache") {
            charts.extend(self.cache(name));
        }
        charts
    }

    fn cache(&self, name: &str) -> [Chart; 2] {
        let line = |series| self.lines().line(series, "cache", name);
        let mut memory = self.chart(
            format!("cache-{name}"),
            format!("Cache {name}: memory"),
            "What its entries take, against what they may.",
            Unit::Bytes,
        );
        memory.curves.extend(line("memory").map(|of| level("entries", of)));
        memory.curves.extend(line("memory_limit").map(|of| limit("limit", of)));
        memory.marks = self.alarms("cache", name);
        let mut hits = self.chart(
            format!("hits-{name}"),
            format!("Cache {name}: hits"),
            "The share of look-ups that found what they asked for.",
            Unit::Share,
        );
        hits.curves.extend(line("hit_ratio").map(|of| curve("hit ratio", of, |of| of.mean)));
        hits.empty = "nobody asked it.".to_owned();
        [memory, hits]
    }

    /// Where alerts are going off.
    pub(super) fn alerts(&self) -> Chart {
        let mut chart = self.chart(
            "firing".to_owned(),
            "Alerts that are going off".to_owned(),
            "At how many machines, or in all, each rule's condition holds for long enough.",
            Unit::Count,
        );
        let lines = self.lines().lines("firing", "alert").filter(|of| of.is_something());
        chart.curves.extend(lines.map(|of| level(&of.of, of)));
        chart
    }

    /// What everything costs.
    pub(super) fn spend(&self) -> Chart {
        let mut chart = self.chart(
            "spend".to_owned(),
            "What machines, servers and stores cost".to_owned(),
            "Dollars a day at the pace of each stretch.",
            Unit::Dollars,
        );
        for kind in ["pool", "server", "objects"] {
            let lines = self.lines().lines("spend", kind).filter(|of| of.is_something());
            chart.curves.extend(lines.map(|of| {
                curve(&of.of, of, |of| {
                    of.total.map(|total| total * 86_400.0 / (of.until - of.from).max(1e-9))
                })
            }));
        }
        chart
    }
}

fn all(marks: [Vec<Mark>; 2]) -> Vec<Mark> {
    marks.into_iter().flatten().collect()
}
