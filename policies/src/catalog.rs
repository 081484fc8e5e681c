//! Every policy there is, by the word that names it in a policy file. A new one is a file in this folder and a
//! line at the end of this file.

use crate::kind::{ActsOn, Kind};
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use seatrial_contract::config::{
    Element, Located, Node, Path, Problems, Shape, Value, Variant, choose,
};
use seatrial_contract::{Declared, Input, Policy};

macro_rules! catalog {
    ($($file:ident::$kind:ident = $word:literal),* $(,)?) => {
        $(pub mod $file;)*

        /// One policy and its configuration.
        #[derive(Clone, Debug, PartialEq)]
        pub enum PolicyConfig {
            $(
                #[doc = concat!("`", $word, "`")]
                $kind($file::$kind),
            )*
        }

        /// All reasons that policies declare for themselves.
        pub(crate) const REASONS: &[&[&Declared]] = &[$(<$file::$kind as Kind>::REASONS),*];

        impl PolicyConfig {
            fn kind(&self) -> &dyn Configured {
                match self {
                    $(Self::$kind(config) => config,)*
                }
            }

            /// The word that names it.
            #[must_use]
            pub fn word(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $word,)*
                }
            }
        }

        impl Element for PolicyConfig {
            fn read(node: &Node, path: &Path<'_>, problems: &mut Problems) -> Option<Self> {
                choose(node, path, problems, &[
                    $(($word, |node, path, problems| {
                        <$file::$kind>::read(node, path, problems).map(Self::$kind)
                    }),)*
                ])
            }

            fn shape() -> Shape {
                Shape::Choice(vec![$(Variant {
                    word: $word,
                    doc: <$file::$kind as Kind>::ABOUT.to_string(),
                    shape: <$file::$kind>::shape(),
                }),*])
            }

            fn write(&self) -> Value {
                Value::of_kind(self.word(), match self {
                    $(Self::$kind(config) => config.write(),)*
                })
            }
        }
    };
}

macro_rules! configured {
    ($($(#[doc = $doc:literal])* $what:ident: $answer:ty),* $(,)?) => {
        /// A kind of policy whose configuration is known.
        trait Configured {
            $(fn $what(&self) -> $answer;)*
        }

        impl<K: Kind> Configured for K {
            $(fn $what(&self) -> $answer {
                Kind::$what(self)
            })*
        }

        impl PolicyConfig {
            $(
                $(#[doc = $doc])*
                #[must_use]
                pub fn $what(&self) -> $answer {
                    self.kind().$what()
                }
            )*
        }
    };
}

configured! {
    /// The policy, with nothing remembered yet.
    start: Box<dyn Policy>,
    /// What it measures by.
    inputs: Vec<Input>,
    /// What it acts on.
    acts_on: ActsOn,
    /// The tiers it names, so that a host can say which do not exist.
    tiers: Vec<&Located<String>>,
    /// The stages of sleep it names, so that a host can say which do not exist.
    stages: Vec<&Located<String>>,
    /// The services it names, so that a host can say which do not exist.
    services: Vec<&Located<String>>,
    /// The databases it names, so that a host can say which do not exist.
    databases: Vec<&Located<String>>,
    /// The pools it names, so that a host can say which do not exist.
    pools: Vec<&Located<String>>,
}

catalog! {
    wake_admission::WakeAdmission = "wake-admission",
    least_loaded::LeastLoaded = "least-loaded",
    best_fit::BestFit = "best-fit",
    spread::Spread = "spread",
    quarantine::Quarantine = "quarantine",
    revert_release::RevertRelease = "revert-release",
    threshold::Threshold = "threshold",
    pack::Pack = "pack",
    pre_wake::PreWake = "pre-wake",
    idle_ladder::IdleLadder = "idle-ladder",
    right_size::RightSize = "right-size",
    connection_budget::ConnectionBudget = "connection-budget",
    hpa::Hpa = "hpa",
    evacuate::Evacuate = "evacuate",
    back_up::BackUp = "back-up",
    restore::Restore = "restore",
    rehearse::Rehearse = "rehearse",
    fail_over::FailOver = "fail-over",
    switch_over::SwitchOver = "switch-over",
    empty_zone::EmptyZone = "empty-zone",
    restart_budget::RestartBudget = "restart-budget",
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use seatrial_contract::Reason;

    #[test]
    fn every_declared_reason_has_a_word_of_its_own_and_says_all_its_facts() {
        let all: Vec<&Declared> = REASONS.iter().copied().flatten().copied().collect();
        for (index, of) in all.iter().enumerate() {
            let again = all.iter().skip(index + 1).any(|other| other.word == of.word);
            assert!(!again, "two policies declare a reason `{}`", of.word);
            let built_in = serde_json::from_value::<Reason>(serde_json::json!({ "why": of.word }));
            let error = built_in.expect_err("it has facts, or is nobody's").to_string();
            assert!(
                error.contains("unknown variant"),
                "the contract has a reason `{}`: {error}",
                of.word
            );
            for (name, _) in of.facts {
                let told = of.sentence.contains(&format!("{{{name}}}"));
                assert!(told, "the sentence of `{}` does not say `{name}`", of.word);
            }
        }
    }
}
