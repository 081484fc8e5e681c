//! What each fault took and how it came back, step by step. Knows no kind, and decides nothing.

use crate::Hosts;
use crate::kind::Struck;
use seatrial_contract::units::Moment;
use seatrial_contract::{NodeId, ServiceId, TenantId};
use seatrial_fleet::Fleet;
use seatrial_fleet::replicas::releases;
use seatrial_traffic::queries;
use seatrial_traffic::recovering::has_no_primary;
use std::collections::BTreeSet;

/// All incidents of a run.
#[derive(Default)]
pub struct Incidents {
    /// The first of them, in the order in which they struck.
    pub rows: Vec<Incident>,
    /// Those of which something is not back yet.
    open: Vec<usize>,
}

/// What one fault took.
#[derive(Clone, Debug)]
pub struct Incident {
    /// The fault, by its place among all.
    pub fault: usize,
    /// When it struck.
    pub at: Moment,
    /// When the fault was over.
    pub healed: Option<Moment>,
    /// Machines that were lost.
    pub machines: BTreeSet<NodeId>,
    /// Tenants that served until then.
    pub tenants: u32,
    /// Those of them that do not serve yet.
    pub left: BTreeSet<TenantId>,
    /// Databases whose primary was lost.
    pub databases: Vec<u16>,
    /// They are not lost, and what stands there does badly.
    pub is_gray: bool,
    /// A release of a service that was a bad one.
    pub release: Option<(ServiceId, u32)>,
    /// It was known, decided and begun.
    pub steps: [Option<Moment>; 3],
    /// When the last of the tenants served again.
    pub back: Option<Moment>,
}

/// More than these are not kept.
const ROWS_MOST: usize = 1_000;

/// Steps of an answer, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is known.
    Detected,
    /// It is decided what to do.
    Decided,
    /// It is begun.
    Acted,
}

impl Incidents {
    /// A fault has struck.
    pub(crate) fn begins<E: Hosts>(
        &mut self,
        fault: usize,
        struck: &Struck,
        lost_before: &BTreeSet<u16>,
        fleet: &mut Fleet<E>,
    ) -> Option<usize> {
        let at = fleet.now();
        let down = core::mem::take(&mut fleet.measures.machines.losses.fresh);
        let databases: Vec<u16> = without_primary(fleet).difference(lost_before).copied().collect();
        let takes = !struck.machines.is_empty() || !databases.is_empty() || !down.is_empty();
        let goes_on = !struck.script.is_empty() || struck.release.is_some();
        if self.rows.len() >= ROWS_MOST || !(takes || goes_on) {
            return None;
        }
        let number = self.rows.len();
        self.rows.push(Incident {
            fault,
            at,
            healed: None,
            machines: struck.machines.iter().copied().collect(),
            tenants: 0,
            left: BTreeSet::new(),
            databases,
            is_gray: struck.is_gray,
            release: struck.release,
            steps: [None; 3],
            back: None,
        });
        self.takes(number, down);
        Some(number)
    }

    /// It goes on, and takes tenants.
    pub(crate) fn takes(&mut self, number: usize, down: Vec<TenantId>) {
        let row = &mut self.rows[number];
        row.tenants += u32::try_from(down.len()).unwrap_or(u32::MAX);
        row.left.extend(down);
        if !row.left.is_empty() && !self.open.contains(&number) {
            self.open.push(number);
        }
    }

    /// A machine is taken back of which that was said before.
    pub(crate) fn reclaimed(&mut self, number: usize, id: NodeId, told: Moment) {
        self.rows[number].machines.insert(id);
        self.rows[number].note(Step::Detected, told);
    }

    /// Machines that did badly do well again: what it touched had left them before, or is healed with them.
    pub(crate) fn cleared<E: Hosts>(&mut self, number: usize, fleet: &Fleet<E>) {
        let (now, row) = (fleet.now(), &mut self.rows[number]);
        let left = |node: &NodeId| releases::emptied(fleet, *node).filter(|at| *at >= row.at);
        let left = row.machines.iter().map(|node| left(node).unwrap_or(now)).max();
        // What somebody else emptied may have been decided about later.
        row.back = left.max(row.steps[Step::Acted as usize]);
    }

    /// A tenant serves again, or nobody minds that it does not.
    pub(crate) fn back(&mut self, id: TenantId, at: Moment) {
        for number in &self.open {
            let row = &mut self.rows[*number];
            if row.left.remove(&id) && row.left.is_empty() {
                row.back = Some(at);
            }
        }
        self.open.retain(|number| !self.rows[*number].left.is_empty());
    }

    /// A step of the answer to the loss of a machine is done. One that looks well is not found by being looked for.
    pub fn machine(&mut self, id: NodeId, step: Step, at: Moment) {
        let is_of = |row: &&mut Incident| {
            row.machines.contains(&id) && (!row.is_gray || step != Step::Detected)
        };
        for row in self.rows.iter_mut().filter(is_of) {
            row.note(step, at);
        }
    }

    /// A step of the answer to a bad release is done.
    pub fn release(&mut self, service: ServiceId, number: u32, step: Step, at: Moment) {
        let of = Some((service, number));
        for row in self.rows.iter_mut().filter(|row| row.release == of && row.healed.is_none()) {
            row.note(step, at);
        }
    }

    /// A step of the answer to the loss of a database at that moment is done.
    pub fn database(&mut self, database: u16, lost: Moment, step: Step, at: Moment) {
        // Where machines were lost too, it is known when they count as lost.
        let is_of = |row: &&mut Incident| {
            row.at == lost
                && row.databases.contains(&database)
                && (row.machines.is_empty() || step != Step::Detected)
        };
        for row in self.rows.iter_mut().filter(is_of) {
            row.note(step, at);
        }
    }

    /// A step of the answer to what befell a tenant is done.
    pub fn tenant(&mut self, id: TenantId, step: Step, at: Moment) {
        for number in &self.open {
            let row = &mut self.rows[*number];
            if row.left.contains(&id) {
                row.note(step, at);
            }
        }
    }
}

/// Databases whose primary is lost.
pub(crate) fn without_primary<E: Hosts>(fleet: &Fleet<E>) -> BTreeSet<u16> {
    let stations = &fleet.traffic.stations;
    queries::shared(stations).filter(|of| has_no_primary(stations, *of)).collect()
}

impl Incident {
    fn note(&mut self, step: Step, at: Moment) {
        // Nothing is known of it before it struck, and the first time counts.
        if at >= self.at && self.back.is_none() {
            self.steps[step as usize].get_or_insert(at);
            // Who decides knows, at that moment at the latest.
            if step == Step::Decided {
                self.steps[Step::Detected as usize].get_or_insert(at);
            }
        }
    }
}
