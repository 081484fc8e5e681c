use super::*;
use seatrial_record::{Bound, Estimate, FailureKind, Record, UnitFailure};

fn axis(key: &str, values: &[&str]) -> SweepAxis {
    SweepAxis { key: key.to_owned(), values: values.iter().map(|of| (*of).to_owned()).collect() }
}

/// A point where `wait` came to so many seconds; it may be at most ten.
fn point(at: &[&str], wait: f64) -> SweptPoint {
    let bound = Bound { at_least: None, at_most: Some(10.0) };
    let goal = Goal {
        kind: GoalKind::Objective,
        name: "wait".to_owned(),
        source: String::new(),
        metric: "wait_p95".to_owned(),
        value: Some(wait),
        bound,
        unit: Unit::Seconds,
        holds: bound.holds(wait),
    };
    let bill = Estimate {
        name: "bill_month".to_owned(),
        value: Some(1_200.0),
        ci_low: None,
        ci_high: None,
        unit: Unit::Dollars,
    };
    let runs = Runs {
        first: Record::default(),
        seeds: vec![4],
        record_digest: "d".to_owned(),
        events: 7,
        estimates: vec![bill],
        goals: vec![goal],
        each: Vec::new(),
    };
    let at = at.iter().map(|of| (*of).to_owned()).collect();
    SweptPoint { at, runs: Some(runs), ..SweptPoint::default() }
}

fn swept(axes: Vec<SweepAxis>, points: Vec<SweptPoint>, breaks: Vec<SweptBreak>) -> Swept {
    let title = "Waiting".to_owned();
    let one = SweptScenario { file: "w.toml".to_owned(), title, axes, points, breaks };
    Swept { program: "p".to_owned(), scenarios: vec![one] }
}

fn last(text: &str) -> &str {
    text.lines().last().unwrap_or_default()
}

#[test]
fn one_axis_is_a_column_a_value() {
    let points = vec![point(&["1000"], 2.0), point(&["2000"], 12.0)];
    let text = sweep(&swept(vec![axis("tenants", &["1000", "2000"])], points, Vec::new()));
    assert_eq!(
        text,
        "Waiting\n  tenants                         1,000      2,000\n  bill a month                \
         $1,200.00  $1,200.00\n  wait          at most 10 s        2 s     12 s !\n  Breaks first: all \
         holds with 1,000 tenants; with 2,000 wait.\n"
    );
}

#[test]
fn what_is_too_small_breaks_from_the_other_end() {
    let axes = || vec![axis("pools.mid.count", &["1", "2", "3"])];
    let waits = |waits: [f64; 3]| {
        let points = ["1", "2", "3"].iter().zip(waits).map(|(at, wait)| point(&[at], wait));
        sweep(&swept(axes(), points.collect(), Vec::new()))
    };
    let text = waits([60.0, 12.0, 1.0]);
    assert_eq!(last(&text), "  Breaks first: all holds with pools.mid.count=3; with 2 wait.");
    assert_eq!(last(&waits([60.0, 12.0, 11.0])), "  Breaks first: with pools.mid.count=1 wait.");
    assert_eq!(last(&waits([1.0, 1.0, 1.0])), "  Nothing breaks.");
}

#[test]
fn several_axes_are_a_line_a_point_and_each_objective_has_its_places() {
    let axes = vec![axis("a", &["1", "2"]), axis("b", &["3d", "7d"])];
    let points = vec![
        point(&["1", "3d"], 1.0),
        point(&["1", "7d"], 2.0),
        point(&["2", "3d"], 12.0),
        point(&["2", "7d"], 13.0),
    ];
    let along = |key: &str, first: Option<&str>, before: Option<&str>| SweptAlong {
        key: key.to_owned(),
        first: first.map(str::to_owned),
        before: before.map(str::to_owned),
        looked_at: 2,
    };
    let broken = SweptBreak {
        objective: "wait".to_owned(),
        points: vec![2, 3],
        along: vec![along("a", Some("2"), Some("1")), along("b", None, None)],
    };
    let found = swept(axes, points, vec![broken]);
    assert_eq!(
        sweep(&found),
        "Waiting\n  a  b   bill a month          wait\n                       at most 10 s\n  1  3d     \
         $1,200.00           1 s\n  1  7d     $1,200.00           2 s\n  2  3d     $1,200.00        12 s !\n  \
         2  7d     $1,200.00        13 s !\n  wait breaks at 2 of 4 points: (2, 3d), (2, 7d)\n    along a: \
         first at 2; it holds at 1\n    along b: it holds at all 2 values\n  Along an axis the others stand at their first \
         value: a=1, b=3d.\n"
    );
    let markdown = sweep_markdown(&found);
    assert!(
        markdown.contains("| a | b | bill a month | wait |\n| --- | --- | --- | --- |\n"),
        "{markdown}"
    );
    assert!(
        markdown.contains("\n- wait breaks at 2 of 4 points: (2, 3d), (2, 7d)\n  - along a: first")
    );
    let document = sweep_document(&found);
    assert_eq!(document["version"], SWEPT_VERSION);
    let one = &document["scenarios"][0];
    assert_eq!(one["points"][2]["at"], json!({ "a": 2, "b": "3d" }));
    assert_eq!(one["points"][2]["run"]["objectives"][0]["holds"], false);
    assert_eq!(one["breaks"][0]["along"][0]["first"], 2);
    assert_eq!(one["breaks"][0]["points"], json!([2, 3]));
}

#[test]
fn nothing_is_said_along_axes_where_no_point_stands() {
    let axes = vec![axis("a", &["1", "2"]), axis("b", &["3d", "7d"])];
    let along = |key: &str| SweptAlong { key: key.to_owned(), ..SweptAlong::default() };
    let broken = SweptBreak {
        objective: "wait".to_owned(),
        points: vec![0],
        along: vec![along("a"), along("b")],
    };
    let text = sweep(&swept(axes, vec![point(&["2", "7d"], 12.0)], vec![broken]));
    let told = "  wait breaks at 1 of 1 points: (2, 7d)\n  Nothing is said along an axis: no point has the \
                others at their first value.\n";
    assert!(text.ends_with(told), "{text}");
}

#[test]
fn what_failed_or_is_missing_is_told_and_stands_for_no_figure() {
    let failure = UnitFailure { kind: FailureKind::Panic, what: "index\u{1b}[2J".to_owned() };
    let failed = SweptPoint {
        at: vec!["2".to_owned()],
        failed: vec![(9, failure)],
        ..SweptPoint::default()
    };
    let missing =
        SweptPoint { at: vec!["3".to_owned()], missing: vec![4, 5], ..SweptPoint::default() };
    let found = swept(
        vec![axis("a", &["1", "2", "3"])],
        vec![point(&["1"], 1.0), failed, missing],
        Vec::new(),
    );
    let text = sweep(&found);
    for told in [
        "wait          at most 10 s        1 s  failed  missing",
        "  Nothing breaks.",
        "  Failed with a=2, seed 9 (panic): index·[2J",
        "  Missing with a=3: seed 4, 5",
    ] {
        assert!(text.contains(told), "no `{told}` in\n{text}");
    }
    let document = sweep_scenarios(&found);
    assert_eq!(document[0]["points"][1]["failed"][0]["kind"], "panic");
    assert_eq!(document[0]["points"][2]["missing"], json!([4, 5]));
    assert_eq!(document[0]["points"][2].get("run"), None);
}

#[test]
fn names_that_a_shell_or_yaml_would_take_for_more_are_quoted() {
    let plan = "my plan's $(x)";
    let jobs = SweepJobs { plan, name: "s", shards: 4, at_once: Some(2) };
    let slurm = sweep_slurm(&jobs);
    assert!(slurm.contains("#SBATCH --array=0-3%2\n"), "{slurm}");
    assert!(slurm.contains("sweep run 'my plan'\\''s $(x)' --shards 4"), "{slurm}");
    let parallel = sweep_parallel(&jobs);
    assert!(parallel.contains("--joblog 'my plan'\\''s $(x).joblog'"), "{parallel}");
    let cluster = Cluster { image: "r.example/s:1 # \"x\"", claim: "c" };
    let job = sweep_kubernetes(&jobs, &cluster);
    assert!(job.contains("image: \"r.example/s:1 # \\\"x\\\"\"\n"), "{job}");
}
