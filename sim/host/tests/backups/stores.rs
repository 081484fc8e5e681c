//! Where backups are kept is lost, and comes back: none is made meanwhile, and none is restored but what is off site.

use super::common::{figure, run_under};
use super::{ARCHIVED, HOURLY, LOSS, near, restored, world};
use seatrial_record::Record;

/// From one o'clock on the second day, for eight hours; the data is lost in the middle, at half past six.
const STORE: &str =
    "[[faults]]\nkind = \"zone-loss\"\nzone = \"vault\"\nat = \"25 h\"\nlasts = \"8 h\"\n";

fn run(backups: &str, faults: &str) -> Record {
    let text = world(backups, faults).replace(
        "restoring = { link = \"1 GiB\" }",
        "restoring = { link = \"1 GiB\", place = \"vault\" }\nzones = [{ name = \"vault\" }]",
    );
    run_under(&text, Some(HOURLY), &[3]).remove(0)
}

#[test]
fn a_restore_waits_until_the_store_is_back_or_takes_what_is_off_site() {
    let (alone, _) = restored(&run(ARCHIVED, LOSS));
    let record = run(ARCHIVED, &format!("{STORE}{LOSS}"));
    let row = record.incidents.iter().find(|of| !of.databases.is_empty()).expect("an incident");
    let took = (row.restored.expect("it is back") - row.at) as f64 / 1e9;
    // Two hours and a half until the store is back, and somewhat longer than ever, since the full backup of that night
    // was not made; what was written for five hours and a half was in no archive.
    assert!((0.0..100.0).contains(&(took - 9_000.0 - alone)), "{took} s, alone {alone} s");
    near(&record, "writes_lost.d", 5.5 * 3_600.0, 61.0);
    near(&run(ARCHIVED, LOSS), "writes_lost.d", 30.0, 31.0);
    // Half as long, an hour less.
    let shorter = run(ARCHIVED, &format!("{}{LOSS}", STORE.replace("8 h", "7 h")));
    let shorter = shorter.incidents.iter().find(|of| !of.databases.is_empty()).expect("one");
    let less = took - (shorter.restored.expect("it is back") - shorter.at) as f64 / 1e9;
    assert!((less - 3_600.0).abs() < 60.0, "{less} s less");
    // A copy off site is older, and there.
    let off_site = ARCHIVED.replace("archive =", "off_site = \"1 h\", archive =");
    let copied = run(&off_site, &format!("{STORE}{LOSS}"));
    let row = copied.incidents.iter().find(|of| !of.databases.is_empty()).expect("an incident");
    let took = (row.restored.expect("it is back") - row.at) as f64 / 1e9;
    assert!(took < 600.0, "{took} s");
    assert!(figure(&copied, "writes_lost.d") > 4.0 * 3_600.0);
}

#[test]
fn no_backup_is_made_meanwhile_and_all_are_there_again() {
    let (with, without) = (run(ARCHIVED, STORE), run(ARCHIVED, ""));
    near(&without, "backup_age_most.d", 3_600.0, 120.0);
    // Eight hours and the hour before, and whoever was refused for so long tries again after a while only.
    near(&with, "backup_age_most.d", 11.0 * 3_600.0, 2.1 * 3_600.0);
    near(&with, "backups.d", figure(&without, "backups.d") - 10.0, 2.1);
    near(&with, "backups_stored_end.d", figure(&without, "backups_stored_end.d"), 5e9);
    // Nobody who asks it is kept from anything.
    near(&with, "answered.writes", figure(&without, "answered.writes"), 0.5);
    // What is lost while it is away is lost when it is back.
    let lost = "[[faults]]\nkind = \"backups-lost\"\ndatabase = \"d\"\nat = \"26 h\"\n";
    let lost = run(ARCHIVED, &format!("{STORE}{lost}"));
    assert!(figure(&lost, "backups_stored_end.d") < figure(&with, "backups_stored_end.d") + 1.0);
    assert!(figure(&lost, "backup_age_end.d") <= 3_700.0);
}

#[test]
fn tenants_are_restored_once_their_store_is_back() {
    let world = |faults: &str| {
        format!(
            r#"
            title = "tenants"
            duration = "10 h"
            restoring = {{ place = "vault" }}
            zones = [{{ name = "vault" }}, {{ name = "here" }}]
            waking = {{ start_time = "1 min" }}
            [[stacks]]
            name = "app"
            parts = [{{ name = "web", cpu = "1 cores", memory = "1 GiB" }}]
            [[tiers]]
            name = "free"
            stack = "app"
            tenants = 4
            sessions = {{ gap = "1 s", length = "9 h" }}
            data = {{ kind = "on-machine", backups = {{ every = "1 h", size = "10 GiB" }} }}
            [[pools]]
            name = "workers"
            count = 1
            zones = ["here"]
            machine = {{ cpu = "16 cores", memory = "64 GiB" }}
            price = "$1/h"
            {faults}
            "#
        )
    };
    let spread = "tick = \"15 s\"\n[[policies]]\nkind = \"spread\"\n";
    let took = |faults: &str| {
        let record = run_under(&world(faults), Some(spread), &[5]).remove(0);
        figure(&record, "recovery_max")
    };
    let disk = "[[faults]]\nkind = \"machine-disk-lost\"\nat = \"5 h\"\n";
    let store = |at: &str| {
        format!(
            "[[faults]]\nkind = \"zone-loss\"\nzone = \"vault\"\nat = \"{at}\"\nlasts = \"1 h\"\n{disk}"
        )
    };
    let alone = took(disk);
    // Lost half an hour before, and back half an hour after.
    let waits = took(&store("270 min"));
    assert!((waits - alone - 1_800.0).abs() < 1.0, "{waits} s, alone {alone} s");
    // In the middle of the restore it stands still, and goes on where it was.
    let middle = took(&store("18020 s"));
    assert!((middle - alone - 3_600.0).abs() < 1.0, "{middle} s, alone {alone} s");
}
