//! The bench: each of its calls, its bounds, and that it repeats itself.

use std::time::Duration;

use attwin_core::mqtt::packet::QoS;
use attwin_core::{Config, NetError, find_module};
use attwin_sim::broker::{BrokerConfig, BrokerEvent};
use attwin_sim::link::{Direction, Opening};
use attwin_sim::{Bench, MAX_UNREAD, NotSaid, What};

const LIMIT: Duration = Duration::from_secs(60);

fn bench() -> Bench {
    let mut bench = Bench::new(find_module("quectel-ec25").expect("exists"));
    bench.advance(Duration::from_secs(10));
    assert!(!bench.read().is_empty(), "it says that it starts");
    bench
}

fn connected() -> Bench {
    let mut bench = bench();
    for (line, answer) in [
        ("ATE0\r", "OK"),
        ("AT+QMTOPEN=0,\"broker\",1883\r", "+QMTOPEN: 0,0"),
        ("AT+QMTCONN=0,\"dev\"\r", "+QMTCONN: 0,0,0"),
        ("AT+QMTSUB=0,1,\"down\",1\r", "+QMTSUB: 0,1,0,1"),
    ] {
        bench.write(line.as_bytes());
        assert_eq!(bench.until(answer, LIMIT).as_deref(), Ok(answer));
    }
    bench
}

#[test]
fn messages_go_both_ways() {
    let mut bench = connected();
    bench
        .publish("down", b"go", QoS::Level1, false)
        .expect("valid");
    let said = bench.until("+QMTRECV", LIMIT).expect("shown");
    assert_eq!(said, "+QMTRECV: 0,1,\"down\",\"go\"");
    assert!(bench.publish("#", b"", QoS::Level0, false).is_err());

    bench.write(b"AT+QMTPUBEX=0,7,2,0,\"up\",3\r");
    assert_eq!(bench.until(">", LIMIT).as_deref(), Ok("> "));
    bench.write(b"abc");
    bench.until("+QMTPUBEX: 0,7,0", LIMIT).expect("done");
    let received = bench.received();
    let shown: Vec<_> = received
        .iter()
        .map(|message| (message.topic(), &message.payload()[..], message.qos()))
        .collect();
    assert_eq!(shown, [("up", &b"abc"[..], QoS::Level2)]);
    assert!(bench.received().is_empty(), "each is handed out once");
}

#[test]
fn what_is_not_said_is_an_error_and_stays_unread() {
    let mut bench = bench();
    bench.write(b"ATE0\r");
    let start = bench.now();
    let error = bench.until("+NEVER", LIMIT).expect_err("nobody says it");
    assert_eq!(
        error.to_string(),
        "no line \"+NEVER\" within 60s; the module said \"ATE0\\r\", \"OK\""
    );
    assert_eq!(bench.now(), start + LIMIT);
    assert_eq!(bench.read(), b"ATE0\r\r\nOK\r\n");
    let error = bench.until("/[/", LIMIT).expect_err("no expression");
    assert!(matches!(error, NotSaid::Pattern { .. }));
    assert_eq!(bench.now(), start + LIMIT);
}

#[test]
fn time_moves_to_what_happens_next() {
    let module = find_module("quectel-ec25").expect("exists");
    let mut off = Bench::off(Config::new(module), BrokerConfig::default());
    assert_eq!(off.advance_to_next(), None);
    off.write(b"AT\r");
    off.advance(LIMIT);
    assert_eq!(off.read(), b"", "it is off");
    assert_eq!(off.now().since_origin(), LIMIT);

    let mut bench = connected();
    bench.inject("brown-out 300ms now").expect("a fault");
    let start = bench.now();
    while bench.read().is_empty() {
        assert!(bench.advance_to_next().is_some());
    }
    let passed = bench.now().since(start);
    assert!(
        passed >= Duration::from_millis(300) && passed < LIMIT,
        "{passed:?}"
    );
}

#[test]
fn reasons_survive_the_faults() {
    const LINE: &[u8] = b"AT+QMTCLOSE=9\r";
    let mut bench = bench();
    bench.write(LINE);
    bench.until("ERROR", LIMIT).expect("refused");
    let plain = bench.reasons();
    bench.inject("drop final").expect("a fault");
    bench.write(LINE);
    bench.until("ERROR", LIMIT).expect_err("lost");
    let faulty = bench.reasons();
    for reasons in [plain, faulty] {
        assert_eq!(reasons.len(), 1, "{reasons:?}");
        assert_eq!(reasons[0].line, "ERROR");
    }
}

#[test]
fn the_log_has_everything_in_order() {
    let mut bench = connected();
    bench.log();
    bench.inject("drop puback").expect("a fault");
    bench.write(b"AT+QMTPUBEX=0,7,1,0,\"up\",\"x\"\r");
    bench.until("+QMTPUB: 0,7,0", LIMIT).expect("repeated");
    let log = bench.log();
    assert!(log.is_sorted_by_key(|event| event.at));
    let injected = log
        .iter()
        .position(|event| matches!(&event.what, What::Injected(_)));
    let written = log
        .iter()
        .position(|event| matches!(&event.what, What::Written(_)));
    assert!(injected < written);
    let publishes = log.iter().filter(|event| {
        matches!(&event.what, What::Packet { direction: Direction::ToBroker, bytes }
            if bytes[0] >> 4 == 3)
    });
    assert_eq!(publishes.count(), 2);
    let received = |what: &What| matches!(what, What::Broker(BrokerEvent::Received { .. }));
    assert_eq!(log.iter().filter(|event| received(&event.what)).count(), 2);
    assert!(bench.log().is_empty(), "each event is handed out once");
}

#[test]
fn the_network_can_fail() {
    let mut bench = bench();
    bench.network().opening = Opening::Fails(NetError::Refused);
    bench.write(b"AT+QMTOPEN=0,\"broker\",1883\r");
    bench.until("/QMTOPEN: 0,[^0]/", LIMIT).expect("refused");
}

#[test]
fn unread_output_is_bounded() {
    let mut bench = bench();
    let line = [b"AT+CSQ;".repeat(8), b"+CSQ\r".to_vec()].concat();
    for _ in 0..MAX_UNREAD / 80 {
        bench.write(&line);
    }
    assert_eq!(bench.read().len(), MAX_UNREAD);
    let overrun = bench
        .log()
        .into_iter()
        .any(|e| matches!(e.what, What::Overrun(_)));
    assert!(overrun);
}

#[test]
fn the_same_calls_give_the_same_log() {
    let run = || {
        let mut bench = connected();
        bench
            .inject("drop packet probability=0.3")
            .expect("a fault");
        for _ in 0..20 {
            bench.write(b"AT+QMTPUBEX=0,7,1,0,\"up\",\"x\"\r");
            bench.advance(Duration::from_secs(7));
        }
        bench.log()
    };
    assert_eq!(run(), run());
}
