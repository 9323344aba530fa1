//! `tcp:HOST:PORT`: listens, one host at a time.

use std::io;
use std::net::SocketAddr;
use std::task::{Context, Poll, ready};

use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};

use super::endpoint::HostPort;
use super::error::PortError;
use super::line::Line;
use super::one_host::{Listener, OneHost, Stream};

/// Connections the system may hold back; one host is all there is.
const BACKLOG: u32 = 16;

/// Listens on `at` and returns the address with the actual port.
pub(super) async fn listen(at: &HostPort) -> Result<(SocketAddr, impl Line + use<>), PortError> {
    let listener = bind(at)
        .await
        .and_then(|listener| Ok((listener.local_addr()?, listener)))
        .map(|(address, listener)| (address, OneHost::new(Tcp { listener, address })));
    listener.map_err(|source| PortError::Listen {
        address: at.to_string(),
        source,
    })
}

async fn bind(at: &HostPort) -> io::Result<TcpListener> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for address in lookup_host((at.host.as_str(), at.port)).await? {
        match bind_one(address) {
            Ok(listener) => return Ok(listener),
            Err(e) => last = e,
        }
    }
    Err(last)
}

fn bind_one(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket_for(address)?;
    // On Windows the option would let another process take the port over.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// A socket with keep-alive, which accepted connections inherit: a host that
/// vanished must not occupy the port without end.
pub(super) fn socket_for(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    socket.set_keepalive(true)?;
    Ok(socket)
}

struct Tcp {
    listener: TcpListener,
    address: SocketAddr,
}

impl Listener for Tcp {
    type Stream = TcpStream;

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<TcpStream>> {
        let (stream, peer) = ready!(self.listener.poll_accept(cx))?;
        tracing::debug!(port = %self.address, %peer, "connection");
        stream.set_nodelay(true)?;
        Poll::Ready(Ok(stream))
    }

    fn address(&self) -> String {
        self.address.to_string()
    }
}

impl Stream for TcpStream {
    fn poll_read_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Self::poll_read_ready(self, cx)
    }
}
