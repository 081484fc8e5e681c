//! What actions are called in tables.

use super::Action;

impl Action {
    /// The words for all actions, as [`Action::word`] has them.
    pub const WORDS: [&'static str; 20] = [
        "place",
        "move",
        "evict",
        "abandon",
        "hibernate",
        "wake",
        "resize",
        "add-nodes",
        "cordon",
        "uncordon",
        "drain",
        "remove-node",
        "limit-connections",
        "scale",
        "revert-release",
        "back-up",
        "restore",
        "restore-aside",
        "fail-over",
        "switch-over",
    ];

    /// The word for it in tables.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Place { .. } => "place",
            Self::Move { .. } => "move",
            Self::Evict { .. } => "evict",
            Self::Abandon { .. } => "abandon",
            Self::Hibernate { .. } => "hibernate",
            Self::Wake { .. } => "wake",
            Self::Resize { .. } => "resize",
            Self::AddNodes { .. } => "add-nodes",
            Self::Cordon { .. } => "cordon",
            Self::Uncordon { .. } => "uncordon",
            Self::Drain { .. } => "drain",
            Self::RemoveNode { .. } => "remove-node",
            Self::LimitConnections { .. } => "limit-connections",
            Self::Scale { .. } => "scale",
            Self::RevertRelease { .. } => "revert-release",
            Self::BackUp { .. } => "back-up",
            Self::Restore { is_aside: false, .. } => "restore",
            Self::Restore { is_aside: true, .. } => "restore-aside",
            Self::FailOver { is_drill: false, .. } => "fail-over",
            Self::FailOver { is_drill: true, .. } => "switch-over",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::collections::BTreeSet;
    use alloc::string::ToString;

    #[test]
    fn the_words_are_those_of_all_actions_there_are() {
        // Whoever reads actions names all that it knows where there is another.
        let all = serde_json::from_str::<Action>(r#"{"do": "sink"}"#).unwrap_err().to_string();
        let mut all: BTreeSet<&str> = all.split('`').skip(3).step_by(2).collect();
        assert!(all.contains("fail-over"), "{all:?}");
        // Two are told apart by what they are for.
        all.extend(["restore-aside", "switch-over"]);
        assert_eq!(all, BTreeSet::from(Action::WORDS));
        assert_eq!(all.len(), Action::WORDS.len());
    }
}
