//! `seatrial gate` as users run it.

mod common;
#[path = "common/suites.rs"]
mod suites;

use common::{err, root, seatrial};
use serde_json::Value;
use std::path::Path;
use suites::{Suite, before};

#[test]
fn what_did_not_change_passes_and_what_costs_more_does_not() {
    let suite = Suite::new("worse", "");
    let same = ["--base-policies", &before()];
    let (code, text, told) = suite.gate(&same);
    assert_eq!(code, 0, "{text}{told}");
    assert!(text.starts_with("passes: identical in all cases\n"), "{text}");
    suite.patient();
    let (code, text, told) = suite.gate(&same);
    assert_eq!(code, 1, "{text}{told}");
    assert!(text.starts_with("fails: small: bill_month worse"), "{text}");
    assert!(text.contains("Where they part") && text.contains("a month"), "{text}");
    // Another program says the same of both halves.
    let (code, text, _) = suite.gate(&["--base-binary", env!("CARGO_BIN_EXE_seatrial")]);
    assert_eq!(code, 0, "{text}");
    // On these runs nothing is found where there is nothing.
    let (code, text, _) = suite.gate(&[&same[..], &["--self-test"]].concat());
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("turned about by chance 2000 times"), "{text}");
}

#[test]
fn runs_are_kept_by_what_they_are_made_of_and_make_no_difference() {
    let suite = Suite::new("kept", "");
    let of = |more: &[&str]| {
        suite.gate(&[&["--base-policies", &before(), "--format", "json"], more].concat())
    };
    let files = || -> usize {
        let folders = std::fs::read_dir(suite.0.join("cache")).into_iter().flatten().flatten();
        folders.map(|of| std::fs::read_dir(of.path()).into_iter().flatten().count()).sum()
    };
    let (_, fresh, _) = of(&["--no-cache"]);
    assert_eq!(files(), 0);
    let (_, kept, _) = of(&[]);
    let count = files();
    // Both halves are one and the same.
    assert!(count > 8, "{count} runs are kept");
    let (_, again, _) = of(&[]);
    assert_eq!((files(), &kept, &again), (count, &fresh, &fresh));
    suite.patient();
    let (_, changed, _) = of(&[]);
    assert!(files() > count && changed != fresh);
    assert_eq!(changed, of(&["--no-cache"]).1);
    // One that was torn is run again.
    let mut folders = std::fs::read_dir(suite.0.join("cache")).expect("it is there").flatten();
    let folder = folders.find(|of| of.path().is_dir());
    for file in std::fs::read_dir(folder.expect("a folder").path()).expect("runs").flatten() {
        std::fs::write(file.path(), "{\"seed\": 7, ").expect("it is written");
    }
    assert_eq!(of(&[]).1, changed);
}

#[test]
fn a_baseline_is_accepted_read_back_and_told_where_it_does_not_fit() {
    let suite = Suite::new("baseline", "against = { baseline = \"baseline.txt\" }\n");
    let (code, _, told) = suite.gate(&[]);
    assert_eq!(code, 2);
    assert!(told.contains("`--accept` writes it"), "{told}");
    assert_eq!(suite.gate(&["--accept"]).0, 0);
    let text = std::fs::read_to_string(suite.file("baseline.txt")).expect("it was written");
    assert_eq!(text.lines().filter(|line| line.starts_with("small ")).count(), 3, "{text}");
    assert!(text.contains("\nsmall bill_month "));
    let (code, found, told) = suite.gate(&[]);
    assert_eq!(code, 0, "{found}{told}");
    assert!(
        found.contains("identical   bill_month") || found.contains("identical  bill_month"),
        "{found}"
    );
    suite.patient();
    let (code, found, _) = suite.gate(&[]);
    assert_eq!(code, 1, "{found}");
    // Accepted, it passes; and what was accepted under another scenario is told.
    assert_eq!(suite.gate(&["--accept"]).0, 0);
    let world = suite.file("world.toml");
    let changed =
        std::fs::read_to_string(&world).expect("it is there") + "[acting]\ndelay = \"1 s\"\n";
    std::fs::write(&world, changed).expect("it is written");
    let (_, found, told) = suite.gate(&[]);
    assert!(found.contains("the scenario is not the one that the baseline"), "{found}{told}");
    std::fs::write(suite.file("baseline.txt"), "small bill_month 1\n").expect("it is written");
    let (code, _, told) = suite.gate(&[]);
    assert_eq!(code, 2);
    assert!(told.contains("line 1 is not understood"), "{told}");
}

#[test]
fn every_form_tells_the_same() {
    let suite = Suite::new("forms", "");
    suite.patient();
    let of = |format: &str| suite.gate(&["--base-policies", &before(), "--format", format]).1;
    let sarif: Value = serde_json::from_str(&of("sarif")).expect("JSON");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!((&sarif["version"], &result["level"]), (&"2.1.0".into(), &"error".into()));
    // At the line of the policy file that changed.
    let place = &result["locations"][0]["physicalLocation"];
    let text = std::fs::read_to_string(suite.file("mine.toml")).expect("it is there");
    let line = text.lines().position(|line| line.contains("12 h")).expect("it changed") + 1;
    assert_eq!(place["region"]["startLine"], line);
    assert!(place["artifactLocation"]["uri"].as_str().expect("a file").ends_with("mine.toml"));
    let annotation = of("github");
    let begins =
        format!("::error file={},line={line},title=metric bill_month::", suite.file("mine.toml"));
    assert!(annotation.starts_with(&begins), "{annotation}");
    let junit = of("junit");
    assert!(
        junit.starts_with("<?xml") && junit.contains("<failure message=\"bill_month is worse"),
        "{junit}"
    );
    assert_eq!(junit.matches("<testcase ").count(), 2 + 4, "{junit}");
    let markdown = of("markdown");
    assert!(markdown.starts_with("### fails: small: bill_month worse"), "{markdown}");
    assert!(
        markdown.contains("| case | verdict |") && markdown.contains("money: +$"),
        "{markdown}"
    );
    let document: Value = serde_json::from_str(&of("json")).expect("JSON");
    assert_eq!(document["outcome"], "fail");
    let also = suite.file("gate.xml");
    suite.gate(&["--base-policies", &before(), "--also", &format!("junit={also}")]);
    assert_eq!(std::fs::read_to_string(also).expect("it was written"), junit);
}

#[test]
fn an_objective_is_broken_where_more_runs_break_it_than_may() {
    let suite = Suite::new("objective", "");
    let world = suite.file("world.toml");
    let wish = "[[objectives]]\nname = \"cheap\"\nmetric = \"bill_month\"\nat_most = \"$1\"\n";
    let text = std::fs::read_to_string(&world).expect("it is there") + wish;
    std::fs::write(&world, text).expect("it is written");
    let same = ["--base-policies", &before(), "--format", "github"];
    let (code, text, _) = suite.gate(&same);
    assert_eq!(code, 1);
    let place = format!("file={world},line=6");
    assert!(text.contains(&place) && text.contains("objective cheap is broken in"), "{text}");
    let file = suite.file("suite.toml");
    let may = |runs: u32| {
        let text = std::fs::read_to_string(&file).expect("it is there");
        let text = text
            .lines()
            .filter(|line| !line.starts_with("may_fail"))
            .collect::<Vec<_>>()
            .join("\n");
        let more = format!("\nmay_fail = [{{ objective = \"cheap\", runs = {runs} }}]\n");
        std::fs::write(&file, text + &more).expect("it is written");
        suite.gate(&same).0
    };
    assert_eq!((may(5), may(12)), (1, 0));
}

#[test]
fn what_is_wrong_with_a_suite_is_said_so() {
    let suite = Suite::new("wrong", "");
    let (code, _, told) = suite.gate(&[]);
    assert_eq!(code, 2);
    assert!(told.contains("there is nothing to compare with"), "{told}");
    let file = suite.file("suite.toml");
    let whole = std::fs::read_to_string(&file).expect("it is there");
    for (from, to, said) in [
        ("most = 12", "most = 2", "2 pairs decide nothing about 2 metrics"),
        ("most = 12", "most = 1001", "have at most 1000"),
        ("\"1 %\"", "\"little\"", "`little` is no margin"),
        ("bill_month", "bill_mouth", "there is `bill_month`"),
        ("world.toml", "word.toml", "word.toml"),
        ("seed = 7", "seeds = 7", "`seed`"),
        (
            "seed = 7",
            "may_fail = [{ objective = \"none\", runs = 1 }]",
            "no objective is called `none`",
        ),
        ("[[cases]]", "against = {}\n[[cases]]", "one thing to compare with is needed"),
    ] {
        let text = whole.replacen(from, to, 1);
        assert_ne!(text, whole, "{from}");
        std::fs::write(&file, text).expect("it is written");
        let (code, text, told) = suite.gate(&["--base-policies", &before()]);
        assert_eq!(code, 2, "{to}: {text}{told}");
        assert!(told.contains(said), "{to}: {told}");
    }
}

#[test]
fn the_suites_that_ship_can_be_read() {
    for entry in std::fs::read_dir(root().join("scenarios/suites")).expect("suites").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|of| of != "toml") {
            continue;
        }
        // With a program that cannot be run everything else is looked at first.
        let output = seatrial(&[
            "gate",
            &path.display().to_string(),
            "--base-binary",
            "/bin/false",
            "--quiet",
        ]);
        assert_eq!(
            output.status.code(),
            Some(3),
            "{}: {}",
            Path::new(&path).display(),
            err(&output)
        );
    }
}

#[test]
fn a_folder_that_was_there_before_is_not_hidden_from_its_repository() {
    let suite = Suite::new("there", "");
    std::fs::create_dir(suite.file("cache")).expect("a folder");
    let (code, _, told) = suite.gate(&["--base-policies", &before()]);
    assert_eq!(code, 0, "{told}");
    assert!(!Path::new(&suite.file("cache/.gitignore")).exists());
    std::fs::remove_dir_all(suite.file("cache")).expect("it goes");
    assert_eq!(suite.gate(&["--base-policies", &before()]).0, 0);
    assert!(Path::new(&suite.file("cache/.gitignore")).exists(), "a new one is");
}

/// `decided.ACTION` is what the actions of the run add up to, those of the warm-up left out.
#[test]
fn what_policies_did_is_counted_by_kind() {
    for (warm_up, from) in [("0 s", 0_u64), ("36 h", 36 * 3_600_000_000_000)] {
        let more = ["--set", "duration=3d", "--set", &format!("warm_up={warm_up}")];
        let rows = ["rows", "scenarios/thousand-users.toml", "--actions"];
        let output = seatrial(&[&rows[..], &more].concat());
        let found: Value = serde_json::from_slice(&output.stdout).expect("rows");
        let row = &found["rows"][0];
        let mut kinds = 0;
        for metric in row["metrics"].as_array().expect("metrics") {
            let Some(word) = metric["name"].as_str().and_then(|of| of.strip_prefix("decided."))
            else {
                continue;
            };
            let is_it = |of: &&Value| {
                of["action"]["do"] == word && of["at"].as_u64().is_some_and(|at| at >= from)
            };
            let times = row["actions"].as_array().expect("actions").iter().filter(is_it).count();
            assert_eq!(metric["value"].as_f64(), Some(times as f64), "{word} after {warm_up}");
            kinds += usize::from(times > 0);
        }
        assert!(kinds >= 3, "only {kinds} kinds of actions to compare");
    }
}

#[test]
fn a_metric_that_could_never_be_worse_is_refused() {
    let suite = Suite::new("direction", "");
    let file = suite.file("suite.toml");
    let text = std::fs::read_to_string(&file).expect("it is there");
    std::fs::write(&file, text.replace(", better = \"less\"", "")).expect("it is written");
    let (code, _, told) = suite.gate(&["--base-policies", &before()]);
    assert_eq!(code, 2, "{told}");
    assert!(told.contains("which way moves is better") && told.contains("better = "), "{told}");
    // Either way is a way.
    std::fs::write(&file, text.replace("\"less\"", "\"more\"")).expect("it is written");
    let (code, _, told) = suite.gate(&["--base-policies", &before()]);
    assert_eq!(code, 0, "{told}");
    std::fs::write(&file, text.replace("\"less\"", "\"up\"")).expect("it is written");
    let (code, _, told) = suite.gate(&["--base-policies", &before()]);
    assert!(code == 2 && told.contains("better"), "{told}");
}

#[test]
fn when_its_time_is_spent_no_more_pairs_are_begun_and_it_says_so() {
    let suite = Suite::new("budget", "budget = \"1 ms\"");
    suite.patient();
    let file = suite.file("suite.toml");
    let text = std::fs::read_to_string(&file).expect("it is there");
    // Moves vary more than that: the first look cannot tell.
    std::fs::write(&file, text.replace("margin = 20", "margin = 0.001")).expect("it is written");
    let (_, text, told) = suite.gate(&["--base-policies", &before()]);
    assert!(
        text.contains("The budget of 1 ms is spent: no more pairs were begun."),
        "{text}{told}"
    );
    let (_, all, _) = suite.gate(&["--base-policies", &before(), "--format", "json"]);
    let of: Value = serde_json::from_str(&all).expect("a document");
    let looks = of["cases"][0]["comparison"]["looks"].as_array().expect("looks");
    let pairs = of["cases"][0]["comparison"]["seeds"].as_array().expect("seeds").len();
    assert_eq!(Some(pairs as u64), looks[0].as_u64(), "one look and no more");
    // What is decided by then is not spoken of so.
    let calm = Suite::new("budget-calm", "budget = \"1 ms\"");
    let (code, text, _) = calm.gate(&["--base-policies", &before()]);
    assert!(code == 0 && !text.contains("is spent"), "{text}");
}
