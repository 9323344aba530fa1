//! What AT+QSSLCFG sets, and what it means for a handshake
//! (docs/spec/quectel.md 9.1).

use alloc::vec::Vec;

use crate::dialects::quectel::file::path::FilePath;
use crate::storage::Storage;
use crate::tls::TlsSettings;
use crate::tls_context::{FileError, Meaning, TlsContext};

/// What AT+QSSLCFG set, as the host wrote it.
#[derive(Debug, Default, Clone)]
pub(super) struct SslContext {
    /// What a handshake goes by.
    pub(super) tls: TlsContext,
    pub(super) session_cache: u32,
    pub(super) close_time_mode: u32,
    pub(super) renegotiation: u32,
    pub(super) ignore_chain: u32,
    pub(super) ignore_signature: u32,
    pub(super) ignore_items: u32,
    pub(super) dtls: u32,
    pub(super) dtls_version: u32,
    pub(super) psk_identity: Vec<u8>,
    pub(super) psk_key: Vec<u8>,
}

impl SslContext {
    /// The settings of a handshake that begins at `wall_clock_ms`.
    pub(super) fn settings(
        &self,
        storage: &Storage,
        wall_clock_ms: i64,
    ) -> Result<TlsSettings, FileError> {
        let meaning = Meaning {
            command: "+QSSLCFG",
            mode: "seclevel",
            server: self.tls.authentication >= 1,
            client: self.tls.authentication >= 2,
            read: &|path| {
                let path = FilePath::parse(path)?;
                storage.read(path.volume, &path.name).cloned()
            },
        };
        self.tls.settings(&meaning, wall_clock_ms)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use core::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::tls::{TlsVersion, TlsVersions};

    fn storage() -> Storage {
        let mut storage = Storage::default();
        for (path, content) in [
            ("RAM:ca.pem", "ca"),
            ("UFS:extra.pem", "extra"),
            ("client.pem", "client"),
            ("key.pem", "key"),
            ("empty.pem", ""),
        ] {
            let path = FilePath::parse(path.as_bytes()).expect("valid");
            storage
                .write(
                    path.volume,
                    &path.name,
                    Bytes::from_static(content.as_bytes()),
                )
                .expect("room");
        }
        storage
    }

    fn of(tls: TlsContext) -> SslContext {
        SslContext {
            tls,
            ..SslContext::default()
        }
    }

    fn mutual() -> SslContext {
        of(TlsContext {
            authentication: 2,
            ca_cert: b"RAM:ca.pem".into(),
            client_cert: b"UFS:client.pem".into(),
            client_key: b"key.pem".into(),
            ..TlsContext::default()
        })
    }

    #[test]
    fn an_untouched_context_accepts_anything() {
        let settings = SslContext::default()
            .settings(&Storage::default(), 7)
            .expect("no files needed");
        assert_eq!(
            settings,
            TlsSettings {
                versions: TlsVersions {
                    min: TlsVersion::Ssl30,
                    max: TlsVersion::Tls12
                },
                cipher_suites: None,
                roots: None,
                identity: None,
                ignore_validity: true,
                check_host: false,
                refuse_wildcard: None,
                sni: false,
                alpn: None,
                handshake_timeout: Duration::from_secs(300),
                wall_clock_ms: 7,
            }
        );
    }

    #[test]
    fn files_the_level_does_not_call_for_are_not_read() {
        let mut context = of(TlsContext {
            ca_cert: b"missing".into(),
            client_cert: b"missing".into(),
            ..TlsContext::default()
        });
        assert!(context.settings(&storage(), 0).is_ok());
        context.tls.authentication = 1;
        context.tls.ca_cert = b"RAM:ca.pem".into();
        let settings = context.settings(&storage(), 0).expect("only the root");
        assert_eq!(settings.roots, Some(Vec::from([Bytes::from_static(b"ca")])));
        assert_eq!(settings.identity, None);
    }

    #[test]
    fn level_two_presents_the_client() {
        let mut context = mutual();
        context.tls.ca_cert_extra = b"extra.pem".into();
        context.tls.key_password = b"secret".into();
        let settings = context.settings(&storage(), 0).expect("all there");
        assert_eq!(
            settings.roots,
            Some(Vec::from([&b"ca"[..], b"extra"].map(Bytes::from_static)))
        );
        let identity = settings.identity.expect("level 2");
        assert_eq!(identity.certificate, b"client"[..]);
        assert_eq!(identity.key, b"key"[..]);
        assert_eq!(identity.password.as_deref(), Some(&b"secret"[..]));
        let identity = mutual()
            .settings(&storage(), 0)
            .expect("all there")
            .identity;
        assert_eq!(identity.expect("level 2").password, None);
    }

    #[test]
    fn what_is_missing_is_named() {
        type Spoil = fn(&mut SslContext);
        let cases: [(Spoil, &str); 6] = [
            (
                |c| c.tls.ca_cert.clear(),
                "AT+QSSLCFG \"seclevel\" 2 needs \"cacert\", which is not set",
            ),
            (
                |c| c.tls.client_key.clear(),
                "AT+QSSLCFG \"seclevel\" 2 needs \"clientkey\", which is not set",
            ),
            (
                |c| c.tls.client_cert = b"ca.pem".into(),
                "AT+QSSLCFG \"clientcert\" names \"ca.pem\", which does not exist",
            ),
            (
                |c| c.tls.ca_cert = b"SD:ca.pem".into(),
                "AT+QSSLCFG \"cacert\" names \"SD:ca.pem\", which does not exist",
            ),
            (
                |c| c.tls.ca_cert_extra = b"no".into(),
                "AT+QSSLCFG \"cacertex\" names \"no\", which does not exist",
            ),
            (
                |c| c.tls.client_key = b"empty.pem".into(),
                "AT+QSSLCFG \"clientkey\" names \"empty.pem\", which is empty",
            ),
        ];
        for (spoil, want) in cases {
            let mut context = mutual();
            spoil(&mut context);
            let error = context.settings(&storage(), 0).expect_err(want);
            assert_eq!(error.to_string(), want);
        }
    }

    #[test]
    fn each_version_maps_to_itself() {
        for (version, want) in [
            (0, TlsVersion::Ssl30),
            (1, TlsVersion::Tls10),
            (2, TlsVersion::Tls11),
            (3, TlsVersion::Tls12),
        ] {
            let context = of(TlsContext {
                version,
                ..TlsContext::default()
            });
            let versions = TlsVersions::numbered(context.tls.version);
            assert_eq!((versions.min, versions.max), (want, want));
        }
    }

    #[test]
    fn the_rest_is_passed_on() {
        let context = of(TlsContext {
            cipher_suite: 0xc02f,
            ignore_local_time: 0,
            check_host: 1,
            sni: 1,
            alpn: "mqtt".into(),
            negotiate_time: 10,
            ..TlsContext::default()
        });
        let settings = context.settings(&Storage::default(), -1).expect("no files");
        assert_eq!(settings.cipher_suites, Some(Vec::from([0xc02f])));
        assert!(!settings.ignore_validity);
        assert!(settings.check_host);
        assert!(settings.sni);
        assert_eq!(settings.alpn.as_deref(), Some("mqtt"));
        assert_eq!(settings.handshake_timeout, Duration::from_secs(10));
        assert_eq!(settings.wall_clock_ms, -1);
    }
}
