//! PDP contexts: definition, activation, loss (docs/spec/quectel.md 7.3,
//! section 10).

mod common;

use std::time::Duration;

use attwin_core::{RadioEvent, Trace};
use common::{Bench, ERROR, OK, cme, info, urcs, with_context};

const ACTIVE: &[&str] = &["+QIACT: 1,1,1,\"10.76.51.180\""];

#[test]
fn every_answer() {
    let mut bench = Bench::new();
    bench.expect_all(&[
        (
            "AT+CGDCONT?",
            &["+CGDCONT: 1,\"IP\",\"3gnet\",\"0.0.0.0\",0,0,0,0"],
        ),
        ("AT+CGACT?", &["+CGACT: 1,1"]),
        ("AT+CGPADDR", &["+CGPADDR: 1,\"10.76.51.180\""]),
        ("AT+CGPADDR=1", &["+CGPADDR: 1,\"10.76.51.180\""]),
        (
            "AT+CGCONTRDP",
            &["+CGCONTRDP: 1,5,\"3gnet\",\"10.76.51.180\",\"\",\"8.8.8.8\",\"8.8.4.4\""],
        ),
        (
            "AT+CGCONTRDP=1",
            &["+CGCONTRDP: 1,5,\"3gnet\",\"10.76.51.180\",\"\",\"8.8.8.8\",\"8.8.4.4\""],
        ),
        ("AT+QICSGP=1", &["+QICSGP: 1,\"3gnet\",\"\",\"\",0"]),
        ("AT+QICSGP=1,1,\"fast.t-mobile.com\"", &[]),
        (
            "AT+QICSGP=1",
            &["+QICSGP: 1,\"fast.t-mobile.com\",\"\",\"\",0"],
        ),
        ("AT+QIACT?", &[]),
        ("AT+QIACT=1", &[]),
        ("AT+QIACT?", ACTIVE),
        ("AT+QIDNSCFG=1", &["+QIDNSCFG: 1,\"8.8.8.8\",\"8.8.4.4\""]),
        ("AT+QIDNSCFG=1,\"1.1.1.1\"", &[]),
        ("AT+QIDNSCFG=1", &["+QIDNSCFG: 1,\"1.1.1.1\",\"8.8.4.4\""]),
        ("AT+QIDNSCFG=1,,\"9.9.9.9\"", &[]),
        ("AT+QIDNSCFG=1", &["+QIDNSCFG: 1,\"1.1.1.1\",\"9.9.9.9\""]),
        ("AT+QIGETERROR", &["+QIGETERROR: 0,operate successfully"]),
        ("AT+QIDEACT=1", &[]),
        ("AT+QIDEACT=1", &[]),
        ("AT+QIDEACT=5", &[]),
        ("AT+QIACT?", &[]),
        ("AT+CGACT=0,1", &[]),
        ("AT+CGACT?", &["+CGACT: 1,0"]),
        ("AT+CGPADDR=1", &["+CGPADDR: 1,\"0.0.0.0\""]),
        ("AT+CGCONTRDP", &[]),
        ("AT+CGACT=1,1", &[]),
        ("AT+CGACT?", &["+CGACT: 1,1"]),
    ]);
}

#[test]
fn definitions() {
    let mut bench = Bench::new();
    bench.expect_all(&[
        ("AT+CGDCONT=2,\"IPV4V6\",\"iot\"", &[]),
        ("AT+QICSGP=16,2,\"six\",\"u\",\"p\",3", &[]),
        ("AT+QICSGP=16", &["+QICSGP: 2,\"six\",\"u\",\"p\",3"]),
        ("AT+QICSGP=16,2,\"seven\"", &[]),
        ("AT+QICSGP=16", &["+QICSGP: 2,\"seven\",\"u\",\"p\",3"]),
        ("AT+QICSGP=9", &["+QICSGP: 1,\"\",\"\",\"\",0"]),
        (
            "AT+CGDCONT?",
            &[
                "+CGDCONT: 1,\"IP\",\"3gnet\",\"0.0.0.0\",0,0,0,0",
                "+CGDCONT: 2,\"IPV4V6\",\"iot\",\"0.0.0.0\",0,0,0,0",
                "+CGDCONT: 16,\"IPV6\",\"seven\",\"0.0.0.0\",0,0,0,0",
            ],
        ),
        ("AT+QIACT=2", &[]),
        ("AT+QIACT=16", &[]),
        (
            "AT+QIACT?",
            &[
                "+QIACT: 2,1,3,\"10.76.51.181\"",
                "+QIACT: 16,1,2,\"fd00::33c3\"",
            ],
        ),
        ("AT+CGACT?", &["+CGACT: 1,1", "+CGACT: 2,1", "+CGACT: 16,1"]),
        ("AT+QIDEACT=2", &[]),
        ("AT+CGACT?", &["+CGACT: 1,1", "+CGACT: 2,0", "+CGACT: 16,1"]),
        ("AT+CGDCONT=2", &[]),
        ("AT+CGDCONT=1,\"ip\",\"x\",\"10.0.0.9\",1,2,1,4", &[]),
        (
            "AT+CGDCONT?",
            &[
                "+CGDCONT: 1,\"IP\",\"x\",\"10.0.0.9\",1,2,1,4",
                "+CGDCONT: 16,\"IPV6\",\"seven\",\"0.0.0.0\",0,0,0,0",
            ],
        ),
    ]);
    bench.expect("AT+CGDCONT=16", &cme(3));
    for command in [
        "AT+CGDCONT=0,\"IP\"",
        "AT+CGDCONT=17,\"IP\"",
        "AT+CGDCONT=1,\"X25\"",
        "AT+CGDCONT=1,\"IP\",\"a\",",
        "AT+CGACT=1,9",
        "AT+CGACT=2,1",
        "AT+CGPADDR=9",
    ] {
        bench.expect(command, &cme(50));
    }
    for command in [
        "AT+QICSGP=0",
        "AT+QICSGP=17",
        "AT+QICSGP=1,4,\"a\"",
        "AT+QICSGP=1,1",
        "AT+QICSGP=1,1,\"a\",\"b\",\"c\",4",
        "AT+QIACT=0",
        "AT+QIACT=9",
        "AT+QIDEACT=17",
        "AT+QIDNSCFG=9",
        "AT+QIDNSCFG=1,\"dns\"",
    ] {
        bench.expect(command, ERROR);
    }
}

#[test]
fn definitions_survive_a_power_cycle() {
    let mut bench = Bench::new();
    bench.command("AT+QICSGP=3,1,\"private\",\"user\",\"secret\",1");
    bench.command("AT+CGDCONT=1");
    let mut bench = bench.power_cycled();
    bench.expect_all(&[
        (
            "AT+CGDCONT?",
            &["+CGDCONT: 3,\"IP\",\"private\",\"0.0.0.0\",0,0,0,0"],
        ),
        (
            "AT+QICSGP=3",
            &["+QICSGP: 1,\"private\",\"user\",\"secret\",1"],
        ),
        ("AT+CGDCONT=3", &[]),
        ("AT+CGDCONT=1,\"IP\"", &[]),
    ]);
    bench.power_cycled().expect(
        "AT+CGDCONT?",
        &info(&["+CGDCONT: 1,\"IP\",\"\",\"0.0.0.0\",0,0,0,0"]),
    );
}

#[test]
fn activation_blocks() {
    let mut bench = Bench::new();
    assert_eq!(bench.type_in("AT+QIACT=1\rAT+QIACT?\r"), "");
    assert_eq!(
        bench.hear_for(Duration::from_millis(500)),
        format!("{OK}{}", info(ACTIVE))
    );
    bench.expect("AT+QIACT=1", ERROR);
    bench.expect(
        "AT+QIGETERROR",
        &info(&["+QIGETERROR: 572,operation not allowed"]),
    );
}

#[test]
fn activation_needs_a_network() {
    let mut bench = Bench::new();
    bench.radio(RadioEvent::Registration(0));
    bench.expect("AT+QIACT=1", ERROR);
    bench.expect(
        "AT+QIGETERROR",
        &info(&["+QIGETERROR: 561,open PDP context failed"]),
    );
    bench.expect("AT+CGACT=1,1", &cme(30));
    bench.expect("AT+CGACT?", &info(&["+CGACT: 1,0"]));
}

#[test]
fn what_the_host_takes_down_is_not_announced() {
    for command in [
        "AT+QIDEACT=1",
        "AT+CGACT=0,1",
        "AT+CGACT=0",
        "AT+CGATT=0",
        "AT+CFUN=0",
        "AT+CFUN=4",
        "AT+COPS=2",
    ] {
        let mut bench = with_context(Bench::new());
        bench.expect(command, OK);
        bench.expect("AT+QIACT?", OK);
    }
}

#[test]
fn what_the_network_takes_down_is_announced() {
    for event in [
        RadioEvent::PdpLost(1),
        RadioEvent::Detach,
        RadioEvent::Registration(2),
        RadioEvent::SimRemoved,
    ] {
        let mut bench = with_context(Bench::new());
        assert_eq!(
            bench.radio(event.clone()),
            urcs(&["+QIURC: \"pdpdeact\",1"]),
            "{event:?}"
        );
        bench.expect("AT+QIACT?", OK);
        assert_eq!(bench.radio(event), "");
    }
}

#[test]
fn each_context_is_announced_before_registration() {
    let mut bench = with_context(Bench::new());
    bench.command("AT+QICSGP=2,1,\"iot\";+QIACT=2;+CREG=1");
    assert_eq!(
        bench.radio(RadioEvent::Registration(0)),
        urcs(&[
            "+QIURC: \"pdpdeact\",1",
            "+QIURC: \"pdpdeact\",2",
            "+CREG: 0"
        ])
    );
    assert_eq!(
        bench.radio(RadioEvent::Registration(1)),
        urcs(&["+CREG: 1"])
    );
    bench.expect_all(&[
        ("AT+CGACT?", &["+CGACT: 1,1", "+CGACT: 2,0"]),
        ("AT+QIACT?", &[]),
        ("AT+QIACT=2", &[]),
    ]);
    assert_eq!(bench.radio(RadioEvent::PdpLost(1)), "");
    assert_eq!(bench.radio(RadioEvent::PdpLost(9)), "");
}

#[test]
fn nothing_is_announced_while_off() {
    let mut bench = with_context(Bench::new());
    bench.radio(RadioEvent::PowerCut);
    assert_eq!(bench.radio(RadioEvent::Registration(0)), "");
    bench.radio(RadioEvent::PowerOn);
    bench.hear_for(Duration::from_secs(2));
    bench.command("ATE0");
    bench.expect("AT+CREG?", &info(&["+CREG: 0,0"]));
}

#[test]
fn contexts_are_traced() {
    let mut bench = with_context(Bench::new());
    bench.radio(RadioEvent::PdpLost(1));
    let trace = |active| Trace::Pdp { cid: 1, active };
    assert_eq!(
        bench.traces,
        [Trace::Power(true), trace(true), trace(false)]
    );
}
