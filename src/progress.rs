//! Progress on long work: one line on stderr, only on a terminal.

use crate::exit::say;
use seatrial_contract::units::Span;
use seatrial_sim::Watch;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How far all runs have come together.
pub struct Progress {
    line: Line,
    whole: u64,
    runs: u32,
    days: AtomicU64,
}

/// How far a logbook has been read.
pub struct Reading {
    line: Line,
    whole: u64,
}

/// The line, drawn now and then.
struct Line {
    shown: bool,
    began: Instant,
    drawn: Mutex<Option<Instant>>,
}

const DAY: u64 = Span::days(1).0;
/// Short work needs no line, and no eye follows a faster one.
const PAUSE: Duration = Duration::from_millis(200);

impl Line {
    fn new(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        Self { shown, began: Instant::now(), drawn: Mutex::new(None) }
    }

    fn draw(&self, text: impl FnOnce() -> String) {
        if !self.shown || self.began.elapsed() < PAUSE {
            return;
        }
        let Ok(mut drawn) = self.drawn.try_lock() else { return };
        if drawn.is_some_and(|at| at.elapsed() < PAUSE) {
            return;
        }
        *drawn = Some(Instant::now());
        let _ = write!(std::io::stderr(), "\r\u{1b}[K{}", text());
    }
}

impl Progress {
    /// Of so many runs of this length.
    pub fn new(quiet: bool, duration: Span, runs: u32) -> Self {
        let whole = (duration.0 / DAY).max(1) * u64::from(runs);
        Self { line: Line::new(quiet), whole, runs, days: AtomicU64::new(0) }
    }

    /// All runs are over.
    pub fn done(&self, events: u64) {
        if !self.line.shown {
            return;
        }
        let took = self.line.began.elapsed().as_secs_f64();
        say(&format!("\r\u{1b}[K{events} events in {took:.2} s"));
    }
}

impl Watch for Progress {
    fn passed(&self, _: u64, _: Span) {
        let days = self.days.fetch_add(1, Ordering::Relaxed) + 1;
        self.line.draw(|| {
            let percent = (days * 100 / self.whole).min(100);
            let runs =
                if self.runs > 1 { format!(" of {} runs", self.runs) } else { String::new() };
            format!("{percent:3} %{runs}, {days} simulated days")
        });
    }
}

impl Reading {
    /// Of so many bytes.
    pub fn new(quiet: bool, whole: u64) -> Self {
        Self { line: Line::new(quiet), whole }
    }

    /// So many bytes were read.
    pub fn passed(&self, bytes: u64) {
        self.line.draw(|| {
            format!("{:3} % of the logbook read", (bytes * 100 / self.whole.max(1)).min(100))
        });
    }

    /// All was read: the line goes away.
    pub fn done(&self) {
        if self.line.drawn.lock().is_ok_and(|drawn| drawn.is_some()) {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}
