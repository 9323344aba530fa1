//! PDP contexts (docs/spec/yuge.md section 10).

use alloc::format;

use super::super::CONTEXT;
use super::{Args, Context, Form, Outcome, Param, Row, SECTION, Yuge, cme, shared, spec};
use crate::command::{Answer, Field, Test};
use crate::handler::shared::{meaning, unusable_context};
use crate::reason::Reason;

/// Address of a context that asks the network for one, which is not shown.
const ANY_ADDRESS: &[u8] = b"0.0.0.0";

const CID: Param = Param::int("cid", 1, 8);

pub(in super::super) static ROWS: [Row<Yuge>; 4] = [
    Row::new(
        spec("+CGDCONT", "define a PDP context")
            .read()
            .write(&[
                CID,
                Param::text("type", 1, 8),
                Param::text("apn", 0, 150),
                Param::text("address", 0, 64).optional(),
                Param::int("d_comp", 0, 4).optional(),
                Param::int("h_comp", 0, 4).optional(),
                Param::int("IPv4AddrAlloc", 0, 1).optional(),
                Param::int("request_type", 0, 4).optional(),
            ])
            .test_lines(&[
                "+CGDCONT: (1-8),\"IP\",,,(0-4),(0-4),(0,1),(0-4)",
                "+CGDCONT: (1-8),\"IPV6\",,,(0-4),(0-4),(0,1),(0-4)",
                "+CGDCONT: (1-8),\"IPV4V6\",,,(0-4),(0-4),(0,1),(0-4)",
            ])
            .answers(&[Answer::new(
                "+CGDCONT: <cid>,\"<type>\",\"<apn>\",\"<address>\",<d_comp>,<h_comp>",
            )])
            .example("+CGDCONT=1,\"IP\",\"cmnet\""),
        define,
    ),
    Row::new(
        spec("+CGACT", "activate a PDP context")
            .read()
            .test_lines(&["+CGACT: (0,1)"])
            .write(&[Param::int("state", 0, 1).values(&meaning::ATTACHED), CID])
            .answers(&[Answer::new("+CGACT: <cid>,<state>").fields(
                &const { [Field::new("state", "PDP context").values(&meaning::ATTACHED)] },
            )])
            .example("+CGACT=1,1"),
        |_, cx, form, args| (shared("+CGACT", SECTION).run)(&mut (), cx, form, args),
    ),
    Row::new(
        spec("+CGPADDR", "addresses of PDP contexts")
            .test(Test::Computed)
            .execute()
            .write(&[CID])
            .answers(&[Answer::new("+CGPADDR: <cid>,\"<address>\"")])
            .example("+CGPADDR=1"),
        |_, cx, form, args| (shared("+CGPADDR", SECTION).run)(&mut (), cx, form, args),
    ),
    Row::new(
        spec(
            "+QIPACT",
            "activate the context of the module's own connections",
        )
        .read()
        .test_lines(&["+QIPACT: (1)"])
        .write(&[Param::int("state", 1, 1)])
        .answers(&[Answer::new("+QIPACT:<cid>,<state>")
            .fields(&const { [Field::new("state", "the context").values(&meaning::ATTACHED)] })])
        .example("+QIPACT=1"),
        activate,
    ),
];

fn define(_: &mut Yuge, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Write {
        return (shared("+CGDCONT", SECTION).run)(&mut (), cx, form, args);
    }
    for (cid, context) in cx.radio.contexts().iter() {
        let definition = context.definition();
        let address = if definition.address == ANY_ADDRESS {
            &[]
        } else {
            &definition.address[..]
        };
        let [d_comp, h_comp, ..] = definition.options;
        let line = cx
            .line("+CGDCONT")
            .value(cid)
            .quoted(definition.pdp_type.name())
            .quoted(&definition.apn)
            .quoted(address)
            .value(d_comp)
            .value(h_comp);
        cx.port.reply(line.as_ref());
    }
    Outcome::Ok
}

/// Its URC has one space where its read form has none, as seen in the field.
fn activate(_: &mut Yuge, cx: &mut Context<'_>, form: Form, _: &Args<'_>) -> Outcome {
    if form == Form::Read {
        let up = cx.radio.local_ip(CONTEXT).is_some();
        cx.reply(format!("+QIPACT:{CONTEXT},{}", u8::from(up)));
        return Outcome::Ok;
    }
    if !cx.radio.set_bearer(CONTEXT, true) {
        let reason = unusable_context(cx.radio, CONTEXT);
        let reason = reason.unwrap_or_else(|| Reason::new("the network gives no bearer"));
        return Outcome::cme(cme::NOT_ALLOWED, reason);
    }
    if let Some(address) = cx.radio.local_ip(CONTEXT) {
        cx.urc(format!("+QIPACTURC: {CONTEXT},1,\"{address}\""));
    }
    Outcome::Ok
}
