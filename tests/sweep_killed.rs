//! A planned sweep whose process is killed five times while units are running, at moments that are drawn anew each time:
//! what it comes to is equal to the byte to what one process finds, and so is what three shards come to.
//!
//! It prints its seed. To repeat it: `SEATRIAL_SWEEP_SEED=… cargo nextest run --test sweep_killed`. The long form has
//! 200 units of a second and more: `SEATRIAL_SWEEP_LONG=1 cargo nextest run --test sweep_killed`, some ten minutes on two
//! cores.

mod common;

use common::{err, out, seatrial};
use seatrial_contract::{Dice, Purpose};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

const KILLS: u32 = 5;

/// How much there is to do.
struct Form {
    units: u64,
    what: Vec<&'static str>,
}

impl Form {
    fn meant() -> Self {
        let is_long = std::env::var_os("SEATRIAL_SWEEP_LONG").is_some();
        let (units, duration, rates, reps) = match is_long {
            true => (200, "duration=25h", RATES, "20"),
            false => {
                (40, "duration=4h", &RATES[..RATES.len() - ",90/s,91/s,92/s,93/s,94/s".len()], "8")
            }
        };
        let mut what = vec!["scenarios/queue.toml", "--set", duration, "--set", "warm_up=1h"];
        what.extend(["--set", "services.desk.concurrency=100", "--reps", reps, "--vary", rates]);
        Self { units, what }
    }
}

/// Ten, of which the short form has the first five.
const RATES: &str = "traffic.calls.arrivals.rate=85/s,86/s,87/s,88/s,89/s,90/s,91/s,92/s,93/s,94/s";

/// Chance by a seed that is told.
struct Chance(seatrial_contract::Stream);

impl Chance {
    fn new() -> Self {
        let told = std::env::var("SEATRIAL_SWEEP_SEED").ok().and_then(|seed| seed.parse().ok());
        let now = || SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        let seed = told.unwrap_or_else(|| now().subsec_nanos().into());
        println!("seed {seed}: SEATRIAL_SWEEP_SEED={seed} cargo nextest run --test sweep_killed");
        const KILLED: Purpose = Purpose::new("killed");
        Self(Dice::new(seed).stream(0, KILLED))
    }

    fn below(&mut self, most: u64) -> u64 {
        self.0.below(most)
    }
}

struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn fine(arguments: &[&str]) -> String {
    let output = seatrial(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", err(&output));
    out(&output)
}

fn planned(form: &Form, plan: &str) {
    let told = fine(&[&["sweep", "plan"], &form.what[..], &["-o", plan]].concat());
    assert!(told.contains(&format!(": {} runs at", form.units)), "{told}");
}

fn started(plan: &str, more: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seatrial"));
    command.args(["sweep", "run", plan, "--quiet"]).args(more);
    command.stdout(Stdio::null()).spawn().unwrap()
}

/// How many units are done; none of them is ever damaged.
fn done(plan: &str) -> u64 {
    let status = seatrial(&["sweep", "status", plan, "--format", "json"]);
    let status: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["damaged"], serde_json::json!([]), "a unit is half written");
    assert_eq!(status["failed"], serde_json::json!([]));
    status["done"].as_u64().unwrap()
}

/// Kills a process a while after it has done something, while it still has something to do.
fn killed(mut process: Child, plan: &str, form: &Form, chance: &mut Chance) {
    let before = done(plan);
    // All kills together leave something to be gone on with.
    let wanted = before + 1 + chance.below(form.units / u64::from(2 * KILLS));
    let began = Instant::now();
    while done(plan) < wanted {
        assert!(began.elapsed() < Duration::from_secs(300), "nothing gets done");
        assert_eq!(process.try_wait().unwrap(), None, "it ended by itself");
        std::thread::sleep(Duration::from_millis(5));
    }
    // Somewhere within the next unit.
    let unit = began.elapsed().as_millis() / u128::from(wanted - before);
    let pause = chance.below(u64::try_from(unit).unwrap().min(3_000) + 1);
    std::thread::sleep(Duration::from_millis(pause));
    assert_eq!(process.try_wait().unwrap(), None, "it ended before it was killed");
    process.kill().unwrap();
    process.wait().unwrap();
    let after = done(plan);
    assert!(after > before && after < form.units, "{before}, then {after}: no unit was running");
    println!("killed with {after} of {} done", form.units);
}

fn merged(plan: &str) -> Vec<u8> {
    let file = format!("{plan}.json");
    fine(&["sweep", "merge", plan, "--out", &file]);
    fs::read(file).unwrap()
}

#[test]
fn a_sweep_that_is_killed_again_and_again_comes_to_the_same_bytes() {
    let (form, mut chance) = (Form::meant(), Chance::new());
    let name = format!("seatrial-killed-{}", std::process::id());
    let scratch = Scratch(std::env::temp_dir().join(name));
    fs::create_dir_all(&scratch.0).unwrap();
    let path = |name: &str| scratch.0.join(name).display().to_string();
    let began = Instant::now();
    fine(
        &[&["sweep"], &form.what[..], &["--out", &path("whole"), "--quiet", "--threads", "2"]]
            .concat(),
    );
    let took = began.elapsed();
    println!("one process: {} units in {:.1} s on two threads", form.units, took.as_secs_f64());
    if std::env::var_os("SEATRIAL_SWEEP_LONG").is_some() {
        assert!(2 * took.as_secs() >= form.units, "a unit takes less than a second");
    }
    let whole = fs::read(scratch.0.join("whole/sweep.json")).unwrap();

    let plan = path("killed");
    planned(&form, &plan);
    for _ in 0..KILLS {
        killed(started(&plan, &["--threads", "2"]), &plan, &form, &mut chance);
    }
    assert!(started(&plan, &[]).wait().unwrap().success());
    assert!(merged(&plan) == whole, "killed and gone on with, it is something else");

    flipped(&plan, &mut chance);
    assert!(merged(&plan) == whole, "done again, it is something else");

    // Three shards at once, one of which is killed on its way and started again.
    let plan = path("shards");
    planned(&form, &plan);
    let shard = |shard| started(&plan, &["--threads", "1", "--shard", shard]);
    let (first, mut others) = (shard("1/3"), [shard("2/3"), shard("3/3")]);
    killed(first, &plan, &form, &mut chance);
    assert!(shard("1/3").wait().unwrap().success());
    others.iter_mut().for_each(|process| assert!(process.wait().unwrap().success()));
    assert!(merged(&plan) == whole, "three shards are something else");
}

/// Flips a bit of a unit that is kept, which is found and the unit done again.
fn flipped(plan: &str, chance: &mut Chance) {
    let mut units: Vec<PathBuf> =
        fs::read_dir(Path::new(plan).join("units")).unwrap().map(|of| of.unwrap().path()).collect();
    units.retain(|unit| unit.extension().is_some_and(|of| of == "unit"));
    units.sort();
    let unit = &units[usize::try_from(chance.below(units.len() as u64)).unwrap()];
    let before = fs::read(unit).unwrap();
    let mut bytes = before.clone();
    let at = usize::try_from(chance.below(bytes.len() as u64)).unwrap();
    bytes[at] ^= 1 << chance.below(8);
    fs::write(unit, bytes).unwrap();
    let status = seatrial(&["sweep", "status", plan]);
    assert!(out(&status).contains("0 missing, 1 damaged"), "byte {at}: {}", out(&status));
    assert_eq!(seatrial(&["sweep", "merge", plan]).status.code(), Some(4));
    assert!(fine(&["sweep", "run", plan]).contains(": 1 run,"));
    assert!(fs::read(unit).unwrap() == before);
}
