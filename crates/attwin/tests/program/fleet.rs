//! Several modules in one process.

use std::fs;

use super::support::{Host, Running};

#[test]
fn modules_of_one_file_live_side_by_side() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("fleet.toml");
    fs::write(
        &file,
        r#"
        broker = "embedded"
        timing = "fast"
        [[module]]
        module = "quectel-ec25"
        name = "left"
        port = "tcp:127.0.0.1:0"
        [[module]]
        module = "quectel-eg95"
        name = "right"
        [module.identity]
        imei = "861107030000017"
        "#,
    )
    .unwrap();
    let state = directory.path().join("state");
    let mut run = Running::start(&[
        "run",
        "--config",
        file.to_str().unwrap(),
        "--state",
        state.to_str().unwrap(),
    ]);
    let (left, right) = (run.line(), run.line());
    assert!(left.starts_with("127.0.0.1:"), "{left}");
    assert!(right.starts_with("/dev/"), "{right}");
    let (mut left, mut right) = (Host::attach(&left), Host::attach(&right));
    left.connect("left");
    right.connect("right");
    left.command("ATI", "EC25\r\n");
    right.command("ATI", "EG95\r\n");
    right.command("AT+GSN", "861107030000017\r\n");
    left.command(r#"AT+QMTSUB=0,1,"t",1"#, "+QMTSUB: 0,1,0,1\r\n");
    right.publish("t", "hello");
    left.wait_for("\"t\",\"hello\"\r\n");
    assert!(state.join("left").is_dir() && state.join("right").is_dir());
}
