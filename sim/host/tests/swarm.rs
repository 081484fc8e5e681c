//! Worlds of their own mix of faults, policies and knobs each, with all invariants on: first faults strike, then all
//! heal, then everything must come back. A failure names its seed; `SEATRIAL_SEED=7 cargo nextest run -p seatrial-host
//! --test swarm` repeats it, and the scenario is written into the folder for temporary files, without the faults that it
//! does not need. `SEATRIAL_SEEDS=20000` runs more of them, `SEATRIAL_FROM=500` others.

use seatrial_contract::{Dice, Purpose, Stream};
use seatrial_host::{Silent, World, open_text};
use std::panic::{AssertUnwindSafe, catch_unwind};

const DRAW: Purpose = Purpose::new("swarm");
/// Seeds that the checks run; all kinds meet in pairs among them.
const SEEDS: u64 = 500;

/// Faults by kind, with what each takes; all heal.
const FAULTS: [&str; 28] = [
    "kind = \"machine-crash\"\nmachines = 2",
    "kind = \"machine-crash\"\nname = \"each\"\neach = true\nagain_after = { kind = \"exponential\", mean = \"3 h\" }\ncrews = 2",
    "kind = \"machine-burst\"\nleast = 2\nmost = 4\napart = \"20 s\"",
    "kind = \"machine-slow\"\nshare = \"50 %\"\ncpu = \"20 %\"",
    "kind = \"machine-drained\"",
    "kind = \"rack-loss\"",
    "kind = \"zone-loss\"",
    "kind = \"region-loss\"\nregion = \"there\"",
    "kind = \"stock-out\"",
    "kind = \"spot-reclaim\"\npool = \"spot\"",
    "kind = \"container-kill\"\ntenants = 5",
    "kind = \"replicas-lost\"\nservice = \"placed\"\nreplicas = 2",
    "kind = \"database-out\"\ndatabase = \"db\"",
    "kind = \"primary-loss\"\ndatabase = \"db\"",
    "kind = \"database-crash\"\ndatabase = \"db\"",
    "kind = \"standby-loss\"\ndatabase = \"db\"\nstandby = \"second\"",
    "kind = \"replica-lag\"\ndatabase = \"db\"\nstandby = \"second\"",
    "kind = \"connections-taken\"\ndatabase = \"db\"\nconnections = 90",
    "kind = \"dns-failure\"\ndatabase = \"db\"",
    "kind = \"disk-slow\"\ndatabase = \"db\"",
    "kind = \"cache-loss\"\ncache = \"redis\"",
    "kind = \"service-out\"\nservice = \"portal\"",
    "kind = \"gray-failure\"\nservice = \"portal\"\ntimes = 2.0",
    "kind = \"bad-deploy\"\nservice = \"placed\"",
    "kind = \"gray-machine\"",
    "kind = \"policies-down\"",
    "kind = \"metrics-absent\"",
    "kind = \"actions-lost\"",
];
/// The same of those who see and steer, of which a world has one more.
const CONTROL: [&str; 5] = [
    "kind = \"metrics-stale\"",
    "kind = \"metrics-wrong\"\nreads_as = \"50 %\"",
    "kind = \"actions-rejected\"",
    "kind = \"actions-delayed\"\nby = \"3 min\"",
    "kind = \"slow-people\"",
];

fn pick<'a, T>(stream: &mut Stream, all: &'a [T]) -> &'a T {
    &all[usize::try_from(stream.below(all.len() as u64)).unwrap_or_default()]
}

/// The world of a seed without its faults, its policies, and its faults.
fn drawn(seed: u64) -> (String, String, Vec<String>) {
    let mut stream = Dice::new(seed).stream(0, DRAW);
    let data = pick(
        &mut stream,
        &[
            "{ kind = \"on-network\" }",
            "{ kind = \"on-machine\" }",
            "{ kind = \"on-machine\", backups = { every = \"30 min\", size = \"2 GiB\", succeed = \"80 %\" } }",
        ],
    );
    let failover = pick(
        &mut stream,
        &["patroni", "managed-multi-az", "managed-two-standby", "cloudnative", "manual"],
    );
    let following = pick(&mut stream, &["synchronous", "asynchronous"]);
    let rebuild = pick(&mut stream, &["", "rebuild = \"10 min\"\n"]);
    let alone = pick(&mut stream, &["goes-on", "stops"]);
    let saves = pick(&mut stream, &["0 s", "1 min", "10 min"]);
    let world = WORLD
        .replace("{data}", data)
        .replace("{failover}", failover)
        .replace("{following}", following)
        .replace("{rebuild}", rebuild)
        .replace("{alone}", alone)
        .replace("{saves}", saves);
    let mut policies =
        "tick = \"15 s\"\n[guard]\nlost_most = \"80 %\"\ntenants_an_hour = \"100 %\"\n\
                        machines_an_hour = \"50 %\"\n[[policies]]\nkind = \"spread\"\n"
            .to_owned();
    for policy in
        ["evacuate", "threshold", "wake-admission", "pack", "revert-release", "quarantine"]
    {
        if stream.below(2) == 0 {
            policies += &format!("[[policies]]\nkind = \"{policy}\"\n");
        }
    }
    policies += "[[policies]]\nkind = \"idle-ladder\"\nladder = { asleep = \"30 min\" }\n";
    let mut faults = Vec::new();
    let count = 2 + stream.below(4);
    for number in 0..count {
        let fault = *pick(&mut stream, &FAULTS);
        let (at, lasts) = (30 + stream.below(180), 1 + stream.below(120));
        let name = if fault.contains("name =") {
            String::new()
        } else {
            format!("name = \"f{number}\"\n")
        };
        // All are over after five hours, but those that come again.
        faults.push(format!("{fault}\n{name}at = \"{at} min\"\nlasts = \"{lasts} min\"\n"));
    }
    let fault = *pick(&mut stream, &CONTROL);
    faults.push(format!("{fault}\nat = \"{} min\"\nlasts = \"40 min\"\n", 30 + stream.below(200)));
    // Two of one name would be one too many.
    let mut has_each = false;
    let mut is_first = |fault: &String| {
        !fault.contains("name = \"each\"") || !core::mem::replace(&mut has_each, true)
    };
    faults.retain(|fault| is_first(fault));
    (world, policies, faults)
}

const WORLD: &str = r#"
title = "swarm"
duration = "12 h"
waking = { start_time = "1 min" }
restoring = { link = "1 GiB" }
policies = { file = "policies.toml", place = "west", saves_every = "{saves}" }
[[zones]]
name = "east"
region = "here"
racks = ["e1", "e2"]
[[zones]]
name = "west"
region = "there"
racks = ["w1", "w2"]
[[stacks]]
name = "app"
parts = [{ name = "web", cpu = "0.5 cores", memory = "1 GiB", quiet = { cpu = "10 %", memory = "50 %" }, stops_at = "asleep" }]
[[tiers]]
name = "free"
stack = "app"
tenants = 60
priority = "low"
sessions = { gap = { kind = "exponential", mean = "2 h" }, length = "15 min" }
data = {data}
[[tiers]]
name = "paid"
stack = "app"
tenants = 20
priority = "high"
sessions = { gap = { kind = "exponential", mean = "1 h" }, length = "30 min" }
data = { kind = "on-network" }
[[pools]]
name = "workers"
count = 4
most = 8
zones = ["east", "west"]
machine = { cpu = "32 cores", memory = "64 GiB" }
price = "$1/h"
[[pools]]
name = "spot"
count = 2
most = 4
zones = ["west", "east"]
tiers = ["free"]
machine = { cpu = "16 cores", memory = "32 GiB" }
price = "$0.3/h"
[[services]]
name = "portal"
concurrency = 16
service_time = "20 ms"
place = "east"
[[services]]
name = "placed"
concurrency = 8
replicas = 3
service_time = "10 ms"
on = { pool = "workers", cpu = "1 cores", memory = "1 GiB" }
[[caches]]
name = "redis"
maxmemory = "64 MiB"
service_time = "1 ms"
place = "e2"
[[databases]]
name = "db"
cores = 4
place = "workers/1"
standbys = [{ name = "second", following = "{following}", place = "west" }]
failover = { kind = "{failover}" }
when_alone = "{alone}"
rpo = "1 min"
{rebuild}
[[traffic]]
name = "buy"
service = "portal"
time_out = "2 s"
arrivals = { kind = "poisson", rate = "2/s" }
cache = { name = "redis", objects = 1000, entry = "1 KiB" }
queries = [{ at = "db", service_time = "5 ms", writes = "1 KiB" }]
[[traffic]]
name = "look"
service = "placed"
time_out = "2 s"
arrivals = { kind = "poisson", rate = "2/s" }
"#;

/// What is wrong with a world under these faults, if anything.
fn wrong(world: &str, policies: &str, faults: &[String], seed: u64) -> Option<String> {
    let text: String = faults.iter().fold(world.to_owned(), |all, of| all + "[[faults]]\n" + of);
    let opened = match open_text(&text, Some(policies)) {
        Ok(opened) => opened,
        Err(failure) => return Some(failure.render(seatrial_format::Style::default())),
    };
    let run = || World::new(&opened.scenario, opened.policies.as_ref(), seed).run(&Silent);
    let record = match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(record)) => record,
        Ok(Err(broken)) => return Some(broken.to_string()),
        Err(_) => return Some("it panicked".to_owned()),
    };
    let value = |name: &str| record.metric(name).and_then(|metric| metric.value).unwrap_or(0.0);
    let again = faults.iter().any(|fault| fault.contains("again_after"));
    if value("tenants_down_end") > 0.0 && !again {
        return Some(format!("{} tenants are down at the end", value("tenants_down_end")));
    }
    for incident in &record.incidents {
        let steps = [
            Some(incident.at),
            incident.detected,
            incident.decided,
            incident.acted,
            incident.restored,
            incident.clients_back,
        ];
        let known: Vec<u64> = steps.into_iter().flatten().collect();
        if !known.is_sorted() {
            return Some(format!("the steps of an incident decrease: {incident:?}"));
        }
    }
    let synchronous = world.contains("following = \"synchronous\"") && world.contains("\"stops\"");
    if synchronous && value("writes_lost.db") > 0.0 {
        return Some("a write that a synchronous standby acknowledged is lost".to_owned());
    }
    None
}

/// The faults that a failure needs.
fn shrunk(world: &str, policies: &str, mut faults: Vec<String>, seed: u64) -> Vec<String> {
    let mut at = 0;
    while at < faults.len() {
        let mut fewer = faults.clone();
        fewer.remove(at);
        if wrong(world, policies, &fewer, seed).is_some() {
            faults = fewer;
        } else {
            at += 1;
        }
    }
    faults
}

#[test]
fn whatever_strikes_all_invariants_hold_and_all_comes_back() {
    let from_environment = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seeds = match from_environment("SEATRIAL_SEED") {
        Some(seed) => seed..seed + 1,
        None => {
            let from = from_environment("SEATRIAL_FROM").unwrap_or(0);
            from..from + from_environment("SEATRIAL_SEEDS").unwrap_or(SEEDS)
        }
    };
    for seed in seeds {
        let (world, policies, faults) = drawn(seed);
        let Some(what) = wrong(&world, &policies, &faults, seed) else { continue };
        let faults = shrunk(&world, &policies, faults, seed);
        let text: String = faults.iter().fold(world, |all, of| all + "[[faults]]\n" + of);
        let file = std::env::temp_dir().join(format!("seatrial-swarm-{seed}.toml"));
        std::fs::write(&file, &text).expect("it can be written");
        std::fs::write(file.with_file_name("policies.toml"), &policies).expect("it can be written");
        panic!(
            "SEATRIAL_SEED={seed} cargo nextest run -p seatrial-host --test swarm\n{what}\n{}\n\
             seatrial run {} --seed {seed}",
            faults.join("\n"),
            file.display()
        );
    }
}
