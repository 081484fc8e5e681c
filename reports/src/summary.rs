//! What a planner reads in ten seconds. The text is stable: equal records give equal bytes.

mod caches;
mod calls;
mod faults;
mod objects;
mod services;

use crate::document::notes;
use crate::figures::{bound, count, margin, money, quantity, span};
use crate::grid::Grid;
use core::fmt::Write;
use seatrial_contract::outside;
use seatrial_record::{
    Departure, DeparturePool, DepartureTier, Estimate, Goal, GoalKind, Metric, NodeChange, Record,
    Runs, Unit,
};

/// How the summary looks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Style {
    /// With colours.
    pub colour: bool,
}

/// The summary of a run.
#[must_use]
pub fn summary(runs: &Runs, style: Style) -> String {
    let page = Page { runs, style };
    let mut text = page.head();
    for section in [
        page.goals("Objectives", GoalKind::Objective),
        page.goals("Claims", GoalKind::Claim),
        page.tenants(),
        page.calls(),
        page.services(),
        page.caches(),
        page.databases(),
        page.objects(),
        page.nodes(),
        page.faults(),
        page.alerts(),
        page.bill(),
        page.decisions(),
    ] {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    }
    text
}

struct Page<'a> {
    runs: &'a Runs,
    style: Style,
}

impl Page<'_> {
    fn head(&self) -> String {
        let first = &self.runs.first;
        let runs = match self.runs.seeds.as_slice() {
            [seed] => format!("seed {seed}"),
            [from, .., to] => format!("{} runs, seeds {from} to {to}", self.runs.seeds.len()),
            [] => String::new(),
        };
        let mut text = format!("{}\n", self.bold(&outside::name(&first.scenario)));
        let duration = span(Span(first.duration).seconds());
        let _ = writeln!(text, "{duration}, {runs}, {} events", count(self.runs.events));
        if !first.policy_digest.is_empty() {
            let _ = writeln!(text, "policies {}", short(&first.policy_digest));
        }
        let _ = writeln!(text, "record   {}", short(&self.runs.record_digest));
        text += &self.sampled();
        notes(first).into_iter().for_each(|note| text += &format!("note     {note}\n"));
        first.departure.iter().for_each(|from| text += &departure(from));
        text
    }

    /// How calls were sampled, and what is known least well of them.
    fn sampled(&self) -> String {
        let first = &self.runs.first;
        let Some(sampled) = first.sampled else { return String::new() };
        let lived = share(sampled.lived, first.duration);
        let precision = f64::from(sampled.precision) / 1e6;
        let known = |metric: &Metric| {
            let (value, within) = metric.value.zip(metric.within)?;
            (value != 0.0).then(|| (metric.name.clone(), within / value.abs()))
        };
        let mut known: Vec<(String, f64)> = first.metrics.iter().filter_map(known).collect();
        let all = known.len();
        known.retain(|(_, within)| *within > precision);
        known.sort_by(|one, other| other.1.total_cmp(&one.1));
        let mut text = format!("sampled  {lived} of the time was lived through call by call");
        if !known.is_empty() {
            let least = known.iter().take(3).map(|(name, within)| {
                let within = quantity(*within, Unit::Share);
                format!("{} ± {within}", outside::name(name))
            });
            let least: Vec<String> = least.collect();
            let wanted = quantity(precision, Unit::Share);
            text += &format!(
                ";\n         {} of {all} figures are known to less than {wanted}, such as {}",
                known.len(),
                least.join(", ")
            );
        }
        text + "\n"
    }

    fn goals(&self, title: &str, kind: GoalKind) -> String {
        let goals: Vec<&Goal> = self.runs.goals.iter().filter(|g| g.kind == kind).collect();
        if goals.is_empty() {
            return String::new();
        }
        let failed = goals.iter().filter(|goal| !goal.holds).count();
        let says = if failed == 0 {
            "all hold".to_owned()
        } else {
            format!(
                "{failed} of {} {} not hold",
                goals.len(),
                if failed == 1 { "does" } else { "do" }
            )
        };
        let mut grid = Grid::new("llrll");
        for goal in goals {
            let mark = if goal.holds { "holds" } else { "FAILS" };
            let value =
                goal.value.map_or("nothing measured".to_owned(), |v| quantity(v, goal.unit));
            let margin = self.half_width(&goal.metric);
            let bound = bound(&goal.bound, goal.unit);
            grid.row([mark, &goal.name, &format!("{value}{margin}"), &bound, &goal.source]);
        }
        let table = grid.print(2);
        let table = self.paint(&table, "FAILS", "31");
        format!("{}: {says}\n{}", self.bold(title), self.paint(&table, "holds", "32"))
    }

    fn estimate(&self, name: &str) -> Option<&Estimate> {
        self.runs.estimates.iter().find(|estimate| estimate.name == name)
    }

    /// Half the width of a metric's confidence interval, with several runs.
    fn half_width(&self, name: &str) -> String {
        let found = self.estimate(name);
        let ends = found.and_then(|e| Some((e.ci_low?, e.ci_high?, e.unit)));
        let ends = ends.filter(|(low, high, _)| low < high);
        let value = found.and_then(|e| e.value).unwrap_or_default();
        ends.map_or(String::new(), |(low, high, unit)| {
            format!(" ± {}", margin((high - low) / 2.0, value, unit))
        })
    }

    /// A metric with its confidence interval, or a dash.
    fn figure(&self, name: &str) -> String {
        let value = self.estimate(name).and_then(|e| Some((e.value?, e.unit)));
        value.map_or("-".to_owned(), |(value, unit)| {
            format!("{}{}", quantity(value, unit), self.half_width(name))
        })
    }

    fn tenants(&self) -> String {
        let first = &self.runs.first;
        if first.tiers.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrrrrr");
        let ends = self.of_first("tenants");
        let head = [
            "tier",
            &ends,
            "asleep",
            "logins",
            "found asleep",
            "not served",
            "tenants hit",
            "wake p95",
            "bill a month",
        ];
        grid.row(head);
        for tier in &first.tiers {
            let of = |metric: &str| self.figure(&format!("{metric}.{}", tier.name));
            grid.row([
                tier.name.clone(),
                count(u64::from(tier.tenants)),
                of("asleep_share"),
                of("logins"),
                of("logins_cold_share"),
                of("logins_unserved_share"),
                of("tenants_unserved"),
                of("wake_wait_p95"),
                self.figure(&format!("bill_month.tier.{}", tier.name)),
            ]);
        }
        let tenants: u64 = first.tiers.iter().map(|tier| u64::from(tier.tenants)).sum();
        grid.row([
            "all".to_owned(),
            count(tenants),
            self.figure("asleep_share"),
            self.figure("logins"),
            self.figure("logins_cold_share"),
            self.figure("logins_unserved_share"),
            self.figure("tenants_unserved"),
            self.figure("wake_wait_p95"),
            self.figure("bill_month"),
        ]);
        let mut text = format!("{}\n{}", self.bold("Tenants"), grid.print(2));
        let figure = |name: &str| self.figure(name);
        let _ = writeln!(
            text,
            "  {} wake-ups: mean {}, p95 {}, longest {}. Logins not served: {}, of them for want \
             of room {}.",
            figure("wakes"),
            figure("wake_wait_mean"),
            figure("wake_wait_p95"),
            figure("wake_wait_max"),
            figure("logins_unserved"),
            figure("logins_unserved_no_room"),
        );
        let _ = writeln!(
            text,
            "  {} hibernations, {} moves ({} in the middle of a session), {} kills for want of memory.",
            figure("hibernations"),
            figure("moves"),
            figure("sessions_interrupted"),
            figure("kills"),
        );
        text
    }

    fn alerts(&self) -> String {
        let names = self.runs.estimates.iter().filter_map(|e| e.name.strip_prefix("alerts."));
        let names: Vec<&str> = names.collect();
        if names.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrr");
        grid.row(["alert", "went off", "of the time", "longest"]);
        for name in names {
            let of = |metric: &str| self.figure(&format!("{metric}.{name}"));
            grid.row([name.to_owned(), of("alerts"), of("alert_share"), of("alert_longest")]);
        }
        let called = self.estimate("pages").and_then(|pages| pages.value).unwrap_or_default();
        let people = match called > 0.0 {
            false => "  Nobody was called.\n".to_owned(),
            true => format!(
                "  {} calls, {} of them at night; somebody looked within {} (p95); at work over \
                 them, on average: {}.\n",
                self.figure("pages"),
                self.figure("pages_at_night"),
                self.figure("page_acknowledged_p95"),
                self.figure("people_at_work_mean"),
            ),
        };
        format!("{}\n{}{people}", self.bold("Alerts"), grid.print(2))
    }

    fn nodes(&self) -> String {
        let record = &self.runs.first;
        let mut pools: Vec<&str> = Vec::new();
        for change in &record.nodes {
            if !pools.contains(&change.pool.as_str()) {
                pools.push(&change.pool);
            }
        }
        if pools.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrrrrrl");
        let over_time = self.of_first("machines over time");
        grid.row(["pool", "mean", "most", "cpu", "cpu over", "memory", &over_time]);
        for pool in pools {
            let of = |metric: &str| self.figure(&format!("{metric}.{pool}"));
            grid.row([
                pool.to_owned(),
                of("nodes_mean"),
                of("nodes_most"),
                of("cpu_used_share"),
                of("cpu_overload_share"),
                of("memory_used_share"),
                sparkline(record, pool),
            ]);
        }
        format!("{}\n{}", self.bold("Machines"), grid.print(2))
    }

    fn bill(&self) -> String {
        let bill = &self.runs.first.bill;
        if bill.lines.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lrr");
        let several = self.runs.seeds.len() > 1;
        grid.row(["for", if several { "in the first run" } else { "in this run" }, "a month"]);
        for line in &bill.lines {
            let month = self.figure(&format!("bill_month.{}", line.name));
            grid.row([line.name.clone(), money(line.amount), month]);
        }
        grid.row(["all".to_owned(), money(bill.total), self.figure("bill_month")]);
        let revenue: i64 = self.runs.first.tiers.iter().map(|tier| tier.revenue).sum();
        let mut text = format!("{}\n{}", self.bold("Bill"), grid.print(2));
        if revenue > 0 {
            let left = money(revenue - bill.total);
            let when = if several { "In the first run tenants" } else { "Tenants" };
            let _ = writeln!(text, "  {when} paid {}: {left} is left.", money(revenue));
        }
        text
    }

    fn decisions(&self) -> String {
        let reasons = &self.runs.first.reasons;
        if reasons.is_empty() {
            return String::new();
        }
        let mut grid = Grid::new("lllr");
        for reason in reasons {
            let cells = [&reason.policy, &reason.verdict, &reason.reason];
            let cells = cells.into_iter().cloned().chain([count(reason.count)]);
            grid.row(cells);
        }
        let of = self.of_first("");
        format!("{}{of}\n{}", self.bold("Decisions by reason"), grid.print(2))
    }

    /// The title of figures that are of the first run alone, where all others are means.
    fn of_first(&self, title: &str) -> String {
        let of = if self.runs.seeds.len() > 1 { " (first run)" } else { "" };
        format!("{title}{of}")
    }

    fn bold(&self, text: &str) -> String {
        if self.style.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn paint(&self, text: &str, word: &str, colour: &str) -> String {
        if !self.style.colour {
            return text.to_owned();
        }
        let painted = format!("\n  \u{1b}[{colour}m{word}\u{1b}[0m");
        let text = format!("\n{text}").replace(&format!("\n  {word}"), &painted);
        text.trim_start_matches('\n').to_owned()
    }
}

/// From what a run departed.
fn departure(from: &Departure) -> String {
    let Departure { of, taken_at, check, pools, tiers, notes } = from;
    let sum = |pick: fn(&DepartureTier) -> u32| tiers.iter().map(pick).map(u64::from).sum::<u64>();
    let each = |rows: Vec<(u32, &String)>| {
        let some = rows.into_iter().filter(|(number, _)| *number > 0);
        let told: Vec<String> = some
            .map(|(number, name)| format!("{} {}", count(u64::from(number)), outside::name(name)))
            .collect();
        told.join(", ")
    };
    let odd = |numbers: &[(u64, &str)]| {
        let some = numbers.iter().filter(|(number, _)| *number > 0);
        let told: Vec<String> =
            some.map(|(number, what)| format!(", {} {what}", count(*number))).collect();
        told.concat()
    };
    let of_pools =
        |pick: fn(&DeparturePool) -> u32| -> u64 { pools.iter().map(pick).map(u64::from).sum() };
    let tenants = sum(|tier| tier.tenants);
    #[expect(clippy::cast_precision_loss, reason = "for display only")]
    let asleep = sum(|tier| tier.asleep) as f64 / tenants.max(1) as f64;
    let of = outside::name(of);
    let mut text = format!("from     {of}, {taken_at}, logbook {check}\n");
    let _ = writeln!(
        text,
        "         {} machines: {}{}",
        count(of_pools(|pool| pool.ready)),
        each(pools.iter().map(|pool| (pool.ready, &pool.pool)).collect()),
        odd(&[
            (of_pools(|pool| pool.closed), "of them closed"),
            (of_pools(|pool| pool.booting), "more on their way"),
        ]),
    );
    let _ = writeln!(
        text,
        "         {} tenants: {}; {} asleep{}",
        count(tenants),
        each(tiers.iter().map(|tier| (tier.tenants, &tier.tier)).collect()),
        quantity(asleep, Unit::Share),
        odd(&[
            (sum(|tier| tier.active), "with somebody there"),
            (sum(|tier| tier.wanted), "waited for"),
            (sum(|tier| tier.homeless), "without a machine"),
        ]),
    );
    notes.iter().for_each(|note| text += &format!("         {}\n", outside::sentence(note)));
    text
}

struct Span(u64);

impl Span {
    #[expect(clippy::cast_precision_loss, reason = "for display only")]
    fn seconds(&self) -> f64 {
        self.0 as f64 / 1e9
    }
}

/// The first half of a digest: enough to tell two apart by eye.
fn short(digest: &str) -> &str {
    digest.get(..16).unwrap_or(digest)
}

const COLUMNS: u64 = 48;

/// The most machines of a pool in each of so many equal stretches of the run, as bars.
fn sparkline(record: &Record, pool: &str) -> String {
    const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let changes: Vec<&NodeChange> = record.nodes.iter().filter(|c| c.pool == pool).collect();
    let top = changes.iter().map(|change| change.ready).max().unwrap_or_default().max(1);
    let stretch = (record.duration / COLUMNS).max(1);
    let mut line = String::new();
    let (mut next, mut ready) = (0, 0);
    for column in 0..COLUMNS {
        let ends = (column + 1) * stretch;
        // What there is at the beginning of the run is there before anything is seen.
        while next < changes.len() && changes[next].at <= column * stretch {
            ready = changes[next].ready;
            next += 1;
        }
        let mut most = ready;
        while next < changes.len() && changes[next].at < ends {
            ready = changes[next].ready;
            most = most.max(ready);
            next += 1;
        }
        let height = (u64::from(most) * 8).div_ceil(u64::from(top));
        line.push(BARS[usize::try_from(height).unwrap_or_default().min(8)]);
    }
    let unit = Unit::Count;
    format!("{line} (up to {})", quantity(f64::from(top), unit))
}

/// A part of a whole, as people say it.
#[expect(clippy::cast_precision_loss, reason = "for display only")]
fn share(part: u64, whole: u64) -> String {
    quantity(part as f64 / whole.max(1) as f64, Unit::Share)
}
