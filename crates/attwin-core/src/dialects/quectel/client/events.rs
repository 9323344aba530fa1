//! What becomes of a client, and what it reports of it (docs/spec/quectel.md
//! section 7).

use alloc::format;
use core::fmt::Write as _;

use super::super::Knobs;
use super::super::refused::{self, Failure as Failed};
use super::{Client, Name, Pending, open};
use crate::handler::Context;
use crate::io::{CloseReason, NetError, NetEvent, Trace};
use crate::mqtt::client::{Completion, Event, Failure, Phase};
use crate::mqtt::session::Ticket;
use crate::reason::Reason;

/// Causes of `+QMTSTAT` (docs/spec/quectel.md 7.3).
mod stat {
    pub(super) const CLOSED_BY_PEER: u8 = 1;
    pub(super) const PING_FAILED: u8 = 2;
    pub(super) const CONNECT_NOT_SENT: u8 = 3;
    pub(super) const REFUSED: u8 = 4;
    pub(super) const WRITE_FAILED: u8 = 6;
    pub(super) const LINK_DEAD: u8 = 7;
    pub(super) const CLOSED_BY_CLIENT: u8 = 8;
}

/// SUBACK's return code for a filter the server does not grant.
const SUBSCRIPTION_REFUSED: u8 = 128;

impl Client {
    pub(in super::super) fn network(
        &mut self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        event: &NetEvent<'_>,
    ) {
        self.mqtt.network(cx.now, cx.links, event);
        self.drive(cx, knobs);
    }

    /// A PDP context went down.
    pub(in super::super) fn context_down(&mut self, cx: &mut Context<'_>, context: u8) {
        let phase = self.phase();
        if phase == Phase::Closed || self.context != context {
            return;
        }
        self.abort(cx);
        let reason = Reason::new(format!("PDP context {context} went down"))
            .remedy("AT+QIACT brings it up, and AT+QMTOPEN does by itself");
        match phase {
            Phase::Opening => {
                self.report_open(cx, Err(Failed::new(open::NETWORK_LOST, reason)));
            }
            _ => self.report_stat(cx, stat::CLOSED_BY_PEER, reason),
        }
    }

    pub(in super::super) fn handle_timeout(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        self.mqtt.handle_timeout(cx.now, cx.links);
        self.drive(cx, knobs);
    }

    pub(super) fn drive(&mut self, cx: &mut Context<'_>, knobs: &Knobs) {
        while let Some(event) = self.mqtt.poll_event(cx.now, cx.links) {
            self.handle_event(cx, knobs, event);
        }
    }

    fn handle_event(&mut self, cx: &mut Context<'_>, knobs: &Knobs, event: Event<Pending>) {
        match event {
            Event::Opened => {
                self.trace(cx);
                self.report_open(cx, Ok(()));
            }
            Event::OpenFailed(error) => {
                self.abort(cx);
                let code = match error {
                    NetError::Dns => open::DNS_FAILED,
                    _ => open::FAILED,
                };
                let reason = refused::open(self.server(), error);
                self.report_open(cx, Err(Failed::new(code, reason)));
            }
            Event::Connected { .. } => {
                self.trace(cx);
                let line = format!("+QMTCONN: {},0,0", self.index);
                cx.urc_at(self.channel(), self.result_not_before, line);
            }
            Event::Failed(failure) => self.failed(cx, knobs, &failure),
            Event::Closed(reason) => self.closed(cx, knobs, reason),
            Event::Expired => self.expired(cx),
            Event::Retransmitted { ticket, count } => {
                self.report_retransmission(cx, knobs, ticket, count);
            }
            Event::Finished {
                id,
                request,
                completion,
            } => {
                self.finished(cx, knobs, id, &request, completion);
            }
            Event::Discarded(discarded) => cx.note(format!("client {}: {discarded}", self.index)),
            Event::Message(message) => {
                let mode = self.settings.receive;
                if self.slots.deliver(cx, self.index, mode, knobs, &message) {
                    self.mqtt.acknowledge(cx.now, message.acknowledgement);
                }
            }
            Event::DisconnectWritten => {
                self.answered = true;
                self.result::<i8>(cx, self.result_not_before, "+QMTDISC", Ok(()));
                if !knobs.disc_stat5 {
                    self.hang_up(cx);
                }
            }
            Event::ConnectWritten
            | Event::Received { .. }
            | Event::Released { .. }
            | Event::PingLost
            | Event::PingAnswered => {}
        }
    }

    /// A request has its result.
    fn finished(
        &self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        id: u16,
        request: &Pending,
        completion: Completion,
    ) {
        let head = format!("+{}: {},{id}", request.name.text(), self.index);
        // Messages the subscription brings may come first
        // (docs/spec/quectel.md 5.9).
        let late = cx.delay(knobs.late_suback_ms);
        let (channel, not_before) = if request.name == Name::Subscribe && !late.is_zero() {
            (self.late_channel(), request.not_before.max(cx.now + late))
        } else {
            (self.channel(), request.not_before)
        };
        match completion {
            Completion::Written | Completion::Published(_) | Completion::Unsubscribed => {
                cx.urc_at(channel, not_before, format!("{head},0"));
            }
            Completion::Subscribed(codes) => {
                let line = codes.iter().fold(format!("{head},0"), |mut line, code| {
                    let _ = write!(line, ",{code}");
                    line
                });
                if codes.contains(&SUBSCRIPTION_REFUSED) {
                    let reason = Reason::new("the server refused a filter: SUBACK says 128")
                        .remedy("look at what the server lets this client subscribe to");
                    cx.urc_because(channel, not_before, line, reason);
                } else {
                    cx.urc_at(channel, not_before, line);
                }
            }
            Completion::TimedOut(operation) => {
                let sends = u32::from(self.settings.retries) + 1;
                let seconds = sends * u32::from(self.settings.packet_timeout);
                let reason = refused::unacknowledged(operation, sends, seconds);
                cx.urc_because(channel, not_before, format!("{head},2"), reason);
            }
        }
    }

    fn failed(&mut self, cx: &mut Context<'_>, knobs: &Knobs, failure: &Failure) {
        match failure {
            Failure::Refused(code) => {
                self.answered = true;
                self.refused = *code;
                self.mqtt.set_deadline(Some(cx.now + self.packet_timeout()));
                let line = format!("+QMTCONN: {},0,{code}", self.index);
                let reason = refused::connack(*code);
                cx.urc_because(self.channel(), self.result_not_before, line, reason);
            }
            // A CONNECT the network has not even taken failed earlier than at
            // its answer.
            Failure::ConnectTimedOut if self.mqtt.unsent() > 0 => {
                let unsent = self.mqtt.unsent();
                let cause = format!("the network did not take CONNECT: {unsent} bytes are left");
                self.connect_not_sent(cx, &Reason::new(cause));
            }
            Failure::ConnectTimedOut => {
                let seconds = self.settings.packet_timeout;
                self.hang_up(cx);
                let reason = Reason::new(format!("no CONNACK came within {seconds} s"))
                    .remedy("look whether an MQTT server listens at this address");
                self.report_not_connected(cx, reason.clone());
                self.report_stat(cx, knobs.connack_timeout_code, reason);
            }
            Failure::PingFailed => {
                self.hang_up(cx);
                let keep_alive = self.settings.keep_alive;
                let reason = Reason::new(format!(
                    "the server did not answer PINGREQ; keep alive is {keep_alive} s"
                ));
                let ping = Failed::new(1, reason.clone());
                self.result(cx, cx.now, "+QMTPING", Err(ping));
                self.report_stat(cx, stat::PING_FAILED, reason);
            }
            Failure::WriteStalled => {
                self.abort(cx);
                let reason = Reason::new("the server takes no more bytes");
                self.report_stat(cx, stat::WRITE_FAILED, reason);
            }
            // The server broke the protocol: say DISCONNECT and leave.
            Failure::Malformed { .. } | Failure::Violation(_) => {
                let reason = Reason::new(format!("the server broke the protocol: {failure}"));
                self.mqtt.leave(cx.now, cx.links);
                self.ended(cx);
                self.report_stat(cx, stat::CLOSED_BY_CLIENT, reason);
            }
        }
    }

    /// The peer or the network ended the connection.
    fn closed(&mut self, cx: &mut Context<'_>, knobs: &Knobs, reason: CloseReason) {
        let phase = self.phase();
        let because = Reason::new(match reason {
            CloseReason::Finished => "the server closed the connection",
            CloseReason::Reset => "the server reset the connection",
            CloseReason::WriteFailed => "writing to the connection failed",
            CloseReason::TimedOut => "the server does not answer any more",
        });
        match (phase, reason) {
            (Phase::Connecting, CloseReason::WriteFailed) if !self.answered => {
                return self.connect_not_sent(cx, &because);
            }
            _ => self.abort(cx),
        }
        match (phase, reason) {
            (Phase::Closed, _) => {}
            (Phase::Opening, _) => {
                self.report_open(cx, Err(Failed::new(open::FAILED, because)));
            }
            (Phase::Connecting, _) if self.answered => self.report_refused(cx),
            (Phase::Disconnecting, _) if !self.answered => {
                self.report_not_disconnected(cx, because);
            }
            (Phase::Disconnecting, reason) if reason != CloseReason::TimedOut => {
                if knobs.disc_stat5 {
                    let line = format!("+QMTSTAT: {},5", self.index);
                    cx.urc_at(self.channel(), self.stat_not_before, line);
                }
            }
            (_, CloseReason::TimedOut) => self.report_stat(cx, stat::LINK_DEAD, because),
            (_, CloseReason::WriteFailed) => self.report_stat(cx, stat::WRITE_FAILED, because),
            (_, CloseReason::Finished | CloseReason::Reset) => {
                self.report_stat(cx, stat::CLOSED_BY_PEER, because);
            }
        }
    }

    /// The server left a refused or a finished connection to us.
    fn expired(&mut self, cx: &mut Context<'_>) {
        let phase = self.phase();
        self.hang_up(cx);
        match phase {
            Phase::Connecting => self.report_refused(cx),
            Phase::Disconnecting if !self.answered => {
                let reason = Reason::new("the network did not take DISCONNECT");
                self.report_not_disconnected(cx, reason);
            }
            // The server never closed; neither do we say more.
            _ => {}
        }
    }

    fn connect_not_sent(&mut self, cx: &mut Context<'_>, reason: &Reason) {
        self.abort(cx);
        self.report_not_connected(cx, reason.clone());
        self.report_stat(cx, stat::CONNECT_NOT_SENT, reason.clone());
    }

    // Reports

    fn report_not_connected(&self, cx: &mut Context<'_>, reason: Reason) {
        let failure = Failed::new(2, reason);
        self.result(cx, self.result_not_before, "+QMTCONN", Err(failure));
    }

    /// A connection that CONNACK refused is over.
    fn report_refused(&self, cx: &mut Context<'_>) {
        self.report_stat(cx, stat::REFUSED, refused::connack(self.refused));
    }

    /// DISCONNECT could not be written (docs/spec/quectel.md 3.5).
    fn report_not_disconnected(&self, cx: &mut Context<'_>, reason: Reason) {
        let failure = Failed::new(-1, reason.clone());
        self.result(cx, self.result_not_before, "+QMTDISC", Err(failure));
        self.report_stat(cx, stat::WRITE_FAILED, reason);
    }

    fn report_stat(&self, cx: &mut Context<'_>, cause: u8, reason: Reason) {
        let failure = Failed::new(cause, reason);
        self.result(cx, cx.now, "+QMTSTAT", Err(failure));
    }

    fn report_retransmission(
        &self,
        cx: &mut Context<'_>,
        knobs: &Knobs,
        ticket: Ticket,
        count: u8,
    ) {
        let pending = self.mqtt.request_of(ticket);
        if let Some(pending) = pending.filter(|_| self.settings.timeout_notice) {
            let id = if knobs.retx_msgid_zero { 0 } else { ticket.id };
            let name = pending.name.text();
            let line = format!("+{name}: {},{id},1,{count}", self.index);
            let reason = refused::sent_again(self.settings.packet_timeout);
            cx.urc_because(self.channel(), pending.not_before, line, reason);
        }
    }

    pub(super) fn trace(&self, cx: &mut Context<'_>) {
        cx.trace(Trace::Client {
            index: self.index,
            state: self.phase().name(),
        });
    }
}
