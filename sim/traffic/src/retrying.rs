//! How long callers wait before they try again, and how often they may. Knows no call.

use crate::distributions::distribution;
use seatrial_contract::units::{Ppm, Span};
use seatrial_contract::{Dice, Purpose};
use seatrial_format::scenario::Retry as RetryFile;
use seatrial_kernel::chance::Distribution;

/// What callers do who get no answer.
pub(super) struct Retrying {
    most: u32,
    wait: Distribution,
    growth: f64,
    wait_most: Span,
    purpose: Purpose,
    budget: Option<Budget>,
}

/// Attempts after the first that may be made, in millionths: it grows with each first attempt.
#[derive(Clone, Copy, Debug)]
struct Budget {
    share: Ppm,
    most: u64,
    left: u64,
}

const ONE: u64 = 1_000_000;

/// What comes after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another attempt after so long.
    After(Span),
    /// Nothing: it was tried often enough.
    Enough,
    /// Nothing: the budget is used up.
    Spent,
}

impl Retrying {
    pub(super) fn new(file: &RetryFile, name: &str) -> Self {
        let most = u64::from(file.burst.value) * ONE;
        Self {
            most: file.most.get(),
            wait: distribution(&file.wait),
            growth: file.growth.value,
            wait_most: file.wait_most.value,
            purpose: Purpose::new(&format!("traffic {name}: wait before the next attempt")),
            budget: file.budget.map(|share| Budget { share: share.value, most, left: most }),
        }
    }

    /// How often a call is tried at the most, on the mean.
    pub(super) fn tries(&self) -> f64 {
        let retries = f64::from(self.most);
        1.0 + self.budget.map_or(retries, |budget| (f64::from(budget.share.0) / 1e6).min(retries))
    }

    /// A call was made for the first time.
    #[inline]
    pub(super) fn earn(&mut self) {
        if let Some(budget) = &mut self.budget {
            budget.left = (budget.left + u64::from(budget.share.0)).min(budget.most);
        }
    }

    /// What comes after the failure of that attempt, counted from nothing, of the call of that number.
    pub(super) fn after(&mut self, attempt: u32, number: u64, dice: Dice) -> Next {
        if attempt >= self.most {
            return Next::Enough;
        }
        if let Some(budget) = &mut self.budget {
            if budget.left < ONE {
                return Next::Spent;
            }
            budget.left -= ONE;
        }
        let first = self.wait.sample(&mut dice.turn(number, self.purpose, u64::from(attempt)));
        let growth = libm::pow(self.growth, f64::from(attempt));
        let grown = Span::from_seconds((first.as_seconds() * growth).min(1e9));
        Next::After(grown.min(self.wait_most).max(Span::nanos(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::num::NonZeroU32;
    use seatrial_contract::config::Located;
    use seatrial_contract::units::percent;
    use seatrial_format::scenario::DistributionFile;

    fn retrying(most: u32, budget: Option<Ppm>, burst: u32) -> Retrying {
        let file = RetryFile {
            most: Located::nowhere(NonZeroU32::new(most).expect("once at least")),
            wait: Located::nowhere(DistributionFile::Fixed(Span::millis(100))),
            growth: Located::nowhere(3.0),
            wait_most: Located::nowhere(Span::millis(500)),
            budget: budget.map(Located::nowhere),
            burst: Located::nowhere(burst),
        };
        Retrying::new(&file, "calls")
    }

    #[test]
    fn waits_grow_up_to_the_longest() {
        let mut retrying = retrying(4, None, 0);
        let found: Vec<Next> = (0..5).map(|at| retrying.after(at, 1, Dice::new(1))).collect();
        let after = |millis| Next::After(Span::millis(millis));
        // 100 ms × 3, × 9 and × 27, at most 500 ms.
        assert_eq!(found, [after(100), after(300), after(500), after(500), Next::Enough]);
    }

    #[test]
    fn a_budget_is_a_share_of_first_attempts() {
        let mut retrying = retrying(3, Some(percent(10)), 2);
        let mut tries = |calls: u32| {
            let made = (0..calls).map(|_| {
                retrying.earn();
                retrying.after(0, 1, Dice::new(1)) != Next::Spent
            });
            made.filter(|is_made| *is_made).count()
        };
        // Two from the start, and one for each ten calls after the first, whose tenth is more than it
        // holds.
        assert_eq!(tries(100), 11);
        assert_eq!(tries(1_000), 100);
    }
}
