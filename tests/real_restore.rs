//! A PostgreSQL whose log is archived, whose machine is lost with its disk, and which is restored from a base backup and the
//! archive: which acknowledged writes are lost, how old the oldest of them is, and how long it takes until what was restored
//! takes writes, beside what a scenario with the same settings predicts.
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
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// Losses, so many side by side.
const ROUNDS: u32 = 20;
const AT_ONCE: u32 = 4;
/// A write each so often.
const WRITES: Duration = Duration::from_millis(5);
/// A loss comes as long as this after the backup at the least, and as long as that at the most.
const AFTER: (f64, f64) = (6.0, 12.0);
/// What is fetched goes at 160 MiB a second: a segment of 16 MiB in a tenth of one.
const SEGMENT: &str = "0.1";
const FETCHED: f64 = 160.0 * 1_048_576.0;
/// Of twenty, so many are to lie within the interval that was predicted for nine in ten.
const WITHIN_LEAST: usize = 15;
/// How often it is measured before a difference counts: neighbours who take the machine for a second do not come three
/// times, and a wrong model does.
const ATTEMPTS: u32 = 3;

/// A fresh database of PostgreSQL's has about 40 MB. How soon it takes writes after the last segment is our judgement.
const SCENARIO: &str = r#"
    title = "a server that is lost with its disk"
    duration = "15 s"
    restoring = { link = "160 MiB" }
    sensing = { every = "1 s" }
    [[databases]]
    name = "db"
    cores = 2
    max_connections = 100
    data = "40 MiB"
    [databases.backups]
    archive = { time_out = "2 s", push = "50 ms" }
    starts = { kind = "uniform", from = "150 ms", to = "650 ms" }
    verifies = "0 s"
    [[traffic]]
    name = "writes"
    arrivals = { kind = "renewal", gap = "6 ms" }
    queries = [{ at = "db", service_time = "500 us", writes = "100 B" }]
    [[faults]]
    kind = "disk-lost"
    database = "db"
    at = { kind = "uniform", from = "6 s", to = "12 s" }
"#;
const POLICIES: &str = "tick = \"1 s\"\n[[policies]]\nkind = \"restore\"\n";

/// What came of one loss.
#[derive(Clone, Copy, Debug)]
struct Lost {
    /// Acknowledged writes, and those that are not there any more.
    written: usize,
    lost: usize,
    /// How many seconds before the loss the oldest of them was acknowledged.
    age: f64,
    /// Seconds from the beginning of the restore until a write was taken.
    restored: f64,
}

#[test]
fn what_no_archive_has_is_lost_and_a_restore_takes_what_it_fetches() {
    let names = ["initdb", "postgres", "pg_basebackup"];
    let Some(programs) = servers::programs(names) else { return };
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

/// Loses servers, and says what was not as predicted.
fn differences(programs: &[PathBuf; 3]) -> Vec<String> {
    let each = ROUNDS / AT_ONCE;
    let seen: Vec<Lost> = thread::scope(|scope| {
        let lane = |lane: u32| move || (0..each).map(|n| lose(programs, lane * each + n)).collect();
        let lanes: Vec<_> = (0..AT_ONCE).map(|of| scope.spawn(lane(of))).collect();
        let all = lanes.into_iter().map(|lane| lane.join().expect("a lane"));
        all.collect::<Vec<Vec<Lost>>>().concat()
    });
    let predicted = predict();
    println!("what                      predicted, 90 %    measured, 5 % to 95 %   within");
    let mut wrong = Vec::new();
    let mut compare = |what: &str, index: usize, of: &dyn Fn(&Lost) -> f64| {
        let (from, to) = (quantile(&predicted[index], 0.05), quantile(&predicted[index], 0.95));
        let mut all: Vec<f64> = seen.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        let (low, high) = (quantile(&all, 0.05), quantile(&all, 0.95));
        let within = all.iter().filter(|time| (from..=to).contains(*time)).count();
        println!(
            "{what:24} {from:7.2} to {to:7.2}   {low:7.2} to {high:7.2}       {within} of {}",
            all.len()
        );
        if within < WITHIN_LEAST || to - from > 2.0 * (high - low) {
            wrong.push(format!("{what}: {all:.2?}, predicted {from:.2} to {to:.2}"));
        }
    };
    compare("oldest lost write, s", 0, &|of| of.age);
    compare("writes lost", 1, &|of| of.lost as f64);
    compare("restored after, s", 2, &|of| of.restored);
    let written: usize = seen.iter().map(|of| of.written).sum();
    let lost: usize = seen.iter().map(|of| of.lost).sum();
    println!("of {written} acknowledged writes {lost} are lost");
    wrong
}

/// How old the oldest lost write is, how many are lost, and how long the restore takes, each in order.
fn predict() -> [Vec<f64>; 3] {
    let opened = open_text(SCENARIO, Some(POLICIES));
    let opened = opened.unwrap_or_else(|failure| panic!("{}", failure.render(Default::default())));
    let mut all: [Vec<f64>; 3] = Default::default();
    for seed in 0..300 {
        let world = World::new(&opened.scenario, opened.policies.as_ref(), seed);
        let record = world.run(&Silent).expect("a run");
        let figure = |name: &str| record.metric(name).and_then(|of| of.value).expect("a figure");
        let [row] = record.incidents.as_slice() else { panic!("{:?}", record.incidents) };
        let (acted, restored) = (row.acted.expect("acted"), row.restored.expect("restored"));
        all[0].push(figure("rpo_max.db"));
        all[1].push(figure("writes_lost.db"));
        all[2].push((restored - acted) as f64 / 1e9);
    }
    all.iter_mut().for_each(|of| of.sort_by(f64::total_cmp));
    all
}

/// A server that is archived and backed up, a writer, and a loss of all that the server has; then a restore.
fn lose(programs: &[PathBuf; 3], round: u32) -> Lost {
    let [initdb, server, backup] = programs;
    let archive = Folder::new(&format!("archive{round}"));
    let command = format!("archive_command=cp %p {}/%f", archive.text());
    let settings = [
        "shared_buffers=16MB",
        "max_connections=20",
        "archive_mode=on",
        "archive_timeout=2s",
        command.as_str(),
    ];
    let own = Postgres::start(&format!("archived{round}"), [initdb, server], &settings);
    let mut operator = own.connect(OPERATOR).expect("it answers");
    operator.ask("create table writes (number bigint primary key)").expect("a table");
    let kept = Folder::new(&format!("base{round}"));
    let base = kept.path().join("data");
    let made = as_user(backup)
        .args(["--no-sync", "--checkpoint=fast", "--wal-method=none"])
        .args(["--username", OPERATOR, "--host", &own.folder.text(), "--pgdata"])
        .arg(&base)
        .status();
    assert!(made.is_ok_and(|status| status.success()), "pg_basebackup");
    let socket = own.socket();
    let (killed, written) = thread::scope(|scope| {
        let writer = scope.spawn(|| write(&socket));
        // At another moment each time (by the golden section).
        let part = (f64::from(round) * 0.618_034).fract();
        thread::sleep(Duration::from_secs_f64(AFTER.0 + part * (AFTER.1 - AFTER.0)));
        // What is being archived is cut off too.
        let killed = Instant::now();
        kill_all(own.pid());
        (killed, writer.join().expect("the writer"))
    });
    drop(own);
    let began = Instant::now();
    let restored = restore(server, &kept, &archive, round);
    let took = began.elapsed().as_secs_f64();
    let mut wire = restored.connect().expect("it answers");
    let there = wire.ask("select number from writes where number >= 0").expect("what it has");
    let there: std::collections::BTreeSet<String> = there.into_iter().collect();
    let lost: Vec<&(u64, Instant)> =
        written.iter().filter(|of| !there.contains(&of.0.to_string())).collect();
    let oldest = lost.first().map(|of| of.1);
    let age = oldest.map_or(0.0, |at| killed.saturating_duration_since(at).as_secs_f64());
    Lost { written: written.len(), lost: lost.len(), age, restored: took }
}

/// A server on a socket in its own folder.
struct Restored {
    folder: Folder,
    _server: Server,
}

impl Restored {
    fn connect(&self) -> Result<Wire, postgres::Refusal> {
        Wire::connect(&self.folder.path().join(".s.PGSQL.5432"), OPERATOR, "postgres")
    }
}

/// Fetches the base, replays the archive to its end, and waits until a write is taken.
fn restore(server: &Path, kept: &Folder, archive: &Folder, round: u32) -> Restored {
    let folder = Folder::new(&format!("restored{round}"));
    let (base, data) = (kept.path().join("data"), folder.path().join("data"));
    let size = Command::new("du").arg("-sb").arg(&base).output().expect("du");
    let size = String::from_utf8_lossy(&size.stdout).into_owned();
    let size: f64 = size.split_whitespace().next().and_then(|of| of.parse().ok()).expect("a size");
    let until = Instant::now() + Duration::from_secs_f64(size / FETCHED);
    let copied = as_user("cp".as_ref()).arg("-a").arg(&base).arg(&data).status();
    assert!(copied.is_ok_and(|status| status.success()), "cp");
    let signal = as_user("touch".as_ref()).arg(data.join("recovery.signal")).status();
    assert!(signal.is_ok_and(|status| status.success()), "touch");
    thread::sleep(until.saturating_duration_since(Instant::now()));
    let from = archive.text();
    let fetch = format!("restore_command=test -f {from}/%f && sleep {SEGMENT} && cp {from}/%f %p");
    let mut command = as_user(server);
    command.arg("-D").arg(&data).args(["-c", "listen_addresses=", "-c", "fsync=off"]);
    command.args(["-c", "shared_buffers=16MB", "-c", "max_connections=20", "-c", &fetch]);
    command.arg("-c").arg(format!("unix_socket_directories={}", folder.text()));
    let restored = Restored { folder, _server: Server::start(command) };
    ready("what was restored", Duration::from_secs(60), || {
        let mut wire = restored.connect()?;
        wire.ask("insert into writes values (-1)")
    });
    restored
}

/// Writes one number after the other until nobody answers; those that were acknowledged, and when.
fn write(socket: &Path) -> Vec<(u64, Instant)> {
    let mut wire = Wire::connect(socket, OPERATOR, "postgres").expect("it answers");
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if wire.ask(&format!("insert into writes values ({number})")).is_err() {
            break;
        }
        acknowledged.push((number, Instant::now()));
        thread::sleep(WRITES);
    }
    acknowledged
}
