//! Result codes `<err>` (docs/spec/simcom.md 3.0), by the names of the manual.

use crate::command::{Field, Meaning};

pub(super) const SUCCEEDED: u8 = 0;
pub(super) const FAILED: u8 = 1;
pub(super) const BAD_UTF8: u8 = 2;
pub(super) const CONNECT_FAILED: u8 = 3;
pub(super) const SOCKET_CREATE_FAILED: u8 = 4;
pub(super) const RECEIVE_FAILED: u8 = 6;
pub(super) const NETWORK_OPEN_FAILED: u8 = 7;
pub(super) const NETWORK_NOT_OPENED: u8 = 9;
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

/// Every code of the manual, with when it comes here.
pub(super) static MEANINGS: [Meaning; 36] = [
    Meaning::new("0", "operation succeeded"),
    Meaning::new("1", "failed")
        .when("the server refused a filter: SUBACK has return code 128")
        .remedy("check the filter, and what the server lets this user subscribe to"),
    Meaning::new("2", "bad UTF-8 string")
        .when("client identifier or topic is not UTF-8, or holds U+0000")
        .remedy("send UTF-8, or switch the check off with AT+CMQTTCFG=\"checkUTF8\",0,0"),
    Meaning::new("3", "socket connect fail")
        .when("the server refused TCP, cannot be reached, or did not answer within optimeout")
        .remedy("check host, port and firewall of the server"),
    Meaning::new("4", "socket create fail").when("no socket could be made"),
    Meaning::new("5", "socket close fail").when("never here: closing a socket cannot fail"),
    Meaning::new("6", "message receive fail")
        .when("the connection was lost before the server answered; +CMQTTCONNLOST follows")
        .remedy("connect again, then repeat the command"),
    Meaning::new("7", "network open fail")
        .when("the data context cannot be used: not registered, not attached, or switched off")
        .remedy("wait for AT+CEREG? to show 1 or 5, and AT+CGACT? to show 0,1"),
    Meaning::new("8", "network close fail").when("never here: closing the network cannot fail"),
    Meaning::new("9", "network not opened")
        .when("a client command before AT+CMQTTSTART")
        .remedy("send AT+CMQTTSTART and wait for +CMQTTSTART: 0"),
    Meaning::new("10", "client index error")
        .when("the client index is not 0, the only one")
        .remedy("use client index 0"),
    Meaning::new("11", "no connection")
        .when("the command needs a connection and the client has none")
        .remedy("send AT+CMQTTCONNECT and wait for +CMQTTCONNECT: 0,0"),
    Meaning::new("12", "invalid parameter")
        .when("a number is outside its range, or the server address is not tcp://host[:port]")
        .remedy("compare the arguments with the ranges of the test form"),
    Meaning::new("13", "not supported operation")
        .when("the command is for a client without a connection, and it has one")
        .remedy("disconnect first with AT+CMQTTDISC"),
    Meaning::new("14", "client is busy")
        .when("an operation is under way, or a connected client was to be released")
        .remedy("wait for the result code of the last command; disconnect before releasing"),
    Meaning::new("15", "require connection fail")
        .when("CONNACK has a return code that MQTT does not know"),
    Meaning::new("16", "socket sending fail").when("the network took no more bytes"),
    Meaning::new("17", "timeout")
        .when("the server did not answer in time, or the data of an entry did not come")
        .remedy("see optimeout of AT+CMQTTCFG, and pub_timeout of AT+CMQTTPUB"),
    Meaning::new("18", "topic is empty")
        .when("no topic was entered since the last AT+CMQTTPUB, AT+CMQTTSUB or AT+CMQTTUNSUB")
        .remedy("enter one with AT+CMQTTTOPIC, AT+CMQTTSUBTOPIC or AT+CMQTTUNSUBTOPIC"),
    Meaning::new("19", "client is used")
        .when("the client is acquired already")
        .remedy("release it with AT+CMQTTREL, or use it as it is"),
    Meaning::new("20", "client not acquired")
        .when("the command comes before AT+CMQTTACCQ")
        .remedy("send AT+CMQTTACCQ"),
    Meaning::new("21", "client not released")
        .when("AT+CMQTTSTOP while a client is acquired")
        .remedy("send AT+CMQTTREL first"),
    Meaning::new("22", "length out of range")
        .when("a string or a length is outside its range, or a store of topics is full")
        .remedy("compare the lengths with the ranges of the test form"),
    Meaning::new("23", "network is opened")
        .when("AT+CMQTTSTART while started, with quirk start_urc_first"),
    Meaning::new("24", "packet fail")
        .when("the server's answer to CONNECT is not MQTT, or CONNECT does not fit a packet"),
    Meaning::new("25", "DNS error")
        .when("the host name does not resolve")
        .remedy("check the name in the server address"),
    Meaning::new("26", "socket is closed by server")
        .when("the server closed the connection before CONNACK")
        .remedy("check that the port speaks MQTT, and TLS if server_type is 1"),
    Meaning::new("27", "connection refused: unaccepted protocol version")
        .when("CONNACK with return code 1")
        .remedy("see quirk mqtt_level"),
    Meaning::new("28", "connection refused: identifier rejected")
        .when("CONNACK with return code 2")
        .remedy("choose another client identifier in AT+CMQTTACCQ"),
    Meaning::new("29", "connection refused: server unavailable").when("CONNACK with return code 3"),
    Meaning::new("30", "connection refused: bad user name or password")
        .when("CONNACK with return code 4")
        .remedy("check user name and password of AT+CMQTTCONNECT"),
    Meaning::new("31", "connection refused: not authorized")
        .when("CONNACK with return code 5")
        .remedy("check user name and password of AT+CMQTTCONNECT, and the server's access list"),
    Meaning::new("32", "handshake fail")
        .when("TLS failed: certificate, version, or time")
        .remedy("the log says why; check AT+CSSLCFG? and the server's certificate"),
    Meaning::new("33", "not set certificate")
        .when("authmode needs a file that is not named, or is not there")
        .remedy("store it with AT+CCERTDOWN and name it with AT+CSSLCFG"),
    Meaning::new("34", "open session failed")
        .when("the data context is not defined")
        .remedy("define it with AT+CGDCONT=0,\"IP\",\"<apn>\""),
    Meaning::new("35", "disconnect from server failed")
        .when("the connection ended before DISCONNECT was sent"),
];

/// What stands in result codes of clients.
pub(super) static FIELDS: [Field; 3] = [
    Field::new("client_index", "the client; 0 is the only one"),
    Field::new("err", "how the command ended").values(&MEANINGS),
    Field::new("cause", "why the connection is lost").values(&CAUSES),
];

/// `<cause>` of `+CMQTTCONNLOST` (docs/spec/simcom.md 5.1).
pub(super) static CAUSES: [Meaning; 3] = [
    Meaning::new("1", "socket closed passively")
        .when("the server closed the connection, broke the protocol, or left PINGREQ unanswered"),
    Meaning::new("2", "socket reset")
        .when("the connection was reset, timed out, or takes no more bytes"),
    Meaning::new("3", "network closed")
        .when("the data context went down: registration lost, AT+CFUN, AT+CGATT, AT+CGACT, restart")
        .remedy("wait for AT+CEREG? to show 1 or 5, then connect again"),
];

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use super::*;

    #[test]
    fn every_code_has_its_meaning_in_its_place() {
        for (code, meaning) in (0..=DISCONNECT_FAILED).zip(&MEANINGS) {
            assert_eq!(meaning.value, code.to_string());
        }
    }
}
