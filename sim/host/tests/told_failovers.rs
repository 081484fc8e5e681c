//! Databases that fail over when a policy says so: in earnest, guarded by lag and by how much is seen, and as drills by the
//! calendar. Small worlds, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_host::open_text;
use seatrial_record::Record;

/// A database with a standby, a write each tenth of a second, and four machines, three of them beside the primary.
fn world(settings: &str, following: &str, faults: &str) -> String {
    format!(
        r#"
        title = "told"
        duration = "10 h"
        zones = [{{ name = "east" }}, {{ name = "west" }}]
        policies = {{ place = "west" }}
        sensing = {{ place = "west", lost_after = "20 s" }}
        [[pools]]
        name = "near"
        count = 3
        zones = ["east"]
        machine = {{ cpu = "4 cores", memory = "8 GiB" }}
        price = "$1/h"
        [[pools]]
        name = "far"
        count = 1
        zones = ["west"]
        machine = {{ cpu = "4 cores", memory = "8 GiB" }}
        price = "$1/h"
        [[databases]]
        name = "d"
        cores = 1
        place = "east"
        recovery = "20 s"
        failover = {{ kind = "by-policy", promotes = "2 s" }}
        standbys = [{{ name = "s", {following} }}]
        {settings}
        [[traffic]]
        name = "writes"
        queries = [{{ at = "d", service_time = "1 ms", writes = "1 KiB" }}]
        arrivals = {{ kind = "renewal", gap = "100 ms" }}
        {faults}
        "#
    )
}

const SYNCHRONOUS: &str = "following = \"synchronous\", place = \"west\"";
const LAGGING: &str = "applies = \"9 KiB\", place = \"west\"";
const LOSS: &str =
    "[[faults]]\nkind = \"primary-loss\"\ndatabase = \"d\"\nat = \"2 h\"\nlasts = \"1 h\"\n";
const ZONE: &str =
    "[[faults]]\nkind = \"zone-loss\"\nzone = \"east\"\nat = \"2 h\"\nlasts = \"1 h\"\n";

fn policies(more: &str) -> String {
    format!("tick = \"5 s\"\n[[policies]]\nkind = \"fail-over\"\n{more}\n")
}

fn run(text: &str, policies: &str) -> Record {
    run_under(text, Some(policies), &[3]).remove(0)
}

fn is(record: &Record, name: &str, expected: f64) {
    let found = figure(record, name);
    assert!((found - expected).abs() < 1e-6, "{name} is {found}, expected {expected}");
}

fn gave(record: &Record, reason: &str) -> u64 {
    record.reasons.iter().filter(|of| of.reason == reason).map(|of| of.count).sum()
}

#[test]
fn a_policy_has_a_standby_take_over_once_the_primary_was_lost_for_so_long() {
    let record = run(&world("", SYNCHRONOUS, LOSS), &policies(""));
    is(&record, "failovers.d", 1.0);
    is(&record, "writes_lost.d", 0.0);
    // Seen with the next scrape and decided with the next tick, and two seconds of promotion.
    let takes = figure(&record, "rto_verified_max.d");
    assert!((32.0..52.0).contains(&takes), "{takes} s");
    let twice = run(&world("", SYNCHRONOUS, LOSS), &policies("lost_for = \"60 s\""));
    let later = figure(&twice, "rto_verified_max.d") - takes;
    assert!((25.0..35.1).contains(&later), "{later} s later");
    let slower = world("", SYNCHRONOUS, LOSS).replace("promotes = \"2 s\"", "promotes = \"4 s\"");
    let slower = figure(&run(&slower, &policies("")), "rto_verified_max.d") - takes;
    assert!((slower - 2.0).abs() < 1e-6, "{slower} s later");
    // Each step is told.
    let row = record.incidents.first().expect("an incident");
    let steps = [Some(row.at), row.detected, row.decided, row.acted, row.restored];
    assert!(steps.windows(2).all(|pair| pair[0].is_some() && pair[0] <= pair[1]), "{row:?}");
    // Without the policy it waits for its server.
    let nobody = run(&world("", SYNCHRONOUS, LOSS), "tick = \"5 s\"\n");
    is(&nobody, "failovers.d", 0.0);
    is(&nobody, "rto_verified_max.d", 3_620.0);
    let row = nobody.incidents.first().expect("an incident");
    assert!(row.decided.is_none() && !row.absent.is_empty(), "{row:?}");
}

#[test]
fn what_would_be_lost_and_who_sees_too_little_keep_it_from_that() {
    // It applies nine kibibytes of ten that are written each second: a mebibyte behind after a quarter of an hour.
    let far = run(&world("", LAGGING, LOSS), &policies(""));
    is(&far, "failovers.d", 0.0);
    assert!(gave(&far, "lags-too-far") > 0);
    let dared = run(&world("", LAGGING, LOSS), &policies("lag_most = \"1 GiB\""));
    is(&dared, "failovers.d", 1.0);
    // A tenth of what was written in two hours.
    let lost = figure(&dared, "writes_lost.d");
    assert!((lost - 7_200.0).abs() < 150.0, "{lost} writes");
    // With the primary three machines of four are lost.
    let few = run(&world("", SYNCHRONOUS, ZONE), &policies(""));
    is(&few, "failovers.d", 0.0);
    assert!(gave(&few, "no-quorum") > 0);
    is(&run(&world("", SYNCHRONOUS, ZONE), &policies("quorum = \"25 %\"")), "failovers.d", 1.0);
    // What is not seen is not known to be lost.
    let unseen = "[[faults]]\nkind = \"partition\"\nfrom = \"west\"\nto = \"east\"\nat = \"119 min\"\nlasts = \"70 min\"\n";
    let unseen = world("", SYNCHRONOUS, &format!("{LOSS}{unseen}"));
    is(&run(&unseen, &policies("quorum = \"0 %\"")), "failovers.d", 0.0);
    // Whoever only advises does nothing.
    let advised = run(&world("", SYNCHRONOUS, LOSS), &policies("advises = true"));
    is(&advised, "failovers.d", 0.0);
    assert!(gave(&advised, "advised") > 0);
    // No standby, no failover.
    let both = format!(
        "{LOSS}[[faults]]\nkind = \"standby-loss\"\ndatabase = \"d\"\nstandby = \"s\"\nat = \"1 h\"\n"
    );
    let both = run(&world("", SYNCHRONOUS, &both), &policies(""));
    is(&both, "failovers.d", 0.0);
    assert!(gave(&both, "no-standby") > 0);
    // A process that starts again by itself needs nobody.
    let crash = LOSS.replace("primary-loss", "database-crash").replace("lasts = \"1 h\"\n", "");
    let crash = run(&world("", SYNCHRONOUS, &crash), &policies(""));
    is(&crash, "failovers.d", 0.0);
    is(&crash, "rto_verified_max.d", 20.0);
}

#[test]
fn what_cannot_be_backed_up_is_left_alone_by_those_who_do() {
    let others = "[[policies]]\nkind = \"back-up\"\n[[policies]]\nkind = \"restore\"\n[[policies]]\nkind = \"rehearse\"\n";
    let record = run(&world("", SYNCHRONOUS, LOSS), &policies(others));
    is(&record, "failovers.d", 1.0);
    assert!(record.reasons.iter().all(|of| of.policy == "fail-over"), "{:?}", record.reasons);
    // Where it can be, both stand beside each other.
    let both = world("backups = {}", SYNCHRONOUS, LOSS).replace("10 h", "2 d");
    let both = run(&both, &policies(others));
    is(&both, "failovers.d", 1.0);
    assert!(figure(&both, "backups.d") > 0.0);
}

const SWITCH: &str = "tick = \"15 s\"\n[[policies]]\nkind = \"switch-over\"\nevery = \"7 d\"\n";

#[test]
fn standbys_take_over_by_the_calendar_and_nothing_is_lost() {
    let month = |following: &str, faults: &str| {
        world("", following, faults).replace("10 h", "30 d").replace("100 ms", "1 min")
    };
    let record = run(&month(SYNCHRONOUS, ""), SWITCH);
    // Mondays at ten: on the first day, and four more times.
    is(&record, "failovers.d", 5.0);
    is(&record, "writes_lost.d", 0.0);
    is(&record, "rto_verified_max.d", 2.0);
    is(&run(&month(SYNCHRONOUS, ""), &SWITCH.replace("7 d", "14 d")), "failovers.d", 3.0);
    // One that lags has all it lacks before it takes over.
    let behind = world("", LAGGING, "").replace("10 h", "13 h");
    let more = SWITCH.to_owned() + "lag_most = \"1 GiB\"\n";
    let behind = run(&behind, &more);
    is(&behind, "failovers.d", 1.0);
    is(&behind, "writes_lost.d", 0.0);
    let takes = figure(&behind, "rto_verified_max.d");
    // Ten hours at a kibibyte a second, applied at nine.
    assert!((takes - 2.0 - 36_000.0 / 9.0).abs() < 60.0, "{takes} s");
    let near = run(&world("", LAGGING, "").replace("10 h", "13 h"), SWITCH);
    is(&near, "failovers.d", 0.0);
    assert!(gave(&near, "nothing-to-switch-to") > 0);
    // A primary that is lost while it hands over takes with it what the other has not got.
    let lost = LOSS.replace("2 h", "10 h 5 min").replace("1 h\"", "2 h\"");
    let lost = world("", LAGGING, &lost.replace("10 h 5 min", "605 min")).replace("10 h", "13 h");
    assert!(figure(&run(&lost, &more), "writes_lost.d") > 1_000.0);
}

#[test]
fn who_cannot_fail_over_is_said_so() {
    let refused = |text: &str, policies: &str| {
        let failure = open_text(text, Some(policies)).expect_err("it is refused");
        failure.render(seatrial_format::Style::default())
    };
    let patroni = world("", SYNCHRONOUS, "")
        .replace("kind = \"by-policy\", promotes = \"2 s\"", "kind = \"patroni\"");
    let named = policies("databases = [\"d\"]");
    assert!(refused(&patroni, &named).contains("does not fail over when a policy says so"));
    assert!(refused(&patroni, &policies("databases = [\"e\"]")).contains("no database `e`"));
    assert!(open_text(&patroni, Some(&policies(""))).is_ok(), "it is warned of");
}
