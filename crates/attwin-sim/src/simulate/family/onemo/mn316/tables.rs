//! Tables of the module: docs/spec/onemo.md part B, unless it is the host's to choose.

use attwin_core::Duration;

use super::super::State::{Configured, Connected, Connecting, Reconnecting, Unconfigured};
use super::super::{
    NOISE, OneMo, REPAIR, WORDS, has_fit_will, has_wildcard, ping_missed, pinged, publish_start,
    serves, text,
};
use super::{
    Mn316, OK_OR_NETWORK, acknowledged, disconnected, is_known, not_opened, opened, payload,
    reconnects, subscribed, unsubscribed,
};
use crate::simulate::call::{Arg, Call};
use crate::simulate::model::{
    ANY, Explained, Goal, OK, Speaker, Tables, Then, Verdict, code, ok_or, rule, set, urc, when,
};
use crate::simulate::profile::{Escapes, Profile};

/// Longest line (B2.2) and longest message (B2.3).
const LINE: usize = 8192;
/// Errors of section B2.4: arguments, state, network.
const ARGUMENTS: Verdict = code(&[8001]);
const STATE: Verdict = code(&[8002]);
/// It could not be sent.
const OK_OR_STATE: Verdict = ok_or(&[8002]);

// One row a line.
#[rustfmt::skip]
pub(super) static TABLES: Tables<Mn316> = Tables {
    // Sections B1, B2, B4, B10.
    profile: Profile {
        separators: &[":"],
        cme: "+CME ERROR:*",
        escapes: Escapes::Backslash,
        bare_strings: true,
        quoted_integers: true,
        surplus_arguments: true,
        noise: NOISE,
        registration: ":",
        answers: &[
            ("I", &["CMCC", "MN316", "MN316-DBRS-MBRH0C00"]),
            ("S# +CGSN +GSN +CIMI", &["#"]),
            ("+CGMI +GMI", &["CMCC"]),
            ("+CGMM +GMM", &["MN316"]),
            ("+CGMR +GMR", &["MN316-DBRS-MBRH0C00"]),
            ("&V", &["*"]),
        ],
        ..Profile::BASE
    },
    prefix: "+MQTT",
    deaf: Duration::from_millis(1_500),
    explained: Explained::Never,
    // Sections B2.4, B3 and B8.
    rules: &[
        when("*", &[], |_, call| call.text.len() + "AT".len() > LINE, ANY),
        when("*", &[], |_, call| call.invalid, ARGUMENTS),
        rule("+MQTTCFG? +MQTTSUB?", &[Unconfigured], STATE),
        rule("*? +MQTTTO +MQTTPING", &[], OK),
        when("+MQTTDISC", &[Connecting, Connected, Reconnecting], |c, _| c.own.leaving.is_none(), OK),
        rule("+MQTTDEL", &[Configured], OK),
        rule("+MQTTDISC +MQTTDEL", &[], STATE),
        when("+MQTTCFG", &[], |_, call| call.omits(), ANY),
        rule("+MQTTCFG", &[Unconfigured], OK),
        rule("+MQTTCFG", &[], STATE),
        when("+MQTTOPEN", &[], |_, call| call.omits() || matches!(call.args.len(), 4 | 6), ANY),
        when("+MQTTOPEN", &[], |_, call| !has_fit_will(call), ARGUMENTS),
        when("+MQTTOPEN", &[Configured], |c, call| !serves(c, call), ARGUMENTS),
        rule("+MQTTOPEN", &[Configured], OK_OR_NETWORK),
        rule("+MQTTOPEN", &[], STATE),
        // An unquoted fifth of five is no string.
        when("+MQTTPUB", &[], |_, call| matches!(call.args.get(4), Some(Arg::Bare(_))), ANY),
        when("+MQTTPUB", &[], |_, call| payload(call).is_none() || has_wildcard(call), ARGUMENTS),
        when("*", &[Connected], |c, _| c.own.leaving.is_some(), STATE),
        rule("*", &[Unconfigured, Configured, Connecting, Reconnecting], STATE),
        when("+MQTTUNSUB", &[], |c, call| !is_known(c, call.text(0)), STATE),
        rule("*", &[], OK_OR_STATE),
    ],
    free: "+POWERON:0|^SIMST:#|REBOOTING|+CMNTP:#|+CMNTP:#,\"*\"|+CPIN:*|\
        +CSCON:#|+NPSMR:#|+CEDRXP:5,\"*\",\"*\",\"*\"",
    urcs: &[
        urc("+MQTTOPEN:OK", &[], Then::Do(opened)),
        urc("+MQTTOPEN:FAIL", &[], Then::Do(not_opened)),
        urc("+MQTTPUBLISH:#,#,#,#,*,#,*", &[], Then::Message),
        urc("+MQTTSUBACK:#,#,*", &[], Then::Result(subscribed)),
        urc("+MQTTUNSUBACK:#,*", &[], Then::Result(unsubscribed)),
        urc("+MQTTPUBACK:#,0", &[], Then::Result(|c, heard| acknowledged(c, "PUBACK", heard))),
        urc("+MQTTPUBREC:#,0", &[], Then::Result(|c, heard| acknowledged(c, "PUBREC", heard))),
        urc("+MQTTPUBREL:#,0", &[], Then::Result(|c, heard| acknowledged(c, "PUBREL", heard))),
        urc("+MQTTPUBCOMP:#,0", &[], Then::Result(|c, heard| acknowledged(c, "PUBCOMP", heard))),
        urc("+MQTTPINGRESP:OK", &[], Then::Do(pinged)),
        urc("+MQTTTO:5", &[], Then::Do(ping_missed)),
        urc("+MQTTTO:#", &[], Then::Nothing),
        urc("+MQTTREC:#", &[], Then::Do(reconnects)),
        urc("+MQTTDISC:OK", &[], Then::Do(disconnected)),
    ],
    settings: &[
        set("+MQTTCFG", ",0,,0,,,0,0", "+MQTTCFG:{0},{1},{2},{3},{4},***,{6},{7}"),
        set("+MQTTPING", "0", "+MQTTPING:{0}"),
        set("+MQTTTO", "10", "+MQTTTO:{0}"),
    ],
    queries: "+MQTTSTAT? +MQTTSUB? +MQTTCFG? +MQTTPING? +MQTTTO?",
    shown: &["+MQTTPUBLISH:{d},{q},{r},{i},{t},{n},{p}"],
    words: WORDS,
    goals: &[
        (&[Unconfigured], Mn316::CONFIGURE),
        (&[Configured], Mn316::CONFIGURED),
        (&[Connecting], Goal::Say("+MQTTSTAT?", &[])),
        (&[Connected], Mn316::CONNECTED),
        (&[Reconnecting], Mn316::RECONNECTING),
    ],
    repair: REPAIR,
};

pub(super) fn publish(speaker: &mut Speaker<'_>, _: u8) -> Call {
    let rng = &mut *speaker.rng;
    let mut args = publish_start(rng);
    if rng.per_mille(400) {
        let len = *rng.pick(&[1, 8, 20, 300]);
        let payload = speaker.payloads.exactly(rng, len);
        args.push(Arg::Int(u32::try_from(len).unwrap_or(1)));
        let upper = rng.per_mille(500);
        let digits = |byte: &u8| {
            if upper {
                format!("{byte:02X}")
            } else {
                format!("{byte:02x}")
            }
        };
        let digits = payload.iter().map(digits).collect::<String>().into_bytes();
        args.push(if rng.per_mille(500) {
            Arg::Bare(digits)
        } else {
            Arg::Text(digits)
        });
    } else {
        if rng.per_mille(800) {
            args.push(Arg::Int(0));
        }
        args.push(Arg::Text(text(rng, speaker.payloads)));
    }
    speaker.grammar.spelled("+MQTTPUB=", args)
}
