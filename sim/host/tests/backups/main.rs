//! Databases that are backed up, lose their data and are restored: what that takes, and what is lost. Small worlds,
//! worked out by hand.

#[path = "../common/mod.rs"]
mod common;
mod losses;
mod snapshots;
mod stores;

use common::{figure, run_under};
use seatrial_record::Record;

/// 36 GiB on a disk of 500 MiB, copied at 400 MiB a second; a write of 100 KiB a second, from Monday at midnight.
fn world(backups: &str, faults: &str) -> String {
    format!(
        r#"
        title = "backups"
        duration = "3 d"
        restoring = {{ link = "1 GiB" }}
        [[databases]]
        name = "d"
        cores = 4
        data = "36 GiB"
        {backups}
        [[traffic]]
        name = "writes"
        queries = [{{ at = "d", service_time = "10 ms", writes = "100 KiB" }}]
        arrivals = {{ kind = "renewal", gap = "1 s" }}
        {faults}
        "#
    )
}

const ARCHIVED: &str = "backups = { archive = { time_out = \"1 min\" } }";
const PLAIN: &str = "backups = {}";
const POLICIES: &str =
    "tick = \"15 s\"\n[[policies]]\nkind = \"back-up\"\n[[policies]]\nkind = \"restore\"\n";
const HOURLY: &str = "tick = \"15 s\"\n[[policies]]\nkind = \"back-up\"\nincremental = \"1 h\"\n\
                      [[policies]]\nkind = \"restore\"\n";
const LOSS: &str =
    "[[faults]]\nkind = \"disk-lost\"\ndatabase = \"d\"\nat = \"1830 min\"\nlasts = \"4 h\"\n";

fn run(backups: &str, faults: &str, policies: &str) -> Record {
    run_under(&world(backups, faults), Some(policies), &[3]).remove(0)
}

fn near(record: &Record, name: &str, expected: f64, within: f64) {
    let found = figure(record, name);
    assert!((found - expected).abs() <= within, "{name} is {found}, expected {expected}");
}

/// Seconds that it takes to fetch what is archived from 02:00 to 06:30: a segment of 16 MiB each minute, however
/// little is in it.
const SEGMENTS: f64 = 4.5 * 60.0 * 16.0 / 400.0;

/// Seconds until it would take writes and until it was verified, of the only loss.
fn restored(record: &Record) -> (f64, f64) {
    let [row] = record.incidents.as_slice() else { panic!("{:?}", record.incidents) };
    let since = |at: Option<u64>| (at.expect("it is back") - row.at) as f64 / 1e9;
    (since(row.restored), since(row.verified))
}

#[test]
fn a_restore_fetches_replays_starts_and_is_verified() {
    // At half past: what the backup of 02:00 has not is 28.5 h of log, from when it began.
    let record = run(ARCHIVED, LOSS, POLICIES);
    let (fetch, log) = (36.0 * 1024.0 / 400.0 + SEGMENTS, 4.5 * 3_600.0 * 102_400.0 / 50e6);
    let (up, verified) = restored(&record);
    assert!((up - (fetch + log + 10.0)).abs() < 0.5, "{up}, and not {}", fetch + log + 10.0);
    assert!((verified - up - 60.0).abs() < 1e-6);
    near(&record, "rto_clients_max.d", verified, 1e-6);
    near(&record, "restores.d", 1.0, 0.0);
    // Segments are closed on the minute, and pushed a second later: what is lost is of the minute before.
    near(&record, "writes_lost.d", 60.0, 1.0);
    near(&record, "rpo_max.d", 60.0, 1.0);
    let row = &record.incidents[0];
    let steps = [row.detected, row.decided, row.acted, row.restored, row.verified];
    assert!(steps.iter().all(Option::is_some) && steps.is_sorted(), "{row:?}");
}

#[test]
fn without_an_archive_all_since_the_backup_is_lost() {
    let record = run(PLAIN, LOSS, POLICIES);
    // From the end of the backup of 02:00 until 06:30.
    near(&record, "rpo_max.d", 4.5 * 3_600.0 - 92.16, 2.0);
    near(&record, "writes_lost.d", 4.5 * 3_600.0 - 92.16, 2.0);
    // What was written while it was copied is replayed.
    let (up, _) = restored(&record);
    assert!((up - (92.16 + 92.16 * 102_400.0 / 50e6 + 10.0)).abs() < 0.5, "{up}");
    // With one each hour it is half an hour.
    let record = run(PLAIN, LOSS, HOURLY);
    near(&record, "rpo_max.d", 1_800.0, 3.0);
    // Fetched are the full one and the three of what was written since, at 03:00 to 06:00.
    let (up, _) = restored(&record);
    let more = 4.0 * 3_600.0 * 102_400.0 / (400.0 * 1_048_576.0);
    assert!((up - (92.16 + more + 10.0)).abs() < 1.0, "{up}");
}

#[test]
fn a_restore_moves_with_what_it_depends_on_and_with_nothing_else() {
    let is = |backups: &str, loss: &str, policies: &str, change: (&str, &str)| {
        let text = world(backups, loss).replace(change.0, change.1);
        let record = run_under(&text, Some(policies), &[3]).remove(0);
        let (up, verified) = restored(&record);
        (up, verified - up, figure(&record, "rpo_max.d"))
    };
    let of = |backups: &str, change: (&str, &str)| is(backups, LOSS, POLICIES, change);
    let (up, verify, rpo) = of(ARCHIVED, ("", ""));
    let with = |more: &str| ARCHIVED.replace("} }", &format!("}}, {more} }}"));
    let same = |of: (f64, f64, f64), expected: (f64, f64, f64), what: &str| {
        let near = |a: f64, b: f64| (a - b).abs() < 0.6;
        assert!(
            near(of.0, expected.0) && near(of.1, expected.1) && near(of.2, expected.2),
            "{what}: {of:?}, expected {expected:?}"
        );
    };
    let fetch = 92.16;
    let all = fetch + SEGMENTS;
    let log = up - all - 10.0;
    // Twice the bytes, half of what one copies, half of what the disk takes, a link of a fifth.
    same(of(ARCHIVED, ("\"36 GiB\"", "\"72 GiB\"")), (up + fetch, verify, rpo), "data");
    let slow = with("copies = \"200 MiB\"");
    same(of(&slow, ("", "")), (up + all, verify, rpo), "copies");
    let disk = format!("disk = \"200 MiB\"\n{ARCHIVED}");
    same(of(&disk, ("", "")), (up + all, verify, rpo), "disk");
    same(of(ARCHIVED, ("\"1 GiB\"", "\"200 MiB\"")), (up + all, verify, rpo), "link");
    // Twice the rate of replay, a start of twice the time, verification of twice the time.
    same(of(&with("replays = \"100000000 B\""), ("", "")), (up - log / 2.0, verify, rpo), "replay");
    same(of(&with("starts = \"20 s\""), ("", "")), (up + 10.0, verify, rpo), "start");
    same(of(&with("verifies = \"2 min\""), ("", "")), (up, 2.0 * verify, rpo), "verification");
    // Segments that are open for twice as long: half as many, and twice as much that no archive has.
    let open = ARCHIVED.replace("1 min", "2 min");
    let (two, _, lost) = of(&open, ("", ""));
    assert!((two - up + SEGMENTS / 2.0).abs() < 0.6, "{two} {up}");
    assert!((59.0..=121.0).contains(&lost), "{lost}");
    // What has nothing to do with it.
    same(of(&with("keeps = \"14 d\""), ("", "")), (up, verify, rpo), "retention");
    same(of(ARCHIVED, ("cores = 4", "cores = 8")), (up, verify, rpo), "cores");
    same(
        of(ARCHIVED, ("service_time = \"10 ms\"", "service_time = \"20 ms\"")),
        (up, verify, rpo),
        "queries",
    );
}

#[test]
fn two_restores_on_one_link_take_twice_as_long_each() {
    let second = world(PLAIN, "")
        .replace("name = \"d\"", "name = \"e\"")
        .replace("at = \"d\"", "at = \"e\"");
    let second = second.replace("\"writes\"", "\"others\"");
    let second = &second[second.find("[[databases]]").expect("there")..];
    let losses = format!(
        "{LOSS}{}",
        LOSS.replace("\"d\"", "\"e\"").replace("disk-lost\"", "disk-lost\"\nname = \"e\"")
    );
    let took = |link: &str, faults: &str, at_once: u32| {
        let text = world(PLAIN, "").replace("\"1 GiB\"", link) + second + faults;
        let policies = format!("{POLICIES}at_once = {at_once}\n");
        let record = run_under(&text, Some(&policies), &[3]).remove(0);
        let up = |row: &seatrial_record::IncidentRow| {
            (row.restored.expect("it is back") - row.at) as f64 / 1e9
        };
        record.incidents.iter().map(up).collect::<Vec<f64>>()
    };
    let [alone] = took("\"400 MiB\"", LOSS, 2)[..] else { panic!("one loss") };
    let [one, two] = took("\"400 MiB\"", &losses, 2)[..] else { panic!("two losses") };
    for time in [one, two] {
        assert!((time - 10.0 - 2.0 * (alone - 10.0)).abs() < 0.05 * alone, "{time}, alone {alone}");
    }
    // A link that carries both makes no difference.
    let all = took("\"800 MiB\"", &losses, 2);
    assert!(all.iter().all(|time| (time - alone).abs() < 0.05 * alone), "{all:?}, alone {alone}");
    // One after the other, the one that is worth most is back as soon as alone.
    let [one, two] = took("\"400 MiB\"", &losses, 1)[..] else { panic!("two losses") };
    assert!((one - alone).abs() < 0.05 * alone && two > 1.9 * alone, "{one} {two}, alone {alone}");
}

#[test]
fn a_backup_takes_its_part_of_the_disk_from_queries() {
    // Two thirds of its disk for one minute and a half a day, and for as long as it takes over a link that is slow.
    let p95 = |link: &str, policies: &str| {
        let text = world(PLAIN, "").replace("\"1 GiB\"", link).replace("3 d", "3 h");
        figure(&run_under(&text, Some(policies), &[3]).remove(0), "query_p95.d")
    };
    let (no, yes) = (POLICIES.replace("back-up\"", "back-up\"\nat = \"22 h\""), POLICIES);
    let half = POLICIES.replace("back-up\"", "back-up\"\nat = \"1 h\"");
    assert!((p95("\"10 MiB\"", &no) - 0.010).abs() < 0.001, "no backup within three hours");
    // 10 of 500 MiB are taken for the last hour.
    assert!((p95("\"10 MiB\"", yes) - 0.0102).abs() < 0.0002);
    let (slow, fast) = (p95("\"250 MiB\"", &no), p95("\"5 MiB\"", &half));
    assert!(slow < fast, "{slow} {fast}");
    // Half the disk: twice the time, while it lasts.
    let text = world(PLAIN, "").replace("36 GiB", "2000 GiB").replace("\"1 GiB\"", "\"250 MiB\"");
    let text = text.replace("3 d", "4 h");
    let record = run_under(&text, Some(&half), &[3]).remove(0);
    assert!((figure(&record, "query_p50.d") - 0.020).abs() < 0.001);
    near(&record, "backups.d", 1.0, 0.0);
    assert!((figure(&record, "backup_max.d") - 2_000.0 * 1_024.0 / 250.0).abs() < 1.0);
}

#[test]
fn backups_that_fail_do_so_silently_until_one_is_tried() {
    let fail =
        "[[faults]]\nkind = \"backups-fail\"\ndatabase = \"d\"\nat = \"20 h\"\nlasts = \"8 h\"\n";
    let record = run(ARCHIVED, &format!("{fail}{LOSS}"), POLICIES);
    near(&record, "backups_unusable.d", 1.0, 0.0);
    near(&record, "backups_tried_in_vain.d", 1.0, 0.0);
    // Fetched in vain, then the one of the day before, with a day more of log.
    let row = record.incidents.iter().find(|row| row.fault == "disk-lost").expect("a loss");
    let up = (row.restored.expect("it is back") - row.at) as f64 / 1e9;
    let log = 28.5 * 3_600.0 * 102_400.0 / 50e6;
    let expected = 2.0 * 92.16 + SEGMENTS + 28.5 * 60.0 * 16.0 / 400.0 + log + 10.0;
    assert!((up - expected).abs() < 1.0, "{up}, and not {expected}");
    near(&record, "rpo_max.d", 60.0, 1.0);
    // Who rehearses knows before: the bad one is gone, and the next one is good.
    let drills =
        format!("{POLICIES}[[policies]]\nkind = \"rehearse\"\nevery = \"1 d\"\nat = \"4 h\"\n");
    let record = run(
        ARCHIVED,
        &format!("{fail}{}", LOSS.replace("at = \"1830 min\"", "at = \"54 h\"")),
        &drills,
    );
    near(&record, "backups_tried_in_vain.d", 1.0, 0.0);
    assert!(figure(&record, "restore_drills.d") >= 2.0);
    let healed = run(ARCHIVED, LOSS, POLICIES);
    near(&healed, "backups_tried_in_vain.d", 0.0, 0.0);
}

#[test]
fn what_was_proven_grows_old_until_the_next_drill() {
    let drills = |every: &str| {
        format!("{POLICIES}[[policies]]\nkind = \"rehearse\"\nevery = \"{every}\"\nat = \"4 h\"\n")
    };
    let daily = run(PLAIN, "", &drills("1 d"));
    // As of the backup of 02:00, which is proven a little after 04:00 of that day.
    near(&daily, "proven_age_most.d", 26.0 * 3_600.0, 300.0);
    near(&daily, "proven_age_end.d", 22.0 * 3_600.0, 300.0);
    near(&daily, "backup_age_most.d", 24.0 * 3_600.0, 16.0);
    let twice = run(PLAIN, "", &drills("12 h"));
    assert!(figure(&twice, "restore_drills.d") > figure(&daily, "restore_drills.d"));
    let never = run(PLAIN, "", POLICIES);
    let proven = never.metrics.iter().find(|of| of.name == "proven_age_end.d").expect("a metric");
    assert_eq!(proven.value, None, "what was never tried has no age");
    // A drill touches nothing that serves.
    near(&daily, "down.d", 0.0, 0.0);
    near(&daily, "query_p95.d", figure(&never, "query_p95.d"), 1e-9);
}
