//! What a large fleet costs the bridge: machines are taken in, a view is made ready, the pilot
//! decides, and a turn is written. No engine is needed.
//!
//!     cargo run --release -p seatrial-bridge --example large_fleet -- 100 100
//!
//! takes 100 machines of 100 tenants with two containers each.

use seatrial_bridge::{MachineSeen, Registry, Sighting, UnitSeen};
use seatrial_contract::config::{Element, Node, Path, Problems, Value};
use seatrial_contract::units::{Moment, Ppm, Span, cores, gib, mib, millicores};
use seatrial_contract::view::{Pool, PoolSums, Tier, UnitState};
use seatrial_contract::{Dice, Footprint, Priority, Stage, Stages};
use seatrial_policies::{Clock, LogbookHead, LogbookHost, LogbookMode, Pilot, PolicyFile, Scribe};
use std::time::{Duration, Instant};

const TURNS: u32 = 20;

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let (Some(Ok(machines)), Some(Ok(tenants))) = (arguments.next(), arguments.next()) else {
        eprintln!("large_fleet MACHINES TENANTS_A_MACHINE");
        return;
    };
    let mut registry = registry();
    let file = policies();
    let (mut pilot, mut scribe) = (Pilot::new(&file), Scribe::new(head()));
    let _ = scribe.begin(None);
    let mut spent = [Duration::ZERO; 4];
    let mut written = 0;
    for turn in 0..=TURNS {
        let at = Clock::moment(Span::seconds(1_795_000_000 + u64::from(turn) * 15));
        let mut turned = [Duration::ZERO; 4];
        for machine in 0..machines {
            let seen = Sighting::Machine(seen(machine, tenants, turn, at));
            turned[0] += timed(|| drop(registry.take(&format!("host-{machine}"), seen, at)));
        }
        turned[1] += timed(|| drop(registry.ready(at)));
        turned[2] += timed(|| {
            pilot.tick(registry.view(), Dice::new(1));
        });
        let mut text = String::new();
        let decided = pilot.decided();
        turned[3] += timed(|| text = scribe.turn(registry.view(), registry.names(), decided));
        registry.settle();
        // The first turn meets everything for the first time.
        if turn > 0 {
            spent.iter_mut().zip(turned).for_each(|(sum, one)| *sum += one);
            written += text.len();
        }
    }
    let mean = |index: usize| spent[index].as_secs_f64() * 1e3 / f64::from(TURNS);
    println!(
        "{machines} machines, {} containers, a tenth of them changed at each look",
        machines * tenants * 2
    );
    println!("take in all machines {:8.2} ms", mean(0));
    println!("make the view ready  {:8.2} ms", mean(1));
    println!("decide               {:8.2} ms", mean(2));
    println!(
        "write a turn         {:8.2} ms, {} bytes before compression",
        mean(3),
        written / TURNS as usize
    );
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn registry() -> Registry {
    let tiers = [Tier { name: "free".to_owned(), priority: Priority::Low }];
    let pools = [Pool {
        name: "workers".to_owned(),
        tiers: Vec::new(),
        least: 1,
        most: 1_000,
        tenants_most: 1_000,
        overcommit_cpu: Ppm::WHOLE,
        overcommit_memory: Ppm::WHOLE,
        sums: PoolSums::default(),
    }];
    Registry::new(&Stages::default(), &tiers, &pools, Span::minutes(1), Span::days(1))
}

fn policies() -> PolicyFile {
    let kinds = ["least-loaded", "threshold", "idle-ladder"];
    let list = kinds.iter().map(|kind| Node::table([("kind", Node::text(kind))])).collect();
    let file = Node::table([("policies", Value::List(list).nowhere())]);
    let mut problems = Problems::default();
    PolicyFile::read(&file, &Path::Root, &mut problems).unwrap_or_else(|| panic!("{problems:?}"))
}

fn head() -> LogbookHead {
    LogbookHead {
        of: "a large fleet".to_owned(),
        host: LogbookHost::Bridge,
        mode: LogbookMode::Decided,
        policy_digest: String::new(),
        policies: String::new(),
        seed: 1,
        clock: Clock::Utc,
        memory: None,
    }
}

fn seen(machine: u32, tenants: u32, turn: u32, at: Moment) -> MachineSeen {
    let unit = |tenant: u32, name: &str, stops_at| UnitSeen {
        tenant: format!("tenant-{machine}-{tenant}"),
        tier: "free".to_owned(),
        unit: name.to_owned(),
        container: format!("{machine}-{tenant}-{name}"),
        created: None,
        stops_at,
        state: UnitState::Running,
        since: Moment::START,
        requested: Footprint { cpu: millicores(100), memory: mib(64) },
        used: seatrial_bridge::Use {
            cpu: millicores(if tenant % 10 == turn % 10 { u64::from(turn) } else { 5 }),
            memory: mib(20),
        }
        .into(),
    };
    let units = (0..tenants)
        .flat_map(|tenant| [unit(tenant, "database", None), unit(tenant, "bots", Some(Stage(1)))]);
    MachineSeen {
        name: format!("host-{machine}"),
        zone: "zone-a".to_owned(),
        capacity: Footprint { cpu: cores(64), memory: gib(256) },
        units: units.collect(),
        at,
        ..MachineSeen::default()
    }
}
