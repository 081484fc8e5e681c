//! Tenants whose machine is lost and whom a policy brings up elsewhere: from storage of the network, or from
//! backups through a link that all share. Small worlds, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_host::open_text;
use seatrial_record::Record;

/// Tenants that are always there, on four machines with room for all on three; `data` is where their data lies.
fn world(data: &str, more: &str) -> String {
    format!(
        r#"
        title = "restores"
        duration = "12 h"
        waking = {{ start_time = "2 min" }}
        sensing = {{ every = "15 s" }}
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1 cores"
        memory = "1 GiB"
        quiet = {{ cpu = "10 %", memory = "50 %" }}
        runs_bots = true
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 40
        rto = "15 min"
        rpo = "1 h"
        sessions = {{ gap = "1 d", length = "10 min" }}
        data = {data}
        [[pools]]
        name = "workers"
        count = 4
        zones = ["east", "west"]
        machine = {{ cpu = "16 cores", memory = "64 GiB" }}
        price = "$1/h"
        starts_at_once = 40
        {more}
        [[faults]]
        kind = "machine-crash"
        at = "2 h"
        lasts = "6 h"
        "#
    )
}

const NETWORK: &str = "{ kind = \"on-network\", attaches = \"3 min\" }";
const EVACUATE: &str = "tick = \"15 s\"\n[guard]\nlost_most = \"50 %\"\ntenants_an_hour = \"100 %\"\n[[policies]]\nkind = \"spread\"\n\
                        [[policies]]\nkind = \"evacuate\"\n";

fn backups(every: &str, size: &str) -> String {
    format!("{{ kind = \"on-machine\", backups = {{ every = \"{every}\", size = \"{size}\" }} }}")
}

fn run(data: &str, more: &str, policies: &str) -> Record {
    run_under(&world(data, more), Some(policies), &[11]).remove(0)
}

fn minutes(record: &Record, name: &str) -> f64 {
    figure(record, name) / 60.0
}

fn is(record: &Record, name: &str, expected: f64) {
    let found = figure(record, name);
    assert!((found - expected).abs() < 1e-9, "{name} is {found}, expected {expected}");
}

#[test]
fn data_on_the_network_comes_up_elsewhere_without_loss() {
    let record = run(NETWORK, "", EVACUATE);
    is(&record, "tenants_down", 10.0);
    is(&record, "tenants_down_end", 0.0);
    is(&record, "tenants_restored", 10.0);
    is(&record, "recovery_point_max", 0.0);
    is(&record, "rto_missed_share.free", 0.0);
    // A minute until it counts as lost, five until it is given up, three to attach, two to start.
    let max = minutes(&record, "recovery_max");
    assert!((10.8..11.9).contains(&max), "{max}");
    // Twice the time to attach is three minutes more, and twice the patience five; a dearer machine nothing.
    let slow = run(&NETWORK.replace("3 min", "6 min"), "", EVACUATE);
    assert!((minutes(&slow, "recovery_max") - max - 3.0).abs() < 0.1);
    let patient = EVACUATE.replace("\"evacuate\"\n", "\"evacuate\"\nlost_for = \"10 min\"\n");
    assert!((minutes(&run(NETWORK, "", &patient), "recovery_max") - max - 5.0).abs() < 0.3);
    let dear = world(NETWORK, "").replace("$1/h", "$2/h");
    let dear = run_under(&dear, Some(EVACUATE), &[11]).remove(0);
    assert!((minutes(&dear, "recovery_max") - max).abs() < 1e-9);
}

#[test]
fn without_the_policy_or_without_data_elsewhere_all_wait_for_the_machine() {
    let spread = EVACUATE.split("[[policies]]\nkind = \"evacuate\"").next().unwrap();
    let six_hours = 362.0;
    assert!((minutes(&run(NETWORK, "", spread), "recovery_max") - six_hours).abs() < 0.5);
    let record = run("{ kind = \"on-machine\" }", "", EVACUATE);
    assert!((minutes(&record, "recovery_max") - six_hours).abs() < 0.5);
    is(&record, "tenants_restored", 0.0);
    is(&record, "rto_missed_share.free", 1.0);
    assert!(figure(&record, "actions_refused") > 0.0, "the cluster knows that there is none");
}

#[test]
fn two_restores_on_one_link_take_twice_as_long_as_one() {
    // 60 GiB each, all ten at once: a link of 1 GiB/s and tenants that take no more than that alone.
    let link = |link: &str, each: &str, at_once: &str| {
        format!("[restoring]\nlink = \"{link}\"\neach = \"{each}\"\n{at_once}\n")
    };
    let took = |restoring: &str| {
        let record = run(&backups("1 h", "60 GiB"), restoring, EVACUATE);
        is(&record, "tenants_restored", 10.0);
        is(&record, "tenants_down_end", 0.0);
        minutes(&record, "recovery_max") - minutes(&run(NETWORK, "", EVACUATE), "recovery_max")
            + 3.0
    };
    // One after the other or all together: ten minutes on the link.
    let all = took(&link("1 GiB", "1 GiB", ""));
    assert!((all - 10.0).abs() < 0.1, "{all}");
    let in_turn = took(&link("1 GiB", "1 GiB", "at_once = 1"));
    assert!((in_turn - 10.0).abs() < 0.1, "{in_turn}");
    // Half the link, twice as long; a disk that is slower than its share is what counts.
    assert!((took(&link("512 MiB", "1 GiB", "")) - 20.0).abs() < 0.2);
    assert!((took(&link("100 GiB", "64 MiB", "")) - 16.0).abs() < 0.1);
    // Verification comes on top.
    assert!((took(&link("1 GiB", "1 GiB", "verifies = \"4 min\"")) - 14.0).abs() < 0.1);
}

#[test]
fn what_was_written_after_the_last_backup_is_lost() {
    let restored = |every: &str, seeds: u64| {
        let seeds: Vec<u64> = (1..=seeds).collect();
        run_under(&world(&backups(every, "1 GiB"), ""), Some(EVACUATE), &seeds)
    };
    for record in restored("2 h", 5) {
        let max = minutes(&record, "recovery_point_max");
        assert!(max <= 120.0 && max > 60.0, "{max}");
        assert!(figure(&record, "rpo_missed_share.free") > 0.0);
    }
    for record in restored("30 min", 5) {
        assert!(minutes(&record, "recovery_point_max") <= 30.0);
        is(&record, "rpo_missed_share.free", 0.0);
    }
    // Who has written nothing has lost nothing.
    let idle = world(&backups("2 h", "1 GiB"), "").replace("runs_bots = true", "");
    let idle = idle.replace("gap = \"1 d\"", "gap = \"30 d\"");
    let record = run_under(&idle, Some(EVACUATE), &[1]).remove(0);
    is(&record, "tenants_restored", 10.0);
    is(&record, "recovery_point_max", 0.0);
}

#[test]
fn most_machines_are_not_lost_but_unseen() {
    // Nobody sees any machine for an hour: nothing is given up.
    let blind = "[[faults]]\nkind = \"metrics-absent\"\nat = \"4 h\"\nlasts = \"1 h\"\n";
    let text = world(NETWORK, blind).replace("at = \"2 h\"", "at = \"11 h\"");
    let record = run_under(&text, Some(EVACUATE), &[11]).remove(0);
    let before = run_under(&text.replace(blind, ""), Some(EVACUATE), &[11]).remove(0);
    is(&record, "tenants_restored", figure(&before, "tenants_restored"));
    // Three of four are lost: the guard holds, until it is told otherwise.
    let most = world(NETWORK, "").replace("lasts = \"6 h\"", "machines = 3\nlasts = \"6 h\"");
    is(&run_under(&most, Some(EVACUATE), &[11])[0], "tenants_restored", 0.0);
    let bold = EVACUATE.replace("lost_most = \"50 %\"", "lost_most = \"80 %\"");
    assert!(figure(&run_under(&most, Some(&bold), &[11])[0], "tenants_restored") > 0.0);
}

#[test]
fn a_machine_that_is_lost_while_it_restores_gives_its_tenants_to_another() {
    let second = "[[faults]]\nkind = \"zone-loss\"\nname = \"again\"\nzone = \"east\"\nat = \"127 min\"\nlasts = \"1 h\"\n\
                  [restoring]\nlink = \"64 MiB\"\n";
    for seed in 1..=20 {
        let text = world(&backups("1 h", "4 GiB"), second);
        let record = run_under(&text, Some(EVACUATE), &[seed]).remove(0);
        is(&record, "tenants_down_end", 0.0);
        is(&record, "serving_most", 40.0);
    }
}

#[test]
fn containers_that_are_killed_while_data_is_on_its_way_keep_nobody_down() {
    // Seed 10011 of the swarm: a kill counted as another start, and the data came for one that was not meant.
    let kills =
        "[[faults]]\nkind = \"container-kill\"\ntenants = 40\nat = \"2 h\"\nevery = \"1 min\"\n";
    let record = run(&NETWORK.replace("3 min", "10 min"), kills, EVACUATE);
    is(&record, "tenants_restored", 10.0);
    is(&record, "tenants_down_end", 0.0);
}

#[test]
fn what_is_wrong_with_data_is_told_with_the_remedy() {
    let told = |data: &str, more: &str| match open_text(&world(data, more), Some(EVACUATE)) {
        Ok(_) => String::new(),
        Err(failure) => failure.render(seatrial_format::Style::default()),
    };
    for (data, more, says) in [
        ("{ kind = \"on-netwrk\" }", "", "did you mean `on-network`?"),
        (&backups("1 s", "1 GiB"), "", "more often than every minute"),
        (
            "{ kind = \"on-machine\", backups = { every = \"1 h\", size = \"1 GiB\", succeed = \"0 %\" } }",
            "",
            "0 % is next to nothing",
        ),
        (NETWORK, "[restoring]\nlink = \"0 B\"\n", "carries nothing"),
    ] {
        let found = told(data, more);
        assert!(found.contains(says), "{data}\n{found}");
        assert!(found.contains("scenario.toml:"), "{found}");
    }
}

#[test]
fn incidents_of_machines_are_told_step_by_step_and_say_why_a_step_is_absent() {
    let told = |faults: &str, policies: &str| {
        run_under(&world(NETWORK, faults), Some(policies), &[11]).remove(0).incidents
    };
    let all = told("", EVACUATE);
    let [row] = all.as_slice() else { panic!("one machine crashed: {all:?}") };
    assert_eq!((row.machines, row.tenants, row.fault.as_str()), (1, 10, "machine-crash"));
    let steps =
        [Some(row.at), row.detected, row.decided, row.acted, row.restored, row.clients_back];
    assert!(steps.iter().all(Option::is_some) && steps.is_sorted(), "{row:?}");
    assert_eq!(row.healed, Some(8 * 3_600_000_000_000));
    // The policies are down from before until after it.
    let down = "[[faults]]\nkind = \"policies-down\"\nat = \"1 h\"\nlasts = \"9 h\"\n";
    let row = told(down, EVACUATE).remove(0);
    assert_eq!((row.detected, row.decided, row.acted), (None, None, None));
    assert!(row.absent.contains("the policies were down"), "{}", row.absent);
    assert!(row.restored.is_some(), "it came back with its machine");
    // They look, and none of them answers.
    let spread = EVACUATE.split("[[policies]]\nkind = \"evacuate\"").next().unwrap();
    let row = told("", spread).remove(0);
    assert!(row.detected.is_some() && row.decided.is_none());
    assert!(row.absent.contains("no policy decided"), "{}", row.absent);
}

#[test]
fn what_tenants_were_not_served_is_a_share_of_their_time_and_of_the_budget() {
    let served = |share: &str, data: &str, more: &str, warm_up: &str| {
        let text = world(data, more)
            .replace("rpo = \"1 h\"", &format!("rpo = \"1 h\"\nserved = \"{share}\""));
        let text = text.replacen("title", &format!("warm_up = \"{warm_up}\"\ntitle"), 1);
        run_under(&text, Some(EVACUATE), &[11]).remove(0)
    };
    let record = served("99 %", NETWORK, "", "0 s");
    // Ten of forty tenants, of twelve hours.
    let down = 10.0 * figure(&record, "recovery_mean") / (40.0 * 12.0 * 3_600.0);
    let close = |name: &str, expected: f64| {
        let found = figure(&record, name);
        assert!((found - expected).abs() < 1e-9, "{name} is {found}, expected {expected}");
    };
    close("served_share.free", 1.0 - down);
    close("error_budget_spent.free", down / 0.01);
    let strict = figure(&served("99.9 %", NETWORK, "", "0 s"), "error_budget_spent.free");
    assert!((strict - down / 0.001).abs() < 1e-9, "{strict}");
    // Down from the second to the eighth hour, of which statistics have seen four, of eight.
    let late = figure(&served("99 %", "{ kind = \"on-machine\" }", "", "4 h"), "served_share.free");
    assert!((late - (1.0 - 10.0 * 4.033 / (40.0 * 8.0))).abs() < 0.001, "{late}");
    // Those that are down at the end count until then.
    let text = world("{ kind = \"on-machine\" }", "").replace("lasts = \"6 h\"", "");
    let never = figure(&run_under(&text, Some(EVACUATE), &[11]).remove(0), "served_share.free");
    assert!((never - (1.0 - 10.0 * 10.0 / (40.0 * 12.0))).abs() < 1e-6, "{never}");
    let whole = world(NETWORK, "").replace("rpo = \"1 h\"", "rpo = \"1 h\"\nserved = \"100 %\"");
    let Err(told) = open_text(&whole, None) else { panic!("it is refused") };
    let told = told.render(seatrial_format::Style::default());
    assert!(told.contains("leaves nothing that may fail"), "{told}");
}
