//! The embedded broker with real clients on the loopback interface.

use attwin_core::{CloseReason, LinkId, NetCommand, NetError, TlsSettings};
use bytes::Bytes;

use super::*;
use crate::net::tests::{HOST, any_server, open_command, redirect_to, within};
use crate::net::{EventKind, Network};

const CONNACK: &[u8] = b"\x20\x02\x00\x00";
const PINGREQ: &[u8] = b"\xC0\x00";
const PINGRESP: &[u8] = b"\xD0\x00";

/// An MQTT client that speaks in bytes.
struct Client {
    network: Network,
    link: LinkId,
    received: Vec<u8>,
}

impl Client {
    async fn open(broker: &Embedded, tls: Option<TlsSettings>) -> Self {
        let mut network = Network::new(Arc::new(redirect_to(broker.addr())));
        let link = LinkId(0);
        network.command(link, open_command(tls));
        assert_eq!(within(network.next()).await.kind, EventKind::Opened);
        Self {
            network,
            link,
            received: Vec::new(),
        }
    }

    /// Connected under a one-letter client identifier.
    async fn connected(broker: &Embedded, tls: Option<TlsSettings>, id: u8) -> Self {
        let mut client = Self::open(broker, tls).await;
        client.send([b"\x10\x0D\x00\x04MQTT\x04\x02\x00\x00\x00\x01", &[id][..]].concat());
        client.expect(CONNACK).await;
        client
    }

    async fn subscribe(&mut self) {
        self.send(*b"\x82\x06\x00\x01\x00\x01t\x01");
        self.expect(b"\x90\x03\x00\x01\x01").await;
    }

    fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = Bytes::copy_from_slice(bytes.as_ref());
        self.network.command(self.link, NetCommand::Send(bytes));
    }

    async fn expect(&mut self, expected: &[u8]) {
        while self.received.len() < expected.len() {
            match within(self.network.next()).await.kind {
                EventKind::Received(bytes) => self.received.extend_from_slice(&bytes),
                EventKind::Sent(_) => {}
                kind => panic!("{kind:?}"),
            }
        }
        let got: Vec<u8> = self.received.drain(..expected.len()).collect();
        assert_eq!(got, expected);
    }

    async fn expect_end(&mut self) {
        loop {
            match within(self.network.next()).await.kind {
                EventKind::Sent(_) => {}
                EventKind::Closed(CloseReason::Finished) => return,
                kind => panic!("{kind:?}"),
            }
        }
    }
}

fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

async fn started() -> Embedded {
    started_with(BrokerConfig::default()).await
}

async fn started_with(broker: BrokerConfig) -> Embedded {
    let options = EmbeddedOptions {
        broker,
        ..EmbeddedOptions::default()
    };
    Embedded::start(anywhere(), options).await.unwrap()
}

fn trusting(broker: &Embedded) -> TlsSettings {
    let ca = std::fs::read(broker.ca_path()).unwrap();
    TlsSettings {
        roots: Some(vec![ca.into()]),
        ..any_server()
    }
}

#[tokio::test]
async fn plain_and_tls_clients_meet_on_one_port() {
    let broker = started().await;
    let mut subscriber = Client::connected(&broker, Some(trusting(&broker)), b's').await;
    subscriber.subscribe().await;
    let mut publisher = Client::connected(&broker, None, b'p').await;
    publisher.send(b"\x32\x07\x00\x01t\x00\x07hi");
    publisher.expect(b"\x40\x02\x00\x07").await;
    subscriber.expect(b"\x32\x07\x00\x01t\x00\x01hi").await;
}

#[tokio::test]
async fn the_certificate_is_valid_for_the_names_asked_for() {
    let options = EmbeddedOptions {
        names: vec![HOST.to_owned()],
        ..EmbeddedOptions::default()
    };
    let broker = Embedded::start(anywhere(), options).await.unwrap();
    let settings = TlsSettings {
        check_host: true,
        ..trusting(&broker)
    };
    Client::connected(&broker, Some(settings), b'c').await;

    let other = started().await;
    let settings = TlsSettings {
        check_host: true,
        ..trusting(&other)
    };
    let mut network = Network::new(Arc::new(redirect_to(other.addr())));
    network.command(LinkId(0), open_command(Some(settings)));
    assert_eq!(
        within(network.next()).await.kind,
        EventKind::Failed(NetError::Tls)
    );
}

#[tokio::test]
async fn what_is_no_mqtt_is_closed() {
    let broker = started().await;
    let mut client = Client::open(&broker, None).await;
    client.send(b"GET / HTTP/1.1\r\n\r\n");
    client.expect_end().await;
}

#[tokio::test]
async fn disconnect_ends_both_kinds_of_connection() {
    let broker = started().await;
    for tls in [None, Some(trusting(&broker))] {
        let mut client = Client::connected(&broker, tls, b'c').await;
        client.send(b"\xE0\x00");
        client.expect_end().await;
    }
}

#[tokio::test]
async fn a_connection_without_connect_is_closed_in_time() {
    let config = BrokerConfig {
        connect_timeout: Duration::from_millis(20),
        ..BrokerConfig::default()
    };
    let broker = started_with(config).await;
    // Before and after its first byte.
    Client::open(&broker, None).await.expect_end().await;
    let mut client = Client::open(&broker, None).await;
    client.send(b"\x10");
    client.expect_end().await;
}

#[tokio::test]
async fn a_lost_connection_publishes_its_will() {
    let broker = started().await;
    let mut subscriber = Client::connected(&broker, None, b's').await;
    subscriber.subscribe().await;
    let mut leaving = Client::open(&broker, None).await;
    leaving.send(&b"\x10\x14\x00\x04MQTT\x04\x06\x00\x00\x00\x01w\x00\x01t\x00\x02bye"[..]);
    leaving.expect(CONNACK).await;
    leaving.network.command(leaving.link, NetCommand::Abort);
    subscriber.expect(b"\x30\x05\x00\x01tby").await;
}

#[tokio::test]
async fn a_subscriber_that_does_not_read_does_not_hold_up_the_others() {
    let broker = started().await;
    let mut subscriber = Client::connected(&broker, None, b's').await;
    subscriber.subscribe().await;
    subscriber
        .network
        .command(subscriber.link, NetCommand::Pause);
    let mut publisher = Client::connected(&broker, None, b'p').await;
    let mut packet = b"\x30\x83\x80\x04\x00\x01t".to_vec();
    packet.resize(4 + 0x1_0003, 7);
    // Far more than the kernel and the broker hold for one connection.
    for _ in 0..512 {
        publisher.send(&packet);
        publisher.send(PINGREQ);
        publisher.expect(PINGRESP).await;
    }
}

#[tokio::test]
async fn one_connection_too_many_is_closed_at_once() {
    let mut config = BrokerConfig::default();
    config.limits.connections = 1;
    let broker = started_with(config).await;
    let mut first = Client::connected(&broker, None, b'1').await;
    Client::open(&broker, None).await.expect_end().await;
    first.send(PINGREQ);
    first.expect(PINGRESP).await;
}

#[tokio::test]
async fn dropping_it_ends_everything() {
    let broker = started().await;
    let addr = broker.addr();
    let mut client = Client::connected(&broker, None, b'c').await;
    drop(broker);
    client.expect_end().await;
    // Its connections end after it stopped listening.
    let mut network = Network::new(Arc::new(redirect_to(addr)));
    network.command(LinkId(0), open_command(None));
    assert_eq!(
        within(network.next()).await.kind,
        EventKind::Failed(NetError::Refused)
    );
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let first = started().await;
    let error = Embedded::start(first.addr(), EmbeddedOptions::default())
        .await
        .unwrap_err();
    let message = error.to_string();
    assert!(
        message.starts_with(&format!("cannot listen on {}: ", first.addr())),
        "{message}"
    );
}
