//! `-v` and `-vv`: what passes through a twin, in the log.

use std::collections::HashMap;

use attwin_core::{LinkId, NetCommand, NetEvent, SerialKind};
use serde_json::Value;
use tracing::{Level, debug, enabled, trace};

use crate::escape::escape;
use crate::trace::packets::{Conversation, Direction, Shown};
use crate::watch::{Observer, Seen};

/// Bytes of the host that are gathered for one line of the log.
const LONGEST: usize = 1024;

/// Logs commands and results at level debug, MQTT packets at level trace.
#[derive(Default)]
pub(crate) struct LogWatch {
    /// What the host sent of a line so far.
    line: Vec<u8>,
    links: HashMap<LinkId, Conversation>,
}

impl LogWatch {
    /// A watch, if the log shows anything of it.
    pub(crate) fn wanted() -> Option<Self> {
        enabled!(Level::DEBUG).then(Self::default)
    }

    fn heard(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            // The LF of a CR LF is no line.
            if byte == b'\n' && self.line.is_empty() {
                continue;
            }
            self.line.push(byte);
            if byte == b'\r' || self.line.len() >= LONGEST {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        if !line.is_empty() {
            debug!("> {}", escape(line));
        }
        self.line.clear();
    }

    fn said(&mut self, kind: SerialKind, bytes: &[u8]) {
        if kind == SerialKind::Echo {
            return;
        }
        // What has no CR, such as a payload, ends where the module answers.
        self.end_line();
        let line = bytes.strip_prefix(b"\r\n").unwrap_or(bytes);
        let line = line.strip_suffix(b"\r\n").unwrap_or(line);
        if !line.is_empty() {
            debug!("< {}", escape(line));
        }
    }

    fn packets(&mut self, link: LinkId, direction: Direction, bytes: &[u8]) {
        if !enabled!(Level::TRACE) {
            return;
        }
        let arrow = match direction {
            Direction::ToBroker => "-->",
            Direction::FromBroker => "<--",
        };
        let conversation = self.links.entry(link).or_default();
        conversation.push(direction, bytes, |packet, _| {
            trace!("{arrow} {}", text(&packet));
        });
    }
}

impl Observer for LogWatch {
    fn observe(&mut self, seen: &Seen<'_>) {
        match seen {
            Seen::FromHost { bytes, .. } => self.heard(bytes),
            Seen::ToHost { kind, bytes, .. } => self.said(*kind, bytes),
            Seen::Command {
                link,
                command: NetCommand::Send(bytes),
                ..
            } => self.packets(*link, Direction::ToBroker, bytes),
            Seen::Event {
                link,
                event: NetEvent::Received(bytes),
                ..
            } => self.packets(*link, Direction::FromBroker, bytes),
            Seen::Command {
                link,
                command: NetCommand::Close | NetCommand::Abort,
                ..
            }
            | Seen::Event {
                link,
                event: NetEvent::Closed(_) | NetEvent::Failed(_),
                ..
            } => {
                self.links.remove(link);
            }
            _ => {}
        }
    }
}

/// A packet in one line: its name and its fields.
fn text(packet: &Shown) -> String {
    let mut text = packet.name.to_owned();
    for (name, value) in &packet.fields {
        match value {
            Value::Bool(false) => {}
            Value::Bool(true) => text.push_str(&format!(" {name}")),
            value => text.push_str(&format!(" {name}={value}")),
        }
    }
    text
}
