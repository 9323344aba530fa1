//! Switches without effect on MQTT, and the clock (docs/spec/quectel.md
//! section 10).

mod common;

use std::time::Duration;

use attwin_core::RadioEvent;
use common::{Bench, ERROR, OK, cme, config, info};

#[test]
fn every_answer() {
    Bench::new().expect_all(&[
        ("AT+QIURC?", &["+QIURC: 1"]),
        ("AT+QIURC=0", &[]),
        ("AT+QIURC?", &["+QIURC: 0"]),
        (
            "AT+QURCCFG=\"urcport\"",
            &["+QURCCFG: \"urcport\",\"usbat\""],
        ),
        ("AT+QURCCFG=\"urcport\",\"uart1\"", &[]),
        (
            "AT+QURCCFG=\"urcport\"",
            &["+QURCCFG: \"urcport\",\"uart1\""],
        ),
        ("AT+QURCCFG=\"urcport\",\"usbmodem\"", &[]),
        ("AT+QURCCFG=\"urcport\",\"uart2\"", &[]),
        ("AT+QURCCFG=\"urcport\",\"all\"", &[]),
        ("AT+QINDCFG=\"csq\"", &["+QINDCFG: \"csq\",0"]),
        ("AT+QINDCFG=\"csq\",1", &[]),
        ("AT+QINDCFG=\"csq\"", &["+QINDCFG: \"csq\",1"]),
        ("AT+QINDCFG=\"all\",0,1", &[]),
        ("AT+CSCS?", &["+CSCS: \"GSM\""]),
        ("AT+CSCS=\"UCS2\"", &[]),
        ("AT+CSCS?", &["+CSCS: \"UCS2\""]),
        ("AT+CMGF?", &["+CMGF: 0"]),
        ("AT+CMGF=1", &[]),
        ("AT+CMGF?", &["+CMGF: 1"]),
        ("AT+CNMI=2,1,0,0,0", &[]),
        ("AT+CPMS=\"SM\",\"SM\",\"SM\"", &[]),
        ("AT+QSCLK?", &["+QSCLK: 0"]),
        ("AT+QSCLK=1", &[]),
        ("AT+QSCLK?", &["+QSCLK: 1"]),
        ("AT+QSSLSTATE", &[]),
        ("AT+CTZR?", &["+CTZR: 0"]),
        ("AT+CTZR=1", &[]),
        ("AT+CTZR?", &["+CTZR: 1"]),
        ("AT+CTZU?", &["+CTZU: 0"]),
        ("AT+CTZU=3", &[]),
        ("AT+CTZU?", &["+CTZU: 3"]),
    ]);
}

#[test]
fn configuration_keys() {
    Bench::new().expect_all(&[
        ("AT+QCFG=\"nwscanmode\"", &["+QCFG: \"nwscanmode\",0"]),
        (
            "AT+QCFG=\"nwscanseq\"",
            &["+QCFG: \"nwscanseq\",0403010205"],
        ),
        ("AT+QCFG=\"servicedomain\"", &["+QCFG: \"servicedomain\",2"]),
        ("AT+QCFG=\"roamservice\"", &["+QCFG: \"roamservice\",2"]),
        ("AT+QCFG=\"ims\"", &["+QCFG: \"ims\",0,0"]),
        ("AT+QCFG=\"usbnet\"", &["+QCFG: \"usbnet\",0"]),
        (
            "AT+QCFG=\"urc/ri/ring\"",
            &["+QCFG: \"urc/ri/ring\",\"auto\""],
        ),
        (
            "AT+QCFG=\"urc/ri/smsincoming\"",
            &["+QCFG: \"urc/ri/smsincoming\",\"auto\""],
        ),
        (
            "AT+QCFG=\"urc/ri/other\"",
            &["+QCFG: \"urc/ri/other\",\"auto\""],
        ),
        ("AT+QCFG=\"urc/delay\"", &["+QCFG: \"urc/delay\",0"]),
        (
            "AT+QCFG=\"risignaltype\"",
            &["+QCFG: \"risignaltype\",\"respective\""],
        ),
        ("AT+QCFG=\"NWSCANMODE\",3,1", &[]),
        ("AT+QCFG=\"nwscanmode\"", &["+QCFG: \"nwscanmode\",3"]),
        ("AT+QCFG=\"nwscanseq\",0402,1", &[]),
        ("AT+QCFG=\"nwscanseq\"", &["+QCFG: \"nwscanseq\",0402"]),
        ("AT+QCFG=\"ims\",1", &[]),
        ("AT+QCFG=\"ims\"", &["+QCFG: \"ims\",1,0"]),
        ("AT+QCFG=\"urc/ri/other\",\"off\"", &[]),
        (
            "AT+QCFG=\"urc/ri/other\"",
            &["+QCFG: \"urc/ri/other\",\"off\""],
        ),
    ]);
}

#[test]
fn switches_survive_a_power_cycle() {
    let mut bench = Bench::new();
    for command in [
        "AT+QCFG=\"nwscanmode\",3",
        "AT+QURCCFG=\"urcport\",\"uart1\"",
        "AT+QINDCFG=\"csq\",1,1",
        "AT+QINDCFG=\"act\",0",
        "AT+QSCLK=1",
    ] {
        bench.expect(command, OK);
    }
    bench.power_cycled().expect_all(&[
        ("AT+QCFG=\"nwscanmode\"", &["+QCFG: \"nwscanmode\",3"]),
        (
            "AT+QURCCFG=\"urcport\"",
            &["+QURCCFG: \"urcport\",\"uart1\""],
        ),
        ("AT+QINDCFG=\"csq\"", &["+QINDCFG: \"csq\",1"]),
        ("AT+QINDCFG=\"ring\"", &["+QINDCFG: \"ring\",1"]),
        ("AT+QSCLK?", &["+QSCLK: 0"]),
    ]);
}

#[test]
fn wrong_arguments() {
    let mut bench = Bench::new();
    for command in [
        "AT+QCFG=\"nosuchkey\"",
        "AT+QCFG",
        "AT+QCFG=\"nwscanmode\",4",
        "AT+QCFG=\"nwscanseq\",\"zz\"",
        "AT+QCFG=\"ims\",0,0",
        "AT+QURCCFG=\"urcport\",\"lpt1\"",
        "AT+QURCCFG=\"other\"",
        "AT+QINDCFG=\"nosuch\"",
        "AT+QINDCFG=\"csq\",2",
        "AT+QIURC=2",
        "AT+QSCLK=2",
        "AT+QPOWD=2",
        "AT+QSSLSTATE=1",
    ] {
        bench.expect(command, ERROR);
    }
    for command in [
        "AT+CSCS=\"HEX\"",
        "AT+CMGF=2",
        "AT+CNMI=9",
        "AT+CTZU=2",
        "AT+CTZR=3",
    ] {
        bench.expect(command, &cme(50));
    }
}

#[test]
fn the_clock_runs_in_local_time() {
    let mut bench = Bench::off(config());
    bench.radio(RadioEvent::PowerOn);
    bench.type_in("ATE0\r");
    assert_eq!(
        bench.type_in("AT+CCLK?\r"),
        "\r\n+CCLK: \"26/08/07,13:54:02+32\"\r\n\r\nOK\r\n"
    );
    assert_eq!(bench.type_in("AT+CCLK=\"20/02/29,23:59:58-14\"\r"), OK);
    bench.hear_for(Duration::from_secs(2));
    assert_eq!(
        bench.type_in("AT+CCLK?\r"),
        info(&["+CCLK: \"20/03/01,00:00:00-14\""])
    );
    assert_eq!(bench.type_in("AT+CCLK=\"2021/01/01,00:00:00\"\r"), OK);
    assert_eq!(
        bench.type_in("AT+CCLK?\r"),
        info(&["+CCLK: \"21/01/01,00:00:00-14\""])
    );
    for wrong in ["21/02/29,00:00:00+00", "21/01/01 00:00:00+00", "now"] {
        let said = bench.type_in(format!("AT+CCLK=\"{wrong}\"\r"));
        assert_eq!(said, cme(50), "{wrong}");
    }
    assert_eq!(bench.type_in("AT+CTZU=1\r"), OK);
    assert_eq!(
        bench.type_in("AT+CCLK?\r"),
        info(&["+CCLK: \"26/08/07,02:24:04-14\""])
    );
}

#[test]
fn the_time_the_network_told() {
    let mut bench = Bench::off(config());
    bench.radio(RadioEvent::PowerOn);
    bench.type_in("ATE0\r");
    bench.hear_for(Duration::from_secs(10));
    for (command, time) in [
        ("AT+QLTS", "2026/08/07,05:54:02+32,0"),
        ("AT+QLTS=0", "2026/08/07,05:54:02+32,0"),
        ("AT+QLTS=1", "2026/08/07,05:54:12+32,0"),
        ("AT+QLTS=2", "2026/08/07,13:54:12+32,0"),
    ] {
        assert_eq!(
            bench.type_in(format!("{command}\r")),
            info(&[&format!("+QLTS: \"{time}\"")]),
            "{command}"
        );
    }
    bench.radio(RadioEvent::Registration(2));
    bench.hear_for(Duration::from_secs(10));
    bench.radio(RadioEvent::Registration(1));
    assert_eq!(
        bench.type_in("AT+QLTS\r"),
        info(&["+QLTS: \"2026/08/07,05:54:22+32,0\""])
    );
    bench.expect("AT+QLTS=3", &cme(50));
}

#[test]
fn without_a_network_there_is_no_time() {
    let mut bench = Bench::off(config());
    bench.radio(RadioEvent::Registration(0));
    bench.radio(RadioEvent::PowerOn);
    bench.hear_for(Duration::from_secs(2));
    bench.command("ATE0");
    bench.expect("AT+QLTS", &info(&["+QLTS: \"\""]));
}
