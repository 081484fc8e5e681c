//! Redis itself beside the simulated one: the same objects asked for as unevenly, the same memory,
//! the same pace. The share of hits must be predicted to within three points.
//!
//! How `maxmemory` becomes entries: Redis counts its empty self, then for each entry the value, the
//! key, their allocations and a share of its table. What an entry takes is measured once, as memory
//! over entries held (DBSIZE) at one `maxmemory`; the others are predicted from it.
//!
//! Needs Debian's redis-server, which `tests/all` installs. Where it is missing the test says so and
//! passes, unless SEATRIAL_LIVE=1 asks for it.

mod common;

use common::{err, out, seatrial};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const OBJECTS: usize = 100_000;
const ZIPF: f64 = 0.9;
/// Bytes of a value.
const VALUE: usize = 200;
/// Calls on their way at once; a miss among them is written when all are answered.
const PIPELINE: usize = 32;
/// What the prediction may be away.
const TOLERANCE: f64 = 0.03;

/// How one share of hits is measured: mebibytes of `maxmemory`, calls a second at the most, seconds
/// of warm-up and of measuring. The first calibrates what an entry takes. The slow ones turn the
/// cache over in some seconds, so that Redis' clock of seconds sees who is used; the quick ones do
/// not let it.
const STEPS: [(u64, f64, f64, f64); 5] = [
    (8, f64::INFINITY, 3.0, 4.0),
    (4, f64::INFINITY, 3.0, 4.0),
    (16, f64::INFINITY, 3.0, 4.0),
    (4, 12_000.0, 5.0, 8.0),
    (8, 12_000.0, 8.0, 8.0),
];

#[test]
fn hits_are_those_of_redis() {
    let Some(program) = find("redis-server") else {
        assert!(
            std::env::var_os("SEATRIAL_LIVE").is_none(),
            "SEATRIAL_LIVE is set, and there is no redis-server"
        );
        println!("skipped: needs redis-server");
        return;
    };
    let server = Server::start(&program);
    let mut calls = Calls::new(server.connect());
    let mut page =
        String::from("maxmemory  calls/s   entries  predicted     hits  predicted   (exact LRU)\n");
    let (mut entry, mut worst) = (0, 0.0_f64);
    for (mebibytes, pace, warm_up, measured) in STEPS {
        calls.redis.ask(&["FLUSHALL"]);
        calls.redis.ask(&["CONFIG", "SET", "maxmemory", &(mebibytes << 20).to_string()]);
        let empty = calls.redis.figure("used_memory");
        let real = calls.measure(pace, warm_up, measured);
        let room = (mebibytes << 20) - empty;
        if entry == 0 {
            entry = room / real.entries;
            writeln!(page, "empty {empty} B; an entry of {VALUE} B takes {entry} B").unwrap();
        }
        let scenario = |policy: &str| scenario(&server.folder, policy, room, entry, &real);
        let (hits, entries) = predict(&scenario("allkeys-lru"));
        let (exact, _) = predict(&scenario("lru"));
        writeln!(
            page,
            "{mebibytes:5} MiB {:9.0} {:9} {entries:10.0}  {:6.2} %  {:6.2} %     ({:5.2} %)",
            real.per_second,
            real.entries,
            real.hits * 100.0,
            hits * 100.0,
            exact * 100.0
        )
        .unwrap();
        worst = worst.max((real.hits - hits).abs());
        assert!(real.evicted > 1_000, "{} entries were pushed out", real.evicted);
    }
    println!("{page}at worst {:.2} points away", worst * 100.0);
    assert!(worst <= TOLERANCE, "{page}at worst {:.2} points away", worst * 100.0);
}

/// What was seen of Redis.
struct Real {
    hits: f64,
    entries: u64,
    evicted: u64,
    per_second: f64,
    /// Seconds.
    warm_up: f64,
    whole: f64,
}

/// The same load as a scenario.
fn scenario(folder: &Path, policy: &str, room: u64, entry: u64, real: &Real) -> PathBuf {
    let text = format!(
        "title = \"Redis\"\nduration = \"{:.0} ms\"\nwarm_up = \"{:.0} ms\"\n\
         [[caches]]\nname = \"redis\"\nmaxmemory = \"{room} B\"\npolicy = \"{policy}\"\n\
         overhead = \"{} B\"\nservice_time = \"0 s\"\n\
         [[services]]\nname = \"behind\"\nconcurrency = 1\nservice_time = \"0 s\"\n\
         [[traffic]]\nname = \"web\"\nservice = \"behind\"\n\
         arrivals = {{ kind = \"poisson\", rate = \"{:.0}/s\" }}\n\
         cache = {{ name = \"redis\", objects = {OBJECTS}, zipf = {ZIPF}, entry = \"{VALUE} B\" }}\n",
        real.whole * 1e3,
        real.warm_up * 1e3,
        entry.saturating_sub(VALUE as u64),
        real.per_second,
    );
    let path = folder.join(format!("{policy}.toml"));
    std::fs::write(&path, text).unwrap();
    path
}

/// The share of hits and the entries that a run of the scenario finds.
fn predict(scenario: &Path) -> (f64, f64) {
    let output = seatrial(&["run", &scenario.display().to_string(), "--format", "json"]);
    let document: Value = serde_json::from_str(&out(&output))
        .unwrap_or_else(|error| panic!("{error}: {}", err(&output)));
    let value = |name: &str| document["metrics"][name]["value"].as_f64().expect("a figure");
    (value("hit_ratio.redis"), value("entries_mean.redis"))
}

fn find(program: &str) -> Option<PathBuf> {
    let folders = ["/usr/local/bin", "/usr/bin", "/bin", "/usr/local/sbin", "/usr/sbin"];
    folders.iter().map(|folder| Path::new(folder).join(program)).find(|path| path.exists())
}

/// A Redis of our own. Nothing is left of it, whatever happens.
struct Server {
    child: Child,
    folder: PathBuf,
}

impl Server {
    fn start(program: &Path) -> Self {
        // Paths of sockets are short: not below the target folder.
        let folder = std::env::temp_dir().join(format!("seatrial-redis-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let socket = folder.join("socket").display().to_string();
        let dir = folder.display().to_string();
        let child = Command::new(program)
            .args(["--port", "0", "--unixsocket", &socket, "--dir", &dir, "--save", ""])
            .args(["--appendonly", "no", "--maxmemory-policy", "allkeys-lru"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = child.unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        Self { child, folder }
    }

    fn connect(&self) -> Redis {
        let until = Instant::now() + Duration::from_secs(20);
        loop {
            match UnixStream::connect(self.folder.join("socket")) {
                Ok(stream) => {
                    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
                    let answers = BufReader::with_capacity(1 << 16, stream.try_clone().unwrap());
                    return Redis { stream, answers, out: Vec::new() };
                }
                Err(error) => assert!(Instant::now() < until, "redis-server: {error}"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A connection that speaks RESP.
struct Redis {
    stream: UnixStream,
    answers: BufReader<UnixStream>,
    /// What was said and not sent yet.
    out: Vec<u8>,
}

impl Redis {
    fn say(&mut self, words: &[&[u8]]) {
        write!(self.out, "*{}\r\n", words.len()).unwrap();
        for word in words {
            write!(self.out, "${}\r\n", word.len()).unwrap();
            self.out.extend_from_slice(word);
            self.out.extend_from_slice(b"\r\n");
        }
    }

    fn send(&mut self) {
        self.stream.write_all(&self.out).expect("Redis listens");
        self.out.clear();
    }

    /// The next answer; none for what is not there.
    fn hear(&mut self) -> Option<Vec<u8>> {
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("Redis answers");
        let (kind, rest) = line.trim_end().split_at_checked(1).expect("an answer");
        match kind {
            "+" | ":" => Some(rest.as_bytes().to_vec()),
            "$" => {
                let length = usize::try_from(rest.parse::<i64>().expect("a length")).ok()?;
                let mut text = vec![0; length + 2];
                self.answers.read_exact(&mut text).expect("Redis answers in full");
                text.truncate(length);
                Some(text)
            }
            _ => panic!("Redis says {line}"),
        }
    }

    fn ask(&mut self, words: &[&str]) -> String {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        self.say(&words);
        self.send();
        String::from_utf8_lossy(&self.hear().unwrap_or_default()).into_owned()
    }

    /// A figure of `INFO`.
    fn figure(&mut self, name: &str) -> u64 {
        let info = self.ask(&["INFO", "everything"]);
        let found = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        found.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {name}: {info}"))
    }
}

/// Calls for objects, the first the most likely.
struct Calls {
    redis: Redis,
    /// The share of calls that ask for one of the first so many.
    upto: Vec<f64>,
    state: u64,
}

impl Calls {
    fn new(redis: Redis) -> Self {
        let mut sum = 0.0;
        let mut upto: Vec<f64> = (1..=OBJECTS)
            .map(|rank| {
                sum += (rank as f64).powf(-ZIPF);
                sum
            })
            .collect();
        upto.iter_mut().for_each(|share| *share /= sum);
        Self { redis, upto, state: 0x5ea7_41a1 }
    }

    /// An object by a draw of SplitMix64.
    fn draw(&mut self) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let share = ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        self.upto.partition_point(|upto| *upto <= share).min(OBJECTS - 1)
    }

    /// Asks for so many seconds, no faster than the pace; returns how many calls and seconds.
    fn load(&mut self, pace: f64, seconds: f64) -> (u64, f64) {
        let value = vec![b'x'; VALUE];
        let (begun, mut count) = (Instant::now(), 0);
        while begun.elapsed().as_secs_f64() < seconds {
            let keys: Vec<String> = (0..PIPELINE).map(|_| format!("web:{}", self.draw())).collect();
            keys.iter().for_each(|key| self.redis.say(&[b"GET", key.as_bytes()]));
            self.redis.send();
            let lacking: Vec<&String> =
                keys.iter().filter(|_| self.redis.hear().is_none()).collect();
            lacking.iter().for_each(|key| self.redis.say(&[b"SET", key.as_bytes(), &value]));
            self.redis.send();
            lacking.iter().for_each(|_| drop(self.redis.hear()));
            count += PIPELINE as u64;
            let ahead = count as f64 / pace - begun.elapsed().as_secs_f64();
            if ahead > 0.001 {
                std::thread::sleep(Duration::from_secs_f64(ahead));
            }
        }
        (count, begun.elapsed().as_secs_f64())
    }

    /// Warms the cache up, then counts.
    fn measure(&mut self, pace: f64, warm_up: f64, measured: f64) -> Real {
        let before = self.load(pace, warm_up);
        self.redis.ask(&["CONFIG", "RESETSTAT"]);
        let during = self.load(pace, measured);
        let (hits, misses) =
            (self.redis.figure("keyspace_hits"), self.redis.figure("keyspace_misses"));
        assert_eq!(hits + misses, during.0);
        let (calls, whole) = (before.0 + during.0, before.1 + during.1);
        Real {
            hits: hits as f64 / during.0 as f64,
            entries: self.redis.ask(&["DBSIZE"]).parse().expect("a number"),
            evicted: self.redis.figure("evicted_keys"),
            per_second: calls as f64 / whole,
            warm_up: before.1,
            whole,
        }
    }
}
