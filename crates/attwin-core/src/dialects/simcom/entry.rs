//! Data entry (docs/spec/simcom.md 4): which command waits for bytes, and what it
//! does with them.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use bytes::Bytes;

use super::{Failure, Need, SimCom, code, fail, files, index, is_utf8};
use crate::command::Args;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::QoS;
use crate::reason::Reason;
use crate::serial::{DataEnd, DataRequest, Length};

/// CR LF and `>`, nothing after it (docs/spec/simcom.md 4).
pub(crate) const PROMPT: &[u8] = b"\r\n>";

/// A command that waits for data.
#[derive(Debug)]
pub(super) enum Entry {
    /// One about the client with this index.
    Client(u8, Wanted),
    /// AT+CCERTDOWN of a file with this name.
    File(Vec<u8>),
}

/// What the data is to a client.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    WillTopic,
    WillMessage(QoS),
    Topic,
    Payload,
    Subscribe(QoS),
    Unsubscribe,
    SubscribeTopic(QoS),
    UnsubscribeTopic,
}

impl Wanted {
    pub(super) const fn command(&self) -> &'static str {
        match self {
            Self::WillTopic => "+CMQTTWILLTOPIC",
            Self::WillMessage(_) => "+CMQTTWILLMSG",
            Self::Topic => "+CMQTTTOPIC",
            Self::Payload => "+CMQTTPAYLOAD",
            Self::Subscribe(_) => "+CMQTTSUB",
            Self::Unsubscribe => "+CMQTTUNSUB",
            Self::SubscribeTopic(_) => "+CMQTTSUBTOPIC",
            Self::UnsubscribeTopic => "+CMQTTUNSUBTOPIC",
        }
    }

    /// What is entered, for the log.
    const fn what(&self) -> &'static str {
        match self {
            Self::WillTopic => "topic of the will",
            Self::WillMessage(_) => "message of the will",
            Self::Payload => "payload",
            Self::Topic
            | Self::Subscribe(_)
            | Self::Unsubscribe
            | Self::SubscribeTopic(_)
            | Self::UnsubscribeTopic => "topic",
        }
    }

    /// Whether the bytes have to be UTF-8 under `checkUTF8` (docs/spec/simcom.md
    /// 3.17).
    const fn is_text(&self, payload_too: bool) -> bool {
        match self {
            Self::WillMessage(_) | Self::Payload => payload_too,
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

    /// Asks for a string, as long as the second argument says, on behalf of a
    /// command that needs the client so.
    pub(super) fn enter_for_client(
        &mut self,
        cx: &mut Context<'_>,
        need: Need,
        wanted: Wanted,
        args: &Args<'_>,
    ) -> Outcome {
        let (index, length) = (index(args), args.int(1).unwrap_or_default());
        match self.client(index, need) {
            Ok(_) => self.enter(cx, Entry::Client(index, wanted), length as usize),
            Err(failure) => fail(cx, wanted.command(), index, failure),
        }
    }

    /// The data of [`enter`](Self::enter) is there.
    pub(super) fn entered(&mut self, cx: &mut Context<'_>, end: DataEnd, data: Vec<u8>) -> Outcome {
        match self.entering.take() {
            Some(Entry::Client(index, wanted)) if end == DataEnd::Complete => {
                self.entered_for_client(cx, index, wanted, data.into())
            }
            Some(Entry::Client(index, wanted)) => {
                let failure = Failure::new(code::TIMEOUT, self.given_up());
                fail(cx, wanted.command(), index, failure)
            }
            Some(Entry::File(name)) if end == DataEnd::Complete => {
                if files::store(cx.storage, &name, data) {
                    Outcome::Ok
                } else {
                    Outcome::error(files::no_room(&name))
                }
            }
            Some(Entry::File(_)) | None => Outcome::error(Reason::new(self.given_up())),
        }
    }

    /// Why a data entry ended before its last byte.
    fn given_up(&self) -> String {
        let seconds = self.knobs.data_timeout_s;
        format!("the host sent fewer bytes than it announced, and none for {seconds} s")
    }

    fn entered_for_client(
        &mut self,
        cx: &mut Context<'_>,
        index: u8,
        wanted: Wanted,
        data: Bytes,
    ) -> Outcome {
        let (client, knobs) = (&mut self.clients[usize::from(index)], &self.knobs);
        if wanted.is_text(knobs.utf8_check_payload) && client.settings.check_utf8 && !is_utf8(&data)
        {
            return fail(
                cx,
                wanted.command(),
                index,
                Failure::bad_utf8(wanted.what()),
            );
        }
        match wanted {
            Wanted::WillTopic => client.will_topic = Some(data),
            Wanted::WillMessage(qos) => client.will_message = Some((data, qos)),
            // After a loss of connection what would be sent at once cannot be,
            // and for the rest there is nothing to keep it for
            // (docs/spec/simcom.md 4).
            Wanted::Subscribe(_) | Wanted::Unsubscribe if !client.is_connected() => {
                return fail(cx, wanted.command(), index, Failure::no_connection(index));
            }
            _ if !client.is_connected() => {}
            Wanted::Topic => client.topic = Some(data),
            Wanted::Payload => client.payload = data,
            Wanted::SubscribeTopic(qos) => client.subscribe_store.push((data, qos)),
            Wanted::UnsubscribeTopic => client.unsubscribe_store.push(data),
            Wanted::Subscribe(qos) => client.subscribe(cx, knobs, &[(data, qos)]),
            Wanted::Unsubscribe => client.unsubscribe(cx, knobs, &[data]),
        }
        Outcome::Ok
    }
}
