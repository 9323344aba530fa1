//! How the program ends.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use super::support::{Client, Host, Running, attwin};

#[test]
fn a_signal_is_a_power_cut() {
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("modem");
    let link = link.to_str().unwrap();
    let temporary = tempfile::tempdir().unwrap();
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut run = Running::start_in(
            temporary.path(),
            &[
                "run",
                "quectel-ec25",
                "--port",
                &format!("pty:{link}"),
                "--broker",
                "embedded",
            ],
        );
        assert_eq!(run.line(), link);
        let hint = run.wait_for("the broker in this process, at ");
        let broker = hint.split("at ").nth(1).unwrap().split(',').next().unwrap();
        let mut watcher = Client::subscribed(broker, "will");
        let mut host = Host::attach(link);
        host.connect("dev-1");
        run.signal(signal);
        assert_eq!(watcher.message(), ("will".to_owned(), "gone".to_owned()));
        assert_eq!(run.end().code(), Some(0));
        assert!(std::fs::symlink_metadata(link).is_err(), "the link is left");
        assert_eq!(temporary.path().read_dir().unwrap().count(), 0);
    }
}

/// What is interrupted leaves no files either.
#[test]
fn a_demonstration_may_be_interrupted() {
    let temporary = tempfile::tempdir().unwrap();
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut run = Running::start_in(temporary.path(), &["demo"]);
        run.line();
        run.signal(signal);
        let status = run.child.wait().unwrap();
        // It may be over by itself before the signal comes.
        assert!(matches!(status.code(), Some(0 | 130)), "{status}");
        assert_eq!(temporary.path().read_dir().unwrap().count(), 0);
    }
}

/// A test runner may give standard error a pipe and never look at it.
#[test]
fn nobody_reads_the_log() {
    let mut child = attwin(&["run", "quectel-ec25", "--port", "tcp:127.0.0.1:0", "-vv"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut address = String::new();
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    out.read_line(&mut address).unwrap();
    let mut host = Host::attach(address.trim_end());
    host.command("ATE0", "ATE0\r\r\nOK\r\n");
    for _ in 0..2_000 {
        host.command("AT+QMTDISC=9", "\r\nERROR\r\n");
    }
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}
