//! Distributions of sizes, as files say them: a fixed size as text, or a table with its kind.

use seatrial_contract::config::{Element, Located, Node, Path, Place, Problems, Shape, Value};
use seatrial_contract::config::{choice, element};
use seatrial_contract::units::Bytes;

/// How large something is.
#[derive(Clone, Debug, PartialEq)]
pub enum SizeFile {
    /// Always the same.
    Fixed(Located<Bytes>),
    /// One differs from the next.
    Drawn(DrawnSize),
}

choice! {
    /// A distribution of sizes.
    pub enum DrawnSize {
        /// Heavy-tailed, by its median and 95th percentile.
        Lognormal(LognormalSize) = "lognormal",
        /// Evenly between two sizes.
        Uniform(UniformSize) = "uniform",
    }
}

element! {
    /// Heavy-tailed.
    pub struct LognormalSize {
        /// Half of all are smaller.
        median: Located<Bytes>,
        /// 95 of 100 are smaller.
        p95: Located<Bytes>,
    }
}
element! {
    /// Evenly between two sizes.
    pub struct UniformSize {
        /// The smallest.
        from: Located<Bytes>,
        /// The largest.
        to: Located<Bytes>,
    }
}

impl SizeFile {
    /// Where its first size stands.
    #[must_use]
    pub fn place(&self) -> Place {
        match self {
            Self::Fixed(size) => size.place,
            Self::Drawn(DrawnSize::Lognormal(distribution)) => distribution.median.place,
            Self::Drawn(DrawnSize::Uniform(distribution)) => distribution.from.place,
        }
    }
}

impl Element for SizeFile {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Text(_) => Located::read(node, path, problems).map(Self::Fixed),
            Value::Table(_) => DrawnSize::read(node, path, problems).map(Self::Drawn),
            other @ (Value::Bool(_)
            | Value::Integer(_)
            | Value::Decimal(_)
            | Value::List(_)
            | Value::Other(_)) => {
                let message = format!("this is {}, not a size or a distribution", other.called());
                let remedy =
                    "write \"1 KiB\", or { kind = \"uniform\", from = \"1 KiB\", to = \"4 KiB\" }";
                problems.add(path, node.place, message, remedy);
                None
            }
        }
    }
    fn shape() -> Shape {
        Shape::Either(vec![Bytes::shape(), DrawnSize::shape()])
    }
    fn write(&self) -> Value {
        match self {
            Self::Fixed(size) => size.write(),
            Self::Drawn(drawn) => drawn.write(),
        }
    }
}
