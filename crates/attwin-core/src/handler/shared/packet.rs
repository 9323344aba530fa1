//! PDP contexts (3GPP 27.007 section 10.1).

use alloc::format;
use alloc::string::{String, ToString as _};

use super::meaning;
use super::refusal::{no_context, undefined_context};
use crate::cme;
use crate::command::{Answer, Args, Field, Form, Origin, Param, Spec};
use crate::handler::{Context, Line, Outcome, Row};
use crate::radio::{PdpContext, PdpType};
use crate::reason::Reason;

/// Printed for a context without an address.
const NO_ADDRESS: &str = "0.0.0.0";
/// The bearer identities an EPS has begin with this one.
const FIRST_BEARER: u8 = 5;
const LAST_BEARER: u8 = 15;

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .max_ms(300)
        .origin(Origin::Field)
        .refusal(cme::INCORRECT_PARAMETERS)
}

pub(super) static ROWS: [Row<()>; 4] = [
    Row::new(
        spec("+CGDCONT", "define a PDP context")
            .read()
            .write(&[
                Param::int("cid", 1, 16),
                Param::text("PDP_type", 1, 8).optional(),
                Param::text("APN", 0, 150).optional(),
                Param::text("PDP_addr", 0, 64).optional(),
                Param::int("d_comp", 0, 4).optional(),
                Param::int("h_comp", 0, 4).optional(),
                Param::int("IPv4AddrAlloc", 0, 1).optional(),
                Param::int("request_type", 0, 4).optional(),
            ])
            .answers(&[Answer::new(
                "+CGDCONT: <cid>,\"<PDP_type>\",\"<APN>\",\"<PDP_addr>\",<d_comp>,<h_comp>,\
                 <IPv4AddrAlloc>,<request_type>",
            )])
            .example("+CGDCONT=1,\"IP\",\"cmnet\""),
        define,
    ),
    Row::new(
        spec("+CGACT", "activate PDP contexts")
            .read()
            .write(
                &const {
                    [
                        Param::int("state", 0, 1).values(&meaning::ATTACHED),
                        Param::int("cid", 1, 16).optional(),
                    ]
                },
            )
            .answers(&[Answer::new("+CGACT: <cid>,<state>").fields(
                &const { [Field::new("state", "PDP context").values(&meaning::ATTACHED)] },
            )])
            .max_ms(150_000)
            .example("+CGACT=1,1"),
        activate,
    ),
    Row::new(
        spec("+CGPADDR", "addresses of PDP contexts")
            .execute()
            .write(&[Param::int("cid", 1, 16)])
            .answers(&[Answer::new("+CGPADDR: <cid>,\"<PDP_addr>\"")])
            .example("+CGPADDR=1"),
        addresses,
    ),
    Row::new(
        spec("+CGCONTRDP", "parameters of active PDP contexts")
            .execute()
            .write(&[Param::int("cid", 1, 16)])
            .answers(&[Answer::new(
                "+CGCONTRDP: <cid>,<bearer_id>,\"<APN>\",\"<local_addr>\",\"<gw_addr>\",\
                 \"<DNS_prim_addr>\",\"<DNS_sec_addr>\"",
            )])
            .example("+CGCONTRDP=1"),
        parameters,
    ),
];

fn define(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for (cid, context) in cx.radio.contexts().iter() {
            let definition = context.definition();
            let line = cx
                .line("+CGDCONT")
                .value(cid)
                .quoted(definition.pdp_type.name())
                .quoted(&definition.apn)
                .quoted(&definition.address);
            let line = definition.options.iter().fold(line, Line::value);
            cx.port.reply(line.as_ref());
        }
        return Outcome::Ok;
    }
    // The row's range lies within a byte.
    let cid = args.byte(0).unwrap_or_default();
    if args.given() == 1 {
        return if cx.radio.contexts_mut().undefine(cx.storage, cid) {
            Outcome::Ok
        } else {
            let reason = Reason::new(format!("PDP context {cid} is in use"));
            Outcome::cme(
                cme::NOT_ALLOWED,
                reason.remedy("it can be undefined once nothing uses it"),
            )
        };
    }
    let mut definition = cx
        .radio
        .contexts()
        .get(cid)
        .map(|context| context.definition().clone())
        .unwrap_or_default();
    if let Some(name) = args.text(1) {
        let Some(pdp_type) = PdpType::named(name) else {
            let reason = Reason::new("<PDP_type> is none of IP, IPV6 and IPV4V6");
            return Outcome::cme(cme::INCORRECT_PARAMETERS, reason);
        };
        definition.pdp_type = pdp_type;
    }
    if let Some(apn) = args.text(2) {
        definition.apn = apn.into();
    }
    if let Some(address) = args.text(3) {
        definition.address = address.into();
    }
    for (option, index) in definition.options.iter_mut().zip(4..) {
        *option = args.byte(index).unwrap_or(*option);
    }
    cx.radio.contexts_mut().define(cx.storage, cid, definition);
    Outcome::Ok
}

fn activate(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for (cid, context) in cx.radio.contexts().iter() {
            let up = u8::from(context.has_bearer());
            let line = cx.line("+CGACT").value(cid).value(up);
            cx.port.reply(line.as_ref());
        }
        return Outcome::Ok;
    }
    let up = args.flag(0) == Some(true);
    let cids: alloc::vec::Vec<u8> = match args.byte(1) {
        Some(cid) if cx.radio.contexts().get(cid).is_none() => {
            return Outcome::cme(cme::INCORRECT_PARAMETERS, undefined_context(cid));
        }
        Some(cid) => [cid].into(),
        None => cx.radio.contexts().iter().map(|(cid, _)| cid).collect(),
    };
    let mut changed = false;
    for cid in cids {
        changed |= cx.radio.contexts().get(cid).map(PdpContext::has_bearer) != Some(up);
        if !cx.radio.set_bearer(cid, up) {
            return Outcome::cme(cme::NO_NETWORK_SERVICE, no_context(cx.radio, cid));
        }
    }
    if changed {
        Outcome::OkAfter(cx.delay(cx.radio.defaults().activation_delay))
    } else {
        Outcome::Ok
    }
}

fn addresses(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Test {
        return list(cx, "+CGPADDR", |_| true);
    }
    let wanted = args.byte(0);
    if let Some(cid) = wanted
        && cx.radio.contexts().get(cid).is_none()
    {
        return Outcome::cme(cme::INCORRECT_PARAMETERS, undefined_context(cid));
    }
    for (cid, _) in cx.radio.contexts().iter() {
        if wanted.is_some_and(|wanted| wanted != cid) {
            continue;
        }
        let line = cx.line("+CGPADDR").value(cid);
        let line = match cx.radio.local_ip(cid) {
            Some(address) => line.quoted_value(address),
            None => line.quoted(NO_ADDRESS),
        };
        cx.port.reply(line.as_ref());
    }
    Outcome::Ok
}

/// The test form: contexts the command has something to say of.
fn list(cx: &mut Context<'_>, name: &str, of: impl Fn(&PdpContext) -> bool) -> Outcome {
    let contexts = cx.radio.contexts().iter();
    let known = contexts.filter(|(_, context)| of(context));
    let cids: alloc::vec::Vec<String> = known.map(|(cid, _)| cid.to_string()).collect();
    let line = format!("{}({})", cx.name(name), cids.join(","));
    cx.reply(line);
    Outcome::Ok
}

fn parameters(_: &mut (), cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Test {
        return list(cx, "+CGCONTRDP", PdpContext::has_bearer);
    }
    let wanted = args.byte(0);
    for (cid, context) in cx.radio.contexts().iter() {
        let Some(address) = cx.radio.local_ip(cid) else {
            continue;
        };
        if wanted.is_some_and(|wanted| wanted != cid) {
            continue;
        }
        let bearer = (FIRST_BEARER - 1).saturating_add(cid).min(LAST_BEARER);
        let [primary, secondary] = context.dns();
        let line = cx
            .line("+CGCONTRDP")
            .value(cid)
            .value(bearer)
            .quoted(&context.definition().apn)
            .quoted_value(address)
            .quoted("")
            .quoted_value(primary)
            .quoted_value(secondary);
        cx.port.reply(line.as_ref());
    }
    Outcome::Ok
}
