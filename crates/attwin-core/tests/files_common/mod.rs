//! A module under virtual time, seen from its serial line.
#![allow(dead_code, reason = "each test uses a part of it")]

use attwin_core::{
    Config, Duration, Input, Instant, Modem, Output, RadioEvent, StoreCommand, Stored, Timing,
    find_module,
};

/// Delay before a prompt (docs/spec/quectel.md section 0).
pub(crate) const PROMPT_DELAY: Duration = Duration::from_millis(10);

pub(crate) struct World {
    pub(crate) modem: Modem,
    pub(crate) now: Instant,
    /// What the host has received and no test has looked at.
    received: Vec<u8>,
    /// What a driver would hand back after a power cycle.
    pub(crate) stored: Stored,
}

impl World {
    /// A module that has booted.
    pub(crate) fn new() -> Self {
        Self::with_stored(Stored::new())
    }

    pub(crate) fn with_stored(stored: Stored) -> Self {
        let module = find_module("quectel-ec25").expect("a module of ours");
        let config = Config {
            stored: stored.clone(),
            timing: Timing::Real,
            ..Config::new(module)
        };
        let mut world = Self {
            modem: Modem::new(config),
            now: Instant::ZERO,
            received: Vec::new(),
            stored,
        };
        world.radio(RadioEvent::PowerOn);
        world.pass(Duration::from_secs(30));
        world.received();
        world
    }

    pub(crate) fn radio(&mut self, event: RadioEvent) {
        self.modem.handle(self.now, Input::Radio(event));
        self.collect();
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.modem.handle(self.now, Input::Serial(bytes.as_ref()));
        self.collect();
    }

    /// Lets time pass, with every timer on the way.
    pub(crate) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.modem.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.modem.handle_timeout(self.now);
            self.collect();
        }
        self.now = end;
    }

    /// What the host received since it last looked.
    pub(crate) fn received(&mut self) -> String {
        let bytes = core::mem::take(&mut self.received);
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A command's answer, its echo checked and taken off.
    pub(crate) fn command(&mut self, command: &str) -> String {
        self.received();
        self.send(format!("{command}\r"));
        let answer = self.received();
        answer
            .strip_prefix(&format!("{command}\r"))
            .expect("the echo comes first")
            .to_owned()
    }

    /// Gives a command and waits for its prompt.
    pub(crate) fn prompt(&mut self, command: &str) {
        assert_eq!(self.command(command), "", "{command}");
        self.pass(PROMPT_DELAY);
        assert_eq!(self.received(), "\r\nCONNECT\r\n", "{command}");
    }

    /// Uploads a file; returns what follows the data.
    pub(crate) fn upload(&mut self, name: &str, content: &[u8]) -> String {
        self.prompt(&format!("AT+QFUPL=\"{name}\",{}", content.len()));
        self.send(content);
        self.received()
    }

    fn collect(&mut self) {
        while let Some(output) = self.modem.poll_output() {
            match output {
                Output::Serial { bytes, .. } => self.received.extend_from_slice(&bytes),
                Output::Store(StoreCommand::Put { key, value }) => {
                    self.stored.retain(|(k, _)| *k != key);
                    self.stored.push((key, value));
                }
                Output::Store(StoreCommand::Delete { key }) => {
                    self.stored.retain(|(k, _)| *k != key);
                }
                Output::Network { .. } | Output::Trace(_) => {}
            }
        }
    }
}

/// An answer of one line and `OK`.
pub(crate) fn ok(line: &str) -> String {
    format!("\r\n{line}\r\n\r\nOK\r\n")
}

pub(crate) const OK: &str = "\r\nOK\r\n";
pub(crate) const ERROR: &str = "\r\nERROR\r\n";

pub(crate) fn cme(code: u16) -> String {
    format!("\r\n+CME ERROR: {code}\r\n")
}
