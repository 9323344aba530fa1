//! The clock, and time from a server (docs/spec/simcom.md section 10).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::super::Knobs;
use super::super::connection::network_not_usable;
use super::{
    Args, Context, Form, Origin, Outcome, Param, Row, SECTION, SimCom, Test, shared, spec,
};
use crate::clock::Civil;
use crate::command::{Answer, Meaning};
use crate::handler::shared::long_timestamp;
use crate::io::{LinkId, NetEvent};
use crate::reason::Reason;
use crate::serial::Channel;

/// `<err>` of `+CNTP`: the network is at fault.
const NETWORK: u8 = 4;
/// Every `<err>` of `+CNTP`.
pub(in super::super) static ERRORS: [Meaning; 6] = [
    Meaning::new("0", "the clock is set"),
    Meaning::new("1", "unknown error"),
    Meaning::new("2", "wrong parameter"),
    Meaning::new("3", "wrong date"),
    Meaning::new("4", "network error")
        .when("the name of the time server does not resolve")
        .remedy("check the name in AT+CNTP?, and the network"),
    Meaning::new("5", "time zone error"),
];

/// Zone of AT+CNTP in quarters of an hour; numbers have no sign
/// (docs/spec/simcom.md 2.6).
const ZONE: Param = Param::int("timezone", 0, 96);

pub(in super::super) static ROWS: [Row<SimCom>; 3] = [
    Row::new(
        shared("+CCLK", SECTION)
            .spec
            .test(Test::Ok)
            .answers(&const { [Answer::new("+CCLK: \"<time>\"")] })
            .origin(Origin::Field),
        |_, cx, form, args| {
            if form == Form::Read {
                // With a year of four digits.
                let time = long_timestamp(cx.clock.local(cx.now), cx.clock.zone_quarters());
                cx.reply(cx.line("+CCLK").quoted(time));
                return Outcome::Ok;
            }
            (shared("+CCLK", SECTION).run)(&mut (), cx, form, args)
        },
    ),
    Row::new(
        spec("+CNTP", "time from a server")
            .test_lines(&["+CNTP: (1-128),(0-96)"])
            .answers(&const { [Answer::new("+CNTP: \"<server>\",<timezone>")] })
            .read()
            .execute()
            .write(&[Param::text("server", 1, 128), ZONE.optional()])
            .example("+CNTP=\"pool.ntp.org\",28"),
        server_time,
    ),
    Row::new(
        spec("+CSNTPSTART", "time from a server, at once")
            .test(Test::Ok)
            .write(&[Param::text("server", 1, 128), Param::text("timezone", 1, 8)])
            .origin(Origin::Decision)
            .example("+CSNTPSTART=\"pool.ntp.org\",\"+32\""),
        |s, cx, _, args| {
            let server = args.text(0).unwrap_or_default();
            let written = args.text(1).unwrap_or_default();
            let Some(zone) = zone(written) else {
                let cause = format!("\"{}\" is no time zone", written.escape_ascii());
                let remedy = "quarters of an hour from -96 to +96, as \"+32\"";
                return Outcome::error(Reason::new(cause).remedy(remedy));
            };
            s.base.time.ask(cx, server, Purpose::Time { zone })
        },
    ),
];

/// What a question is for.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    /// `+CNTP: 0`.
    Result,
    /// `+CSNTP: …`, the local time of a zone in quarters of an hour.
    Time { zone: i8 },
}

/// AT+CNTP's settings, and the question under way.
#[derive(Debug, Default)]
pub(super) struct TimeServer {
    server: Vec<u8>,
    /// Quarters of an hour.
    zone: i8,
    asked: Option<(LinkId, Purpose)>,
}

fn server_time(s: &mut SimCom, cx: &mut Context<'_>, form: Form, args: &Args<'_>) -> Outcome {
    let time = &mut s.base.time;
    match form {
        Form::Read => {
            let line = cx.line("+CNTP").quoted(&time.server);
            cx.reply(line.value(time.zone));
            Outcome::Ok
        }
        Form::Write => {
            time.server = args.text(0).unwrap_or_default().into();
            let zone = args.int(1).and_then(|zone| i8::try_from(zone).ok());
            time.zone = zone.unwrap_or_default();
            Outcome::Ok
        }
        _ => {
            let server = core::mem::take(&mut time.server);
            let outcome = time.ask(cx, &server, Purpose::Result);
            time.server = server;
            outcome
        }
    }
}

/// A zone in quarters of an hour, as `+32` or `-20`.
fn zone(text: &[u8]) -> Option<i8> {
    let quarters = core::str::from_utf8(text).ok()?.parse().ok()?;
    (-96..=96).contains(&quarters).then_some(quarters)
}

/// The network's time in a zone.
fn network_time(cx: &Context<'_>, zone: i8) -> Civil {
    const QUARTER_MS: i64 = 15 * 60 * 1000;
    let unix_ms = cx.clock.network_unix_ms(cx.now);
    Civil::from_unix_ms(unix_ms + i64::from(zone) * QUARTER_MS)
}

impl TimeServer {
    /// The name is resolved for real; the time is that of the network.
    fn ask(&mut self, cx: &mut Context<'_>, server: &[u8], answer: Purpose) -> Outcome {
        if self.asked.is_some() {
            let reason = Reason::new("a time server is being asked already");
            return Outcome::error(reason.remedy("wait for its answer"));
        }
        if server.is_empty() {
            let reason = Reason::new("no time server is set");
            return Outcome::error(reason.remedy("AT+CNTP=\"<server>\" sets one"));
        }
        if !cx.radio.is_attached() {
            return Outcome::error(network_not_usable(cx).reason);
        }
        let name = String::from_utf8_lossy(server).into_owned();
        self.asked = Some((cx.links.resolve(name), answer));
        Outcome::Ok
    }

    pub(super) fn abort(&mut self, cx: &mut Context<'_>) {
        if let Some((link, _)) = self.asked.take() {
            cx.links.abort(link);
        }
    }

    pub(super) fn resolved(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        link: LinkId,
        event: &NetEvent<'_>,
    ) {
        let Some((_, answer)) = self.asked.take_if(|(asked, _)| *asked == link) else {
            return;
        };
        let known = matches!(event, NetEvent::Resolved(addresses) if !addresses.is_empty());
        if known {
            cx.clock.follow_network();
            if matches!(answer, Purpose::Result) {
                let local = network_time(cx, self.zone);
                cx.clock.set_local(cx.now, local, self.zone);
            }
        }
        let at = cx.now + cx.delay(knobs.urc_delay_ms);
        let line = match (answer, known) {
            (Purpose::Result, true) => "+CNTP: 0".into(),
            (Purpose::Result, false) => {
                let reason = Reason::new("the name of the time server does not resolve");
                let line = format!("+CNTP: {NETWORK}");
                return cx.urc_because(Channel::Module, at, line, reason);
            }
            (Purpose::Time { zone }, true) => {
                let time = long_timestamp(network_time(cx, zone), zone);
                // Without century and zone.
                let end = time.len() - 3;
                format!("+CSNTP: {}", &time[2..end])
            }
            // There is no line for a failure.
            (Purpose::Time { .. }, false) => {
                return cx.note("AT+CSNTPSTART: the name of the time server does not resolve");
            }
        };
        cx.urc_at(Channel::Module, at, line);
    }
}
