//! Estimates before a run how many events it comes to, how long it takes and how much memory, so that
//! nobody waits for a run that a slip of the pen made endless. Rather too much than too little; within
//! five times of what shipped scenarios come to. Runs nothing, knows no clock.

mod calls;
mod tenants;

pub(crate) use calls::are_sampled;

use seatrial_contract::units::{Bytes, Span};
use seatrial_format::scenario::Scenario;
use seatrial_policies::PolicyFile;

/// Events a second on one core. Measured on shipped scenarios, built for development, on two shared
/// cores of 2026: 1.2 million (calls that are retried at several stations) to 10 million (a plain queue).
/// A release build is quicker.
pub const EVENTS_A_SECOND: f64 = 2e6;
/// What a run may take before somebody is asked.
pub const TIME_UNASKED: Span = Span::minutes(30);
/// What a run may keep before somebody is asked.
pub const MEMORY_UNASKED: Bytes = Bytes(4 << 30);

/// The program itself, and what every run has.
const BASE: f64 = 16e6;

/// Something that takes time or memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// The key of the scenario file that says how much.
    pub key: String,
    /// What it is.
    pub what: String,
    /// How many events, or bytes.
    pub amount: f64,
}

/// What runs are estimated to take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Events by cause.
    pub events: Vec<Cause>,
    /// Work beside events, as so many events, by cause: rows that are scraped.
    pub work: Vec<Cause>,
    /// Bytes at the end of a run, by cause.
    pub bytes: Vec<Cause>,
}

impl Estimate {
    /// What one run of this scenario with these policies takes.
    #[must_use]
    pub fn of(scenario: &Scenario, policies: Option<&PolicyFile>) -> Self {
        let mut estimate = Self::default();
        tenants::add(scenario, policies, &mut estimate);
        calls::add(scenario, &mut estimate);
        let finite = |cause: &Cause| cause.amount.is_finite() && cause.amount > 0.0;
        for causes in [&mut estimate.events, &mut estimate.work, &mut estimate.bytes] {
            causes.retain(finite);
        }
        estimate
    }

    /// Events of one run.
    #[must_use]
    pub fn events(&self) -> f64 {
        sum(&self.events)
    }

    /// The bytes that one run keeps at its end.
    #[must_use]
    pub fn bytes(&self) -> f64 {
        BASE + sum(&self.bytes)
    }

    /// How long one run takes on one core, in seconds.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        (sum(&self.events) + sum(&self.work)) / EVENTS_A_SECOND
    }

    /// What takes the most time.
    #[must_use]
    pub fn slowest(&self) -> Option<&Cause> {
        most(self.events.iter().chain(&self.work))
    }

    /// What takes the most memory.
    #[must_use]
    pub fn largest(&self) -> Option<&Cause> {
        most(self.bytes.iter())
    }
}

fn sum(causes: &[Cause]) -> f64 {
    causes.iter().map(|cause| cause.amount).sum()
}

fn most<'a>(causes: impl Iterator<Item = &'a Cause>) -> Option<&'a Cause> {
    causes.max_by(|one, other| one.amount.total_cmp(&other.amount))
}

/// All runs of a command together.
#[derive(Clone, Debug, Default)]
pub struct Load {
    seconds: f64,
    bytes: f64,
    events: f64,
    largest: Option<Estimate>,
}

impl Load {
    /// So many more runs of a scenario, so many of them at once.
    #[must_use]
    pub fn and(mut self, estimate: Estimate, runs: u32, at_once: usize) -> Self {
        let runs = f64::from(runs.max(1));
        #[expect(clippy::cast_precision_loss, reason = "threads are few")]
        let at_once = (at_once.max(1) as f64).min(runs);
        self.seconds += estimate.seconds() * runs / at_once;
        self.events += estimate.events() * runs;
        self.bytes = self.bytes.max(estimate.bytes() * at_once);
        let before = self.largest.as_ref().map_or(0.0, |one| one.seconds() + one.bytes());
        if estimate.seconds() + estimate.bytes() > before {
            self.largest = Some(estimate);
        }
        self
    }

    /// All of these runs, each so often, so many of all of them at once.
    #[must_use]
    pub fn of_all(estimates: &[(Estimate, u32)], at_once: usize) -> Self {
        let runs =
            estimates.iter().fold(0_usize, |all, (_, runs)| all.saturating_add(*runs as usize));
        #[expect(clippy::cast_precision_loss, reason = "threads are few")]
        let at_once = at_once.min(runs).max(1) as f64;
        let mut load = Self::default();
        for (estimate, runs) in estimates {
            load = load.and(estimate.clone(), *runs, 1);
        }
        load.seconds /= at_once;
        load.bytes *= at_once;
        load
    }

    /// Why somebody is asked first; none where the runs are small enough.
    #[must_use]
    pub fn question(&self) -> Option<String> {
        let long = self.seconds > TIME_UNASKED.as_seconds();
        #[expect(clippy::cast_precision_loss, reason = "4 GiB")]
        let large = self.bytes > MEMORY_UNASKED.0 as f64;
        if !long && !large {
            return None;
        }
        let mut text = format!(
            "this comes to about {} events: about {} and {} of memory, by an estimate at {} million \
             events a second and core\n",
            rounded(self.events),
            lasting(self.seconds),
            filling(self.bytes),
            EVENTS_A_SECOND / 1e6,
        );
        let of = self.largest.as_ref();
        if let (true, Some(cause)) = (long, of.and_then(Estimate::slowest)) {
            text += &format!("  most of the time goes to {} ({})\n", cause.what, cause.key);
        }
        if let (true, Some(cause)) = (large, of.and_then(Estimate::largest)) {
            text += &format!("  most of the memory goes to {} ({})\n", cause.what, cause.key);
        }
        text += "  look for a wrong unit, or make it smaller: a shorter `duration`, grain = \"sampled\" \
                 for calls";
        Some(text)
    }
}

/// Two digits and zeros.
fn round(number: f64) -> f64 {
    let (number, mut size) = (number.min(1e30), 1.0);
    while number / size >= 100.0 {
        size *= 10.0;
    }
    (number / size).round() * size
}

fn lasting(seconds: f64) -> String {
    let (size, unit) = match seconds {
        _ if seconds >= 2.0 * 86_400.0 => (86_400.0, "days"),
        _ if seconds >= 2.0 * 3_600.0 => (3_600.0, "hours"),
        _ if seconds >= 90.0 => (60.0, "minutes"),
        _ => (1.0, "seconds"),
    };
    format!("{} {unit}", round(seconds / size))
}

fn filling(bytes: f64) -> String {
    let gib = bytes / f64::from(1 << 30);
    if gib < 1.0 { "less than 1 GiB".to_owned() } else { format!("{} GiB", round(gib)) }
}

fn rounded(number: f64) -> String {
    let number = round(number);
    match number {
        _ if number >= 1e12 => format!("{} million million", number / 1e12),
        _ if number >= 1e9 => format!("{} thousand million", number / 1e9),
        _ if number >= 1e6 => format!("{} million", number / 1e6),
        _ => format!("{number}"),
    }
}
