//! What a host finds at the address on the first line.

use std::os::unix::fs::FileTypeExt;

use rustix::process::Signal;

use super::support::{Client, Host, Running};

#[test]
fn a_session_over_a_pseudo_terminal() {
    let mut broker = Running::start(&["broker", "--listen", "127.0.0.1:0"]);
    let broker_address = broker.line();
    let mut watcher = Client::subscribed(&broker_address, "t/#");

    let mut run = Running::start(&["run", "quectel-ec25", "--broker", &broker_address]);
    let path = run.line();
    assert!(
        std::fs::metadata(&path)
            .unwrap()
            .file_type()
            .is_char_device()
    );
    let mut host = Host::attach(&path);
    host.wait_for("\r\nRDY\r\n");
    host.connect("dev-1");
    host.publish("t/1", "hello");
    assert_eq!(watcher.message(), ("t/1".to_owned(), "hello".to_owned()));
    run.signal(Signal::TERM);
    assert_eq!(run.end().code(), Some(0));
}

#[test]
fn the_next_host_finds_the_module_as_the_last_one_left_it() {
    let mut run = Running::start(&["run", "-v", "quectel-ec25", "--port", "tcp:127.0.0.1:0"]);
    let address = run.line();
    let mut host = Host::attach(&address);
    host.wait_for("RDY\r\n");
    host.command("ATE0", "ATE0\r\r\nOK\r\n");
    drop(host);
    run.wait_for("the host detached");
    let mut host = Host::attach(&address);
    host.command("AT+CMEE?", "OK\r\n");
    let seen = String::from_utf8(host.received.clone()).unwrap();
    assert!(
        !seen.contains("AT+CMEE?") && !seen.contains("RDY"),
        "{seen}"
    );
}

#[test]
fn a_host_that_attaches_to_a_module_that_is_off_powers_it_on() {
    let mut run = Running::start(&["run", "-v", "quectel-ec25", "--port", "tcp:127.0.0.1:0"]);
    let address = run.line();
    let mut host = Host::attach(&address);
    host.wait_for("RDY\r\n");
    host.command("AT+QPOWD", "POWERED DOWN\r\n");
    drop(host);
    run.wait_for("the host detached");
    let mut host = Host::attach(&address);
    host.wait_for("RDY\r\n");
    host.command("AT", "OK\r\n");
}

#[test]
fn boot_start_does_not_wait_for_a_host() {
    let mut run = Running::start(&[
        "run",
        "quectel-ec25",
        "--port",
        "tcp:127.0.0.1:0",
        "--boot",
        "start",
    ]);
    let address = run.line();
    run.wait_for("powered on");
    let mut host = Host::attach(&address);
    host.command("AT", "OK\r\n");
    let seen = String::from_utf8(host.received.clone()).unwrap();
    assert!(!seen.contains("RDY"), "{seen}");
}

#[test]
fn hints_say_what_to_type() {
    let mut run = Running::start(&["run", "quectel-ec25", "--broker", "embedded"]);
    let path = run.line();
    run.wait_for(&format!(
        "quectel-ec25 is at {path}; open it for example with: picocom {path}"
    ));
    run.wait_for("mosquitto_sub -p ");
    run.wait_for("its CA certificate: ");
}
