//! `AT+CMQTTSUB`, `AT+CMQTTUNSUB` and their stores (docs/spec/simcom.md 3.13 to
//! 3.16).

use alloc::format;

use bytes::Bytes;

use super::client::Client;
use super::entry::Wanted;
use super::publish::STRING;
use super::{Failure, INDEX, Need, QOS, SimCom, code, fail, index, qos};
use crate::command::{Answer, Args, Form, Kind, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};

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
        .answers(&[
            Answer::new("+CMQTTSUB:"),
            Answer::new("+CMQTTSUB: <client_index>,<err>").fields(&code::FIELDS),
        ])
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
            let wanted = Wanted::Subscribe(qos(args.int(2)));
            s.enter_for_client(cx, Need::Connection, wanted, args)
        },
    ),
    Row::new(
        Spec::new(
            "+CMQTTSUBTOPIC",
            "docs/spec/simcom.md 3.14",
            "store a topic to subscribe to",
        )
        .test_lines(&["+CMQTTSUBTOPIC: (0-0),(1-1024),(0-2)"])
        .answers(&[Answer::new("+CMQTTSUBTOPIC: <client_index>,<err>").fields(&code::FIELDS)])
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
        .answers(&[Answer::new("+CMQTTUNSUB: <client_index>,<err>").fields(&code::FIELDS)])
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
        |s, cx, _, args| s.enter_for_client(cx, Need::Connection, Wanted::Unsubscribe, args),
    ),
    Row::new(
        Spec::new(
            "+CMQTTUNSUBTOPIC",
            "docs/spec/simcom.md 3.16",
            "store a topic to unsubscribe from",
        )
        .test_lines(&["+CMQTTUNSUBTOPIC: (0-0),(1-1024)"])
        .answers(&[Answer::new("+CMQTTUNSUBTOPIC: <client_index>,<err>").fields(&code::FIELDS)])
        .write(&[INDEX, STRING])
        .origin(Origin::Field)
        .example("+CMQTTUNSUBTOPIC=0,9"),
        store_unsubscription,
    ),
];

fn subscribe_stored(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        cx.reply("+CMQTTSUB:");
        for topic in s.clients.iter().flat_map(|client| &client.subscriptions) {
            cx.reply(topic);
        }
        return Outcome::Ok;
    }
    let index = index(args);
    match s.client(index, Need::Connection) {
        Err(failure) => fail(cx, "+CMQTTSUB", index, failure),
        Ok((client, _)) if client.subscribe_store.is_empty() => {
            fail(cx, "+CMQTTSUB", index, Failure::no_topic("+CMQTTSUBTOPIC"))
        }
        Ok((client, knobs)) => {
            let filters = core::mem::take(&mut client.subscribe_store);
            client.subscribe(cx, knobs, &filters);
            Outcome::Ok
        }
    }
}

fn store_subscription(s: &mut SimCom, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let wanted = Wanted::SubscribeTopic(qos(args.int(2)));
    store(s, cx, wanted, args, |client| {
        let stored = client.subscribe_store.iter();
        stored.map(|(topic, _)| topic.len()).sum()
    })
}

fn store_unsubscription(s: &mut SimCom, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    store(s, cx, Wanted::UnsubscribeTopic, args, |client| {
        client.unsubscribe_store.iter().map(Bytes::len).sum()
    })
}

/// Asks for a topic that fits its store, of which so much is used.
fn store(
    s: &mut SimCom,
    cx: &mut Context<'_>,
    wanted: Wanted,
    args: &Args<'_>,
    used: impl Fn(&Client) -> usize,
) -> Outcome {
    let (index, length) = (index(args), args.int(1).unwrap_or_default() as usize);
    match s.client(index, Need::Connection) {
        Err(failure) => fail(cx, wanted.command(), index, failure),
        Ok((client, _)) if used(client) + length > STORE => {
            let used = used(client);
            let cause = format!("the topics stored take {used} of {STORE} bytes already");
            let failure = Failure::new(code::LENGTH, cause);
            fail(cx, wanted.command(), index, failure)
        }
        Ok(_) => s.enter_for_client(cx, Need::Connection, wanted, args),
    }
}

/// With a store and 0 or 1 behind the index that is a `<dup>`; else it is a
/// length, as SIM7028 hosts mean it.
fn unsubscribe_stored(s: &mut SimCom, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let index = index(args);
    let (client, knobs) = match s.client(index, Need::Connection) {
        Ok(client) => client,
        Err(failure) => return fail(cx, "+CMQTTUNSUB", index, failure),
    };
    match args.int(1) {
        None | Some(0 | 1) if !client.unsubscribe_store.is_empty() => {
            let filters = core::mem::take(&mut client.unsubscribe_store);
            client.unsubscribe(cx, knobs, &filters);
            Outcome::Ok
        }
        None | Some(0) => fail(
            cx,
            "+CMQTTUNSUB",
            index,
            Failure::no_topic("+CMQTTUNSUBTOPIC"),
        ),
        Some(_) => s.enter_for_client(cx, Need::Connection, Wanted::Unsubscribe, args),
    }
}
