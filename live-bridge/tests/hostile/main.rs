//! The bridge among servers that lie, break off and flood: nothing is taken from anyone on the
//! strength of what they say, no answer makes it large, and it recovers.
//!
//! A short form runs one attack in five; `SEATRIAL_HOSTILE=all cargo nextest run -p seatrial-bridge
//! --test hostile` runs all of them, in about four minutes.

#[path = "../../../tests/hostile/attacks.rs"]
mod attacks;
mod clock;
#[path = "../../../tests/hostile/fakes.rs"]
mod fakes;
mod secrets;

use attacks::Attack;
use fakes::{Bridge, Cluster, policies, world};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// 256 MiB, in KiB.
const MEMORY_MOST: u64 = 256 << 10;
const PROGRAM: &str = env!("CARGO_BIN_EXE_seatrial-bridge");
/// A tenant whose users are away so long sleeps. The attack begins while `due` has been away for less.
const IDLE: &str = "6 s";

fn shadow(cluster: &Cluster) -> Bridge {
    let file = cluster.write(&policies(IDLE), "");
    Bridge::shadow(Path::new(PROGRAM), &file)
}

fn pause(seconds: f64) {
    std::thread::sleep(Duration::from_secs_f64(seconds));
}

/// What this trial is worth: with whole data, the same world does have things taken.
#[test]
fn whole_data_lets_a_tenant_sleep_and_a_machine_go() {
    let cluster = Cluster::start("hostile-control", world(2.0));
    let bridge = shadow(&cluster);
    assert!(bridge.waits_for("due would hibernate", Duration::from_secs(15)), "{}", told(&bridge));
    assert!(!bridge.waits_for("would drain", Duration::from_secs(1)), "{}", told(&bridge));
    let spare = Cluster::start("hostile-spare", fakes::World { memory: 10, ..world(0.0) });
    let bridge = shadow(&spare);
    assert!(bridge.waits_for("would drain", Duration::from_secs(15)), "{}", told(&bridge));
}

#[test]
fn no_hostile_answer_takes_anything_from_anyone() {
    let all = attacks::all();
    assert!(all.len() >= 100, "{} attacks", all.len());
    let long = std::env::var_os("SEATRIAL_HOSTILE").is_some();
    let only = std::env::var("SEATRIAL_ATTACK").ok();
    let chosen: Vec<&Attack> = all
        .iter()
        .enumerate()
        .filter(|(index, attack)| match &only {
            Some(only) => attack.name.contains(only.as_str()),
            None => long || index % 5 == 0,
        })
        .map(|(_, attack)| attack)
        .collect();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    let peak = Mutex::new((0, String::new()));
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while let Some(attack) = chosen.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match try_one(attack, all.iter().position(|one| one.name == attack.name)) {
                        Ok(kib) => {
                            let mut peak = peak.lock().unwrap();
                            *peak = (kib, attack.name.clone()).max(peak.clone());
                        }
                        Err(error) => {
                            failed.lock().unwrap().push(format!("{}: {error}", attack.name));
                        }
                    }
                }
            });
        }
    });
    let (kib, of) = peak.into_inner().unwrap();
    println!("{} attacks of {}; at most {} MiB, under `{of}`", chosen.len(), all.len(), kib >> 10);
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} failed:\n{}", failed.len(), failed.join("\n"));
}

/// The most memory that the bridge took, in KiB; or what went wrong.
fn try_one(attack: &Attack, number: Option<usize>) -> Result<u64, String> {
    let name = format!("hostile-{}", number.unwrap_or_default());
    let cluster = Cluster::start(&name, world(2.0));
    if attack.cold {
        cluster.change(|world| world.spoil = Some(attack.spoil.clone()));
    }
    let mut bridge = shadow(&cluster);
    pause(2.0);
    if !attack.cold && !bridge.destroyed().is_empty() {
        return Err(format!("it was done before the attack began: {:?}", bridge.destroyed()));
    }
    cluster.change(|world| world.spoil = Some(attack.spoil.clone()));
    // Readings are stale after a second; then `due` has been away for long enough.
    pause(6.0);
    let destroyed = bridge.destroyed();
    if !destroyed.is_empty() {
        return Err(format!("{destroyed:?}\n{}", told(&bridge)));
    }
    cluster.change(|world| world.spoil = None);
    if !bridge.runs() {
        return Err(format!("it ended\n{}", told(&bridge)));
    }
    if !bridge.waits_for("due would hibernate", Duration::from_secs(15)) {
        return Err(format!("it does not recover\n{}", told(&bridge)));
    }
    let peak = bridge.peak();
    if peak > MEMORY_MOST {
        return Err(format!("it took {} MiB", peak >> 10));
    }
    Ok(peak)
}

fn told(bridge: &Bridge) -> String {
    let all = |lines: &Mutex<Vec<String>>| {
        let lines = lines.lock().unwrap();
        let cut = |line: &String| line.chars().take(300).collect::<String>();
        lines.iter().take(25).map(cut).collect::<Vec<_>>().join("\n")
    };
    format!("{}\n{}", all(&bridge.out), all(&bridge.err))
}
