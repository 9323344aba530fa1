//! Standard input and output as the serial line.

use std::io::Write;
use std::process::Stdio;

use super::support::attwin;

/// What a shell does with `printf … | attwin run …`.
fn pipe(input: &[u8], arguments: &[&str]) -> (Option<i32>, String) {
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
    (
        output.status.code(),
        String::from_utf8(output.stdout).expect("text"),
    )
}

#[test]
fn results_come_after_the_end_of_input() {
    let (code, out) = pipe(
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
    let (code, out) = pipe(b"", &["--quirk", "boot_urcs=false"]);
    assert_eq!((code, &*out), (Some(0), ""));
}
