//! AT+QMTOPEN (docs/spec/quectel.md 3.2).

use attwin_core::{CloseReason, NetError, RadioEvent};
use attwin_sim::link::Opening;

use super::bench::{Bench, millis, seconds};

const OPEN: &str = "AT+QMTOPEN=0,\"broker.example\",1883";

#[test]
fn forms() {
    let mut b = Bench::new();
    b.expect(
        "AT+QMTOPEN=?",
        "\r\n+QMTOPEN: (0-5),\"host_name\",(1-65535)\r\n\r\nOK\r\n",
    );
    b.ok("AT+QMTOPEN?");
    b.error("AT+QMTOPEN");
}

#[test]
fn arguments() {
    let mut b = Bench::new();
    let longest = "h".repeat(100);
    for refused in [
        "6,\"h\",1883".to_owned(),
        "0,\"\",1883".to_owned(),
        format!("0,\"{longest}h\",1883"),
        "0,\"h\",0".to_owned(),
        "0,\"h\",65536".to_owned(),
        "0,\"h\"".to_owned(),
        "0,\"h\",".to_owned(),
        "0".to_owned(),
        "0,\"h\",1883,1".to_owned(),
        "0,\"h\",\"1883\"".to_owned(),
        "0,\"h,1883".to_owned(),
        ",\"h\",1883".to_owned(),
    ] {
        b.error(&format!("AT+QMTOPEN={refused}"));
    }
    for (client, accepted) in [
        (0, format!("0,\"{longest}\",1")),
        (1, "1,\"192.0.2.1\",65535".to_owned()),
        (2, "2,broker.example,01883".to_owned()),
    ] {
        b.ok(&format!("AT+QMTOPEN={accepted}"));
        b.then(&format!("\r\n+QMTOPEN: {client},0\r\n"));
    }
    b.expect(
        "AT+QMTOPEN?",
        &format!(
            "\r\n+QMTOPEN: 0,\"{longest}\",1\r\n\
             +QMTOPEN: 1,\"192.0.2.1\",65535\r\n\
             +QMTOPEN: 2,\"broker.example\",1883\r\n\r\nOK\r\n"
        ),
    );
}

#[test]
fn wrong_host_is_result_1() {
    let mut b = Bench::new();
    for host in [
        "mqtt://h",
        "tcp://broker.example",
        "a b",
        " h",
        "h\u{1}",
        "h\u{7f}",
        "h\u{1b}",
    ] {
        b.expect(
            &format!("AT+QMTOPEN=0,\"{host}\",1883"),
            "\r\nOK\r\n\r\n+QMTOPEN: 0,1\r\n",
        );
        b.ok("AT+QMTCONN?");
    }
    b.open(0);
}

/// Every failure leaves the client closed.
#[test]
fn failures() {
    for (error, result) in [
        (NetError::Refused, -1),
        (NetError::Unreachable, -1),
        (NetError::Tls, -1),
        (NetError::Local, -1),
        (NetError::Dns, 4),
    ] {
        let mut b = Bench::new();
        b.network.opening = Opening::Fails(error);
        b.ok(OPEN);
        b.then(&format!("\r\n+QMTOPEN: 0,{result}\r\n"));
        b.ok("AT+QMTOPEN?");
        b.error("AT+QMTCLOSE=0");
        b.network.opening = Opening::Succeeds;
        b.open(0);
    }
}

#[test]
fn tcp_gives_up_after_75_s() {
    let mut b = Bench::new();
    b.network.opening = Opening::Fails(NetError::TimedOut);
    b.ok(OPEN);
    assert_eq!(
        b.timeline(seconds(200)),
        [(75_000, "+QMTOPEN: 0,-1".to_owned())]
    );
}

#[test]
fn everything_together_gives_up_after_120_s() {
    let mut b = Bench::new();
    b.network.opening = Opening::Hangs;
    b.ok(OPEN);
    assert_eq!(
        b.timeline(seconds(300)),
        [(120_000, "+QMTOPEN: 0,-1".to_owned())]
    );
    assert!(b.open_links().is_empty());
    b.network.opening = Opening::Succeeds;
    b.open(0);
}

/// Result 3: there is no context to open a connection in.
#[test]
fn no_pdp_context() {
    let obstacles: [fn(&mut Bench); 7] = [
        |b| b.radio(RadioEvent::Registration(0)),
        |b| b.radio(RadioEvent::Registration(2)),
        |b| b.radio(RadioEvent::Registration(3)),
        |b| b.radio(RadioEvent::SimRemoved),
        |b| b.line("AT+CFUN=0"),
        |b| b.line("AT+CFUN=4"),
        |b| b.line("AT+QMTCFG=\"pdpcid\",0,9"),
    ];
    for obstruct in obstacles {
        let mut b = Bench::new();
        obstruct(&mut b);
        b.run_for(seconds(20));
        b.heard();
        b.expect(OPEN, "\r\nOK\r\n\r\n+QMTOPEN: 0,3\r\n");
        b.ok("AT+QMTOPEN?");
        b.error("AT+QMTCLOSE=0");
    }
}

/// The context is activated on demand.
#[test]
fn activates_its_context() {
    let mut b = Bench::new();
    b.ok("AT+CGDCONT=2,\"IP\",\"internet\"");
    b.ok("AT+QMTCFG=\"pdpcid\",0,2");
    b.ok("AT+QIACT?");
    b.open(0);
    let heard = b.at("AT+QIACT?");
    assert!(heard.starts_with("\r\n+QIACT: 2,1,1,\""), "{heard}");
}

/// Result 5: the context goes down while the connection is being opened.
#[test]
fn network_lost_while_opening() {
    for lose in [
        RadioEvent::PdpLost(1),
        RadioEvent::Detach,
        RadioEvent::Registration(0),
    ] {
        let mut b = Bench::new();
        b.network.opening = Opening::Hangs;
        b.ok(OPEN);
        b.radio(lose);
        let heard = b.within(seconds(1));
        assert!(heard.starts_with("\r\n+QMTOPEN: 0,5\r\n"), "{heard}");
        b.ok("AT+QMTOPEN?");
        assert!(b.open_links().is_empty());
    }
}

#[test]
fn lost_before_it_was_up() {
    let mut b = Bench::new();
    b.network.opening = Opening::Hangs;
    b.ok(OPEN);
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTOPEN: 0,-1\r\n");
}

/// Result 2 in every state but closed; the connection is untouched.
#[test]
fn occupied() {
    let mut b = Bench::new();
    b.network.opening = Opening::Hangs;
    b.ok(OPEN);
    b.expect(OPEN, "\r\nOK\r\n\r\n+QMTOPEN: 0,2\r\n");
    // A bad host does not matter any more, a bad argument does.
    b.expect("AT+QMTOPEN=0,\"a b\",1", "\r\nOK\r\n\r\n+QMTOPEN: 0,2\r\n");
    b.error("AT+QMTOPEN=0,\"h\",0");
    b.run_for(seconds(121));
    b.heard();

    b.network.opening = Opening::Succeeds;
    b.connect(0);
    b.expect(
        "AT+QMTOPEN=0,\"other.example\",1",
        "\r\nOK\r\n\r\n+QMTOPEN: 0,2\r\n",
    );
    b.expect(
        "AT+QMTOPEN?",
        "\r\n+QMTOPEN: 0,\"broker.example\",1883\r\n\r\nOK\r\n",
    );
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n");
}

#[test]
fn lists_clients_from_open_to_disconnecting_in_order() {
    let mut b = Bench::new();
    for client in [5, 3, 4, 0, 2, 1] {
        b.open(client);
    }
    let lines: String = (0..6)
        .map(|i| format!("+QMTOPEN: {i},\"broker.example\",1883\r\n"))
        .collect();
    b.expect("AT+QMTOPEN?", &format!("\r\n{lines}\r\nOK\r\n"));
    b.network.opening = Opening::Hangs;
    b.close(3);
    b.ok("AT+QMTOPEN=3,\"h\",1");
    let others = lines.replace("+QMTOPEN: 3,\"broker.example\",1883\r\n", "");
    b.expect("AT+QMTOPEN?", &format!("\r\n{others}\r\nOK\r\n"));
}

/// A server that is gone before CONNECT (docs/spec/quectel.md 7.3).
#[test]
fn closed_by_the_server_while_open() {
    let mut b = Bench::new();
    b.open(0);
    b.cut(CloseReason::Finished);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    b.error("AT+QMTCONN=0,\"c\"");
    b.error("AT+QMTCLOSE=0");
    b.open(0);
}

/// The result keeps its distance from the `OK` (docs/spec/quectel.md 2.8).
#[test]
fn result_is_delayed() {
    let mut b = Bench::with(&[]);
    b.ok(OPEN);
    assert_eq!(b.within(millis(299)), "");
    assert_eq!(b.within(millis(1)), "\r\n+QMTOPEN: 0,0\r\n");
    b.ok(OPEN);
    assert_eq!(b.within(millis(299)), "");
    assert_eq!(b.within(millis(1)), "\r\n+QMTOPEN: 0,2\r\n");
}
