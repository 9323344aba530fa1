//! One of the six MQTT clients: its limits, and what a host asks of it
//! (docs/spec/quectel.md section 7).

mod events;

use alloc::boxed::Box;
use alloc::string::String;
use core::time::Duration;

use super::Knobs;
use super::refused::{self, Failure, Needs};
use super::settings::Settings;
use super::slots::Slots;
use crate::handler::Context;
use crate::io::LinkId;
use crate::mqtt::client::{self, Phase, Route};
use crate::mqtt::packet::{ConnectFields, TooLong};
use crate::mqtt::session::{Ask, Delivery, Limits, Options, PacketId, PingRule, Retry, Rules};
use crate::quirks::Millis;
use crate::reason::Reason;
use crate::serial::Channel;
use crate::time::Instant;
use crate::tls::TlsSettings;

/// How long opening may take altogether (docs/spec/quectel.md 3.2).
const OPEN_TIMEOUT: Duration = Duration::from_secs(120);
/// How long TCP may take to connect (docs/spec/quectel.md 3.2).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(75);
/// How long the server may take to close after our DISCONNECT
/// (docs/spec/quectel.md 3.5).
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Unacknowledged QoS 1 and 2 publishes of one client (docs/spec/quectel.md 6.4).
const WINDOW: u16 = 5;
/// Requests whose result line is still to come. More than the window, because
/// QoS 0, SUBSCRIBE and UNSUBSCRIBE do not count there; beyond, a request fails
/// with result 2.
const MOST_PENDING: usize = 64;
/// What stands between a client's index and the channel of its late results.
#[expect(clippy::cast_possible_truncation, reason = "six clients")]
const LATE: u8 = super::CLIENTS as u8;

/// Results of `+QMTOPEN` that say failure (docs/spec/quectel.md 3.2).
pub(super) mod open {
    pub(in super::super) const FAILED: i8 = -1;
    pub(in super::super) const WRONG_PARAMETER: i8 = 1;
    pub(in super::super) const OCCUPIED: i8 = 2;
    pub(in super::super) const PDP_FAILED: i8 = 3;
    pub(in super::super) const DNS_FAILED: i8 = 4;
    pub(in super::super) const NETWORK_LOST: i8 = 5;
}

/// A request of the server, as its result line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Subscribe,
    Unsubscribe,
    /// What a publish is called depends on the module and on its form.
    Publish(&'static str),
}

impl Name {
    const fn text(self) -> &'static str {
        match self {
            Self::Subscribe => "QMTSUB",
            Self::Unsubscribe => "QMTUNS",
            Self::Publish(name) => name,
        }
    }
}

/// A request whose result line is still to come.
#[derive(Debug)]
struct Pending {
    name: Name,
    /// The line keeps its distance from the `OK` (docs/spec/quectel.md 2.8).
    not_before: Instant,
}

/// One client.
#[derive(Debug)]
pub(super) struct Client {
    index: u8,
    pub(super) settings: Settings,
    mqtt: client::Client<Pending>,
    /// PDP context the connection uses.
    context: u8,
    /// Whether the connection uses TLS.
    tls: bool,
    /// Whether the result of AT+QMTCONN or AT+QMTDISC was said; after a refusal
    /// and after DISCONNECT the client waits for the server to close.
    answered: bool,
    /// CONNACK's return code, where it refused the connection.
    refused: u8,
    /// Distance the result of the command in progress keeps from its `OK`.
    result_not_before: Instant,
    /// Distance `+QMTSTAT: i,5` keeps from the `OK` of AT+QMTDISC.
    stat_not_before: Instant,
    pub(super) slots: Slots,
}

impl Client {
    pub(super) fn new(index: u8) -> Self {
        Self {
            index,
            settings: Settings::default(),
            mqtt: client::Client::default(),
            context: 0,
            tls: false,
            answered: false,
            refused: 0,
            result_not_before: Instant::ZERO,
            stat_not_before: Instant::ZERO,
            slots: Slots::default(),
        }
    }

    pub(super) const fn index(&self) -> u8 {
        self.index
    }

    pub(super) const fn phase(&self) -> Phase {
        self.mqtt.phase()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.mqtt.is_connected()
    }

    pub(super) const fn link(&self) -> Option<LinkId> {
        self.mqtt.link()
    }

    /// Host and port of the connection, or of the last one.
    pub(super) fn server(&self) -> (&str, u16) {
        self.mqtt.server()
    }

    /// Whether the connection uses TLS; the settings may have changed since
    /// it was opened (docs/spec/quectel.md 3.1).
    pub(super) const fn uses_tls(&self) -> bool {
        self.tls
    }

    /// Whether AT+QMTCFG may set options (docs/spec/quectel.md 3.1).
    const fn is_configurable(&self) -> bool {
        matches!(self.phase(), Phase::Closed | Phase::Opening | Phase::Open)
    }

    /// Whether TCP is up and the client listed by the read forms of
    /// AT+QMTOPEN and AT+QMTCONN (docs/spec/quectel.md 7.1).
    pub(super) const fn is_listed(&self) -> bool {
        !matches!(self.phase(), Phase::Closed | Phase::Opening)
    }

    /// Whether another QoS 1 or 2 publish fits the window.
    pub(super) fn has_window(&self) -> bool {
        self.mqtt.unacknowledged() < usize::from(WINDOW)
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.mqtt.poll_timeout()
    }

    /// Whether the client is in the state a command needs; else why not.
    pub(super) fn check(&self, needs: Needs) -> Result<(), Reason> {
        let fits = match needs {
            Needs::Open => self.phase() == Phase::Open,
            Needs::Link => self.is_listed(),
            Needs::Connected => self.is_connected(),
            Needs::NoConnection => self.is_configurable(),
        };
        if fits {
            Ok(())
        } else {
            Err(refused::state(self.index, self.phase(), needs))
        }
    }

    /// Opening ended: result 0, or a failure.
    pub(super) fn report_open(&self, cx: &mut Context<'_>, result: Result<(), Failure<i8>>) {
        self.result(cx, self.result_not_before, "+QMTOPEN", result);
    }

    // Commands

    /// AT+QMTOPEN was accepted.
    pub(super) fn open(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        server: (String, u16),
        tls: Option<Box<TlsSettings>>,
    ) {
        self.context = self.settings.pdp_context;
        self.tls = tls.is_some();
        let route = Route {
            server,
            tls,
            connect_timeout: CONNECT_TIMEOUT,
            limit: OPEN_TIMEOUT,
        };
        self.mqtt.open(cx.now, cx.links, route);
        self.begin(cx, knobs.result_delay(knobs.open_result_ms));
    }

    /// AT+QMTOPEN has its result at once.
    pub(super) fn open_failed(&self, cx: &mut Context<'_>, knobs: &Knobs, failure: Failure<i8>) {
        let own = knobs.result_delay(knobs.open_result_ms);
        self.result(cx, cx.now + cx.delay(own), "+QMTOPEN", Err(failure));
    }

    /// AT+QMTCONN was accepted.
    pub(super) fn connect(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        connect: ConnectFields,
    ) -> Result<(), TooLong> {
        let options = Options {
            connect,
            connack_timeout: self.packet_timeout(),
            rules: self.rules(knobs),
        };
        self.mqtt.connect(cx.now, options)?;
        self.begin(cx, knobs.result_delay(knobs.connect_result_ms));
        self.drive(cx, knobs);
        Ok(())
    }

    /// AT+QMTDISC was accepted.
    pub(super) fn disconnect(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        self.mqtt.disconnect(cx.now, Some(DISCONNECT_TIMEOUT));
        self.begin(cx, knobs.result_delay(knobs.disconnect_result_ms));
        self.stat_not_before = cx.now + cx.delay(knobs.disconnect_stat_ms);
        self.drive(cx, knobs);
    }

    /// AT+QMTCLOSE: TCP is closed without DISCONNECT.
    pub(super) fn close(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        self.hang_up(cx);
        let own = knobs.result_delay(knobs.close_result_ms);
        self.result::<i8>(cx, cx.now + cx.delay(own), "+QMTCLOSE", Ok(()));
    }

    /// Power is gone, or the module restarts.
    pub(super) fn reset(&mut self, cx: &mut Context<'_>) {
        self.mqtt.abort(cx.links);
        *self = Self::new(self.index);
    }

    /// Makes a request of the server. One that is not taken fails with result
    /// 2, after the `OK` all the same (docs/spec/quectel.md 3.6, 3.8).
    pub(super) fn request(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        name: Name,
        id: u16,
        ask: Ask<'_>,
    ) {
        let own = match name {
            Name::Subscribe | Name::Unsubscribe => knobs.subscribe_result_ms,
            Name::Publish(_) => knobs.publish_result_ms,
        };
        let not_before = cx.now + cx.delay(knobs.result_delay(own));
        let retry = Retry {
            timeout: self.packet_timeout(),
            retries: self.settings.retries,
            whole_exchange: false,
        };
        let pending = Pending { name, not_before };
        let id_of_host = PacketId::Host(id);
        let taken = if self.mqtt.requests().len() < MOST_PENDING {
            let taken = self.mqtt.request(cx.now, id_of_host, ask, retry, pending);
            taken.map_err(refused::request)
        } else {
            let cause = alloc::format!("{MOST_PENDING} requests are without their result");
            Err(Reason::new(cause).remedy("wait for some of them"))
        };
        if let Err(reason) = taken {
            let line = alloc::format!("+{}: {},{id},2", name.text(), self.index);
            cx.urc_because(self.channel(), not_before, line, reason);
        }
        self.drive(cx, knobs);
    }

    // Helpers

    /// A command was accepted whose result comes by URC, so long after it.
    fn begin(&mut self, cx: &mut Context<'_>, result: Millis) {
        self.answered = false;
        self.result_not_before = cx.now + cx.delay(result);
        self.trace(cx);
    }

    /// A result line of the client: 0, or a code of failure with its reason.
    fn result<C: core::fmt::Display>(
        &self,
        cx: &mut Context<'_>,
        not_before: Instant,
        name: &str,
        result: Result<(), Failure<C>>,
    ) {
        let index = self.index;
        match result {
            Ok(()) => cx.urc_at(
                self.channel(),
                not_before,
                alloc::format!("{name}: {index},0"),
            ),
            Err(Failure { code, reason }) => {
                let line = alloc::format!("{name}: {index},{code}");
                cx.urc_because(self.channel(), not_before, line, reason);
            }
        }
    }

    const fn channel(&self) -> Channel {
        Channel::Client(self.index)
    }

    /// The channel of results that wait for messages.
    const fn late_channel(&self) -> Channel {
        Channel::Client(self.index + LATE)
    }

    /// We end the connection. Pending requests vanish with it
    /// (docs/spec/quectel.md 6.7).
    fn hang_up(&mut self, cx: &mut Context<'_>) {
        self.mqtt.close(cx.links);
        self.ended(cx);
    }

    /// The connection is gone, or the network does not serve it any more.
    fn abort(&mut self, cx: &mut Context<'_>) {
        self.mqtt.abort(cx.links);
        self.ended(cx);
    }

    fn ended(&mut self, cx: &mut Context<'_>) {
        self.slots = Slots::default();
        self.trace(cx);
    }

    fn packet_timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.settings.packet_timeout))
    }

    fn rules(&self, knobs: &Knobs) -> Rules {
        let keep_alive = Duration::from_secs(u64::from(self.settings.keep_alive));
        Rules {
            window: WINDOW,
            release_abandoned: true,
            delivery: Delivery::OnRelease,
            ping: PingRule::UntilSilent {
                every: Duration::from_secs(u64::from(self.settings.ping_interval)),
                silence: knobs.ping_deadline_factor.of(keep_alive),
            },
            any_packet_answers_ping: true,
            write_timeout: Some(self.packet_timeout() * (u32::from(self.settings.retries) + 1)),
            limits: Limits::default(),
            ..Rules::default()
        }
    }
}
