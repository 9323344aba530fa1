//! The embedded broker's certificate authority, made anew at each start.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tempfile::TempDir;

use super::error::EmbeddedError;

/// A CA, the server configuration with a certificate it signed, and the CA's
/// certificate in a private directory that is removed at the end.
///
/// Both certificates are valid from 1975 to 4096, whatever the clock of a
/// module says. Their keys are P-256, which every module that speaks TLS 1.2
/// with ECDHE_ECDSA can use; they exist only in this process.
#[derive(Debug)]
pub(super) struct Authority {
    server: Arc<ServerConfig>,
    ca_path: PathBuf,
    /// Removes the directory when dropped.
    _directory: TempDir,
}

impl Authority {
    pub(super) fn new(names: &[String]) -> Result<Self, EmbeddedError> {
        let (server, ca_pem) = sign(names).map_err(|error| EmbeddedError::Certificate {
            names: names.to_vec(),
            reason: error.to_string(),
        })?;
        let (directory, ca_path) = store(&ca_pem).map_err(|error| EmbeddedError::Store {
            directory: std::env::temp_dir().display().to_string(),
            error,
        })?;
        Ok(Self {
            server: Arc::new(server),
            ca_path,
            _directory: directory,
        })
    }

    pub(super) fn server_config(&self) -> Arc<ServerConfig> {
        self.server.clone()
    }

    pub(super) fn ca_path(&self) -> &Path {
        &self.ca_path
    }
}

#[derive(Debug, thiserror::Error)]
enum SignError {
    #[error(transparent)]
    Make(#[from] rcgen::Error),
    #[error(transparent)]
    Use(#[from] rustls::Error),
}

/// A server configuration for these names and the PEM certificate of its CA.
fn sign(names: &[String]) -> Result<(ServerConfig, String), SignError> {
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name
        .push(DnType::CommonName, "attwin embedded broker CA");
    let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;

    let mut params = CertificateParams::new(names)?;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
        .distinguished_name
        .push(DnType::CommonName, "attwin embedded broker");
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &ca)?;

    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok((config, ca.pem()))
}

/// Writes the file into a new directory, both only for this user.
fn store(ca_pem: &str) -> io::Result<(TempDir, PathBuf)> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("attwin-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let directory = builder.tempdir()?;

    let path = directory.path().join("ca.pem");
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&path)?.write_all(ca_pem.as_bytes())?;
    Ok((directory, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ca_file_is_private_and_removed_at_the_end() {
        let authority = Authority::new(&["localhost".to_owned()]).unwrap();
        let path = authority.ca_path().to_owned();
        assert!(
            std::fs::read_to_string(&path)
                .unwrap()
                .starts_with("-----BEGIN CERTIFICATE-----")
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o600);
            assert_eq!(mode(path.parent().unwrap()), 0o700);
        }
        drop(authority);
        assert!(!path.parent().unwrap().exists());
    }

    #[test]
    fn a_name_that_is_none_is_named() {
        let error = Authority::new(&["gr\u{fc}n".to_owned()])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("cannot make a TLS certificate for [\"gr\u{fc}n\"]"),
            "{error}"
        );
    }
}
