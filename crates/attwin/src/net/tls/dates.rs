//! Validity periods: looked at where nothing else of a chain is, and passed
//! over where everything else is.

use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, Error, RootCertStore};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::time::ASN1Time;

use super::objection::outdated_signature;

/// Intermediate certificates looked at; servers send three at most.
const MOST_INTERMEDIATES: usize = 16;

/// Whether a certificate is valid at this time.
pub(super) fn check(certificate: &CertificateDer<'_>, time: UnixTime) -> Result<(), Error> {
    let certificate = parsed(certificate).ok_or(CertificateError::BadEncoding)?;
    let (not_before, not_after) = (
        unix_time(certificate.validity().not_before),
        unix_time(certificate.validity().not_after),
    );
    if time < not_before {
        return Err(CertificateError::NotValidYetContext { time, not_before }.into());
    }
    if time > not_after {
        return Err(CertificateError::ExpiredContext { time, not_after }.into());
    }
    Ok(())
}

/// A time at which the certificate is valid.
pub(super) fn beginning(certificate: &CertificateDer<'_>) -> Option<UnixTime> {
    Some(unix_time(parsed(certificate)?.validity().not_before))
}

/// The roots, and each of `intermediates` that descends from them, whenever
/// they were valid.
///
/// webpki judges a whole chain at one moment, and there may be none at which
/// all of its certificates are valid. So the chain is followed here from the
/// roots downwards; what signs the end entity then counts as a root, whose
/// dates nobody looks at.
pub(super) fn regardless(
    roots: &RootCertStore,
    certificates: &[CertificateDer<'_>],
    intermediates: &[CertificateDer<'_>],
) -> RootCertStore {
    let mut trusted = roots.clone();
    let mut issuers: Vec<Issuer<'_>> = certificates
        .iter()
        .filter_map(parsed)
        .map(|certificate| Issuer {
            certificate,
            below: None,
        })
        .collect();
    let mut open: Vec<_> = intermediates
        .iter()
        .take(MOST_INTERMEDIATES)
        .filter_map(|der| Some((der, parsed(der)?)))
        .collect();
    let mut next = 0;
    while next < issuers.len() {
        let mut issued = Vec::new();
        open.retain(|(der, certificate)| {
            let Some(below) = issuers[next].issued(certificate) else {
                return true;
            };
            // One that cannot be a root signs nothing.
            if trusted.add((*der).clone().into_owned()).is_ok() {
                issued.push(Issuer {
                    certificate: certificate.clone(),
                    below,
                });
            }
            false
        });
        issuers.append(&mut issued);
        next += 1;
    }
    trusted
}

/// A CA that is trusted.
struct Issuer<'a> {
    certificate: X509Certificate<'a>,
    /// How many CAs may follow it in a chain.
    below: Option<u32>,
}

impl Issuer<'_> {
    /// How many CAs may follow `other`, if it is a CA that this one signed
    /// (RFC 5280 6.1.4).
    fn issued(&self, other: &X509Certificate<'_>) -> Option<Option<u32>> {
        if self.certificate.subject().as_raw() != other.issuer().as_raw() || self.below == Some(0) {
            return None;
        }
        let constraints = other.basic_constraints().ok()??.value;
        let usage = other.key_usage().ok()?;
        let signs = usage.is_none_or(|usage| usage.value.key_cert_sign());
        if !constraints.ca || !signs || outdated_signature(other).is_some() {
            return None;
        }
        other
            .verify_signature(Some(self.certificate.public_key()))
            .ok()?;
        let left = self.below.map(|below| below - 1);
        Some(match (left, constraints.path_len_constraint) {
            (Some(left), Some(own)) => Some(left.min(own)),
            (left, own) => left.or(own),
        })
    }
}

fn parsed<'a>(der: &'a CertificateDer<'_>) -> Option<X509Certificate<'a>> {
    X509Certificate::from_der(der)
        .ok()
        .map(|(_, parsed)| parsed)
}

fn unix_time(time: ASN1Time) -> UnixTime {
    let seconds = u64::try_from(time.timestamp()).unwrap_or(0);
    UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds))
}
