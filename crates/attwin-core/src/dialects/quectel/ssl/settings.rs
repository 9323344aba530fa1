//! From a TLS context to the settings of one handshake (docs/spec/quectel.md 9.1).

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::ALL_SUITES;
use crate::dialects::quectel::file::path::FilePath;
use crate::storage::Storage;
use crate::tls::{TlsIdentity, TlsSettings, TlsVersions};

/// What AT+QSSLCFG set, as the host wrote it.
#[derive(Debug, Clone)]
pub(super) struct SslContext {
    pub(super) version: u32,
    pub(super) cipher_suite: u32,
    pub(super) security_level: u32,
    pub(super) ignore_local_time: u32,
    /// Seconds.
    pub(super) negotiate_time: u32,
    pub(super) sni: u32,
    pub(super) check_host: u32,
    pub(super) session_cache: u32,
    pub(super) close_time_mode: u32,
    pub(super) renegotiation: u32,
    pub(super) ignore_chain: u32,
    pub(super) ignore_signature: u32,
    pub(super) ignore_items: u32,
    pub(super) dtls: u32,
    pub(super) dtls_version: u32,
    pub(super) ca_cert: Vec<u8>,
    pub(super) ca_cert_extra: Vec<u8>,
    pub(super) client_cert: Vec<u8>,
    pub(super) client_key: Vec<u8>,
    pub(super) key_password: Vec<u8>,
    pub(super) psk_identity: Vec<u8>,
    pub(super) psk_key: Vec<u8>,
    pub(super) alpn: String,
}

/// Why a context cannot serve a handshake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in super::super) enum SslError {
    /// The security level needs a file that was not named.
    #[error("AT+QSSLCFG \"seclevel\" {level} needs \"{option}\", which is not set")]
    NotSet {
        /// Security level.
        level: u32,
        /// Option that would name the file.
        option: &'static str,
    },
    /// The file named does not exist.
    #[error("AT+QSSLCFG \"{option}\" names \"{file}\", which does not exist")]
    Missing {
        /// Option that names the file.
        option: &'static str,
        /// The name.
        file: String,
    },
    /// The file named has no content.
    #[error("AT+QSSLCFG \"{option}\" names \"{file}\", which is empty")]
    Empty {
        /// Option that names the file.
        option: &'static str,
        /// The name.
        file: String,
    },
}

impl Default for SslContext {
    fn default() -> Self {
        Self {
            version: 4,
            cipher_suite: ALL_SUITES,
            security_level: 0,
            ignore_local_time: 1,
            negotiate_time: 300,
            sni: 0,
            check_host: 0,
            session_cache: 0,
            close_time_mode: 0,
            renegotiation: 0,
            ignore_chain: 0,
            ignore_signature: 0,
            ignore_items: 0,
            dtls: 0,
            dtls_version: 0,
            ca_cert: Vec::new(),
            ca_cert_extra: Vec::new(),
            client_cert: Vec::new(),
            client_key: Vec::new(),
            key_password: Vec::new(),
            psk_identity: Vec::new(),
            psk_key: Vec::new(),
            alpn: String::new(),
        }
    }
}

impl SslContext {
    /// The settings of a handshake that begins at `wall_clock_ms`. Only files
    /// the security level calls for are read.
    pub(super) fn settings(
        &self,
        storage: &Storage,
        wall_clock_ms: i64,
    ) -> Result<TlsSettings, SslError> {
        let read = |option, path| self.read(storage, option, path);
        let roots = if self.security_level == 0 {
            None
        } else {
            let mut roots = Vec::from([read("cacert", &self.ca_cert)?]);
            if !self.ca_cert_extra.is_empty() {
                roots.push(read("cacertex", &self.ca_cert_extra)?);
            }
            Some(roots)
        };
        let identity = if self.security_level < 2 {
            None
        } else {
            Some(TlsIdentity {
                certificate: read("clientcert", &self.client_cert)?,
                key: read("clientkey", &self.client_key)?,
                password: (!self.key_password.is_empty())
                    .then(|| Bytes::copy_from_slice(&self.key_password)),
            })
        };
        Ok(TlsSettings {
            versions: TlsVersions::numbered(self.version),
            cipher_suites: self.cipher_suites(),
            roots,
            identity,
            ignore_validity: self.ignore_local_time != 0,
            check_host: self.check_host != 0,
            sni: self.sni != 0,
            alpn: (!self.alpn.is_empty()).then(|| self.alpn.clone()),
            handshake_timeout: Duration::from_secs(self.negotiate_time.into()),
            wall_clock_ms,
        })
    }

    fn cipher_suites(&self) -> Option<Vec<u16>> {
        let suite = u16::try_from(self.cipher_suite).ok()?;
        (self.cipher_suite != ALL_SUITES).then(|| Vec::from([suite]))
    }

    fn read(
        &self,
        storage: &Storage,
        option: &'static str,
        path: &[u8],
    ) -> Result<Bytes, SslError> {
        if path.is_empty() {
            let level = self.security_level;
            return Err(SslError::NotSet { level, option });
        }
        let file = || String::from_utf8_lossy(path).into_owned();
        let content = FilePath::parse(path).and_then(|p| storage.read(p.volume, &p.name));
        match content {
            None => Err(SslError::Missing {
                option,
                file: file(),
            }),
            Some(content) if content.is_empty() => Err(SslError::Empty {
                option,
                file: file(),
            }),
            Some(content) => Ok(content.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::TlsVersion;
    use alloc::string::ToString;

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

    fn mutual() -> SslContext {
        SslContext {
            security_level: 2,
            ca_cert: b"RAM:ca.pem".into(),
            client_cert: b"UFS:client.pem".into(),
            client_key: b"key.pem".into(),
            ..SslContext::default()
        }
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
                sni: false,
                alpn: None,
                handshake_timeout: Duration::from_secs(300),
                wall_clock_ms: 7,
            }
        );
    }

    #[test]
    fn files_the_level_does_not_call_for_are_not_read() {
        let mut context = SslContext {
            ca_cert: b"missing".into(),
            client_cert: b"missing".into(),
            ..SslContext::default()
        };
        assert!(context.settings(&storage(), 0).is_ok());
        context.security_level = 1;
        context.ca_cert = b"RAM:ca.pem".into();
        let settings = context.settings(&storage(), 0).expect("only the root");
        assert_eq!(settings.roots, Some(Vec::from([Bytes::from_static(b"ca")])));
        assert_eq!(settings.identity, None);
    }

    #[test]
    fn level_two_presents_the_client() {
        let mut context = mutual();
        context.ca_cert_extra = b"extra.pem".into();
        context.key_password = b"secret".into();
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
                |c| c.ca_cert.clear(),
                "AT+QSSLCFG \"seclevel\" 2 needs \"cacert\", which is not set",
            ),
            (
                |c| c.client_key.clear(),
                "AT+QSSLCFG \"seclevel\" 2 needs \"clientkey\", which is not set",
            ),
            (
                |c| c.client_cert = b"ca.pem".into(),
                "AT+QSSLCFG \"clientcert\" names \"ca.pem\", which does not exist",
            ),
            (
                |c| c.ca_cert = b"SD:ca.pem".into(),
                "AT+QSSLCFG \"cacert\" names \"SD:ca.pem\", which does not exist",
            ),
            (
                |c| c.ca_cert_extra = b"no".into(),
                "AT+QSSLCFG \"cacertex\" names \"no\", which does not exist",
            ),
            (
                |c| c.client_key = b"empty.pem".into(),
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
            let context = SslContext {
                version,
                ..SslContext::default()
            };
            let versions = TlsVersions::numbered(context.version);
            assert_eq!((versions.min, versions.max), (want, want));
        }
    }

    #[test]
    fn the_rest_is_passed_on() {
        let context = SslContext {
            cipher_suite: 0xc02f,
            ignore_local_time: 0,
            check_host: 1,
            sni: 1,
            alpn: "mqtt".into(),
            negotiate_time: 10,
            ..SslContext::default()
        };
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
