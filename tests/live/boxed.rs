//! A cluster in a box for a test: up when asked, down when done, whatever happens between.

use crate::common::root;
use crate::story::seconds;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A cluster that runs.
pub struct Boxed {
    folder: PathBuf,
    /// By tenant: when it was visited, in Unix seconds.
    visits: RefCell<BTreeMap<String, Vec<u64>>>,
}

/// What a box needs on the machine.
const NEEDED: [&str; 4] = ["dockerd", "docker", "prometheus", "openssl"];

/// The name of a tenant.
pub fn tenant(number: u32) -> String {
    format!("tenant-{number:02}")
}

fn is_there(program: &str) -> bool {
    let folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];
    folders.iter().any(|folder| Path::new(folder).join(program).exists())
}

impl Boxed {
    /// Whether this machine can hold a box. Where it cannot, and SEATRIAL_LIVE asks for it, that is
    /// a failure.
    pub fn is_possible() -> bool {
        let missing: Vec<&str> = NEEDED.into_iter().filter(|one| !is_there(one)).collect();
        let insists = std::env::var_os("SEATRIAL_LIVE").is_some();
        assert!(
            !insists || missing.is_empty(),
            "SEATRIAL_LIVE is set, and there is no {missing:?}"
        );
        let id = Command::new("id").arg("-u").output().unwrap();
        let root = id.stdout.trim_ascii() == b"0";
        assert!(!insists || root, "SEATRIAL_LIVE is set, and this is not root");
        if !missing.is_empty() || !root {
            println!("skipped: needs root and {}", NEEDED.join(", "));
        }
        missing.is_empty() && root
    }

    /// Brings a box up; none where this machine cannot.
    pub fn up(hosts: u32, tenants: u32) -> Option<Self> {
        if !Self::is_possible() {
            return None;
        }
        // Paths of sockets are short: not below the target folder.
        let folder = std::env::temp_dir().join(format!("seatrial-live-{}", std::process::id()));
        let boxed = Self { folder, visits: RefCell::default() };
        let (hosts, tenants) = (hosts.to_string(), tenants.to_string());
        let folder = boxed.folder.display().to_string();
        boxed.steer(&["up", &folder, "--hosts", &hosts, "--tenants", &tenants]);
        Some(boxed)
    }

    /// A file of the box.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The folder of the box.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Does one thing to the cluster.
    pub fn steer(&self, arguments: &[&str]) {
        let done = self.command().args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "box {}: {said}", arguments.join(" "));
    }

    /// Somebody comes to each of these and leaves.
    pub fn visit(&self, tenants: &[u32]) {
        let names: Vec<String> = tenants.iter().copied().map(tenant).collect();
        let mut arguments = vec!["visit"];
        arguments.extend(names.iter().map(String::as_str));
        self.steer(&arguments);
        let now = seconds();
        for name in names {
            self.visits.borrow_mut().entry(name).or_default().push(now);
        }
    }

    /// When somebody was last at a tenant, seen from a moment.
    pub fn last_visit(&self, tenant: &str, at: u64) -> u64 {
        let visits = self.visits.borrow();
        let all = visits.get(tenant).map_or(&[][..], Vec::as_slice);
        // The second of the visit itself may be the next one by the time it is noted.
        all.iter().copied().filter(|visit| *visit <= at + 1).max().unwrap_or(0)
    }

    /// How long the engines' own logs are.
    pub fn engine_log_marks(&self) -> BTreeMap<PathBuf, usize> {
        let logs = ["host-a", "host-b", "host-c"].map(|host| self.path(host).join("engine.log"));
        logs.into_iter().map(|log| (log.clone(), std::fs::read(&log).unwrap().len())).collect()
    }

    /// Nothing that passed the recording proxies, and nothing on the host that is reached past them
    /// (over TLS, by its engine's own account), was anything else than a question.
    pub fn only_looked_at(&self, marks: &BTreeMap<PathBuf, usize>) {
        let mut asked = 0;
        for host in ["host-a", "host-b", "host-c"] {
            let text = std::fs::read_to_string(self.path(host).join("requests.txt"));
            for line in text.unwrap_or_default().lines() {
                assert!(line.starts_with("GET /"), "{host} was told: {line}");
                asked += 1;
            }
        }
        assert!(asked > 1_000, "the proxies recorded {asked} requests only");
        let log = self.path("host-c").join("engine.log");
        let bytes = std::fs::read(&log).unwrap();
        let since = String::from_utf8_lossy(&bytes[marks[&log]..]).into_owned();
        let calls: Vec<&str> = since.lines().filter(|line| line.contains("Calling ")).collect();
        assert!(calls.len() > 500, "host-c's engine logged {} calls only", calls.len());
        let told = calls.iter().find(|line| !line.contains("Calling GET "));
        assert_eq!(told, None, "host-c was told something");
    }

    fn command(&self) -> Command {
        let mut command = Command::new(root().join("tests/box/box"));
        command.env("SEATRIAL_BOX", &self.folder);
        command
    }
}

impl Drop for Boxed {
    fn drop(&mut self) {
        let down = self.command().arg("down").output();
        let failed = std::thread::panicking();
        match down {
            // What a failed story left helps to find the reason.
            Ok(done) if done.status.success() && !failed => {
                let _ = std::fs::remove_dir_all(&self.folder);
            }
            Ok(done) if done.status.success() => {
                println!("the logbook is kept in {}", self.folder.display());
            }
            Ok(done) => println!("box down: {}", String::from_utf8_lossy(&done.stderr)),
            Err(error) => println!("box down: {error}"),
        }
    }
}
