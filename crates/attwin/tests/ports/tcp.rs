use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use attwin::port::{OUTPUT_QUEUE_LIMIT, PortEvent};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::coop::consume_budget;
use tokio::time::timeout;

use crate::common::{LONG, expect, expect_bytes, expect_detached, next, open, refused, serve};

#[tokio::test]
async fn a_host_connects_talks_and_leaves() {
    let mut port = open("tcp:127.0.0.1:0").await;
    for _ in 0..3 {
        let mut host = TcpStream::connect(port.address()).await.unwrap();
        expect(&mut port, PortEvent::Attached).await;
        host.write_all(b"AT\r").await.unwrap();
        expect_bytes(&mut port, b"AT\r").await;
        port.write(&Bytes::from_static(b"\r\nOK\r\n"));
        let mut answer = [0; 6];
        tokio::select! {
            read = host.read_exact(&mut answer) => { read.unwrap(); }
            _ = serve(&mut port) => {}
        }
        assert_eq!(&answer, b"\r\nOK\r\n");
        drop(host);
        expect_detached(&mut port).await;
    }
}

#[tokio::test]
async fn listens_on_ipv6() {
    let port = open("tcp:[::1]:0").await;
    assert!(port.address().starts_with("[::1]:"), "{}", port.address());
    TcpStream::connect(port.address()).await.unwrap();
}

#[tokio::test]
async fn last_words_come_before_the_detachment() {
    let mut port = open("tcp:127.0.0.1:0").await;
    let mut host = TcpStream::connect(port.address()).await.unwrap();
    host.write_all(b"ATZ\r").await.unwrap();
    drop(host);
    expect(&mut port, PortEvent::Attached).await;
    expect_bytes(&mut port, b"ATZ\r").await;
    expect_detached(&mut port).await;
}

#[tokio::test]
async fn a_second_host_is_closed_without_a_word() {
    let mut port = open("tcp:127.0.0.1:0").await;
    let mut first = TcpStream::connect(port.address()).await.unwrap();
    expect(&mut port, PortEvent::Attached).await;
    let mut second = TcpStream::connect(port.address()).await.unwrap();
    let mut said = Vec::new();
    tokio::select! {
        end = timeout(LONG, second.read_to_end(&mut said)) => { end.expect("closed").unwrap(); }
        _ = serve(&mut port) => {}
    }
    assert_eq!(said, b"");
    first.write_all(b"AT\r").await.unwrap();
    expect_bytes(&mut port, b"AT\r").await;
}

#[tokio::test]
async fn a_host_that_closes_and_connects_again_at_once_is_served() {
    let mut port = open("tcp:127.0.0.1:0").await;
    let mut host = TcpStream::connect(port.address()).await.unwrap();
    for _ in 0..50 {
        expect(&mut port, PortEvent::Attached).await;
        host = {
            host.shutdown().await.unwrap();
            TcpStream::connect(port.address()).await.unwrap()
        };
        expect_detached(&mut port).await;
    }
    expect(&mut port, PortEvent::Attached).await;
}

#[tokio::test]
async fn a_host_that_does_not_read_loses_nothing() {
    let mut port = open("tcp:127.0.0.1:0").await;
    let mut host = TcpStream::connect(port.address()).await.unwrap();
    expect(&mut port, PortEvent::Attached).await;
    let line = Bytes::from(format!("{}\r\n", "line".repeat(100)));
    let mut written = 0;
    while !port.is_full() {
        port.write(&line);
        written += 1;
        // Lets the socket take what it can.
        let mut served = Box::pin(serve(&mut port));
        poll_fn(|cx| {
            assert!(served.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    assert!(written * line.len() > OUTPUT_QUEUE_LIMIT);
    // Bytes of its own wait, and its end does not go unnoticed.
    host.write_all(b"AT\r").await.unwrap();
    let mut got = vec![0; written * line.len()];
    let (room, read) = tokio::join!(
        next(&mut port),
        timeout(LONG, host.read_exact(&mut got[..written * line.len() / 2]))
    );
    read.expect("in time").unwrap();
    assert_eq!(room, PortEvent::Room);
    expect_bytes(&mut port, b"AT\r").await;
    let rest = &mut got[written * line.len() / 2..];
    tokio::select! {
        read = timeout(LONG, host.read_exact(rest)) => { read.expect("in time").unwrap(); }
        _ = serve(&mut port) => {}
    }
    assert!(got.chunks(line.len()).all(|chunk| chunk == line));
}

#[tokio::test]
async fn a_host_that_leaves_a_full_port_is_noticed() {
    let mut port = open("tcp:127.0.0.1:0").await;
    let host = TcpStream::connect(port.address()).await.unwrap();
    expect(&mut port, PortEvent::Attached).await;
    port.write(&Bytes::from(vec![b'x'; 16 << 20]));
    assert!(port.is_full());
    drop(host);
    expect_detached(&mut port).await;
    assert!(port.take_departed_full());
}

#[tokio::test]
async fn a_task_out_of_budget_still_writes_at_once() {
    let mut port = open("tcp:127.0.0.1:0").await;
    let mut host = TcpStream::connect(port.address()).await.unwrap();
    expect(&mut port, PortEvent::Attached).await;
    poll_fn(|cx| {
        while pin!(consume_budget()).poll(cx).is_ready() {}
        port.write(&Bytes::from_static(b"\r\nOK\r\n"));
        Poll::Ready(())
    })
    .await;
    let mut answer = [0; 6];
    timeout(LONG, host.read_exact(&mut answer))
        .await
        .expect("sent, not queued")
        .unwrap();
}

#[tokio::test]
async fn draining_sends_what_is_queued() {
    let mut port = open("tcp:127.0.0.1:0").await;
    let mut host = TcpStream::connect(port.address()).await.unwrap();
    expect(&mut port, PortEvent::Attached).await;
    // More than the sockets hold by themselves: begun, so queued to the end.
    let much = Bytes::from(vec![b'x'; 8 << 20]);
    port.write(&much);
    let mut got = Vec::new();
    let drained = async {
        port.drain().await;
        drop(port);
    };
    let (_, read) = tokio::join!(drained, timeout(LONG, host.read_to_end(&mut got)));
    read.expect("in time").unwrap();
    assert_eq!(got.len(), much.len());
}

#[tokio::test]
async fn an_address_in_use_is_an_error_that_says_so() {
    let port = open("tcp:127.0.0.1:0").await;
    let error = refused(&format!("tcp:{}", port.address())).await;
    assert!(
        error.contains(port.address()) && error.contains("or port 0"),
        "{error}"
    );
}

#[tokio::test]
async fn dials_out_and_dials_again() {
    let peer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut port = open(&format!("connect:{}", peer.local_addr().unwrap())).await;
    for _ in 0..2 {
        let (accepted, event) = tokio::join!(timeout(LONG, peer.accept()), next(&mut port));
        assert_eq!(event, PortEvent::Attached);
        let (mut host, _) = accepted.expect("dialled in time").unwrap();
        host.write_all(b"AT\r").await.unwrap();
        expect_bytes(&mut port, b"AT\r").await;
        port.write(&Bytes::from_static(b"\r\nOK\r\n"));
        let mut answer = [0; 6];
        tokio::select! {
            read = host.read_exact(&mut answer) => { read.unwrap(); }
            _ = serve(&mut port) => {}
        }
        drop(host);
        expect_detached(&mut port).await;
    }
}

#[tokio::test]
async fn a_peer_may_come_up_after_the_port() {
    // Reserves a port number on which nobody listens yet.
    let reserved = tokio::net::TcpSocket::new_v4().unwrap();
    reserved.set_reuseaddr(true).unwrap();
    reserved.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = reserved.local_addr().unwrap();
    let mut port = open(&format!("connect:{address}")).await;
    // The first attempt is refused before the peer listens.
    let mut ready = Box::pin(port.ready());
    poll_fn(|cx| {
        assert!(ready.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
    drop(ready);
    let peer = reserved.listen(1).unwrap();
    let (accepted, event) = tokio::join!(timeout(LONG, peer.accept()), next(&mut port));
    accepted.expect("dialled in time").unwrap();
    assert_eq!(event, PortEvent::Attached);
}
