//! What pack gains and costs where the policy that gives machines back looks at one pool at a time.

mod common;

use common::{figure, run_under};
use seatrial_record::Record;

/// Fifty-six tenants on two pools of two machines each, all alike, for six days.
fn fleet(pack: &str) -> Record {
    let pool = |name: &str| {
        format!(
            "[[pools]]\nname = \"{name}\"\nprice = \"$1/h\"\ncount = 2\nleast = 1\nmost = 3\n\
             machine = {{ cpu = \"16 cores\", memory = \"16 GiB\" }}\n\
             overcommit = {{ cpu = \"600 %\", memory = \"160 %\" }}\n"
        )
    };
    let text = format!(
        r#"
        title = "fleet"
        duration = "6 d"
        seed = 3
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1 cores"
        memory = "1 GiB"
        quiet = {{ cpu = "5 %", memory = "50 %" }}
        stops_at = "asleep"
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 56
        sessions = {{ gap = {{ kind = "exponential", mean = "30 h" }}, length = "1 h" }}
        {}{}
        "#,
        pool("old"),
        pool("new")
    );
    let policies = format!(
        "tick = \"15 s\"\n[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"threshold\"\n{pack}"
    );
    run_under(&text, Some(&policies), &[3]).remove(0)
}

const PACK: &str = "[[policies]]\nkind = \"pack\"\n";

#[test]
fn four_machines_of_two_pools_become_three_and_nobody_who_is_there_is_moved() {
    // 14 tenants use 7 of 16 GiB on each machine. One machine less would have a pool at 87 %; one less
    // of both pools together leaves 58 % on each.
    let (alone, packed) = (fleet(""), fleet(PACK));
    assert!((figure(&alone, "nodes_mean") - 4.0).abs() < 1e-9);
    // After a whole day in which it was possible, three are left.
    let machines = figure(&packed, "nodes_mean");
    assert!((3.1..3.4).contains(&machines), "{machines}");
    let moves = figure(&packed, "moves");
    assert!((12.0..=18.0).contains(&moves), "{moves} moves, about as many as lived on one machine");
    for none in ["sessions_interrupted", "kills", "logins_unserved_no_room"] {
        assert!(figure(&packed, none) < 0.5, "{none}");
    }
}

#[test]
fn once_packed_nothing_moves_any_more() {
    let short = figure(&fleet(PACK), "moves");
    let eager =
        PACK.to_owned() + "possible_for = \"0 s\"\npause = \"10 min\"\nsettled_for = \"1 h\"\n";
    let eager = fleet(&eager);
    assert!(figure(&eager, "moves") <= short + 6.0, "{} and {short}", figure(&eager, "moves"));
    assert!(figure(&eager, "nodes_mean") < 3.2);
}
