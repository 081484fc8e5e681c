//! A PostgreSQL primary that is killed, with a replica and a small script that asks the primary and promotes: how long it
//! takes until the replica takes writes, and which acknowledged writes it lacks, beside what a scenario with the same
//! settings predicts.
//!
//! Needs Debian's postgresql, which `tests/all` installs. Where it is missing the test says so and passes, unless
//! SEATRIAL_LIVE=1 asks for it.

#[path = "common/postgres.rs"]
mod postgres;
#[path = "common/rounds.rs"]
mod rounds;
#[path = "common/servers.rs"]
mod servers;

use postgres::{OPERATOR, Postgres, Wire};
use rounds::{kill_all, quantile};
use seatrial_host::{Silent, World, open_text};
use servers::{Folder, Server, as_user, ready};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

/// Kills, so many side by side.
const ROUNDS: u32 = 20;
const AT_ONCE: u32 = 4;
/// The script's settings, and the scenario's.
const EVERY: Duration = Duration::from_secs(1);
const THRESHOLD: u32 = 3;
/// A write each so often.
const WRITES: Duration = Duration::from_millis(5);
/// Of twenty, so many are to lie within the interval that was predicted for nine in ten.
const WITHIN_LEAST: usize = 15;
/// How often it is measured before a difference counts: neighbours who take the machine for a second do not come three
/// times, and a wrong timer does.
const ATTEMPTS: u32 = 3;

const SCENARIO: &str = r#"
    title = "a primary whose process is killed"
    duration = "4000 h"
    [[databases]]
    name = "db"
    cores = 2
    max_connections = 100
    recovery = "1 h"
    rebuild = "1 min"
    standbys = [{ name = "replica", following = "asynchronous", round_trip = "1 ms" }]
    failover = { kind = "probing", every = "1 s", threshold = 3 }
    [[traffic]]
    name = "writes"
    arrivals = { kind = "poisson", rate = "1/h" }
    queries = [{ at = "db", service_time = "1 ms", writes = "100 B" }]
    [[faults]]
    kind = "database-crash"
    database = "db"
    at = "1 h"
    every = { kind = "uniform", from = "4 h", to = "6 h" }
"#;

/// What came of one kill.
#[derive(Clone, Copy, Debug)]
struct Killed {
    /// Seconds until the script gave the primary up, and until the replica took a write.
    decided: f64,
    writable: f64,
    /// Acknowledged writes, and those that the replica lacks.
    written: usize,
    lost: usize,
}

#[test]
fn a_killed_primary_is_replaced_when_the_script_says() {
    let Some(programs) = servers::programs(["initdb", "postgres", "pg_basebackup"]) else { return };
    let mut wrong = Vec::new();
    for _ in 0..ATTEMPTS {
        wrong = differences(&programs);
        if wrong.is_empty() {
            return;
        }
        println!("not as predicted: {wrong:?}");
    }
    panic!("{wrong:?}");
}

/// Kills primaries, and says what was not as predicted.
fn differences(programs: &[PathBuf; 3]) -> Vec<String> {
    let each = ROUNDS / AT_ONCE;
    let killed: Vec<Killed> = thread::scope(|scope| {
        let lane = |lane: u32| move || (0..each).map(|n| kill(programs, lane * each + n)).collect();
        let lanes: Vec<_> = (0..AT_ONCE).map(|of| scope.spawn(lane(of))).collect();
        let all = lanes.into_iter().map(|lane| lane.join().expect("a lane"));
        all.collect::<Vec<Vec<Killed>>>().concat()
    });
    let predicted = predict();
    println!("until                    predicted, 90 %    measured, 5 % to 95 %   within");
    let mut wrong = Vec::new();
    let mut compare = |until: &str, index: usize, of: fn(&Killed) -> f64| {
        let (from, to) = (quantile(&predicted[index], 0.05), quantile(&predicted[index], 0.95));
        let mut seen: Vec<f64> = killed.iter().map(of).collect();
        seen.sort_by(f64::total_cmp);
        let (low, high) = (quantile(&seen, 0.05), quantile(&seen, 0.95));
        let within = seen.iter().filter(|time| (from..=to).contains(*time)).count();
        println!(
            "{until:24} {from:5.2} s to {to:5.2} s  {low:5.2} s to {high:5.2} s    {within} of {}",
            seen.len()
        );
        if within < WITHIN_LEAST || to - from > 2.0 * (high - low) {
            wrong.push(format!("{until}: {seen:.2?}, predicted {from:.2} to {to:.2}"));
        }
    };
    compare("the script decides", 0, |of| of.decided);
    compare("the replica is writable", 1, |of| of.writable);
    let written: usize = killed.iter().map(|of| of.written).sum();
    let lost: Vec<usize> = killed.iter().map(|of| of.lost).collect();
    println!("of {written} acknowledged writes {} are lost: {lost:?}", lost.iter().sum::<usize>());
    // A write is on its way to the replica for half a round trip, and one comes each five milliseconds.
    if lost.iter().filter(|lost| **lost > 1).count() > ROUNDS as usize - WITHIN_LEAST {
        wrong.push(format!("lost {lost:?}, predicted none, or the last"));
    }
    wrong
}

/// Seconds until it is decided and until the standby takes writes, over some hundred losses, in order.
fn predict() -> [Vec<f64>; 2] {
    let opened = open_text(SCENARIO, None);
    let opened = opened.unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())));
    let record = World::new(&opened.scenario, None, 1).run(&Silent).expect("a run");
    assert!(record.incidents.len() > 500, "{} losses", record.incidents.len());
    let times = |of: fn(&seatrial_record::IncidentRow) -> Option<u64>| {
        let of = |row: &seatrial_record::IncidentRow| of(row).map(|at| (at - row.at) as f64 / 1e9);
        let mut times: Vec<f64> = record.incidents.iter().filter_map(of).collect();
        times.sort_by(f64::total_cmp);
        times
    };
    [times(|row| row.decided), times(|row| row.restored)]
}

/// A replica of a primary, on a socket in its own folder.
struct Replica {
    folder: Folder,
    _server: Server,
}

impl Replica {
    fn start(name: &str, primary: &Postgres, [_, postgres, backup]: &[PathBuf; 3]) -> Self {
        let folder = Folder::new(name);
        let data = folder.path().join("data");
        let made = as_user(backup)
            .args([
                "--write-recovery-conf",
                "--no-sync",
                "--checkpoint=fast",
                "--wal-method=stream",
            ])
            .args(["--username", OPERATOR, "--host", &primary.folder.text(), "--pgdata"])
            .arg(&data)
            .status();
        assert!(made.is_ok_and(|status| status.success()), "pg_basebackup");
        let mut command = as_user(postgres);
        command.arg("-D").arg(&data).args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        command.arg("-c").arg(format!("unix_socket_directories={}", folder.text()));
        let server = Server::start(command);
        let own = Self { folder, _server: server };
        ready("replica", Duration::from_secs(60), || own.connect());
        own
    }

    fn connect(&self) -> Result<Wire, postgres::Refusal> {
        connect(&self.folder.path().join(".s.PGSQL.5432"))
    }
}

fn connect(socket: &Path) -> Result<Wire, postgres::Refusal> {
    Wire::connect(socket, OPERATOR, "postgres")
}

/// A primary with a replica, a writer and the script; the primary is killed.
fn kill(programs: &[PathBuf; 3], round: u32) -> Killed {
    let [initdb, server, _] = programs;
    let settings = ["shared_buffers=16MB", "max_connections=20"];
    let primary = Postgres::start(&format!("primary{round}"), [initdb, server], &settings);
    let mut operator = primary.connect(OPERATOR).expect("the primary answers");
    operator.ask("create table writes (number bigint primary key)").expect("a table");
    let replica = Replica::start(&format!("replica{round}"), &primary, programs);
    ready("streaming", Duration::from_secs(60), || {
        let found = operator.ask("select state from pg_stat_replication");
        let found = found.map_err(|refusal| refusal.to_string())?;
        if found == ["streaming"] { Ok(()) } else { Err(format!("{found:?}")) }
    });
    let socket = primary.socket();
    let script_began = Instant::now();
    let (killed, decided, written) = thread::scope(|scope| {
        let script = scope.spawn(|| ask_and_promote(&socket, &replica, script_began));
        let writer = scope.spawn(|| write(&socket));
        // At another moment between two questions each time (by the golden section).
        let wait = 2.5 + (f64::from(round) * 0.618_034).fract();
        thread::sleep(Duration::from_secs_f64(wait));
        let killed = Instant::now();
        kill_all(primary.pid());
        let decided = script.join().expect("the script");
        (killed, decided, writer.join().expect("the writer"))
    });
    let writable = loop {
        let wrote =
            replica.connect().and_then(|mut wire| wire.ask("insert into writes values (-1)"));
        if wrote.is_ok() {
            break killed.elapsed().as_secs_f64();
        }
        assert!(killed.elapsed() < Duration::from_secs(60), "the replica takes no writes");
        thread::sleep(Duration::from_millis(5));
    };
    let mut wire = replica.connect().expect("the replica answers");
    let there = wire.ask("select number from writes where number >= 0").expect("what it has");
    let there: std::collections::BTreeSet<String> = there.into_iter().collect();
    let lost = written.iter().filter(|number| !there.contains(&number.to_string())).count();
    let decided = decided.saturating_duration_since(killed).as_secs_f64();
    Killed { decided, writable, written: written.len(), lost }
}

/// The script: asks once in a while, and promotes after so many answers that did not come. Says when.
fn ask_and_promote(socket: &Path, replica: &Replica, began: Instant) -> Instant {
    let (mut absent, mut asked) = (0, 0);
    while absent < THRESHOLD {
        asked += 1;
        thread::sleep((began + EVERY * asked).saturating_duration_since(Instant::now()));
        let answer = connect(socket).and_then(|mut wire| wire.ask("select 1"));
        absent = if answer.is_ok() { 0 } else { absent + 1 };
    }
    let decided = Instant::now();
    let mut wire = replica.connect().expect("the replica answers");
    wire.ask("select pg_promote(false)").expect("it is promoted");
    decided
}

/// Writes one number after the other until nobody answers; those that were acknowledged.
fn write(socket: &Path) -> Vec<u64> {
    let mut wire = connect(socket).expect("the primary answers");
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if wire.ask(&format!("insert into writes values ({number})")).is_err() {
            break;
        }
        acknowledged.push(number);
        thread::sleep(WRITES);
    }
    acknowledged
}
