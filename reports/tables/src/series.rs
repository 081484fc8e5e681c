//! Series on their way into their table: told stretch by stretch, written series by series, in the background. Knows no
//! world.

use crate::schema::table;
use crate::writer::{Cell, Cells, Writer};
use seatrial_record::{Point, SeriesHead, SeriesSink, Stretch};
use std::io::{self, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

/// A table of series that a run writes as it goes on.
pub struct SeriesFile {
    told: Mutex<Option<SyncSender<Told>>>,
    writing: Mutex<Option<JoinHandle<io::Result<()>>>>,
}

enum Told {
    Heads(Vec<SeriesHead>),
    Stretch(Stretch, usize, Vec<Point>),
}

/// So many stretches may wait to be written; a run that is faster waits for them.
const AHEAD: usize = 256;

impl SeriesFile {
    /// Begins the table of a run of that seed.
    ///
    /// # Errors
    /// When it cannot be begun.
    pub fn new(seed: u64, to: impl Write + Send + 'static) -> io::Result<Self> {
        let table = table("series").ok_or_else(|| io::Error::other("there is no such table"))?;
        let writer = Writer::new(table, &[], to)?;
        let (told, comes) = sync_channel(AHEAD);
        let writing = std::thread::Builder::new()
            .name("series".to_owned())
            .spawn(move || Pending::new(seed, writer).write(&comes))?;
        Ok(Self { told: Mutex::new(Some(told)), writing: Mutex::new(Some(writing)) })
    }

    /// Writes what is left, and says whether all could be written.
    ///
    /// # Errors
    /// What went wrong first.
    pub fn close(&self) -> io::Result<()> {
        drop(self.told.lock().unwrap_or_else(PoisonError::into_inner).take());
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(writing) = writing else { return Ok(()) };
        writing.join().unwrap_or_else(|_| Err(io::Error::other("writing series broke off")))
    }

    fn tell(&self, told: Told) {
        if let Some(to) = &*self.told.lock().unwrap_or_else(PoisonError::into_inner) {
            // Where writing has failed nobody listens any more; closing says why.
            let _ = to.send(told);
        }
    }
}

impl SeriesSink for SeriesFile {
    fn begin(&self, heads: &[SeriesHead]) {
        self.tell(Told::Heads(heads.to_vec()));
    }

    fn stretch(&self, stretch: Stretch, first: usize, points: &[Point]) {
        self.tell(Told::Stretch(stretch, first, points.to_vec()));
    }
}

/// What is told and not yet written.
struct Pending<W: Write + Send> {
    seed: i64,
    writer: Writer<W>,
    heads: Vec<SeriesHead>,
    stretches: Vec<(Stretch, usize, Vec<Point>)>,
    points: usize,
}

/// About so many points make a group of rows.
const GROUP: usize = 1 << 15;

impl<W: Write + Send> Pending<W> {
    fn new(seed: u64, writer: Writer<W>) -> Self {
        let seed = seed.cast_signed();
        Self { seed, writer, heads: Vec::new(), stretches: Vec::new(), points: 0 }
    }

    fn write(mut self, comes: &Receiver<Told>) -> io::Result<()> {
        while let Ok(told) = comes.recv() {
            match told {
                Told::Heads(heads) => self.heads = heads,
                Told::Stretch(stretch, first, points) => {
                    self.points += points.len();
                    self.stretches.push((stretch, first, points));
                }
            }
            if self.points >= GROUP {
                self.put()?;
            }
        }
        self.put()?;
        self.writer.close()?.flush()
    }

    /// One series after another, each in the order of time: so neighbours are alike, and the file is small.
    fn put(&mut self) -> io::Result<()> {
        let Self { seed, writer, heads, stretches, points } = self;
        let mut rows = Vec::with_capacity(stretches.len());
        for (at, head) in heads.iter().enumerate() {
            rows.clear();
            rows.extend(stretches.iter().filter_map(|(stretch, first, points)| {
                points.get(at.checked_sub(*first)?).map(|point| (*stretch, *point))
            }));
            fill(writer.columns(), (*seed, head), &rows);
        }
        writer.came(core::mem::take(points))?;
        stretches.clear();
        Ok(())
    }
}

/// Fills in rows of one series, a column at a time.
fn fill(columns: &mut [Cells], (seed, head): (i64, &SeriesHead), rows: &[(Stretch, Point)]) {
    let same = [
        Cell::Int(seed),
        Cell::Text(head.series),
        Cell::Text(head.kind),
        Cell::Text(&head.of),
        Cell::Text(head.unit.word()),
        Cell::Text(head.shape.word()),
    ];
    let (same_columns, others) = columns.split_at_mut(same.len());
    for (column, cell) in same_columns.iter_mut().zip(&same) {
        column.repeat(cell, rows.len());
    }
    for (column, pick) in others.iter_mut().zip(PICKS) {
        column.floats(rows.iter().map(|(stretch, point)| pick(stretch, point)));
    }
}

type Pick = fn(&Stretch, &Point) -> Option<f64>;

/// What stands in the columns behind those that are the same in all rows of a series.
const PICKS: [Pick; 10] = [
    |stretch, _| Some(seconds(stretch.from)),
    |stretch, _| Some(seconds(stretch.until)),
    |stretch, _| Some(seconds(stretch.lived)),
    |_, point| point.least,
    |_, point| point.mean,
    |_, point| point.most,
    |_, point| point.total,
    |_, point| point.p50,
    |_, point| point.p95,
    |_, point| point.p99,
];

/// Nanoseconds as seconds.
#[expect(clippy::cast_precision_loss, reason = "within a microsecond of a century")]
pub(crate) fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
