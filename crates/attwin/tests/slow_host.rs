//! A host that reads late and slowly, through every kind of port: whatever the
//! module acknowledged to the broker reaches it. Virtual time has the paces; here
//! are the real port, twin, network and broker.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]
#![cfg(unix)]

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use attwin::embedded::{Embedded, EmbeddedOptions};
use attwin::net::{Network, Routes, Target};
use attwin::port::{Port, PortEvent};
use attwin::twin::Twin;
use attwin::watch::{Observer, Seen};
use attwin_core::mqtt::packet::QoS;
use attwin_core::{Config, Modem, NetCommand, find_module};
use attwin_sim::broker::{BrokerConfig, BrokerEvent, Limits, Message};
use attwin_sim::fault::Faulty;
use bytes::Bytes;
use serial2_tokio::SerialPort;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpSocket, UnixStream};
use tokio::sync::watch;
use tokio::time::timeout;

/// Far longer than anything here takes: reaching it is a failure.
const LONG: Duration = Duration::from_secs(60);

const SIZE: usize = 1_000;

/// What the host reads at once.
const PIECE: usize = 500;

/// The host's end of a line.
enum Line {
    Stream(Box<dyn Stream>),
    /// A PTY that stands for the UART at the other end of a serial device.
    Uart(Port),
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

struct Host {
    line: Line,
    heard: Vec<u8>,
}

impl Host {
    async fn send(&mut self, bytes: &[u8]) {
        match &mut self.line {
            Line::Stream(stream) => stream.write_all(bytes).await.unwrap(),
            Line::Uart(port) => port.write(&Bytes::copy_from_slice(bytes)),
        }
    }

    async fn read(&mut self) {
        let mut piece = [0; PIECE];
        let n = match &mut self.line {
            Line::Stream(stream) => stream.read(&mut piece).await.unwrap(),
            Line::Uart(port) => match port.ready().await {
                PortEvent::Readable => port.try_read(&mut piece).unwrap_or(0),
                _ => 0,
            },
        };
        self.heard.extend_from_slice(&piece[..n]);
    }

    async fn wait_for(&mut self, text: &str) {
        let waited = timeout(LONG, async {
            let mut from = 0;
            while !contains(&self.heard[from..], text) {
                from = self.heard.len().saturating_sub(text.len());
                self.read().await;
            }
        });
        if waited.await.is_err() {
            panic!("no {text:?} in {}", self.heard.escape_ascii());
        }
    }

    async fn command(&mut self, line: &str, end: &str) {
        self.send(format!("{line}\r").as_bytes()).await;
        self.wait_for(end).await;
        self.heard.clear();
    }
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|w| w == text.as_bytes())
}

/// Says when the module stops reading from the network.
struct Pauses(watch::Sender<bool>);

impl Observer for Pauses {
    fn observe(&mut self, seen: &Seen<'_>) {
        if let Seen::Command {
            command: NetCommand::Pause,
            ..
        } = seen
        {
            self.0.send_replace(true);
        }
    }
}

fn payload(n: usize) -> String {
    format!("<{n:06}{}>", "x".repeat(SIZE))
}

async fn nothing_is_lost(messages: usize, qos: QoS, port: Port, line: Line) {
    let broker = BrokerConfig {
        limits: Limits {
            queued_messages: messages,
            ..Limits::default()
        },
        ..BrokerConfig::default()
    };
    let options = EmbeddedOptions {
        broker,
        ..EmbeddedOptions::default()
    };
    let broker = Embedded::start(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), options);
    let broker = broker.await.unwrap();
    let routes = Routes::new(Some(Target::at(broker.addr(), true)), Vec::new());
    let modem = Faulty::new(
        Modem::new(Config::new(find_module("quectel-ec25").unwrap())),
        0,
    );
    let (pauses, mut paused) = watch::channel(false);
    let twin = Twin::new(modem, port, Network::new(Arc::new(routes))).observed_by(Pauses(pauses));
    let (stop, stopped) = watch::channel(false);
    let twin = tokio::spawn(twin.run(stopped));

    let mut host = Host {
        line,
        heard: Vec::new(),
    };
    host.send(b"ATE0\r").await;
    host.wait_for("OK\r\n").await;
    host.wait_for("PB DONE").await;
    host.command(r#"AT+QMTOPEN=0,"h",1883"#, "+QMTOPEN: 0,0\r\n")
        .await;
    host.command(r#"AT+QMTCONN=0,"dev-1""#, "+QMTCONN: 0,0,0\r\n")
        .await;
    let qos_level = qos as u8;
    host.command(
        &format!(r#"AT+QMTSUB=0,1,"t",{qos_level}"#),
        "+QMTSUB: 0,1,0",
    )
    .await;

    let mut events = broker.events();
    broker.operate(|broker, now| {
        for n in 0..messages {
            broker.publish(now, Message::new("t", payload(n), qos, false).unwrap());
        }
    });
    let mut acknowledged = 0;
    let count = async {
        while acknowledged < messages {
            if let Some(BrokerEvent::Delivered { .. }) = events.recv().await {
                acknowledged += 1;
            }
        }
    };
    // Not a byte is read until the module has made the network wait.
    tokio::select! {
        () = count => {}
        paused = timeout(LONG, paused.wait_for(|paused| *paused)) => { paused.unwrap().unwrap(); }
    }
    assert!(
        acknowledged < messages,
        "everything was taken by somebody who does not read"
    );

    host.wait_for(&payload(messages - 1)).await;
    let heard = String::from_utf8(std::mem::take(&mut host.heard)).unwrap();
    let mut rest = &*heard;
    for n in 0..messages {
        let at = rest.find(&payload(n));
        rest = &rest[at.unwrap_or_else(|| panic!("message {n} is missing"))..];
    }
    stop.send_replace(true);
    twin.await.unwrap();
}

async fn open(endpoint: &str) -> Port {
    Port::open(&endpoint.parse().unwrap()).await.unwrap()
}

#[tokio::test]
async fn through_a_pty() {
    for (messages, qos) in [(3_000, QoS::Level1), (500, QoS::Level2)] {
        let port = open("pty").await;
        let host = SerialPort::open(port.address(), 115_200).unwrap();
        nothing_is_lost(messages, qos, port, Line::Stream(Box::new(host))).await;
    }
}

#[tokio::test]
async fn through_tcp() {
    for (messages, qos) in [(8_000, QoS::Level1), (8_000, QoS::Level2)] {
        let port = open("tcp:127.0.0.1:0").await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let host = socket
            .connect(port.address().parse().unwrap())
            .await
            .unwrap();
        nothing_is_lost(messages, qos, port, Line::Stream(Box::new(host))).await;
    }
}

#[tokio::test]
async fn through_a_unix_socket() {
    let directory = tempfile::tempdir().unwrap();
    for (messages, qos) in [(1_000, QoS::Level1), (1_000, QoS::Level2)] {
        let path = directory.path().join("modem");
        let port = open(&format!("unix:{}", path.display())).await;
        let host = UnixStream::connect(&path).await.unwrap();
        nothing_is_lost(messages, qos, port, Line::Stream(Box::new(host))).await;
    }
}

#[tokio::test]
async fn through_a_serial_device() {
    for (messages, qos) in [(500, QoS::Level1), (500, QoS::Level2)] {
        let mut uart = open("pty").await;
        let port = open(&format!("serial:{}", uart.address())).await;
        assert_eq!(uart.ready().await, PortEvent::Attached);
        nothing_is_lost(messages, qos, port, Line::Uart(uart)).await;
    }
}
