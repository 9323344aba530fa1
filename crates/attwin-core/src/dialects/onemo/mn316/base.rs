//! Identity of MN316, and what hosts send it first (docs/spec/onemo.md B1, B10).

use alloc::format;
use core::net::{IpAddr, Ipv4Addr};

use super::super::OneMo;
use super::{Mn316, Number};
use crate::command::{Args, Form, Origin, Param, Spec};
use crate::handler::Row;
use crate::handler::shared::{long_timestamp, shared};
use crate::handler::{Context, Outcome};
use crate::io::{LinkId, NetEvent};
use crate::quirks::Millis;
use crate::radio::{Defaults, Operator, Power, Signal};

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
    switch_off_delay: Millis(0),
    switch_on_delay: Millis(0),
    activation_delay: Millis(0),
    scan_delay: Millis(3000),
};

/// A command that is as on every module, but refused with the chip's number.
const fn common(name: &str, section: &'static str) -> Row<()> {
    let row = shared(name, section);
    row.described(row.spec.refusal(Number::Parameter as u16))
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
    row.described(spec.example("+CGDCONT=0,\"IP\",\"cmnbiot\""))
};

const ACTIVATE: Row<()> = {
    let row = common("+CGACT", SECTION);
    let spec = row.spec.write(&[Param::int("state", 0, 1), CID.optional()]);
    row.described(spec.example("+CGACT=1,0"))
};

/// The same without spaces in the answer of the test form.
const REPORTING: Row<()> = {
    let row = common("+CEREG", SECTION);
    row.described(row.spec.test_lines(&["+CEREG:(0-2)"]))
};

const ATTACH: Row<()> = {
    let row = common("+CGATT", SECTION);
    row.described(row.spec.test_lines(&["+CGATT:(0,1)"]))
};

const SIGNAL: Row<()> = {
    let row = common("+CSQ", SECTION);
    row.described(row.spec.test_lines(&["+CSQ:(0-31,99),(0-7,99)"]))
};

const ERRORS: Row<()> = {
    let row = common("+CMEE", SECTION);
    row.described(row.spec.test_lines(&["+CMEE:(0-2)"]))
};

const EQUIPMENT: Row<()> = {
    let row = common("+CGSN", SECTION);
    let spec = row.spec.write(&[Param::int("snt", 1, 1)]);
    row.described(spec.test_lines(&["+CGSN:(1)"]))
};

/// Commands that are as on every module.
pub(super) static SHARED: [Row<()>; 20] = [
    common("E", SECTION),
    common("V", SECTION),
    common("Q", SECTION),
    common("&F", SECTION),
    common("&W", SECTION),
    common("Z", SECTION),
    common("S3", SECTION),
    common("S4", SECTION),
    common("+CGMI", "docs/spec/onemo.md B1"),
    common("+CGMM", "docs/spec/onemo.md B1"),
    common("+CGMR", "docs/spec/onemo.md B1"),
    common("+CIMI", SECTION),
    EQUIPMENT,
    ERRORS,
    common("+CPIN", SECTION),
    common("+CFUN", SECTION),
    SIGNAL,
    REPORTING,
    ATTACH,
    DEFINE,
];

type Module = OneMo<Mn316>;

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, SECTION, summary)
        .origin(Origin::Field)
        .refusal(Number::Parameter as u16)
}

pub(super) static ROWS: [Row<Module>; 10] = [
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
        spec("+CESQ", "signal quality, extended")
            .execute()
            .origin(Origin::Decision),
        |_, cx, _, _| {
            // The power levels are sample values.
            cx.reply(if cx.radio.rssi() == 99 {
                "+CESQ:99,99,255,255,255,255"
            } else {
                "+CESQ:45,0,255,255,22,60"
            });
            Outcome::Ok
        },
    ),
    Row::new(
        spec("+CGPADDR", "addresses of PDP contexts")
            .execute()
            .write(&[CID])
            .example("+CGPADDR=0"),
        addresses,
    ),
    Row::new(spec("+NCCID", "card identity").execute(), |_, cx, _, _| {
        card_identity(cx, "+NCCID:")
    }),
    Row::new(spec("+ICCID", "card identity").execute(), |_, cx, _, _| {
        card_identity(cx, "+ICCID:")
    }),
    // With a space, unlike its neighbours.
    Row::new(spec("+MCCID", "card identity").execute(), |_, cx, _, _| {
        card_identity(cx, "+MCCID: ")
    }),
    Row::new(spec("+CMNTP", "time from a server").execute(), server_time),
    Row::new(
        spec("+CCLK", "real-time clock")
            .read()
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
            .execute(),
        |_, cx, _, _| {
            cx.urc("REBOOTING");
            cx.radio.request_power(Power::Restart, cx.now);
            Outcome::Ok
        },
    ),
];

/// Addresses without quotes.
fn addresses(m: &mut Module, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let wanted = args.byte(0);
    if wanted.is_some_and(|cid| cx.radio.contexts().get(cid).is_none()) {
        return m.model.number(Number::Parameter);
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
    match cx.radio.sim().code() {
        Err(code) => Outcome::Cme(code),
        Ok(_) => {
            cx.reply(format!("{name}{}", cx.radio.iccid()));
            Outcome::Ok
        }
    }
}

/// Year of two digits to zone.
fn time(cx: &Context<'_>) -> alloc::string::String {
    let time = long_timestamp(cx.clock.local(cx.now), cx.clock.zone_quarters());
    time[2..].into()
}

fn server_time(m: &mut Module, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    if m.model.time.is_some() || !cx.radio.is_attached() {
        return Outcome::Error;
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
    cx.urc(if known {
        format!("+CMNTP:0,\"{time}\"")
    } else {
        "+CMNTP:1".into()
    });
}
