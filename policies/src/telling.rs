//! Says a decision with the names of what it is about.

mod document;

pub use document::Document;

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use seatrial_contract::outside;
use seatrial_contract::units::mib;
use seatrial_contract::view::Names;
use seatrial_contract::{Action, ClusterView, Decision, Stage, Target, Verdict};

/// Knows what the policies and the rows of a view are called.
pub struct Teller<'a> {
    /// The policies, in the order of their file.
    pub words: &'a [String],
    /// The rows.
    pub names: &'a Names,
    /// The view.
    pub view: &'a ClusterView,
}

impl Teller<'_> {
    /// Who decided.
    #[must_use]
    pub fn policy(&self, decision: &Decision) -> &str {
        self.words.get(decision.policy.index()).map_or("?", String::as_str)
    }

    /// What about.
    #[must_use]
    pub fn target(&self, target: Target) -> String {
        match target {
            Target::Tenant(id) => outside::name(&self.names.tenant(id)),
            Target::Node(id) => outside::name(&self.names.node(id)),
            Target::Pool(id) => named(self.view.pools().get(id.index()).map(|of| &*of.name)),
            Target::Connections(id, tier) => {
                let pooler = self.view.poolers().get(id.index()).map(|of| &*of.name);
                let tier = self.view.tiers().get(tier.index()).map(|of| &*of.name);
                format!("{} for {}", named(pooler), named(tier))
            }
            Target::Database(id) => named(self.view.databases().get(id.index()).map(|of| &**of)),
            Target::Service(id) => named(self.view.services().get(id.index()).map(|of| &*of.name)),
        }
    }

    pub(crate) fn stage(&self, stage: Stage) -> String {
        outside::name(self.view.stages().name(stage))
    }

    /// What is done to it.
    #[must_use]
    pub fn deed(&self, decision: &Decision) -> String {
        match decision.verdict {
            Verdict::Act { action, .. } => self.does(action),
            Verdict::Hold => "hold".to_owned(),
        }
    }

    /// What an action does.
    #[must_use]
    pub fn does(&self, action: Action) -> String {
        let node = |id| self.target(Target::Node(id));
        match action {
            Action::Place { node: to, .. } => format!("place on {}", node(to)),
            Action::Move { from, node: to, .. } => {
                format!("move from {} to {}", node(from), node(to))
            }
            Action::Evict { from, .. } => format!("evict from {}", node(from)),
            Action::Abandon { from, .. } => format!("abandon {}", node(from)),
            Action::Hibernate { stage, .. } => format!("hibernate to {}", self.stage(stage)),
            Action::Resize { unit, to, .. } => {
                let name = named(self.names.units.get(unit.index()).map(String::as_str));
                let memory = mib(to.memory.0.div_ceil(mib(1).0));
                format!("resize {name} to {} and {memory}", to.cpu)
            }
            Action::LimitConnections { from, most, .. } => {
                format!("limit to {most} connections (from {from})")
            }
            Action::Scale { from, to, .. } => format!("scale to {to} replicas (from {from})"),
            Action::RevertRelease { from, to, .. } => {
                format!("revert to release {to} (from {from})")
            }
            Action::BackUp { is_full: true, .. } => "back up in full".to_owned(),
            Action::BackUp { is_full: false, .. } => "back up what was written since".to_owned(),
            Action::Restore { is_aside: false, .. } => "restore".to_owned(),
            Action::Restore { is_aside: true, .. } => "restore beside it".to_owned(),
            Action::FailOver { is_drill: false, .. } => "fail over".to_owned(),
            Action::FailOver { is_drill: true, .. } => "switch over".to_owned(),
            Action::AddNodes { count, .. } => format!("add {count} machines"),
            Action::Wake { .. }
            | Action::Cordon { .. }
            | Action::Uncordon { .. }
            | Action::Drain { .. }
            | Action::RemoveNode { .. } => action.word().to_owned(),
        }
    }
}

/// A name, safe to show; a logbook may speak of what its view does not have.
fn named(name: Option<&str>) -> String {
    name.map_or_else(|| "?".to_owned(), outside::name)
}
