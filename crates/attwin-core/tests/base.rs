//! Base commands of the Quectel family where the bench needs what a scenario has no
//! words for: a SIM with a PIN or none before power-on, identities and stored values
//! from the configuration, a clock started at a given time, the trace
//! (docs/spec/quectel.md 1.2, 2.6, section 10).

mod common;

use std::net::Ipv4Addr;
use std::time::Duration;

use attwin_core::{
    Config, HostEvent, RadioEvent, Registration, Signal, Timing, Trace, find_module,
};
use common::{Bench, OK, cme, config, info, urcs, with_context};

#[test]
fn boot_without_a_sim_and_with_a_locked_one() {
    let mut bench = Bench::off(config());
    bench.radio(RadioEvent::SimRemoved);
    bench.radio(RadioEvent::PowerOn);
    let said = bench.hear_for(Duration::from_secs(10));
    assert_eq!(said, urcs(&["+CFUN: 1"]));

    let mut config = config();
    config.sim_pin = Some("1234".into());
    let mut bench = Bench::off(config);
    bench.radio(RadioEvent::PowerOn);
    let said = bench.hear_for(Duration::from_secs(10));
    assert_eq!(said, urcs(&["+CFUN: 1", "+CPIN: SIM PIN"]));
}

/// A module that hears its host and finds the network at once.
fn booting_in_no_time() -> Config {
    let mut config = config();
    config.timing = Timing::Fast;
    config
}

fn locked() -> Bench {
    let mut config = config();
    config.sim_pin = Some("1234".into());
    Bench::booted(config)
}

#[test]
fn signal() {
    let mut bench = Bench::new();
    bench.radio(RadioEvent::Signal(Signal::new(10, 3).expect("valid")));
    bench.expect_all(&[
        ("AT+CSQ", &["+CSQ: 10,3"]),
        ("AT+QCSQ", &["+QCSQ: \"LTE\",-93,-120,100,-15"]),
    ]);
    bench.radio(RadioEvent::Signal(Signal::UNKNOWN));
    bench.expect_all(&[
        ("AT+CSQ", &["+CSQ: 99,99"]),
        ("AT+QCSQ", &["+QCSQ: \"NOSERVICE\""]),
    ]);
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
fn errors_of_a_locked_sim_in_words() {
    let mut bench = locked();
    bench.command("AT+CMEE=2");
    bench.expect("AT+CIMI", "\r\n+CME ERROR: SIM PIN required\r\n");
    bench.expect("AT+CPIN=0000", "\r\n+CME ERROR: incorrect password\r\n");
}

#[test]
fn identity_from_the_configuration() {
    let mut config = config();
    config.identity.imei = Some("490154203237518".into());
    config.identity.imsi = Some("001010123456789".into());
    config.identity.iccid = Some("8901001234567890123".into());
    Bench::booted(config).expect_all(&[
        ("AT+CGSN", &["490154203237518"]),
        ("AT+GSN=1", &["+GSN: 490154203237518"]),
        ("AT+CIMI", &["001010123456789"]),
        ("AT+QCCID", &["+QCCID: 8901001234567890123"]),
    ]);
}

#[test]
fn a_network_and_a_firmware_from_the_configuration() {
    let mut config = config();
    config.module = find_module("simcom-sim7028").expect("a module");
    config.identity.model = Some("SIM7022".into());
    config.identity.firmware = Some("2109B01SIM7022".into());
    config.identity.operator = Some("310260".into());
    config.identity.address = Some(Ipv4Addr::new(10, 0, 0, 7));
    Bench::booted(config).expect_all(&[
        ("ATI", &["SIM7022 R2109"]),
        ("AT+CGMM", &["SIM7022"]),
        ("AT+CGMR", &["2109B01SIM7022"]),
        ("AT+COPS?", &["+COPS: 0,2,\"310260\",9"]),
        (
            "AT+CPSI?",
            &[
                "+CPSI: NB,Online,310-260,0x5AB9,187214780,257,EUTRAN-BAND8,3688,0,0,-95,-950,\
               -670,11",
            ],
        ),
        ("AT+CGPADDR=0", &["+CGPADDR: 0,\"10.0.0.7\""]),
        (
            "AT+CGCONTRDP",
            &[
                "+CGCONTRDP: 0,5,\"apn\",\"10.0.0.7.255.255.255.0\",\"10.0.0.7\",\"8.8.8.8\",\
                 \"8.8.4.4\",,,,,1500",
            ],
        ),
    ]);
}

#[test]
fn the_clock_runs_in_local_time() {
    let mut bench = Bench::off(booting_in_no_time());
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
    let mut bench = Bench::off(booting_in_no_time());
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
    bench.radio(RadioEvent::Registration(Registration::Searching));
    bench.hear_for(Duration::from_secs(10));
    bench.radio(RadioEvent::Registration(Registration::Home));
    assert_eq!(
        bench.type_in("AT+QLTS\r"),
        info(&["+QLTS: \"2026/08/07,05:54:22+32,0\""])
    );
    bench.expect("AT+QLTS=3", &cme(50));
}

#[test]
fn without_a_network_there_is_no_time() {
    let mut bench = Bench::off(config());
    bench.radio(RadioEvent::Registration(Registration::NotRegistered));
    bench.radio(RadioEvent::PowerOn);
    bench.hear_for(Duration::from_secs(2));
    bench.command("ATE0");
    bench.expect("AT+QLTS", &info(&["+QLTS: \"\""]));
}

#[test]
fn a_saved_profile_of_another_shape_is_ignored() {
    let mut config = booting_in_no_time();
    config.stored = vec![("v250/profile".into(), b"short".to_vec().into())];
    let mut bench = Bench::off(config);
    bench.radio(RadioEvent::PowerOn);
    assert_eq!(bench.type_in("AT\r"), "AT\r\r\nOK\r\n");
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

/// What a host left half entered is what `A/` of the next one repeats, from its
/// beginning (docs/spec/quectel.md 2.3).
#[test]
fn the_next_host_may_repeat_the_command_of_an_entry() {
    let mut bench = Bench::booted(config());
    bench.expect("AT+QFUPL=\"a\",3", "\r\nCONNECT\r\n");
    assert_eq!(bench.type_in("1"), "");
    bench.host(HostEvent::Detached);
    bench.host(HostEvent::Attached);
    assert_eq!(bench.type_in("A/"), "");
    assert_eq!(bench.hear_for(Duration::from_secs(1)), "\r\nCONNECT\r\n");
    assert_eq!(bench.type_in("123"), "\r\n+QFUPL: 3,232\r\n\r\nOK\r\n");
}

#[test]
fn garbage_in_the_flash_is_said() {
    let mut config = config();
    config.stored = vec![("pdp/1".to_owned(), b"garbage".to_vec().into())];
    let mut bench = Bench::off(config);
    bench.radio(RadioEvent::PowerOn);
    let note = "what is kept as pdp/1 cannot be read; it counts as never kept";
    assert!(bench.traces.contains(&Trace::Note(note.to_owned())));
}

/// However long the list, its commands are carried out one after another, by a
/// loop.
#[test]
fn a_long_list_of_commands() {
    let mut bench = Bench::off(config());
    bench
        .modem()
        .set_quirk("line_limit", "65536")
        .expect("known");
    bench.radio(RadioEvent::PowerOn);
    bench.hear_for(Duration::from_secs(60));
    for command in ["E0", "+CGATT=1"] {
        let list = vec![command; 65_000 / (command.len() + 1)].join(";");
        let heard = bench.command(&format!("AT{list}"));
        assert!(heard.ends_with(OK), "{command}");
    }
}
