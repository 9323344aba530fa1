//! The broker, shared by its connections.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use attwin_core::Instant;
use attwin_sim::broker::cloud::claims_tls;
use attwin_sim::broker::{Broker, BrokerConfig, BrokerEvent, BrokerOutput, ConnectionId};
use bytes::Bytes;
use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant as TokioInstant, timeout_at};
use tracing::warn;

use super::log::log;
use crate::net::SendQueue;

/// The broker, and its output for each connection.
pub(super) struct Hub {
    state: Mutex<State>,
    /// A deadline has moved to before the one the timer waits for.
    sooner: Notify,
    /// Messages are logged like connections.
    talkative: bool,
    /// The broker's origin of time.
    origin: TokioInstant,
}

struct State {
    broker: Broker,
    outboxes: HashMap<ConnectionId, Outbox>,
    /// What the timer waits for.
    armed: Option<Instant>,
    /// Receives events.
    listener: Option<Sender<BrokerEvent>>,
}

/// What a connection has not yet collected. Its size is bounded by the broker,
/// which counts every byte until it is reported sent.
#[derive(Default)]
struct Outbox {
    chunks: Vec<Bytes>,
    close: bool,
    /// The connection uses TLS.
    tls: bool,
    waker: Option<Waker>,
    /// Another connection is about to take this one's client identifier over,
    /// once everything it received has been handed in.
    drain: Option<Drain>,
}

/// How far the draining of a connection has come.
enum Drain {
    /// It is to be done, for this connection's task.
    Wanted(Waker),
    /// It is done.
    Done,
}

/// What a connection learns when it collects its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    /// The broker has ended the connection.
    pub(super) close: bool,
    /// Nothing more should be read until more is sent.
    pub(super) congested: bool,
}

impl Hub {
    pub(super) fn new(config: BrokerConfig, talkative: bool) -> Self {
        Self {
            state: Mutex::new(State {
                broker: Broker::new(config),
                outboxes: HashMap::new(),
                armed: None,
                listener: None,
            }),
            sooner: Notify::new(),
            talkative,
            origin: TokioInstant::now(),
        }
    }

    /// An operator action on the broker.
    pub(super) fn operate<R>(&self, act: impl FnOnce(&mut Broker, Instant) -> R) -> R {
        self.with(|state, now| act(&mut state.broker, now))
    }

    /// Reports events to `listener` from now on.
    pub(super) fn report_to(&self, listener: Sender<BrokerEvent>) {
        self.lock().listener = Some(listener);
    }

    /// A connection is up.
    pub(super) fn open(&self, id: ConnectionId, tls: bool) {
        self.with(|state, now| {
            let outbox = Outbox {
                tls,
                ..Outbox::default()
            };
            state.outboxes.insert(id, outbox);
            state.broker.open(now, id);
        });
    }

    /// Whether a connection's first bytes can be handed in. Not while they are a
    /// CONNECT that takes a client identifier over from a connection with
    /// bytes that were sent before: `waker` is woken when those are handed in.
    pub(super) fn may_begin(&self, input: &[u8], waker: &Waker) -> bool {
        let mut state = self.lock();
        let Some(old) = state.broker.takes_over_from(input) else {
            return true;
        };
        let Some(outbox) = state.outboxes.get_mut(&old) else {
            return true;
        };
        if matches!(outbox.drain, Some(Drain::Done)) {
            outbox.drain = None;
            return true;
        }
        outbox.drain = Some(Drain::Wanted(waker.clone()));
        outbox.wake();
        false
    }

    /// Whether everything that this connection received is to be handed in at
    /// once.
    pub(super) fn is_drain_wanted(&self, id: ConnectionId) -> bool {
        let state = self.lock();
        let outbox = state.outboxes.get(&id);
        outbox.is_some_and(|outbox| matches!(outbox.drain, Some(Drain::Wanted(_))))
    }

    /// Everything this connection received was handed in.
    pub(super) fn drained(&self, id: ConnectionId) {
        if let Some(outbox) = self.lock().outboxes.get_mut(&id) {
            outbox.end_drain();
        }
    }

    /// Bytes arrived. The caller collects the answer next.
    pub(super) fn receive(&self, id: ConnectionId, bytes: &[u8]) {
        self.with(|state, now| {
            state.forget_waker(id);
            state.broker.receive(now, id, bytes);
        });
    }

    /// The transport took this many bytes. The caller collects what follows
    /// next.
    pub(super) fn sent(&self, id: ConnectionId, count: usize) {
        self.with(|state, _| {
            state.forget_waker(id);
            state.broker.sent(id, count);
        });
    }

    /// The connection has ended.
    pub(super) fn closed(&self, id: ConnectionId) {
        self.with(|state, now| {
            if let Some(mut outbox) = state.outboxes.remove(&id) {
                outbox.end_drain();
            }
            state.broker.closed(now, id);
        });
    }

    /// Moves what is to be sent into `queue`; `waker` is woken when there is
    /// more.
    pub(super) fn collect(
        &self,
        id: ConnectionId,
        queue: &mut SendQueue,
        waker: &Waker,
    ) -> Standing {
        let mut state = self.lock();
        let congested = state.broker.is_congested(id);
        let Some(outbox) = state.outboxes.get_mut(&id) else {
            return Standing {
                close: true,
                congested,
            };
        };
        for bytes in outbox.chunks.drain(..) {
            queue.push(bytes);
        }
        outbox.waker = Some(waker.clone());
        Standing {
            close: outbox.close,
            congested,
        }
    }

    /// Lets the broker act on its deadlines; never returns.
    pub(super) async fn keep_time(self: Arc<Self>) {
        loop {
            let next = self.with(|state, now| {
                state.broker.handle_timeout(now);
                state.armed = state.broker.poll_timeout();
                state.armed
            });
            match next {
                None => self.sooner.notified().await,
                Some(at) => {
                    let at = self.origin + at.since_origin();
                    // Either is a reason to look again.
                    let _ = timeout_at(at, self.sooner.notified()).await;
                }
            }
        }
    }

    /// Calls the broker, then hands out what it says.
    fn with<T>(&self, call: impl FnOnce(&mut State, Instant) -> T) -> T {
        let now = Instant::from_origin(self.origin.elapsed());
        let mut state = self.lock();
        let result = call(&mut state, now);
        state.hand_out(self.talkative);
        let due = state.broker.poll_timeout();
        if due.is_some_and(|due| state.armed.is_none_or(|armed| due < armed)) {
            state.armed = due;
            self.sooner.notify_one();
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic in one connection must not end the others.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Hub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").finish_non_exhaustive()
    }
}

impl State {
    /// Saves a connection that is about to collect from being woken for it.
    fn forget_waker(&mut self, id: ConnectionId) {
        if let Some(outbox) = self.outboxes.get_mut(&id) {
            outbox.waker = None;
        }
    }

    /// Says so if a device claims a security that it does not have.
    fn question(&self, event: &BrokerEvent) {
        if let BrokerEvent::Connected {
            connection,
            client_id,
            ..
        } = event
            && self.outboxes.get(connection).is_some_and(|o| !o.tls)
            && claims_tls(client_id)
        {
            warn!(
                "broker: {client_id:?} says securemode=2 without TLS; Alibaba Cloud would refuse it"
            );
        }
    }

    fn hand_out(&mut self, talkative: bool) {
        while let Some(output) = self.broker.poll_output() {
            match output {
                BrokerOutput::Send { connection, bytes } => {
                    if let Some(outbox) = self.outboxes.get_mut(&connection) {
                        outbox.chunks.push(bytes);
                        outbox.wake();
                    }
                }
                BrokerOutput::Close { connection } => {
                    if let Some(outbox) = self.outboxes.get_mut(&connection) {
                        outbox.close = true;
                        outbox.wake();
                    }
                }
                BrokerOutput::Event(event) => {
                    log(&event, talkative);
                    self.question(&event);
                    if let Some(listener) = &self.listener {
                        // Full or dropped: the broker does not wait.
                        let _ = listener.try_send(event);
                    }
                }
            }
        }
    }
}

impl Outbox {
    /// The connection that waits for this one may begin.
    fn end_drain(&mut self) {
        if let Some(Drain::Wanted(waker)) = self.drain.replace(Drain::Done) {
            waker.wake();
        }
    }

    /// Wakes the connection's task, once until it collects again.
    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}
