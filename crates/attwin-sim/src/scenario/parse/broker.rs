//! `@` lines: what the broker does, and what it has to have seen.

use attwin_core::mqtt::packet::QoS;

use super::arguments::Arguments;
use super::parser::Parser;
use super::piece::{Bad, Piece, argument, bad, bad_help};
use crate::scenario::ast::{Operation, Report, ReportKind, What};
use crate::scenario::lex::Word;
use crate::scenario::template::Template;

impl Parser<'_> {
    pub(super) fn broker_line(&mut self, line: Piece<'_>) -> Result<(), Bad> {
        let mut words = Arguments::new(argument(line, 1)?);
        let word = words.word("what the broker does or has seen")?;
        let what = match word.text {
            "publish" => What::Operate(self.publish(&mut words, None)?),
            "push" => {
                let client = self.string(&mut words, "the client's identifier in quotes")?;
                What::Operate(self.publish(&mut words, Some(client))?)
            }
            "drop" => What::Operate(Operation::Drop {
                client: self.string(&mut words, "the client's identifier in quotes")?,
            }),
            "refuse" => {
                let code = words.code()?;
                let count = match words.next()? {
                    Some(word) => words.number(&word, 1..=u32::MAX, "how many times")?,
                    None => 1,
                };
                What::Operate(Operation::Refuse { code, count })
            }
            "stop" => What::Operate(Operation::Stop),
            "start" => What::Operate(Operation::Start),
            "restart" => {
                let keep = words.next()?;
                if let Some(word) = keep.as_ref().filter(|word| word.text != "keep") {
                    return bad(words.span(word), "expected `keep` or nothing");
                }
                What::Operate(Operation::Restart {
                    keep: keep.is_some(),
                })
            }
            "forget" => What::Operate(Operation::Forget),
            "not" => {
                let word = words.word("what the broker must not have seen")?;
                What::Report(self.report(&mut words, &word, true)?)
            }
            _ => What::Report(self.report(&mut words, &word, false)?),
        };
        words.end()?;
        self.push(line, what);
        Ok(())
    }

    /// `"topic" [qos N] [retain] "payload"`.
    fn publish(
        &mut self,
        words: &mut Arguments<'_>,
        client: Option<Template>,
    ) -> Result<Operation, Bad> {
        let topic = self.string(words, "a topic in quotes")?;
        let (mut qos, mut retain) = (QoS::Level0, false);
        loop {
            let word = words.word("`qos`, `retain` or the payload in quotes")?;
            match word.text {
                _ if word.quoted => {
                    return Ok(Operation::Publish {
                        client,
                        topic,
                        qos,
                        retain,
                        payload: self.template(words, &word)?,
                    });
                }
                "qos" => qos = words.qos()?,
                "retain" => retain = true,
                _ => {
                    return bad(
                        words.span(&word),
                        "expected `qos`, `retain` or the payload in quotes",
                    );
                }
            }
        }
    }

    fn report(
        &mut self,
        words: &mut Arguments<'_>,
        word: &Word<'_>,
        never: bool,
    ) -> Result<Report, Bad> {
        let kind = ReportKind::ALL.iter().find(|(name, _)| *name == word.text);
        let Some(&(_, kind)) = kind.filter(|_| !word.quoted) else {
            let names: Vec<_> = ReportKind::ALL.iter().map(|(name, _)| *name).collect();
            return bad_help(
                words.span(word),
                format!("unknown broker line `{}`", word.text),
                format!(
                    "the operator can: publish, push, drop, refuse, stop, start, restart, forget; \
                     the broker may have seen: {}",
                    names.join(", ")
                ),
            );
        };
        let mut report = Report {
            never,
            kind,
            subject: None,
            qos: None,
            retain: false,
            dup: false,
            payload: None,
            from: None,
            code: None,
            user: None,
            keep_alive: None,
            clean: None,
            resumed: None,
        };
        while let Some(word) = words.next()? {
            let message = kind.has_message();
            let connected = kind == ReportKind::Connected;
            match word.text {
                _ if word.quoted && report.subject.is_none() => {
                    report.subject = Some(self.template(words, &word)?);
                }
                _ if word.quoted && message && report.payload.is_none() => {
                    report.payload = Some(self.template(words, &word)?);
                }
                "qos" if message || kind == ReportKind::Subscribed => {
                    report.qos = Some(words.qos()?);
                }
                "retain" if message => report.retain = true,
                "dup" if kind == ReportKind::Received => report.dup = true,
                "from"
                    if message
                        || matches!(kind, ReportKind::Subscribed | ReportKind::Unsubscribed) =>
                {
                    report.from = Some(self.string(words, "a client identifier in quotes")?);
                }
                "code" if kind == ReportKind::Refused => report.code = Some(words.code()?),
                "user" if connected => {
                    report.user = Some(self.string(words, "a user name in quotes")?);
                }
                "keepalive" if connected => {
                    let word = words.word("seconds")?;
                    report.keep_alive = Some(words.number(&word, 0..=u16::MAX, "seconds")?);
                }
                "clean" if connected => report.clean = Some(true),
                "persistent" if connected => report.clean = Some(false),
                "resumed" if connected => report.resumed = Some(true),
                "new" if connected => report.resumed = Some(false),
                _ => {
                    return bad_help(
                        words.span(&word),
                        format!("unexpected `{}`", word.text),
                        kind_syntax(kind),
                    );
                }
            }
        }
        if report.subject.is_none() && !never {
            return bad_help(
                words.here(),
                "expected a string in quotes",
                kind_syntax(kind),
            );
        }
        Ok(report)
    }

    pub(super) fn string(
        &mut self,
        words: &mut Arguments<'_>,
        wanted: &str,
    ) -> Result<Template, Bad> {
        let word = words.word(wanted)?;
        if !word.quoted {
            return bad(words.span(&word), format!("expected {wanted}"));
        }
        self.template(words, &word)
    }

    fn template(&mut self, words: &Arguments<'_>, word: &Word<'_>) -> Result<Template, Bad> {
        let inside = Piece {
            text: word.text,
            file: words.piece.file,
            start: words.piece.start + word.range.start + 1,
        };
        self.inserting(inside, true)
    }
}

fn kind_syntax(kind: ReportKind) -> &'static str {
    match kind {
        ReportKind::Received => {
            r#"received "topic" [qos N] [retain] [dup] ["payload"] [from "client"]"#
        }
        ReportKind::Will => r#"will "topic" [qos N] [retain] ["payload"] [from "client"]"#,
        ReportKind::Delivered => {
            r#"delivered "topic" [qos N] [retain] ["payload"] [from "client"]"#
        }
        ReportKind::Subscribed => r#"subscribed "filter" [qos N] [from "client"]"#,
        ReportKind::Unsubscribed => r#"unsubscribed "filter" [from "client"]"#,
        ReportKind::Connected => {
            r#"connected "client" [user "name"] [keepalive N] [clean|persistent] [resumed|new]"#
        }
        ReportKind::Refused => r#"refused "client" [code N]"#,
        ReportKind::Disconnected => r#"disconnected "client""#,
    }
}
