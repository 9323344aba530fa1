//! Which packets go on after a connection with clean session 0, and in which order;
//! a scenario sees only messages (MQTT 3.1.1 section 4.4).

use attwin_core::CloseReason;
use attwin_core::mqtt::packet::PacketType;
use attwin_sim::link::Direction::{ToBroker, ToModule};

use super::bench::{Bench, millis, seconds};

const PERSISTENT: &str = r#"AT+QMTCFG="session",0,0"#;
const VERSION_4: &str = r#"AT+QMTCFG="version",0,4"#;

/// Connects client 0 again; the lines before `OK` and result are the caller's.
fn reconnect(b: &mut Bench) -> Vec<u8> {
    b.lose_nothing();
    b.open(0);
    b.take_packets();
    b.ok(r#"AT+QMTCONN=0,"dev-0""#);
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    b.wire(ToBroker).iter().map(|bytes| bytes[0]).collect()
}

/// A bench that lost its link with these publishes unacknowledged.
fn interrupted(settings: &[&str], lost: PacketType, commands: &[&str]) -> Bench {
    let mut b = Bench::configured(settings);
    b.lose(ToModule, lost);
    for command in commands {
        b.ok(command);
    }
    b.run_for(millis(100));
    assert_eq!(b.heard_text(), "");
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    b
}

const QOS_1: &str = r#"AT+QMTPUBEX=0,7,1,0,"t","one""#;
const QOS_2: &str = r#"AT+QMTPUBEX=0,8,2,0,"t","two""#;

#[test]
fn a_publish_of_qos_2_goes_on_where_it_was() {
    let mut b = interrupted(&[PERSISTENT, VERSION_4], PacketType::Pubrec, &[QOS_2]);
    assert_eq!(reconnect(&mut b), [0x10, 0x3c, 0x62]);
    assert_eq!(b.within(seconds(60)), "");
    assert_eq!(b.received().len(), 1, "exactly once");

    let mut b = interrupted(&[PERSISTENT, VERSION_4], PacketType::Pubcomp, &[QOS_2]);
    assert_eq!(reconnect(&mut b), [0x10, 0x62]);
    assert_eq!(b.within(seconds(60)), "");
    assert_eq!(b.received().len(), 1, "exactly once");
}

/// In the order in which they were first sent (MQTT 3.1.1 section 4.6).
#[test]
fn publishes_keep_their_order() {
    let mut b = Bench::configured(&[PERSISTENT, VERSION_4]);
    b.deafen_broker();
    b.ok(QOS_1);
    b.ok(QOS_2);
    b.ok(r#"AT+QMTPUBEX=0,9,1,0,"t","three""#);
    b.run_for(millis(100));
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    reconnect(&mut b);
    let payloads: Vec<_> = b.received().into_iter().map(|(_, p)| p).collect();
    assert_eq!(payloads, [&b"one"[..], b"two", b"three"]);
}

/// PUBCOMP lost with the link: PUBREL comes again and shows nothing.
#[test]
fn a_shown_message_of_qos_2_is_not_shown_again() {
    let mut b = Bench::configured(&[PERSISTENT, VERSION_4]);
    b.subscribe(0, "t", 2);
    b.lose(ToBroker, PacketType::Pubcomp);
    b.broker_publishes("t", b"two", 2);
    b.then("\r\n+QMTRECV: 0,1,\"t\",\"two\"\r\n");
    b.cut(CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n");
    assert_eq!(reconnect(&mut b), [0x10, 0x70], "PUBCOMP");
}
