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
    /// How long those have waited already who make that attempt.
    pub(super) waited: Vec<Spread>,
}

struct Budget {
    share: f64,
    most: f64,
    left: f64,
}

/// Attempts that come between two moments.
struct Parcel {
    number: usize,
    from: Moment,
    until: Moment,
    count: f64,
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
            waited: vec![Spread::NONE; most + 1],
        }
    }

    /// Whether anybody tries again at all.
    pub(super) const fn retries(&self) -> bool {
        self.most > 0
    }

    /// Nothing is due from before.
    pub(super) fn forget(&mut self) {
        self.due.clear();
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

    /// Of the attempts of a step, by their numbers, these shares failed, so many seconds after they
    /// were made.
    pub(super) fn fail(
        &mut self,
        shares: &[(f64, f64)],
        (from, until): (Moment, Moment),
        bins: &mut super::bins::Bins,
    ) -> Outcome {
        let seconds = until.since(from).as_seconds();
        let mut outcome = Outcome { retries: 0.0, unbudgeted: 0.0, given_up: 0.0 };
        let of = |number: usize| shares[number.min(shares.len() - 1)];
        let failed: Vec<f64> =
            (0..).zip(&self.rates).map(|(number, rate)| rate * of(number).0 * seconds).collect();
        let again: f64 = failed[..self.most].iter().sum();
        outcome.given_up = failed[self.most];
        let mut allowed = 1.0;
        if let Some(budget) = &mut self.budget {
            budget.left += self.rates[0] * seconds * budget.share;
            if again > budget.left {
                allowed = budget.left / again;
            }
            budget.left = (budget.left - again * allowed).min(budget.most);
        }
        outcome.retries = again * allowed;
        outcome.unbudgeted = again * (1.0 - allowed);
        outcome.given_up += outcome.unbudgeted;
        if again <= 1e-9 {
            return outcome;
        }
        let mut growth = 1.0;
        for (number, failed) in failed[..self.most].iter().enumerate() {
            let (count, after) = (failed * allowed, of(number).1);
            let scaled: Vec<(f64, f64)> = self
                .wait
                .points()
                .iter()
                .map(|(wait, share)| ((wait * growth).min(self.wait_most), *share))
                .collect();
            let wait = Spread::new(scaled);
            if count > 1e-12 {
                for (wait, part) in parts(&wait) {
                    let later = Span::from_seconds(after + wait);
                    let (from, until) = (from.after(later), until.after(later));
                    self.due.push(Parcel { number: number + 1, from, until, count: count * part });
                }
            }
            self.waited[number + 1] =
                self.waited[number].and(&Spread::fixed(after), bins).and(&wait, bins);
            growth *= self.growth;
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
