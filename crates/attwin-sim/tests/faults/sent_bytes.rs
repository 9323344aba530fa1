//! A module is told of its own bytes only, however many the network took.

use attwin_core::{
    Config, Duration, Input, Instant, LinkId, Modem, NetCommand, NetEvent, Output, RadioEvent,
    find_module,
};
use attwin_sim::fault::Faulty;

const NOW: Instant = Instant::from_origin(Duration::from_secs(30));

/// A connected module whose network does what the test says.
struct Desk {
    faulty: Faulty,
    link: LinkId,
    said: String,
    sent: Vec<usize>,
}

impl Desk {
    fn new() -> Self {
        let module = find_module("quectel-ec25").expect("exists");
        let mut modem = Modem::new(Config::new(module));
        modem.set_quirk("result_urc_delay_ms", "0").expect("known");
        let mut desk = Self {
            faulty: Faulty::new(modem, 0),
            link: LinkId(0),
            said: String::new(),
            sent: Vec::new(),
        };
        let power = Input::Radio(RadioEvent::PowerOn);
        desk.faulty.handle(Instant::ZERO, power);
        desk.faulty.handle_timeout(NOW);
        desk.drain();
        desk.line("AT+QMTOPEN=0,\"h\",1883");
        desk.event(NetEvent::Opened);
        desk.line("AT+QMTCONN=0,\"c\"");
        let connect = desk.sent.iter().sum();
        desk.event(NetEvent::Sent(connect));
        desk.event(NetEvent::Received(b"\x20\x02\x00\x00"));
        desk.sent.clear();
        desk.said.clear();
        desk
    }

    fn line(&mut self, line: &str) {
        let bytes = format!("{line}\r");
        self.faulty.handle(NOW, Input::Serial(bytes.as_bytes()));
        self.drain();
    }

    fn event(&mut self, event: NetEvent<'_>) {
        let link = self.link;
        self.faulty.handle(NOW, Input::Network { link, event });
        self.drain();
    }

    fn drain(&mut self) {
        loop {
            match self.faulty.poll_output() {
                None if self.faulty.poll_timeout().is_some_and(|at| at <= NOW) => {
                    self.faulty.handle_timeout(NOW);
                }
                None => return,
                Some(Output::Serial { bytes, .. }) => {
                    self.said.push_str(&String::from_utf8_lossy(&bytes));
                }
                Some(Output::Network { link, command }) => {
                    self.link = link;
                    if let NetCommand::Send(bytes) = command {
                        self.sent.push(bytes.len());
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Publishes of QoS 0 that are reported as written.
    fn written(&self) -> usize {
        self.said.matches("+QMTPUB: 0,0,0").count()
    }
}

const PUBLISH: &str = r#"AT+QMTPUBEX=0,0,0,0,"t","x""#;

#[test]
fn a_copy_is_not_the_modules() {
    let mut desk = Desk::new();
    desk.faulty
        .inject(NOW, "duplicate publish".parse().expect("valid"));
    desk.line(PUBLISH);
    desk.line(PUBLISH);
    let [one, copy, two] = desk.sent[..] else {
        panic!("{:?}", desk.sent);
    };
    assert_eq!(desk.written(), 0);
    desk.event(NetEvent::Sent(one + copy));
    assert_eq!(desk.written(), 1);
    desk.event(NetEvent::Sent(two));
    assert_eq!(desk.written(), 2);
}

#[test]
fn a_replacement_is_not_the_modules() {
    let mut desk = Desk::new();
    let spec = r#"replace publish "0\x05\x00\x01tab""#;
    desk.faulty.inject(NOW, spec.parse().expect("valid"));
    desk.line(PUBLISH);
    assert_eq!(desk.written(), 1, "its own packet is gone, and so done");
    desk.line(PUBLISH);
    let [replacement, two] = desk.sent[..] else {
        panic!("{:?}", desk.sent);
    };
    desk.event(NetEvent::Sent(replacement));
    assert_eq!(desk.written(), 1);
    desk.event(NetEvent::Sent(two));
    assert_eq!(desk.written(), 2);
}
