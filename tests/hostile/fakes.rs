//! Fake Docker engines and a fake Prometheus, in threads of the test: a small cluster that answers
//! as real ones do, or as a test has it answer. Knows no bridge.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What is sent for one request.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A sound answer with this body.
    Sound(String),
    /// The same with headers of one's own, the first line among them; no length is added.
    Raw(Vec<u8>),
    /// Bytes without end; with a length that promises as much, or in chunks.
    Endless { head: &'static str, part: Vec<u8> },
    /// A sound answer, a byte at a time.
    Drip(String),
    /// Nothing, and the connection stays open.
    Silence,
    /// Nothing, and the connection is closed.
    Close,
}

/// Changes what is sent for a request: by who answers, the path, and the sound body.
pub type Spoil = Arc<dyn Fn(&str, &str, &str) -> Option<Reply> + Send + Sync>;

/// A tenant of the cluster.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub name: &'static str,
    pub tier: &'static str,
    pub host: &'static str,
    /// When somebody was last there, in Unix seconds; none where somebody always just was.
    pub left: Option<f64>,
    pub sessions: u32,
}

/// The truth.
#[derive(Clone, Default)]
pub struct World {
    pub tenants: Vec<Tenant>,
    /// How much memory each container uses, in MiB.
    pub memory: u64,
    /// Engines that do not answer.
    pub dead: Vec<&'static str>,
    /// Containers beside: host, its id, its labels as JSON.
    pub strays: Vec<(&'static str, &'static str, String)>,
    pub spoil: Option<Spoil>,
}

pub fn unix() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

/// A moment as Docker writes it.
pub fn text(unix: f64) -> String {
    let seconds = unix as u64;
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let fraction = format!("{:.9}", unix.fract());
    let fraction = fraction.trim_start_matches("0.").trim_start_matches("1.").to_owned();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction}Z")
}

/// A moment as HTTP writes it; its weekday is nobody's concern.
pub fn http_date(unix: f64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let seconds = unix as u64;
    let (year, month, day) = civil(seconds / 86_400);
    let of_day = seconds % 86_400;
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let month = MONTHS[month as usize - 1];
    format!("Mon, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// Howard Hinnant's `civil_from_days`.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    (year + era * 400 + u64::from(month <= 2), month, day)
}

/// The servers of a cluster, and the file of a bridge that looks at them.
pub struct Cluster {
    pub folder: PathBuf,
    world: Arc<Mutex<World>>,
    prometheus: u16,
}

pub const HOSTS: [&str; 2] = ["host-a", "host-b"];
const BORN: f64 = 1_790_000_000.0;

impl Cluster {
    pub fn start(name: &str, world: World) -> Self {
        let folder = std::env::temp_dir().join(format!("seatrial-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let world = Arc::new(Mutex::new(world));
        for host in HOSTS {
            let listener = UnixListener::bind(folder.join(format!("{host}.sock"))).unwrap();
            let world = Arc::clone(&world);
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let world = Arc::clone(&world);
                    std::thread::spawn(move || serve(stream, host, &world));
                }
            });
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let prometheus = listener.local_addr().unwrap().port();
        let shared = Arc::clone(&world);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let world = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, "prometheus", &world));
            }
        });
        Self { folder, world, prometheus }
    }

    pub fn change(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.world.lock().unwrap());
    }

    /// The bridge's file, and that of its policies.
    pub fn write(&self, policies: &str, more: &str) -> PathBuf {
        std::fs::write(self.folder.join("policies.toml"), policies).unwrap();
        let mut file = format!(
            "title = \"Fakes\"\npolicies = \"policies.toml\"\nlost_after = \"1500 ms\"\n{more}\n\
             [[tiers]]\nname = \"free\"\npriority = \"low\"\n\
             [[tiers]]\nname = \"premium\"\npriority = \"critical\"\n\
             [[pools]]\nname = \"workers\"\nleast = 1\nmost = 2\n\
             [prometheus]\naddress = \"http://127.0.0.1:{}\"\nevery = \"250 ms\"\n\
             patience = \"600 ms\"\ntoken_file = \"token\"\n\
             last_active = {{ query = \"last_login\", tenant = \"tenant\" }}\n\
             sessions = {{ query = \"sessions\", tenant = \"tenant\" }}\n\
             [docker]\nevery = \"250 ms\"\npatience = \"600 ms\"\n",
            self.prometheus
        );
        for host in HOSTS {
            file += &format!(
                "[[docker.hosts]]\nname = \"{host}\"\nsocket = \"{host}.sock\"\npool = \"workers\"\n"
            );
        }
        std::fs::write(self.folder.join("token"), "a-secret-token\n").unwrap();
        let path = self.folder.join("bridge.toml");
        std::fs::write(&path, file).unwrap();
        path
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Serves one connection.
fn serve(mut stream: impl Read + Write, who: &'static str, world: &Mutex<World>) {
    loop {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return,
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let world = world.lock().unwrap().clone();
        if world.dead.contains(&who) {
            return;
        }
        let Some(body) = (if who == "prometheus" {
            Some(series(&world, &path))
        } else {
            engine(&world, who, &path)
        }) else {
            let refusal = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
            if stream.write_all(refusal.as_bytes()).is_err() {
                return;
            }
            continue;
        };
        let spoilt = world.spoil.as_ref().and_then(|spoil| spoil(who, &path, &body));
        if !send(&mut stream, spoilt.unwrap_or(Reply::Sound(body))) {
            return;
        }
    }
}

pub fn sound(body: &str) -> Vec<u8> {
    let date = http_date(unix());
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// Whether the connection goes on.
fn send(stream: &mut impl Write, reply: Reply) -> bool {
    match reply {
        Reply::Sound(body) => stream.write_all(&sound(&body)).is_ok(),
        Reply::Raw(bytes) => {
            let _ = stream.write_all(&bytes);
            false
        }
        Reply::Endless { head, part } => {
            let _ = stream.write_all(head.as_bytes());
            // 240 MiB and no more, so that a test ends.
            for _ in 0..(240 << 20) / part.len().max(1) {
                if stream.write_all(&part).is_err() {
                    break;
                }
            }
            false
        }
        Reply::Drip(body) => {
            for byte in sound(&body) {
                if stream.write_all(&[byte]).is_err() {
                    return false;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            true
        }
        Reply::Silence => {
            std::thread::sleep(Duration::from_secs(20));
            false
        }
        Reply::Close => false,
    }
}

fn containers<'a>(world: &'a World, host: &str) -> Vec<(&'a Tenant, &'static str, String)> {
    let here = world.tenants.iter().filter(|tenant| tenant.host == host);
    here.flat_map(|tenant| {
        ["database", "bots"].map(|unit| (tenant, unit, format!("{}{unit}0123456789", tenant.name)))
    })
    .collect()
}

fn labels(tenant: &Tenant, unit: &str) -> String {
    let stops = if unit == "bots" { ",\"seatrial.stops-at\":\"bots-stopped\"" } else { "" };
    format!(
        "{{\"seatrial.tenant\":\"{}\",\"seatrial.tier\":\"{}\",\"seatrial.unit\":\"{unit}\"{stops}}}",
        tenant.name, tenant.tier
    )
}

/// What an engine answers; none where it knows no such container.
fn engine(world: &World, host: &str, path: &str) -> Option<String> {
    let here = containers(world, host);
    let strays = world.strays.iter().filter(|stray| stray.0 == host);
    if path == "/info" {
        let now = text(unix());
        return Some(format!(
            "{{\"NCPU\":4,\"MemTotal\":{},\"SystemTime\":\"{now}\",\"Labels\":null}}",
            1_u64 << 30
        ));
    }
    if path.starts_with("/containers/json") {
        let one = |id: &str, labels: &str| {
            format!(
                "{{\"Id\":\"{id}\",\"Names\":[\"/{id}\"],\"State\":\"running\",\"Labels\":{labels}}}"
            )
        };
        let mut all: Vec<String> =
            here.iter().map(|(tenant, unit, id)| one(id, &labels(tenant, unit))).collect();
        all.extend(strays.map(|(_, id, labels)| one(id, labels)));
        return Some(format!("[{}]", all.join(",")));
    }
    let (id, what) = path.strip_prefix("/containers/")?.split_once('/')?;
    let own = here.iter().find(|one| one.2 == id).map(|one| labels(one.0, one.1));
    let labels = own.or_else(|| strays.clone().find(|one| one.1 == id).map(|one| one.2.clone()))?;
    if what.starts_with("json") {
        return Some(format!(
            "{{\"Name\":\"/{id}\",\"Created\":\"{0}\",\"State\":{{\"Status\":\"running\",\
             \"StartedAt\":\"{0}\",\"FinishedAt\":\"0001-01-01T00:00:00Z\"}},\
             \"HostConfig\":{{\"NanoCpus\":200000000,\"Memory\":83886080}},\
             \"Config\":{{\"Labels\":{labels}}}}}",
            text(BORN)
        ));
    }
    let now = unix();
    Some(format!(
        "{{\"read\":\"{}\",\"cpu_stats\":{{\"cpu_usage\":{{\"total_usage\":{}}}}},\
         \"memory_stats\":{{\"usage\":{},\"stats\":{{}}}}}}",
        text(now),
        // A twentieth of a processor.
        ((now - BORN) * 5e7) as u64,
        world.memory << 20
    ))
}

/// What Prometheus answers.
fn series(world: &World, path: &str) -> String {
    let now = unix();
    let moments = path.contains("timestamp");
    let value = |tenant: &Tenant| match (moments, path.contains("last_login")) {
        (true, _) => now - 0.2,
        (false, true) => tenant.left.unwrap_or(now - 0.3),
        (false, false) => f64::from(tenant.sessions),
    };
    let one = |tenant: &Tenant| {
        format!(
            "{{\"metric\":{{\"tenant\":\"{}\"}},\"value\":[{now:.3},\"{:.3}\"]}}",
            tenant.name,
            value(tenant)
        )
    };
    let all: Vec<String> = world.tenants.iter().map(one).collect();
    format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{}]}}}}",
        all.join(",")
    )
}

/// Two hosts with three tenants each; `due` left so many seconds ago, all others are there.
pub fn world(left: f64) -> World {
    let tenant = |name, tier, host| Tenant { name, tier, host, left: None, sessions: 1 };
    let mut tenants = vec![
        tenant("due", "free", "host-a"),
        tenant("ann", "free", "host-a"),
        tenant("bob", "premium", "host-a"),
        tenant("cat", "free", "host-b"),
        tenant("dan", "free", "host-b"),
        tenant("eve", "premium", "host-b"),
    ];
    tenants[0].left = Some(unix() - left);
    tenants[0].sessions = 0;
    // Six containers of 80 MiB take 480 of a host's 1,024 MiB: one host could not carry all.
    World { tenants, memory: 80, ..World::default() }
}

/// Sleep after so long, and give machines back that are not needed.
pub fn policies(idle: &str) -> String {
    format!(
        "tick = \"250 ms\"\n[guard]\nstale_after = \"1 s\"\ntenants_an_hour = \"100 %\"\n\
         unseen_most = \"10 %\"\n[[policies]]\nkind = \"threshold\"\nspare_for = \"1 s\"\n\
         pause_down = \"1 s\"\nspare_margin = \"1 %\"\n[[policies]]\nkind = \"idle-ladder\"\n\
         ladder = {{ asleep = \"{idle}\" }}\n[policies.tiers]\npremium = {{}}\n"
    )
}

/// A bridge that runs, and the lines it has said.
pub struct Bridge {
    child: std::process::Child,
    pub out: Arc<Mutex<Vec<String>>>,
    pub err: Arc<Mutex<Vec<String>>>,
}

impl Bridge {
    pub fn shadow(program: &Path, file: &Path) -> Self {
        use std::process::{Command, Stdio};
        let mut command = Command::new(program);
        let command = command.arg("shadow").arg(file).args(["--for", "60 s"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = lines(child.stdout.take().unwrap());
        let err = lines(child.stderr.take().unwrap());
        Self { child, out, err }
    }

    /// What it would have taken from somebody.
    pub fn destroyed(&self) -> Vec<String> {
        let words =
            ["would hibernate", "would drain", "would cordon", "would remove", "would move"];
        let out = self.out.lock().unwrap();
        out.iter().filter(|line| words.iter().any(|word| line.contains(word))).cloned().collect()
    }

    /// Waits for a line, for so long at most.
    pub fn waits_for(&self, what: &str, patience: Duration) -> bool {
        let until = std::time::Instant::now() + patience;
        loop {
            let said = |lines: &Mutex<Vec<String>>| {
                lines.lock().unwrap().iter().any(|line| line.contains(what))
            };
            if said(&self.out) || said(&self.err) {
                return true;
            }
            if std::time::Instant::now() > until {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The most memory that it has taken, in KiB.
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0)
    }

    pub fn runs(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(from: impl Read + Send + 'static) -> Arc<Mutex<Vec<String>>> {
    use std::io::BufRead;
    let all = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&all);
    std::thread::spawn(move || {
        for line in std::io::BufReader::new(from).lines().map_while(Result::ok) {
            shared.lock().unwrap().push(line);
        }
    });
    all
}
