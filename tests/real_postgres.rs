//! PostgreSQL itself: who is refused, how throughput grows and declines with active connections,
//! and what a connection takes of the memory; each beside what Seatrial predicts.
//!
//! Needs Debian's postgresql, which `tests/all` installs. Where it is missing the tests say so and
//! pass, unless SEATRIAL_LIVE=1 asks for them.

mod common;
#[path = "common/postgres.rs"]
mod postgres;
#[path = "common/quiet.rs"]
mod quiet;
#[path = "common/servers.rs"]
mod servers;

use common::{err, out, seatrial};
use postgres::{OPERATOR, Postgres, Wire};
use quiet::Quiet;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

fn start(name: &str, settings: &[&str]) -> Option<Postgres> {
    let [initdb, postgres] = servers::programs(["initdb", "postgres"])?;
    Some(Postgres::start(name, [&initdb, &postgres], settings))
}

/// Waits until so many connections are left.
fn wait_for(connections: usize, operator: &mut Wire) {
    let count = "select count(*) from pg_stat_activity where backend_type = 'client backend'";
    servers::ready("connections", Duration::from_secs(10), || match operator.ask(count) {
        Ok(rows) if rows == [connections.to_string()] => Ok(()),
        other => Err(format!("{connections} connections are wanted: {other:?}")),
    });
}

#[test]
fn connections_beyond_the_most_are_refused_at_once() {
    let settings = ["max_connections=20", "superuser_reserved_connections=3"];
    let Some(server) = start("refusals", &settings) else { return };
    let mut operator = server.connect(OPERATOR).unwrap();
    operator.ask("create role tenant login").unwrap();
    // The connection that found the server ready may still be closing.
    wait_for(1, &mut operator);

    // The operator holds one of the 20; 3 are reserved, so tenants get 16 beside it.
    let mut tenants: Vec<Wire> = Vec::new();
    let refusal = loop {
        match server.connect("tenant") {
            Ok(wire) => tenants.push(wire),
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(tenants.len(), 20 - 3 - 1);
    assert_eq!(refusal.code, "53300");
    assert!(refusal.message.starts_with("remaining connection slots are reserved"), "{refusal}");

    // The operators have the rest, and then nobody has.
    let mut operators: Vec<Wire> = (0..3).map(|_| server.connect(OPERATOR).unwrap()).collect();
    for user in ["tenant", OPERATOR] {
        let asked = Instant::now();
        let refusal = server.connect(user).err().expect("a refusal");
        assert_eq!(
            (refusal.code.as_str(), refusal.message.as_str()),
            ("53300", "sorry, too many clients already")
        );
        // No queue: a fork and a message, not a wait.
        assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
    }

    // What is reserved are the last three that are free, whatever role holds the others: three may leave
    // and no tenant gets in; a fourth makes room for one.
    drop(tenants.split_off(tenants.len() - 2));
    drop(operators.pop());
    wait_for(17, &mut operator);
    assert_eq!(server.connect("tenant").err().expect("a refusal").code, "53300");
    drop(operators.pop());
    let one = servers::ready("room", Duration::from_secs(5), || server.connect("tenant"));
    assert!(server.connect("tenant").is_err());
    drop(one);
    println!(
        "max_connections 20, reserved 3: predicted 17 connections of tenants and operators, then \
         20 with operators; measured 17 and 20; refused at once with 53300"
    );
}

/// Clients at the same time, as `docs/calibration.md` lists them.
const CLIENTS: [u32; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
/// Rounds for each number of clients: enough to see that it works, whatever else runs on the machine.
const ROUNDS: usize = 2;
/// Rounds in which the machine was ours, where SEATRIAL_PATIENCE gives seconds for them: on a machine that others share, one second
/// differs from the next by a fifth either way, and only the mean of many tells.
const ROUNDS_PATIENT: usize = 30;
/// Seconds of each: shorter ones would measure how new connections fill their own caches.
const ROUND: &str = "--time=1";
/// What the curve may be away from points that it was not told.
const TOLERANCE: f64 = 0.10;

#[test]
fn throughput_is_that_of_a_curve_fitted_on_other_points() {
    let Some([pgbench]) = servers::programs(["pgbench"]) else { return };
    let Some(server) = start("throughput", &["max_connections=100", "shared_buffers=128MB"]) else {
        return;
    };
    let bench = |arguments: &[&str]| -> String {
        let mut command = servers::as_user(&pgbench);
        command.args(["-h", &server.folder.text(), "-U", OPERATOR]).args(arguments);
        let output = command.arg("postgres").stdout(Stdio::piped()).output().unwrap();
        assert!(output.status.success(), "pgbench {arguments:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    bench(&["--initialize", "--quiet", "--scale=2"]);
    // All in memory, some tenths of a millisecond: a page of an application, not a ping.
    let script = server.folder.path().join("page.sql");
    let page = "\\set first random(1, 198000)\n\
         select sum(abalance) from pgbench_accounts where aid between :first and :first + 2000;\n";
    std::fs::write(&script, page).unwrap();
    let script = script.display().to_string();
    let sweep = server.folder.path().join("sweep");
    std::fs::create_dir(&sweep).unwrap();

    let patience: Option<u64> =
        std::env::var("SEATRIAL_PATIENCE").ok().map(|text| text.parse().expect("seconds"));
    measure(&server, &bench, (&script, &sweep), patience);
    let cores = std::thread::available_parallelism().unwrap().to_string();
    let sweep = sweep.display().to_string();
    let arguments = ["calibrate", "--pgbench", &sweep, "--cores", &cores];
    println!("{}", out(&seatrial(&arguments)));
    let output = seatrial(&[&arguments[..], &["--format", "json"]].concat());
    let found: Value = serde_json::from_str(&out(&output))
        .unwrap_or_else(|error| panic!("{error}: {}", err(&output)));
    for clients in [1, 6, 24, 64] {
        let point = found["points"].as_array().expect("points").iter();
        let point = point.into_iter().find(|point| point["clients"] == clients);
        let fitted = point.expect("a point")["fitted"].as_f64().expect("a figure");
        let simulated = simulate(&server, &found, clients);
        println!("{clients} clients: simulated {simulated:.0}/s, the curve says {fitted:.0}/s");
        assert!((simulated / fitted - 1.0).abs() <= 0.02, "{simulated} is not {fitted}");
    }
    // What a second on a shared machine shows is no reason to pass or fail; the curve is held to the
    // sweep that is kept (tests/calibrate.rs), and to a new one by those who have the patience.
    let worst = found["worst"]["left_out"].as_f64().expect("a figure");
    println!("left out of the fit: {:.1} % away at worst", worst * 100.0);
    if patience.is_some() {
        assert!(worst <= TOLERANCE, "the curve is {:.1} % away", worst * 100.0);
    }
}

/// Has as many clients as the curve is fitted on ask, round after round, and keeps what pgbench prints of those
/// rounds in which nobody else used the machine.
fn measure(
    server: &Postgres,
    bench: &impl Fn(&[&str]) -> String,
    (script, sweep): (&str, &Path),
    patience: Option<u64>,
) {
    let wanted = if patience.is_some() { ROUNDS_PATIENT } else { ROUNDS };
    let until = patience.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let quiet = Quiet::of(&[server.pid()]);
    let (mut kept, mut rounds, mut disturbed) = (CLIENTS.map(|_| 0), 0, 0);
    while kept.iter().any(|kept| *kept < wanted) && until.is_none_or(|end| Instant::now() < end) {
        rounds += 1;
        for (index, clients) in CLIENTS.into_iter().enumerate() {
            if kept[index] >= wanted || until.is_some_and(|until| !quiet.wait(until)) {
                continue;
            }
            let clients = clients.to_string();
            let before = quiet.look();
            let how = ["--no-vacuum", "--protocol=prepared", ROUND, "-f", script, "-c", &clients];
            let printed = bench(&how);
            if until.is_some() && quiet.others(&before) > quiet::TOLERATED {
                disturbed += 1;
                continue;
            }
            kept[index] += 1;
            std::fs::write(sweep.join(format!("{clients}-{rounds}")), printed).unwrap();
        }
    }
    println!(
        "{} measurements, {disturbed} beside them disturbed by others",
        kept.iter().sum::<usize>()
    );
    assert!(!kept.contains(&0), "others use the machine all the time: have more patience");
}

/// Queries per second of so many clients at a simulated database with the curve that was found.
fn simulate(server: &Postgres, found: &Value, clients: u32) -> f64 {
    let curve = &found["contention"];
    let text = format!(
        "title = \"Clients at a database\"\nduration = \"11 s\"\nwarm_up = \"1 s\"\n\
         [[databases]]\nname = \"database\"\ncores = {}\nconnecting = \"0 s\"\n\
         contention = {{ per_core = {}, knee = {}, crowding = {}, waking = {} }}\n\
         [[traffic]]\nname = \"clients\"\n\
         arrivals = {{ kind = \"closed\", clients = {clients}, think = \"0 s\" }}\n\
         queries = [{{ at = \"database\", service_time = \"{:.0} ns\" }}]\n",
        found["cores"],
        curve["per_core"],
        curve["knee"],
        curve["crowding"],
        curve["waking"],
        found["service_time"].as_f64().expect("a figure") * 1e9,
    );
    let path = server.folder.path().join("database.toml");
    std::fs::write(&path, text).unwrap();
    let output = seatrial(&["run", &path.display().to_string(), "--format", "json"]);
    let document: Value = serde_json::from_str(&out(&output))
        .unwrap_or_else(|error| panic!("{error}: {}", err(&output)));
    document["metrics"]["queries.database"]["value"].as_f64().expect("a figure") / 10.0
}

/// From so many connections to so many it is learnt what one takes, and for so many predicted.
const LEARNT: [usize; 2] = [10, 30];
const PREDICTED: usize = 80;

#[test]
fn memory_grows_by_as_much_with_each_connection() {
    let settings = ["max_connections=100", "shared_buffers=64MB"];
    let Some(server) = start("memory", &settings) else { return };
    let mut operator = server.connect(OPERATOR).unwrap();
    let table = "create table words as select md5(n::text) word from generate_series(1, 20000) n";
    operator.ask(table).unwrap();
    let work = "select word, count(*) from words group by word order by word limit 1";
    println!("connections to PostgreSQL  predicted   measured  error  one takes  of it private");
    let mut worst = 0.0_f64;
    for works in [false, true] {
        wait_for(1, &mut operator);
        let mut wires: Vec<Wire> = Vec::new();
        let mut with = |connections: usize| -> [f64; 2] {
            while wires.len() < connections {
                let mut wire = server.connect(OPERATOR).unwrap();
                if works {
                    wire.ask(work).unwrap();
                }
                wires.push(wire);
            }
            memory(server.pid())
        };
        let [few, more] = LEARNT.map(&mut with);
        let each = [0, 1].map(|kind| (more[kind] - few[kind]) / (LEARNT[1] - LEARNT[0]) as f64);
        let predicted = few[0] + each[0] * (PREDICTED - LEARNT[0]) as f64;
        let measured = with(PREDICTED)[0];
        let error = predicted / measured - 1.0;
        println!(
            "{PREDICTED} that {:20} {predicted:7.1} MiB {measured:6.1} MiB {:+5.1} %   {:.2} MiB       {:.2} MiB",
            if works { "have worked" } else { "have not" },
            error * 100.0,
            each[0],
            each[1],
        );
        worst = worst.max(error.abs());
    }
    assert!(worst <= 0.10, "the memory of {PREDICTED} is {:.1} % away", worst * 100.0);
}

/// Mebibytes of a process and all its children: their share (Pss), and what is theirs alone.
fn memory(parent: u32) -> [f64; 2] {
    let mut sum = [0.0; 2];
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let children = children.expect("children of postgres");
    let children = children.split_whitespace().map(|pid| pid.parse().expect("a number"));
    for pid in children.chain([parent]) {
        let path = PathBuf::from(format!("/proc/{pid}/smaps_rollup"));
        // One that has just ended takes nothing.
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let kibibytes = |key: &str| -> f64 {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
        };
        sum[0] += kibibytes("Pss:") / 1_024.0;
        sum[1] += (kibibytes("Private_Clean:") + kibibytes("Private_Dirty:")) / 1_024.0;
    }
    sum
}
