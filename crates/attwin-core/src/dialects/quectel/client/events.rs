//! What becomes of a client, and what it reports of it (docs/spec/quectel.md
//! section 7).

use alloc::format;
use alloc::string::String;
use core::fmt::Write as _;

use bytes::Bytes;

use super::super::Knobs;
use super::{Client, Pending, open};
use crate::handler::Context;
use crate::io::{CloseReason, NetError, NetEvent, Trace};
use crate::mqtt::client::{Completion, Event, Failure, Phase};
use crate::mqtt::session::Ticket;
use crate::serial::Channel;
use crate::time::Instant;

/// Causes of `+QMTSTAT` (docs/spec/quectel.md 7.3).
mod stat {
    pub(super) const CLOSED_BY_PEER: u8 = 1;
    pub(super) const PING_FAILED: u8 = 2;
    pub(super) const CONNECT_NOT_SENT: u8 = 3;
    pub(super) const REFUSED: u8 = 4;
    pub(super) const DISCONNECTED: u8 = 5;
    pub(super) const WRITE_FAILED: u8 = 6;
    pub(super) const LINK_DEAD: u8 = 7;
    pub(super) const CLOSED_BY_CLIENT: u8 = 8;
}

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
        match phase {
            Phase::Opening => self.report_open(cx, open::NETWORK_LOST),
            _ => self.report_stat(cx, stat::CLOSED_BY_PEER),
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
                self.report_open(cx, open::OPENED);
            }
            Event::OpenFailed(error) => {
                self.abort(cx);
                let result = match error {
                    NetError::Dns => open::DNS_FAILED,
                    _ => open::FAILED,
                };
                self.report_open(cx, result);
            }
            Event::Connected { .. } => {
                self.trace(cx);
                self.report_result(cx, format!("+QMTCONN: {},0,0", self.index));
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
                let result = match completion {
                    Completion::Written | Completion::Published(_) | Completion::Unsubscribed => {
                        ",0".into()
                    }
                    Completion::Subscribed(codes) => {
                        codes.iter().fold(String::from(",0"), |mut result, code| {
                            let _ = write!(result, ",{code}");
                            result
                        })
                    }
                    Completion::TimedOut(_) => ",2".into(),
                };
                let line = format!("+{}: {},{id}{result}", request.command, self.index);
                self.urc(cx, request.not_before, line);
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
                self.report_result(cx, format!("+QMTDISC: {},0", self.index));
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

    fn failed(&mut self, cx: &mut Context<'_>, knobs: &Knobs, failure: &Failure) {
        match failure {
            Failure::Refused(code) => {
                self.answered = true;
                self.mqtt.set_deadline(Some(cx.now + self.packet_timeout()));
                self.report_result(cx, format!("+QMTCONN: {},0,{code}", self.index));
            }
            // A CONNECT the network has not even taken failed earlier than at
            // its answer.
            Failure::ConnectTimedOut if self.mqtt.unsent() > 0 => self.connect_not_sent(cx),
            Failure::ConnectTimedOut => {
                self.hang_up(cx);
                self.report_not_connected(cx);
                self.report_stat(cx, knobs.connack_timeout_code);
            }
            Failure::PingFailed => {
                self.hang_up(cx);
                self.urc(cx, cx.now, format!("+QMTPING: {},1", self.index));
                self.report_stat(cx, stat::PING_FAILED);
            }
            Failure::WriteStalled => {
                self.abort(cx);
                self.report_stat(cx, stat::WRITE_FAILED);
            }
            // The server broke the protocol: say DISCONNECT and leave.
            Failure::Malformed { .. } | Failure::Violation(_) => {
                cx.note(format!(
                    "client {}: the server broke the protocol: {failure}",
                    self.index
                ));
                self.mqtt.leave(cx.now, cx.links);
                self.ended(cx);
                self.report_stat(cx, stat::CLOSED_BY_CLIENT);
            }
        }
    }

    /// The peer or the network ended the connection.
    fn closed(&mut self, cx: &mut Context<'_>, knobs: &Knobs, reason: CloseReason) {
        let phase = self.phase();
        match (phase, reason) {
            (Phase::Connecting, CloseReason::WriteFailed) if !self.answered => {
                return self.connect_not_sent(cx);
            }
            _ => self.abort(cx),
        }
        match (phase, reason) {
            (Phase::Closed, _) => {}
            (Phase::Opening, _) => self.report_open(cx, open::FAILED),
            (Phase::Connecting, _) if self.answered => self.report_stat(cx, stat::REFUSED),
            (Phase::Disconnecting, _) if !self.answered => self.report_not_disconnected(cx),
            (Phase::Disconnecting, reason) if reason != CloseReason::TimedOut => {
                if knobs.disc_stat5 {
                    self.report_stat(cx, stat::DISCONNECTED);
                }
            }
            (_, CloseReason::TimedOut) => self.report_stat(cx, stat::LINK_DEAD),
            (_, CloseReason::WriteFailed) => self.report_stat(cx, stat::WRITE_FAILED),
            (_, CloseReason::Finished | CloseReason::Reset) => {
                self.report_stat(cx, stat::CLOSED_BY_PEER);
            }
        }
    }

    /// The server left a refused or a finished connection to us.
    fn expired(&mut self, cx: &mut Context<'_>) {
        let phase = self.phase();
        self.hang_up(cx);
        match phase {
            Phase::Connecting => self.report_stat(cx, stat::REFUSED),
            Phase::Disconnecting if !self.answered => self.report_not_disconnected(cx),
            // The server never closed; neither do we say more.
            _ => {}
        }
    }

    fn connect_not_sent(&mut self, cx: &mut Context<'_>) {
        self.abort(cx);
        self.report_not_connected(cx);
        self.report_stat(cx, stat::CONNECT_NOT_SENT);
    }

    // Reports

    fn report_open(&self, cx: &mut Context<'_>, result: i8) {
        self.report_result(cx, format!("+QMTOPEN: {},{result}", self.index));
    }

    fn report_not_connected(&self, cx: &mut Context<'_>) {
        self.report_result(cx, format!("+QMTCONN: {},2", self.index));
    }

    /// DISCONNECT could not be written (docs/spec/quectel.md 3.5).
    fn report_not_disconnected(&self, cx: &mut Context<'_>) {
        self.report_result(cx, format!("+QMTDISC: {},-1", self.index));
        self.report_stat(cx, stat::WRITE_FAILED);
    }

    fn report_stat(&self, cx: &mut Context<'_>, cause: u8) {
        self.urc(cx, cx.now, format!("+QMTSTAT: {},{cause}", self.index));
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
            let line = format!("+{}: {},{id},1,{count}", pending.command, self.index);
            self.urc(cx, pending.not_before, line);
        }
    }

    fn report_result(&self, cx: &mut Context<'_>, line: String) {
        self.urc(cx, self.result_not_before, line);
    }

    pub(super) fn urc(&self, cx: &mut Context<'_>, not_before: Instant, line: impl Into<Bytes>) {
        cx.urc_at(Channel::Client(self.index), not_before, line);
    }

    pub(super) fn trace(&self, cx: &mut Context<'_>) {
        cx.trace(Trace::Client {
            index: self.index,
            state: self.phase().name(),
        });
    }
}
