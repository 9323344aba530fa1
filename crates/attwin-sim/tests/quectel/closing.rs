//! Ends of a connection that no scenario can bring about: a write or an opening
//! that fails in the module itself, which is no fault of the network, and that
//! `AT+QMTCLOSE` puts nothing on the wire (docs/spec/quectel.md 3.2 to 3.5, 7.3).

use attwin_core::mqtt::packet::PacketType;
use attwin_core::{CloseReason, NetError};
use attwin_sim::link::Direction::ToBroker;
use attwin_sim::link::Opening;

use super::bench::{Bench, millis, seconds};

#[track_caller]
fn assert_closed(b: &mut Bench) {
    assert!(b.open_links().is_empty());
    b.ok("AT+QMTOPEN?");
    b.ok("AT+QMTCONN?");
    b.error("AT+QMTCLOSE=0");
    b.network.stalled = false;
    b.network.opening = Opening::Succeeds;
    b.lose_nothing();
    b.connect(0);
}

/// CONNECT is never answered.
fn connecting() -> Bench {
    let mut b = Bench::new();
    b.open(0);
    b.deafen_broker();
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.run_for(millis(100));
    b
}

/// The server never closes.
fn disconnecting() -> Bench {
    let mut b = Bench::connected();
    b.lose(ToBroker, PacketType::Disconnect);
    b.ok("AT+QMTDISC=0");
    assert_eq!(b.within(millis(100)), "\r\n+QMTDISC: 0,0\r\n");
    b
}

#[test]
fn opening_fails_in_the_module() {
    let mut b = Bench::new();
    b.network.opening = Opening::Fails(NetError::Local);
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.then("\r\n+QMTOPEN: 0,-1\r\n");
    assert_closed(&mut b);
}

#[test]
fn lost_before_it_was_up() {
    let mut b = Bench::new();
    b.network.opening = Opening::Hangs;
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTOPEN: 0,-1\r\n");
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
fn a_packet_cannot_be_written() {
    let mut b = Bench::connected();
    b.cut(CloseReason::WriteFailed);
    b.then("\r\n+QMTSTAT: 0,6\r\n");
    assert_closed(&mut b);
}

#[test]
fn disconnect_cannot_be_written() {
    let mut b = Bench::connected();
    b.network.stalled = true;
    b.ok("AT+QMTDISC=0");
    b.cut(CloseReason::WriteFailed);
    b.then("\r\n+QMTDISC: 0,-1\r\n\r\n+QMTSTAT: 0,6\r\n");
    assert_closed(&mut b);
}

/// One result only, whatever becomes of the link after it.
#[test]
fn the_link_fails_after_disconnect_was_written() {
    let mut b = disconnecting();
    b.cut(CloseReason::WriteFailed);
    assert_eq!(b.within(seconds(1)), "\r\n+QMTSTAT: 0,5\r\n");
    assert_closed(&mut b);
}

#[test]
fn closing_sends_nothing() {
    let mut open = Bench::new();
    open.open(0);
    for mut b in [open, connecting(), Bench::connected(), disconnecting()] {
        b.take_packets();
        b.close(0);
        assert_eq!(b.within(seconds(60)), "");
        assert_eq!(b.packets(ToBroker).len(), 0, "no DISCONNECT");
        assert_closed(&mut b);
    }
}
