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
    shown: bool,
    began: Instant,
    whole: u64,
    runs: u32,
    days: AtomicU64,
    drawn: Mutex<Option<Instant>>,
}

const DAY: u64 = Span::days(1).0;
/// Short work needs no line, and no eye follows a faster one.
const PAUSE: Duration = Duration::from_millis(200);

impl Progress {
    /// Of so many runs of this length.
    pub fn new(quiet: bool, duration: Span, runs: u32) -> Self {
        Self {
            shown: !quiet && std::io::stderr().is_terminal(),
            began: Instant::now(),
            whole: (duration.0 / DAY).max(1) * u64::from(runs),
            runs,
            days: AtomicU64::new(0),
            drawn: Mutex::new(None),
        }
    }

    /// All runs are over.
    pub fn done(&self, events: u64) {
        if !self.shown {
            return;
        }
        let took = self.began.elapsed().as_secs_f64();
        say(&format!("\r\u{1b}[K{events} events in {took:.2} s"));
    }
}

impl Watch for Progress {
    fn passed(&self, _: u64, _: Span) {
        let days = self.days.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.shown || self.began.elapsed() < PAUSE {
            return;
        }
        let Ok(mut drawn) = self.drawn.try_lock() else { return };
        if drawn.is_some_and(|at| at.elapsed() < PAUSE) {
            return;
        }
        *drawn = Some(Instant::now());
        let percent = (days * 100 / self.whole).min(100);
        let runs = if self.runs > 1 { format!(" of {} runs", self.runs) } else { String::new() };
        let _ = write!(std::io::stderr(), "\r\u{1b}[K{percent:3} %{runs}, {days} simulated days");
    }
}
