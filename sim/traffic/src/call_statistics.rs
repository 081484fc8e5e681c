//! What is counted of calls that take several attempts or ask databases.

use super::Source;
use super::failure::Failure;
use super::figures::{Kept, Show};
use crate::telling::{number, quantiles, share};
use seatrial_contract::units::{Moment, Span};
use seatrial_kernel::statistics::Sketch;
use seatrial_record::{Metric, Unit};

/// What became of a source's calls.
#[derive(Clone, Debug)]
pub(super) struct CallStatistics {
    pub(super) calls: u64,
    pub(super) attempts: u64,
    /// Calls that came to a service or a database for the first time: not those that a cache answered.
    pub(super) entered: u64,
    /// Calls of tenants that were started again because their start had failed.
    pub(super) started_again: u64,
    pub(super) retries: u64,
    /// Calls that had another attempt but no budget for it.
    pub(super) unbudgeted: u64,
    /// Attempts for which something was done although nobody waits for it any more: all of it, or some
    /// before the rest was dropped.
    pub(super) wasted: u64,
    /// Attempts that failed, by why.
    pub(super) failures: [u64; Failure::ALL.len()],
    pub(super) failed: u64,
    /// Of those answered: from the first attempt to the answer.
    pub(super) response: Sketch,
    pub(super) trouble: Trouble,
}

/// When more than one call in twenty failed, window by window.
#[derive(Clone, Debug)]
pub(super) struct Trouble {
    window: Span,
    starts: Moment,
    /// The window that is counted now, by its number, and what was seen in it.
    now: u64,
    answered: u64,
    failed: u64,
    /// Windows with trouble, and the end of the last one.
    pub(super) windows: u64,
    pub(super) first: Option<Span>,
    pub(super) last: Option<Span>,
}

/// J: one call in twenty is what people notice.
const NOTICED: u64 = 20;

impl CallStatistics {
    pub(super) fn new(starts: Moment, window: Span) -> Self {
        Self {
            calls: 0,
            attempts: 0,
            entered: 0,
            started_again: 0,
            retries: 0,
            unbudgeted: 0,
            wasted: 0,
            failures: [0; Failure::ALL.len()],
            failed: 0,
            response: Sketch::default(),
            trouble: Trouble {
                window,
                starts,
                now: 0,
                answered: 0,
                failed: 0,
                windows: 0,
                first: None,
                last: None,
            },
        }
    }

    /// How often something was asked for that was not asked for before.
    pub(super) const fn first_attempts(&self) -> u64 {
        self.entered.saturating_sub(self.started_again)
    }

    pub(super) fn reset(&mut self) {
        let trouble = &self.trouble;
        *self = Self::new(trouble.starts, trouble.window);
    }

    pub(super) fn show(&mut self, show: &mut Show<'_>) {
        let counts = [
            &mut self.calls,
            &mut self.attempts,
            &mut self.entered,
            &mut self.started_again,
            &mut self.retries,
            &mut self.unbudgeted,
            &mut self.wasted,
            &mut self.failed,
        ];
        counts.into_iter().for_each(|count| show(Kept::Count(count)));
        self.failures.iter_mut().for_each(|count| show(Kept::Count(count)));
        show(Kept::Times(&mut self.response));
    }

    pub(super) fn answered(&mut self, after: Span, now: Moment) {
        self.response.add(after.0);
        self.trouble.turn(now);
        self.trouble.answered += 1;
    }

    /// Calls that are over, and those of them that failed or took longer than this.
    pub(super) fn worse_than(&self, longest: Span) -> (u64, u64) {
        let answered = self.response.count();
        let slow = answered - self.response.at_most(longest.0);
        (answered + self.failed, slow + self.failed)
    }

    pub(super) fn failed(&mut self, now: Moment) {
        self.failed += 1;
        self.trouble.turn(now);
        self.trouble.failed += 1;
    }
}

impl Trouble {
    /// Goes on to the window of that moment; which one is over, if there was trouble in it.
    pub(super) fn turn(&mut self, moment: Moment) -> Option<u64> {
        let number = moment.since(self.starts).0 / self.window.0;
        if number == self.now {
            return None;
        }
        let over = self.now;
        let is_trouble = self.failed * NOTICED > self.answered + self.failed;
        if is_trouble {
            self.windows += 1;
            let from = Span(self.now * self.window.0);
            self.first.get_or_insert(from);
            self.last = Some(from.saturating_add(self.window));
        }
        (self.now, self.answered, self.failed) = (number, 0, 0);
        is_trouble.then_some(over)
    }

    /// There was trouble in the window of this number too, which was not lived through.
    pub(super) fn went_on(&mut self, number: u64) {
        self.windows += 1;
        let from = Span(number * self.window.0);
        self.first.get_or_insert(from);
        self.last = Some(from.saturating_add(self.window));
    }

    /// How long there was trouble.
    pub(super) fn time(&self) -> Span {
        Span(self.windows.saturating_mul(self.window.0))
    }
}

impl Source {
    /// Its figures by name. `calls` are what callers want, `attempts` how often they ask for it;
    /// `failed` are calls given up. `attempts_wasted` are those whose caller left and for which a server
    /// or a database has done something, before that or after. `trouble_time` adds up the windows (of a minute, in a run of up
    /// to two days) in which more than one call in twenty failed; `trouble_from` and `trouble_until` are
    /// when the first began and the last ended, after the run's start; the latter is nothing where there
    /// was none. `response` is of those answered.
    pub(super) fn metrics(&self, now: Moment, all: &mut Vec<Metric>) {
        let mut add = |name: &str, unit, value: Option<f64>| {
            all.push(Metric::new(format!("{name}.{}", self.name), unit, value));
        };
        let mut seen = self.calling.clone();
        // The window that is not over counts as far as it came.
        seen.trouble.turn(now.after(seen.trouble.window));
        let answered = seen.response.count();
        add("calls", Unit::Count, Some(number(seen.calls)));
        add("answered", Unit::Count, Some(number(answered)));
        add("failed", Unit::Count, Some(number(seen.failed)));
        add("prob_failed", Unit::Share, share(seen.failed, seen.failed + answered));
        for (figure, value) in quantiles(&seen.response) {
            add(&format!("response_{figure}"), Unit::Seconds, value);
        }
        add("attempts", Unit::Count, Some(number(seen.attempts)));
        add("retries", Unit::Count, Some(number(seen.retries)));
        add("retries_unbudgeted", Unit::Count, Some(number(seen.unbudgeted)));
        // Those that have several causes, together and one by one.
        for whole in ["refused", "lost"] {
            let parts = Failure::ALL.into_iter().filter(|(_, word)| word.starts_with(whole));
            let sum = parts.map(|(failure, _)| seen.failures[failure as usize]).sum();
            add(&format!("attempts_{whole}"), Unit::Count, Some(number(sum)));
        }
        for (failure, word) in Failure::ALL {
            let count = seen.failures[failure as usize];
            add(&format!("attempts_{word}"), Unit::Count, Some(number(count)));
        }
        add("attempts_wasted", Unit::Count, Some(number(seen.wasted)));
        let Trouble { first, last, .. } = seen.trouble;
        add("trouble_time", Unit::Seconds, Some(seen.trouble.time().as_seconds()));
        add("trouble_from", Unit::Seconds, first.map(Span::as_seconds));
        add("trouble_until", Unit::Seconds, Some(last.unwrap_or(Span::ZERO).as_seconds()));
    }
}
