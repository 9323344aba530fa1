//! The byte-level vectors of docs/spec/quectel.md 12.3 with Mosquitto.

use super::support::{Attwin, Host, Mosquitto, Subscriber, publish};

/// An EC25 that keeps no distance between `OK` and results, and its host.
fn start(mosquitto: &Mosquitto) -> (Attwin, Host) {
    let quirk = "result_urc_delay_ms=0";
    let attwin = Attwin::run(&["--broker", &mosquitto.address(), "--quirk", quirk]);
    let host = attwin.host();
    (attwin, host)
}

fn connect(host: &mut Host) {
    host.command("AT+QMTOPEN=0,\"h\",1883", "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n");
    host.command("AT+QMTCONN=0,\"dev\"", "\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n");
}

#[test]
fn buffered_mode() {
    let mosquitto = Mosquitto::plain();
    let (_attwin, mut host) = start(&mosquitto);
    host.ok(r#"AT+QMTCFG="recv/mode",0,1"#);
    connect(&mut host);
    host.command(
        "AT+QMTSUB=0,1,\"a\",0",
        "\r\nOK\r\n\r\n+QMTSUB: 0,1,0,0\r\n",
    );
    publish(mosquitto.port, "mqttv311", 0, "a", &["-m", "w"]);
    host.expect("\r\n+QMTRECV: 0,0\r\n");
    publish(mosquitto.port, "mqttv311", 0, "a", &["-m", "x"]);
    host.expect("\r\n+QMTRECV: 0,1\r\n");
    host.command("AT+QMTRECV?", "\r\n+QMTRECV: 0,1,1,0,0,0\r\n\r\nOK\r\n");
    host.command("AT+QMTRECV=0,1", "+QMTRECV: 0,0,\"a\",\"x\"\r\n\r\nOK\r\n");
    host.command("AT+QMTRECV?", "\r\n+QMTRECV: 0,1,0,0,0,0\r\n\r\nOK\r\n");
    host.ok("AT+QMTRECV=0,1");
}

#[test]
fn refused_login() {
    let mosquitto = Mosquitto::without_anonymous();
    let (_attwin, mut host) = start(&mosquitto);
    host.command("AT+QMTOPEN=0,\"h\",1883", "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n");
    host.command(
        "AT+QMTCONN=0,\"dev\"",
        "\r\nOK\r\n\r\n+QMTCONN: 0,0,5\r\n\r\n+QMTSTAT: 0,4\r\n",
    );
    host.command("AT+QMTCLOSE=0", "\r\nERROR\r\n");
}

#[test]
fn indices_and_settings() {
    let mosquitto = Mosquitto::plain();
    let (_attwin, mut host) = start(&mosquitto);
    for query in ["AT+QMTOPEN?", "AT+QMTCONN?", "AT+QMTRECV?"] {
        host.ok(query);
    }
    for (option, value) in [
        ("version", "3"),
        ("pdpcid", "1"),
        ("will", "0"),
        ("timeout", "5,3,0"),
        ("session", "1"),
        ("keepalive", "120"),
        ("ssl", "0"),
        ("recv/mode", "0,0"),
        ("aliauth", "\"\",\"\",\"\""),
        ("qmtping", "5"),
    ] {
        let answer = format!("\r\n+QMTCFG: \"{option}\",{value}\r\n\r\nOK\r\n");
        host.command(&format!("AT+QMTCFG=\"{option}\",3"), &answer);
    }
    host.command("AT+QMTCFG=\"keepalive\",0,3601", "\r\nERROR\r\n");
    host.command(
        "AT+QMTCFG=\"keepalive\",0",
        "\r\n+QMTCFG: \"keepalive\",120\r\n\r\nOK\r\n",
    );
    host.command("AT+QMTOPEN=0,\"h\",1883", "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n");
    host.command("AT+QMTOPEN=0,\"h\",1883", "\r\nOK\r\n\r\n+QMTOPEN: 0,2\r\n");
}

#[test]
fn surplus_data() {
    let mosquitto = Mosquitto::plain();
    let (_attwin, mut host) = start(&mosquitto);
    let mut watcher = Subscriber::new(mosquitto.port, "mqttv311", 0, "t");
    connect(&mut host);
    host.command("AT+QMTPUBEX=0,0,0,0,\"t\",3", "\r\n> ");
    host.send(b"abcdef");
    host.expect("\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n");
    host.ok("AT");
    assert_eq!(watcher.next(), "t 0 0 abc");
}
