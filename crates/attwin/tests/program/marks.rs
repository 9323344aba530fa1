//! Reasons and marks: what the log and the trace say of refusals and of faults.

use std::fs;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::support::{Host, Running};

#[test]
fn the_log_says_why_a_command_was_refused() {
    let mut run = Running::start(&["run", "quectel-ec25", "--port", "tcp:127.0.0.1:0"]);
    let mut host = Host::attach(&run.line());
    host.command("AT+NOTHING=1", "ERROR\r\n");
    let line = run.wait_for("AT+NOTHING: ");
    assert!(line.contains("INFO"), "{line}");
}

#[test]
fn a_trace_shows_what_faults_did() {
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
        "--fault",
        "drop publish to-module",
        "--fault",
        "drop final like \"ERROR\"",
        "--fault",
        "drop pubrec",
    ]);
    let mut host = Host::attach(&run.line());
    host.connect("dev-1");
    host.command("AT+QMTSUB=0,1,\"t\",1", "+QMTSUB: 0,1,0,1\r\n");
    host.command("AT+QMTPUBEX=0,7,1,0,\"t\",\"x\"", ": 0,7,0\r\n");
    host.send(b"AT+NOTHING\r");
    run.wait_for("fault 2, `drop final like \"ERROR\"`, acted on ERROR");
    run.wait_for("AT+NOTHING: ");
    run.signal(Signal::TERM);
    run.wait_for("fault 3, `drop pubrec`, never acted");
    assert_eq!(run.end().code(), Some(0));

    let text = fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let publishes: Vec<_> = lines
        .iter()
        .filter(|l| l["packet"] == "PUBLISH")
        .map(|l| (&l["dir"], &l["marks"]))
        .collect();
    let dropped = json!([{ "mark": "dropped", "fault": 1 }]);
    assert_eq!(
        publishes,
        [(&json!("net>"), &Value::Null), (&json!("net<"), &dropped)]
    );
    let refused: Vec<_> = lines
        .iter()
        .filter(|l| l["text"] == "\\r\\nERROR\\r\\n")
        .collect();
    assert_eq!(refused.len(), 1);
    assert_eq!(
        refused[0]["marks"],
        json!([{ "mark": "dropped", "fault": 2 }])
    );
    assert!(
        refused[0]["reason"]
            .as_str()
            .unwrap()
            .starts_with("AT+NOTHING: ")
    );
    let acts: Vec<_> = lines
        .iter()
        .filter(|line| line["dir"] == "fault")
        .map(|line| (&line["fault"], &line["acted"], &line["on"]))
        .collect();
    assert_eq!(
        acts,
        [
            (
                &json!("drop publish to-module"),
                &json!(1),
                &json!("PUBLISH id=1")
            ),
            (
                &json!("drop final like \"ERROR\""),
                &json!(1),
                &json!("ERROR")
            ),
            (&json!("drop pubrec"), &json!(0), &Value::Null),
        ]
    );
}
