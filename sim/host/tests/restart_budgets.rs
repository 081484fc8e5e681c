//! Tenants that are killed again and again while nobody is there, and a policy that lets them sleep. Small worlds, worked
//! out by hand.

mod common;

use common::{figure, run_under};
use seatrial_record::Record;

/// Ten tenants, all of which lose a container each two minutes; somebody is at each for the first minute or all day.
fn world(length: &str) -> String {
    format!(
        r#"
        title = "budget"
        duration = "10 h"
        waking = {{ start_time = "1 min" }}
        [[stacks]]
        name = "app"
        parts = [{{ name = "web", cpu = "1 cores", memory = "1 GiB", stops_at = "asleep" }}]
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 10
        sessions = {{ gap = "30 d", length = "{length}" }}
        [[pools]]
        name = "workers"
        count = 1
        machine = {{ cpu = "16 cores", memory = "64 GiB" }}
        price = "$1/h"
        [[faults]]
        kind = "container-kill"
        tenants = 10
        at = "1 h"
        every = "2 min"
        "#
    )
}

fn run(text: &str, policy: &str) -> Record {
    let policies = format!("tick = \"15 s\"\n[[policies]]\nkind = \"spread\"\n{policy}");
    run_under(text, Some(&policies), &[5]).remove(0)
}

const BUDGET: &str = "[[policies]]\nkind = \"restart-budget\"\n";

#[test]
fn who_is_killed_again_and_again_sleeps_until_somebody_comes() {
    let (without, with) = (run(&world("1 min"), ""), run(&world("1 min"), BUDGET));
    // Each two minutes for nine hours.
    assert!(figure(&without, "kills") > 1_500.0, "{}", figure(&without, "kills"));
    let spent: u64 = with
        .reasons
        .iter()
        .filter(|of| of.reason == "budget-spent" && of.verdict == "hibernate")
        .map(|of| of.count)
        .sum();
    assert_eq!(spent, 10);
    // Five are put up with, and the sixth is one too many, as soon as it is seen.
    assert!((60.0..=70.0).contains(&figure(&with, "kills")), "{}", figure(&with, "kills"));
    let twice = run(&world("1 min"), &format!("{BUDGET}most = 10\n"));
    assert!((110.0..=120.0).contains(&figure(&twice, "kills")), "{}", figure(&twice, "kills"));
    // What is slower than the budget's time spends none of it.
    let slow = world("1 min").replace("every = \"2 min\"", "every = \"15 min\"");
    let same = (run(&slow, BUDGET), run(&slow, ""));
    assert!((figure(&same.0, "kills") - figure(&same.1, "kills")).abs() < 0.5);
    assert!(figure(&run(&slow, &format!("{BUDGET}within = \"3 h\"\n")), "kills") < 80.0);
}
