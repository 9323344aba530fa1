//! Identity of MN316, and what hosts send it first (docs/spec/onemo.md B1, B10).

use alloc::format;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr};

use super::super::OneMo;
use super::super::base::{no_bearer, without_card};
use super::{Mn316, Number};
use crate::command::{Answer, Args, Field, Form, Origin, Param, Spec, Test};
use crate::handler::Row;
use crate::handler::shared::{long_timestamp, meaning, shared};
use crate::handler::{Context, Outcome};
use crate::io::{LinkId, NetEvent};
use crate::quirks::Millis;
use crate::radio::{Defaults, Operator, Power, Signal};
use crate::reason::Reason;
use crate::serial::Channel;

const SECTION: &str = "docs/spec/onemo.md B10";

/// The host server of AT+CMNTP, which has no parameter.
const TIME_SERVER: &str = "ntp.aliyun.com";

pub(super) const DEFAULTS: Defaults = Defaults {
    manufacturer: "CMCC",
    model: "MN316",
    revision: "MN316-DBRS-MBRH0C00",
    serial_number: "",
    imei: "866000000000002",
    imsi: "460041234567890",
    iccid: "89860412345678901234",
    operator: Operator {
        long: "CHINA MOBILE",
        short: "CMCC",
        numeric: "46004",
        format: 2,
        area: "1A2B",
        cell: "1C2D3E4",
        technology: 9,
    },
    signal: Signal { rssi: 25, ber: 99 },
    default_context: 0,
    apn: "cmnbiot",
    address: Ipv4Addr::new(10, 0, 0, 2),
    dns: [
        IpAddr::V4(Ipv4Addr::new(114, 114, 114, 114)),
        IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
    ],
    zone_quarters: 32,
    activation_delay: Millis(0),
    scan_delay: Millis(3000),
};

/// A command that is as on every module, but refused with the chip's number.
const fn common(name: &str, section: &'static str) -> Row<()> {
    let row = shared(name, section);
    row.described(row.spec.refusal(Number::Parameter as u16))
}

/// The same, and its test form answers `OK` alone.
const fn plain(name: &str, section: &'static str) -> Row<()> {
    let row = common(name, section);
    row.described(row.spec.test(Test::Ok))
}

/// The default context of NB-IoT is 0.
const CID: Param = Param::int("cid", 0, 10);

const DEFINE: Row<()> = {
    let row = common("+CGDCONT", SECTION);
    let spec = row.spec.write(&[
        CID,
        Param::text("PDP_type", 1, 8).optional(),
        Param::text("APN", 0, 100).optional(),
    ]);
    let spec = spec
        .test_lines(&["+CGDCONT:(0-10),(\"IP\",\"IPV6\",\"IPV4V6\")"])
        .answers(&[Answer::new(
            "+CGDCONT:<cid>,\"<PDP_type>\",\"<APN>\",\"<PDP_addr>\",<d_comp>,<h_comp>,\
             <IPv4AddrAlloc>,<request_type>",
        )]);
    row.described(spec.example("+CGDCONT=0,\"IP\",\"cmnbiot\""))
};

const ACTIVATE: Row<()> = {
    let row = common("+CGACT", SECTION);
    let spec = row.spec.write(&[Param::int("state", 0, 1), CID.optional()]);
    let spec = spec
        .test_lines(&["+CGACT:(0,1)"])
        .answers(&[Answer::new("+CGACT:<cid>,<state>").fields(&STATE)]);
    row.described(spec.example("+CGACT=1,0"))
};

const ATTACH: Row<()> = {
    let row = common("+CGATT", SECTION);
    let spec = row.spec.test_lines(&["+CGATT:(0,1)"]);
    row.described(spec.answers(&[Answer::new("+CGATT:<state>").fields(&STATE)]))
};

const SIGNAL: Row<()> = {
    let row = common("+CSQ", SECTION);
    let spec = row.spec.test_lines(&["+CSQ:(0-31,99),(0-7,99)"]);
    row.described(spec.answers(&[Answer::new("+CSQ:<rssi>,<ber>").fields(&[
        Field::new(
            "rssi",
            "strength: 0 is -113 dBm, a step is 2 dB, 99 is unknown",
        ),
        Field::new("ber", "bit error rate, 0 to 7, 99 is unknown"),
    ])]))
};

const ERRORS: Row<()> = {
    let row = common("+CMEE", SECTION);
    let spec = row.spec.test_lines(&["+CMEE:(0-2)"]);
    row.described(spec.answers(&[Answer::new("+CMEE:<n>").fields(
        &const { [Field::new("n", "how errors are reported").values(&meaning::ERROR_REPORTS)] },
    )]))
};

const EQUIPMENT: Row<()> = {
    let row = common("+CGSN", SECTION);
    let spec = row.spec.write(&[Param::int("snt", 1, 1)]);
    let spec = spec.test_lines(&["+CGSN:(1)"]);
    row.described(spec.answers(&[Answer::new("+CGSN:<imei>")]))
};

const PIN: Row<()> = {
    let row = plain("+CPIN", SECTION);
    row.described(row.spec.answers(&[Answer::new("+CPIN:<code>").fields(
        &const { [Field::new("code", "what the SIM wants").values(&meaning::PIN_CODES)] },
    )]))
};

const FUNCTIONALITY: Row<()> =
    {
        let row = common("+CFUN", SECTION);
        let spec = row.spec.test_lines(&["+CFUN:(0,1,4),(0,1)"]);
        row.described(spec.answers(&[Answer::new("+CFUN:<fun>").fields(
            &const { [Field::new("fun", "how much is on").values(&meaning::FUNCTIONALITY)] },
        )]))
    };

const STATE: [Field; 1] =
    [Field::new("state", "packet service, or a PDP context").values(&meaning::ATTACHED)];

/// Commands that are as on every module.
pub(super) static SHARED: [Row<()>; 19] = [
    common("E", SECTION),
    common("V", SECTION),
    common("Q", SECTION),
    common("&F", SECTION),
    common("&W", SECTION),
    common("Z", SECTION),
    common("S3", SECTION),
    common("S4", SECTION),
    plain("+CGMI", "docs/spec/onemo.md B1"),
    plain("+CGMM", "docs/spec/onemo.md B1"),
    plain("+CGMR", "docs/spec/onemo.md B1"),
    plain("+CIMI", SECTION),
    EQUIPMENT,
    ERRORS,
    PIN,
    FUNCTIONALITY,
    SIGNAL,
    ATTACH,
    DEFINE,
];

type Module = OneMo<Mn316>;

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, SECTION, summary)
        .origin(Origin::Field)
        .refusal(Number::Parameter as u16)
}

pub(super) static ROWS: [Row<Module>; 9] = [
    Row::new(
        Spec::new("I", "docs/spec/onemo.md B1", "identification")
            .execute()
            .origin(Origin::Field),
        |_, cx, _, _| {
            cx.reply(cx.radio.defaults().manufacturer);
            cx.port.reply(cx.radio.model().as_bytes());
            cx.port.reply(cx.radio.firmware().as_bytes());
            Outcome::Ok
        },
    ),
    Row::new(ACTIVATE.spec, |_, cx, form, args| {
        (ACTIVATE.run)(&mut (), cx, form, args)
    }),
    Row::new(
        spec("+CGPADDR", "addresses of PDP contexts")
            .test(Test::Computed)
            .execute()
            .write(&[CID])
            .answers(&[Answer::new("+CGPADDR:<cid>[,<address>]")])
            .example("+CGPADDR=0"),
        addresses,
    ),
    Row::new(
        spec("+NCCID", "card identity")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+NCCID:<iccid>")]),
        |_, cx, _, _| card_identity(cx, "+NCCID:"),
    ),
    Row::new(
        spec("+ICCID", "card identity")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+ICCID:<iccid>")]),
        |_, cx, _, _| card_identity(cx, "+ICCID:"),
    ),
    // With a space, unlike its neighbours.
    Row::new(
        spec("+MCCID", "card identity")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+MCCID: <iccid>")]),
        |_, cx, _, _| card_identity(cx, "+MCCID: "),
    ),
    Row::new(
        spec("+CMNTP", "time from a server")
            .test(Test::Ok)
            .execute(),
        server_time,
    ),
    Row::new(
        spec("+CCLK", "real-time clock")
            .test(Test::Ok)
            .read()
            .answers(&[Answer::new("+CCLK:<time>").fields(&[Field::new(
                "time",
                "local time, and its zone in quarters of an hour",
            )])])
            .origin(Origin::Decision)
            .example("+CCLK?"),
        |_, cx, _, _| {
            cx.reply(format!("+CCLK:{}", time(cx)));
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+NRB", "restart")
            .aliases(&["+MREBOOT", "+CMRB"])
            .test(Test::Ok)
            .execute(),
        |_, cx, _, _| {
            cx.urc("REBOOTING");
            cx.radio.request_power(Power::Restart, cx.now);
            Outcome::Ok
        },
    ),
];

/// Addresses without quotes.
fn addresses(m: &mut Module, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Test {
        let cids = cx.radio.contexts().iter().map(|(cid, _)| cid.to_string());
        let cids: Vec<String> = cids.collect();
        let line = format!("{}({})", cx.name("+CGPADDR"), cids.join(","));
        cx.reply(line);
        return Outcome::Ok;
    }
    let wanted = args.byte(0);
    if let Some(cid) = wanted
        && cx.radio.contexts().get(cid).is_none()
    {
        let reason = Reason::new(format!("PDP context {cid} is not defined"));
        let reason = reason.remedy("AT+CGDCONT defines it");
        return Outcome::cme(m.model.number(Number::Parameter), reason);
    }
    for (cid, _) in cx.radio.contexts().iter() {
        if wanted.is_none_or(|wanted| wanted == cid) {
            let line = match cx.radio.local_ip(cid) {
                Some(address) => format!("+CGPADDR:{cid},{address}"),
                None => format!("+CGPADDR:{cid}"),
            };
            cx.port.reply(line.as_bytes());
        }
    }
    Outcome::Ok
}

/// The card tells its identity before it is unlocked.
fn card_identity(cx: &mut Context<'_>, name: &str) -> Outcome {
    if let Some(refused) = without_card(cx) {
        return refused;
    }
    cx.reply(format!("{name}{}", cx.radio.iccid()));
    Outcome::Ok
}

/// Year of two digits to zone.
fn time(cx: &Context<'_>) -> String {
    let time = long_timestamp(cx.clock.local(cx.now), cx.clock.zone_quarters());
    time[2..].into()
}

fn server_time(m: &mut Module, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    if m.model.time.is_some() {
        return Outcome::error(Reason::new("the last AT+CMNTP has no answer yet"));
    }
    if !cx.radio.is_attached() {
        return Outcome::error(no_bearer(cx));
    }
    m.model.time = Some(cx.links.resolve(TIME_SERVER.into()));
    Outcome::Ok
}

/// The server's name is resolved for real; the time is that of the network.
pub(super) fn resolved(m: &mut Module, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
    if m.model.time.take_if(|asked| *asked == link).is_none() {
        return;
    }
    let known = matches!(event, NetEvent::Resolved(addresses) if !addresses.is_empty());
    if known {
        cx.clock.follow_network();
    }
    let time = time(cx);
    if known {
        cx.urc(format!("+CMNTP:0,\"{time}\""));
    } else {
        let reason = Reason::new(format!("the name {TIME_SERVER} does not resolve"));
        cx.urc_because(Channel::Module, cx.now, "+CMNTP:1", reason);
    }
}
