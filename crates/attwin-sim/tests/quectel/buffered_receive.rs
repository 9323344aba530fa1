//! Messages in slots, `recv/mode` 1, and `AT+QMTRECV` (docs/spec/quectel.md 3.10,
//! 5.2 to 5.5, 5.7, 12.3).

use attwin_core::mqtt::packet::{self, Packet, PacketType, QoS};
use attwin_sim::link::Direction::ToBroker;

use super::bench::{Bench, seconds};

const BUFFERED: &str = r#"AT+QMTCFG="recv/mode",0,1,0"#;
const WITH_LENGTH: &str = r#"AT+QMTCFG="recv/mode",0,1,1"#;

fn publish(level: QoS, id: u16, payload: &str) -> Vec<u8> {
    packet::publish(false, level, false, id, b"a", payload.as_bytes())
        .expect("fits")
        .to_vec()
}

/// Client 0 connected and buffering, with these QoS 0 messages in its slots.
fn holding(payloads: &[&str]) -> Bench {
    let mut b = Bench::configured(&[BUFFERED]);
    for payload in payloads {
        b.inject(&publish(QoS::Level0, 0, payload));
    }
    b.heard();
    b
}

fn answers(b: &mut Bench) -> Vec<PacketType> {
    b.packets(ToBroker).iter().map(Packet::get_type).collect()
}

#[test]
fn byte_vectors_of_12_3() {
    let mut b = Bench::configured(&[BUFFERED]);
    b.inject(&publish(QoS::Level0, 0, "x"));
    b.then("\r\n+QMTRECV: 0,0\r\n");
    b.inject(&publish(QoS::Level0, 0, "x"));
    b.then("\r\n+QMTRECV: 0,1\r\n");
    b.expect("AT+QMTRECV?", "\r\n+QMTRECV: 0,1,1,0,0,0\r\n\r\nOK\r\n");
    b.expect("AT+QMTRECV=0,1", "+QMTRECV: 0,0,\"a\",\"x\"\r\n\r\nOK\r\n");
    b.expect("AT+QMTRECV?", "\r\n+QMTRECV: 0,1,0,0,0,0\r\n\r\nOK\r\n");
    b.expect("AT+QMTRECV=0,1", "\r\nOK\r\n");
}

/// The example of 5.4, with echo and length.
#[test]
fn echo_and_length() {
    let mut b = Bench::new();
    b.ok(r#"AT+QMTCFG="recv/mode",1,1,1"#);
    b.connect(1);
    b.subscribe(1, "t/dev/commands", 0);
    b.broker_publishes("t/dev/commands", br#"{"cmd": "blink"}"#, 0);
    b.then("\r\n+QMTRECV: 1,0\r\n");
    b.at("ATE1");
    b.expect(
        "AT+QMTRECV=1,0",
        "AT+QMTRECV=1,0\r+QMTRECV: 1,0,\"t/dev/commands\",16,\"{\"cmd\": \"blink\"}\"\r\n\r\nOK\r\n",
    );
}

#[test]
fn the_leading_line_end_is_a_knob() {
    let mut b = Bench::with(&[
        ("result_urc_delay_ms", "0"),
        ("recv_read_leading_crlf", "true"),
    ]);
    b.ok(BUFFERED);
    b.connect(0);
    b.inject(&publish(QoS::Level0, 0, "x"));
    b.inject(&publish(QoS::Level0, 0, "y"));
    b.heard();
    b.expect(
        "AT+QMTRECV=0",
        "\r\n+QMTRECV: 0,0,\"a\",\"x\"\r\n+QMTRECV: 0,0,\"a\",\"y\"\r\n\r\nOK\r\n",
    );
    b.ok("AT+QMTRECV=0");
}

#[test]
fn reading_without_an_identifier_lists_all_in_order() {
    let mut b = holding(&["1", "2", "3"]);
    b.at("AT+QMTRECV=0,1");
    b.inject(&publish(QoS::Level0, 0, "4"));
    b.inject(&publish(QoS::Level0, 0, "5"));
    b.then("\r\n+QMTRECV: 0,1\r\n\r\n+QMTRECV: 0,3\r\n");
    b.expect(
        "AT+QMTRECV=0",
        "+QMTRECV: 0,0,\"a\",\"1\"\r\n+QMTRECV: 0,0,\"a\",\"4\"\r\n\
         +QMTRECV: 0,0,\"a\",\"3\"\r\n+QMTRECV: 0,0,\"a\",\"5\"\r\n\r\nOK\r\n",
    );
    b.expect("AT+QMTRECV?", "\r\n+QMTRECV: 0,0,0,0,0,0\r\n\r\nOK\r\n");
}

#[test]
fn the_lowest_free_slot_is_taken() {
    let mut b = holding(&["0", "1", "2", "3", "4"]);
    b.at("AT+QMTRECV=0,3");
    b.at("AT+QMTRECV=0,0");
    b.inject(&publish(QoS::Level0, 0, "x"));
    b.then("\r\n+QMTRECV: 0,0\r\n");
    b.inject(&publish(QoS::Level0, 0, "y"));
    b.then("\r\n+QMTRECV: 0,3\r\n");
}

#[test]
fn a_stored_message_is_raw_and_keeps_its_identifier() {
    let mut b = Bench::configured(&[WITH_LENGTH]);
    b.inject(&packet::publish(false, QoS::Level1, false, 77, b"t\"", b"a\r\n\"\0").expect("fits"));
    b.then("\r\n+QMTRECV: 0,0\r\n");
    b.expect(
        "AT+QMTRECV=0,0",
        "+QMTRECV: 0,77,\"t\"\",5,\"a\r\n\"\0\"\r\n\r\nOK\r\n",
    );
}

#[test]
fn errors() {
    let mut b = Bench::new();
    b.ok("AT+QMTRECV=?");
    b.ok("AT+QMTRECV?");
    b.error("AT+QMTRECV=0,0");
    b.error("AT+QMTRECV=0");
    b.open(0);
    b.error("AT+QMTRECV=0");
    b.ok("AT+QMTRECV?");
    b.connect(1);
    b.error("AT+QMTRECV=1,5");
    b.error("AT+QMTRECV=6,0");
    b.ok("AT+QMTRECV=1,4");
}

#[test]
fn the_read_form_lists_connected_clients() {
    let mut b = Bench::new();
    b.ok(r#"AT+QMTCFG="recv/mode",4,1"#);
    b.connect(4);
    b.connect(2);
    b.open(3);
    b.operate(|broker, now| broker.push(now, "dev-4", super::bench::message("t", b"", 0, false)));
    b.then("\r\n+QMTRECV: 4,0\r\n");
    b.expect(
        "AT+QMTRECV?",
        "\r\n+QMTRECV: 2,0,0,0,0,0\r\n+QMTRECV: 4,1,0,0,0,0\r\n\r\nOK\r\n",
    );
}

/// 5.5.
#[test]
fn when_full_qos_0_is_lost() {
    let mut b = holding(&["0", "1", "2", "3", "4"]);
    b.inject(&publish(QoS::Level0, 0, "lost"));
    assert_eq!(b.within(seconds(1)), "");
    b.expect("AT+QMTRECV?", "\r\n+QMTRECV: 0,1,1,1,1,1\r\n\r\nOK\r\n");
    let all = b.at("AT+QMTRECV=0");
    assert_eq!(all.matches("+QMTRECV").count(), 5);
    assert!(!all.contains("lost"));
}

#[test]
fn when_full_qos_1_is_not_acknowledged() {
    let mut b = holding(&["0", "1", "2", "3", "4"]);
    b.packets.clear();
    b.inject(&publish(QoS::Level1, 8, "x"));
    assert_eq!(b.within(seconds(1)), "");
    assert_eq!(answers(&mut b), []);
}

#[test]
fn when_full_qos_1_is_acknowledged_if_the_knob_says_so() {
    let mut b = Bench::with(&[("result_urc_delay_ms", "0"), ("qos1_ack_when_full", "true")]);
    b.ok(BUFFERED);
    b.connect(0);
    for payload in ["0", "1", "2", "3", "4"] {
        b.inject(&publish(QoS::Level0, 0, payload));
    }
    b.heard();
    b.packets.clear();
    b.inject(&publish(QoS::Level1, 8, "x"));
    assert_eq!(b.within(seconds(1)), "");
    assert_eq!(answers(&mut b), [PacketType::Puback]);
}

#[test]
fn when_full_qos_2_is_acknowledged_and_dropped_on_release() {
    let mut b = holding(&["0", "1", "2", "3", "4"]);
    b.deafen_broker();
    b.packets.clear();
    b.inject(&publish(QoS::Level2, 8, "x"));
    b.inject(&packet::pubrel(false, 8));
    assert_eq!(b.within(seconds(1)), "");
    assert_eq!(answers(&mut b), [PacketType::Pubrec, PacketType::Pubcomp]);
}

/// The slot is looked for when PUBREL arrives.
#[test]
fn a_slot_freed_before_release_is_used() {
    let mut b = holding(&["0", "1", "2", "3", "4"]);
    b.deafen_broker();
    b.inject(&publish(QoS::Level2, 8, "x"));
    b.at("AT+QMTRECV=0,2");
    b.inject(&packet::pubrel(false, 8));
    assert_eq!(b.heard_text(), "\r\n+QMTRECV: 0,2\r\n");
}

/// QoS 1: PUBACK when the slot is filled, not when the host reads it (5.6).
#[test]
fn storing_acknowledges() {
    let mut b = Bench::configured(&[BUFFERED]);
    b.packets.clear();
    b.inject(&publish(QoS::Level1, 8, "x"));
    assert_eq!(answers(&mut b), [PacketType::Puback]);
    b.at("AT+QMTRECV=0");
    assert_eq!(answers(&mut b), []);
}

/// 5.5: the broker delivers again when the session is resumed.
#[test]
fn an_unacknowledged_message_comes_again_on_resumption() {
    let mut b = Bench::configured(&[BUFFERED, r#"AT+QMTCFG="session",0,0"#]);
    b.subscribe(0, "a", 1);
    for payload in [b"0", b"1", b"2", b"3", b"4", b"5"] {
        b.broker_publishes("a", payload, 1);
    }
    b.run_for(seconds(1));
    let all = b.heard_text();
    assert_eq!(all.matches("+QMTRECV").count(), 5);
    b.ok("AT+QMTDISC=0");
    b.then("\r\n+QMTDISC: 0,0\r\n\r\n+QMTSTAT: 0,5\r\n");
    b.open(0);
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n\r\n+QMTRECV: 0,0\r\n");
    b.expect("AT+QMTRECV=0", "+QMTRECV: 0,6,\"a\",\"5\"\r\n\r\nOK\r\n");
}

/// 5.7.
#[test]
fn slots_are_emptied_on_leaving_connected() {
    for end in ["AT+QMTCLOSE=0", "AT+QMTDISC=0"] {
        let mut b = holding(&["0", "1"]);
        b.accepted(end);
        b.run_for(seconds(1));
        b.heard();
        b.connect(0);
        b.expect("AT+QMTRECV?", "\r\n+QMTRECV: 0,0,0,0,0,0\r\n\r\nOK\r\n");
        b.ok("AT+QMTRECV=0");
    }
    let mut b = holding(&["0", "1"]);
    b.cut(attwin_core::CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    b.connect(0);
    b.ok("AT+QMTRECV=0");
}

/// DISCONNECTING is not CONNECTED either.
#[test]
fn slots_are_gone_while_disconnecting() {
    let mut b = holding(&["0"]);
    b.network.half_open = true;
    b.accepted("AT+QMTDISC=0");
    b.run_for(seconds(1));
    b.heard();
    b.ok("AT+QMTRECV?");
    b.error("AT+QMTRECV=0");
}

#[test]
fn slots_are_per_client() {
    let mut b = Bench::new();
    for i in 0..2 {
        b.ok(&format!(r#"AT+QMTCFG="recv/mode",{i},1"#));
        b.connect(i);
        b.subscribe(i, "a", 0);
    }
    b.broker_publishes("a", b"x", 0);
    let heard = b.within(seconds(1));
    assert!(heard.contains("\r\n+QMTRECV: 0,0\r\n"));
    assert!(heard.contains("\r\n+QMTRECV: 1,0\r\n"));
    b.expect("AT+QMTRECV=0", "+QMTRECV: 0,0,\"a\",\"x\"\r\n\r\nOK\r\n");
    b.expect("AT+QMTRECV=1", "+QMTRECV: 1,0,\"a\",\"x\"\r\n\r\nOK\r\n");
}
