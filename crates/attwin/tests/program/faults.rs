//! What goes wrong on purpose.

use std::fs;

use super::support::{Host, Running, output};

#[test]
fn faults_of_the_command_line_act_on_the_serial_line_and_on_packets() {
    let mut run = Running::start(&[
        "run",
        "quectel-ec25",
        "--broker",
        "embedded",
        "--boot",
        "start",
        "--timing",
        "fast",
        "--fault",
        "duplicate final",
        "--fault",
        "refuse connect 5",
    ]);
    let mut host = Host::attach(&run.line());
    host.command("ATE0", "\r\nOK\r\n\r\nOK\r\n");
    host.command(r#"AT+QMTOPEN=0,"any.example",1883"#, "+QMTOPEN: 0,0\r\n");
    host.command(r#"AT+QMTCONN=0,"dev-1""#, "+QMTCONN: 0,0,5\r\n");
}

#[test]
fn boot_lines_pass_through_faults() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let file = directory.path().join("fleet.toml");
    let text = "faults = ['duplicate urc']\n[[module]]\nmodule = 'quectel-ec25'\n\
                faults = ['duplicate final']\nport = 'tcp:127.0.0.1:0'\n";
    fs::write(&file, text).expect("written");
    let mut run = Running::start(&["run", "--config", file.to_str().expect("text")]);
    let mut host = Host::attach(&run.line());
    host.wait_for("\r\nRDY\r\n\r\nRDY\r\n");
    host.command("ATE0", "\r\nOK\r\n\r\nOK\r\n");
}

#[test]
fn a_mistaken_fault_is_shown_in_its_place() {
    let directory = tempfile::tempdir().expect("a temporary folder");
    let file = directory.path().join("fleet.toml");
    let text = "faults = [\n  \"drop puback\",\n  \"drop everything\",\n]\n";
    fs::write(&file, text).expect("written");
    let path = file.to_str().expect("text");
    let (code, _, err) = output(&["run", "quectel-ec25", "--config", path]);
    assert_eq!(code, Some(2));
    assert!(err.contains("\"everything\" is not"), "{err}");
    assert!(err.contains("fleet.toml:3:"), "{err}");
    let (code, _, err) = output(&["run", "quectel-ec25", "--fault", "fly"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("\"fly\" is not one of"), "{err}");
    assert_eq!(err.matches(" drop,").count(), 1, "{err}");
}

#[test]
fn faults_are_listed_and_described() {
    let (code, out, err) = output(&["faults"]);
    assert_eq!((code, &*err), (Some(0), ""));
    for part in [
        "  drop PACKET [N] [DIRECTION] ",
        "  preset nat-drop ",
        "  in=SPAN ",
    ] {
        assert!(out.contains(part), "no {part} in {out}");
    }
    let (code, out, _) = output(&["faults", "nat-drop"]);
    assert_eq!(code, Some(0));
    assert!(
        out.contains("the same as:\n    half-open once=connected\n"),
        "{out}"
    );
    let (code, _, err) = output(&["faults", "half-opn"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("did you mean half-open?"), "{err}");
}
