//! Power and functionality: what the module says when it starts, restarts
//! and stops (docs/spec/quectel.md section 10).

mod common;

use std::time::Duration;

use attwin_core::{RadioEvent, Timing};
use common::{Bench, OK, cme, config, info, urcs};

const BOOT: [&str; 5] = [
    "+CFUN: 1",
    "+CPIN: READY",
    "+QUSIM: 1",
    "+QIND: SMS DONE",
    "+QIND: PB DONE",
];

#[test]
fn boot_lines_take_a_second() {
    let mut bench = Bench::off(config());
    assert_eq!(bench.type_in("AT\r"), "");
    assert_eq!(bench.radio(RadioEvent::PowerOn), urcs(&["RDY"]));
    assert_eq!(bench.hear_for(Duration::from_millis(999)), "");
    assert_eq!(bench.hear_for(Duration::from_millis(1)), urcs(&BOOT));
}

#[test]
fn fast_boot() {
    let mut config = config();
    config.timing = Timing::Fast;
    let mut bench = Bench::off(config);
    let said = bench.radio(RadioEvent::PowerOn);
    assert_eq!(said, urcs(&["RDY"]) + &urcs(&BOOT));
}

#[test]
fn boot_lines_can_be_off() {
    let mut bench = Bench::off(config());
    bench
        .modem()
        .set_quirk("boot_urcs", "false")
        .expect("known");
    bench.radio(RadioEvent::PowerOn);
    assert_eq!(bench.hear_for(Duration::from_secs(5)), "");
    assert_eq!(bench.type_in("ATE0\r"), "ATE0\r\r\nOK\r\n");
}

#[test]
fn boot_without_a_sim_and_with_a_locked_one() {
    let mut bench = Bench::off(config());
    bench.radio(RadioEvent::SimRemoved);
    bench.radio(RadioEvent::PowerOn);
    let said = bench.hear_for(Duration::from_secs(1));
    assert_eq!(said, urcs(&["+CFUN: 1"]));

    let mut config = config();
    config.sim_pin = Some("1234".into());
    let mut bench = Bench::off(config);
    bench.radio(RadioEvent::PowerOn);
    let said = bench.hear_for(Duration::from_secs(1));
    assert_eq!(said, urcs(&["+CFUN: 1", "+CPIN: SIM PIN"]));
}

#[test]
fn restart_by_the_host() {
    let mut bench = Bench::new();
    bench.command("AT+CMEE=2;+CREG=1;+QSCLK=1;+QIACT=1");
    let said = bench.type_in("AT+CFUN=1,1\r");
    assert_eq!(said, format!("{OK}{}", urcs(&["RDY"])));
    assert_eq!(bench.hear_for(Duration::from_secs(1)), urcs(&BOOT));
    bench.command("ATE0");
    bench.expect_all(&[
        ("AT+CMEE?", &["+CMEE: 1"]),
        ("AT+CREG?", &["+CREG: 0,1"]),
        ("AT+QSCLK?", &["+QSCLK: 0"]),
        ("AT+QIACT?", &[]),
    ]);
    bench.expect("AT+CFUN=0,1", &cme(50));
}

#[test]
fn power_down() {
    for command in ["AT+QPOWD", "AT+QPOWD=1", "AT+QPOWD=0"] {
        let mut bench = Bench::new();
        let said = bench.type_in(format!("{command}\r"));
        assert_eq!(said, format!("{OK}{}", urcs(&["POWERED DOWN"])));
        assert!(!bench.modem().is_powered());
        assert_eq!(bench.command("AT"), "");
        assert_eq!(bench.radio(RadioEvent::PowerOn), urcs(&["RDY"]));
    }
}

#[test]
fn power_down_during_boot_still_says_so() {
    let mut bench = Bench::off(config());
    bench.radio(RadioEvent::PowerOn);
    let said = bench.type_in("ATE0;+QPOWD\r");
    assert_eq!(
        said,
        format!("ATE0;+QPOWD\r{OK}{}", urcs(&["POWERED DOWN"]))
    );
    assert_eq!(bench.hear_for(Duration::from_secs(5)), "");
}

#[test]
fn functionality_blocks_and_starts_the_sim_again() {
    let mut bench = Bench::new();
    bench.expect("AT+CFUN?", &info(&["+CFUN: 1"]));
    assert_eq!(bench.type_in("AT+CFUN=0\r"), "");
    assert_eq!(bench.type_in("AT+CFUN?\rAT+CPIN?\rAT+CREG?\r"), "");
    assert_eq!(
        bench.hear_for(Duration::from_millis(500)),
        format!(
            "{OK}{}{}{}",
            info(&["+CFUN: 0"]),
            cme(13),
            info(&["+CREG: 0,0"])
        )
    );
    let started = [
        "+CPIN: READY",
        "+QUSIM: 1",
        "+QIND: PB DONE",
        "+QIND: SMS DONE",
    ];
    bench.expect("AT+CFUN=1", &format!("{OK}{}", urcs(&started)));
    bench.expect("AT+CREG?", &info(&["+CREG: 0,1"]));
    bench.expect("AT+CFUN=1", OK);
}

#[test]
fn flight_mode_keeps_the_sim() {
    let mut bench = Bench::new();
    bench.command("AT+CEREG=1");
    bench.expect("AT+CFUN=4", &format!("{OK}{}", urcs(&["+CEREG: 0"])));
    bench.expect_all(&[
        ("AT+CFUN?", &["+CFUN: 4"]),
        ("AT+CPIN?", &["+CPIN: READY"]),
        ("AT+CSQ", &["+CSQ: 99,99"]),
        ("AT+CGATT?", &["+CGATT: 0"]),
    ]);
    bench.expect("AT+CFUN=1", &format!("{OK}{}", urcs(&["+CEREG: 1"])));
    for command in ["AT+CFUN=2", "AT+CFUN=5", "AT+CFUN=1,2", "AT+CFUN="] {
        bench.expect(command, &cme(50));
    }
}
