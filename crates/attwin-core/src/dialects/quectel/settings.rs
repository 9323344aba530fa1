//! What `AT+QMTCFG` keeps for one client (docs/spec/quectel.md 3.1).

use bytes::Bytes;

use crate::mqtt::packet::{Level, Will};

/// Settings of one client. Never saved: a restart brings the defaults back.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) version: Level,
    pub(super) pdp_context: u8,
    pub(super) tls: bool,
    pub(super) tls_context: u8,
    /// Seconds, 0 for never.
    pub(super) keep_alive: u16,
    pub(super) clean_session: bool,
    /// Seconds.
    pub(super) packet_timeout: u8,
    pub(super) retries: u8,
    pub(super) timeout_notice: bool,
    pub(super) will: Option<Will>,
    pub(super) receive: ReceiveMode,
    pub(super) ali_auth: Option<AliAuth>,
    /// Payloads are written as hexadecimal digits, `send/mode`.
    pub(super) send_hex: bool,
    /// `hwauth`: device id and secret.
    pub(super) huawei_device: [Bytes; 2],
    /// `hwprodid`: product id and secret, and node id.
    pub(super) huawei_product: [Bytes; 3],
    /// Seconds between repeated PINGREQs.
    pub(super) ping_interval: u8,
}

/// How inbound messages are shown (docs/spec/quectel.md section 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ReceiveMode {
    /// Into slots, to be read with AT+QMTRECV, instead of into URCs.
    pub(super) buffered: bool,
    /// With the payload's length before it.
    pub(super) length: bool,
}

/// Device credentials for Alibaba Cloud (docs/spec/quectel.md section 8).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AliAuth {
    pub(super) product_key: Bytes,
    pub(super) device_name: Bytes,
    pub(super) device_secret: Bytes,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: Level::V31,
            pdp_context: 1,
            tls: false,
            tls_context: 0,
            keep_alive: 120,
            clean_session: true,
            packet_timeout: 5,
            retries: 3,
            timeout_notice: false,
            will: None,
            receive: ReceiveMode {
                buffered: false,
                length: false,
            },
            ali_auth: None,
            send_hex: false,
            huawei_device: [const { Bytes::new() }; 2],
            huawei_product: [const { Bytes::new() }; 3],
            ping_interval: 5,
        }
    }
}
