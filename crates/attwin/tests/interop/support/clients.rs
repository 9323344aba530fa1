//! Mosquitto's command-line clients.

use std::process::Command;

use super::{Process, TIMEOUT};

/// A `mosquitto_sub` that has subscribed.
pub(crate) struct Subscriber(Process);

impl Subscriber {
    /// Subscribes to `topic` at `port`, at protocol `version` (`mqttv31`,
    /// `mqttv311`).
    pub(crate) fn new(port: u16, version: &str, qos: u8, topic: &str) -> Self {
        // Into a pipe it would write only when its buffer is full.
        let mut command = Command::new("stdbuf");
        command
            .args([
                "-oL",
                "mosquitto_sub",
                "-h",
                "127.0.0.1",
                "-d",
                "-v",
                "-F",
                "MESSAGE %t %q %r %p",
                "-V",
                version,
            ])
            .args(["-p", &port.to_string(), "-q", &qos.to_string(), "-t", topic]);
        let mut process = Process::start(&mut command);
        process.wait_for("Subscribed");
        Self(process)
    }

    /// Waits for the next message: `topic qos retain payload`.
    pub(crate) fn next(&mut self) -> String {
        let line = self.0.wait_for("MESSAGE ");
        line.trim_start_matches("MESSAGE ").to_owned()
    }
}

/// Publishes with `mosquitto_pub` and waits for its end.
pub(crate) fn publish(port: u16, version: &str, qos: u8, topic: &str, more: &[&str]) {
    let mut command = Command::new("mosquitto_pub");
    command
        .args(["-h", "127.0.0.1", "-V", version, "-p", &port.to_string()])
        .args(["-q", &qos.to_string(), "-t", topic])
        .args(more);
    let started = std::time::Instant::now();
    let mut process = Process::start(&mut command);
    let code = process.exit_code();
    assert_eq!(code, Some(0), "mosquitto_pub said {:#?}", process.said());
    assert!(started.elapsed() < TIMEOUT);
}
