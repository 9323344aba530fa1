//! Certificates made for one test.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tempfile::TempDir;

/// A certificate authority, a server certificate it signed, and the files
/// Mosquitto wants.
pub(crate) struct Authority {
    directory: TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate and its key, in PEM.
pub(crate) struct Identity {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, "test authority");
        let key = KeyPair::generate().expect("a key pair");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let directory = tempfile::tempdir().expect("a temporary directory");
        let authority = Self { directory, issuer };
        let server = authority.issue("localhost");
        authority.write("ca.pem", &authority.certificate());
        authority.write("server.pem", &server.certificate);
        authority.write("server.key", &server.key);
        authority
    }

    /// The authority's own certificate.
    pub(crate) fn certificate(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for `name`.
    pub(crate) fn issue(&self, name: &str) -> Identity {
        let key = KeyPair::generate().expect("a key pair");
        Identity {
            certificate: self.issue_for(name, &key),
            key: key.serialize_pem(),
        }
    }

    /// A certificate for `name` and this key.
    pub(crate) fn issue_for(&self, name: &str, key: &KeyPair) -> String {
        let mut params = CertificateParams::new([name.to_owned()]).expect("a valid name");
        params
            .distinguished_name
            .push(rcgen::DnType::CommonName, name);
        let certificate = params.signed_by(key, &self.issuer);
        certificate.expect("a certificate").pem()
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.directory.path().join(name), text).expect("a writable directory");
    }
}
