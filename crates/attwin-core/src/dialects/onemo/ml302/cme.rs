//! Error numbers of ML302 (docs/spec/onemo.md A2.4, A2.5).

pub(super) const FORM: u16 = 49;
pub(super) const NETWORK: u16 = 600;
pub(super) const PARAMETER: u16 = 601;
pub(super) const CONNECTED: u16 = 602;
pub(super) const CONNECT_FAILED: u16 = 603;
pub(super) const CONNECT_TIMEOUT: u16 = 604;
pub(super) const SUBACK: u16 = 605;
pub(super) const TOPIC_SUBSCRIBED: u16 = 606;
pub(super) const SEND_FAILED: u16 = 608;
pub(super) const PUBLISH: u16 = 609;
pub(super) const PUBREC: u16 = 610;
pub(super) const PUBCOMP: u16 = 611;
pub(super) const PUBACK: u16 = 612;
pub(super) const SOCKET: u16 = 613;
pub(super) const AUTHENTICATION: u16 = 614;
pub(super) const UNSUBACK: u16 = 618;
pub(super) const PUBREL: u16 = 619;
pub(super) const DISCONNECTED: u16 = 620;
pub(super) const NOT_SUBSCRIBED: u16 = 621;
