use std::io::{Read, Write};
use std::process::Stdio;
use std::thread;

use crate::common::port_echo;

#[test]
fn everything_read_is_delivered_before_the_end() {
    let mut child = port_echo("stdio")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let sent: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    // In step with the echo, or the echo would overflow: nothing slows down
    // a host that does not read.
    let mut heard = Vec::new();
    for part in sent.chunks(1000) {
        stdin.write_all(part).unwrap();
        let mut echo = vec![0; part.len()];
        stdout.read_exact(&mut echo).unwrap();
        heard.extend(echo);
    }
    stdin.write_all(b"AT+QPOWD\r").unwrap();
    drop(stdin);
    stdout.read_to_end(&mut heard).unwrap();
    assert!(
        heard
            .strip_prefix(&*sent)
            .is_some_and(|rest| rest == b"AT+QPOWD\r")
    );
    assert!(child.wait().unwrap().success());
}

#[test]
fn ends_when_nobody_reads_its_output() {
    let mut child = port_echo("stdio")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    // Again and again: a process being started elsewhere in this test run may
    // hold the other end for a moment.
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        stdin.write_all(b"AT\r").ok();
        thread::yield_now();
    };
    assert!(status.success());
}
