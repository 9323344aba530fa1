//! What the benchmarks share: a modem connected to a server that is no more
//! than its packets.

use attwin_core::{
    Config, Input, Instant, LinkId, Modem, NetCommand, NetEvent, Output, RadioEvent, Timing,
    find_module,
};

/// A modem under fast timing whose client 0 is connected.
pub struct Bench {
    /// The modem.
    pub modem: Modem,
    link: LinkId,
    /// Bytes the modem has said.
    pub said: usize,
    /// Bytes the modem has sent to the server.
    pub sent: usize,
}

impl Bench {
    /// Powered on, echo off, connected.
    ///
    /// # Panics
    /// If the modem does not open a connection.
    pub fn connected() -> Self {
        let mut bench = Self {
            modem: powered(),
            link: LinkId(0),
            said: 0,
            sent: 0,
        };
        bench.serial(b"ATE0;+QMTOPEN=0,\"h\",1883\r");
        assert_ne!(bench.link, LinkId(0), "AT+QMTOPEN opens a link");
        bench.network(NetEvent::Opened);
        bench.serial(b"AT+QMTCONN=0,\"c\"\r");
        bench.network(NetEvent::Received(&[0x20, 2, 0, 0]));
        bench
    }

    /// The host says something.
    pub fn serial(&mut self, bytes: &[u8]) {
        self.modem.handle(Instant::ZERO, Input::Serial(bytes));
        self.drain();
    }

    /// Something happens on the link.
    pub fn network(&mut self, event: NetEvent<'_>) {
        let link = self.link;
        self.modem
            .handle(Instant::ZERO, Input::Network { link, event });
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.modem.poll_output() {
            match output {
                Output::Serial { bytes, .. } => self.said += bytes.len(),
                Output::Network {
                    link,
                    command: NetCommand::Open { .. },
                } => self.link = link,
                Output::Network {
                    command: NetCommand::Send(bytes),
                    ..
                } => {
                    self.sent += bytes.len();
                    let event = NetEvent::Sent(bytes.len());
                    let link = self.link;
                    self.modem
                        .handle(Instant::ZERO, Input::Network { link, event });
                }
                _ => {}
            }
        }
    }
}

/// An EC25 under fast timing that has booted and said its boot lines.
///
/// # Panics
/// If there is no EC25.
pub fn powered() -> Modem {
    let mut config = Config::new(find_module("quectel-ec25").expect("the module exists"));
    config.timing = Timing::Fast;
    let mut modem = Modem::new(config);
    let mut now = Instant::ZERO;
    modem.handle(now, Input::Radio(RadioEvent::PowerOn));
    while let Some(deadline) = modem.poll_timeout() {
        now = deadline;
        modem.handle_timeout(now);
        while modem.poll_output().is_some() {}
    }
    while modem.poll_output().is_some() {}
    modem
}
