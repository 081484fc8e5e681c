//! Reads from HTTP servers: over Unix sockets, TCP and TLS. It can send GET and nothing else, so
//! that its holder can change nothing. Knows no path and no answer's meaning.

mod room;
mod tls;

pub(crate) use tls::TlsFiles;

use crate::clock;
use http_body_util::{BodyExt, Empty};
use hyper::body::{Body, Bytes, Incoming};
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{ACCEPT, AUTHORIZATION, DATE, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use room::Room;
use rustls::pki_types::ServerName;
use seatrial_contract::units::{self, Moment};
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio_rustls::TlsConnector;

/// Where a server is.
#[derive(Clone)]
pub enum Route {
    /// A Unix socket.
    Unix(PathBuf),
    /// A host and port.
    Tcp(String),
    /// A host and port behind TLS, and the name that its certificate must have.
    Tls(String, ServerName<'static>, Arc<rustls::ClientConfig>),
}

/// A way to one server, with its open connections.
pub struct Wire {
    route: Route,
    /// What stands before every path, such as `/prometheus`.
    prefix: String,
    /// Sent as a bearer token.
    token: Option<String>,
    patience: Duration,
    idle: Mutex<Vec<SendRequest<Empty<Bytes>>>>,
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// There is no way to the server.
    #[error("cannot connect to {place}: {error}")]
    Unreachable {
        /// Where it should be.
        place: String,
        /// What the system says.
        error: io::Error,
    },
    /// It did not answer in time.
    #[error("{place} does not answer within {} s", .patience.as_secs_f64())]
    Silent {
        /// Where it is.
        place: String,
        /// How long was waited.
        patience: Duration,
    },
    /// The connection broke.
    #[error("the connection to {place} broke: {}", deepest(.error))]
    Broken {
        /// Where it is.
        place: String,
        /// What happened.
        error: hyper::Error,
    },
    /// It refused.
    #[error("{place} answers {path} with {status}: {said}")]
    Refused {
        /// Where it is.
        place: String,
        /// What was asked.
        path: String,
        /// Its code.
        status: StatusCode,
        /// Its words, cut short.
        said: String,
    },
    /// Its answer is longer than any sound one.
    #[error("the answer of {place} to {path} is over {most}; {remedy}")]
    TooLong {
        /// Where it is.
        place: String,
        /// What was asked.
        path: String,
        /// How long an answer may be.
        most: units::Bytes,
        /// What to do.
        remedy: &'static str,
    },
    /// Too many long answers come at once.
    #[error(
        "the answer of {place} to {path} is left for the next look: answers of {} are being read \
         at the same time",
        room::TOGETHER_MAX
    )]
    Crowded {
        /// Where it is.
        place: String,
        /// What was asked.
        path: String,
    },
    /// Its answer cannot be understood.
    #[error("{place} answers {path} with something else than expected: {error}")]
    Strange {
        /// Where it is.
        place: String,
        /// What was asked.
        path: String,
        /// Where it differs.
        error: String,
    },
}

/// What an error goes back to: what stands above it says the same with less.
fn deepest(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => deepest(source),
        None => error.to_string(),
    }
}

/// How long an answer may be, and what to do about one that is longer.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// So many bytes.
    pub most: usize,
    /// What to do.
    pub remedy: &'static str,
}

/// An answer that was read.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// What it says.
    pub body: T,
    /// What the server's clock said when it answered, where it says that.
    pub date: Option<Moment>,
}

/// An answer that was not read as anything yet, and its room.
struct Fetched {
    bytes: Vec<u8>,
    date: Option<Moment>,
    _room: Room,
}

/// So much of an error's text is shown, and of a refusal read.
const SAID_MAX: usize = 300;
const REFUSAL_MAX: usize = 4 << 10;
/// All headers of an answer together, and how many there may be: sound servers send a dozen.
const HEADERS_BYTES_MAX: usize = 32 << 10;
const HEADERS_MAX: usize = 64;
/// A shorter token is no secret, and would be found in every text.
const SECRET_LEAST: usize = 4;

impl Wire {
    /// A way to a server; each request must be answered within `patience`, to the last byte.
    #[must_use]
    pub fn new(route: Route, prefix: &str, token: Option<String>, patience: Duration) -> Self {
        let prefix = prefix.trim_end_matches('/').to_owned();
        Self { route, prefix, token, patience, idle: Mutex::default() }
    }

    /// Where it leads, for people.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.route {
            Route::Unix(path) => path.display().to_string(),
            Route::Tcp(address) | Route::Tls(address, ..) => address.clone(),
        }
    }

    /// What the server answers, read as JSON.
    ///
    /// # Errors
    /// Why it could not be read.
    pub async fn get<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        bound: Bound,
    ) -> Result<Answer<T>, WireError> {
        self.read_as(path, bound, |bytes| serde_json::from_slice(bytes)).await
    }

    /// What the server answers, read by a function.
    ///
    /// # Errors
    /// Why it could not be read.
    pub async fn read_as<T>(
        &self,
        path: &str,
        bound: Bound,
        read: impl FnOnce(&[u8]) -> Result<T, serde_json::Error>,
    ) -> Result<Answer<T>, WireError> {
        let fetched = match tokio::time::timeout(self.patience, self.fetch(path, bound)).await {
            Ok(fetched) => fetched?,
            Err(_) => {
                return Err(WireError::Silent { place: self.place(), patience: self.patience });
            }
        };
        let body = read(&fetched.bytes).map_err(|error| self.strange(path, error.to_string()))?;
        Ok(Answer { body, date: fetched.date })
    }

    /// An answer that says something else than it should.
    pub fn strange(&self, path: &str, error: String) -> WireError {
        let error = self.redacted(&error).chars().take(SAID_MAX).collect();
        WireError::Strange { place: self.place(), path: asked(path), error }
    }

    /// A text without our token, which a server may send back.
    fn redacted(&self, text: &str) -> String {
        match &self.token {
            Some(token) if token.len() >= SECRET_LEAST => text.replace(token, "(the token)"),
            _ => text.to_owned(),
        }
    }

    /// The same of an answer that is yet to be read: its length stays.
    fn redact(&self, bytes: &mut [u8]) {
        let Some(token) = self.token.as_ref().filter(|token| token.len() >= SECRET_LEAST) else {
            return;
        };
        let mut at = 0;
        while let Some(found) =
            bytes[at..].windows(token.len()).position(|part| part == token.as_bytes())
        {
            bytes[at + found..at + found + token.len()].fill(b'*');
            at += found + token.len();
        }
    }

    async fn fetch(&self, path: &str, bound: Bound) -> Result<Fetched, WireError> {
        // A connection that was kept may have been closed meanwhile: then a new one is tried.
        if let Some(mut kept) = self.kept()
            && kept.ready().await.is_ok()
            && let Ok(response) = kept.send_request(self.request(path)?).await
        {
            return self.read(path, bound, response, kept).await;
        }
        let mut fresh = self.connect().await?;
        let response =
            fresh.send_request(self.request(path)?).await.map_err(|error| self.broken(error))?;
        self.read(path, bound, response, fresh).await
    }

    fn kept(&self) -> Option<SendRequest<Empty<Bytes>>> {
        self.idle.lock().ok()?.pop().filter(|kept| !kept.is_closed())
    }

    fn request(&self, path: &str) -> Result<Request<Empty<Bytes>>, WireError> {
        let host = match &self.route {
            Route::Unix(_) => "localhost",
            Route::Tcp(address) | Route::Tls(address, ..) => address,
        };
        let request = Request::get(format!("{}{path}", self.prefix))
            .header(HOST, host)
            .header(ACCEPT, "application/json");
        let request = match &self.token {
            Some(token) => request.header(AUTHORIZATION, format!("Bearer {token}")),
            None => request,
        };
        request.body(Empty::new()).map_err(|error| self.strange(path, error.to_string()))
    }

    async fn read(
        &self,
        path: &str,
        bound: Bound,
        response: Response<Incoming>,
        connection: SendRequest<Empty<Bytes>>,
    ) -> Result<Fetched, WireError> {
        let status = response.status();
        let date = response.headers().get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(clock::of_http);
        if !status.is_success() {
            return Err(self.refused(path, status, response.into_body()).await);
        }
        let too_long = || WireError::TooLong {
            place: self.place(),
            path: asked(path),
            most: units::Bytes(bound.most as u64),
            remedy: bound.remedy,
        };
        let mut body = response.into_body();
        if body.size_hint().lower() > bound.most as u64 {
            return Err(too_long());
        }
        let (mut bytes, mut room) = (Vec::new(), Room::default());
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| self.broken(error))?;
            let Some(data) = frame.data_ref() else { continue };
            if bytes.len() + data.len() > bound.most {
                return Err(too_long());
            }
            // A vector that grows may be twice as long as what is in it.
            if !room.grow(2 * (bytes.len() + data.len())) {
                return Err(WireError::Crowded { place: self.place(), path: asked(path) });
            }
            bytes.extend_from_slice(data);
        }
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(connection);
        }
        self.redact(&mut bytes);
        Ok(Fetched { bytes, date, _room: room })
    }

    /// What a server says that refuses; the connection is not kept.
    async fn refused(&self, path: &str, status: StatusCode, mut body: Incoming) -> WireError {
        let mut bytes = Vec::new();
        while let Some(Ok(frame)) = body.frame().await {
            bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            if bytes.len() > REFUSAL_MAX {
                break;
            }
        }
        self.redact(&mut bytes);
        let said = String::from_utf8_lossy(&bytes);
        let said = said.trim().chars().take(SAID_MAX).collect();
        WireError::Refused { place: self.place(), path: asked(path), status, said }
    }

    fn broken(&self, error: hyper::Error) -> WireError {
        WireError::Broken { place: self.place(), error }
    }

    async fn connect(&self) -> Result<SendRequest<Empty<Bytes>>, WireError> {
        let unreachable = |error| WireError::Unreachable { place: self.place(), error };
        match &self.route {
            Route::Unix(path) => {
                self.shake(UnixStream::connect(path).await.map_err(unreachable)?).await
            }
            Route::Tcp(address) => {
                self.shake(TcpStream::connect(address).await.map_err(unreachable)?).await
            }
            Route::Tls(address, name, config) => {
                let stream = TcpStream::connect(address).await.map_err(unreachable)?;
                let connector = TlsConnector::from(Arc::clone(config));
                let stream = connector.connect(name.clone(), stream).await.map_err(unreachable)?;
                self.shake(stream).await
            }
        }
    }

    async fn shake<S>(&self, stream: S) -> Result<SendRequest<Empty<Bytes>>, WireError>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut builder = Builder::new();
        builder.max_buf_size(HEADERS_BYTES_MAX).max_headers(HEADERS_MAX);
        let shaken = builder.handshake(TokioIo::new(stream)).await;
        let (sender, connection) = shaken.map_err(|error| self.broken(error))?;
        // It ends with the last sender; what breaks it is told to the senders.
        tokio::spawn(async {
            let _ = connection.await;
        });
        Ok(sender)
    }
}

/// What was asked, without what it was asked about.
fn asked(path: &str) -> String {
    path.split('?').next().unwrap_or_default().to_owned()
}
