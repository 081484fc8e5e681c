//! Axes: which values they hold, where their ticks are, and how numbers are told. Draws nothing.

use crate::figures::quantity;
use seatrial_record::Unit;

/// An axis of values.
pub(super) struct Axis {
    unit: Unit,
    from: f64,
    until: f64,
    /// Between two ticks.
    step: f64,
    by_factors: bool,
    /// Its numbers are told in so many of the unit.
    one: f64,
    word: &'static str,
}

impl Axis {
    /// An axis that holds these values.
    pub(super) fn of(values: impl Iterator<Item = f64>, unit: Unit, by_factors: bool) -> Self {
        let mut most = 0.0_f64;
        let mut least = f64::INFINITY;
        for value in values.filter(|value| value.is_finite()) {
            most = most.max(value);
            if value > 0.0 {
                least = least.min(value);
            }
        }
        let (one, word) = told_in(unit, most);
        if by_factors && most > 0.0 {
            let from = 10_f64.powf(least.min(most).log10().floor());
            let until = 10_f64.powf(most.log10().ceil()).max(from * 10.0);
            return Self { unit, from, until, step: 0.0, by_factors, one, word };
        }
        let mut step = if most > 0.0 { step(most / one, 4) } else { 0.25 };
        if unit == Unit::Count {
            // There are no halves of what is counted.
            step = step.ceil().max(1.0);
        }
        // What reaches the top would be seen by half.
        let until = step * one * if most > step * one * 3.95 { 5.0 } else { 4.0 };
        // A share goes to the whole, where that does not make it flat.
        let is_share = unit == Unit::Share && most > 0.4 && most <= 1.0;
        let (until, step) = if is_share { (1.05, 0.25) } else { (until, step * one) };
        Self { unit, from: 0.0, until, step, by_factors: false, one, word }
    }

    /// How far up a value lies, from 0 to 1.
    pub(super) fn part(&self, value: f64) -> f64 {
        let part = if self.by_factors {
            (value.max(self.from) / self.from).log10() / (self.until / self.from).log10()
        } else {
            (value - self.from) / (self.until - self.from)
        };
        part.clamp(0.0, 1.0)
    }

    /// Where ticks are, and what they say.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let label = |value: f64| (value, self.tell(value));
        if self.by_factors {
            let mut ticks = Vec::new();
            let decades = (self.until / self.from).log10();
            let within: &[f64] = if decades < 2.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
            let mut value = self.from;
            while value <= self.until * 1.001 && ticks.len() < 16 {
                let all = within.iter().map(|of| of * value);
                ticks.extend(all.filter(|of| *of <= self.until * 1.001).map(label));
                value *= 10.0;
            }
            return ticks;
        }
        (0..=5)
            .map(|at| self.step * f64::from(at))
            .filter(|value| *value <= self.until)
            .map(label)
            .collect()
    }

    /// A value with its unit.
    pub(super) fn tell(&self, value: f64) -> String {
        if value == 0.0 {
            return "0".to_owned();
        }
        quantity(value, self.unit)
    }

    /// A value as a plain number, in what the axis is told in.
    pub(super) fn number(&self, value: f64) -> String {
        plain(value / self.one)
    }

    /// What numbers are told in.
    pub(super) fn word(&self) -> &'static str {
        self.word
    }
}

/// What values of a unit are told in where the largest is this.
fn told_in(unit: Unit, most: f64) -> (f64, &'static str) {
    const SIZES: [(f64, &str); 4] = [
        (1_099_511_627_776.0, "TiB"),
        (1_073_741_824.0, "GiB"),
        (1_048_576.0, "MiB"),
        (1_024.0, "KiB"),
    ];
    match unit {
        Unit::Bytes => SIZES.into_iter().find(|of| most >= of.0).unwrap_or((1.0, "bytes")),
        Unit::Share => (0.01, "%"),
        Unit::Seconds => (1.0, "seconds"),
        Unit::Dollars => (1.0, "dollars"),
        Unit::Cores => (1.0, "cores"),
        Unit::PerSecond => (1.0, "per second"),
        Unit::Count => (1.0, "numbers"),
        Unit::Ratio => (1.0, "ratio"),
    }
}

/// A step that people can count in, of which so many reach the value.
fn step(value: f64, steps: u32) -> f64 {
    let wanted = value / f64::from(steps);
    let power = 10_f64.powf(wanted.log10().floor());
    let all = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0].map(|of| of * power);
    all.into_iter().find(|step| *step >= wanted * 0.999_999).unwrap_or(power * 10.0)
}

/// Six digits that say something.
pub(super) fn plain(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "a few hundred")]
    let digits = 5 - value.abs().log10().floor() as i32;
    let text = match usize::try_from(digits) {
        Ok(digits) => format!("{value:.*}", digits.min(12)),
        Err(_) => format!("{value:.0}"),
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Lengths between ticks of time, in seconds.
const BETWEEN: [f64; 20] = [
    1.0,
    5.0,
    10.0,
    30.0,
    60.0,
    120.0,
    300.0,
    600.0,
    900.0,
    1_800.0,
    3_600.0,
    7_200.0,
    14_400.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    432_000.0,
    864_000.0,
    2_592_000.0,
];

/// Where ticks of time are, and what they say.
pub(super) fn ticks_of_time(until: f64) -> Vec<(f64, String)> {
    let between = BETWEEN.into_iter().find(|of| until / of <= 7.0).unwrap_or(until / 6.0);
    let mut ticks = Vec::new();
    let mut at = 0.0;
    while at <= until * 1.000_001 && ticks.len() < 9 {
        ticks.push((at, time(at)));
        at += between;
    }
    ticks
}

/// A moment in the two largest units.
fn time(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let whole = seconds.round() as u64;
    let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60);
    match (days, hours, minutes, whole % 60) {
        (0, 0, 0, seconds) => format!("{seconds} s"),
        (0, 0, minutes, 0) => format!("{minutes} min"),
        (0, 0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (0, hours, minutes, _) => format!("{hours}:{minutes:02} h"),
        (days, 0, 0, _) => format!("{days} d"),
        (days, hours, _, _) => format!("{days} d {hours} h"),
    }
}
