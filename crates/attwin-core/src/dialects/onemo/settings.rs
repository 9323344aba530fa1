//! What AT+MQTTCFG and AT+MQTTOPEN set, and the CONNECT and the TLS settings
//! that follow from it (docs/spec/onemo.md A3.1, A3.2, A9).

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use crate::cloud::onenet::{Claim, MODULE_EXPIRY, Method};
use crate::handler::Context;
pub(super) use crate::mqtt::packet::qos;
use crate::mqtt::packet::{ConnectFields, Level, Will};
use crate::mqtt::session::{Options, PingRule, Rules};
use crate::tls::TlsSettings;

/// How long name resolution and TCP may take together (docs/spec/onemo.md A3.2);
/// as long again for a handshake.
pub(super) const OPEN_TIMEOUT: Duration = Duration::from_secs(20);
/// PINGREQs that may be lost in a row (docs/spec/onemo.md A7).
const LOST_PINGS: u8 = 3;

/// AT+MQTTCFG.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) host: Bytes,
    pub(super) port: u16,
    pub(super) client_id: Bytes,
    /// Seconds, 0 for never.
    pub(super) keep_alive: u16,
    pub(super) user: Bytes,
    pub(super) password: Bytes,
    pub(super) clean_session: bool,
    /// Version of the OneNET token; ML302 only.
    pub(super) version: Bytes,
    pub(super) encrypt: bool,
}

/// AT+MQTTOPEN.
#[derive(Debug, Clone)]
pub(super) struct OpenRequest {
    pub(super) with_user: bool,
    pub(super) with_password: bool,
    pub(super) will: Option<Will>,
    /// Certificates the server is checked against; empty for no check.
    pub(super) roots: Bytes,
}

impl Settings {
    /// The password as CONNECT carries it: over TLS, with a date as version
    /// and a key as password, a OneNET token (docs/spec/onemo.md A9).
    fn password(&self) -> Bytes {
        self.token()
            .map_or_else(|| self.password.clone(), Bytes::from)
    }

    fn token(&self) -> Option<Vec<u8>> {
        let text = |bytes| core::str::from_utf8(bytes).ok();
        let version = text(&self.version).filter(|version| is_date(version))?;
        let (user, id) = (text(&self.user)?, text(&self.client_id)?);
        if !self.encrypt || user.is_empty() || self.password.starts_with(b"version=") {
            return None;
        }
        let claim = Claim {
            version,
            resource: &format!("products/{user}/devices/{id}"),
            expiry: MODULE_EXPIRY,
            method: Method::Sha1,
        };
        claim.sign(&self.password).map(Vec::from)
    }
}

/// `YYYY-MM-DD`, as far as its digits go.
fn is_date(text: &str) -> bool {
    let shape = |(at, byte): (usize, u8)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}

impl OpenRequest {
    /// How the session connects.
    pub(super) fn connect(
        &self,
        settings: &Settings,
        timeout: Duration,
        ping_divisor: u8,
    ) -> Options {
        let keep_alive = Duration::from_secs(u64::from(settings.keep_alive));
        let ping_every = keep_alive / u32::from(ping_divisor.max(1));
        // MQTT has no password without a user name (docs/spec/onemo.md A3.2).
        let username = match (self.with_user, self.with_password) {
            (true, _) => Some(settings.user.clone()),
            (false, true) => Some(Bytes::new()),
            (false, false) => None,
        };
        Options {
            connect: ConnectFields {
                level: Level::V311,
                clean_session: settings.clean_session,
                keep_alive: settings.keep_alive,
                client_id: settings.client_id.clone(),
                will: self.will.clone(),
                username,
                password: self.with_password.then(|| settings.password()),
            },
            connack_timeout: timeout,
            rules: Rules {
                resume: false,
                first_id: None,
                qos0_takes_id: true,
                ping_after: Some(ping_every),
                ping: PingRule::UntilLost {
                    every: ping_every,
                    lost: LOST_PINGS,
                },
                any_packet_answers_ping: true,
                // An acknowledgement that is missing because the network
                // stalls is missing first.
                write_timeout: Some(timeout + Duration::from_millis(1)),
                ..Rules::default()
            },
        }
    }

    /// The settings of a handshake, if the connection is encrypted.
    pub(super) fn tls(&self, cx: &Context<'_>, settings: &Settings) -> Option<Box<TlsSettings>> {
        let roots = (!self.roots.is_empty()).then(|| Vec::from([self.roots.clone()]));
        settings.encrypt.then(|| {
            Box::new(TlsSettings {
                check_host: roots.is_some(),
                roots,
                ignore_validity: false,
                ..TlsSettings::unverified(OPEN_TIMEOUT, cx.clock.unix_ms(cx.now))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(version: &'static str, password: &'static str) -> Settings {
        Settings {
            host: Bytes::from_static(b"183.230.40.16"),
            port: 8883,
            client_id: Bytes::from_static(b"dev01"),
            keep_alive: 60,
            user: Bytes::from_static(b"123456"),
            password: Bytes::from_static(password.as_bytes()),
            clean_session: true,
            version: Bytes::from_static(version.as_bytes()),
            encrypt: true,
        }
    }

    const KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    /// The worked example of docs/spec/onemo.md A9.
    #[test]
    fn a_key_becomes_a_token() {
        assert_eq!(
            &settings("2018-10-31", KEY).password()[..],
            b"version=2018-10-31&res=products%2F123456%2Fdevices%2Fdev01&et=4102416000\
              &method=sha1&sign=WjLx84f8G7PBu362ubdH%2FZUxgHo%3D"
        );
    }

    #[test]
    fn any_other_password_stays_as_it_is() {
        for (version, password) in [
            ("0", KEY),
            ("2018-1-31", KEY),
            ("", KEY),
            ("2018-10-31", "version=2018-10-31&res=x"),
            ("2018-10-31", "no base64!"),
        ] {
            assert_eq!(
                &settings(version, password).password()[..],
                password.as_bytes()
            );
        }
        let mut plain = settings("2018-10-31", KEY);
        plain.encrypt = false;
        assert_eq!(&plain.password()[..], KEY.as_bytes());
        let mut nobody = settings("2018-10-31", KEY);
        nobody.user = Bytes::new();
        assert_eq!(&nobody.password()[..], KEY.as_bytes());
    }
}
