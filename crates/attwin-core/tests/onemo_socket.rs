//! A computer without sockets to spare, and one whose socket takes nothing:
//! error numbers 613 and 608 of AT+MQTTOPEN (docs/spec/onemo.md A2.5, A6). No
//! fault of a scenario brings either about.

mod common;

use std::time::Duration;

use attwin_core::{CloseReason, NetError, NetEvent, find_module};
use common::{Bench, cme, config, urcs};

fn opening(module: &str, open: &str) -> (Bench, String) {
    let mut config = config();
    config.module = find_module(module).expect("a module");
    let mut bench = Bench::booted(config);
    bench.expect("AT+MQTTCFG=\"h\",1883,\"id\",60,\"\",\"\",1", "\r\nOK\r\n");
    let said = bench.type_in(format!("{open}\r"));
    (bench, said)
}

fn ml302() -> Bench {
    let (bench, said) = opening("onemo-ml302", "AT+MQTTOPEN=0,0,0,0,0,\"\",\"\"");
    assert_eq!(said, "");
    bench
}

#[test]
fn no_socket_is_613_and_final() {
    let mut bench = ml302();
    assert_eq!(bench.fail(NetError::Local), cme(613));
    assert_eq!(bench.hear_for(Duration::from_secs(60)), "");
    bench.expect("AT+MQTTSTAT?", &common::info(&["+MQTTSTAT: 0"]));
}

#[test]
fn a_connect_that_cannot_be_written_is_608_and_tried_again() {
    let mut bench = ml302();
    assert_eq!(bench.answer(NetEvent::Opened), "");
    let failed = NetEvent::Closed(CloseReason::WriteFailed);
    assert_eq!(bench.answer(failed), cme(608));
    let said = bench.hear_for(Duration::from_secs(8));
    assert_eq!(said, urcs(&["+MQTTREC: 0"]));
}

#[test]
fn no_socket_fails_on_mn316_and_is_tried_again() {
    let (mut bench, said) = opening("onemo-mn316", "AT+MQTTOPEN=0,0,0");
    assert_eq!(said, "\r\nOK\r\n");
    assert_eq!(bench.fail(NetError::Local), urcs(&["+MQTTOPEN:FAIL"]));
    let said = bench.hear_for(Duration::from_secs(4));
    assert_eq!(said, urcs(&["+MQTTREC:0"]));
}
