//! Faults of `[[faults]]`: what each strikes, and that it heals. Small worlds, worked out by hand.

mod common;

use common::{figure, run_under};
use seatrial_host::{Silent, World, open_text};
use seatrial_record::Record;

/// Tenants that are always there, on so many machines in two zones; `faults` is laid in at the end.
fn world(faults: &str) -> String {
    format!(
        r#"
        title = "faults"
        duration = "12 h"
        waking = {{ start_time = "2 min" }}
        sensing = {{ every = "15 s" }}
        [[stacks]]
        name = "app"
        [[stacks.parts]]
        name = "web"
        cpu = "1 cores"
        memory = "1 GiB"
        quiet = {{ cpu = "10 %", memory = "50 %" }}
        stops_at = "asleep"
        [[tiers]]
        name = "free"
        stack = "app"
        tenants = 40
        sessions = {{ gap = "1 d", length = "10 min" }}
        [[pools]]
        name = "workers"
        count = 4
        zones = ["east", "west"]
        machine = {{ cpu = "16 cores", memory = "64 GiB" }}
        price = "$1/h"
        starts_at_once = 4
        {faults}
        "#
    )
}

const POLICIES: &str = "tick = \"15 s\"\n[[policies]]\nkind = \"spread\"\n";

fn run(faults: &str) -> Record {
    run_under(&world(faults), Some(POLICIES), &[11]).remove(0)
}

/// A figure that is a count.
fn count(record: &Record, name: &str) -> u64 {
    let found = figure(record, name);
    assert!((found - found.round()).abs() < 1e-9, "{name} is no count: {found}");
    format!("{found:.0}").parse().unwrap()
}

fn told(faults: &str) -> String {
    match open_text(&world(faults), Some(POLICIES)) {
        Ok(_) => String::new(),
        Err(failure) => failure.render(seatrial_format::Style::default()),
    }
}

#[test]
fn a_crash_takes_what_ran_on_the_machine_and_it_starts_anew_when_it_is_back() {
    let record = run("[[faults]]\nkind = \"machine-crash\"\nat = \"2 h\"\nlasts = \"30 min\"\n");
    assert_eq!(count(&record, "machines_lost"), 1);
    // Forty tenants spread over four machines, and each starts in two minutes, four at a time.
    assert_eq!(count(&record, "tenants_down"), 10);
    assert_eq!(count(&record, "tenants_down_end"), 0);
    let minutes = |name: &str| figure(&record, name) / 60.0;
    assert!((minutes("recovery_max") - 36.0).abs() < 0.5, "{}", minutes("recovery_max"));
    assert!((minutes("recovery_p50") - 34.0).abs() < 0.5, "{}", minutes("recovery_p50"));
    assert_eq!(count(&record, "serving_most"), 40);
}

#[test]
fn recovery_takes_as_much_longer_as_the_machine_is_away_and_starts_take() {
    let max = |faults: &str, changes: &[(&str, &str)]| {
        let text = changes.iter().fold(world(faults), |text, (from, to)| text.replace(from, to));
        figure(&run_under(&text, Some(POLICIES), &[11])[0], "recovery_max") / 60.0
    };
    let fault = |lasts: &str| {
        format!("[[faults]]\nkind = \"machine-crash\"\nat = \"2 h\"\nlasts = \"{lasts}\"\n")
    };
    let usual = max(&fault("30 min"), &[]);
    assert!((max(&fault("60 min"), &[]) - usual - 30.0).abs() < 0.1);
    let slow = max(&fault("30 min"), &[("start_time = \"2 min\"", "start_time = \"4 min\"")]);
    assert!((slow - usual - 6.0).abs() < 0.1, "three rounds of starts: {slow} and {usual}");
    let one = max(&fault("30 min"), &[("starts_at_once = 4", "starts_at_once = 1")]);
    assert!((one - 50.0).abs() < 0.5, "ten one after the other: {one}");
    // What has nothing to do with it leaves it alone.
    let dear = max(&fault("30 min"), &[("$1/h", "$2/h"), ("every = \"15 s\"", "every = \"30 s\"")]);
    assert!((dear - usual).abs() < 1e-9, "{dear} and {usual}");
}

#[test]
fn a_machine_that_never_comes_back_keeps_its_tenants_down() {
    let record = run("[[faults]]\nkind = \"machine-crash\"\nat = \"2 h\"\n");
    assert_eq!(count(&record, "tenants_down_end"), 10);
    assert_eq!(count(&record, "tenants_down"), 10);
    let none = record.metrics.iter().find(|of| of.name == "recovery_p50").unwrap().value;
    assert_eq!(none, None, "none has recovered");
}

#[test]
fn a_share_is_rounded_up_and_a_zone_is_all_that_stands_there() {
    let lost =
        |fault: &str| count(&run(&format!("[[faults]]\nat = \"1 h\"\n{fault}")), "machines_lost");
    assert_eq!(lost("kind = \"machine-crash\"\nmachines = 3\n"), 3);
    assert_eq!(lost("kind = \"machine-crash\"\nmachines = 9\n"), 4, "no more than there are");
    assert_eq!(lost("kind = \"machine-crash\"\nshare = \"30 %\"\n"), 2);
    assert_eq!(lost("kind = \"machine-crash\"\npool = \"workers\"\nshare = \"100 %\"\n"), 4);
    assert_eq!(lost("kind = \"zone-loss\"\nzone = \"west\"\n"), 2);
}

#[test]
fn faults_that_overlap_heal_when_the_last_one_does() {
    let zone = "[[faults]]\nkind = \"zone-loss\"\nzone = \"east\"\nat = \"1 h\"\nlasts = \"1 h\"\n";
    let all = "[[faults]]\nkind = \"machine-crash\"\nshare = \"100 %\"\nat = \"90 min\"\nlasts = \"2 h\"\n";
    let record = run(&format!("{zone}{all}"));
    assert_eq!(count(&record, "machines_lost"), 4, "none is lost twice");
    assert_eq!(count(&record, "tenants_down"), 40);
    assert_eq!(count(&record, "tenants_down_end"), 0);
    // From 1 h to 3 h 30 min, and three rounds of starts.
    let longest = figure(&record, "recovery_max") / 60.0;
    assert!((longest - 156.0).abs() < 0.5, "{longest}");
}

#[test]
fn a_machine_that_is_down_is_lost_to_view_and_nobody_is_moved_off_it() {
    // A policy that would empty the machine finds that what stands there is out of reach.
    let fault = "[[faults]]\nkind = \"machine-crash\"\nat = \"2 h\"\nlasts = \"3 h\"\n";
    let policies = format!("{POLICIES}[[policies]]\nkind = \"pack\"\n");
    let record = run_under(&world(fault), Some(&policies), &[11]).remove(0);
    assert_eq!(count(&record, "tenants_down"), 10);
    assert_eq!(count(&record, "tenants_down_end"), 0);
}

#[test]
fn random_faults_break_no_invariant() {
    for seed in 0..60_u64 {
        let (at, lasts) = (30 + seed * 17 % 300, 5 + seed * 23 % 180);
        let faults = format!(
            "[[faults]]\nkind = \"machine-crash\"\nmachines = {}\nat = \"{at} min\"\nlasts = \"{lasts} min\"\n\
             [[faults]]\nkind = \"zone-loss\"\nzone = \"east\"\nat = \"{} min\"\nlasts = \"{} min\"\n\
             [[faults]]\nname = \"second\"\nkind = \"machine-crash\"\nshare = \"50 %\"\nat = \"{} min\"\nlasts = \"9 min\"\n",
            1 + seed % 4,
            at + lasts / 2,
            1 + lasts,
            at + 3,
        );
        let text = world(&faults)
            .replace("gap = \"1 d\"", "gap = \"40 min\"")
            .replace("tenants = 40", "tenants = 120");
        let policies = format!(
            "{POLICIES}[[policies]]\nkind = \"idle-ladder\"\nladder = {{ asleep = \"20 min\" }}\n\
             [[policies]]\nkind = \"threshold\"\n[[policies]]\nkind = \"pack\"\n"
        );
        let opened = open_text(&text, Some(&policies))
            .unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())));
        let world = World::new(&opened.scenario, opened.policies.as_ref(), seed);
        let record = world.run(&Silent).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
        assert!(count(&record, "machines_lost") > 0);
        assert_eq!(count(&record, "tenants_down_end"), 0, "seed {seed}: all have healed");
    }
}

#[test]
fn faults_come_again_as_often_as_their_file_says() {
    let times = |at: &str| {
        let fault = "[[faults]]\nkind = \"zone-loss\"\nzone = \"east\"\nlasts = \"1 min\"\n";
        count(&run(&format!("{fault}every = \"2 h\"\nat = {at}\n")), "machines_lost") / 2
    };
    // Two machines stand in the zone. In 12 h: at 1, 3, 5, 7, 9 and 11 h.
    assert_eq!(times("\"1 h\""), 6);
    assert_eq!(times("{ kind = \"uniform\", from = \"5 h\", to = \"6 h\" }"), 4);
    // Independent ones: their number over many seeds is as large on the mean as it varies.
    let text = world(
        "[[faults]]\nkind = \"zone-loss\"\nzone = \"east\"\nlasts = \"1 s\"\n\
         at = { kind = \"exponential\", mean = \"20 min\" }\n\
         every = { kind = \"exponential\", mean = \"20 min\" }\n",
    );
    let seeds: Vec<u64> = (1..=200).collect();
    let runs = run_under(&text, Some(POLICIES), &seeds);
    let counts: Vec<f64> = runs.iter().map(|run| figure(run, "machines_lost") / 2.0).collect();
    let mean = counts.iter().sum::<f64>() / 200.0;
    let variance = counts.iter().map(|of| (of - mean) * (of - mean)).sum::<f64>() / 199.0;
    // 36 expected: the mean is off by 0.42 on the mean, the variance by 3.6.
    assert!((mean - 36.0).abs() < 1.7 && (variance - 36.0).abs() < 15.0, "{mean} ± {variance}");
}

#[test]
fn a_fault_that_never_comes_is_warned_of() {
    let warned = |at: &str| {
        let text = world(&format!("[[faults]]\nkind = \"machine-crash\"\nat = \"{at}\"\n"));
        let opened = open_text(&text, Some(POLICIES)).expect("it can be run");
        let told = opened.warnings.problems.sorted();
        told.iter().map(|problem| problem.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(warned("13 h"), ["it never comes: the run is over after 12 h"]);
    assert_eq!(warned("11 h"), [""; 0]);
}

#[test]
fn what_is_wrong_with_a_fault_is_told_with_its_place_and_the_remedy() {
    let fault = |text: &str| told(&format!("[[faults]]\n{text}"));
    for (text, says) in [
        ("at = \"1 h\"\n", "`kind` is missing"),
        ("kind = \"machine-crush\"\nat = \"1 h\"\n", "did you mean `machine-crash`?"),
        ("kind = \"machine-crash\"\n", "`at` is missing"),
        (
            "kind = \"machine-crash\"\nat = \"1 h\"\nevery = \"1 ms\"\n",
            "more often than every 1 min",
        ),
        (
            "kind = \"machine-crash\"\nat = \"1 h\"\nevery = { kind = \"exponential\", mean = \"0 s\" }\n",
            "mean",
        ),
        ("kind = \"machine-crash\"\nat = \"1 h\"\nmachins = 2\n", "did you mean `machines`?"),
        ("kind = \"machine-crash\"\nat = \"1 h\"\npool = \"worker\"\n", "did you mean `workers`?"),
        ("kind = \"machine-crash\"\nat = \"1 h\"\nlasts = \"0 s\"\n", "a fault of no time is none"),
        ("kind = \"machine-crash\"\nat = \"1 h\"\nshare = \"101 %\"\n", "more than all"),
        ("kind = \"zone-loss\"\nat = \"1 h\"\nzone = \"wets\"\n", "did you mean `west`?"),
        ("kind = \"database-out\"\nat = \"1 h\"\ndatabase = \"d\"\n", "no shared database `d`"),
        ("kind = \"replicas-lost\"\nat = \"1 h\"\nservice = \"s\"\n", "no service on machines `s`"),
    ] {
        let found = fault(text);
        assert!(found.contains(says), "{text}\n{found}");
        assert!(found.contains("scenario.toml:"), "{found}");
    }
    assert_eq!(fault("kind = \"machine-crash\"\nat = \"1 h\"\n"), "");
    // As `outages` refuses it: there is no one database that could be out.
    let own = "[[databases]]\nname = \"own\"\ncores = 1\none_per = \"tenant\"\n";
    let out = "[[faults]]\nkind = \"database-out\"\ndatabase = \"own\"\nat = \"1 h\"\n";
    let asked = "[[traffic]]\nname = \"ask\"\narrivals = { kind = \"tenants\", when = \"awake\", every = \"1 min\" }\n\
                 queries = [{ at = \"own\", service_time = \"1 ms\" }]\n";
    let found = told(&format!("{own}{asked}{out}"));
    assert!(found.contains("no shared database `own`"), "{found}");
}

/// What a run measures, but for what only one of the two ways to say a fault makes.
fn measured(text: &str) -> Vec<(String, Option<f64>)> {
    let record = run_under(text, None, &[3]).remove(0);
    let only = |name: &str| {
        let of_machines = [
            "ticks_",
            "shortages",
            "strikes",
            "machine",
            "all_up_",
            "enough_up_",
            "losses_",
            "bursts_",
        ];
        let heads = [
            "outages_",
            "tenants_down",
            "recovery_",
            "served_",
            "back_",
            "not_back",
            "tenants_ran_twice",
        ];
        heads.iter().chain(&of_machines).any(|head| name.starts_with(head))
    };
    let metrics = record.metrics.into_iter().filter(|metric| !only(&metric.name));
    metrics.map(|metric| (metric.name, metric.value)).collect()
}

#[test]
fn a_database_is_out_and_replicas_are_lost_as_their_own_sections_say_it() {
    let world = |outages: &str, losses: &str, faults: &str| {
        format!(
            r#"
            title = "the same"
            duration = "1 h"
            [[pools]]
            name = "workers"
            count = 2
            machine = {{ cpu = "16 cores", memory = "64 GiB" }}
            price = "$1/h"
            [[databases]]
            name = "primary"
            cores = 4
            {outages}
            [[services]]
            name = "portal"
            replicas = 3
            concurrency = 8
            service_time = "10 ms"
            [services.on]
            pool = "workers"
            cpu = "1 cores"
            memory = "1 GiB"
            {losses}
            [[traffic]]
            name = "calls"
            service = "portal"
            arrivals = {{ kind = "poisson", rate = "40/s" }}
            queries = [{{ at = "primary", service_time = "5 ms" }}]
            time_out = "1 s"
            {faults}
            "#
        )
    };
    let sections = measured(&world(
        "outages = [{ at = \"10 min\", lasts = \"2 min\" }]",
        "losses = [{ at = \"30 min\", replicas = 2 }]",
        "",
    ));
    let faults = "[[faults]]\nkind = \"replicas-lost\"\nservice = \"portal\"\nreplicas = 2\nat = \"30 min\"\n\
                  [[faults]]\nkind = \"database-out\"\ndatabase = \"primary\"\nat = \"10 min\"\nlasts = \"2 min\"\n";
    assert_eq!(measured(&world("", "", faults)), sections);
    assert_ne!(measured(&world("", "", "")), sections);
}
