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
