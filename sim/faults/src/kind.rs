//! What the catalog asks of each kind of fault. Knows none.

use crate::control::Control;
use crate::{Hosts, Planned};
use core::ops::Deref;
use seatrial_contract::config::{Element, Located, Path, Problems};
use seatrial_contract::units::Span;
use seatrial_contract::{NodeId, ServiceId, Stream};
use seatrial_fleet::places::{Place, Stands};
use seatrial_fleet::{Fleet, SoldOut};
use seatrial_format::scenario::Scenario;
use std::collections::VecDeque;

/// A kind of fault, which is its configuration.
pub(crate) trait Kind: Element {
    /// What it does, in a sentence for the reference.
    const ABOUT: &'static str;

    /// What one of them is called that it may strike each on its own; nothing where it cannot.
    const EACH: Option<&'static str> = None;

    /// Whether it may stop the process of the policies.
    const STOPS_POLICIES: bool = false;

    /// Those that other sections of a scenario say, such as a database's outages.
    fn elsewhere(_: &Scenario) -> Vec<Planned<Self>> {
        Vec::new()
    }

    /// The file beside the scenario that it reads.
    fn reads(&self) -> Option<&Located<String>> {
        None
    }

    /// Says what it names and the scenario does not have.
    fn check(&self, of: &Checked<'_>, path: &Path<'_>, problems: &mut Problems);

    /// All that it may strike each on its own.
    fn targets<E: Hosts>(&self, _: &Fleet<E>) -> Vec<Target> {
        Vec::new()
    }

    /// Begins to disturb the fleet. What it strikes by chance it draws.
    fn begin<E: Hosts>(&self, scene: &mut Scene<'_, E>) -> Struck;

    /// Disturbs it no longer. What is lost at one moment has no end.
    fn end<E: Hosts>(&self, _: &mut Scene<'_, E>, _: &Struck) {}
}

/// A scenario in which a fault is checked, and what the fault's table says beside its kind.
pub(crate) struct Checked<'a> {
    pub(crate) scenario: &'a Scenario,
    /// Whether it strikes each of its targets on its own.
    pub(crate) is_each: bool,
    /// The file that it reads, where that could be read.
    pub(crate) file: Option<&'a str>,
}

impl Deref for Checked<'_> {
    type Target = Scenario;

    fn deref(&self) -> &Scenario {
        self.scenario
    }
}

/// One of those that a fault strikes each on its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Machine(NodeId),
    Place(Place),
    /// A database of the file.
    Database(u16),
}

impl Target {
    /// Whether it is there still.
    pub(crate) fn is_there<E: Hosts>(self, fleet: &Fleet<E>) -> bool {
        match self {
            Self::Machine(id) => !fleet.nodes[id.index()].is_gone(),
            Self::Place(_) | Self::Database(_) => true,
        }
    }
}

/// What a fault sees when it begins or ends.
pub(crate) struct Scene<'a, E: Hosts> {
    pub(crate) fleet: &'a mut Fleet<E>,
    /// Those who see and steer.
    pub(crate) control: &'a mut Control,
    /// Its chance.
    pub(crate) stream: Stream,
    /// The one that is struck, where each is on its own.
    pub(crate) on: Option<Target>,
    /// The file that it reads.
    pub(crate) file: Option<&'a str>,
}

/// What a fault struck, as it has to know when it ends.
#[derive(Clone, Debug, Default)]
pub(crate) struct Struck {
    /// Machines that are lost.
    pub(crate) machines: Vec<NodeId>,
    /// They are not lost: what stands there does badly, until it stands elsewhere.
    pub(crate) is_gray: bool,
    /// What is no machine, and is lost.
    pub(crate) stands: Vec<Stands>,
    /// The network between two places is cut: which cut it is.
    pub(crate) cut: Option<u64>,
    /// Of what no machine is to be had.
    pub(crate) sold_out: Option<SoldOut>,
    /// A service's release that is a bad one.
    pub(crate) release: Option<(ServiceId, u32)>,
    /// What it goes on to do, and how long after it began, in order of time.
    pub(crate) script: VecDeque<(Span, Step)>,
}

/// What a fault does after its beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It takes another machine.
    Lose(NodeId),
    /// It gives one back.
    BringBack(NodeId),
    /// It gives back what is no machine.
    Return,
    /// It is noticed.
    Noticed,
    /// It takes another one for good: what stood there has no machine any more.
    Reclaim(NodeId),
}
