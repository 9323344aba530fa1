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
use rustls::{DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tracing::debug;

use super::error::TlsError;
use super::objection::refined;
use super::{dates, pem};

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
    /// them needs no issuer, as with mbedTLS and OpenSSL.
    certificates: Vec<CertificateDer<'static>>,
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

    fn verify(
        &self,
        trust: &Trust,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let cert = ParsedCertificate::try_from(end_entity)?;
        let signed = |roots: &RootCertStore, intermediates: &[_], at| {
            verify_server_cert_signed_by_trust_anchor(
                &cert,
                roots,
                intermediates,
                at,
                self.algorithms.all,
            )
        };
        let pinned = trust.certificates.iter().any(|own| own == end_entity);
        match (pinned, self.ignore_validity) {
            (true, true) => {}
            (true, false) => dates::check(end_entity, now)?,
            (false, true) => {
                let roots = dates::regardless(&trust.roots, &trust.certificates, intermediates);
                signed(&roots, &[], dates::beginning(end_entity).unwrap_or(now))?;
            }
            (false, false) => signed(&trust.roots, intermediates, now)?,
        }
        if self.check_host {
            verify_server_name(&cert, server_name)?;
        }
        Ok(())
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
        if let Some(trust) = &self.trust {
            self.verify(trust, end_entity, intermediates, server_name, now)
                .map_err(|error| refined(error, end_entity, intermediates, &trust.certificates))?;
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
            .map_err(|error| refined(error, cert, &[], &[]))
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
            .map_err(|error| refined(error, cert, &[], &[]))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

impl Trust {
    fn new(files: &[impl AsRef<[u8]>]) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        let mut certificates = Vec::new();
        for file in files {
            for certificate in pem::certificates(file.as_ref()).map_err(TlsError::Roots)? {
                // It still serves as a pinned certificate.
                if let Err(error) = roots.add(certificate.clone()) {
                    debug!("a CA certificate cannot be a trust anchor: {error}");
                }
                certificates.push(certificate);
            }
        }
        Ok(Self {
            roots: Arc::new(roots),
            certificates,
        })
    }
}
