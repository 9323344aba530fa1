//! What a host finds at the address on the first line.

use std::fs;
use std::os::unix::fs::FileTypeExt;

use rustix::process::Signal;

use super::support::{Client, Host, Running, output};

#[test]
fn a_session_over_a_pseudo_terminal() {
    let mut broker = Running::start(&["broker", "--listen", "127.0.0.1:0"]);
    let broker_address = broker.line();
    let mut watcher = Client::subscribed(&broker_address, "t/#");

    let mut run = Running::start(&["run", "quectel-ec25", "--broker", &broker_address]);
    let path = run.line();
    assert!(fs::metadata(&path).unwrap().file_type().is_char_device());
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

#[test]
fn what_is_printed_is_what_check_and_record_take() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(
        path("a.at"),
        "module quectel-ec25\n> AT+CGMI\n< Quectel\n< OK\n",
    )
    .unwrap();
    let unix = format!("unix:{}", path("socket"));
    let link = format!("pty:{}", path("link"));
    let try_one = &|port: &str, number: usize| {
        let mut run = Running::start(&["run", "quectel-ec25", "--timing", "fast", "--port", port]);
        let printed = run.line();
        let (code, out, err) = output(&["check", "--port", &printed, &path("a.at")]);
        assert_eq!((code, &*err), (Some(0), ""), "{port}: {out}");
        let mut record = Running::start(&[
            "record",
            "--port",
            &printed,
            "--module",
            "quectel-ec25",
            "-o",
            &path(&format!("session-{number}.at")),
        ]);
        let mut host = Host::attach(&record.line());
        host.command("AT+CGMM", "EC25\r\n");
    };
    // Each waits for a module to boot.
    std::thread::scope(|scope| {
        for (number, port) in ["pty", "127.0.0.1:0", &unix, &link].into_iter().enumerate() {
            scope.spawn(move || try_one(port, number));
        }
    });
}

#[test]
fn v_shows_commands_and_results_and_vv_packets() {
    for (option, packets) in [("-v", false), ("-vv", true)] {
        let mut run = Running::start(&[
            "run",
            option,
            "quectel-ec25",
            "--timing",
            "fast",
            "--port",
            "tcp:127.0.0.1:0",
            "--broker",
            "embedded",
        ]);
        let mut host = Host::attach(&run.line());
        host.connect("dev-1");
        host.publish("t", "hello");
        host.command("AT+CGMI", "OK\r\n");
        run.wait_for("> AT+QMTCONN=0,\"dev-1\"");
        run.wait_for("< +QMTCONN: 0,0,0");
        run.wait_for("> hello");
        run.wait_for("< Quectel");
        run.signal(Signal::TERM);
        let log = run.rest_of_log().join("\n");
        assert_eq!(
            log.contains("--> CONNECT client_id=\"dev-1\""),
            packets,
            "{log}"
        );
        assert_eq!(log.contains("<-- PUBACK"), packets, "{log}");
    }
}
