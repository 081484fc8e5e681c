//! How often verdicts are wrong, and what they find: run by hand, told in docs/compare.md.
//!
//! `cargo run --release -p seatrial-trials --example verdicts`, and `-- cost` or `-- itself` for a part of it.

use seatrial_contract::units::Span;
use seatrial_format::{Disk, Override};
use seatrial_host::{BrokenInvariant, Opened, Watch, open};
use seatrial_record::{Comparison, Half, Row, VerdictWord};
use seatrial_trials::compare::{Terms, World, compare};
use seatrial_trials::judging::{Better, Looks, Measure, Scale};
use seatrial_trials::{Trial, half, row};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Mutex;

const TRIES: u64 = 200;
const METRICS: usize = 30;
/// Far from all seeds of the first half.
const ELSEWHERE: u64 = 1 << 40;

struct Quiet;

impl Watch for Quiet {
    fn passed(&self, _: Span, _: u64) {}
}

/// A world whose runs are kept: tries share seeds with each other.
struct Kept<'a> {
    trial: Trial<'a>,
    rows: Mutex<BTreeMap<u64, Row>>,
}

impl World for Kept<'_> {
    type Error = BrokenInvariant;

    fn half(&self) -> Half {
        half("here", "", &self.trial)
    }

    fn row(&self, seed: u64, is_whole: bool) -> Result<Row, BrokenInvariant> {
        if let Ok(rows) = self.rows.lock()
            && let Some(row) = rows.get(&seed)
        {
            return Ok(row.clone());
        }
        let row = row(&self.trial, seed, is_whole, &Quiet)?;
        if let Ok(mut rows) = self.rows.lock() {
            rows.insert(seed, row.clone());
        }
        Ok(row)
    }
}

fn opened(sets: &[&str]) -> Opened {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let overrides: Vec<Override> = sets.iter().map(|set| (*set).into()).collect();
    let path = root.join("scenarios/thousand-users.toml");
    open(&Disk, &path, &overrides)
        .unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())))
}

fn world(opened: &Opened) -> Kept<'_> {
    let trial = Trial {
        scenario: &opened.scenario,
        policies: opened.policies.as_ref(),
        departure: None,
        goals: Vec::new(),
        seed: 1,
        replications: 1,
        threads: None,
        series: None,
    };
    Kept { trial, rows: Mutex::default() }
}

/// Metrics that are not the same in every run, so that each could be found to differ.
fn varying(world: &Kept<'_>) -> Vec<Measure> {
    let rows: Vec<Row> = (0..8).map(|seed| world.row(seed, false).expect("it runs")).collect();
    let differs = |at: &usize| {
        let first = rows[0].metrics[*at].value;
        first.is_some()
            && rows.iter().all(|row| row.metrics[*at].value.is_some())
            && rows.iter().any(|row| row.metrics[*at].value != first)
    };
    let all = (0..rows[0].metrics.len()).filter(differs).take(METRICS);
    let measure = |at: usize| Measure {
        name: rows[0].metrics[at].name.clone(),
        scale: Scale::Difference,
        margin: f64::MIN_POSITIVE,
        better: Better::Less,
    };
    all.map(measure).collect()
}

fn compared(first: &Kept<'_>, second: &Kept<'_>, terms: &Terms<'_>) -> Comparison {
    compare(first, second, terms).unwrap_or_else(|broken| panic!("{broken}")).found
}

fn has(found: &Comparison, words: &[VerdictWord]) -> bool {
    found.verdicts.iter().any(|row| words.contains(&row.verdict))
}

fn against_itself() {
    let opened = opened(&["duration=2d", "alerts=[]"]);
    let (first, second) = (world(&opened), world(&opened));
    let measures = varying(&first);
    let looks = Looks::planned(METRICS, 50).expect("fifty pairs are enough");
    assert_eq!(measures.len(), METRICS, "so many metrics vary");
    let (mut identical, mut wrong) = (0, 0);
    for number in 0..TRIES {
        let seed = number * 50;
        let terms = |second_seed| Terms {
            measures: measures.clone(),
            looks: looks.clone(),
            seed,
            second_seed,
            threads: None,
            may_go_on: None,
        };
        let same = compared(&first, &second, &terms(seed));
        identical += u32::from(same.identical as usize == same.seeds.len());
        let other = compared(&first, &second, &terms(seed + ELSEWHERE));
        wrong += u32::from(has(&other, &[VerdictWord::Better, VerdictWord::Worse]));
    }
    println!("{TRIES} comparisons of a policy with itself, {METRICS} metrics each");
    println!("  same seeds: {identical} identical");
    println!(
        "  seeds of their own: {wrong} with any better or worse (at most 16 are expected of 5 %)"
    );
}

fn three_percent() {
    let (sooner, later) =
        (opened(&["duration=14d"]), opened(&["duration=14d", "policies.threshold.spare_for=4h"]));
    let (first, second) = (world(&sooner), world(&later));
    let bill = Measure {
        name: "bill_month".to_owned(),
        scale: Scale::Ratio,
        margin: 1.01_f64.ln(),
        better: Better::Less,
    };
    let looks = Looks::planned(1, 20).expect("twenty pairs are enough");
    let (mut found, mut unpaired, mut effects) = (0, 0, Vec::new());
    for number in 0..20_u64 {
        let seed = 1_000 + number * 20;
        let terms = |second_seed| Terms {
            measures: vec![bill.clone()],
            looks: looks.clone(),
            seed,
            second_seed,
            threads: None,
            may_go_on: None,
        };
        let paired = compared(&first, &second, &terms(seed));
        found += u32::from(has(&paired, &[VerdictWord::Worse]));
        effects.extend(paired.verdicts[0].effect);
        let apart = compared(&first, &second, &terms(seed + ELSEWHERE));
        unpaired += u32::from(has(&apart, &[VerdictWord::Worse]));
    }
    let bills: Vec<f64> = first
        .rows
        .lock()
        .expect("nobody panicked")
        .values()
        .filter_map(|row| row.metrics.iter().find(|of| of.name == "bill_month")?.value)
        .map(f64::ln)
        .collect();
    let mean = bills.iter().sum::<f64>() / bills.len() as f64;
    let squares: f64 = bills.iter().map(|x| (x - mean) * (x - mean)).sum();
    let deviation = (squares / (bills.len() as f64 - 1.0)).sqrt();
    let effect = effects.iter().sum::<f64>() / effects.len() as f64;
    println!(
        "machines kept twice as long (spare_for 4 h in place of 2 h), 14 days, 20 tries of at most 20 pairs"
    );
    println!(
        "  the bill is {:.1} % more; that of one run varies by {:.1} %",
        effect * 100.0,
        deviation * 100.0
    );
    println!("  by pairs: found in {found} of 20");
    println!("  without pairs: found in {unpaired} of 20");
}

fn main() {
    let only = std::env::args().nth(1);
    let is_wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if is_wanted("cost") {
        three_percent();
    }
    if is_wanted("itself") {
        against_itself();
    }
}
