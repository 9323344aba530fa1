//! `attwin broker`.

use rustix::process::Signal;

use super::support::{Client, Running};

#[test]
fn the_first_line_is_the_address_and_the_log_is_readable() {
    let mut broker = Running::start(&["broker", "--listen", "127.0.0.1:0"]);
    let address = broker.line();
    let ca = broker.wait_for("CA certificate");
    let path = ca.rsplit(' ').next().unwrap();
    assert!(
        std::fs::read_to_string(path)
            .unwrap()
            .contains("BEGIN CERTIFICATE")
    );
    let client = Client::subscribed(&address, "a/#");
    broker.wait_for("\"watcher\" connected: MQTT 3.1.1, clean session, keep alive 0 s");
    broker.wait_for("\"watcher\" subscribed to \"a/#\", QoS 1");
    drop(client);
    broker.wait_for("\"watcher\" disconnected: the transport closed without DISCONNECT");
    broker.signal(Signal::INT);
    assert_eq!(broker.end().code(), Some(0));
}

#[test]
fn only_users_it_knows_are_let_in() {
    let mut broker = Running::start(&[
        "broker",
        "--listen",
        "127.0.0.1:0",
        "--user",
        "dev:a:b",
        "--user",
        "app:x",
    ]);
    let address = broker.line();
    let connect = |user| Client::connect(&address, user).err();
    assert_eq!(connect(Some(("dev", "a:b"))), None);
    assert_eq!(connect(Some(("app", "x"))), None);
    assert_eq!(connect(Some(("dev", "x"))), Some(4));
    assert_eq!(connect(None), Some(5));
}

#[test]
fn a_taken_address_is_a_failure() {
    let mut broker = Running::start(&["broker", "--listen", "127.0.0.1:0"]);
    let address = broker.line();
    let (code, out, err) = super::support::output(&["broker", "--listen", &address]);
    assert_eq!(code, Some(1));
    assert_eq!(out, "");
    assert!(
        err.contains(&format!("cannot listen on {address}")),
        "{err}"
    );
}
