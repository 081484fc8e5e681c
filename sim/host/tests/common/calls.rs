//! Services and their calls as scenario text, and what several runs found together.

use crate::common::figure;
use seatrial_contract::units::Ppm;
use seatrial_kernel::statistics::{Interval, confidence_interval};
use seatrial_record::Record;

/// The mean over the runs, and how far the truth may be from it, this often no farther.
pub fn estimate(records: &[Record], name: &str, level: Ppm) -> Interval {
    let values: Vec<f64> = records.iter().map(|record| figure(record, name)).collect();
    confidence_interval(&values, level).expect("two runs at least")
}

/// A span of so many seconds, to the nanosecond.
pub fn span(seconds: f64) -> String {
    format!("\"{:.0} ns\"", seconds * 1e9)
}

/// A rate in events a second, finer than a millionth.
pub fn rate(per_second: f64) -> String {
    format!("\"{:.6}/week\"", per_second * 604_800.0)
}

/// An exponential distribution by its mean in seconds.
pub fn exponential(mean: f64) -> String {
    format!("{{ kind = \"exponential\", mean = {} }}", span(mean))
}

/// Independent calls, so many a second.
pub fn poisson(per_second: f64) -> String {
    format!("{{ kind = \"poisson\", rate = {} }}", rate(per_second))
}

/// A scenario of so many seconds, the first tenth of which is a warm-up, with one service `s` and
/// calls to it: each with its arrivals, and with what else there is to say of it.
pub fn scenario(seconds: f64, service: &str, calls: &[(String, String)]) -> String {
    let mut text = format!(
        "title = \"stations\"\nduration = {}\nwarm_up = {}\n[[services]]\nname = \"s\"\n{service}\n",
        span(seconds),
        span(seconds / 10.0),
    );
    for (number, (arrivals, more)) in calls.iter().enumerate() {
        let name = number + 1;
        text += &format!(
            "[[traffic]]\nname = \"t{name}\"\nservice = \"s\"\narrivals = {arrivals}\n{more}\n"
        );
    }
    text
}
