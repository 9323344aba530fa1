//! Faults aimed at lines and commands.

use attwin_core::{Config, modules};
use attwin_sim::World;

use super::bench::{Bench, PUBLISH_1, seconds};

#[test]
fn a_line_is_aimed_at_by_how_it_begins() {
    let mut b = Bench::connected();
    b.suffer("drop urc like \"+QMTRECV\"");
    b.line(PUBLISH_1);
    assert!(b.within(seconds(1)).contains(": 0,7,0\r\n"));
    b.suffer("drop urc like \"+QMTPUB\"");
    b.line(PUBLISH_1);
    assert_eq!(b.within(seconds(1)), "\r\nOK\r\n");
}

#[test]
fn a_line_is_aimed_at_by_an_expression() {
    let mut b = Bench::new();
    b.suffer(r"duplicate information like /^\+CSQ: \d/ 2");
    assert_eq!(b.at("AT+CGMI").matches("Quectel").count(), 1);
    assert_eq!(b.at("AT+CSQ").matches("+CSQ:").count(), 2);
}

#[test]
fn something_happens_at_a_command() {
    let mut b = Bench::connected();
    b.suffer("reset at \"AT+QMTDISC\"");
    b.at("AT+CSQ");
    assert_eq!(b.open_links().len(), 1);
    let said = b.at("at+qmtdisc=0");
    assert_eq!(
        said, "\r\nERROR\r\n\r\n+QMTSTAT: 0,1\r\n",
        "too late for DISCONNECT"
    );
}

#[test]
fn a_power_cut_at_a_command_keeps_it_from_the_module() {
    let mut b = Bench::connected();
    b.suffer("power-cycle 1s at /^AT.CFUN=0/");
    assert_eq!(b.at("AT+CFUN=0"), "");
    assert!(b.within(seconds(60)).contains("RDY"));
}

#[test]
fn a_command_is_answered_instead_of_carried_out() {
    let mut b = Bench::connected();
    b.suffer("answer \"AT+QMTDISC\" \"+CME ERROR: 3\"");
    assert_eq!(b.at("AT+QMTDISC=0"), "\r\n+CME ERROR: 3\r\n");
    assert_eq!(b.open_links().len(), 1, "nothing was carried out");
    assert!(b.at("AT+QMTDISC=0").starts_with("\r\nOK\r\n"), "once only");
}

#[test]
fn an_answer_has_information_a_result_and_what_follows() {
    let mut b = Bench::new();
    b.suffer(r#"answer "AT+CSQ" "+CSQ: 99,99" "OK" "+QIND: x" 2"#);
    let answer = "\r\n+CSQ: 99,99\r\n\r\nOK\r\n\r\n+QIND: x\r\n";
    assert_eq!(b.at("AT+CSQ"), answer);
    assert_eq!(b.at("AT+CSQ"), answer);
    assert_ne!(b.at("AT+CSQ"), answer);
}

#[test]
fn the_echo_of_what_is_answered_is_whole() {
    let mut b = Bench::new();
    b.at("ATE1");
    b.suffer(r#"answer "AT+CSQ" "ERROR""#);
    assert_eq!(b.at("AT+CSQ"), "AT+CSQ\r\r\nERROR\r\n");
    b.suffer(r#"answer "AT+CSQ" "ERROR""#);
    // Corrected by hand, piece by piece, with a line feed.
    b.send(b"AT+CSX\x08");
    b.send(b"Q\r\n");
    assert_eq!(b.heard_text(), "AT+CSX\u{8}Q\r\r\nERROR\r\n");
}

#[test]
fn an_answer_waits_for_the_command_before_it() {
    let mut b = Bench::new();
    b.suffer(r#"answer "AT+CSQ" "ERROR""#);
    // AT+QIACT blocks the port for a time.
    b.send(b"AT+QIACT=1\rAT+CSQ\rAT+CGMI\r");
    assert_eq!(b.heard_text(), "");
    assert_eq!(
        b.within(seconds(10)),
        "\r\nOK\r\n\r\nERROR\r\n\r\nQuectel\r\n\r\nOK\r\n"
    );
}

#[test]
fn a_fault_waits_for_a_connection() {
    let mut b = Bench::new();
    b.suffer("half-open once=connected");
    b.run_for(seconds(100));
    assert!(b.take_acts().is_empty());
    b.connect();
    assert_eq!(b.take_acts().len(), 1);
    b.line(PUBLISH_1);
    assert_eq!(b.within(seconds(1)), "\r\nOK\r\n");
}

#[test]
fn a_condition_that_waits_lasts_from_then_on() {
    let mut b = Bench::new();
    b.suffer("silence once=connected in=2s for=3s");
    b.run_for(seconds(100));
    b.connect();
    b.run_for(seconds(1));
    assert_eq!(b.at("AT"), "\r\nOK\r\n");
    b.run_for(seconds(2));
    assert_eq!(b.at("AT"), "");
    b.run_for(seconds(3));
    assert_eq!(b.at("AT"), "\r\nOK\r\n");
}

#[test]
fn every_module_is_answered_for_alike() {
    for module in modules() {
        let mut world = World::new(Config::new(module));
        world.boot();
        world.run_for(seconds(60));
        world.line("ATE1");
        world.run_for(seconds(1));
        world.heard();
        let fault = r#"answer "AT+CSQ" "+CME ERROR: 100""#;
        world.fault(fault.parse().expect("valid"));
        world.send(b"AT+CSQ\r\n");
        let said = world.heard_text();
        let said = said.replacen("\r\n\r\n", "\r\r\n", 1);
        assert_eq!(said, "AT+CSQ\r\r\n+CME ERROR: 100\r\n", "{}", module.id);
        assert_eq!(world.take_acts().len(), 1, "{}", module.id);
        world.line("AT+CSQ");
        assert!(world.heard_text().contains("OK"), "{}", module.id);
    }
}

#[test]
fn a_module_that_says_no_results_says_no_answer() {
    let mut b = Bench::new();
    b.suffer(r#"answer "AT+CSQ" "ERROR""#);
    assert_eq!(b.at("ATQ1"), "");
    assert_eq!(b.at("AT+CSQ"), "");
    assert_eq!(b.at("ATQ0"), "\r\nOK\r\n", "nor in another's place");
}
