//! Machines that are lost together, whatever the reason. Decides on none.

use crate::Hosts;
use crate::kind::Struck;
use seatrial_contract::NodeId;
use seatrial_fleet::Fleet;
use seatrial_fleet::loss::{lose_machine, machine_is_back};
use seatrial_fleet::nodes::Node;

/// Machines that are there, by what they are.
pub(crate) fn those<E: Hosts>(fleet: &Fleet<E>, is: impl Fn(&Node) -> bool) -> Vec<NodeId> {
    let here = fleet.nodes.iter().enumerate();
    here.filter(|(_, node)| !node.is_gone() && is(node)).map(|(at, _)| NodeId::at(at)).collect()
}

/// All of them are lost.
pub(crate) fn lose<E: Hosts>(fleet: &mut Fleet<E>, machines: Vec<NodeId>) -> Struck {
    machines.iter().for_each(|id| lose_machine(fleet, *id));
    Struck { machines }
}

/// They come back.
pub(crate) fn bring_back<E: Hosts>(fleet: &mut Fleet<E>, struck: &Struck) {
    struck.machines.iter().for_each(|id| machine_is_back(fleet, *id));
}
