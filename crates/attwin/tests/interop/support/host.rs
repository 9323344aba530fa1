//! A host that knows exactly which bytes it expects.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use super::TIMEOUT;

/// The host's side of a serial line over TCP.
pub(crate) struct Host {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Host {
    pub(crate) fn attach(address: &str) -> Self {
        let stream = TcpStream::connect(address).expect("the endpoint listens");
        stream
            .set_read_timeout(Some(TIMEOUT))
            .expect("a valid time-out");
        stream.set_nodelay(true).expect("a TCP socket");
        Self {
            stream,
            received: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).expect("the module reads");
    }

    /// Sends a line and expects exactly these bytes next.
    #[track_caller]
    pub(crate) fn command(&mut self, line: &str, answer: &str) {
        self.send(format!("{line}\r").as_bytes());
        self.expect(answer);
    }

    #[track_caller]
    pub(crate) fn ok(&mut self, line: &str) {
        self.command(line, "\r\nOK\r\n");
    }

    /// Expects exactly these bytes next.
    #[track_caller]
    pub(crate) fn expect(&mut self, bytes: &str) {
        let wanted = bytes.len();
        while self.received.len() < wanted && self.read() {}
        let taken = self.received.len().min(wanted);
        let came: Vec<u8> = self.received.drain(..taken).collect();
        assert_eq!(String::from_utf8_lossy(&came), bytes);
    }

    /// Reads until these bytes came; what came before them is dropped.
    #[track_caller]
    pub(crate) fn wait_for(&mut self, bytes: &str) {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let window = self.received.windows(bytes.len());
            if let Some(at) = window.into_iter().position(|w| w == bytes.as_bytes()) {
                self.received.drain(..at + bytes.len());
                return;
            }
            let alive = Instant::now() < deadline && self.read();
            assert!(
                alive,
                "no {bytes:?}, only {:?}",
                String::from_utf8_lossy(&self.received)
            );
        }
    }

    /// Expects these pieces in any order, nothing between them.
    #[track_caller]
    pub(crate) fn expect_in_any_order(&mut self, first: &str, second: &str) {
        while self.received.len() < first.len() && self.read() {}
        if self.received.starts_with(first.as_bytes()) {
            self.expect(first);
            self.expect(second);
        } else {
            self.expect(second);
            self.expect(first);
        }
    }

    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        match self.stream.read(&mut buffer) {
            Ok(0) | Err(_) => false,
            Ok(n) => {
                self.received.extend_from_slice(&buffer[..n]);
                true
            }
        }
    }
}
