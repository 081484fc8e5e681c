//! Objectives and claims: bounds on metrics, each in the metric's own unit. Judges nothing that
//! was not measured to hold.

use crate::World;
use crate::catalogue::renamed;
use seatrial_contract::config::{Located, Path, Problems, nearest};
use seatrial_contract::units::{
    Bytes, Frequency, MilliCores, Money, Ppm, Quantity, QuantityError, Span,
};
use seatrial_format::Sound;
use seatrial_format::scenario::{Amount, Claim, Objective, Scenario};
use seatrial_policies::PolicyFile;
use seatrial_record::{Bound, Goal, GoalKind, Metric, Unit};

/// The objectives, then the claims, not judged yet. What is wrong with them joins the problems.
#[must_use]
pub fn goals(
    scenario: &Scenario,
    policies: Option<&PolicyFile>,
    problems: &mut Problems,
) -> Vec<Goal> {
    let metrics = World::new(scenario, policies, scenario.seed).metrics();
    let objectives = scenario.objectives.iter().enumerate();
    let claims = scenario.claims.iter().enumerate();
    read(&metrics, &|_| true, objectives, claims, problems)
}

/// What is wrong with the goals of a scenario of which only a part is sound, as far as that part
/// tells.
pub(crate) fn goals_of_part(part: &Sound, problems: &mut Problems) {
    let Sound { scenario, objectives, claims, left_out, lost_sections } = part;
    let metrics = World::new(scenario, None, scenario.seed).metrics();
    // A metric of what is left out may be right.
    let is_known = |metric: &str| match metric.split_once('.') {
        None => !lost_sections,
        Some((_, of)) => left_out
            .as_ref()
            .is_some_and(|names| !names.iter().any(|name| of.split('.').any(|part| part == name))),
    };
    let objectives = objectives.iter().map(|(index, of)| (*index, of));
    let claims = claims.iter().map(|(index, of)| (*index, of));
    read(&metrics, &is_known, objectives, claims, problems);
}

fn read<'a>(
    metrics: &[Metric],
    is_known: &dyn Fn(&str) -> bool,
    objectives: impl Iterator<Item = (usize, &'a Objective)>,
    claims: impl Iterator<Item = (usize, &'a Claim)>,
    problems: &mut Problems,
) -> Vec<Goal> {
    let mut goals = Vec::new();
    for (index, of) in objectives.filter(|(_, of)| is_known(&of.metric.value)) {
        let path = Path::Key(&Path::Root, "objectives");
        let path = Path::Index(&path, index);
        let mut reader = Reader { metrics, path: &path, problems };
        let ends = (of.at_least.as_ref(), of.at_most.as_ref());
        if let Some((unit, bound)) = reader.bound(&of.metric, ends) {
            goals.push(goal(GoalKind::Objective, of.name.as_str(), "", &of.metric, unit, bound));
        }
    }
    for (index, of) in claims.filter(|(_, of)| is_known(&of.metric.value)) {
        let path = Path::Key(&Path::Root, "claims");
        let path = Path::Index(&path, index);
        let mut reader = Reader { metrics, path: &path, problems };
        let ends = (of.at_least.as_ref(), of.at_most.as_ref());
        if let Some((unit, bound)) = reader.bound(&of.metric, ends) {
            let name = of.name.as_str();
            goals.push(goal(GoalKind::Claim, name, &of.source, &of.metric, unit, bound));
        }
    }
    goals
}

fn goal(
    kind: GoalKind,
    name: &str,
    source: &str,
    metric: &Located<String>,
    unit: Unit,
    bound: Bound,
) -> Goal {
    Goal {
        kind,
        name: name.to_owned(),
        source: source.to_owned(),
        metric: metric.value.clone(),
        value: None,
        bound,
        unit,
        holds: false,
    }
}

struct Reader<'a> {
    metrics: &'a [Metric],
    path: &'a Path<'a>,
    problems: &'a mut Problems,
}

type Ends<'a> = (Option<&'a Located<Amount>>, Option<&'a Located<Amount>>);

impl Reader<'_> {
    fn bound(&mut self, metric: &Located<String>, ends: Ends<'_>) -> Option<(Unit, Bound)> {
        let Some(found) = self.metrics.iter().find(|known| known.name == metric.value) else {
            let remedy = self.candidates(&metric.value);
            let message = format!("no metric `{}`", metric.value);
            self.problems.add(&Path::Key(self.path, "metric"), metric.place, message, remedy);
            return None;
        };
        if ends.0.is_none() && ends.1.is_none() {
            let message = "no bound on the metric";
            let remedy = "add `at_most`, `at_least`, or both";
            self.problems.add(self.path, metric.place, message, remedy);
            return None;
        }
        let unit = found.unit;
        let at_least = self.amount("at_least", ends.0, unit)?;
        let at_most = self.amount("at_most", ends.1, unit)?;
        Some((unit, Bound { at_least, at_most }))
    }

    /// Metrics of this scenario that may have been meant.
    fn candidates(&self, wanted: &str) -> String {
        let names = || self.metrics.iter().map(|known| known.name.as_str());
        if let Some(new) = renamed(wanted).filter(|new| names().any(|known| known == new)) {
            return format!("it is called `{new}` now");
        }
        if let Some(near) = nearest(wanted, names()) {
            return format!("did you mean `{near}`?");
        }
        // Of the same kind, or of the same part of the world.
        let (kind, of) =
            wanted.split_once('.').map_or((wanted, None), |(kind, of)| (kind, Some(of)));
        let stem = kind.split('_').next().unwrap_or(kind);
        let near = |name: &str| {
            let (known, part) = name.split_once('.').map_or((name, None), |(k, of)| (k, Some(of)));
            known == kind || (of.is_some() && part == of) || known.split('_').next() == Some(stem)
        };
        let some: Vec<String> =
            names().filter(|name| near(name)).take(6).map(|name| format!("`{name}`")).collect();
        match some.len() {
            0 => "`seatrial reference metrics` lists all metrics".to_owned(),
            _ => format!("this scenario has {}, among others", some.join(", ")),
        }
    }

    /// The amount in the metric's unit; the outer option is empty where it is wrong.
    fn amount(
        &mut self,
        key: &str,
        amount: Option<&Located<Amount>>,
        unit: Unit,
    ) -> Option<Option<f64>> {
        let Some(amount) = amount else { return Some(None) };
        match in_unit(&amount.value, unit) {
            Ok(value) => Some(Some(value)),
            Err(error) => {
                let path = Path::Key(self.path, key);
                self.problems.add(&path, amount.place, error.message, error.remedy);
                None
            }
        }
    }
}

fn in_unit(amount: &Amount, unit: Unit) -> Result<f64, QuantityError> {
    let text = match (amount, unit) {
        (Amount::Number(number), Unit::Count | Unit::Ratio | Unit::Share) => return Ok(*number),
        (Amount::Number(number), _) => {
            return Err(QuantityError {
                message: format!("`{number}` has no unit; the metric is in {}", unit.word()),
                remedy: format!("write it in quotes, such as {}", example(unit)),
            });
        }
        (Amount::Text(text), _) => text,
    };
    match unit {
        Unit::Seconds => Span::parse(text).map(Span::as_seconds),
        Unit::Share => Ppm::parse(text).map(|share| f64::from(share.0) / 1e6),
        Unit::Dollars => Money::parse(text).map(Money::as_units),
        #[expect(clippy::cast_precision_loss, reason = "a bound, compared with a rounded metric")]
        Unit::Cores => MilliCores::parse(text).map(|cpu| cpu.0 as f64 / 1e3),
        #[expect(clippy::cast_precision_loss, reason = "a bound, compared with a rounded metric")]
        Unit::Bytes => Bytes::parse(text).map(|size| size.0 as f64),
        Unit::PerSecond => Frequency::parse(text).map(Frequency::per_second),
        Unit::Count | Unit::Ratio => text.trim().parse().map_err(|_| QuantityError {
            message: format!("`{text}` is no number"),
            remedy: format!("the metric is a {}: write a number, unquoted", unit.word()),
        }),
    }
}

fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::Seconds => Span::EXAMPLE,
        Unit::Share => Ppm::EXAMPLE,
        Unit::Dollars => Money::EXAMPLE,
        Unit::Cores => MilliCores::EXAMPLE,
        Unit::Bytes => Bytes::EXAMPLE,
        Unit::PerSecond => Frequency::EXAMPLE,
        Unit::Count | Unit::Ratio => "12",
    }
}
