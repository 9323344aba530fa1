//! Tables of the module: docs/spec/onemo.md part A, unless it is the host's to choose.

use attwin_core::Duration;

use super::super::State::{Configured, Connected, Connecting, Reconnecting, Unconfigured};
use super::super::{
    NOISE, OneMo, REPAIR, WORDS, has_fit_will, has_wildcard, ping_missed, pinged, publish_start,
    serves, text,
};
use super::{Ml302, collects, disconnected, is_late, lacks_version, opened, reconnects};
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    ANY, ERROR, Explained, Goal, OK, Speaker, Tables, Then, Verdict, Word, code, if_so, ok_or,
    rule, set, urc, when,
};
use crate::simulate::profile::{Escapes, Profile};

/// Longest line (A2.2).
const LINE: usize = 4096;
/// Errors of section A2.5.
const NETWORK: Verdict = code(&[600]);
const ARGUMENTS: Verdict = code(&[601]);

// One row a line.
#[rustfmt::skip]
pub(super) static TABLES: Tables<Ml302> = Tables {
    // Sections A1, A2, A4, A10.
    profile: Profile {
        separators: &[": ", ":"],
        prompts: &["\r\n> "],
        escapes: Escapes::Backslash,
        bursts: true,
        noise: NOISE,
        surplus: b"\r\n",
        answers: &[
            ("I", &["CMCC", "ML302", "ML302-CNLM_MBRH0S00"]),
            ("S# +CGSN +GSN +CIMI +CCID", &["#"]),
            ("+CGMI +GMI", &["CMCC"]),
            ("+CGMM +GMM", &["ML302"]),
            ("+CGMR +GMR", &["ML302-CNLM_MBRH0S00"]),
            ("&V", &["*"]),
            ("+MGNSSINFO", &["+MGNSSINFO: GNSS NO SIGNAL"]),
            ("+MQTTOPEN", &["+MQTTTO:1"]),
            ("+MQTTPUB", &["+MQTTPUBACK:0,#", "+MQTTPUBREC:0,#", "+MQTTPUBCOMP:0,#", "+MQTTTO:2"]),
            ("+MQTTSUB", &["+MQTTSUBACK:#,#,*", "+MQTTTO:3", "*,#"]),
            ("+MQTTUNSUB", &["+MQTTUNSUBACK:#,\"*\"", "+MQTTTO:4"]),
        ],
        ..Profile::BASE
    },
    prefix: "+MQTT",
    deaf: Duration::from_millis(2_500),
    explained: Explained::ByLink,
    // Sections A2.5, A3 and A8.
    rules: &[
        when("*", &[], |_, call| call.omits() || call.text.len() + "AT".len() > LINE, ANY),
        rule("*?", &[], OK),
        when("+MQTTCFG", &[], |_, call| call.invalid || lacks_version(call), ERROR),
        rule("+MQTTCFG", &[Connected], ERROR),
        rule("+MQTTDISC", &[Connected, Reconnecting], OK),
        rule("+MQTTDEL", &[Configured], OK),
        rule("+MQTTDISC +MQTTDEL", &[], ERROR),
        when("*", &[], |_, call| call.invalid, ARGUMENTS),
        when("+MQTTOPEN", &[], |_, call| !has_fit_will(call), ARGUMENTS),
        rule("+MQTTOPEN", &[Unconfigured], ARGUMENTS),
        rule("+MQTTOPEN", &[Connected], code(&[602])),
        rule("+MQTTOPEN", &[Reconnecting, Connecting], code(&[603])),
        when("+MQTTOPEN", &[], |c, call| !serves(c, call), ARGUMENTS),
        rule("+MQTTOPEN", &[], ok_or(&[600, 603, 604, 608, 613, 614])),
        when("+MQTTPUB", &[], |_, call| has_wildcard(call), ARGUMENTS),
        rule("+MQTTSUB +MQTTUNSUB +MQTTPUB +MQTTPING", &[Unconfigured, Configured], NETWORK),
        rule("+MQTTSUB +MQTTUNSUB +MQTTPUB +MQTTPING", &[Connecting, Reconnecting], NETWORK),
        when("+MQTTPUB", &[], |_, call| collects(call), ok_or(&[600, 601, 608])),
        rule("+MQTTPUB", &[], ok_or(&[608])),
        when("+MQTTSUB", &[], |c, call| c.has_subscribed(call.text(0)), code(&[606])),
        rule("+MQTTSUB", &[], ok_or(&[605, 608])),
        when("+MQTTUNSUB", &[], |c, call| !c.has_subscribed(call.text(0)), code(&[621])),
        rule("+MQTTUNSUB", &[], ok_or(&[618, 608])),
        rule("*", &[], OK),
    ],
    free: "REBOOTING|+CPIN: *|+MDNSGIP: *",
    urcs: &[
        urc("+MQTTPUBLISH: #,#,#,#,\"*\",#,*", &[], Then::Message),
        urc("+MQTTPUBREL: 0,#", &[], Then::Nothing),
        urc("+MQTTPINGRSP: OK", &[], Then::Do(pinged)),
        urc("+MQTTTO:1", &[Connecting, Reconnecting], Then::Nothing),
        urc("+MQTTTO:1", &[], Then::Do(|c, heard| if_so(is_late(c, heard), "nobody connects"))),
        urc("+MQTTTO:5", &[], Then::Do(ping_missed)),
        urc("+MQTTTO:#", &[], Then::Nothing),
        urc("+MQTTREC: #", &[], Then::Do(reconnects)),
        urc("+MQTTOPEN:OK", &[], Then::Do(opened)),
        urc("+MQTTDISC: OK", &[], Then::Do(disconnected)),
    ],
    settings: &[
        set("+MQTTCFG", "(null),0,(null),0,(null),,0,(null),0", "+MQTTCFG:\"{0}\",{1},\"{2}\",{3},\"{4}\",\"***\",{6},\"{7}\",{8}"),
        set("+MQTTPING", "1", "+MQTTPING: {0}"),
        set("+MQTTREC", "1,0", "+MQTTREC: {0},{1}"),
        set("+MQTTTO", "10", "+MQTTTO: {0}"),
    ],
    queries: "+MQTTSTAT? +MQTTSUB? +MQTTCFG? +MQTTPING? +MQTTREC? +MQTTTO?",
    shown: &["+MQTTPUBLISH: {d},{q},{r},{i},\"{t}\",{n},{p}"],
    words: WORDS,
    goals: &[
        (&[Unconfigured], Ml302::CONFIGURE),
        (&[Configured], Goal::Often(60, &Goal::Say("+MQTTREC=", &[Word::Flag(700)]), &Ml302::CONFIGURED)),
        (&[Connecting], Goal::Say("+MQTTSTAT?", &[])),
        (&[Connected], Ml302::CONNECTED),
        (&[Reconnecting], Ml302::RECONNECTING),
    ],
    repair: REPAIR,
};

pub(super) fn publish(speaker: &mut Speaker<'_>, _: u8) -> Call {
    let rng = &mut *speaker.rng;
    let mut args = publish_start(rng);
    args.push(if rng.per_mille(400) {
        Arg::Int(*rng.pick(&[1, 8, 20, 300, 2048]))
    } else {
        Arg::Text(text(rng, speaker.payloads))
    });
    speaker.grammar.spelled("+MQTTPUB=", args)
}
