//! TCP/IP contexts (docs/spec/quectel.md section 10). Failures are plain `ERROR`;
//! AT+QIGETERROR says why.

use core::net::IpAddr;

use crate::command::{Args, Form, Origin, Param, Spec};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::{Context, Outcome};
use crate::radio::PdpType;

/// Result codes of the TCP/IP commands.
pub(super) mod result {
    pub(in super::super) const DONE: u16 = 0;
    pub(in super::super) const WRONG_PARAMETERS: u16 = 552;
    pub(in super::super) const OPEN_CONTEXT_FAILED: u16 = 561;
    pub(in super::super) const DNS_BUSY: u16 = 564;
    pub(in super::super) const DNS_FAILED: u16 = 565;
    pub(in super::super) const BUSY: u16 = 568;
    pub(in super::super) const TIMED_OUT: u16 = 569;
    pub(in super::super) const CONTEXT_BROKEN: u16 = 570;
    pub(in super::super) const NOT_ALLOWED: u16 = 572;
}

fn result_text(code: u16) -> &'static str {
    match code {
        result::DONE => "operate successfully",
        result::WRONG_PARAMETERS => "invalid parameters",
        result::OPEN_CONTEXT_FAILED => "open PDP context failed",
        result::DNS_BUSY => "DNS busy",
        result::DNS_FAILED => "DNS parse failed",
        result::BUSY => "operation busy",
        result::TIMED_OUT => "operation timeout",
        result::CONTEXT_BROKEN => "PDP context broken down",
        result::NOT_ALLOWED => "operation not allowed",
        _ => "unknown error",
    }
}

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary)
        .max_ms(300)
        .origin(Origin::Field)
}

const CID: Param = Param::int("contextID", 1, 16);

pub(super) static ROWS: [Row<Quectel>; 5] = [
    Row::new(
        spec("+QICSGP", "define a TCP/IP context")
            .write(&[
                CID,
                Param::int("context_type", 1, 3).optional(),
                Param::text("APN", 0, 150).optional(),
                Param::text("username", 0, 127).optional(),
                Param::text("password", 0, 127).optional(),
                Param::int("authentication", 0, 3).optional(),
            ])
            .example("+QICSGP=1,1,\"cmnet\",\"\",\"\",0"),
        define,
    ),
    Row::new(
        spec("+QIACT", "activate a TCP/IP context")
            .read()
            .write(&[CID])
            .max_ms(150_000)
            .example("+QIACT=1"),
        activate,
    ),
    Row::new(
        spec("+QIDEACT", "deactivate a TCP/IP context")
            .write(&[CID])
            .max_ms(40_000)
            .example("+QIDEACT=1"),
        deactivate,
    ),
    Row::new(
        spec("+QIDNSCFG", "name servers of a context")
            .write(&[
                CID,
                Param::text("pridnsaddr", 0, 45).optional(),
                Param::text("secdnsaddr", 0, 45).optional(),
            ])
            .example("+QIDNSCFG=1,\"8.8.8.8\",\"8.8.4.4\""),
        name_servers,
    ),
    Row::new(
        spec("+QIGETERROR", "result of the last TCP/IP command").execute(),
        |q, cx, _, _| {
            let code = q.base.last_error;
            let line = cx.line("+QIGETERROR").value(code);
            cx.reply(line.value(result_text(code)));
            Outcome::Ok
        },
    ),
];

impl Quectel {
    /// Notes the result of a TCP/IP command for AT+QIGETERROR.
    pub(super) fn note_result(&mut self, code: u16) -> Outcome {
        self.base.last_error = code;
        if code == result::DONE {
            Outcome::Ok
        } else {
            Outcome::Error
        }
    }
}

fn define(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let cid = args.byte(0).unwrap_or_default();
    let present = cx.radio.contexts().get(cid).map(|c| c.definition().clone());
    let mut definition = present.unwrap_or_default();
    if args.given() == 1 {
        let line = cx.line("+QICSGP").value(definition.pdp_type.number());
        cx.reply(
            line.quoted(definition.apn)
                .quoted(definition.user)
                .quoted(definition.password)
                .value(definition.authentication),
        );
        return Outcome::Ok;
    }
    let pdp_type = args.byte(1).and_then(PdpType::numbered);
    let (Some(pdp_type), Some(apn)) = (pdp_type, args.text(2)) else {
        return q.note_result(result::WRONG_PARAMETERS);
    };
    definition.pdp_type = pdp_type;
    definition.apn = apn.into();
    if let Some(user) = args.text(3) {
        definition.user = user.into();
    }
    if let Some(password) = args.text(4) {
        definition.password = password.into();
    }
    definition.authentication = args.byte(5).unwrap_or(definition.authentication);
    cx.radio.contexts_mut().define(cx.storage, cid, definition);
    q.note_result(result::DONE)
}

fn activate(q: &mut Quectel, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    if form == Form::Read {
        for (cid, context) in cx.radio.contexts().iter() {
            if let (true, Some(address)) = (context.is_in_use(), cx.radio.local_ip(cid)) {
                let line = cx
                    .line("+QIACT")
                    .value(cid)
                    .value(1)
                    .value(context.definition().pdp_type.number())
                    .quoted_value(address);
                cx.port.reply(line.as_ref());
            }
        }
        return Outcome::Ok;
    }
    let cid = args.byte(0).unwrap_or_default();
    if cx.radio.is_active(cid) {
        return q.note_result(result::NOT_ALLOWED);
    }
    if !cx.radio.activate(cid) {
        return q.note_result(result::OPEN_CONTEXT_FAILED);
    }
    q.base.last_error = result::DONE;
    Outcome::OkAfter(cx.delay(cx.radio.defaults().activation_delay))
}

fn deactivate(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let cid = args.byte(0).unwrap_or_default();
    q.base.last_error = result::DONE;
    if !cx.radio.is_active(cid) {
        return Outcome::Ok;
    }
    cx.radio.deactivate(cid);
    Outcome::OkAfter(cx.delay(cx.radio.defaults().activation_delay))
}

fn name_servers(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let cid = args.byte(0).unwrap_or_default();
    let Some(context) = cx.radio.contexts_mut().get_mut(cid) else {
        return q.note_result(result::WRONG_PARAMETERS);
    };
    let mut servers = context.dns();
    if args.given() == 1 {
        let [primary, secondary] = servers;
        let line = cx.line("+QIDNSCFG").value(cid);
        cx.reply(line.quoted_value(primary).quoted_value(secondary));
        return Outcome::Ok;
    }
    for (server, index) in servers.iter_mut().zip(1..) {
        let Some(text) = args.text(index) else {
            continue;
        };
        match read_address(text) {
            Some(address) => *server = address,
            None => return q.note_result(result::WRONG_PARAMETERS),
        }
    }
    context.set_dns(servers);
    q.note_result(result::DONE)
}

/// An IP address in digits.
pub(super) fn read_address(text: &[u8]) -> Option<IpAddr> {
    core::str::from_utf8(text).ok()?.parse().ok()
}
