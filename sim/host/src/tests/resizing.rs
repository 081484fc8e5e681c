//! Parts of other sizes: what they use, when they are refused, and what their limits become.

use crate::World;
use seatrial_contract::units::{Bytes, MilliCores};
use seatrial_contract::units::{Quantity, cores, mib, millicores};
use seatrial_contract::{Action, Footprint, NodeId, TenantId, UnitId};
use seatrial_fleet::tenants::Phase;
use seatrial_fleet::{actions, usage};
use seatrial_format::Style;

const ANN: TenantId = TenantId(0);
const APP: UnitId = UnitId(0);

/// Ann and bob, each with one part of a core and a GiB, on a machine with so much memory.
fn world(memory: Bytes, acting: &str) -> World {
    let text = format!(
        r#"
        title = "two"
        duration = "1 d"
        acting = {{ {acting} }}
        waking = {{ start_time = "100 s" }}
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1 cores"
        memory = "1 GiB"
        quiet = {{ cpu = "10 %", memory = "25 %" }}
        [[tiers]]
        name = "free"
        tenants = 2
        stack = "app"
        start = "awake"
        limit = {{ cpu = "2 cores", memory = "2 GiB" }}
        sessions = {{ gap = "9 d", length = "1 h" }}
        [[pools]]
        name = "workers"
        count = 1
        machine = {{ cpu = "8 cores", memory = "{memory}" }}
        price = "$1/h"
        "#
    );
    let opened = crate::open_text(&text, Some("[[policies]]\nkind = \"spread\""))
        .unwrap_or_else(|failure| panic!("{}", failure.render(Style::default())));
    let mut world = World::new(&opened.scenario, None, 5);
    world.begin();
    for id in [ANN, TenantId(1)] {
        usage::rehome(&mut world.fleet, id, Some(NodeId(0)));
        world.fleet.tenants[id.index()].phase = Phase::Settled;
        usage::refresh(&mut world.fleet, id);
    }
    world
}

fn footprint(cpu: &str, memory: &str) -> Footprint {
    Footprint { cpu: MilliCores::parse(cpu).unwrap(), memory: Bytes::parse(memory).unwrap() }
}

fn resize(world: &mut World, from: Footprint, to: Footprint) -> bool {
    let done =
        actions::apply(&mut world.fleet, Action::Resize { tenant: ANN, unit: APP, from, to });
    world.check_invariants().unwrap_or_else(|broken| panic!("{broken}"));
    done
}

#[test]
fn what_is_used_stays_what_it_was() {
    let mut world = world(mib(4_096), "resize = \"in-place\"");
    let before = world.fleet.tenants[ANN.index()].usage.draws;
    assert_eq!(before.footprint, footprint("100 m", "256 MiB"));
    let to = footprint("150 m", "300 MiB");
    assert!(resize(&mut world, footprint("1 cores", "1 GiB"), to));
    let after = world.fleet.tenants[ANN.index()].usage.draws;
    assert_eq!((after.footprint, after.requested), (before.footprint, to));
    let both =
        (world.fleet.measures.requested.cpu.value(), world.fleet.measures.requested.memory.value());
    assert_eq!(both, ((cores(1) + millicores(150)).0, mib(1_024 + 300).0));
}

#[test]
fn what_has_no_room_or_was_decided_on_another_size_is_refused() {
    let mut world = world(mib(2_500), "");
    let is = footprint("1 cores", "1 GiB");
    // 2,048 of 2,500 MiB are promised.
    assert!(!resize(&mut world, is, footprint("1 cores", "1500 MiB")));
    assert!(!resize(&mut world, footprint("1 cores", "2 GiB"), footprint("1 cores", "512 MiB")));
    assert!(
        !actions::apply(
            &mut world.fleet,
            Action::Resize { tenant: TenantId(1), unit: APP, from: is, to: is }
        ),
        "it is ann's"
    );
    assert!(resize(&mut world, is, footprint("1 cores", "1400 MiB")));
}

#[test]
fn a_part_restarts_unless_resized_in_place() {
    let (is, to) = (footprint("1 cores", "1 GiB"), footprint("1 cores", "512 MiB"));
    let mut restarts = world(mib(4_096), "");
    assert!(resize(&mut restarts, is, to));
    assert_eq!(restarts.fleet.tenants[ANN.index()].usage.draws.footprint, Footprint::default());
    assert_eq!(restarts.fleet.tenants[ANN.index()].usage.draws.requested, to, "its room is kept");
    usage::revive(&mut restarts.fleet, ANN, 0);
    assert_eq!(
        restarts.fleet.tenants[ANN.index()].usage.draws.footprint,
        footprint("100 m", "256 MiB")
    );
}

#[test]
fn a_limit_that_follows_the_request_kills_what_uses_more() {
    let (is, to) = (footprint("1 cores", "1 GiB"), footprint("1 cores", "100 MiB"));
    let mut kept = world(mib(4_096), "resize = \"in-place\"");
    assert!(resize(&mut kept, is, to));
    assert_eq!(kept.fleet.tenants[ANN.index()].parts.killed, 0);
    // Twice the request, as it was, is 200 MiB; 256 are used.
    let mut scaled = world(mib(4_096), "resize = \"in-place\", limits = \"scaled\"");
    assert!(resize(&mut scaled, is, to));
    assert_eq!(scaled.fleet.tenants[ANN.index()].parts.killed, 1);
}
