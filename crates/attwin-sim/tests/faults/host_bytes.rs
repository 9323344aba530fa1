//! What the host sends, on its way to the module.

use attwin_core::HostEvent;

use super::bench::{Bench, millis, seconds};

#[test]
fn a_write_is_lost() {
    let mut b = Bench::new();
    b.suffer("drop input");
    b.send(b"AT\r");
    assert_eq!(b.heard_text(), "");
    assert_eq!(b.at("AT"), "\r\nOK\r\n");
}

#[test]
fn bytes_are_lost() {
    let mut b = Bench::new();
    b.line("ATE1");
    b.heard();
    b.suffer("drop byte 2 to-module after=2");
    b.send(b"AT+CSQ\r");
    assert!(b.heard_text().starts_with("ATSQ\r"));
}

#[test]
fn bytes_flip() {
    let mut b = Bench::new();
    b.suffer("corrupt byte to-module after=1");
    b.send(b"AT\r");
    assert!(!b.heard_text().contains("OK"));
}

#[test]
fn a_write_is_garbled() {
    let mut b = Bench::new();
    b.line("ATE1");
    b.heard();
    b.suffer("corrupt input");
    b.send(b"AT+QMTOPEN?\r");
    assert!(!b.heard_text().contains("QMTOPEN"));
}

#[test]
fn a_write_is_late_and_the_next_behind_it() {
    let mut b = Bench::new();
    b.line("ATE1");
    b.heard();
    b.suffer("delay input 3s");
    b.send(b"A");
    b.send(b"T\r");
    assert_eq!(b.heard_text(), "");
    let all: Vec<_> = b.timeline(seconds(5));
    let text: String = all.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(text, "AT\r\r\nOK\r\n");
    assert!(all.iter().all(|(at, _)| *at == 3000));
}

#[test]
fn data_entry_starves_when_bytes_are_lost() {
    let mut b = Bench::connected();
    b.line(r#"AT+QMTPUBEX=0,7,1,0,"t",5"#);
    assert_eq!(b.within(millis(100)), "\r\n> ");
    b.suffer("drop byte to-module after=3");
    b.send(b"hello");
    assert_eq!(b.within(seconds(2)), "", "the module waits for one more");
    b.send(b"!");
    assert!(b.within(seconds(2)).contains("OK"));
    assert_eq!(b.received(), [b"helo!".to_vec()]);
}

#[test]
fn only_bytes_of_the_entry_are_meant() {
    let mut b = Bench::connected();
    b.suffer("preset data-entry-never-completed");
    b.line(r#"AT+QMTPUBEX=0,7,1,0,"t",5"#);
    assert_eq!(b.within(millis(100)), "\r\n> ");
    b.send(b"hello");
    assert_eq!(b.within(seconds(2)), "");
    b.send(b"!");
    assert!(b.within(seconds(2)).contains("OK"));
    assert_eq!(b.received(), [b"ello!".to_vec()]);
}

#[test]
fn data_waits_for_its_line_end() {
    let mut b = Bench::connected();
    b.suffer("strict-crlf");
    b.line(r#"AT+QMTPUBEX=0,7,1,0,"t",5"#);
    assert_eq!(b.within(millis(100)), "\r\n> ");
    b.send(b"hello");
    assert_eq!(b.within(seconds(2)), "");
    b.send(b"\r\n");
    assert_eq!(b.within(seconds(2)), "\r\nOK\r\n\r\n+QMTPUBEX: 0,7,0\r\n");
    assert_eq!(b.received(), [b"hello".to_vec()]);
    assert_eq!(b.at("AT"), "\r\nOK\r\n", "command lines need none");
}

#[test]
fn data_that_waited_goes_on_when_the_fault_ends() {
    let mut b = Bench::connected();
    b.suffer("strict-crlf for=10s");
    b.line(r#"AT+QMTPUBEX=0,7,1,0,"t",5"#);
    b.within(millis(100));
    b.send(b"hello");
    assert_eq!(b.within(seconds(5)), "");
    assert!(b.within(seconds(6)).contains("OK"));
    assert_eq!(b.received(), [b"hello".to_vec()]);
}

#[test]
fn data_that_waited_is_forgotten_with_its_host() {
    let mut b = Bench::connected();
    b.suffer("strict-crlf");
    b.line(r#"AT+QMTPUBEX=0,7,1,0,"t",5"#);
    b.within(millis(100));
    b.send(b"AT+NO\r");
    b.host(HostEvent::Detached);
    b.host(HostEvent::Attached);
    let said = b.within(seconds(1));
    assert!(!said.contains("ERROR"), "{said}: taken for a command line");
    assert_eq!(b.at("AT"), "\r\nOK\r\n", "taken for data");
}
