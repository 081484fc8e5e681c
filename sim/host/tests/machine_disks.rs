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

/// A call a second to a database that stands on the first machine.
const STORE: &str = "[[databases]]\nname = \"d\"\ncores = 4\nplace = \"workers/1\"\n\
                     standbys = [{ name = \"s\", following = \"synchronous\", place = \"workers/2\" }]\n\
                     failover = { kind = \"timed\", takes = \"1 min\" }\n\
                     [[traffic]]\nname = \"users\"\nqueries = [{ at = \"d\", service_time = \"10 ms\" }]\n\
                     arrivals = { kind = \"renewal\", gap = \"1 s\" }\n";

#[test]
fn where_a_disk_is_full_nothing_runs_that_has_its_data_there_until_there_is_room() {
    let full = "[[faults]]\nkind = \"machine-disk-full\"\nat = \"5 h\"\nlasts = \"1 h\"\n";
    let record = run("", BACKED, full);
    is(&record, "machines_lost", 0.0);
    is(&record, "tenants_down", 4.0);
    is(&record, "tenants_restored", 0.0);
    // The hour, and a minute more to start.
    is(&record, "recovery_max", 3_660.0);
    is(&record, "back_max.machine-disk-full", 3_660.0);
    is(&record, "tenants_down_end", 0.0);
    let longer = full.replace("\"1 h\"", "\"2 h\"");
    is(&run("", BACKED, &longer), "recovery_max", 7_260.0);
    // Those whose data is elsewhere serve on.
    is(&run("", "{ kind = \"on-network\" }", full), "tenants_down", 0.0);
    // Twice at once it is full until the last of both is over.
    let later = full
        .replace("5 h", "330 min")
        .replace("machine-disk-full\"", "machine-disk-full\"\nname = \"b\"");
    let all = |text: &str| text.replace("at = ", "share = \"100 %\"\nat = ");
    let both = run("", BACKED, &format!("{}{}", all(full), all(&later)));
    is(&both, "recovery_max", 5_460.0);
    // A machine that crashes meanwhile is as full when it is back.
    let crash = "[[faults]]\nkind = \"machine-crash\"\nat = \"310 min\"\nlasts = \"10 min\"\nshare = \"100 %\"\n";
    is(&run("", BACKED, &format!("{}{crash}", all(full))), "recovery_max", 3_660.0);
    // What is to be restored there waits for room.
    let lost = LOST.replace("5 h", "301 min");
    let waits = run("network = \"100 MiB\"", BACKED, &format!("{}{}", all(full), all(&lost)));
    assert!((figure(&waits, "recovery_max") - 3_660.0 - 409.6).abs() < 0.1);
    // A server of a database that stands there is lost, and a standby takes over that stands elsewhere.
    let stored = |store: &str| run("", BACKED, &format!("{store}{}", all(full)));
    is(&stored(STORE), "primary_losses.d", 1.0);
    assert!(figure(&stored(STORE), "down.d") >= 3_600.0);
    let elsewhere = STORE.replace(", place = \"workers/2\"", "");
    is(&stored(&elsewhere), "failovers.d", 1.0);
    is(&stored(&elsewhere), "down.d", 60.0);
    is(&run("", BACKED, STORE), "primary_losses.d", 0.0);
}

#[test]
fn a_slow_disk_or_network_slows_what_is_restored_there_and_who_queries_there() {
    let slow = |lasts: &str, of: &str| {
        format!(
            "[[faults]]\nkind = \"machine-io-slow\"\nat = \"5 h\"\nlasts = \"{lasts}\"\nshare = \"100 %\"\n{of}\n"
        )
    };
    let takes = |machine: &str, fault: &str| {
        let lost = LOST.replace("5 h", "18001 s");
        figure(&run(machine, BACKED, &format!("{fault}{lost}")), "recovery_max") - 60.0
    };
    // Forty gibibytes at a hundred mebibytes a second, and at a tenth of that.
    let (narrow, network) = ("network = \"100 MiB\"", "disk = \"100 %\"\nnetwork = \"10 %\"");
    assert!((takes(narrow, &slow("4 h", network)) - 4_096.0).abs() < 0.1);
    assert!((takes("disk_rate = \"100 MiB\"", &slow("4 h", "")) - 4_096.0).abs() < 0.1);
    // A disk that is not the narrow part is slow for nothing, until it is.
    assert!((takes(narrow, &slow("4 h", "")) - 409.6).abs() < 0.1);
    let both = "network = \"100 MiB\", disk_rate = \"200 MiB\"";
    assert!((takes(both, &slow("4 h", "")) - 2_048.0).abs() < 0.1);
    // It is over midway: ten mebibytes a second for a thousand seconds, and then a hundred.
    let midway = takes(narrow, &slow("1001 s", network));
    assert!((midway - (1_000.0 + 309.6)).abs() < 0.1, "{midway}");
    // Queries of ten milliseconds take a hundred where their primary stands there, for an hour of ten.
    let asked = |fault: &str| {
        let record = run("", BACKED, &format!("{STORE}{fault}"));
        (figure(&record, "response_mean.users"), figure(&record, "response_max.users"))
    };
    let (well, _) = asked("");
    let (mean, most) = asked(&slow("1 h", ""));
    assert!((most - well - 0.09).abs() < 1e-6, "{most} s, and {well} s without");
    assert!((mean - well - 0.009).abs() < 1e-4, "{mean} s");
    // At half its rate, twice as long.
    assert!((asked(&slow("1 h", "disk = \"50 %\"")).1 - well - 0.01).abs() < 1e-6);
    // A database that stands elsewhere does not mind, and the network's part is not the disk's.
    assert!((asked(&slow("1 h", network)).0 - well).abs() < 1e-9);
    let elsewhere = STORE.replace("workers/1", "edge").replace("workers/2", "edge");
    let zone = "zones = [{ name = \"edge\" }]\n";
    let text = world("", BACKED, &format!("{elsewhere}{}", slow("1 h", "")));
    let text = text.replacen("duration", &format!("{zone}duration"), 1);
    let record = run_under(&text, Some(SPREAD), &[5]).remove(0);
    assert!((figure(&record, "response_mean.users") - well).abs() < 1e-9);
    for (of, said) in [
        ("disk = \"0 %\"", "nothing"),
        ("disk = \"100 %\"", "neither the disk nor the network"),
        ("pool = \"none\"", "no pool `none`"),
    ] {
        let failure = open_text(&world("", BACKED, &slow("1 h", of)), Some(SPREAD));
        let told = failure.expect_err("it is refused").render(seatrial_format::Style::default());
        assert!(told.contains(said), "{of}: {told}");
    }
}
