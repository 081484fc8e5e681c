//! The worlds of the swarm: which faults there are, and what a seed draws. Runs none.

use seatrial_contract::{Dice, Purpose, Stream};

const DRAW: Purpose = Purpose::new("swarm");
/// Faults by kind, with what each takes; all heal.
pub(super) const FAULTS: [&str; 49] = [
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
    "kind = \"replica-lag\"\ndatabase = \"db\"\nstandby = \"second\"\napplies = \"0.01 %\"",
    "kind = \"connections-taken\"\ndatabase = \"db\"\nconnections = 99",
    "kind = \"dns-failure\"\ndatabase = \"db\"",
    "kind = \"disk-slow\"\ndatabase = \"db\"",
    "kind = \"network-slow\"\ndatabase = \"db\"\nloses = \"5 %\"",
    "kind = \"certificate-expired\"\nservice = \"portal\"",
    "kind = \"cache-loss\"\ncache = \"redis\"",
    "kind = \"service-out\"\nservice = \"portal\"",
    "kind = \"gray-failure\"\nservice = \"portal\"\ntimes = 2.0",
    "kind = \"bad-deploy\"\nservice = \"placed\"",
    "kind = \"gray-machine\"",
    "kind = \"policies-down\"",
    "kind = \"metrics-absent\"",
    "kind = \"actions-lost\"",
    "kind = \"metrics-stale\"",
    "kind = \"metrics-wrong\"\nreads_as = \"50 %\"",
    "kind = \"actions-rejected\"",
    "kind = \"actions-delayed\"\nby = \"3 min\"",
    "kind = \"slow-people\"",
    "kind = \"disk-full\"\ndatabase = \"db\"",
    "kind = \"disk-lost\"\ndatabase = \"db\"",
    "kind = \"data-deleted\"\ndatabase = \"db\"",
    "kind = \"backups-lost\"\ndatabase = \"db\"",
    "kind = \"backups-fail\"\ndatabase = \"db\"",
    "kind = \"archive-stops\"\ndatabase = \"db\"",
    "kind = \"link-slow\"",
    "kind = \"partition\"\nfrom = \"east\"",
    "kind = \"partition\"\nname = \"between\"\nfrom = \"west\"\nto = \"east\"\none_way = true",
    "kind = \"machine-disk-lost\"\nmachines = 2",
    "kind = \"pooler-loss\"\npooler = \"pool\"",
    "kind = \"clock-skew\"\nby = \"10 min\"",
    "kind = \"machine-disk-full\"\nmachines = 2",
    "kind = \"machine-io-slow\"\npool = \"workers\"\nshare = \"75 %\"\nnetwork = \"5 %\"",
];

/// Where the data of those who pay lies: not where that of the others does.
const ON_NETWORK: &str = "{ kind = \"on-network\" }";
const BACKED_UP: &str =
    "{ kind = \"on-machine\", backups = { every = \"30 min\", size = \"2 GiB\" } }";

fn pick<'a, T>(stream: &mut Stream, all: &'a [T]) -> &'a T {
    &all[usize::try_from(stream.below(all.len() as u64)).unwrap_or_default()]
}

/// The world of a seed without its faults, its policies, and its faults.
pub(super) fn drawn(seed: u64) -> (String, String, Vec<String>) {
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
        &[
            "patroni",
            "managed-multi-az",
            "managed-two-standby",
            "cloudnative",
            "manual",
            "probing",
            "by-policy",
        ],
    );
    let following = pick(&mut stream, &["synchronous", "asynchronous"]);
    let rebuild = pick(&mut stream, &["", "rebuild = \"10 min\"\n"]);
    let alone = pick(&mut stream, &["goes-on", "stops"]);
    let backups = pick(
        &mut stream,
        &[
            "{ archive = { time_out = \"1 min\" }, off_site = \"2 h\" }",
            "{ succeed = \"80 %\", keeps = \"3 h\" }",
            "{ snapshots = {}, archive = {}, keeps = \"3 h\", off_site = \"4 h\" }",
        ],
    );
    let cache = pick(
        &mut stream,
        &["", "failover = { kind = \"sentinel\" }\n", "failover = { kind = \"cluster\" }\n"],
    );
    let saves = pick(&mut stream, &["0 s", "1 min", "10 min"]);
    let world = WORLD
        .replace("{data}", data)
        .replace("{other}", if data.contains("on-network") { BACKED_UP } else { ON_NETWORK })
        .replace("{failover}", failover)
        .replace("{following}", following)
        .replace("{rebuild}", rebuild)
        .replace("{alone}", alone)
        .replace("{backups}", backups)
        .replace("{cache}", cache)
        .replace("{saves}", saves);
    let mut policies = HEAD.to_owned();
    for policy in POLICIES {
        if stream.below(2) == 0 {
            policies += &format!("[[policies]]\nkind = \"{policy}\"\n");
        }
    }
    policies += TAIL;
    (world, policies, draw_faults(seed, &mut stream))
}

/// Three pairs of kinds that are the seed's own, so that all meet, and up to two more.
fn draw_faults(seed: u64, stream: &mut Stream) -> Vec<String> {
    let pairs = pairs();
    let at = |number: u64| pairs[usize::try_from(number % pairs.len() as u64).unwrap_or_default()];
    let third = pairs.len() as u64 / 3;
    let own = [at(seed), at(seed + third), at(seed + 2 * third)];
    let mut kinds: Vec<&str> = own.into_iter().flat_map(|(one, two)| [one, two]).collect();
    (0..stream.below(3)).for_each(|_| kinds.push(*pick(stream, &FAULTS)));
    let mut faults: Vec<String> = Vec::new();
    for (number, kind) in kinds.into_iter().enumerate() {
        let (at, lasts) = (30 + stream.below(180), 1 + stream.below(120));
        let name =
            if kind.contains("name =") { String::new() } else { format!("name = \"f{number}\"\n") };
        // Two of one name would be one too many.
        if name.is_empty() && faults.iter().any(|of| of.starts_with(kind)) {
            continue;
        }
        // All are over after five hours and a half, but those that come again.
        faults.push(format!("{kind}\n{name}at = \"{at} min\"\nlasts = \"{lasts} min\"\n"));
    }
    faults
}

/// Every two kinds.
pub(super) fn pairs() -> Vec<(&'static str, &'static str)> {
    let firsts = FAULTS.iter().enumerate();
    firsts.flat_map(|(at, one)| FAULTS[at + 1..].iter().map(move |two| (*one, *two))).collect()
}

/// Policies that a world has, those of which it may have each, and the one that it has besides.
const HEAD: &str = "tick = \"15 s\"\n[guard]\nlost_most = \"80 %\"\ntenants_an_hour = \"100 %\"\n\
                    machines_an_hour = \"50 %\"\n[[policies]]\nkind = \"spread\"\n";
const POLICIES: [&str; 9] = [
    "evacuate",
    "threshold",
    "wake-admission",
    "pack",
    "revert-release",
    "quarantine",
    "rehearse",
    "switch-over",
    "empty-zone\"\nevery = \"5 h\"\nwithin = \"30 min",
];
const TAIL: &str = "[[policies]]\nkind = \"idle-ladder\"\nladder = { asleep = \"30 min\" }\n\
                    [[policies]]\nkind = \"back-up\"\nfull = \"2 h\"\nincremental = \"30 min\"\nat = \"10 min\"\n\
                    [[policies]]\nkind = \"restore\"\npatience = \"10 min\"\n\
                    [[policies]]\nkind = \"fail-over\"\nlag_most = \"1 GiB\"\n";

const WORLD: &str = r#"
title = "swarm"
duration = "12 h"
waking = { start_time = "1 min" }
restoring = { link = "1 GiB", place = "w2" }
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
data = {other}
[[pools]]
name = "workers"
count = 4
most = 8
zones = ["east", "west"]
machine = { cpu = "32 cores", memory = "64 GiB", disk_rate = "400 MiB", network = "1 GiB" }
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
{cache}[[databases]]
name = "db"
cores = 4
place = "workers/1"
standbys = [{ name = "second", following = "{following}", place = "west" }]
failover = { kind = "{failover}" }
when_alone = "{alone}"
rpo = "1 min"
data = "40 GiB"
backups = {backups}
{rebuild}
[[traffic]]
name = "buy"
service = "portal"
time_out = "2 s"
arrivals = { kind = "poisson", rate = "2/s" }
cache = { name = "redis", objects = 100000, entry = "1 KiB" }
queries = [{ at = "db", service_time = "5 ms", writes = "1 KiB" }]
[[poolers]]
name = "pool"
database = "db"
place = "w1"
[[traffic]]
name = "read"
service = "placed"
time_out = "2 s"
arrivals = { kind = "poisson", rate = "1/s" }
queries = [{ at = "pool", service_time = "5 ms" }]
place = "west"
[[traffic]]
name = "look"
service = "placed"
time_out = "2 s"
arrivals = { kind = "poisson", rate = "2/s" }
"#;

/// A world with nothing drawn, and all policies.
pub(super) fn fixed() -> (String, String) {
    let world = WORLD
        .replace(
            "{data}",
            "{ kind = \"on-machine\", backups = { every = \"30 min\", size = \"2 GiB\" } }",
        )
        .replace("{other}", ON_NETWORK)
        .replace("{failover}", "patroni")
        .replace("{following}", "synchronous")
        .replace("{rebuild}", "")
        .replace("{alone}", "stops")
        .replace("{backups}", "{ archive = { time_out = \"1 min\" }, off_site = \"2 h\" }")
        .replace("{cache}", "")
        .replace("{saves}", "1 min");
    let mut policies = HEAD.to_owned();
    POLICIES.iter().for_each(|policy| policies += &format!("[[policies]]\nkind = \"{policy}\"\n"));
    (world, policies + TAIL)
}
