//! Control packets as values (MQTT 3.1.1 section 3), and how the codec's
//! become these.

use alloc::string::ToString as _;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::num::NonZeroU16;
use core::ops::Deref;

use bytes::Bytes;
use mqtt_proto::{self as codec, Protocol, v3};

/// MQTT protocol level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// MQTT 3.1: protocol name `MQIsdp`, level 3.
    V31,
    /// MQTT 3.1.1: protocol name `MQTT`, level 4.
    V311,
}

/// Quality of service of a message (MQTT 3.1.1 section 4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum QoS {
    /// At most once.
    Level0,
    /// At least once.
    Level1,
    /// Exactly once.
    Level2,
}

/// Return code of CONNACK (MQTT 3.1.1 section 3.2.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ConnectReturnCode {
    /// The connection is accepted.
    Accepted,
    /// The server does not speak the protocol level.
    UnacceptableProtocolVersion,
    /// The client identifier is not allowed.
    IdentifierRejected,
    /// The MQTT service is not available.
    ServerUnavailable,
    /// User name or password are malformed or wrong.
    BadUserNameOrPassword,
    /// The client may not connect.
    NotAuthorized,
}

/// Return code of one filter in SUBACK (MQTT 3.1.1 section 3.9.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum SubscribeReturnCode {
    /// Subscribed with QoS 0.
    MaxLevel0,
    /// Subscribed with QoS 1.
    MaxLevel1,
    /// Subscribed with QoS 2.
    MaxLevel2,
    /// Refused.
    Failure = 0x80,
}

/// Type of a control packet (MQTT 3.1.1 section 2.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are those of the packets")]
pub enum PacketType {
    Connect,
    Connack,
    Publish,
    Puback,
    Pubrec,
    Pubrel,
    Pubcomp,
    Subscribe,
    Suback,
    Unsubscribe,
    Unsuback,
    Pingreq,
    Pingresp,
    Disconnect,
}

/// Packet identifier, never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pid(NonZeroU16);

/// Quality of service of a PUBLISH, with the packet identifier it brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QosPid {
    /// QoS 0 has none.
    Level0,
    /// QoS 1.
    Level1(Pid),
    /// QoS 2.
    Level2(Pid),
}

/// A topic name: text without wildcards.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TopicName(codec::TopicName);

/// A topic filter: text with its wildcards in allowed places.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TopicFilter(codec::TopicFilter);

/// A control packet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the packets")]
pub enum Packet {
    Connect(Connect),
    Connack(Connack),
    Publish(Publish),
    Puback(Pid),
    Pubrec(Pid),
    Pubrel(Pid),
    Pubcomp(Pid),
    Subscribe(Subscribe),
    Suback(Suback),
    Unsubscribe(Unsubscribe),
    Unsuback(Pid),
    Pingreq,
    Pingresp,
    Disconnect,
}

/// CONNECT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// Protocol name and level.
    pub level: Level,
    /// Clean session flag.
    pub clean_session: bool,
    /// Keep alive in seconds, 0 for never.
    pub keep_alive: u16,
    /// Client identifier.
    pub client_id: Arc<str>,
    /// Will message.
    pub last_will: Option<LastWill>,
    /// User name.
    pub username: Option<Arc<str>>,
    /// Password.
    pub password: Option<Bytes>,
}

/// The will of a CONNECT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastWill {
    /// Quality of service.
    pub qos: QoS,
    /// Retain flag.
    pub retain: bool,
    /// Topic name.
    pub topic_name: TopicName,
    /// Payload.
    pub message: Bytes,
}

/// CONNACK.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connack {
    /// Whether the server resumes a session.
    pub session_present: bool,
    /// Whether it accepts the connection.
    pub code: ConnectReturnCode,
}

/// PUBLISH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publish {
    /// DUP flag.
    pub dup: bool,
    /// RETAIN flag.
    pub retain: bool,
    /// Quality of service and packet identifier.
    pub qos_pid: QosPid,
    /// Topic name.
    pub topic_name: TopicName,
    /// Payload.
    pub payload: Bytes,
}

/// SUBSCRIBE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribe {
    /// Packet identifier.
    pub pid: Pid,
    /// Topic filters and the QoS asked for.
    pub topics: Vec<(TopicFilter, QoS)>,
}

/// SUBACK.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suback {
    /// Packet identifier of the SUBSCRIBE.
    pub pid: Pid,
    /// One code per filter.
    pub topics: Vec<SubscribeReturnCode>,
}

/// UNSUBSCRIBE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Packet identifier.
    pub pid: Pid,
    /// Topic filters.
    pub topics: Vec<TopicFilter>,
}

impl QoS {
    /// The quality of service with this number, 0 to 2.
    pub const fn from_u8(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Level0),
            1 => Some(Self::Level1),
            2 => Some(Self::Level2),
            _ => None,
        }
    }
}

impl ConnectReturnCode {
    /// The return code with this number, 0 to 5; MQTT reserves the others.
    pub const fn from_u8(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Accepted),
            1 => Some(Self::UnacceptableProtocolVersion),
            2 => Some(Self::IdentifierRejected),
            3 => Some(Self::ServerUnavailable),
            4 => Some(Self::BadUserNameOrPassword),
            5 => Some(Self::NotAuthorized),
            _ => None,
        }
    }
}

impl Pid {
    /// The packet identifier with this number; `None` for 0.
    pub const fn new(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Its number.
    pub const fn value(self) -> u16 {
        self.0.get()
    }
}

impl QosPid {
    /// The packet identifier, if there is one.
    pub const fn pid(self) -> Option<Pid> {
        match self {
            Self::Level0 => None,
            Self::Level1(pid) | Self::Level2(pid) => Some(pid),
        }
    }

    /// The quality of service.
    pub const fn qos(self) -> QoS {
        match self {
            Self::Level0 => QoS::Level0,
            Self::Level1(_) => QoS::Level1,
            Self::Level2(_) => QoS::Level2,
        }
    }
}

impl TopicName {
    /// A topic name; `None` for text that is none: with wildcards, with NUL, or
    /// longer than 65535 bytes.
    pub fn new(name: &str) -> Option<Self> {
        codec::TopicName::try_from(name).ok().map(Self)
    }
}

impl Packet {
    /// Its type.
    pub const fn get_type(&self) -> PacketType {
        match self {
            Self::Connect(_) => PacketType::Connect,
            Self::Connack(_) => PacketType::Connack,
            Self::Publish(_) => PacketType::Publish,
            Self::Puback(_) => PacketType::Puback,
            Self::Pubrec(_) => PacketType::Pubrec,
            Self::Pubrel(_) => PacketType::Pubrel,
            Self::Pubcomp(_) => PacketType::Pubcomp,
            Self::Subscribe(_) => PacketType::Subscribe,
            Self::Suback(_) => PacketType::Suback,
            Self::Unsubscribe(_) => PacketType::Unsubscribe,
            Self::Unsuback(_) => PacketType::Unsuback,
            Self::Pingreq => PacketType::Pingreq,
            Self::Pingresp => PacketType::Pingresp,
            Self::Disconnect => PacketType::Disconnect,
        }
    }

    /// What the codec read.
    pub(super) fn read(packet: v3::Packet) -> Self {
        match packet {
            v3::Packet::Connect(connect) => Self::Connect(Connect {
                level: match connect.protocol {
                    Protocol::V310 => Level::V31,
                    _ => Level::V311,
                },
                clean_session: connect.clean_session,
                keep_alive: connect.keep_alive,
                client_id: connect.client_id,
                last_will: connect.last_will.map(|will| LastWill {
                    qos: qos(will.qos),
                    retain: will.retain,
                    topic_name: TopicName(will.topic_name),
                    message: will.message,
                }),
                username: connect.username,
                password: connect.password,
            }),
            v3::Packet::Connack(connack) => Self::Connack(Connack {
                session_present: connack.session_present,
                code: return_code(connack.code),
            }),
            v3::Packet::Publish(publish) => Self::Publish(Publish {
                dup: publish.dup,
                retain: publish.retain,
                qos_pid: match publish.qos_pid {
                    codec::QosPid::Level0 => QosPid::Level0,
                    codec::QosPid::Level1(id) => QosPid::Level1(pid(id)),
                    codec::QosPid::Level2(id) => QosPid::Level2(pid(id)),
                },
                topic_name: TopicName(publish.topic_name),
                payload: publish.payload,
            }),
            v3::Packet::Puback(id) => Self::Puback(pid(id)),
            v3::Packet::Pubrec(id) => Self::Pubrec(pid(id)),
            v3::Packet::Pubrel(id) => Self::Pubrel(pid(id)),
            v3::Packet::Pubcomp(id) => Self::Pubcomp(pid(id)),
            v3::Packet::Subscribe(subscribe) => Self::Subscribe(Subscribe {
                pid: pid(subscribe.pid),
                topics: subscribe
                    .topics
                    .into_iter()
                    .map(|(filter, asked)| (TopicFilter(filter), qos(asked)))
                    .collect(),
            }),
            v3::Packet::Suback(suback) => Self::Suback(Suback {
                pid: pid(suback.pid),
                topics: suback.topics.into_iter().map(granted).collect(),
            }),
            v3::Packet::Unsubscribe(unsubscribe) => Self::Unsubscribe(Unsubscribe {
                pid: pid(unsubscribe.pid),
                topics: unsubscribe.topics.into_iter().map(TopicFilter).collect(),
            }),
            v3::Packet::Unsuback(id) => Self::Unsuback(pid(id)),
            v3::Packet::Pingreq => Self::Pingreq,
            v3::Packet::Pingresp => Self::Pingresp,
            v3::Packet::Disconnect => Self::Disconnect,
        }
    }
}

fn qos(qos: codec::QoS) -> QoS {
    match qos {
        codec::QoS::Level0 => QoS::Level0,
        codec::QoS::Level1 => QoS::Level1,
        codec::QoS::Level2 => QoS::Level2,
    }
}

fn return_code(code: v3::ConnectReturnCode) -> ConnectReturnCode {
    use v3::ConnectReturnCode as Code;
    match code {
        Code::Accepted => ConnectReturnCode::Accepted,
        Code::UnacceptableProtocolVersion => ConnectReturnCode::UnacceptableProtocolVersion,
        Code::IdentifierRejected => ConnectReturnCode::IdentifierRejected,
        Code::ServerUnavailable => ConnectReturnCode::ServerUnavailable,
        Code::BadUserNameOrPassword => ConnectReturnCode::BadUserNameOrPassword,
        Code::NotAuthorized => ConnectReturnCode::NotAuthorized,
    }
}

fn granted(code: v3::SubscribeReturnCode) -> SubscribeReturnCode {
    use v3::SubscribeReturnCode as Code;
    match code {
        Code::MaxLevel0 => SubscribeReturnCode::MaxLevel0,
        Code::MaxLevel1 => SubscribeReturnCode::MaxLevel1,
        Code::MaxLevel2 => SubscribeReturnCode::MaxLevel2,
        Code::Failure => SubscribeReturnCode::Failure,
    }
}

fn pid(id: codec::Pid) -> Pid {
    // The codec refuses 0.
    Pid(NonZeroU16::new(id.value()).unwrap_or(NonZeroU16::MIN))
}

macro_rules! text {
    ($($Name:ident),*) => {$(
        impl Deref for $Name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&**self, f)
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self)
            }
        }
    )*};
}
text!(TopicName, TopicFilter);

/// What the codec finds wrong with a packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodecError(codec::Error);

impl CodecError {
    pub(super) const LENGTH: Self = Self(codec::Error::InvalidRemainingLength);

    pub(super) const fn new(error: codec::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string())
    }
}
