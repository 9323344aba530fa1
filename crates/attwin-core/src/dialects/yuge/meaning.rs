//! What values mean that several commands print or take.

use crate::command::{Field, Meaning};

/// `<qos>`.
pub(super) static QOS_LEVELS: [Meaning; 3] = [
    Meaning::new("0", "at most once: not acknowledged"),
    Meaning::new("1", "at least once"),
    Meaning::new("2", "exactly once"),
];

/// `<retained>`.
pub(super) static RETAIN: [Meaning; 2] = [
    Meaning::new("0", "the server does not keep the message"),
    Meaning::new("1", "the server keeps the message for later subscribers"),
];

/// `<recvMode>`.
pub(super) static RECEIVE_MODES: [Meaning; 2] = [
    Meaning::new("0", "messages are shown as they come"),
    Meaning::new("1", "messages are kept until AT+IMQTTRECV asks for them"),
];

static CONNECTION: [Meaning; 3] = [
    Meaning::new("0", "connected"),
    Meaning::new("1", "there was a connection already, and it stays"),
    Meaning::new("-1", "there is no connection, or none any more")
        .when("connecting failed, the connection was lost, or AT+IMQTTDISCONN ended it")
        .remedy("the log says why; AT+IMQTTCONN connects again"),
];

static GRANTED: [Meaning; 4] = [
    Meaning::new("0", "granted at QoS 0"),
    Meaning::new("1", "granted at QoS 1"),
    Meaning::new("2", "granted at QoS 2"),
    Meaning::new("128", "failed").when("the server refused, or SUBACK did not come within TIMEOUT"),
];

/// `<status>` of an UNSUBSCRIBE.
pub(super) static UNSUBSCRIBED: [Meaning; 2] = [
    Meaning::new("0", "done"),
    Meaning::new("-1", "failed").when("UNSUBACK did not come within TIMEOUT"),
];

static PUBLISHED: [Meaning; 2] = [
    Meaning::new("0", "done"),
    Meaning::new("1", "failed")
        .when("it was not acknowledged within TIMEOUT, or the connection was lost"),
];

/// `<mode>` of AT+IMQTTMODE.
pub(super) static MODES: [Meaning; 2] = [
    Meaning::new("1", "Alibaba Cloud, with the device of AT+IMQTTAUTH"),
    Meaning::new("2", "any MQTT server, of AT+IMQTTADDR"),
];
/// `<tls>`.
pub(super) static ENCRYPTION: [Meaning; 2] = [
    Meaning::new("0", "plain TCP"),
    Meaning::new("1", "TLS, and the server's certificate is not verified"),
];
/// CLEAN.
pub(super) static SESSIONS: [Meaning; 2] = [
    Meaning::new("0", "the server keeps the session"),
    Meaning::new("1", "each connection starts with a new session"),
];
/// VERSION.
pub(super) static VERSIONS: [Meaning; 2] = [
    Meaning::new("3.1", "MQTT 3.1"),
    Meaning::new("3.1.1", "MQTT 3.1.1"),
];
/// Of a will.
pub(super) static WILL: [Field; 2] = [
    Field::new("qos", "of the will").values(&QOS_LEVELS),
    Field::new("retained", "what becomes of it").values(&RETAIN),
];
/// `<type>` of AT+IMQTTDYNREG.
pub(super) static TYPES: [Meaning; 2] = [
    Meaning::new("0", "what it gives lasts until a restart"),
    Meaning::new("1", "what it gives is saved"),
];
const KNOWN: Meaning = Meaning::new(
    "1",
    "the device is registered beforehand and gets its secret",
);
const UNKNOWN: Meaning = Meaning::new(
    "2",
    "the cloud does not know the device, which gets a token",
);
/// `<mode>` of AT+IMQTTDYNREG.
pub(super) static REGISTRATIONS: [Meaning; 2] = [KNOWN, UNKNOWN];
/// The same, in the read form.
pub(super) static ASKED: [Meaning; 3] = [
    Meaning::new("0", "no registration was asked for"),
    KNOWN,
    UNKNOWN,
];
/// Of what a registration gave.
pub(super) static GIVEN: [Field; 4] = [
    Field::new("mode", "kind of registration").values(&REGISTRATIONS),
    Field::new(
        "first",
        "product key, or client id; empty if there is nothing",
    ),
    Field::new("second", "device name, or user name"),
    Field::new("third", "device secret, or password"),
];

const ID: Field = Field::new("pid", "packet identifier, 0 at QoS 0");

/// Of `+IMQTTCONN`.
pub(super) static CONNECTED: [Field; 1] =
    [Field::new("result", "how it ended").values(&CONNECTION)];
/// Of `+IMQTTSUB`.
pub(super) static SUBSCRIPTION: [Field; 2] = [
    ID,
    Field::new("granted", "what the server granted").values(&GRANTED),
];
/// Of `+IMQTTUNSUB`.
pub(super) static END: [Field; 2] = [
    ID,
    Field::new("status", "how it ended").values(&UNSUBSCRIBED),
];
/// Of `+IMQTTPUB` and `+IMQTTPUBEX`.
pub(super) static PUBLISH: [Field; 2] =
    [ID, Field::new("status", "how it ended").values(&PUBLISHED)];
/// Of a message.
pub(super) static MESSAGE: [Field; 3] = [
    ID,
    Field::new("len", "bytes of the payload: a host has to go by it"),
    Field::new("payload", "the message, byte for byte"),
];
