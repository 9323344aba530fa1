//! When URCs appear, and what they wait for (docs/spec/quectel.md 2.8).

use attwin_core::mqtt::packet::{self, QoS};
use attwin_core::{HostEvent, RadioEvent};
use attwin_sim::broker::BrokerEvent;

use super::bench::{Bench, message, millis, seconds};

fn publish(payload: &str) -> Vec<u8> {
    packet::publish(false, QoS::Level0, false, 0, b"t", payload.as_bytes())
        .expect("fits")
        .to_vec()
}

const X: &str = "\r\n+QMTRECV: 0,0,\"t\",\"x\"\r\n";

/// Before the prompt, while data is entered, while surplus is drained.
#[test]
fn data_entry_holds_urcs_back() {
    let mut b = Bench::connected();
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"u",3"#);
    b.inject(&publish("x"));
    assert_eq!(b.within(millis(10)), "\r\n> ");
    b.inject(&publish("y"));
    b.send(b"ab");
    assert_eq!(b.within(seconds(59)), "");
    b.send(b"c");
    b.inject(&publish("z"));
    assert_eq!(b.within(millis(19)), "");
    let y = X.replace("\"x\"", "\"y\"");
    let z = X.replace("\"x\"", "\"z\"");
    assert_eq!(
        b.within(millis(10)),
        format!("\r\nOK\r\n{X}{y}{z}\r\n+QMTPUBEX: 0,0,0\r\n")
    );
}

#[test]
fn an_abandoned_data_entry_lets_urcs_go() {
    let mut b = Bench::connected();
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"u",3"#);
    b.within(millis(10));
    b.inject(&publish("x"));
    assert_eq!(b.within(seconds(59)), "");
    assert_eq!(b.within(seconds(1)), format!("\r\nERROR\r\n{X}"));
}

#[test]
fn a_line_in_progress_holds_urcs_back() {
    let mut b = Bench::connected();
    b.send(b"AT+QMTC");
    b.inject(&publish("x"));
    assert_eq!(b.within(millis(500)), "");
    b.send(b"ONN?\r");
    assert_eq!(
        b.heard_text(),
        format!("\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n{X}")
    );
}

#[test]
fn a_line_in_progress_holds_urcs_back_for_a_second_at_most() {
    let mut b = Bench::connected();
    b.send(b"AT");
    b.inject(&publish("x"));
    assert_eq!(b.within(millis(999)), "");
    assert_eq!(b.within(millis(1)), X);
    // The line is unharmed.
    b.send(b"+QMTCONN?\r");
    assert_eq!(b.heard_text(), "\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n");
}

/// Somebody who types for long does not stop the module from speaking.
#[test]
fn typing_on_does_not_prolong_the_second() {
    let mut b = Bench::connected();
    b.send(b"A");
    b.inject(&publish("x"));
    for byte in b"T+QM" {
        b.run_for(millis(249));
        assert_eq!(b.heard_text(), "");
        b.send(&[*byte]);
    }
    assert_eq!(b.within(millis(4)), X);
    b.send(b"TCONN?\r");
    assert_eq!(b.heard_text(), "\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n");
}

/// A line ends by CR, or by being deleted again: what waited comes before the
/// next line, in whatever pieces the host writes.
#[test]
fn an_empty_line_ends_too() {
    for end in ["\x08", "\r"] {
        for writes in [
            vec![format!("{end}AT\r")],
            vec![end.to_owned(), "AT\r".to_owned()],
        ] {
            let mut b = Bench::connected();
            b.send(b" ");
            b.inject(&publish("x"));
            assert_eq!(b.within(millis(10)), "");
            for write in writes {
                b.send(write.as_bytes());
            }
            assert_eq!(b.heard_text(), format!("{X}\r\nOK\r\n"));
        }
    }
}

/// A line given up long ago is not being received.
#[test]
fn an_old_partial_line_holds_nothing_back() {
    let mut b = Bench::connected();
    b.send(b"AT");
    b.run_for(seconds(5));
    b.inject(&publish("x"));
    assert_eq!(b.heard_text(), X);
}

/// URCs that waited come in the order of their causes.
#[test]
fn order_of_occurrence_is_kept() {
    let mut b = Bench::connected();
    b.connect(1);
    b.send(b"AT");
    b.inject(&publish("x").clone());
    b.inject(&publish("y"));
    b.cut(attwin_core::CloseReason::Reset);
    b.send(b"\r");
    assert_eq!(
        b.heard_text(),
        "\r\nOK\r\n\r\n+QMTRECV: 1,0,\"t\",\"x\"\r\n\r\n+QMTRECV: 1,0,\"t\",\"y\"\r\n\
         \r\n+QMTSTAT: 0,1\r\n\r\n+QMTSTAT: 1,1\r\n"
    );
}

#[test]
fn results_keep_their_distance() {
    let mut b = Bench::with(&[]);
    for (command, result) in [
        (r#"AT+QMTOPEN=0,"broker.example",1883"#, "+QMTOPEN: 0,0"),
        (r#"AT+QMTOPEN=0,"broker.example",1883"#, "+QMTOPEN: 0,2"),
        (r#"AT+QMTCONN=0,"dev-0""#, "+QMTCONN: 0,0,0"),
        (r#"AT+QMTSUB=0,1,"t",1"#, "+QMTSUB: 0,1,0,1"),
        (r#"AT+QMTUNS=0,1,"t""#, "+QMTUNS: 0,1,0"),
        (r#"AT+QMTPUBEX=0,0,0,0,"t","x""#, "+QMTPUBEX: 0,0,0"),
        (r#"AT+QMTPUB=0,7,2,0,"t","x""#, "+QMTPUB: 0,7,0"),
    ] {
        b.ok(command);
        assert_eq!(b.timeline(seconds(2)), [(300, result.to_owned())]);
    }
    b.ok("AT+QMTDISC=0");
    assert_eq!(
        b.timeline(seconds(2)),
        [
            (300, "+QMTDISC: 0,0".to_owned()),
            (300, "+QMTSTAT: 0,5".to_owned())
        ]
    );
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.within(seconds(1));
    b.ok("AT+QMTCLOSE=0");
    assert_eq!(b.timeline(seconds(2)), [(300, "+QMTCLOSE: 0,0".to_owned())]);
}

/// The distance is counted from the `OK`, not from the line.
#[test]
fn results_keep_their_distance_from_ok_after_data_entry() {
    let mut b = Bench::with(&[]);
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.within(seconds(1));
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.within(seconds(1));
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"t",1"#);
    b.within(seconds(5));
    b.send(b"x");
    assert_eq!(
        b.timeline(seconds(1)),
        [(20, "OK".to_owned()), (320, "+QMTPUBEX: 0,0,0".to_owned())]
    );
}

/// A blocking command: what the host sends meanwhile is carried out after it,
/// and what the module has to say follows its final code.
#[test]
fn a_blocking_command_holds_urcs_and_commands_back() {
    let mut b = Bench::connected();
    b.ok(r#"AT+QICSGP=2,1,"second""#);
    b.line("AT+QIACT=2");
    b.inject(&publish("x"));
    b.line("AT+QMTCONN?");
    let heard = b.within(seconds(150));
    assert_eq!(
        heard,
        format!("\r\nOK\r\n{X}\r\n+QMTCONN: 0,3\r\n\r\nOK\r\n")
    );
}

/// The distance is a minimum: a result that takes longer is not delayed.
#[test]
fn a_slow_result_is_not_delayed() {
    let mut b = Bench::with(&[]);
    b.network.latency = millis(400);
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    assert_eq!(b.timeline(seconds(2)), [(400, "+QMTOPEN: 0,0".to_owned())]);
}

/// A retained message never overtakes its `+QMTSUB`; other clients speak
/// meanwhile.
#[test]
fn later_urcs_of_the_client_queue_behind_its_result() {
    let mut b = Bench::with(&[]);
    for i in 0..2 {
        b.ok(&format!(r#"AT+QMTOPEN={i},"broker.example",1883"#));
        b.within(seconds(1));
        b.ok(&format!(r#"AT+QMTCONN={i},"dev-{i}""#));
        b.within(seconds(1));
    }
    b.operate(|broker, now| broker.publish(now, message("t", b"kept", 1, true)));
    b.ok(r#"AT+QMTSUB=0,1,"t",1"#);
    b.run_for(millis(100));
    b.operate(|broker, now| broker.push(now, "dev-1", message("other", b"x", 0, false)));
    b.operate(|broker, now| broker.push(now, "dev-0", message("t", b"x", 0, false)));
    assert_eq!(
        b.timeline(seconds(2)),
        [
            (1, "+QMTRECV: 1,0,\"other\",\"x\"".to_owned()),
            (200, "+QMTSUB: 0,1,0,1".to_owned()),
            (200, "+QMTRECV: 0,1,\"t\",\"kept\"".to_owned()),
            (200, "+QMTRECV: 0,0,\"t\",\"x\"".to_owned()),
        ]
    );
}

#[test]
fn without_a_delay_the_order_is_the_same() {
    let mut b = Bench::connected();
    b.operate(|broker, now| broker.publish(now, message("t", b"kept", 1, true)));
    b.ok(r#"AT+QMTSUB=0,1,"t",1"#);
    b.then("\r\n+QMTSUB: 0,1,0,1\r\n\r\n+QMTRECV: 0,1,\"t\",\"kept\"\r\n");
}

/// 2.1: the wire shows `OK\r\n\r\n+QMT…`, in two outputs, so that a driver
/// that writes them apart can.
#[test]
fn ok_and_urc_are_separate_outputs() {
    let mut b = Bench::new();
    b.open(0);
    b.line(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    let said: Vec<_> = b.heard().into_iter().map(|said| said.bytes).collect();
    assert_eq!(said, [&b"\r\nOK\r\n"[..], b"\r\n+QMTOPEN: 0,2\r\n"]);
}

/// Commands do not wait for results: each line is answered at once.
#[test]
fn asynchronous_commands_do_not_block() {
    let mut b = Bench::with(&[]);
    b.ok(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    b.ok(r#"AT+QMTOPEN=1,"broker.example",1883"#);
    b.ok("AT+QMTOPEN?");
    assert_eq!(
        b.timeline(seconds(1)),
        [
            (300, "+QMTOPEN: 0,0".to_owned()),
            (300, "+QMTOPEN: 1,0".to_owned())
        ]
    );
}

const MESSAGES: usize = 300;

/// A bench in data entry, with far more messages on the way than the module
/// keeps.
fn congested() -> Bench {
    let mut b = Bench::connected();
    b.subscribe(0, "t", 1);
    b.line(r#"AT+QMTPUBEX=0,0,0,0,"u",1"#);
    assert_eq!(b.within(millis(10)), "\r\n> ");
    for n in 0..MESSAGES {
        b.broker_publishes("t", format!("{n:01000}").as_bytes(), 1);
    }
    b.run_for(seconds(10));
    assert_eq!(b.heard_text(), "");
    b
}

fn delivered(b: &Bench) -> usize {
    let delivered = |event: &&BrokerEvent| matches!(event, BrokerEvent::Delivered { .. });
    b.broker_events.iter().filter(delivered).count()
}

/// What waits for the host is bounded: beyond 64 KiB the network waits, and
/// nothing that was acknowledged is lost.
#[test]
fn congestion_pauses_the_network() {
    let mut b = congested();
    let acknowledged = delivered(&b);
    assert!((60..90).contains(&acknowledged), "{acknowledged}");
    let unsent = b.operate(|broker, _| broker.usage().unsent_bytes);
    assert!(unsent > 0, "the network does not take more");
    b.send(b"x");
    let heard = b.within(seconds(10));
    assert!(heard.starts_with("\r\nOK\r\n\r\n+QMTRECV: 0,1,"));
    let payloads: Vec<usize> = heard
        .split("\r\n")
        .filter(|line| line.starts_with("+QMTRECV"))
        .filter_map(|line| line.rsplit('"').nth(1)?.parse().ok())
        .collect();
    assert_eq!(payloads, (0..MESSAGES).collect::<Vec<_>>());
    assert_eq!(delivered(&b), MESSAGES);
    assert!(heard.contains("\r\n+QMTPUBEX: 0,0,0\r\n"));
}

/// The host that goes away ends the congestion as well.
#[test]
fn a_host_that_leaves_ends_congestion() {
    let mut b = congested();
    b.host(HostEvent::Detached);
    b.run_for(seconds(10));
    assert_eq!(delivered(&b), MESSAGES);
}

/// So does a restart: the next connection is read from.
#[test]
fn a_restart_ends_congestion() {
    for restart in [
        &[RadioEvent::Reboot][..],
        &[RadioEvent::PowerCut, RadioEvent::PowerOn],
    ] {
        let mut b = congested();
        for event in restart {
            b.radio(event.clone());
        }
        b.run_for(seconds(20));
        b.at("ATE0");
        b.heard();
        b.connect(0);
        b.subscribe(0, "t", 0);
        b.broker_publishes("t", b"x", 0);
        b.then(X);
    }
}

/// A connection opened during congestion is read from once it is over.
#[test]
fn closing_the_crowded_client_leaves_the_others_readable() {
    let mut b = congested();
    b.send(b"x");
    b.within(seconds(10));
    b.accepted("AT+QMTCLOSE=0");
    b.connect(1);
    b.subscribe(1, "t", 0);
    b.broker_publishes("t", b"x", 0);
    b.then("\r\n+QMTRECV: 1,0,\"t\",\"x\"\r\n");
}
