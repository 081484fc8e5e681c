//! `seatrial gate --receipt` and `seatrial receipt` as users run them.

mod common;
#[path = "common/suites.rs"]
mod suites;

use common::{err, out, seatrial};
use serde_json::Value;
use suites::{Suite, before};

/// A suite that passed, with a receipt that `key` signed.
fn passed(name: &str) -> Suite {
    let suite = Suite::new(name, "");
    let (code, _, told) = receipt(&suite, &["keygen", &suite.file("key")]);
    assert_eq!(code, 0, "{told}");
    let (code, text, told) = suite.gate(&gate(&suite).each_ref().map(String::as_str));
    assert_eq!(code, 0, "{text}{told}");
    suite
}

fn gate(suite: &Suite) -> [String; 8] {
    let (receipt, key) = (suite.file("receipt.json"), suite.file("key"));
    let all = [
        "--base-policies",
        &before(),
        "--receipt",
        &receipt,
        "--sign",
        &key,
        "--date",
        "2026-11-30",
    ];
    all.map(str::to_owned)
}

fn receipt(_: &Suite, arguments: &[&str]) -> (i32, String, String) {
    let output = seatrial(&[&["receipt"], arguments].concat());
    (output.status.code().unwrap_or(-1), out(&output), err(&output))
}

fn verify(suite: &Suite, more: &[&str]) -> (i32, String, String) {
    let (file, key) = (suite.file("receipt.json"), suite.file("key.pub"));
    receipt(suite, &[&["verify", &*file, "--key", &*key], more].concat())
}

#[test]
fn what_passes_is_given_a_receipt_that_is_for_just_those_policies() {
    let suite = passed("receipt");
    let (mine, other) = (suite.file("mine.toml"), suite.file("world.toml"));
    let (code, text, told) =
        verify(&suite, &["--policies", &mine, "--suite", &suite.file("suite.toml")]);
    assert_eq!(code, 0, "{text}{told}");
    assert!(text.contains(": verified, for the policies ") && text.contains("wake"), "{text}");
    // A default spelled out is the same set; another value is another.
    let (code, ..) = verify(&suite, &["--policies", &mine, "--set", "tick=15000 ms"]);
    assert_eq!(code, 0);
    let (code, _, told) = verify(&suite, &["--policies", &mine, "--set", "tick=20s"]);
    assert!(code == 1 && told.contains("it is for the policies "), "{told}");
    let (code, _, told) = verify(&suite, &["--policy-digest", &"ab".repeat(32)]);
    assert!(code == 1 && told.contains(", not for abab"), "{told}");
    let (code, _, told) = verify(&suite, &["--policy-digest", "ab"]);
    assert!(code == 2 && told.contains("64 hexadecimal digits"), "{told}");
    let (code, ..) = verify(&suite, &["--policies", &other]);
    assert_eq!(code, 2);
    // Another suite.
    let text = std::fs::read_to_string(suite.file("suite.toml")).unwrap();
    std::fs::write(suite.file("other.toml"), text.replace("\"1 %\"", "\"9 %\"")).unwrap();
    let (code, _, told) = verify(&suite, &["--suite", &suite.file("other.toml")]);
    assert!(code == 1 && told.contains("it is of the suite "), "{told}");
}

#[test]
fn a_receipt_says_what_was_gone_through_as_the_runs_themselves_do() {
    let suite = passed("shown");
    let (code, text, _) = receipt(&suite, &["show", &suite.file("receipt.json")]);
    assert_eq!(code, 0);
    for part in [
        "2026-11-30",
        "as it says",
        "not covered: faults that never struck",
        "zone-loss",
        "identical",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (_, text, _) = receipt(&suite, &["show", &suite.file("receipt.json"), "--format", "json"]);
    let of: Value = serde_json::from_str(&text).unwrap();
    let seeds = of["cases"][0]["seeds"].as_array().unwrap().len().to_string();
    let rows = seatrial(&[
        "rows",
        &suite.file("world.toml"),
        "--seed",
        "7",
        "--reps",
        &seeds,
        "--actions",
    ]);
    let rows: Value = serde_json::from_str(&out(&rows)).unwrap();
    let mut taken = std::collections::BTreeMap::<String, u64>::new();
    for action in
        rows["rows"].as_array().unwrap().iter().flat_map(|row| row["actions"].as_array().unwrap())
    {
        *taken.entry(action["action"]["do"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let told = of["policies"][0]["actions"].as_array().unwrap().iter();
    let told =
        told.map(|of| (of["word"].as_str().unwrap().to_owned(), of["count"].as_u64().unwrap()));
    assert!(!taken.is_empty());
    // Homes that were given before the run began are decisions, too, and no actions in it: each of a thousand has one.
    taken.insert("place".to_owned(), 1_000 * seeds.parse::<u64>().unwrap());
    assert_eq!(taken, told.collect());
    assert_eq!(of["policies"][0]["digest"], rows["of"]["policies"]);
    assert_eq!(of["suite"]["file"], suite.file("suite.toml"));
}

#[test]
fn what_fails_is_given_none_and_what_is_kept_is_not_believed() {
    let suite = passed("forged");
    let whole = std::fs::read_to_string(suite.file("receipt.json")).unwrap();
    std::fs::remove_file(suite.file("receipt.json")).unwrap();
    std::fs::remove_dir_all(suite.file("cache")).unwrap();
    suite.patient();
    let gate = gate(&suite);
    let gate = gate.each_ref().map(String::as_str);
    let (code, ..) = suite.gate(&gate);
    assert_eq!(code, 1);
    assert!(!std::path::Path::new(&suite.file("receipt.json")).exists());
    // Kept runs are made to say that it costs the same.
    let folders = || {
        let all = std::fs::read_dir(suite.file("cache")).unwrap().flatten().map(|of| of.path());
        all.filter(|of| of.is_dir())
    };
    let rows = |folder: &std::path::Path| {
        std::fs::read_dir(folder).unwrap().flatten().map(|of| of.path()).collect::<Vec<_>>()
    };
    let all: Vec<_> = folders().map(|folder| rows(&folder)).collect();
    assert_eq!(all.len(), 2, "one folder a half");
    for from in &all[0] {
        let to = all[1][0].with_file_name(from.file_name().unwrap());
        std::fs::copy(from, to).unwrap();
    }
    let (code, text, _) = suite.gate(&["--base-policies", &before()]);
    assert_eq!(code, 0, "kept runs are believed where nothing is signed: {text}");
    let (code, text, _) = suite.gate(&gate);
    assert_eq!(code, 1, "and where something is they are not: {text}");
    assert!(!std::path::Path::new(&suite.file("receipt.json")).exists());
    assert!(whole.contains("\"signatures\""));
}

#[test]
fn receipts_that_are_not_as_they_were_signed_are_refused() {
    let suite = passed("tampered");
    let file = suite.file("receipt.json");
    let whole = std::fs::read_to_string(&file).unwrap();
    let refused = |text: &str, why: &str| {
        std::fs::write(&file, text).unwrap();
        let (code, _, told) = verify(&suite, &["--policies", &suite.file("mine.toml")]);
        assert!(code == 1 && told.contains(why), "{why}: {told}");
    };
    refused(&whole.replace("\"identical\"", "\"better\""), "it was changed after it was written");
    refused(&whole[..whole.len() / 2], "it is cut off");
    refused("{}", "it is no receipt");
    // Signed again by somebody else.
    let (code, ..) = receipt(&suite, &["keygen", &suite.file("other")]);
    assert_eq!(code, 0);
    let from = whole.find("\"signatures\": [").unwrap();
    let to = whole.find("],\n  \"receipt\"").unwrap();
    let unsigned = format!("{}\"signatures\": [{}", &whole[..from], &whole[to..]);
    refused(&unsigned, "nobody signed it");
    let (code, _, told) = receipt(&suite, &["sign", &file, "--key", &suite.file("other")]);
    assert_eq!(code, 0, "{told}");
    let again = std::fs::read_to_string(&file).unwrap();
    refused(&again, "which is not trusted here");
    // Both of them.
    let (code, ..) = receipt(&suite, &["sign", &file, "--key", &suite.file("key")]);
    assert_eq!(code, 0);
    let (code, ..) = verify(&suite, &[]);
    assert_eq!(code, 0);
}

#[test]
fn keys_are_kept_apart_and_none_is_replaced() {
    let suite = passed("keys");
    let (key, public) = (suite.file("key"), suite.file("key.pub"));
    let before = std::fs::read_to_string(&key).unwrap();
    let (code, _, told) = receipt(&suite, &["keygen", &key]);
    assert!(code == 3 && told.contains("no key is replaced"), "{told}");
    assert_eq!(std::fs::read_to_string(&key).unwrap(), before);
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&key).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let file = suite.file("receipt.json");
    let (code, _, told) = receipt(&suite, &["verify", &file, "--key", &key]);
    assert!(code == 2 && told.contains("this is the secret key"), "{told}");
    let (code, _, told) = receipt(&suite, &["sign", &file, "--key", &public]);
    assert!(code == 2 && told.contains("this is the public key"), "{told}");
    // A key that is wrong is told before anything runs.
    let (code, text, told) =
        suite.gate(&["--base-policies", &suites::before(), "--receipt", &file, "--sign", &public]);
    assert!(code == 2 && text.is_empty() && told.contains("this is the public key"), "{told}");
    for wrong in [
        &["--sign", &*key][..],
        &["--receipt", &file, "--date", "tomorrow"],
        &["--receipt", &file, "--accept"],
    ] {
        let (code, ..) = suite.gate(wrong);
        assert_eq!(code, 2, "{wrong:?}");
    }
}
