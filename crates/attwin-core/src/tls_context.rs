//! A TLS context: what a host sets under a number, and the settings of one
//! handshake that follow from it.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use crate::tls::{TlsIdentity, TlsSettings, TlsVersions};

/// Cipher suite that stands for all of them.
pub(crate) const ALL_SUITES: u32 = 0xffff;

/// What a host set of one context, as it wrote it.
#[derive(Debug, Clone)]
pub(crate) struct TlsContext {
    /// As [`TlsVersions::numbered`] counts.
    pub(crate) version: u32,
    pub(crate) cipher_suite: u32,
    /// Whom to authenticate, as the command set counts.
    pub(crate) authentication: u32,
    pub(crate) ignore_local_time: u32,
    /// Seconds.
    pub(crate) negotiate_time: u32,
    pub(crate) sni: u32,
    pub(crate) check_host: u32,
    pub(crate) ca_cert: Vec<u8>,
    pub(crate) ca_cert_extra: Vec<u8>,
    pub(crate) client_cert: Vec<u8>,
    pub(crate) client_key: Vec<u8>,
    pub(crate) key_password: Vec<u8>,
    pub(crate) alpn: String,
}

impl Default for TlsContext {
    fn default() -> Self {
        Self {
            version: 4,
            cipher_suite: ALL_SUITES,
            authentication: 0,
            ignore_local_time: 1,
            negotiate_time: 300,
            sni: 0,
            check_host: 0,
            ca_cert: Vec::new(),
            ca_cert_extra: Vec::new(),
            client_cert: Vec::new(),
            client_key: Vec::new(),
            key_password: Vec::new(),
            alpn: String::new(),
        }
    }
}

/// What a command set makes of a context.
pub(crate) struct Meaning<'a> {
    /// The command that sets contexts, for the log.
    pub(crate) command: &'static str,
    /// Its option for [`TlsContext::authentication`], for the log.
    pub(crate) mode: &'static str,
    /// Whether the server is authenticated.
    pub(crate) server: bool,
    /// Whether the client is.
    pub(crate) client: bool,
    /// The content of a file, if it exists.
    pub(crate) read: &'a dyn Fn(&[u8]) -> Option<Bytes>,
}

/// Why a context cannot serve a handshake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FileError {
    /// The mode of authentication needs a file that was not named.
    #[error("AT{command} \"{mode}\" {value} needs \"{option}\", which is not set")]
    NotSet {
        command: &'static str,
        mode: &'static str,
        /// Of the mode.
        value: u32,
        /// Option that would name the file.
        option: &'static str,
    },
    /// The file named does not exist, or is empty.
    #[error("AT{command} \"{option}\" names \"{file}\", which {lack}")]
    Unusable {
        command: &'static str,
        /// Option that names the file.
        option: &'static str,
        /// The name.
        file: String,
        /// What is wrong with the file.
        lack: &'static str,
    },
}

impl TlsContext {
    /// The settings of a handshake that begins at `wall_clock_ms`. Only files
    /// the mode of authentication calls for are read.
    pub(crate) fn settings(
        &self,
        meaning: &Meaning<'_>,
        wall_clock_ms: i64,
    ) -> Result<TlsSettings, FileError> {
        let read = |option, name| self.read(meaning, option, name);
        let mut roots = None;
        if meaning.server {
            let mut files = Vec::from([read("cacert", &self.ca_cert)?]);
            if !self.ca_cert_extra.is_empty() {
                files.push(read("cacertex", &self.ca_cert_extra)?);
            }
            roots = Some(files);
        }
        let mut identity = None;
        if meaning.client {
            identity = Some(TlsIdentity {
                certificate: read("clientcert", &self.client_cert)?,
                key: read("clientkey", &self.client_key)?,
                password: (!self.key_password.is_empty())
                    .then(|| Bytes::copy_from_slice(&self.key_password)),
            });
        }
        let suite = u16::try_from(self.cipher_suite).ok();
        let suite = suite.filter(|_| self.cipher_suite != ALL_SUITES);
        Ok(TlsSettings {
            versions: TlsVersions::numbered(self.version),
            cipher_suites: suite.map(|suite| Vec::from([suite])),
            roots,
            identity,
            ignore_validity: self.ignore_local_time != 0,
            check_host: self.check_host != 0,
            refuse_wildcard: None,
            sni: self.sni != 0,
            alpn: (!self.alpn.is_empty()).then(|| self.alpn.clone()),
            handshake_timeout: Duration::from_secs(self.negotiate_time.into()),
            wall_clock_ms,
        })
    }

    fn read(
        &self,
        meaning: &Meaning<'_>,
        option: &'static str,
        name: &[u8],
    ) -> Result<Bytes, FileError> {
        let Meaning { command, mode, .. } = *meaning;
        if name.is_empty() {
            let value = self.authentication;
            return Err(FileError::NotSet {
                command,
                mode,
                value,
                option,
            });
        }
        let lack = match (meaning.read)(name) {
            None => "does not exist",
            Some(content) if content.is_empty() => "is empty",
            Some(content) => return Ok(content),
        };
        Err(FileError::Unusable {
            command,
            option,
            file: String::from_utf8_lossy(name).into_owned(),
            lack,
        })
    }
}
