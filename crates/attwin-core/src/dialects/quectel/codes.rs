//! What the codes of the MQTT commands mean (docs/spec/quectel.md section 3,
//! 7.3).

use crate::command::{Field, Meaning};

pub(super) static CLIENT: [Field; 1] = [INDEX];
pub(super) const INDEX: Field = Field::new("client_idx", "MQTT client, 0 to 5");

pub(super) static OPEN: [Meaning; 7] = [
    Meaning::new("0", "the connection is open"),
    Meaning::new("-1", "the connection could not be opened")
        .when("TCP was refused or not answered, or the TLS handshake failed")
        .remedy("look at host, port and AT+QSSLCFG; the log says more"),
    Meaning::new("1", "a parameter is wrong")
        .when("the host name has a scheme, a space or a control byte"),
    Meaning::new("2", "the client is in use").remedy("AT+QMTCLOSE closes it"),
    Meaning::new("3", "the PDP context could not be activated")
        .when("the SIM is not ready, or the module not registered")
        .remedy("wait for AT+CREG? to say 1 or 5"),
    Meaning::new("4", "the host name does not resolve"),
    Meaning::new("5", "the network was lost while the connection was opened"),
];

pub(super) static DONE: [Meaning; 2] = [
    Meaning::new("0", "done"),
    Meaning::new("-1", "failed").when("the network did not take the packet"),
];

/// `<result>` of a request of the server.
pub(super) static REQUEST: [Meaning; 3] = [
    Meaning::new("0", "done").when("the server acknowledged it, or QoS 0 was written"),
    Meaning::new("1", "the packet was sent again")
        .when("no acknowledgement came within pkt_timeout, and timeout_notice is 1"),
    Meaning::new("2", "failed; the connection stays")
        .when("no acknowledgement came at all, or the message id is in use")
        .remedy("send it again, under another message id if this one is in use"),
];

/// `<result>` of `+QMTCONN`.
pub(super) static CONNECT: [Meaning; 3] = [
    Meaning::new("0", "CONNACK came; the return code says more"),
    Meaning::new("1", "CONNECT was sent again").when("never: these modules send it once"),
    Meaning::new("2", "no CONNACK came, or CONNECT could not be sent"),
];

pub(super) static CONNACK: [Meaning; 6] = [
    Meaning::new("0", "connected"),
    Meaning::new("1", "the server does not speak this version of MQTT")
        .remedy("AT+QMTCFG=\"version\""),
    Meaning::new("2", "the server refused the client id"),
    Meaning::new("3", "the server is not available"),
    Meaning::new("4", "the server refused user name and password"),
    Meaning::new("5", "the server does not authorise the client"),
];

pub(super) static CONN_STATE: [Meaning; 4] = [
    Meaning::new("1", "open, not connected").remedy("AT+QMTCONN connects"),
    Meaning::new("2", "connecting"),
    Meaning::new("3", "connected"),
    Meaning::new("4", "disconnecting"),
];

/// `<err_code>` of `+QMTSTAT`.
pub(super) static STAT: [Meaning; 8] = [
    Meaning::new(
        "1",
        "the server closed or reset the connection, or the PDP context went down",
    )
    .remedy("AT+QMTOPEN opens again"),
    Meaning::new("2", "the server did not answer PINGREQ"),
    Meaning::new("3", "CONNECT could not be sent"),
    Meaning::new("4", "no CONNACK came, or it refused the connection"),
    Meaning::new("5", "the server closed the connection after DISCONNECT").when("the normal end"),
    Meaning::new("6", "a packet could not be sent"),
    Meaning::new("7", "the server does not answer any more"),
    Meaning::new("8", "the module closed the connection").when("the server broke the protocol"),
];

pub(super) static PING: [Meaning; 1] = [Meaning::new("1", "the server did not answer PINGREQ")];

pub(super) static QOS: [Meaning; 3] = [
    Meaning::new("0", "at most once"),
    Meaning::new("1", "at least once"),
    Meaning::new("2", "exactly once"),
];

pub(super) static RETAIN: [Meaning; 2] = [
    Meaning::new("0", "the server does not keep the message"),
    Meaning::new("1", "the server keeps the message for later subscribers"),
];

pub(super) static SWITCH: [Meaning; 2] = [Meaning::new("0", "off"), Meaning::new("1", "on")];

pub(super) static VERSION: [Meaning; 2] = [
    Meaning::new("3", "MQTT 3.1"),
    Meaning::new("4", "MQTT 3.1.1"),
];

pub(super) static SESSION: [Meaning; 2] = [
    Meaning::new("0", "the server keeps the session"),
    Meaning::new("1", "the server forgets the session"),
];

pub(super) static NOTICE: [Meaning; 2] = [
    Meaning::new("0", "not reported"),
    Meaning::new("1", "reported, with result 1"),
];

pub(super) static RECV_MODE: [Meaning; 2] = [
    Meaning::new("0", "messages come as URCs"),
    Meaning::new("1", "messages go into slots, to be read with AT+QMTRECV"),
];

pub(super) static LENGTH_SHOWN: [Meaning; 2] = [
    Meaning::new("0", "messages come without their length"),
    Meaning::new("1", "the length of a message stands before it"),
];

pub(super) static SEND_MODE: [Meaning; 2] = [
    Meaning::new("0", "as they are"),
    Meaning::new("1", "as hexadecimal digits, two for each byte"),
];

pub(super) static OCCUPANCY: [Meaning; 2] = [
    Meaning::new("0", "empty"),
    Meaning::new("1", "holds a message"),
];
