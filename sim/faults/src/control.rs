//! What is wrong with those who see and steer: faults write it, the host reads it. Knows neither.

use seatrial_contract::config::{Located, Path, Place, Problems};
use seatrial_contract::units::{Moment, Ppm, Span};
use seatrial_format::scenario::Scenario;

/// What is wrong with those who see and steer. Each count is of reasons.
#[derive(Clone, Debug, Default)]
pub struct Control {
    /// Nobody steers.
    pub policies_down: u32,
    /// How often those who steer were started again.
    pub restarts: u64,
    /// How often the network was cut.
    pub cuts: u64,
    /// Nothing is seen.
    pub blind: u32,
    /// What is seen is as old as when this began.
    pub stale: u32,
    /// What is used is seen as so large a part of what it is, by each reason.
    pub wrong: Vec<Ppm>,
    /// No action is done.
    pub rejects: u32,
    /// How wrong the clock is of those who steer, by each reason.
    pub skews: Vec<Skew>,
    /// Actions take so much longer, by each reason.
    pub delays: Vec<Span>,
    /// Such a part of all actions is lost on its way, by each reason.
    pub loses: Vec<Ppm>,
    /// People take so many times as long, in millionths, by each reason.
    pub slow_people: Vec<u64>,
}

/// How wrong a clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skew {
    /// By so much.
    pub by: Span,
    /// Behind, and not ahead.
    pub behind: bool,
}

impl Control {
    /// What the clock of those who steer shows at that moment.
    #[must_use]
    pub fn clock(&self, now: Moment) -> Moment {
        let sum = |behind: bool| {
            let all = self.skews.iter().filter(|of| of.behind == behind);
            all.fold(Span::ZERO, |sum, of| sum.saturating_add(of.by))
        };
        Moment(now.after(sum(false)).0.saturating_sub(sum(true).0))
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_well(&self) -> bool {
        let Self {
            policies_down,
            restarts: _,
            cuts: _,
            blind,
            stale,
            wrong,
            rejects,
            skews,
            delays,
            loses,
            slow_people,
        } = self;
        let reasons = policies_down + blind + stale + rejects;
        reasons == 0
            && wrong.is_empty()
            && skews.is_empty()
            && delays.is_empty()
            && loses.is_empty()
            && slow_people.is_empty()
    }

    /// How much longer an action takes.
    #[must_use]
    pub fn delay(&self) -> Span {
        self.delays.iter().copied().max().unwrap_or(Span::ZERO)
    }

    /// As what part of itself use is seen.
    #[must_use]
    pub fn seen_as(&self, used: u64) -> u64 {
        let seen = self
            .wrong
            .iter()
            .fold(u128::from(used), |used, part| used * u128::from(part.0) / 1_000_000);
        u64::try_from(seen).unwrap_or(u64::MAX)
    }

    /// How many times as long people take, in millionths.
    #[must_use]
    pub fn people(&self) -> u64 {
        self.slow_people.iter().copied().max().unwrap_or(1_000_000)
    }

    /// Whether an action gets lost that draws this number below a million.
    #[must_use]
    pub fn loses(&self, draw: u64) -> bool {
        self.loses.iter().any(|share| draw < u64::from(share.0))
    }

    /// One reason less why nobody steers.
    pub(crate) fn policies_are_back(&mut self) {
        self.policies_down = self.policies_down.saturating_sub(1);
        self.restarts += u64::from(self.policies_down == 0);
    }

    /// One reason less of those that are listed.
    pub(crate) fn drop_one<T: PartialEq>(all: &mut Vec<T>, one: &T) {
        if let Some(at) = all.iter().position(|of| of == one) {
            all.swap_remove(at);
        }
    }
}

/// Says that a fault is of those who see and steer, and nobody does.
pub(crate) fn check_steered(scenario: &Scenario, path: &Path<'_>, problems: &mut Problems) {
    if scenario.policies.is_none() {
        let message = "nobody looks and nobody steers in this scenario";
        let remedy = "add `policies = { file = \"…\" }`, or leave the fault out";
        problems.add(path, Place::default(), message, remedy);
    }
}

/// Says that something cannot take so many times as long.
pub(crate) fn check_times(times: &Located<f64>, path: &Path<'_>, problems: &mut Problems) {
    if !(1.0..=1_000.0).contains(&times.value) {
        let path = Path::Key(path, "times");
        let message = format!("{} times as long", times.value);
        problems.add(&path, times.place, message, "write a number from 1 to 1000");
    }
}

/// So many times, in millionths; it was checked.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 1 to 1000")]
pub(crate) fn millionths(times: &Located<f64>) -> u64 {
    (times.value * 1e6) as u64
}
