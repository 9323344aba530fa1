//! MQTT control packets: framing, decoding, encoding.
//!
//! Decoding is that of `mqtt_proto`, entered only through a body slice framed
//! here, with the four malformed packets it would let pass refused on top.
//! What a *module* sends is written by [`connect`], [`publish`],
//! [`subscribe`] and [`unsubscribe`]: a host may put any bytes into a client
//! id, topic or filter, the real module passes them on unchecked
//! (docs/spec/quectel.md 2.5, docs/spec/simcom.md 3.17 `checkUTF8`), and a codec built on
//! `str` cannot carry them.

use alloc::vec::Vec;

use bytes::{BufMut, Bytes, BytesMut};
use mqtt_proto::{PollHeader as _, v3::Header};

pub use super::control::*;

/// Largest remaining length MQTT can express (MQTT 3.1.1 section 2.2.3).
pub const MAX_REMAINING_LENGTH: usize = 268_435_455;

/// Why bytes are not an MQTT control packet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Malformed {
    /// The remaining length has more than four bytes.
    #[error("remaining length is longer than four bytes")]
    RemainingLength,
    /// The codec refused the header or the body.
    #[error("{0}")]
    Body(CodecError),
    /// A CONNACK has a return code MQTT reserves (MQTT 3.1.1 section 3.2.2.3).
    #[error("CONNACK has the reserved return code {0}")]
    ReturnCode(u8),
    /// The body has bytes left over.
    #[error("{excess} bytes left over after the packet's fields")]
    Trailing {
        /// How many.
        excess: usize,
    },
    /// A QoS 0 PUBLISH has the DUP flag (MQTT 3.1.1 [MQTT-3.3.1-2]).
    #[error("DUP is set on a QoS 0 PUBLISH")]
    DupOnQos0,
    /// A PUBLISH has an empty topic (MQTT 3.1.1 [MQTT-4.7.3-1]).
    #[error("empty topic name")]
    EmptyTopic,
    /// A SUBACK, SUBSCRIBE or UNSUBSCRIBE has an empty list.
    #[error("empty list of topic filters or return codes")]
    EmptyList,
    /// CONNECT has a password but no user name (MQTT 3.1.1 [MQTT-3.1.2-22]).
    #[error("password without user name")]
    PasswordWithoutUserName,
}

/// Where one packet lies in a buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// Bytes of the fixed header.
    pub header_len: usize,
    /// Bytes of the body.
    pub remaining: usize,
}

impl Frame {
    /// Total size in bytes.
    pub const fn len(self) -> usize {
        self.header_len + self.remaining
    }

    /// Never: a packet has at least two bytes.
    pub const fn is_empty(self) -> bool {
        false
    }
}

/// Reads the fixed header at the start of `buf`; `None` if it is incomplete.
/// The body need not be there yet.
///
/// # Errors
/// The remaining length has more than four bytes.
pub fn frame(buf: &[u8]) -> Result<Option<Frame>, Malformed> {
    let mut remaining = 0usize;
    for (i, &byte) in buf.iter().skip(1).take(4).enumerate() {
        remaining |= usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Ok(Some(Frame {
                header_len: i + 2,
                remaining,
            }));
        }
    }
    if buf.len() > 4 {
        Err(Malformed::RemainingLength)
    } else {
        Ok(None)
    }
}

/// Decodes one whole packet, framed by [`frame`].
///
/// `level` decides whether DUP may be set on PUBREL, SUBSCRIBE and
/// UNSUBSCRIBE: MQTT 3.1 allows it on retransmission, 3.1.1 forbids it.
///
/// # Errors
/// The bytes are no control packet of that level.
///
/// # Panics
/// In debug builds, if `packet` is not exactly one frame long.
pub fn decode(level: Level, packet: &[u8]) -> Result<Packet, Malformed> {
    let Some(frame) = frame(packet)? else {
        return Err(Malformed::RemainingLength);
    };
    debug_assert_eq!(frame.len(), packet.len());
    let mut first = packet[0];
    if level == Level::V31 && matches!(first >> 4, 6 | 8 | 10) {
        first &= !0x08;
    }
    let body = &packet[frame.header_len..];
    let remaining = u32::try_from(body.len()).map_err(|_| Malformed::RemainingLength)?;
    let total = u32::try_from(packet.len()).map_err(|_| Malformed::RemainingLength)?;
    let header = Header::new_with(first, remaining, total).map_err(malformed)?;
    if let Some(empty) = header.build_empty_packet() {
        return if body.is_empty() {
            Ok(Packet::read(empty))
        } else {
            Err(Malformed::Trailing { excess: body.len() })
        };
    }
    let mut offset = 0;
    let packet = header.decode_buffer(body, &mut offset).map_err(malformed)?;
    if offset != body.len() {
        return Err(Malformed::Trailing {
            excess: body.len() - offset,
        });
    }
    let packet = Packet::read(packet);
    refuse_what_the_codec_lets_pass(&packet)?;
    Ok(packet)
}

fn malformed(error: mqtt_proto::Error) -> Malformed {
    match error {
        mqtt_proto::Error::InvalidConnectReturnCode(code) => Malformed::ReturnCode(code),
        error => Malformed::Body(CodecError::new(error)),
    }
}

fn refuse_what_the_codec_lets_pass(packet: &Packet) -> Result<(), Malformed> {
    match packet {
        Packet::Publish(p) if p.dup && p.qos_pid == QosPid::Level0 => Err(Malformed::DupOnQos0),
        Packet::Publish(p) if p.topic_name.is_empty() => Err(Malformed::EmptyTopic),
        Packet::Suback(s) if s.topics.is_empty() => Err(Malformed::EmptyList),
        Packet::Subscribe(s) if s.topics.is_empty() => Err(Malformed::EmptyList),
        Packet::Unsubscribe(u) if u.topics.is_empty() => Err(Malformed::EmptyList),
        Packet::Connect(c) if c.password.is_some() && c.username.is_none() => {
            Err(Malformed::PasswordWithoutUserName)
        }
        _ => Ok(()),
    }
}

/// Encodes a packet; the raw functions below are for those whose strings may
/// be any bytes.
///
/// # Errors
/// A field or the packet is too long.
pub fn encode(packet: &Packet) -> Result<Bytes, TooLong> {
    let text = |text: &str| Bytes::copy_from_slice(text.as_bytes());
    Ok(match packet {
        Packet::Connect(packet) => connect(&ConnectFields {
            level: packet.level,
            clean_session: packet.clean_session,
            keep_alive: packet.keep_alive,
            client_id: text(&packet.client_id),
            will: packet.last_will.as_ref().map(|will| Will {
                topic: text(&will.topic_name),
                message: will.message.clone(),
                qos: will.qos,
                retain: will.retain,
            }),
            username: packet.username.as_deref().map(text),
            password: packet.password.clone(),
        })?,
        Packet::Connack(ack) => {
            let flags = u8::from(ack.session_present);
            Bytes::copy_from_slice(&[0x20, 2, flags, ack.code as u8])
        }
        Packet::Publish(Publish {
            dup,
            retain,
            qos_pid,
            topic_name,
            payload,
        }) => {
            let pid = qos_pid.pid().map_or(0, Pid::value);
            publish(
                *dup,
                qos_pid.qos(),
                *retain,
                pid,
                topic_name.as_bytes(),
                payload,
            )?
        }
        Packet::Puback(pid) => puback(pid.value()),
        Packet::Pubrec(pid) => pubrec(pid.value()),
        Packet::Pubrel(pid) => pubrel(false, pid.value()),
        Packet::Pubcomp(pid) => pubcomp(pid.value()),
        Packet::Subscribe(packet) => {
            let filters = packet.topics.iter().map(|(f, qos)| (text(f), *qos));
            subscribe(packet.pid.value(), &filters.collect::<Vec<_>>())?
        }
        Packet::Suback(ack) => {
            let mut out = start(0x90, 2 + ack.topics.len())?;
            out.put_u16(ack.pid.value());
            out.extend(ack.topics.iter().map(|code| *code as u8));
            out.freeze()
        }
        Packet::Unsubscribe(packet) => {
            let filters: Vec<_> = packet.topics.iter().map(|f| text(f)).collect();
            unsubscribe(packet.pid.value(), &filters)?
        }
        Packet::Unsuback(pid) => with_pid_only(0xb0, pid.value()),
        Packet::Pingreq => PINGREQ,
        Packet::Pingresp => Bytes::from_static(&[0xd0, 0]),
        Packet::Disconnect => DISCONNECT,
    })
}

/// The fields of CONNECT as a module sends them (MQTT 3.1.1 section 3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectFields {
    /// Protocol name and level.
    pub level: Level,
    /// Clean session flag.
    pub clean_session: bool,
    /// Keep alive in seconds, 0 for never.
    pub keep_alive: u16,
    /// Client identifier, any bytes.
    pub client_id: Bytes,
    /// Will message.
    pub will: Option<Will>,
    /// User name.
    pub username: Option<Bytes>,
    /// Password.
    pub password: Option<Bytes>,
}

/// A will message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Will {
    /// Topic name.
    pub topic: Bytes,
    /// Payload.
    pub message: Bytes,
    /// Quality of service.
    pub qos: QoS,
    /// Retain flag.
    pub retain: bool,
}

/// Why a packet cannot be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("field of {len} bytes does not fit into an MQTT packet")]
pub struct TooLong {
    /// Size of the offending field or packet.
    pub len: usize,
}

/// CONNECT.
///
/// # Errors
/// A field is too long.
pub fn connect(fields: &ConnectFields) -> Result<Bytes, TooLong> {
    let (name, level): (&[u8], u8) = match fields.level {
        Level::V31 => (b"MQIsdp", 3),
        Level::V311 => (b"MQTT", 4),
    };
    let mut flags = u8::from(fields.clean_session) << 1;
    let mut size = 2 + name.len() + 1 + 1 + 2 + 2 + fields.client_id.len();
    if let Some(will) = &fields.will {
        flags |= 0x04 | (will.qos as u8) << 3 | u8::from(will.retain) << 5;
        size += 4 + will.topic.len() + will.message.len();
    }
    if let Some(username) = &fields.username {
        flags |= 0x80;
        size += 2 + username.len();
    }
    if let Some(password) = &fields.password {
        flags |= 0x40;
        size += 2 + password.len();
    }
    let mut out = start(0x10, size)?;
    put_field(&mut out, name)?;
    out.put_u8(level);
    out.put_u8(flags);
    out.put_u16(fields.keep_alive);
    put_field(&mut out, &fields.client_id)?;
    if let Some(will) = &fields.will {
        put_field(&mut out, &will.topic)?;
        put_field(&mut out, &will.message)?;
    }
    for field in [&fields.username, &fields.password].into_iter().flatten() {
        put_field(&mut out, field)?;
    }
    Ok(out.freeze())
}

/// The quality of service a number in the range 0 to 2 stands for; 0 without
/// one.
pub(crate) fn qos(number: Option<u32>) -> QoS {
    match number {
        Some(1) => QoS::Level1,
        Some(2) => QoS::Level2,
        _ => QoS::Level0,
    }
}

/// PUBLISH. `pid` is ignored for QoS 0.
///
/// # Errors
/// The topic or the packet is too long.
///
/// # Panics
/// In debug builds, if `pid` is 0 with another QoS.
pub fn publish(
    dup: bool,
    qos: QoS,
    retain: bool,
    pid: u16,
    topic: &[u8],
    payload: &[u8],
) -> Result<Bytes, TooLong> {
    let with_pid = qos != QoS::Level0;
    debug_assert!(!with_pid || pid != 0);
    let first = 0x30 | u8::from(dup && with_pid) << 3 | (qos as u8) << 1 | u8::from(retain);
    let size = 2 + topic.len() + if with_pid { 2 } else { 0 } + payload.len();
    let mut out = start(first, size)?;
    put_field(&mut out, topic)?;
    if with_pid {
        out.put_u16(pid);
    }
    out.put_slice(payload);
    Ok(out.freeze())
}

/// SUBSCRIBE.
///
/// # Errors
/// A filter or the packet is too long.
pub fn subscribe(pid: u16, filters: &[(Bytes, QoS)]) -> Result<Bytes, TooLong> {
    let size = 2 + filters
        .iter()
        .map(|(filter, _)| 3 + filter.len())
        .sum::<usize>();
    let mut out = start(0x82, size)?;
    out.put_u16(pid);
    for (filter, qos) in filters {
        put_field(&mut out, filter)?;
        out.put_u8(*qos as u8);
    }
    Ok(out.freeze())
}

/// UNSUBSCRIBE.
///
/// # Errors
/// A filter or the packet is too long.
pub fn unsubscribe(pid: u16, filters: &[Bytes]) -> Result<Bytes, TooLong> {
    let size = 2 + filters.iter().map(|filter| 2 + filter.len()).sum::<usize>();
    let mut out = start(0xa2, size)?;
    out.put_u16(pid);
    for filter in filters {
        put_field(&mut out, filter)?;
    }
    Ok(out.freeze())
}

/// PUBACK.
pub fn puback(pid: u16) -> Bytes {
    with_pid_only(0x40, pid)
}

/// PUBREC.
pub fn pubrec(pid: u16) -> Bytes {
    with_pid_only(0x50, pid)
}

/// PUBREL; `dup` only at MQTT 3.1.
pub fn pubrel(dup: bool, pid: u16) -> Bytes {
    with_pid_only(if dup { 0x62 | DUP } else { 0x62 }, pid)
}

/// PUBCOMP.
pub fn pubcomp(pid: u16) -> Bytes {
    with_pid_only(0x70, pid)
}

/// PINGREQ.
pub const PINGREQ: Bytes = Bytes::from_static(&[0xc0, 0]);

/// DISCONNECT.
pub const DISCONNECT: Bytes = Bytes::from_static(&[0xe0, 0]);

/// The DUP flag in the fixed header (MQTT 3.1.1 section 3.3.1.1).
pub const DUP: u8 = 0x08;

/// The same packet with the DUP flag set.
pub fn with_dup(packet: &Bytes) -> Bytes {
    let mut copy = Vec::from(&packet[..]);
    if let Some(first) = copy.first_mut() {
        *first |= DUP;
    }
    Bytes::from(copy)
}

fn with_pid_only(first: u8, pid: u16) -> Bytes {
    let [high, low] = pid.to_be_bytes();
    Bytes::copy_from_slice(&[first, 2, high, low])
}

fn start(first: u8, remaining: usize) -> Result<BytesMut, TooLong> {
    if remaining > MAX_REMAINING_LENGTH {
        return Err(TooLong { len: remaining });
    }
    let mut out = BytesMut::with_capacity(5 + remaining);
    out.put_u8(first);
    let mut rest = remaining;
    loop {
        // Masked to seven bits, so it fits.
        #[expect(clippy::cast_possible_truncation)]
        let byte = (rest & 0x7f) as u8;
        rest >>= 7;
        if rest == 0 {
            out.put_u8(byte);
            return Ok(out);
        }
        out.put_u8(byte | 0x80);
    }
}

fn put_field(out: &mut BytesMut, field: &[u8]) -> Result<(), TooLong> {
    let len = u16::try_from(field.len()).map_err(|_| TooLong { len: field.len() })?;
    out.put_u16(len);
    out.put_slice(field);
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn frames_only_what_is_complete() {
        assert_eq!(frame(&[]), Ok(None));
        assert_eq!(frame(&[0x30]), Ok(None));
        assert_eq!(frame(&[0x30, 0x80]), Ok(None));
        assert_eq!(
            frame(&[0x30, 0x02]),
            Ok(Some(Frame {
                header_len: 2,
                remaining: 2
            }))
        );
        assert_eq!(
            frame(&[0x30, 0xff, 0xff, 0xff, 0x7f]),
            Ok(Some(Frame {
                header_len: 5,
                remaining: MAX_REMAINING_LENGTH
            }))
        );
        assert_eq!(
            frame(&[0x30, 0x80, 0x80, 0x80, 0x80]),
            Err(Malformed::RemainingLength)
        );
    }

    #[test]
    fn refuses_what_the_codec_lets_pass() {
        let bad: [(&[u8], Malformed); 4] = [
            (&[0x38, 0x03, 0, 1, b't'], Malformed::DupOnQos0),
            (&[0x30, 0x02, 0, 0], Malformed::EmptyTopic),
            (&[0x90, 0x02, 0, 1], Malformed::EmptyList),
            (
                &[
                    0x10, 15, 0, 4, b'M', b'Q', b'T', b'T', 4, 0x42, 0, 60, 0, 0, 0, 1, b'p',
                ],
                Malformed::PasswordWithoutUserName,
            ),
        ];
        for (bytes, error) in bad {
            assert_eq!(decode(Level::V311, bytes), Err(error), "{bytes:02x?}");
        }
    }

    #[test]
    fn a_reserved_return_code_is_named() {
        assert_eq!(
            decode(Level::V311, &[0x20, 2, 0, 6]),
            Err(Malformed::ReturnCode(6))
        );
    }

    #[test]
    fn dup_on_pubrel_is_for_mqtt_3_1_only() {
        let pubrel = [0x6a, 2, 0, 7];
        assert!(decode(Level::V311, &pubrel).is_err());
        let packet = decode(Level::V31, &pubrel).expect("3.1 allows it");
        assert_eq!(packet.get_type(), PacketType::Pubrel);
    }

    /// The exact packets of docs/spec/yuge.md 3.7.
    #[test]
    fn connect_matches_published_bytes() {
        let mut fields = ConnectFields {
            level: Level::V311,
            clean_session: false,
            keep_alive: 60,
            client_id: Bytes::from_static(b"testMQTT"),
            will: Some(Will {
                topic: Bytes::from_static(b"will_topic"),
                message: Bytes::from_static(b"will_message"),
                qos: QoS::Level0,
                retain: false,
            }),
            username: None,
            password: None,
        };
        let mut expected = vec![0x10, 0x2e, 0, 4];
        expected
            .extend(b"MQTT\x04\x04\x00\x3c\x00\x08testMQTT\x00\x0awill_topic\x00\x0cwill_message");
        assert_eq!(connect(&fields).expect("fits"), expected);
        fields.will = None;
        fields.level = Level::V31;
        assert_eq!(
            connect(&fields).expect("fits"),
            &b"\x10\x16\x00\x06MQIsdp\x03\x00\x00\x3c\x00\x08testMQTT"[..]
        );
    }

    #[test]
    fn a_refused_subscription_is_0x80() {
        let codes = vec![SubscribeReturnCode::MaxLevel1, SubscribeReturnCode::Failure];
        let suback = Packet::Suback(Suback {
            pid: Pid::new(1).expect("not zero"),
            topics: codes,
        });
        let bytes = encode(&suback).expect("encodes");
        assert_eq!(bytes, &[0x90, 4, 0, 1, 1, 0x80][..]);
        assert_eq!(decode(Level::V311, &bytes), Ok(suback));
    }

    #[test]
    fn strings_need_not_be_text() {
        let packet = publish(false, QoS::Level1, false, 7, b"\xff\xfe", b"x").expect("fits");
        assert_eq!(packet, &b"\x32\x07\x00\x02\xff\xfe\x00\x07x"[..]);
        assert!(publish(false, QoS::Level0, false, 0, &[b't'; 65_536], b"").is_err());
    }

    fn qos() -> impl Strategy<Value = QoS> {
        prop_oneof![Just(QoS::Level0), Just(QoS::Level1), Just(QoS::Level2)]
    }

    proptest! {
        /// What the raw encoder writes, the library reads back, and writes
        /// the same way.
        #[test]
        fn publish_round_trips(dup: bool, qos in qos(), retain: bool, pid in 1u16.., topic in "[a-zé/ ]{1,200}",
                               payload in proptest::collection::vec(any::<u8>(), 0..300)) {
            let dup = dup && qos != QoS::Level0;
            let bytes = publish(dup, qos, retain, pid, topic.as_bytes(), &payload).expect("fits");
            let packet = decode(Level::V311, &bytes).expect("well-formed");
            prop_assert_eq!(&encode(&packet).expect("encodes"), &bytes);
            let Packet::Publish(p) = packet else { panic!("not a PUBLISH") };
            prop_assert_eq!(p.dup, dup);
            prop_assert_eq!(p.retain, retain);
            prop_assert_eq!(p.qos_pid.qos(), qos);
            prop_assert_eq!(p.qos_pid.pid().map(Pid::value), (qos != QoS::Level0).then_some(pid));
            prop_assert_eq!(&*p.topic_name, topic.as_str());
            prop_assert_eq!(&p.payload[..], &payload[..]);
        }

        #[test]
        fn connect_round_trips(v31: bool, clean_session: bool, keep_alive: u16, id in "[a-z0-9]{0,64}",
                               will in proptest::option::of(("[a-z/]{1,64}", proptest::collection::vec(any::<u8>(), 0..64), qos(), any::<bool>())),
                               username in proptest::option::of("[a-z]{0,32}"), password: Option<[u8; 9]>) {
            let fields = ConnectFields {
                level: if v31 { Level::V31 } else { Level::V311 },
                clean_session, keep_alive,
                client_id: Bytes::from(id),
                will: will.map(|(topic, message, qos, retain)| Will { topic: topic.into(), message: message.into(), qos, retain }),
                password: password.filter(|_| username.is_some()).map(|p| Bytes::copy_from_slice(&p)),
                username: username.map(Bytes::from),
            };
            let bytes = connect(&fields).expect("fits");
            let packet = decode(fields.level, &bytes).expect("well-formed");
            prop_assert_eq!(encode(&packet).expect("encodes"), bytes);
        }

        #[test]
        fn subscribe_round_trips(pid in 1u16.., filters in proptest::collection::vec(("[a-z/]{1,64}", qos()), 1..6)) {
            let raw: Vec<_> = filters.iter().map(|(f, q)| (Bytes::from(f.clone()), *q)).collect();
            let bytes = subscribe(pid, &raw).expect("fits");
            prop_assert_eq!(encode(&decode(Level::V311, &bytes).expect("well-formed")).expect("encodes"), bytes);
            let names: Vec<_> = raw.into_iter().map(|(f, _)| f).collect();
            let bytes = unsubscribe(pid, &names).expect("fits");
            prop_assert_eq!(encode(&decode(Level::V311, &bytes).expect("well-formed")).expect("encodes"), bytes);
        }

        #[test]
        fn decode_never_panics(level: bool, body in proptest::collection::vec(any::<u8>(), 0..64), first: u8) {
            let mut packet = vec![first, u8::try_from(body.len()).expect("short")];
            packet.extend(body);
            let _ = decode(if level { Level::V31 } else { Level::V311 }, &packet);
        }
    }
}
