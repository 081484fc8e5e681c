//! Redis under Sentinel: how long a master that was lost takes to be writable again, beside what the
//! sentinels' timers predict. Several sets of servers lose theirs at different moments, side by side.
//!
//! Needs Debian's redis-server, which `tests/all` installs. Where it is missing the test says so and
//! passes, unless SEATRIAL_LIVE=1 asks for it.

#[path = "common/ports.rs"]
mod ports;
#[path = "common/servers.rs"]
mod servers;

use ports::free_port;
use seatrial_contract::units::Span;
use seatrial_contract::{Dice, Purpose};
use seatrial_traffic::caches::sentinels::{FailedOver, Loss, Sentinels};
use servers::{Folder, Server, ready};
use std::fs::Permissions;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const SENTINELS: Sentinels = Sentinels { count: 3, quorum: 2, down_after: Span::seconds(5) };
/// Sets of servers that lose their master in each way.
const ROUNDS: u32 = 5;
/// A replica reports every ten seconds: losses are spread over them.
const REPORTS: f64 = 10.0;
/// What a measurement may lie outside the prediction, in seconds: the machine has other things to do
/// than to run 50 servers on time.
const TOLERANCE: f64 = 0.25;
/// What the mean of so few may be away from the predicted one, in seconds.
const MEAN_TOLERANCE: f64 = 0.4;
/// Losses drawn for a prediction.
const DRAWS: usize = 4_000;

/// How often it is measured before a difference counts: neighbours who take the machine for a second
/// do not come three times, and a wrong timer does.
const ATTEMPTS: u32 = 3;

#[test]
fn a_lost_master_is_replaced_when_the_timers_say() {
    let Some([program]) = servers::programs(["redis-server"]) else { return };
    let mut wrong = Vec::new();
    for _ in 0..ATTEMPTS {
        wrong = differences(&program);
        if wrong.is_empty() {
            return;
        }
        println!("not as predicted: {wrong:?}");
    }
    panic!("{wrong:?}");
}

/// Loses masters, and says what was not as predicted.
fn differences(program: &Path) -> Vec<String> {
    let ways = [(Loss::Dies, "-KILL"), (Loss::Hangs, "-STOP")];
    let measured: Vec<(Loss, [f64; 2])> = thread::scope(|scope| {
        let running: Vec<_> = (0..ROUNDS)
            .flat_map(|round| ways.map(|way| (round, way)))
            .map(|(round, (loss, signal))| {
                scope.spawn(move || (loss, lose(program, round, signal)))
            })
            .collect();
        running.into_iter().map(|thread| thread.join().expect("a round")).collect()
    });
    println!("master  until                    predicted           mean  measured");
    let mut wrong = Vec::new();
    for (loss, what) in [(Loss::Dies, "killed"), (Loss::Hangs, "hangs")] {
        let times = measured.iter().filter(|(way, _)| *way == loss).map(|(_, times)| *times);
        let times: Vec<[f64; 2]> = times.collect();
        let mut compare = |until: &str, index: usize, of: fn(FailedOver) -> Span| {
            let mut seen: Vec<f64> = times.iter().map(|times| times[index]).collect();
            seen.sort_by(f64::total_cmp);
            let mean = seen.iter().sum::<f64>() / seen.len() as f64;
            let [least, expected, most] = predict(loss, of);
            println!(
                "{what:7} {until:22} {least:5.2} s to {most:5.2} s  {expected:6.2} s  {:5.2} s to \
                 {:5.2} s, mean {mean:5.2} s",
                seen[0],
                seen[seen.len() - 1]
            );
            let is_within = |time: &f64| (least - 0.05..=most + TOLERANCE).contains(time);
            if !seen.iter().all(is_within) || (mean - expected).abs() > MEAN_TOLERANCE {
                wrong.push(format!("{what} {until}: {seen:.2?} not in {least:.2} to {most:.2}"));
            }
        };
        compare("the replica is writable", 0, |over| over.writable);
        compare("clients are told", 1, |over| over.announced);
    }
    wrong
}

/// The shortest, the mean and the longest that the timers allow, in seconds.
fn predict(loss: Loss, of: fn(FailedOver) -> Span) -> [f64; 3] {
    let mut stream = Dice::new(1).stream(0, Purpose::new("losses"));
    let mut draw = || of(SENTINELS.fail_over(loss, &mut stream)).as_seconds();
    let mut times: Vec<f64> = (0..DRAWS).map(|_| draw()).collect();
    times.sort_by(f64::total_cmp);
    [times[0], times.iter().sum::<f64>() / DRAWS as f64, times[DRAWS - 1]]
}

/// A master, a replica and three sentinels; the master is lost. Returns after how many seconds the
/// replica takes writes, and after how many a sentinel names it.
fn lose(program: &Path, round: u32, signal: &str) -> [f64; 2] {
    let name = format!("sentinel{round}{signal}").to_lowercase();
    let folder = Folder::new(&name);
    let [master, replica] = [(); 2].map(|()| free_port());
    let plain = |port: u16, more: &[&str]| {
        let port = port.to_string();
        let common = ["--port", &port, "--save", "", "--repl-diskless-sync-delay", "0"];
        start(program, &folder, &[&common, more].concat())
    };
    let lost = plain(master, &[]);
    let upstream = format!("127.0.0.1 {master}");
    let _replica = plain(replica, &["--replicaof", &upstream]);
    ready("replica", Duration::from_secs(30), || has_master(replica));
    let watching: Vec<(u16, Server)> = (0..SENTINELS.count)
        .map(|_| {
            let port = free_port();
            let file = folder.path().join(format!("{port}.conf"));
            let text = format!(
                "port {port}\nsentinel monitor set {upstream} {}\nsentinel \
                 down-after-milliseconds set {}\nsentinel failover-timeout set 60000\n",
                SENTINELS.quorum,
                SENTINELS.down_after.0 / 1_000_000
            );
            std::fs::write(&file, text).unwrap();
            // A sentinel writes down there what it learns, as the user that it runs as.
            std::fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
            let file = file.display().to_string();
            // One after the other, so that they do not ping in step.
            thread::sleep(Duration::from_millis(310));
            (port, start(program, &folder, &[&file, "--sentinel"]))
        })
        .collect();
    for (port, _) in &watching {
        ready("sentinel", Duration::from_secs(30), || knows_all(*port));
    }
    // At another moment of their reports and of their pings each time (by the golden section).
    let (round, rounds) = (f64::from(round), f64::from(ROUNDS));
    let wait = REPORTS * round / rounds + (round * 0.618).fract();
    thread::sleep(Duration::from_secs_f64(wait));

    let pid = lost.0.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    let begun = Instant::now();
    let (mut writable, named) = (None, replica.to_string());
    loop {
        if writable.is_none() && ask(replica, &["SET", "a", "b"]).is_ok_and(|says| says == "+OK") {
            writable = Some(begun.elapsed().as_secs_f64());
        }
        let is_named = |port: u16| {
            let address = ask(port, &["SENTINEL", "get-master-addr-by-name", "set"]);
            address.is_ok_and(|says| says.lines().any(|line| line == named))
        };
        if let Some(writable) = writable
            && watching.iter().any(|(port, _)| is_named(*port))
        {
            let announced = begun.elapsed().as_secs_f64();
            // One that hangs would not hear that it is to go.
            let _ = Command::new("kill").args(["-CONT", &pid]).stderr(Stdio::null()).status();
            return [writable, announced];
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "nobody takes over");
        thread::sleep(Duration::from_millis(10));
    }
}

fn start(program: &Path, folder: &Folder, arguments: &[&str]) -> Server {
    let mut command = servers::as_user(program);
    command.args(arguments).args(["--bind", "127.0.0.1", "--dir", &folder.text()]);
    Server::start(command)
}

/// Whether a replica follows its master.
fn has_master(port: u16) -> Result<(), String> {
    let report = ask(port, &["INFO", "replication"])?;
    if report.contains("master_link_status:up") { Ok(()) } else { Err(report) }
}

/// Whether a sentinel has found the replica and the other sentinels.
fn knows_all(port: u16) -> Result<(), String> {
    let says = ask(port, &["SENTINEL", "master", "set"])?;
    let lines: Vec<&str> = says.lines().collect();
    let figure = |key: &str| {
        let at = lines.iter().position(|line| *line == key)?;
        lines.get(at + 2)?.parse::<u32>().ok()
    };
    let found = (figure("num-slaves"), figure("num-other-sentinels"));
    if found == (Some(1), Some(SENTINELS.count - 1)) { Ok(()) } else { Err(format!("{found:?}")) }
}

/// Asks a Redis once; the raw answer, which is short.
fn ask(port: u16, words: &[&str]) -> Result<String, String> {
    let told = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(told)?;
    stream.set_read_timeout(Some(Duration::from_millis(500))).map_err(told)?;
    stream.write_all(format!("{}\r\n", words.join(" ")).as_bytes()).map_err(told)?;
    let mut answer = vec![0; 1 << 14];
    let length = stream.read(&mut answer).map_err(told)?;
    let text = String::from_utf8_lossy(&answer[..length]);
    Ok(text.trim_end().replace('\r', ""))
}
