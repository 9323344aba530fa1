//! MQTT packets as people read them, taken from the bytes of a link.

use attwin_core::mqtt::packet::{self, Connect, Level, Malformed, Packet, Publish};
use serde_json::{Map, Value, json};

use crate::escape::escape;

/// Largest packet that is decoded; of a larger one only type and length are
/// told.
const LARGEST_DECODED: usize = 1 << 20;

/// Bytes of a payload that are shown.
const PREVIEW: usize = 256;

/// Both directions of one link.
#[derive(Debug)]
pub(crate) struct Conversation {
    level: Level,
    to_broker: Half,
    from_broker: Half,
}

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the module to its broker.
    ToBroker,
    /// From the broker to the module.
    FromBroker,
}

/// One packet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    /// Name of the packet type as the MQTT specification writes it, or `BYTES`
    /// for what is no MQTT.
    pub(crate) name: &'static str,
    /// What it says, in order.
    pub(crate) fields: Map<String, Value>,
}

/// The bytes of one direction that are no whole packet yet.
#[derive(Debug, Default)]
struct Half {
    partial: Vec<u8>,
    /// Bytes still to come of a packet that is not decoded.
    skip: usize,
    /// The stream cannot be framed any more.
    lost: bool,
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            level: Level::V311,
            to_broker: Half::default(),
            from_broker: Half::default(),
        }
    }
}

impl Conversation {
    /// One of the same link for packets that do not belong to its streams.
    pub(crate) fn aside(&self) -> Self {
        Self {
            level: self.level,
            ..Self::default()
        }
    }

    /// Takes bytes as they went over the link and shows the packets they
    /// complete, each with where in the bytes it ends.
    pub(crate) fn push(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        mut show: impl FnMut(Shown, usize),
    ) {
        let all = bytes.len();
        let half = match direction {
            Direction::ToBroker => &mut self.to_broker,
            Direction::FromBroker => &mut self.from_broker,
        };
        let skipped = half.skip.min(bytes.len());
        half.skip -= skipped;
        let bytes = &bytes[skipped..];
        let mut joined = std::mem::take(&mut half.partial);
        let mut rest = if joined.is_empty() {
            bytes
        } else {
            joined.extend_from_slice(bytes);
            &joined
        };
        while !rest.is_empty() && !half.lost {
            let frame = match packet::frame(rest) {
                Ok(Some(frame)) => frame,
                Ok(None) => break,
                Err(error) => {
                    half.lost = true;
                    show(unreadable("BYTES", &error, rest), all);
                    return;
                }
            };
            if frame.len() > LARGEST_DECODED {
                show(too_large(rest[0], frame.len()), all);
                half.skip = frame.len().saturating_sub(rest.len());
                rest = &rest[frame.len().min(rest.len())..];
                continue;
            }
            let Some(whole) = rest.get(..frame.len()) else {
                break;
            };
            let after = &rest[frame.len()..];
            show(describe(&mut self.level, whole), all - after.len());
            rest = after;
        }
        if half.lost && !rest.is_empty() {
            show(Shown::new("BYTES", json!({ "bytes": escape(rest) })), all);
        } else {
            half.partial = rest.to_vec();
        }
    }
}

impl Shown {
    fn new(name: &'static str, fields: Value) -> Self {
        let fields = match fields {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        Self { name, fields }
    }
}

fn describe(level: &mut Level, whole: &[u8]) -> Shown {
    let decoded = packet::decode(*level, whole);
    let mut shown = match &decoded {
        Ok(packet) => Shown::new(name(whole[0]), fields(packet)),
        Err(error) => unreadable(name(whole[0]), error, whole),
    };
    if let Ok(Packet::Connect(connect)) = &decoded {
        *level = connect.level;
    }
    // Packets other than PUBLISH carry it too at MQTT 3.1.
    let can_repeat = matches!(whole[0] >> 4, 3 | 6 | 8 | 10);
    if can_repeat && whole[0] & packet::DUP != 0 {
        shown.fields.insert("dup".to_owned(), json!(true));
    }
    shown
}

fn fields(packet: &Packet) -> Value {
    match packet {
        Packet::Connect(connect) => connect_fields(connect),
        Packet::Connack(ack) => json!({
            "code": ack.code as u8,
            "session_present": ack.session_present,
        }),
        Packet::Publish(publish) => publish_fields(publish),
        Packet::Puback(id)
        | Packet::Pubrec(id)
        | Packet::Pubrel(id)
        | Packet::Pubcomp(id)
        | Packet::Unsuback(id) => json!({ "id": id.value() }),
        Packet::Subscribe(subscribe) => json!({
            "id": subscribe.pid.value(),
            "filters": subscribe
                .topics
                .iter()
                .map(|(filter, qos)| json!({ "filter": &**filter, "qos": *qos as u8 }))
                .collect::<Vec<_>>(),
        }),
        Packet::Suback(ack) => json!({
            "id": ack.pid.value(),
            "codes": ack.topics.iter().map(|code| *code as u8).collect::<Vec<_>>(),
        }),
        Packet::Unsubscribe(unsubscribe) => json!({
            "id": unsubscribe.pid.value(),
            "filters": unsubscribe.topics.iter().map(|filter| &**filter).collect::<Vec<&str>>(),
        }),
        Packet::Pingreq | Packet::Pingresp | Packet::Disconnect => json!({}),
    }
}

fn connect_fields(connect: &Connect) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("client_id", json!(&*connect.client_id));
    put(
        "level",
        json!(match connect.level {
            Level::V31 => "3.1",
            Level::V311 => "3.1.1",
        }),
    );
    put("clean_session", json!(connect.clean_session));
    put("keep_alive", json!(connect.keep_alive));
    if let Some(username) = &connect.username {
        put("username", json!(&**username));
    }
    if let Some(password) = &connect.password {
        put("password_length", json!(password.len()));
    }
    if let Some(will) = &connect.last_will {
        put(
            "will",
            json!({
                "topic": &*will.topic_name,
                "qos": will.qos as u8,
                "retain": will.retain,
                "length": will.message.len(),
                "payload": preview(&will.message),
            }),
        );
    }
    Value::Object(fields)
}

fn publish_fields(publish: &Publish) -> Value {
    let mut fields = Map::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("topic", json!(&*publish.topic_name));
    put("qos", json!(publish.qos_pid.qos() as u8));
    put("retain", json!(publish.retain));
    if let Some(id) = publish.qos_pid.pid() {
        put("id", json!(id.value()));
    }
    put("length", json!(publish.payload.len()));
    put("payload", json!(preview(&publish.payload)));
    Value::Object(fields)
}

fn preview(payload: &[u8]) -> String {
    escape(&payload[..payload.len().min(PREVIEW)])
}

fn unreadable(name: &'static str, error: &Malformed, bytes: &[u8]) -> Shown {
    Shown::new(
        name,
        json!({
            "malformed": error.to_string(),
            "length": bytes.len(),
            "bytes": preview(bytes),
        }),
    )
}

fn too_large(first: u8, length: usize) -> Shown {
    Shown::new(name(first), json!({ "length": length, "decoded": false }))
}

/// Name of the packet type in a first byte (MQTT 3.1.1 section 2.2.1).
fn name(first: u8) -> &'static str {
    const NAMES: [&str; 16] = [
        "RESERVED0",
        "CONNECT",
        "CONNACK",
        "PUBLISH",
        "PUBACK",
        "PUBREC",
        "PUBREL",
        "PUBCOMP",
        "SUBSCRIBE",
        "SUBACK",
        "UNSUBSCRIBE",
        "UNSUBACK",
        "PINGREQ",
        "PINGRESP",
        "DISCONNECT",
        "RESERVED15",
    ];
    NAMES[usize::from(first >> 4)]
}

#[cfg(test)]
mod tests {
    use attwin_core::mqtt::packet::{ConnectFields, QoS};
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    fn shown(conversation: &mut Conversation, bytes: &[u8]) -> Vec<Shown> {
        let mut list = Vec::new();
        conversation.push(Direction::ToBroker, bytes, |packet, _| list.push(packet));
        list
    }

    fn connect(level: Level) -> Bytes {
        packet::connect(&ConnectFields {
            level,
            clean_session: true,
            keep_alive: 120,
            client_id: Bytes::from_static(b"dev-1"),
            will: None,
            username: None,
            password: None,
        })
        .unwrap()
    }

    #[test]
    fn a_packet_is_shown_with_its_fields() {
        let bytes = packet::publish(true, QoS::Level1, false, 7, b"a/b", b"21\r\n").unwrap();
        let list = shown(&mut Conversation::default(), &bytes);
        assert_eq!(list[0].name, "PUBLISH");
        assert_eq!(
            Value::Object(list[0].fields.clone()),
            json!({"topic": "a/b", "qos": 1, "retain": false, "id": 7, "length": 4,
                   "payload": "21\\r\\n", "dup": true})
        );
    }

    #[test]
    fn a_repeated_pubrel_of_mqtt_3_1_is_no_mistake() {
        let mut conversation = Conversation::default();
        shown(&mut conversation, &connect(Level::V31));
        let list = shown(&mut conversation, &packet::pubrel(true, 5));
        assert_eq!(
            Value::Object(list[0].fields.clone()),
            json!({"id": 5, "dup": true})
        );
    }

    #[test]
    fn what_is_no_packet_is_shown_as_it_is() {
        let mut conversation = Conversation::default();
        let list = shown(&mut conversation, b"\x30\x03\x00\x01");
        assert!(list.is_empty());
        let list = shown(&mut conversation, b"\xff\xe0\x00");
        assert_eq!(list.len(), 2, "{list:?}");
        assert_eq!(list[0].fields["bytes"], "0\\x03\\x00\\x01\\xFF");
        assert_eq!(list[1].name, "DISCONNECT");
        let list = shown(&mut conversation, b"\xff\xff\xff\xff\xff");
        assert_eq!(list[0].name, "BYTES");
        assert_eq!(shown(&mut conversation, b"x")[0].fields["bytes"], "x");
    }

    #[test]
    fn a_huge_packet_is_passed_over() {
        let mut conversation = Conversation::default();
        let payload = vec![0; LARGEST_DECODED];
        let mut bytes = packet::publish(false, QoS::Level0, false, 0, b"t", &payload)
            .unwrap()
            .to_vec();
        bytes.extend(packet::PINGREQ);
        let mut list = Vec::new();
        for piece in bytes.chunks(100_000) {
            list.extend(shown(&mut conversation, piece));
        }
        assert_eq!(list.len(), 2);
        assert_eq!(list[0].fields["length"], bytes.len() - 2);
        assert_eq!(list[1].name, "PINGREQ");
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(sizes in proptest::collection::vec(1usize..9, 1..200)) {
            let mut bytes = connect(Level::V311).to_vec();
            for id in 1..9 {
                bytes.extend(packet::publish(false, QoS::Level1, true, id, b"t", b"x").unwrap());
            }
            let whole = shown(&mut Conversation::default(), &bytes);
            let mut conversation = Conversation::default();
            let mut pieces = Vec::new();
            let mut rest = &bytes[..];
            for size in sizes {
                let (piece, more) = rest.split_at(size.min(rest.len()));
                pieces.extend(shown(&mut conversation, piece));
                rest = more;
            }
            pieces.extend(shown(&mut conversation, rest));
            prop_assert_eq!(pieces, whole);
        }

        #[test]
        fn no_bytes_panic(pieces: Vec<Vec<u8>>) {
            let mut conversation = Conversation::default();
            for piece in pieces {
                shown(&mut conversation, &piece);
            }
        }
    }
}
