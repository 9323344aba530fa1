//! Inbound messages: URCs, the five slots, and `AT+QMTRECV`
//! (docs/spec/quectel.md 3.10 and section 5).

use alloc::boxed::Box;
use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::client::State;
use super::settings::ReceiveMode;
use super::{Knobs, Quectel};
use crate::command::{Args, Form, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::Message;
use crate::serial::Channel;

const SLOTS: usize = 5;

pub(super) static ROWS: [Row<Quectel>; 1] = [Row {
    spec: Spec::new(
        "+QMTRECV",
        "docs/spec/quectel.md 3.10",
        "read buffered messages",
    )
    .test(Test::Ok)
    .read()
    .write(&[
        Param::int("client_idx", 0, 5),
        Param::int("recv_id", 0, 4).optional(),
    ])
    .max_ms(300)
    .example("+QMTRECV=0,0"),
    run: read,
}];

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

    fn occupied(&self, slot: usize) -> bool {
        self.0.as_ref().is_some_and(|slots| slots[slot].is_some())
    }

    fn take(&mut self, slot: usize) -> Option<Bytes> {
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

fn read(q: &mut Quectel, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let connected = |state| state == State::Connected;
    if form == Form::Read {
        for client in q.clients.iter().filter(|client| connected(client.state())) {
            let s: [u8; SLOTS] = core::array::from_fn(|i| u8::from(client.slots.occupied(i)));
            let [s0, s1, s2, s3, s4] = s;
            cx.reply(format!(
                "+QMTRECV: {},{s0},{s1},{s2},{s3},{s4}",
                client.index()
            ));
        }
        return Outcome::Ok;
    }
    let Some(index) = args.int(0) else {
        return Outcome::Error;
    };
    let client = &mut q.clients[index as usize];
    if !connected(client.state()) {
        return Outcome::Error;
    }
    let slots = args
        .int(1)
        .map_or(0..SLOTS, |slot| slot as usize..slot as usize + 1);
    let mut first = true;
    for line in slots.filter_map(|slot| client.slots.take(slot)) {
        // On these modules the first line of a read lacks its CR LF
        // (docs/spec/quectel.md 5.4).
        if core::mem::take(&mut first) && !q.knobs.recv_read_leading_crlf {
            cx.port.continue_response();
            cx.port.reply(&line);
        } else {
            cx.reply(line);
        }
    }
    Outcome::Ok
}
