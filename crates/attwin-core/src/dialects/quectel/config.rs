//! `AT+QMTCFG` (docs/spec/quectel.md 3.1): a row per option.
//!
//! With the client index alone an option is queried, in any state; with values
//! it is set, as long as no MQTT connection is being made or exists.

use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::codes;
use super::publish::data_request;
use super::refused::Needs;
use super::settings::{AliAuth, ReceiveMode, Settings};
use super::{Entering, Quectel};
use crate::command::{Answer, Args, Field, Form, Kind, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::mqtt::packet::{Level, Will, qos};
use crate::reason::Reason;
use crate::serial::{DataEnd, Length};

const INDEX: Param = Param::int("client_idx", 0, 5);

const fn option(
    name: &'static str,
    test: &'static [&'static str],
    write: &'static [Param],
    answers: &'static [Answer],
    summary: &'static str,
    example: &'static str,
) -> Spec {
    Spec::new("+QMTCFG", "docs/spec/quectel.md 3.1", summary)
        .option(name)
        .test_lines(test)
        .write(write)
        .answers(answers)
        .max_ms(300)
        .example(example)
}

pub(super) static ROWS: [Row<Quectel>; 14] = [
    Row {
        spec: option(
            "version",
            &[r#"+QMTCFG: "version",(0-5),(3,4)"#],
            &const {
                [
                    INDEX,
                    Param::int("vsn", 3, 4).optional().values(&codes::VERSION),
                ]
            },
            &const {
                [Answer::new("+QMTCFG: \"version\",<vsn>").fields(
                    &const { [Field::new("vsn", "protocol level").values(&codes::VERSION)] },
                )]
            },
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
            &const { [Answer::new("+QMTCFG: \"pdpcid\",<cid>")] },
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
            &const {
                [
                    INDEX,
                    Param::int("ssl_enable", 0, 1)
                        .optional()
                        .values(&codes::SWITCH),
                    Param::int("ctx_idx", 0, 5).optional(),
                ]
            },
            &const {
                [Answer::new("+QMTCFG: \"ssl\",<ssl_enable>[,<ctx_idx>]")
                    .fields(&const { [Field::new("ssl_enable", "TLS").values(&codes::SWITCH)] })]
            },
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
            &const { [Answer::new("+QMTCFG: \"keepalive\",<keep_alive_time>")] },
            "keep alive in seconds, 0 for never",
            r#"+QMTCFG="keepalive",0,120"#,
        ),
        run: keep_alive,
    },
    Row {
        spec: option(
            "session",
            &[r#"+QMTCFG: "session",(0-5),(0,1)"#],
            &const {
                [
                    INDEX,
                    Param::int("clean_session", 0, 1)
                        .optional()
                        .values(&codes::SESSION),
                ]
            },
            &const {
                [Answer::new("+QMTCFG: \"session\",<clean_session>").fields(
                    &const {
                        [
                            Field::new("clean_session", "clean session flag")
                                .values(&codes::SESSION),
                        ]
                    },
                )]
            },
            "clean session flag",
            r#"+QMTCFG="session",0,1"#,
        ),
        run: session,
    },
    Row {
        spec: option(
            "timeout",
            &[r#"+QMTCFG: "timeout",(0-5),(1-60),(0-10),(0,1)"#],
            &const {
                [
                    INDEX,
                    Param::int("pkt_timeout", 1, 60).optional(),
                    Param::int("retry_times", 0, 10).optional(),
                    Param::int("timeout_notice", 0, 1)
                        .optional()
                        .values(&codes::NOTICE),
                ]
            },
            &const {
                [
                    Answer::new(
                        "+QMTCFG: \"timeout\",<pkt_timeout>,<retry_times>,<timeout_notice>",
                    )
                    .fields(
                        &const {
                            [Field::new(
                                "timeout_notice",
                                "whether packets sent again are reported",
                            )
                            .values(&codes::NOTICE)]
                        },
                    ),
                ]
            },
            "packet time-out in seconds, retransmissions, whether to report them",
            r#"+QMTCFG="timeout",0,5,3,0"#,
        ),
        run: timeout,
    },
    Row {
        spec: option(
            "will",
            &[r#"+QMTCFG: "will",(0-5),(0,1),(0-2),(0,1),"willtopic","willmessage""#],
            &const {
                [
                    INDEX,
                    Param::int("will_fg", 0, 1)
                        .optional()
                        .values(&codes::SWITCH),
                    Param::int("will_qos", 0, 2).optional().values(&codes::QOS),
                    Param::int("will_retain", 0, 1)
                        .optional()
                        .values(&codes::RETAIN),
                    Param::text("will_topic", 0, 256).optional(),
                    Param::of("will_msg", Kind::LastText(256)).bare().optional(),
                ]
            },
            &const {
                [Answer::new("+QMTCFG: \"will\",<will_fg>[,<will_qos>,<will_retain>,\"<will_topic>\",\"<will_msg>\"]").fields(&const { [Field::new("will_fg", "will").values(&codes::SWITCH), Field::new("will_qos", "quality of service").values(&codes::QOS), Field::new("will_retain", "retain flag").values(&codes::RETAIN)] })]
            },
            "will message",
            r#"+QMTCFG="will",0,1,1,0,"status","gone""#,
        ),
        run: will,
    },
    Row {
        spec: option(
            "willex",
            &[r#"+QMTCFG: "willex",(0-5),(0,1),(0-2),(0,1),"willtopic",(0-256)"#],
            &const {
                [
                    INDEX,
                    Param::int("will_fg", 0, 1)
                        .optional()
                        .values(&codes::SWITCH),
                    Param::int("will_qos", 0, 2).optional().values(&codes::QOS),
                    Param::int("will_retain", 0, 1)
                        .optional()
                        .values(&codes::RETAIN),
                    Param::text("will_topic", 0, 256).optional(),
                    Param::int("will_len", 0, 256).optional(),
                ]
            },
            &const {
                [Answer::new("+QMTCFG: \"willex\",<will_fg>[,<will_qos>,<will_retain>,\"<will_topic>\",<will_len>]").fields(&const { [Field::new("will_fg", "will").values(&codes::SWITCH), Field::new("will_qos", "quality of service").values(&codes::QOS), Field::new("will_retain", "retain flag").values(&codes::RETAIN)] })]
            },
            "will message, entered as data",
            r#"+QMTCFG="willex",0,1,1,0,"status",4"#,
        ),
        run: will_by_data,
    },
    Row {
        spec: option(
            "recv/mode",
            &[r#"+QMTCFG: "recv/mode",(0-5),(0,1),(0,1)"#],
            &const {
                [
                    INDEX,
                    Param::int("msg_recv_mode", 0, 1)
                        .optional()
                        .values(&codes::RECV_MODE),
                    Param::int("msg_len_enable", 0, 1)
                        .optional()
                        .values(&codes::LENGTH_SHOWN),
                ]
            },
            &const {
                [
                    Answer::new("+QMTCFG: \"recv/mode\",<msg_recv_mode>,<msg_len_enable>").fields(
                        &const {
                            [
                                Field::new("msg_recv_mode", "where messages go")
                                    .values(&codes::RECV_MODE),
                                Field::new("msg_len_enable", "whether their length is shown")
                                    .values(&codes::LENGTH_SHOWN),
                            ]
                        },
                    ),
                ]
            },
            "messages as URCs or into slots, with or without their length",
            r#"+QMTCFG="recv/mode",0,0,1"#,
        ),
        run: receive_mode,
    },
    Row {
        spec: option(
            "send/mode",
            &[r#"+QMTCFG: "send/mode",(0-5),(0,1)"#],
            &const {
                [
                    INDEX,
                    Param::int("send_mode", 0, 1)
                        .optional()
                        .values(&codes::SEND_MODE),
                ]
            },
            &const {
                [Answer::new("+QMTCFG: \"send/mode\",<send_mode>").fields(
                    &const {
                        [Field::new("send_mode", "how payloads are written")
                            .values(&codes::SEND_MODE)]
                    },
                )]
            },
            "payloads as text or as hexadecimal digits",
            r#"+QMTCFG="send/mode",0,0"#,
        )
        .origin(Origin::Field),
        run: send_mode,
    },
    Row {
        spec: option(
            "aliauth",
            &[r#"+QMTCFG: "aliauth",(0-5),"productkey","devicename","devicesecret""#],
            &const {
                [
                    INDEX,
                    Param::text("product_key", 0, 64).optional(),
                    Param::text("device_name", 0, 64).optional(),
                    Param::text("device_secret", 0, 64).optional(),
                ]
            },
            &const {
                [Answer::new(
                    "+QMTCFG: \"aliauth\",\"<product_key>\",\"<device_name>\",\"<device_secret>\"",
                )]
            },
            "Alibaba Cloud device credentials",
            r#"+QMTCFG="aliauth",0,"oyjtmPI5a5j","MQTT_TEST","wN9Y6pZSIly7Exa5qVzcmigEGO4kAazZ""#,
        ),
        run: ali_auth,
    },
    Row {
        spec: option(
            "hwauth",
            &[r#"+QMTCFG: "hwauth",(0-5),"device id","device secret""#],
            &[
                INDEX,
                Param::text("device_id", 0, 256).optional(),
                Param::text("device_secret", 0, 256).optional(),
            ],
            &[Answer::new(
                "+QMTCFG: \"hwauth\",\"<device_id>\",\"<device_secret>\"",
            )],
            "Huawei Cloud device credentials; stored only",
            r#"+QMTCFG="hwauth",0,"device","secret""#,
        )
        .origin(Origin::Field),
        run: |q, cx, _, args| credentials(q, cx, "hwauth", args, |s| &mut s.huawei_device),
    },
    Row {
        spec: option(
            "hwprodid",
            &[r#"+QMTCFG: "hwprodid",(0-5),"product id","product secret","nodeid""#],
            &[
                INDEX,
                Param::text("product_id", 0, 256).optional(),
                Param::text("product_secret", 0, 256).optional(),
                Param::text("nodeid", 0, 256).optional(),
            ],
            &[Answer::new(
                "+QMTCFG: \"hwprodid\",\"<product_id>\",\"<product_secret>\",\"<nodeid>\"",
            )],
            "Huawei Cloud product credentials; stored only",
            r#"+QMTCFG="hwprodid",0,"product","secret","node""#,
        )
        .origin(Origin::Field),
        run: |q, cx, _, args| credentials(q, cx, "hwprodid", args, |s| &mut s.huawei_product),
    },
    Row {
        spec: option(
            "qmtping",
            &[r#"+QMTCFG: "qmtping",(0-5),(5-60)"#],
            &[INDEX, Param::int("qmtping_interval", 5, 60).optional()],
            &const { [Answer::new("+QMTCFG: \"qmtping\",<qmtping_interval>")] },
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
        set: impl FnOnce(&mut Settings) -> Result<(), Reason>,
    ) -> Outcome {
        let client = &mut self.clients[args.int(0).unwrap_or_default() as usize];
        if args.given() == 1 {
            cx.reply(query(&client.settings));
            return Outcome::Ok;
        }
        let set = client
            .check(Needs::NoConnection)
            .and_then(|()| set(&mut client.settings));
        match set {
            Ok(()) => Outcome::Ok,
            Err(reason) => Outcome::error(reason),
        }
    }

    /// The message of `AT+QMTCFG="willex"` was entered.
    pub(super) fn finish_will(&mut self, entry: WillEntry, end: DataEnd, data: Vec<u8>) -> Outcome {
        if end != DataEnd::Complete {
            return Outcome::error(self.knobs.idle_too_long());
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
            let reason = Reason::new("<ssl_enable> 1 goes with a TLS context");
            return Err(reason.remedy("AT+QMTCFG=\"ssl\",<client_idx>,1,<ctx_idx>"));
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
        if !will_flag(args)? {
            s.will = None;
            return Ok(());
        }
        let message = args.text(5).ok_or_else(incomplete_will)?;
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
        if !will_flag(args)? {
            s.will = None;
            return Ok(());
        }
        entered = Some((will_header(args)?, args.int(5).ok_or_else(incomplete_will)?));
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
fn will_header(args: &Args<'_>) -> Result<Will, Reason> {
    let topic = args.text(4).filter(|topic| !topic.is_empty());
    Ok(Will {
        topic: Bytes::copy_from_slice(topic.ok_or_else(incomplete_will)?),
        message: Bytes::new(),
        qos: qos(Some(args.int(2).ok_or_else(incomplete_will)?)),
        retain: args.flag(3).ok_or_else(incomplete_will)?,
    })
}

fn will_flag(args: &Args<'_>) -> Result<bool, Reason> {
    args.flag(1).ok_or_else(|| {
        Reason::new("<will_fg> is missing").remedy("0 takes the will away, 1 sets it")
    })
}

fn incomplete_will() -> Reason {
    Reason::new("<will_fg> 1 goes with quality of service, retain flag, topic and message")
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
            return Err(incomplete_auth());
        };
        let auth = AliAuth {
            product_key,
            device_name,
            device_secret,
        };
        let lengths = [&auth.product_key, &auth.device_name, &auth.device_secret].map(Bytes::len);
        s.ali_auth = match lengths {
            [0, 0, 0] => None,
            _ if lengths.contains(&0) => return Err(incomplete_auth()),
            _ => Some(auth),
        };
        Ok(())
    })
}

fn incomplete_auth() -> Reason {
    Reason::new("product key, device name and device secret go together")
        .remedy("three empty strings take them away")
}

fn send_mode(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let query =
        |s: &Settings| format!("+QMTCFG: \"send/mode\",{}", u8::from(s.send_hex)).into_bytes();
    q.configure(cx, args, query, |s| {
        s.send_hex = args.flag(1).unwrap_or(s.send_hex);
        Ok(())
    })
}

/// Strings that are kept and printed, and that nothing depends on.
fn credentials<const N: usize>(
    q: &mut Quectel,
    cx: &mut Context<'_>,
    option: &str,
    args: &Args<'_>,
    field: fn(&mut Settings) -> &mut [Bytes; N],
) -> Outcome {
    let query = |s: &Settings| {
        let mut line = format!("+QMTCFG: \"{option}\"").into_bytes();
        for part in field(&mut s.clone()) {
            line.extend_from_slice(b",\"");
            line.extend_from_slice(part);
            line.push(b'"');
        }
        line
    };
    q.configure(cx, args, query, |s| {
        let given: Vec<_> = (1..=N)
            .filter_map(|i| args.text(i).map(Bytes::copy_from_slice))
            .collect();
        *field(s) = given
            .try_into()
            .map_err(|_| Reason::new(format!("\"{option}\" takes {N} strings together")))?;
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
