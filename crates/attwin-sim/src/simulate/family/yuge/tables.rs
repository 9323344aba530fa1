//! Tables of the module: docs/spec/yuge.md, unless it is the host's to choose.

use attwin_core::Duration;

use super::State::{Connected, Connecting, Idle, Registering};
use super::values::{digits, is_settable};
use super::{
    HOST, Yuge, connected, connected_already, counted, ended, is_complete, is_sent, received,
    registered, registers, result,
};
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    ANY, ERROR, Explained, Goal, OK, Speaker, Tables, Then, Word, draw_all, if_so, rule, set,
    unset, urc, when,
};
use crate::simulate::profile::{Escapes, Profile};

use Goal::{Among, Do, If, Often, Say};
use Word::{Bare, Between, Draw, Flag, Int, Text};

const TOPICS: &[&str] = &["t/a", "t/b", "t/c", "in", "t/#"];
const FILTERS: &[&str] = &["t/a", "t/+", "in", "#", "t/ä b", "t/#/a"];

// One row a line.
#[rustfmt::skip]
pub(super) static TABLES: Tables<Yuge> = Tables {
    // Sections 1, 2, 4, 6 and 10.
    profile: Profile {
        separators: &[": ", ":"],
        prompts: &["\r\n>"],
        escapes: Escapes::Quote,
        bare_strings: true,
        quoted_integers: true,
        bursts: true,
        noise: &[b"\r", b"\r\n\r\n", b"\n", b"\0", b"hello there\r", b"AT+X\x08\x7f\x08\x7f", b"  "],
        surplus: b"surplus\x1a\r\n",
        answers: &[
            ("I", &["Manufacturer: YUGE", "Model: CLM920_RC3", "Revision: CLM920_RC3-V3.2", "IMEI: #"]),
            ("S# +CGSN +GSN +CIMI", &["#"]),
            ("&V", &["*"]),
            ("+CGMI +GMI", &["YUGE"]),
            ("+CGMM +GMM", &["CLM920_RC3"]),
            ("+CGMR +GMR", &["CLM920_RC3-V3.2"]),
            ("+ICCID", &["+ICCID: #"]),
            ("+CPIN", &["+CPIN: *"]),
        ],
        ..Profile::BASE
    },
    prefix: "+IMQTT",
    deaf: Duration::from_millis(3_000),
    explained: Explained::Never,
    // Sections 2.7, 3 and 8.
    rules: &[
        rule("*?", &[], OK),
        when("*", &[], |_, call| call.invalid, ERROR),
        when("*", &[], |_, call| call.omits(), ANY),
        rule("+IMQTTCONN", &[Connected], OK),
        when("+IMQTTCONN", &[Idle], |c, _| is_complete(c), OK),
        rule("+IMQTTDISCONN", &[Connected, Connecting], OK),
        rule("+IMQTTCONN +IMQTTDISCONN", &[], ERROR),
        rule("+IMQTTSUB +IMQTTUNSUB +IMQTTPUB*", &[Idle, Connecting, Registering], ERROR),
        when("+IMQTTSUB +IMQTTUNSUB +IMQTTPUB*", &[], |c, call| !is_sent(c, call), ERROR),
        // Data that does not come ends in an error too (section 4).
        rule("+IMQTTPUBEX", &[], ANY),
        when("+IMQTTDYNREG", &[Idle], registers, OK),
        when("+IMQTTDYNREG", &[], |_, call| call.args != [Arg::Int(2)], ERROR),
        // The specification knows of clearing all three only.
        when("+IMQTTADDR", &[], |_, call| call.text(0).is_empty() && call.string(2) != Some(b""), ANY),
        when("*", &[], |_, call| !is_settable(call), ERROR),
        rule("*", &[], OK),
    ],
    free: "*ATREADY: 1|+CPIN: READY|+CPIN: SIM PIN|+CPIN: NOT INSERTED|+QIPACTURC: #,#,\"*\"",
    urcs: &[
        urc("+IMQTTCONN:0", &[Connecting], Then::Do(connected)),
        urc("+IMQTTCONN:1", &[], Then::Do(connected_already)),
        urc("+IMQTTCONN:-1", &[Connecting, Connected], Then::Do(ended)),
        urc("+IMQTTSUB:#,#", &[], Then::Result(|c, heard| result(c, "SUB", heard))),
        urc("+IMQTTUNSUB:#,#", &[], Then::Result(|c, heard| result(c, "UNSUB", heard))),
        urc("+IMQTTPUB:#,#", &[], Then::Result(|c, heard| result(c, "PUB", heard))),
        urc("+IMQTTPUBEX:#,#", &[], Then::Result(|c, heard| result(c, "PUBEX", heard))),
        urc("+IMQTTRCVPUB:#,\"*\",#,\"*\"", &[], Then::Do(received)),
        urc("+IMQTTCOUNT: #", &[], Then::Do(counted)),
        urc("+IMQTTCOUNT: FULL", &[], Then::Do(|c, _| if_so(std::mem::take(&mut c.own.fills), "not full"))),
        urc("+IMQTTDYNREG:#,\"*\",\"*\",\"*\"", &[], Then::Do(registered)),
    ],
    settings: &[
        set("+IMQTTMODE", "2,0,0", "+IMQTTMODE:{0},{1},{2}"),
        set("+IMQTTPARA", "2,0,60,3.1.1", "+IMQTTPARA:TIMEOUT,{0},CLEAN,{1},KEEPALIVE,{2},VERSION,{3}"),
        set("+IMQTTUSER", ",", "+IMQTTUSER:{0},{1}"),
        set("+IMQTTADDR", ",0,", "+IMQTTADDR:{0},{1},{2}"),
        set("+IMQTTAUTH", ",,", "+IMQTTAUTH:{0},{1},{2}"),
        set("+IMQTTDYNREG", "0,0,,,", "+IMQTTDYNREG:{0},{1},\"{2}\",\"{3}\",\"{4}\""),
        unset("+IMQTTLWT", "+IMQTTLWT: {0},{1},{2},{3}"),
        unset("+IMQTTLWTBIN", "+IMQTTLWTBIN: {0},{1},{2},{3}"),
        unset("+IMQTTSUB", "+IMQTTSUB:{0},{1}"),
        unset("+IMQTTUNSUB", "+IMQTTUNSUB:{0},{1}"),
        unset("+IMQTTPUB", "+IMQTTPUB: {0},{1},{2}"),
        unset("+IMQTTPUBIN", "+IMQTTPUBIN:{0},{1},{2}"),
    ],
    queries: "+IMQTTSTATE? +IMQTTSTATE? +IMQTTRECV? +IMQTTRECV? +IMQTTSUB? +IMQTTUNSUB? +IMQTTPUB? \
        +IMQTTPUBIN? +IMQTTPUBEX? +IMQTTMODE? +IMQTTPARA? +IMQTTUSER? +IMQTTADDR? +IMQTTLWT? \
        +IMQTTLWTBIN? +IMQTTAUTH? +IMQTTRECVMODE? +IMQTTDYNREG? +IMQTTDYNREG=,2",
    shown: &["+IMQTTRCVPUB:{i},\"{t}\",{n},\"{p}\"", "+IMQTTRECV:{i},\"{t}\",{n},\"{p}\""],
    words: &[
        ("*", "addr", Text(&[HOST, HOST, ""])),
        ("*", "port", Draw(|_, before| Arg::Int(if before == ["".into()] { 0 } else { 1883 }))),
        ("*", "clientid", Text(&["dev-0", "dev-1", "", "a,b"])),
        ("*", "name", Text(&["TIMEOUT", "CLEAN", "keepalive", "VERSION"])),
        ("*", "value", Text(&["1", "1", "2", "60", "90", "3.1", "3.1.1", "0"])),
        ("+IMQTTSUB", "topic", Text(FILTERS)),
        ("+IMQTTUNSUB", "topic", Text(FILTERS)),
        ("*", "topic", Text(TOPICS)),
        ("+IMQTTLWTBIN", "message", Word::Often(900, &DIGITS)),
        ("+IMQTTPUBIN", "message", Word::Often(900, &DIGITS)),
        ("*", "size", Between(1, 600)),
    ],
    goals: &[
        (&[Idle], If(
            is_complete,
            &Among(&[(4, CONFIGURE), (6, Say("+IMQTTCONN", &[]))]),
            &Say("+IMQTTADDR=", SERVER),
        )),
        (&[Connecting, Registering], Among(&[
            (1, Say("+IMQTTDISCONN", &[])),
            (1, Say("+IMQTTCONN", &[])),
            (1, Do(publish)),
            (3, Say("+IMQTTSTATE?", &[])),
        ])),
        (&[Connected], Among(&[
            (6, Say("+IMQTTSUB=", &[Text(FILTERS), Between(0, 1)])),
            (1, Say("+IMQTTUNSUB=", &[Text(FILTERS)])),
            (4, Say("+IMQTTRECV=", &[Between(1, 10)])),
            (1, Say("+IMQTTRECVMODE=", &[Between(0, 1)])),
            (1, Say("+IMQTTCONN", &[])),
            (1, Often(500, &Say("+IMQTTDISCONN", &[]), &Do(publish))),
            (1, CONFIGURE),
            (15, Do(publish)),
        ])),
    ],
    repair: &[("+CFUN=", &[Int(1)]), ("+CGATT=", &[Int(1)]), ("+CGACT=", &[Int(1), Int(1)])],
};

const SERVER: &[Word] = &[
    Text(&[HOST]),
    Int(1883),
    Text(&["dev-0", "dev-0", "dev-1", ""]),
];
#[rustfmt::skip]
const CONFIGURE: Goal<Yuge> = Among(&[
    (1, Say("+IMQTTADDR=", SERVER)),
    (1, Say("+IMQTTMODE=", &[MODE, Between(0, 1), Word::Often(400, &Between(0, 1))])),
    (2, Say("+IMQTTPARA=", &[Text(&["CLEAN"]), CLEAN])),
    (1, Say("+IMQTTPARA=", &[Text(&["TIMEOUT"]), Bare(&["1", "2", "3"])])),
    (1, Say("+IMQTTPARA=", &[Text(&["VERSION"]), Text(&["3.1", "3.1.1"])])),
    (1, Say("+IMQTTUSER=", &[Text(&["", "u", "u, v"]), Text(&["secret"])])),
    (1, Say("+IMQTTLWT=", &[Text(&["t/will", ""]), Between(0, 2), Text(&["gone"])])),
    (1, Say("+IMQTTLWTBIN=", &[Text(&["t/will"]), Between(0, 2), Bare(&["676f6e65"]), Between(0, 1)])),
    (1, Say("+IMQTTAUTH=", &[Text(&["pk"]), Text(&["dev-0"]), Text(&["ds"])])),
    (1, Say("+IMQTTRECVMODE=", &[Between(0, 1)])),
    (1, Say("+IMQTTDYNREG=", &[Between(0, 1), Between(1, 2), Text(&["pk"]), Text(&["dn"]), Text(&["ps"])])),
]);
const MODE: Word = Draw(|rng, _| Arg::Int(u32::from(rng.per_mille(850)) + 1));
const CLEAN: Word = Draw(|rng, _| Arg::Bare(vec![b'0' + u8::from(rng.per_mille(400))]));
/// An even number of hexadecimal digits.
const DIGITS: Word = Draw(|rng, _| {
    let len = rng.below(20);
    Arg::Bare(digits(&rng.bytes(len + 1)))
});

fn publish(speaker: &mut Speaker<'_>, _: u8) -> Call {
    let rng = &mut *speaker.rng;
    let mut start = draw_all(&[Text(TOPICS), Between(0, 2), Flag(100)], rng);
    let retained = start.pop();
    let len = *rng.pick(&[8, 20, 60, 400, 1_000]);
    let kind = rng.below(3);
    let message = match kind {
        0 => {
            let text = speaker.payloads.text(rng, len);
            Arg::Text(match speaker.grammar.profile.can_write(&text) {
                true => text,
                false => speaker.payloads.text(rng, 0),
            })
        }
        1 => Arg::Bare(digits(&speaker.payloads.binary(rng, len))),
        _ => Arg::Int(u32::try_from(len).unwrap_or(1)),
    };
    let (command, rest) = match kind {
        0 => ("+IMQTTPUB=", [Some(message), retained]),
        1 => ("+IMQTTPUBIN=", [Some(message), retained]),
        _ => ("+IMQTTPUBEX=", [retained, Some(message)]),
    };
    start.extend(rest.into_iter().flatten());
    speaker.grammar.spelled(command, start)
}
