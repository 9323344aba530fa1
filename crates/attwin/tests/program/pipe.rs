//! Standard input and output as the serial line.

use std::io::Write;
use std::process::Stdio;

use super::support::attwin;

/// What a shell does with `printf … | attwin run …`.
fn pipe(input: &[u8], arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut child = attwin(&[&["run", "quectel-ec25"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(input).expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn results_come_after_the_end_of_input() {
    let (code, out, _) = pipe(
        b"ATE0\rAT+QMTOPEN=0,\"any\",1883\r",
        &["--broker", "embedded", "--timing", "fast"],
    );
    assert_eq!(code, Some(0));
    assert!(out.starts_with("\r\nRDY\r\n"), "{out:?}");
    let answers = "ATE0\r\r\nOK\r\n\r\nOK\r\n";
    assert!(out.contains(answers), "{out:?}");
    assert!(out.contains("\r\n+QMTOPEN: 0,0\r\n"), "{out:?}");
}

#[test]
fn nothing_but_the_serial_line_is_on_standard_output() {
    let (code, out, _) = pipe(b"", &["--quirk", "boot_urcs=false"]);
    assert_eq!((code, &*out), (Some(0), ""));
}

#[test]
fn a_pipe_that_gives_nothing_is_explained() {
    let (code, _, log) = pipe(b"", &["--timing", "fast"]);
    assert_eq!(code, Some(0));
    assert!(log.contains("is at standard input and output"), "{log}");
    assert!(
        log.contains("standard input ended before it gave a byte") && log.contains("--port pty"),
        "{log}"
    );
    let (_, _, log) = pipe(b"AT\r", &["--timing", "fast"]);
    assert!(!log.contains("before it gave a byte"), "{log}");
}

#[test]
fn the_log_says_how_lines_end() {
    let (_, out, log) = pipe(b"ATE0\rAT\nAT\n", &["--timing", "fast"]);
    assert_eq!(out.matches("\r\nOK\r\n").count(), 1, "{out:?}");
    assert_eq!(
        log.matches("quirk line_feed_ends_line=true").count(),
        1,
        "{log}"
    );
}
