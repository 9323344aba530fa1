//! Commands that ask the network something: a name, the time, an echo
//! (docs/spec/quectel.md section 10).
//!
//! All answer `OK` and report by URC. The context is activated on demand, as
//! AT+QMTOPEN does (docs/spec/quectel.md 3.2).

use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;
use core::ops::Range;

use arrayvec::ArrayVec;

use super::Base;
use super::pdp::{read_address, result};
use crate::command::{Args, Form, Origin, Param, Spec};
use crate::dialects::quectel::Quectel;
use crate::handler::Row;
use crate::handler::shared::long_timestamp;
use crate::handler::shared::no_context;
use crate::handler::{Context, Outcome};
use crate::io::{LinkId, NetError, NetEvent};
use crate::quirks::Millis;
use crate::reason::Reason;
use crate::serial::Channel;
use crate::time::Instant;

/// Look-ups under way at a time; more are refused as busy.
const MOST_LOOKUPS: usize = 4;
/// Addresses shown of one name.
const MOST_ADDRESSES: usize = 8;
/// Seconds a resolved name is good for, as printed.
const TIME_TO_LIVE_S: u32 = 600;
/// Bytes of an echo request, and hops left when it is back, as printed.
const PING_BYTES: u32 = 32;
const PING_TIME_TO_LIVE: u32 = 255;
const PING_INTERVAL: Millis = Millis(1000);
/// Round-trip times are drawn from here, in milliseconds.
const PING_RTT_MS: Range<u64> = 39..64;
/// Echo requests the host gets without asking for a number, and at most.
const PINGS: u8 = 4;
const MOST_PINGS: usize = 10;

const fn spec(name: &'static str, summary: &'static str) -> Spec {
    Spec::new(name, "docs/spec/quectel.md 10", summary).origin(Origin::Field)
}

const CID: Param = Param::int("contextID", 1, 16);

pub(super) static ROWS: [Row<Quectel>; 3] = [
    Row::new(
        spec("+QIDNSGIP", "resolve a name")
            .test_lines(&["+QIDNSGIP: (1-16),<hostname>"])
            .write(&[CID, Param::text("hostname", 1, 255)])
            .max_ms(300)
            .example("+QIDNSGIP=1,\"broker.example\""),
        |q, cx, _, args| ask(q, cx, args, Purpose::Address),
    ),
    Row::new(
        spec("+QNTP", "time from a server")
            .test_lines(&["+QNTP: (1-16),<server>,(1-65535),(0,1)"])
            .write(&[
                CID,
                Param::text("server", 1, 255),
                Param::int("port", 1, 65_535).optional(),
                Param::int("autosettime", 0, 1).optional(),
            ])
            .max_ms(125_000)
            .example("+QNTP=1,\"pool.ntp.org\",123"),
        |q, cx, _, args| {
            let set = args.flag(3).unwrap_or(true);
            ask(q, cx, args, Purpose::Time { set })
        },
    ),
    Row::new(
        spec("+QPING", "echo requests")
            .test_lines(&["+QPING: (1-16),<host>,(1-255),(1-10)"])
            .write(&[
                CID,
                Param::text("host", 1, 255),
                Param::int("timeout", 1, 255).optional(),
                Param::int("pingnum", 1, 10).optional(),
            ])
            .max_settings("timeout times pingnum")
            .example("+QPING=1,\"8.8.8.8\""),
        ping,
    ),
];

/// What a name is resolved for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Address,
    Time { set: bool },
    Ping { count: u8 },
}

#[derive(Debug)]
struct Lookup {
    link: LinkId,
    request: Request,
}

/// A request of the host.
#[derive(Debug, Clone, Copy)]
struct Request {
    cid: u8,
    purpose: Purpose,
    /// Result URCs keep their distance from the `OK`.
    not_before: Instant,
}

/// Echo requests under way.
#[derive(Debug)]
struct Ping {
    cid: u8,
    address: IpAddr,
    count: u8,
    /// Round-trip times so far, in milliseconds.
    times: ArrayVec<u64, MOST_PINGS>,
    next: Instant,
}

/// Everything under way.
#[derive(Debug, Default)]
pub(super) struct Lookups {
    lookups: ArrayVec<Lookup, MOST_LOOKUPS>,
    ping: Option<Ping>,
}

fn ping(q: &mut Quectel, cx: &mut Context<'_>, _: Form, args: &Args<'_>) -> Outcome {
    let pending = &q.base.lookups;
    let busy = pending.ping.is_some()
        || pending
            .lookups
            .iter()
            .any(|lookup| matches!(lookup.request.purpose, Purpose::Ping { .. }));
    if busy {
        let reason = Reason::new("another AT+QPING is under way").remedy("wait for its last line");
        return q.failed(result::BUSY, reason);
    }
    let count = args.byte(3).unwrap_or(PINGS);
    ask(q, cx, args, Purpose::Ping { count })
}

/// Starts whatever the host asked of the name in the second argument.
fn ask(q: &mut Quectel, cx: &mut Context<'_>, args: &Args<'_>, purpose: Purpose) -> Outcome {
    let request = Request {
        cid: args.byte(0).unwrap_or_default(),
        purpose,
        not_before: cx.now + cx.delay(q.knobs.result_delay(q.knobs.lookup_result_ms)),
    };
    let host = args.text(1).unwrap_or_default();
    if q.base.lookups.lookups.is_full() {
        let cause = alloc::format!("{MOST_LOOKUPS} names are being resolved");
        return q.failed(
            result::DNS_BUSY,
            Reason::new(cause).remedy("wait for a result"),
        );
    }
    q.base.last_error = result::DONE;
    if !cx.radio.activate(request.cid) {
        let reason = no_context(cx.radio, request.cid);
        q.base
            .fail(cx, request, result::OPEN_CONTEXT_FAILED, reason);
    } else if let Some(address) = read_address(host) {
        q.base.answer(cx, request, &[address]);
    } else {
        let link = cx.links.resolve(String::from_utf8_lossy(host).into_owned());
        q.base.lookups.lookups.push(Lookup { link, request });
    }
    Outcome::Ok
}

impl Base {
    /// A look-up ended, if the link is one.
    pub(super) fn resolved(&mut self, cx: &mut Context<'_>, link: LinkId, event: &NetEvent<'_>) {
        let lookups = &mut self.lookups.lookups;
        let Some(index) = lookups.iter().position(|lookup| lookup.link == link) else {
            return;
        };
        let Lookup { request, .. } = lookups.remove(index);
        match event {
            NetEvent::Resolved(addresses) if !addresses.is_empty() => {
                self.answer(cx, request, addresses);
            }
            NetEvent::Failed(NetError::TimedOut) => {
                let reason = Reason::new("no name server answered in time");
                self.fail(cx, request, result::TIMED_OUT, reason);
            }
            _ => {
                let reason = Reason::new("the name does not resolve");
                self.fail(
                    cx,
                    request,
                    result::DNS_FAILED,
                    reason.remedy("look at its spelling"),
                );
            }
        }
    }

    /// A context went down, and with it what used it.
    pub(super) fn lost_context(&mut self, cx: &mut Context<'_>, cid: u8) {
        let lookups = &mut self.lookups.lookups;
        let (lost, kept): (ArrayVec<_, MOST_LOOKUPS>, _) = lookups
            .drain(..)
            .partition(|lookup| lookup.request.cid == cid);
        *lookups = kept;
        for lookup in lost {
            cx.links.abort(lookup.link);
            self.fail(cx, lookup.request, result::CONTEXT_BROKEN, broken(cid));
        }
        if let Some(ping) = self.lookups.ping.take_if(|ping| ping.cid == cid) {
            let request = Request {
                cid,
                purpose: Purpose::Ping { count: ping.count },
                not_before: cx.now,
            };
            self.fail(cx, request, result::CONTEXT_BROKEN, broken(cid));
        }
    }

    fn answer(&mut self, cx: &mut Context<'_>, request: Request, addresses: &[IpAddr]) {
        let at = request.not_before;
        let say = |cx: &mut Context<'_>, line: String| cx.urc_at(Channel::Module, at, line);
        match request.purpose {
            Purpose::Address => {
                let shown: Vec<_> = addresses.iter().take(MOST_ADDRESSES).collect();
                let count = shown.len();
                say(
                    cx,
                    alloc::format!("+QIURC: \"dnsgip\",0,{count},{TIME_TO_LIVE_S}"),
                );
                for address in shown {
                    say(cx, alloc::format!("+QIURC: \"dnsgip\",\"{address}\""));
                }
            }
            Purpose::Time { set } => {
                if set {
                    cx.clock.follow_network();
                }
                let local = cx.clock.to_local(cx.clock.network_unix_ms(cx.now));
                let time = long_timestamp(local, cx.clock.zone_quarters());
                say(cx, alloc::format!("+QNTP: 0,\"{time}\""));
            }
            Purpose::Ping { count } => {
                // Names that resolve have an address.
                let Some(&address) = addresses.first() else {
                    return;
                };
                self.lookups.ping = Some(Ping {
                    cid: request.cid,
                    address,
                    count,
                    times: ArrayVec::new(),
                    next: at.max(cx.now),
                });
            }
        }
    }

    fn fail(&mut self, cx: &mut Context<'_>, request: Request, code: u16, reason: Reason) {
        self.last_error = code;
        let line = match request.purpose {
            Purpose::Address => alloc::format!("+QIURC: \"dnsgip\",{code}"),
            Purpose::Time { .. } => alloc::format!("+QNTP: {code}"),
            Purpose::Ping { .. } => alloc::format!("+QPING: {code}"),
        };
        cx.urc_because(Channel::Module, request.not_before, line, reason);
    }
}

fn broken(cid: u8) -> Reason {
    Reason::new(alloc::format!("PDP context {cid} went down"))
}

impl Lookups {
    /// Gives everything up without a word.
    pub(super) fn abort(&mut self, cx: &mut Context<'_>) {
        for lookup in self.lookups.drain(..) {
            cx.links.abort(lookup.link);
        }
        self.ping = None;
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.ping.as_ref().map(|ping| ping.next)
    }

    pub(super) fn handle_timeout(&mut self, cx: &mut Context<'_>) {
        while let Some(ping) = self.ping.as_mut().filter(|ping| ping.next <= cx.now) {
            let time = PING_RTT_MS.start + cx.rng.below(PING_RTT_MS.end - PING_RTT_MS.start);
            cx.urc(alloc::format!(
                "+QPING: 0,\"{}\",{PING_BYTES},{time},{PING_TIME_TO_LIVE}",
                ping.address
            ));
            ping.times.push(time);
            ping.next += cx.delay(PING_INTERVAL);
            if ping.times.len() == usize::from(ping.count) {
                cx.urc(ping.summary());
                self.ping = None;
            }
        }
    }
}

impl Ping {
    /// Sent, received, lost; shortest, longest and mean time.
    fn summary(&self) -> String {
        let count = self.count;
        let min = self.times.iter().min().copied().unwrap_or_default();
        let max = self.times.iter().max().copied().unwrap_or_default();
        let mean = self.times.iter().sum::<u64>() / u64::from(count.max(1));
        alloc::format!("+QPING: 0,{count},{count},0,{min},{max},{mean}")
    }
}
