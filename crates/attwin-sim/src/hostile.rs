//! A modem between a hostile host and a hostile network, driven by arbitrary
//! bytes: the common half of the fuzz target and of its short deterministic
//! version among the tests.

use attwin_core::{
    CloseReason, Config, Duration, HostEvent, Input, Instant, LinkId, Modem, Module, NetCommand,
    NetError, NetEvent, Output, RadioEvent, Registration,
};

/// Output a modem may produce for one input; more means an endless
/// loop.
const MOST_OUTPUTS: usize = 100_000;
/// Bytes the modem may say over a whole script beyond what went in. Downloads
/// and listings repeat stored bytes, so the bound is generous.
const MOST_BYTES: usize = 64 << 20;

/// Lines besides the examples of the module's own command table: they get a
/// random host past the opening commands. Each is one opcode.
const PHRASES: [&str; 13] = [
    "AT",
    "ATE0",
    "ATE1",
    "AT+CFUN=1,1",
    "AT+QMTOPEN=0,\"h\",1883",
    "AT+QMTCONN=0,\"c\"",
    "AT+QMTPUBEX=0,4,2,1,\"t\",\"inline\"",
    "AT+CMQTTSTART;+CMQTTACCQ=0,\"c\";+CMQTTCONNECT=0,\"tcp://h\",60,1",
    "AT+CMQTTSUB=0,1,2",
    "AT+MQTTCFG=\"h\",1883,\"c\",60,\"\",\"\",0",
    "AT+MQTTOPEN=0,0,0,0,0,\"\",\"\"",
    "AT+MQTTPUB=\"t\",1,0,0,5",
    "AT+IMQTTADDR=h,1883,c",
];

/// Packets that get a random broker past CONNACK.
const PACKETS: [&[u8]; 12] = [
    b"\x20\x02\x00\x00",
    b"\x20\x02\x01\x00",
    b"\x20\x02\x00\x05",
    b"\x30\x04\x00\x01tx",
    b"\x32\x06\x00\x01t\x00\x09x",
    b"\x34\x06\x00\x01t\x00\x0ax",
    b"\x62\x02\x00\x0a",
    b"\x40\x02\x00\x03",
    b"\x50\x02\x00\x04",
    b"\x70\x02\x00\x04",
    b"\x90\x03\x00\x01\x01",
    b"\xd0\x00",
];

/// Plays `script` against a fresh module.
///
/// # Panics
/// When the modem does, or when it breaks a bound.
pub fn drive(module: &'static Module, script: &[u8]) {
    let mut scene = Scene {
        modem: Modem::new(Config::new(module)),
        phrases: phrases(module),
        now: Instant::ZERO,
        links: Vec::new(),
        said: 0,
        heard: 0,
    };
    scene.input(Input::Radio(RadioEvent::PowerOn));
    let mut script = Script(script);
    while let Some(opcode) = script.byte() {
        scene.play(opcode, &mut script);
    }
}

fn phrases(module: &Module) -> Vec<String> {
    let table = module.command_table();
    let examples = table.iter().map(|spec| format!("AT{}", spec.example));
    PHRASES
        .into_iter()
        .map(str::to_owned)
        .chain(examples)
        .collect()
}

/// Reads a script.
struct Script<'a>(&'a [u8]);

impl<'a> Script<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> usize {
        self.byte().map_or(0, usize::from)
    }

    fn bytes(&mut self) -> &'a [u8] {
        let len = self.number().min(self.0.len());
        let (taken, rest) = self.0.split_at(len);
        self.0 = rest;
        taken
    }
}

struct Scene {
    modem: Modem,
    phrases: Vec<String>,
    now: Instant,
    links: Vec<LinkId>,
    said: usize,
    heard: usize,
}

impl Scene {
    fn play(&mut self, opcode: u8, script: &mut Script<'_>) {
        match opcode % 16 {
            0..=3 => {
                let phrase = self.phrases[script.number() % self.phrases.len()].clone();
                self.serial(phrase.as_bytes());
                self.serial(b"\r");
            }
            4 | 5 => self.serial(script.bytes()),
            6 => self.event(NetEvent::Opened),
            7 | 8 => self.event(NetEvent::Received(PACKETS[script.number() % PACKETS.len()])),
            9 => self.event(NetEvent::Received(script.bytes())),
            10 => self.event(NetEvent::Sent(script.number())),
            11 => self.event(match script.number() % 8 {
                0 => NetEvent::Failed(NetError::Dns),
                1 => NetEvent::Failed(NetError::Tls),
                2 => NetEvent::Closed(CloseReason::Finished),
                3 => NetEvent::Closed(CloseReason::Reset),
                4 => NetEvent::Closed(CloseReason::WriteFailed),
                5 => NetEvent::Closed(CloseReason::TimedOut),
                6 => NetEvent::Resolved(&[]),
                _ => NetEvent::Failed(NetError::Refused),
            }),
            12 | 13 => self.pass(Duration::from_millis(1 << (script.number() % 18))),
            14 => self.input(Input::Radio(match script.number() % 10 {
                0 => RadioEvent::PowerCut,
                1 => RadioEvent::Reboot,
                2 => RadioEvent::SimRemoved,
                3 => RadioEvent::SimInserted,
                4 => RadioEvent::Registration(Registration::Searching),
                5 => RadioEvent::Registration(Registration::Home),
                6 => RadioEvent::Detach,
                7 => RadioEvent::Attach,
                8 => RadioEvent::PdpLost(1),
                _ => RadioEvent::PowerOn,
            })),
            _ => self.input(Input::Host(match script.number() % 4 {
                0 => HostEvent::Detached,
                1 => HostEvent::Attached,
                2 => HostEvent::Stalled,
                _ => HostEvent::Ready,
            })),
        }
    }

    fn serial(&mut self, bytes: &[u8]) {
        self.heard += bytes.len();
        self.input(Input::Serial(bytes));
    }

    /// An event on the newest link, whether it still exists or not.
    fn event(&mut self, event: NetEvent<'_>) {
        let link = self.links.last().copied().unwrap_or(LinkId(0));
        self.input(Input::Network { link, event });
    }

    fn pass(&mut self, span: Duration) {
        let end = self.now + span;
        let mut deadlines = 0;
        while let Some(deadline) = self.modem.poll_timeout().filter(|at| *at <= end) {
            deadlines += 1;
            assert!(
                deadlines < MOST_OUTPUTS,
                "a deadline that never passes at {:?}",
                self.now
            );
            self.now = self.now.max(deadline);
            self.modem.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    fn input(&mut self, input: Input<'_>) {
        self.modem.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        for _ in 0..MOST_OUTPUTS {
            match self.modem.poll_output() {
                None => return,
                Some(Output::Serial { bytes, .. }) => self.said += bytes.len(),
                Some(Output::Network {
                    link,
                    command: NetCommand::Open { .. },
                }) => {
                    self.links.push(link);
                }
                Some(_) => {}
            }
            assert!(
                self.said < self.heard + MOST_BYTES,
                "the modem talks without end"
            );
        }
        panic!("an input without end of output");
    }
}
