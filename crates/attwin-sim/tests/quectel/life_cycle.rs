//! Every row of the event table (docs/spec/quectel.md 7.3): the lines in their
//! order, and the state they lead to.

use attwin_core::mqtt::packet::{ConnectReturnCode, PacketType};
use attwin_core::{CloseReason, NetError, RadioEvent};
use attwin_sim::link::Direction::{ToBroker, ToModule};
use attwin_sim::link::Opening;

use super::bench::{Bench, millis, seconds};

/// CLOSED as 7.2 and 7.3 describe it: no listing, QMTCLOSE, QMTCONN and the
/// rest fail, and QMTOPEN works at once.
#[track_caller]
fn assert_closed(b: &mut Bench) {
    assert!(b.open_links().is_empty());
    b.ok("AT+QMTOPEN?");
    b.ok("AT+QMTCONN?");
    b.error("AT+QMTCLOSE=0");
    b.error("AT+QMTDISC=0");
    b.error(r#"AT+QMTCONN=0,"dev-0""#);
    b.error(r#"AT+QMTSUB=0,1,"t",0"#);
    b.ok(r#"AT+QMTCFG="version",0,4"#);
    b.network.stalled = false;
    b.network.half_open = false;
    b.network.opening = Opening::Succeeds;
    b.lose_nothing();
    b.connect(0);
}

#[track_caller]
fn assert_state(b: &mut Bench, state: u8) {
    b.expect(
        "AT+QMTCONN?",
        &format!("\r\n+QMTCONN: 0,{state}\r\n\r\nOK\r\n"),
    );
    b.expect(
        "AT+QMTOPEN?",
        "\r\n+QMTOPEN: 0,\"broker.example\",1883\r\n\r\nOK\r\n",
    );
}

/// Client 0 in CONNECTING: CONNECT sent and never answered.
fn connecting() -> Bench {
    let mut b = Bench::new();
    b.open(0);
    b.deafen_broker();
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.run_for(millis(100));
    assert_state(&mut b, 2);
    b
}

/// Client 0 in DISCONNECTING: the server never closes.
fn disconnecting() -> Bench {
    let mut b = Bench::connected();
    b.lose(ToBroker, PacketType::Disconnect);
    b.ok("AT+QMTDISC=0");
    assert_eq!(b.within(millis(100)), "\r\n+QMTDISC: 0,0\r\n");
    assert_state(&mut b, 4);
    b
}

#[test]
fn opened_and_connected() {
    let mut b = Bench::new();
    b.open(0);
    assert_state(&mut b, 1);
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    assert_state(&mut b, 3);
}

#[test]
fn failures_of_opening() {
    for (error, result) in [
        (NetError::Dns, 4),
        (NetError::Refused, -1),
        (NetError::Unreachable, -1),
        (NetError::Tls, -1),
        (NetError::Local, -1),
    ] {
        let mut b = Bench::new();
        b.network.opening = Opening::Fails(error);
        b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
        b.then(&format!("\r\n+QMTOPEN: 0,{result}\r\n"));
        assert_closed(&mut b);
    }
}

/// 3.2: TCP has 75 s, the whole operation 120 s.
#[test]
fn opening_times_out() {
    for (opening, second) in [
        (Opening::Fails(NetError::TimedOut), 75),
        (Opening::Hangs, 120),
    ] {
        let mut b = Bench::new();
        b.network.opening = opening;
        b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
        assert_eq!(
            b.timeline(seconds(200)),
            [(second * 1000, "+QMTOPEN: 0,-1".to_owned())]
        );
        assert_closed(&mut b);
    }
}

/// Refused: the code, then 4 when the server closes.
#[test]
fn refusals() {
    for code in 1..=5 {
        let mut b = Bench::new();
        b.open(0);
        let answer = ConnectReturnCode::from_u8(code).expect("1 to 5");
        b.operate(|broker, _| broker.refuse_next(answer, 1));
        b.ok(r#"AT+QMTCONN=0,"dev-0""#);
        b.then(&format!(
            "\r\n+QMTCONN: 0,0,{code}\r\n\r\n+QMTSTAT: 0,4\r\n"
        ));
        assert_closed(&mut b);
    }
}

/// Refused by a server that does not close: 4 after the packet time-out.
#[test]
fn a_refusal_without_close() {
    let mut b = Bench::new();
    b.ok(r#"AT+QMTCFG="timeout",0,9,3,0"#);
    b.open(0);
    b.lose(ToBroker, PacketType::Connect);
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.inject(&[0x20, 2, 0, 5]);
    assert_eq!(b.heard_text(), "\r\n+QMTCONN: 0,0,5\r\n");
    assert_state(&mut b, 2);
    assert_eq!(
        b.timeline(seconds(60)),
        [(9000, "+QMTSTAT: 0,4".to_owned())]
    );
    assert_closed(&mut b);
}

#[test]
fn no_connack() {
    let mut b = connecting();
    assert_eq!(b.within(seconds(5) - millis(101)), "");
    assert_eq!(
        b.within(millis(1)),
        "\r\n+QMTCONN: 0,2\r\n\r\n+QMTSTAT: 0,4\r\n"
    );
    assert_closed(&mut b);
}

#[test]
fn the_code_without_connack_is_a_knob() {
    let mut b = Bench::with(&[("result_urc_delay_ms", "0"), ("connack_timeout_code", "3")]);
    b.open(0);
    b.lose(ToModule, PacketType::Connack);
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    assert_eq!(
        b.within(seconds(6)),
        "\r\n+QMTCONN: 0,2\r\n\r\n+QMTSTAT: 0,3\r\n"
    );
    assert_closed(&mut b);
}

#[test]
fn connect_cannot_be_written() {
    let mut b = connecting();
    b.cut(CloseReason::WriteFailed);
    b.then("\r\n+QMTCONN: 0,2\r\n\r\n+QMTSTAT: 0,3\r\n");
    assert_closed(&mut b);
}

#[test]
fn the_server_closes() {
    for reason in [CloseReason::Finished, CloseReason::Reset] {
        let mut open = Bench::new();
        open.open(0);
        for mut b in [open, connecting(), Bench::connected()] {
            b.cut(reason);
            b.then("\r\n+QMTSTAT: 0,1\r\n");
            assert_closed(&mut b);
        }
    }
}

#[test]
fn an_idle_open_connection_is_kicked() {
    let mut b = Bench::new();
    b.open(0);
    assert_eq!(b.within(seconds(200)), "\r\n+QMTSTAT: 0,1\r\n");
    assert_closed(&mut b);
}

/// 3.4: the manual's note on a second client of the same name.
#[test]
fn a_second_client_of_the_same_name_takes_over() {
    let mut b = Bench::connected();
    b.open(1);
    b.ok(r#"AT+QMTCONN=1,"dev-0""#);
    let heard = b.within(millis(250));
    assert!(heard.contains("\r\n+QMTCONN: 1,0,0\r\n"), "{heard}");
    assert!(heard.contains("\r\n+QMTSTAT: 0,1\r\n"), "{heard}");
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 1,3\r\n\r\nOK\r\n");
}

#[test]
fn the_server_closes_after_disconnect() {
    for reason in [CloseReason::Finished, CloseReason::Reset] {
        let mut b = disconnecting();
        b.cut(reason);
        b.then("\r\n+QMTSTAT: 0,5\r\n");
        assert_closed(&mut b);
    }
}

#[test]
fn the_server_never_closes_after_disconnect() {
    let mut b = disconnecting();
    assert_eq!(b.within(seconds(29)), "");
    assert_state(&mut b, 4);
    assert_eq!(b.within(seconds(1)), "");
    assert_closed(&mut b);
}

#[test]
fn without_stat_5_the_module_closes() {
    let mut b = Bench::with(&[("result_urc_delay_ms", "0"), ("disc_stat5", "false")]);
    b.connect(0);
    b.lose(ToBroker, PacketType::Disconnect);
    b.ok("AT+QMTDISC=0");
    assert_eq!(b.within(seconds(60)), "\r\n+QMTDISC: 0,0\r\n");
    assert_closed(&mut b);
}

/// 3.5: -1 if the write fails, then 6.
#[test]
fn disconnect_cannot_be_written() {
    let mut b = Bench::connected();
    b.network.stalled = true;
    b.ok("AT+QMTDISC=0");
    b.cut(CloseReason::WriteFailed);
    b.then("\r\n+QMTDISC: 0,-1\r\n\r\n+QMTSTAT: 0,6\r\n");
    assert_closed(&mut b);
}

/// 3.5 promises a result within 30 s: a DISCONNECT that was never taken has
/// failed.
#[test]
fn disconnect_stays_unwritten() {
    let mut b = Bench::connected();
    b.network.stalled = true;
    b.ok("AT+QMTDISC=0");
    assert_eq!(
        b.timeline(seconds(60)),
        [
            (30_000, "+QMTDISC: 0,-1".to_owned()),
            (30_000, "+QMTSTAT: 0,6".to_owned())
        ]
    );
    assert_closed(&mut b);
}

#[test]
fn writing_fails() {
    let mut b = Bench::connected();
    b.cut(CloseReason::WriteFailed);
    b.then("\r\n+QMTSTAT: 0,6\r\n");
    assert_closed(&mut b);
}

/// A packet stays unwritable for T·(R+1).
#[test]
fn writing_stalls() {
    for (settings, second) in [("5,3,0", 20), ("2,1,0", 4)] {
        let mut b = Bench::configured(&[&format!(r#"AT+QMTCFG="timeout",0,{settings}"#)]);
        b.network.stalled = true;
        b.ok(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
        assert_eq!(
            b.timeline(seconds(100)),
            [(second * 1000, "+QMTSTAT: 0,6".to_owned())]
        );
        assert_closed(&mut b);
    }
}

/// Progress in time keeps the connection.
#[test]
fn a_stall_that_ends_is_no_failure() {
    let mut b = Bench::connected();
    b.network.stalled = true;
    b.ok(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
    assert_eq!(b.within(seconds(19)), "");
    b.unstall();
    b.then("\r\n+QMTPUBEX: 0,0,0\r\n");
    assert_eq!(b.within(seconds(60)), "");
    assert_state(&mut b, 3);
}

#[test]
fn the_peer_vanishes() {
    let mut open = Bench::new();
    open.open(0);
    for mut b in [open, connecting(), Bench::connected(), disconnecting()] {
        b.cut(CloseReason::TimedOut);
        b.then("\r\n+QMTSTAT: 0,7\r\n");
        assert_closed(&mut b);
    }
}

#[test]
fn malformed_and_forbidden_packets() {
    let packets: [&[u8]; 8] = [
        // No packet type.
        &[0x00, 0],
        &[0xf0, 0],
        // A remaining length of five bytes.
        &[0x30, 0xff, 0xff, 0xff, 0xff, 0x01],
        // QoS 3.
        &[0x36, 6, 0, 1, b't', 0, 1, b'x'],
        // Packets only clients send.
        &[0xc0, 0],
        &[0xe0, 0],
        &[0x82, 6, 0, 1, 0, 1, b't', 0],
        // A second CONNACK.
        &[0x20, 2, 0, 0],
    ];
    for packet in packets {
        let mut b = Bench::connected();
        b.packets.clear();
        b.inject(packet);
        assert_eq!(b.within(seconds(60)), "\r\n+QMTSTAT: 0,8\r\n", "{packet:?}");
        let sent = b.packets(ToBroker);
        assert_eq!(sent.len(), 1, "{packet:?}");
        assert_eq!(sent[0].get_type(), PacketType::Disconnect);
        assert_closed(&mut b);
    }
}

/// QMTCLOSE in every state that lists the client; no `+QMTSTAT`.
#[test]
fn closing() {
    let mut open = Bench::new();
    open.open(0);
    for mut b in [open, connecting(), Bench::connected(), disconnecting()] {
        b.packets.clear();
        b.expect("AT+QMTCLOSE=0", "\r\nOK\r\n\r\n+QMTCLOSE: 0,0\r\n");
        assert_eq!(b.within(seconds(60)), "");
        assert_eq!(b.packets(ToBroker).len(), 0, "no DISCONNECT");
        assert_closed(&mut b);
    }
}

/// 3.3: what was pending vanishes without result lines.
#[test]
fn leaving_forgets_pending_requests() {
    for (end, lines) in [
        ("AT+QMTCLOSE=0", "\r\n+QMTCLOSE: 0,0\r\n"),
        ("AT+QMTDISC=0", "\r\n+QMTDISC: 0,0\r\n\r\n+QMTSTAT: 0,5\r\n"),
    ] {
        let mut b = Bench::configured(&[r#"AT+QMTCFG="timeout",0,1,1,1"#]);
        b.lose(ToModule, PacketType::Puback);
        b.ok(r#"AT+QMTPUBEX=0,7,1,0,"t","x""#);
        b.line(end);
        let heard = b.within(seconds(60));
        assert_eq!(heard, format!("\r\nOK\r\n{lines}"));
        assert_closed(&mut b);
    }
}

/// A power cut says nothing, and nothing is left of the clients and their
/// settings (3.1).
#[test]
fn a_power_cut_ends_everything() {
    let mut b = Bench::configured(&[r#"AT+QMTCFG="version",0,4"#]);
    b.radio(RadioEvent::PowerCut);
    b.line("AT");
    assert_eq!(b.within(seconds(10)), "");
    assert!(b.open_links().is_empty());
    b.radio(RadioEvent::PowerOn);
    b.run_for(seconds(20));
    b.at("ATE0");
    b.expect(
        r#"AT+QMTCFG="version",0"#,
        "\r\n+QMTCFG: \"version\",3\r\n\r\nOK\r\n",
    );
    assert_closed(&mut b);
}

/// Opening can neither be closed nor opened again.
#[test]
fn commands_while_opening() {
    let mut b = Bench::new();
    b.network.opening = Opening::Hangs;
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.error("AT+QMTCLOSE=0");
    b.error("AT+QMTDISC=0");
    b.error(r#"AT+QMTCONN=0,"dev-0""#);
    b.expect(
        r#"AT+QMTOPEN=0,"broker.example",1883"#,
        "\r\nOK\r\n\r\n+QMTOPEN: 0,2\r\n",
    );
    b.ok(r#"AT+QMTCFG="version",0,4"#);
    b.ok("AT+QMTOPEN?");
    b.ok("AT+QMTCONN?");
}

/// The rows of 7.2 for the later states.
#[test]
fn commands_in_the_wrong_state() {
    for mut b in [connecting(), disconnecting()] {
        b.error(r#"AT+QMTCFG="version",0,4"#);
        b.error(r#"AT+QMTCONN=0,"dev-0""#);
        b.error(r#"AT+QMTSUB=0,1,"t",0"#);
        b.error(r#"AT+QMTUNS=0,1,"t""#);
        b.error(r#"AT+QMTPUB=0,0,0,0,"t""#);
        b.error(r#"AT+QMTPUBEX=0,0,0,0,"t",1"#);
        b.error("AT+QMTRECV=0");
        b.error("AT+QMTDISC=0");
        b.expect(
            r#"AT+QMTOPEN=0,"broker.example",1883"#,
            "\r\nOK\r\n\r\n+QMTOPEN: 0,2\r\n",
        );
    }
}

/// 4.6: a link lost during data entry.
#[test]
fn the_link_is_lost_during_data_entry() {
    let mut b = Bench::connected();
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t",4"#);
    b.within(millis(10));
    b.send(b"ab");
    b.cut(CloseReason::Reset);
    assert_eq!(b.within(seconds(5)), "");
    b.send(b"cd");
    assert_eq!(b.within(seconds(1)), "\r\nERROR\r\n\r\n+QMTSTAT: 0,1\r\n");
    assert_closed(&mut b);
}
