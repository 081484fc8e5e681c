//! Retries that never end or never come, and turning away that has no effect.

use super::distributions::is_nothing;
use super::{at, each};
use crate::scenario::{Discipline, Retry, Scenario, Service, Traffic, WhileAsking};
use seatrial_contract::config::{Path, Problems};
use seatrial_contract::units::{Ppm, Span};

/// Slower growth than standing still is none; faster leaves every bound at once.
pub(super) const GROWTH: core::ops::RangeInclusive<f64> = 1.0..=100.0;
pub(super) const TRIES_MAX: u32 = 100;

pub(super) fn check(scenario: &Scenario, problems: &mut Problems) {
    each("traffic", &scenario.traffic, |path, of| traffic(of, path, problems));
    each("services", &scenario.services, |path, of| service(of, scenario, path, problems));
}

fn traffic(traffic: &Traffic, path: &Path<'_>, problems: &mut Problems) {
    if let Some(time_out) = &traffic.time_out
        && time_out.value == Span::ZERO
    {
        let words = ("a caller who waits 0 s gets no answer", "write a time, such as \"2 s\"");
        at(path, "time_out", time_out.place, words, problems);
    }
    if let Some(retry) = &traffic.retry {
        self::retry(retry, &Path::Key(path, "retry"), problems);
    }
}

fn retry(retry: &Retry, path: &Path<'_>, problems: &mut Problems) {
    if !GROWTH.contains(&retry.growth.value) {
        let message = format!("a growth of {} is outside 1 to 100", retry.growth.value);
        let words = (message, "write 2.0 to double the wait each time, 1.0 to keep it");
        at(path, "growth", retry.growth.place, words, problems);
    }
    if retry.most.get() > TRIES_MAX {
        let message = format!("{} retries are too many", retry.most.get());
        at(path, "most", retry.most.place, (message, "have at most 100"), problems);
    }
    if is_nothing(&retry.wait) {
        let remedy = "write a time such as \"100 ms\", or a distribution, which spreads callers";
        let words = ("a caller that tries again after 0 s fails again", remedy);
        at(path, "wait", retry.wait.place, words, problems);
    }
    if let Some(budget) = &retry.budget
        && budget.value > Ppm(10_000_000)
    {
        let remedy = "write a share of first attempts, such as \"10 %\"";
        let words = (format!("a budget of {} is no limit", budget.value), remedy);
        at(path, "budget", budget.place, words, problems);
    }
}

fn service(service: &Service, scenario: &Scenario, path: &Path<'_>, problems: &mut Problems) {
    let is_shared = service.discipline == Discipline::Sharing;
    if let Some(shedding) = &service.shedding
        && is_shared
    {
        let remedy = "remove it, or choose discipline = \"fifo\" or \"priority\"";
        let words = ("nobody waits where servers are shared, so nobody is turned away", remedy);
        at(path, "shedding", shedding.waited.place, words, problems);
    }
    let asks = |of: &Traffic| of.called() == Some(service.name.as_str()) && !of.queries.is_empty();
    let holds = service.while_asking == WhileAsking::Held;
    let can_hold = matches!(service.discipline, Discipline::Fifo | Discipline::Priority);
    if holds && !can_hold && scenario.traffic.iter().any(asks) {
        let message = format!(
            "`{}` shares or takes back its servers, so none can wait for a database",
            service.name.value
        );
        let remedy = "write while_asking = \"free\", or discipline = \"fifo\" or \"priority\"";
        at(path, "while_asking", service.name.place, (message, remedy), problems);
    }
}
