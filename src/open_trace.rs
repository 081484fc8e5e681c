//! `seatrial open`

use crate::exit::{Exit, Stop, print, say};
use clap::Args;
use seatrial_contract::units::Span;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Show a trace in Perfetto's viewer: hand it once to the browser of this machine.
///
/// The viewer at ui.perfetto.dev runs in the browser and sends the trace nowhere. It fetches it from this machine, and
/// only from port 9001 unless told otherwise; nobody on another machine reaches that port. When the trace was fetched,
/// this ends.
#[derive(Args)]
#[command(after_help = "Examples:
  seatrial open result/trace.pftrace
  seatrial open result/trace.pftrace --wait 1h

Open the address that it prints in a browser on this machine. Or drag the file onto https://ui.perfetto.dev.")]
pub struct OpenTrace {
    /// The trace that `seatrial trace` wrote.
    file: PathBuf,
    /// The port of 127.0.0.1 that it is fetched from; the viewer takes no other than 9001 by itself.
    #[arg(long, default_value = "9001", value_name = "PORT")]
    port: u16,
    /// How long to wait until it is fetched.
    #[arg(long, default_value = "10min", value_name = "SPAN", value_parser = span)]
    wait: Span,
}

fn span(text: &str) -> Result<Span, String> {
    serde_json::from_value(text.into()).map_err(|error| error.to_string())
}

/// Who may read what is fetched.
const VIEWER: &str = "https://ui.perfetto.dev";

/// How often it is looked whether somebody came.
const LOOKS_EVERY: Duration = Duration::from_millis(20);

/// Whoever came says what they want within that, and takes it on.
const PATIENCE: Duration = Duration::from_secs(10);

/// No browser's request has a longer head.
const HEAD_MOST: usize = 16 << 10;

impl OpenTrace {
    /// Runs the command.
    pub fn run(self) -> Result<Exit, Stop> {
        let bad = |what: &str| Stop::file(&self.file, &what);
        let kind = std::fs::metadata(&self.file).map_err(|error| Stop::file(&self.file, &error))?;
        if kind.is_dir() {
            return Err(bad("it is a folder; make a trace of it with `seatrial trace`"));
        }
        if !kind.is_file() {
            return Err(bad("it is no file that can be read twice; name a file"));
        }
        File::open(&self.file).map_err(|error| Stop::file(&self.file, &error))?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port));
        let listener = listener.and_then(|of| of.set_nonblocking(true).map(|()| of));
        let listener = listener.map_err(|error| self.taken(&error))?;
        let at = listener.local_addr().map_err(|error| self.taken(&error))?;
        let name = wanted(&self.file);
        print(&format!("{VIEWER}/#!/?url=http://{at}{name}\n"))?;
        let until = Instant::now() + Duration::from_nanos(self.wait.0);
        while Instant::now() < until {
            match listener.accept() {
                Ok((from, _)) => {
                    if self.answer(from, at, &name) {
                        say("the trace was fetched");
                        return Ok(Exit::Fine);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    std::thread::sleep(LOOKS_EVERY);
                }
                // Whoever came went away before they were let in.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(self.taken(&error)),
            }
        }
        let what = format!("nobody fetched the trace within {}", self.wait);
        Err(Stop::Unreached(what + "; --wait says for how long it is offered"))
    }

    fn taken(&self, error: &io::Error) -> Stop {
        let port = self.port;
        let is_taken = error.kind() == ErrorKind::AddrInUse;
        let remedy = if is_taken { "; another program offers something there: end it" } else { "" };
        Stop::Unreached(format!("cannot listen on 127.0.0.1:{port}: {error}{remedy}"))
    }

    /// Answers one who came, and says whether they have the whole trace. What goes wrong with one is no reason to let
    /// others wait in vain.
    fn answer(&self, mut from: TcpStream, at: SocketAddr, name: &str) -> bool {
        let set = from.set_nonblocking(false);
        let set = set.and_then(|()| from.set_read_timeout(Some(PATIENCE)));
        if set.and_then(|()| from.set_write_timeout(Some(PATIENCE))).is_err() {
            return false;
        }
        let Some(head) = head(&mut from) else { return false };
        let answered = match Request::of(&head, at, name) {
            Request::Trace => return self.hand_over(&mut from).is_ok(),
            Request::MayI => refuse(&mut from, "204 No Content"),
            Request::Elsewhere => refuse(&mut from, "403 Forbidden"),
            Request::OtherMethod => refuse(&mut from, "405 Method Not Allowed"),
            Request::OtherFile => refuse(&mut from, "404 Not Found"),
            Request::Nonsense => refuse(&mut from, "400 Bad Request"),
        };
        // Whoever went away needs no answer.
        let _ = answered;
        false
    }

    fn hand_over(&self, to: &mut TcpStream) -> io::Result<()> {
        let mut file = File::open(&self.file)?;
        let length = file.metadata()?.len();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\n{}",
            rest()
        );
        to.write_all(head.as_bytes())?;
        let sent = io::copy(&mut (&mut file).take(length), to)?;
        to.shutdown(Shutdown::Write)?;
        // What is on its way is lost where a connection ends before the other side has ended it.
        let _ = io::copy(&mut to.take(HEAD_MOST as u64), &mut io::sink());
        if sent == length { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }
}

/// What somebody wants.
#[derive(Debug, PartialEq, Eq)]
enum Request {
    Trace,
    /// A browser asks whether its page may ask.
    MayI,
    /// It was meant for another host: a page that had its name lead here.
    Elsewhere,
    OtherMethod,
    OtherFile,
    Nonsense,
}

impl Request {
    fn of(head: &str, at: SocketAddr, name: &str) -> Self {
        let mut lines = head.split("\r\n");
        let mut words = lines.next().unwrap_or_default().split(' ');
        let (Some(method), Some(path), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Self::Nonsense;
        };
        if !version.starts_with("HTTP/1.") {
            return Self::Nonsense;
        }
        let host = lines.filter_map(|line| line.split_once(':'));
        let mut host = host.filter(|(key, _)| key.eq_ignore_ascii_case("host"));
        let host = host.next().map(|(_, value)| value.trim());
        let ours = [at.to_string(), format!("localhost:{}", at.port())];
        if !host.is_some_and(|host| ours.iter().any(|our| our == host)) {
            return Self::Elsewhere;
        }
        match method {
            "OPTIONS" => Self::MayI,
            "GET" if path == name => Self::Trace,
            "GET" => Self::OtherFile,
            _ => Self::OtherMethod,
        }
    }
}

/// The head of a request; nothing where none comes in time, or one that never ends.
fn head(from: &mut TcpStream) -> Option<String> {
    let (mut head, mut some) = (Vec::new(), [0; 1_024]);
    let until = Instant::now() + PATIENCE;
    while head.len() < HEAD_MOST && Instant::now() < until {
        let read = from.read(&mut some).ok().filter(|read| *read > 0)?;
        head.extend(&some[..read]);
        if let Some(end) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            head.truncate(end);
            return String::from_utf8(head).ok();
        }
    }
    None
}

/// The rest of each answer's head.
fn rest() -> String {
    format!(
        "Access-Control-Allow-Origin: {VIEWER}\r\nAccess-Control-Allow-Private-Network: true\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
}

fn refuse(to: &mut TcpStream, status: &str) -> io::Result<()> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n{}", rest());
    to.write_all(head.as_bytes())
}

/// The path under which a trace is fetched: the viewer shows its last part as the title.
fn wanted(file: &Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let plain = name
        .unwrap_or_default()
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect::<String>();
    format!("/{plain}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(head: &str) -> Request {
        Request::of(head, SocketAddr::from(([127, 0, 0, 1], 9001)), "/trace.pftrace")
    }

    #[test]
    fn only_the_trace_is_handed_out_and_only_to_who_meant_this_host() {
        let host = "\r\nHost: 127.0.0.1:9001";
        let with = |line: &str| asked(&format!("{line}{host}"));
        assert_eq!(with("GET /trace.pftrace HTTP/1.1"), Request::Trace);
        assert_eq!(asked("GET /trace.pftrace HTTP/1.1\r\nhost:localhost:9001"), Request::Trace);
        assert_eq!(with("OPTIONS /trace.pftrace HTTP/1.1"), Request::MayI);
        assert_eq!(with("GET /etc/passwd HTTP/1.1"), Request::OtherFile);
        assert_eq!(with("GET /../trace.pftrace HTTP/1.1"), Request::OtherFile);
        assert_eq!(with("POST /trace.pftrace HTTP/1.1"), Request::OtherMethod);
        for nonsense in ["", "GET", "GET /trace.pftrace", "GET /a b HTTP/1.1", "GET / FTP/1.1"] {
            assert_eq!(with(nonsense), Request::Nonsense, "{nonsense}");
        }
        for other in ["evil.example", "127.0.0.1", "127.0.0.1:80", ""] {
            let head = format!("GET /trace.pftrace HTTP/1.1\r\nHost: {other}");
            assert_eq!(asked(&head), Request::Elsewhere, "{other}");
        }
        assert_eq!(asked("GET /trace.pftrace HTTP/1.1"), Request::Elsewhere, "no host");
    }

    #[test]
    fn a_name_is_plain_whatever_the_file_is_called() {
        assert_eq!(wanted(Path::new("a/b/trace.pftrace")), "/trace.pftrace");
        assert_eq!(wanted(Path::new("a/ü &#?\n.pftrace")), "/______.pftrace");
        assert_eq!(wanted(Path::new("..")), "/");
    }
}
