//! TLS as the host configured it: [`TlsSettings`] become a rustls
//! configuration for one connection.
//!
//! Nothing is shared between connections and no session is resumed: a module
//! may change its certificates between any two of them, and the next handshake
//! must show it.

mod clock;
mod dates;
mod encrypted;
mod error;
mod explain;
mod objection;
mod pem;
mod verify;
mod wildcard;

use std::net::IpAddr;
use std::sync::Arc;

use attwin_core::{TlsIdentity, TlsSettings, TlsVersion};
use rustls::client::{ClientConfig, Resumption};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::ServerName;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{InconsistentKeys, SupportedProtocolVersion, version};

pub use self::error::{PemError, TlsError};
pub(super) use self::explain::explain;
pub(super) use self::wildcard::fits_by_wildcard;

use self::clock::ModuleClock;
use self::verify::ServerVerifier;

/// The rustls configuration for one connection with these settings.
///
/// # Errors
///
/// A setting that cannot be served, named so that a person can act on it.
pub fn client_config(settings: &TlsSettings) -> Result<ClientConfig, TlsError> {
    let versions = versions(settings)?;
    let provider = Arc::new(provider(settings, &versions)?);
    let verifier = ServerVerifier::new(settings, &provider)?;

    let builder = ClientConfig::builder_with_details(
        provider.clone(),
        Arc::new(ModuleClock::starting_at(settings.wall_clock_ms)),
    )
    .with_protocol_versions(&versions)
    .map_err(TlsError::Unusable)?
    .dangerous()
    .with_custom_certificate_verifier(Arc::new(verifier));

    let mut config = match &settings.identity {
        Some(identity) => {
            let resolver = SingleCertAndKey::from(client_identity(identity, &provider)?);
            builder.with_client_cert_resolver(Arc::new(resolver))
        }
        None => builder.with_no_client_auth(),
    };
    config.enable_sni = settings.sni;
    config.alpn_protocols = settings
        .alpn
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// The name to ask the server for: `host` as the firmware gave it.
///
/// A host that is neither a DNS name nor an address can be neither announced
/// nor verified. It does no harm when no verification is asked for: the
/// connection then goes by `address`, for which no SNI is sent.
///
/// # Errors
///
/// [`TlsError::HostName`] when such a host is to be verified.
pub fn server_name(
    host: &str,
    address: IpAddr,
    settings: &TlsSettings,
) -> Result<ServerName<'static>, TlsError> {
    match ServerName::try_from(host) {
        Ok(name) => Ok(name.to_owned()),
        Err(_) if settings.check_host && settings.roots.is_some() => {
            Err(TlsError::HostName(host.to_owned()))
        }
        Err(_) => Ok(ServerName::IpAddress(address.into())),
    }
}

/// The versions both the host and rustls allow, newest first.
fn versions(settings: &TlsSettings) -> Result<Vec<&'static SupportedProtocolVersion>, TlsError> {
    let range = settings.versions.min..=settings.versions.max;
    let served: Vec<_> = [
        (TlsVersion::Tls13, &version::TLS13),
        (TlsVersion::Tls12, &version::TLS12),
    ]
    .into_iter()
    .filter(|(number, _)| range.contains(number))
    .map(|(_, version)| version)
    .collect();
    if served.is_empty() {
        return Err(TlsError::Version(settings.versions));
    }
    Ok(served)
}

/// The `ring` provider, reduced to the cipher suites the host allows.
fn provider(
    settings: &TlsSettings,
    versions: &[&'static SupportedProtocolVersion],
) -> Result<CryptoProvider, TlsError> {
    let mut provider = ring::default_provider();
    let Some(allowed) = &settings.cipher_suites else {
        return Ok(provider);
    };
    provider.cipher_suites.retain(|suite| {
        allowed.contains(&u16::from(suite.suite()))
            && versions
                .iter()
                .any(|version| version.version == suite.version().version)
    });
    if provider.cipher_suites.is_empty() {
        return Err(TlsError::CipherSuites {
            asked: allowed.clone(),
            versions: settings.versions,
        });
    }
    Ok(provider)
}

/// The client's certificate chain and key.
///
/// Unlike `with_client_auth_cert`, this accepts an X.509 v1 certificate, which
/// is what `openssl x509 -req` makes unless told otherwise.
fn client_identity(
    identity: &TlsIdentity,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, TlsError> {
    let chain = pem::certificates(&identity.certificate).map_err(TlsError::ClientCertificate)?;
    let key = pem::private_key(&identity.key, identity.password.as_deref())
        .map_err(TlsError::ClientKey)?;
    let key = provider
        .key_provider
        .load_private_key(key)
        .map_err(TlsError::ClientKeyUnusable)?;
    let certified = CertifiedKey::new(chain, key);
    match certified.keys_match() {
        Err(rustls::Error::InconsistentKeys(InconsistentKeys::KeyMismatch)) => {
            Err(TlsError::ClientKeyMismatch)
        }
        _ => Ok(certified),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use attwin_core::TlsVersions;

    use super::*;

    fn settings(min: TlsVersion, max: TlsVersion) -> TlsSettings {
        TlsSettings {
            versions: TlsVersions { min, max },
            cipher_suites: None,
            roots: None,
            identity: None,
            ignore_validity: false,
            check_host: false,
            refuse_wildcard: None,
            sni: true,
            alpn: None,
            handshake_timeout: Duration::from_secs(30),
            wall_clock_ms: 0,
        }
    }

    fn offered(settings: &TlsSettings) -> Vec<&'static SupportedProtocolVersion> {
        versions(settings).unwrap()
    }

    #[test]
    fn a_range_is_served_as_far_as_rustls_goes() {
        use TlsVersion::{Ssl30, Tls10, Tls12, Tls13};
        assert_eq!(offered(&settings(Ssl30, Tls12)), [&version::TLS12]);
        assert_eq!(offered(&settings(Tls12, Tls12)), [&version::TLS12]);
        assert_eq!(
            offered(&settings(Tls10, Tls13)),
            [&version::TLS13, &version::TLS12]
        );
        assert_eq!(offered(&settings(Tls13, Tls13)), [&version::TLS13]);
    }

    #[test]
    fn versions_before_1_2_are_refused_with_a_sentence() {
        let one = client_config(&settings(TlsVersion::Tls10, TlsVersion::Tls10)).unwrap_err();
        assert_eq!(
            one.to_string(),
            "TLS 1.0 requested by sslversion; attwin serves 1.2 and 1.3"
        );
        let range = client_config(&settings(TlsVersion::Ssl30, TlsVersion::Tls11)).unwrap_err();
        assert_eq!(
            range.to_string(),
            "SSL 3.0 to TLS 1.1 requested by sslversion; attwin serves 1.2 and 1.3"
        );
    }

    #[test]
    fn an_empty_version_range_is_refused() {
        let error = client_config(&settings(TlsVersion::Tls13, TlsVersion::Tls12)).unwrap_err();
        assert!(matches!(error, TlsError::Version(_)));
    }

    #[test]
    fn cipher_suites_are_reduced_to_those_the_host_allows() {
        let mut settings = settings(TlsVersion::Tls12, TlsVersion::Tls13);
        settings.cipher_suites = Some(vec![0x0035, 0xC02F, 0x1301]);
        let config = client_config(&settings).unwrap();
        let numbers: Vec<u16> = config
            .crypto_provider()
            .cipher_suites
            .iter()
            .map(|s| s.suite().into())
            .collect();
        assert_eq!(numbers, [0x1301, 0xC02F]);
    }

    #[test]
    fn cipher_suites_of_which_none_is_served_are_named() {
        let mut settings = settings(TlsVersion::Tls12, TlsVersion::Tls12);
        settings.cipher_suites = Some(vec![0x0035, 0x002F]);
        assert_eq!(
            client_config(&settings).unwrap_err().to_string(),
            "none of the cipher suites 0x0035, 0x002F is served with TLS 1.2; attwin serves \
             ECDHE with AES-GCM or ChaCha20-Poly1305, and the suites of TLS 1.3"
        );
        settings.cipher_suites = Some(vec![0x1301]);
        assert!(matches!(
            client_config(&settings),
            Err(TlsError::CipherSuites { .. })
        ));
    }

    #[test]
    fn a_host_that_is_no_name_passes_only_when_nothing_verifies_it() {
        let address = IpAddr::from([127, 0, 0, 1]);
        let mut settings = settings(TlsVersion::Tls12, TlsVersion::Tls12);
        settings.check_host = true;
        assert_eq!(
            server_name("not a name", address, &settings).unwrap(),
            ServerName::IpAddress(address.into())
        );
        settings.roots = Some(Vec::new());
        assert!(matches!(
            server_name("not a name", address, &settings),
            Err(TlsError::HostName(host)) if host == "not a name"
        ));
        assert!(server_name("broker.example", address, &settings).is_ok());
    }
}
