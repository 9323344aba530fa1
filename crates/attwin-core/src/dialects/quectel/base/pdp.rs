//! TCP/IP contexts (docs/spec/quectel.md section 10). Failures are plain `ERROR`;
//! AT+QIGETERROR says why.

use alloc::format;
use core::net::IpAddr;

use crate::command::{Answer, Args, Field, Form, Meaning, Origin, Param, Spec, Test};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::shared::no_context;
use crate::handler::{Context, Outcome};
use crate::radio::PdpType;
use crate::reason::Reason;

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

static TYPES: [Meaning; 3] = [
    Meaning::new("1", "IPv4"),
    Meaning::new("2", "IPv6"),
    Meaning::new("3", "IPv4 and IPv6"),
];
static AUTHENTICATION: [Meaning; 4] = [
    Meaning::new("0", "none"),
    Meaning::new("1", "PAP"),
    Meaning::new("2", "CHAP"),
    Meaning::new("3", "PAP or CHAP"),
];
static ACTIVE: [Meaning; 2] = [Meaning::new("0", "not active"), Meaning::new("1", "active")];
/// Results of the TCP/IP commands, AT+QIGETERROR.
pub(in super::super) static RESULTS: [Meaning; 9] = [
    Meaning::new("0", "done"),
    Meaning::new("552", "a parameter is wrong"),
    Meaning::new("561", "the PDP context could not be activated")
        .remedy("wait for AT+CREG? to say 1 or 5"),
    Meaning::new("564", "too many names are being resolved").remedy("wait for a result"),
    Meaning::new("565", "the name does not resolve"),
    Meaning::new("568", "the module is busy with the same").remedy("wait for its result"),
    Meaning::new("569", "no answer came in time"),
    Meaning::new("570", "the PDP context went down"),
    Meaning::new("572", "not allowed").when("the context is active already"),
];

pub(super) static ROWS: [Row<Quectel>; 5] = [
    Row::new(
        spec("+QICSGP", "define a TCP/IP context")
            .test_lines(&["+QICSGP: (1-16),(1-3),<APN>,<username>,<password>,(0-3)"])
            .write(&const {
                [
                    CID,
                    Param::int("context_type", 1, 3).optional().values(&TYPES),
                    Param::text("APN", 0, 150).optional(),
                    Param::text("username", 0, 127).optional(),
                    Param::text("password", 0, 127).optional(),
                    Param::int("authentication", 0, 3)
                        .optional()
                        .values(&AUTHENTICATION),
                ]
            })
            .answers(&const {
                [Answer::new(
                    "+QICSGP: <context_type>,\"<APN>\",\"<username>\",\"<password>\",<authentication>",
                )
                .fields(&const {
                    [
                        Field::new("context_type", "addresses").values(&TYPES),
                        Field::new("authentication", "at the access point")
                            .values(&AUTHENTICATION),
                    ]
                })]
            })
            .example("+QICSGP=1,1,\"cmnet\",\"\",\"\",0"),
        define,
    ),
    Row::new(
        spec("+QIACT", "activate a TCP/IP context")
            .test_lines(&["+QIACT: (1-16)"])
            .read()
            .write(&[CID])
            .answers(&const {
                [Answer::new(
                    "+QIACT: <contextID>,<context_state>,<context_type>,\"<IP_address>\"",
                )
                .fields(&const {
                    [
                        Field::new("context_state", "state").values(&ACTIVE),
                        Field::new("context_type", "addresses").values(&TYPES),
                    ]
                })]
            })
            .max_ms(150_000)
            .example("+QIACT=1"),
        activate,
    ),
    Row::new(
        spec("+QIDEACT", "deactivate a TCP/IP context")
            .test_lines(&["+QIDEACT: (1-16)"])
            .write(&[CID])
            .max_ms(40_000)
            .example("+QIDEACT=1"),
        deactivate,
    ),
    Row::new(
        spec("+QIDNSCFG", "name servers of a context")
            .test_lines(&["+QIDNSCFG: (1-16),<pridnsaddr>,<secdnsaddr>"])
            .answers(&[Answer::new(
                "+QIDNSCFG: <contextID>,\"<pridnsaddr>\",\"<secdnsaddr>\"",
            )])
            .write(&[
                CID,
                Param::text("pridnsaddr", 0, 45).optional(),
                Param::text("secdnsaddr", 0, 45).optional(),
            ])
            .example("+QIDNSCFG=1,\"8.8.8.8\",\"8.8.4.4\""),
        name_servers,
    ),
    Row::new(
        spec("+QIGETERROR", "result of the last TCP/IP command")
            .test(Test::Ok)
            .execute()
            .answers(&[Answer::new("+QIGETERROR: <err>,<errcode_description>")
                .fields(&const { [Field::new("err", "result").values(&RESULTS)] })]),
        |q, cx, _, _| {
            let code = q.base.last_error;
            let line = cx.line("+QIGETERROR").value(code);
            cx.reply(line.value(result_text(code)));
            Outcome::Ok
        },
    ),
];

impl Quectel {
    /// A TCP/IP command succeeded, as AT+QIGETERROR says.
    fn done(&mut self) -> Outcome {
        self.base.last_error = result::DONE;
        Outcome::Ok
    }

    /// A TCP/IP command failed: AT+QIGETERROR says the code.
    pub(super) fn failed(&mut self, code: u16, reason: Reason) -> Outcome {
        self.base.last_error = code;
        Outcome::error(reason)
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
        let reason = Reason::new("<context_type> and <APN> go together");
        return q.failed(result::WRONG_PARAMETERS, reason);
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
    q.done()
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
        let reason = Reason::new(format!("PDP context {cid} is active already"));
        return q.failed(
            result::NOT_ALLOWED,
            reason.remedy("AT+QIACT? lists active contexts"),
        );
    }
    if !cx.radio.activate(cid) {
        return q.failed(result::OPEN_CONTEXT_FAILED, no_context(cx.radio, cid));
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
        return q.failed(result::WRONG_PARAMETERS, no_context(cx.radio, cid));
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
            None => {
                let reason = Reason::new("a name server is no IP address in digits");
                return q.failed(result::WRONG_PARAMETERS, reason);
            }
        }
    }
    context.set_dns(servers);
    q.done()
}

/// An IP address in digits.
pub(super) fn read_address(text: &[u8]) -> Option<IpAddr> {
    core::str::from_utf8(text).ok()?.parse().ok()
}
