//! Faults of racks, zones and regions, of each machine on its own, and in bursts; and that they heal. Small
//! worlds, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_host::open_text;
use seatrial_record::Record;

/// Eight machines in two zones of a region each, with two racks each.
fn world(faults: &str) -> String {
    format!(
        r#"
        title = "places"
        duration = "10 h"
        [[zones]]
        name = "east"
        region = "here"
        racks = ["e1", "e2"]
        [[zones]]
        name = "west"
        region = "there"
        racks = ["w1", "w2"]
        [[pools]]
        name = "workers"
        count = 8
        needs = 7
        zones = ["east", "west"]
        machine = {{ cpu = "16 cores", memory = "64 GiB" }}
        price = "$1/h"
        {faults}
        "#
    )
}

fn run(fault: &str) -> Record {
    run_under(&world(&format!("[[faults]]\n{fault}\n")), None, &[5]).remove(0)
}

fn is(record: &Record, name: &str, expected: f64) {
    let found = figure(record, name);
    assert!((found - expected).abs() < 1e-9, "{name} is {found}, expected {expected}");
}

#[test]
fn a_place_is_lost_with_all_that_stands_there_and_comes_back() {
    for (fault, machines) in [
        ("kind = \"rack-loss\"\nrack = \"w1\"", 2.0),
        ("kind = \"zone-loss\"\nzone = \"east\"", 4.0),
        ("kind = \"region-loss\"\nregion = \"there\"", 4.0),
        ("kind = \"rack-loss\"", 2.0),
    ] {
        let record = run(&format!("{fault}\nat = \"1 h\"\nlasts = \"2 h\""));
        is(&record, "machines_lost", machines);
        is(&record, "machines_down_most.workers", machines);
        is(&record, "machine_time_down.workers", machines * 7_200.0);
        is(&record, "all_up_share.workers", 0.8);
        is(&record, "enough_up_share.workers", 0.8);
        is(&record, "losses_in_bursts_share", 1.0);
    }
}

#[test]
fn each_machine_crashes_on_its_own_and_waits_for_a_crew() {
    // All eight go down at one hour, and one crew repairs one after the other for half an hour.
    let fault = "kind = \"machine-crash\"\neach = true\nat = \"1 h\"\nlasts = \"30 min\"";
    let record = run(&format!("{fault}\ncrews = 1"));
    is(&record, "machines_lost", 8.0);
    // 0.5 + 1 + … + 4 hours.
    is(&record, "machine_time_down.workers", 18.0 * 3_600.0);
    is(&run(&format!("{fault}\ncrews = 2")), "machine_time_down.workers", 10.0 * 3_600.0);
    is(&run(fault), "machine_time_down.workers", 4.0 * 3_600.0);
    // What has nothing to do with it leaves it alone.
    let dear = world(&format!("[[faults]]\n{fault}\n")).replace("$1/h", "$2/h");
    is(&run_under(&dear, None, &[5])[0], "machine_time_down.workers", 4.0 * 3_600.0);
}

#[test]
fn what_comes_again_after_it_is_over_waits_for_that() {
    let fault = "kind = \"zone-loss\"\nzone = \"east\"\nat = \"1 h\"\nlasts = \"1 h\"";
    // Down from one, half past four and eight on.
    is(&run(&format!("{fault}\nagain_after = \"150 min\"")), "machines_lost", 12.0);
    // And every two hours: at 1, 3, 5, 7 and 9.
    is(&run(&format!("{fault}\nevery = \"2 h\"")), "machines_lost", 20.0);
}

#[test]
fn a_machine_that_is_ordered_later_can_crash_too() {
    let text = world(
        "[[faults]]\nkind = \"machine-crash\"\neach = true\nat = \"1 h\"\nlasts = \"10 min\"\n\
         [[stacks]]\nname = \"app\"\n[[stacks.parts]]\nname = \"web\"\ncpu = \"15 cores\"\nmemory = \"1 GiB\"\n\
         [[tiers]]\nname = \"free\"\nstack = \"app\"\ntenants = 8\nsessions = { gap = \"1 d\", length = \"10 min\" }\n",
    )
    .replace("count = 8", "count = 8\nmost = 9");
    let policies =
        "tick = \"15 s\"\n[[policies]]\nkind = \"spread\"\n[[policies]]\nkind = \"threshold\"\n";
    let record = run_under(&text, Some(policies), &[5]).remove(0);
    is(&record, "nodes_most.workers", 9.0);
    is(&record, "machines_lost", 9.0);
}

#[test]
fn some_machines_never_come_back() {
    let fault = "kind = \"zone-loss\"\nzone = \"east\"\nat = \"1 h\"\nlasts = \"1 h\"\nstay_down";
    is(&run(&format!("{fault} = \"100 %\"")), "machine_time_down.workers", 4.0 * 9.0 * 3_600.0);
    let (mut stayed, seeds) = (0.0, (1..=200).collect::<Vec<u64>>());
    let text = world(&format!("[[faults]]\n{fault} = \"25 %\"\n"));
    for record in run_under(&text, None, &seeds) {
        stayed += (figure(&record, "machine_time_down.workers") / 3_600.0 - 4.0) / 8.0;
    }
    // Of 800 machines 200, with a deviation of 12.
    assert!((150.0..250.0).contains(&stayed), "{stayed} of 800 stayed down");
}

#[test]
fn bursts_are_as_large_and_as_much_of_one_rack_as_asked() {
    let burst = |more: &str| {
        let text = world(&format!(
            "[[faults]]\nkind = \"machine-burst\"\nat = \"1 h\"\nlasts = \"10 min\"\nleast = 2\nmost = 2\n{more}\n"
        ));
        run_under(&text, None, &(1..=200).collect::<Vec<u64>>())
    };
    let mean = |records: &[Record], name: &str| {
        records.iter().map(|of| figure(of, name)).sum::<f64>() / records.len() as f64
    };
    let always = burst("follows_racks = \"100 %\"");
    assert!((mean(&always, "machines_lost") - 2.0).abs() < 1e-9);
    assert!((mean(&always, "losses_in_bursts_share") - 1.0).abs() < 1e-9);
    assert!((mean(&always, "bursts_same_rack_share") - 1.0).abs() < 1e-9);
    // Half of them follow racks; of the others one in seven finds the same one.
    let half = mean(&burst("follows_racks = \"50 %\""), "bursts_same_rack_share");
    assert!((half - 4.0 / 7.0).abs() < 0.12, "{half}");
    // One a minute after the other is a burst as well; half an hour is none.
    let apart = burst("apart = \"1 min\"");
    assert!((mean(&apart, "losses_in_bursts_share") - 1.0).abs() < 1e-9);
    assert!((mean(&apart, "machine_time_down.workers") - 19.0 * 60.0).abs() < 1e-6);
    let far = burst("apart = \"3 min\"");
    assert!(mean(&far, "losses_in_bursts_share") < 1e-9);
    // What was still to come when the fault is over does not come.
    let late = burst("apart = \"30 min\"");
    assert!((mean(&late, "machines_lost") - 1.0).abs() < 1e-9);
}

#[test]
fn what_is_wrong_with_places_is_told_with_the_remedy() {
    let told = |text: &str| match open_text(text, None) {
        Ok(_) => String::new(),
        Err(failure) => failure.render(seatrial_format::Style::default()),
    };
    let at = "at = \"1 h\"\n";
    for (fault, says) in [
        ("kind = \"rack-loss\"\nrack = \"w9\"\n", "did you mean `w1`?"),
        ("kind = \"region-loss\"\nregion = \"her\"\n", "did you mean `here`?"),
        ("kind = \"zone-loss\"\nzone = \"east\"\neach = true\n", "every zone is lost on its own"),
        ("kind = \"machine-crash\"\nmachines = 2\neach = true\n", "every machine is struck alone"),
        ("kind = \"machine-crash\"\nmachines = 2\nshare = \"5 %\"\n", "says how many already"),
        ("kind = \"machine-crash\"\ncrews = 2\n", "it is never over"),
        ("kind = \"machine-crash\"\nagain_after = \"1 h\"\n", "it is never over"),
        (
            "kind = \"machine-crash\"\nlasts = \"1 h\"\nagain_after = \"1 h\"\nevery = \"1 h\"\n",
            "keep one of the two",
        ),
        ("kind = \"machine-burst\"\neach = true\n", "and not each of several"),
        ("kind = \"machine-burst\"\nmost = 2\nleast = 3\n", "at most 2, and at least 3"),
        ("kind = \"replay\"\npool = \"workers\"\nfile = \"gone.csv\"\n", "no file `gone.csv`"),
    ] {
        let found = told(&world(&format!("[[faults]]\n{fault}{at}")));
        assert!(found.contains(says), "{fault}\n{found}");
        assert!(found.contains("scenario.toml:"), "{found}");
    }
    for (from, to, says) in [
        ("name = \"west\"", "name = \"east\"", "the name `east`"),
        ("\"w1\", \"w2\"", "\"w1\", \"e2\"", "a rack is called `e2` already"),
        ("\"w1\", \"w2\"", "\"w1\", \"east\"", "a zone is called `east` already"),
        ("region = \"there\"", "region = \"east\"", "a zone is called `east` already"),
        ("needs = 7", "needs = 9", "9 machines of 8"),
        ("needs = 7", "needs = 0", "0 machines of 8"),
    ] {
        let found = told(&world("").replace(from, to));
        assert!(found.contains(says), "{to}\n{found}");
    }
    let racks = world("[[faults]]\nkind = \"rack-loss\"\nat = \"1 h\"\n")
        .replace("racks = [\"e1\", \"e2\"]", "")
        .replace("racks = [\"w1\", \"w2\"]", "");
    assert!(told(&racks).contains("there is no rack that could be lost"));
}
