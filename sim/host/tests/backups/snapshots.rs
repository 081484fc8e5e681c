//! Backups that are snapshots of a volume: nothing is copied by the database, and nothing is fetched but the log.

use super::{HOURLY, LOSS, POLICIES, SEGMENTS, figure, near, restored, run};

const TAKEN: &str = "backups = { snapshots = {}, archive = { time_out = \"1 min\" } }";
const BARE: &str = "backups = { snapshots = {} }";

#[test]
fn a_restore_attaches_a_volume_and_fetches_only_the_log() {
    let record = run(TAKEN, LOSS, POLICIES);
    let log = 4.5 * 3_600.0 * 102_400.0 / 50e6;
    let (up, verified) = restored(&record);
    assert!((up - (SEGMENTS + 60.0 + log + 10.0)).abs() < 0.5, "{up}");
    assert!((verified - up - 60.0).abs() < 1e-6);
    near(&record, "writes_lost.d", 60.0, 1.0);
    // How long it takes to attach doubles, and what follows from it; how much data there is does not.
    let slower = TAKEN.replace("snapshots = {}", "snapshots = { attaches = \"2 min\" }");
    assert!((restored(&run(&slower, LOSS, POLICIES)).0 - up - 60.0).abs() < 1e-6);
    let more =
        format!("{TAKEN}\ndata = \"72 GiB\"").replace("backups", "disk = \"1 GiB\"\nbackups");
    let more = super::world(&more, LOSS).replacen("data = \"36 GiB\"\n", "", 1);
    let more = super::run_under(&more, Some(POLICIES), &[3]).remove(0);
    assert!((restored(&more).0 - up).abs() < 1e-6, "{}", restored(&more).0);
}

#[test]
fn it_takes_nothing_from_what_serves_and_room_for_what_was_written_since() {
    let record = run(BARE, "", POLICIES);
    near(&record, "backups.d", 3.0, 0.0);
    near(&record, "backup_mean.d", 120.0, 0.01);
    // Ten milliseconds, and five to flush its log, as when nothing is backed up.
    near(&record, "response_max.writes", 0.015, 1e-6);
    assert!(figure(&run("backups = {}", "", POLICIES), "response_max.writes") > 0.02);
    // All, and what was written in two hours and two days.
    let (data, hour) = (36.0 * 1024.0 * 1024.0 * 1024.0, 3_600.0 * 102_400.0);
    near(&record, "backups_stored_end.d", data + 50.0 * hour, hour / 30.0);
    // Of those that are left the oldest takes the room of all.
    let kept = run(&BARE.replace("{} }", "{}, keeps = \"1 h\" }"), "", POLICIES);
    near(&kept, "backups_stored_end.d", data, 1.0);
    // Off site one is copied in full.
    let away = run(&BARE.replace("{} }", "{}, off_site = \"1 d\" }"), LOSS, POLICIES);
    near(&away, "restores.d", 1.0, 0.0);
}

#[test]
fn each_is_of_the_moment_at_which_it_was_begun_and_is_restored_by_itself() {
    // From the beginning of the one of 02:00, or of 06:00, until half past six.
    for (policies, hours) in [(POLICIES, 4.5), (HOURLY, 0.5)] {
        let record = run(BARE, LOSS, policies);
        near(&record, "rpo_max.d", hours * 3_600.0, 20.0);
        let (up, _) = restored(&record);
        assert!((up - 70.0).abs() < 0.5, "{up}");
    }
    // Two that are no good are attached before the one that is, an hour older each.
    let fails = "[[faults]]\nkind = \"backups-fail\"\ndatabase = \"d\"\nat = \"1730 min\"\nlasts = \"90 min\"\n";
    let record = run(BARE, &format!("{LOSS}{fails}"), HOURLY);
    near(&record, "backups_tried_in_vain.d", 2.0, 0.0);
    let (up, _) = restored(&record);
    assert!((up - 60.0 * 3.0 - 10.0).abs() < 0.5, "{up}");
    near(&record, "rpo_max.d", 2.5 * 3_600.0, 20.0);
    // One that cannot be used yet when all is lost is none.
    let early = LOSS.replace("1830 min", "1561 min");
    let record = run(BARE, &early, POLICIES);
    near(&record, "backups_cut_short.d", 1.0, 0.0);
    near(&record, "rpo_max.d", 86_400.0 + 60.0, 20.0);
    let quick = BARE.replace("{} }", "{ takes = \"30 s\" } }");
    near(&run(&quick, &early, POLICIES), "rpo_max.d", 60.0, 20.0);
}
