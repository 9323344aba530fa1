//! One of the six MQTT clients: its limits, and what a host asks of it
//! (docs/spec/quectel.md section 7).

mod events;

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use core::time::Duration;

use super::Knobs;
use super::settings::Settings;
use super::slots::Slots;
use crate::handler::Context;
use crate::io::LinkId;
use crate::mqtt::client::{self, Phase, Route};
use crate::mqtt::packet::{ConnectFields, TooLong};
use crate::mqtt::session::{Ask, Delivery, Limits, Options, PacketId, PingRule, Retry, Rules};
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

/// Results of `+QMTOPEN` (docs/spec/quectel.md 3.2).
pub(super) mod open {
    pub(in super::super) const OPENED: i8 = 0;
    pub(in super::super) const FAILED: i8 = -1;
    pub(in super::super) const WRONG_PARAMETER: i8 = 1;
    pub(in super::super) const OCCUPIED: i8 = 2;
    pub(in super::super) const PDP_FAILED: i8 = 3;
    pub(in super::super) const DNS_FAILED: i8 = 4;
    pub(in super::super) const NETWORK_LOST: i8 = 5;
}

/// A request whose result line is still to come.
#[derive(Debug)]
struct Pending {
    /// `QMTPUBEX`, as the result line names it.
    command: &'static str,
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
    /// Distance the result of the command in progress keeps from its `OK`.
    result_not_before: Instant,
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
            result_not_before: Instant::ZERO,
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
    pub(super) const fn is_configurable(&self) -> bool {
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
        self.begin(cx, knobs);
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
        self.begin(cx, knobs);
        self.drive(cx, knobs);
        Ok(())
    }

    /// AT+QMTDISC was accepted.
    pub(super) fn disconnect(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        self.mqtt.disconnect(cx.now, Some(DISCONNECT_TIMEOUT));
        self.begin(cx, knobs);
        self.drive(cx, knobs);
    }

    /// AT+QMTCLOSE: TCP is closed without DISCONNECT.
    pub(super) fn close(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        self.hang_up(cx);
        let not_before = cx.now + cx.delay(knobs.result_urc_delay_ms);
        self.urc(cx, not_before, format!("+QMTCLOSE: {},0", self.index));
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
        command: &'static str,
        id: u16,
        ask: Ask<'_>,
    ) {
        let not_before = cx.now + cx.delay(knobs.result_urc_delay_ms);
        let retry = Retry {
            timeout: self.packet_timeout(),
            retries: self.settings.retries,
            whole_exchange: false,
        };
        let pending = Pending {
            command,
            not_before,
        };
        let id_of_host = PacketId::Host(id);
        let taken = self.mqtt.requests().len() < MOST_PENDING
            && self
                .mqtt
                .request(cx.now, id_of_host, ask, retry, pending)
                .is_ok();
        if !taken {
            self.urc(cx, not_before, format!("+{command}: {},{id},2", self.index));
        }
        self.drive(cx, knobs);
    }

    // Helpers

    /// A command was accepted whose result comes by URC.
    fn begin(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        self.answered = false;
        self.result_not_before = cx.now + cx.delay(knobs.result_urc_delay_ms);
        self.trace(cx);
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
            release_abandoned: false,
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
