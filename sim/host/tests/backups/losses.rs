//! What is lost, and who brings it back or does not.

use super::common::{figure, run_under};
use super::{ARCHIVED, HOURLY, LOSS, PLAIN, POLICIES, SEGMENTS, near, restored, run, world};
use seatrial_host::open_text;

#[test]
fn what_is_off_site_is_there_when_backups_are_lost() {
    let lost = "[[faults]]\nkind = \"backups-lost\"\ndatabase = \"d\"\nat = \"1829 min\"\n";
    let all = format!("{lost}{LOSS}");
    let record = run(ARCHIVED, &all, POLICIES);
    let row = record.incidents.iter().find(|row| row.fault == "disk-lost").expect("a loss");
    assert_eq!(row.restored, None);
    assert_eq!(row.absent, "a database takes no writes, and no policy restored it");
    // Copied off site at 02:00 each day: the archive is lost, so that all since then is too.
    let away = "backups = { archive = { time_out = \"1 min\" }, off_site = \"1 d\" }";
    let record = run(away, &all, POLICIES);
    near(&record, "restores.d", 1.0, 0.0);
    near(&record, "rpo_max.d", 4.5 * 3_600.0 - 92.16, 2.0);
    let record = run(away, LOSS, POLICIES);
    near(&record, "rpo_max.d", 60.0, 1.0);
}

#[test]
fn what_is_written_while_nothing_is_archived_is_lost_with_the_server() {
    let stops = |lasts: &str| {
        let stops = "[[faults]]\nkind = \"archive-stops\"\ndatabase = \"d\"\nat = \"29 h\"\nlasts = \"LASTS\"\n";
        run(ARCHIVED, &format!("{}{LOSS}", stops.replace("LASTS", lasts)), POLICIES)
    };
    // From 05:00, or the last minute before, until the loss at 06:30.
    let record = stops("2 h");
    near(&record, "rpo_max.d", 5_400.0, 61.0);
    near(&record, "writes_lost.d", 5_400.0, 61.0);
    near(&record, "archive_behind_most.d", 5_400.0, 61.0);
    near(&run(ARCHIVED, LOSS, POLICIES), "archive_behind_most.d", 61.0, 1.0);
    // Once it is over all is pushed, one segment a second.
    near(&stops("1 h"), "rpo_max.d", 60.0, 1.0);
    // A loss that nothing is lost by has nothing to do with it.
    near(&stops("2 h"), "restores.d", 1.0, 0.0);
}

#[test]
fn standbys_help_against_lost_disks_and_not_against_mistakes() {
    let managed = "standbys = [{ name = \"s\", following = \"synchronous\" }]\nfailover = { kind = \"patroni\" }\n";
    let with = format!("{managed}{ARCHIVED}");
    let record = run(&with, LOSS, POLICIES);
    near(&record, "failovers.d", 1.0, 0.0);
    near(&record, "restores.d", 0.0, 0.0);
    near(&record, "writes_lost.d", 0.0, 0.0);
    // The disk of the standby too: there is nothing left but the backup.
    let both = format!(
        "{LOSS}{}standby = \"s\"\n",
        LOSS.replace("disk-lost\"", "disk-lost\"\nname = \"s\"")
    );
    let record = run(&with, &both, POLICIES);
    near(&record, "failovers.d", 0.0, 0.0);
    near(&record, "restores.d", 1.0, 0.0);
    // A mistake is followed by all; the log is there, so that nothing is lost that was archived to its end.
    let deleted = LOSS.replace("disk-lost", "data-deleted").replace("lasts = \"4 h\"\n", "");
    let record = run(&with, &deleted, POLICIES);
    near(&record, "failovers.d", 0.0, 0.0);
    near(&record, "restores.d", 1.0, 0.0);
    near(&record, "writes_lost.d", 0.0, 0.0);
    let record = run(&format!("{managed}{PLAIN}"), &deleted, POLICIES);
    near(&record, "rpo_max.d", 4.5 * 3_600.0 - 92.16, 2.0);
    // Afterwards there is a standby again, which takes over from what is lost next.
    let next = format!(
        "{deleted}{}",
        LOSS.replace("1830 min", "40 h").replace("disk-lost\"", "primary-loss\"\nname = \"next\"")
    );
    let record = run(&with, &next, POLICIES);
    near(&record, "failovers.d", 1.0, 0.0);
    near(&record, "restores.d", 1.0, 0.0);
}

#[test]
fn a_server_that_may_come_back_is_waited_for() {
    let loss = |lasts: &str| {
        let loss = LOSS.replace("disk-lost", "primary-loss").replace("4 h", lasts);
        run(ARCHIVED, &loss, POLICIES)
    };
    let record = loss("20 min");
    near(&record, "restores.d", 0.0, 0.0);
    near(&record, "writes_lost.d", 0.0, 0.0);
    let record = loss("4 h");
    near(&record, "restores.d", 1.0, 0.0);
    near(&record, "writes_lost.d", 60.0, 1.0);
    let row = &record.incidents[0];
    assert!((row.decided.expect("decided") - row.at).abs_diff(1_800_000_000_000) <= 15_000_000_000);
}

#[test]
fn who_does_not_restore_is_told() {
    let record = run_under(&world(ARCHIVED, LOSS), None, &[3]).remove(0);
    let row = &record.incidents[0];
    assert_eq!((row.decided, row.restored), (None, None));
    assert_eq!(
        row.absent,
        "a database takes no writes, and nobody restores it: there are no policies"
    );
    let down = "[[faults]]\nkind = \"policies-down\"\nat = \"30 h\"\nlasts = \"2 d\"\n";
    let record = run(ARCHIVED, &format!("{LOSS}{down}"), POLICIES);
    let row = &record.incidents[0];
    assert_eq!((row.decided, row.restored), (None, None));
    assert!(row.absent.contains("the policies were down meanwhile"), "{}", row.absent);
    // Down for an hour, they are an hour late.
    let hour = down.replace("2 d", "90 min");
    let late = run(ARCHIVED, &format!("{LOSS}{hour}"), POLICIES);
    let on_time = run(ARCHIVED, LOSS, POLICIES);
    let (late, on_time) =
        (figure(&late, "rto_verified_max.d"), figure(&on_time, "rto_verified_max.d"));
    assert!((late - on_time - 3_600.0).abs() < 16.0, "{late} {on_time}");
}

#[test]
fn a_full_disk_stops_a_database_until_there_is_room() {
    let managed = "standbys = [{ name = \"s\" }]\nfailover = { kind = \"patroni\" }\n";
    let full = LOSS.replace("disk-lost", "disk-full").replace("4 h", "1 h");
    let record = run(&format!("{managed}{PLAIN}"), &full, POLICIES);
    near(&record, "down.d", 3_600.0, 1.0);
    near(&record, "failovers.d", 0.0, 0.0);
    near(&record, "restores.d", 0.0, 0.0);
    near(&run(PLAIN, "", POLICIES), "down.d", 0.0, 0.0);
}

#[test]
fn a_link_that_is_slow_slows_what_goes_over_it_and_nothing_else() {
    let slow = "[[faults]]\nkind = \"link-slow\"\nat = \"30 h\"\nlasts = \"2 h\"\n";
    let (up, _) = restored(&run(ARCHIVED, LOSS, POLICIES));
    let record = run(ARCHIVED, &format!("{LOSS}{slow}"), POLICIES);
    let row = record.incidents.iter().find(|row| row.fault == "disk-lost").expect("a loss");
    let slowed = (row.restored.expect("it is back") - row.at) as f64 / 1e9;
    // 102.4 MiB of 1 GiB, where 400 MiB could be copied.
    assert!(
        (slowed - up - (92.16 + SEGMENTS) * (400.0 / 102.4 - 1.0)).abs() < 1.0,
        "{slowed} {up}"
    );
    // It is over before the next backup.
    near(&record, "backup_max.d", 92.16, 0.01);
}

#[test]
fn backups_are_made_by_the_calendar_and_kept_for_as_long_as_is_said() {
    let record = run(PLAIN, "", HOURLY);
    // Each hour but those of the full ones, from 00:00 of the first day on.
    near(&record, "backups.d", 72.0, 1.0);
    let kept = |keeps: &str| {
        let backups = format!("backups = {{ keeps = \"{keeps}\" }}");
        figure(&run(&backups, "", POLICIES), "backups_stored_end.d") / (36.0 * 1_073_741_824.0)
    };
    // The first, and those of 02:00 on three days; of a day: those of the last two.
    assert_eq!((kept("7 d"), kept("1 d"), kept("0 s")), (4.0, 2.0, 1.0));
    // What was missed is made up for.
    let down = "[[faults]]\nkind = \"policies-down\"\nat = \"25 h\"\nlasts = \"4 h\"\n";
    near(&run(PLAIN, down, POLICIES), "backups.d", 3.0, 0.0);
    near(&run(PLAIN, down, POLICIES), "backup_age_most.d", 27.0 * 3_600.0, 20.0);
    // A database that is lost is not backed up, and one that is lost meanwhile has none of it.
    let lost = LOSS.replace("1830 min", "1561 min");
    near(&run(PLAIN, &lost, POLICIES), "backups_cut_short.d", 1.0, 0.0);
}

#[test]
fn what_was_lost_once_is_not_lost_again() {
    let again = LOSS
        .replace("disk-lost\"", "disk-lost\"\nname = \"again\"")
        .replace("1830 min", "1950 min");
    let record = run(PLAIN, &format!("{LOSS}{again}"), POLICIES);
    near(&record, "restores.d", 2.0, 0.0);
    let (first, up) = (4.5 * 3_600.0 - 92.16, 92.16 + 0.2 + 10.0 + 60.0);
    // From when callers were back, two hours less that, and what was lost before.
    near(&record, "writes_lost.d", first + 2.0 * 3_600.0 - up, 20.0);
    near(&record, "rpo_max.d", first, 2.0);
}

#[test]
fn where_calls_are_sampled_what_is_lost_is_rate_times_interval() {
    let stops =
        "[[faults]]\nkind = \"archive-stops\"\ndatabase = \"d\"\nat = \"29 h\"\nlasts = \"2 h\"\n";
    for (backups, faults) in [
        (PLAIN, LOSS.to_owned()),
        (ARCHIVED, LOSS.to_owned()),
        (ARCHIVED, format!("{stops}{LOSS}")),
    ] {
        let text = world(backups, &faults);
        let lived = run_under(&text, Some(POLICIES), &[3]).remove(0);
        let sampled = format!("grain = \"sampled\"\nprecision = \"10 %\"\n{text}");
        let sampled = run_under(&sampled, Some(POLICIES), &[3]).remove(0);
        let part = sampled.sampled.as_ref().expect("it is sampled").lived;
        assert!(part < 2 * 86_400 * 1_000_000_000, "most is lived: {part}");
        for name in ["writes_lost.d", "rpo_max.d", "rto_verified_max.d", "backups.d"] {
            let (expected, found) = (figure(&lived, name), figure(&sampled, name));
            let near = (found - expected).abs() <= 0.03 * expected + 61.0;
            assert!(near, "{backups} {name}: {found} where sampled, {expected} where lived");
        }
    }
}

#[test]
fn one_that_must_not_be_alone_waits_for_its_standby_after_a_restore() {
    let of = |alone: &str| {
        let managed = format!(
            "standbys = [{{ name = \"s\", following = \"synchronous\" }}]\n\
             failover = {{ kind = \"patroni\" }}\nwhen_alone = \"{alone}\"\n{ARCHIVED}"
        );
        let deleted = LOSS.replace("disk-lost", "data-deleted").replace("lasts = \"4 h\"\n", "");
        figure(&run(&managed, &deleted, POLICIES), "down.d")
    };
    // The standby copies 36 GiB at 500 MiB a second first.
    let copies = 36.0 * 1_024.0 / 500.0;
    assert!(
        (of("stops") - of("goes-on") - copies).abs() < 1.0,
        "{} {}",
        of("stops"),
        of("goes-on")
    );
}

#[test]
fn what_is_wrong_with_backups_is_told_with_the_remedy() {
    let told = |backups: &str, faults: &str, policies: &str| match open_text(
        &world(backups, faults),
        Some(policies),
    ) {
        Ok(_) => String::new(),
        Err(failure) => failure.render(seatrial_format::Style::default()),
    };
    let named = POLICIES.replace("back-up\"\n", "back-up\"\ndatabases = [\"d\"]\n");
    let fault = LOSS.replace("disk-lost", "backups-lost").replace("lasts = \"4 h\"\n", "");
    let slow = "[[faults]]\nkind = \"link-slow\"\nat = \"1 h\"\nto = \"0 %\"\n";
    for (backups, faults, policies, says) in [
        ("backups = { copies = \"0 B\" }", "", POLICIES, "nothing a second is never done"),
        ("backups = { replays = \"0 B\" }", "", POLICIES, "nothing a second is never done"),
        ("disk = \"0 B\"", "", POLICIES, "nothing a second is never done"),
        ("backups = { off_site = \"1 min\" }", "", POLICIES, "once an hour at the most"),
        ("backups = { archive = { time_out = \"0 s\" } }", "", POLICIES, "a second at the least"),
        ("", "", &named, "`d` has no backups"),
        ("", &fault, "", "`d` has no backups"),
        (PLAIN, "", &named.replace("\"d\"", "\"e\""), "no database `e`"),
        (PLAIN, slow, POLICIES, "cannot be slowed to 0 %"),
        (PLAIN, &LOSS.replace("lasts", "standby = \"s\"\nlasts"), POLICIES, "no standby `s`"),
    ] {
        let found = told(backups, faults, policies);
        assert!(found.contains(says), "{backups} {faults}\n{found}");
    }
    assert_eq!(told(PLAIN, LOSS, &named), "");
}

#[test]
fn a_restore_waits_for_no_backup_and_no_drill_that_is_under_way() {
    let drills =
        format!("{POLICIES}[[policies]]\nkind = \"rehearse\"\nevery = \"1 d\"\nat = \"4 h\"\n");
    // A minute after 02:00, when it is backed up, and after 04:00, when it is rehearsed; and in the moment of both.
    for at in ["1561 min", "1681 min", "93600 s", "100800 s"] {
        let record = run(ARCHIVED, &LOSS.replace("1830 min", at), &drills);
        let row = &record.incidents[0];
        let decided = row.decided.expect("it is decided") - row.at;
        assert!(decided <= 30_000_000_000, "{at}: decided after {decided} ns");
        near(&record, "restores.d", 1.0, 0.0);
    }
}
