//! One transport connection: its input buffer and its share of the output.

use std::collections::VecDeque;
use std::sync::Arc;

use attwin_core::mqtt::packet::{self, Frame, Level};
use attwin_core::{Duration, Instant};
use bytes::Bytes;

use super::auth::Provisioning;
use super::event::DisconnectReason;
use super::ids::{ConnectionId, SessionKey};
use super::message::Message;
use super::outbox::Outbox;

#[derive(Debug)]
pub(super) struct Connection {
    /// An incomplete packet; never longer than the packet limit plus one read.
    pub(super) input: Vec<u8>,
    /// Bytes sent and not yet reported taken.
    pub(super) unsent: usize,
    /// When it is closed unless something arrives.
    pub(super) deadline: Option<Instant>,
    /// Set once CONNECT was accepted.
    pub(super) client: Option<Client>,
}

/// What CONNECT said.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) session: SessionKey,
    pub(super) client_id: Arc<str>,
    pub(super) level: Level,
    /// One and a half times the keep alive, `None` for no limit (MQTT 3.1.1
    /// section 3.1.2.10).
    pub(super) keep_alive_timeout: Option<Duration>,
    pub(super) will: Option<Message>,
    /// Set if the connection serves for provisioning only.
    pub(super) provisioning: Option<ProvisioningState>,
}

/// A [`Provisioning`] with its deadlines.
#[derive(Debug)]
pub(super) struct ProvisioningState {
    messages: VecDeque<(Instant, Message)>,
    ends: Instant,
}

impl ProvisioningState {
    pub(super) fn new(now: Instant, provisioning: Provisioning) -> Self {
        let at = |(after, message)| (now + after, message);
        Self {
            messages: provisioning.messages.into_iter().map(at).collect(),
            ends: now + provisioning.time_limit,
        }
    }

    /// The next message, once its time has come.
    pub(super) fn due(&mut self, now: Instant) -> Option<Message> {
        let (at, _) = self.messages.front()?;
        if *at > now {
            return None;
        }
        self.messages.pop_front().map(|(_, message)| message)
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.ends <= now
    }

    pub(super) fn deadline(&self) -> Instant {
        self.messages
            .front()
            .map_or(self.ends, |(at, _)| self.ends.min(*at))
    }
}

impl Connection {
    pub(super) fn new(deadline: Instant) -> Self {
        Self {
            input: Vec::new(),
            unsent: 0,
            deadline: Some(deadline),
            client: None,
        }
    }

    /// The level packets are decoded at. CONNECT itself is read the tolerant
    /// way; its flags allow no DUP at either level.
    pub(super) fn level(&self) -> Level {
        self.client
            .as_ref()
            .map_or(Level::V31, |client| client.level)
    }
}

/// Where the first packet in `input` ends, `None` if it is not complete;
/// an error if it already is too large.
pub(super) fn whole_packet(input: &[u8], limit: usize) -> Result<Option<Frame>, DisconnectReason> {
    let Some(frame) = packet::frame(input)? else {
        return Ok(None);
    };
    if frame.len() > limit {
        return Err(DisconnectReason::PacketTooLarge {
            size: frame.len(),
            limit,
        });
    }
    Ok((input.len() >= frame.len()).then_some(frame))
}

/// The way to one client while something is delivered to it.
pub(super) struct Wire<'a> {
    pub(super) connection: ConnectionId,
    pub(super) level: Level,
    pub(super) unsent: &'a mut usize,
    pub(super) max_unsent: usize,
    pub(super) outbox: &'a mut Outbox,
}

impl Wire<'_> {
    /// Whether a PUBLISH of `len` bytes may be sent now. One larger than the
    /// limit may if nothing else waits, or it would never be.
    pub(super) fn has_room(&self, len: usize) -> bool {
        *self.unsent == 0 || self.unsent.saturating_add(len) <= self.max_unsent
    }

    pub(super) fn send(&mut self, bytes: Bytes) {
        *self.unsent = self.unsent.saturating_add(bytes.len());
        self.outbox.send(self.connection, bytes);
    }
}
