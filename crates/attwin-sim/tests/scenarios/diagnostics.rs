//! How a failure reads in a log.

use crate::common::{connected, fails, play};

#[track_caller]
fn reads(text: &str, expected: &str) {
    let failure = play(text).expect_err("it has to fail");
    assert_eq!(failure.to_string(), expected.trim());
}

#[test]
fn a_different_line() {
    reads(
        "module quectel-ec25\nseed 7\n> AT+CSQ\n< OK\n< +CSQ: 28,99\n",
        r"
test.at:4:1: the module said something else
  line      < OK
  expected  OK
  got       +CSQ: 28,99 after 0ms
  bytes     \r\n+CSQ: 28,99\r\n\r\nOK\r\n
  note      line 5 expects what came
  after     > AT+CSQ (line 3)
  so far    \r\n+CSQ: 28,99\r\n\r\nOK\r\n
  run       module quectel-ec25, seed 7, 10s after its start",
    );
}

#[test]
fn a_line_at_the_wrong_time() {
    reads(
        "module quectel-ec25\n> AT+QMTOPEN=0,\"h\",1883\n< OK\n  <[1.9s..2.1s] +QMTOPEN: 0,{r}\n",
        r#"
test.at:4:3: the line came too early, after 300ms
  line      <[1.9s..2.1s] +QMTOPEN: 0,{r}
  expected  +QMTOPEN: 0,{r} after 1.9s to 2.1s
  got       +QMTOPEN: 0,0 after 300ms
  bytes     \r\n+QMTOPEN: 0,0\r\n
  after     > AT+QMTOPEN=0,"h",1883 (line 2)
  so far    \r\nOK\r\n\r\n+QMTOPEN: 0,0\r\n
  run       module quectel-ec25, seed 0, 10.3s after its start"#,
    );
}

#[test]
fn a_missing_line() {
    reads(
        "module quectel-ec25\ntimeout 5s\n> AT\n< OK\n<~ \\+QMTSTAT: .*\n",
        r"
test.at:5:1: the line did not come
  line      <~ \+QMTSTAT: .*
  expected  a line like \+QMTSTAT: .*
  after     > AT (line 3)
  so far    \r\nOK\r\n
  run       module quectel-ec25, seed 0, 15s after its start",
    );
}

#[test]
fn wrong_framing() {
    reads(
        "module quectel-ec25\n> ATI\n<+ Quectel\n",
        r"
test.at:3:1: the line is framed wrongly
  line      <+ Quectel
  expected  Quectel (without CR LF before it)
  got       Quectel after 0ms
  bytes     \r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A17M4G\r\n\r\nOK\r\n
  after     > ATI (line 2)
  so far    \r\nQuectel\r\nEC25\r\nRevision: EC25EFAR06A17M4G\r\n\r\nOK\r\n
  run       module quectel-ec25, seed 0, 10s after its start",
    );
}

#[test]
fn what_the_broker_did_not_see() {
    let text = connected(
        "> AT+QMTPUBEX=0,0,0,0,\"t\",2\n<> prompt\n>> \\x00\"\n< OK\n< +QMTPUBEX: 0,0,0\n\
         @ received \"t\" qos 1 \"ok\"\n",
    );
    let failure = fails(&text, "@ received \"t\" qos 1 \"ok\"");
    let shown = failure.to_string();
    assert!(
        shown.contains("  expected  received \"t\" \"ok\" qos 1\n"),
        "{shown}"
    );
    assert!(
        shown.contains("  broker    received \"t\" qos 0 \"\\x00\\\"\" from \"dev-1\"\n"),
        "{shown}"
    );
}

#[test]
fn a_failure_has_what_an_editor_underlines() {
    let failure = fails("module quectel-ec25\n> AT\n  < ERROR\n", "< ERROR");
    let place = &failure.place;
    assert_eq!((place.line, place.column, place.end_column), (3, 3, 10));
    assert_eq!(
        &place.source.text[place.span.start..place.span.end],
        "< ERROR"
    );
    let cause = failure.cause.expect("a command");
    assert_eq!((cause.line, cause.line_text()), (2, "> AT"));
}

#[test]
fn why_a_command_was_refused_and_what_faults_did() {
    let failure = play(
        "module quectel-ec25\n! drop puback\n! duplicate final like \"ERROR\"\n> AT+NOTHING=1\n< OK\n",
    )
    .expect_err("it has to fail");
    assert_eq!(failure.reasons.len(), 1, "{failure}");
    assert!(failure.reasons[0].starts_with("AT+NOTHING: "), "{failure}");
    assert_eq!(
        failure.faults,
        [
            "fault 2, `duplicate final like \"ERROR\"`, acted on ERROR",
            "fault 1, `drop puback`, never acted"
        ]
    );
    let text = failure.to_string();
    assert!(text.contains("\n  why       AT+NOTHING: "), "{text}");
    assert!(
        text.contains("\n  fault     fault 1, `drop puback`, never acted\n"),
        "{text}"
    );
}

#[test]
fn a_mistyped_quirk() {
    let text = "module quectel-ec25\nquirk typeahed_limit = 8\n> AT\n< OK\n";
    let failure = play(text).expect_err("it has to fail");
    let told = failure.problem.to_string();
    assert!(told.ends_with("did you mean typeahead_limit?"), "{told}");
}
