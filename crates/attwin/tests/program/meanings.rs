//! `attwin explain` and `attwin quirks`.

use std::io::Write;
use std::process::Stdio;

use serde_json::Value;

use super::support::{attwin, output};

#[test]
fn a_line_is_explained_field_by_field() {
    let (code, out, err) = output(&["explain", "quectel-ec25", "+QMTSTAT: 0,1"]);
    assert_eq!((code, &*err), (Some(0), ""));
    for part in [
        "+QMTSTAT: 0,1\n",
        "  shape  +QMTSTAT: <client_idx>,<err_code>\n",
        "  client_idx = 0",
        "  err_code   = 1",
        "  source docs/spec/quectel.md ",
    ] {
        assert!(out.contains(part), "no {part:?} in {out}");
    }
}

#[test]
fn a_line_that_is_not_said_has_a_nearest_one() {
    for (line, hint) in [
        ("+QMTSTA: 0,1", "+QMTSTAT: <client_idx>,<err_code>"),
        ("+QMTSTAT: 0", "+QMTSTAT: <client_idx>,<err_code>"),
        ("AT+QMTSTAT", "`attwin commands quectel-ec25`"),
        ("xyz", "quectel-ec25 does not say `xyz`"),
    ] {
        let (code, out, err) = output(&["explain", "quectel-ec25", line]);
        assert_eq!((code, &*out), (Some(1), ""), "{line}");
        assert!(err.contains(hint), "{err}");
    }
}

#[test]
fn the_lines_of_a_log_are_explained() {
    let mut child = attwin(&["explain", "quectel-ec25"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let log = b"AT+QMTCONN=0\r\r\nOK\r\n\r\n+QMTSTAT: 0,1\r\nnoise \xff\n";
    child.stdin.take().unwrap().write_all(log).unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(out.starts_with("OK\n"), "{out}");
    assert!(out.contains("\n+QMTSTAT: 0,1\n"), "{out}");
    assert!(!out.contains("noise"), "{out}");
}

#[test]
fn quirks_are_listed_with_their_ranges() {
    let (code, out, err) = output(&["quirks", "quectel-ec25"]);
    assert_eq!((code, &*err), (Some(0), ""));
    let entry = "typeahead_limit = 4096\n  Bytes kept while a command blocks the port\n  \
                 takes   a number from 1 to 1048576\n  source  docs/spec/quectel.md 2.8\n";
    assert!(out.contains(entry), "{out}");
    let (_, out, _) = output(&["quirks", "quectel-ec25", "--json"]);
    let list: Value = serde_json::from_str(&out).unwrap();
    let quirk = list
        .as_array()
        .unwrap()
        .iter()
        .find(|quirk| quirk["name"] == "disc_stat5")
        .unwrap();
    assert_eq!(quirk["default"], "true");
    assert_eq!(quirk["section"], "docs/spec/quectel.md 3.5");
}

#[test]
fn a_mistyped_quirk_is_told_what_it_may_have_been() {
    let (code, _, err) = output(&["quirks", "quectel-ec25", "typeahed_limit"]);
    assert_eq!(code, Some(2));
    assert!(err.contains("did you mean typeahead_limit"), "{err}");
    let number = format!("typeahead_limit={}", u64::MAX);
    let (code, _, err) = output(&["run", "quectel-ec25", "--quirk", &number]);
    assert_eq!(code, Some(2));
    assert!(err.contains("wants a number from 1 to 1048576"), "{err}");
}

#[test]
fn a_preset_given_as_a_fault_is_recognised() {
    for (fault, meant) in [
        ("nat-drop", "`preset nat-drop`"),
        ("preset nat-dorp", "`preset nat-drop`"),
        ("drp puback", "`drop`"),
    ] {
        let (code, _, err) = output(&["run", "quectel-ec25", "--fault", fault]);
        assert_eq!(code, Some(2));
        assert!(err.contains(&format!("did you mean {meant}?")), "{err}");
    }
}
