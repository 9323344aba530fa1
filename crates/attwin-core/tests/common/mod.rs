//! A bench for one module: a host that types, an operator, and a clock that
//! only moves when told to.
#![allow(dead_code, reason = "each test file uses its own part of the bench")]

use std::net::IpAddr;
use std::time::Duration;

use attwin_core::{
    Config, HostEvent, Input, Instant, LinkId, Modem, NetCommand, NetError, NetEvent, Output,
    RadioEvent, StoreCommand, Stored, Trace, find_module,
};

pub(crate) const OK: &str = "\r\nOK\r\n";
pub(crate) const ERROR: &str = "\r\nERROR\r\n";
/// Longer than any blocking command without a network takes.
const LONG: Duration = Duration::from_secs(5);

pub(crate) struct Bench {
    modem: Modem,
    now: Instant,
    heard: Vec<u8>,
    /// What the modem asked of the network, oldest first.
    pub(crate) network: Vec<(LinkId, NetCommand)>,
    /// What the modem told the trace.
    pub(crate) traces: Vec<Trace>,
    pub(crate) stored: Stored,
}

/// A Quectel EC25 at a fixed time, with its echo on.
pub(crate) fn config() -> Config {
    let mut config = Config::new(find_module("quectel-ec25").expect("a module"));
    // 2026-08-07 05:54:02 UTC, as in the specification's sample of AT+CCLK.
    config.wall_clock_ms = 1_786_082_042_000;
    config
}

impl Bench {
    /// A module that is still off.
    pub(crate) fn off(config: Config) -> Self {
        let stored = config.stored.clone();
        Self {
            modem: Modem::new(config),
            now: Instant::ZERO,
            heard: Vec::new(),
            network: Vec::new(),
            traces: Vec::new(),
            stored,
        }
    }

    /// A module that has said its boot lines, with echo off.
    pub(crate) fn booted(config: Config) -> Self {
        let mut bench = Self::off(config);
        bench.radio(RadioEvent::PowerOn);
        bench.run(Duration::from_secs(10));
        bench.hear();
        bench.command("ATE0");
        bench
    }

    pub(crate) fn new() -> Self {
        Self::booted(config())
    }

    pub(crate) fn modem(&mut self) -> &mut Modem {
        &mut self.modem
    }

    /// The host types; nothing else happens, no time passes.
    pub(crate) fn type_in(&mut self, bytes: impl AsRef<[u8]>) -> String {
        self.modem.handle(self.now, Input::Serial(bytes.as_ref()));
        self.drain();
        self.hear()
    }

    /// The host sends a line; what the module says within five seconds.
    pub(crate) fn command(&mut self, line: &str) -> String {
        let mut said = self.type_in(format!("{line}\r"));
        self.run(LONG);
        said += &self.hear();
        said
    }

    /// The host sends a line and gets exactly these bytes.
    #[track_caller]
    pub(crate) fn expect(&mut self, line: &str, expected: &str) {
        assert_eq!(self.command(line), expected, "{line}");
    }

    /// Each line gets exactly its answer.
    #[track_caller]
    pub(crate) fn expect_all(&mut self, table: &[(&str, &[&str])]) {
        for (line, lines) in table {
            self.expect(line, &info(lines));
        }
    }

    pub(crate) fn radio(&mut self, event: RadioEvent) -> String {
        self.modem.handle(self.now, Input::Radio(event));
        self.drain();
        self.hear()
    }

    /// The host comes or goes.
    pub(crate) fn host(&mut self, event: HostEvent) -> String {
        self.modem.handle(self.now, Input::Host(event));
        self.drain();
        self.hear()
    }

    /// The name asked for last resolves to this.
    pub(crate) fn resolve(&mut self, addresses: &[IpAddr]) -> String {
        self.answer(NetEvent::Resolved(addresses))
    }

    pub(crate) fn fail(&mut self, error: NetError) -> String {
        self.answer(NetEvent::Failed(error))
    }

    /// The network answers what was asked of it last.
    pub(crate) fn answer(&mut self, event: NetEvent<'_>) -> String {
        let (link, _) = self.network.last().expect("a question").clone();
        self.modem.handle(self.now, Input::Network { link, event });
        self.drain();
        self.hear()
    }

    /// Time passes.
    pub(crate) fn run(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.modem.poll_timeout().filter(|at| *at <= end) {
            assert!(at >= self.now, "a deadline in the past");
            self.now = at;
            self.modem.handle_timeout(at);
            self.drain();
            assert_ne!(
                self.modem.poll_timeout(),
                Some(at),
                "a deadline that does not move"
            );
        }
        self.now = end;
    }

    /// Time passes; what the module says meanwhile.
    pub(crate) fn hear_for(&mut self, time: Duration) -> String {
        self.run(time);
        self.hear()
    }

    fn hear(&mut self) -> String {
        String::from_utf8(std::mem::take(&mut self.heard)).expect("text")
    }

    fn drain(&mut self) {
        while let Some(output) = self.modem.poll_output() {
            match output {
                Output::Serial { bytes, .. } => self.heard.extend(bytes),
                Output::Network { link, command } => self.network.push((link, command)),
                Output::Store(command) => self.store(command),
                Output::Trace(trace) => self.traces.push(trace),
            }
        }
    }

    fn store(&mut self, command: StoreCommand) {
        let (StoreCommand::Put { key, .. } | StoreCommand::Delete { key }) = &command;
        self.stored.retain(|(stored, _)| stored != key);
        if let StoreCommand::Put { key, value } = command {
            self.stored.push((key, value));
        }
    }
}

/// These information lines, then `OK`.
pub(crate) fn info(lines: &[&str]) -> String {
    if lines.is_empty() {
        return OK.into();
    }
    format!("\r\n{}\r\n{OK}", lines.join("\r\n"))
}

/// These URCs.
pub(crate) fn urcs(lines: &[&str]) -> String {
    lines.iter().map(|line| format!("\r\n{line}\r\n")).collect()
}

pub(crate) fn cme(code: u16) -> String {
    format!("\r\n+CME ERROR: {code}\r\n")
}

/// `AT+QIACT=1`, and nothing went wrong.
pub(crate) fn with_context(mut bench: Bench) -> Bench {
    bench.expect("AT+QIACT=1", OK);
    bench
}
