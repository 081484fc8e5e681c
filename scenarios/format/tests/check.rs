//! Checks across sections that the page of broken files does not show.

use seatrial_contract::config::{Located, Problems};
use seatrial_format::scenario::Scenario;
use seatrial_format::{
    Disk, Failure, InMemory, Loaded, Override, check, check_policies, load_scenario,
};
use std::path::PathBuf;

const SAMPLE: &str = include_str!("sample/run.toml");

fn load(text: &str, overrides: &[&str]) -> Result<Loaded<Scenario>, Failure> {
    let overrides: Vec<Override> = overrides.iter().map(|text| Override::from(*text)).collect();
    let files = InMemory::default().with("week.toml", text);
    load_scenario(&files, "week.toml".as_ref(), &overrides)
}

/// Each problem as `path: message; remedy`.
fn told(text: &str, overrides: &[&str]) -> Vec<String> {
    match load(text, overrides) {
        Ok(_) => Vec::new(),
        Err(Failure::Wrong { problems, .. }) => {
            problems.sorted().iter().map(ToString::to_string).collect()
        }
        Err(Failure::Unreadable(unreadable)) => vec![unreadable.to_string()],
    }
}

#[test]
fn good_scenarios_have_no_problems() {
    assert_eq!(told(SAMPLE, &[]), [""; 0]);
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let loaded = load_scenario(&Disk, &path, &[]);
            assert!(loaded.is_ok(), "{}", loaded.unwrap_err().render(Default::default()));
            count += 1;
        }
    }
    assert!(count > 0, "no scenario was found");
}

#[test]
fn overrides_are_checked_as_what_the_file_says() {
    assert_eq!(
        told(SAMPLE, &["pools.worker.least=6", "tiers.free.stack=tradin"]),
        [
            "pools[0].least: `least` is 6, but the pool starts with 5; \
             lower `least` to 5, or raise `count`",
            "tiers[0].stack: no stack `tradin`; did you mean `trading`?",
        ]
    );
    assert_eq!(
        told(SAMPLE, &["tiers[1].name=free"])[0],
        "pools[0].tiers[1]: no tier `paid`; have free, free"
    );
}

#[test]
fn a_tier_without_tenants_needs_no_pool() {
    let text = SAMPLE.replace("[\"free\", \"paid\"]", "[\"free\"]");
    assert_eq!(told(&text, &["tiers.paid.tenants=0", "growth.mix={free=1}"]), [""; 0]);
    assert_eq!(told(&text, &["tiers.paid.tenants=0"]).len(), 1, "sign-ups need one");
}

#[test]
fn names_of_entries_that_cannot_be_read_are_still_known() {
    // The pool is broken; the tiers that name its stack and rhythm are not, and neither are their
    // names. The second tier's stack is misspelt, and its place is its own.
    let text = SAMPLE
        .replace("\"8 cores\"", "\"8 crores\"")
        .replace("tenants = 900", "tenants = \"many\"")
        .replace("bots = 3\npriority = \"high\"\nstack = \"trading\"", "stack = \"tradng\"");
    assert_eq!(
        told(&text, &[]),
        [
            "tiers[0].tenants: this is text, not a whole number; \
             write a whole number from 0 to 4294967295, without quotes",
            "tiers[1].stack: no stack `tradng`; did you mean `trading`?",
            "pools[0].machine.cpu: `crores` is no unit of an amount of cpu; \
             did you mean \"8 cores\"? (units: cores, core, m)",
        ]
    );
}

#[test]
fn a_policy_file_names_tiers_pools_and_services_of_the_scenario() {
    let loaded = load(SAMPLE, &[]).unwrap();
    let named = |name: &str| Located::nowhere(name.to_string());
    let (free, fre, worker, portal) =
        (named("free"), named("fre"), named("worker"), named("portal"));
    let mut problems = Problems::default();
    let (tiers, pools) = ([&free, &fre], [&worker, &portal]);
    let (asleep, deep) = (named("asleep"), named("database_only"));
    let (services, stages) = ([&portal, &named("login")], [&asleep, &deep]);
    check_policies(&loaded.value, &tiers, &pools, &services, &stages, &mut problems);
    let told: Vec<String> = problems.sorted().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "no tier `fre`; did you mean `free`?",
            "no stage of sleep `database_only`; have asleep; name others in `[sleep]`: \
             stages = [\"database-only\", …]",
            "no pool `portal`; have worker",
            "no service `portal`; have login",
            "the service `login` stands on no machines; add on = { pool = \"…\", cpu = \"1 cores\", \
             memory = \"1 GiB\" } to it: policies scale only what has replicas to come and go",
        ]
    );
}

#[test]
fn parts_stand_still_at_stages_that_the_scenario_names() {
    let named = |stages: &str, stops_at: &str| {
        let sleep = if stages.is_empty() { String::new() } else { format!("[sleep]\n{stages}\n") };
        let text = SAMPLE.replace("[[rhythms]]", &format!("{sleep}[[rhythms]]"));
        told(&text.replace("\"asleep\"", &format!("\"{stops_at}\"")), &[])
    };
    for (stages, stops_at) in [
        ("", "asleep"),
        ("", "never"),
        ("stages = [\"nap\", \"coma\"]", "coma"),
        ("stages = [\"bots-stopped\"]", "bots-stopped"),
    ] {
        assert_eq!(named(stages, stops_at), [""; 0], "{stages} {stops_at}");
    }
    for (stages, stops_at, wrong) in [
        (
            "",
            "bots-stopped",
            "stacks[0].parts[1].stops_at: no stage of sleep `bots-stopped`; have asleep; name others \
             in `[sleep]`: stages = [\"bots-stopped\", …]",
        ),
        (
            "stages = [\"light\", \"deep\"]",
            "depe",
            "stacks[0].parts[1].stops_at: no stage of sleep `depe`; did you mean `deep`?",
        ),
        (
            "stages = [\"nap\", \"nap\"]",
            "nap",
            "sleep.stages[1]: the stage `nap` is in this list twice; remove one of the two",
        ),
        (
            "stages = [\"nap\", \"never\"]",
            "nap",
            "sleep.stages[1]: `never` says that somebody does not sleep; call the stage otherwise",
        ),
        (
            "stages = [\"awake\"]",
            "never",
            "sleep.stages[0]: `awake` says that somebody does not sleep; call the stage otherwise",
        ),
        (
            "stages = []",
            "never",
            "sleep.stages: there is no stage to sleep at; name one, or leave the section out: then \
             there is one, `asleep`",
        ),
    ] {
        assert_eq!(named(stages, stops_at), [wrong], "{stages} {stops_at}");
    }
}

#[test]
fn a_check_asks_for_no_place() {
    let mut scenario = load(SAMPLE, &[]).unwrap().value;
    scenario.tiers.clear();
    scenario.growth = None;
    let mut problems = Problems::default();
    check(&scenario, &mut problems);
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn very_many_mistakes_are_told_soon() {
    let pools = |count: usize, tier: &str| -> String {
        let machine = "machine = { cpu = \"8 cores\", memory = \"8 GiB\" }\nprice = \"$5/month\"\n";
        let pool = |index: usize| {
            format!("[[pools]]\nname = \"p{index}\"\ncount = 1\ntiers = [\"{tier}\"]\n{machine}")
        };
        (0..count).map(pool).collect()
    };
    let started = std::time::Instant::now();
    assert!(told(&(SAMPLE.to_string() + &pools(20_000, "fre")), &[]).len() > 20_000);
    assert_eq!(told(&(SAMPLE.to_string() + &pools(2_000, "free")), &[]).len(), 1);
    let broken = pools(10_000, "free").replace("\"8 cores\"", "8");
    assert_eq!(told(&(SAMPLE.to_string() + &broken), &[]).len(), 10_000);
    let calls = |index: usize| {
        format!(
            "[[services]]\nname = \"s{index}\"\nconcurrency = 1\nservice_time = \"1 s\"\n[[traffic]]\n\
             name = \"t{index}\"\nservice = \"s-{index}\"\n\
             arrivals = {{ kind = \"renewal\", gap = \"1 s\" }}\n"
        )
    };
    let calls: String = (0..20_000).map(calls).collect();
    assert_eq!(told(&(SAMPLE.to_string() + &calls), &[]).len(), 20_002);
    let took = started.elapsed();
    assert!(took.as_secs() < 15, "{took:?}");
}

#[test]
fn a_machine_is_not_lost_before_the_next_scrape_can_arrive() {
    let sensing = ["sensing.every=15s", "sensing.delay=1min"];
    let lost = |after: &str| {
        let after = format!("sensing.lost_after={after}");
        told(SAMPLE, &[sensing[0], sensing[1], &after])
    };
    assert_eq!(lost("75s"), [""; 0]);
    let short = lost("74s");
    assert!(
        short.len() == 1 && short[0].starts_with("sensing.lost_after: every machine"),
        "{short:?}"
    );
    let all = told(SAMPLE, &["sensing.missed=101%", "sensing.loss=101%"]);
    assert!(all.iter().any(|told| told.contains("more than all machines")), "{all:?}");
    assert!(all.iter().any(|told| told.contains("more than all scrapes")), "{all:?}");
    assert_eq!(told(SAMPLE, &["sensing.missed=100%"]), [""; 0]);
}
