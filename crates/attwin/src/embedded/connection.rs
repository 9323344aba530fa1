//! One connection of the embedded broker.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use attwin_core::mqtt::packet;
use attwin_sim::broker::ConnectionId;
use rustls::{AlertDescription, PeerIncompatible};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use super::certificate::Authority;
use super::hub::{Hub, Standing};
use crate::net::{SendQueue, Stream, finish, poll_read_shared};

/// Content type of the TLS record a ClientHello comes in (RFC 8446 5.1). The
/// first byte of MQTT is that of CONNECT, 0x10.
const TLS_HANDSHAKE: u8 = 0x16;

/// How long a TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(30);

/// Turns TCP connections into connections of the broker.
pub(super) struct Acceptor {
    tls: TlsAcceptor,
    /// Named in the log for clients that do not trust the certificate.
    ca_path: PathBuf,
    first_byte_timeout: Duration,
}

impl Acceptor {
    pub(super) fn new(authority: &Authority, first_byte_timeout: Duration) -> Self {
        Self {
            tls: TlsAcceptor::from(authority.server_config()),
            ca_path: authority.ca_path().to_owned(),
            first_byte_timeout,
        }
    }

    /// Serves one connection to its end.
    pub(super) async fn serve(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        id: ConnectionId,
        hub: Arc<Hub>,
    ) {
        debug!("broker: connection {} from {peer}", id.0);
        // Best effort: without it packets are late, not lost.
        if let Err(error) = stream.set_nodelay(true) {
            debug!("broker: TCP_NODELAY cannot be set: {error}");
        }
        let mut first = [0];
        let stream = match timeout(self.first_byte_timeout, stream.peek(&mut first)).await {
            Ok(Ok(1)) if first == [TLS_HANDSHAKE] => {
                // Boxed because it is large and short-lived.
                match Box::pin(timeout(HANDSHAKE_TIMEOUT, self.tls.accept(stream))).await {
                    Ok(Ok(stream)) => Stream::Tls(Box::new(stream.into())),
                    Ok(Err(error)) => {
                        warn!("broker: TLS with {peer} failed: {}", self.explain(&error));
                        return;
                    }
                    Err(_) => {
                        warn!("broker: TLS with {peer} failed: the handshake timed out");
                        return;
                    }
                }
            }
            Ok(Ok(1)) => Stream::Plain(stream),
            // Port scanners and health checks do that.
            _ => {
                debug!("broker: connection {} ended before it said anything", id.0);
                return;
            }
        };
        Connection::new(id, hub, stream).run().await;
    }

    /// What went wrong, and what to do if a client is set up wrongly.
    fn explain(&self, error: &io::Error) -> String {
        let cause = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match cause {
            Some(rustls::Error::AlertReceived(
                AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
                | AlertDescription::DecryptError,
            )) => format!(
                "{error}; the client does not trust this broker: give it {} as CA certificate, \
                 or connect it without TLS",
                self.ca_path.display()
            ),
            Some(rustls::Error::PeerIncompatible(
                PeerIncompatible::NoCipherSuitesInCommon
                | PeerIncompatible::NoSignatureSchemesInCommon,
            )) => format!(
                "{error}; this broker has a P-256 key: allow the client ECDHE_ECDSA cipher suites \
                 such as 0xC02B, or connect it without TLS"
            ),
            _ => error.to_string(),
        }
    }
}

/// A connection the broker knows; it forgets it when this is dropped.
struct Connection {
    id: ConnectionId,
    hub: Arc<Hub>,
    stream: Stream,
    queue: SendQueue,
    /// What arrived before the broker may have it: a CONNECT that takes a
    /// client identifier over, and what came with it. `None` once it began.
    first: Option<Vec<u8>>,
}

/// Bytes of a first packet that are looked at for a client identifier; more is
/// the broker's to refuse.
const MOST_FIRST: usize = 128 * 1024;
/// Reads of a connection that is drained for another, so that one that never
/// stops sending cannot hold it off.
const MOST_DRAINED: usize = 64;

/// How serving a connection ended.
enum End {
    /// The broker ended it; what is queued is still to be sent.
    Broker,
    /// The transport has ended.
    Transport,
}

impl Connection {
    fn new(id: ConnectionId, hub: Arc<Hub>, stream: Stream) -> Self {
        hub.open(id, matches!(stream, Stream::Tls(_)));
        Self {
            id,
            hub,
            stream,
            queue: SendQueue::default(),
            first: Some(Vec::new()),
        }
    }

    async fn run(mut self) {
        match poll_fn(|cx| self.poll(cx)).await {
            End::Broker => {
                finish(&mut self.stream, &mut self.queue).await;
            }
            End::Transport => {}
        }
    }

    /// Carries bytes both ways as long as there are any.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        loop {
            let Standing { close, congested } =
                self.hub.collect(self.id, &mut self.queue, cx.waker());
            if close {
                return Poll::Ready(End::Broker);
            }
            if let Poll::Ready(Err(error)) = self.queue.poll_write(&mut self.stream, cx) {
                debug!(
                    "broker: writing to connection {} failed: {error}",
                    self.id.0
                );
                return Poll::Ready(End::Transport);
            }
            let accepted = self.queue.take_accepted();
            if accepted > 0 {
                // Room that lets the broker say more, or lets us read again.
                self.hub.sent(self.id, accepted);
                continue;
            }
            if self.hub.is_drain_wanted(self.id) {
                let end = self.drain(cx);
                self.hub.drained(self.id);
                match end {
                    Poll::Ready(end) => return Poll::Ready(end),
                    // What the broker says of it comes first.
                    Poll::Pending => continue,
                }
            }
            if congested {
                return Poll::Pending;
            }
            match self.begin(cx) {
                // What the broker says to it comes first.
                Poll::Ready(true) => continue,
                Poll::Ready(false) => {}
                Poll::Pending => return Poll::Pending,
            }
            match self.read(cx) {
                Poll::Ready(Ok(0)) => return Poll::Ready(End::Transport),
                Poll::Ready(Ok(_)) => {}
                Poll::Ready(Err(error)) => {
                    debug!(
                        "broker: reading from connection {} failed: {error}",
                        self.id.0
                    );
                    return Poll::Ready(End::Transport);
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl Connection {
    /// Hands the broker what arrives, or keeps it until it may begin.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let (id, hub, first) = (self.id, &self.hub, &mut self.first);
        poll_read_shared(&mut self.stream, cx, |bytes| {
            match first {
                Some(first) => first.extend_from_slice(bytes),
                None if bytes.is_empty() => {}
                None => hub.receive(id, bytes),
            }
            bytes.len()
        })
    }

    /// Hands in the first bytes once there is a whole packet and nothing has
    /// to come before it; whether it has just done so.
    fn begin(&mut self, cx: &Context<'_>) -> Poll<bool> {
        let Some(first) = &self.first else {
            return Poll::Ready(false);
        };
        if first.is_empty() || (first.len() < MOST_FIRST && is_incomplete(first)) {
            return Poll::Ready(false);
        }
        if !self.hub.may_begin(first, cx.waker()) {
            return Poll::Pending;
        }
        if let Some(first) = self.first.take() {
            self.hub.receive(self.id, &first);
        }
        Poll::Ready(true)
    }

    /// Hands in everything that has arrived.
    fn drain(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        for _ in 0..MOST_DRAINED {
            match self.read(cx) {
                Poll::Ready(Ok(0)) | Poll::Ready(Err(_)) => return Poll::Ready(End::Transport),
                Poll::Ready(Ok(_)) => {}
                Poll::Pending => break,
            }
        }
        Poll::Pending
    }
}

/// Whether more is to come of a CONNECT; anything else is the broker's to
/// refuse.
fn is_incomplete(first: &[u8]) -> bool {
    let is_connect = first.first().is_none_or(|byte| byte >> 4 == 1);
    is_connect
        && match packet::frame(first) {
            Ok(None) => true,
            Ok(Some(frame)) => first.len() < frame.len(),
            Err(_) => false,
        }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.hub.closed(self.id);
    }
}

#[cfg(test)]
mod tests {
    use attwin_sim::broker::BrokerConfig;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpSocket;

    use super::*;
    use crate::net::tests::within;

    /// Two ends of a connection whose first end can send only a little ahead.
    async fn narrow_pair() -> (TcpStream, TcpStream) {
        let listening = TcpSocket::new_v4().unwrap();
        listening.set_recv_buffer_size(4096).unwrap();
        listening.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = listening.listen(1).unwrap();
        let connecting = TcpSocket::new_v4().unwrap();
        connecting.set_send_buffer_size(4096).unwrap();
        let first = connecting
            .connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        (first, listener.accept().await.unwrap().0)
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_is_not_read() {
        // Far more than the limits and the kernel's buffers take; a broker that
        // reads on regardless disconnects the client.
        const PINGS: usize = 64 * 1024;
        let mut config = BrokerConfig::default();
        config.limits.unsent_bytes = 16 * 1024;
        config.limits.packet_bytes = 16 * 1024;
        let (stream, mut client) = narrow_pair().await;
        let connection = Connection::new(
            ConnectionId(0),
            Arc::new(Hub::new(config, false)),
            Stream::Plain(stream),
        );
        tokio::spawn(connection.run());

        let (mut from_broker, mut to_broker) = client.split();
        let write = async {
            to_broker
                .write_all(b"\x10\x0D\x00\x04MQTT\x04\x02\x00\x00\x00\x01c")
                .await?;
            to_broker.write_all(&b"\xC0\x00".repeat(PINGS)).await
        };
        let mut answers = vec![0; 4 + 2 * PINGS];
        let read = from_broker.read_exact(&mut answers);
        let (written, answered) = within(async { tokio::join!(write, read) }).await;
        written.unwrap();
        answered.unwrap();
        assert!(answers[4..].chunks(2).all(|answer| answer == b"\xD0\x00"));
    }

    /// What a client sent before it came back under its identifier comes
    /// first, DISCONNECT too.
    #[tokio::test]
    async fn a_client_that_comes_back_at_once_loses_nothing() {
        use attwin_sim::broker::{BrokerEvent, DisconnectReason};

        const MESSAGES: usize = 20;
        let hub = Arc::new(Hub::new(BrokerConfig::default(), false));
        let (events, mut seen) = tokio::sync::mpsc::channel(100);
        hub.report_to(events);
        let connection =
            |id, stream| Connection::new(ConnectionId(id), Arc::clone(&hub), Stream::Plain(stream));
        // With a will.
        let connect = b"\x10\x16\x00\x04MQTT\x04\x06\x00\x00\x00\x01c\x00\x01w\x00\x04gone";
        let (stream, mut client) = narrow_pair().await;
        let mut old = Some(connection(0, stream));
        client.write_all(connect).await.unwrap();
        let connacked = async {
            let mut connack = [0; 4];
            client.read_exact(&mut connack).await.unwrap();
        };
        let served = poll_fn(|cx| match old.as_mut().unwrap().poll(cx) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        });
        tokio::select! {
            () = connacked => {}
            () = served => panic!("the connection ended"),
        }
        let (stream, mut back) = narrow_pair().await;
        let mut new = connection(1, stream);
        let mut last = b"\x30\x04\x00\x01tx".repeat(MESSAGES);
        last.extend(b"\xE0\x00");
        client.write_all(&last).await.unwrap();
        drop(client);
        back.write_all(connect).await.unwrap();
        let mut story = Vec::new();
        // The new connection always has the first turn.
        within(poll_fn(|cx| {
            let _ = new.poll(cx);
            if old.as_mut().is_some_and(|old| old.poll(cx).is_ready()) {
                old = None;
            }
            while let Poll::Ready(Some(event)) = seen.poll_recv(cx) {
                story.push(match event {
                    BrokerEvent::Received { .. } => "message",
                    BrokerEvent::WillPublished { .. } => "will",
                    BrokerEvent::Disconnected { reason, .. } => {
                        assert_eq!(reason, DisconnectReason::Requested);
                        "end"
                    }
                    BrokerEvent::Connected { .. } => "connected",
                    _ => continue,
                });
            }
            if story.iter().filter(|what| **what == "connected").count() == 2 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }))
        .await;
        let mut expected = vec!["connected"];
        expected.extend(["message"; MESSAGES]);
        expected.extend(["end", "connected"]);
        assert_eq!(story, expected);
    }

    fn explained(error: rustls::Error) -> String {
        let authority = Authority::new(&["localhost".to_owned()]).unwrap();
        let acceptor = Acceptor::new(&authority, Duration::from_secs(30));
        let explained = acceptor.explain(&io::Error::new(io::ErrorKind::InvalidData, error));
        explained.replace(&*authority.ca_path().to_string_lossy(), "CA.PEM")
    }

    #[test]
    fn a_client_that_does_not_trust_is_told_where_the_ca_is() {
        let message = explained(rustls::Error::AlertReceived(AlertDescription::UnknownCA));
        assert!(
            message.contains("give it CA.PEM as CA certificate"),
            "{message}"
        );
    }

    #[test]
    fn a_client_without_ecdsa_is_told_what_to_allow() {
        let error = PeerIncompatible::NoCipherSuitesInCommon;
        let message = explained(rustls::Error::PeerIncompatible(error));
        assert!(message.contains("such as 0xC02B"), "{message}");
    }
}
