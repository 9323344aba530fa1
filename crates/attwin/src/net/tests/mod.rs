//! The network against real sockets on the loopback interface.

pub(crate) mod data;
mod links;
mod tls;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use attwin_core::{LinkId, NetCommand, TlsSettings, TlsVersion, TlsVersions};
use tokio::net::{TcpListener, TcpStream};

use super::{Event, EventKind, Network, Routes, Target};

/// The host name the firmware under test has compiled in.
pub(crate) const HOST: &str = "broker.example";

/// 2025-01-01, on every module's clock here.
pub(crate) const NOW_MS: i64 = 1_735_689_600_000;

/// Far more than anything here takes; a test that runs into it has failed.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), future)
        .await
        .expect("no event within 30 s")
}

/// Settings that accept any server.
pub(crate) fn any_server() -> TlsSettings {
    TlsSettings {
        versions: TlsVersions {
            min: TlsVersion::Tls12,
            max: TlsVersion::Tls13,
        },
        cipher_suites: None,
        roots: None,
        identity: None,
        ignore_validity: false,
        check_host: false,
        refuse_wildcard: None,
        sni: true,
        alpn: None,
        handshake_timeout: Duration::from_secs(30),
        wall_clock_ms: NOW_MS,
    }
}

pub(crate) fn redirect_to(address: SocketAddr) -> Routes {
    Routes::new(Some(Target::at(address, false)), Vec::new())
}

pub(crate) fn open_command(tls: Option<TlsSettings>) -> NetCommand {
    NetCommand::Open {
        host: HOST.to_owned(),
        port: 1883,
        tls: tls.map(Box::new),
        connect_timeout: Duration::from_secs(30),
    }
}

/// A network with one open plain link, and the peer's end of it.
async fn opened() -> (Network, LinkId, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut network = Network::new(Arc::new(redirect_to(listener.local_addr().unwrap())));
    let link = LinkId(1);
    let peer = open_another(&mut network, link, &listener).await;
    (network, link, peer)
}

async fn open_another(network: &mut Network, link: LinkId, listener: &TcpListener) -> TcpStream {
    network.command(link, open_command(None));
    assert_eq!(
        within(network.next()).await,
        Event {
            link,
            kind: EventKind::Opened
        }
    );
    within(listener.accept()).await.unwrap().0
}

/// What the network has to say without waiting.
fn now_or_never(network: &mut Network) -> Option<EventKind> {
    match network.poll_next(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(event) => Some(event.kind),
        Poll::Pending => None,
    }
}
