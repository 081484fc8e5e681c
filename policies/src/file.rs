//! The policy file: the same for the simulator and the bridge.

use crate::PolicyList;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use seatrial_contract::config::{Element, Node, Path, Problems, Shape, Value};
use seatrial_contract::outside::sentence;
use seatrial_contract::units::Span;
use seatrial_contract::{Guard, Stages, element};

element! {
    /// A set of policies, and the rails they all run on.
    pub struct PolicyFile {
        /// How often the policies look at the cluster.
        tick: TickLength = TickLength(Span::seconds(15)),
        /// When no destructive action is taken, whatever a policy wants.
        guard: Guard = Guard::default(),
        /// The policies. Where two want the same target, the one that stands first has it.
        policies: PolicyList = PolicyList::default(),
    }
}

impl PolicyFile {
    /// What its policies are called, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.policies.iter().map(|policy| policy.name().to_string()).collect()
    }

    /// What is wrong with looking at a cluster that calls its stages of sleep so: a step of a ladder to
    /// a stage that is not there would be no step.
    ///
    /// # Errors
    /// The first stage that is not there, as a sentence.
    pub fn knows(&self, stages: &Stages) -> Result<(), String> {
        for policy in self.policies.iter() {
            let mut named = policy.stages().into_iter();
            if let Some(lost) = named.find(|stage| stages.find(stage).is_none()) {
                return Err(format!(
                    "`{}` names a stage of sleep `{}`; have {}",
                    policy.name(),
                    sentence(lost),
                    stages.names().iter().map(|name| sentence(name)).collect::<Vec<_>>().join(", ")
                ));
            }
        }
        Ok(())
    }
}

/// From one look to the next. After nothing at all time would stand still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TickLength(pub Span);

impl TickLength {
    /// No host looks more often.
    const LEAST: Span = Span::millis(1);
}

impl Element for TickLength {
    fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
        let length = Span::read(node, path, problems)?;
        if length < Self::LEAST {
            let message = alloc::format!("{length} is below {}", Self::LEAST);
            problems.add(path, node.place, message, "write how often to look, such as \"15 s\"");
            return None;
        }
        Some(Self(length))
    }
    fn shape() -> Shape {
        Span::shape()
    }
    fn write(&self) -> Value {
        self.0.write()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_of_nothing_is_refused_with_the_remedy() {
        let read = |text: &str| {
            let file = Node::table([("tick", Node::text(text))]);
            let mut problems = Problems::default();
            let file = PolicyFile::read(&file, &Path::Root, &mut problems);
            file.map(|file| file.tick.0).ok_or_else(|| alloc::format!("{problems:?}"))
        };
        assert_eq!(read("1 ms"), Ok(Span::millis(1)));
        for short in ["0 s", "999 us", "1 ns"] {
            let told = read(short).expect_err("too short");
            assert!(told.contains("is below 1 ms"), "{told}");
        }
    }
}
