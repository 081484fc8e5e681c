//! The full record as files, for tools of one's own: tables, JSON, JSON lines, CSV and pictures.

use crate::charts::charts;
use crate::document;
use crate::figures::{exact_seconds, moment};
use crate::folder::{self, Folder, Output};
use crate::names::{ABOUT, ACTIONS, LIVES, PAGE, RECORD, SERIES, TRACE, WriteError};
use crate::results;
use crate::summary::{Style, summary};
use crate::trace::{TraceCounts, TraceFailure, TraceWindow, check, trace};
use core::time::Duration;
use seatrial_record::{About, DecisionRow, Json, Runs};
use seatrial_tables::{LifeFile, SeriesFile, Tables};
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The tables that a run writes as it goes on.
#[derive(Clone)]
pub struct Streams {
    /// What it is like over time.
    pub series: Arc<SeriesFile>,
    /// What tenants and machines go through.
    pub lives: Arc<LifeFile>,
}

impl Streams {
    /// Begins the tables of a run of that seed.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn begin(folder: &Folder, seed: u64) -> Result<Self, WriteError> {
        let staging = folder.staging()?;
        let series = begin(&staging.join(SERIES), |file| SeriesFile::new(seed, file))?;
        let lives = begin(&staging.join(LIVES), |file| LifeFile::new(seed, file))?;
        Ok(Self { series: Arc::new(series), lives: Arc::new(lives) })
    }

    fn close(&self, staging: &Path) -> Result<(), WriteError> {
        let failed = |name: &str| {
            let path = staging.join(name);
            move |error| WriteError { path, error }
        };
        self.series.close().map_err(failed(SERIES))?;
        self.lives.close().map_err(failed(LIVES))
    }
}

fn begin<T>(
    path: &Path,
    of: impl FnOnce(BufWriter<File>) -> io::Result<T>,
) -> Result<T, WriteError> {
    let begun = File::create(path).and_then(|file| of(BufWriter::new(file)));
    begun.map_err(|error| WriteError { path: path.to_owned(), error })
}

/// Puts a page into the folder that it is made of, and says where.
///
/// # Errors
/// When it cannot be written.
pub fn add_page(folder: &Path, page: &str) -> Result<PathBuf, WriteError> {
    if folder.join(ABOUT).is_file() {
        folder::add(folder, PAGE, page)
    } else {
        results::add_page(folder, page)
    }
}

/// Puts the trace of a run into its folder, and says where and what it has.
///
/// # Errors
/// When it cannot be read or written.
pub fn add_trace(
    folder: &Path,
    window: TraceWindow,
) -> Result<(PathBuf, TraceCounts), TraceFailure> {
    check(folder, window)?;
    let mut counts = TraceCounts::default();
    let path = folder::add_with(folder, TRACE, |part| {
        let failed = |error| WriteError { path: part.to_owned(), error };
        let file = File::create(part).map_err(failed)?;
        counts = trace(folder, window, BufWriter::new(file))?;
        Ok::<(), TraceFailure>(())
    })?;
    Ok((path, counts))
}

fn tables(runs: &Runs, staging: &Path) -> io::Result<()> {
    let mut tables = Tables::new(staging, &[])?;
    tables.add(&[], runs)?;
    tables.close()
}

/// Writes everything about a run into a folder, and says which files.
///
/// # Errors
/// The first file that could not be written.
pub fn write_files(
    runs: &Runs,
    streams: &Streams,
    about: &About,
    folder: &Folder,
) -> Result<Vec<PathBuf>, WriteError> {
    let staging = folder.staging()?;
    let failed = |path: PathBuf| move |error| WriteError { path, error };
    streams.close(&staging)?;
    tables(runs, &staging).map_err(failed(staging.clone()))?;
    // These may be larger than all that the run itself took.
    let stream = |name: &str, write: &dyn Fn(&mut BufWriter<File>) -> io::Result<()>| {
        let path = staging.join(name);
        let written = File::create(&path).and_then(|file| {
            let mut to = BufWriter::new(file);
            write(&mut to)?;
            to.flush()
        });
        written.map_err(failed(path))
    };
    stream(RECORD, &|to| {
        serde_json::to_writer(&mut *to, &runs.first)?;
        to.write_all(b"\n")
    })?;
    stream(ACTIONS, &|to| actions(runs, to))?;
    let pretty = serde_json::to_string_pretty(&document(runs)).unwrap_or_default();
    let all = match runs.seeds.len() {
        0 | 1 => "the run".to_owned(),
        count => format!("all {count} runs"),
    };
    let first = match runs.seeds.len() {
        0 | 1 => all.clone(),
        count => format!("the first of {count} runs, seed {}", runs.first.seed),
    };
    let of_all = [
        ("summary.txt", summary(runs, Style::default())),
        ("result.json", pretty + "\n"),
        ("metrics.csv", metrics(runs)),
        (ABOUT, serde_json::to_string_pretty(about).unwrap_or_default() + "\n"),
    ];
    let of_first = [
        ("days.csv", days(runs)),
        ("tenants.csv", tenants(runs)),
        ("nodes.csv", nodes(runs)),
        ("incidents.csv", incidents(runs)),
    ];
    let text = |name: &str, of: &str, text| Output {
        name: name.to_owned(),
        of: of.to_owned(),
        text: Some(text),
    };
    let of_all = of_all.map(|(name, told)| text(name, &all, told));
    let of_first = of_first.into_iter().chain(charts(runs));
    let of_first = of_first.map(|(name, told)| text(name, &first, told));
    // Their rows say of which run they tell.
    let tables = Tables::files().chain([SERIES, LIVES].map(str::to_owned));
    let tables = tables.map(|name| Output { name, of: all.clone(), text: None });
    let streamed = [RECORD, ACTIONS].map(|name| Output {
        name: name.to_owned(),
        of: first.clone(),
        text: None,
    });
    let outputs: Vec<Output> =
        of_all.into_iter().chain(of_first).chain(streamed).chain(tables).collect();
    folder.write(&outputs)
}

fn dollars(millionths: i64) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let amount = millionths.unsigned_abs();
    format!("{sign}{}.{:06}", amount / 1_000_000, amount % 1_000_000)
}

/// A cell that a comma or a quote cannot break.
fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text.to_owned()
}

fn metrics(runs: &Runs) -> String {
    let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let mut text = "metric,value,ci_low,ci_high,unit\n".to_owned();
    for estimate in &runs.estimates {
        let ends = [number(estimate.value), number(estimate.ci_low), number(estimate.ci_high)];
        text += &format!("{},{},{}\n", cell(&estimate.name), ends.join(","), estimate.unit.word());
    }
    text
}

fn days(runs: &Runs) -> String {
    let first = &runs.first;
    let mut text = "day,tenants,asleep,nodes,logins,wakes,bill".to_owned();
    for tier in &first.tiers {
        text += &format!(",{}", cell(&format!("bill.{}", tier.name)));
    }
    text.push('\n');
    for day in &first.days {
        let by_tier: String = day.by_tier.iter().map(|a| format!(",{}", dollars(*a))).collect();
        text += &format!(
            "{},{},{},{},{},{},{}{by_tier}\n",
            day.day,
            day.tenants,
            day.asleep,
            day.nodes,
            day.logins,
            day.wakes,
            dollars(day.amount),
        );
    }
    text
}

fn tenants(runs: &Runs) -> String {
    let head = "tenant,tier,core_seconds,gib_seconds,bot_seconds,bill,logins_unserved\n";
    let mut text = head.to_owned();
    for row in &runs.first.tenants {
        let tier = runs.first.tiers.get(usize::from(row.tier));
        text += &format!(
            "{},{},{},{},{},{},{}\n",
            cell(&runs.first.tenant(row.tenant)),
            cell(tier.map_or("", |tier| &tier.name)),
            row.core_seconds,
            row.gib_seconds,
            row.bot_seconds,
            dollars(row.amount),
            row.logins_unserved,
        );
    }
    text
}

fn nodes(runs: &Runs) -> String {
    let mut text = "at,seconds,pool,ready,booting\n".to_owned();
    for change in &runs.first.nodes {
        let (at, seconds) = (moment(change.at), exact_seconds(change.at));
        let pool = cell(&change.pool);
        text += &format!("{at},{seconds},{pool},{},{}\n", change.ready, change.booting);
    }
    text
}

fn incidents(runs: &Runs) -> String {
    let mut text =
        "fault,at,healed,machines,tenants,databases,writes_lost,two_primaries,detected,decided,\
                    acted,restored,verified,clients_back,absent\n"
            .to_owned();
    for row in &runs.first.incidents {
        let seconds = |at: Option<u64>| at.map_or_else(String::new, exact_seconds);
        let steps =
            [row.detected, row.decided, row.acted, row.restored, row.verified, row.clients_back];
        text += &format!(
            "{},{},{},{},{},{},{},{},{},{}\n",
            cell(&row.fault),
            exact_seconds(row.at),
            seconds(row.healed),
            row.machines,
            row.tenants,
            cell(&row.databases.join(" ")),
            row.writes_lost,
            exact_seconds(row.two_primaries),
            steps.map(seconds).join(","),
            cell(&row.absent),
        );
    }
    text
}

/// One line of `actions.jsonl`.
#[derive(Serialize)]
struct ActionLine<'a> {
    at: String,
    /// Since the start.
    seconds: f64,
    id: u64,
    policy: &'a str,
    action: &'a Json,
    reason: &'a Json,
}

fn actions(runs: &Runs, to: &mut BufWriter<File>) -> io::Result<()> {
    for row in &runs.first.actions {
        let DecisionRow { at, id, policy, action, reason } = row;
        let seconds = Duration::from_nanos(*at).as_secs_f64();
        let line = ActionLine { at: moment(*at), seconds, id: *id, policy, action, reason };
        serde_json::to_writer(&mut *to, &line)?;
        to.write_all(b"\n")?;
    }
    Ok(())
}
