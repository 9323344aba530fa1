//! Tables of the module: docs/spec/simcom.md, unless it is the host's to choose.

use attwin_core::Duration;

use super::State::{
    Acquired, Connected, Connecting, Disconnecting, Started, Starting, Stopped, Stopping,
};
use super::{
    LINE, SimCom, TOPICS, disconnected, fits, is_connectable, is_limit, lost, not_connected,
    not_started, result, stopped, store,
};
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    ANY, ERROR, Explained, Family, Goal, OK, Speaker, Tables, Then, Word, code, draw_all, if_so,
    ok_or, rule, set, unset, urc, when,
};
use crate::simulate::profile::Profile;
use crate::simulate::random::Rng;

use Goal::{Among, Do, If, Say};
use Word::{Between, Draw, Int, Ints, Often, Text};

// One row a line.
#[rustfmt::skip]
pub(super) static TABLES: Tables<SimCom> = Tables {
    // Sections 1, 2, 4 and 10.
    profile: Profile {
        prompts: &["\r\n>"],
        bare_strings: true,
        quoted_integers: true,
        lists: true,
        noise: &[b"\r", b"\r\n\r\n", b"\n", b"AT+X\x08\x08\x08\x08\x08\x08"],
        surplus: b"\r\n",
        answers: &[
            ("I", &["SIM7028 R2110"]),
            ("+CGMM +GMM", &["SIM7028"]),
            ("+CGMR +GMR", &["2110B07SIM7028"]),
            ("+CGMI +GMI", &["SIMCOM INCORPORATED"]),
            ("S# +CGSN +GSN +CIMI", &["#"]),
            ("+SIMCOMATI", &[
                "Manufacturer: SIMCOM INCORPORATED", "Model: SIM7028", "Revision: 2110B07SIM7028",
                "IMEI: #", "ICCID: #", "+GCAP: +CGSM",
            ]),
            // Topics stand each on a line of its own (section 3.13).
            ("+CMQTTSUB", &["+CMQTTSUB:", "*"]),
            ("+NETOPEN", &["+IP ERROR: Network is already opened"]),
            ("+NETCLOSE +IPADDR", &["+IP ERROR: Network not opened"]),
            ("+CSNTPSTART", &["+CSNTP: *"]),
        ],
        ..Profile::BASE
    },
    prefix: "+CMQTT",
    deaf: Duration::from_millis(2_000),
    explained: Explained::ByUrc,
    // The order of checks of section 2.7 and the table of section 6.
    rules: &[
        when("*", &[], |_, call| call.text.len() > LINE, ERROR),
        // Of what the table does not allow only the order of checks is known.
        when("*", &[], |_, call| call.invalid, ANY),
        // Nobody sees these states (section 6).
        rule("* *?", &[Starting, Stopping], ERROR),
        rule("+CMQTTSTART", &[Stopped], OK),
        rule("+CMQTTSTART", &[], ERROR),
        rule("*? +CMQTTSTOP +CMQTTSSLCFG +CMQTTCFG", &[Stopped], ERROR),
        rule("*", &[Stopped], code(&[9])),
        rule("+CMQTTSTOP", &[Started], OK),
        rule("+CMQTTSTOP", &[], code(&[21])),
        rule("*?", &[], OK),
        rule("+CMQTTSSLCFG", &[Connected, Connecting, Disconnecting], ERROR),
        rule("+CMQTTCFG", &[Started, Connected, Connecting, Disconnecting], ERROR),
        rule("+CMQTTSSLCFG +CMQTTCFG", &[], OK),
        rule("+CMQTTACCQ", &[Started], OK),
        rule("+CMQTTACCQ", &[], code(&[19])),
        when("+CMQTTCONNECT", &[], |_, call| !is_connectable(call), code(&[12])),
        when("+CMQTTDISC", &[], |_, call| !is_limit(call), code(&[12])),
        rule("*", &[Started], code(&[20])),
        rule("+CMQTTDISC", &[Connecting], ERROR),
        rule("*", &[Connecting, Disconnecting], code(&[14])),
        when("*", &[], |c, _| !c.requests.is_empty(), code(&[14])),
        rule("+CMQTTREL", &[Connected], code(&[14])),
        rule("+CMQTTCONNECT +CMQTTWILL*", &[Connected], code(&[13])),
        rule("+CMQTTCONNECT +CMQTTREL", &[], OK),
        rule("+CMQTTWILL*", &[], ok_or(ENTRY_TIMEOUT)),
        rule("*", &[Acquired], code(&[11])),
        when("+CMQTTPUB", &[], |c, _| c.own.topic.is_none(), code(&[18])),
        when("+CMQTTSUB +CMQTTUNSUB", &[], |c, call| store(c, call).is_some_and(<[_]>::is_empty), code(&[18])),
        when("+CMQTTSUBTOPIC", &[], |c, call| !fits(&c.own.to_subscribe, call), code(&[22])),
        when("+CMQTTUNSUBTOPIC", &[], |c, call| !fits(&c.own.to_unsubscribe, call), code(&[22])),
        when("*", &[], |c, call| SimCom::entry(c, call).is_some(), ok_or(ENTRY_TIMEOUT)),
        rule("*", &[], OK),
    ],
    // Sections 1, 3, 5 and 10.
    free: "RDY|NORMAL POWER DOWN|+CPIN: READY|+CPIN: SIM PIN|+CPIN: NOT INSERTED|+CNTP: #|\
        +CSNTP: #/#/#,#:#:#|+NETOPEN: #|+NETCLOSE: #|+CGEV: *|+CEDRXP: 5,\"*\",\"*\",\"*\"|+CTZV: *",
    urcs: &[
        urc("+CMQTTRXSTART: 0,#,#\r\n+CMQTTRXTOPIC: 0,#\r\n*", &[Connected, Disconnecting], Then::Message),
        urc("+CMQTTSTART: 0", &[Starting], Then::Is(Started)),
        urc("+CMQTTSTART: 7", &[Starting], Then::Do(not_started)),
        urc("+CMQTTSTOP: 0", &[Stopping], Then::Do(stopped)),
        urc("+CMQTTCONNECT: 0,0", &[Connecting], Then::Is(Connected)),
        // A later command of the line it waited for ended the connection.
        urc("+CMQTTCONNECT: 0,0", &[Disconnecting], Then::Do(|_, heard| if_so(heard.explains, "not connecting"))),
        urc("+CMQTTCONNECT: 0,#", &[Connecting], Then::Do(not_connected)),
        // Or it released the client, which the answer to the next command explains.
        urc("+CMQTTCONNECT: 0,#", &[Started], Then::Do(|_, heard| if_so(heard.explains, "not connecting"))),
        urc("+CMQTTDISC: 0,#", &[Disconnecting], Then::Do(disconnected)),
        urc("+CMQTTDISC: 0,#", &[Started], Then::Do(|_, heard| if_so(heard.flushed, "not connected"))),
        urc("+CMQTTCONNLOST: 0,#", &[Connected], Then::Do(lost)),
        // A command of the line it waited for released the client.
        urc("+CMQTTCONNLOST: 0,#", &[Started], Then::Do(|_, heard| if_so(heard.flushed, "not connected"))),
        urc("+CMQTTPUB: 0,#", &[], Then::Do(|c, heard| result(c, "PUB", heard))),
        urc("+CMQTTSUB: 0,#", &[], Then::Do(|c, heard| result(c, "SUB", heard))),
        urc("+CMQTTUNSUB: 0,#", &[], Then::Do(|c, heard| result(c, "UNSUB", heard))),
    ],
    settings: &[
        unset("+CMQTTACCQ", "+CMQTTACCQ: 0,\"{0}\",{1}"),
        unset("+CMQTTCONNECT", "+CMQTTCONNECT: 0,\"{0}\",{1},{2}{3}"),
        set("+CMQTTCFG", "1,120", "+CMQTTCFG: 0,{0},{1}"),
        set("+CMQTTSSLCFG", "0", "+CMQTTSSLCFG: 0,{0}"),
    ],
    queries: "+CMQTTDISC? +CMQTTCONNECT? +CMQTTACCQ? +CMQTTSUB? +CMQTTCFG? +CMQTTSSLCFG? +CMQTTREL?",
    shown: &[],
    words: &[
        ("*", "clientindex", Int(0)),
        // The context the data runs on (section 10).
        ("*", "cid", Often(800, &Int(0))),
        ("*", "clientid", Text(&["dev-0", "dev-1"])),
        ("*", "serveraddr", ADDRESS),
        ("*", "keepalivetime", Ints(&[5, 30, 120])),
        ("*", "username", Often(700, &Text(&["u", ""]))),
        ("*", "password", Often(700, &Text(&["u", ""]))),
        ("+CMQTTDISC", "timeout", Ints(&[0, 60, 180, 30])),
        ("+CMQTTPAYLOAD", "reqlength", Between(1, 600)),
        ("+CMQTTWILLMSG", "reqlength", Between(1, 600)),
        ("*", "reqlength", TOPIC),
        ("*", "duporreqlength", Ints(&[0, 1, 3, 1, 0, 700])),
        ("*", "len", Between(1, 800)),
        ("*=authmode", "value", Often(700, &Int(0))),
        ("*", "filename", Text(&["ca.pem", "cert.der", "key.pem"])),
    ],
    goals: &[
        (&[Stopped, Starting], Say("+CMQTTSTART", &[])),
        (&[Started, Stopping], Among(&[
            (1, Say("+CMQTTSTOP", &[])),
            (1, Say("+CMQTTSSLCFG=", &[Int(0), Between(0, 1)])),
            (10, Say("+CMQTTACCQ=", &[Int(0), Text(&["dev-0", "dev-0", "dev-1"]), Often(300, &Between(0, 1))])),
        ])),
        (&[Acquired], Among(&[
            (1, Say("+CMQTTCFG=checkUTF8", &[Int(0), Between(0, 1)])),
            (1, Say("+CMQTTCFG=optimeout", &[Int(0), Ints(&[20, 21, 30])])),
            (1, Say("+CMQTTWILLTOPIC=", &[Int(0), TOPIC])),
            (1, Say("+CMQTTWILLMSG=", &[Int(0), Between(1, 40), Between(0, 2)])),
            (1, Say("+CMQTTREL=", &[Int(0)])),
            (1, Say("+CMQTTSTOP", &[])),
            (10, Do(connect)),
        ])),
        (&[Connecting, Disconnecting], Among(&[
            (1, Say("+CMQTTDISC=", &[Int(0), Int(60)])),
            (1, Say("+CMQTTREL=", &[Int(0)])),
            (1, Say("+CMQTTDISC?", &[])),
            (1, Say("+CMQTTTOPIC=", &[Int(0), Int(3)])),
        ])),
        (&[Connected], Among(&[
            (4, Say("+CMQTTSUB=", &[Int(0), TOPIC, Between(0, 2)])),
            (2, Say("+CMQTTSUBTOPIC=", &[Int(0), TOPIC, Between(0, 2)])),
            (1, Say("+CMQTTSUB=", &[Int(0)])),
            (1, Say("+CMQTTSUB=", &[Int(0), Int(1)])),
            (1, Say("+CMQTTUNSUB=", &[Int(0), TOPIC, Int(0)])),
            (1, Say("+CMQTTUNSUBTOPIC=", &[Int(0), TOPIC])),
            (1, Say("+CMQTTUNSUB=", &[Int(0)])),
            (1, Say("+CMQTTUNSUB=", &[Int(0), Between(0, 3)])),
            (1, Say("+CMQTTDISC=", &[Int(0), Ints(&[0, 60, 120])])),
            (1, Say("+CMQTTDISC=", &[Int(0)])),
            // First what to publish, then that.
            (26, If(|c| c.own.topic.is_none(), &Say("+CMQTTTOPIC=", &[Int(0), NAME]), &If(
                |c| c.own.payload.is_none(),
                &Say("+CMQTTPAYLOAD=", &[Int(0), Ints(&[8, 20, 60, 400, 1_500, 3_000, 10_240])]),
                &Say("+CMQTTPUB=", &[Int(0), Between(0, 2), Between(60, 70), Often(200, &Between(0, 1))]),
            ))),
        ])),
    ],
    repair: &[
        ("+CFUN=", &[Int(1)]), ("+COPS=", &[Int(0)]), ("+CGATT=", &[Int(1)]),
        ("+CGACT=", &[Int(1), Int(0)]),
    ],
};

/// The data did not come in time (section 4).
const ENTRY_TIMEOUT: &[u32] = &[17];
/// A server's address, as section 8 wants it; now and then another.
const ADDRESS: Word = Draw(|rng, _| {
    let others = [
        "mqtt://h0.example:1883",
        "tcp://h0.example",
        "tcp://h0.example:0",
        "tcp://:1883",
        "tcp://h0.example:1883/path",
    ];
    let other = others.get(rng.below(40));
    (*other.unwrap_or(&"tcp://h0.example:1883")).into()
});
/// The length of a topic; now and then one of no topic in particular.
const TOPIC: Word = Draw(|rng, _| match rng.per_mille(100) {
    true => Arg::Int(rng.between(1, 1024)),
    false => length_of(rng, &TOPICS),
});
/// The length of a topic to publish to.
const NAME: Word = Draw(|rng, _| match (rng.per_mille(30), TOPIC) {
    (true, Draw(topic)) => topic(rng, &[]),
    _ => length_of(rng, &TOPICS[1..4]),
});

fn length_of(rng: &mut Rng, topics: &[&str]) -> Arg {
    Arg::Int(u32::try_from(rng.pick(topics).len()).unwrap_or(1))
}

fn connect(speaker: &mut Speaker<'_>, _: u8) -> Call {
    let rng = &mut *speaker.rng;
    let keep_alive = draw_all(&[Ints(&[5, 30, 120])], rng);
    let mut args = draw_all(&[Int(0), ADDRESS], rng);
    args.extend(keep_alive);
    let rest = [
        Between(0, 1),
        Often(200, &Text(&["user"])),
        Text(&["secret"]),
    ];
    args.extend(draw_all(&rest, rng));
    speaker.grammar.spelled("+CMQTTCONNECT=", args)
}
