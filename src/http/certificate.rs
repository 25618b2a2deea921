//! The certificate of the https door: a given one, or one made at the first start and kept.

use std::fs;
use std::io::{self, Write};
use std::net::IpAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use axum_server::tls_rustls::RustlsConfig;

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateFault {
    /// A file cannot be read or written.
    #[error("the certificate file {path} cannot be used: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The library could not make one.
    #[error("a certificate cannot be made: {0}")]
    Make(#[from] rcgen::Error),
}

/// Loads a certificate chain and its key, both PEM.
pub async fn load(certificate: &Path, key: &Path) -> Result<RustlsConfig, CertificateFault> {
    // One cryptography for everything; a second call finds it there.
    let _installed_already = rustls::crypto::aws_lc_rs::default_provider().install_default();
    RustlsConfig::from_pem_file(certificate, key)
        .await
        .map_err(|source| CertificateFault::File { path: certificate.to_owned(), source })
}

/// Loads the self-signed certificate of this machine from `folder`; makes it first if there is none.
pub async fn load_or_make(folder: &Path, addresses: &[IpAddr]) -> Result<RustlsConfig, CertificateFault> {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    if !certificate.exists() || !key.exists() {
        let names = ["localhost".to_owned()].into_iter().chain(addresses.iter().map(IpAddr::to_string));
        let made = rcgen::generate_simple_self_signed(names.collect::<Vec<_>>())?;
        write(&key, &made.signing_key.serialize_pem())?;
        write(&certificate, &made.cert.pem())?;
    }
    load(&certificate, &key).await
}

fn write(path: &Path, text: &str) -> Result<(), CertificateFault> {
    let write = || {
        fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())
    };
    write().map_err(|source| CertificateFault::File { path: path.to_owned(), source })
}
