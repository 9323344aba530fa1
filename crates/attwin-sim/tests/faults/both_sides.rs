//! From what passed outside and its marks follows what was on the module's side:
//! a trace has no contradictions.

use std::cell::RefCell;
use std::rc::Rc;

use attwin_core::{
    Config, Duration, Input, Instant, LinkId, Modem, NetCommand, NetEvent, Output, RadioEvent,
    find_module,
};
use attwin_sim::Device;
use attwin_sim::fault::{Faulty, LinkEvent, Mark, Passed, Touch};
use bytes::Bytes;
use proptest::prelude::*;

/// What passed on the module's side.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Seen {
    /// Packets the module sent.
    sent: Vec<Vec<u8>>,
    /// Packets the module received.
    received: Vec<Vec<u8>>,
    /// What it said, and what it heard.
    said: Vec<u8>,
    heard: Vec<u8>,
}

/// A modem whose side is written down.
struct Tap {
    modem: Modem,
    seen: Rc<RefCell<Seen>>,
}

impl Device for Tap {
    fn handle(&mut self, now: Instant, input: Input<'_>) {
        let mut seen = self.seen.borrow_mut();
        match &input {
            Input::Serial(bytes) => seen.heard.extend_from_slice(bytes),
            Input::Network {
                event: NetEvent::Received(bytes),
                ..
            } => seen.received.push(bytes.to_vec()),
            _ => {}
        }
        drop(seen);
        self.modem.handle(now, input);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.modem.handle_timeout(now);
    }

    fn poll_output(&mut self) -> Option<Output> {
        let output = self.modem.poll_output()?;
        let mut seen = self.seen.borrow_mut();
        match &output {
            Output::Serial { bytes, .. } => seen.said.extend_from_slice(bytes),
            Output::Network {
                command: NetCommand::Send(bytes),
                ..
            } => seen.sent.push(bytes.to_vec()),
            _ => {}
        }
        Some(output)
    }

    fn poll_timeout(&self) -> Option<Instant> {
        self.modem.poll_timeout()
    }
}

/// A module with a broker that answers at once, and its side as the outside and
/// the marks tell it.
struct Desk {
    faulty: Faulty<Tap>,
    seen: Rc<RefCell<Seen>>,
    told: Seen,
    now: Instant,
    answers: Vec<(LinkId, Vec<u8>)>,
    /// A connection has ended.
    ended: bool,
}

impl Desk {
    fn connected() -> Self {
        let module = find_module("quectel-ec25").expect("exists");
        let seen = Rc::new(RefCell::default());
        let tap = Tap {
            modem: Modem::new(Config::new(module)),
            seen: Rc::clone(&seen),
        };
        let mut desk = Self {
            faulty: Faulty::new(tap, 1),
            seen,
            told: Seen::default(),
            now: Instant::ZERO,
            answers: Vec::new(),
            ended: false,
        };
        desk.input(&Input::Radio(RadioEvent::PowerOn));
        desk.pass(20);
        desk.line("AT+QMTOPEN=0,\"h\",1883");
        desk.line("AT+QMTCONN=0,\"c\"");
        desk.line("AT+QMTSUB=0,1,\"t\",1");
        desk
    }

    fn line(&mut self, line: &str) {
        self.input(&Input::Serial(format!("{line}\r").as_bytes()));
        self.pass(2);
    }

    /// Lets seconds pass.
    fn pass(&mut self, seconds: u64) {
        let end = self.now + Duration::from_secs(seconds);
        while let Some(at) = self.faulty.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.faulty.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn input(&mut self, input: &Input<'_>) {
        self.faulty.handle(self.now, input.clone());
        let marks = self.faulty.take_marks();
        match input {
            Input::Serial(bytes) => self.told.heard.extend(inside(bytes, &marks)),
            Input::Network {
                event: NetEvent::Received(bytes),
                ..
            } => {
                let about = |mark: &&Mark| mark.is_about(bytes.len());
                let marks: Vec<_> = marks.iter().filter(about).cloned().collect();
                let bytes = inside(bytes, &marks);
                if !bytes.is_empty() {
                    self.told.received.push(bytes);
                }
            }
            _ => {}
        }
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            while let Some(passed) = self.faulty.poll() {
                self.passed(passed);
            }
            if self.answers.is_empty() {
                return;
            }
            let (link, bytes) = self.answers.remove(0);
            let event = match &bytes[..] {
                b"" => NetEvent::Opened,
                bytes => NetEvent::Received(bytes),
            };
            self.input(&Input::Network { link, event });
        }
    }

    fn passed(&mut self, passed: Passed) {
        match passed {
            Passed::Output {
                output: Output::Network { link, command },
                marks,
            } => {
                if let NetCommand::Send(bytes) = &command {
                    self.sent(inside_out(bytes, &marks));
                }
                self.answer(link, &command);
            }
            Passed::Output {
                output: Output::Serial { bytes, .. },
                marks,
            } => self.told.said.extend(inside_out(&bytes, &marks)),
            Passed::Lost { output, .. } => match output {
                Output::Serial { bytes, .. } => self.told.said.extend(bytes),
                Output::Network {
                    command: NetCommand::Send(bytes),
                    ..
                } => self.sent(bytes.to_vec()),
                _ => {}
            },
            Passed::Fed {
                event: LinkEvent::Received(bytes),
                ..
            } => self.told.received.push(bytes.to_vec()),
            _ => {}
        }
    }

    fn sent(&mut self, packet: Vec<u8>) {
        if !packet.is_empty() {
            self.told.sent.push(packet);
        }
    }

    /// What a broker does at once.
    fn answer(&mut self, link: LinkId, command: &NetCommand) {
        let bytes: Vec<u8> = match command {
            NetCommand::Close | NetCommand::Abort => {
                self.ended = true;
                return self.answers.retain(|(of, _)| *of != link);
            }
            NetCommand::Open { .. } => Vec::new(),
            NetCommand::Send(bytes) => match bytes[..] {
                [0x10, ..] => vec![0x20, 2, 0, 0],
                [0x82, _, high, low, ..] => vec![0x90, 3, high, low, 1],
                [0x32, _, 0, 1, b't', high, low, ..] => vec![0x40, 2, high, low],
                [0x34, _, 0, 1, b't', high, low, ..] => vec![0x50, 2, high, low],
                [0x62, _, high, low] => vec![0x70, 2, high, low],
                [0xc0, ..] => vec![0xd0, 0],
                _ => return,
            },
            _ => return,
        };
        self.answers.push((link, bytes));
    }
}

/// The module's side of what came in.
fn inside(bytes: &[u8], marks: &[Mark]) -> Vec<u8> {
    let dropped = |mark: &Mark| mark.touch == Touch::Dropped;
    if marks.iter().any(dropped) {
        return Vec::new();
    }
    original(bytes, marks)
}

/// The module's side of what went out.
fn inside_out(bytes: &Bytes, marks: &[Mark]) -> Vec<u8> {
    let made = |mark: &Mark| matches!(mark.touch, Touch::Duplicated | Touch::Inserted);
    if marks.iter().any(made) {
        return Vec::new();
    }
    original(bytes, marks)
}

fn original(bytes: &[u8], marks: &[Mark]) -> Vec<u8> {
    let inside = marks.iter().find_map(|mark| mark.inside.as_deref());
    inside.unwrap_or(bytes).to_vec()
}

const FAULTS: [&str; 29] = [
    "drop puback",
    "drop publish 2",
    "drop pubrec",
    "duplicate publish 2",
    "duplicate puback",
    "duplicate pubrec to-module",
    "corrupt publish",
    "corrupt puback",
    "corrupt suback",
    "replace puback \"@\\x02\\x00\\x09\"",
    "replace publish \"\\xc0\\x00\"",
    "message \"hello\" topic=\"t\"",
    "message \"hello\" after publish topic=\"t\"",
    "delay puback 1s",
    "delay publish 1s",
    "latency 300ms",
    "stall for=3s",
    "stall to-module for=3s",
    "half-open in=3s",
    "reset after publish",
    "close before puback",
    "drop final",
    "drop urc like \"+QMTPUB\" 2",
    "duplicate line 3",
    "corrupt final 2",
    "silence for=2s",
    "drop byte 3",
    "drop input",
    "corrupt input",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_modules_side_follows_from_the_outside(
        faults in prop::collection::vec(prop::sample::select(&FAULTS[..]), 1..5),
        levels in prop::collection::vec(0u8..3, 1..5),
    ) {
        let mut desk = Desk::connected();
        for fault in &faults {
            let spec = fault.parse().expect(fault);
            desk.faulty.inject(desk.now, spec);
            desk.drain();
        }
        for (index, level) in levels.iter().enumerate() {
            let id = if *level == 0 { 0 } else { index + 1 };
            desk.line(&format!("AT+QMTPUBEX=0,{id},{level},0,\"t\",\"x\""));
        }
        desk.pass(200);
        let mut seen = desk.seen.borrow().clone();
        // What is held back is shown when it comes, or came, and others meanwhile.
        // Where a connection ends first, it was shown and never seen.
        let told = &mut desk.told;
        for packets in [&mut seen.received, &mut told.received, &mut seen.sent, &mut told.sent] {
            packets.sort();
        }
        if desk.ended {
            let is_seen = |packet: &Vec<u8>| seen.received.contains(packet);
            desk.told.received.retain(is_seen);
            seen.received.dedup();
            desk.told.received.dedup();
        }
        prop_assert_eq!(desk.told, seen, "{:?}", faults);
    }
}
