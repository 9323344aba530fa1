//! What happens to links, without TLS unless it matters.

use std::net::IpAddr;

use attwin_core::{CloseReason, NetError, NetEvent};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

use super::*;
use crate::net::link::MAX_QUEUED;

fn send(bytes: impl Into<Bytes>) -> NetCommand {
    NetCommand::Send(bytes.into())
}

async fn next_kind(network: &mut Network) -> EventKind {
    within(network.next()).await.kind
}

#[tokio::test]
async fn bytes_go_both_ways_and_the_peer_finishes() {
    let (mut network, link, mut peer) = opened().await;

    network.command(link, send("ping"));
    assert_eq!(next_kind(&mut network).await, EventKind::Sent(4));
    let mut got = [0; 4];
    within(peer.read_exact(&mut got)).await.unwrap();
    assert_eq!(&got, b"ping");

    peer.write_all(b"pong").await.unwrap();
    let event = within(network.next()).await;
    assert_eq!(event.link, link);
    assert_eq!(event.as_net_event(), NetEvent::Received(b"pong"));

    drop(peer);
    assert_eq!(
        next_kind(&mut network).await,
        EventKind::Closed(CloseReason::Finished)
    );
    assert_eq!(now_or_never(&mut network), None);
}

#[tokio::test]
async fn a_port_without_listener_refuses() {
    let address = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let mut network = Network::new(Arc::new(redirect_to(address)));
    network.command(LinkId(1), open_command(None));
    assert_eq!(
        next_kind(&mut network).await,
        EventKind::Failed(NetError::Refused)
    );
    assert_eq!(now_or_never(&mut network), None);
}

#[tokio::test]
async fn a_name_that_does_not_exist_fails_to_resolve() {
    let mut network = Network::new(Arc::default());
    network.command(
        LinkId(1),
        NetCommand::Open {
            host: "nonexistent.invalid".to_owned(),
            port: 1883,
            tls: None,
            connect_timeout: Duration::from_secs(30),
        },
    );
    assert_eq!(
        next_kind(&mut network).await,
        EventKind::Failed(NetError::Dns)
    );
    network.command(LinkId(2), NetCommand::Resolve(String::new()));
    assert_eq!(
        next_kind(&mut network).await,
        EventKind::Failed(NetError::Dns)
    );
}

#[tokio::test]
async fn a_peer_that_does_not_answer_times_out() {
    // Once the backlog is full, the kernel leaves connection requests
    // unanswered.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let mut network = Network::new(Arc::new(redirect_to(listener.local_addr().unwrap())));
    let outcome = within(async {
        for number in 0.. {
            let NetCommand::Open {
                host, port, tls, ..
            } = open_command(None)
            else {
                continue;
            };
            let connect_timeout = Duration::from_millis(50);
            network.command(
                LinkId(number),
                NetCommand::Open {
                    host,
                    port,
                    tls,
                    connect_timeout,
                },
            );
            match network.next().await.kind {
                EventKind::Opened => {}
                kind => return Some(kind),
            }
        }
        None
    })
    .await;
    assert_eq!(outcome, Some(EventKind::Failed(NetError::TimedOut)));
}

#[tokio::test]
async fn literals_need_no_resolver() {
    let mut network = Network::new(Arc::default());
    for (host, address) in [("127.0.0.1", "127.0.0.1"), ("::1", "::1"), ("[::1]", "::1")] {
        network.command(LinkId(1), NetCommand::Resolve(host.to_owned()));
        let address: IpAddr = address.parse().unwrap();
        assert_eq!(
            next_kind(&mut network).await,
            EventKind::Resolved(vec![address])
        );
    }
}

#[tokio::test]
async fn a_redirected_name_resolves_to_the_target() {
    let routes = redirect_to("127.0.0.7:1".parse().unwrap());
    let mut network = Network::new(Arc::new(routes));
    network.command(
        LinkId(1),
        NetCommand::Resolve("nonexistent.invalid".to_owned()),
    );
    let target = IpAddr::from([127, 0, 0, 7]);
    assert_eq!(
        next_kind(&mut network).await,
        EventKind::Resolved(vec![target])
    );
}

#[tokio::test]
async fn a_plain_redirection_takes_tls_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Target::at(listener.local_addr().unwrap(), true);
    let mut network = Network::new(Arc::new(Routes::new(Some(target), Vec::new())));
    let link = LinkId(1);
    network.command(link, open_command(Some(any_server())));
    assert_eq!(next_kind(&mut network).await, EventKind::Opened);
    network.command(link, send("in clear"));
    let mut got = [0; 8];
    within(
        within(listener.accept())
            .await
            .unwrap()
            .0
            .read_exact(&mut got),
    )
    .await
    .unwrap();
    assert_eq!(&got, b"in clear");
}

#[tokio::test]
async fn a_reset_is_reported_as_reset() {
    let (mut network, _, peer) = opened().await;
    peer.set_zero_linger().unwrap();
    drop(peer);
    assert_eq!(
        next_kind(&mut network).await,
        EventKind::Closed(CloseReason::Reset)
    );
}

#[tokio::test]
async fn a_write_that_fails_ends_the_link() {
    let (mut network, link, peer) = opened().await;
    // While reading is paused, only writing can notice the reset.
    network.command(link, NetCommand::Pause);
    peer.set_zero_linger().unwrap();
    drop(peer);
    let reason = within(async {
        loop {
            network.command(link, send("x"));
            match network.next().await.kind {
                EventKind::Sent(1) => tokio::task::yield_now().await,
                kind => return kind,
            }
        }
    })
    .await;
    assert_eq!(reason, EventKind::Closed(CloseReason::WriteFailed));
    assert_eq!(now_or_never(&mut network), None);
}

#[tokio::test]
async fn sent_counts_what_the_socket_took() {
    const CHUNK: usize = 256 * 1024;
    let (mut network, link, mut peer) = opened().await;
    let chunk = Bytes::from(vec![7; CHUNK]);
    let (mut given, mut sent) = (0, 0);
    // Until the peer, which does not read, has made the kernel say no.
    while given == sent {
        network.command(link, send(chunk.clone()));
        given += CHUNK;
        while let Some(kind) = now_or_never(&mut network) {
            let EventKind::Sent(count) = kind else {
                panic!("{kind:?}")
            };
            sent += count;
        }
    }
    assert!(sent < given);

    let reader = tokio::spawn(async move {
        let mut buffer = vec![0; CHUNK];
        let mut total = 0;
        while total < given {
            total += peer.read(&mut buffer).await.unwrap();
        }
        (total, peer)
    });
    while sent < given {
        let EventKind::Sent(count) = next_kind(&mut network).await else {
            panic!()
        };
        sent += count;
    }
    assert_eq!(sent, given);
    assert_eq!(within(reader).await.unwrap().0, given);
}

#[tokio::test]
async fn a_queue_past_its_limit_ends_the_link() {
    let (mut network, link, _peer) = opened().await;
    network.command(link, send(vec![0; MAX_QUEUED + 1]));
    assert_eq!(
        next_kind(&mut network).await,
        EventKind::Closed(CloseReason::WriteFailed)
    );
}

#[tokio::test]
async fn close_sends_what_is_queued_and_says_nothing() {
    let (mut network, link, mut peer) = opened().await;
    // Unread bytes must not turn the end into a reset.
    peer.write_all(b"unread").await.unwrap();
    network.command(link, send(vec![7; MAX_QUEUED]));
    network.command(link, NetCommand::Close);
    assert_eq!(now_or_never(&mut network), None);
    let mut got = Vec::new();
    within(peer.read_to_end(&mut got)).await.unwrap();
    assert_eq!(got.len(), MAX_QUEUED);
}

#[tokio::test]
async fn abort_drops_what_is_queued_and_says_nothing() {
    let (mut network, link, mut peer) = opened().await;
    // More than the kernel takes, so that some of it is still queued.
    let mut given = 0;
    while now_or_never(&mut network).is_some() || given == 0 {
        network.command(link, send(vec![7; MAX_QUEUED]));
        given += MAX_QUEUED;
    }
    network.command(link, NetCommand::Abort);
    assert_eq!(now_or_never(&mut network), None);
    let mut got = Vec::new();
    // Whether it ends with FIN or RST is the kernel's choice.
    let _ = within(peer.read_to_end(&mut got)).await;
    assert!(got.len() < given);
}

#[tokio::test]
async fn a_paused_link_is_not_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut network = Network::new(Arc::new(redirect_to(listener.local_addr().unwrap())));
    let (paused, other) = (LinkId(1), LinkId(2));
    let mut paused_peer = open_another(&mut network, paused, &listener).await;
    let mut other_peer = open_another(&mut network, other, &listener).await;

    network.command(paused, NetCommand::Pause);
    paused_peer.write_all(b"first").await.unwrap();
    other_peer.write_all(b"second").await.unwrap();
    assert_eq!(within(network.next()).await.link, other);
    assert_eq!(now_or_never(&mut network), None);

    network.command(paused, NetCommand::Resume);
    let event = within(network.next()).await;
    assert_eq!(event.link, paused);
    assert_eq!(event.as_net_event(), NetEvent::Received(b"first"));
}

#[tokio::test]
async fn a_busy_link_does_not_starve_another() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut network = Network::new(Arc::new(redirect_to(listener.local_addr().unwrap())));
    let mut busy = open_another(&mut network, LinkId(1), &listener).await;
    let mut quiet = open_another(&mut network, LinkId(2), &listener).await;
    let flood = tokio::spawn(async move { while busy.write_all(&[0; 65536]).await.is_ok() {} });
    quiet.write_all(b"x").await.unwrap();
    within(async { while network.next().await.link != LinkId(2) {} }).await;
    flood.abort();
}

#[tokio::test]
async fn commands_for_unknown_links_are_ignored() {
    let (mut network, link, _peer) = opened().await;
    let gone = LinkId(99);
    for command in [
        send("x"),
        NetCommand::Pause,
        NetCommand::Resume,
        NetCommand::Close,
        NetCommand::Abort,
    ] {
        network.command(gone, command);
    }
    assert_eq!(now_or_never(&mut network), None);
    network.command(link, send("still here"));
    assert_eq!(next_kind(&mut network).await, EventKind::Sent(10));
}

#[tokio::test]
async fn an_attempt_can_be_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut network = Network::new(Arc::new(redirect_to(listener.local_addr().unwrap())));
    network.command(LinkId(1), open_command(Some(any_server())));
    assert_eq!(now_or_never(&mut network), None);
    network.command(LinkId(1), NetCommand::Abort);
    network.command(LinkId(2), open_command(None));
    let event = within(network.next()).await;
    assert_eq!(
        event,
        Event {
            link: LinkId(2),
            kind: EventKind::Opened
        }
    );
}

/// A modem that has no room opens a connection: what the server says first
/// waits in the network, however much it is.
#[tokio::test]
async fn a_link_paused_while_it_is_set_up_is_not_read() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut network = Network::new(Arc::new(redirect_to(listener.local_addr().unwrap())));
    let link = LinkId(1);
    network.command(link, open_command(None));
    network.command(link, NetCommand::Pause);
    let (opened, accepted) =
        within(async { tokio::join!(network.next(), listener.accept()) }).await;
    assert_eq!(opened.kind, EventKind::Opened);
    let (mut peer, _) = accepted.unwrap();
    peer.write_all(b"first").await.unwrap();
    // What comes later on another link is read first.
    let mut other = open_another(&mut network, LinkId(2), &listener).await;
    other.write_all(b"second").await.unwrap();
    assert_eq!(within(network.next()).await.link, LinkId(2));
    assert_eq!(now_or_never(&mut network), None);
    network.command(link, NetCommand::Resume);
    let event = within(network.next()).await;
    assert_eq!(event.as_net_event(), NetEvent::Received(b"first"));
}
