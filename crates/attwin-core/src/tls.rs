//! TLS settings as plain data. The core knows what the host configured; the
//! handshake is the driver's job.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

/// Everything the driver needs to know for one TLS connection.
///
/// Produced by a dialect from its SSL context at the moment of opening, with
/// the certificate files already read from the module's file store, so that a
/// later change of the context or of a file cannot affect this connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// Oldest and newest protocol version the host allows.
    pub versions: TlsVersions,
    /// IANA cipher suite numbers the host allows; `None` allows all.
    pub cipher_suites: Option<Vec<u16>>,
    /// PEM or DER certificates to verify the server against; `None` accepts
    /// any server certificate.
    pub roots: Option<Vec<Bytes>>,
    /// Client certificate and key to present when the server asks.
    pub identity: Option<TlsIdentity>,
    /// Accept certificates outside their validity period.
    pub ignore_validity: bool,
    /// Compare the certificate's names with the host name.
    pub check_host: bool,
    /// Fail, after this long, if the certificate fits the host name by a wildcard.
    pub refuse_wildcard: Option<Duration>,
    /// Send the host name in the Server Name Indication extension.
    pub sni: bool,
    /// Application protocol to offer (ALPN), if any.
    pub alpn: Option<String>,
    /// How long the handshake may take.
    pub handshake_timeout: Duration,
    /// The module's clock at the moment of opening, in milliseconds since the
    /// Unix epoch; validity periods are judged against it.
    pub wall_clock_ms: i64,
}

impl TlsSettings {
    /// TLS 1.2 and 1.3 with the host's name, to any server: what a module does
    /// that lets its host set nothing of it.
    pub(crate) const fn unverified(handshake_timeout: Duration, wall_clock_ms: i64) -> Self {
        Self {
            versions: TlsVersions {
                min: TlsVersion::Tls12,
                max: TlsVersion::Tls13,
            },
            cipher_suites: None,
            roots: None,
            identity: None,
            ignore_validity: true,
            check_host: false,
            refuse_wildcard: None,
            sni: true,
            alpn: None,
            handshake_timeout,
            wall_clock_ms,
        }
    }
}

/// Client certificate chain and private key, as the host uploaded them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsIdentity {
    /// PEM or DER certificate chain, the client's own certificate first.
    pub certificate: Bytes,
    /// PEM or DER private key: PKCS#1, PKCS#8 or SEC1.
    pub key: Bytes,
    /// Password of the key file, if the host gave one.
    pub password: Option<Bytes>,
}

/// A TLS protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// SSL 3.0.
    Ssl30,
    /// TLS 1.0.
    Tls10,
    /// TLS 1.1.
    Tls11,
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

/// An inclusive range of protocol versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsVersions {
    /// Oldest acceptable version.
    pub min: TlsVersion,
    /// Newest acceptable version.
    pub max: TlsVersion,
}

impl TlsVersions {
    /// The versions a vendor's number stands for: 0 SSL 3.0, 1 TLS 1.0, 2 TLS
    /// 1.1, 3 TLS 1.2, else all of them (docs/spec/quectel.md 9.1, docs/spec/simcom.md
    /// 9.1). TLS 1.3 is never offered; those before 1.2 are passed on, for the
    /// driver to refuse where it cannot serve them.
    pub(crate) const fn numbered(number: u32) -> Self {
        const fn only(version: TlsVersion) -> TlsVersions {
            TlsVersions {
                min: version,
                max: version,
            }
        }
        match number {
            0 => only(TlsVersion::Ssl30),
            1 => only(TlsVersion::Tls10),
            2 => only(TlsVersion::Tls11),
            3 => only(TlsVersion::Tls12),
            _ => Self {
                min: TlsVersion::Ssl30,
                max: TlsVersion::Tls12,
            },
        }
    }
}
