//! Distributions of times, as files say them: a fixed span as text, or a table with its kind.

use seatrial_contract::config::{Element, Node, Path, Problems, Shape, Value, choice, element};
use seatrial_contract::units::Span;

/// How long something takes, each time it happens.
#[derive(Clone, Debug, PartialEq)]
pub enum DistributionFile {
    /// Always the same.
    Fixed(Span),
    /// Drawn anew each time.
    Drawn(Drawn),
}

choice! {
    /// A distribution of times.
    pub enum Drawn {
        /// Memoryless, by its mean.
        Exponential(Exponential) = "exponential",
        /// Heavy-tailed, by its median and 95th percentile.
        Lognormal(Lognormal) = "lognormal",
        /// Heavy-tailed, by its mean and squared coefficient of variation.
        LognormalScv(ByScv) = "lognormal-scv",
        /// Wear (shape above 1) or infant mortality (below 1), by its scale.
        Weibull(Weibull) = "weibull",
        /// A chain of equal exponential phases: steadier than one, by its mean.
        Erlang(Erlang) = "erlang",
        /// One of several exponential phases, each with its share.
        HyperExponential(HyperExponential) = "hyper-exponential",
        /// Two exponential phases of equal weight in time, by mean and squared coefficient of
        /// variation.
        HyperExponentialScv(ByScv) = "hyper-exponential-scv",
        /// Evenly between two spans.
        Uniform(Uniform) = "uniform",
        /// As measured: spans and how often each was seen.
        Empirical(Empirical) = "empirical",
    }
}

element! {
    /// Memoryless.
    pub struct Exponential {
        /// The mean.
        mean: Span,
    }
}
element! {
    /// Heavy-tailed.
    pub struct Lognormal {
        /// Half of all are shorter.
        median: Span,
        /// 95 of 100 are shorter.
        p95: Span,
    }
}
element! {
    /// By mean and spread.
    pub struct ByScv {
        /// The mean.
        mean: Span,
        /// Variance over squared mean.
        scv: f64,
    }
}
element! {
    /// Wear or infant mortality.
    pub struct Weibull {
        /// Above 1: wear; below 1: infant mortality.
        shape: f64,
        /// 63 of 100 are shorter.
        scale: Span,
    }
}
element! {
    /// A chain of equal phases.
    pub struct Erlang {
        /// How many phases.
        phases: u32,
        /// The mean of the whole chain.
        mean: Span,
    }
}
element! {
    /// One of several phases.
    pub struct HyperExponential {
        /// The phases; their shares count in proportion.
        phases: Vec<Phase>,
    }
}
element! {
    /// One phase.
    pub struct Phase {
        /// How often this phase is taken, in proportion to the others.
        share: f64,
        /// Its mean.
        mean: Span,
    }
}
element! {
    /// Evenly between two spans.
    pub struct Uniform {
        /// The shortest.
        from: Span,
        /// The longest.
        to: Span,
    }
}
element! {
    /// As measured.
    pub struct Empirical {
        /// Spans with their weights.
        values: Vec<Weighted>,
    }
}
element! {
    /// One measured span.
    pub struct Weighted {
        /// The span.
        value: Span,
        /// How often it was seen, in proportion to the others.
        weight: f64 = 1.0,
    }
}

impl Element for DistributionFile {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Text(_) => Span::read(node, path, problems).map(Self::Fixed),
            Value::Table(_) => {
                let drawn = Drawn::read(node, path, problems)?;
                if let Some(fault) = drawn.fault() {
                    fault.tell(node, path, problems);
                    return None;
                }
                Some(Self::Drawn(drawn))
            }
            other @ (Value::Bool(_)
            | Value::Integer(_)
            | Value::Decimal(_)
            | Value::List(_)
            | Value::Other(_)) => {
                let message = format!("this is {}, not a time or a distribution", other.called());
                let remedy = "write \"3 min\", or { kind = \"exponential\", mean = \"3 min\" }";
                problems.add(path, node.place, message, remedy);
                None
            }
        }
    }
    fn shape() -> Shape {
        Shape::Either(vec![Span::shape(), Drawn::shape()])
    }
    fn write(&self) -> Value {
        match self {
            Self::Fixed(span) => span.write(),
            Self::Drawn(drawn) => drawn.write(),
        }
    }
}
