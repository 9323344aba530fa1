//! Command lines of the host on their way to the module: what happens as one is
//! sent, and what answers in the module's place.

use attwin_core::{Input, Instant, Output, SerialKind};
use bytes::Bytes;

use super::faulty::Faulty;
use super::host::BACKSPACE;
use super::mark::{Hit, Line, Touch};
use super::spec::Kind;
use crate::device::Device;

const CARRIAGE_RETURN: u8 = b'\r';
/// The command that does nothing (V.250 section 5.2.1).
const NOTHING: &[u8] = b"AT";

impl<D: Device> Faulty<D> {
    /// Hands the modem what the host sent, up to the end of its command line.
    pub(super) fn hand_command(&mut self, now: Instant, mut bytes: Bytes) {
        let Some(end) = bytes.iter().position(|byte| *byte == CARRIAGE_RETURN) else {
            self.host.typed(&bytes);
            self.type_bytes(now, &bytes, false);
            return;
        };
        let line = self.host.line_with(&bytes[..end]);
        // A module takes no line while it is busy, so nothing answers it then.
        let waits = self.modem.is_busy() && self.active.may_answer(now, &line);
        self.host.wait(waits);
        if waits {
            return self.host.put_back(bytes);
        }
        // A line feed that comes along is echoed with it by some.
        let after = end + 1 + usize::from(bytes.get(end + 1) == Some(&b'\n'));
        let rest = bytes.split_off(after);
        let terminator = bytes.split_off(end);
        self.host.put_back(rest);
        self.host.end_line();
        if end > 0 && self.type_bytes(now, &bytes, false) {
            return;
        }
        let mut lost = false;
        for (event, hit) in self.active.at_command(now, &line) {
            lost |= self.happen(now, &event, &hit, None);
        }
        if lost {
            return;
        }
        let answer = self.active.strike(now, |kind| match kind {
            Kind::Answer { to, lines } if to.fits_command(&line) => Some(lines.clone()),
            _ => None,
        });
        match answer {
            Some((lines, hit)) => self.answer(now, &line, &terminator, &lines, &hit),
            None => {
                self.modem.handle(now, Input::Serial(&terminator));
                self.pump(now);
            }
        }
    }

    /// The module carries out AT instead of the line it has, and what it answers
    /// is exchanged. So it does everything else that goes with a command: echo,
    /// URCs that wait, whatever a host set.
    fn answer(&mut self, now: Instant, line: &[u8], terminator: &[u8], lines: &[Bytes], hit: &Hit) {
        self.ready.act_on(hit, line);
        self.modem.handle(now, Input::Serial(&instead(line)));
        while let Some(output) = self.next_output() {
            let is_echo =
                matches!(&output, Output::Serial { kind, .. } if *kind == SerialKind::Echo);
            if !is_echo {
                self.output(now, output);
            }
        }
        self.answering = framed(lines, hit);
        self.modem.handle(now, Input::Serial(terminator));
        self.pump(now);
    }

    /// Says an answer in the place of the module's result.
    pub(super) fn say_answer(&mut self, now: Instant) {
        for line in std::mem::take(&mut self.answering) {
            self.say(now, line);
        }
    }
}

/// What to type behind a line to make AT of it.
fn instead(line: &[u8]) -> Vec<u8> {
    let text = line.trim_ascii_start();
    let head = text.get(..NOTHING.len());
    let is_plain = line.iter().all(|byte| (b' '..=b'~').contains(byte));
    if is_plain && head.is_some_and(|head| head.eq_ignore_ascii_case(NOTHING)) {
        return vec![BACKSPACE; text.len() - NOTHING.len()];
    }
    let mut bytes = vec![BACKSPACE; line.len()];
    bytes.extend_from_slice(NOTHING);
    bytes
}

/// Lines as a module frames them (V.250 section 5.7.1): information text, a final
/// result, and what comes behind it unasked.
fn framed(lines: &[Bytes], hit: &Hit) -> Vec<Line> {
    let end = lines.iter().position(|line| is_final(line));
    let framed = lines.iter().enumerate().map(|(at, line)| {
        let kind = match end {
            Some(end) if at == end => SerialKind::Final,
            Some(end) if at > end => SerialKind::Urc,
            _ => SerialKind::Information,
        };
        let continues = kind == SerialKind::Information && at > 0;
        let head: &[u8] = if continues { b"" } else { b"\r\n" };
        let mut line = Line::new(kind, [head, line, b"\r\n"].concat().into());
        line.marks.push(hit.mark(Touch::Inserted));
        line
    });
    framed.collect()
}

fn is_final(line: &[u8]) -> bool {
    let whole: [&[u8]; 3] = [b"OK", b"ERROR", b"NO CARRIER"];
    let heads: [&[u8]; 2] = [b"+CME ERROR:", b"+CMS ERROR:"];
    whole.contains(&line) || heads.iter().any(|head| line.starts_with(head))
}

#[cfg(test)]
mod tests {
    use super::super::mark::FaultName;
    use super::*;

    #[test]
    fn a_line_becomes_at() {
        assert_eq!(instead(b"AT"), b"");
        assert_eq!(instead(b" at+X"), [BACKSPACE; 2]);
        assert_eq!(instead(b"X\x1a"), b"\x08\x08AT");
        assert_eq!(instead(b""), b"AT");
    }

    #[test]
    fn lines_are_framed_by_their_place() {
        let lines =
            ["+X: 1", "+X: 2", "OK", "+URC"].map(|line| Bytes::from_static(line.as_bytes()));
        let hit = Hit {
            name: FaultName {
                id: 1,
                text: "answer".into(),
            },
            acted: 1,
            told: true,
        };
        let framed = framed(&lines, &hit);
        let text: Vec<_> = framed
            .iter()
            .map(|line| (line.kind, &line.bytes[..]))
            .collect();
        assert_eq!(
            text,
            [
                (SerialKind::Information, &b"\r\n+X: 1\r\n"[..]),
                (SerialKind::Information, b"+X: 2\r\n"),
                (SerialKind::Final, b"\r\nOK\r\n"),
                (SerialKind::Urc, b"\r\n+URC\r\n"),
            ]
        );
    }
}
