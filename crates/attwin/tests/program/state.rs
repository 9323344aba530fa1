//! `--state`: what survives.

use std::fs;
use std::path::Path;

use super::support::{Host, Running, output};

fn run(state: &Path) -> (Running, Host) {
    let mut run = Running::start(&[
        "run",
        "quectel-ec25",
        "--port",
        "tcp:127.0.0.1:0",
        "--timing",
        "fast",
        "--state",
        state.to_str().expect("text"),
    ]);
    let host = Host::attach(&run.line());
    (run, host)
}

fn upload(host: &mut Host, content: &str) {
    host.command(
        &format!("AT+QFUPL=\"a.txt\",{}", content.len()),
        "CONNECT\r\n",
    );
    host.send(content.as_bytes());
    host.wait_for("+QFUPL: ");
    host.wait_for("OK\r\n");
}

#[test]
fn a_file_survives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let (first, mut host) = run(directory.path());
    upload(&mut host, "hello");
    drop(first);
    let (_second, mut host) = run(directory.path());
    host.command("AT+QFLST=\"a.txt\"", "+QFLST: \"UFS:a.txt\",5\r\n");
    host.command(
        "AT+QFDWL=\"a.txt\"",
        "CONNECT\r\nhello\r\n+QFDWL: 5,6b09\r\n",
    );
}

/// Whenever it is killed, the file is the old one, the new one or, between the
/// two commands, not there; what the host was told is kept.
#[test]
fn a_kill_at_any_moment_leaves_whole_files() {
    let directory = tempfile::tempdir().unwrap();
    let contents = ["old ".repeat(500), "new ".repeat(2000)];
    for round in 0..12 {
        let (mut run, mut host) = run(directory.path());
        for content in &contents {
            host.send(b"AT+QFDEL=\"a.txt\"\r");
            host.wait_for("\r\n");
            upload(&mut host, content);
        }
        // Killed while it deletes and writes again, a little later each time.
        host.send(b"AT+QFDEL=\"a.txt\"\r");
        if round % 3 > 0 {
            host.wait_for("OK\r\n");
            host.send(format!("AT+QFUPL=\"a.txt\",{}\r", contents[0].len()).as_bytes());
            host.wait_for("CONNECT\r\n");
            host.send(contents[0].as_bytes());
        }
        if round % 3 > 1 {
            host.wait_for("+QFUPL: ");
        }
        run.child.kill().unwrap();
        run.child.wait().unwrap();
        let mut found = None;
        for entry in fs::read_dir(directory.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if name.contains("a.txt") {
                found = Some(fs::read_to_string(path).unwrap());
            }
        }
        match (round % 3, found) {
            (0, None) => {}
            (0, Some(found)) => assert_eq!(found, contents[1]),
            (1, None) => {}
            (_, found) => assert_eq!(found.as_ref(), Some(&contents[0])),
        }
    }
}

#[test]
fn a_directory_has_one_owner() {
    let directory = tempfile::tempdir().unwrap();
    let (_first, _) = run(directory.path());
    let path = directory.path().to_str().unwrap();
    let (code, _, err) = output(&["run", "quectel-ec25", "--state", path]);
    assert_eq!(code, Some(1));
    assert!(
        err.contains(&format!("{path} is in use by another attwin; stop it")),
        "{err}"
    );
}

/// What the computer cannot keep the module does not say it has.
#[test]
fn a_file_that_cannot_be_kept_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let state = directory.path().join("state");
    let (mut run, mut host) = run(&state);
    host.command("AT", "OK\r\n");
    fs::remove_dir_all(&state).unwrap();
    host.command("AT+QFUPL=\"a.txt\",5", "CONNECT\r\n");
    host.send(b"hello");
    host.wait_for("\r\n+CME ERROR: 420\r\n");
    run.wait_for("make room");
    host.command("AT+QFLST=\"a.txt\"", "OK\r\n");
    let received = String::from_utf8_lossy(&host.received).into_owned();
    assert!(
        !received.contains("+QFUPL: ") && !received.contains("+QFLST:"),
        "{received}"
    );
}
