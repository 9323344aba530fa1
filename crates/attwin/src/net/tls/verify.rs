//! Which server certificates a module accepts.

use std::sync::Arc;

use attwin_core::TlsSettings;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tracing::debug;

use super::error::TlsError;
use super::pem;

/// How often a validity period may be stepped around with `ignore_validity`:
/// once for each certificate of any chain seen in practice.
const MAX_VALIDITY_RETRIES: u32 = 4;

/// A verifier with the rules of a module's `seclevel`.
#[derive(Debug)]
pub(super) struct ServerVerifier {
    trust: Option<Trust>,
    ignore_validity: bool,
    check_host: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

/// What the host installed as CA.
#[derive(Debug)]
struct Trust {
    roots: Arc<RootCertStore>,
    /// The same certificates as bytes: a server whose own certificate is among
    /// them is accepted, as mbedTLS and OpenSSL modules do.
    pinned: Vec<CertificateDer<'static>>,
}

impl ServerVerifier {
    pub(super) fn new(
        settings: &TlsSettings,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, TlsError> {
        Ok(Self {
            trust: settings.roots.as_deref().map(Trust::new).transpose()?,
            ignore_validity: settings.ignore_validity,
            check_host: settings.check_host,
            algorithms: provider.signature_verification_algorithms,
        })
    }

    /// Verifies the chain at `now`; with `ignore_validity`, again at the edge of
    /// each validity period that rustls reports as missed.
    fn verify_chain(
        &self,
        cert: &ParsedCertificate<'_>,
        roots: &RootCertStore,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), Error> {
        let mut at = now;
        let mut retries = 0;
        loop {
            let error = match verify_server_cert_signed_by_trust_anchor(
                cert,
                roots,
                intermediates,
                at,
                self.algorithms.all,
            ) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if !self.ignore_validity || retries == MAX_VALIDITY_RETRIES {
                return Err(error);
            }
            at = match error {
                Error::InvalidCertificate(CertificateError::ExpiredContext {
                    not_after, ..
                }) => not_after,
                Error::InvalidCertificate(CertificateError::NotValidYetContext {
                    not_before,
                    ..
                }) => not_before,
                error => return Err(error),
            };
            retries += 1;
        }
    }
}

impl ServerCertVerifier for ServerVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trust) = &self.trust else {
            return Ok(ServerCertVerified::assertion());
        };
        if trust.pinned.iter().any(|pinned| pinned == end_entity) {
            return Ok(ServerCertVerified::assertion());
        }
        let cert = ParsedCertificate::try_from(end_entity)?;
        self.verify_chain(&cert, &trust.roots, intermediates, now)?;
        if self.check_host {
            verify_server_name(&cert, server_name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // Without verification not even the key need be one webpki can parse:
        // bench servers have X.509 v1 and RSA-1024 certificates.
        if self.trust.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if self.trust.is_none() {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl Trust {
    fn new(files: &[impl AsRef<[u8]>]) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        let mut pinned = Vec::new();
        for file in files {
            for certificate in pem::certificates(file.as_ref()).map_err(TlsError::Roots)? {
                // It still serves as a pinned certificate.
                if let Err(error) = roots.add(certificate.clone()) {
                    debug!("a CA certificate cannot be a trust anchor: {error}");
                }
                pinned.push(certificate);
            }
        }
        Ok(Self {
            roots: Arc::new(roots),
            pinned,
        })
    }
}
