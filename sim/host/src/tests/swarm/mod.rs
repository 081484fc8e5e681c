//! Worlds of their own mix of faults, policies and knobs each, with all laws on: first faults strike, then all
//! heal, then everything must come back. A failure names its seed; `SEATRIAL_SEED=7 cargo nextest run -p seatrial-host
//! swarm` repeats it, and the scenario is written into the folder for temporary files, without the faults that it
//! does not need. More of them, or others, take longer than the checks allow: `SEATRIAL_SEEDS=20000 cargo test -p
//! seatrial-host whatever_strikes`, from `SEATRIAL_FROM=500` on.

mod backups;
mod laws;
mod planted;
mod touches;
mod worlds;

use crate::World;
use crate::event::Event;
use crate::open_text;
use crate::run::close;
use backups::Witness;
use laws::Promised;
use planted::{Defect, Planted};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use worlds::drawn;

/// Seeds that the checks run; all kinds meet in pairs among them.
const SEEDS: u64 = 500;
/// Laws that hold at any moment are looked at once in so many events, and whenever a fault begins or ends.
const LOOKS: u64 = 256;

/// What is wrong with a world under these faults, if anything.
fn wrong(
    world: &str,
    policies: &str,
    faults: &[String],
    seed: u64,
    planted: &Planted,
) -> Option<String> {
    let (from, to) = planted.instead.unwrap_or_default();
    let said = if from.is_empty() { world.to_owned() } else { world.replace(from, to) };
    let text: String = faults.iter().fold(said, |all, of| all + "[[faults]]\n" + of);
    let opened = match open_text(&text, Some(policies)) {
        Ok(opened) => opened,
        Err(failure) => return Some(failure.render(seatrial_format::Style::default())),
    };
    let live = || {
        let mut lived = World::new(&opened.scenario, opened.policies.as_ref(), seed);
        lived.begin();
        let promised = Promised::of(&lived, world, faults);
        let mut witness = Witness::default();
        let is_archived = world.contains("archive = ");
        let found = live(&mut lived, planted.defect, |lived| witness.look(lived, is_archived));
        let lost = faults.iter().any(|fault| fault.contains("backups-lost"));
        found.or_else(|| promised.broken(&lived)).or_else(|| {
            let record = lived.record();
            let broken = promised.broken_record(&record);
            broken.or_else(|| witness.broken(&record, world, !lost))
        })
    };
    catch_unwind(AssertUnwindSafe(live)).unwrap_or_else(|_| Some("it panicked".to_owned()))
}

/// Lets a world live to its end; what is wrong meanwhile, if anything.
fn live(
    world: &mut World,
    defect: Defect,
    mut look: impl FnMut(&mut World) -> Option<String>,
) -> Option<String> {
    let ends_at = world.fleet.schedule.ends_at;
    let mut events: u64 = 0;
    while let Some(event) = world.fleet.next_event(ends_at) {
        if defect(world, event) {
            world.handle(event);
        }
        if event == Event::Tick
            && let Some(broken) = look(world)
        {
            return Some(broken);
        }
        events += 1;
        let is_fault = matches!(
            event,
            Event::World(
                seatrial_faults::Event::Begins(_)
                    | seatrial_faults::Event::GoesOn(_)
                    | seatrial_faults::Event::Ends(_)
            )
        );
        if (is_fault || events.is_multiple_of(LOOKS))
            && let Err(broken) = world.check_invariants()
        {
            return Some(broken.to_string());
        }
    }
    close(world).err().map(|broken| broken.to_string())
}

/// The faults that a failure needs.
fn shrunk(
    world: &str,
    policies: &str,
    mut faults: Vec<String>,
    seed: u64,
    planted: &Planted,
) -> Vec<String> {
    let mut at = 0;
    while at < faults.len() {
        let mut fewer = faults.clone();
        fewer.remove(at);
        if wrong(world, policies, &fewer, seed, planted).is_some() {
            faults = fewer;
        } else {
            at += 1;
        }
    }
    faults
}

#[test]
fn whatever_strikes_all_laws_hold_and_all_comes_back() {
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
        let Some(what) = wrong(&world, &policies, &faults, seed, &planted::NONE) else {
            continue;
        };
        let faults = shrunk(&world, &policies, faults, seed, &planted::NONE);
        let text: String = faults.iter().fold(world, |all, of| all + "[[faults]]\n" + of);
        let file = std::env::temp_dir().join(format!("seatrial-swarm-{seed}.toml"));
        std::fs::write(&file, &text).expect("it can be written");
        std::fs::write(file.with_file_name("policies.toml"), &policies).expect("it can be written");
        panic!(
            "SEATRIAL_SEED={seed} cargo nextest run -p seatrial-host swarm\n{what}\n{}\n\
             seatrial run {} --seed {seed}",
            faults.join("\n"),
            file.display()
        );
    }
}

#[test]
fn every_two_kinds_of_faults_meet() {
    let kind = |fault: &str| fault.lines().next().unwrap_or_default().to_owned();
    let mut met: BTreeSet<(String, String)> = BTreeSet::new();
    for seed in 0..SEEDS {
        let (_, _, faults) = drawn(seed);
        for one in &faults {
            met.extend(faults.iter().map(|two| (kind(one), kind(two))));
        }
    }
    for (one, two) in worlds::pairs() {
        let pair = (kind(one), kind(two));
        assert!(pair.0 == pair.1 || met.contains(&pair), "{pair:?} never meet");
    }
}

#[test]
fn each_law_finds_the_defect_that_is_planted_for_it_and_names_few_faults() {
    let mut wrongs = Vec::new();
    for planted in &planted::ALL {
        let Planted { name, told, .. } = planted;
        let found = (0..SEEDS).find_map(|seed| {
            let (world, policies, faults) = drawn(seed);
            let what = wrong(&world, &policies, &faults, seed, planted)?;
            Some((seed, what, shrunk(&world, &policies, faults, seed, planted)))
        });
        match found {
            None => wrongs.push(format!("nobody finds that {name}")),
            Some((seed, what, faults)) if !what.contains(told) || faults.len() > 3 => {
                wrongs.push(format!("{name}: seed {seed} says {what}, and needs {faults:?}"));
            }
            Some(_) => {}
        }
    }
    assert!(wrongs.is_empty(), "{}", wrongs.join("\n"));
}
