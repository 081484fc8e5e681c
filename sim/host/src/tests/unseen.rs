//! Machines that break before anybody has looked at them.

use crate::World;
use seatrial_contract::PoolId;
use seatrial_contract::view::NodeState;
use seatrial_fleet::{loss, nodes};

#[test]
fn a_machine_that_breaks_before_it_was_ever_seen_is_known_to_be_ordered() {
    let text = "title = \"unseen\"\nduration = \"1 h\"\n[[pools]]\nname = \"workers\"\ncount = 1\nmost = 4\n\
                price = \"$0/h\"\nmachine = { cpu = \"4 cores\", memory = \"8 GiB\" }\n";
    let scenario = crate::open_text(text, None)
        .unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())));
    let mut world = World::new(&scenario.scenario, scenario.policies.as_ref(), 1);
    world.begin();
    world.observe_now();
    world.fleet.schedule.has_begun = true;
    let order = |world: &mut World| {
        let id = nodes::order_node(&mut world.fleet, PoolId(0));
        nodes::node_ready(&mut world.fleet, id);
        id
    };
    let broken = order(&mut world);
    loss::lose_machine(&mut world.fleet, broken);
    let fine = order(&mut world);
    world.observe_now();
    let state = |world: &World, id| world.view.node(id).state;
    assert_eq!(state(&world, broken), NodeState::Booting);
    assert_eq!(state(&world, fine), NodeState::Ready, "and its place is its own");
    assert_eq!(world.view.pools()[0].sums.booting, 1);
    loss::machine_is_back(&mut world.fleet, broken);
    world.observe_now();
    assert_eq!(state(&world, broken), NodeState::Ready);
}
