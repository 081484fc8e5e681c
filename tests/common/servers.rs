//! Real servers for tests: found where Debian's packages put them, started by hand in a folder of
//! their own, and gone with the test, whatever happens to it. Knows no server in particular.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The programs, or nothing where one is missing; then the test says so and passes, unless
/// `SEATRIAL_LIVE=1` asks for it, as `tests/all` does.
pub fn programs<const N: usize>(names: [&str; N]) -> Option<[PathBuf; N]> {
    let missing: Vec<&str> = names.into_iter().filter(|name| find(name).is_none()).collect();
    if !missing.is_empty() {
        let wanted = std::env::var_os("SEATRIAL_LIVE").is_some();
        assert!(!wanted, "SEATRIAL_LIVE is set, and there is no {}", missing.join(", no "));
        println!("skipped: needs {}", missing.join(" and "));
        return None;
    }
    Some(names.map(|name| find(name).unwrap_or_default()))
}

fn find(name: &str) -> Option<PathBuf> {
    let folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin"].map(PathBuf::from);
    // Debian keeps PostgreSQL's own programs by version, and links only some of them.
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<PathBuf> = versions.map(|entry| entry.path().join("bin")).collect();
    versions.sort();
    let found = versions.into_iter().rev().chain(folders).map(|folder| folder.join(name));
    found.into_iter().find(|path| path.exists())
}

/// A program as a user who is not root (PostgreSQL and PgBouncer refuse root), which dies with the
/// test even when the test is killed.
pub fn as_user(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg("--pdeathsig=KILL").arg(program).current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

/// A folder of the server's user. Paths of sockets are short: not below the target folder.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        remove_orphans(name);
        let path = std::env::temp_dir().join(format!("seatrial-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        if is_root() {
            let chown = Command::new("chown").arg("postgres").arg(&path).status();
            assert!(chown.is_ok_and(|status| status.success()), "chown {}", path.display());
        }
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn text(&self) -> String {
        self.0.display().to_string()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Removes what is left of tests that were killed.
fn remove_orphans(name: &str) {
    for entry in std::fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let file = entry.file_name();
        let pid = file.to_str().and_then(|file| file.strip_prefix("seatrial-")?.strip_prefix(name));
        let pid = pid.and_then(|rest| rest.strip_prefix('-')?.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A server that is stopped when the test is over.
pub struct Server(pub Child);

impl Server {
    pub fn start(mut command: Command) -> Self {
        Self(command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}")))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // SIGQUIT first: PostgreSQL takes its children with it then.
        let pid = self.0.id().to_string();
        let _ = Command::new("kill").args(["-QUIT", &pid]).stderr(Stdio::null()).status();
        let until = Instant::now() + Duration::from_secs(5);
        while self.0.try_wait().is_ok_and(|ended| ended.is_none()) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Tries until it succeeds; fails with the last error after so long.
pub fn ready<T, E: std::fmt::Display>(
    what: &str,
    within: Duration,
    mut attempt: impl FnMut() -> Result<T, E>,
) -> T {
    let until = Instant::now() + within;
    loop {
        match attempt() {
            Ok(value) => return value,
            Err(error) => assert!(Instant::now() < until, "{what}: {error}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
