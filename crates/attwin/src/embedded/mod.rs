//! A broker in this process, for when there is no other: the broker model of
//! `attwin-sim` behind real sockets.
//!
//! It serves plain MQTT and MQTT over TLS on the same port, distinguished by
//! the first byte of a connection. All connections share the broker behind one
//! lock, held for the handling of what one read brought and never while
//! waiting: an acknowledgement leaves in the task that read the publish,
//! without passing through another.

mod certificate;
mod connection;
mod error;
mod hub;
mod log;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use attwin_core::Instant;
use attwin_sim::broker::{Broker, BrokerConfig, BrokerEvent, ConnectionId};
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::{AbortHandle, JoinSet};
use tracing::warn;

use self::certificate::Authority;
use self::connection::Acceptor;
use self::hub::Hub;

pub use self::error::EmbeddedError;

/// How long to wait after a failed accept, as when the process has no file
/// descriptor left: the connection stays in the backlog, so there is no point
/// in trying at once.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);

/// Events that wait to be looked at.
pub const EVENTS_LIMIT: usize = 4096;

/// A running broker; it stops, and its files are removed, when this is dropped.
#[derive(Debug)]
pub struct Embedded {
    addr: SocketAddr,
    authority: Authority,
    hub: Arc<Hub>,
    tasks: [AbortHandle; 2],
}

/// How an embedded broker is to be.
pub struct EmbeddedOptions {
    /// Behaviour and limits of the broker.
    pub broker: BrokerConfig,
    /// DNS names and addresses the TLS certificate is valid for.
    pub names: Vec<String>,
    /// Log messages and subscriptions at level info, as connections are: for a
    /// broker that runs for its own sake.
    pub talkative: bool,
}

impl Embedded {
    /// Starts a broker that listens on `listen`; port 0 chooses a free one.
    ///
    /// # Errors
    ///
    /// The address is taken or not ours, a name is none, or the directory for
    /// temporary files cannot be written.
    pub async fn start(
        listen: SocketAddr,
        options: EmbeddedOptions,
    ) -> Result<Self, EmbeddedError> {
        let EmbeddedOptions {
            broker,
            names,
            talkative,
        } = options;
        let authority = Authority::new(&names)?;
        let (listener, addr) = bind(listen).await.map_err(|error| EmbeddedError::Listen {
            address: listen,
            error,
        })?;

        let max_connections = broker.limits.connections;
        let acceptor = Arc::new(Acceptor::new(&authority, broker.connect_timeout));
        let hub = Arc::new(Hub::new(broker, talkative));
        let timer = tokio::spawn(hub.clone().keep_time()).abort_handle();
        let accepting = tokio::spawn(accept(listener, acceptor, hub.clone(), max_connections));
        Ok(Self {
            addr,
            authority,
            hub,
            tasks: [timer, accepting.abort_handle()],
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Does something an operator can do to the broker.
    pub fn operate<R>(&self, act: impl FnOnce(&mut Broker, Instant) -> R) -> R {
        self.hub.operate(act)
    }

    /// The broker's events from now on; an earlier receiver gets no more. When
    /// [`EVENTS_LIMIT`] events are waiting, further ones are lost.
    pub fn events(&self) -> Receiver<BrokerEvent> {
        let (sender, events) = channel(EVENTS_LIMIT);
        self.hub.report_to(sender);
        events
    }

    /// The PEM file with the certificate of the CA that signed the broker's.
    pub fn ca_path(&self) -> &Path {
        self.authority.ca_path()
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Default for EmbeddedOptions {
    /// The broker's defaults, and a certificate for this computer.
    fn default() -> Self {
        Self {
            broker: BrokerConfig::default(),
            names: ["localhost", "127.0.0.1", "::1"]
                .map(str::to_owned)
                .to_vec(),
            talkative: false,
        }
    }
}

/// The time of day, for a broker that starts now.
pub(crate) fn unix_time() -> Duration {
    // A clock before 1970 is as good as none.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

async fn bind(listen: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(listen).await?;
    let addr = listener.local_addr()?;
    Ok((listener, addr))
}

/// Accepts connections until aborted, which ends them too.
async fn accept(
    listener: TcpListener,
    acceptor: Arc<Acceptor>,
    hub: Arc<Hub>,
    max_connections: usize,
) {
    let mut connections = JoinSet::new();
    let mut next_id = 0;
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((_, peer)) if connections.len() >= max_connections => {
                warn!(%peer, "broker: refused, there are {max_connections} connections already");
            }
            Ok((stream, peer)) => {
                let id = ConnectionId(next_id);
                next_id += 1;
                let (acceptor, hub) = (acceptor.clone(), hub.clone());
                connections.spawn(async move { acceptor.serve(stream, peer, id, hub).await });
            }
            Err(error) => {
                warn!("broker: cannot accept a connection: {error}");
                tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
            }
        }
    }
}

#[cfg(test)]
mod tests;
