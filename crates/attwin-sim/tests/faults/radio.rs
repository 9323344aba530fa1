//! Supply, SIM and radio.

use super::bench::{Bench, PUBLISH_1, millis, seconds};

#[test]
fn detach_and_attach() {
    let mut b = Bench::new();
    assert!(b.at("AT+CGATT?").contains("+CGATT: 1"));
    b.suffer("detach for=30s");
    assert!(b.at("AT+CGATT?").contains("+CGATT: 0"));
    b.run_for(seconds(30));
    assert!(b.at("AT+CGATT?").contains("+CGATT: 1"));
    b.suffer("detach");
    b.run_for(seconds(100));
    assert!(b.at("AT+CGATT?").contains("+CGATT: 0"));
    b.suffer("attach");
    assert!(b.at("AT+CGATT?").contains("+CGATT: 1"));
}

#[test]
fn a_context_is_lost() {
    let mut b = Bench::new();
    b.line("AT+QIACT=1");
    b.within(seconds(5));
    assert!(b.at("AT+QIACT?").contains("+QIACT: 1,1"));
    b.suffer("pdp-loss 1");
    b.within(seconds(1));
    assert!(!b.at("AT+QIACT?").contains("+QIACT: 1,1"));
}

#[test]
fn the_sim_loses_contact() {
    let mut b = Bench::new();
    b.suffer("sim-remove for=2s");
    b.within(millis(100));
    assert!(!b.at("AT+CPIN?").contains("READY"));
    b.within(seconds(10));
    assert!(b.at("AT+CPIN?").contains("READY"));
    b.suffer("sim-remove");
    b.within(seconds(10));
    assert!(!b.at("AT+CPIN?").contains("READY"));
    b.suffer("sim-insert");
    b.within(seconds(10));
    assert!(b.at("AT+CPIN?").contains("READY"));
}

#[test]
fn signal_and_registration_change() {
    let mut b = Bench::new();
    b.suffer("signal 3");
    assert!(b.at("AT+CSQ").contains("+CSQ: 3,99"));
    b.suffer("registration 2 for=10s");
    assert!(b.at("AT+CREG?").contains(",2"));
    b.run_for(seconds(10));
    assert!(b.at("AT+CREG?").contains(",1"));
}

#[test]
fn power_cycles() {
    let mut b = Bench::new();
    b.suffer("power-cycle 5s");
    assert!(!b.modem().is_powered());
    assert_eq!(b.at("AT"), "");
    b.run_for(seconds(5));
    assert!(b.modem().is_powered());
    b.suffer("power-cycle");
    b.run_for(millis(9_999));
    assert!(!b.modem().is_powered());
    b.run_for(millis(1));
    assert!(b.modem().is_powered());
}

#[test]
fn transmission_pulls_the_supply_down() {
    let mut b = Bench::connected();
    b.suffer("brown-out before publish");
    b.line(PUBLISH_1);
    assert!(!b.modem().is_powered());
    assert_eq!(b.received().len(), 0);
    let said = b.within(seconds(20));
    assert!(!said.contains("QMTPUBEX") && said.contains("RDY"), "{said}");
    assert!(b.modem().is_powered() && b.open_links().is_empty());
}

#[test]
fn the_module_restarts() {
    let mut b = Bench::connected();
    b.suffer("reboot");
    assert!(b.within(seconds(20)).contains("RDY"));
    assert!(b.open_links().is_empty());
}

#[test]
fn what_was_held_back_is_lost_with_power() {
    let mut b = Bench::new();
    b.suffer("delay final 5s");
    b.line("AT");
    b.suffer("power-cycle 1s");
    assert!(!b.within(seconds(10)).contains("OK"));
}
