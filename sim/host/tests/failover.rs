//! Databases that lose their primary: who takes over, how soon, and what is lost with it. Small worlds, worked out
//! by hand, and published bounds.

mod common;

use common::{figure, run_under};
use seatrial_record::{IncidentRow, Record};

/// A database with these settings and a write each so long, and faults.
fn world(settings: &str, standbys: &str, every: &str, faults: &str) -> String {
    format!(
        r#"
        title = "failover"
        duration = "10 h"
        [[zones]]
        name = "east"
        [[zones]]
        name = "west"
        [[databases]]
        name = "d"
        cores = 1
        place = "east"
        recovery = "20 s"
        standbys = [{standbys}]
        {settings}
        [[traffic]]
        name = "writes"
        queries = [{{ at = "d", service_time = "1 ms", writes = "1 KiB" }}]
        arrivals = {{ kind = "renewal", gap = "{every}" }}
        {faults}
        "#
    )
}

const SYNCHRONOUS: &str = "{ name = \"s\", following = \"synchronous\", place = \"west\" }";
const ASYNCHRONOUS: &str = "{ name = \"s\", place = \"west\", round_trip = \"2 s\" }";
const PATRONI: &str = "failover = { kind = \"patroni\" }";
const LOSS: &str = "[[faults]]\nkind = \"primary-loss\"\ndatabase = \"d\"\nat = \"1 h\"\n";

fn run(settings: &str, standbys: &str, faults: &str) -> Record {
    run_under(&world(settings, standbys, "100 ms", faults), None, &[3]).remove(0)
}

fn is(record: &Record, name: &str, expected: f64) {
    let found = figure(record, name);
    assert!((found - expected).abs() < 1e-6, "{name} is {found}, expected {expected}");
}

#[test]
fn patroni_takes_over_within_its_published_bounds() {
    // Least, mean and most in seconds, by ttl, loop, retry and start: Pigsty's plans, whose load balancer looks
    // every 1, 2, 3 and 4 seconds and twice as often after a change.
    for ([ttl, look, start], check, [least, mean, most]) in [
        ([20, 5, 15], 1_000, [16.0, 23.0, 29.0]),
        ([30, 5, 25], 2_000, [27.0, 34.0, 41.0]),
        ([60, 10, 45], 3_000, [53.0, 66.0, 78.0]),
        ([120, 20, 95], 4_000, [104.0, 127.0, 150.0]),
    ] {
        let settings = format!(
            "rebuild = \"1 s\"\nfailover = {{ kind = \"patroni\", ttl = \"{ttl} s\", loop_wait = \"{look} s\", \
             primary_start_timeout = \"{start} s\", check_every = \"{check} ms\", check_fast = \"{} ms\" }}",
            check / 2
        );
        let often = format!("{LOSS}every = \"10 min\"\n");
        let text = world(&settings, SYNCHRONOUS, "1 min", &often);
        let records = run_under(&text, None, &(1..=40).collect::<Vec<u64>>());
        let all = |name: &str| records.iter().map(|of| figure(of, name)).collect::<Vec<f64>>();
        let longest = all("rto_verified_max.d").into_iter().fold(0.0, f64::max);
        let found = all("rto_verified_mean.d").iter().sum::<f64>() / records.len() as f64;
        // Over two thousand losses.
        assert!(longest <= most + 0.2 && longest > most - 2.0 - f64::from(look) / 3.0, "{longest}");
        assert!((found - mean).abs() < 0.8, "{found} on the mean, published {mean}");
        let middle = all("rto_verified_p50.d").into_iter().fold(f64::MAX, f64::min);
        assert!(middle > least, "{middle}");
    }
}

#[test]
fn a_process_that_crashed_on_a_live_machine_is_waited_for() {
    let crash = LOSS.replace("primary-loss", "database-crash");
    // It is there again in 20 s, and Patroni waits up to 300 s for that.
    let record = run(PATRONI, SYNCHRONOUS, &crash);
    is(&record, "failovers.d", 0.0);
    is(&record, "primary_losses.d", 1.0);
    assert!((20.0..36.0).contains(&figure(&record, "rto_verified_max.d")));
    // What would be there again after that is not waited for: loop + 300 s + loop at the most.
    let slow = format!("{PATRONI}\nrecovery = \"1 h\"");
    let text = world("", SYNCHRONOUS, "100 ms", &crash).replace("recovery = \"20 s\"", &slow);
    let record = run_under(&text, None, &[3]).remove(0);
    is(&record, "failovers.d", 1.0);
    assert!((300.0..327.0).contains(&figure(&record, "rto_verified_max.d")));
    // With nobody to take over, it starts again by itself.
    let record = run("rto = \"1 min\"", SYNCHRONOUS, &crash);
    is(&record, "failovers.d", 0.0);
    is(&record, "rto_clients_max.d", 20.0);
}

#[test]
fn what_a_standby_did_not_have_is_lost_with_the_primary() {
    // A write each 100 ms, which takes a second to get there.
    let record = run(&format!("{PATRONI}\nrpo = \"500 ms\""), ASYNCHRONOUS, LOSS);
    is(&record, "failovers.d", 1.0);
    let lost = figure(&record, "writes_lost.d");
    assert!((9.0..=11.0).contains(&lost), "{lost}");
    let age = figure(&record, "rpo_max.d");
    assert!((0.9..=1.0).contains(&age), "{age}");
    is(&record, "rpo_missed_share.d", 1.0);
    // Twice as far away, twice as much.
    let far = ASYNCHRONOUS.replace("2 s", "4 s");
    let twice = figure(&run(PATRONI, &far, LOSS), "writes_lost.d");
    assert!((19.0..=21.0).contains(&twice), "{twice}");
    // What was acknowledged by a synchronous one is on it.
    let record = run(PATRONI, SYNCHRONOUS, LOSS);
    is(&record, "failovers.d", 1.0);
    is(&record, "writes_lost.d", 0.0);
    is(&record, "rpo_max.d", 0.0);
    // Nothing is lost where nothing was written.
    let text = world(PATRONI, ASYNCHRONOUS, "59 min", LOSS);
    is(&run_under(&text, None, &[3])[0], "writes_lost.d", 0.0);
}

#[test]
fn a_standby_that_lags_loses_more_and_one_too_far_behind_does_not_take_over() {
    let lag = "[[faults]]\nkind = \"replica-lag\"\ndatabase = \"d\"\nstandby = \"s\"\nat = \"50 min\"\n\
               applies = \"10 %\"\n";
    // 10 KiB a second are written; it applies 50, and 5 while it is slow.
    let slow =
        ASYNCHRONOUS.replace("round_trip = \"2 s\"", "round_trip = \"0 s\", applies = \"50 KiB\"");
    let timed = "failover = { kind = \"timed\", takes = \"30 s\" }";
    let without = run(timed, &slow, LOSS);
    is(&without, "writes_lost.d", 0.0);
    let behind = figure(&run(timed, &slow, &format!("{lag}{LOSS}")), "rpo_max.d");
    // After ten minutes it is five behind.
    assert!((290.0..310.0).contains(&behind), "{behind}");
    let healed = run(timed, &slow, &format!("{lag}lasts = \"1 min\"\n{LOSS}"));
    is(&healed, "writes_lost.d", 0.0);
    // Three mebibytes are more than Patroni takes: all wait for the primary, and nothing is lost.
    let patroni = run(PATRONI, &slow, &format!("{lag}{LOSS}lasts = \"1 h\"\n"));
    is(&patroni, "failovers.d", 0.0);
    is(&patroni, "rto_clients_max.d", 3_620.0);
    is(&patroni, "writes_lost.d", 0.0);
}

#[test]
fn without_a_standby_all_wait_until_the_primary_is_back() {
    let record = run(&format!("{PATRONI}\nrto = \"1 h\""), "", &format!("{LOSS}lasts = \"2 h\"\n"));
    is(&record, "failovers.d", 0.0);
    // Two hours, and twenty seconds to start.
    is(&record, "rto_clients_max.d", 7_220.0);
    is(&record, "down_without_standby.d", 7_200.0);
    is(&record, "rto_missed_share.d", 1.0);
    is(&record, "down.d", 7_220.0);
}

#[test]
fn callers_are_back_later_than_the_database() {
    let with = |reconnecting: &str| {
        let settings = format!(
            "failover = {{ kind = \"timed\", takes = \"90 s\" }}\nreconnecting = \"{reconnecting}\""
        );
        run(&settings, SYNCHRONOUS, LOSS)
    };
    is(&with("0 s"), "down.d", 90.0);
    let record = with("62 s");
    is(&record, "down.d", 152.0);
    is(&record, "rto_verified_max.d", 90.0);
    is(&record, "rto_clients_max.d", 152.0);
    // Every call of that time failed, one each 100 ms.
    let failed = figure(&record, "calls.writes") - figure(&record, "answered.writes");
    assert!((1_515.0..=1_525.0).contains(&failed), "{failed}");
}

#[test]
fn a_zone_takes_the_primary_or_the_standby_that_stands_there() {
    let zone = |name: &str, lasts: &str| {
        format!(
            "[[faults]]\nkind = \"zone-loss\"\nzone = \"{name}\"\nat = \"1 h\"\nlasts = \"{lasts}\"\n"
        )
    };
    let record = run(PATRONI, SYNCHRONOUS, &zone("east", "1 h"));
    is(&record, "failovers.d", 1.0);
    is(&record, "writes_lost.d", 0.0);
    // The standby's loss holds commits up until it counts as gone, and takes nobody down.
    let record = run(PATRONI, SYNCHRONOUS, &zone("west", "1 h"));
    is(&record, "failovers.d", 0.0);
    is(&record, "down.d", 0.0);
    assert!((figure(&record, "response_max.writes") - 30.0).abs() < 0.5);
    let lost = "[[faults]]\nkind = \"standby-loss\"\ndatabase = \"d\"\nstandby = \"s\"\nat = \"1 h\"\nlasts = \"1 h\"\n";
    let alone = run(PATRONI, SYNCHRONOUS, lost);
    for metric in ["response_max.writes", "down.d", "failovers.d", "answered.writes"] {
        is(&alone, metric, figure(&record, metric));
    }
    // Strictly synchronous, it takes no writes without it, until it is back and has caught up.
    let strict = format!("{PATRONI}\nwhen_alone = \"stops\"");
    let record = run(&strict, SYNCHRONOUS, &zone("west", "1 h"));
    assert!((figure(&record, "down.d") - 3_600.0).abs() < 1.0, "{}", figure(&record, "down.d"));
    // What a failover builds anew is no matter: a standby that was lost alone keeps its disk, and comes back with it.
    let built = run(&format!("{strict}\nrebuild = \"10 min\""), SYNCHRONOUS, &zone("west", "1 h"));
    is(&built, "down.d", figure(&record, "down.d"));
    // Both at once: nobody takes over until one is back.
    let both = format!("{}{}", zone("east", "2 h"), zone("west", "1 h"));
    let record = run(PATRONI, SYNCHRONOUS, &both);
    is(&record, "failovers.d", 1.0);
    assert!((figure(&record, "down_without_standby.d") - 3_600.0).abs() < 1.0);
}

#[test]
fn a_write_that_a_synchronous_standby_had_acknowledged_is_never_lost_with_one_member() {
    // Random losses of either, again and again, while none overlaps another.
    for seed in 1..=40_u64 {
        let (at, gap) = (20 + seed * 7 % 60, 30 + seed * 13 % 50);
        let faults = format!(
            "[[faults]]\nkind = \"primary-loss\"\ndatabase = \"d\"\nat = \"{at} min\"\nevery = \"{gap} min\"\n\
             lasts = {{ kind = \"uniform\", from = \"1 s\", to = \"{} min\" }}\n",
            gap / 2
        );
        let text = world(PATRONI, SYNCHRONOUS, "1 s", &faults);
        let record = run_under(&text, None, &[seed]).remove(0);
        is(&record, "writes_lost.d", 0.0);
        assert!(figure(&record, "primary_losses.d") > 2.0, "seed {seed}");
    }
}

#[test]
fn incidents_of_databases_are_told_step_by_step() {
    let often = format!("{LOSS}every = \"2 h\"\nlasts = \"30 min\"\n");
    let record = run(PATRONI, SYNCHRONOUS, &often);
    assert_eq!(record.incidents.len(), 5, "at 1, 3, 5, 7 and 9 h");
    for (number, row) in record.incidents.iter().enumerate() {
        let hours = 3_600_000_000_000 * (1 + 2 * u64::try_from(number).unwrap());
        assert_eq!((row.at, row.databases.clone()), (hours, vec!["d".to_owned()]));
        let steps = [
            Some(row.at),
            row.detected,
            row.decided,
            row.acted,
            row.restored,
            row.verified,
            row.clients_back,
        ];
        assert!(steps.iter().all(Option::is_some) && steps.is_sorted(), "{row:?}");
        assert_eq!(row.absent, "");
    }
    // Where calls are sampled their time stands still in between, and losses are those of the world all the same.
    let text = world(PATRONI, SYNCHRONOUS, "100 ms", &often);
    let sampled =
        run_under(&format!("grain = \"sampled\"\nprecision = \"10 %\"\n{text}"), None, &[3])
            .remove(0);
    assert!(
        sampled.sampled.is_some_and(|of| of.lived < 8 * 3_600_000_000_000),
        "{:?}",
        sampled.sampled
    );
    let told = |row: &IncidentRow| (row.at, row.restored.is_some(), row.absent.clone());
    let all = |record: &Record| record.incidents.iter().map(told).collect::<Vec<_>>();
    assert_eq!(all(&sampled), all(&record));
    // What is not back at the end is told too, with why.
    let record = run("rto = \"1 h\"", SYNCHRONOUS, LOSS);
    let row = &record.incidents[0];
    assert_eq!((row.restored, row.clients_back), (None, None));
    assert_eq!(row.absent, "a database takes no writes at the end of the run");
    // A managed service does not say when it knows.
    let record = run("failover = { kind = \"managed-multi-az\" }", SYNCHRONOUS, LOSS);
    let row = &record.incidents[0];
    assert!(
        row.detected.is_none() && row.restored.is_some() && row.absent.contains("does not say")
    );
}

#[test]
fn a_script_that_asks_promotes_after_as_many_questions_as_it_is_told() {
    let restored = |settings: &str, kind: &str| {
        let settings = format!("recovery = \"1 h\"\nfailover = {{ kind = \"probing\"{settings} }}");
        let often = LOSS.replace("primary-loss", kind) + "every = \"3 h\"\n";
        let text =
            world(&settings, SYNCHRONOUS, "1 min", &often).replace("recovery = \"20 s\"", "");
        let records = run_under(&text, None, &(1..=30).collect::<Vec<u64>>());
        let all = |name: &str| records.iter().map(|of| figure(of, name)).collect::<Vec<f64>>();
        let least = all("rto_verified_p50.d").into_iter().fold(f64::MAX, f64::min);
        (least, all("rto_verified_max.d").into_iter().fold(0.0, f64::max))
    };
    let within = |(least, most): (f64, f64), from: f64, to: f64| {
        assert!(least >= from && most <= to + 0.05 && most > to - 0.6, "{least} to {most}");
    };
    // Between two questions, two more, and the promotion.
    within(restored("", "database-crash"), 2.05, 3.25);
    within(restored(", every = \"2 s\"", "database-crash"), 4.05, 6.25);
    within(restored(", threshold = 6", "database-crash"), 5.05, 6.25);
    // A machine that is gone does not say so: the last question is waited for.
    within(restored("", "primary-loss"), 3.05, 4.25);
    within(restored(", time_out = \"5 s\"", "primary-loss"), 7.05, 8.25);
    within(restored(", time_out = \"5 s\"", "database-crash"), 2.05, 3.25);
    within(restored(", promotes = \"10 s\"", "database-crash"), 12.0, 13.0);
}
