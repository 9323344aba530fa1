//! Data-entry mode (docs/spec/quectel.md section 4), byte for byte.

use attwin_core::CloseReason;
use attwin_sim::link::Direction;

use super::bench::{Bench, millis, seconds};

const BY_LENGTH: &str = "AT+QMTPUBEX=0,0,0,0,\"t\",5";
const BY_TERMINATOR: &str = "AT+QMTPUB=0,0,0,0,\"t\"";
const DONE_BY_LENGTH: &str = "\r\nOK\r\n\r\n+QMTPUBEX: 0,0,0\r\n";
const DONE_BY_TERMINATOR: &str = "\r\nOK\r\n\r\n+QMTPUB: 0,0,0\r\n";

impl Bench {
    #[track_caller]
    fn prompt(&mut self, line: &str) {
        self.line(line);
        assert_eq!(self.within(millis(10)), "\r\n> ");
    }

    fn payloads(&self) -> Vec<Vec<u8>> {
        self.received().into_iter().map(|(_, p)| p).collect()
    }
}

/// 4.1: `prompt_delay_ms` after the CR.
#[test]
fn prompt_timing() {
    let mut b = Bench::connected();
    b.line(BY_LENGTH);
    assert_eq!(b.within(millis(9)), "");
    assert_eq!(b.within(millis(1)), "\r\n> ");
    assert_eq!(b.within(seconds(1)), "");

    let mut b = Bench::with(&[("result_urc_delay_ms", "0"), ("prompt_delay_ms", "500")]);
    b.connect(0);
    b.line(BY_LENGTH);
    assert_eq!(b.within(millis(499)), "");
    assert_eq!(b.within(millis(1)), "\r\n> ");
}

/// 4.1: what comes before the prompt is discarded.
#[test]
fn bytes_before_the_prompt() {
    let mut b = Bench::connected();
    b.send(b"AT+QMTPUBEX=0,0,0,0,\"t\",5\r\nearly");
    b.run_for(millis(5));
    b.send(b"early");
    assert_eq!(b.within(millis(5)), "\r\n> ");
    b.send(b"hello");
    b.then(DONE_BY_LENGTH);
    assert_eq!(b.payloads(), [b"hello"]);
}

/// The LF of a host that ends its lines with CR LF is no data.
#[test]
fn line_feed_of_the_command() {
    for delay in ["10", "0"] {
        let mut b = Bench::with(&[("result_urc_delay_ms", "0"), ("prompt_delay_ms", delay)]);
        b.connect(0);
        b.send(b"AT\r\n");
        b.send(b"AT+QMTPUBEX=0,0,0,0,\"t\",5\r\n");
        b.run_for(millis(10));
        b.send(b"hello");
        b.heard();
        b.run_for(millis(50));
        assert_eq!(b.payloads(), [b"hello"], "delay {delay}");
    }
}

/// 4.3: every byte value is data.
#[test]
fn all_bytes_by_length() {
    let all: Vec<u8> = (0..=255).collect();
    let mut b = Bench::connected();
    b.packets.clear();
    let said = b.data("AT+QMTPUBEX=0,0,0,0,\"t\",256", &all);
    assert_eq!(said, DONE_BY_LENGTH);
    assert_eq!(
        b.wire(Direction::ToBroker),
        [[&b"\x30\x83\x02\x00\x01t"[..], &all].concat()]
    );
}

/// 4.2: every byte but 0x1A and 0x1B.
#[test]
fn all_bytes_to_the_terminator() {
    let mut all: Vec<u8> = (0..=255).filter(|b| ![0x1a, 0x1b].contains(b)).collect();
    let mut b = Bench::connected();
    all.push(0x1a);
    assert_eq!(b.data(BY_TERMINATOR, &all), DONE_BY_TERMINATOR);
    all.pop();
    assert_eq!(b.payloads(), [all]);
}

/// 4.2: 1500 bytes are kept, further ones dropped until the terminator.
#[test]
fn most_bytes_to_the_terminator() {
    let mut b = Bench::connected();
    b.at("ATE1");
    b.line(BY_TERMINATOR);
    b.run_for(millis(10));
    b.heard();
    b.send(&[b'x'; 1490]);
    b.send(&[b'y'; 20]);
    b.send(&[b'z'; 3000]);
    assert_eq!(
        b.within(seconds(1)),
        format!("{}{}", "x".repeat(1490), "y".repeat(10))
    );
    b.send(b"\x1a");
    b.then(DONE_BY_TERMINATOR);
    let kept = [vec![b'x'; 1490], vec![b'y'; 10]].concat();
    assert_eq!(b.payloads(), [kept]);
}

#[test]
fn nothing_before_the_terminator() {
    let mut b = Bench::connected();
    assert_eq!(b.data(BY_TERMINATOR, b"\x1a"), DONE_BY_TERMINATOR);
    assert_eq!(b.payloads(), [b""]);
}

/// 4.2, 4.3: CR LF after the terminator, and 0x1A CR LF after the length.
#[test]
fn terminators_hosts_append() {
    let mut b = Bench::connected();
    assert_eq!(b.data(BY_TERMINATOR, b"hello\x1a\r\n"), DONE_BY_TERMINATOR);
    assert_eq!(b.data(BY_LENGTH, b"hello\x1a\r\n"), DONE_BY_LENGTH);
    assert_eq!(b.within(seconds(1)), "");
    // Also when they come late.
    assert_eq!(b.data(BY_LENGTH, b"hello"), DONE_BY_LENGTH);
    b.send(b"\x1a\r\n");
    assert_eq!(b.within(seconds(1)), "");
    b.ok("AT");
}

/// 4.3: `OK` comes when the line was silent for `extra_drain_ms`.
#[test]
fn drain_timing() {
    let mut b = Bench::connected();
    b.prompt(BY_LENGTH);
    b.send(b"hell");
    assert_eq!(b.within(millis(100)), "");
    b.send(b"o");
    assert_eq!(b.within(millis(19)), "");
    b.send(b"surplus");
    assert_eq!(b.within(millis(19)), "");
    b.send(b"AT+QMTCONN?\r");
    assert_eq!(b.within(millis(19)), "");
    assert_eq!(b.within(millis(1)), DONE_BY_LENGTH);
    b.run_for(millis(1));
    assert_eq!(b.payloads(), [b"hello"]);
}

/// Surplus that came along with the data is dropped however short the drain.
#[test]
fn no_drain() {
    for (line, data, done) in [
        (BY_LENGTH, &b"hello world"[..], DONE_BY_LENGTH),
        (BY_TERMINATOR, b"hello\x1aworld", DONE_BY_TERMINATOR),
    ] {
        let mut b = Bench::with(&[("result_urc_delay_ms", "0"), ("extra_drain_ms", "0")]);
        b.connect(0);
        assert_eq!(b.data(line, data), done);
        assert_eq!(b.payloads(), [b"hello"]);
        b.ok("AT");
    }
}

/// A length of 0 skips reading, not the drain.
#[test]
fn drain_of_nothing() {
    let mut b = Bench::connected();
    b.prompt("AT+QMTPUBEX=0,0,0,0,\"t\",0");
    b.run_for(millis(19));
    b.send(b"abc\r");
    assert_eq!(b.within(millis(19)), "");
    assert_eq!(b.within(millis(1)), DONE_BY_LENGTH);
    b.run_for(millis(1));
    assert_eq!(b.payloads(), [b""]);
}

/// 4.4: payload is echoed straight after the prompt; surplus, 0x1A and 0x1B
/// are not.
#[test]
fn echo() {
    let mut b = Bench::connected();
    b.at("ATE1");
    b.line("AT+QMTPUBEX=0,0,0,0,\"t\",5");
    assert_eq!(b.within(millis(10)), "AT+QMTPUBEX=0,0,0,0,\"t\",5\r\r\n> ");
    b.send(b"he");
    assert_eq!(b.heard_text(), "he");
    b.send(b"llo surplus");
    assert_eq!(b.heard_text(), "llo");
    b.then(DONE_BY_LENGTH);

    b.line(BY_TERMINATOR);
    b.run_for(millis(10));
    b.heard();
    b.send(b"a\r\nb\x1axyz");
    assert_eq!(b.heard_text(), "a\r\nb");
    b.then(DONE_BY_TERMINATOR);

    b.line(BY_TERMINATOR);
    b.run_for(millis(10));
    b.heard();
    b.send(b"abc\x1b");
    assert_eq!(b.within(seconds(1)), "abc\r\nOK\r\n");
}

/// What comes before the prompt is not echoed either: it is not accepted.
#[test]
fn no_echo_before_the_prompt() {
    let mut b = Bench::connected();
    b.at("ATE1");
    b.send(b"AT+QMTPUBEX=0,0,0,0,\"t\",5\r\nearly");
    assert_eq!(b.within(millis(10)), "AT+QMTPUBEX=0,0,0,0,\"t\",5\r\r\n> ");
}

/// 4.5: silence ends the mode; nothing is published.
#[test]
fn silence() {
    for line in [BY_LENGTH, BY_TERMINATOR] {
        let mut b = Bench::connected();
        b.packets.clear();
        b.prompt(line);
        assert_eq!(b.within(seconds(40)), "");
        b.send(b"hel");
        assert_eq!(b.within(millis(59_999)), "");
        assert_eq!(b.within(millis(1)), "\r\nERROR\r\n");
        assert_eq!(b.within(seconds(1)), "");
        assert!(b.payloads().is_empty());
        b.ok("AT");
    }
    let mut b = Bench::with(&[("data_idle_timeout_s", "3")]);
    b.data("AT+QMTCFG=\"willex\",0,1,0,0,\"w\",4", b"abc");
    assert_eq!(b.within(seconds(3)), "\r\nERROR\r\n");
}

/// 4.6: reading goes on, then `ERROR`, then the queued URC.
#[test]
fn connection_lost_meanwhile() {
    for (line, data) in [(BY_LENGTH, &b"lo"[..]), (BY_TERMINATOR, b"lo\x1a")] {
        let mut b = Bench::connected();
        b.prompt(line);
        b.send(b"hel");
        b.cut(CloseReason::Reset);
        assert_eq!(b.within(seconds(10)), "");
        b.send(data);
        assert_eq!(b.within(millis(19)), "");
        assert_eq!(b.within(millis(1)), "\r\nERROR\r\n\r\n+QMTSTAT: 0,1\r\n");
    }
}

/// URCs wait for the end of data entry (docs/spec/quectel.md 2.8).
#[test]
fn messages_wait() {
    let mut b = Bench::connected();
    b.ok("AT+QMTSUB=0,1,\"in\",0");
    b.then("\r\n+QMTSUB: 0,1,0,0\r\n");
    b.line(BY_LENGTH);
    b.broker_publishes("in", b"1", 0);
    assert_eq!(b.within(millis(10)), "\r\n> ");
    b.broker_publishes("in", b"2", 0);
    assert_eq!(b.within(seconds(10)), "");
    b.send(b"hello");
    b.then(
        "\r\nOK\r\n\r\n+QMTRECV: 0,0,\"in\",\"1\"\r\n\r\n+QMTRECV: 0,0,\"in\",\"2\"\r\n\
         \r\n+QMTPUBEX: 0,0,0\r\n",
    );
}

/// 4.7: `+++` is data like any other.
#[test]
fn escape_sequence_is_data() {
    let mut b = Bench::connected();
    b.prompt("AT+QMTPUBEX=0,0,0,0,\"t\",3");
    b.run_for(seconds(2));
    b.send(b"++");
    b.run_for(seconds(2));
    b.send(b"+");
    b.then(DONE_BY_LENGTH);
    assert_eq!(b.payloads(), [b"+++"]);
}

/// Data may come in any pieces.
#[test]
fn byte_by_byte() {
    let mut b = Bench::connected();
    b.prompt(BY_LENGTH);
    for byte in b"h\r\n\x1ao" {
        b.send(&[*byte]);
        b.run_for(seconds(1));
    }
    b.then(DONE_BY_LENGTH);
    assert_eq!(b.payloads(), [b"h\r\n\x1ao"]);
}
