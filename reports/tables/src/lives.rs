//! What tenants, machines, replicas and databases went through on its way into its table: told state by state, written in
//! the background. Knows no world.

use crate::schema::table;
use crate::series::seconds;
use crate::writer::{Cell, Writer};
use seatrial_record::{LifeCause, LifeRow, LifeSink};
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

/// A table of states that a run writes as it goes on.
pub struct LifeFile {
    told: Mutex<Told>,
    writing: Mutex<Option<JoinHandle<io::Result<()>>>>,
}

/// What was told and not yet handed over.
struct Told {
    rows: Vec<Row>,
    to: Option<SyncSender<Vec<Row>>>,
}

/// So many rows are handed over at once.
const AT_ONCE: usize = 1 << 10;

/// So many times that may wait to be written; a run that is faster waits for them.
const AHEAD: usize = 16;

struct Row {
    kind: &'static str,
    state: &'static str,
    name: String,
    of: String,
    machine: String,
    place: [String; 3],
    stage: String,
    from: u64,
    until: u64,
    cause: &'static str,
    by: String,
    by_at: Option<u64>,
}

impl Row {
    fn of(row: &LifeRow<'_>) -> Self {
        let (cause, by, by_at) = match row.cause {
            LifeCause::Own => ("", String::new(), None),
            LifeCause::Decision(id) => ("decision", id.to_string(), None),
            LifeCause::Fault(name, at) => ("fault", name.to_owned(), Some(at)),
        };
        Self {
            kind: row.kind.word(),
            state: row.state,
            name: row.name.to_owned(),
            of: row.of.to_owned(),
            machine: row.machine.to_owned(),
            place: row.place.map(str::to_owned),
            stage: row.stage.to_owned(),
            from: row.from,
            until: row.until,
            cause,
            by,
            by_at,
        }
    }

    fn cells(&self, seed: i64) -> [Cell<'_>; 15] {
        let [region, zone, rack] = &self.place;
        [
            Cell::Int(seed),
            Cell::Text(self.kind),
            Cell::Text(&self.name),
            Cell::Text(&self.of),
            Cell::Text(&self.machine),
            Cell::Text(region),
            Cell::Text(zone),
            Cell::Text(rack),
            Cell::Text(self.state),
            Cell::Text(&self.stage),
            Cell::Float(Some(seconds(self.from))),
            Cell::Float(Some(seconds(self.until))),
            Cell::Text(self.cause),
            Cell::Text(&self.by),
            Cell::Float(self.by_at.map(seconds)),
        ]
    }
}

impl LifeFile {
    /// Begins the table of a run of that seed.
    ///
    /// # Errors
    /// When it cannot be begun.
    pub fn new(seed: u64, to: impl Write + Send + 'static) -> io::Result<Self> {
        let table = table("lives").ok_or_else(|| io::Error::other("there is no such table"))?;
        let writer = Writer::new(table, &[], to)?;
        let (to, comes) = sync_channel(AHEAD);
        let writing = std::thread::Builder::new()
            .name("lives".to_owned())
            .spawn(move || write(seed.cast_signed(), writer, &comes))?;
        let told = Told { rows: Vec::new(), to: Some(to) };
        Ok(Self { told: Mutex::new(told), writing: Mutex::new(Some(writing)) })
    }

    /// Writes what is left, and says whether all could be written.
    ///
    /// # Errors
    /// What went wrong first.
    pub fn close(&self) -> io::Result<()> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        hand_over(&mut told);
        drop(told.to.take());
        drop(told);
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(writing) = writing else { return Ok(()) };
        writing.join().unwrap_or_else(|_| Err(io::Error::other("writing lives broke off")))
    }
}

impl LifeSink for LifeFile {
    fn life(&self, row: &LifeRow<'_>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.rows.push(Row::of(row));
        if told.rows.len() >= AT_ONCE {
            hand_over(&mut told);
        }
    }
}

fn hand_over(told: &mut Told) {
    let rows = core::mem::take(&mut told.rows);
    if let Some(to) = &told.to {
        // Where writing has failed nobody listens any more; closing says why.
        let _ = to.send(rows);
    }
}

fn write<W: Write + Send>(
    seed: i64,
    mut writer: Writer<W>,
    comes: &Receiver<Vec<Row>>,
) -> io::Result<()> {
    while let Ok(rows) = comes.recv() {
        for row in &rows {
            writer.row(&[], &row.cells(seed))?;
        }
    }
    writer.close()?.flush()
}
