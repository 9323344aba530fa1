//! The network of one modem: TCP, TLS and name resolution for real.
//!
//! A [`Network`] belongs to one modem and lives in that modem's task. The task
//! hands every [`NetCommand`] the modem emits to [`Network::command`] and every
//! [`Event`] that [`Network::next`] yields back to the modem. There is no task
//! per link and no buffer per idle link, so ten thousand modules fit into one
//! process; a background task exists only while a closed link still flushes.
//!
//! Failures reach the modem as the few reasons a module knows, and the log as one
//! warning with the real cause.

mod dial;
mod event;
mod link;
mod queue;
mod routes;
mod stream;
pub mod tls;

use std::fmt;
use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use attwin_core::{LinkId, NetCommand};
use tracing::{debug, warn};

pub use self::dial::DialError;
pub use self::event::{Event, EventKind};
pub(crate) use self::queue::{SendQueue, finish};
pub use self::routes::{BrokerRoute, ConnectTo, RouteError, Routes, Target};
pub(crate) use self::stream::{Stream, poll_read_shared};

use self::dial::Request;
use self::link::Link;

/// The links of one modem.
///
/// It holds as many links as the modem keeps open, which its dialect limits.
/// Dropping it drops them all at once, as [`NetCommand::Abort`] does.
pub struct Network {
    routes: Arc<Routes>,
    links: Vec<Entry>,
    /// Index of the link asked first next time, so that a busy link cannot
    /// starve the others.
    turn: usize,
}

impl Network {
    /// A network without links, whose connections go where `routes` says.
    pub fn new(routes: Arc<Routes>) -> Self {
        Self {
            routes,
            links: Vec::new(),
            turn: 0,
        }
    }

    /// Carries out a command of the modem. What is sent is handed to the
    /// socket at once as far as it takes it. Commands for links that have ended
    /// are ignored, as the modem may not know yet.
    ///
    /// Must be called within a tokio runtime.
    pub fn command(&mut self, link: LinkId, command: NetCommand) {
        match command {
            NetCommand::Open {
                host,
                port,
                tls,
                connect_timeout,
            } => {
                let request = Request {
                    host,
                    port,
                    tls,
                    connect_timeout,
                };
                let routes = self.routes.clone();
                let future = Box::pin(async move { dial::open(&routes, &request).await });
                self.add(
                    link,
                    State::Dialing {
                        attempt: future,
                        paused: false,
                    },
                );
            }
            NetCommand::Resolve(host) => {
                let routes = self.routes.clone();
                let future = Box::pin(async move { dial::resolve(&routes, &host).await });
                self.add(link, State::Resolving(future));
            }
            NetCommand::Send(bytes) => match self.open_link(link) {
                Some(open) => open.send(bytes),
                None => debug!(%link, "nothing to send on: the link is not open"),
            },
            NetCommand::Close => {
                if let Some(State::Open(open)) = self.remove(link) {
                    open.close(link);
                }
            }
            NetCommand::Abort => drop(self.remove(link)),
            NetCommand::Pause => self.pause(link, true),
            NetCommand::Resume => self.pause(link, false),
        }
    }

    /// The next thing that happens on any link; pending while no link
    /// exists. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Event {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    /// Polls for the next thing that happens on any link.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Event> {
        let count = self.links.len();
        for offset in 0..count {
            let index = (self.turn + offset) % count;
            let entry = &mut self.links[index];
            let Poll::Ready(kind) = entry.state.poll(entry.id, cx) else {
                continue;
            };
            let link = entry.id;
            self.turn = index + 1;
            if kind.ends_link() {
                self.links.swap_remove(index);
            }
            return Poll::Ready(Event { link, kind });
        }
        Poll::Pending
    }

    fn add(&mut self, id: LinkId, state: State) {
        debug_assert!(
            self.links.iter().all(|entry| entry.id != id),
            "{id} is in use"
        );
        self.remove(id);
        self.links.push(Entry { id, state });
    }

    fn remove(&mut self, id: LinkId) -> Option<State> {
        let index = self.links.iter().position(|entry| entry.id == id)?;
        Some(self.links.swap_remove(index).state)
    }

    fn state(&mut self, id: LinkId) -> Option<&mut State> {
        let entry = self.links.iter_mut().find(|entry| entry.id == id)?;
        Some(&mut entry.state)
    }

    fn open_link(&mut self, id: LinkId) -> Option<&mut Link> {
        match self.state(id)? {
            State::Open(link) => Some(link),
            State::Dialing { .. } | State::Resolving(_) => None,
        }
    }

    /// Stops or resumes reading, also from a link that is still being set up.
    fn pause(&mut self, id: LinkId, pause: bool) {
        match self.state(id) {
            Some(State::Open(link)) => link.pause(pause),
            Some(State::Dialing { paused, .. }) => *paused = pause,
            Some(State::Resolving(_)) | None => {}
        }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.links.iter().map(|entry| entry.id))
            .finish()
    }
}

struct Entry {
    id: LinkId,
    state: State,
}

type Attempt<T> = Pin<Box<dyn Future<Output = Result<T, DialError>> + Send>>;

enum State {
    Dialing {
        attempt: Attempt<Stream>,
        /// The modem does not want to read yet.
        paused: bool,
    },
    Resolving(Attempt<Vec<IpAddr>>),
    Open(Link),
}

impl State {
    fn poll(&mut self, id: LinkId, cx: &mut Context<'_>) -> Poll<EventKind> {
        let error = match self {
            Self::Open(link) => return link.poll(cx),
            Self::Dialing { attempt, paused } => match ready!(attempt.as_mut().poll(cx)) {
                Ok(stream) => {
                    *self = Self::Open(Link::new(stream, *paused));
                    return Poll::Ready(EventKind::Opened);
                }
                Err(error) => error,
            },
            Self::Resolving(attempt) => match ready!(attempt.as_mut().poll(cx)) {
                Ok(addresses) => return Poll::Ready(EventKind::Resolved(addresses)),
                Err(error) => error,
            },
        };
        warn!(link = id.0, "{error}");
        Poll::Ready(EventKind::Failed(error.kind()))
    }
}

#[cfg(test)]
pub(crate) mod tests;
