//! What makes the parameters of a distribution impossible, and how to mend them. The limits are
//! those of the simulator's distributions: what passes here can be drawn. Draws nothing.

use super::{Drawn, Empirical, Erlang, HyperExponential, Lognormal, Uniform, Weibull};
use seatrial_contract::config::{Node, Path, Problems, Value};
use seatrial_contract::units::Span;

/// Something impossible, and at which key.
pub(super) struct Fault {
    key: &'static str,
    /// Which entry, where the key holds a list.
    entry: Option<usize>,
    message: String,
    remedy: String,
}

/// The simulator counts weights in millionths and adds them up in 64 bits.
const WEIGHT_LEAST: f64 = 1e-6;
const WEIGHT_MOST: f64 = 1e6;
/// Wider distributions have moments that leave what a float can hold.
const SPREAD_MOST: f64 = 1e6;
/// As many phases as one distribution may have.
const PHASES_MOST: usize = 1_000;

impl Drawn {
    /// What makes the parameters impossible; nothing where they are fine.
    pub(super) fn fault(&self) -> Option<Fault> {
        match self {
            Self::Exponential(distribution) => mean(distribution.mean),
            Self::Lognormal(distribution) => lognormal(distribution),
            Self::LognormalScv(distribution) => {
                mean(distribution.mean).or_else(|| lognormal_scv(distribution.scv))
            }
            Self::Weibull(distribution) => weibull(distribution),
            Self::Erlang(distribution) => mean(distribution.mean).or_else(|| erlang(distribution)),
            Self::HyperExponential(distribution) => hyper_exponential(distribution),
            Self::HyperExponentialScv(distribution) => {
                mean(distribution.mean).or_else(|| hyper_scv(distribution.scv))
            }
            Self::Uniform(distribution) => uniform(distribution),
            Self::Empirical(distribution) => empirical(distribution),
        }
    }
}

impl Fault {
    /// Adds it to the problems, at the key or entry that it is about.
    pub(super) fn tell(self, distribution: &Node, path: &Path<'_>, problems: &mut Problems) {
        let path = Path::Key(path, self.key);
        let node = distribution.get(self.key).unwrap_or(distribution);
        let entry = match (&node.value, self.entry) {
            (Value::List(nodes), Some(index)) => nodes.get(index).map(|node| (index, node)),
            _ => None,
        };
        match entry {
            Some((index, node)) => {
                problems.add(&Path::Index(&path, index), node.place, self.message, self.remedy);
            }
            None => problems.add(&path, node.place, self.message, self.remedy),
        }
    }
}

fn fault(
    key: &'static str,
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> Option<Fault> {
    Some(Fault { key, entry: None, message: message.into(), remedy: remedy.into() })
}

fn entry(
    key: &'static str,
    index: usize,
    message: impl Into<String>,
    remedy: &str,
) -> Option<Fault> {
    let (message, remedy) = (message.into(), remedy.into());
    Some(Fault { key, entry: Some(index), message, remedy })
}

fn mean(mean: Span) -> Option<Fault> {
    if mean > Span::ZERO {
        return None;
    }
    let remedy = "write a mean above 0 s, or just \"0 s\" in place of the table for no time at all";
    fault("mean", "a random time cannot have a mean of 0 s", remedy)
}

fn lognormal(distribution: &Lognormal) -> Option<Fault> {
    let (median, p95) = (distribution.median, distribution.p95);
    if median == Span::ZERO {
        let remedy = "write a median above 0 s; half of all times are shorter than it";
        return fault("median", "a lognormal time cannot have a median of 0 s", remedy);
    }
    if p95 <= median {
        let message = format!("p95 ({p95}) is not above the median ({median})");
        let remedy = "make p95 larger: half of all are longer than the median, 5 of 100 than p95";
        return fault("p95", message, remedy);
    }
    if p95.as_seconds() / median.as_seconds() > SPREAD_MOST {
        let message = format!("p95 ({p95}) is more than a million times the median ({median})");
        return fault("p95", message, "bring them closer together");
    }
    None
}

fn lognormal_scv(scv: f64) -> Option<Fault> {
    if scv <= 0.0 {
        let remedy = "write an scv above 0, or just the mean in place of the table for a time \
                      that is always the same";
        return fault("scv", format!("an scv of {scv} leaves nothing to chance"), remedy);
    }
    too_wide(scv)
}

fn hyper_scv(scv: f64) -> Option<Fault> {
    if scv < 1.0 {
        let message = format!("a hyper-exponential time has an scv of at least 1, not {scv}");
        return fault(
            "scv",
            message,
            "write 1 or more, or use kind = \"erlang\" for a steadier time",
        );
    }
    too_wide(scv)
}

fn too_wide(scv: f64) -> Option<Fault> {
    if scv <= SPREAD_MOST {
        return None;
    }
    fault("scv", format!("an scv of {scv} is above a million"), "write a smaller one")
}

fn weibull(distribution: &Weibull) -> Option<Fault> {
    // Below 0.1 the mean is over ten million scales; above 100 the time is as good as fixed.
    if !(0.1..=100.0).contains(&distribution.shape) {
        let message = format!("a shape of {} is outside 0.1 to 100", distribution.shape);
        return fault("shape", message, "write 1.0 for failures without memory, 2.0 for wear");
    }
    if distribution.scale == Span::ZERO {
        return fault("scale", "a Weibull time cannot have a scale of 0 s", "write a longer one");
    }
    None
}

fn erlang(distribution: &Erlang) -> Option<Fault> {
    let phases = usize::try_from(distribution.phases).unwrap_or(usize::MAX);
    if (1..=PHASES_MOST).contains(&phases) {
        return None;
    }
    let message = format!("{} phases are outside 1 to {PHASES_MOST}", distribution.phases);
    fault("phases", message, "write 1 for an exponential time, 4 for one of half its spread")
}

fn hyper_exponential(distribution: &HyperExponential) -> Option<Fault> {
    let count = distribution.phases.len();
    if !(1..=PHASES_MOST).contains(&count) {
        let message = format!("{count} phases are outside 1 to {PHASES_MOST}");
        return fault("phases", message, "give a { share, mean } for each phase");
    }
    distribution.phases.iter().enumerate().find_map(|(index, phase)| {
        if !(WEIGHT_LEAST..=WEIGHT_MOST).contains(&phase.share) {
            let message = format!("a share of {} is outside 0.000001 to 1000000", phase.share);
            return entry("phases", index, message, "shares count in proportion: 3 and 1 will do");
        }
        (phase.mean == Span::ZERO)
            .then(|| {
                entry("phases", index, "a phase cannot have a mean of 0 s", "write a longer one")
            })
            .flatten()
    })
}

fn uniform(distribution: &Uniform) -> Option<Fault> {
    let (from, to) = (distribution.from, distribution.to);
    if to < from {
        return fault("to", format!("`to` ({to}) is shorter than `from` ({from})"), "swap the two");
    }
    if to == from {
        let remedy = format!("make `to` longer, or write just \"{to}\" in place of the table");
        return fault("to", format!("`from` and `to` are both {to}"), remedy);
    }
    None
}

fn empirical(distribution: &Empirical) -> Option<Fault> {
    let remedy = "give at least one { value = \"3 min\", weight = 1 }";
    if distribution.values.is_empty() {
        return fault("values", "there is no value to draw from", remedy);
    }
    let possible = |weight: f64| weight == 0.0 || (WEIGHT_LEAST..=WEIGHT_MOST).contains(&weight);
    if let Some(index) = distribution.values.iter().position(|value| !possible(value.weight)) {
        let message = format!(
            "a weight of {} is outside 0.000001 to 1000000",
            distribution.values[index].weight
        );
        return entry("values", index, message, "weights count in proportion: 3 and 1 will do");
    }
    if distribution.values.iter().all(|value| value.weight == 0.0) {
        return fault("values", "every value has a weight of 0", remedy);
    }
    None
}
