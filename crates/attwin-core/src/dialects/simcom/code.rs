//! Result codes `<err>` (docs/spec/simcom.md 3.0), by the names of the manual.

pub(super) const SUCCEEDED: u8 = 0;
pub(super) const FAILED: u8 = 1;
pub(super) const BAD_UTF8: u8 = 2;
pub(super) const CONNECT_FAILED: u8 = 3;
pub(super) const SOCKET_CREATE_FAILED: u8 = 4;
pub(super) const RECEIVE_FAILED: u8 = 6;
pub(super) const NETWORK_OPEN_FAILED: u8 = 7;
pub(super) const INDEX: u8 = 10;
pub(super) const NO_CONNECTION: u8 = 11;
pub(super) const INVALID_PARAMETER: u8 = 12;
pub(super) const NOT_SUPPORTED: u8 = 13;
pub(super) const BUSY: u8 = 14;
pub(super) const CONNECTION_REQUIRED: u8 = 15;
pub(super) const SEND_FAILED: u8 = 16;
pub(super) const TIMEOUT: u8 = 17;
pub(super) const TOPIC_EMPTY: u8 = 18;
pub(super) const CLIENT_USED: u8 = 19;
pub(super) const NOT_ACQUIRED: u8 = 20;
pub(super) const NOT_RELEASED: u8 = 21;
pub(super) const LENGTH: u8 = 22;
pub(super) const NETWORK_OPENED: u8 = 23;
pub(super) const PACKET_FAILED: u8 = 24;
pub(super) const DNS_ERROR: u8 = 25;
pub(super) const CLOSED_BY_SERVER: u8 = 26;
/// CONNACK refusals 1 to 5 follow this code; any other is
/// [`CONNECTION_REQUIRED`].
pub(super) const REFUSED_BASE: u8 = 26;
pub(super) const HANDSHAKE_FAILED: u8 = 32;
pub(super) const NO_CERTIFICATE: u8 = 33;
pub(super) const SESSION_FAILED: u8 = 34;
pub(super) const DISCONNECT_FAILED: u8 = 35;
