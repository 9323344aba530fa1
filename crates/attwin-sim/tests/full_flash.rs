//! What the module cannot keep it does not say it has: the command fails, and
//! what it keeps is as before.

use std::time::Duration;

use attwin_core::{Config, find_module};
use attwin_sim::World;

fn booted(module: &str) -> World {
    let mut world = World::new(Config::new(find_module(module).expect("exists")));
    world.boot();
    world.line("ATE0");
    answer(&mut world);
    world
}

fn answer(world: &mut World) -> String {
    world.run_for(Duration::from_secs(1));
    world.heard_text()
}

fn says(world: &mut World, line: &str) -> String {
    world.line(line);
    answer(world)
}

#[test]
fn an_upload_to_a_full_flash_fails() {
    upload(&mut booted("quectel-ec25"));
}

/// A fault has the module's output pass through other hands.
#[test]
fn an_upload_to_a_full_flash_fails_among_faults() {
    let mut world = booted("quectel-ec25");
    world.fault("drop output probability=0".parse().expect("valid"));
    upload(&mut world);
}

fn upload(world: &mut World) {
    world.flash_full = true;
    assert_eq!(says(world, "AT+QFUPL=\"a\",3"), "\r\nCONNECT\r\n");
    world.send(b"123");
    assert_eq!(answer(world), "\r\n+CME ERROR: 420\r\n");
    assert_eq!(says(world, "AT+QFLST"), "\r\nOK\r\n");
    world.flash_full = false;
    assert_eq!(says(world, "AT+QFUPL=\"a\",3"), "\r\nCONNECT\r\n");
    world.send(b"123");
    assert_eq!(answer(world), "\r\n+QFUPL: 3,232\r\n\r\nOK\r\n");
}

#[test]
fn a_certificate_that_cannot_be_kept_is_not_there() {
    let mut world = booted("simcom-sim7028");
    world.flash_full = true;
    assert_eq!(says(&mut world, "AT+CCERTDOWN=\"ca.pem\",3"), "\r\n>");
    world.send(b"123");
    assert_eq!(answer(&mut world), "\r\nERROR\r\n");
    assert_eq!(says(&mut world, "AT+CCERTLIST"), "\r\nOK\r\n");
}

/// Each command of a write that carries several fails or succeeds by itself.
#[test]
fn the_next_line_waits_for_what_is_kept() {
    let mut world = booted("quectel-ec25");
    world.flash_full = true;
    world.send(b"AT+CGDCONT=2,\"IP\",\"x\"\rAT\rAT+CSQ;&W\r");
    let heard = answer(&mut world);
    assert_eq!(heard, "\r\nERROR\r\n\r\nOK\r\n\r\nERROR\r\n");
}
