//! The bridge's own time: it passes as the machine's monotonic clock says, suspend counted, and so
//! never runs backwards, whatever is done to the wall clock. Decides nothing.

use seatrial_contract::units::{Moment, Span};
use seatrial_policies::Clock;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// What both clocks of a machine say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// The wall clock: somebody may set it.
    pub wall: Moment,
    /// How long the machine has been up, suspend counted: nobody can set that.
    pub up: Span,
}

/// Clocks that can be read; tests have their own.
pub trait Clocks: Send + Sync {
    /// Reads both.
    fn read(&self) -> Now;
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClocks;

impl Clocks for SystemClocks {
    fn read(&self) -> Now {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let wall = Clock::moment(Span(u64::try_from(since.as_nanos()).unwrap_or_default()));
        let up = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let nanos = i128::from(up.tv_sec) * 1_000_000_000 + i128::from(up.tv_nsec);
        Now { wall, up: Span(u64::try_from(nanos).unwrap_or_default()) }
    }
}

/// The bridge's own time.
pub struct Timeline {
    clocks: Arc<dyn Clocks>,
    state: Mutex<State>,
}

struct State {
    last: Now,
    at: Moment,
    /// How far the wall clock was ahead of our time when that was last told; negative: behind.
    told: i64,
}

/// The wall clock was set, or stood still while the machine did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// By so much ahead: what was known may be as much older than it seems.
    Ahead(Span),
    /// By so much back.
    Back(Span),
}

/// Less is no step: clocks are corrected by a little all the time.
const STEP: i64 = 5_000_000_000;
/// Where the wall clock is ahead, our time catches up by a part of the time that passes: what is
/// measured in between seems older by an eighth, and no cap on actions an hour is given up.
const CATCH_UP: u64 = 8;

impl Timeline {
    /// Begins with what the wall clock says.
    #[must_use]
    pub fn new(clocks: Arc<dyn Clocks>) -> Self {
        let last = clocks.read();
        Self { clocks, state: Mutex::new(State { last, at: last.wall, told: 0 }) }
    }

    /// The machine's own.
    #[must_use]
    pub fn of_system() -> Arc<Self> {
        Arc::new(Self::new(Arc::new(SystemClocks)))
    }

    /// Now; never earlier than before.
    pub fn now(&self) -> Moment {
        let mut state = self.state();
        state.pass(self.clocks.read());
        state.at
    }

    /// Goes on from a moment that was told already: by how much it lies ahead of the wall clock,
    /// where that is more than clocks differ.
    pub fn go_on_from(&self, moment: Moment) -> Option<Span> {
        let mut state = self.state();
        state.pass(self.clocks.read());
        if moment <= state.at {
            return None;
        }
        state.at = moment;
        state.told = state.ahead();
        let ahead = whole_seconds(moment.since(state.last.wall));
        (state.told < -STEP).then_some(ahead)
    }

    /// What was done to the wall clock since this was last asked.
    pub fn step(&self) -> Option<Step> {
        let mut state = self.state();
        state.pass(self.clocks.read());
        let by = state.ahead().saturating_sub(state.told);
        if by.abs() <= STEP {
            return None;
        }
        state.told = state.ahead();
        let span = whole_seconds(Span(by.unsigned_abs()));
        Some(if by > 0 { Step::Ahead(span) } else { Step::Back(span) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// To the nearest: nobody sets a clock by less.
fn whole_seconds(span: Span) -> Span {
    Span::seconds(span.0.saturating_add(500_000_000) / 1_000_000_000)
}

impl State {
    fn pass(&mut self, now: Now) {
        let passed = now.up.saturating_sub(self.last.up);
        self.last = now;
        self.at = self.at.after(passed);
        let behind = now.wall.since(self.at).min(Span(passed.0 / CATCH_UP));
        self.at = self.at.after(behind);
        self.told = self.told.saturating_sub(i64::try_from(behind.0).unwrap_or(i64::MAX));
    }

    /// How far the wall clock is ahead of our time.
    fn ahead(&self) -> i64 {
        let (wall, at) = (self.last.wall, self.at);
        let span = |span: Span| i64::try_from(span.0).unwrap_or(i64::MAX);
        if wall >= at { span(wall.since(at)) } else { -span(at.since(wall)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Clocks that a test sets.
    #[derive(Default)]
    struct Hands(Mutex<Now>);

    impl Clocks for Hands {
        fn read(&self) -> Now {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    impl Hands {
        fn set(&self, wall: u64, up: u64) {
            let now = Now { wall: Moment(Span::seconds(wall).0), up: Span::seconds(up) };
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
        }
    }

    fn begun() -> (Arc<Hands>, Timeline) {
        let hands = Arc::new(Hands::default());
        hands.set(10_000, 50);
        let timeline = Timeline::new(Arc::clone(&hands) as Arc<dyn Clocks>);
        (hands, timeline)
    }

    fn seconds(moment: Moment) -> u64 {
        moment.0 / Span::seconds(1).0
    }

    #[test]
    fn time_passes_though_the_wall_clock_was_set_back() {
        let (hands, timeline) = begun();
        hands.set(4_000, 80);
        assert_eq!(seconds(timeline.now()), 10_030);
        assert_eq!(timeline.step(), Some(Step::Back(Span::seconds(6_030))));
        assert_eq!(timeline.step(), None, "it is told once");
        hands.set(4_100, 180);
        assert_eq!((seconds(timeline.now()), timeline.step()), (10_130, None));
    }

    #[test]
    fn a_wall_clock_that_was_set_ahead_is_caught_up_with_slowly() {
        let (hands, timeline) = begun();
        hands.set(13_680, 130);
        // 80 s passed, and an eighth of that is caught up.
        assert_eq!(seconds(timeline.now()), 10_090);
        assert_eq!(timeline.step(), Some(Step::Ahead(Span::seconds(3_600))));
        hands.set(13_680 + 80_000, 80_130);
        assert_eq!(seconds(timeline.now()), 93_680, "it has caught up");
        assert_eq!(timeline.step(), None, "and catching up is no step");
    }

    #[test]
    fn time_goes_on_from_what_was_told_before() {
        let (hands, timeline) = begun();
        let moment = |at: u64| Moment(Span::seconds(at).0);
        assert_eq!(timeline.go_on_from(moment(9_000)), None);
        assert_eq!(timeline.go_on_from(moment(90_000)), Some(Span::seconds(80_000)));
        hands.set(10_010, 60);
        assert_eq!((seconds(timeline.now()), timeline.step()), (90_010, None));
    }

    #[test]
    fn the_machines_own_clocks_do_not_run_backwards() {
        let timeline = Timeline::of_system();
        let first = timeline.now();
        assert!(timeline.now() >= first && first > Moment::START);
    }
}
