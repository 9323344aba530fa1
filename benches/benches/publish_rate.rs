//! QoS 1 publishes, one at a time, through AT against a direct client of the
//! same Mosquitto.

mod support;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use attwin::net::Target;
use attwin_core::mqtt::packet::{self, ConnectFields, Level, QoS};
use bytes::Bytes;

use support::{Host, compare, start_module};

const PAYLOAD: [u8; 32] = [b'x'; 32];

fn main() {
    let (mut mosquitto, address) = start_mosquitto();
    let target: Target = address.parse().expect("a valid address");
    let mut module = Host::connect(&start_module(Some(target)));
    module.exchange(b"ATE0\r", b"\r\nOK\r\n");
    module.exchange(b"AT+QMTOPEN=0,\"h\",1883\r", b"\r\n+QMTOPEN: 0,0\r\n");
    module.exchange(b"AT+QMTCONN=0,\"at\"\r", b"\r\n+QMTCONN: 0,0,0\r\n");

    let mut direct = Host::connect(&address);
    let connect = packet::connect(&ConnectFields {
        level: Level::V311,
        clean_session: true,
        keep_alive: 120,
        client_id: Bytes::from_static(b"direct"),
        will: None,
        username: None,
        password: None,
    });
    direct.exchange(&connect.expect("it fits"), &[0x20, 2, 0, 0]);
    let publish = packet::publish(false, QoS::Level1, false, 7, b"topic/pub", &PAYLOAD);
    let publish = publish.expect("it fits");

    println!("command, prompt, data:");
    compare(
        21_000,
        ("through AT", || {
            module.exchange(b"AT+QMTPUBEX=0,7,1,0,\"topic/pub\",32\r", b"\r\n> ");
            module.exchange(&PAYLOAD, b"\r\n+QMTPUBEX: 0,7,0\r\n");
        }),
        ("direct client", || {
            direct.exchange(&publish, &[0x40, 2, 0, 7]);
        }),
    );
    println!("inline message:");
    let inline = [
        &b"AT+QMTPUBEX=0,7,1,0,\"topic/pub\",\""[..],
        &PAYLOAD,
        b"\"\r",
    ]
    .concat();
    compare(
        21_000,
        ("through AT", || {
            module.exchange(&inline, b"\r\n+QMTPUBEX: 0,7,0\r\n");
        }),
        ("direct client", || {
            direct.exchange(&publish, &[0x40, 2, 0, 7]);
        }),
    );
    let _ = mosquitto.kill();
    let _ = mosquitto.wait();
}

fn start_mosquitto() -> (Child, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("a bound socket").port();
    drop(listener);
    let search = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let mut child = Command::new("mosquitto")
        .env("PATH", search)
        .args(["-p", &port.to_string()])
        .stderr(Stdio::piped())
        .spawn()
        .expect("Mosquitto is installed; see scripts/test");
    let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
    let running = lines
        .by_ref()
        .map_while(Result::ok)
        .any(|line| line.contains("running"));
    assert!(running, "Mosquitto starts");
    // It goes on logging; somebody has to read.
    std::thread::spawn(move || lines.for_each(drop));
    (child, format!("127.0.0.1:{port}"))
}
