//! Identity of ML302, and what hosts send it first (docs/spec/onemo.md A1, A10).

use alloc::format;
use core::net::{IpAddr, Ipv4Addr};

use super::super::OneMo;
use super::super::base::{no_bearer, without_card};
use super::Ml302;
use crate::cme;
use crate::command::{Answer, Args, Field, Form, Kind, Origin, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::shared::{meaning, shared};
use crate::handler::{Context, Outcome};
use crate::quirks::Millis;
use crate::radio::{Defaults, Operator, Power, Signal};

const SECTION: &str = "docs/spec/onemo.md A10";

pub(super) const DEFAULTS: Defaults = Defaults {
    manufacturer: "CMCC",
    model: "ML302",
    revision: "ML302-CNLM_MBRH0S00",
    serial_number: "",
    imei: "866000000000001",
    imsi: "460001234567890",
    iccid: "89860012345678901234",
    operator: Operator {
        long: "CHINA MOBILE",
        short: "CMCC",
        numeric: "46000",
        format: 0,
        area: "1A2B",
        cell: "1C2D3E4",
        technology: 7,
    },
    signal: Signal { rssi: 25, ber: 99 },
    default_context: 1,
    apn: "CMNET",
    address: Ipv4Addr::new(10, 0, 0, 2),
    dns: [
        IpAddr::V4(Ipv4Addr::new(114, 114, 114, 114)),
        IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
    ],
    zone_quarters: 32,
    activation_delay: Millis(0),
    scan_delay: Millis(3000),
};

/// There is no serial number to tell.
const EQUIPMENT: Row<()> = {
    let row = shared("+CGSN", SECTION);
    let spec = row.spec.write(&[Param::int("snt", 1, 1)]);
    row.described(spec.test_lines(&["+CGSN: (1)"]))
};

/// A command whose test form answers `OK` alone.
const fn plain(name: &str, section: &'static str) -> Row<()> {
    let row = shared(name, section);
    row.described(row.spec.test(Test::Ok))
}

const FUNCTIONALITY: Row<()> = {
    let row = shared("+CFUN", SECTION);
    row.described(row.spec.test_lines(&["+CFUN: (0,1,4),(0,1)"]))
};

const ADDRESSES: Row<()> = {
    let row = shared("+CGPADDR", SECTION);
    row.described(row.spec.test(Test::Computed))
};

/// Commands that are as on every module.
pub(super) static SHARED: [Row<()>; 21] = [
    shared("E", SECTION),
    shared("V", SECTION),
    shared("Q", SECTION),
    shared("&F", SECTION),
    shared("&W", SECTION),
    shared("Z", SECTION),
    shared("S3", SECTION),
    shared("S4", SECTION),
    plain("+CGMI", "docs/spec/onemo.md A1"),
    plain("+CGMM", "docs/spec/onemo.md A1"),
    plain("+CGMR", "docs/spec/onemo.md A1"),
    plain("+CIMI", SECTION),
    EQUIPMENT,
    shared("+CMEE", SECTION),
    plain("+CPIN", SECTION),
    FUNCTIONALITY,
    shared("+CSQ", SECTION),
    shared("+CREG", SECTION),
    shared("+CGREG", SECTION),
    shared("+CEREG", SECTION),
    ADDRESSES,
];

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, SECTION, summary)
        .origin(Origin::Field)
        .refusal(cme::INCORRECT_PARAMETERS)
}

type Module = OneMo<Ml302>;

pub(super) static ROWS: [Row<Module>; 20] = [
    Row::new(
        Spec::new("I", "docs/spec/onemo.md A1", "identification")
            .execute()
            .origin(Origin::Decision),
        |_, cx, _, _| {
            cx.reply(cx.radio.defaults().manufacturer);
            cx.port.reply(cx.radio.model().as_bytes());
            cx.port.reply(cx.radio.firmware().as_bytes());
            Outcome::Ok
        },
    ),
    Row::new(
        shared("+COPS", SECTION).spec.origin(Origin::Decision),
        |_, cx, form, args| (shared("+COPS", SECTION).run)(&mut (), cx, form, args),
    ),
    Row::new(
        plain("+CCLK", SECTION).spec.origin(Origin::Decision),
        |_, cx, form, args| (shared("+CCLK", SECTION).run)(&mut (), cx, form, args),
    ),
    Row::new(
        shared("+CGATT", SECTION)
            .spec
            .answers(&[Answer::new("+CGATT:<state>").fields(
                &const { [Field::new("state", "packet service").values(&meaning::ATTACHED)] },
            )]),
        attach,
    ),
    Row::new(
        shared("+CGDCONT", SECTION)
            .spec
            .test_lines(&[
                "+CGDCONT: (1-16),\"IP\",,,(0-4),(0-4),(0,1),(0-4)",
                "+CGDCONT: (1-16),\"IPV6\",,,(0-4),(0-4),(0,1),(0-4)",
                "+CGDCONT: (1-16),\"IPV4V6\",,,(0-4),(0-4),(0,1),(0-4)",
            ])
            .answers(&[Answer::new(
                "+CGDCONT: <cid>,\"<PDP_type>\",\"<APN>\",\"<PDP_addr>\",<d_comp>,<h_comp>",
            )
            .fields(&[Field::new(
                "PDP_addr",
                "the address it has, 0.0.0.0 for none",
            )])]),
        contexts,
    ),
    Row::new(
        shared("+CGACT", SECTION)
            .spec
            .test_lines(&["+CGACT: (0,1)"]),
        activate,
    ),
    Row::new(
        spec("+CSTT", "access point")
            .write(&[
                Param::text("apn", 0, 100),
                Param::text("user", 0, 64).optional(),
                Param::text("password", 0, 64).optional(),
            ])
            .test_lines(&["+CSTT: \"APN\",\"USER\",\"PWD\""])
            .example("+CSTT=\"CMNET\",\"\",\"\""),
        accept,
    ),
    Row::new(
        spec("+CIICR", "bring the connection up")
            .test(Test::Ok)
            .execute(),
        accept,
    ),
    Row::new(
        spec("+ICCID", "card identity")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+ICCID: <iccid>")]),
        |_, cx, _, _| card_identity(cx, "+ICCID"),
    ),
    Row::new(
        spec("+MCCID", "card identity")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+MCCID: <iccid>")]),
        |_, cx, _, _| card_identity(cx, "+MCCID"),
    ),
    Row::new(
        spec("+CCID", "card identity")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+CCID: <iccid>")]),
        |_, cx, _, _| card_identity(cx, "+CCID"),
    ),
    Row::new(
        spec("+VERCTRL", "how the module attaches")
            .read()
            .test_lines(&["+VERCTRL: (0-255),(0-255)"])
            .write(&[Param::int("a", 0, 255), Param::int("b", 0, 255)])
            .answers(&[Answer::new("+VERCTRL: <a>, <b>")])
            .example("+VERCTRL=0,1"),
        |_, cx, form, _| {
            if form == Form::Read {
                cx.reply("+VERCTRL: 0, 1");
            }
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+SYSNV", "stored settings")
            .test(Test::Ok)
            .write(&[
                Param::of(
                    "settings",
                    Kind::IntegerOrText {
                        integer: (0, u32::MAX),
                        text: 128,
                    },
                ),
                ANY,
                ANY,
            ])
            .example("+SYSNV=0"),
        accept,
    ),
    Row::new(
        spec("+MDNSCFG", "name servers")
            .test(Test::Ok)
            .read()
            .answers(&[Answer::new("+MDNSCFG: \"<primary>\",\"<secondary>\"")])
            .write(&[
                Param::text("primary", 0, 64),
                Param::text("secondary", 0, 64).optional(),
            ])
            .origin(Origin::Decision)
            .example("+MDNSCFG?"),
        |_, cx, form, _| {
            if form == Form::Read {
                let [primary, secondary] = DEFAULTS.dns;
                let line = cx.line("+MDNSCFG").quoted_value(primary);
                cx.reply(line.quoted_value(secondary));
            }
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+MDNSGIP", "resolve a name")
            .test(Test::Ok)
            .write(&[Param::text("name", 1, 255)])
            .origin(Origin::Decision)
            .example("+MDNSGIP=\"broker.example\""),
        accept,
    ),
    Row::new(
        spec("+MGNSS", "positioning")
            .test_lines(&["+MGNSS: (0,1)"])
            .write(&[Param::int("on", 0, 1).values(&meaning::ECHO)])
            .example("+MGNSS=1"),
        accept,
    ),
    Row::new(
        spec("+MGNSSTYPE", "satellites")
            .test_lines(&["+MGNSSTYPE: (0-255)"])
            .write(&[Param::int("type", 0, 255)])
            .example("+MGNSSTYPE=3"),
        accept,
    ),
    Row::new(
        spec("+MGNSSINFO", "position")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+MGNSSINFO: GNSS NO SIGNAL")]),
        |_, cx, _, _| {
            cx.reply("+MGNSSINFO: GNSS NO SIGNAL");
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+MREBOOT", "restart").test(Test::Ok).execute(),
        |_, cx, _, _| {
            cx.urc("REBOOTING");
            cx.radio.request_power(Power::Restart, cx.now);
            Outcome::Ok
        },
    ),
    Row::new(
        shared("+IPR", SECTION)
            .spec
            .test_lines(&["+IPR: (300-4000000)"])
            .origin(Origin::Decision),
        |_, cx, form, args| (shared("+IPR", SECTION).run)(&mut (), cx, form, args),
    ),
];

/// Whatever follows.
const ANY: Param = Param::of(
    "more",
    Kind::IntegerOrText {
        integer: (0, u32::MAX),
        text: 128,
    },
)
.optional();

fn accept(_: &mut Module, _: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    Outcome::Ok
}

/// The answer has no space behind its colon, unlike its neighbours.
fn attach(_: &mut Module, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        cx.reply(format!("+CGATT:{}", u8::from(cx.radio.is_attached())));
        return Outcome::Ok;
    }
    (shared("+CGATT", SECTION).run)(&mut (), cx, form, args)
}

/// Activating any context, defined or not, makes the network usable.
fn activate(_: &mut Module, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let cid = args.byte(1).unwrap_or(DEFAULTS.default_context);
    let known = cx.radio.contexts().get(cid).is_some();
    if form == Form::Write && args.flag(0) == Some(true) {
        if !cx.radio.set_bearer(DEFAULTS.default_context, true) {
            return Outcome::cme(cme::NO_NETWORK_SERVICE, no_bearer(cx));
        }
        if !known {
            return Outcome::Ok;
        }
    }
    (shared("+CGACT", SECTION).run)(&mut (), cx, form, args)
}

/// The list shows the address a context has.
fn contexts(_: &mut Module, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Write {
        return (shared("+CGDCONT", SECTION).run)(&mut (), cx, form, args);
    }
    for (cid, context) in cx.radio.contexts().iter() {
        let definition = context.definition();
        let line = cx
            .line("+CGDCONT")
            .value(cid)
            .quoted(definition.pdp_type.name())
            .quoted(&definition.apn);
        let line = match cx.radio.local_ip(cid) {
            Some(address) => line.quoted_value(address),
            None => line.quoted("0.0.0.0"),
        };
        cx.port.reply(line.value(0).value(0).as_ref());
    }
    Outcome::Ok
}

/// The card tells its identity before it is unlocked.
fn card_identity(cx: &mut Context<'_>, name: &str) -> Outcome {
    if let Some(refused) = without_card(cx) {
        return refused;
    }
    cx.reply(cx.line(name).value(cx.radio.iccid()));
    Outcome::Ok
}
