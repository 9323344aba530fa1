//! The command line (docs/spec/quectel.md 2.1 to 2.7).

use super::bench::{Bench, millis, seconds};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const DEFAULT: &str = "\r\n+QMTCFG: \"version\",3\r\n";

impl Bench {
    #[track_caller]
    fn bytes(&mut self, sent: &[u8], heard: &str) {
        self.send(sent);
        assert_eq!(self.heard_text(), heard, "{}", sent.escape_ascii());
    }
}

#[test]
fn framing() {
    let mut b = Bench::new();
    b.expect("AT", OK);
    b.expect("AT+NONSENSE", ERROR);
    b.expect("AT+QMTCFG=\"version\",0", &format!("{DEFAULT}{OK}"));
    b.connect(0);
    b.connect(1);
    b.expect(
        "AT+QMTCONN?",
        "\r\n+QMTCONN: 0,3\r\n+QMTCONN: 1,3\r\n\r\nOK\r\n",
    );
    // Two URCs in a row, each with its own framing.
    b.cut(attwin_core::CloseReason::Reset);
    b.then("\r\n+QMTSTAT: 0,1\r\n\r\n+QMTSTAT: 1,1\r\n");
    // With nothing between OK and result: bytes hosts match literally.
    b.line("AT+QMTOPEN=1,\"h\",1883");
    b.then("\r\nOK\r\n\r\n+QMTOPEN: 1,0\r\n");
}

#[test]
fn echo() {
    let mut b = Bench::new();
    b.at("ATE1");
    b.expect("AT", "AT\r\r\nOK\r\n");
    b.bytes(b"A", "A");
    b.bytes(b"t", "t");
    b.bytes(b"\r\n", "\r\r\nOK\r\n");
    b.bytes(b"\n\n", "");
    b.bytes(b" x at+QmtOpen?\r", " x at+QmtOpen?\r\r\nOK\r\n");
    // Its own line is still echoed.
    b.expect("ATE0", "ATE0\r\r\nOK\r\n");
    b.expect("AT", OK);
}

#[test]
fn line_ends() {
    let mut b = Bench::new();
    b.bytes(b"AT\r\n", OK);
    b.bytes(b"\nAT\n\r\n", OK);
    b.bytes(b"A\nT\r", OK);
    // Empty lines have no answer.
    b.bytes(b"\r", "");
    b.bytes(b"\r\n\r\n", "");
    b.bytes(b"   \r", "");
    // Two lines in one write.
    b.bytes(b"AT\r\nAT+X\r\n", "\r\nOK\r\n\r\nERROR\r\n");
}

#[test]
fn prefix() {
    let mut b = Bench::new();
    for line in [
        "AT",
        "at",
        "At",
        "aT",
        "xyzAT",
        "  AT",
        "+++AT",
        "\u{fffd}\0AT",
        "AAT",
    ] {
        b.expect(line, OK);
    }
    // Without the pair every byte is dropped, and the line is empty.
    b.expect("garbage", "");
    b.expect("A", "");
    b.expect("at+qmtcfg=\"Version\",0", &format!("{DEFAULT}{OK}"));
}

#[test]
fn repeat() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"keepalive\",0,60");
    b.expect("AT+QMTCFG=\"version\",0", &format!("{DEFAULT}{OK}"));
    b.bytes(b"A/", &format!("{DEFAULT}{OK}"));
    b.bytes(b"a/A/", &format!("{DEFAULT}{OK}{DEFAULT}{OK}"));
    // Neither an empty line nor the LF of a CR LF host is the last line.
    b.bytes(b"\r\n\r\n  \r\nA/", &format!("{DEFAULT}{OK}"));
    b.error("AT+X");
    b.bytes(b"A/", ERROR);
    b.bytes(b"A/\r", ERROR);
}

#[test]
fn backspace() {
    let mut b = Bench::new();
    b.bytes(b"AX\x08T\r", OK);
    b.bytes(b"\x08\x08AT\r", OK);
    b.bytes(
        b"AT+QMTCFG=\"version\"\x08\x08n\",0\r",
        &format!("{DEFAULT}{OK}"),
    );
    b.bytes(b"AT\x08\x08\x08\r", "");
}

#[test]
fn several_commands() {
    let mut b = Bench::new();
    let both = "\r\n+QMTCFG: \"version\",4\r\n\r\n+QMTCFG: \"keepalive\",60\r\n\r\nOK\r\n";
    b.expect(
        "AT+QMTCFG=\"version\",0,4;+QMTCFG=\"keepalive\",0,60;+QMTCFG=\"version\",0;+QMTCFG=\"keepalive\",0",
        both,
    );
    b.expect("AT+QMTCFG=\"version\",0 ; +QMTCFG=\"keepalive\",0 ;", both);
    b.expect("ATE0;+QMTOPEN?", OK);
    b.expect("ATE0+QMTOPEN?", OK);
    // The first error ends the line.
    b.expect(
        "AT+QMTCFG=\"version\",0;+X;+QMTCFG=\"version\",0,3",
        "\r\n+QMTCFG: \"version\",4\r\n\r\nERROR\r\n",
    );
    b.expect(
        "AT+QMTCFG=\"version\",0",
        "\r\n+QMTCFG: \"version\",4\r\n\r\nOK\r\n",
    );
    b.expect("AT+QMTOPEN?;AT+QMTOPEN?", ERROR);
}

#[test]
fn semicolons_in_strings() {
    let mut b = Bench::new();
    b.ok("AT+QMTCFG=\"will\",0,1,0,0,\"a;b\",\"c;d\";+QMTCFG=\"version\",0,4");
    b.expect(
        "AT+QMTCFG=\"will\",0",
        "\r\n+QMTCFG: \"will\",1,0,0,\"a;b\",\"c;d\"\r\n\r\nOK\r\n",
    );
    b.expect(
        "AT+QMTCFG=\"version\",0",
        "\r\n+QMTCFG: \"version\",4\r\n\r\nOK\r\n",
    );
}

/// A command that takes data must be the last of its line.
#[test]
fn data_command_in_a_list() {
    let mut b = Bench::connected();
    for line in [
        "AT+QMTPUBEX=0,0,0,0,\"t\",5;+QMTOPEN?",
        "AT+QMTPUB=0,0,0,0,\"t\";+QMTOPEN?",
    ] {
        b.error(line);
        assert_eq!(b.within(seconds(1)), "");
    }
    let mut b = Bench::new();
    b.error("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",5;+QMTOPEN?");
    assert_eq!(b.within(seconds(1)), "");
    b.expect(
        "AT+QMTCFG=\"willex\",0",
        "\r\n+QMTCFG: \"willex\",0\r\n\r\nOK\r\n",
    );
    // As the last one it works.
    b.line("AT+QMTCFG=\"version\",0;+QMTCFG=\"willex\",0,1,0,0,\"w\",1");
    assert_eq!(b.within(millis(10)), format!("{DEFAULT}\r\n> "));
    b.send(b"x");
    b.then(OK);
    b.expect(
        "AT+QMTCFG=\"willex\",0",
        "\r\n+QMTCFG: \"willex\",1,0,0,\"w\",1\r\n\r\nOK\r\n",
    );
}

#[test]
fn longest_line() {
    let mut b = Bench::new();
    let query = "AT+QMTCFG=\"version\",0";
    let padded = |length: usize| format!("{}{query}", " ".repeat(length - query.len()));
    b.expect(&padded(2048), &format!("{DEFAULT}{OK}"));
    b.expect(&padded(2049), ERROR);
    b.expect(&"AT;".repeat(5000), ERROR);
    b.expect(&"\"".repeat(100_000), ERROR);
    b.expect(query, &format!("{DEFAULT}{OK}"));
}

/// Hosts that send 0x1A after a payload of given length.
#[test]
fn stray_control_bytes() {
    let mut b = Bench::new();
    b.bytes(b"\x1a\r\n", "");
    b.bytes(b"\x1b\x1aAT\r", OK);
    b.bytes(b"A\x1aT\x1b\r", OK);
    // Inside quotes they are data.
    b.ok("AT+QMTCFG=\"will\",0,1,0,0,\"\u{1a}\",\"\u{1b}\"");
    b.expect(
        "AT+QMTCFG=\"will\",0",
        "\r\n+QMTCFG: \"will\",1,0,0,\"\u{1a}\",\"\u{1b}\"\r\n\r\nOK\r\n",
    );
}

/// A NUL is impossible in a string (2.5), and lines that float while a host
/// boots produce them everywhere.
#[test]
fn nul_bytes() {
    let mut b = Bench::new();
    b.bytes(b"\0A\0T\0\r", OK);
    b.bytes(b"\0\r", "");
    b.bytes(b"AT+QMTCFG=\"will\",0,1,0,0,\"a\0b\",\"\0\"\r", OK);
    b.expect(
        "AT+QMTCFG=\"will\",0",
        "\r\n+QMTCFG: \"will\",1,0,0,\"ab\",\"\"\r\n\r\nOK\r\n",
    );
}

#[test]
fn spaces() {
    let mut b = Bench::new();
    for line in [
        "AT +QMTCFG=\"version\",0",
        "AT+QMTCFG= \"version\" , 0 ",
        " AT   +QMTCFG=\"version\",0   ",
    ] {
        b.expect(line, &format!("{DEFAULT}{OK}"));
    }
    b.ok("AT+QMTOPEN? ");
    b.expect("AT+QMTDISC=? ", "\r\n+QMTDISC: (0-5)\r\n\r\nOK\r\n");
    // Not inside a name up to its `=`, nor inside a number or a string.
    for line in [
        "AT+QMT CFG=\"version\",0",
        "AT+QMTCFG =\"version\",0",
        "AT+QMTOPEN ?",
        "AT+QMTCFG=\"ver sion\",0",
        "AT+QMTCFG=\" version\",0",
        "AT+QMTCFG=\"keepalive\",0,6 0",
    ] {
        b.error(line);
    }
}

#[test]
fn quotes() {
    let mut b = Bench::new();
    for (written, meant) in [
        (r#""a\n\\\"b""#, r#"a\n\\\"b"#),
        (r#""say "hi" now""#, r#"say "hi" now"#),
        (r#""{"a":1}"  "#, r#"{"a":1}"#),
        (r#""""#, ""),
        (r#"""""#, r#"""#),
        ("plain", "plain"),
        (" plain text ", "plain text"),
        (r#"a"b"#, r#"a"b"#),
    ] {
        b.ok(&format!("AT+QMTCFG=\"will\",0,1,0,0,\"t\",{written}"));
        b.expect(
            "AT+QMTCFG=\"will\",0",
            &format!("\r\n+QMTCFG: \"will\",1,0,0,\"t\",\"{meant}\"\r\n\r\nOK\r\n"),
        );
    }
    for refused in [
        "AT+QMTCFG=\"will\",0,1,0,0,\"t\",\"m",
        "AT+QMTCFG=\"will\",0,1,0,0,\"t\",\"m\"x",
        "AT+QMTCFG=\"version,0",
        "AT+QMTCFG=\"",
    ] {
        b.error(refused);
    }
}

#[test]
fn integers() {
    let mut b = Bench::new();
    for number in ["60", "060", "0000000000000000000060", " 60 "] {
        b.ok("AT+QMTCFG=\"keepalive\",0,1");
        b.ok(&format!("AT+QMTCFG=\"keepalive\",0,{number}"));
        b.expect(
            "AT+QMTCFG=\"keepalive\",0",
            "\r\n+QMTCFG: \"keepalive\",60\r\n\r\nOK\r\n",
        );
    }
    for number in [
        "+60",
        "-0",
        "0x3C",
        "\"60\"",
        "6 0",
        "60s",
        "1e1",
        "4294967356",
        "18446744073709551676",
        "99999999999999999999999999999999",
        "\u{ff16}",
    ] {
        b.error(&format!("AT+QMTCFG=\"keepalive\",0,{number}"));
    }
}

#[test]
fn commas() {
    let mut b = Bench::new();
    for line in [
        "AT+QMTCFG=\"version\",0,",
        "AT+QMTCFG=\"version\",0,4,",
        "AT+QMTCFG=\"version\",0,4, ",
        "AT+QMTCFG=\"version\",0,4,5",
        "AT+QMTCFG=\"timeout\",0,5,",
        "AT+QMTCFG=\"timeout\",0,5,3,0,",
        "AT+QMTOPEN=0,,1883",
        "AT+QMTOPEN=,\"h\",1883",
        "AT+QMTCLOSE=0,",
        "AT+QMTCLOSE=",
        "AT+QMTCLOSE=,",
    ] {
        b.error(line);
    }
    b.expect("AT+QMTCFG=\"version\",0", &format!("{DEFAULT}{OK}"));
}

#[test]
fn numeric_and_no_result_codes() {
    let mut b = Bench::new();
    b.expect("ATV0", "0\r");
    b.expect("AT", "0\r");
    b.expect("AT+X", "4\r");
    b.expect("AT+QMTCFG=\"version\",0", "+QMTCFG: \"version\",3\r\n0\r");
    b.expect("ATV1", OK);
    b.expect("ATQ1", "");
    b.expect("AT", "");
    b.expect("AT+X", "");
    b.expect("AT+QMTCFG=\"version\",0", DEFAULT);
    // Result URCs are no final codes.
    b.expect("AT+QMTOPEN=0,\"a b\",1883", "\r\n+QMTOPEN: 0,1\r\n");
    b.expect("ATQ0", OK);
}

/// Whatever AT+CMEE says (2.6).
#[test]
fn failures_are_plain() {
    let mut b = Bench::new();
    for cmee in 0..3 {
        b.ok(&format!("AT+CMEE={cmee}"));
        for line in [
            "AT+QMTCFG=\"keepalive\",0,3601",
            "AT+QMTCFG=\"nonsense\",0",
            "AT+QMTCFG?",
            "AT+QMTOPEN=0",
            "AT+QMTCLOSE=0",
            "AT+QMTCONN=0,\"c\"",
            "AT+QMTDISC=0",
            "AT+QMTSUB=0,1,\"t\",0",
            "AT+QMTUNS=0,1,\"t\"",
            "AT+QMTPUBEX=0,0,0,0,\"t\",1",
            "AT+QMTPUB=0,0,0,0,\"t\"",
            "AT+QMTRECV=0,5",
        ] {
            b.error(line);
        }
    }
}

/// AT+QMT* failures are plain ERROR (2.6); forms that do not exist too (2.7).
#[test]
fn unlisted_forms() {
    let mut b = Bench::new();
    for line in [
        "AT+QMTCFG?",
        "AT+QMTCFG",
        "AT+QMTOPEN",
        "AT+QMTCLOSE?",
        "AT+QMTCLOSE",
        "AT+QMTCONN",
        "AT+QMTDISC?",
        "AT+QMTDISC",
        "AT+QMTSUB?",
        "AT+QMTSUB",
        "AT+QMTUNS?",
        "AT+QMTUNS",
        "AT+QMTPUBEX?",
        "AT+QMTPUBEX",
        "AT+QMTPUB?",
        "AT+QMTPUB",
        "AT+QMTRECV",
        "AT+QMTOPEN?x",
        "AT+QMTOPEN??",
        "AT+QMTOPEN=?0",
        "AT+QMT",
        "AT+",
        "AT?",
        "AT=",
    ] {
        b.error(line);
    }
    b.ok("AT+QMTRECV=?");
}
