//! What the loss of the PDP context does to the clients on it
//! (docs/spec/quectel.md 7.3, 7.4).

use attwin_core::RadioEvent;
use attwin_sim::broker::BrokerEvent;
use attwin_sim::link::Opening;

use super::bench::{Bench, message, millis, seconds};

const DEACTIVATED: &str = "\r\n+QIURC: \"pdpdeact\",1\r\n";

/// Clients 0 and 2 connected, 1 open only, all on context 1; client 3 on
/// context 2.
fn clients() -> Bench {
    let mut b = Bench::new();
    b.ok(r#"AT+QICSGP=2,1,"second""#);
    b.ok(r#"AT+QMTCFG="pdpcid",3,2"#);
    b.connect(0);
    b.open(1);
    b.connect(2);
    b.connect(3);
    b
}

/// The network's doing: each client in ascending order, then the context.
#[test]
fn the_network_deactivates() {
    let mut b = clients();
    b.radio(RadioEvent::PdpLost(1));
    b.then(&format!(
        "\r\n+QMTSTAT: 0,1\r\n\r\n+QMTSTAT: 1,1\r\n\r\n+QMTSTAT: 2,1\r\n{DEACTIVATED}"
    ));
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 3,3\r\n\r\nOK\r\n");
    b.error("AT+QMTCLOSE=0");
    // The other context's client goes on.
    b.ok(r#"AT+QMTPUBEX=3,1,1,0,"t","x""#);
    b.then("\r\n+QMTPUBEX: 3,1,0\r\n");
}

#[test]
fn the_host_deactivates() {
    for (command, answer_takes) in [
        ("AT+QIDEACT=1", seconds(40)),
        ("AT+CGACT=0,1", seconds(150)),
    ] {
        let mut b = clients();
        b.line(command);
        let heard = b.within(answer_takes);
        assert_eq!(
            heard, "\r\nOK\r\n\r\n+QMTSTAT: 0,1\r\n\r\n+QMTSTAT: 1,1\r\n\r\n+QMTSTAT: 2,1\r\n",
            "{command}"
        );
        b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 3,3\r\n\r\nOK\r\n");
    }
}

/// Detaching and switching the radio off take every context.
#[test]
fn the_host_leaves_the_network() {
    for command in ["AT+CGATT=0", "AT+CFUN=0", "AT+CFUN=4"] {
        let mut b = clients();
        b.line(command);
        let heard = b.within(seconds(75));
        assert!(
            heard.starts_with(
                "\r\nOK\r\n\r\n+QMTSTAT: 0,1\r\n\r\n+QMTSTAT: 1,1\r\n\
                 \r\n+QMTSTAT: 2,1\r\n\r\n+QMTSTAT: 3,1\r\n"
            ),
            "{command}: {heard}"
        );
        assert!(!heard.contains("pdpdeact"), "{command}: {heard}");
        b.ok("AT+QMTCONN?");
        assert!(b.open_links().is_empty());
    }
}

#[test]
fn the_network_detaches() {
    let mut b = clients();
    b.radio(RadioEvent::Detach);
    let heard = b.within(seconds(1));
    for line in [
        "\r\n+QMTSTAT: 0,1\r\n\r\n+QMTSTAT: 1,1\r\n\r\n+QMTSTAT: 2,1\r\n",
        "\r\n+QMTSTAT: 3,1\r\n",
        DEACTIVATED,
        "\r\n+QIURC: \"pdpdeact\",2\r\n",
    ] {
        assert!(heard.contains(line), "{heard}");
    }
    b.ok("AT+QMTOPEN?");
}

#[test]
fn while_opening_the_result_is_5() {
    let mut b = Bench::new();
    b.network.opening = Opening::Hangs;
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.radio(RadioEvent::PdpLost(1));
    b.then(&format!("\r\n+QMTOPEN: 0,5\r\n{DEACTIVATED}"));
    b.ok("AT+QMTOPEN?");
    b.error("AT+QMTCLOSE=0");
}

#[test]
fn connecting_and_disconnecting_lose_it_too() {
    let mut connecting = Bench::new();
    connecting.open(0);
    connecting.deafen_broker();
    connecting.ok(r#"AT+QMTCONN=0,"dev-0""#);
    let mut disconnecting = Bench::connected();
    disconnecting.deafen_broker();
    disconnecting.ok("AT+QMTDISC=0");
    disconnecting.then("\r\n+QMTDISC: 0,0\r\n");
    for mut b in [connecting, disconnecting] {
        b.run_for(millis(100));
        b.radio(RadioEvent::PdpLost(1));
        b.then(&format!("\r\n+QMTSTAT: 0,1\r\n{DEACTIVATED}"));
        assert_eq!(b.within(seconds(60)), "");
        b.ok("AT+QMTCONN?");
    }
}

/// The order holds when a result keeps its distance from `OK`.
#[test]
fn a_delayed_result_comes_before_the_context() {
    let mut b = Bench::with(&[]);
    b.network.opening = Opening::Hangs;
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.run_for(millis(100));
    b.radio(RadioEvent::PdpLost(1));
    assert_eq!(
        b.timeline(seconds(1)),
        [
            (200, "+QMTOPEN: 0,5".to_owned()),
            (200, "+QIURC: \"pdpdeact\",1".to_owned())
        ]
    );
}

/// 7.4.
#[test]
fn the_will_is_published() {
    let mut b = Bench::configured(&[r#"AT+QMTCFG="will",0,1,1,0,"dev/state","gone""#]);
    b.radio(RadioEvent::PdpLost(1));
    b.run_for(seconds(1));
    let will = message("dev/state", b"gone", 1, false);
    assert!(b.broker_events.iter().any(|event| matches!(
        event,
        BrokerEvent::WillPublished { message, .. } if *message == will
    )));
}

/// The client opens again once the network lets it; the context comes back by
/// itself.
#[test]
fn opening_again_activates_again() {
    let mut b = Bench::connected();
    b.radio(RadioEvent::Detach);
    b.run_for(seconds(1));
    b.heard();
    b.expect(
        r#"AT+QMTOPEN=0,"broker.example",1883"#,
        "\r\nOK\r\n\r\n+QMTOPEN: 0,3\r\n",
    );
    b.radio(RadioEvent::Attach);
    b.run_for(seconds(1));
    b.heard();
    b.connect(0);
}

/// A publish interrupted by the context goes on when it is back.
#[test]
fn a_session_survives() {
    let mut b = Bench::configured(&[r#"AT+QMTCFG="session",0,0"#]);
    b.deafen_broker();
    b.ok(r#"AT+QMTPUBEX=0,7,1,0,"t","x""#);
    b.run_for(millis(100));
    b.line("AT+QIDEACT=1");
    b.run_for(seconds(40));
    b.heard();
    b.lose_nothing();
    b.connect(0);
    assert_eq!(b.received().len(), 1);
}
