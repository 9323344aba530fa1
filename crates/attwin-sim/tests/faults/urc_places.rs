//! URCs, and more, where they do not belong.

use super::bench::{Bench, millis, seconds};

#[test]
fn before_a_response() {
    let mut b = Bench::new();
    b.suffer(r#"urc "RING" before-response"#);
    assert_eq!(b.at("AT"), "\r\nRING\r\n\r\nOK\r\n");
    assert_eq!(b.at("AT"), "\r\nOK\r\n");
}

#[test]
fn between_the_lines_of_a_response() {
    let mut b = Bench::new();
    let plain = b.at("ATI");
    b.suffer(r#"urc "RING" between-lines"#);
    let said = b.at("ATI");
    let (first, rest) = said.split_once("\r\nRING\r\n").expect("it is there");
    assert_eq!(format!("{first}{rest}"), plain);
    assert!(
        first.contains("Quectel\r\n") && !first.contains("EC25"),
        "{said}"
    );
}

#[test]
fn a_response_of_one_line_has_a_place_before_its_result() {
    let mut b = Bench::new();
    b.suffer(r#"urc "RING" between-lines"#);
    assert_eq!(b.at("AT"), "\r\nOK\r\n", "no lines to come between");
    let said = b.at("AT+CSQ");
    assert!(
        said.ends_with("\r\nRING\r\n\r\nOK\r\n") && said.contains("+CSQ"),
        "{said}"
    );
}

#[test]
fn within_a_line() {
    let mut b = Bench::new();
    b.suffer(r#"urc "RING" mid-response"#);
    assert_eq!(b.at("AT"), "\r\nO\r\nRING\r\nK\r\n");
}

#[test]
fn while_a_command_is_sent() {
    let mut b = Bench::new();
    b.line("ATE1");
    b.heard();
    b.suffer(r#"urc "RING" mid-command"#);
    assert_eq!(b.at("AT+CS?"), "AT+\r\nRING\r\nCS?\r\r\nERROR\r\n");
    assert!(!b.at("AT").contains("RING"));
}

#[test]
fn while_a_command_is_typed() {
    let mut b = Bench::new();
    b.line("ATE1");
    b.heard();
    b.suffer(r#"urc "RING" mid-command after=1"#);
    for byte in b"AT\r" {
        b.send(&[*byte]);
    }
    assert_eq!(b.heard_text(), "AT\r\nRING\r\n\r\r\nOK\r\n");
}

#[test]
fn data_is_no_command() {
    let mut b = Bench::connected();
    b.line(r#"AT+QMTPUBEX=0,7,1,0,"t",4"#);
    b.within(millis(100));
    b.suffer(r#"urc "RING" mid-command"#);
    b.send(b"abcd");
    assert!(!b.within(seconds(1)).contains("RING"));
}

#[test]
fn a_urc_of_the_module_moves() {
    let mut b = Bench::connected();
    b.subscribe();
    b.suffer("move urc before-response");
    b.broker_publishes(b"m", 0);
    assert_eq!(b.within(seconds(5)), "", "it waits");
    assert_eq!(b.at("AT"), "\r\n+QMTRECV: 0,0,\"down\",\"m\"\r\n\r\nOK\r\n");
}

#[test]
fn a_urc_that_finds_no_place_comes_late() {
    let mut b = Bench::connected();
    b.subscribe();
    b.suffer("move urc mid-command within=4s");
    b.broker_publishes(b"m", 0);
    let line = "\r\n+QMTRECV: 0,0,\"down\",\"m\"\r\n".to_owned();
    assert_eq!(b.timeline(seconds(9)), [(4001, line)]);
}

#[test]
fn a_restart_cuts_a_response_in_half() {
    let mut b = Bench::new();
    b.suffer("reboot mid-response");
    let said = b.at("ATI") + &b.within(seconds(2));
    assert!(
        said.starts_with("\r\nQu") && !said.contains("EC25"),
        "{said:?}"
    );
    assert!(!said.contains("OK"), "{said:?}");
    assert!(said.contains("RDY"), "it boots: {said:?}");
}

#[test]
fn anything_may_happen_at_a_place() {
    let mut b = Bench::connected();
    b.suffer("close before-response");
    assert_eq!(b.at("AT"), "\r\nOK\r\n\r\n+QMTSTAT: 0,1\r\n");
}
