//! Which metrics are gated and how, before the first run: those that are named, or money and what objectives and claims
//! are about. Reads no value.

use crate::judging::{Better, DIFFERENT_MOST, Measure, Scale};
use core::str::FromStr;
use seatrial_contract::config::{Element as _, Node, Path, Problems};
use seatrial_contract::units::{Bytes, Span};
use seatrial_record::{Bound, Goal, Metric, Unit};
use thiserror::Error;

/// A metric that somebody names, and what is no difference of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// The metric.
    pub name: String,
    /// The margin; the usual one where left out.
    pub margin: Option<Margin>,
    /// Which way is better; as objectives and claims have it where left out.
    pub better: Option<Better>,
}

/// What is no difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Margin {
    /// Such a share of the first.
    Share(f64),
    /// So much, in the metric's own unit.
    Amount(f64),
    /// It is yes or no.
    YesNo,
}

/// A text that is no margin.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no margin: write a share (1%), a number, a span (10s), a size (1MiB) or yes-no")]
pub struct NoMargin(String);

impl FromStr for Margin {
    type Err = NoMargin;

    /// A share is by ratio; a span is in seconds, a size in bytes, and a number in whatever unit.
    fn from_str(text: &str) -> Result<Self, NoMargin> {
        let wrong = || NoMargin(text.to_owned());
        let text = text.trim();
        let number = |text: &str| {
            let number = text.trim().parse().ok();
            number.filter(|of: &f64| of.is_finite() && *of > 0.0)
        };
        if text == "yes-no" {
            return Ok(Self::YesNo);
        }
        if let Some(share) = text.strip_suffix('%') {
            return number(share).map(|of| Self::Share(of / 100.0)).ok_or_else(wrong);
        }
        if let Some(number) = number(text.trim_start_matches('$')) {
            return Ok(Self::Amount(number));
        }
        let node = Node::text(text);
        let span = Span::read(&node, &Path::Root, &mut Problems::default());
        #[expect(clippy::cast_precision_loss, reason = "a margin")]
        let bytes = || {
            let size = Bytes::read(&node, &Path::Root, &mut Problems::default())?;
            Some(size.0 as f64)
        };
        let amount = span.map(Span::as_seconds).or_else(bytes).filter(|of| *of > 0.0);
        amount.map(Self::Amount).ok_or_else(wrong)
    }
}

/// A metric that is named and is not there.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("no metric is called `{name}` there{}", nearby(.near))]
pub struct NotDeclared {
    /// What was named.
    pub name: String,
    /// One that is there.
    pub near: Option<String>,
}

fn nearby(name: &Option<String>) -> String {
    name.as_ref().map_or(String::new(), |name| format!("; there is `{name}`"))
}

/// Money within such a share is the same.
const MONEY: f64 = 0.01;
/// Everything else.
const OTHERS: f64 = 0.05;
/// The bill of a month.
const BILL: &str = "bill_month";

/// The gated metrics.
///
/// # Errors
/// One is named that is not there.
pub fn declared(
    chosen: &[Chosen],
    goals: &[Goal],
    metrics: &[Metric],
) -> Result<Vec<Measure>, NotDeclared> {
    let unit = |name: &str| metrics.iter().find(|of| of.name == name).map(|of| of.unit);
    let goal = |name: &str| goals.iter().find(|goal| goal.metric == name);
    let mut all: Vec<Measure> = Vec::new();
    if chosen.is_empty() {
        let of_goals = goals.iter().map(|goal| goal.metric.as_str());
        for name in std::iter::once(BILL).chain(of_goals) {
            if let Some(unit) = unit(name)
                && !all.iter().any(|of| of.name == name)
            {
                all.push(usual(name, unit, goal(name).map(|goal| goal.bound)));
            }
        }
    }
    for of in chosen {
        let Some(unit) = unit(&of.name) else {
            let near = seatrial_contract::config::nearest(
                &of.name,
                metrics.iter().map(|of| of.name.as_str()),
            );
            return Err(NotDeclared { name: of.name.clone(), near: near.map(str::to_owned) });
        };
        let measure = usual(&of.name, unit, goal(&of.name).map(|goal| goal.bound));
        let measure = Measure { better: of.better.unwrap_or(measure.better), ..measure };
        all.push(match of.margin {
            None => measure,
            Some(Margin::Share(share)) => {
                Measure { scale: Scale::Ratio, margin: libm::log1p(share), ..measure }
            }
            Some(Margin::Amount(margin)) => Measure { scale: Scale::Difference, margin, ..measure },
            Some(Margin::YesNo) => {
                Measure { scale: Scale::YesNo, margin: DIFFERENT_MOST, ..measure }
            }
        });
    }
    Ok(all)
}

/// How a metric is compared where nobody says it: money and what has no bound by ratio, the rest by its bound.
fn usual(name: &str, unit: Unit, bound: Option<Bound>) -> Measure {
    let better = better(name, unit, bound);
    let by_ratio = |share: f64| (Scale::Ratio, libm::log1p(share));
    let (scale, margin) = match (unit, bound) {
        (Unit::Dollars, _) => by_ratio(MONEY),
        (_, None) => by_ratio(OTHERS),
        (_, Some(bound)) => (Scale::Difference, margin_of(unit, bound)),
    };
    Measure { name: name.to_owned(), scale, margin, better }
}

/// A twentieth of what is wished for; of a share, of what is nearer, nothing or all. Where nothing is wished for, little.
fn margin_of(unit: Unit, bound: Bound) -> f64 {
    let wish = bound.at_most.or(bound.at_least).unwrap_or_default().abs();
    let wish = if unit == Unit::Share { wish.min(1.0 - wish) } else { wish };
    if wish > 0.0 {
        return OTHERS * wish;
    }
    match unit {
        Unit::Count => 0.5,
        Unit::Seconds => 1.0,
        Unit::Share | Unit::Ratio | Unit::PerSecond | Unit::Cores | Unit::Dollars => 1e-3,
        Unit::Bytes => 1_048_576.0,
    }
}

fn better(name: &str, unit: Unit, bound: Option<Bound>) -> Better {
    if unit == Unit::Dollars {
        let is_income = ["revenue", "margin", "profit"].iter().any(|word| name.starts_with(word));
        return if is_income { Better::More } else { Better::Less };
    }
    match bound {
        Some(Bound { at_most: Some(_), at_least: None }) => Better::Less,
        Some(Bound { at_most: None, at_least: Some(_) }) => Better::More,
        Some(_) | None => Better::Neither,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seatrial_record::GoalKind;

    fn goal(metric: &str, unit: Unit, at_least: Option<f64>, at_most: Option<f64>) -> Goal {
        Goal {
            kind: GoalKind::Objective,
            name: format!("{metric} is well"),
            source: String::new(),
            metric: metric.to_owned(),
            value: None,
            bound: Bound { at_least, at_most },
            unit,
            holds: false,
        }
    }

    fn metrics() -> Vec<Metric> {
        [
            ("bill_month", Unit::Dollars),
            ("wait", Unit::Seconds),
            ("served", Unit::Share),
            ("kills", Unit::Count),
            ("moves", Unit::Count),
        ]
        .map(|(name, unit)| Metric::new(name, unit, 1.0))
        .into()
    }

    #[test]
    fn money_and_what_is_wished_for_is_gated_by_what_was_declared() {
        let goals = [
            goal("wait", Unit::Seconds, None, Some(300.0)),
            goal("served", Unit::Share, Some(0.99), None),
            goal("kills", Unit::Count, None, Some(0.0)),
            goal("bill_month", Unit::Dollars, Some(1.0), Some(2.0)),
            goal("gone", Unit::Count, None, Some(0.0)),
        ];
        let found = declared(&[], &goals, &metrics()).unwrap();
        let of = |name: &str| found.iter().find(|of| of.name == name).unwrap();
        assert_eq!(found.len(), 4);
        assert_eq!((of("bill_month").scale, of("bill_month").better), (Scale::Ratio, Better::Less));
        assert!((of("bill_month").margin - 1.01_f64.ln()).abs() < 1e-12);
        assert_eq!((of("wait").scale, of("wait").better), (Scale::Difference, Better::Less));
        assert!((of("wait").margin - 15.0).abs() < 1e-9);
        assert!((of("served").margin - 0.000_5).abs() < 1e-9);
        assert_eq!(of("served").better, Better::More);
        assert!((of("kills").margin - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_is_named_is_gated_alone_and_must_be_there() {
        let named = |name: &str, margin| Chosen { name: name.to_owned(), margin, better: None };
        let chosen =
            [named("moves", Some(Margin::Amount(3.0))), named("wait", Some(Margin::Share(0.02)))];
        let found = declared(&chosen, &[], &metrics()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].scale, found[0].better), (Scale::Difference, Better::Neither));
        assert!((found[1].margin - 1.02_f64.ln()).abs() < 1e-12);
        let wrong = declared(&[named("kill", None)], &[], &metrics()).unwrap_err();
        assert_eq!(wrong.to_string(), "no metric is called `kill` there; there is `kills`");
    }
}
