//! A broker with clients that are nothing but hand-made packets.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub(crate) use attwin_core::mqtt::packet::{
    self, ConnectFields, ConnectReturnCode, Level, Packet, Pid, Publish, QoS, Will,
};
pub(crate) use attwin_core::{Duration, Instant};
pub(crate) use attwin_sim::broker::{
    Broker, BrokerConfig, BrokerEvent, BrokerOutput, ConnectionId, DisconnectReason, DropReason,
    Limits, Message, Violation,
};
pub(crate) use bytes::Bytes;

pub(crate) use QoS::{Level0, Level1, Level2};

/// A broker, its transports and the clock.
pub(crate) struct World {
    pub(crate) broker: Broker,
    pub(crate) now: Instant,
    next_connection: u64,
    inboxes: BTreeMap<ConnectionId, VecDeque<Bytes>>,
    closed: BTreeSet<ConnectionId>,
    stalled: BTreeSet<ConnectionId>,
    events: Vec<BrokerEvent>,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(BrokerConfig::default())
    }

    pub(crate) fn with(config: BrokerConfig) -> Self {
        Self {
            broker: Broker::new(config),
            now: Instant::ZERO,
            next_connection: 0,
            inboxes: BTreeMap::new(),
            closed: BTreeSet::new(),
            stalled: BTreeSet::new(),
            events: Vec::new(),
        }
    }

    pub(crate) fn with_limits(limits: Limits) -> Self {
        Self::with(BrokerConfig {
            limits,
            ..BrokerConfig::default()
        })
    }

    /// Opens a transport connection.
    pub(crate) fn open(&mut self) -> ConnectionId {
        self.next_connection += 1;
        let connection = ConnectionId(self.next_connection);
        self.broker.open(self.now, connection);
        self.settle();
        connection
    }

    /// Connects and takes CONNACK; returns the connection and session present.
    pub(crate) fn connect(&mut self, fields: &ConnectFields) -> (ConnectionId, bool) {
        let connection = self.open();
        self.send(connection, &packet::connect(fields).expect("fits"));
        match self.recv(connection) {
            Some(Packet::Connack(ack)) if ack.code == ConnectReturnCode::Accepted => {
                (connection, ack.session_present)
            }
            other => panic!("not accepted: {other:?}"),
        }
    }

    /// Connects with a clean session at MQTT 3.1.1.
    pub(crate) fn client(&mut self, client_id: &str) -> ConnectionId {
        self.connect(&clean(client_id)).0
    }

    /// Connects with a persistent session at MQTT 3.1.1.
    pub(crate) fn resume(&mut self, client_id: &str) -> ConnectionId {
        self.connect(&persistent(client_id)).0
    }

    pub(crate) fn send(&mut self, connection: ConnectionId, bytes: &[u8]) {
        self.broker.receive(self.now, connection, bytes);
        self.settle();
    }

    pub(crate) fn send_packet(&mut self, connection: ConnectionId, packet: &Packet) {
        self.send(connection, &packet::encode(packet).expect("encodes"));
    }

    pub(crate) fn publish(&mut self, connection: ConnectionId, qos: QoS, pid: u16, topic: &str) {
        self.publish_payload(connection, qos, pid, topic, "hello");
    }

    pub(crate) fn publish_payload(
        &mut self,
        connection: ConnectionId,
        qos: QoS,
        pid: u16,
        topic: &str,
        payload: &str,
    ) {
        self.send(connection, &publish(qos, pid, topic, payload));
    }

    /// Publishes with RETAIN and QoS 0.
    pub(crate) fn retain(&mut self, connection: ConnectionId, topic: &str, payload: &str) {
        let packet = packet::publish(false, Level0, true, 0, topic.as_bytes(), payload.as_bytes());
        self.send(connection, &packet.expect("fits"));
    }

    /// Subscribes and takes SUBACK; returns its codes.
    pub(crate) fn subscribe(
        &mut self,
        connection: ConnectionId,
        filters: &[(&str, QoS)],
    ) -> Vec<u8> {
        self.send(connection, &subscribe(filters));
        let suback = self.recv_bytes(connection).expect("SUBACK");
        assert_eq!(suback[0], 0x90);
        suback[4..].to_vec()
    }

    /// The transport vanishes.
    pub(crate) fn drop_link(&mut self, connection: ConnectionId) {
        self.broker.closed(self.now, connection);
        self.settle();
    }

    /// The transport stops taking bytes.
    pub(crate) fn stall(&mut self, connection: ConnectionId) {
        self.stalled.insert(connection);
    }

    /// The transport reports bytes taken and takes all that follow.
    pub(crate) fn unstall(&mut self, connection: ConnectionId, bytes: usize) {
        self.stalled.remove(&connection);
        self.broker.sent(connection, bytes);
        self.settle();
    }

    /// Lets time pass, stopping at each of the broker's deadlines.
    pub(crate) fn advance(&mut self, by: Duration) {
        let end = self.now + by;
        while let Some(deadline) = self.broker.poll_timeout().filter(|&d| d <= end) {
            self.now = deadline.max(self.now);
            self.broker.handle_timeout(self.now);
            self.settle();
            assert!(
                self.broker
                    .poll_timeout()
                    .is_none_or(|next| next > self.now)
            );
        }
        self.now = end;
    }

    pub(crate) fn recv_bytes(&mut self, connection: ConnectionId) -> Option<Bytes> {
        self.inboxes.get_mut(&connection)?.pop_front()
    }

    pub(crate) fn recv(&mut self, connection: ConnectionId) -> Option<Packet> {
        let bytes = self.recv_bytes(connection)?;
        // Tolerant of DUP on a repeated PUBREL.
        Some(packet::decode(Level::V31, &bytes).expect("the broker sends well-formed packets"))
    }

    pub(crate) fn recv_publish(&mut self, connection: ConnectionId) -> Publish {
        match self.recv(connection) {
            Some(Packet::Publish(publish)) => publish,
            other => panic!("not a PUBLISH: {other:?}"),
        }
    }

    /// The payloads of all PUBLISHes waiting; other packets are skipped.
    pub(crate) fn payloads(&mut self, connection: ConnectionId) -> Vec<String> {
        std::iter::from_fn(|| self.recv(connection))
            .filter_map(|packet| match packet {
                Packet::Publish(publish) => {
                    Some(String::from_utf8(publish.payload.to_vec()).expect("text"))
                }
                _ => None,
            })
            .collect()
    }

    pub(crate) fn is_closed(&self, connection: ConnectionId) -> bool {
        self.closed.contains(&connection)
    }

    /// The events since the last call.
    pub(crate) fn events(&mut self) -> Vec<BrokerEvent> {
        std::mem::take(&mut self.events)
    }

    /// Asserts that the broker closed the connection, and returns why.
    pub(crate) fn why_closed(&mut self, connection: ConnectionId) -> DisconnectReason {
        assert!(self.is_closed(connection), "{connection} is open");
        self.events()
            .into_iter()
            .find_map(|event| match event {
                BrokerEvent::Disconnected {
                    connection: c,
                    reason,
                    ..
                } if c == connection => Some(reason),
                _ => None,
            })
            .expect("an event says why")
    }

    /// Polls until there is nothing to do.
    pub(crate) fn settle(&mut self) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                BrokerOutput::Send { connection, bytes } => {
                    assert!(!self.closed.contains(&connection), "sends after closing");
                    let frame = packet::frame(&bytes).expect("framed").expect("whole");
                    assert_eq!(frame.len(), bytes.len(), "one packet each");
                    let len = bytes.len();
                    self.inboxes.entry(connection).or_default().push_back(bytes);
                    if !self.stalled.contains(&connection) {
                        self.broker.sent(connection, len);
                    }
                }
                BrokerOutput::Close { connection } => {
                    assert!(self.closed.insert(connection), "closes twice");
                }
                BrokerOutput::Event(event) => self.events.push(event),
            }
        }
    }
}

/// CONNECT with a clean session, MQTT 3.1.1, no keep alive.
pub(crate) fn clean(client_id: &str) -> ConnectFields {
    ConnectFields {
        level: Level::V311,
        clean_session: true,
        keep_alive: 0,
        client_id: Bytes::copy_from_slice(client_id.as_bytes()),
        will: None,
        username: None,
        password: None,
    }
}

pub(crate) fn persistent(client_id: &str) -> ConnectFields {
    ConnectFields {
        clean_session: false,
        ..clean(client_id)
    }
}

pub(crate) fn v31(fields: ConnectFields) -> ConnectFields {
    ConnectFields {
        level: Level::V31,
        ..fields
    }
}

pub(crate) fn with_will(fields: ConnectFields, qos: QoS, retain: bool) -> ConnectFields {
    let will = Will {
        topic: "will".into(),
        message: "gone".into(),
        qos,
        retain,
    };
    ConnectFields {
        will: Some(will),
        ..fields
    }
}

pub(crate) fn publish(qos: QoS, pid: u16, topic: &str, payload: &str) -> Bytes {
    packet::publish(false, qos, false, pid, topic.as_bytes(), payload.as_bytes()).expect("fits")
}

pub(crate) fn unsubscribe(filters: &[&str]) -> Bytes {
    let filters: Vec<_> = filters
        .iter()
        .map(|filter| Bytes::copy_from_slice(filter.as_bytes()))
        .collect();
    packet::unsubscribe(9, &filters).expect("fits")
}

pub(crate) fn subscribe(filters: &[(&str, QoS)]) -> Bytes {
    let filters: Vec<_> = filters
        .iter()
        .map(|&(filter, qos)| (Bytes::copy_from_slice(filter.as_bytes()), qos))
        .collect();
    packet::subscribe(1, &filters).expect("fits")
}

pub(crate) fn message(topic: &str, payload: &str, qos: QoS, retain: bool) -> Message {
    Message::new(topic, payload.to_owned(), qos, retain).expect("valid")
}

pub(crate) fn pid(value: u16) -> Pid {
    Pid::new(value).expect("not zero")
}

/// The identifier of a PUBLISH.
pub(crate) fn pid_of(publish: &Publish) -> u16 {
    publish.qos_pid.pid().expect("QoS 1 or 2").value()
}

pub(crate) const DISCONNECT: [u8; 2] = [0xe0, 0];
pub(crate) const PINGREQ: [u8; 2] = [0xc0, 0];

pub(crate) fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}
