//! A fault as a scenario has it: its kind, what it is called, when it comes. Knows no kind.

use crate::Planned;
use crate::catalog::FaultConfig;
use crate::kind::Checked;
use core::num::NonZeroU32;
use seatrial_contract::config::{
    Element, Located, Name, Node, Path, Problems, Shape, Value, Variant, element,
};
use seatrial_contract::units::Span;
use seatrial_format::scenario::{DistributionFile, Scenario};
use seatrial_traffic::distributions::distribution;

element! {
    /// What every fault has.
    pub struct Common {
        /// What it is called; by its kind where left out.
        name: Option<Located<Name>> = None,
        /// When it comes first, counted from the start of the run.
        at: Located<DistributionFile>,
        /// How long after it has come it comes again, whether it is over or not; it comes once where left out.
        every: Option<Located<DistributionFile>> = None,
        /// How long after it is over it comes again, in place of `every`.
        again_after: Option<Located<DistributionFile>> = None,
        /// How long it lasts; what is lost at one moment, and what never heals, has none.
        lasts: Option<Located<DistributionFile>> = None,
        /// Whether each of those that it may strike has it on its own: with times of its own, and alone.
        each: Located<bool> = Located::nowhere(false),
        /// How many of it can be repaired at the same time, each for as long as it `lasts`; others wait for
        /// their turn. Any number where left out.
        crews: Option<Located<NonZeroU32>> = None,
    }
}

pub(crate) const COMMON: [&str; 7] =
    ["name", "at", "every", "again_after", "lasts", "each", "crews"];

/// Faults do not come more often than this, on the mean.
const EVERY_LEAST: Span = Span::minutes(1);

/// A fault of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    common: Common,
    pub(crate) config: FaultConfig,
}

impl Entry {
    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        self.common.name.as_ref().map_or_else(|| self.config.word(), |name| name.as_str())
    }

    /// It, and when it comes.
    pub(crate) fn planned(self) -> Planned<FaultConfig> {
        let drawn = |of: Option<Located<DistributionFile>>| of.map(|of| distribution(&of.value));
        Planned {
            fault: self.config,
            at: distribution(&self.common.at.value),
            every: drawn(self.common.every),
            again_after: drawn(self.common.again_after),
            lasts: drawn(self.common.lasts),
            is_each: self.common.each.value,
            crews: self.common.crews.map(|crews| crews.value.get()),
        }
    }

    /// Says that it never comes, if so.
    pub(crate) fn warn(&self, path: &Path<'_>, scenario: &Scenario, problems: &mut Problems) {
        let (at, duration) = (&self.common.at, scenario.duration.value);
        if matches!(at.value, DistributionFile::Fixed(at) if at >= duration) {
            let message = format!("it never comes: the run is over after {duration}");
            let remedy = "let it come before that, or the run last longer";
            problems.add(&Path::Key(path, "at"), at.place, message, remedy);
        }
    }

    /// Says what is wrong with it in this scenario.
    pub(crate) fn check(
        &self,
        path: &Path<'_>,
        scenario: &Scenario,
        file: Option<&str>,
        problems: &mut Problems,
    ) {
        let is_each = self.common.each.value;
        let kind = &self.config;
        kind.check(&Checked { scenario, is_each, file }, path, problems);
        let Common { every, again_after, lasts, each, crews, .. } = &self.common;
        let mean = |of: &Located<DistributionFile>| distribution(&of.value).mean();
        for (key, of) in [("every", every), ("again_after", again_after)] {
            if let Some(gap) = of.as_ref().filter(|of| mean(of) < EVERY_LEAST) {
                let message = format!("more often than every {EVERY_LEAST}, on the mean");
                let remedy = "write how long it takes until it comes again, such as \"30 d\"";
                problems.add(&Path::Key(path, key), gap.place, message, remedy);
            }
        }
        if let Some(lasts) = lasts.as_ref().filter(|of| mean(of) == Span::ZERO) {
            let remedy = "write how long it lasts, or leave it out";
            let path = Path::Key(path, "lasts");
            problems.add(&path, lasts.place, "a fault of no time is none", remedy);
        }
        let mut say = |key: &str, place, message: &str, remedy: &str| {
            problems.add(&Path::Key(path, key), place, message, remedy);
        };
        if let (Some(_), Some(again)) = (every, again_after) {
            say(
                "again_after",
                again.place,
                "it comes again by `every` already",
                "keep one of the two",
            );
        }
        let endless = "it is never over: `lasts` is left out";
        if let (Some(again), None) = (again_after, lasts) {
            say(
                "again_after",
                again.place,
                endless,
                "write how long it `lasts`, or `every` in its place",
            );
        }
        if let (Some(crews), None) = (crews, lasts) {
            say("crews", crews.place, endless, "write how long a repair takes as `lasts`");
        }
        if is_each && kind.each().is_none() {
            let message =
                format!("`{}` strikes what it names, and not each of several", kind.word());
            say("each", each.place, &message, "leave it out");
        }
    }
}

impl Element for Entry {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            let config = FaultConfig::read(node, path, problems);
            debug_assert!(config.is_none(), "a kind is a table");
            return None;
        };
        let (common, rest): (Vec<_>, Vec<_>) =
            entries.iter().cloned().partition(|entry| COMMON.contains(&entry.key.as_str()));
        let table = |entries| Node { value: Value::Table(entries), place: node.place };
        // Both, so that all that is wrong is told at once.
        let config = FaultConfig::read(&table(rest), path, problems);
        let common = Common::read(&table(common), path, problems);
        Some(Self { common: common?, config: config? })
    }

    fn shape() -> Shape {
        let (Shape::Choice(variants), Shape::Table(common)) =
            (FaultConfig::shape(), Common::shape())
        else {
            return Shape::Any;
        };
        let with_common = |variant: Variant| {
            let Shape::Table(own) = variant.shape else { return variant };
            Variant { shape: Shape::Table(common.iter().cloned().chain(own).collect()), ..variant }
        };
        Shape::Choice(variants.into_iter().map(with_common).collect())
    }

    fn write(&self) -> Value {
        match (self.config.write(), self.common.write()) {
            (Value::Table(own), Value::Table(common)) => {
                let all = own.into_iter().chain(common);
                Value::table(all.map(|entry| (entry.key, entry.node.value)))
            }
            (own, _) => own,
        }
    }
}
