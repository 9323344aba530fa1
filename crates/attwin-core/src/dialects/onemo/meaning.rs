//! What the values mean that both modules print or take.

use crate::command::{Field, Meaning};

static TWO: [Meaning; 2] = [
    Meaning::new("0", "sent for the first time"),
    Meaning::new("1", "sent again"),
];

/// `<qos>`.
pub(super) static QOS_LEVELS: [Meaning; 3] = [
    Meaning::new("0", "at most once: not acknowledged"),
    Meaning::new("1", "at least once"),
    Meaning::new("2", "exactly once"),
];

/// `<retain>` and `<willRetain>`.
pub(super) static RETAIN: [Meaning; 2] = [
    Meaning::new("0", "the server does not keep the message"),
    Meaning::new("1", "the server keeps the message for later subscribers"),
];

static RETAINED_FLAG: [Meaning; 2] = [
    Meaning::new("0", "published just now"),
    Meaning::new("1", "kept by the server from before the subscription"),
];

/// `<usrFlag>`, `<pwdFlag>` and `<willFlag>`.
pub(super) static IN_CONNECT: [Meaning; 2] = [
    Meaning::new("0", "CONNECT goes without it"),
    Meaning::new("1", "CONNECT carries it"),
];

/// `<clean>`.
pub(super) static CLEAN: [Meaning; 2] = [
    Meaning::new("0", "the server keeps the session across connections"),
    Meaning::new("1", "each connection starts with a new session"),
];

/// `<encrypt>`.
pub(super) static ENCRYPT: [Meaning; 2] =
    [Meaning::new("0", "plain TCP"), Meaning::new("1", "TLS")];

/// `<rspEcho>`.
pub(super) static PING_ECHO: [Meaning; 2] = [
    Meaning::new("0", "PINGRESP is not shown"),
    Meaning::new("1", "PINGRESP is shown"),
];

static GRANTED: [Meaning; 4] = [
    Meaning::new("0", "granted at QoS 0"),
    Meaning::new("1", "granted at QoS 1"),
    Meaning::new("2", "granted at QoS 2"),
    Meaning::new("128", "refused by the server").remedy("check what the client may subscribe to"),
];

static WAITS: [Meaning; 5] = [
    Meaning::new("1", "no CONNACK came").remedy("check that an MQTT server listens there"),
    Meaning::new("2", "a publish was not acknowledged")
        .when("no PUBACK, PUBREC or PUBCOMP within AT+MQTTTO; the connection is given up"),
    Meaning::new("3", "no SUBACK came").when("the connection is given up"),
    Meaning::new("4", "no UNSUBACK came").when("the connection is given up"),
    Meaning::new("5", "no PINGRESP came").when("at the third in a row the connection is given up"),
];

static ATTEMPTS: [Meaning; 3] = [
    Meaning::new("0", "the first attempt"),
    Meaning::new("1", "the second attempt"),
    Meaning::new("2", "the third and last attempt"),
];

pub(super) const DUP: Field = Field::new("dup", "whether it is a repetition").values(&TWO);
pub(super) const QOS: Field = Field::new("qos", "quality of service").values(&QOS_LEVELS);
pub(super) const RETAINED: Field = Field::new("retained", "how old it is").values(&RETAINED_FLAG);
pub(super) const PACK_ID: Field = Field::new("packId", "packet identifier, 0 at QoS 0");
pub(super) const LENGTH: Field = Field::new("len", "bytes of the payload");
pub(super) const PAYLOAD: Field = Field::new("payload", "the message, byte for byte");
pub(super) const CODE: Field = Field::new("code", "what the server granted").values(&GRANTED);
pub(super) const WAIT: Field = Field::new("type", "what did not come in time").values(&WAITS);
pub(super) const ATTEMPT: Field = Field::new("n", "which attempt begins").values(&ATTEMPTS);

/// A message that came.
pub(super) static MESSAGE: [Field; 6] = [DUP, QOS, RETAINED, PACK_ID, LENGTH, PAYLOAD];
/// An acknowledgement.
pub(super) static ACKNOWLEDGED: [Field; 2] = [DUP, PACK_ID];
/// A subscription that has its result.
pub(super) static SUBSCRIBED: [Field; 2] = [PACK_ID, CODE];
