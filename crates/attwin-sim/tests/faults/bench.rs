//! A bench with one EC25 whose surroundings can be broken by text.

use std::time::Duration;

use attwin_core::mqtt::packet::QoS;
use attwin_core::{Config, Instant, find_module};
use attwin_sim::broker::{BrokerEvent, Message};
use attwin_sim::link::Direction;
use attwin_sim::{Sent, World};

/// QoS 1 publish without data entry, answered by OK and `+QMTPUB: 0,7,0`.
pub(crate) const PUBLISH_1: &str = r#"AT+QMTPUBEX=0,7,1,0,"t","x""#;
/// The same at QoS 2.
pub(crate) const PUBLISH_2: &str = r#"AT+QMTPUBEX=0,7,2,0,"t","x""#;

/// A module at a bench. Derefs to its world.
pub(crate) struct Bench {
    pub(crate) world: World,
    /// Packets of the other direction than the one that was asked for.
    kept: Vec<Sent>,
}

impl std::ops::Deref for Bench {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl std::ops::DerefMut for Bench {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

pub(crate) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(crate) fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

impl Bench {
    /// Booted, echo off, result URCs without their artificial delay.
    pub(crate) fn new() -> Self {
        Self::seeded(0)
    }

    pub(crate) fn seeded(seed: u64) -> Self {
        let module = find_module("quectel-ec25").expect("exists");
        let mut config = Config::new(module);
        config.seed = seed;
        let mut world = World::new(config);
        world
            .modem_mut()
            .set_quirk("result_urc_delay_ms", "0")
            .expect("a known quirk");
        world.boot();
        let mut bench = Self {
            world,
            kept: Vec::new(),
        };
        bench.line("ATE0");
        bench.heard();
        bench
    }

    /// A bench whose client 0 is connected, with a clean record.
    pub(crate) fn connected() -> Self {
        let mut bench = Self::new();
        bench.connect();
        bench
    }

    #[track_caller]
    pub(crate) fn open(&mut self) {
        self.line(r#"AT+QMTOPEN=0,"broker.example",1883"#);
        assert_eq!(self.within(millis(100)), "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n");
    }

    #[track_caller]
    pub(crate) fn connect(&mut self) {
        self.open();
        self.line(r#"AT+QMTCONN=0,"dev""#);
        assert_eq!(
            self.within(millis(100)),
            "\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n"
        );
        self.forget_packets();
        self.take_broker_events();
    }

    #[track_caller]
    pub(crate) fn subscribe(&mut self) {
        self.line(r#"AT+QMTSUB=0,1,"down",2"#);
        assert_eq!(
            self.within(millis(100)),
            "\r\nOK\r\n\r\n+QMTSUB: 0,1,0,2\r\n"
        );
        self.forget_packets();
    }

    pub(crate) fn forget_packets(&mut self) {
        self.kept.clear();
        self.take_packets();
    }

    /// Makes a fault active.
    #[track_caller]
    pub(crate) fn suffer(&mut self, fault: &str) {
        let spec = fault.parse().expect(fault);
        self.fault(spec);
    }

    /// Sends a line and returns what the module says at once.
    pub(crate) fn at(&mut self, line: &str) -> String {
        self.line(line);
        self.heard_text()
    }

    /// What the module says within `span`.
    pub(crate) fn within(&mut self, span: Duration) -> String {
        self.run_for(span);
        self.heard_text()
    }

    /// What the module says within `span`, each piece with the millisecond
    /// since now.
    pub(crate) fn timeline(&mut self, span: Duration) -> Vec<(u64, String)> {
        let start = self.now();
        self.run_for(span);
        let said = self.heard();
        let piece = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        said.into_iter()
            .map(|said| (since(start, said.at), piece(&said.bytes)))
            .collect()
    }

    /// Another client publishes.
    pub(crate) fn broker_publishes(&mut self, payload: &[u8], level: u8) {
        let qos = QoS::from_u8(level).expect("0 to 2");
        let message = Message::new("down", payload.to_vec(), qos, false).expect("valid");
        self.operate(|broker, now| broker.publish(now, message));
    }

    /// Payloads the broker received from the module, in order.
    pub(crate) fn received(&self) -> Vec<Vec<u8>> {
        let messages = self.broker_events().iter().filter_map(|event| match event {
            BrokerEvent::Received { message, .. } => Some(message.payload().to_vec()),
            _ => None,
        });
        messages.collect()
    }

    /// First bytes of the packets that entered the network since the last
    /// call: what the broker was sent, or sent itself.
    pub(crate) fn first_bytes(&mut self, direction: Direction) -> Vec<u8> {
        self.sent(direction).iter().map(|bytes| bytes[0]).collect()
    }

    /// Packets that entered the network since the last call.
    pub(crate) fn sent(&mut self, direction: Direction) -> Vec<Vec<u8>> {
        let packets = [std::mem::take(&mut self.kept), self.take_packets()].concat();
        let (taken, kept): (Vec<_>, Vec<_>) =
            packets.into_iter().partition(|(_, d, _)| *d == direction);
        self.kept = kept;
        taken.into_iter().map(|(_, _, bytes)| bytes).collect()
    }
}

/// Whole milliseconds from `start` to `at`.
pub(crate) fn since(start: Instant, at: Instant) -> u64 {
    u64::try_from(at.since(start).as_millis()).expect("no test takes that long")
}
