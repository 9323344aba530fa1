//! Who publishes the will, and when (docs/spec/quectel.md 7.4).

use attwin_core::{CloseReason, RadioEvent};
use attwin_sim::broker::BrokerEvent;

use super::bench::{Bench, seconds};

const WILL: &str = r#"AT+QMTCFG="will",0,1,1,0,"dev/state","gone""#;

fn wills(b: &Bench) -> Vec<(String, Vec<u8>)> {
    let wills = b.broker_events.iter().filter_map(|event| match event {
        BrokerEvent::WillPublished { message, .. } => Some(message),
        _ => None,
    });
    wills
        .map(|m| (m.topic().to_owned(), m.payload().to_vec()))
        .collect()
}

fn gone() -> [(String, Vec<u8>); 1] {
    [("dev/state".to_owned(), b"gone".to_vec())]
}

#[test]
fn closing_publishes_it() {
    let mut b = Bench::configured(&[WILL]);
    b.expect("AT+QMTCLOSE=0", "\r\nOK\r\n\r\n+QMTCLOSE: 0,0\r\n");
    b.run_for(seconds(1));
    assert_eq!(wills(&b), gone());
}

#[test]
fn disconnecting_does_not() {
    let mut b = Bench::configured(&[WILL]);
    b.at("AT+QMTDISC=0");
    b.run_for(seconds(60));
    assert_eq!(wills(&b), []);
}

#[test]
fn a_power_cut_publishes_it() {
    let mut b = Bench::configured(&[WILL]);
    b.radio(RadioEvent::PowerCut);
    b.run_for(seconds(1));
    assert_eq!(b.heard_text(), "");
    assert_eq!(wills(&b), gone());
}

#[test]
fn a_restart_publishes_it() {
    let mut b = Bench::configured(&[WILL]);
    b.radio(RadioEvent::Reboot);
    b.run_for(seconds(1));
    assert_eq!(wills(&b), gone());
}

#[test]
fn a_lost_link_publishes_it() {
    let mut b = Bench::configured(&[WILL]);
    b.cut(CloseReason::Reset);
    b.run_for(seconds(1));
    assert_eq!(wills(&b), gone());
}

/// Leaving because the server broke the protocol is not leaving in peace, but
/// DISCONNECT is said all the same (7.3), and with it the will is gone.
#[test]
fn leaving_a_broken_server_says_disconnect() {
    let mut b = Bench::configured(&[WILL]);
    b.inject(&[0xf0, 0]);
    b.run_for(seconds(1));
    assert_eq!(b.heard_text(), "\r\n+QMTSTAT: 0,8\r\n");
    assert_eq!(wills(&b), []);
}

/// The will reaches another client of the same module.
#[test]
fn another_client_sees_it() {
    let mut b = Bench::configured(&[WILL]);
    b.connect(1);
    b.subscribe(1, "dev/#", 2);
    b.at("AT+QMTCLOSE=0");
    assert_eq!(
        b.within(seconds(1)),
        "\r\n+QMTRECV: 1,1,\"dev/state\",\"gone\"\r\n"
    );
}

/// Without `will` there is none.
#[test]
fn switched_off_there_is_none() {
    let mut b = Bench::configured(&[WILL, r#"AT+QMTCFG="will",0,0"#]);
    b.at("AT+QMTCLOSE=0");
    b.run_for(seconds(1));
    assert_eq!(wills(&b), []);
}
