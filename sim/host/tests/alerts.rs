//! Alerts go off when something was seen for long enough, and call people by day and by night.
//! Small scenarios, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_record::Record;

/// One tenant on one machine of 1.2 cores: at work it uses 1.1 of them (92 %), else a tenth of that;
/// six minutes of work follow ten of quiet, 90 times a day.
fn busy(alerts: &str) -> Record {
    fleet("gap = \"10 min\", length = \"6 min\"", "", alerts)
}

fn fleet(sessions: &str, tier: &str, alerts: &str) -> Record {
    let text = format!(
        r#"
        title = "fleet"
        duration = "1 d"
        pager = {{ acknowledged_after = "3 min", acknowledged_after_at_night = "20 min",
                   repaired_after = "16 min" }}
        {alerts}
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1.1 cores"
        memory = "1 GiB"
        quiet = {{ cpu = "10 %", memory = "50 %" }}
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 1
        start = "awake"
        sessions = {{ {sessions} }}
        {tier}
        [[pools]]
        name = "workers"
        count = 1
        machine = {{ cpu = "1.2 cores", memory = "64 GiB" }}
        price = "$1/h"
        "#
    );
    let policies = "tick = \"15 s\"\n[[policies]]\nkind = \"spread\"";
    run_under(&text, Some(policies), &[11]).remove(0)
}

fn cpu(above: &str, holds_for: &str, more: &str) -> String {
    format!(
        "[[alerts]]\nname = \"cpu\"\nwatches = {{ kind = \"machine-cpu\", above = \"{above}\" }}\n\
         holds_for = \"{holds_for}\"\n{more}\n"
    )
}

fn within(found: f64, low: f64, high: f64, what: &str) {
    assert!((low..=high).contains(&found), "{what}: {found} is not in {low} to {high}");
}

#[test]
fn an_alert_goes_off_when_it_has_been_so_for_long_enough() {
    let record = busy(&cpu("85 %", "5 min", ""));
    within(figure(&record, "alerts.cpu"), 88.0, 91.0, "once in each of 90 stretches of work");
    // One minute of six is left once five have passed, give or take a scrape at each end.
    within(figure(&record, "alert_share.cpu"), 0.047, 0.079, "90 minutes of 1,440");
    within(figure(&record, "alert_longest.cpu"), 45.0, 75.0, "a minute");
    assert!(figure(&record, "pages").abs() < 1e-9, "a warning calls nobody");
}

#[test]
fn an_alert_does_not_go_off_for_less() {
    let short = busy(&cpu("85 %", "390 s", ""));
    assert!(figure(&short, "alerts.cpu").abs() < 1e-9);
    let high = busy(&cpu("95 %", "0 s", ""));
    assert!(figure(&high, "alerts.cpu").abs() < 1e-9, "92 % is not over 95 %");
}

#[test]
fn critical_alerts_call_people_who_come_later_at_night() {
    let record = busy(&cpu("85 %", "5 min", "severity = \"critical\""));
    let pages = figure(&record, "pages");
    within(pages, 88.0, 91.0, "one for each alert");
    // From 22:00 to 8:00: ten hours of 24.
    within(figure(&record, "pages_at_night") / pages, 0.38, 0.46, "at night");
    within(figure(&record, "page_acknowledged_p95"), 1_180.0, 1_220.0, "20 minutes at night");
    // 16 minutes for each of those that come every 16 minutes.
    within(figure(&record, "people_at_work_mean"), 0.96, 1.02, "one at a time, on average");
    let quiet = busy(&cpu("85 %", "5 min", "severity = \"critical\"\npages = false"));
    assert!(figure(&quiet, "pages").abs() < 1e-9);
}

#[test]
fn who_sees_nothing_raises_no_alert() {
    let alerts = cpu("85 %", "0 s", "");
    let record = busy(&format!("sensing = {{ loss = \"100 %\" }}\n{alerts}"));
    assert!(figure(&record, "alerts.cpu").abs() < 1e-9, "every scrape is lost");
}

#[test]
fn kills_count_by_tenant_within_a_while() {
    let of = |more_than: u32, within: &str| {
        let alerts = format!(
            "[[alerts]]\nname = \"kills\"\n\
             watches = {{ kind = \"kills\", more_than = {more_than}, within = \"{within}\" }}\n"
        );
        let limit = "limit = { cpu = \"2 cores\", memory = \"700 MiB\" }";
        let record = fleet("gap = \"10 h\", length = \"5 min\"", limit, &alerts);
        // At work it wants 1 GiB: killed at once, and again when it comes back after 150 s.
        within_count(figure(&record, "kills"), 4);
        figure(&record, "alerts.kills")
    };
    within_count(of(1, "5 min"), 2);
    within_count(of(2, "5 min"), 0);
    within_count(of(1, "1 min"), 0);
}

fn within_count(found: f64, expected: u32) {
    assert!((found - f64::from(expected)).abs() < 1e-9, "{found}, not {expected}");
}
