//! Why a certificate is refused, where webpki says only that it is.

use std::fmt;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, Error, OtherError};
use x509_parser::prelude::{FromDer, X509Certificate, X509Version};
use x509_parser::public_key::PublicKey;

/// The shortest RSA key that is verified with, in bits.
const SHORTEST_RSA: usize = 2048;

/// Signature algorithms nobody should trust, with their digests.
const OUTDATED: [(&str, &str); 4] = [
    ("1.2.840.113549.1.1.5", "SHA-1"),
    ("1.3.14.3.2.29", "SHA-1"),
    ("1.2.840.10045.4.1", "SHA-1"),
    ("1.2.840.113549.1.1.4", "MD5"),
];

/// What is wrong with a certificate, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Objection {
    #[error(
        "{0} has X.509 version 1, and attwin verifies version 3 only: issue it again with \
         extensions (`openssl x509 -req -extfile FILE`), or let the host not verify the server"
    )]
    Version(Whose),
    #[error(
        "{0} has an RSA key of {1} bits, and attwin verifies with {SHORTEST_RSA} bits or more: \
         issue it again with a longer key, or let the host not verify the server"
    )]
    Key(Whose, usize),
    #[error(
        "{0} is signed with {1}, which attwin does not accept: issue it again with SHA-256, or \
         let the host not verify the server"
    )]
    Signature(Whose, &'static str),
    #[error(
        "the server's certificate is self-signed, and is not the CA certificate of this \
         connection: install this certificate as the CA certificate"
    )]
    SelfSigned,
    #[error(
        "the server's certificate is that of a CA, which a server must not show as its own: issue \
         one for the server without CA:TRUE, or install this one as the CA certificate"
    )]
    Authority,
}

/// A certificate of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    Server,
    Intermediate,
    Authority,
}

impl fmt::Display for Whose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Server => "the server's certificate",
            Self::Intermediate => "an intermediate certificate of the server",
            Self::Authority => "the CA certificate of this connection",
        })
    }
}

/// The error with its real cause, if that can be found out.
pub(super) fn refined(
    error: Error,
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &[CertificateDer<'_>],
) -> Error {
    let Error::InvalidCertificate(cause) = &error else {
        return error;
    };
    let found = match cause {
        // These say it all.
        CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYetContext { .. }
        | CertificateError::NotValidForNameContext { .. } => None,
        CertificateError::UnknownIssuer => self_signed(end_entity),
        _ => weakness(end_entity, intermediates, roots),
    };
    match found {
        Some(objection) => CertificateError::Other(OtherError(Arc::new(objection))).into(),
        None => error,
    }
}

fn self_signed(end_entity: &CertificateDer<'_>) -> Option<Objection> {
    let (_, certificate) = X509Certificate::from_der(end_entity).ok()?;
    let own = certificate.subject().as_raw() == certificate.issuer().as_raw();
    own.then_some(Objection::SelfSigned)
}

fn weakness(
    end_entity: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &[CertificateDer<'_>],
) -> Option<Objection> {
    let certificates = std::iter::once((Whose::Server, end_entity))
        .chain(intermediates.iter().map(|der| (Whose::Intermediate, der)))
        .chain(roots.iter().map(|der| (Whose::Authority, der)));
    let chain: Vec<_> = certificates
        .filter_map(|(whose, der)| Some((whose, X509Certificate::from_der(der).ok()?.1)))
        .collect();
    // Of the CA certificates only those that signed something here matter.
    let matters = |whose: Whose, certificate: &X509Certificate<'_>| {
        whose != Whose::Authority
            || chain.iter().any(|(other, issued)| {
                *other != Whose::Authority
                    && issued.issuer().as_raw() == certificate.subject().as_raw()
            })
    };
    let weak = chain
        .iter()
        .filter(|(whose, certificate)| matters(*whose, certificate))
        .find_map(|(whose, certificate)| weakness_of(*whose, certificate));
    let is_ca = || chain.first().is_some_and(|(_, server)| server.is_ca());
    weak.or_else(|| self_signed(end_entity))
        .or_else(|| is_ca().then_some(Objection::Authority))
}

fn weakness_of(whose: Whose, certificate: &X509Certificate<'_>) -> Option<Objection> {
    // A CA certificate is trusted whatever its version and signature.
    if whose != Whose::Authority {
        if certificate.version() != X509Version::V3 {
            return Some(Objection::Version(whose));
        }
        if let Some(name) = outdated_signature(certificate) {
            return Some(Objection::Signature(whose, name));
        }
    }
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) if key.key_size() < SHORTEST_RSA => {
            Some(Objection::Key(whose, key.key_size()))
        }
        _ => None,
    }
}

/// The digest of a signature that nobody should trust.
pub(super) fn outdated_signature(certificate: &X509Certificate<'_>) -> Option<&'static str> {
    let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
    let found = OUTDATED.iter().find(|(oid, _)| *oid == algorithm);
    found.map(|(_, name)| *name)
}
