//! The catalogue of metrics says what runs make: every metric of every shipped scenario is in it once,
//! with its unit, and it names none that no scenario makes. The list of a run's metrics is the same
//! before it and after it, so that no run is needed.

use seatrial_contract::config::{Name, Value};
use seatrial_format::Disk;
use seatrial_format::scenario::{FaultTable, Scenario};
use seatrial_host::catalogue::{CATALOGUE, Known};
use seatrial_host::{World, open, open_text};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const FIGURES: [&str; 4] = ["mean", "p50", "p95", "max"];

/// What no shipped scenario has.
const REST: &str = r#"
title = "What no shipped scenario has"
duration = "1 h"

[[services]]
name = "sharer"
concurrency = 2
discipline = "processor-sharing"
while_asking = "free"
service_time = "10 ms"

[[services]]
name = "shedder"
concurrency = 2
service_time = "10 ms"
shedding = { waited = "1 s" }

[[databases]]
name = "primary"
cores = 4
memory = "8 GiB"
standbys = [{ name = "second" }]
rto = "1 h"
rpo = "1 min"
outages = [{ at = "10 min", lasts = "1 min" }]

[[traffic]]
name = "calls"
service = "sharer"
arrivals = { kind = "poisson", rate = "9/s" }
queries = [{ at = "primary", service_time = "1 ms" }]

[[traffic]]
name = "others"
service = "sharer"
arrivals = { kind = "poisson", rate = "9/s" }

[[traffic]]
name = "refused"
service = "shedder"
arrivals = { kind = "poisson", rate = "9/s" }

[[pools]]
name = "workers"
count = 1
machine = { cpu = "8 cores", memory = "32 GiB" }
price = "$0.34/h"

[[stacks]]
name = "app"
parts = [{ name = "web", cpu = "0.25 cores", memory = "512 MiB" }]

[[tiers]]
name = "free"
tenants = 4
rto = "1 h"
served = "99.95 %"
rpo = "1 h"
stack = "app"
sessions = { gap = "1 d", length = "30 min" }

[[caches]]
name = "kept"
maxmemory = "64 MiB"
service_time = "1 ms"

[[traffic]]
name = "clicks"
service = "shedder"
arrivals = { kind = "tenants", when = "awake", every = "20 s" }
cache = { name = "kept", objects = 100, entry = "4 KiB", connections = 2 }

[[faults]]
kind = "machine-crash"
at = "30 min"

[[objects]]
name = "bucket"
classes = [{ name = "warm", gib = "$0.02/month" }, { name = "cold", after = "30 d", gib = "$0.01/month" }]
"#;

fn shipped() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let folders = ["", "mondays", "stores", "chaos"].map(|folder| root.join(folder));
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let mut files: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    assert!(files.len() > 15, "{files:?}");
    files
}

/// The names that a word in capitals may stand for.
fn names(scenario: &Scenario, word: &str) -> Vec<String> {
    fn of<T>(all: &[T], name: impl Fn(&T) -> &Name) -> Vec<String> {
        all.iter().map(|one| name(one).to_string()).collect()
    }
    let s = scenario;
    match word {
        "TIER" => of(&s.tiers, |of| &of.name.value),
        "POOL" => of(&s.pools, |of| &of.name.value),
        "SERVICE" => of(&s.services, |of| &of.name.value),
        "CACHE" => of(&s.caches, |of| &of.name.value),
        "DATABASE" => of(&s.databases, |of| &of.name.value),
        "POOLER" => of(&s.poolers, |of| &of.name.value),
        "TRAFFIC" => of(&s.traffic, |of| &of.name.value),
        "ALERT" => of(&s.alerts, |of| &of.name.value),
        "ACTION" => seatrial_contract::Action::WORDS.map(str::to_owned).into(),
        "STORE" => of(&s.objects, |of| &of.name.value),
        "CLASS" => s
            .objects
            .iter()
            .flat_map(|of| of.classes.iter())
            .map(|of| of.name.to_string())
            .collect(),
        "FAULT" => {
            let name = |key: &str, table: &FaultTable| match &table.node.get(key)?.value {
                Value::Text(name) => Some(name.clone()),
                Value::Bool(_)
                | Value::Integer(_)
                | Value::Decimal(_)
                | Value::List(_)
                | Value::Table(_)
                | Value::Other(_) => None,
            };
            let said =
                s.faults.iter().filter_map(|of| name("name", of).or_else(|| name("kind", of)));
            // Those that other sections say go by their kind.
            said.chain(["database-out", "replicas-lost"].map(str::to_owned)).collect()
        }
        "STANDBY" => {
            s.databases.iter().flat_map(|of| &of.standbys).map(|of| of.name.to_string()).collect()
        }
        "STATION" => ["SERVICE", "DATABASE", "POOLER"].map(|word| names(s, word)).concat(),
        "LINE" => {
            let servers = of(&s.servers, |of| &of.name.value);
            let priced =
                ["POOL", "STORE", "CACHE", "DATABASE", "POOLER"].map(|word| names(s, word));
            [servers, priced.concat()].concat()
        }
        word => panic!("`{word}` stands for nothing"),
    }
}

/// Whether an entry of the catalogue is of this metric of this scenario.
fn is_of(known: &Known, scenario: &Scenario, metric: &str) -> bool {
    let (mut wanted, mut found) = (known.name.split('.'), metric.split('.'));
    let (own, stem) = (wanted.next().unwrap(), found.next().unwrap());
    let fits = own == stem || FIGURES.iter().any(|figure| own.replace("FIGURE", figure) == stem);
    let (wanted, found): (Vec<&str>, Vec<&str>) = (wanted.collect(), found.collect());
    let fits_name = |(word, name): (&&str, &&str)| match word.chars().all(char::is_uppercase) {
        true => names(scenario, word).iter().any(|known| known == *name),
        false => word == name,
    };
    fits && wanted.len() == found.len() && wanted.iter().zip(&found).all(fits_name)
}

#[test]
fn every_metric_is_in_the_catalogue_once_and_every_entry_is_made() {
    let mut made: BTreeSet<&str> = BTreeSet::new();
    let mut wrong: BTreeSet<String> = BTreeSet::new();
    let mut look = |what: &str, opened: seatrial_host::Opened| {
        let scenario = opened.scenario;
        let metrics = World::new(&scenario, opened.policies.as_ref(), scenario.seed).metrics();
        for metric in metrics {
            let found: Vec<&Known> =
                CATALOGUE.iter().filter(|known| is_of(known, &scenario, &metric.name)).collect();
            match found.as_slice() {
                [known] if known.unit == metric.unit => drop(made.insert(known.name)),
                [known] => drop(wrong.insert(format!(
                    "{what}: {} is in {}, not in {}",
                    metric.name,
                    metric.unit.word(),
                    known.unit.word()
                ))),
                found => drop(wrong.insert(format!(
                    "{what}: {} is {} entries of sim/host/src/catalogue.rs: {found:?}",
                    metric.name,
                    found.len()
                ))),
            }
        }
    };
    for file in shipped() {
        let opened = open(&Disk, &file, &[]).unwrap_or_else(|failure| {
            panic!("{}", failure.render(seatrial_format::Style::default()))
        });
        look(&file.display().to_string(), opened);
    }
    look(
        "what no shipped scenario has",
        open_text(REST, Some("[[policies]]\nkind = \"spread\"\n")).unwrap_or_else(|failure| {
            panic!("{}", failure.render(seatrial_format::Style::default()))
        }),
    );
    assert!(wrong.is_empty(), "{}", wrong.into_iter().collect::<Vec<_>>().join("\n"));
    let never: Vec<&str> =
        CATALOGUE.iter().map(|known| known.name).filter(|name| !made.contains(name)).collect();
    assert!(never.is_empty(), "no scenario makes {never:?}");
}

#[test]
fn what_the_catalogue_says_is_a_sentence() {
    for Known { name, meaning, made_by, .. } in CATALOGUE {
        assert!(meaning.ends_with('.') && meaning.len() > 10, "{name}: {meaning}");
        assert!(!made_by.is_empty(), "{name}");
    }
}
