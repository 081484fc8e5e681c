//! Runs as rows: the tables of what one or several scenarios' runs found. Knows no series, which are written as a run
//! goes on.

use crate::schema::table;
use crate::series::seconds;
use crate::writer::{Cell, Writer};
use seatrial_record::{
    AlertRow, BillLine, DayRow, DecisionRow, Each, Goal, GoalKind, Half, IncidentRow, Json, Metric,
    NodeChange, ReasonCount, Record, Row, Runs, TenantBill, TierRow,
};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The tables of runs, which come one after another.
pub struct Tables {
    open: Vec<(&'static str, Writer<BufWriter<File>>)>,
}

/// All tables but that of series.
const NAMES: [&str; 13] = [
    "runs",
    "metrics",
    "goals",
    "tenants",
    "incidents",
    "decisions",
    "reasons",
    "alerts",
    "days",
    "tier_days",
    "tiers",
    "bill",
    "machines",
];

impl Tables {
    /// Begins all tables in a folder; `keys` are columns that tell rows of several scenarios apart.
    ///
    /// # Errors
    /// When one cannot be begun.
    pub fn new(folder: &Path, keys: &[&str]) -> io::Result<Self> {
        Self::some(folder, keys, &NAMES)
    }

    /// Begins the tables of what each run measured, and no others.
    ///
    /// # Errors
    /// When one cannot be begun.
    pub fn of_metrics(folder: &Path, keys: &[&str]) -> io::Result<Self> {
        Self::some(folder, keys, &["runs", "metrics", "reasons"])
    }

    /// Begins the tables of many runs: what each measured, and what of that holds.
    ///
    /// # Errors
    /// When one cannot be begun.
    pub fn of_sweep(folder: &Path, keys: &[&str]) -> io::Result<Self> {
        Self::some(folder, keys, &["runs", "metrics", "goals"])
    }

    fn some(folder: &Path, keys: &[&str], names: &[&'static str]) -> io::Result<Self> {
        let mut open = Vec::new();
        for name in names.iter().copied() {
            let table = table(name).ok_or_else(|| io::Error::other("there is no such table"))?;
            let file = File::create(folder.join(format!("{name}.parquet")))?;
            open.push((name, Writer::new(table, keys, BufWriter::new(file))?));
        }
        Ok(Self { open })
    }

    /// What the files of these tables are called.
    pub fn files() -> impl Iterator<Item = String> {
        NAMES.into_iter().map(|name| format!("{name}.parquet"))
    }

    /// All rows of runs, with what stands in the columns of keys.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn add(&mut self, keys: &[&str], runs: &Runs) -> io::Result<()> {
        let first = &runs.first;
        let seed = first.seed.cast_signed();
        for each in &runs.each {
            self.row("runs", keys, &run(each, first))?;
            self.metrics(keys, each.seed, &each.metrics)?;
        }
        runs.goals.iter().try_for_each(|row| self.row("goals", keys, &goal(row)))?;
        for row in &first.tenants {
            let name = first.tenant(row.tenant);
            self.row("tenants", keys, &tenant(seed, row, &name, first))?;
        }
        for (at, row) in first.incidents.iter().enumerate() {
            let databases = row.databases.join(" ");
            self.row("incidents", keys, &incident(seed, at, row, &databases))?;
        }
        first.actions.iter().try_for_each(|row| self.decision(keys, seed, row))?;
        first.reasons.iter().try_for_each(|row| self.row("reasons", keys, &reason(seed, row)))?;
        first.alerts.iter().try_for_each(|row| self.row("alerts", keys, &alert(seed, row)))?;
        for row in &first.days {
            self.row("days", keys, &day(seed, row))?;
            for (tier, amount) in first.tiers.iter().zip(&row.by_tier) {
                let name = Cell::Text(&tier.name);
                let cells = [Cell::Int(seed), Cell::Int(row.day.into()), name, dollars(*amount)];
                self.row("tier_days", keys, &cells)?;
            }
        }
        first.tiers.iter().try_for_each(|row| self.row("tiers", keys, &tier(seed, row)))?;
        first.bill.lines.iter().try_for_each(|row| self.row("bill", keys, &line(seed, row)))?;
        first.nodes.iter().try_for_each(|row| self.row("machines", keys, &machines(seed, row)))
    }

    /// What each run of one half of a comparison measured, and for which reasons it acted.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add_rows(&mut self, keys: &[&str], half: &Half, rows: &[Row]) -> io::Result<()> {
        for row in rows {
            let seed = row.seed.cast_signed();
            let cells = [
                Cell::Int(seed),
                Cell::Text(&half.scenario),
                Cell::Text(&half.policies),
                Cell::Text(&row.digest),
                moment(Some(half.duration)),
                count(row.events),
            ];
            self.row("runs", keys, &cells)?;
            self.metrics(keys, row.seed, &row.metrics)?;
            row.reasons.iter().try_for_each(|of| self.row("reasons", keys, &reason(seed, of)))?;
        }
        Ok(())
    }

    fn metrics(&mut self, keys: &[&str], seed: u64, metrics: &[Metric]) -> io::Result<()> {
        for metric in metrics {
            let (measure, of) = metric.name.split_once('.').unwrap_or((&metric.name, ""));
            let cells = [
                Cell::Int(seed.cast_signed()),
                Cell::Text(&metric.name),
                Cell::Text(measure),
                Cell::Text(of),
                Cell::Text(metric.unit.word()),
                Cell::Float(metric.value),
                Cell::Float(metric.within),
            ];
            self.row("metrics", keys, &cells)?;
        }
        Ok(())
    }

    fn row(&mut self, name: &str, keys: &[&str], cells: &[Cell<'_>]) -> io::Result<()> {
        // Rows of tables that are not wanted are left out.
        let found = self.open.iter_mut().find(|(of, _)| *of == name);
        found.map_or(Ok(()), |(_, writer)| writer.row(keys, cells))
    }

    fn decision(&mut self, keys: &[&str], seed: i64, row: &DecisionRow) -> io::Result<()> {
        let value = |json: &Json| serde_json::from_str(json.text()).unwrap_or(Value::Null);
        let (action, reason) = (value(&row.action), value(&row.reason));
        let word = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
        let (done, why) = (word(&action, "do"), word(&reason, "why"));
        let target = target(&action);
        let cells = [
            Cell::Int(seed),
            Cell::Int(row.id.cast_signed()),
            Cell::Float(Some(seconds(row.at))),
            Cell::Text(&row.policy),
            Cell::Text(&done),
            Cell::Text(&target),
            Cell::Text(&why),
            Cell::Text(row.action.text()),
            Cell::Text(row.reason.text()),
        ];
        self.row("decisions", keys, &cells)
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn close(self) -> io::Result<()> {
        self.open.into_iter().try_for_each(|(_, writer)| writer.close()?.flush())
    }
}

/// What an action is about: the first of these that it names.
const TARGETS: [&str; 7] = ["tenant", "node", "service", "database", "pool", "pooler", "unit"];

fn target(action: &Value) -> String {
    let named = TARGETS.into_iter().find_map(|key| action[key].as_str());
    named.unwrap_or_default().to_owned()
}

#[expect(clippy::cast_precision_loss, reason = "dollars of a run")]
fn dollars(millionths: i64) -> Cell<'static> {
    Cell::Float(Some(millionths as f64 / 1e6))
}

fn moment(at: Option<u64>) -> Cell<'static> {
    Cell::Float(at.map(seconds))
}

fn hours(seconds: u64) -> Cell<'static> {
    #[expect(clippy::cast_precision_loss, reason = "hours of a run")]
    Cell::Float(Some(seconds as f64 / 3_600.0))
}

fn count(of: u64) -> Cell<'static> {
    Cell::Int(of.cast_signed())
}

fn run<'a>(each: &'a Each, first: &'a Record) -> [Cell<'a>; 6] {
    [
        Cell::Int(each.seed.cast_signed()),
        Cell::Text(&first.scenario),
        Cell::Text(&first.policy_digest),
        Cell::Text(&each.digest),
        moment(Some(first.duration)),
        count(each.events),
    ]
}

fn goal(row: &Goal) -> [Cell<'_>; 9] {
    let kind = match row.kind {
        GoalKind::Objective => "objective",
        GoalKind::Claim => "claim",
    };
    [
        Cell::Text(kind),
        Cell::Text(&row.name),
        Cell::Text(&row.source),
        Cell::Text(&row.metric),
        Cell::Text(row.unit.word()),
        Cell::Float(row.value),
        Cell::Float(row.bound.at_least),
        Cell::Float(row.bound.at_most),
        Cell::Flag(row.holds),
    ]
}

fn tenant<'a>(seed: i64, row: &TenantBill, name: &'a str, first: &'a Record) -> [Cell<'a>; 8] {
    let tier = first.tiers.get(usize::from(row.tier)).map_or("", |tier| tier.name.as_str());
    [
        Cell::Int(seed),
        Cell::Text(name),
        Cell::Text(tier),
        count(row.core_seconds),
        hours(row.gib_seconds),
        hours(row.bot_seconds),
        dollars(row.amount),
        count(row.logins_unserved.into()),
    ]
}

fn incident<'a>(seed: i64, at: usize, row: &'a IncidentRow, databases: &'a str) -> [Cell<'a>; 17] {
    [
        Cell::Int(seed),
        count(at as u64),
        Cell::Text(&row.fault),
        moment(Some(row.at)),
        moment(row.healed),
        moment(row.detected),
        moment(row.decided),
        moment(row.acted),
        moment(row.restored),
        moment(row.verified),
        moment(row.clients_back),
        count(row.machines.into()),
        count(row.tenants.into()),
        Cell::Text(databases),
        count(row.writes_lost),
        moment(Some(row.two_primaries)),
        Cell::Text(&row.absent),
    ]
}

fn reason(seed: i64, row: &ReasonCount) -> [Cell<'_>; 5] {
    let ReasonCount { policy, verdict, reason, count: times } = row;
    [Cell::Int(seed), Cell::Text(policy), Cell::Text(verdict), Cell::Text(reason), count(*times)]
}

fn alert(seed: i64, row: &AlertRow) -> [Cell<'_>; 5] {
    let AlertRow { alert, machine, at, until } = row;
    let times = (moment(Some(*at)), moment(*until));
    [Cell::Int(seed), Cell::Text(alert), Cell::Text(machine), times.0, times.1]
}

fn day(seed: i64, row: &DayRow) -> [Cell<'static>; 8] {
    [
        Cell::Int(seed),
        count(row.day.into()),
        count(row.tenants.into()),
        count(row.asleep.into()),
        count(row.nodes.into()),
        count(row.logins),
        count(row.wakes),
        dollars(row.amount),
    ]
}

fn tier(seed: i64, row: &TierRow) -> [Cell<'_>; 8] {
    [
        Cell::Int(seed),
        Cell::Text(&row.name),
        count(row.tenants.into()),
        count(row.unserved.into()),
        count(row.logins),
        count(row.logins_unserved),
        dollars(row.amount),
        dollars(row.revenue),
    ]
}

fn line(seed: i64, row: &BillLine) -> [Cell<'_>; 4] {
    let nanos = u64::try_from(row.machine_time).unwrap_or(u64::MAX);
    [Cell::Int(seed), Cell::Text(&row.name), hours(nanos / 1_000_000_000), dollars(row.amount)]
}

fn machines(seed: i64, row: &NodeChange) -> [Cell<'_>; 5] {
    let at = moment(Some(row.at));
    let (ready, booting) = (count(row.ready.into()), count(row.booting.into()));
    [Cell::Int(seed), at, Cell::Text(&row.pool), ready, booting]
}
