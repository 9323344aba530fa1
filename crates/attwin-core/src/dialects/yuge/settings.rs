//! What the host sets before it connects (docs/spec/yuge.md 3.1 to 3.6 and 3.15).

use core::time::Duration;

use bytes::Bytes;

use super::text;
use crate::mqtt::packet::{Level, QoS, Will};

/// Everything the host set; a connection is made with what it is when
/// AT+IMQTTCONN comes (docs/spec/yuge.md 2.8).
#[derive(Debug)]
pub(super) struct Settings {
    pub(super) mode: Mode,
    pub(super) tls: bool,
    pub(super) parameters: Parameters,
    pub(super) user: Bytes,
    pub(super) password: Bytes,
    /// Host and port.
    pub(super) server: Option<(Bytes, u16)>,
    pub(super) client_id: Bytes,
    pub(super) will: Option<WillSetting>,
    pub(super) device: Option<DeviceTriple>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Standard,
            tls: false,
            parameters: Parameters::default(),
            user: Bytes::new(),
            password: Bytes::new(),
            server: None,
            client_id: Bytes::new(),
            will: None,
            device: None,
        }
    }
}

/// Who the module connects as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A device of Alibaba Cloud.
    Alibaba = 1,
    /// Any MQTT client.
    Standard = 2,
}

/// A will, and how the host gave it.
#[derive(Debug)]
pub(super) struct WillSetting {
    pub(super) will: Will,
    /// The message as hexadecimal digits, where AT+IMQTTLWTBIN set it.
    pub(super) digits: Option<Bytes>,
}

/// What Alibaba Cloud knows a device by.
#[derive(Debug)]
pub(super) struct DeviceTriple {
    pub(super) product_key: Bytes,
    pub(super) device_name: Bytes,
    pub(super) device_secret: Bytes,
}

/// AT+IMQTTPARA (docs/spec/yuge.md 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parameters {
    /// Seconds an acknowledgement may take.
    pub(super) timeout: u8,
    pub(super) clean_session: bool,
    /// Seconds.
    pub(super) keep_alive: u8,
    pub(super) level: Level,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            timeout: 2,
            clean_session: false,
            keep_alive: 60,
            level: Level::V311,
        }
    }
}

/// Names of the parameters in the order they are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parameter {
    Timeout,
    Clean,
    KeepAlive,
    Version,
}

impl Parameter {
    pub(super) const ALL: [Self; 4] = [Self::Timeout, Self::Clean, Self::KeepAlive, Self::Version];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Timeout => "TIMEOUT",
            Self::Clean => "CLEAN",
            Self::KeepAlive => "KEEPALIVE",
            Self::Version => "VERSION",
        }
    }

    /// What it can be, for people.
    pub(super) const fn allowed(self) -> &'static str {
        match self {
            Self::Timeout => "1 to 3",
            Self::Clean => "0 or 1",
            Self::KeepAlive => "60 to 180",
            Self::Version => "3.1 or 3.1.1",
        }
    }

    /// The parameter called so, in any case.
    pub(super) fn named(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|parameter| parameter.name().as_bytes().eq_ignore_ascii_case(name))
    }
}

impl Parameters {
    /// Sets one; `None` if the value is not one of its values.
    pub(super) fn set(&mut self, parameter: Parameter, value: &[u8]) -> Option<()> {
        match parameter {
            Parameter::Timeout => self.timeout = text::number(value, 1, 3)?,
            Parameter::Clean => self.clean_session = text::number(value, 0, 1)? == 1,
            Parameter::KeepAlive => self.keep_alive = text::number(value, 60, 180)?,
            Parameter::Version => {
                self.level = match value {
                    b"3.1" => Level::V31,
                    b"3.1.1" => Level::V311,
                    _ => return None,
                }
            }
        }
        Some(())
    }

    /// How long each acknowledgement may take.
    pub(super) fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.timeout))
    }
}

impl WillSetting {
    pub(super) fn new(
        topic: Bytes,
        qos: QoS,
        message: Bytes,
        retain: bool,
        digits: Option<Bytes>,
    ) -> Self {
        Self {
            will: Will {
                topic,
                message,
                qos,
                retain,
            },
            digits,
        }
    }
}
