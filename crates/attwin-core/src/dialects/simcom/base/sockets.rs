//! What is left of the socket service for a host that only opens it: the
//! service itself, its settings, and names (docs/spec/simcom.md section 10).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::connection::network_not_usable;
use super::super::{CONTEXT, Failure};
use super::{Args, Context, Form, Outcome, Param, Row, SimCom, Test, spec};
use crate::command::{Answer, Field, Meaning};
use crate::io::{LinkId, NetEvent};
use crate::reason::Reason;
use crate::serial::Channel;

/// `<dns error code>` of `+CDNSGIP`: the name is not known.
const NAME_UNKNOWN: u8 = 10;
static DNS_ERRORS: [Meaning; 1] =
    [Meaning::new("10", "the name does not resolve").remedy("check the name")];

/// `<net_state>` of AT+NETOPEN?.
static STATES: [Meaning; 2] = [Meaning::new("0", "closed"), Meaning::new("1", "open")];
/// `<err>` of `+NETOPEN` and `+NETCLOSE`.
pub(in super::super) static RESULTS: [Meaning; 2] = [
    Meaning::new("0", "done"),
    Meaning::new("1", "failed")
        .when("the data context cannot be used")
        .remedy("wait for AT+CEREG? to show 1 or 5, and AT+CGACT? to show 0,1"),
];

pub(in super::super) static ROWS: [Row<SimCom>; 8] = [
    Row::new(
        spec("+NETOPEN", "open the socket service")
            .test(Test::Ok)
            .read()
            .execute()
            .answers(&[
                Answer::new("+NETOPEN: <net_state>")
                    .fields(const { &[Field::new("net_state", "the service").values(&STATES)] }),
                Answer::new("+IP ERROR: <text>"),
            ]),
        open,
    ),
    Row::new(
        spec("+NETCLOSE", "close the socket service")
            .test(Test::Ok)
            .execute()
            .answers(&const { [Answer::new("+IP ERROR: <text>")] }),
        close,
    ),
    Row::new(
        spec("+IPADDR", "address of the socket service")
            .test(Test::Ok)
            .execute()
            .answers(
                &const {
                    [
                        Answer::new("+IPADDR: <address>"),
                        Answer::new("+IP ERROR: <text>"),
                    ]
                },
            ),
        address,
    ),
    Row::new(
        spec("+CIPMODE", "transparent mode")
            .test_lines(&["+CIPMODE: (0)"])
            .write(&[Param::int("mode", 0, 0)])
            .example("+CIPMODE=0"),
        accept,
    ),
    Row::new(
        spec("+CIPSENDMODE", "how sending is confirmed")
            .test_lines(&["+CIPSENDMODE: (0,1)"])
            .write(&[Param::int("mode", 0, 1)])
            .example("+CIPSENDMODE=0"),
        accept,
    ),
    Row::new(
        spec("+CIPCCFG", "settings of sockets")
            .test_lines(&["+CIPCCFG: (0-10),(0-1000),(0,1),(0,1),(0,1),(0,1),(500-120000)"])
            .write(&[
                Param::int("NmRetry", 0, 10),
                Param::int("DelayTm", 0, 1000).optional(),
                Param::int("Ack", 0, 1).optional(),
                Param::int("errMode", 0, 1).optional(),
                Param::int("HeaderType", 0, 1).optional(),
                Param::int("AsyncMode", 0, 1).optional(),
                Param::int("TimeoutVal", 500, 120_000).optional(),
            ])
            .example("+CIPCCFG=10,0,0,0,1,0,75000"),
        accept,
    ),
    Row::new(
        spec("+CIPTIMEOUT", "time-outs of sockets")
            .test_lines(&["+CIPTIMEOUT: (3000-120000),(3000-120000),(3000-120000)"])
            .write(&[
                Param::int("netopen_timeout", 3000, 120_000),
                Param::int("cipopen_timeout", 3000, 120_000).optional(),
                Param::int("cipsend_timeout", 3000, 120_000).optional(),
            ])
            .example("+CIPTIMEOUT=75000,15000,15000"),
        accept,
    ),
    Row::new(
        spec("+CDNSGIP", "resolve a name")
            .test(Test::Ok)
            .answers(&[
                const { Answer::new("+CDNSGIP: 1,\"<domain_name>\",\"<address>\"") },
                Answer::new("+CDNSGIP: 0,<dns_error>")
                    .fields(const { &[Field::new("dns_error", "why not").values(&DNS_ERRORS)] }),
            ])
            .write(&[Param::text("domain_name", 1, 254)])
            .example("+CDNSGIP=\"broker.example\""),
        resolve,
    ),
];

/// The socket service. It has nothing to do with that of MQTT.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    open: bool,
    /// The name a command line waits for.
    asked: Option<(LinkId, Vec<u8>)>,
}

impl Sockets {
    /// The network is gone.
    pub(super) fn close(&mut self) {
        self.open = false;
    }

    pub(super) fn abort(&mut self, cx: &mut Context<'_>) {
        if let Some((link, _)) = self.asked.take() {
            cx.links.abort(link);
        }
    }

    pub(super) fn resolved(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        let Some((_, name)) = self.asked.take_if(|(asked, _)| *asked == link) else {
            return;
        };
        let line = cx.line("+CDNSGIP");
        match event {
            NetEvent::Resolved([address, ..]) => {
                cx.reply(line.value(1).quoted(name).quoted_value(address));
                cx.complete(Outcome::Ok);
            }
            _ => {
                cx.reply(line.value(0).value(NAME_UNKNOWN));
                let cause = format!("the name \"{}\" does not resolve", name.escape_ascii());
                cx.complete(Outcome::error(Reason::new(cause)));
            }
        }
    }
}

fn open(s: &mut SimCom, cx: &mut Context<'_>, form: Form, _: &Args<'_>) -> Outcome {
    let sockets = &mut s.base.sockets;
    if form == Form::Read {
        cx.reply(format!("+NETOPEN: {}", u8::from(sockets.open)));
        return Outcome::Ok;
    }
    if sockets.open {
        cx.reply("+IP ERROR: Network is already opened");
        let reason = Reason::new("the socket service is open already");
        return Outcome::error(reason.remedy("AT+NETCLOSE closes it"));
    }
    sockets.open = cx.radio.activate(CONTEXT);
    if sockets.open {
        return later(s, cx, "+NETOPEN: 0".into());
    }
    let Failure { reason, .. } = network_not_usable(cx);
    let at = cx.now + cx.delay(s.knobs.urc_delay_ms);
    cx.urc_because(Channel::Module, at, "+NETOPEN: 1", reason);
    Outcome::Ok
}

fn close(s: &mut SimCom, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    if !core::mem::take(&mut s.base.sockets.open) {
        return not_open(cx);
    }
    later(s, cx, "+NETCLOSE: 0".into())
}

fn address(s: &mut SimCom, cx: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    match cx.radio.local_ip(CONTEXT).filter(|_| s.base.sockets.open) {
        Some(address) => {
            cx.reply(cx.line("+IPADDR").value(address));
            Outcome::Ok
        }
        None => not_open(cx),
    }
}

fn not_open(cx: &mut Context<'_>) -> Outcome {
    cx.reply("+IP ERROR: Network not opened");
    let reason = Reason::new("the socket service is not open");
    Outcome::error(reason.remedy("AT+NETOPEN opens it"))
}

/// OK now, and the result a little later.
fn later(s: &SimCom, cx: &mut Context<'_>, line: String) -> Outcome {
    let at = cx.now + cx.delay(s.knobs.urc_delay_ms);
    cx.urc_at(Channel::Module, at, line);
    Outcome::Ok
}

fn resolve(s: &mut SimCom, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let name = args.text(0).unwrap_or_default();
    if !cx.radio.is_attached() {
        return Outcome::error(network_not_usable(cx).reason);
    }
    let link = cx.links.resolve(String::from_utf8_lossy(name).into_owned());
    s.base.sockets.asked = Some((link, name.into()));
    Outcome::Wait
}

fn accept(_: &mut SimCom, _: &mut Context<'_>, _: Form, _: &Args<'_>) -> Outcome {
    Outcome::Ok
}
