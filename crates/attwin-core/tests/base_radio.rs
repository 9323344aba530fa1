//! SIM, signal, registration and operator (docs/spec/quectel.md 2.6, section 10).

mod common;

use std::time::Duration;

use attwin_core::RadioEvent;
use common::{Bench, ERROR, OK, cme, config, info, urcs};

fn locked() -> Bench {
    let mut config = config();
    config.sim_pin = Some("1234".into());
    Bench::booted(config)
}

#[test]
fn every_answer_at_home() {
    Bench::new().expect_all(&[
        ("AT+CPIN?", &["+CPIN: READY"]),
        ("AT+CSQ", &["+CSQ: 28,99"]),
        ("AT+CSQ=?", &["+CSQ: (0-31,99),(0-7,99)"]),
        ("AT+QCSQ", &["+QCSQ: \"LTE\",50,-78,188,-14"]),
        ("AT+CREG?", &["+CREG: 0,1"]),
        ("AT+CGREG?", &["+CGREG: 0,1"]),
        ("AT+CEREG?", &["+CEREG: 0,1"]),
        ("AT+CREG=?", &["+CREG: (0-2)"]),
        ("AT+CGREG=?", &["+CGREG: (0-2)"]),
        ("AT+CEREG=?", &["+CEREG: (0-2)"]),
        ("AT+CREG=2;+CGREG=2;+CEREG=2", &[]),
        ("AT+CREG?", &["+CREG: 2,1,\"D509\",\"80D413D\",7"]),
        ("AT+CGREG?", &["+CGREG: 2,1,\"D509\",\"80D413D\",7"]),
        ("AT+CEREG?", &["+CEREG: 2,1,\"D509\",\"80D413D\",7"]),
        ("AT+CGATT?", &["+CGATT: 1"]),
        ("AT+CGATT=?", &["+CGATT: (0,1)"]),
        ("AT+CGATT=1", &[]),
        ("AT+COPS?", &["+COPS: 0,0,\"CHN-UNICOM\",7"]),
        ("AT+COPS=0", &[]),
        (
            "AT+QNWINFO",
            &["+QNWINFO: \"FDD LTE\",46011,\"LTE BAND 3\",1650"],
        ),
        (
            "AT+QSPN",
            &["+QSPN: \"CHN-UNICOM\",\"UNICOM\",\"\",0,\"46001\""],
        ),
        ("AT+QINISTAT", &["+QINISTAT: 7"]),
        ("AT+QINISTAT=?", &["+QINISTAT: (0-7)"]),
        ("AT+CPAS", &["+CPAS: 0"]),
        ("AT+CBC", &["+CBC: 0,80,3800"]),
    ]);
}

#[test]
fn every_answer_without_a_network() {
    let mut bench = Bench::new();
    bench.radio(RadioEvent::Registration(2));
    bench.expect_all(&[
        ("AT+CREG?", &["+CREG: 0,2"]),
        ("AT+CGREG?", &["+CGREG: 0,2"]),
        ("AT+CEREG=2", &[]),
        ("AT+CEREG?", &["+CEREG: 2,2"]),
        ("AT+CGATT?", &["+CGATT: 0"]),
        ("AT+COPS?", &["+COPS: 0"]),
        ("AT+QCSQ", &["+QCSQ: \"NOSERVICE\""]),
        ("AT+QNWINFO", &["+QNWINFO: No Service"]),
    ]);
    bench.expect("AT+QSPN", &cme(30));
    bench.expect("AT+CGATT=1", &cme(30));
    bench.expect("AT+CGATT=0", OK);
}

#[test]
fn signal() {
    let mut bench = Bench::new();
    bench.radio(RadioEvent::Signal { rssi: 10, ber: 3 });
    bench.expect_all(&[
        ("AT+CSQ", &["+CSQ: 10,3"]),
        ("AT+QCSQ", &["+QCSQ: \"LTE\",86,-114,188,-14"]),
    ]);
    bench.radio(RadioEvent::Signal { rssi: 99, ber: 99 });
    bench.expect_all(&[
        ("AT+CSQ", &["+CSQ: 99,99"]),
        ("AT+QCSQ", &["+QCSQ: \"NOSERVICE\""]),
    ]);
}

#[test]
fn changes_are_reported_as_asked() {
    let mut bench = Bench::new();
    bench.expect("AT+CREG=1;+CEREG=2", OK);
    let said = bench.radio(RadioEvent::Registration(3));
    assert_eq!(said, urcs(&["+CREG: 3", "+CEREG: 3"]));
    let said = bench.radio(RadioEvent::Registration(5));
    assert_eq!(
        said,
        urcs(&["+CREG: 5", "+CEREG: 5,\"D509\",\"80D413D\",7"])
    );
    assert_eq!(bench.radio(RadioEvent::Registration(5)), "");
    assert_eq!(bench.radio(RadioEvent::Registration(77)), "");
    bench.expect("AT+CREG?", &info(&["+CREG: 1,5"]));
    bench.expect("AT+COPS?", &info(&["+COPS: 0,0,\"CHN-UNICOM\",7"]));
    bench.expect("AT+CREG=0;+CEREG=0", OK);
    assert_eq!(bench.radio(RadioEvent::Registration(1)), "");
}

#[test]
fn detached_by_the_network_and_attached_again() {
    let mut bench = Bench::new();
    bench.command("AT+CREG=1;+CGREG=1;+CEREG=1");
    let said = bench.radio(RadioEvent::Detach);
    assert_eq!(said, urcs(&["+CGREG: 0", "+CEREG: 0"]));
    bench.expect_all(&[("AT+CGATT?", &["+CGATT: 0"]), ("AT+CREG?", &["+CREG: 1,1"])]);
    let said = bench.radio(RadioEvent::Attach);
    assert_eq!(said, urcs(&["+CGREG: 1", "+CEREG: 1"]));
    bench.expect("AT+CGATT?", &info(&["+CGATT: 1"]));
}

#[test]
fn attachment_blocks() {
    let mut bench = Bench::new();
    assert_eq!(bench.type_in("AT+CGATT=0\rAT+CGATT?\r"), "");
    assert_eq!(
        bench.hear_for(Duration::from_secs(1)),
        format!("{OK}{}", info(&["+CGATT: 0"]))
    );
    bench.expect("AT+CGATT=1", OK);
    bench.expect("AT+CGATT?", &info(&["+CGATT: 1"]));
}

#[test]
fn operators() {
    let mut bench = Bench::new();
    bench.expect_all(&[
        (
            "AT+COPS=?",
            &["+COPS: (2,\"CHN-UNICOM\",\"UNICOM\",\"46001\",7),,(0-4),(0-2)"],
        ),
        ("AT+COPS=3,2", &[]),
        ("AT+COPS?", &["+COPS: 0,2,\"46001\",7"]),
        ("AT+COPS=3,1", &[]),
        ("AT+COPS?", &["+COPS: 0,1,\"UNICOM\",7"]),
        ("AT+COPS=3,0", &[]),
        ("AT+COPS=1,2,\"46001\"", &[]),
        ("AT+COPS?", &["+COPS: 1,0,\"CHN-UNICOM\",7"]),
        ("AT+CREG=1", &[]),
    ]);
    bench.expect("AT+COPS=1,2,\"00101\"", &cme(30));
    bench.expect("AT+COPS=2", &format!("{OK}{}", urcs(&["+CREG: 0"])));
    bench.expect("AT+COPS?", &info(&["+COPS: 2"]));
    bench.expect(
        "AT+COPS=4,2,\"00101\"",
        &format!("{OK}{}", urcs(&["+CREG: 1"])),
    );
    bench.expect("AT+COPS?", &info(&["+COPS: 0,0,\"CHN-UNICOM\",7"]));
}

#[test]
fn a_scan_blocks() {
    let mut bench = Bench::new();
    bench.type_in("AT+COPS=?\rAT\r");
    assert_eq!(bench.hear_for(Duration::from_millis(2999)), "");
    assert_eq!(
        bench.hear_for(Duration::from_millis(1)),
        format!(
            "{}{OK}",
            info(&["+COPS: (2,\"CHN-UNICOM\",\"UNICOM\",\"46001\",7),,(0-4),(0-2)"])
        )
    );
}

#[test]
fn a_locked_sim() {
    let mut bench = locked();
    bench.command("AT+CREG=1");
    bench.expect_all(&[
        ("AT+CPIN?", &["+CPIN: SIM PIN"]),
        ("AT+CREG?", &["+CREG: 1,0"]),
        ("AT+QINISTAT", &["+QINISTAT: 0"]),
    ]);
    bench.expect("AT+CIMI", &cme(11));
    bench.expect("AT+CPIN=0000", &cme(16));
    bench.expect("AT+CPIN=12", &cme(50));
    bench.expect(
        "AT+CPIN=1234",
        &format!("{OK}{}", urcs(&["+CPIN: READY", "+CREG: 1"])),
    );
    bench.expect("AT+CPIN?", &info(&["+CPIN: READY"]));
    bench.expect("AT+CPIN=1234", &cme(3));
    bench.expect("AT+CFUN=0", &format!("{OK}{}", urcs(&["+CREG: 0"])));
    bench.expect("AT+CPIN=1234", &cme(13));
    bench.expect("AT+CFUN=1", &format!("{OK}{}", urcs(&["+CPIN: SIM PIN"])));
}

#[test]
fn three_wrong_pins_outlast_a_restart() {
    let mut bench = locked();
    for _ in 0..3 {
        bench.expect("AT+CPIN=\"0000\"", &cme(16));
    }
    bench.expect("AT+CPIN?", &info(&["+CPIN: SIM PUK"]));
    bench.expect("AT+CIMI", &cme(12));
    bench.command("AT+CFUN=1,1");
    bench.command("ATE0");
    bench.expect("AT+CPIN?", &info(&["+CPIN: SIM PUK"]));
    bench.expect("AT+CPIN=1234", &cme(50));
    bench.expect(
        "AT+CPIN=12345678,4321",
        &format!("{OK}{}", urcs(&["+CPIN: READY"])),
    );
}

#[test]
fn the_sim_is_taken_out_and_put_in() {
    let mut bench = Bench::new();
    bench.command("AT+CREG=1");
    assert_eq!(bench.radio(RadioEvent::SimRemoved), urcs(&["+CREG: 0"]));
    bench.expect("AT+CPIN?", &cme(10));
    bench.expect("AT+CPIN=1234", &cme(10));
    assert_eq!(
        bench.radio(RadioEvent::SimInserted),
        urcs(&[
            "+CPIN: READY",
            "+QUSIM: 1",
            "+QIND: PB DONE",
            "+QIND: SMS DONE",
            "+CREG: 1"
        ])
    );
    bench.expect("AT+CPIN?", &info(&["+CPIN: READY"]));
}

#[test]
fn errors_as_cmee_says() {
    let mut bench = Bench::new();
    bench.radio(RadioEvent::SimRemoved);
    bench.expect_all(&[
        ("AT+CMEE?", &["+CMEE: 1"]),
        ("AT+CMEE=?", &["+CMEE: (0-2)"]),
    ]);
    bench.expect("AT+CPIN?", "\r\n+CME ERROR: 10\r\n");
    bench.expect("AT+CGACT=1,1", "\r\n+CME ERROR: 30\r\n");
    bench.expect("AT+CMEE=2", OK);
    for (command, text) in [
        ("AT+CPIN?", "SIM not inserted"),
        ("AT+CGATT=1", "no network service"),
        ("AT+CREG=3", "Incorrect parameters"),
        ("AT+CREG=\"1\"", "Incorrect parameters"),
        ("AT+CREG=1,2", "Incorrect parameters"),
        ("AT+CMEE=3", "Incorrect parameters"),
    ] {
        bench.expect(command, &format!("\r\n+CME ERROR: {text}\r\n"));
    }
    bench.command("AT+CFUN=0");
    bench.expect("AT+CPIN?", "\r\n+CME ERROR: SIM failure\r\n");
    bench.command("AT+CFUN=1");
    bench.radio(RadioEvent::SimInserted);
    bench.expect("AT+CPIN=1234", "\r\n+CME ERROR: operation not allowed\r\n");
    // Unknown commands and forms have no number (docs/spec/quectel.md 2.3).
    bench.expect("AT+NOSUCH", ERROR);
    bench.expect("AT+CSQ?", ERROR);
    bench.expect("AT+QIACT=17", ERROR);
    bench.expect("AT+CMEE=0", OK);
    bench.expect("AT+CPIN=1234", ERROR);
    bench.expect("AT+CREG=3", ERROR);

    let mut bench = locked();
    bench.command("AT+CMEE=2");
    bench.expect("AT+CIMI", "\r\n+CME ERROR: SIM PIN required\r\n");
    bench.expect("AT+CPIN=0000", "\r\n+CME ERROR: incorrect password\r\n");
}
