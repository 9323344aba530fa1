//! Both protocol levels and every QoS through Mosquitto, and sessions that
//! outlive a connection.

use super::support::{Attwin, Mosquitto, Subscriber, publish};

const FAST: [&str; 2] = ["--timing", "fast"];

fn run(mosquitto: &Mosquitto) -> Attwin {
    let address = mosquitto.address();
    Attwin::run(&[&["--broker", &address][..], &FAST].concat())
}

#[test]
fn every_level_and_qos_both_ways() {
    let mosquitto = Mosquitto::plain();
    let attwin = run(&mosquitto);
    let mut host = attwin.host();
    for (level, version) in [(3, "mqttv31"), (4, "mqttv311")] {
        let mut watcher = Subscriber::new(mosquitto.port, version, 2, "up/#");
        host.ok(&format!("AT+QMTCFG=\"version\",0,{level}"));
        host.command(
            r#"AT+QMTOPEN=0,"h",1883"#,
            "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n",
        );
        host.command(r#"AT+QMTCONN=0,"dev""#, "\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n");
        host.command(
            r#"AT+QMTSUB=0,1,"down/#",2"#,
            "\r\nOK\r\n\r\n+QMTSUB: 0,1,0,2\r\n",
        );
        for qos in 0..=2u8 {
            let id = if qos == 0 { 0 } else { 7 };
            host.command(
                &format!("AT+QMTPUBEX=0,{id},{qos},0,\"up/{qos}\",5"),
                "\r\n> ",
            );
            host.send(b"hello");
            host.expect(&format!("\r\nOK\r\n\r\n+QMTPUBEX: 0,{id},0\r\n"));
            assert_eq!(watcher.next(), format!("up/{qos} {qos} 0 hello"));
            publish(
                mosquitto.port,
                version,
                qos,
                &format!("down/{qos}"),
                &["-m", "back"],
            );
            let id = qos; // Mosquitto counts from 1 on each connection.
            host.expect(&format!("\r\n+QMTRECV: 0,{id},\"down/{qos}\",\"back\"\r\n"));
        }
        host.command(
            "AT+QMTDISC=0",
            "\r\nOK\r\n\r\n+QMTDISC: 0,0\r\n\r\n+QMTSTAT: 0,5\r\n",
        );
    }
}

#[test]
fn a_persistent_session_keeps_messages() {
    let mosquitto = Mosquitto::plain();
    let attwin = run(&mosquitto);
    let mut host = attwin.host();
    host.ok(r#"AT+QMTCFG="session",0,0"#);
    let connect = |host: &mut super::support::Host| {
        host.command(
            r#"AT+QMTOPEN=0,"h",1883"#,
            "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n",
        );
        host.command(
            r#"AT+QMTCONN=0,"keeper""#,
            "\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n",
        );
    };
    connect(&mut host);
    host.command(
        r#"AT+QMTSUB=0,1,"kept",1"#,
        "\r\nOK\r\n\r\n+QMTSUB: 0,1,0,1\r\n",
    );
    host.command("AT+QMTCLOSE=0", "\r\nOK\r\n\r\n+QMTCLOSE: 0,0\r\n");
    publish(mosquitto.port, "mqttv311", 1, "kept", &["-m", "while away"]);
    connect(&mut host);
    host.expect("\r\n+QMTRECV: 0,1,\"kept\",\"while away\"\r\n");
}

#[test]
fn another_client_takes_the_identifier_over() {
    let mosquitto = Mosquitto::plain();
    let attwin = run(&mosquitto);
    let mut host = attwin.host();
    host.command(
        r#"AT+QMTOPEN=0,"h",1883"#,
        "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n",
    );
    host.command(
        r#"AT+QMTCONN=0,"twin""#,
        "\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n",
    );
    publish(
        mosquitto.port,
        "mqttv311",
        0,
        "t",
        &["-m", "x", "-i", "twin"],
    );
    host.expect("\r\n+QMTSTAT: 0,1\r\n");
}
