//! All that is wrong with a scenario, its policies and its goals is told at once.

use seatrial_format::Finding;
use seatrial_host::open_text;

const POLICIES: &str = "[[policies]]\nkind = \"spread\"\n";

/// A login service with tenants beside it, and what is written into it in place of what.
fn findings(changes: &[(&str, &str)], policies: &str) -> Vec<Finding> {
    let mut text = r#"
        title = "a login"
        duration = "1 d"
        [[services]]
        name = "login"
        concurrency = 4
        service_time = "20 ms"
        [[services]]
        name = "portal"
        concurrency = 4
        service_time = "20 ms"
        [[traffic]]
        name = "logins"
        service = "login"
        arrivals = { kind = "poisson", rate = "9/s" }
        [[traffic]]
        name = "visits"
        service = "portal"
        arrivals = { kind = "poisson", rate = "9/s" }
        [[stacks]]
        name = "app"
        parts = [{ name = "web", cpu = "1 cores", memory = "1 GiB" }]
        [[tiers]]
        name = "free"
        tenants = 5
        stack = "app"
        sessions = { gap = "1 d", length = "1 h" }
        [[pools]]
        name = "workers"
        count = 2
        machine = { cpu = "8 cores", memory = "16 GiB" }
        price = "$1/h"
        [[objectives]]
        name = "quick"
        metric = "response_p95.login"
        at_most = "1 s"
        [[claims]]
        name = "portal"
        source = "a document"
        metric = "response_p95.portal"
        at_most = "1 s"
    "#
    .to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "no {from}");
        text = text.replace(from, to);
    }
    match open_text(&text, Some(policies)) {
        Ok(_) => Vec::new(),
        Err(failure) => failure.findings(),
    }
}

fn told(findings: &[Finding], path: &str) -> String {
    let one = findings.iter().find(|finding| finding.path == path);
    let one = one.unwrap_or_else(|| panic!("nothing at {path}: {findings:#?}"));
    format!("{}; {}", one.message, one.remedy)
}

#[test]
fn it_is_fine_as_it_is() {
    assert_eq!(findings(&[], POLICIES), []);
}

#[test]
fn a_metric_that_nobody_has_is_told_beside_a_name_that_nobody_has() {
    let wrong = [
        ("service = \"portal\"", "service = \"portl\""),
        ("\"response_p95.login\"", "\"respnse_p95.login\""),
    ];
    let all = findings(&wrong, POLICIES);
    assert!(told(&all, "traffic[1].service").contains("no service `portl`"));
    assert!(told(&all, "objectives[0].metric").contains("did you mean `response_p95.login`?"));
    // What the portal would measure is not known as long as nobody calls it.
    assert!(!all.iter().any(|one| one.path.starts_with("claims")), "{all:#?}");
}

#[test]
fn a_metric_that_nobody_has_is_told_beside_values_that_cannot_be_read() {
    for wrong in [
        ("duration = \"1 d\"", "duration = 7"),
        ("tenants = 5", "tenants = \"five\""),
        (
            "concurrency = 4\n        service_time = \"20 ms\"\n        [[traffic]]",
            "concurrency = 0\n        service_time = \"20 ms\"\n        [[traffic]]",
        ),
        ("rate = \"9/s\" }\n        [[stacks]]", "rate = \"9\" }\n        [[stacks]]"),
        ("duration = \"1 d\"", "duration = \"1 d\"\nwarm_up = \"2 d\""),
        ("duration = \"1 d\"", "duration = \"1 d\"\nduratoin = \"1 d\""),
    ] {
        let all = findings(
            &[wrong, ("metric = \"response_p95.login\"", "metric = \"latency.login\"")],
            POLICIES,
        );
        let says = told(&all, "objectives[0].metric");
        assert!(says.contains("no metric `latency.login`"), "{wrong:?}: {says}");
        assert!(says.contains("this scenario has `"), "{wrong:?}: {says}");
        assert!(all.len() >= 2, "{wrong:?}: {all:#?}");
        assert!(!all.iter().any(|one| one.path.starts_with("claims[0]")), "{wrong:?}: {all:#?}");
    }
}

#[test]
fn bounds_in_another_unit_are_told_in_the_same_round_too() {
    let wrong = [
        ("service = \"portal\"", "service = \"portl\""),
        ("at_most = \"1 s\"\n        [[claims]]", "at_most = \"1 GiB\"\n        [[claims]]"),
    ];
    let all = findings(&wrong, POLICIES);
    assert!(told(&all, "objectives[0].at_most").contains("`GiB` is no unit"), "{all:#?}");
}

#[test]
fn what_is_wrong_with_policies_is_told_beside_what_is_wrong_with_goals_and_scenario() {
    let policies = "[[policies]]\nkind = \"sprea\"\n";
    let metric = ("metric = \"response_p95.login\"", "metric = \"wait_p96.login\"");
    let all = findings(&[metric], policies);
    assert!(told(&all, "policies[0].kind").contains("spread"));
    assert!(told(&all, "objectives[0].metric").contains("did you mean `wait_p95.login`?"));
    let all = findings(&[metric, ("service = \"portal\"", "service = \"portl\"")], policies);
    for path in ["policies[0].kind", "objectives[0].metric", "traffic[1].service"] {
        told(&all, path);
    }
}
