//! Inbound QoS 2 messages between PUBLISH and PUBCOMP: what makes delivery
//! exactly once.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::super::packet::Publish;
use super::{Delivery, Limits};

/// Unfinished inbound exchanges.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    entries: Vec<Entry>,
    /// Topic and payload bytes in [`State::Held`].
    held_bytes: usize,
}

#[derive(Debug)]
struct Entry {
    id: u16,
    state: State,
    /// Whether it began on an earlier connection.
    earlier: bool,
}

#[derive(Debug)]
enum State {
    /// Delivered; the dialect has not acknowledged it, PUBREC is not sent.
    Offered,
    /// PUBREC is sent and nothing is left to deliver.
    Received,
    /// PUBREC is sent and the message waits for PUBREL.
    Held(Box<Publish>),
    /// PUBREL came, the message is delivered; the dialect has not acknowledged
    /// it, PUBCOMP is not sent.
    Releasing,
}

/// What a PUBLISH leads to.
#[derive(Debug)]
pub(super) enum Admission {
    /// Deliver it; PUBREC follows the dialect's acknowledgement.
    Deliver(Publish),
    /// Send PUBREC.
    Answer,
    /// Nothing: the dialect's acknowledgement of the first copy is pending.
    Wait,
    /// Nothing: there is no room.
    Refuse,
}

/// What a PUBREL leads to.
#[derive(Debug)]
pub(super) enum Release {
    /// Deliver this; PUBCOMP follows the dialect's acknowledgement.
    Deliver(Box<Publish>),
    /// Send PUBCOMP.
    Answer,
    /// Nothing: the dialect's acknowledgement is pending.
    Wait,
}

impl Incoming {
    /// A QoS 2 PUBLISH arrived.
    pub(super) fn admit(
        &mut self,
        id: u16,
        publish: Publish,
        delivery: Delivery,
        limits: &Limits,
    ) -> Admission {
        let size = size(&publish);
        let full = self.entries.len() >= usize::from(limits.incoming);
        let Some(entry) = self.entries.iter_mut().find(|e| e.id == id) else {
            if full {
                return Admission::Refuse;
            }
            let (state, admission) = match delivery {
                Delivery::OnPublish => (State::Offered, Admission::Deliver(publish)),
                Delivery::OnRelease if !fits(self.held_bytes, size, limits) => {
                    return Admission::Refuse;
                }
                Delivery::OnRelease => {
                    self.held_bytes += size;
                    (State::Held(Box::new(publish)), Admission::Answer)
                }
            };
            self.entries.push(Entry {
                id,
                state,
                earlier: false,
            });
            debug_assert!(self.entries.len() <= usize::from(limits.incoming));
            self.check_invariants();
            return admission;
        };
        let admission = match &mut entry.state {
            State::Offered => Admission::Wait,
            State::Received | State::Releasing => Admission::Answer,
            State::Held(held) => {
                let others = self.held_bytes - self::size(held);
                if fits(others, size, limits) {
                    self.held_bytes = others + size;
                    **held = publish;
                }
                Admission::Answer
            }
        };
        self.check_invariants();
        admission
    }

    /// A QoS 2 PUBLISH arrived without DUP from a server that may have forgotten
    /// what was unfinished when the connection was lost, and cannot say so:
    /// an exchange of an earlier connection is over, and its identifier stands
    /// for a new message. Returns what of the old one was acknowledged and is
    /// still to be delivered.
    pub(super) fn begin_anew(&mut self, id: u16) -> Option<Box<Publish>> {
        let at = self.entries.iter().position(|e| e.id == id && e.earlier)?;
        let state = core::mem::replace(&mut self.entries[at].state, State::Received);
        self.remove(at);
        let State::Held(publish) = state else {
            return None;
        };
        self.held_bytes -= size(&publish);
        self.check_invariants();
        Some(publish)
    }

    /// A QoS 2 PUBLISH too large to be stored arrived: nothing will be
    /// delivered, but the exchange takes its course.
    pub(super) fn admit_oversized(&mut self, id: u16, limits: &Limits) -> Admission {
        match self.entries.iter().find(|e| e.id == id) {
            Some(Entry {
                state: State::Offered,
                ..
            }) => Admission::Wait,
            Some(_) => Admission::Answer,
            None if self.entries.len() >= usize::from(limits.incoming) => Admission::Refuse,
            None => {
                self.entries.push(Entry {
                    id,
                    state: State::Received,
                    earlier: false,
                });
                debug_assert!(self.entries.len() <= usize::from(limits.incoming));
                self.check_invariants();
                Admission::Answer
            }
        }
    }

    /// The dialect acknowledged what [`Admission::Deliver`] delivered. `false`
    /// if that exchange is over.
    pub(super) fn accept(&mut self, id: u16) -> bool {
        let Some(entry) = self.entries.iter_mut().find(|e| e.id == id) else {
            return false;
        };
        let offered = matches!(entry.state, State::Offered);
        if offered {
            entry.state = State::Received;
        }
        offered
    }

    /// PUBREL arrived. One for an unknown identifier is answered too: the
    /// server has forgotten, or never saw, that the exchange is over.
    pub(super) fn release(&mut self, id: u16) -> Release {
        let Some(at) = self.entries.iter().position(|e| e.id == id) else {
            return Release::Answer;
        };
        match core::mem::replace(&mut self.entries[at].state, State::Releasing) {
            State::Offered | State::Received => {
                self.remove(at);
                Release::Answer
            }
            State::Held(publish) => {
                self.held_bytes -= size(&publish);
                self.check_invariants();
                Release::Deliver(publish)
            }
            State::Releasing => Release::Wait,
        }
    }

    /// The dialect acknowledged what [`Release::Deliver`] delivered. `false`
    /// if that exchange is over.
    pub(super) fn complete(&mut self, id: u16) -> bool {
        let found = self
            .entries
            .iter()
            .position(|e| e.id == id && matches!(e.state, State::Releasing));
        if let Some(at) = found {
            self.remove(at);
        }
        found.is_some()
    }

    /// A new connection continues the session: what was delivered and never
    /// acknowledged is the server's to send again.
    pub(super) fn forget_unacknowledged(&mut self) {
        self.entries
            .retain(|e| matches!(e.state, State::Received | State::Held(_)));
        for entry in &mut self.entries {
            entry.earlier = true;
        }
        self.check_invariants();
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// An identifier stands for one exchange, and 0 for none; the bytes held are
    /// those of the messages held.
    fn check_invariants(&self) {
        if cfg!(debug_assertions) {
            let mut held_bytes = 0;
            for (at, e) in self.entries.iter().enumerate() {
                debug_assert_ne!(e.id, 0);
                debug_assert!(self.entries[at + 1..].iter().all(|other| other.id != e.id));
                if let State::Held(publish) = &e.state {
                    held_bytes += size(publish);
                }
            }
            debug_assert_eq!(self.held_bytes, held_bytes);
        }
    }

    fn remove(&mut self, at: usize) {
        debug_assert!(!matches!(self.entries[at].state, State::Held(_)));
        self.entries.swap_remove(at);
        if self.entries.is_empty() {
            self.entries = Vec::new();
        }
    }
}

fn size(publish: &Publish) -> usize {
    publish.topic_name.len() + publish.payload.len()
}

fn fits(held: usize, size: usize, limits: &Limits) -> bool {
    held == 0 || held + size <= limits.held_bytes
}

#[cfg(test)]
impl Incoming {
    pub(super) fn capacity(&self) -> usize {
        self.entries.capacity()
    }
}
