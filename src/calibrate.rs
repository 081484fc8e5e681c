//! `seatrial calibrate`: from a real database's throughput to a simulated one's curve.

use crate::exit::{Exit, Stop, print};
use crate::{open, read};
use clap::{Args, ValueEnum};
use seatrial_reports::{Grid, count};
use seatrial_trials::calibrate::{Calibration, Compared, LeaveOut, Sweep, calibrate, from_pgbench};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Find the contention curve of a database from what was measured of it.
///
/// Prints lines to paste into a scenario, and how far the curve is from each point: as fitted, when
/// every second point was left out of the fit, and when only this one was.
#[derive(Args)]
#[command(after_help = AFTER)]
pub struct Calibrate {
    /// The sweep: what the database got done with one client, two, and so on.
    #[arg(required_unless_present = "pgbench")]
    sweep: Option<PathBuf>,
    /// Read what `pgbench` printed from all files in this folder, instead of a sweep.
    #[arg(long, value_name = "DIR", conflicts_with = "sweep", requires = "cores")]
    pgbench: Option<PathBuf>,
    /// The processors of the database's machine.
    #[arg(long, value_name = "N", requires = "pgbench")]
    cores: Option<NonZeroU32>,
    /// Leave out the points with so many clients: `--leave-out 3,12`; every second one from the
    /// third on, but not the last, where this is not said.
    #[arg(long, value_name = "CLIENTS", value_delimiter = ',')]
    leave_out: Option<Vec<u32>>,
    /// How the result is written to stdout.
    #[arg(long, value_enum, default_value = "table")]
    format: Page,
}

const AFTER: &str = "A sweep is a TOML file:\n\n    \
title = \"orders, select by key\"\n    \
cores = 8\n    \
points = [\n        \
{ clients = 1, per_second = [9_912, 10_038, 9_870] },     # one number a repetition\n        \
{ clients = 2, per_second = [19_510], latency = \"0.1 ms\" },\n        \
# and so on, up to eight times the cores\n    \
]\n\n\
`pgbench` makes one by itself:\n\n    \
for clients in 1 2 3 4 6 8 12 16 24 32 48 64; do for round in 1 2 3; do\n        \
pgbench --select-only --no-vacuum -T 10 -c $clients > sweep/$clients-$round.txt\n    \
done; done\n    \
seatrial calibrate --pgbench sweep --cores 8";

/// How results are written to stdout.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Page {
    /// For people.
    Table,
    /// One document for machines.
    Json,
    /// For a page about it.
    Markdown,
}

impl Calibrate {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let sweep = self.sweep()?;
        let leave_out = self.leave_out.map_or(LeaveOut::EverySecond, LeaveOut::Clients);
        let found = calibrate(&sweep, &leave_out)
            .map_err(|what| Stop::Argument { name: "--leave-out", what: what.to_string() })?;
        let text = match self.format {
            Page::Table => page(&sweep, &found, &table(&found), ""),
            Page::Markdown => page(&sweep, &found, &markdown(&found), "```"),
            Page::Json => crate::exit::json(&document(&sweep, &found)) + "\n",
        };
        print(&text)?;
        Ok(Exit::Fine)
    }

    fn sweep(&self) -> Result<Sweep, Stop> {
        if let Some(path) = &self.sweep {
            return Sweep::load(path).map_err(|failure| open::stop(&failure));
        }
        let folder = self.pgbench.as_deref().unwrap_or(Path::new("."));
        let unread = |error| Stop::file(folder, &format!("{error}"));
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(unread)? {
            let path = entry.map_err(unread)?.path();
            if path.is_file() {
                let text = read::text(&path, read::PAGE_MOST)?;
                files.push((path.display().to_string(), text));
            }
        }
        files.sort();
        let cores = self.cores.map_or(1, NonZeroU32::get);
        from_pgbench(format!("pgbench on {cores} cores"), cores, &files)
            .map_err(|wrong| Stop::file(folder, &wrong.join("\n  ")))
    }
}

fn page(sweep: &Sweep, found: &Calibration, table: &str, fence: &str) -> String {
    let mut text = String::new();
    if !sweep.title.is_empty() {
        let _ = writeln!(text, "{}\n", sweep.title);
    }
    text += table;
    let _ = writeln!(text, "\nAt worst, beside what was measured:");
    for (what, worst) in worst(found) {
        let _ = writeln!(text, "  {what:<21} {:>5.1} %", worst * 100.0);
    }
    for note in &found.notes {
        let _ = writeln!(text, "Note: {note}.");
    }
    let fence = if fence.is_empty() { String::new() } else { format!("{fence}\n") };
    let opening = fence.replace('\n', "toml\n");
    let _ = write!(text, "\nFor a scenario:\n\n{opening}{}{fence}", fragment(sweep, found));
    text
}

/// The lines to paste.
fn fragment(sweep: &Sweep, found: &Calibration) -> String {
    let curve = &found.fit.contention;
    #[expect(clippy::cast_precision_loss, reason = "four digits count")]
    let nanos = found.fit.alone.0 as f64;
    let takes =
        if nanos < 1e6 { format!("{} us", nanos / 1e3) } else { format!("{} ms", nanos / 1e6) };
    format!(
        "[[databases]]\nname = \"database\"\ncores = {}\n\
         contention = {{ per_core = {}, knee = {}, crowding = {}, waking = {} }}\n\n\
         # In the [[traffic]] that asks this query:\n\
         queries = [{{ at = \"database\", service_time = \"{takes}\" }}]\n",
        sweep.cores,
        curve.per_core.value,
        curve.knee.value,
        curve.crowding.value,
        curve.waking.value,
    )
}

const COLUMNS: [&str; 7] =
    ["clients", "measured", "unsure", "fitted", "error", "left out", "left out alone"];

fn cells(point: &Compared) -> [String; 7] {
    let percent = |share: f64| format!("{:+.1} %", share * 100.0);
    [
        point.measured.clients.to_string(),
        rate(point.measured.per_second),
        format!("{:.1} %", point.measured.unsure * 100.0),
        rate(point.fitted),
        percent(point.error()),
        point.left_out.map(percent).unwrap_or_default(),
        percent(point.alone),
    ]
}

fn table(found: &Calibration) -> String {
    let mut grid = Grid::new("rrrrrrr");
    grid.row(COLUMNS);
    for point in &found.points {
        grid.row(cells(point));
    }
    grid.print(0)
}

fn markdown(found: &Calibration) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&COLUMNS.map(str::to_owned)) + &line(&COLUMNS.map(|_| "---:".to_owned()));
    for point in &found.points {
        text += &line(&cells(point));
    }
    text
}

/// In a second, as people read it.
fn rate(per_second: f64) -> String {
    if per_second < 100.0 {
        return format!("{per_second:.2}/s");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let whole = per_second.round() as u64;
    format!("{}/s", count(whole))
}

/// The worst errors: as fitted, of what was left out, and of each left out alone.
fn worst(found: &Calibration) -> [(&'static str, f64); 3] {
    let most = |errors: &mut dyn Iterator<Item = f64>| errors.map(f64::abs).fold(0.0, f64::max);
    let points = &found.points;
    [
        ("as fitted", most(&mut points.iter().map(Compared::error))),
        ("left out of the fit", most(&mut points.iter().filter_map(|point| point.left_out))),
        ("each left out alone", most(&mut points.iter().map(|point| point.alone))),
    ]
}

fn document(sweep: &Sweep, found: &Calibration) -> Value {
    let curve = &found.fit.contention;
    let points = found.points.iter().map(|point| {
        json!({
            "clients": point.measured.clients,
            "per_second": point.measured.per_second,
            "unsure": point.measured.unsure,
            "fitted": point.fitted,
            "error": point.error(),
            "left_out_error": point.left_out,
            "alone_left_out_error": point.alone,
        })
    });
    let [fitted, left_out, alone] = worst(found).map(|(_, worst)| worst);
    json!({
        "title": sweep.title,
        "cores": sweep.cores,
        "service_time": found.fit.alone.as_seconds(),
        "contention": {
            "per_core": curve.per_core.value,
            "knee": curve.knee.value,
            "crowding": curve.crowding.value,
            "waking": curve.waking.value,
        },
        "points": points.collect::<Vec<_>>(),
        "worst": { "fitted": fitted, "left_out": left_out, "alone_left_out": alone },
        "notes": found.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
