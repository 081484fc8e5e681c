//! A world that was run before and written down: its gated metrics alone. Runs nothing.

use super::world::World;
use seatrial_record::{BaselineCase, Goal, Half, Metric, Row, Unit};
use thiserror::Error;

/// A case of a baseline as one half.
pub struct Before<'a, E> {
    /// What it is called.
    pub name: String,
    /// What was written down.
    pub case: &'a BaselineCase,
    /// The metrics by name and unit, as the other half has them.
    pub units: &'a [Metric],
    /// The scenario's objectives and claims.
    pub goals: Vec<Goal>,
    /// How long a run lasts, in nanoseconds.
    pub duration: u64,
    /// As what it is told that a seed is not there.
    pub told: fn(NoSeed) -> E,
}

/// A seed that was not run then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the baseline has no seed {0}: accept it anew")]
pub struct NoSeed(pub u64);

impl<E: Send> World for Before<'_, E> {
    type Error = E;

    fn half(&self) -> Half {
        Half {
            name: self.name.clone(),
            policies: self.case.policies.clone(),
            duration: self.duration,
            ..Half::default()
        }
    }

    fn row(&self, seed: u64, _: bool) -> Result<Row, E> {
        let at = seed.checked_sub(self.case.seed).and_then(|at| usize::try_from(at).ok());
        let metrics: Option<Vec<Metric>> = self
            .case
            .metrics
            .iter()
            .map(|(name, values)| {
                let unit = self.units.iter().find(|of| of.name == *name).map(|of| of.unit);
                let value = *values.get(at?)?;
                Some(Metric::new(name.clone(), unit.unwrap_or(Unit::Ratio), value))
            })
            .collect();
        let metrics = metrics.ok_or_else(|| (self.told)(NoSeed(seed)))?;
        Ok(Row { seed, metrics, ..Row::default() })
    }
}
