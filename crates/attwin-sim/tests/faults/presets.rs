//! Every preset by what it is known for in the field.

use attwin_sim::fault::{FaultSpec, presets};

use super::bench::{Bench, PUBLISH_1, millis, seconds};

/// A session under a preset injected once the client is connected.
fn under(preset: &str, act: impl FnOnce(&mut Bench)) -> String {
    let mut b = Bench::connected();
    b.suffer(&format!("preset {preset}"));
    act(&mut b);
    b.heard_text()
}

fn publishing(preset: &str) -> String {
    under(preset, |b| {
        b.line(PUBLISH_1);
        b.run_for(seconds(1));
    })
}

/// Whatever is broken, the world comes to rest and the module goes on.
#[test]
fn no_preset_breaks_the_world() {
    for preset in presets() {
        let mut b = Bench::connected();
        let spec: FaultSpec = format!("preset {}", preset.name).parse().expect("a preset");
        b.fault(spec);
        for round in 0..3 {
            b.line(PUBLISH_1);
            b.run_for(seconds(20));
            b.line(r#"AT+QMTOPEN=0,"broker.example",1883"#);
            b.run_for(seconds(80));
            b.line(r#"AT+QMTCONN=0,"dev""#);
            b.run_for(seconds(70 + round));
        }
        b.clear_faults();
        b.run_for(seconds(300));
        b.send(b"\r");
        b.run_for(seconds(61));
        b.heard();
        b.line("AT");
        let said = b.within(seconds(1));
        assert!(said.contains("OK"), "{}: {said:?}", preset.name);
    }
}

#[test]
fn payloads_hold_what_hosts_stumble_over() {
    for (preset, payload) in [
        ("line-feed-in-payload", "first\r\nsecond"),
        ("comma-in-payload", "a,b,,c"),
        ("quote-in-payload", "say \"hi\""),
        ("ok-in-payload", "\r\nOK\r\n"),
        ("terminator-in-payload", "a\u{1a}b"),
    ] {
        let said = under(preset, |b| b.run_for(seconds(1)));
        assert!(said.contains(payload), "{preset}: {said:?}");
    }
}

#[test]
fn a_message_overtakes_the_result_of_its_subscription() {
    let said = under("message-before-suback", |b| {
        b.line(r#"AT+QMTSUB=0,1,"fault",0"#);
        b.run_for(millis(600));
        b.suffer(r#"message "kept" topic="fault""#);
        b.run_for(seconds(5));
    });
    assert!(said.contains("+QMTRECV"), "{said}");
    assert!(
        said.find("+QMTRECV") < said.find("+QMTSUB: 0,1,0,0"),
        "{said}"
    );
}

#[test]
fn urcs_come_at_the_wrong_moment() {
    let said = under("urc-before-response", |b| b.line("AT"));
    assert_eq!(said, "\r\nRING\r\n\r\nOK\r\n");
    let said = under("ok-and-urc-in-one-read", |b| {
        b.line(PUBLISH_1);
        b.run_for(seconds(1));
        assert_eq!(b.heard().len(), 1);
    });
    assert_eq!(said, "");
    let said = publishing("duplicate-urc");
    assert_eq!(said.matches("+QMTPUB: 0,7,0").count(), 2);
    let said = publishing("message-during-publish");
    assert!(
        said.find("meanwhile") < said.find("+QMTPUB: 0,7,0"),
        "{said}"
    );
}

#[test]
fn results_are_late() {
    let said = under("late-ok", |b| {
        b.line(PUBLISH_1);
        b.run_for(seconds(179));
        assert_eq!(b.heard_text(), "\r\n+QMTPUB: 0,7,0\r\n");
        b.run_for(seconds(2));
    });
    assert_eq!(said, "\r\nOK\r\n");
    let said = under("stall-then-late-urc", |b| {
        b.line(r#"AT+QMTPUBEX=0,0,0,0,"t","x""#);
        b.run_for(seconds(14));
        assert_eq!(b.heard_text(), "\r\nOK\r\n");
        b.run_for(seconds(20));
    });
    assert!(said.contains("+QMTPUB: 0,0,0"), "{said}");
}

#[test]
fn the_connection_ends() {
    for preset in [
        "client-id-taken-over",
        "broker-disappears",
        "disconnect-on-receive",
    ] {
        let said = under(preset, |b| {
            b.suffer(r#"message "m""#);
            b.run_for(seconds(2));
            b.clear_faults();
        });
        assert!(
            said.contains("+QMTSTAT: 0,") || preset == "disconnect-on-receive",
            "{preset}"
        );
    }
    let mut b = Bench::connected();
    b.subscribe();
    b.suffer("preset disconnect-on-receive");
    b.broker_publishes(b"m", 1);
    let said = b.within(seconds(2));
    assert!(said.contains("+QMTSTAT: 0,1"), "{said}");
}

#[test]
fn the_broker_stays_away() {
    let mut b = Bench::connected();
    b.suffer("preset broker-disappears");
    b.within(seconds(2));
    b.line("AT+QMTCLOSE=0");
    b.within(seconds(2));
    b.line(r#"AT+QMTOPEN=0,"broker.example",1883"#);
    let said = b.within(seconds(100));
    assert!(
        said.contains("+QMTOPEN: 0,") && !said.contains("+QMTOPEN: 0,0"),
        "{said}"
    );
}

#[test]
fn two_clients_take_turns() {
    let mut b = Bench::connected();
    b.suffer("preset client-id-fight");
    assert!(b.within(seconds(1)).contains("+QMTSTAT: 0,1"));
    b.line("AT+QMTCLOSE=0");
    b.within(seconds(1));
    b.connect();
    assert!(b.within(seconds(10)).contains("+QMTSTAT: 0,1"));
}

#[test]
fn the_operator_detaches_every_day() {
    let mut b = Bench::connected();
    b.suffer("preset daily-detach");
    for _ in 0..3 {
        assert!(b.at("AT+CGATT?").contains("+CGATT: 0"));
        b.run_for(seconds(30));
        assert!(b.at("AT+CGATT?").contains("+CGATT: 1"));
        b.run_for(seconds(86_400 - 30));
        b.heard();
    }
}

#[test]
fn the_radio_is_lost_with_messages_unsent() {
    let mut b = Bench::connected();
    b.suffer("preset radio-loss-unsent");
    b.line(PUBLISH_1);
    b.run_for(seconds(1));
    assert!(b.received().is_empty());
    assert!(b.at("AT+CREG?").contains(",2"));
    b.run_for(seconds(60));
    b.heard();
    assert!(b.at("AT+CREG?").contains(",1"));
}

#[test]
fn the_module_is_deaf_while_it_boots() {
    let said = under("not-ready-at-boot", |b| {
        b.line("AT");
        b.run_for(seconds(14));
        assert_eq!(b.heard_text(), "");
        b.run_for(seconds(2));
        b.line("AT");
    });
    assert_eq!(said, "\r\nOK\r\n");
}

#[test]
fn a_detach_is_slow() {
    let mut b = Bench::connected();
    b.suffer("preset slow-detach");
    b.line(PUBLISH_1);
    b.run_for(millis(4_900));
    assert_eq!(b.heard_text(), "\r\nOK\r\n");
    assert!(b.at("AT+CGATT?").contains("+CGATT: 1"));
    b.run_for(seconds(60));
    b.heard();
    assert!(b.at("AT+CGATT?").contains("+CGATT: 0"));
}

#[test]
fn output_is_cut_up() {
    let said = under("single-bytes", |b| {
        b.line("AT");
        b.run_for(seconds(1));
        let pieces = b.heard();
        assert_eq!(pieces.len(), 6);
        assert!(pieces.is_sorted_by_key(|said| said.at));
    });
    assert_eq!(said, "");
}
