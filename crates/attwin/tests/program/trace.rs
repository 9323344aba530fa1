//! `--trace`: what a run leaves behind.

use std::fs;

use rustix::process::Signal;
use serde_json::Value;

use super::support::{Host, Running};

/// The bytes behind a `text` of docs/trace.md.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, more @ ..] = rest {
        let (byte, after) = match (first, more) {
            (b'\\', [b'r', after @ ..]) => (b'\r', after),
            (b'\\', [b'n', after @ ..]) => (b'\n', after),
            (b'\\', [b't', after @ ..]) => (b'\t', after),
            (b'\\', [b'\\', after @ ..]) => (b'\\', after),
            (b'\\', [b'x', high, low, after @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("digits");
                (u8::from_str_radix(digits, 16).expect("digits"), after)
            }
            (other, after) => (*other, after),
        };
        bytes.push(byte);
        rest = after;
    }
    bytes
}

#[test]
fn a_trace_tells_everything_without_loss() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("trace.jsonl");
    let mut run = Running::start(&[
        "run",
        "quectel-ec25",
        "--port",
        "tcp:127.0.0.1:0",
        "--broker",
        "embedded",
        "--timing",
        "fast",
        "--trace",
        file.to_str().unwrap(),
    ]);
    let mut host = Host::attach(&run.line());
    host.connect("dev-1");
    host.command("AT+QMTPUBEX=0,1,1,0,\"t\",6", "> ");
    host.send(b"\x00\\\xff\x1a\r\n");
    host.wait_for("+QMTPUBEX: 0,1,0\r\n");
    run.signal(Signal::TERM);
    assert_eq!(run.end().code(), Some(0));

    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let serial = |dir: &str| -> Vec<u8> {
        let lines = lines.iter().filter(|line| line["dir"] == dir);
        lines
            .flat_map(|line| unescape(line["text"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(serial("host>"), host.sent);
    assert_eq!(
        String::from_utf8_lossy(&serial("host<")),
        String::from_utf8_lossy(&host.received)
    );
    let times: Vec<_> = lines
        .iter()
        .map(|line| line["t"].as_f64().unwrap())
        .collect();
    assert!(times.is_sorted());
    let packets: Vec<_> = lines
        .iter()
        .filter(|line| line["event"] == "packet")
        .map(|line| {
            (
                line["dir"].as_str().unwrap(),
                line["packet"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        packets,
        [
            ("net>", "CONNECT"),
            ("net<", "CONNACK"),
            ("net>", "PUBLISH"),
            ("net<", "PUBACK")
        ]
    );
    let publish = lines
        .iter()
        .find(|line| line["packet"] == "PUBLISH")
        .unwrap();
    assert_eq!(publish["topic"], "t");
    assert_eq!(
        unescape(publish["payload"].as_str().unwrap()),
        b"\x00\\\xff\x1a\r\n"
    );
    let connect = lines
        .iter()
        .find(|line| line["packet"] == "CONNECT")
        .unwrap();
    assert_eq!(connect["will"]["topic"], "will");
    let ended: Vec<_> = lines.iter().filter(|line| line["power"] == false).collect();
    assert_eq!(ended.len(), 1);
    assert!(lines.iter().any(|line| line["event"] == "abort"));
}

#[test]
fn a_trace_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("trace.jsonl");
    let path = file.to_str().unwrap();
    let mut run = Running::start(&[
        "run",
        "quectel-ec25",
        "--port",
        "tcp:127.0.0.1:0",
        "--trace",
        path,
    ]);
    run.line();
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
