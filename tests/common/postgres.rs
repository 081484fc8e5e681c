//! A PostgreSQL of our own, and as much of its wire protocol as a test needs: start, one simple
//! query after another, and the words of a refusal. No TLS, no passwords.

use crate::servers::{Folder, Server, as_user, ready};
use std::io::{Error, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Who owns the server and may use what is reserved.
pub const OPERATOR: &str = "postgres";

/// A running server, on a socket in its folder.
pub struct Postgres {
    pub folder: Folder,
    server: Server,
}

impl Postgres {
    /// A fresh one with these settings.
    pub fn start(name: &str, [initdb, postgres]: [&Path; 2], settings: &[&str]) -> Self {
        let folder = Folder::new(name);
        let data = folder.path().join("data");
        let made = as_user(initdb)
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C"])
            .args(["--username", OPERATOR, "-D"])
            .arg(&data)
            .status();
        assert!(made.is_ok_and(|status| status.success()), "initdb");
        let mut command = as_user(postgres);
        command.arg("-D").arg(&data).args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        command.arg("-c").arg(format!("unix_socket_directories={}", folder.text()));
        for setting in settings {
            command.args(["-c", setting]);
        }
        let server = Server::start(command);
        let own = Self { folder, server };
        ready("postgres", Duration::from_secs(60), || own.connect(OPERATOR));
        own
    }

    /// Its first process.
    pub fn pid(&self) -> u32 {
        self.server.0.id()
    }

    /// Its socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join(".s.PGSQL.5432")
    }

    pub fn connect(&self, user: &str) -> Result<Wire, Refusal> {
        Wire::connect(&self.socket(), user, "postgres")
    }
}

/// Why the server says no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The SQLSTATE; empty where the server could not be reached at all.
    pub code: String,
    pub message: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.code, self.message)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { code: String::new(), message: error.to_string() }
    }
}

/// A connection.
pub struct Wire(UnixStream);

impl Wire {
    pub fn connect(socket: &Path, user: &str, database: &str) -> Result<Self, Refusal> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut wire = Self(stream);
        let words = format!("user\0{user}\0database\0{database}\0\0");
        let length = u32::try_from(words.len() + 8).expect("short");
        // Protocol 3.0.
        let start = [&length.to_be_bytes(), &196_608_u32.to_be_bytes(), words.as_bytes()].concat();
        wire.0.write_all(&start)?;
        wire.until_ready()?;
        Ok(wire)
    }

    /// Asks, and returns the first column of each row.
    pub fn ask(&mut self, query: &str) -> Result<Vec<String>, Refusal> {
        let length = u32::try_from(query.len() + 5).expect("short");
        self.0.write_all(&[b"Q", &length.to_be_bytes()[..], query.as_bytes(), b"\0"].concat())?;
        self.until_ready()
    }

    /// Reads up to the server's readiness.
    fn until_ready(&mut self) -> Result<Vec<String>, Refusal> {
        let (mut rows, mut refusal) = (Vec::new(), None);
        loop {
            let message = match self.message() {
                Ok(message) => message,
                // A server that says why it goes, and goes.
                Err(error) => return Err(refusal.unwrap_or(error)),
            };
            match message {
                (b'D', body) => rows.push(first_column(&body)),
                (b'E', body) => refusal = Some(said(&body)),
                (b'R', body) => assert_eq!(body, [0; 4], "no password is asked for"),
                (b'Z', _) => return refusal.map_or(Ok(rows), Err),
                _ => {}
            }
        }
    }

    fn message(&mut self) -> Result<(u8, Vec<u8>), Refusal> {
        let mut head = [0; 5];
        self.0.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; usize::try_from(length).expect("a length") - 4];
        self.0.read_exact(&mut body)?;
        Ok((head[0], body))
    }
}

fn first_column(body: &[u8]) -> String {
    let length = body.get(2..6).map_or(0, |b| i32::from_be_bytes([b[0], b[1], b[2], b[3]]));
    let length = usize::try_from(length).unwrap_or_default();
    String::from_utf8_lossy(&body[6..6 + length]).into_owned()
}

fn said(body: &[u8]) -> Refusal {
    let field = |kind: u8| {
        let found = body.split(|byte| *byte == 0).find(|field| field.first() == Some(&kind));
        String::from_utf8_lossy(found.map_or(&[], |field| &field[1..])).into_owned()
    };
    Refusal { code: field(b'C'), message: field(b'M') }
}
