//! PDP contexts: NB-IoT has one that carries data, 0 (docs/spec/simcom.md 10).

use alloc::format;
use alloc::string::String;
use core::net::IpAddr;

use super::super::CONTEXT;
use super::super::connection::network_not_usable;
use super::{
    Args, Context, Form, Origin, Outcome, Param, Row, SECTION, SimCom, Test, shared, spec,
};
use crate::cme;
use crate::command::{Answer, Field, Meaning};
use crate::radio::PdpContext;
use crate::reason::Reason;

/// Bearer of the data context.
const BEARER: u8 = 5;
/// Longest packet of the data context, in bytes.
const MTU: u16 = 1500;

pub(super) const CID: Param = Param::int("cid", 0, 15);
const CID_FIELD: Field = Field::new("cid", "PDP context; 0 is the one that carries data");

static STATES: [Meaning; 2] = [Meaning::new("0", "not active"), Meaning::new("1", "active")];
/// `<auth_type>` of AT+CGAUTH.
static AUTHENTICATION: [Meaning; 4] = [
    Meaning::new("0", "none"),
    Meaning::new("1", "PAP"),
    Meaning::new("2", "CHAP"),
    Meaning::new("3", "PAP or CHAP"),
];

pub(in super::super) static ROWS: [Row<SimCom>; 5] = [
    Row::new(
        spec("+CGDCONT", "define a PDP context")
            .test_lines(&["+CGDCONT: (0-15),\"IP\",,,(0),(0),(0,1),(0)"])
            .read()
            .write(&[
                CID,
                Param::text("PDP_type", 1, 8).optional(),
                Param::text("APN", 0, 100).optional(),
                Param::text("PDP_addr", 0, 64).optional(),
                Param::int("d_comp", 0, 4).optional(),
                Param::int("h_comp", 0, 4).optional(),
                Param::int("IPv4AddrAlloc", 0, 1).optional(),
                Param::int("request_type", 0, 4).optional(),
            ])
            .answers(&[
                Answer::new("+CGDCONT: <cid>,\"<PDP_type>\",\"<APN>\"[,\"<PDP_addr>\"]").fields(&[
                    CID_FIELD,
                    Field::new(
                        "PDP_addr",
                        "address the network gave; absent while not active",
                    ),
                ]),
            ])
            .example("+CGDCONT=1,\"IP\",\"apn\""),
        define,
    ),
    Row::new(
        spec("+CGACT", "activate PDP contexts")
            .test_lines(&["+CGACT: (0,1)"])
            .read()
            .write(&[Param::int("state", 0, 1).values(&STATES), CID.optional()])
            .answers(&[Answer::new("+CGACT: <cid>,<state>").fields(&[
                CID_FIELD,
                Field::new("state", "whether it is active").values(&STATES),
            ])])
            .example("+CGACT=1,0"),
        activate,
    ),
    Row::new(
        spec("+CGPADDR", "addresses of PDP contexts")
            .test(Test::Computed)
            .execute()
            .write(&[CID])
            .answers(&[
                Answer::new("+CGPADDR: <cid>[,\"<PDP_addr>\"]").fields(&[CID_FIELD]),
                Answer::new("+CGPADDR: (<cids>)"),
            ])
            .example("+CGPADDR=0"),
        addresses,
    ),
    Row::new(
        spec("+CGCONTRDP", "parameters of the active PDP context")
            .test(Test::Computed)
            .execute()
            .write(&[CID])
            .answers(&[
                Answer::new(
                    "+CGCONTRDP: <cid>,<bearer_id>,\"<apn>\",\"<local_addr and subnet_mask>\",\
                     \"<gw_addr>\",\"<DNS_prim_addr>\",\"<DNS_sec_addr>\",,,,,<MTU>",
                )
                .fields(&[CID_FIELD]),
                Answer::new("+CGCONTRDP: (<cids>)"),
            ])
            .example("+CGCONTRDP=0"),
        parameters,
    ),
    Row::new(
        spec("+CGAUTH", "authentication of a PDP context")
            .test_lines(&["+CGAUTH: (0-15),(0-3),64,64"])
            .read()
            .write(&[
                CID,
                Param::int("auth_type", 0, 3)
                    .values(&AUTHENTICATION)
                    .optional(),
                Param::text("passwd", 0, 64).optional(),
                Param::text("user", 0, 64).optional(),
            ])
            .answers(&[
                Answer::new("+CGAUTH: <cid>,<auth_type>[,\"<user>\",\"<passwd>\"]").fields(&[
                    CID_FIELD,
                    Field::new("auth_type", "how the module logs in").values(&AUTHENTICATION),
                ]),
            ])
            .origin(Origin::Decision)
            .example("+CGAUTH=0,0"),
        authentication,
    ),
];

/// Why a context that is not there cannot be asked about.
fn not_defined(cid: u8) -> Outcome {
    let cause = format!("context {cid} is not defined");
    let remedy = "AT+CGDCONT? lists the contexts; data goes over context 0";
    Outcome::cme(cme::INCORRECT_PARAMETERS, Reason::new(cause).remedy(remedy))
}

fn define(_: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form != Form::Read {
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
            None => line,
        };
        cx.port.reply(line.as_ref());
    }
    Outcome::Ok
}

/// The network of NB-IoT carries one context (docs/spec/simcom.md 10).
fn activate(_: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for (cid, context) in cx.radio.contexts().iter() {
            let line = cx.line("+CGACT").value(cid);
            let line = line.value(u8::from(context.has_bearer()));
            cx.port.reply(line.as_ref());
        }
        return Outcome::Ok;
    }
    let up = args.flag(0) == Some(true);
    let cid = args.byte(1).unwrap_or(CONTEXT);
    if cx.radio.contexts().get(cid).is_none() {
        return not_defined(cid);
    }
    if up && cid != CONTEXT {
        let cause = format!("the network carries context {CONTEXT} and no second one");
        let remedy = "context 0 is active once the module is attached; use it";
        return Outcome::cme(cme::NOT_ALLOWED, Reason::new(cause).remedy(remedy));
    }
    if cx.radio.set_bearer(cid, up) {
        Outcome::Ok
    } else {
        Outcome::cme(cme::NO_NETWORK_SERVICE, network_not_usable(cx).reason)
    }
}

fn addresses(_: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Test {
        return list(cx, "+CGPADDR", |_| true);
    }
    let wanted = args.byte(0);
    if let Some(cid) = wanted.filter(|cid| cx.radio.contexts().get(*cid).is_none()) {
        return not_defined(cid);
    }
    for (cid, _) in cx.radio.contexts().iter() {
        if wanted.is_some_and(|wanted| wanted != cid) {
            continue;
        }
        let line = cx.line("+CGPADDR").value(cid);
        let line = match cx.radio.local_ip(cid) {
            Some(address) => line.quoted_value(address),
            None => line,
        };
        cx.port.reply(line.as_ref());
    }
    Outcome::Ok
}

/// Of the active context; nothing while there is none.
fn parameters(_: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Test {
        return list(cx, "+CGCONTRDP", PdpContext::has_bearer);
    }
    let wanted = args.byte(0);
    if let Some(cid) = wanted.filter(|cid| cx.radio.contexts().get(*cid).is_none()) {
        return not_defined(cid);
    }
    for (cid, context) in cx.radio.contexts().iter() {
        let Some(address) = cx.radio.local_ip(cid) else {
            continue;
        };
        if wanted.is_some_and(|wanted| wanted != cid) {
            continue;
        }
        let [primary, secondary] = context.dns();
        let line = cx
            .line("+CGCONTRDP")
            .value(cid)
            .value(BEARER)
            .quoted(&context.definition().apn)
            .quoted(with_mask(address))
            // The module is its own gateway.
            .quoted_value(address)
            .quoted_value(primary)
            .quoted_value(secondary)
            .raw(format!(",,,,{MTU}"));
        cx.port.reply(line.as_ref());
    }
    Outcome::Ok
}

/// `name: (0,1)`: the contexts that are so.
fn list(cx: &mut Context<'_>, name: &str, is_so: impl Fn(&PdpContext) -> bool) -> Outcome {
    let mut cids = String::new();
    for (cid, context) in cx.radio.contexts().iter() {
        if is_so(context) {
            let comma = if cids.is_empty() { "" } else { "," };
            cids.push_str(&format!("{comma}{cid}"));
        }
    }
    cx.reply(format!("{name}: ({cids})"));
    Outcome::Ok
}

/// Address and mask, octet by octet (3GPP 27.007 section 10.1.23).
fn with_mask(address: IpAddr) -> String {
    let dotted = |octets: &[u8], network: usize| {
        let mask = (0..octets.len()).map(|at| if at < network { 255 } else { 0 });
        let octets = octets.iter().copied().chain(mask);
        let numbers = octets.map(|octet| format!("{octet}"));
        numbers.collect::<alloc::vec::Vec<_>>().join(".")
    };
    match address {
        IpAddr::V4(address) => dotted(&address.octets(), 3),
        IpAddr::V6(address) => dotted(&address.octets(), 8),
    }
}

/// Kept with the definition; the network lets everyone in.
fn authentication(_: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for (cid, context) in cx.radio.contexts().iter() {
            let definition = context.definition();
            let line = cx.line("+CGAUTH").value(cid);
            let line = line.value(definition.authentication);
            let line = if definition.authentication == 0 {
                line
            } else {
                line.quoted(&definition.user).quoted(&definition.password)
            };
            cx.port.reply(line.as_ref());
        }
        return Outcome::Ok;
    }
    let cid = args.byte(0).unwrap_or_default();
    let Some(context) = cx.radio.contexts().get(cid) else {
        return not_defined(cid);
    };
    let mut definition = context.definition().clone();
    definition.authentication = args.byte(1).unwrap_or_default();
    definition.password = args.text(2).unwrap_or_default().into();
    definition.user = args.text(3).unwrap_or_default().into();
    cx.radio.contexts_mut().define(cx.storage, cid, definition);
    Outcome::Ok
}
