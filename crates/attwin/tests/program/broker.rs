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

#[test]
fn users_come_from_a_file_and_from_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.txt");
    std::fs::write(&file, "# the bench\nsensor:raindrop\n").unwrap();
    let file = file.to_str().unwrap();
    let command = ["broker", "--listen", "127.0.0.1:0", "--users", file];
    let mut broker = Running::start_with(&command, &[("ATTWIN_USERS", "gauge:puddle")]);
    let address = broker.line();
    let connect = |user| Client::connect(&address, Some(user)).err();
    assert_eq!(connect(("sensor", "raindrop")), None);
    assert_eq!(connect(("gauge", "puddle")), None);
    assert_eq!(connect(("gauge", "raindrop")), Some(4));
    broker.wait_for("broker: \"watcher\" refused: code 4, bad user name or password");
    std::fs::write(file, "sensor\n").unwrap();
    let (code, _, err) = super::support::output(&command);
    assert_eq!(code, Some(2));
    assert_eq!(
        err,
        format!("attwin: {file}, line 1: a user is written NAME:PASSWORD\n")
    );
}

#[test]
fn an_open_broker_on_a_public_address_warns() {
    let warning = "may publish and subscribe; --user or --users says who may";
    for (arguments, warns) in [
        (&["--listen", "0.0.0.0:0"][..], true),
        (&["--listen", "127.0.0.1:0"], false),
        (
            &["--listen", "0.0.0.0:0", "--user", "sensor:raindrop"],
            false,
        ),
    ] {
        let mut broker = Running::start(&[&["broker"], arguments].concat());
        broker.line();
        broker.wait_for("CA certificate for TLS clients");
        broker.signal(Signal::TERM);
        let log = broker.rest_of_log().join("\n");
        assert_eq!(log.contains(warning), warns, "{arguments:?}: {log}");
    }
}

#[test]
fn every_line_is_the_brokers_and_at_a_level_that_is_shown() {
    let mut broker = Running::start(&["broker", "--listen", "127.0.0.1:0"]);
    let address = broker.line();
    let client = Client::subscribed(&address, "a/#");
    // A client whose TLS goes wrong: libraries have a word for that, too.
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    std::io::Write::write_all(&mut stream, b"\x16\x03\x01\x00\x05hello").unwrap();
    broker.wait_for("broker: TLS with ");
    drop(client);
    broker.wait_for("disconnected");
    broker.signal(Signal::INT);
    let log = broker.rest_of_log();
    for line in &log {
        assert!(
            line.contains("broker: ") || line.contains("ending"),
            "{log:#?}"
        );
        assert!(!line.contains("DEBUG"), "{log:#?}");
    }
}
