//! Inbound messages: URCs, and the five slots of a client
//! (docs/spec/quectel.md section 5).

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::Knobs;
use super::settings::ReceiveMode;
use crate::handler::Context;
use crate::mqtt::packet::QoS;
use crate::mqtt::session::Message;
use crate::serial::Channel;

pub(super) const SLOTS: usize = 5;

/// Messages of one client that wait to be read.
#[derive(Debug, Default)]
pub(super) struct Slots(Option<Box<[Option<Bytes>; SLOTS]>>);

impl Slots {
    /// Shows or stores a message. `false` withholds its acknowledgement.
    pub(super) fn deliver(
        &mut self,
        cx: &mut Context<'_>,
        client: u8,
        mode: ReceiveMode,
        knobs: &Knobs,
        message: &Message,
    ) -> bool {
        let line = line(client, mode, message);
        if !mode.buffered {
            cx.urc_at(Channel::Client(client), cx.now, line);
            return true;
        }
        let slots = self.0.get_or_insert_default();
        let Some(free) = slots.iter().position(Option::is_none) else {
            cx.note(format!(
                "client {client}: all {SLOTS} slots are occupied, a message is lost"
            ));
            return message.qos != QoS::Level1 || knobs.qos1_ack_when_full;
        };
        slots[free] = Some(line);
        cx.urc_at(
            Channel::Client(client),
            cx.now,
            format!("+QMTRECV: {client},{free}"),
        );
        true
    }

    pub(super) fn occupied(&self, slot: usize) -> bool {
        self.0.as_ref().is_some_and(|slots| slots[slot].is_some())
    }

    pub(super) fn take(&mut self, slot: usize) -> Option<Bytes> {
        self.0.as_mut()?[slot].take()
    }
}

/// The line that shows a message (docs/spec/quectel.md 5.1): topic and payload raw.
fn line(client: u8, mode: ReceiveMode, message: &Message) -> Bytes {
    let mut line = Vec::with_capacity(40 + message.topic.len() + message.payload.len());
    line.extend_from_slice(format!("+QMTRECV: {client},{},\"", message.id).as_bytes());
    line.extend_from_slice(message.topic.as_bytes());
    line.extend_from_slice(b"\",");
    if mode.length {
        line.extend_from_slice(format!("{},", message.payload.len()).as_bytes());
    }
    line.push(b'"');
    line.extend_from_slice(&message.payload);
    line.push(b'"');
    line.into()
}
