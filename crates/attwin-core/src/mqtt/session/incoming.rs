//! Inbound QoS 2 messages between PUBLISH and PUBCOMP: what makes delivery
//! exactly once.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::collections::btree_map::Entry;

use super::super::packet::Publish;
use super::{Delivery, Limits};

/// Unfinished inbound exchanges, by packet identifier: there cannot be more than
/// there are identifiers.
#[derive(Debug, Default)]
pub(super) struct Incoming {
    exchanges: BTreeMap<u16, State>,
    /// Topic and payload bytes in [`State::Held`].
    held_bytes: usize,
}

#[derive(Debug)]
enum State {
    /// Delivered; the dialect has not acknowledged it, PUBREC is not sent.
    Offered,
    /// PUBREC is sent and nothing is left to deliver.
    Received(Since),
    /// PUBREC is sent and the message waits for PUBREL.
    Held(Box<Publish>, Since),
    /// PUBREL came, the message is delivered; the dialect has not acknowledged
    /// it, PUBCOMP is not sent.
    Releasing,
}

/// Which connection an exchange began on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    This,
    Earlier,
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
    ///
    /// One that cannot be held for PUBREL any more is delivered at once. Waiting
    /// would not help: behind it in the stream come the PUBRELs of those held.
    pub(super) fn admit(
        &mut self,
        id: u16,
        publish: Publish,
        delivery: Delivery,
        limits: &Limits,
    ) -> Admission {
        let size = size(&publish);
        let admission = match self.exchanges.entry(id) {
            Entry::Vacant(vacant) => {
                let fits = fits(self.held_bytes, size, limits);
                if delivery == Delivery::OnRelease && fits {
                    self.held_bytes += size;
                    vacant.insert(State::Held(Box::new(publish), Since::This));
                    Admission::Answer
                } else {
                    vacant.insert(State::Offered);
                    Admission::Deliver(publish)
                }
            }
            Entry::Occupied(mut occupied) => match occupied.get_mut() {
                State::Offered => Admission::Wait,
                State::Received(_) | State::Releasing => Admission::Answer,
                State::Held(held, _) => {
                    let others = self.held_bytes - self::size(held);
                    if fits(others, size, limits) {
                        self.held_bytes = others + size;
                        **held = publish;
                    }
                    Admission::Answer
                }
            },
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
        let is_earlier = matches!(
            self.exchanges.get(&id),
            Some(State::Received(Since::Earlier) | State::Held(_, Since::Earlier))
        );
        let ended = is_earlier.then(|| self.exchanges.remove(&id)).flatten()?;
        let State::Held(publish, _) = ended else {
            return None;
        };
        self.held_bytes -= size(&publish);
        self.check_invariants();
        Some(publish)
    }

    /// A QoS 2 PUBLISH too large to be stored arrived: nothing will be
    /// delivered, but the exchange takes its course.
    pub(super) fn admit_oversized(&mut self, id: u16) -> Admission {
        match self
            .exchanges
            .entry(id)
            .or_insert(State::Received(Since::This))
        {
            State::Offered => Admission::Wait,
            _ => Admission::Answer,
        }
    }

    /// The dialect acknowledged what [`Admission::Deliver`] delivered. `false`
    /// if that exchange is over.
    pub(super) fn accept(&mut self, id: u16) -> bool {
        match self.exchanges.get_mut(&id) {
            Some(state @ State::Offered) => {
                *state = State::Received(Since::This);
                true
            }
            _ => false,
        }
    }

    /// PUBREL arrived. One for an unknown identifier is answered too: the
    /// server has forgotten, or never saw, that the exchange is over.
    pub(super) fn release(&mut self, id: u16) -> Release {
        let Some(state) = self.exchanges.get_mut(&id) else {
            return Release::Answer;
        };
        match core::mem::replace(state, State::Releasing) {
            State::Offered | State::Received(_) => {
                self.exchanges.remove(&id);
                Release::Answer
            }
            State::Held(publish, _) => {
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
        let releasing = matches!(self.exchanges.get(&id), Some(State::Releasing));
        if releasing {
            self.exchanges.remove(&id);
        }
        releasing
    }

    /// A new connection continues the session: what was delivered and never
    /// acknowledged is the server's to send again.
    pub(super) fn forget_unacknowledged(&mut self) {
        self.exchanges.retain(|_, state| match state {
            State::Received(since) | State::Held(_, since) => {
                *since = Since::Earlier;
                true
            }
            State::Offered | State::Releasing => false,
        });
        self.check_invariants();
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// 0 stands for no exchange; the bytes held are those of the messages held.
    fn check_invariants(&self) {
        if cfg!(debug_assertions) {
            debug_assert!(!self.exchanges.contains_key(&0));
            let held = self.exchanges.values().map(|state| match state {
                State::Held(publish, _) => size(publish),
                _ => 0,
            });
            debug_assert_eq!(self.held_bytes, held.sum::<usize>());
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
    pub(super) fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }
}
