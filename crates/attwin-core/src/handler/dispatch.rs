//! From a command to the row that describes it, and from the row to its
//! handler.

use super::{Amendments, Context, Outcome, Refusal, Row, Run, Speak};
use crate::command::line::Command;
use crate::command::{Args, Form, Params, Spec, Test, count, take_option};
use crate::reason::Reason;

/// Carries out `command` with the dialect's own rows, or with shared rows
/// for commands it has in common with every module, as the module's profile
/// amends them.
///
/// Order of checks: name, form, [`Dialect::admit`], option, arguments. Of
/// several rows with one name a write form is that of the row with its option,
/// else that of the first row without one whose parameters are as many as the
/// arguments.
pub(crate) fn dispatch<'a, D: Speak>(
    dialect: &mut D,
    cx: &mut Context<'_>,
    amendments: &'static Amendments,
    command: &Command<'a>,
    rest: &mut &'a [u8],
) -> Outcome {
    let mut call = Call {
        dialect,
        cx,
        command,
        rest,
        amendments,
    };
    let outcome = call.run(D::TABLES.own, |run, dialect, cx, form, args| {
        run(dialect, cx, form, args)
    });
    outcome
        .or_else(|| {
            call.run(D::TABLES.shared, |run, _, cx, form, args| {
                run(&mut (), cx, form, args)
            })
        })
        .unwrap_or_else(|| call.unknown())
}

struct Call<'c, 'x, 'a, D> {
    dialect: &'c mut D,
    cx: &'c mut Context<'x>,
    command: &'c Command<'a>,
    rest: &'c mut &'a [u8],
    amendments: &'static Amendments,
}

impl<'a, D: Speak> Call<'_, '_, 'a, D> {
    /// `None` if no row has the command's name.
    fn run<S>(
        &mut self,
        tables: &'static [&'static [Row<S>]],
        invoke: impl Fn(Run<S>, &mut D, &mut Context<'_>, Form, &Args<'_>) -> Outcome,
    ) -> Option<Outcome> {
        let form = self.command.form;
        let named = || {
            let rows = tables.iter().flat_map(|table| table.iter());
            let called = rows.filter(|row| row.spec.is_called(&self.command.name));
            called.filter_map(|row| Some((self.amendments.of(&row.spec)?, row.run)))
        };
        let (first, _) = named().next()?;
        let plain = named().find(|(spec, _)| spec.option.is_none() && spec.has(form));
        let Some((spec, run)) = plain.or_else(|| named().find(|(spec, _)| spec.has(form))) else {
            return Some(self.refuse(Refusal::UnknownForm(first)));
        };
        if form == Form::Test && spec.option.is_some() {
            let lines = named().filter_map(|(spec, _)| match spec.test {
                Test::Lines(lines) => Some(lines),
                _ => None,
            });
            for line in lines.flatten() {
                self.cx.reply(line);
            }
            return Some(Outcome::Ok);
        }
        if let Some(outcome) = self.dialect.admit(self.cx, spec, form) {
            return Some(outcome);
        }
        if form != Form::Write {
            return Some(match (form, spec.test) {
                (Form::Test, Test::Lines(lines)) => {
                    for line in lines {
                        self.cx.reply(line);
                    }
                    Outcome::Ok
                }
                (Form::Test, Test::Ok) => Outcome::Ok,
                _ => invoke(run, self.dialect, self.cx, form, &Args::default()),
            });
        }
        let by_option = || {
            let quirks = &self.cx.quirks.grammar;
            let (option, text) = take_option(self.command.arguments, quirks)?;
            let (spec, run) = named().find(|(spec, _)| spec.has_option(&option))?;
            Some((spec, run, text))
        };
        let by_count = || {
            let count = count(self.command.arguments, &self.cx.quirks.grammar)?;
            named().find(|(spec, _)| {
                let params = spec.write.filter(|_| spec.option.is_none());
                params.is_some_and(|params| params.admits(count))
            })
        };
        let (spec, run, text) = match by_option() {
            Some(found) => found,
            None if spec.option.is_some() => {
                return Some(self.refuse(Refusal::UnknownOption));
            }
            None => {
                let (spec, run) = by_count().unwrap_or((spec, run));
                (spec, run, self.command.arguments)
            }
        };
        let Some(params) = spec.write else {
            return Some(self.refuse(Refusal::UnknownForm(spec)));
        };
        let text = if self.takes_rest_of_line(spec, text) {
            *self.rest = &[];
            self.after_option(spec)
        } else {
            text
        };
        Some(match self.parse(spec, text, &params) {
            Ok(args) => invoke(run, self.dialect, self.cx, form, &args),
            Err(outcome) => outcome,
        })
    }

    /// The whole rest of the line, without the option that chose the row.
    fn after_option(&self, spec: &Spec) -> &'a [u8] {
        let rest = self.command.rest_of_line;
        if spec.option.is_none() {
            return rest;
        }
        take_option(rest, &self.cx.quirks.grammar).map_or(rest, |(_, text)| text)
    }

    /// Whether the call's last argument is a string that reaches to the end of
    /// the line. In a call that stops before that argument, and in a line that
    /// does not end in a quote where the string needs one, `;` separates
    /// commands as ever (docs/spec/quectel.md 2.5).
    fn takes_rest_of_line(&self, spec: &Spec, text: &[u8]) -> bool {
        let Some(at) = spec.rest_of_line_from() else {
            return false;
        };
        if spec.rest_of_line_needs_quotes() {
            let quirks = &self.cx.quirks.grammar;
            let reaches = count(text, quirks).is_none_or(|count| count > at);
            let ends = self.command.rest_of_line.trim_ascii_end().ends_with(b"\"");
            return reaches && ends;
        }
        true
    }

    /// No row has the command's name.
    fn unknown(&mut self) -> Outcome {
        if !self.command.name.eq_ignore_ascii_case(b"D") {
            return self.refuse(Refusal::UnknownCommand);
        }
        let code = self.dialect.refuse(self.cx, &Refusal::UnknownCommand);
        let reason = Reason::new("there is no dial-up: neither calls nor PPP are played")
            .remedy("the module's own MQTT commands need neither");
        Outcome::refused(code, reason)
    }

    fn refuse(&mut self, refusal: Refusal) -> Outcome {
        let code = self.dialect.refuse(self.cx, &refusal);
        Outcome::refused(code, refusal.reason())
    }

    fn parse(
        &mut self,
        spec: &'static Spec,
        text: &'a [u8],
        params: &Params,
    ) -> Result<Args<'a>, Outcome> {
        Args::parse(text, params, &self.cx.quirks.grammar)
            .map_err(|error| self.refuse(Refusal::Arguments { spec, error }))
    }
}
