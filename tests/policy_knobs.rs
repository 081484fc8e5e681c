//! `--set policies.…` changes single values of the policy file, wherever a command reads one.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;

const SCENARIO: &str = "scenarios/thousand-users.toml";
const POLICIES: &str = "policies/thousand-users.toml";

fn with<'a>(command: &[&'a str], sets: &[&'a str]) -> Vec<&'a str> {
    command.iter().copied().chain(sets.iter().flat_map(|set| ["--set", set])).collect()
}

/// The document of a day of a thousand users.
fn day(sets: &[&str]) -> Value {
    let run = ["run", SCENARIO, "--quiet", "--fail-on", "nothing", "--format", "json"];
    let output = seatrial(&with(&run, &[&["duration=1d", "warm_up=0 s"], sets].concat()));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", err(&output)))
}

/// What is said about these, which cannot be.
fn wrong(command: &[&str], sets: &[&str]) -> String {
    let output = seatrial(&with(command, sets));
    assert_eq!(output.status.code(), Some(2), "{}", err(&output));
    out(&output) + &err(&output)
}

#[test]
fn a_run_goes_by_the_changed_policies_and_so_do_its_digest_and_its_repeat_line() {
    let plain = day(&[]);
    let eager = day(&["policies.idle-ladder.ladder.bots-stopped=10 min"]);
    let slow = day(&["policies.tick=5 min"]);
    for changed in [&eager, &slow] {
        assert_ne!(changed["policy_digest"], plain["policy_digest"]);
        assert_ne!(changed["record_digest"], plain["record_digest"]);
    }
    assert_eq!(day(&["policies.tick=15 s"])["policy_digest"], plain["policy_digest"]);
    let run = ["run", SCENARIO, "--quiet", "--fail-on", "nothing"];
    let told = out(&seatrial(&with(&run, &["duration=1h", "warm_up=0 s", "policies.tick=5 min"])));
    assert!(told.contains(" --set 'policies.tick=5 min'"), "{told}");
}

#[test]
fn another_policy_file_is_named_first_and_then_changed() {
    let threshold = ["policies.threshold.spare_for=9 h", "policies.file=policies/scale-out.toml"];
    let says = wrong(&["check", SCENARIO], &threshold);
    assert!(says.contains("policies.threshold: no `threshold` in `policies`"), "{says}");
    let sets = ["policies.spread.nodes=1", "policies.file=policies/spread.toml"];
    let says = wrong(&["check", SCENARIO], &sets);
    assert!(says.contains("unknown key `nodes`"), "{says}");
    let output = seatrial(&with(
        &["check", SCENARIO],
        &["policies.file=policies/wake-storm.toml", "policies.tick=30 s"],
    ));
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
}

#[test]
fn what_is_unknown_is_told_with_its_place_and_with_what_was_meant() {
    let place = |set: &str| format!("--> --set {set}\n");
    for (set, message, remedy) in [
        (
            "policies.idle-lader.tick=1 s",
            "no `idle-lader` in `policies`",
            "did you mean `idle-ladder`?",
        ),
        ("policies.tik=1 s", "no `tik` in `policies`", "did you mean `tick`?"),
        ("policies.sail=1", "no `sail`", "have least-loaded, idle-ladder, threshold, tick, guard"),
        ("policies.threshold.spare=1", "unknown key `spare`", "its keys are"),
        ("policies.guard.stale=1 s", "unknown key `stale`", "its keys are"),
        ("policies.idle-ladder.tiers.gold.bots-stopped=1 d", "no tier `gold`", "have free"),
        ("policies.threshold.spare_for=1 x", "`x` is no unit", "write it such as"),
        ("policies[7].cpu=1", "`policies` has no entry 7", "it has 3"),
    ] {
        for command in ["check", "run"] {
            let says = wrong(&[command, SCENARIO], &[set]);
            for part in [&place(set), message, remedy] {
                assert!(says.contains(part), "{command}: no `{part}` in {says}");
            }
        }
    }
    let sweep = ["sweep", SCENARIO, "--tenants", "10"];
    assert!(wrong(&sweep, &["policies.tik=1 s"]).contains("did you mean `tick`?"));
}

#[test]
fn what_is_wrong_with_the_scenario_hides_nothing_about_its_policies() {
    let says = wrong(&["check", SCENARIO], &["duration=1 x", "policies.tik=1 s"]);
    assert!(says.contains("duration: `x` is no unit") && says.contains("2 problems"), "{says}");
    assert!(says.contains("did you mean `tick`?"), "{says}");
}

#[test]
fn a_scenario_without_policies_has_none_to_change() {
    let says = wrong(&["check", "scenarios/queue.toml"], &["policies.tick=1 s"]);
    assert!(says.contains("the scenario names no policy file whose values could be changed"));
    assert!(says.contains("--> --set policies.tick=1 s"), "{says}");
}

#[test]
fn a_policy_file_alone_is_changed_by_the_same_words_and_by_its_own() {
    let decide = |sets: &[&str]| -> Value {
        let view = ["decide", "--policy", POLICIES, "--view", "tests/views/small.json"];
        let output = seatrial(&with(&[&view[..], &["--format", "json"]].concat(), sets));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", err(&output)))
    };
    let digest = |sets: &[&str]| decide(sets)["policy_digest"].to_string();
    assert_ne!(digest(&[]), digest(&["tick=5 s"]));
    assert_eq!(digest(&["policies.tick=5 s"]), digest(&["tick=5 s"]));
    assert_eq!(digest(&["policies.guard.stale_after=9 s"]), digest(&["guard.stale_after=9 s"]));
    let eager = ["policies.idle-ladder.ladder.bots-stopped=1 s"];
    assert_ne!(decide(&[])["decisions"], decide(&eager)["decisions"]);
    let check = ["check", "--policy", POLICIES];
    assert!(wrong(&check, &["policies.tik=5 s"]).contains("did you mean `tick`?"));
    assert!(wrong(&check, &["tik=5 s"]).contains("did you mean `tick`?"));
}

#[test]
fn a_replay_asks_what_changed_policies_would_have_decided() {
    let path = std::env::temp_dir().join(format!("seatrial-knobs-{}", std::process::id()));
    let path = path.display().to_string();
    let run = ["run", SCENARIO, "--quiet", "--fail-on", "nothing", "--logbook", &path];
    let ran = seatrial(&with(&run, &["duration=1 h", "warm_up=0 s"]));
    let replay = |sets: &[&str]| {
        out(&seatrial(&with(&["replay", &path, "--policy", POLICIES, "--most", "0"], sets)))
    };
    let (same, other) = (replay(&[]), replay(&["policies.idle-ladder.ladder.bots-stopped=1 s"]));
    let alone = seatrial(&with(&["replay", &path], &["policies.tick=5 s"]));
    drop(std::fs::remove_file(&path));
    assert_eq!(ran.status.code(), Some(0), "{}", err(&ran));
    assert!(same.contains("no action differs"), "{same}");
    assert!(other.contains("ticks decided differently"), "{other}");
    assert_eq!(alone.status.code(), Some(2), "there is no policy file to change");
    assert!(err(&alone).contains("--policy"), "{}", err(&alone));
}

/// Two ladders over one crowd: who is named is told and changed by that name, and who is not by its kind.
#[test]
fn policies_go_by_the_names_that_their_file_gives_them() {
    let folder = std::env::temp_dir().join(format!("seatrial-names-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("policies.toml").display().to_string();
    let decide = |first: &str, second: &str, sets: &[&str]| {
        let ladder = |name: &str, stage: &str| {
            format!(
                "[[policies]]\nkind = \"idle-ladder\"\n{name}\nladder = {{ {stage} = \"7 d\" }}\n"
            )
        };
        let text = ladder(first, "bots-stopped") + &ladder(second, "database-only");
        std::fs::write(&path, text).unwrap();
        seatrial(&with(&["decide", "--policy", &path, "--view", "tests/views/small.json"], sets))
    };
    let night = "name = \"night\"";
    let told = out(&decide(night, "", &[]));
    assert!(told.contains("night        ann     hibernate to bots-stopped"), "{told}");
    let told = out(&decide(night, "", &["policies.night.ladder.bots-stopped=30 d"]));
    assert!(told.contains("idle-ladder  ann     hibernate to database-only"), "{told}");
    let by_kind = decide(night, "", &["policies.idle-ladder.ladder.database-only=30 d"]);
    assert!(out(&by_kind).contains("night        ann     hibernate"), "{}", out(&by_kind));
    for (first, second, message) in [
        ("", "", "two policies are called `idle-ladder`"),
        (night, night, "the name `night` is taken"),
        ("name = \"idle-ladder\"", "", "two policies are called `idle-ladder`"),
        ("name = \"Night\"", "", "`Night` is no name"),
        ("name = 3", "", "this is a whole number, not text"),
    ] {
        let output = decide(first, second, &[]);
        assert_eq!(output.status.code(), Some(2), "{first} {second}: {}", out(&output));
        assert!(err(&output).contains(message), "{first} {second}: {}", err(&output));
    }
    let told = err(&decide("", "", &[]));
    assert!(told.contains("give this one a name of its own: name = \"idle-ladder-2\""), "{told}");
    let told = err(&decide(night, "", &["policies.nigth.ladder.bots-stopped=30 d"]));
    assert!(told.contains("did you mean `night`?"), "{told}");
    drop(std::fs::remove_dir_all(&folder));
}

/// A scenario that calls its stages otherwise is told of its parts and of its ladders in one round.
#[test]
fn stages_that_are_not_there_are_told_of_scenario_and_policies_at_once() {
    let sets = ["sleep.stages=[\"nap\"]"];
    let says = wrong(&["check", SCENARIO], &sets);
    assert!(says.contains("stacks[0].parts[1].stops_at: no stage of sleep"), "{says}");
    assert!(
        says.contains(
            "no stage of sleep `bots-stopped`\n   --> scenarios/../policies/thousand-users.toml"
        ),
        "{says}"
    );
    let broken = ["sleep.stages=3", "duration=1 x"];
    let says = wrong(&["check", SCENARIO], &broken);
    assert!(!says.contains("policies/thousand-users.toml:"), "nobody knows the stages: {says}");
}

/// A ladder to a stage that nobody has would let nobody sleep, and nobody would know why.
#[test]
fn a_stage_of_sleep_that_is_not_there_is_told_by_whoever_looks() {
    let sets = ["policies.idle-ladder.ladder.asleep=1 s"];
    let says = wrong(&["check", SCENARIO], &sets);
    assert!(says.contains("no stage of sleep `asleep`"), "{says}");
    assert!(says.contains("have bots-stopped, dashboard-stopped, database-only"), "{says}");
    let view = ["decide", "--policy", POLICIES, "--view", "tests/views/small.json"];
    let says = wrong(&view, &sets);
    assert!(
        says.contains("`idle-ladder` names a stage of sleep `asleep`; have bots-stopped"),
        "{says}"
    );
    let named = ["policies.idle-ladder.ladder={ bots_stopped = \"7 d\" }"];
    let says = wrong(&["check", SCENARIO], &named);
    assert!(says.contains("did you mean `bots-stopped`?"), "{says}");
}
