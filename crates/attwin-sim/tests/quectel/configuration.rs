//! AT+QMTCFG (docs/spec/quectel.md 3.1).

use attwin_core::RadioEvent;
use attwin_core::mqtt::packet::PacketType;
use attwin_sim::link::{Direction, Opening};

use super::bench::{Bench, millis, seconds};

/// Option, default as the query prints it, a valid setting, the query after
/// it, settings to be refused.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const SIXTY_FIVE: &str = concat!(
    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"d\",\"s\""
);

const OPTIONS: [Row; 9] = [
    (
        "version",
        "3",
        "4",
        "4",
        &["2", "5", "\"4\"", "-4", "0x4", "4,1", "4,"],
    ),
    ("pdpcid", "1", "16", "16", &["0", "17", "1,1"]),
    (
        "will",
        "0",
        r#"1,2,1,"w","m""#,
        r#"1,2,1,"w","m""#,
        &[
            "1",
            "1,0",
            "1,0,0",
            r#"1,0,0,"t""#,
            r#"1,0,0,"","m""#,
            r#"1,3,0,"t","m""#,
            r#"1,0,2,"t","m""#,
            r#"1,,0,"t","m""#,
            r#"2,0,0,"t","m""#,
            r#"1,0,0,"t","m",1"#,
        ],
    ),
    (
        "timeout",
        "5,3,0",
        "60,10,1",
        "60,10,1",
        &["0,3,0", "61,3,0", "5,11,0", "5,3,2", "5,3,0,0", "5,3,", "x"],
    ),
    ("session", "1", "0", "0", &["2", "0,0"]),
    (
        "keepalive",
        "120",
        "3600",
        "3600",
        &["3601", "99999999999", "1 2", "60,1"],
    ),
    ("recv/mode", "0,0", "1,1", "1,1", &["2,0", "0,2", "0,0,0"]),
    (
        "aliauth",
        r#""","","""#,
        r#""pk","dn","ds""#,
        r#""pk","dn","ds""#,
        &[
            r#""pk""#,
            r#""pk","dn""#,
            r#""pk","dn","""#,
            r#""","dn","ds""#,
            r#""pk","dn","ds","x""#,
            SIXTY_FIVE,
        ],
    ),
    ("qmtping", "5", "60", "60", &["4", "61", "5,5"]),
];

impl Bench {
    #[track_caller]
    fn shows(&mut self, option: &str, client: u8, value: &str) {
        self.expect(
            &format!("AT+QMTCFG=\"{option}\",{client}"),
            &format!("\r\n+QMTCFG: \"{option}\",{value}\r\n\r\nOK\r\n"),
        );
    }

    fn set(&mut self, option: &str, client: u8, value: &str) -> String {
        self.at(&format!("AT+QMTCFG=\"{option}\",{client},{value}"))
    }
}

#[test]
fn test_form() {
    let mut b = Bench::new();
    b.expect(
        "AT+QMTCFG=?",
        "\r\n+QMTCFG: \"version\",(0-5),(3,4)\r\n\
         +QMTCFG: \"pdpcid\",(0-5),(1-16)\r\n\
         +QMTCFG: \"ssl\",(0-5),(0,1),(0-5)\r\n\
         +QMTCFG: \"keepalive\",(0-5),(0-3600)\r\n\
         +QMTCFG: \"session\",(0-5),(0,1)\r\n\
         +QMTCFG: \"timeout\",(0-5),(1-60),(0-10),(0,1)\r\n\
         +QMTCFG: \"will\",(0-5),(0,1),(0-2),(0,1),\"willtopic\",\"willmessage\"\r\n\
         +QMTCFG: \"willex\",(0-5),(0,1),(0-2),(0,1),\"willtopic\",(0-256)\r\n\
         +QMTCFG: \"recv/mode\",(0-5),(0,1),(0,1)\r\n\
         +QMTCFG: \"aliauth\",(0-5),\"productkey\",\"devicename\",\"devicesecret\"\r\n\
         +QMTCFG: \"qmtping\",(0-5),(5-60)\r\n\
         \r\nOK\r\n",
    );
}

#[test]
fn defaults_of_every_client() {
    let mut b = Bench::new();
    for client in 0..6 {
        for (option, default, ..) in OPTIONS {
            b.shows(option, client, default);
        }
        b.shows("willex", client, "0");
        b.shows("ssl", client, "0");
    }
    b.error("AT+QMTCFG=\"version\",6");
    b.error("AT+QMTCFG=\"version\"");
    b.error("AT+QMTCFG=\"version\",");
}

#[test]
fn setting_changes_one_option_of_one_client() {
    for (option, default, value, shown, _) in OPTIONS {
        let mut b = Bench::new();
        assert_eq!(b.set(option, 3, value), "\r\nOK\r\n", "{option}");
        b.shows(option, 3, shown);
        b.shows(option, 2, default);
        for (other, default, ..) in OPTIONS.iter().filter(|(other, ..)| *other != option) {
            b.shows(other, 3, default);
        }
    }
}

/// Out of range, too many, too few: ERROR, and nothing is stored.
#[test]
fn refused_settings_change_nothing() {
    let mut b = Bench::new();
    for (option, default, _, _, refused) in OPTIONS {
        for value in refused {
            assert_eq!(b.set(option, 0, value), "\r\nERROR\r\n", "{option},{value}");
            b.shows(option, 0, default);
        }
    }
}

#[test]
fn every_bound_is_included() {
    let mut b = Bench::new();
    for (option, value) in [
        ("version", "3"),
        ("pdpcid", "1"),
        ("timeout", "1,0,0"),
        ("keepalive", "0"),
        ("qmtping", "5"),
        ("recv/mode", "0,1"),
    ] {
        assert_eq!(b.set(option, 5, value), "\r\nOK\r\n", "{option}");
        b.shows(option, 5, value);
    }
}

#[test]
fn unknown_options_and_forms() {
    let mut b = Bench::new();
    b.error("AT+QMTCFG=\"nonsense\",0");
    b.error("AT+QMTCFG=\"\",0");
    b.error("AT+QMTCFG");
    b.error("AT+QMTCFG?");
    b.error("AT+QMTCFG=");
}

#[test]
fn keywords_in_any_case_and_without_quotes() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"Recv/Mode\",0,1,0");
    b.expect(
        "at+qmtcfg=\"RECV/MODE\",0",
        "\r\n+QMTCFG: \"recv/mode\",1,0\r\n\r\nOK\r\n",
    );
    b.ok("AT+QMTCFG=keepalive,0,60");
    b.shows("keepalive", 0, "60");
}

/// The manual's command box says `pdpid` (docs/spec/quectel.md 11 row 1).
#[test]
fn pdpid_is_pdpcid() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"pdpid\",0,7");
    b.expect(
        "AT+QMTCFG=\"pdpid\",0",
        "\r\n+QMTCFG: \"pdpcid\",7\r\n\r\nOK\r\n",
    );
}

#[test]
fn omitted_values_keep_what_was_set() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"timeout\",0,9,2,1");
    b.ok("AT+QMTCFG=\"timeout\",0,10");
    b.shows("timeout", 0, "10,2,1");
    b.ok("AT+QMTCFG=\"timeout\",0,11,4");
    b.shows("timeout", 0, "11,4,1");
    b.ok("AT+QMTCFG=\"timeout\",0,,5");
    b.shows("timeout", 0, "11,5,1");
    b.ok("AT+QMTCFG=\"recv/mode\",0,0,1");
    b.ok("AT+QMTCFG=\"recv/mode\",0,1");
    b.shows("recv/mode", 0, "1,1");
}

#[test]
fn ssl_wants_a_context_only_to_be_switched_on() {
    let mut b = Bench::new();
    b.error("AT+QMTCFG=\"ssl\",0,1");
    b.error("AT+QMTCFG=\"ssl\",0,1,6");
    b.error("AT+QMTCFG=\"ssl\",0,2,0");
    b.shows("ssl", 0, "0");
    b.ok("AT+QMTCFG=\"ssl\",0,1,5");
    b.shows("ssl", 0, "1,5");
    b.ok("AT+QMTCFG=\"SSL\",0,0");
    b.shows("ssl", 0, "0");
    b.ok("AT+QMTCFG=\"ssl\",0,0,3");
    b.shows("ssl", 0, "0");
}

#[test]
fn will_ranges() {
    let mut b = Bench::new();
    let (topic, message) = ("t".repeat(256), "m".repeat(256));
    let will = format!("1,1,0,\"{topic}\",\"{message}\"");
    assert_eq!(b.set("will", 0, &will), "\r\nOK\r\n");
    b.shows("will", 0, &will);
    for too_long in [
        format!("1,1,0,\"{topic}t\",\"\""),
        format!("1,1,0,\"t\",\"{message}m\""),
    ] {
        assert_eq!(b.set("will", 0, &too_long), "\r\nERROR\r\n");
        b.shows("will", 0, &will);
    }
    assert_eq!(b.set("will", 0, "1,0,0,\"t\",\"\""), "\r\nOK\r\n");
    b.shows("will", 0, "1,0,0,\"t\",\"\"");
}

#[test]
fn will_off_ignores_the_rest() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"will\",0,1,1,0,\"t\",\"m\"");
    b.ok("AT+QMTCFG=\"will\",0,0,2,1,\"x\",\"y\"");
    b.shows("will", 0, "0");
    b.ok("AT+QMTCFG=\"will\",0,1,1,0,\"t\",\"m\"");
    b.ok("AT+QMTCFG=\"will\",0,0");
    b.shows("will", 0, "0");
}

#[test]
fn will_message_as_data() {
    let mut b = Bench::new();
    let said = b.data("AT+QMTCFG=\"willex\",0,1,2,1,\"w/t\",6", b"a\r\n\"\x1a\x1b");
    assert_eq!(said, "\r\nOK\r\n");
    b.shows("willex", 0, "1,2,1,\"w/t\",6");
    // One record, printed raw in the form of "will".
    b.shows("will", 0, "1,2,1,\"w/t\",\"a\r\n\"\u{1a}\u{1b}\"");
    b.ok("AT+QMTCFG=\"will\",0,1,0,0,\"x\",\"four\"");
    b.shows("willex", 0, "1,0,0,\"x\",4");
}

#[test]
fn will_data_is_cut_to_its_length() {
    let mut b = Bench::new();
    assert_eq!(
        b.data("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",3", b"abcdef"),
        "\r\nOK\r\n"
    );
    b.shows("will", 0, "1,0,0,\"w\",\"abc\"");
    let long = [b'x'; 256];
    assert_eq!(
        b.data("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",256", &long),
        "\r\nOK\r\n"
    );
    b.shows("willex", 0, "1,0,0,\"w\",256");
    assert_eq!(
        b.data("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",0", b"abc"),
        "\r\nOK\r\n"
    );
    b.shows("will", 0, "1,0,0,\"w\",\"\"");
}

#[test]
fn will_data_refused_before_the_prompt() {
    let mut b = Bench::new();
    for arguments in [
        "1",
        "1,0,0,\"w\"",
        "1,0,0,\"\",3",
        "1,0,0,\"w\",257",
        "1,3,0,\"w\",3",
        "1,0,2,\"w\",3",
        "2,0,0,\"w\",3",
        "1,0,0,\"w\",\"3\"",
    ] {
        b.error(&format!("AT+QMTCFG=\"willex\",0,{arguments}"));
    }
    b.shows("willex", 0, "0");
}

#[test]
fn will_data_off_needs_no_prompt() {
    let mut b = Bench::new();
    b.data("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",3", b"abc");
    b.ok("AT+QMTCFG=\"willex\",0,0");
    b.shows("willex", 0, "0");
    b.shows("will", 0, "0");
    b.data("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",3", b"abc");
    b.ok("AT+QMTCFG=\"willex\",0,0,1,1,\"w\",3");
    b.shows("willex", 0, "0");
}

#[test]
fn will_data_that_does_not_come() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"will\",0,1,1,0,\"t\",\"m\"");
    b.line("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",3");
    assert_eq!(b.within(millis(10)), "\r\n> ");
    b.send(b"ab");
    assert_eq!(b.within(seconds(59)), "");
    assert_eq!(b.within(seconds(1)), "\r\nERROR\r\n");
    b.shows("will", 0, "1,1,0,\"t\",\"m\"");
}

#[test]
fn aliauth_is_cleared_by_three_empty_strings() {
    let mut b = Bench::new();
    let longest = "k".repeat(64);
    let value = format!("\"{longest}\",\"{longest}\",\"{longest}\"");
    assert_eq!(b.set("aliauth", 0, &value), "\r\nOK\r\n");
    b.shows("aliauth", 0, &value);
    b.ok("AT+QMTCFG=\"aliauth\",0,\"\",\"\",\"\"");
    b.shows("aliauth", 0, "\"\",\"\",\"\"");
}

const SETTINGS: [&str; 11] = [
    "\"version\",0,4",
    "\"pdpcid\",0,1",
    "\"will\",0,0",
    "\"willex\",0,0",
    "\"timeout\",0,5,3,0",
    "\"session\",0,1",
    "\"keepalive\",0,120",
    "\"ssl\",0,0",
    "\"recv/mode\",0,0,0",
    "\"aliauth\",0,\"pk\",\"dn\",\"ds\"",
    "\"qmtping\",0,5",
];

impl Bench {
    #[track_caller]
    fn refuses_settings_and_answers_queries(&mut self) {
        for setting in SETTINGS {
            self.error(&format!("AT+QMTCFG={setting}"));
        }
        self.error("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",3");
        for (option, default, ..) in OPTIONS {
            self.shows(option, 0, default);
        }
        self.shows("ssl", 0, "0");
        self.shows("willex", 0, "0");
    }

    #[track_caller]
    fn accepts_settings(&mut self) {
        for setting in SETTINGS {
            self.ok(&format!("AT+QMTCFG={setting}"));
        }
    }
}

#[test]
fn settings_are_accepted_until_connect() {
    let mut b = Bench::new();
    b.accepts_settings();
    b.network.opening = Opening::Hangs;
    b.ok("AT+QMTOPEN=0,\"h\",1883");
    b.accepts_settings();
    let mut b = Bench::new();
    b.open(0);
    b.accepts_settings();
}

#[test]
fn settings_are_refused_while_connecting_and_connected() {
    let mut b = Bench::new();
    b.open(0);
    b.lose(Direction::ToModule, PacketType::Connack);
    b.ok("AT+QMTCONN=0,\"c\"");
    b.refuses_settings_and_answers_queries();

    let mut b = Bench::connected();
    b.refuses_settings_and_answers_queries();
    // Another client is free.
    b.ok("AT+QMTCFG=\"version\",1,4");

    b.lose(Direction::ToBroker, PacketType::Disconnect);
    b.ok("AT+QMTDISC=0");
    b.then("\r\n+QMTDISC: 0,0\r\n");
    b.refuses_settings_and_answers_queries();
}

#[test]
fn values_outlive_connections_and_end_with_a_restart() {
    let mut b = Bench::new();
    for (option, _, value, ..) in OPTIONS.iter().filter(|(option, ..)| *option != "aliauth") {
        assert_eq!(b.set(option, 0, value), "\r\nOK\r\n", "{option}");
    }
    b.ok("AT+CGDCONT=16,\"IP\",\"internet\"");
    b.connect(0);
    b.close(0);
    b.connect(0);
    b.ok("AT+QMTDISC=0");
    b.then("\r\n+QMTDISC: 0,0\r\n\r\n+QMTSTAT: 0,5\r\n");
    b.connect(0);
    b.cut(attwin_core::CloseReason::Reset);
    b.heard();
    for (option, _, _, shown, _) in OPTIONS.iter().filter(|(option, ..)| *option != "aliauth") {
        b.shows(option, 0, shown);
    }
    for line in ["AT&F", "ATZ"] {
        b.at(line);
        b.at("ATE0");
    }
    for (option, _, _, shown, _) in OPTIONS.iter().filter(|(option, ..)| *option != "aliauth") {
        b.shows(option, 0, shown);
    }
    b.radio(RadioEvent::Reboot);
    b.has_forgotten_everything();
}

impl Bench {
    /// After a restart.
    #[track_caller]
    fn has_forgotten_everything(&mut self) {
        self.run_for(seconds(30));
        self.at("ATE0");
        for (option, default, ..) in OPTIONS {
            self.shows(option, 0, default);
        }
    }
}

#[test]
fn every_kind_of_restart_brings_the_defaults_back() {
    let configured = || {
        let mut b = Bench::new();
        for (option, _, value, ..) in OPTIONS {
            assert_eq!(b.set(option, 0, value), "\r\nOK\r\n", "{option}");
        }
        b
    };
    let mut b = configured();
    b.at("AT+CFUN=1,1");
    b.has_forgotten_everything();
    let mut b = configured();
    b.radio(RadioEvent::PowerCut);
    b.radio(RadioEvent::PowerOn);
    b.has_forgotten_everything();
    // Switching the radio off and on is none.
    let mut b = configured();
    for line in ["AT+CFUN=0", "AT+CFUN=1"] {
        b.line(line);
        b.run_for(seconds(20));
        b.heard();
    }
    for (option, _, _, shown, _) in OPTIONS {
        b.shows(option, 0, shown);
    }
}

/// What opening consumes acts from the next AT+QMTOPEN; the rest when CONNECT
/// is built.
#[test]
fn values_are_consumed_when_connect_is_built() {
    let mut b = Bench::new();
    b.open(0);
    b.ok("AT+QMTCFG=\"version\",0,4");
    b.ok("AT+QMTCFG=\"keepalive\",0,300");
    b.ok("AT+QMTCFG=\"session\",0,0");
    b.ok("AT+QMTCONN=0,\"c\"");
    b.then("\r\n+QMTCONN: 0,0,0\r\n");
    assert_eq!(
        b.wire(Direction::ToBroker),
        [b"\x10\x0d\x00\x04MQTT\x04\x00\x01\x2c\x00\x01c".to_vec()]
    );
}
