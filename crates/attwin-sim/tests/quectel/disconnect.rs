//! AT+QMTDISC and AT+QMTCLOSE (docs/spec/quectel.md 3.3, 3.5).

use attwin_core::CloseReason;
use attwin_core::mqtt::packet::PacketType;
use attwin_sim::broker::BrokerEvent;
use attwin_sim::link::Direction;

use super::bench::{Bench, millis, seconds};

impl Bench {
    /// Client 0 in state DISCONNECTING at a server that does not close.
    fn disconnecting(quirks: &[(&str, &str)]) -> Self {
        let mut b = Self::with(quirks);
        b.connect(0);
        b.lose(Direction::ToBroker, PacketType::Disconnect);
        b.packets.clear();
        b.ok("AT+QMTDISC=0");
        b.then("\r\n+QMTDISC: 0,0\r\n");
        b
    }

    fn wills(&self) -> usize {
        let will = |event: &&BrokerEvent| matches!(event, BrokerEvent::WillPublished { .. });
        self.broker_events.iter().filter(will).count()
    }

    #[track_caller]
    fn is_closed(&mut self) {
        self.ok("AT+QMTOPEN?");
        self.ok("AT+QMTCONN?");
        self.error("AT+QMTCLOSE=0");
        self.error("AT+QMTDISC=0");
    }
}

const AT_ONCE: [(&str, &str); 1] = [("result_urc_delay_ms", "0")];

#[test]
fn forms() {
    let mut b = Bench::new();
    for command in ["QMTDISC", "QMTCLOSE"] {
        b.expect(
            &format!("AT+{command}=?"),
            &format!("\r\n+{command}: (0-5)\r\n\r\nOK\r\n"),
        );
        for refused in ["", "?", "=", "=6", "=0,0", "=0,", "=\"0\"", "=x"] {
            b.error(&format!("AT+{command}{refused}"));
        }
    }
    // The manual's other spelling (docs/spec/quectel.md 11 row 2).
    b.error("AT+QMTCCLOSE=0");
}

#[test]
fn disconnect_then_the_server_closes() {
    let mut b = Bench::connected();
    b.packets.clear();
    b.ok("AT+QMTDISC=0");
    b.then("\r\n+QMTDISC: 0,0\r\n\r\n+QMTSTAT: 0,5\r\n");
    assert_eq!(b.wire(Direction::ToBroker), [vec![0xe0, 0]]);
    b.is_closed();
    assert_eq!(b.wills(), 0);
}

#[test]
fn disconnect_without_status() {
    let mut b = Bench::with(&[("result_urc_delay_ms", "0"), ("disc_stat5", "false")]);
    b.connect(0);
    b.ok("AT+QMTDISC=0");
    b.then("\r\n+QMTDISC: 0,0\r\n");
    b.is_closed();
    assert!(b.open_links().is_empty());
    assert_eq!(b.within(seconds(60)), "");
}

#[test]
fn a_server_that_does_not_close_is_left_after_30_s() {
    let mut b = Bench::disconnecting(&AT_ONCE);
    b.run_for(millis(29_700));
    b.expect("AT+QMTCONN?", "\r\n+QMTCONN: 0,4\r\n\r\nOK\r\n");
    b.expect(
        "AT+QMTOPEN?",
        "\r\n+QMTOPEN: 0,\"broker.example\",1883\r\n\r\nOK\r\n",
    );
    assert_eq!(b.within(seconds(1)), "");
    b.is_closed();
    assert!(b.open_links().is_empty());
    assert_eq!(b.within(seconds(60)), "");
}

#[test]
fn commands_while_disconnecting() {
    let mut b = Bench::disconnecting(&AT_ONCE);
    b.expect("AT+QMTOPEN=0,\"h\",1", "\r\nOK\r\n\r\n+QMTOPEN: 0,2\r\n");
    b.error("AT+QMTDISC=0");
    b.error("AT+QMTCONN=0,\"c\"");
    b.close(0);
    b.is_closed();
    assert_eq!(b.within(seconds(60)), "");
    b.connect(0);
}

/// With a link that takes no bytes the packet cannot be written.
#[test]
fn disconnect_cannot_be_written() {
    let mut b = Bench::connected();
    b.network.stalled = true;
    b.ok("AT+QMTDISC=0");
    b.cut(CloseReason::WriteFailed);
    b.then("\r\n+QMTDISC: 0,-1\r\n\r\n+QMTSTAT: 0,6\r\n");
    b.is_closed();
}

/// No answer takes longer than the manual's 30 s.
#[test]
fn disconnect_stays_unwritten() {
    let mut b = Bench::connected();
    b.network.stalled = true;
    b.ok("AT+QMTDISC=0");
    assert_eq!(
        b.timeline(seconds(60)),
        [
            (30_000, "+QMTDISC: 0,-1".to_owned()),
            (30_000, "+QMTSTAT: 0,6".to_owned()),
        ]
    );
    b.is_closed();
}

/// One result only, whatever becomes of the link after it.
#[test]
fn link_fails_after_disconnect_was_written() {
    let mut b = Bench::disconnecting(&AT_ONCE);
    b.cut(CloseReason::WriteFailed);
    b.then("\r\n+QMTSTAT: 0,5\r\n");
    b.is_closed();
}

/// The server hangs up before it could be told.
#[test]
fn closed_before_disconnect_was_written() {
    let mut b = Bench::connected();
    b.network.stalled = true;
    b.ok("AT+QMTDISC=0");
    b.cut(CloseReason::Finished);
    b.then("\r\n+QMTDISC: 0,-1\r\n\r\n+QMTSTAT: 0,6\r\n");
    b.is_closed();
}

/// Requests in flight end without a word, and nothing is sent again.
#[test]
fn disconnect_forgets_requests() {
    let mut b = Bench::connected();
    b.lose(Direction::ToModule, PacketType::Suback);
    b.ok("AT+QMTCFG=\"timeout\",1,1,1,1");
    b.ok("AT+QMTSUB=0,1,\"t\",1");
    b.run_for(seconds(1));
    b.packets.clear();
    b.lose(Direction::ToBroker, PacketType::Disconnect);
    b.ok("AT+QMTDISC=0");
    assert_eq!(b.within(seconds(60)), "\r\n+QMTDISC: 0,0\r\n");
    assert_eq!(b.wire(Direction::ToBroker), [vec![0xe0, 0]]);
}

#[test]
fn close_sends_no_disconnect_and_leaves_the_will() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"will\",0,1,0,0,\"w\",\"gone\"");
    b.connect(0);
    b.packets.clear();
    b.close(0);
    assert_eq!(b.within(seconds(60)), "");
    assert!(b.wire(Direction::ToBroker).is_empty());
    assert_eq!(b.wills(), 1);
    b.is_closed();
    b.connect(0);
}

#[test]
fn close_while_open_and_connecting() {
    let mut b = Bench::new();
    b.open(0);
    b.close(0);
    b.is_closed();
    b.open(0);
    b.ok("AT+QMTCONN=0,\"c\"");
    b.close(0);
    b.is_closed();
    assert_eq!(b.within(seconds(60)), "");
}

#[test]
fn close_forgets_requests() {
    let mut b = Bench::connected();
    b.lose(Direction::ToModule, PacketType::Suback);
    b.ok("AT+QMTSUB=0,1,\"t\",1");
    b.run_for(seconds(1));
    b.close(0);
    assert_eq!(b.within(seconds(60)), "");
}

#[test]
fn results_are_delayed() {
    let mut b = Bench::with(&[]);
    b.ok("AT+QMTOPEN=0,\"h\",1883");
    assert_eq!(b.within(millis(300)), "\r\n+QMTOPEN: 0,0\r\n");
    b.ok("AT+QMTCONN=0,\"c\"");
    assert_eq!(b.within(millis(299)), "");
    assert_eq!(b.within(millis(1)), "\r\n+QMTCONN: 0,0,0\r\n");
    b.ok("AT+QMTDISC=0");
    assert_eq!(
        b.timeline(seconds(1)),
        [
            (300, "+QMTDISC: 0,0".to_owned()),
            (300, "+QMTSTAT: 0,5".to_owned()),
        ]
    );
    b.ok("AT+QMTOPEN=0,\"h\",1883");
    b.run_for(millis(300));
    b.heard();
    b.ok("AT+QMTCLOSE=0");
    assert_eq!(b.timeline(seconds(1)), [(300, "+QMTCLOSE: 0,0".to_owned())]);
}
