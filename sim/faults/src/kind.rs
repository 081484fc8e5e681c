//! What the catalog asks of each kind of fault. Knows none.

use crate::{Hosts, Planned};
use seatrial_contract::config::{Element, Path, Problems};
use seatrial_contract::{NodeId, Stream};
use seatrial_fleet::Fleet;
use seatrial_format::scenario::Scenario;

/// A kind of fault, which is its configuration.
pub(crate) trait Kind: Element {
    /// What it does, in a sentence for the reference.
    const ABOUT: &'static str;

    /// Those that other sections of a scenario say, such as a database's outages.
    fn elsewhere(_: &Scenario) -> Vec<Planned<Self>> {
        Vec::new()
    }

    /// Says what it names and the scenario does not have.
    fn check(&self, path: &Path<'_>, scenario: &Scenario, problems: &mut Problems);

    /// Begins to disturb the fleet. What it strikes by chance it draws from the stream.
    fn begin<E: Hosts>(&self, fleet: &mut Fleet<E>, stream: &mut Stream) -> Struck;

    /// Disturbs it no longer. What is lost at one moment has no end.
    fn end<E: Hosts>(&self, _: &mut Fleet<E>, _: &Struck) {}
}

/// What a fault struck, as it has to know when it ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Struck {
    /// Machines.
    pub(crate) machines: Vec<NodeId>,
}
