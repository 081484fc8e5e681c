//! The wire against servers that answer well, badly, late, or not at all.

use seatrial_bridge::{Bound, Route, Wire, WireError};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// What a server does with one request.
#[derive(Clone, Copy)]
enum Answers {
    With(&'static str),
    /// Then it closes, without having said that it would.
    WithAndCloses(&'static str),
    Never,
    HalfAndCloses(&'static str),
    /// A byte every 50 ms.
    Drips(&'static str),
}

struct Server {
    path: PathBuf,
    connections: Arc<AtomicUsize>,
}

impl Server {
    fn start(name: &str, answers: Answers) -> Self {
        let file = format!("seatrial-wire-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(file);
        let _ = std::fs::remove_file(&path);
        let listener = UnixListener::bind(&path).unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(serve(stream, answers));
            }
        });
        Self { path, connections }
    }

    fn wire(&self) -> Wire {
        let patience = Duration::from_millis(300);
        Wire::new(Route::Unix(self.path.clone()), "/prefix/", Some("secret".to_owned()), patience)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn serve(mut stream: UnixStream, answers: Answers) {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        assert!(head.starts_with("GET /prefix/"), "only questions are sent: {head}");
        assert!(head.contains("authorization: Bearer secret"), "{head}");
        let (text, closes) = match answers {
            Answers::With(text) => (text, false),
            Answers::WithAndCloses(text) | Answers::HalfAndCloses(text) => (text, true),
            Answers::Drips(text) => {
                for byte in text.bytes() {
                    let _ = stream.write_all(&[byte]).await;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
                return;
            }
            Answers::Never => return std::future::pending().await,
        };
        let _ = stream.write_all(text.as_bytes()).await;
        if closes {
            return;
        }
    }
}

const PLAIN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n[1,2,3]";
const CHUNKED: &str =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n[1,2\r\n3\r\n,3]\r\n0\r\n\r\n";
const HALF: &str = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n[1,2";
const GARBAGE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const REFUSED: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 18\r\n\r\nno such container\n";

const BOUND: Bound = Bound { most: 64 << 10, remedy: "ask for less" };

async fn ask(wire: &Wire) -> Result<Vec<u32>, WireError> {
    wire.get("/numbers?all=1", BOUND).await.map(|answer| answer.body)
}

#[tokio::test]
async fn one_connection_serves_many_questions() {
    for (name, answer) in [("plain", PLAIN), ("chunked", CHUNKED)] {
        let server = Server::start(name, Answers::With(answer));
        let wire = server.wire();
        for _ in 0..5 {
            assert_eq!(ask(&wire).await.unwrap(), [1, 2, 3]);
        }
        assert_eq!(server.connections.load(Ordering::Relaxed), 1, "{name}");
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_is_made_anew() {
    let server = Server::start("closes", Answers::WithAndCloses(PLAIN));
    let wire = server.wire();
    for _ in 0..3 {
        assert_eq!(ask(&wire).await.unwrap(), [1, 2, 3]);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(server.connections.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn who_does_not_answer_is_not_waited_for() {
    let server = Server::start("never", Answers::Never);
    let error = ask(&server.wire()).await.unwrap_err();
    assert!(matches!(error, WireError::Silent { .. }), "{error}");
    assert!(error.to_string().ends_with("does not answer within 0.3 s"), "{error}");
}

#[tokio::test]
async fn an_answer_that_drips_is_not_waited_for_to_its_end() {
    let server = Server::start("drips", Answers::Drips(PLAIN));
    let began = std::time::Instant::now();
    let error = ask(&server.wire()).await.unwrap_err();
    assert!(matches!(error, WireError::Silent { .. }), "{error}");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[tokio::test]
async fn an_answer_beyond_its_bound_is_not_read() {
    const PROMISED: &str = "HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n";
    let server = Server::start("long", Answers::With(PROMISED));
    let told = ask(&server.wire()).await.unwrap_err().to_string();
    assert!(told.contains("to /numbers is over 64 KiB; ask for less"), "{told}");
    // In chunks nothing is promised.
    let part = format!("2000\r\n{}\r\n", " ".repeat(0x2000)).repeat(9);
    let chunks = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{part}");
    let server = Server::start("chunks", Answers::With(Box::leak(chunks.into_boxed_str())));
    let told = ask(&server.wire()).await.unwrap_err().to_string();
    assert!(told.contains("is over 64 KiB"), "{told}");
    let headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(100));
    let server = Server::start("headers", Answers::With(Box::leak(headers.into_boxed_str())));
    let error = ask(&server.wire()).await.unwrap_err();
    assert!(matches!(error, WireError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn half_an_answer_is_none() {
    let server = Server::start("half", Answers::HalfAndCloses(HALF));
    let error = ask(&server.wire()).await.unwrap_err();
    assert!(matches!(error, WireError::Broken { .. }), "{error}");
}

#[tokio::test]
async fn what_cannot_be_understood_is_told_with_what_was_asked() {
    let server = Server::start("garbage", Answers::With(GARBAGE));
    let error = ask(&server.wire()).await.unwrap_err();
    assert!(matches!(error, WireError::Strange { .. }), "{error}");
    assert!(error.to_string().contains("answers /numbers with something else"), "{error}");
}

#[tokio::test]
async fn a_refusal_is_told_in_the_servers_words() {
    let server = Server::start("refused", Answers::With(REFUSED));
    let error = ask(&server.wire()).await.unwrap_err();
    assert!(error.to_string().ends_with("404 Not Found: no such container"), "{error}");
}

#[tokio::test]
async fn nobody_there_is_told() {
    let server = Server::start("gone", Answers::Never);
    let wire = server.wire();
    drop(server);
    let error = ask(&wire).await.unwrap_err();
    assert!(matches!(error, WireError::Unreachable { .. }), "{error}");
}
