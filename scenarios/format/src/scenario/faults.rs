//! Faults as a file has them: tables with a kind, which are read by the room that knows the kinds. Knows none.

use super::Scenario;
use seatrial_contract::config::{Element, Node, Path, Problems, Shape, Value};
use std::sync::Arc;

/// A fault: its kind, when it comes, and what its kind takes.
#[derive(Clone, Debug, PartialEq)]
pub struct FaultTable {
    /// What the file says.
    pub node: Node,
    /// The text of the file beside it that it names, once that was read.
    pub file: Option<Arc<str>>,
}

impl Element for FaultTable {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        if let Value::Table(_) = node.value {
            return Some(Self { node: node.clone(), file: None });
        }
        let message = format!("this is {}, not a table", node.value.called());
        let remedy =
            "write a table `[[faults]]` with its `kind`; `seatrial reference faults` has all";
        problems.add(path, node.place, message, remedy);
        None
    }

    fn shape() -> Shape {
        Shape::Any
    }

    fn write(&self) -> Value {
        self.node.value.clone()
    }
}

impl Scenario {
    /// What a scenario file may say, where its faults are of this shape.
    #[must_use]
    pub fn shape_with(faults: Shape) -> Shape {
        let mut shape = Self::shape();
        if let Shape::Table(fields) = &mut shape
            && let Some(field) = fields.iter_mut().find(|field| field.key == "faults")
        {
            field.shape = Shape::List(Box::new(faults));
        }
        shape
    }
}
