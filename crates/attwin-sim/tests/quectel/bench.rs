//! A bench with one EC25 on it.

use std::time::Duration;

use attwin_core::mqtt::packet::{Packet, PacketType, QoS};
use attwin_core::{Config, Instant, find_module};
use attwin_sim::World;
use attwin_sim::broker::{BrokerEvent, Message};
use attwin_sim::link::{Direction, Verdict, read};

/// A module at a bench. Derefs to its world.
pub(crate) struct Bench {
    pub(crate) world: World,
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

pub(crate) fn message(topic: &str, payload: &[u8], level: u8, retain: bool) -> Message {
    let qos = QoS::from_u8(level).expect("0 to 2");
    Message::new(topic, payload.to_vec(), qos, retain).expect("a valid message")
}

pub(crate) fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(crate) fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn whole_millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).expect("no test takes that long")
}

impl Bench {
    /// Booted, echo off, result URCs without their artificial delay.
    pub(crate) fn new() -> Self {
        let module = find_module("quectel-ec25").expect("exists");
        let mut world = World::new(Config::new(module));
        world
            .modem_mut()
            .set_quirk("result_urc_delay_ms", "0")
            .expect("a known quirk");
        world.boot();
        let mut bench = Self { world };
        bench.line("ATE0");
        bench.heard();
        bench
    }

    /// Sends a line and returns what the module says at once.
    pub(crate) fn at(&mut self, line: &str) -> String {
        self.line(line);
        self.heard_text()
    }

    /// Sends a line and expects exactly these bytes at once.
    #[track_caller]
    pub(crate) fn expect(&mut self, line: &str, bytes: &str) {
        let heard = self.at(line);
        assert_eq!(heard, bytes, "answer to {line}");
    }

    #[track_caller]
    pub(crate) fn ok(&mut self, line: &str) {
        self.expect(line, "\r\nOK\r\n");
    }

    /// Sends a line that is accepted, whatever else is said at once.
    #[track_caller]
    pub(crate) fn accepted(&mut self, line: &str) {
        let heard = self.at(line);
        assert!(heard.starts_with("\r\nOK\r\n"), "answer to {line}: {heard}");
    }

    #[track_caller]
    pub(crate) fn error(&mut self, line: &str) {
        self.expect(line, "\r\nERROR\r\n");
    }

    /// What the module says within `span`.
    pub(crate) fn within(&mut self, span: Duration) -> String {
        self.run_for(span);
        self.heard_text()
    }

    /// Expects exactly these bytes within a quarter of a second.
    #[track_caller]
    pub(crate) fn then(&mut self, bytes: &str) {
        let heard = self.within(millis(250));
        assert_eq!(heard, bytes);
    }

    /// Opens client `i`.
    #[track_caller]
    pub(crate) fn open(&mut self, i: u8) {
        self.ok(&format!("AT+QMTOPEN={i},\"broker.example\",1883"));
        self.then(&format!("\r\n+QMTOPEN: {i},0\r\n"));
    }

    /// Opens and connects client `i` as `dev-<i>`.
    #[track_caller]
    pub(crate) fn connect(&mut self, i: u8) {
        self.open(i);
        self.ok(&format!("AT+QMTCONN={i},\"dev-{i}\""));
        self.then(&format!("\r\n+QMTCONN: {i},0,0\r\n"));
    }

    /// Closes client `i`.
    #[track_caller]
    pub(crate) fn close(&mut self, i: u8) {
        self.expect(
            &format!("AT+QMTCLOSE={i}"),
            &format!("\r\nOK\r\n\r\n+QMTCLOSE: {i},0\r\n"),
        );
    }

    /// A bench whose client 0 is connected.
    pub(crate) fn connected() -> Self {
        Self::configured(&[])
    }

    /// A bench whose client 0 is connected after these lines, all of which
    /// answer `OK`.
    #[track_caller]
    pub(crate) fn configured(lines: &[&str]) -> Self {
        let mut bench = Self::new();
        for line in lines {
            bench.ok(line);
        }
        bench.connect(0);
        bench
    }

    /// Client `i` subscribes, granted what it asks for.
    #[track_caller]
    pub(crate) fn subscribe(&mut self, i: u8, filter: &str, level: u8) {
        self.ok(&format!("AT+QMTSUB={i},999,\"{filter}\",{level}"));
        self.then(&format!("\r\n+QMTSUB: {i},999,0,{level}\r\n"));
    }

    /// Enters data at the prompt; returns what the module says once surplus
    /// was drained.
    pub(crate) fn data(&mut self, line: &str, data: &[u8]) -> String {
        self.line(line);
        assert_eq!(self.within(millis(10)), "\r\n> ", "prompt of {line}");
        self.send(data);
        self.within(millis(25))
    }

    /// Loses every packet of a type on its way in a direction.
    pub(crate) fn lose(&mut self, direction: Direction, lost: PacketType) {
        self.network.filter = Box::new(move |d: Direction, bytes: &[u8]| {
            let hit = d == direction && read(bytes).is_some_and(|p| p.get_type() == lost);
            if hit { Verdict::Drop } else { Verdict::Pass }
        });
    }

    /// Nothing the module sends reaches the broker any more.
    pub(crate) fn deafen_broker(&mut self) {
        self.network.filter = Box::new(|direction, _: &[u8]| match direction {
            Direction::ToBroker => Verdict::Drop,
            Direction::ToModule => Verdict::Pass,
        });
    }

    /// Every packet passes again.
    pub(crate) fn lose_nothing(&mut self) {
        self.network.filter = Box::new(|_: Direction, _: &[u8]| Verdict::Pass);
    }

    /// Another client publishes.
    pub(crate) fn broker_publishes(&mut self, topic: &str, payload: &[u8], level: u8) {
        let message = message(topic, payload, level, false);
        self.operate(|broker, now| broker.publish(now, message));
    }

    /// What the broker received from the module, in order.
    pub(crate) fn received(&self) -> Vec<(String, Vec<u8>)> {
        let messages = self.broker_events().iter().filter_map(|event| match event {
            BrokerEvent::Received { message, .. } => Some(message),
            _ => None,
        });
        messages
            .map(|m| (m.topic().to_owned(), m.payload().to_vec()))
            .collect()
    }

    /// Packets that entered the network since the last call, byte for byte.
    pub(crate) fn wire(&mut self, direction: Direction) -> Vec<Vec<u8>> {
        self.take_packets()
            .into_iter()
            .filter(|(_, d, _)| *d == direction)
            .map(|(_, _, bytes)| bytes)
            .collect()
    }

    /// Packets that entered the network since the last call, decoded.
    pub(crate) fn packets(&mut self, direction: Direction) -> Vec<Packet> {
        let wire = self.wire(direction);
        wire.iter().filter_map(|bytes| read(bytes)).collect()
    }

    /// Packets that entered the network since the last call, each with the
    /// millisecond since `start` and its first byte: type and flags.
    pub(crate) fn first_bytes(&mut self, direction: Direction, start: Instant) -> Vec<(u64, u8)> {
        self.take_packets()
            .into_iter()
            .filter(|(_, d, _)| *d == direction)
            .map(|(at, _, bytes)| (whole_millis(at.since(start)), bytes[0]))
            .collect()
    }
}
