//! The session under virtual time, against packets made by hand.

mod keep_alive;
mod receiving;
mod requests;
mod resumption;
mod retransmission;
mod robustness;

use alloc::vec;
use alloc::vec::Vec;

use super::*;
use crate::Duration;
use crate::mqtt::packet::{ConnectFields, QoS};

const ACCEPTED: &[u8] = &[0x20, 2, 0, 0];
const ACCEPTED_SESSION_PRESENT: &[u8] = &[0x20, 2, 1, 0];

/// T=5, R=3: the default of docs/spec/quectel.md 3.1.
const RETRY: Retry = Retry {
    timeout: Duration::from_secs(5),
    retries: 3,
    whole_exchange: false,
};
const NO_RETRY: Retry = Retry {
    retries: 0,
    ..RETRY
};

/// Options of a plain client with clean session 1.
fn options() -> Options {
    Options {
        connect: ConnectFields {
            level: Level::V311,
            clean_session: true,
            keep_alive: 0,
            client_id: Bytes::from_static(b"dev-1"),
            will: None,
            username: None,
            password: None,
        },
        connack_timeout: Duration::from_secs(5),
        rules: Rules::default(),
    }
}

/// The same with clean session 0.
fn persistent() -> Options {
    let mut options = options();
    options.connect.clean_session = false;
    options
}

fn seconds(s: u64) -> Instant {
    Instant::ZERO + Duration::from_secs(s)
}

/// A session, a clock, and a network that takes every byte at once.
struct Bench {
    session: Session,
    now: Instant,
}

impl Bench {
    fn new() -> Self {
        Self {
            session: Session::new(),
            now: Instant::ZERO,
        }
    }

    /// A new session, connected at time zero.
    fn connected(options: Options) -> Self {
        let mut bench = Self::new();
        bench.connect(options, ACCEPTED);
        bench
    }

    /// Connects and checks that the server accepts; what is sent then stays
    /// queued.
    fn connect(&mut self, options: Options, connack: &[u8]) {
        self.session.connect(self.now, options).expect("fits");
        assert_eq!(self.packets().len(), 1, "CONNECT");
        self.session.receive(self.now, connack);
        let session_present = connack[2] == 1;
        assert_eq!(self.events(), [Event::Connected { session_present }]);
    }

    fn receive(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.session.receive(self.now, bytes);
        self.events()
    }

    fn events(&mut self) -> Vec<Event> {
        core::iter::from_fn(|| self.session.poll_event()).collect()
    }

    /// What is sent, one entry for each packet.
    fn packets(&mut self) -> Vec<Vec<u8>> {
        let packets: Vec<_> = core::iter::from_fn(|| self.session.poll_transmit())
            .map(|p| p.to_vec())
            .collect();
        self.session
            .sent(self.now, packets.iter().map(Vec::len).sum());
        packets
    }

    /// Lets time pass, and tells what happened at which second.
    fn run_until(&mut self, end: u64) -> Vec<(u64, Event)> {
        let mut log = Vec::new();
        while let Some(at) = self.session.poll_timeout().filter(|&at| at <= seconds(end)) {
            assert!(at >= self.now, "a deadline lies in the past");
            self.now = at;
            self.session.handle_timeout(at);
            let events = self.events();
            log.extend(
                events
                    .into_iter()
                    .map(|event| (at.since_origin().as_secs(), event)),
            );
        }
        self.now = seconds(end);
        log
    }

    fn publish(&mut self, id: u16, qos: QoS, retry: Retry) -> Result<u16, RequestError> {
        self.request(PacketId::Host(id), message(qos), retry)
    }

    fn subscribe(&mut self, id: PacketId, retry: Retry) -> Result<u16, RequestError> {
        let filters = [(Bytes::from_static(b"t"), QoS::Level1)];
        self.request(id, Ask::Subscribe(&filters), retry)
    }

    fn unsubscribe(&mut self, id: PacketId, retry: Retry) -> Result<u16, RequestError> {
        let filters = [Bytes::from_static(b"t")];
        self.request(id, Ask::Unsubscribe(&filters), retry)
    }

    fn request(&mut self, id: PacketId, ask: Ask<'_>, retry: Retry) -> Result<u16, RequestError> {
        let token = 0;
        let request = Request {
            id,
            ask,
            retry,
            token,
        };
        self.session.request(self.now, &request)
    }

    /// Acknowledges every message among the events.
    fn acknowledge(&mut self, events: Vec<Event>) {
        for event in events {
            if let Event::Message(Message {
                acknowledgement: Some(ack),
                ..
            }) = event
            {
                self.session.acknowledge(self.now, ack);
            }
        }
    }

    fn timeout(&mut self, at: u64) -> Vec<Event> {
        self.now = seconds(at);
        self.session.handle_timeout(self.now);
        self.events()
    }
}

fn message(qos: QoS) -> Ask<'static> {
    Ask::Publish {
        qos,
        retain: false,
        dup: false,
        topic: b"t",
        payload: b"x",
    }
}

fn ticket(id: u16) -> Ticket {
    Ticket {
        id,
        token: 0,
        resumed: false,
    }
}

fn resumed(id: u16) -> Ticket {
    Ticket {
        resumed: true,
        ..ticket(id)
    }
}

/// PUBLISH of `x` on `t` as it stands on the wire.
fn publish(first: u8, id: u8) -> Vec<u8> {
    if first & 0x06 == 0 {
        vec![first, 4, 0, 1, b't', b'x']
    } else {
        vec![first, 6, 0, 1, b't', 0, id, b'x']
    }
}

/// Payloads of the messages among the events.
fn payloads(events: &[Event]) -> Vec<&[u8]> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Message(message) => Some(&message.payload[..]),
            _ => None,
        })
        .collect()
}
