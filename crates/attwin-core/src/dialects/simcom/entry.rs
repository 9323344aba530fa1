//! Data entry (docs/spec/simcom.md 4): which command waits for bytes, and what it
//! does with them.

use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::{Need, SimCom, certificate, code, is_utf8};
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::QoS;
use crate::serial::{DataEnd, DataRequest, Length};

/// CR LF and `>`, nothing after it (docs/spec/simcom.md 4).
pub(crate) const PROMPT: &[u8] = b"\r\n>";

/// A command that waits for data.
#[derive(Debug)]
pub(super) enum Entry {
    WillTopic,
    WillMessage(QoS),
    Topic,
    Payload,
    Subscribe(QoS),
    Unsubscribe,
    SubscribeTopic(QoS),
    UnsubscribeTopic,
    /// A file of this name.
    Certificate(Vec<u8>),
}

impl Entry {
    const fn command(&self) -> &'static str {
        match self {
            Self::WillTopic => "+CMQTTWILLTOPIC",
            Self::WillMessage(_) => "+CMQTTWILLMSG",
            Self::Topic => "+CMQTTTOPIC",
            Self::Payload => "+CMQTTPAYLOAD",
            Self::Subscribe(_) => "+CMQTTSUB",
            Self::Unsubscribe => "+CMQTTUNSUB",
            Self::SubscribeTopic(_) => "+CMQTTSUBTOPIC",
            Self::UnsubscribeTopic => "+CMQTTUNSUBTOPIC",
            Self::Certificate(_) => "+CCERTDOWN",
        }
    }

    /// Whether the bytes have to be UTF-8 under `checkUTF8` (docs/spec/simcom.md
    /// 3.17).
    const fn is_text(&self, payload_too: bool) -> bool {
        match self {
            Self::WillMessage(_) | Self::Payload => payload_too,
            Self::Certificate(_) => false,
            _ => true,
        }
    }
}

impl SimCom {
    /// Asks for `length` bytes on behalf of a command.
    pub(super) fn enter(&mut self, cx: &Context<'_>, entry: Entry, length: usize) -> Outcome {
        self.entering = Some(entry);
        let idle = Duration::from_secs(u64::from(self.knobs.data_timeout_s));
        Outcome::Data(DataRequest {
            prompt_delay: cx.delay(self.knobs.prompt_delay_ms),
            idle_timeout: (!idle.is_zero()).then_some(idle),
            ..cx.data_request(PROMPT, Length::Exact(length))
        })
    }

    /// The data of [`enter`](Self::enter) is there.
    pub(super) fn entered(&mut self, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome {
        let Some(entry) = self.entering.take() else {
            return Outcome::Error;
        };
        if let Entry::Certificate(name) = &entry {
            return match end {
                DataEnd::Complete => certificate::store(cx, name, data),
                _ => Outcome::Error,
            };
        }
        let command = entry.command();
        if end != DataEnd::Complete {
            return self.fail(cx, command, code::TIMEOUT);
        }
        let text = entry.is_text(self.knobs.utf8_check_payload);
        let Some(client) = &mut self.client else {
            return Outcome::Error;
        };
        if text && client.settings.check_utf8 && !is_utf8(&data) {
            return self.fail(cx, command, code::BAD_UTF8);
        }
        let data = Bytes::from(data);
        match entry {
            Entry::WillTopic => client.will_topic = Some(data),
            Entry::WillMessage(qos) => client.will_message = Some((data, qos)),
            // After a loss of connection there is nothing to keep it for
            // (docs/spec/simcom.md 4).
            _ if !client.is_connected() => return self.entered_too_late(cx, &entry),
            Entry::Topic => client.topic = Some(data),
            Entry::Payload => client.payload = data,
            Entry::SubscribeTopic(qos) => client.subscribe_store.push((data, qos)),
            Entry::UnsubscribeTopic => client.unsubscribe_store.push(data),
            Entry::Subscribe(qos) => self.subscribe(cx, &[(data, qos)]),
            Entry::Unsubscribe => self.unsubscribe(cx, &[data]),
            Entry::Certificate(_) => {}
        }
        Outcome::Ok
    }

    /// TOPIC and PAYLOAD answer OK all the same; what would be sent at once
    /// cannot be.
    fn entered_too_late(&mut self, cx: &mut Context<'_>, entry: &Entry) -> Outcome {
        match entry {
            Entry::Subscribe(_) | Entry::Unsubscribe => {
                self.fail(cx, entry.command(), code::NO_CONNECTION)
            }
            _ => Outcome::Ok,
        }
    }

    /// Asks for a string on behalf of a command that needs the client so.
    pub(super) fn enter_for_client(
        &mut self,
        cx: &mut Context<'_>,
        need: Need,
        entry: Entry,
        length: Option<u32>,
    ) -> Outcome {
        match self.client(need) {
            Ok(_) => self.enter(cx, entry, length.unwrap_or_default() as usize),
            Err(code) => self.fail(cx, entry.command(), code),
        }
    }
}
