//! Releases that are worse than the one before, and machines on which services fail though they look well: what that
//! does, what a policy does about it, and what its answer takes.

mod common;

use common::{figure, run_under};
use seatrial_host::open_text;
use seatrial_record::Record;

const SHOP: &str = r#"
    title = "releases"
    duration = "6 h"
    [[services]]
    name = "shop"
    concurrency = 8
    replicas = 3
    service_time = "10 ms"
    on = { pool = "workers", cpu = "1 cores", memory = "1 GiB", start_time = "{start}" }
    [[services]]
    name = "other"
    concurrency = 8
    service_time = "10 ms"
    [[pools]]
    name = "workers"
    count = 4
    machine = { cpu = "16 cores", memory = "64 GiB" }
    price = "$1/h"
    [[traffic]]
    name = "buy"
    service = "shop"
    time_out = "2 s"
    arrivals = { kind = "poisson", rate = "20/s" }
    [[traffic]]
    name = "look"
    service = "other"
    time_out = "2 s"
    arrivals = { kind = "poisson", rate = "20/s" }
"#;

const NOBODY: &str = "[[policies]]\nkind = \"spread\"\n";
const REVERT: &str = "[[policies]]\nkind = \"revert-release\"\n";
const QUARANTINE: &str = "[[policies]]\nkind = \"quarantine\"\n";

fn fault(kind: &str, more: &str) -> String {
    format!("[[faults]]\nkind = {kind}\nat = \"1 h\"\n{more}\n")
}

fn run_with(start: &str, policy: &str, faults: &str) -> Record {
    let text = SHOP.replace("{start}", start) + faults;
    run_under(&text, Some(&format!("tick = \"15 s\"\n{policy}")), &[7]).remove(0)
}

fn run(policy: &str, faults: &str) -> Record {
    run_with("1 min", policy, faults)
}

/// Steps of the first incident after its beginning, in seconds: decided, acted, restored.
fn steps(record: &Record) -> [Option<f64>; 3] {
    let row = &record.incidents[0];
    #[expect(clippy::cast_precision_loss, reason = "a few hours in nanoseconds")]
    let after = |at: u64| (at - row.at) as f64 / 1e9;
    [row.decided, row.acted, row.restored].map(|at| at.map(after))
}

#[test]
fn a_bad_release_fails_its_calls_until_it_is_mended() {
    let faulty = |policy: &str, faults: &str| figure(&run(policy, faults), "attempts_faulty.buy");
    assert!(faulty(NOBODY, "").abs() < 1e-9);
    // A fifth of an hour's calls, at twenty a second.
    let hour = faulty(NOBODY, &fault("\"bad-deploy\"", "service = \"shop\"\nlasts = \"1 h\""));
    assert!((hour / 14_400.0 - 1.0).abs() < 0.03, "{hour}");
    let two = faulty(NOBODY, &fault("\"bad-deploy\"", "service = \"shop\"\nlasts = \"2 h\""));
    assert!((two / hour - 2.0).abs() < 0.05, "{two} and {hour}");
    let forever = faulty(NOBODY, &fault("\"bad-deploy\"", "service = \"shop\""));
    assert!((forever / hour - 5.0).abs() < 0.1, "{forever} and {hour}");
    let slow = fault(
        "\"bad-deploy\"",
        "service = \"shop\"\nfails = \"0.1 %\"\ntimes = 3.0\nlasts = \"5 h\"",
    );
    let slow = run(NOBODY, &slow);
    let response = |record: &Record, of: &str| figure(record, &format!("response_mean.{of}"));
    let usual = run(NOBODY, "");
    let times = response(&slow, "shop") / response(&usual, "shop");
    assert!((times - (1.0 + 2.0 * 5.0 / 6.0)).abs() < 0.05, "{times}");
    let unmoved = response(&slow, "other") / response(&usual, "other");
    assert!((unmoved - 1.0).abs() < 1e-9, "{unmoved}");
}

#[test]
fn a_bad_release_is_gone_back_from_once_replicas_of_the_one_before_are_up() {
    let bad = fault("\"bad-deploy\"", "service = \"shop\"");
    let restored = |start: &str, policy: &str| steps(&run_with(start, policy, &bad));
    let [decided, acted, back] =
        restored("1 min", REVERT).map(|at| at.expect("it is gone back from"));
    // One look of fifteen seconds is enough for fifty answers, and a replica starts in a minute.
    assert!(decided <= 45.0 && acted - decided < 1e-9, "{decided}, {acted}");
    assert!((back - acted - 60.0).abs() < 1e-6, "{back} and {acted}");
    let slower = restored("2 min", REVERT)[2].expect("it is gone back from");
    assert!((slower - acted - 120.0).abs() < 1e-6, "{slower} and {acted}");
    let later = restored("1 min", &(REVERT.to_owned() + "least = 2400\nover = \"5 min\"\n"));
    let later = later[0].expect("it is decided later");
    assert!((120.0..=150.0).contains(&later), "two minutes of calls are asked for: {later}");
    let of = run(REVERT, &bad);
    let failed = figure(&of, "attempts_faulty.buy");
    assert!((failed / (0.2 * 20.0 * back) - 1.0).abs() < 0.25, "{failed} in {back} s");
    assert_eq!(restored("1 min", NOBODY)[..2], [None, None]);
    let nobody = run(NOBODY, &bad);
    assert_eq!(nobody.incidents[0].absent, "no policy went back to the release before");
}

#[test]
fn what_fails_for_another_reason_is_no_bad_release() {
    let acts = |policy: &str, faults: &str| {
        let record = run(policy, faults);
        record.reasons.iter().filter(|of| of.verdict != "hold").map(|of| of.count).sum::<u64>()
    };
    let gray = fault("\"gray-failure\"", "service = \"shop\"\nlasts = \"1 h\"");
    assert_eq!(acts(REVERT, &gray), 0, "there is no release to go back to");
    let good = fault("\"bad-deploy\"", "service = \"shop\"\nfails = \"1 %\"");
    assert_eq!(acts(REVERT, &good), 0, "one in a hundred is not what it minds");
    let old = "[[faults]]\nkind = \"bad-deploy\"\nservice = \"shop\"\nfails = \"0.1 %\"\nat = \"5 min\"\n";
    assert_eq!(acts(REVERT, &format!("{old}{gray}")), 1, "a release of less than an hour ago");
    let patient = REVERT.to_owned() + "within = \"30 min\"\n";
    assert_eq!(acts(&patient, &format!("{old}{gray}")), 0, "it has run for longer");
}

#[test]
fn a_bad_release_on_a_bad_release_is_gone_back_from_twice() {
    let two = "[[faults]]\nname = \"one\"\nkind = \"bad-deploy\"\nservice = \"shop\"\nat = \"1 h\"\n\
               [[faults]]\nname = \"two\"\nkind = \"bad-deploy\"\nservice = \"shop\"\nfails = \"60 %\"\nat = \"3605 s\"\n";
    let record = run(REVERT, two);
    let rows = &record.incidents;
    assert!(rows.iter().all(|row| row.restored.is_some()), "{rows:?}");
    // The first runs again once the second is gone from, and is over when it is gone from then.
    assert!(rows.iter().all(|row| row.decided < row.restored), "{rows:?}");
    assert!(rows.iter().all(|row| row.decided.is_some()), "{rows:?}");
    let failed = figure(&record, "attempts_faulty.buy");
    assert!((100.0..4_000.0).contains(&failed), "{failed}");
}

#[test]
fn a_gray_machine_fails_what_stands_on_it_until_it_is_emptied_or_healed() {
    let gray = fault("\"gray-machine\"", "machines = 4\nlasts = \"1 h\"");
    let all = figure(&run(NOBODY, &gray), "attempts_faulty.buy");
    assert!((all / (0.3 * 72_000.0) - 1.0).abs() < 0.03, "{all}");
    let unmoved = |record: &Record| figure(record, "response_mean.other");
    let (usual, ill) = (run(NOBODY, ""), run(NOBODY, &gray));
    assert!((unmoved(&usual) - unmoved(&ill)).abs() < 1e-12);
    // Of four machines one has no replica; each of the others has a third of the calls.
    let one = |policy: &str, machines: u32| {
        let gray = fault("\"gray-machine\"", &format!("machines = {machines}\nlasts = \"4 h\""));
        run(policy, &gray)
    };
    let two = figure(&one(NOBODY, 2), "attempts_faulty.buy");
    let per_replica = 0.3 * 4.0 * 24_000.0;
    let replicas = two / per_replica;
    assert!((replicas - 1.0).abs() < 0.05 || (replicas - 2.0).abs() < 0.1, "{replicas}");
    let emptied = one(&(QUARANTINE.to_owned() + "at_once = 2\n"), 2);
    let failed = figure(&emptied, "attempts_faulty.buy");
    assert!(failed < two / 20.0, "{failed} and {two}");
    let [decided, ..] = steps(&emptied);
    assert!(decided.is_some_and(|at| at <= 300.0), "{decided:?}");
}

#[test]
fn where_all_machines_fail_none_is_left_out() {
    let gray = fault("\"gray-machine\"", "machines = 4\nlasts = \"1 h\"");
    let record = run(QUARANTINE, &gray);
    let acts = record.reasons.iter().filter(|of| of.verdict == "drain").map(|of| of.count);
    assert_eq!(acts.sum::<u64>(), 0);
    let bad = fault("\"bad-deploy\"", "service = \"shop\"\nlasts = \"1 h\"");
    let record = run(QUARANTINE, &bad);
    let mut acts = record.reasons.iter().filter(|of| of.verdict == "drain");
    assert!(acts.next().is_none(), "a bad release is no gray machine");
}

#[test]
fn a_machine_that_was_left_out_is_tried_again() {
    let gray = fault("\"gray-machine\"", "machines = 2\nfails = \"90 %\"\nlasts = \"30 min\"");
    let quarantine = QUARANTINE.to_owned() + "tried_after = \"1 h\"\nat_once = 3\n";
    // Another policy gives back what stands empty, and opens what is closed.
    let threshold = "[[policies]]\nkind = \"threshold\"\nspare_for = \"5 min\"\n";
    for policy in [quarantine.clone(), quarantine + threshold] {
        let record = run(&policy, &gray);
        let of = |verdict: &str, policy: &str| {
            let all = record.reasons.iter();
            let all = all.filter(|of| of.verdict == verdict && of.policy == policy);
            all.map(|of| of.count).sum::<u64>()
        };
        let drained = of("drain", "quarantine");
        assert!(drained > 0, "{:?}", record.reasons);
        assert_eq!(drained, of("uncordon", "quarantine"), "{:?}", record.reasons);
        assert_eq!(of("uncordon", "threshold") + of("remove-node", "threshold"), 0);
    }
}

#[test]
fn what_is_wrong_with_such_faults_is_told_with_the_remedy() {
    let told = |fault: &str| {
        let shop = SHOP.replace("{start}", "1 min");
        let text = format!("{shop}[[faults]]\nkind = {fault}\nat = \"1 h\"\n");
        match open_text(&text, None) {
            Ok(_) => String::new(),
            Err(failure) => failure.render(seatrial_format::Style::default()),
        }
    };
    for (fault, says) in [
        ("\"bad-deploy\"\nservice = \"shp\"", "did you mean `shop`?"),
        ("\"bad-deploy\"\nservice = \"other\"", "service that stands on a pool"),
        ("\"bad-deploy\"\nservice = \"shop\"\nfails = \"0 %\"", "is nothing"),
        ("\"bad-deploy\"\nservice = \"shop\"\ntimes = 0.1", "0.1 times"),
        ("\"gray-machine\"\npool = \"wrkers\"", "did you mean `workers`?"),
        ("\"gray-machine\"\nmachines = 1\nshare = \"50 %\"", "says how many already"),
        ("\"gray-machine\"\nfails = \"200 %\"", "more than all"),
    ] {
        let found = told(fault);
        assert!(found.contains(says), "{fault}\n{found}");
    }
}
