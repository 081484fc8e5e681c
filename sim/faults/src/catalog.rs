//! Every kind of fault there is, by the word that names it in a scenario. A new one is a file in this folder and
//! a line at the end of this file.

use crate::kind::{Kind, Struck};
use crate::{Hosts, Planned};
use seatrial_contract::Stream;
use seatrial_contract::config::{Element, Node, Path, Problems, Shape, Value, Variant, choose};
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;

macro_rules! catalog {
    ($($file:ident::$kind:ident = $word:literal),* $(,)?) => {
        $(mod $file;)*

        /// A fault of any kind, and its configuration.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum FaultConfig {
            $($kind($file::$kind)),*
        }

        impl FaultConfig {
            /// The word that names its kind.
            pub(crate) fn word(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $word),*
                }
            }

            /// Those that other sections of a scenario say, kind by kind.
            pub(crate) fn elsewhere(scenario: &Scenario) -> Vec<Planned<Self>> {
                let mut all = Vec::new();
                $(all.extend($file::$kind::elsewhere(scenario).into_iter().map(|of| Planned {
                    fault: Self::$kind(of.fault),
                    at: of.at,
                    every: of.every,
                    lasts: of.lasts,
                }));)*
                all
            }

            /// Says what it names and the scenario does not have.
            pub(crate) fn check(&self, path: &Path<'_>, scenario: &Scenario, problems: &mut Problems) {
                match self {
                    $(Self::$kind(fault) => fault.check(path, scenario, problems)),*
                }
            }

            /// Begins to disturb the fleet.
            pub(crate) fn begin<E: Hosts>(
                &self,
                fleet: &mut Fleet<E>,
                stream: &mut Stream,
            ) -> Struck {
                match self {
                    $(Self::$kind(fault) => fault.begin(fleet, stream)),*
                }
            }

            /// Disturbs it no longer.
            pub(crate) fn end<E: Hosts>(&self, fleet: &mut Fleet<E>, struck: &Struck) {
                match self {
                    $(Self::$kind(fault) => fault.end(fleet, struck)),*
                }
            }
        }

        impl Element for FaultConfig {
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

catalog! {
    replicas_lost::ReplicasLost = "replicas-lost",
    database_out::DatabaseOut = "database-out",
    machine_crash::MachineCrash = "machine-crash",
    zone_loss::ZoneLoss = "zone-loss",
}
