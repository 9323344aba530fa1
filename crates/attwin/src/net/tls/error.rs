//! Why TLS settings cannot be served.

use std::fmt;

use attwin_core::{TlsVersion, TlsVersions};

/// TLS settings that cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No version in the range is served.
    #[error("{} requested by sslversion; attwin serves 1.2 and 1.3", Range(*.0))]
    Version(TlsVersions),
    /// No cipher suite of the list is served with any version of the range.
    #[error(
        "none of the cipher suites {} is served with {}; attwin serves ECDHE with AES-GCM or \
         ChaCha20-Poly1305, and the suites of TLS 1.3",
        Suites(asked), Range(*versions)
    )]
    CipherSuites {
        /// The IANA numbers the host allowed.
        asked: Vec<u16>,
        /// The versions the host allowed.
        versions: TlsVersions,
    },
    /// The CA certificate cannot be read.
    #[error("the CA certificate cannot be used: {0}")]
    Roots(PemError),
    /// The client certificate cannot be read.
    #[error("the client certificate cannot be used: {0}")]
    ClientCertificate(PemError),
    /// The client key cannot be read.
    #[error("the client key cannot be used: {0}")]
    ClientKey(PemError),
    /// The client key is of a kind that cannot sign.
    #[error(
        "the client key cannot be used: {0}; attwin signs with RSA of 2048 bits or more, P-256, \
         P-384 and Ed25519"
    )]
    ClientKeyUnusable(rustls::Error),
    /// The client key belongs to another certificate.
    #[error("the client key does not belong to the client certificate")]
    ClientKeyMismatch,
    /// The host is to be verified and is neither a DNS name nor an address.
    #[error("`{0}` is neither a DNS name nor an IP address: no certificate can be valid for it")]
    HostName(String),
    /// rustls refuses the combination.
    #[error("the TLS settings cannot be used: {0}")]
    Unusable(rustls::Error),
}

/// Why a certificate or key file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// The file has no content.
    #[error("the file is empty")]
    Empty,
    /// A PEM file without the section that is needed.
    #[error("the PEM file holds no {0}")]
    Missing(&'static str),
    /// A PEM file that cannot be decoded.
    #[error("the PEM file is damaged: {0}")]
    Damaged(String),
    /// Neither PEM nor DER.
    #[error("the file is neither PEM nor DER: it begins with {0}")]
    Unknown(String),
    /// The key is encrypted, and there is no password.
    #[error(
        "the key is encrypted: set its password beside its name, or decrypt it with `openssl pkey \
         -in KEY -out PLAIN-KEY`"
    )]
    Encrypted,
    /// The password of the key is another one.
    #[error("the key is encrypted, and not with the password that is set")]
    Password,
    /// The key is encrypted in a way that is not served.
    #[error(
        "the key is encrypted {0}, which attwin cannot decrypt: encrypt it anew with `openssl \
         pkcs8 -topk8 -v2 aes-256-cbc -in KEY -out NEW-KEY`"
    )]
    Cipher(String),
}

struct Range(TlsVersions);

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TlsVersions { min, max } = self.0;
        if min == max {
            f.write_str(version_name(min))
        } else {
            write!(f, "{} to {}", version_name(min), version_name(max))
        }
    }
}

struct Suites<'a>(&'a [u16]);

impl fmt::Display for Suites<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, number) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}0x{number:04X}")?;
        }
        Ok(())
    }
}

fn version_name(version: TlsVersion) -> &'static str {
    match version {
        TlsVersion::Ssl30 => "SSL 3.0",
        TlsVersion::Tls10 => "TLS 1.0",
        TlsVersion::Tls11 => "TLS 1.1",
        TlsVersion::Tls12 => "TLS 1.2",
        TlsVersion::Tls13 => "TLS 1.3",
    }
}
