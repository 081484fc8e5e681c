//! Machines' disks and networks: how many tenants have room there, how fast they come back, and what is lost with a
//! disk. Small worlds, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_host::open_text;
use seatrial_record::Record;

/// Twelve tenants on three machines, four on each, somebody always there.
fn world(machine: &str, data: &str, faults: &str) -> String {
    format!(
        r#"
        title = "disks"
        duration = "10 h"
        waking = {{ start_time = "1 min" }}
        restoring = {{ link = "100 GiB", each = "50 GiB" }}
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1 cores"
        memory = "1 GiB"
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 12
        sessions = {{ gap = "1 s", length = "9 h" }}
        data = {data}
        [[pools]]
        name = "workers"
        count = 3
        machine = {{ cpu = "16 cores", memory = "64 GiB", {machine} }}
        price = "$1/h"
        {faults}
        "#
    )
}

const BACKED: &str = "{ kind = \"on-machine\", backups = { every = \"1 h\", size = \"10 GiB\" } }";
const LOST: &str = "[[faults]]\nkind = \"machine-disk-lost\"\nat = \"5 h\"\n";
const SPREAD: &str = "tick = \"15 s\"\n[[policies]]\nkind = \"spread\"\n";

fn run(machine: &str, data: &str, faults: &str) -> Record {
    run_under(&world(machine, data, faults), Some(SPREAD), &[5]).remove(0)
}

fn is(record: &Record, name: &str, expected: f64) {
    let found = figure(record, name);
    assert!((found - expected).abs() < 1e-6, "{name} is {found}, expected {expected}");
}

#[test]
fn what_comes_back_goes_through_the_machines_network_and_onto_its_disk() {
    let takes = |machine: &str| figure(&run(machine, BACKED, LOST), "recovery_max") - 60.0;
    // Forty gibibytes at fifty each second, and a hundred by the link.
    assert!((takes("") - 0.4).abs() < 0.01, "{}", takes(""));
    // Four of ten gibibytes share a hundred mebibytes a second, whichever is narrower.
    let narrow = takes("network = \"100 MiB\"");
    assert!((narrow - 409.6).abs() < 0.1, "{narrow}");
    assert!((takes("network = \"50 MiB\"") - 819.2).abs() < 0.1);
    assert!((takes("network = \"1 GiB\", disk_rate = \"100 MiB\"") - narrow).abs() < 0.01);
    assert!((takes("network = \"100 MiB\", disk_rate = \"1 GiB\"") - narrow).abs() < 0.01);
    // Two machines at once do not share it, and twice as many bytes take twice as long.
    let two = run("network = \"100 MiB\"", BACKED, &format!("{LOST}machines = 2\n"));
    assert!((figure(&two, "recovery_max") - 60.0 - narrow).abs() < 0.1);
    let more = BACKED.replace("10 GiB", "20 GiB");
    let more = figure(&run("network = \"100 MiB\"", &more, LOST), "recovery_max") - 60.0;
    assert!((more - 2.0 * narrow).abs() < 0.2, "{more}");
    // A larger disk changes nothing.
    assert!((takes("network = \"100 MiB\", disk = \"1 TiB\"") - narrow).abs() < 0.01);
}

#[test]
fn a_lost_disk_takes_what_was_there_and_not_what_is_elsewhere() {
    let record = run("", BACKED, LOST);
    is(&record, "machines_lost", 0.0);
    is(&record, "tenants_down", 4.0);
    is(&record, "tenants_restored", 4.0);
    is(&record, "tenants_down_end", 0.0);
    // They wrote all the time: as old as the last backup, an hour at the most.
    let lost = figure(&record, "recovery_point_max");
    assert!((600.0..3_600.0).contains(&lost), "{lost} s");
    // All of it is told as one incident, by its name too.
    assert_eq!(record.incidents.first().map(|of| of.tenants), Some(4));
    is(&record, "back_max.machine-disk-lost", figure(&record, "recovery_max"));
    is(&record, "not_back.machine-disk-lost", 0.0);
    let bare = run("", "{ kind = \"on-machine\" }", LOST);
    is(&bare, "tenants_without_data", 4.0);
    is(&bare, "recovery_max", 60.0);
    let mixed = world("", "{ kind = \"on-network\" }", LOST);
    let failure = open_text(&mixed, Some(SPREAD)).expect_err("it is refused");
    let told = failure.render(seatrial_format::Style::default());
    assert!(told.contains("no tenant has its data on its machine"), "{told}");
    // Beside tenants that have theirs on the network it takes none of them.
    let tier = "[[tiers]]\nname = \"paid\"\nstack = \"app\"\ntenants = 12\ndata = { kind = \"on-network\" }\n\
                sessions = { gap = \"1 s\", length = \"9 h\" }\n";
    is(&run("", BACKED, &format!("{tier}{LOST}")), "tenants_down.paid", 0.0);
    // All machines, each on its own; and it is over when it has happened.
    let each = run("", BACKED, &format!("{LOST}each = true\n"));
    is(&each, "tenants_down", 12.0);
    let healed = world("", BACKED, LOST).replace("title", "warm_up = \"6 h\"\ntitle");
    is(&run_under(&healed, Some(SPREAD), &[5])[0], "tenants_down", 0.0);
}

#[test]
fn a_machine_takes_no_more_tenants_than_have_room_on_its_disk() {
    // Two of ten gibibytes on each of three machines.
    let full = run("disk = \"29 GiB\"", BACKED, "");
    is(&full, "serving_most", 6.0);
    is(&run("disk = \"40 GiB\"", BACKED, ""), "serving_most", 12.0);
    let network = "{ kind = \"on-network\" }";
    is(&run("disk = \"1 GiB\"", network, ""), "serving_most", 12.0);
    let sized = "{ kind = \"on-machine\", size = \"20 GiB\" }";
    is(&run("disk = \"29 GiB\"", sized, ""), "serving_most", 3.0);
}
