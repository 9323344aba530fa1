//! Inbound messages: shown at once, or kept for `AT+IMQTTRECV`
//! (docs/spec/yuge.md 3.18 and section 5).

use alloc::collections::VecDeque;
use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::{Yuge, meaning};
use crate::command::{Answer, Args, Field, Form, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::session::Message;
use crate::serial::Channel;

/// Messages kept at most.
const SLOTS: usize = 10;

pub(super) static ROWS: [Row<Yuge>; 1] = [Row::new(
    Spec::new(
        "+IMQTTRECV",
        "docs/spec/yuge.md 3.18",
        "read buffered messages",
    )
    .test_lines(&["+IMQTTRECV: (1-10)"])
    .read()
    .write(&[Param::int("count", 1, 10)])
    .answers(
        &const {
            [
                Answer::new("+IMQTTRECV: <total>")
                    .fields(&const { [Field::new("total", "messages that are kept")] }),
                Answer::new("+IMQTTRECV:<pid>,\"<topic>\",<len>,\"<payload>\"")
                    .fields(&meaning::MESSAGE),
            ]
        },
    )
    .example("+IMQTTRECV=3"),
    read,
)];

/// Where messages go.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    /// Receive mode 1: kept until the host asks.
    pub(super) buffered: bool,
    /// Lines of AT+IMQTTRECV, oldest first.
    lines: VecDeque<Bytes>,
}

impl Inbox {
    /// Shows or keeps a message; one too many is lost without a word
    /// (docs/spec/yuge.md 5.2). It counts as received either way.
    pub(super) fn deliver(&mut self, cx: &mut Context<'_>, message: &Message) {
        if !self.buffered {
            cx.urc_at(Channel::Client(0), cx.now, line("+IMQTTRCVPUB:", message));
            return;
        }
        if self.lines.len() >= SLOTS {
            cx.note(format!("{SLOTS} messages are kept, one more is lost"));
            return;
        }
        self.lines.push_back(line("+IMQTTRECV:", message));
        let count = self.lines.len();
        cx.urc_at(Channel::Client(0), cx.now, format!("+IMQTTCOUNT: {count}"));
        if count == SLOTS {
            cx.urc_at(Channel::Client(0), cx.now, "+IMQTTCOUNT: FULL");
        }
    }
}

/// Topic and payload raw: a host has to go by the length (docs/spec/yuge.md 5.3).
fn line(head: &str, message: &Message) -> Bytes {
    let mut line =
        Vec::with_capacity(head.len() + message.topic.len() + message.payload.len() + 18);
    line.extend_from_slice(format!("{head}{},\"", message.id).as_bytes());
    line.extend_from_slice(message.topic.as_bytes());
    line.extend_from_slice(format!("\",{},\"", message.payload.len()).as_bytes());
    line.extend_from_slice(&message.payload);
    line.push(b'"');
    line.into()
}

fn read(s: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let lines = &mut s.client.inbox.lines;
    if form == Form::Read {
        cx.reply(format!("+IMQTTRECV: {}", lines.len()));
        return Outcome::Ok;
    }
    let count = usize::from(args.byte(0).unwrap_or_default()).min(lines.len());
    for line in lines.drain(..count) {
        cx.reply(line);
    }
    Outcome::Ok
}
