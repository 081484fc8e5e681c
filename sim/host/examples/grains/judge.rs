//! Random scenarios in both grains: every figure that the request grain knows, and how far the sampled
//! grain is off. `cargo run --release --example grains random 100 7`; a third number is the scenario that
//! is looked at alone. With `CALLS=10` before it they have ten times as many calls.

use super::random::{Made, scenario};
use super::run;
use seatrial_contract::units::percent;
use seatrial_kernel::statistics::confidence_interval;
use seatrial_record::{Metric, Record, Unit};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

/// Runs request by request.
const SEEDS: u64 = 4;
/// A figure is judged that is known to this part of itself.
const KNOWN: f64 = 0.02;
/// Shares below this are not.
const SHARE_LEAST: f64 = 0.005;

/// A run that takes longer than so many times the other is slower, if it is so each of so many times.
const SLOWER: f64 = 1.1;
const AGAIN: u32 = 3;

/// What was found of a scenario.
struct Found {
    number: u64,
    family: &'static str,
    figures: Vec<Figure>,
    /// Seconds that a run took in each grain.
    took: (f64, f64),
    lived: f64,
}

struct Figure {
    name: String,
    target: f64,
    request: f64,
    /// How well that is known.
    known: f64,
    /// What it is with the seed that is sampled.
    same_seed: f64,
    sampled: f64,
    within: f64,
    /// The run says that it may be off.
    is_told: bool,
}

impl Found {
    fn is_slower(&self) -> bool {
        self.took.1 > SLOWER * self.took.0
    }
}

impl Figure {
    fn is_right(&self) -> bool {
        self.away() <= self.target * self.request.abs() + self.within
    }

    /// Whether what is told contains what the request grain finds, with the same seed or on the mean.
    fn is_covered(&self) -> bool {
        let same = (self.sampled - self.same_seed).abs() <= self.within + 1e-5 * self.request.abs();
        same || self.away() <= self.within + self.known
    }

    /// Off by more than a half, and nothing tells of it.
    fn is_unwarned(&self) -> bool {
        let is_little = self.within < 0.25 * self.sampled.abs();
        self.away() > 0.5 * self.request.abs() && is_little && !self.is_told
    }

    fn away(&self) -> f64 {
        (self.sampled - self.request).abs()
    }
}

pub fn judge(count: u64, seed: u64, only: Option<u64>) {
    let times = std::env::var("CALLS").ok().and_then(|times| times.parse().ok()).unwrap_or(1.0);
    let next = AtomicU64::new(0);
    let (sender, receiver) = mpsc::channel();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all: Vec<Found> = std::thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    if only.is_none_or(|only| only == number) {
                        let made = scenario(number, seed, times);
                        if only.is_some() {
                            println!("{}", made.text);
                        }
                        let _ = sender.send(look(number, made));
                    }
                }
            });
        }
        drop(sender);
        receiver.iter().inspect(|found| tell(found, only.is_some())).collect()
    });
    all.sort_by_key(|found| found.number);
    conclude(&all);
}

/// Seconds of processor time that this thread has had.
fn now() -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok());
    nanos.unwrap_or(0.0) / 1e9
}

/// What a run tells, and how much processor time it took.
fn timed(text: &str, seed: u64) -> (Record, f64) {
    let begun = now();
    let record = run(text, seed);
    (record, now() - begun)
}

fn look(number: u64, made: Made) -> Found {
    let text = format!("grain = \"sampled\"\n{}", made.text);
    let (first, request_took) = timed(&made.text, 1);
    let (sampled, sampled_took) = timed(&text, 1);
    let mut took = (request_took, sampled_took);
    for _ in 0..AGAIN {
        if took.1 <= SLOWER * took.0 {
            break;
        }
        // Once may be chance.
        took.0 = timed(&made.text, 1).1.min(took.0);
        took.1 = timed(&text, 1).1.min(took.1);
    }
    let others = (2..=SEEDS).map(|seed| run(&made.text, seed));
    let requests: Vec<Record> = core::iter::once(first).chain(others).collect();
    let figures = requests[0].metrics.iter().enumerate();
    let figures = figures.filter_map(|(at, metric)| {
        let target = target(metric)?;
        let values: Vec<f64> = requests.iter().filter_map(|run| run.metrics[at].value).collect();
        let interval = confidence_interval(&values, percent(95))?;
        let (request, known) = (interval.mean, interval.half_width);
        let judged = known <= KNOWN * request.abs() && request != 0.0;
        let found = sampled.metrics.iter().find(|found| found.name == metric.name)?;
        let is_share = metric.unit == Unit::Share && request < SHARE_LEAST;
        (judged && !is_share).then(|| Figure {
            name: metric.name.clone(),
            target,
            request,
            known,
            same_seed: metric.value.unwrap_or(request),
            sampled: found.value.unwrap_or(0.0),
            within: found.within.unwrap_or(0.0),
            is_told: sampled.sampled.is_some_and(|sampled| sampled.fell || sampled.may_fall),
        })
    });
    let figures = figures.collect();
    let lived = sampled.sampled.map_or(0, |of| of.lived) as f64 / sampled.duration as f64;
    Found { number, family: made.family, figures, took, lived }
}

/// How far a figure may be off; none where it is not judged: the most of something, and when.
fn target(metric: &Metric) -> Option<f64> {
    let kind = metric.name.split('.').next().unwrap_or_default();
    let not_judged = ["_max", "_most", "outages_from", "outages_until", "trouble", "cpu_", "nodes"];
    if not_judged.iter().any(|word| kind.contains(word)) || kind.starts_with("bill") {
        return None;
    }
    Some(match kind {
        _ if kind.ends_with("_p95") || kind.ends_with("_p50") => 0.10,
        "queue_mean" | "in_system_mean" => 0.02,
        _ => 0.05,
    })
}

fn tell(found: &Found, wholly: bool) {
    let wrong = found.figures.iter().filter(|figure| !figure.is_right() || wholly);
    for figure in wrong {
        println!(
            "- {} {}: {} is {:.6} ± {:.6}, sampled {:.6} ± {:.6} ({:+.1} %){}{}",
            found.number,
            found.family,
            figure.name,
            figure.request,
            figure.known,
            figure.sampled,
            figure.within,
            (figure.sampled / figure.request - 1.0) * 100.0,
            if figure.is_unwarned() { " unwarned" } else { "" },
            if figure.is_right() { "" } else { " wrong" },
        );
    }
    if wholly {
        let (share, lived) = (found.took.1 / found.took.0 * 100.0, found.lived * 100.0);
        println!("{share:.0} % of the time of {:.2} s, {lived:.1} % lived", found.took.0);
    }
}

fn conclude(all: &[Found]) {
    println!("\n| Family | Scenarios | Figures | Right | Covered | Unwarned | Time | Lived |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    let mut families: BTreeMap<&str, Vec<&Found>> = BTreeMap::new();
    for found in all {
        families.entry(found.family).or_default().push(found);
    }
    let row = |name: &str, those: &[&Found]| {
        let figures = || those.iter().flat_map(|found| &found.figures);
        let share = |holds: fn(&Figure) -> bool| {
            let count = figures().filter(|figure| holds(figure)).count();
            count as f64 / (figures().count().max(1)) as f64 * 100.0
        };
        let times = those
            .iter()
            .fold((0.0, 0.0), |sum, found| (sum.0 + found.took.0, sum.1 + found.took.1));
        let lived: f64 = those.iter().map(|found| found.lived).sum::<f64>() / those.len() as f64;
        println!(
            "| {name} | {} | {} | {:.1} % | {:.1} % | {} | {:.0} % | {:.0} % |",
            those.len(),
            figures().count(),
            share(Figure::is_right),
            share(Figure::is_covered),
            figures().filter(|figure| figure.is_unwarned()).count(),
            times.1 / times.0 * 100.0,
            lived * 100.0,
        );
    };
    families.iter().for_each(|(name, those)| row(name, those));
    row("all", &all.iter().collect::<Vec<_>>());
    let slower = all.iter().filter(|found| found.is_slower());
    let each =
        |found: &Found| format!(" {} ({:.0} %)", found.number, found.took.1 / found.took.0 * 100.0);
    let those: Vec<String> = slower.map(each).collect();
    println!("\n{} of {} took more than a tenth longer:{}", those.len(), all.len(), those.concat());
}
