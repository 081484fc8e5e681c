//! Every kind of fault there is. A new one is a file in this folder and a line at the end of this file.

use crate::{Fault, Hosts, Planned};
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;

macro_rules! catalog {
    ($($file:ident::$kind:ident),* $(,)?) => {
        $(mod $file;)*

        /// A fault of any kind.
        pub(crate) enum Kind {
            $($kind($file::$kind)),*
        }

        impl Fault for Kind {
            fn planned(scenario: &Scenario) -> Vec<Planned<Self>> {
                let mut all = Vec::new();
                $(all.extend($file::$kind::planned(scenario).into_iter().map(|of| Planned {
                    fault: Self::$kind(of.fault),
                    at: of.at,
                    lasts: of.lasts,
                }));)*
                all
            }

            fn begin<E: Hosts>(&self, fleet: &mut Fleet<E>) {
                match self {
                    $(Self::$kind(fault) => fault.begin(fleet)),*
                }
            }

            fn end<E: Hosts>(&self, fleet: &mut Fleet<E>) {
                match self {
                    $(Self::$kind(fault) => fault.end(fleet)),*
                }
            }
        }
    };
}

/// All faults of a scenario, kind by kind.
pub(crate) fn planned(scenario: &Scenario) -> Vec<Planned<Kind>> {
    Kind::planned(scenario)
}

catalog! {
    replicas_lost::ReplicasLost,
    database_out::DatabaseOut,
}
