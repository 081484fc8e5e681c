//! Those who listen while policies decide, and change nothing: a logbook, or somebody who looks on.

use crate::Logbook;
use crate::naming::Naming;
use seatrial_contract::units::Moment;
use seatrial_contract::view::Names;
use seatrial_contract::{Book, ClusterView, Decisions};
use seatrial_fleet::design::Design;
use seatrial_policies::Pilot;

/// A tick: what was seen, and what was decided on it.
pub struct Ticked<'a> {
    /// When.
    pub at: Moment,
    /// What was seen.
    pub view: &'a ClusterView,
    /// What its rows are called.
    pub names: &'a Names,
    /// What the policies are called.
    pub words: &'a [String],
    /// What was decided.
    pub decided: &'a Decisions,
    /// What is in flight then.
    pub book: &'a Book,
}

/// Is told of every tick, also of those before the run begins, in which tenants are given their first machines.
pub type Onlooker = Box<dyn FnMut(&Ticked<'_>)>;

/// Who listens.
pub(crate) enum Listener {
    /// A logbook.
    Logbook(Box<Logbook>),
    /// Somebody who looks on, and the names.
    Onlooker(Onlooker, Naming),
}

impl Listener {
    pub(crate) fn turn(
        &mut self,
        at: Moment,
        (view, design): (&ClusterView, &Design),
        words: &[String],
        pilot: &Pilot,
    ) {
        let decided = pilot.decided();
        match self {
            Self::Logbook(logbook) => logbook.turn(view, design, decided, pilot),
            Self::Onlooker(onlooker, naming) => {
                let names = naming.of(view, design);
                onlooker(&Ticked { at, view, names, words, decided, book: pilot.book() });
            }
        }
    }
}
