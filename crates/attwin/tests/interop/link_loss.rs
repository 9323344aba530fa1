//! Things that die: the broker, the program.

use super::support::{Attwin, Mosquitto, Subscriber};

fn connect(attwin: &Attwin) -> super::support::Host {
    let mut host = attwin.host();
    host.ok(r#"AT+QMTCFG="will",0,1,1,0,"will","gone""#);
    host.command(
        r#"AT+QMTOPEN=0,"h",1883"#,
        "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n",
    );
    host.command(r#"AT+QMTCONN=0,"dev""#, "\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n");
    host
}

fn run(mosquitto: &Mosquitto) -> Attwin {
    Attwin::run(&["--broker", &mosquitto.address(), "--timing", "fast"])
}

#[test]
fn the_broker_dies_and_comes_back() {
    let mut mosquitto = Mosquitto::plain();
    let attwin = run(&mosquitto);
    let mut host = connect(&attwin);
    mosquitto.restart();
    host.expect("\r\n+QMTSTAT: 0,1\r\n");
    host.command("AT+QMTCLOSE=0", "\r\nERROR\r\n");
    host.command(
        r#"AT+QMTOPEN=0,"h",1883"#,
        "\r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n",
    );
    host.command(r#"AT+QMTCONN=0,"dev""#, "\r\nOK\r\n\r\n+QMTCONN: 0,0,0\r\n");
}

#[test]
fn nobody_listens() {
    let mosquitto = Mosquitto::plain();
    let attwin = run(&mosquitto);
    drop(mosquitto);
    let mut host = attwin.host();
    host.command(
        r#"AT+QMTOPEN=0,"h",1883"#,
        "\r\nOK\r\n\r\n+QMTOPEN: 0,-1\r\n",
    );
}

#[test]
fn the_will_is_published_when_the_program_is_killed() {
    let mosquitto = Mosquitto::plain();
    let mut watcher = Subscriber::new(mosquitto.port, "mqttv311", 1, "will");
    let mut attwin = run(&mosquitto);
    let _host = connect(&attwin);
    attwin.process.child.kill().expect("it runs");
    assert_eq!(watcher.next(), "will 1 0 gone");
}

/// A clean end of the program is a power cut for the module.
#[test]
#[cfg(unix)]
fn the_will_is_published_when_the_program_is_told_to_end() {
    let mosquitto = Mosquitto::plain();
    let mut watcher = Subscriber::new(mosquitto.port, "mqttv311", 1, "will");
    let mut attwin = run(&mosquitto);
    let _host = connect(&attwin);
    let pid = rustix::process::Pid::from_child(&attwin.process.child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it runs");
    assert_eq!(watcher.next(), "will 1 0 gone");
    assert_eq!(attwin.process.exit_code(), Some(0));
}
