//! `AT+QMTCFG` (docs/spec/quectel.md 3.1): a row per option.
//!
//! With the client index alone an option is queried, in any state; with values
//! it is set, as long as no MQTT connection is being made or exists.

use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::publish::data_request;
use super::settings::{AliAuth, ReceiveMode, Settings};
use super::{Entering, Quectel};
use crate::command::{Args, Form, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::{Level, Will, qos};
use crate::serial::{DataEnd, Length};

const INDEX: Param = Param::int("client_idx", 0, 5);

const fn option(
    name: &'static str,
    test: &'static [&'static str],
    write: &'static [Param],
    summary: &'static str,
    example: &'static str,
) -> Spec {
    Spec::new("+QMTCFG", "docs/spec/quectel.md 3.1", summary)
        .option(name)
        .test_lines(test)
        .write(write)
        .max_ms(300)
        .example(example)
}

pub(super) static ROWS: [Row<Quectel>; 11] = [
    Row {
        spec: option(
            "version",
            &[r#"+QMTCFG: "version",(0-5),(3,4)"#],
            &[INDEX, Param::int("vsn", 3, 4).optional()],
            "MQTT protocol level: 3 for 3.1, 4 for 3.1.1",
            r#"+QMTCFG="version",0,4"#,
        ),
        run: version,
    },
    Row {
        spec: option(
            "pdpcid",
            &[r#"+QMTCFG: "pdpcid",(0-5),(1-16)"#],
            &[INDEX, Param::int("cid", 1, 16).optional()],
            "PDP context the client uses",
            r#"+QMTCFG="pdpcid",0,1"#,
        )
        .aliases(&["pdpid"]),
        run: pdp_context,
    },
    Row {
        spec: option(
            "ssl",
            &[r#"+QMTCFG: "ssl",(0-5),(0,1),(0-5)"#],
            &[
                INDEX,
                Param::int("ssl_enable", 0, 1).optional(),
                Param::int("ctx_idx", 0, 5).optional(),
            ],
            "TLS on or off, and its context",
            r#"+QMTCFG="ssl",0,1,2"#,
        ),
        run: ssl,
    },
    Row {
        spec: option(
            "keepalive",
            &[r#"+QMTCFG: "keepalive",(0-5),(0-3600)"#],
            &[INDEX, Param::int("keep_alive_time", 0, 3600).optional()],
            "keep alive in seconds, 0 for never",
            r#"+QMTCFG="keepalive",0,120"#,
        ),
        run: keep_alive,
    },
    Row {
        spec: option(
            "session",
            &[r#"+QMTCFG: "session",(0-5),(0,1)"#],
            &[INDEX, Param::int("clean_session", 0, 1).optional()],
            "clean session flag",
            r#"+QMTCFG="session",0,1"#,
        ),
        run: session,
    },
    Row {
        spec: option(
            "timeout",
            &[r#"+QMTCFG: "timeout",(0-5),(1-60),(0-10),(0,1)"#],
            &[
                INDEX,
                Param::int("pkt_timeout", 1, 60).optional(),
                Param::int("retry_times", 0, 10).optional(),
                Param::int("timeout_notice", 0, 1).optional(),
            ],
            "packet time-out in seconds, retransmissions, whether to report them",
            r#"+QMTCFG="timeout",0,5,3,0"#,
        ),
        run: timeout,
    },
    Row {
        spec: option(
            "will",
            &[r#"+QMTCFG: "will",(0-5),(0,1),(0-2),(0,1),"willtopic","willmessage""#],
            &[
                INDEX,
                Param::int("will_fg", 0, 1).optional(),
                Param::int("will_qos", 0, 2).optional(),
                Param::int("will_retain", 0, 1).optional(),
                Param::text("will_topic", 0, 256).optional(),
                Param::text("will_msg", 0, 256).optional(),
            ],
            "will message",
            r#"+QMTCFG="will",0,1,1,0,"status","gone""#,
        ),
        run: will,
    },
    Row {
        spec: option(
            "willex",
            &[r#"+QMTCFG: "willex",(0-5),(0,1),(0-2),(0,1),"willtopic",(0-256)"#],
            &[
                INDEX,
                Param::int("will_fg", 0, 1).optional(),
                Param::int("will_qos", 0, 2).optional(),
                Param::int("will_retain", 0, 1).optional(),
                Param::text("will_topic", 0, 256).optional(),
                Param::int("will_len", 0, 256).optional(),
            ],
            "will message, entered as data",
            r#"+QMTCFG="willex",0,1,1,0,"status",4"#,
        ),
        run: will_by_data,
    },
    Row {
        spec: option(
            "recv/mode",
            &[r#"+QMTCFG: "recv/mode",(0-5),(0,1),(0,1)"#],
            &[
                INDEX,
                Param::int("msg_recv_mode", 0, 1).optional(),
                Param::int("msg_len_enable", 0, 1).optional(),
            ],
            "messages as URCs or into slots, with or without their length",
            r#"+QMTCFG="recv/mode",0,0,1"#,
        ),
        run: receive_mode,
    },
    Row {
        spec: option(
            "aliauth",
            &[r#"+QMTCFG: "aliauth",(0-5),"productkey","devicename","devicesecret""#],
            &[
                INDEX,
                Param::text("product_key", 0, 64).optional(),
                Param::text("device_name", 0, 64).optional(),
                Param::text("device_secret", 0, 64).optional(),
            ],
            "Alibaba Cloud device credentials",
            r#"+QMTCFG="aliauth",0,"oyjtmPI5a5j","MQTT_TEST","wN9Y6pZSIly7Exa5qVzcmigEGO4kAazZ""#,
        ),
        run: ali_auth,
    },
    Row {
        spec: option(
            "qmtping",
            &[r#"+QMTCFG: "qmtping",(0-5),(5-60)"#],
            &[INDEX, Param::int("qmtping_interval", 5, 60).optional()],
            "seconds between PINGREQs while one is unanswered",
            r#"+QMTCFG="qmtping",0,5"#,
        ),
        run: ping_interval,
    },
];

/// A will whose message is being entered.
#[derive(Debug)]
pub(super) struct WillEntry {
    client: usize,
    will: Will,
}

impl Quectel {
    /// Answers a query, or changes the settings if the client's state allows.
    fn configure(
        &mut self,
        cx: &mut Context<'_>,
        args: &Args<'_>,
        query: impl FnOnce(&Settings) -> Vec<u8>,
        set: impl FnOnce(&mut Settings) -> Result<(), ()>,
    ) -> Outcome {
        let Some(index) = args.int(0) else {
            return Outcome::Error;
        };
        let client = &mut self.clients[index as usize];
        if args.given() == 1 {
            cx.reply(query(&client.settings));
            return Outcome::Ok;
        }
        if !client.is_configurable() {
            return Outcome::Error;
        }
        match set(&mut client.settings) {
            Ok(()) => Outcome::Ok,
            Err(()) => Outcome::Error,
        }
    }

    /// The message of `AT+QMTCFG="willex"` was entered.
    pub(super) fn finish_will(&mut self, entry: WillEntry, end: DataEnd, data: Vec<u8>) -> Outcome {
        if end != DataEnd::Complete {
            return Outcome::Error;
        }
        let will = Will {
            message: data.into(),
            ..entry.will
        };
        self.clients[entry.client].settings.will = Some(will);
        Outcome::Ok
    }
}

fn version(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| {
        let number = if s.version == Level::V31 { 3 } else { 4 };
        format!("+QMTCFG: \"version\",{number}").into_bytes()
    };
    q.configure(cx, args, query, |s| {
        s.version = if args.int(1) == Some(3) {
            Level::V31
        } else {
            Level::V311
        };
        Ok(())
    })
}

fn pdp_context(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| format!("+QMTCFG: \"pdpcid\",{}", s.pdp_context).into_bytes();
    q.configure(cx, args, query, |s| {
        s.pdp_context = args.byte(1).unwrap_or(s.pdp_context);
        Ok(())
    })
}

fn ssl(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| {
        if s.tls {
            format!("+QMTCFG: \"ssl\",1,{}", s.tls_context).into_bytes()
        } else {
            b"+QMTCFG: \"ssl\",0".to_vec()
        }
    };
    q.configure(cx, args, query, |s| {
        let enable = args.flag(1).unwrap_or(s.tls);
        if enable && !args.is_given(2) {
            return Err(());
        }
        s.tls = enable;
        s.tls_context = args.byte(2).unwrap_or(s.tls_context);
        Ok(())
    })
}

fn keep_alive(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| format!("+QMTCFG: \"keepalive\",{}", s.keep_alive).into_bytes();
    q.configure(cx, args, query, |s| {
        s.keep_alive = args.short(1).unwrap_or(s.keep_alive);
        Ok(())
    })
}

fn session(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query =
        |s: &Settings| format!("+QMTCFG: \"session\",{}", u8::from(s.clean_session)).into_bytes();
    q.configure(cx, args, query, |s| {
        s.clean_session = args.flag(1).unwrap_or(s.clean_session);
        Ok(())
    })
}

fn timeout(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| {
        let notice = u8::from(s.timeout_notice);
        format!(
            "+QMTCFG: \"timeout\",{},{},{notice}",
            s.packet_timeout, s.retries
        )
        .into_bytes()
    };
    q.configure(cx, args, query, |s| {
        s.packet_timeout = args.byte(1).unwrap_or(s.packet_timeout);
        s.retries = args.byte(2).unwrap_or(s.retries);
        s.timeout_notice = args.flag(3).unwrap_or(s.timeout_notice);
        Ok(())
    })
}

fn will(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| {
        let Some(will) = &s.will else {
            return b"+QMTCFG: \"will\",0".to_vec();
        };
        let mut line = b"+QMTCFG: \"will\",".to_vec();
        put_will(&mut line, will);
        line.extend_from_slice(b",\"");
        line.extend_from_slice(&will.message);
        line.push(b'"');
        line
    };
    q.configure(cx, args, query, |s| {
        if !args.flag(1).ok_or(())? {
            s.will = None;
            return Ok(());
        }
        let message = args.text(5).ok_or(())?;
        s.will = Some(Will {
            message: Bytes::copy_from_slice(message),
            ..will_header(args)?
        });
        Ok(())
    })
}

/// The data itself follows a prompt; `will` and `willex` write one record.
fn will_by_data(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| {
        let Some(will) = &s.will else {
            return b"+QMTCFG: \"willex\",0".to_vec();
        };
        let mut line = b"+QMTCFG: \"willex\",".to_vec();
        put_will(&mut line, will);
        line.extend_from_slice(format!(",{}", will.message.len()).as_bytes());
        line
    };
    let mut entered = None;
    let outcome = q.configure(cx, args, query, |s| {
        if !args.flag(1).ok_or(())? {
            s.will = None;
            return Ok(());
        }
        entered = Some((will_header(args)?, args.int(5).ok_or(())?));
        Ok(())
    });
    match (entered, args.int(0)) {
        (Some((will, length)), Some(index)) => {
            q.entering = Some(Entering::Will(WillEntry {
                client: index as usize,
                will,
            }));
            Outcome::Data(data_request(cx, &q.knobs, Length::Exact(length as usize)))
        }
        _ => outcome,
    }
}

/// A will without its message; every part has to be given.
fn will_header(args: &Args<'_>) -> Result<Will, ()> {
    let topic = args.text(4).filter(|topic| !topic.is_empty()).ok_or(())?;
    Ok(Will {
        topic: Bytes::copy_from_slice(topic),
        message: Bytes::new(),
        qos: qos(Some(args.int(2).ok_or(())?)),
        retain: args.flag(3).ok_or(())?,
    })
}

fn put_will(line: &mut Vec<u8>, will: &Will) {
    let head = format!("1,{},{},\"", will.qos as u8, u8::from(will.retain));
    line.extend_from_slice(head.as_bytes());
    line.extend_from_slice(&will.topic);
    line.push(b'"');
}

fn receive_mode(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| {
        let ReceiveMode { buffered, length } = s.receive;
        format!(
            "+QMTCFG: \"recv/mode\",{},{}",
            u8::from(buffered),
            u8::from(length)
        )
        .into_bytes()
    };
    q.configure(cx, args, query, |s| {
        s.receive.buffered = args.flag(1).unwrap_or(s.receive.buffered);
        s.receive.length = args.flag(2).unwrap_or(s.receive.length);
        Ok(())
    })
}

fn ali_auth(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| {
        let mut line = b"+QMTCFG: \"aliauth\"".to_vec();
        let empty = Bytes::new();
        let parts = s.ali_auth.as_ref().map_or([&empty; 3], |auth| {
            [&auth.product_key, &auth.device_name, &auth.device_secret]
        });
        for part in parts {
            line.extend_from_slice(b",\"");
            line.extend_from_slice(part);
            line.push(b'"');
        }
        line
    };
    q.configure(cx, args, query, |s| {
        let mut parts = [1, 2, 3].map(|i| args.text(i).map(Bytes::copy_from_slice));
        let [Some(product_key), Some(device_name), Some(device_secret)] =
            [parts[0].take(), parts[1].take(), parts[2].take()]
        else {
            return Err(());
        };
        let auth = AliAuth {
            product_key,
            device_name,
            device_secret,
        };
        let lengths = [&auth.product_key, &auth.device_name, &auth.device_secret].map(Bytes::len);
        s.ali_auth = match lengths {
            [0, 0, 0] => None,
            _ if lengths.contains(&0) => return Err(()),
            _ => Some(auth),
        };
        Ok(())
    })
}

fn ping_interval(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query = |s: &Settings| format!("+QMTCFG: \"qmtping\",{}", s.ping_interval).into_bytes();
    q.configure(cx, args, query, |s| {
        s.ping_interval = args.byte(1).unwrap_or(s.ping_interval);
        Ok(())
    })
}
