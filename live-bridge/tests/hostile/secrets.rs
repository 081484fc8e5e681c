//! Secrets that the bridge is given, or is pointed at by mistake, are shown to nobody.

use crate::fakes::{Bridge, Cluster, Reply, policies, world};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_seatrial-bridge");
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LWtleS1tYXRlcmlhbA==\n";

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

fn check(file: &Path) -> String {
    let mut command = Command::new(PROGRAM);
    said(&command.arg("check").arg(file).env("NO_COLOR", "1").output().unwrap())
}

/// A folder of its own with a file of the bridge's, changed.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, change: impl Fn(String) -> String) -> Self {
        let folder = std::env::temp_dir().join(format!("seatrial-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("own.key"), KEY).unwrap();
        std::fs::write(folder.join("policies.toml"), "[[policies]]\nkind = \"spread\"\n").unwrap();
        let file = "title = \"Secrets\"\npolicies = \"policies.toml\"\n[[tiers]]\nname = \"free\"\n\
                    [[tiers]]\nname = \"premium\"\n[[pools]]\nname = \"workers\"\n\
                    [[docker.hosts]]\nname = \"host-a\"\nsocket = \"none.sock\"\n\
                    [prometheus]\naddress = \"http://127.0.0.1:1\"\n\
                    last_active = { query = \"x\" }\n";
        std::fs::write(folder.join("bridge.toml"), change(file.to_owned())).unwrap();
        Self(folder)
    }

    fn told(&self) -> String {
        check(&self.0.join("bridge.toml"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A server that sends back what it was sent, in a refusal, in an answer, and in one that breaks.
#[test]
fn a_token_that_a_server_sends_back_is_not_told() {
    let token = "a-secret-token";
    let echoes: [(&str, Reply); 3] = [
        (
            "refuses",
            Reply::Raw(
                format!(
                    "HTTP/1.1 401 No\r\nContent-Length: 99\r\n\r\nAuthorization: Bearer {token}"
                )
                .into_bytes(),
            ),
        ),
        ("answers", Reply::Sound(format!("{{\"status\":\"error\",\"error\":\"Bearer {token}\"}}"))),
        ("is strange", Reply::Sound(format!("{{\"status\":[\"{token}\"], \"{token}\": 5}}"))),
    ];
    for (name, reply) in echoes {
        let cluster = Cluster::start(&format!("echo-{}", name.replace(' ', "-")), world(0.0));
        cluster.change(|world| {
            world.spoil =
                Some(Arc::new(move |who, _, _| (who == "prometheus").then(|| reply.clone())));
        });
        let file = cluster.write(&policies("1 h"), "");
        let bridge = Bridge::shadow(Path::new(PROGRAM), &file);
        assert!(
            bridge.waits_for("prometheus last_active cannot", Duration::from_secs(10)),
            "{name}"
        );
        let told =
            [bridge.out.lock().unwrap().concat(), bridge.err.lock().unwrap().concat()].concat();
        assert!(!told.contains(token), "{name}: {told}");
    }
}

#[test]
fn an_address_with_a_password_is_refused_and_not_shown() {
    for address in
        ["http://user:hunter2@127.0.0.1:9090", "https://hunter2@127.0.0.1", "http://hunter2@x/y"]
    {
        let folder = Folder::new("password", |file| file.replace("http://127.0.0.1:1", address));
        let told = folder.told();
        assert!(told.contains("must not hold a name or a password"), "{told}");
        assert!(told.contains("token_file"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn lines_of_a_key_are_not_shown_where_another_file_was_meant() {
    let folder = Folder::new("key", |file| file);
    let told = check(&folder.0.join("own.key"));
    assert!(told.contains("nothing of it is shown"), "{told}");
    assert!(!told.contains("c2Vj") && !told.contains("BEGIN"), "{told}");
    let places: [(&str, &str); 3] = [
        ("policies = \"policies.toml\"", "policies = \"own.key\""),
        ("[prometheus]\n", "[prometheus]\ntoken_file = \"own.key\"\n"),
        ("http://127.0.0.1:1\"", "https://127.0.0.1:1\"\ntls = { authority = \"own.key\" }"),
    ];
    for (from, to) in places {
        let told = Folder::new("key-at", |file| file.replace(from, to)).told();
        assert!(told.contains("problem"), "{to}: {told}");
        assert!(!told.contains("c2Vj") && !told.contains("BEGIN"), "{to}: {told}");
    }
}

/// A lock that is a link to a file of somebody else's leaves that file as it is.
#[test]
fn a_lock_that_is_a_link_is_not_followed_and_nothing_is_cut() {
    let folder = Folder::new("lock-link", |file| file);
    let logbook = folder.0.join("logbook");
    std::fs::create_dir_all(&logbook).unwrap();
    std::os::unix::fs::symlink("../own.key", logbook.join("lock")).unwrap();
    let observe = || {
        let mut command = Command::new(PROGRAM);
        command
            .arg("observe")
            .arg(folder.0.join("bridge.toml"))
            .args(["--for", "1 s"])
            .output()
            .unwrap()
    };
    let ended = observe();
    assert_eq!(ended.status.code(), Some(3), "{}", said(&ended));
    assert!(said(&ended).contains("lock"), "{}", said(&ended));
    assert_eq!(std::fs::read_to_string(folder.0.join("own.key")).unwrap(), KEY);
    std::fs::remove_file(logbook.join("lock")).unwrap();
    std::fs::write(logbook.join("lock"), "somebody's notes").unwrap();
    assert_eq!(observe().status.code(), Some(0));
    assert_eq!(std::fs::read_to_string(logbook.join("lock")).unwrap(), "somebody's notes");
}

/// The system ends a process that writes beyond its limit, unless it asks to be told instead.
#[test]
fn a_limit_on_the_length_of_files_ends_no_bridge() {
    let cluster = Cluster::start("file-limit", world(0.0));
    let file = cluster.write(&policies("1 h"), "");
    let line = format!("ulimit -f 4; exec {PROGRAM} shadow {} --for '6 s'", file.display());
    let ended = Command::new("sh").args(["-c", &line]).output().unwrap();
    let told = said(&ended);
    assert_eq!(ended.status.code(), Some(0), "{:?}: {told}", ended.status);
    assert!(told.contains("nothing is decided until this ends"), "{told}");
}
