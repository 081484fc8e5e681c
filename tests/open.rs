//! `seatrial open`: hands a trace once to the viewer in this machine's browser, and to nobody else.

#[expect(dead_code, reason = "other tests use the rest")]
mod common;
#[path = "common/ports.rs"]
mod ports;

use common::{err, seatrial};
use ports::free_port;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

struct Opened {
    child: Child,
    port: u16,
    url: String,
    file: PathBuf,
}

impl Opened {
    fn new(name: &str, bytes: &[u8], wait: &str) -> Self {
        let file = std::env::temp_dir()
            .join(format!("seatrial-open-{name}-{}.pftrace", std::process::id()));
        std::fs::write(&file, bytes).unwrap();
        let port = free_port();
        let mut child = Command::new(env!("CARGO_BIN_EXE_seatrial"))
            .args(["open", "--port", &port.to_string(), "--wait", wait])
            .arg(&file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
        Self { child, port, url: url.trim().to_owned(), file }
    }

    /// The answer to these words, head and body.
    fn ask(&self, request: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let end = answer
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .map_or(answer.len(), |at| at + 4);
        (String::from_utf8_lossy(&answer[..end]).into_owned(), answer[end..].to_vec())
    }

    fn request(&self, method: &str) -> String {
        let path = self.url.rsplit('/').next().unwrap();
        format!("{method} /{path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n\r\n", self.port)
    }

    fn code(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.file);
    }
}

#[test]
fn the_viewer_fetches_the_whole_trace_once_and_then_it_ends() {
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|of| (of % 251) as u8).collect();
    let mut opened = Opened::new("whole", &bytes, "1min");
    let name = opened.file.file_name().unwrap().to_string_lossy().into_owned();
    let fetched = format!("http://127.0.0.1:{}/{name}", opened.port);
    assert_eq!(opened.url, format!("https://ui.perfetto.dev/#!/?url={fetched}"));
    let (head, body) = opened.ask(&opened.request("GET"));
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("Access-Control-Allow-Origin: https://ui.perfetto.dev\r\n"), "{head}");
    assert!(body == bytes, "{} bytes", body.len());
    assert_eq!(opened.code(), Some(0));
    assert!(TcpStream::connect(("127.0.0.1", opened.port)).is_err(), "nobody listens any more");
}

#[test]
fn whoever_wants_something_else_gets_nothing_and_the_viewer_still_does() {
    let mut opened = Opened::new("others", b"a trace", "1min");
    let host = format!("Host: 127.0.0.1:{}\r\n\r\n", opened.port);
    let evil = opened.request("GET").replace("127.0.0.1", "evil.example");
    for (request, status) in [
        (format!("GET /../../etc/passwd HTTP/1.1\r\n{host}"), "404"),
        (format!("GET / HTTP/1.1\r\n{host}"), "404"),
        (opened.request("POST"), "405"),
        (evil, "403"),
        ("nonsense\r\n\r\n".to_owned(), "400"),
        (opened.request("OPTIONS"), "204"),
    ] {
        let (head, body) = opened.ask(&request);
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {head}");
        assert!(body.is_empty());
        assert!(!head.contains("Origin: *"), "{head}");
    }
    // Somebody who goes away in the middle, and one who says too much.
    drop(TcpStream::connect(("127.0.0.1", opened.port)).unwrap());
    let (head, _) = opened.ask(&"x".repeat(40_000));
    assert!(head.is_empty(), "{head}");
    let (_, body) = opened.ask(&opened.request("GET"));
    assert_eq!(body, b"a trace");
    assert_eq!(opened.code(), Some(0));
}

#[test]
fn it_waits_no_longer_than_it_was_told() {
    let mut opened = Opened::new("late", b"a trace", "200ms");
    assert_eq!(opened.code(), Some(3));
    let mut said = String::new();
    opened.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(said.contains("nobody fetched the trace within") && said.contains("--wait"), "{said}");
}

#[test]
fn what_cannot_be_opened_is_said_with_what_to_do() {
    let says = |arguments: &[&str], code: i32, word: &str| {
        let output = seatrial(&[&["open"], arguments].concat());
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", err(&output));
        assert!(err(&output).contains(word), "{word} is not in {}", err(&output));
    };
    says(&["no/such.pftrace"], 2, "no/such.pftrace");
    says(&["scenarios"], 2, "seatrial trace");
    says(&["/dev/null"], 2, "name a file");
    let opened = Opened::new("taken", b"a trace", "1min");
    let port = opened.port.to_string();
    says(&["--port", &port, "README.md"], 3, "another program");
}
