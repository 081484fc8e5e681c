//! What must hold, and what documents promise.

use seatrial_contract::config::{
    Element, Located, Name, Node, Path, Problems, Shape, Value, element,
};

/// A bound on a metric: a plain number, or a quantity whose unit the metric decides.
#[derive(Clone, Debug, PartialEq)]
pub enum Amount {
    /// For counts and ratios.
    Number(f64),
    /// For everything with a unit.
    Text(String),
}

impl Element for Amount {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        match &node.value {
            Value::Text(text) => Some(Self::Text(text.clone())),
            Value::Integer(_) | Value::Decimal(_) => {
                f64::read(node, path, problems).map(Self::Number)
            }
            other @ (Value::Bool(_) | Value::List(_) | Value::Table(_) | Value::Other(_)) => {
                let message = format!("this is {}, not an amount", other.called());
                let remedy = "write a number, or a quantity such as \"3 min\"";
                problems.add(path, node.place, message, remedy);
                None
            }
        }
    }
    fn shape() -> Shape {
        Shape::Either(vec![f64::shape(), String::shape()])
    }
    fn write(&self) -> Value {
        match self {
            Self::Number(number) => Value::Decimal(*number),
            Self::Text(text) => Value::Text(text.clone()),
        }
    }
}

element! {
    /// Something that must hold at the end of a run.
    pub struct Objective {
        /// Its name.
        name: Located<Name>,
        /// The metric that is bounded: `seatrial reference metrics` lists them.
        metric: Located<String>,
        /// It must not be above this; a number, or a quantity in the metric's unit such as `"2 s"`.
        at_most: Option<Located<Amount>> = None,
        /// It must not be below this; a number, or a quantity in the metric's unit such as `"99 %"`.
        at_least: Option<Located<Amount>> = None,
    }
}

element! {
    /// Something that a document promises.
    pub struct Claim {
        /// Its name.
        name: Located<Name>,
        /// Where it is promised.
        source: String,
        /// The metric that is bounded: `seatrial reference metrics` lists them.
        metric: Located<String>,
        /// It is promised not to be above this; a number, or a quantity in the metric's unit.
        at_most: Option<Located<Amount>> = None,
        /// It is promised not to be below this; a number, or a quantity in the metric's unit.
        at_least: Option<Located<Amount>> = None,
    }
}
