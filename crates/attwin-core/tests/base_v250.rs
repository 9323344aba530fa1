//! Basic commands and what they save (docs/spec/quectel.md 2.1, 2.2, section 10).

mod common;

use attwin_core::RadioEvent;
use common::{Bench, ERROR, OK, config, info};

const FACTORY: [&str; 18] = [
    "&C: 1", "&D: 2", "&F: 0", "&W: 0", "E: 1", "Q: 0", "V: 1", "X: 4", "Z: 0", "S0: 0", "S3: 13",
    "S4: 10", "S5: 8", "S6: 2", "S7: 0", "S8: 2", "S10: 15", "S12: 50",
];

#[test]
fn host_drivers_first_lines() {
    let mut bench = Bench::new();
    for command in [
        "ATE0",
        "ATV1",
        "ATQ0",
        "ATX4",
        "AT&C1",
        "AT&D2",
        "ATS0=0",
        "AT&W",
        "ATS3=13",
        "ATS4=10",
        "ATS5=8",
        "ATE0Q0V1",
        "ATE0&C1&D2X4S0=0;+CMEE=1",
    ] {
        bench.expect(command, OK);
    }
    for command in ["ATE2", "ATX5", "AT&D3", "ATS3=10", "ATS1?", "ATS0=256"] {
        bench.expect(command, ERROR);
    }
}

#[test]
fn all_settings_are_shown() {
    let mut bench = Bench::new();
    bench.command("AT&F");
    let shown = info(&FACTORY);
    assert_eq!(bench.command("AT&V"), format!("AT&V\r{shown}"));
    bench.command("ATE0X1&C0&D0S0=2S12=20");
    let changed = shown
        .replace("&C: 1", "&C: 0")
        .replace("&D: 2", "&D: 0")
        .replace("E: 1", "E: 0")
        .replace("X: 4", "X: 1")
        .replace("S0: 0", "S0: 2")
        .replace("S12: 50", "S12: 20");
    bench.expect("AT&V", &changed);
}

#[test]
fn registers_read_as_three_digits() {
    let mut bench = Bench::new();
    bench.expect_all(&[
        ("ATS0?", &["000"]),
        ("ATS3?", &["013"]),
        ("ATS0=2", &[]),
        ("ATS0?", &["002"]),
        ("ATS0=", &[]),
        ("ATS0?", &["000"]),
        ("ATS6?", &["002"]),
        ("ATS7?", &["000"]),
        ("ATS8?", &["002"]),
        ("ATS10?", &["015"]),
        ("ATS12?", &["050"]),
    ]);
}

#[test]
fn a_missing_number_is_zero() {
    let mut bench = Bench::new();
    assert_eq!(bench.type_in("ATE1\r"), OK);
    assert_eq!(bench.type_in("ATE\r"), "ATE\r\r\nOK\r\n");
    assert_eq!(bench.type_in("AT\r"), OK);
}

#[test]
fn numeric_and_suppressed_results() {
    let mut bench = Bench::new();
    bench.expect("ATV0", "0\r");
    bench.expect("AT+CSQ", "+CSQ: 28,99\r\n0\r");
    bench.expect("AT+NOSUCH", "4\r");
    bench.expect("ATV1", OK);
    bench.expect("ATQ1", "");
    bench.expect("AT+CSQ", "\r\n+CSQ: 28,99\r\n");
    bench.expect("ATQ0", OK);
}

#[test]
fn factory_settings() {
    for reset in ["AT&F", "ATZ", "AT&F0", "ATZ0"] {
        let mut bench = Bench::new();
        bench.command("AT+CMEE=2;+CREG=2;+CGREG=1;+CEREG=1;V0");
        assert_eq!(bench.type_in(format!("{reset}\r")), OK, "{reset}");
        let said = bench.command("AT+CMEE?;+CREG?;+CGREG?;+CEREG?");
        assert_eq!(
            said,
            "AT+CMEE?;+CREG?;+CGREG?;+CEREG?\r\r\n+CMEE: 1\r\n\r\n+CREG: 0,1\r\n\
             \r\n+CGREG: 0,1\r\n\r\n+CEREG: 0,1\r\n\r\nOK\r\n"
        );
    }
}

#[test]
fn saved_settings_come_back() {
    let mut bench = Bench::new();
    bench.command("ATX1S0=3;+CMEE=2;+CEREG=2;+IPR=9600;+IFC=2,2;&W");
    bench.command("ATX4S0=0;+CMEE=0;+CEREG=0");
    bench.expect("ATZ", OK);
    let saved: [(&str, &[&str]); 6] = [
        ("AT+CMEE?", &["+CMEE: 2"]),
        ("AT+CEREG?", &["+CEREG: 2,1,\"D509\",\"80D413D\",7"]),
        ("ATS0?", &["003"]),
        ("AT+IPR?", &["+IPR: 9600"]),
        ("AT+IFC?", &["+IFC: 2,2"]),
        ("ATE0", &[]),
    ];
    bench.expect_all(&saved);
    let mut bench = bench.power_cycled();
    bench.expect_all(&saved);
    bench.expect("AT&F", OK);
    bench.command("ATE0");
    bench.expect("AT+CMEE?", &info(&["+CMEE: 1"]));
}

#[test]
fn a_saved_profile_of_another_shape_is_ignored() {
    let mut config = config();
    config.stored = vec![("v250/profile".into(), b"short".to_vec().into())];
    let mut bench = Bench::off(config);
    bench.radio(RadioEvent::PowerOn);
    assert_eq!(bench.type_in("AT\r"), "AT\r\r\nOK\r\n");
}

#[test]
fn speed_and_flow_control() {
    let mut bench = Bench::new();
    bench.expect_all(&[
        ("AT+IPR?", &["+IPR: 115200"]),
        ("AT+IPR=921600", &[]),
        ("AT+IPR?", &["+IPR: 921600"]),
        ("AT+IFC?", &["+IFC: 0,0"]),
        ("AT+IFC=2,0", &[]),
        ("AT+IFC?", &["+IFC: 2,0"]),
    ]);
    for command in [
        "AT+IPR=1",
        "AT+IFC=1,0",
        "AT+IFC=0,1",
        "AT+IFC=3,0",
        "AT+IFC=0",
    ] {
        bench.expect(command, ERROR);
    }
    bench.expect("AT+IFC?", &info(&["+IFC: 2,0"]));
}
