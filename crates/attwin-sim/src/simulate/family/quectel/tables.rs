//! Tables of the family: docs/spec/quectel.md, unless it is the host's to choose.

use attwin_core::Duration;

use super::State::{Closed, Connected, Connecting, Disconnecting, Open, Opening, Refused};
use super::{Quectel, announced, closed, connected, is_publishable, lost, opened, result, told};
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    ANY, ERROR, Explained, Family, Goal, OK, Reported, Speaker, Tables, Then, Word, draw_all, rule,
    set, urc, when,
};
use crate::simulate::profile::Profile;

use Goal::{Among, Do, If, Often, Say};
use Word::{Between, Draw, Flag, Int, Ints, Text};

const TOPICS: &[&str] = &["t/a", "t/b", "t/c", "in"];
const FILTERS: &[&str] = &["t/a", "t/b", "t/+", "in", "#", "t/#"];
const FILES: &[&str] = &["RAM:a", "UFS:b", "c", "RAM:*", "*"];

/// Sections 2.6 and 9.6.
const ERRORS: &[&str] = &[
    "operation not allowed",
    "operation not supported",
    "SIM not inserted",
    "SIM PIN required",
    "SIM PUK required",
    "SIM failure",
    "SIM busy",
    "incorrect password",
    "no network service",
    "Incorrect parameters",
    "invalid input value",
    "larger than the size of the file",
    "read zero byte",
    "drive full",
    "file not found",
    "invalid file name",
    "file already existed",
    "fail to write the file",
    "fail to open the file",
    "fail to read the file",
    "reach the max number of file allowed to be opened",
    "the file read-only",
    "invalid file descriptor",
    "fail to list the file",
    "fail to delete the file",
    "fail to get disk info",
    "no space",
    "time out",
    "file too large",
    "invalid parameter",
    "file already opened",
    "Session is ongoing",
    "Session not active",
];

// One row a line.
#[rustfmt::skip]
pub(super) static TABLES: Tables<Quectel> = Tables {
    // Sections 2 and 4.
    profile: Profile {
        texts: ERRORS,
        prompts: &["\r\n> ", "A", "1\r", "\r\nCONNECT\r\n", "\r\nCONNECT #\r\n", "CONNECT #\r\n"],
        lists: true,
        noise: &[
            b"\r", b"\r\n\r\n", b"\x1a\r\n", b"hello there\r", b"xyz",
            b"AT+QMTPX\x08\x08\x08\x08\x08\x08\x08\x08", b"\n",
        ],
        surplus: b"surplus\x1a\r\n",
        answers: &[
            ("I &V +CGMI +GMI +CGMM +CGMR +QGMR +CGSN +GSN +CIMI +CCID +CSUB", &["*"]),
            ("S#", &["#"]),
        ],
        shows_on_publish: false,
        ..Profile::BASE
    },
    prefix: "+QMT",
    deaf: Duration::from_millis(1_500),
    explained: Explained::ByUrc,
    // Section 7.2.
    rules: &[
        when("*", &[], |_, call| call.invalid, ERROR),
        when("*", &[], |_, call| call.omits(), ANY),
        rule("*? +QMTOPEN", &[], OK),
        rule("+QMTCFG", &[], ANY),
        // The end of the connection is told later, if at all.
        when("*", &[], |c, _| !c.own.linked, ERROR),
        rule("+QMTCONN", &[Open], OK),
        rule("+QMTDISC", &[Connected], OK),
        rule("+QMTCLOSE", &[Open, Connecting, Refused, Connected, Disconnecting], OK),
        when("+QMTSUB +QMTUNS", &[], |_, call| call.int(1) == Some(0), ERROR),
        rule("+QMTSUB +QMTUNS +QMTRECV", &[Connected], OK),
        // Windows and data entries have their own conditions.
        when("+QMTPUB*", &[Connected], |_, call| is_publishable(call), ANY),
        rule("*", &[], ERROR),
    ],
    // Sections 3, 5, 7 and 10.
    free: "RDY|APP RDY|POWERED DOWN|+CFUN: #|+CPIN: READY|+CPIN: NOT INSERTED|+CPIN: NOT READY|+CPIN: SIM PIN|+QUSIM: #|+QSIMSTAT : #,#|\
        +QIND: SMS DONE|+QIND: PB DONE|+QIURC: \"pdpdeact\",#|+QIURC: \"dnsgip\",#|\
        +QIURC: \"dnsgip\",#,#,#|+QIURC: \"dnsgip\",\"*\"|+QNTP: #|+QNTP: #,\"*\"|+QPING: #|\
        +QPING: #,*",
    urcs: &[
        urc("+QMTOPEN: #,#", &[], Then::Do(opened)),
        urc("+QMTCONN: #,#", &[], Then::Do(connected)),
        urc("+QMTCONN: #,#,#", &[], Then::Do(connected)),
        urc("+QMTDISC: #,0", &[], Then::Do(|c, _| told(c, "+QMTDISC", &[Connected], Disconnecting))),
        urc("+QMTDISC: #,-1", &[], Then::Do(|c, _| told(c, "+QMTDISC", &[Connected], Disconnecting))),
        urc("+QMTCLOSE: #,0", &[], Then::Do(closed)),
        urc("+QMTSTAT: #,#", &[], Then::Do(lost)),
        // +QMTSTAT follows.
        urc("+QMTPING: #,1", &[], Then::Result(|c, _| {
            c.own.ping_failed = true;
            Ok(Reported::Nothing)
        })),
        urc("+QMTRECV: #,#", &[], Then::Result(announced)),
        urc("+QMTRECV: #,#,\"*", &[], Then::Message),
        urc("+QMTSUB: #,#,#*", &[], Then::Result(|c, heard| result(c, "SUB", heard))),
        urc("+QMTUNS: #,#,#*", &[], Then::Result(|c, heard| result(c, "UNS", heard))),
        urc("+QMTPUBEX: #,#,#*", &[], Then::Result(|c, heard| result(c, "PUBEX", heard))),
        urc("+QMTPUB: #,#,#*", &[], Then::Result(|c, heard| result(c, "PUB", heard))),
    ],
    settings: &[
        set("timeout", "5,3,0", "+QMTCFG: \"timeout\",{0},{1},{2}"),
        set("recv/mode", "0,0", "+QMTCFG: \"recv/mode\",{0},{1}"),
    ],
    queries: "+QMTCONN? +QMTOPEN? +QMTRECV? +QMTCFG=timeout,0 +QMTCFG=timeout,1 \
        +QMTCFG=recv/mode,0 +QMTCFG=recv/mode,2",
    shown: &["+QMTRECV: {c},{i},\"{t}\",\"{p}\"", "+QMTRECV: {c},{i},\"{t}\",{n},\"{p}\""],
    words: &[
        ("*", "clientidx", Draw(|rng, _| Arg::Int(Quectel::any_client(rng).into()))),
        ("*", "hostname", HOST),
        ("*", "clientid", CLIENT_ID),
        ("*", "msgid", Between(0, 6)),
        ("+QMTSUB", "topic", Text(FILTERS)),
        ("+QMTUNS", "topic", Text(FILTERS)),
        ("*", "topic", Text(TOPICS)),
        ("*", "pkttimeout", Between(1, 5)),
        ("*", "retrytimes", Between(0, 3)),
        ("*", "filename", Text(FILES)),
        ("*", "namepattern", Text(FILES)),
        ("*", "storage", Text(&["UFS", "RAM"])),
        ("*", "filesize", Between(1, 3000)),
        ("*", "length", Between(1, 600)),
        ("*", "timeout", Between(1, 4)),
        ("*", "contextid", Between(1, 2)),
        ("*", "cid", Between(1, 2)),
        ("*", "filehandle", Between(3000, 3001)),
    ],
    goals: &[
        (&[Closed], Often(400, &CONFIGURE, &Say("+QMTOPEN=", &[HOST, Int(1883)]))),
        (&[Opening], Say("+QMTOPEN=", &[HOST, Int(1883)])),
        (&[Open], Often(100, &CONFIGURE, &Say("+QMTCONN=", &[CLIENT_ID]))),
        (
            &[Connecting, Refused, Disconnecting],
            Often(700, &Say("+QMTCLOSE=", &[]), &Say("+QMTDISC=", &[])),
        ),
        // What is under way invites more.
        (&[Connected], If(|c| !c.own.window.is_empty(), &Often(500, &Do(more), &CONNECTED), &CONNECTED)),
    ],
    repair: &[
        ("+CFUN=", &[Int(1)]), ("+COPS=", &[Int(0)]), ("+CGATT=", &[Int(1)]), ("+CMEE=", &[Int(1)]),
    ],
};

#[rustfmt::skip]
static CONNECTED: Goal<Quectel> = Among(&[
    (4, Say("+QMTSUB=", &[Between(1, 9), Text(FILTERS), Between(0, 2)])),
    (1, Say("+QMTUNS=", &[Between(1, 9), Text(FILTERS)])),
    (11, Do(publish)),
    (2, Say("+QMTRECV=", &[])),
    (1, Say("+QMTRECV=", &[Between(0, 4)])),
    (1, Often(500, &Say("+QMTDISC=", &[]), &Say("+QMTCLOSE=", &[]))),
]);

#[rustfmt::skip]
static CONFIGURE: Goal<Quectel> = Among(&[
    (1, Say("+QMTCFG=version", &[Between(3, 4)])),
    (1, Say("+QMTCFG=session", &[Between(0, 1)])),
    (2, Say("+QMTCFG=timeout", &[Between(1, 4), Between(0, 3), Between(0, 1)])),
    (1, Say("+QMTCFG=keepalive", &[Ints(&[0, 5, 30, 120])])),
    (1, Say("+QMTCFG=recv/mode", &[Between(0, 1), Between(0, 1)])),
    (1, Say("+QMTCFG=will", &[Int(1), Between(0, 2), Between(0, 1), Text(&["t/will"]), Text(&["gone"])])),
]);

/// Each client has its own host, so that a connection tells whose it is.
const HOST: Word = Draw(|_, before| (&*format!("h{}.example", index_of(before))).into());
/// Sometimes somebody else's: the broker drops the older connection.
const CLIENT_ID: Word = Draw(|rng, before| {
    let of = match rng.per_mille(50) {
        true => Quectel::any_client(rng).into(),
        false => index_of(before),
    };
    (&*format!("dev-{of}")).into()
});

fn index_of(before: &[Arg]) -> u32 {
    match before.first() {
        Some(Arg::Int(index)) => *index,
        _ => 0,
    }
}

/// A publish more that is to be acknowledged.
fn more(speaker: &mut Speaker<'_>, client: u8) -> Call {
    let rng = &mut *speaker.rng;
    let mut args = vec![Arg::Int(client.into())];
    let rest = [
        Between(10, 60),
        Between(1, 2),
        Int(0),
        Text(TOPICS),
        Between(8, 40),
    ];
    args.extend(draw_all(&rest, rng));
    speaker.grammar.spelled("+QMTPUBEX=", args)
}

fn publish(speaker: &mut Speaker<'_>, client: u8) -> Call {
    let rng = &mut *speaker.rng;
    let qos = rng.between(0, 2);
    let id = if qos == 0 { 0 } else { rng.between(1, 9) };
    let mut args = [client.into(), id, qos].map(Arg::Int).to_vec();
    args.extend(draw_all(&[Flag(100), Text(TOPICS)], rng));
    let len = *rng.pick(&[10, 16, 40, 200, 1_500]);
    let kind = rng.below(6);
    args.extend(match kind {
        0 => Vec::new(),
        2 => {
            let text = speaker.payloads.text(rng, 20);
            let len = u32::try_from(text.len()).unwrap_or(0);
            vec![Arg::Int(len), Arg::Text(text)]
        }
        3 => vec![Arg::Text(speaker.payloads.text(rng, 20))],
        _ => vec![Arg::Int(len)],
    });
    let command = if kind < 3 { "+QMTPUB=" } else { "+QMTPUBEX=" };
    speaker.grammar.spelled(command, args)
}
