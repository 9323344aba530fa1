//! `AT+CMQTTSUB`, `AT+CMQTTUNSUB` and their stores (docs/spec/simcom.md 3.13 to
//! 3.16).

use bytes::Bytes;

use super::client::Pending;
use super::entry::Entry;
use super::publish::STRING;
use super::{INDEX, Need, QOS, SimCom, code, qos};
use crate::command::{Args, Form, Kind, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::QoS;
use crate::mqtt::session::{PacketId, SubscribeRequest, UnsubscribeRequest};

/// Bytes of topics a store holds (docs/spec/simcom.md 3.14).
const STORE: usize = 5120;

/// SUBSCRIBE and UNSUBSCRIBE have no DUP at MQTT 3.1.1: accepted, without
/// effect.
const DUP: Param = Param::int("dup", 0, 1).optional();

/// Two rows of a name are told apart by how many arguments there are.
pub(super) static ROWS: [Row<SimCom>; 6] = [
    Row::new(
        Spec::new(
            "+CMQTTSUB",
            "docs/spec/simcom.md 3.13",
            "subscribe to the stored topics",
        )
        .test_lines(&["+CMQTTSUB: (0-0),(1-1024),(0-2),(0-1)"])
        .read()
        .write(&[INDEX, DUP])
        .max_settings("optimeout, 120 s by default")
        .example("+CMQTTSUB=0"),
        subscribe_stored,
    ),
    Row::new(
        Spec::new(
            "+CMQTTSUB",
            "docs/spec/simcom.md 3.13",
            "subscribe to the topic that follows",
        )
        .write(&[INDEX, STRING, QOS, DUP])
        .max_settings("optimeout, 120 s by default")
        .example("+CMQTTSUB=0,9,1"),
        |s, cx, _, args| {
            let entry = Entry::Subscribe(qos(args.int(2)));
            s.enter_for_client(cx, Need::Connection, entry, args.int(1))
        },
    ),
    Row::new(
        Spec::new(
            "+CMQTTSUBTOPIC",
            "docs/spec/simcom.md 3.14",
            "store a topic to subscribe to",
        )
        .test_lines(&["+CMQTTSUBTOPIC: (0-0),(1-1024),(0-2)"])
        .write(&[INDEX, STRING, QOS])
        .origin(Origin::Field)
        .example("+CMQTTSUBTOPIC=0,9,1"),
        store_subscription,
    ),
    Row::new(
        Spec::new(
            "+CMQTTUNSUB",
            "docs/spec/simcom.md 3.15",
            "unsubscribe from the stored topics, or from the one that follows",
        )
        .test_lines(&["+CMQTTUNSUB: (0-0),(1-1024),(0-2),(0-1)"])
        .write(&[
            INDEX,
            Param::of("dup_or_reqLength", Kind::Length(0, 1024)).optional(),
        ])
        .max_settings("optimeout, 120 s by default")
        .example("+CMQTTUNSUB=0"),
        unsubscribe_stored,
    ),
    Row::new(
        Spec::new(
            "+CMQTTUNSUB",
            "docs/spec/simcom.md 3.15",
            "unsubscribe from the topic that follows",
        )
        .write(&[INDEX, STRING, Param::int("dup", 0, 1)])
        .max_settings("optimeout, 120 s by default")
        .example("+CMQTTUNSUB=0,9,0"),
        |s, cx, _, args| s.enter_for_client(cx, Need::Connection, Entry::Unsubscribe, args.int(1)),
    ),
    Row::new(
        Spec::new(
            "+CMQTTUNSUBTOPIC",
            "docs/spec/simcom.md 3.16",
            "store a topic to unsubscribe from",
        )
        .test_lines(&["+CMQTTUNSUBTOPIC: (0-0),(1-1024)"])
        .write(&[INDEX, STRING])
        .origin(Origin::Field)
        .example("+CMQTTUNSUBTOPIC=0,9"),
        store_unsubscription,
    ),
];

fn subscribe_stored(s: &mut SimCom, cx: &mut Context<'_>, form: Form, _: &Args<'_>) -> Outcome {
    if form == Form::Read {
        cx.reply("+CMQTTSUB:");
        for topic in s.client.iter().flat_map(|client| &client.subscriptions) {
            cx.reply(topic);
        }
        return Outcome::Ok;
    }
    match s.client(Need::Connection) {
        Err(code) => s.fail(cx, "+CMQTTSUB", code),
        Ok(client) if client.subscribe_store.is_empty() => {
            s.fail(cx, "+CMQTTSUB", code::TOPIC_EMPTY)
        }
        Ok(client) => {
            let filters = core::mem::take(&mut client.subscribe_store);
            s.subscribe(cx, &filters);
            Outcome::Ok
        }
    }
}

fn store_subscription(s: &mut SimCom, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let used = |s: &SimCom| {
        let stored = s.client.iter().flat_map(|client| &client.subscribe_store);
        stored.map(|(topic, _)| topic.len()).sum()
    };
    let entry = Entry::SubscribeTopic(qos(args.int(2)));
    store(s, cx, "+CMQTTSUBTOPIC", entry, used, args)
}

fn store_unsubscription(s: &mut SimCom, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let used = |s: &SimCom| {
        let stored = s.client.iter().flat_map(|client| &client.unsubscribe_store);
        stored.map(Bytes::len).sum()
    };
    store(
        s,
        cx,
        "+CMQTTUNSUBTOPIC",
        Entry::UnsubscribeTopic,
        used,
        args,
    )
}

fn store(
    s: &mut SimCom,
    cx: &mut Context<'_>,
    command: &str,
    entry: Entry,
    used: impl Fn(&SimCom) -> usize,
    args: &Args<'_>,
) -> Outcome {
    let length = args.int(1).unwrap_or_default() as usize;
    if let Err(code) = s.client(Need::Connection) {
        return s.fail(cx, command, code);
    }
    if used(s) + length > STORE {
        return s.fail(cx, command, code::LENGTH);
    }
    s.enter(cx, entry, length)
}

/// With a store and 0 or 1 behind the index that is a `<dup>`; else it is a
/// length, as SIM7028 hosts mean it.
fn unsubscribe_stored(s: &mut SimCom, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let number = args.int(1);
    let client = match s.client(Need::Connection) {
        Ok(client) => client,
        Err(code) => return s.fail(cx, "+CMQTTUNSUB", code),
    };
    let stored = !client.unsubscribe_store.is_empty();
    match number {
        None | Some(0 | 1) if stored => {
            let filters = core::mem::take(&mut client.unsubscribe_store);
            s.unsubscribe(cx, &filters);
            Outcome::Ok
        }
        None | Some(0) => s.fail(cx, "+CMQTTUNSUB", code::TOPIC_EMPTY),
        Some(length) => s.enter(cx, Entry::Unsubscribe, length as usize),
    }
}

impl SimCom {
    /// Sends SUBSCRIBE; its result comes by URC.
    pub(super) fn subscribe(&mut self, cx: &mut Context<'_>, filters: &[(Bytes, QoS)]) {
        let patience = self.patience();
        let topics = filters.iter().map(|(topic, _)| topic.clone()).collect();
        self.request(cx, Pending::Subscribe(topics), |session, now, token| {
            session.subscribe(
                now,
                &SubscribeRequest {
                    id: PacketId::Next,
                    filters,
                    patience,
                    token,
                },
            )
        });
    }

    /// Sends UNSUBSCRIBE; its result comes by URC.
    pub(super) fn unsubscribe(&mut self, cx: &mut Context<'_>, filters: &[Bytes]) {
        let patience = self.patience();
        self.request(
            cx,
            Pending::Unsubscribe(filters.to_vec()),
            |session, now, token| {
                session.unsubscribe(
                    now,
                    &UnsubscribeRequest {
                        id: PacketId::Next,
                        filters,
                        patience,
                        token,
                    },
                )
            },
        );
    }
}
