//! Attempts after the first: how many callers try again, and when. What is due later waits in
//! parcels, each spread over the time in which it was sent. Knows no station.

use super::spread::Spread;
use crate::laws::law;
use seatrial_contract::units::{Moment, Span};
use seatrial_format::scenario::Retry;

/// What the callers of one source do after a failure.
pub(super) struct Again {
    most: usize,
    wait: Spread,
    growth: f64,
    wait_most: f64,
    budget: Option<Budget>,
    /// What is due, by the attempt it will be.
    due: Vec<Parcel>,
    /// Attempts a second in the step that begins, by number; the first is the calls themselves.
    pub(super) rates: Vec<f64>,
    /// The shares of failures that may be followed by another attempt, as the budget was in the last
    /// step: of calls refused on the spot at their first attempt, and of all others.
    pub(super) allowed: (f64, f64),
}

/// The shares of attempts of one number that failed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Failing {
    /// At once.
    pub(super) at_once: f64,
    /// Later, and after how many seconds.
    pub(super) lost: f64,
    pub(super) lost_after: f64,
    /// Because their callers had waited long enough, and how many seconds that is.
    pub(super) late: f64,
    pub(super) late_after: f64,
}

impl Failing {
    fn all(&self) -> f64 {
        (self.at_once + self.lost + self.late).min(1.0)
    }
}

struct Budget {
    share: f64,
    most: f64,
    left: f64,
}

impl Budget {
    /// So many calls are made, so many of them fail at once, and so many attempts fail otherwise; returns
    /// the shares of both kinds that may try again.
    ///
    /// Where less is left than is asked for, it is whole only for a moment: whoever fails finds enough
    /// with one and the same chance, but a call that is refused on the spot has just added its own
    /// share, and that may be what was missing.
    fn spend(&mut self, calls: f64, at_once: f64, others: f64) -> (f64, f64) {
        self.left += calls * self.share;
        let (asked, own) = (at_once + others, self.share.min(1.0));
        let allowed = if asked <= self.left {
            (1.0, 1.0)
        } else {
            let found = (self.left - at_once * own) / (at_once * (1.0 - own) + others).max(1e-12);
            let found = found.clamp(0.0, 1.0);
            (found + (1.0 - found) * own, found)
        };
        let spent = at_once * allowed.0 + others * allowed.1;
        self.left = (self.left - spent).clamp(0.0, self.most);
        allowed
    }
}

/// Attempts that come between two moments.
pub(super) struct Parcel {
    pub(super) number: usize,
    pub(super) from: Moment,
    pub(super) until: Moment,
    pub(super) count: f64,
}

/// What became of failures.
pub(super) struct Outcome {
    pub(super) retries: f64,
    pub(super) unbudgeted: f64,
    pub(super) given_up: f64,
}

/// A wait of a law is looked at at so many places.
const PARTS: usize = 4;

impl Again {
    pub(super) fn new(file: Option<&Retry>) -> Self {
        let most = file.map_or(0, |file| usize::try_from(file.most.get()).unwrap_or(0));
        let burst = |file: &Retry| f64::from(file.burst.value);
        Self {
            most,
            wait: file.map_or(Spread::NONE, |file| Spread::of(&law(&file.wait))),
            growth: file.map_or(1.0, |file| file.growth.value),
            wait_most: file.map_or(0.0, |file| file.wait_most.value.as_seconds()),
            budget: file.and_then(|file| {
                let share = f64::from(file.budget?.value.0) / 1e6;
                Some(Budget { share, most: burst(file), left: burst(file) })
            }),
            due: Vec::new(),
            rates: vec![0.0; most + 1],
            allowed: (1.0, 1.0),
        }
    }

    /// How long callers wait before the attempt of this number.
    pub(super) fn wait_before(&self, number: usize) -> Spread {
        let failed = i32::try_from(number.saturating_sub(1)).unwrap_or(i32::MAX);
        let growth = libm::pow(self.growth, f64::from(failed));
        if growth <= 1.0 && self.wait.points().last().is_none_or(|last| last.0 <= self.wait_most) {
            return self.wait.times(growth);
        }
        let points = self.wait.points().iter();
        let scaled = points.map(|(wait, share)| ((wait * growth).min(self.wait_most), *share));
        Spread::new(scaled.collect())
    }

    /// Whether anybody tries again at all.
    pub(super) const fn retries(&self) -> bool {
        self.most > 0
    }

    /// Nothing is due from before.
    pub(super) fn forget(&mut self) {
        self.due.clear();
    }

    /// What is due later.
    pub(super) fn due(&self) -> &[Parcel] {
        &self.due
    }

    /// One attempt more is due at a moment.
    pub(super) fn is_due(&mut self, number: usize, at: Moment) {
        let parcel = Parcel { number: number.min(self.most), from: at, until: at, count: 1.0 };
        self.due.push(parcel);
    }

    /// Attempts that the budget has left, where there is one.
    pub(super) fn left(&self) -> Option<f64> {
        self.budget.as_ref().map(|budget| budget.left)
    }

    /// It has so many left from now on.
    pub(super) fn leave(&mut self, left: f64) {
        if let Some(budget) = &mut self.budget {
            budget.left = left;
        }
    }

    /// Of attempts of one number so many fail, so many seconds after a moment.
    pub(super) fn fail_later(
        &mut self,
        (number, count): (usize, f64),
        after: f64,
        now: Moment,
    ) -> Outcome {
        let allowed = if number < self.most { self.allowed.1 } else { 0.0 };
        let retries = count * allowed;
        for (wait, part) in parts(&self.wait_before(number + 1)) {
            let at = now.after(Span::from_seconds(after + wait));
            if retries > 0.0 {
                let count = retries * part;
                self.due.push(Parcel { number: number + 1, from: at, until: at, count });
            }
        }
        let unbudgeted = if number < self.most { count - retries } else { 0.0 };
        Outcome { retries, unbudgeted, given_up: count - retries }
    }

    /// All attempts a second.
    pub(super) fn attempts(&self) -> f64 {
        self.rates.iter().sum()
    }

    /// The attempts of a step, with so many calls a second.
    pub(super) fn look(&mut self, calls: f64, from: Moment, until: Moment) {
        self.rates.fill(0.0);
        self.rates[0] = calls;
        let seconds = until.since(from).as_seconds().max(1e-12);
        for parcel in &mut self.due {
            if parcel.from >= until {
                continue;
            }
            // After a long step some of it is due already; all at once it never was.
            let late = from.since(parcel.from);
            (parcel.from, parcel.until) = (parcel.from.after(late), parcel.until.after(late));
            let whole = parcel.until.since(parcel.from).as_seconds();
            let share = if parcel.until <= until || whole <= 0.0 {
                1.0
            } else {
                until.since(parcel.from).as_seconds() / whole
            };
            let count = parcel.count * share;
            self.rates[parcel.number] += count / seconds;
            parcel.count -= count;
            parcel.from = until;
        }
        self.due.retain(|parcel| parcel.until > until);
    }

    /// Of the attempts of a step, by their numbers, these shares failed.
    pub(super) fn fail(&mut self, of: &[Failing], (from, until): (Moment, Moment)) -> Outcome {
        let seconds = until.since(from).as_seconds();
        let mut outcome = Outcome { retries: 0.0, unbudgeted: 0.0, given_up: 0.0 };
        let of = |number: usize| of[number.min(of.len() - 1)];
        let made = |number: usize| self.rates[number] * seconds;
        let failed = (0..self.most).map(|number| made(number) * of(number).all());
        let again: f64 = failed.sum();
        outcome.given_up = made(self.most) * of(self.most).all();
        let at_once = if self.most > 0 { made(0) * of(0).at_once } else { 0.0 };
        let calls = made(0);
        self.allowed = self
            .budget
            .as_mut()
            .map_or((1.0, 1.0), |budget| budget.spend(calls, at_once, (again - at_once).max(0.0)));
        let (first, others) = self.allowed;
        outcome.retries = at_once * first + (again - at_once) * others;
        outcome.unbudgeted = again - outcome.retries;
        outcome.given_up += outcome.unbudgeted;
        if again <= 1e-9 {
            return outcome;
        }
        for number in 0..self.most {
            let (failing, made) = (of(number), self.rates[number] * seconds);
            let spared = if number == 0 { first } else { others };
            let kinds = [
                (failing.at_once * spared, 0.0),
                (failing.lost * others, failing.lost_after),
                (failing.late * others, failing.late_after),
            ];
            let kinds = kinds.map(|(share, after)| (made * share, after));
            if kinds.iter().all(|(count, _)| *count <= 1e-12) {
                continue;
            }
            let waits = parts(&self.wait_before(number + 1));
            for (count, after) in kinds.into_iter().filter(|(count, _)| *count > 1e-12) {
                for (wait, part) in &waits {
                    let later = Span::from_seconds(after + wait);
                    let (from, until) = (from.after(later), until.after(later));
                    self.due.push(Parcel { number: number + 1, from, until, count: count * part });
                }
            }
        }
        outcome
    }
}

/// A spread in a few equal parts.
fn parts(spread: &Spread) -> Vec<(f64, f64)> {
    let points = spread.points();
    if points.len() <= PARTS {
        return points.to_vec();
    }
    let mut parts: Vec<(f64, f64)> = Vec::with_capacity(PARTS + 1);
    let (mut weight, mut sum) = (0.0, 0.0);
    for (value, share) in points {
        weight += share;
        sum += share * value;
        if weight >= 1.0 / PARTS as f64 - 1e-9 {
            parts.push((sum / weight, weight));
            (weight, sum) = (0.0, 0.0);
        }
    }
    if weight > 0.0 {
        parts.push((sum / weight, weight));
    }
    parts
}
