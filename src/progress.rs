//! Progress on long work: one line on stderr, only on a terminal.

use crate::exit::say;
use seatrial_contract::units::Span;
use seatrial_host::Watch;
use seatrial_reports::{count, span};
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How far all runs have come together, by simulated time.
pub struct Progress {
    line: Line,
    whole: u64,
    runs: u32,
    passed: Mutex<Passed>,
}

/// What has passed in all runs together.
#[derive(Default)]
struct Passed {
    millis: u64,
    /// Less than a millisecond.
    nanos: u64,
    events: u64,
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

const MILLI: u64 = Span::millis(1).0;
/// Short work needs no line.
const FIRST: Duration = Duration::from_secs(2);
/// No eye follows a faster one.
const PAUSE: Duration = Duration::from_millis(200);

impl Line {
    fn new(quiet: bool) -> Self {
        let shown = !quiet && std::io::stderr().is_terminal();
        Self { shown, began: Instant::now(), drawn: Mutex::new(None) }
    }

    fn draw(&self, text: impl FnOnce() -> String) {
        if !self.shown || self.began.elapsed() < FIRST {
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
        let whole = (duration.0 / MILLI).max(1).saturating_mul(u64::from(runs));
        let passed = Mutex::new(Passed::default());
        Self { line: Line::new(quiet), whole, runs, passed }
    }

    /// Of runs of these lengths, in nanoseconds.
    pub fn over_all(quiet: bool, durations: impl Iterator<Item = u64>) -> Self {
        let (mut whole, mut runs) = (0_u64, 0_u32);
        for duration in durations {
            whole = whole.saturating_add((duration / MILLI).max(1));
            runs = runs.saturating_add(1);
        }
        let passed = Mutex::new(Passed::default());
        Self { line: Line::new(quiet), whole: whole.max(1), runs, passed }
    }

    /// All runs are over.
    pub fn done(&self, events: u64) {
        if !self.line.shown {
            return;
        }
        let took = self.line.began.elapsed().as_secs_f64();
        say(&format!("\r\u{1b}[K{} events in {took:.2} s", count(events)));
    }

    /// All runs are over, as many events as were watched.
    pub fn over(&self) {
        let events = self.passed.lock().map_or(0, |passed| passed.events);
        self.done(events);
    }

    /// The line for all that has passed so far, after so many seconds.
    fn told(&self, passed: &Passed, seconds: f64) -> String {
        let share = as_share(passed.millis, self.whole).min(1.0);
        let runs = if self.runs > 1 { format!(" of {} runs", self.runs) } else { String::new() };
        let rate = as_share(passed.events, 1) / seconds.max(0.001);
        let left = match share > 0.0 {
            true => format!(", {} left", span((seconds / share * (1.0 - share)).ceil())),
            false => String::new(),
        };
        format!(
            "{:3.0} %{runs}: {} simulated, {} events, {:.2} million a second{left}",
            (share * 100.0).floor(),
            span(as_share(passed.millis, 1_000).floor()),
            count(passed.events),
            rate / 1e6,
        )
    }
}

impl Watch for Progress {
    fn passed(&self, time: Span, events: u64) {
        let Ok(mut passed) = self.passed.lock() else { return };
        passed.nanos += time.0;
        passed.millis += passed.nanos / MILLI;
        passed.nanos %= MILLI;
        passed.events += events;
        self.line.draw(|| self.told(&passed, self.line.began.elapsed().as_secs_f64()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "for display only")]
fn as_share(part: u64, whole: u64) -> f64 {
    part as f64 / whole as f64
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_the_share_of_all_runs_and_what_is_left() {
        // Two runs of four hours, shorter than a day; an hour of each has passed in three seconds.
        let progress = Progress::new(true, Span::hours(4), 2);
        for _ in 0..7_200 {
            progress.passed(Span::seconds(1), 250);
        }
        let told = progress.told(&progress.passed.lock().unwrap(), 3.0);
        assert_eq!(
            told,
            " 25 % of 2 runs: 2 h simulated, 1,800,000 events, 0.60 million a second, 9 s left"
        );
        let told = progress.told(&Passed::default(), 3.0);
        assert_eq!(told, "  0 % of 2 runs: 0 s simulated, 0 events, 0.00 million a second");
    }

    #[test]
    fn parts_of_a_millisecond_add_up() {
        let progress = Progress::new(true, Span::seconds(1), 1);
        (0..4_000).for_each(|_| progress.passed(Span::nanos(250_000), 1));
        assert_eq!(progress.passed.lock().unwrap().millis, 1_000);
    }
}
