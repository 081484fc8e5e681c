//! Two worlds side by side, pair by pair: what differs, by how much, and where they part. Runs no world itself.

mod baseline;
mod covered;
mod declared;
mod why;
mod world;

use crate::judging::{
    Judged, Looks, Measure, Pairs as Values, Scale, Verdict, exposure, judge, watched,
};
pub use baseline::{Before, NoSeed};
pub use covered::Covered;
pub use declared::{Chosen, Margin, NoMargin, NotDeclared, declared};
use rayon::prelude::*;
use seatrial_record::{
    BrokenRow, COMPARISON_VERSION, Comparison, GoalKind, Half, Metric, Row, ScaleWord, Unit,
    VerdictRow, VerdictWord, WatchedRow,
};
pub(crate) use why::parting;
pub use world::World;

/// How two worlds are compared.
pub struct Terms<'a> {
    /// The gated metrics, as they were declared.
    pub measures: Vec<Measure>,
    /// When one looks.
    pub looks: Looks,
    /// The first seed; pairs take the next ones.
    pub seed: u64,
    /// Where the second world's seeds begin: elsewhere only where the procedure itself is tried.
    pub second_seed: u64,
    /// How many threads at the most; all cores where left out.
    pub threads: Option<usize>,
    /// Whether more pairs may be begun, where somebody minds the time.
    pub may_go_on: Option<&'a (dyn Fn() -> bool + Sync)>,
}

/// What a comparison came to.
pub struct Compared {
    /// What was found.
    pub found: Comparison,
    /// Of each gated metric its values, pair by pair.
    pub values: Vec<Values>,
    /// What the second went through.
    pub covered: Covered,
    /// What each run of the first and of the second found.
    pub rows: [Vec<Row>; 2],
}

/// The rows of both halves, pair by pair.
#[derive(Default)]
pub struct Pairs {
    first: Vec<Row>,
    second: Vec<Row>,
}

/// Compares two worlds: pairs are run until every gated metric is decided at a look, or there are no more looks.
///
/// # Errors
/// A run that failed.
pub fn compare<E: Send>(
    first: &dyn World<Error = E>,
    second: &dyn World<Error = E>,
    terms: &Terms<'_>,
) -> Result<Compared, E> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(terms.threads.unwrap_or(0)).build();
    let mut pairs = Pairs::default();
    for at in batches(&terms.looks) {
        let from = u32::try_from(pairs.first.len()).unwrap_or(u32::MAX);
        if from > 0 && terms.may_go_on.is_some_and(|may| !may()) {
            break;
        }
        let more = || run([first, second], terms, from, at);
        let rows = match &pool {
            Ok(pool) => pool.install(more),
            Err(_) => more(),
        };
        for (number, row) in rows?.into_iter().enumerate() {
            let half = if number % 2 == 0 { &mut pairs.first } else { &mut pairs.second };
            half.push(row);
        }
        let is_open =
            |measure| !judge(measure, &pairs.of(&measure.name), &terms.looks).verdict.is_decided();
        if !terms.measures.iter().any(is_open) {
            break;
        }
    }
    let values = terms.measures.iter().map(|measure| pairs.of(&measure.name)).collect();
    let second = second.half();
    let covered = covered::covered(&second.goals, &pairs.second);
    let found = pairs.found(first.half(), second, terms);
    Ok(Compared { found, values, covered, rows: [pairs.first, pairs.second] })
}

/// Runs so many seeds of one world, from one on.
///
/// # Errors
/// A run that failed.
pub fn rows<E: Send>(
    world: &dyn World<Error = E>,
    (seed, count): (u64, u32),
    threads: Option<usize>,
) -> Result<Vec<Row>, E> {
    let seeds: Vec<u64> = (0..count).map(|of| seed.wrapping_add(of.into())).collect();
    let run = || seeds.par_iter().map(|seed| world.row(*seed, false)).collect();
    match rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build() {
        Ok(pool) => pool.install(run),
        Err(_) => run(),
    }
}

/// After how many pairs it is judged: at each look, and now and then where one may look after every pair.
fn batches(looks: &Looks) -> Vec<u32> {
    if !looks.until_decided {
        return looks.at.clone();
    }
    let mut all: Vec<u32> = looks.at.iter().copied().filter(|at| at % 8 == 0).collect();
    all.extend(looks.at.last().filter(|last| *last % 8 != 0));
    all
}

/// Runs the pairs from one to another, both halves of each side by side.
fn run<E: Send>(
    worlds: [&dyn World<Error = E>; 2],
    terms: &Terms<'_>,
    from: u32,
    to: u32,
) -> Result<Vec<Row>, E> {
    let runs: Vec<(u32, usize)> = (from..to).flat_map(|pair| [(pair, 0), (pair, 1)]).collect();
    let run = |(pair, half): (u32, usize)| {
        let begins = [terms.seed, terms.second_seed][half];
        worlds[half].row(begins.wrapping_add(u64::from(pair)), pair == 0)
    };
    runs.into_par_iter().map(run).collect()
}

impl Pairs {
    /// The values of a metric.
    fn of(&self, name: &str) -> Vec<(Option<f64>, Option<f64>)> {
        let value = |row: &Row| row.metrics.iter().find(|of| of.name == name)?.value;
        self.first.iter().zip(&self.second).map(|(a, b)| (value(a), value(b))).collect()
    }

    fn found(&self, first: Half, second: Half, terms: &Terms<'_>) -> Comparison {
        let pairs = u32::try_from(self.first.len()).unwrap_or(u32::MAX);
        let verdicts = terms.measures.iter().map(|measure| self.verdict(measure, &terms.looks));
        let verdicts: Vec<VerdictRow> = verdicts.collect();
        let same = self.first.iter().zip(&self.second).filter(|(a, b)| a.digest == b.digest);
        Comparison {
            version: COMPARISON_VERSION,
            seeds: self.first.iter().map(|row| row.seed).collect(),
            looks: terms.looks.at.clone(),
            until_decided: terms.looks.until_decided,
            exposure: exposure(pairs),
            identical: u32::try_from(same.count()).unwrap_or(u32::MAX),
            watched: self.watched(terms),
            broken: self.broken(&first, &second),
            reasons: why::reasons(&self.first, &self.second),
            parting: parting(&self.first, &self.second),
            verdicts,
            first,
            second,
        }
    }

    fn verdict(&self, measure: &Measure, looks: &Looks) -> VerdictRow {
        let values = self.of(&measure.name);
        let judged = judge(measure, &values, looks);
        let seen = &values[..(judged.pairs as usize).min(values.len())];
        // By ratio, what is told are shares of the first.
        let told = |value: f64| match measure.scale {
            Scale::Ratio => libm::expm1(value),
            Scale::Difference | Scale::YesNo => value,
        };
        let finite = |value: f64| Some(told(value)).filter(|of| of.is_finite());
        VerdictRow {
            metric: measure.name.clone(),
            unit: self.unit(&measure.name),
            scale: match measure.scale {
                Scale::Ratio => ScaleWord::Ratio,
                Scale::Difference => ScaleWord::Difference,
                Scale::YesNo => ScaleWord::YesNo,
            },
            margin: told(measure.margin),
            verdict: word(&judged),
            first: mean(seen.iter().map(|of| of.0)),
            second: mean(seen.iter().map(|of| of.1)),
            effect: finite(judged.effect),
            low: finite(judged.low),
            high: finite(judged.high),
            pairs: judged.pairs,
            gain: judged.gain,
            needs: judged.needs,
        }
    }

    fn metrics(&self) -> impl Iterator<Item = &Metric> {
        let first = self.first.first().map(|row| row.metrics.as_slice());
        first.unwrap_or_default().iter()
    }

    fn unit(&self, name: &str) -> Unit {
        self.metrics().find(|of| of.name == name).map_or(Unit::Ratio, |of| of.unit)
    }

    /// Metrics that nobody gates, and that moved.
    fn watched(&self, terms: &Terms<'_>) -> Vec<WatchedRow> {
        let is_gated = |name: &str| terms.measures.iter().any(|of| of.name == name);
        let others: Vec<&Metric> = self.metrics().filter(|of| !is_gated(&of.name)).collect();
        let pairs: Vec<_> = others.iter().map(|of| self.of(&of.name)).collect();
        let row = |found: crate::judging::Watched| {
            let metric = others[found.place];
            WatchedRow {
                metric: metric.name.clone(),
                unit: metric.unit,
                first: found.means.0,
                second: found.means.1,
                chance: found.chance,
            }
        };
        watched(&pairs).into_iter().map(row).collect()
    }

    fn broken(&self, first: &Half, second: &Half) -> Vec<BrokenRow> {
        let count = |half: &Half, rows: &[Row], name: &str| {
            let place = half.goals.iter().position(|goal| goal.name == name);
            let place = place.and_then(|at| u32::try_from(at).ok());
            let broken = rows.iter().filter(|row| place.is_some_and(|at| row.broken.contains(&at)));
            u32::try_from(broken.count()).unwrap_or(u32::MAX)
        };
        let mut all: Vec<BrokenRow> = Vec::new();
        for goal in first.goals.iter().chain(&second.goals) {
            if all.iter().any(|of| of.name == goal.name) {
                continue;
            }
            all.push(BrokenRow {
                name: goal.name.clone(),
                is_objective: goal.kind == GoalKind::Objective,
                first: count(first, &self.first, &goal.name),
                second: count(second, &self.second, &goal.name),
            });
        }
        all
    }
}

fn mean(values: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let values: Vec<f64> = values.flatten().collect();
    #[expect(clippy::cast_precision_loss, reason = "pairs are few")]
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    (!values.is_empty()).then_some(mean)
}

fn word(judged: &Judged) -> VerdictWord {
    match judged.verdict {
        Verdict::Identical => VerdictWord::Identical,
        Verdict::Equivalent => VerdictWord::Equivalent,
        Verdict::Better => VerdictWord::Better,
        Verdict::Worse => VerdictWord::Worse,
        Verdict::Changed => VerdictWord::Changed,
        Verdict::Undecided => VerdictWord::Undecided,
        Verdict::Inconsistent => VerdictWord::Inconsistent,
    }
}
