//! Reads from HTTP servers: over Unix sockets, TCP and TLS. It can send GET and nothing else, so
//! that whoever holds it can change nothing. Knows no path and no answer's meaning.

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{ACCEPT, AUTHORIZATION, HOST};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::io;
use std::path::{Path, PathBuf};
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

/// Longer answers are a mistake: a listing of 100,000 containers takes 100 MB.
const ANSWER_MAX: usize = 256 << 20;
/// So much of an error's text is shown.
const SAID_MAX: usize = 300;

type Body = Limited<Incoming>;

impl Wire {
    /// A way to a server; each request must be answered within `patience`.
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
    pub async fn get<T: serde::de::DeserializeOwned>(&self, path: &str) -> Result<T, WireError> {
        let bytes = match tokio::time::timeout(self.patience, self.fetch(path)).await {
            Ok(fetched) => fetched?,
            Err(_) => {
                return Err(WireError::Silent { place: self.place(), patience: self.patience });
            }
        };
        serde_json::from_slice(&bytes).map_err(|error| self.strange(path, error.to_string()))
    }

    /// An answer that says something else than it should.
    pub fn strange(&self, path: &str, error: String) -> WireError {
        let path = path.split('?').next().unwrap_or_default().to_owned();
        WireError::Strange { place: self.place(), path, error }
    }

    async fn fetch(&self, path: &str) -> Result<Bytes, WireError> {
        // A connection that was kept may have been closed meanwhile: then a new one is tried.
        if let Some(mut kept) = self.kept()
            && kept.ready().await.is_ok()
            && let Ok(response) = kept.send_request(self.request(path)?).await
        {
            return self.read(path, response, kept).await;
        }
        let mut fresh = self.connect().await?;
        let response = fresh
            .send_request(self.request(path)?)
            .await
            .map_err(|error| WireError::Broken { place: self.place(), error })?;
        self.read(path, response, fresh).await
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
        response: Response<Incoming>,
        connection: SendRequest<Empty<Bytes>>,
    ) -> Result<Bytes, WireError> {
        let status = response.status();
        let body: Body = Limited::new(response.into_body(), ANSWER_MAX);
        let bytes = body.collect().await.map_err(|error| self.unread(path, error))?.to_bytes();
        if let Ok(mut idle) = self.idle.lock() {
            idle.push(connection);
        }
        if status.is_success() {
            return Ok(bytes);
        }
        let said = String::from_utf8_lossy(&bytes);
        let said = said.trim().chars().take(SAID_MAX).collect();
        let path = path.split('?').next().unwrap_or_default().to_owned();
        Err(WireError::Refused { place: self.place(), path, status, said })
    }

    fn unread(&self, path: &str, error: Box<dyn std::error::Error + Send + Sync>) -> WireError {
        if error.is::<LengthLimitError>() {
            return self.strange(path, format!("more than {} MiB", ANSWER_MAX >> 20));
        }
        match error.downcast::<hyper::Error>() {
            Ok(error) => WireError::Broken { place: self.place(), error: *error },
            Err(error) => self.strange(path, error.to_string()),
        }
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
        let shaken = handshake(TokioIo::new(stream)).await;
        let (sender, connection) =
            shaken.map_err(|error| WireError::Broken { place: self.place(), error })?;
        // It ends with the last sender; what breaks it is told to whoever sends.
        tokio::spawn(async {
            let _ = connection.await;
        });
        Ok(sender)
    }
}

/// What TLS needs to know.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsFiles {
    /// Who signed the server's certificate.
    pub(crate) authority: PathBuf,
    /// Our own certificate and key, where the server asks for one.
    pub(crate) own: Option<(PathBuf, PathBuf)>,
}

impl TlsFiles {
    /// Reads them; says which file is wrong, and how.
    pub(crate) fn open(&self) -> Result<Arc<rustls::ClientConfig>, (PathBuf, String)> {
        use rustls::pki_types::pem::PemObject;
        use rustls::pki_types::{CertificateDer, PrivateKeyDer};
        let certificates = |path: &Path| {
            let wrong = |error: rustls::pki_types::pem::Error| (path.to_owned(), error.to_string());
            let all: Result<Vec<_>, _> =
                CertificateDer::pem_file_iter(path).map_err(wrong)?.collect();
            match all.map_err(wrong)? {
                all if all.is_empty() => Err((path.to_owned(), "no certificate in it".to_owned())),
                all => Ok(all),
            }
        };
        let mut roots = rustls::RootCertStore::empty();
        for certificate in certificates(&self.authority)? {
            roots.add(certificate).map_err(|error| (self.authority.clone(), error.to_string()))?;
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| (self.authority.clone(), error.to_string()))?
            .with_root_certificates(roots);
        let config = match &self.own {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = certificates(certificate)?;
                let secret = PrivateKeyDer::from_pem_file(key)
                    .map_err(|error| (key.clone(), error.to_string()))?;
                builder
                    .with_client_auth_cert(chain, secret)
                    .map_err(|error| (key.clone(), error.to_string()))?
            }
        };
        Ok(Arc::new(config))
    }
}
