//! One MQTT client of a module: a link, the session on it and the requests
//! whose results are still to come.
//!
//! A dialect opens, connects and asks; it hands in what the network and the
//! clock do, takes the [`Event`]s out with [`Client::poll_event`] and says its
//! lines. An event that ends the connection leaves the client as it was, for
//! the dialect to look at: [`close`](Client::close), [`leave`](Client::leave)
//! or [`abort`](Client::abort) ends it and hands back what was not finished.

mod event;
mod pending;
pub(crate) mod reason;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

pub(crate) use event::{Event, Failure};
use pending::Pending;
pub(crate) use pending::{Completion, Unfinished};

use super::packet::TooLong;
use super::session::{
    self, Acknowledgement, Ask, Options, PacketId, RequestError, Retry, Session, Ticket,
};
use crate::io::{LinkId, NetError, NetEvent};
use crate::links::Links;
use crate::time::{Instant, earliest};
use crate::tls::TlsSettings;

/// Where a client is in its life.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// There is no link.
    #[default]
    Closed,
    /// TCP, and TLS if asked for, are being set up.
    Opening,
    /// The link is up, and CONNECT not sent.
    Open,
    /// CONNECT was sent. A connection that was refused stays here until it is
    /// closed.
    Connecting,
    /// CONNACK accepted the connection.
    Connected,
    /// DISCONNECT is on its way.
    Disconnecting,
}

impl Phase {
    /// As the trace names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Closed => "CLOSED",
            Self::Opening => "OPENING",
            Self::Open => "OPEN",
            Self::Connecting => "CONNECTING",
            Self::Connected => "CONNECTED",
            Self::Disconnecting => "DISCONNECTING",
        }
    }
}

/// Where a link leads and how it is set up.
#[derive(Debug)]
pub(crate) struct Route {
    /// Host and port.
    pub(crate) server: (String, u16),
    pub(crate) tls: Option<Box<TlsSettings>>,
    /// How long TCP may take to connect.
    pub(crate) connect_timeout: Duration,
    /// How long it may take altogether until the link is up.
    pub(crate) limit: Duration,
}

/// An MQTT client; `P` is what a dialect keeps of a request until its result
/// comes.
#[derive(Debug)]
pub(crate) struct Client<P> {
    phase: Phase,
    link: Option<LinkId>,
    /// Host and port of the connection, or of the last one.
    server: (String, u16),
    /// When the phase has lasted too long.
    deadline: Option<Instant>,
    /// Survives connections to one server; made by the first one.
    session: Option<Box<Session>>,
    pending: Pending<P>,
    /// What the network did, to be polled before the session's events.
    event: Option<Event<P>>,
}

impl<P> Default for Client<P> {
    fn default() -> Self {
        Self {
            phase: Phase::Closed,
            link: None,
            server: (String::new(), 0),
            deadline: None,
            session: None,
            pending: Pending::default(),
            event: None,
        }
    }
}

impl<P> Client<P> {
    // What the dialect wants

    /// Starts to set up a link. Session state belongs to one server
    /// (MQTT 3.1.1 section 4.1): another one starts with none.
    pub(crate) fn open(&mut self, now: Instant, links: &mut Links, route: Route) {
        debug_assert_eq!(self.phase, Phase::Closed);
        if self.server != route.server {
            self.session = None;
            self.server = route.server.clone();
        }
        let (host, port) = route.server;
        self.link = Some(links.open(host, port, route.tls, route.connect_timeout));
        self.deadline = Some(now + route.limit);
        self.phase = Phase::Opening;
    }

    /// Sends CONNECT on a link that is up.
    pub(crate) fn connect(&mut self, now: Instant, options: Options) -> Result<(), TooLong> {
        debug_assert_eq!(self.phase, Phase::Open);
        let session = self.session.get_or_insert_default();
        session.connect(now, options)?;
        self.phase = Phase::Connecting;
        Ok(())
    }

    /// Asks something of the server; [`Event::Finished`] brings `request` back.
    /// What is refused took no packet identifier.
    pub(crate) fn request(
        &mut self,
        now: Instant,
        id: PacketId,
        ask: Ask<'_>,
        retry: Retry,
        request: P,
    ) -> Result<(), RequestError> {
        let session = self.session.as_mut().ok_or(RequestError::NotConnected)?;
        let token = self.pending.next_token();
        let id = session.request(
            now,
            &session::Request {
                id,
                ask,
                retry,
                token,
            },
        )?;
        self.pending.push(id, request);
        Ok(())
    }

    /// A message was shown or stored.
    pub(crate) fn acknowledge(&mut self, now: Instant, acknowledgement: Option<Acknowledgement>) {
        if let (Some(session), Some(acknowledgement)) = (&mut self.session, acknowledgement) {
            session.acknowledge(now, acknowledgement);
        }
    }

    /// Sends DISCONNECT and stays until the dialect closes the link, the server
    /// does, or `limit` has passed. Without a limit the network still has to
    /// take bytes within the session's write time-out.
    pub(crate) fn disconnect(&mut self, now: Instant, limit: Option<Duration>) {
        self.phase = Phase::Disconnecting;
        self.deadline = limit.map(|limit| now + limit);
        if let Some(session) = &mut self.session {
            session.disconnect(now);
        }
    }

    /// Says [`Event::Expired`] at `deadline`, unless the connection ends first.
    pub(crate) fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// Closes the link, after what was already sent; one that is still being
    /// set up is dropped.
    pub(crate) fn close(&mut self, links: &mut Links) -> Vec<Unfinished<P>> {
        match self.link.take() {
            Some(link) if self.phase == Phase::Opening => links.abort(link),
            Some(link) => links.close(link),
            None => {}
        }
        self.end()
    }

    /// As [`close`](Self::close), with DISCONNECT before.
    pub(crate) fn leave(&mut self, now: Instant, links: &mut Links) -> Vec<Unfinished<P>> {
        if let Some(session) = &mut self.session {
            session.disconnect(now);
        }
        self.transmit(links);
        self.close(links)
    }

    /// Drops the link at once.
    pub(crate) fn abort(&mut self, links: &mut Links) -> Vec<Unfinished<P>> {
        if let Some(link) = self.link.take() {
            links.abort(link);
        }
        self.end()
    }

    /// Forgets requests without a result: what becomes of them is of no more
    /// interest.
    pub(crate) fn forget_requests(&mut self) -> Vec<Unfinished<P>> {
        self.pending.take_all()
    }

    /// The next connection starts without session state.
    pub(crate) fn forget_session(&mut self) {
        self.session = None;
    }

    // What happens

    /// Something happened on the link.
    pub(crate) fn network(&mut self, now: Instant, links: &mut Links, event: &NetEvent<'_>) {
        match event {
            NetEvent::Opened if self.phase == Phase::Opening => {
                self.phase = Phase::Open;
                self.deadline = None;
                self.event = Some(Event::Opened);
            }
            NetEvent::Failed(error) => self.gone(links, Event::OpenFailed(*error)),
            NetEvent::Closed(reason) => self.gone(links, Event::Closed(*reason)),
            NetEvent::Received(bytes) => {
                if let Some(session) = &mut self.session {
                    session.set_reading(true);
                    session.receive(now, bytes);
                }
            }
            NetEvent::Sent(count) => {
                if let Some(session) = &mut self.session {
                    session.sent(now, *count);
                    if self.phase == Phase::Connecting && session.unsent() == 0 {
                        self.event = Some(Event::ConnectWritten);
                    }
                }
            }
            NetEvent::Opened | NetEvent::Resolved(_) => {}
        }
    }

    /// A deadline of [`poll_timeout`](Self::poll_timeout) may have come.
    pub(crate) fn handle_timeout(&mut self, now: Instant, links: &Links) {
        if self.is_timed_by_session()
            && let Some(session) = &mut self.session
        {
            session.set_reading(!links.is_paused());
            session.handle_timeout(now);
        }
    }

    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        let session = self.session.as_ref().filter(|_| self.is_timed_by_session());
        earliest(self.deadline, session.and_then(|s| s.poll_timeout()))
    }

    /// The next event. To be called until `None` after every other call: only
    /// then is what the session has to say sent.
    pub(crate) fn poll_event(&mut self, now: Instant, links: &mut Links) -> Option<Event<P>> {
        if let Some(event) = self.event.take() {
            return Some(event);
        }
        while let Some(event) = self.session.as_mut().and_then(|s| s.poll_event()) {
            if let Some(event) = self.translate(event) {
                return Some(event);
            }
        }
        if self.deadline.take_if(|deadline| *deadline <= now).is_some() {
            return Some(match self.phase {
                Phase::Opening => Event::OpenFailed(NetError::TimedOut),
                _ => Event::Expired,
            });
        }
        self.transmit(links);
        None
    }

    // What is

    pub(crate) const fn phase(&self) -> Phase {
        self.phase
    }

    pub(crate) const fn link(&self) -> Option<LinkId> {
        self.link
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.phase == Phase::Connected
    }

    /// Host and port of the connection, or of the last one.
    pub(crate) fn server(&self) -> (&str, u16) {
        (&self.server.0, self.server.1)
    }

    /// Requests whose result is still to come, in the order they were made.
    pub(crate) fn requests(&self) -> impl ExactSizeIterator<Item = &P> {
        self.pending.requests()
    }

    /// The request of a ticket, while its result is still to come.
    pub(crate) fn request_of(&self, ticket: Ticket) -> Option<&P> {
        self.pending.get(ticket)
    }

    /// QoS 1 and 2 publishes that are unacknowledged, also of an earlier
    /// connection.
    pub(crate) fn unacknowledged(&self) -> usize {
        self.session.as_ref().map_or(0, |s| s.unacknowledged())
    }

    /// Bytes the network has not taken yet.
    pub(crate) fn unsent(&self) -> usize {
        self.session.as_ref().map_or(0, |s| s.unsent())
    }

    // Helpers

    /// A DISCONNECT with a limit of its own waits for that and nothing else.
    fn is_timed_by_session(&self) -> bool {
        self.phase != Phase::Disconnecting || self.deadline.is_none()
    }

    fn transmit(&mut self, links: &mut Links) {
        if let (Some(link), Some(session)) = (self.link, &mut self.session) {
            while let Some(packet) = session.poll_transmit() {
                links.send(link, packet);
            }
        }
    }

    /// The other side ended the link.
    fn gone(&mut self, links: &mut Links, event: Event<P>) {
        if let Some(link) = self.link.take() {
            links.gone(link);
        }
        self.event = Some(event);
    }

    /// The connection is over, whoever ended it.
    fn end(&mut self) -> Vec<Unfinished<P>> {
        self.phase = Phase::Closed;
        self.deadline = None;
        self.event = None;
        if let Some(session) = &mut self.session {
            session.lost();
            while session.poll_event().is_some() {}
        }
        self.pending.take_all()
    }
}
