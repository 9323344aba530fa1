//! Requests whose results are still to come.

use alloc::vec::Vec;

use crate::mqtt::packet::QoS;
use crate::mqtt::session::{Operation, Ticket};

/// How a request ended on a connection that goes on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// A QoS 0 publish was handed to the network completely.
    Written,
    /// PUBACK or PUBCOMP arrived.
    Published(QoS),
    /// SUBACK arrived, with a return code for each filter: 0 to 2 granted, 128
    /// refused.
    Subscribed(Vec<u8>),
    /// UNSUBACK arrived.
    Unsubscribed,
    /// No acknowledgement came in time.
    TimedOut(Operation),
}

/// A request that ended without a result.
#[derive(Debug)]
pub(crate) struct Unfinished<P> {
    /// Packet identifier; 0 for a QoS 0 publish that took none.
    pub(crate) id: u16,
    /// What the dialect kept of it.
    pub(crate) request: P,
}

/// Requests whose results are still to come, in the order they were made. The
/// session's limits bound them.
#[derive(Debug)]
pub(super) struct Pending<P> {
    requests: Vec<(u32, Unfinished<P>)>,
    next_token: u32,
}

impl<P> Default for Pending<P> {
    fn default() -> Self {
        Self {
            requests: Vec::new(),
            next_token: 0,
        }
    }
}

impl<P> Pending<P> {
    /// The token of the request that is [`push`](Self::push)ed next.
    pub(super) const fn next_token(&self) -> u32 {
        self.next_token
    }

    pub(super) fn push(&mut self, id: u16, request: P) {
        let token = self.next_token;
        self.next_token = token.wrapping_add(1);
        self.requests.push((token, Unfinished { id, request }));
    }

    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Unfinished<P>> {
        let at = self.find(ticket)?;
        Some(self.requests.remove(at).1)
    }

    pub(super) fn take_all(&mut self) -> Vec<Unfinished<P>> {
        let all = core::mem::take(&mut self.requests);
        all.into_iter().map(|(_, unfinished)| unfinished).collect()
    }

    pub(super) fn get(&self, ticket: Ticket) -> Option<&P> {
        let (_, unfinished) = &self.requests[self.find(ticket)?];
        Some(&unfinished.request)
    }

    pub(super) fn requests(&self) -> impl ExactSizeIterator<Item = &P> {
        self.requests
            .iter()
            .map(|(_, unfinished)| &unfinished.request)
    }

    /// The end of an earlier connection has answered its requests already.
    fn find(&self, ticket: Ticket) -> Option<usize> {
        let mut tokens = self.requests.iter().map(|(token, _)| *token);
        tokens.position(|token| !ticket.resumed && token == ticket.token)
    }
}
