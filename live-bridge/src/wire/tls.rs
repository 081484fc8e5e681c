//! The certificates of a way behind TLS. Quotes nothing of what is in a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

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
            let wrong = |error| (path.to_owned(), unquoted(&error));
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
                    .map_err(|error| (key.clone(), unquoted(&error)))?;
                builder
                    .with_client_auth_cert(chain, secret)
                    .map_err(|error| (key.clone(), error.to_string()))?
            }
        };
        Ok(Arc::new(config))
    }
}

/// What is wrong with a PEM file, without a line of it: it may be a key.
fn unquoted(error: &rustls::pki_types::pem::Error) -> String {
    use rustls::pki_types::pem::Error;
    match error {
        Error::Io(_) => error.to_string(),
        Error::NoItemsFound => "there is no certificate or key of that kind in it".to_owned(),
        Error::MissingSectionEnd { .. }
        | Error::IllegalSectionStart { .. }
        | Error::Base64Decode(_)
        | Error::SectionTooLarge
        | _ => "it is no PEM file, or is cut short".to_owned(),
    }
}
