//! How the program ends.

use rustix::process::Signal;

use super::support::{Client, Host, Running};

#[test]
fn a_signal_is_a_power_cut() {
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("modem");
    let link = link.to_str().unwrap();
    for signal in [Signal::TERM, Signal::INT] {
        let mut run = Running::start(&[
            "run",
            "quectel-ec25",
            "--port",
            &format!("pty:{link}"),
            "--broker",
            "embedded",
        ]);
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
    }
}
