//! Each construct passes, and fails as it should.

use std::time::Duration;

use attwin_sim::scenario::{PieceKind, Problem};

use crate::common::{connected, fails, fails_as, parse, passes};

const HEADER: &str = "module quectel-ec25\n";

fn at(body: &str) -> String {
    format!("{HEADER}{body}")
}

#[test]
fn an_exact_line() {
    passes(&at("> AT\n< OK\n"));
    fails_as(&at("> AT\n< ERROR\n"), "< ERROR", &Problem::Different);
    fails_as(&at("> AT\n< OK \n"), "< OK", &Problem::Different);
    fails_as(&at("> AT\n< O\n"), "< O", &Problem::Different);
}

#[test]
fn a_missing_line() {
    let failure = fails(
        &at("timeout 30s\n> AT\n< OK\n< +QMTSTAT: 0,1\n"),
        "< +QMTSTAT: 0,1",
    );
    assert_eq!(failure.problem, Problem::Missing);
    // Ten seconds of booting come first.
    assert_eq!(failure.after, Duration::from_secs(40));
}

#[test]
fn an_unexpected_line() {
    let unexpected = Problem::Unexpected;
    fails_as(&at("> AT\n> AT\n< OK\n"), "> AT", &unexpected);
    fails_as(&at("> AT\n"), "> AT", &unexpected);
    fails_as(&at("> AT+GMI\n< Quectel\n"), "< Quectel", &unexpected);
    let late = connected("> AT+QMTDISC=0\n< OK\n< +QMTDISC: 0,0\n");
    fails_as(&late, "< +QMTDISC: 0,0", &unexpected);
    fails_as(&at("> AT\n@ forget\n< OK\n"), "@ forget", &unexpected);
}

#[test]
fn framing_is_part_of_a_line() {
    passes(&at(
        "> ATI\n< Quectel\n< EC25\n< Revision: EC25EFAR06A17M4G\n< OK\n",
    ));
    passes(&at(
        "> ATI\n< Quectel\n<+ EC25\n<+ Revision: EC25EFAR06A17M4G\n< OK\n",
    ));
    fails_as(&at("> AT\n<+ OK\n"), "<+ OK", &Problem::Framing);
    fails_as(&at("> ATI\n<+ Quectel\n"), "<+ Quectel", &Problem::Framing);
    // A buffered read's first line has no CR LF before it.
    let read = connected(
        "> AT+QMTSUB=0,1,\"a\",0\n< OK\n< +QMTSUB: 0,1,0,0\n@ publish \"a\" \"x\"\n< +QMTRECV: 0,0\n\
         > AT+QMTRECV=0,0\n< +QMTRECV: 0,0,\"a\",\"x\"\n< OK\n",
    );
    let read = read.replace(
        "module quectel-ec25\n",
        "module quectel-ec25\n> AT+QMTCFG=\"recv/mode\",0,1,0\n< OK\n",
    );
    let failure = fails(&read, "< +QMTRECV: 0,0,\"a\",\"x\"");
    assert_eq!(failure.problem, Problem::Framing);
    let heard = failure.heard.expect("a line");
    assert_eq!(
        (heard.kind, heard.continues),
        (PieceKind::Continuation, false)
    );
    passes(&read.replace("< +QMTRECV: 0,0,\"a\"", "<+ +QMTRECV: 0,0,\"a\""));
}

#[test]
fn numeric_results_are_bytes() {
    passes(&at("> ATV0\n<< 0\\r\n> AT\n<< 0\\r\n"));
    fails_as(&at("> ATV0\n< 0\n"), "< 0", &Problem::Incomplete);
}

#[test]
fn a_pattern() {
    passes(&at("> AT+CSQ\n<~ \\+CSQ: \\d+,\\d+\n< OK\n"));
    fails_as(
        &at("> AT+CSQ\n<~ \\+CSQ: \\d\n"),
        "<~ \\+CSQ: \\d",
        &Problem::Different,
    );
}

#[test]
fn variables_are_inserted_and_captured() {
    passes(&at(
        "var cmd = +GMI\nvar maker = \"Quectel\"\n> AT{cmd}\n< {maker}\n< OK\n",
    ));
    passes(&at(
        "> AT+CSQ\n< +CSQ: {rssi},{ber}\n< OK\n> AT+CSQ\n< +CSQ: {rssi},{ber}\n< OK\n",
    ));
    passes(&at(
        "> AT+CSQ\n<~ \\+CSQ: (?<rssi>\\d+),.*\n< OK\n> AT+CSQ\n< +CSQ: {rssi},99\n< OK\n",
    ));
    fails_as(
        &at("var rssi = 99\n> AT+CSQ\n< +CSQ: {rssi},99\n< OK\n"),
        "< +CSQ: {rssi},99",
        &Problem::Different,
    );
    let body = "var text = hello\n> AT+QMTOPEN=0,\"h\",1883\n< OK\n< +QMTOPEN: 0,0\n";
    let publish = "> AT+QMTCONN=0,\"c\"\n< OK\n< +QMTCONN: 0,0,0\n\
                   > AT+QMTPUBEX=0,0,0,0,\"t\",5\n<> prompt\n>> {text}\n< OK\n< +QMTPUBEX: 0,0,0\n\
                   @ received \"t\" \"{text}\"\n";
    passes(&at(&format!("{body}{publish}")));
}

#[test]
fn text_in_doubled_braces_is_no_variable() {
    passes(&connected(
        "> AT+QMTSUB=0,1,\"t\",0\n< OK\n< +QMTSUB: 0,1,0,0\n@ publish \"t\" \"{{on}} {\\\"a\\\":1}\"\n\
         < +QMTRECV: 0,0,\"t\",\"{{on}} {\"a\":1}\"\n",
    ));
}

#[test]
fn times_are_exact_to_the_millisecond() {
    let open = |time: &str| {
        at(&format!(
            "> AT+QMTOPEN=0,\"h\",1883\n<[0s] OK\n<[{time}] +QMTOPEN: 0,0\n"
        ))
    };
    for time in ["300ms", "0.3s", "299ms..301ms", "0s..300ms", "300ms..1h"] {
        passes(&open(time));
    }
    let late = Problem::Late(Duration::from_millis(300));
    let early = Problem::Early(Duration::from_millis(300));
    fails_as(&open("299ms"), "<[299ms] +QMTOPEN: 0,0", &late);
    fails_as(&open("0s..299ms"), "<[0s..299ms] +QMTOPEN: 0,0", &late);
    fails_as(&open("301ms"), "<[301ms] +QMTOPEN: 0,0", &early);
}

#[test]
fn times_of_every_kind_of_line() {
    passes(&connected(
        "> AT+QMTPUBEX=0,0,0,0,\"t\",5\n<>[10ms] prompt\n>> hello\n<<[20ms] \\r\\nOK\\r\\n\n\
         <~[320ms] \\+QMTPUBEX: .*\n",
    ));
}

#[test]
fn times_count_from_the_final_result() {
    passes(&at(
        "> AT+QIACT=1\n<[500ms] OK\n~ 2s\n> AT+QMTOPEN=0,\"h\",1883\n< OK\n<[300ms] +QMTOPEN: 0,0\n",
    ));
}

#[test]
fn fast_timing_has_no_delays() {
    passes(&at(
        "timing fast\n> AT+QMTOPEN=0,\"h\",1883\n< OK\n<[0s] +QMTOPEN: 0,0\n",
    ));
}

#[test]
fn quirks_are_set() {
    passes(&at(
        "quirk result_urc_delay_ms = 1000\n> AT+QMTOPEN=0,\"h\",1883\n< OK\n<[1s] +QMTOPEN: 0,0\n",
    ));
    let failure = fails(
        &at("quirk colour = red\n> AT\n< OK\n"),
        "quirk colour = red",
    );
    assert_eq!(
        failure.problem,
        Problem::Impossible("unknown quirk `colour`".into())
    );
    assert_eq!((failure.place.line, failure.place.column), (2, 7));
}

#[test]
fn a_block_in_any_order() {
    let block = |lines: &str| {
        connected(&format!(
            "> AT+QMTSUB=0,1,\"t\",0\n< OK\n< +QMTSUB: 0,1,0,0\n\
         > AT+QMTPUBEX=0,0,0,0,\"t\",1\n<> prompt\n>> x\n< OK\n{{\n{lines}}}\n"
        ))
    };
    let (done, came) = ("< +QMTPUBEX: 0,0,0\n", "< +QMTRECV: 0,0,\"t\",\"x\"\n");
    passes(&block(&format!("{done}{came}")));
    passes(&block(&format!("  {came}  {done}")));
    // A pattern leaves to an exact line what that line wants.
    passes(&block(&format!("<~ .*\n{came}")));
    let failure = fails(&block(&format!("{came}< +QMTSTAT: 0,1\n")), "{");
    assert_eq!(failure.problem, Problem::Different);
    let failure = fails(
        &block(&format!("{came}{done}< +QMTSTAT: 0,1\n")),
        "< +QMTSTAT: 0,1",
    );
    assert_eq!(failure.problem, Problem::Missing);
    // Of two that are missing, the one whose time is up is named.
    let timed = block(&format!(
        "{came}{done}< +QMTSTAT: 0,1\n<[1s] +QMTSTAT: 0,2\n"
    ));
    fails_as(&timed, "<[1s] +QMTSTAT: 0,2", &Problem::Missing);
    let failure = fails(&block(came), came.trim());
    assert_eq!(failure.problem, Problem::Different);
}

#[test]
fn silence() {
    passes(&at("> AT\n< OK\n~ silent 1h\n"));
    fails_as(
        &at("> AT+QMTOPEN=0,\"h\",1883\n< OK\n~ silent 1s\n"),
        "~ silent 1s",
        &Problem::Unexpected,
    );
    passes(&at(
        "> AT+QMTOPEN=0,\"h\",1883\n< OK\n~ 1s\n<[300ms] +QMTOPEN: 0,0\n",
    ));
    passes(&at(
        "> AT+QMTOPEN=0,\"h\",1883\n< OK\n~ silent 299ms\n< +QMTOPEN: 0,0\n",
    ));
}

#[test]
fn exact_bytes() {
    passes(&at(">> AT\\r\\n\n<< \\r\\nOK\\r\\n\n"));
    passes(&at("> ATE1\n< OK\n> AT\n<< AT\\r\\r\\nOK\\r\\n\n"));
    fails_as(
        &at(">> AT\\r\n<< \\r\\nOK\\n\n"),
        "<< \\r\\nOK\\n",
        &Problem::Different,
    );
    passes(&at(
        "> AT+CSQ\n<< \\r\\n+CSQ: {rssi},{ber}\\r\\n\n< OK\n> AT+CSQ\n< +CSQ: {rssi},{ber}\n< OK\n",
    ));
}

#[test]
fn the_prompt() {
    passes(&connected(
        "> AT+QMTPUBEX=0,0,0,0,\"t\",0\n<> prompt\n< OK\n< +QMTPUBEX: 0,0,0\n",
    ));
    fails_as(&at("> AT\n<> prompt\n"), "<> prompt", &Problem::Different);
    let refused = connected("> AT+QMTPUBEX=0,0,0,0,\"t\",1501\n<> prompt\n");
    fails_as(&refused, "<> prompt", &Problem::Different);
}

#[test]
fn what_the_broker_received() {
    let publish = |expectation: &str| {
        connected(&format!(
            "> AT+QMTPUBEX=0,3,1,1,\"t\",5\n<> prompt\n>> hello\n< OK\n< +QMTPUBEX: 0,3,0\n{expectation}\n"
        ))
    };
    for fits in [
        r#"@ received "t" qos 1 retain "hello""#,
        r#"@ received "t" retain"#,
        r#"@ received "t" retain "\x68ello" from "dev-1""#,
        r#"@ not received "u""#,
    ] {
        passes(&publish(fits));
    }
    for wrong in [
        r#"@ received "t" qos 1 "hello""#,
        r#"@ received "t" qos 2 retain "hello""#,
        r#"@ received "t" qos 1 retain dup "hello""#,
        r#"@ received "t" qos 1 retain "hallo""#,
        r#"@ received "u" qos 1 retain "hello""#,
        r#"@ received "t" retain from "dev-2""#,
    ] {
        let failure = fails(&publish(wrong), wrong);
        assert_eq!(failure.problem, Problem::NotSeen);
        assert_eq!(
            failure.reports,
            [r#"received "t" qos 1 retain "hello" from "dev-1""#],
            "what it saw instead"
        );
    }
    fails_as(&publish("@ not received"), "@ not received", &Problem::Seen);
    let twice = publish("@ received \"t\" retain\n@ received \"t\" retain");
    fails_as(&twice, r#"@ received "t" retain"#, &Problem::NotSeen);
}

#[test]
fn what_else_the_broker_saw() {
    let body = "> AT+QMTSUB=0,1,\"a/#\",1\n< OK\n< +QMTSUB: 0,1,0,1\n\
                > AT+QMTUNS=0,2,\"a/#\"\n< OK\n< +QMTUNS: 0,2,0\n\
                > AT+QMTDISC=0\n< OK\n< +QMTDISC: 0,0\n< +QMTSTAT: 0,5\n";
    for fits in [
        r#"@ connected "dev-1" keepalive 120 clean new"#,
        r#"@ subscribed "a/#" qos 1 from "dev-1""#,
        r#"@ unsubscribed "a/#" from "dev-1""#,
        r#"@ disconnected "dev-1""#,
        "@ not will",
        "@ not delivered",
        "@ not refused",
    ] {
        passes(&connected(&format!("{body}{fits}\n")));
    }
    for wrong in [
        r#"@ connected "dev-1" keepalive 60"#,
        r#"@ connected "dev-1" persistent"#,
        r#"@ connected "dev-1" resumed"#,
        r#"@ connected "dev-1" user "me""#,
        r#"@ subscribed "a/#" qos 0"#,
        r#"@ unsubscribed "a""#,
        r#"@ disconnected "dev-2""#,
    ] {
        fails_as(
            &connected(&format!("{body}{wrong}\n")),
            wrong,
            &Problem::NotSeen,
        );
    }
}

#[test]
fn what_the_operator_does() {
    let reopen =
        "> AT+QMTOPEN=0,\"h\",1883\n< OK\n< +QMTOPEN: 0,0\n> AT+QMTCONN=0,\"dev-1\"\n< OK\n";
    let lost = "< +QMTSTAT: 0,1\n";
    for body in [
        format!("@ drop \"dev-1\"\n{lost}"),
        format!("@ restart\n{lost}{reopen}< +QMTCONN: 0,0,0\n"),
        format!("@ restart keep\n{lost}{reopen}< +QMTCONN: 0,0,0\n"),
        format!("@ stop\n{lost}> AT+QMTOPEN=0,\"h\",1883\n< OK\n< +QMTOPEN: 0,-1\n@ start\n{reopen}< +QMTCONN: 0,0,0\n"),
        format!("@ refuse 3\n@ drop \"dev-1\"\n{lost}{reopen}< +QMTCONN: 0,0,3\n< +QMTSTAT: 0,4\n{reopen}< +QMTCONN: 0,0,0\n"),
        format!("@ refuse 5 2\n@ drop \"dev-1\"\n{lost}{reopen}< +QMTCONN: 0,0,5\n< +QMTSTAT: 0,4\n{reopen}< +QMTCONN: 0,0,5\n< +QMTSTAT: 0,4\n"),
        "@ push \"dev-1\" \"t\" qos 1 \"x\"\n< +QMTRECV: 0,{id},\"t\",\"x\"\n".into(),
        "@ forget\n@ publish \"t\" retain \"x\"\n> AT+QMTSUB=0,1,\"t\",0\n< OK\n< +QMTSUB: 0,1,0,0\n< +QMTRECV: 0,0,\"t\",\"x\"\n".into(),
    ] {
        passes(&connected(&body));
    }
    let failure = fails(
        &connected("@ push \"dev-2\" \"t\" \"x\"\n"),
        "@ push \"dev-2\" \"t\" \"x\"",
    );
    assert_eq!(
        failure.problem,
        Problem::Impossible("the broker knows no client \"dev-2\"".into())
    );
    let failure = fails(
        &connected("@ publish \"a/#\" \"x\"\n"),
        "@ publish \"a/#\" \"x\"",
    );
    assert!(
        matches!(failure.problem, Problem::Impossible(_)),
        "{failure}"
    );
}

#[test]
fn users_of_the_broker() {
    let login = |login: &str, code: u8| {
        at(&format!(
            "broker user \"me\" \"pw\"\n> AT+QMTOPEN=0,\"h\",1883\n< OK\n< +QMTOPEN: 0,0\n\
         > AT+QMTCONN=0,\"c\"{login}\n< OK\n< +QMTCONN: 0,0,{code}\n{}",
            if code == 0 { "" } else { "< +QMTSTAT: 0,4\n" }
        ))
    };
    passes(&login(",\"me\",\"pw\"", 0));
    passes(&login(",\"me\",\"no\"", 4));
    passes(&login("", 5));
}

#[test]
fn faults() {
    passes(&at("! delay final 2s # late\n> AT\n<[2s] OK\n"));
    let error = parse(&at("! set fire to it # now\n")).expect_err("no such fault");
    assert_eq!(error.place.line_text(), "! set fire to it # now");
    assert!(error.message.contains("set"), "{error}");
}

#[test]
fn echo_and_boot_lines() {
    passes(&at("echo on\n> AT\n<< AT\\r\n< OK\n"));
    fails_as(&at("echo on\n> AT\n< OK\n"), "< OK", &Problem::Different);
    let boot = "boot shown\n<[0s] RDY\n<[1s] +CFUN: 1\n< +CPIN: READY\n< +QUSIM: 1\n< +QIND: SMS DONE\n< +QIND: PB DONE\n";
    passes(&at(boot));
    fails_as(
        &at("boot shown\n> AT\n<< AT\\r\n< OK\n"),
        "> AT",
        &Problem::Unexpected,
    );
}

#[test]
fn every_module_has_its_run() {
    let failure = fails(
        "module quectel-ec25 quectel-eg95\n> AT+GMM\n< EC25\n< OK\n",
        "< EC25",
    );
    assert_eq!(failure.module, "quectel-eg95");
    passes("module quectel-ec25 quectel-eg95\n> AT+GMM\n< {model}\n< OK\n");
}
