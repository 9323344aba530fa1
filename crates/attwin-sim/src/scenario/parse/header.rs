//! Header lines and includes.

use std::path::{Component, Path, PathBuf};

use attwin_core::{Timing, find_module, modules};

use super::arguments::Arguments;
use super::parser::Parser;
use super::piece::{Bad, Piece, bad, bad_help};
use crate::scenario::template::{Names, Values, is_name};

/// Deepest nesting of includes.
const MAX_INCLUDE_DEPTH: usize = 8;
/// Most files of one scenario.
const MAX_FILES: usize = 64;

impl Parser<'_> {
    pub(super) fn header_line(&mut self, line: Piece<'_>) -> Result<(), Bad> {
        let mut words = Arguments::new(line);
        let word = words.word("a line")?;
        if word.text == "include" {
            return self.include(line, words);
        }
        let known = [
            "module", "quirk", "broker", "var", "timing", "seed", "echo", "boot", "timeout",
        ];
        if word.quoted || !known.contains(&word.text) {
            return bad_help(
                line.span(),
                format!("unknown line `{}`", word.text),
                "the host's lines start with `>`, its raw data with `>>`, the module's lines with `<`, \
                 comments with `#`; header lines are module, quirk, broker, var, timing, seed, echo, boot, \
                 timeout, include",
            );
        }
        if !self.steps.is_empty() {
            return bad(
                words.span(&word),
                format!(
                    "`{}` belongs to the header, before the first line of the session",
                    word.text
                ),
            );
        }
        match word.text {
            "module" => self.modules(&mut words)?,
            "quirk" => {
                let name = words.word("the name of a quirk")?;
                words.equals()?;
                let value = words.word("a value")?;
                let span = words.span(&name);
                self.header
                    .quirks
                    .push((name.text.into(), value.text.into(), span));
            }
            "broker" => self.broker_setting(&mut words)?,
            "var" => return self.variable(words),
            "timing" => {
                self.header.timing =
                    words.choice([("fast", Timing::Fast), ("real", Timing::Real)])?;
            }
            "seed" => {
                let word = words.word("a number")?;
                self.header.seed = words.number(&word, 0..=u64::MAX, "a number")?;
            }
            "echo" => {
                self.header.echo = words.choice([("on", true), ("off", false)])?;
                self.echo_set = Some(line.span());
            }
            "boot" => {
                self.header.boot_shown = words.choice([("shown", true), ("hidden", false)])?;
            }
            _ => {
                let word = words.word("a time")?;
                self.header.timeout = words.read_time(&word)?;
            }
        }
        words.end()
    }

    fn modules(&mut self, words: &mut Arguments<'_>) -> Result<(), Bad> {
        let mut word = words.word("the name of a module")?;
        loop {
            let Some(module) = find_module(word.text) else {
                return bad_help(
                    words.span(&word),
                    format!("unknown module `{}`", word.text),
                    format!("known modules: {}", known_modules()),
                );
            };
            if self
                .header
                .modules
                .iter()
                .any(|known| known.id == module.id)
            {
                return bad(
                    words.span(&word),
                    format!("module `{}` is named twice", module.id),
                );
            }
            self.header.modules.push(module);
            match words.next()? {
                Some(next) => word = next,
                None => return Ok(()),
            }
        }
    }

    fn broker_setting(&mut self, words: &mut Arguments<'_>) -> Result<(), Bad> {
        let wanted = "`user \"NAME\" \"PASSWORD\"`, `refuse-filter \"FILTER\"`, `aliyun …` or \
                      `onenet …`";
        let word = words.word(wanted)?;
        match word.text {
            "user" => {
                let name = self.plain(words, "a user name in quotes")?;
                let password = self.plain(words, "a password in quotes")?;
                self.header.users.push((name, password));
            }
            "refuse-filter" => {
                let filter = self.plain(words, "a topic filter in quotes")?;
                if !crate::broker::topic::is_valid_filter(&filter) {
                    return bad(words.here(), format!("`{filter}` is not a topic filter"));
                }
                self.header.refused_filters.push(filter);
            }
            "aliyun" => self.aliyun(words)?,
            "onenet" => self.onenet(words)?,
            _ => return bad(words.span(&word), format!("expected {wanted}")),
        }
        Ok(())
    }

    /// A string in a header, with the variables known so far.
    pub(super) fn plain(&mut self, words: &mut Arguments<'_>, wanted: &str) -> Result<String, Bad> {
        let template = self.string(words, wanted)?;
        let bytes = template.insert(&self.values()).into_owned();
        String::from_utf8(bytes).map_err(|_| Bad {
            span: words.here(),
            message: "this has to be UTF-8".into(),
            help: None,
        })
    }

    /// `var name = value`: the rest of the line, or a string in quotes.
    fn variable(&mut self, mut words: Arguments<'_>) -> Result<(), Bad> {
        let word = words.word("the name of a variable")?;
        let name = word.text.split('=').next().unwrap_or_default();
        if word.quoted || !is_name(word.text) {
            return bad_help(
                words.span(&word),
                format!("`{name}` cannot name a variable"),
                "names are letters, digits and `_`, as in `var topic = a/b`",
            );
        }
        words.equals()?;
        let (rest, at) = words.words.rest();
        let value = if rest.starts_with('"') {
            let template = self.string(&mut words, "a value")?;
            words.end()?;
            template
        } else {
            let piece = words.piece.from(at);
            self.inserting(
                Piece {
                    text: rest,
                    ..piece
                },
                false,
            )?
        };
        let value = value.insert(&self.values()).into_owned();
        let Some(variable) = self.names.number(word.text) else {
            return bad(
                words.span(&word),
                format!("more than {} variables", Names::MOST),
            );
        };
        if self.names.is_known(variable) {
            return bad(
                words.span(&word),
                format!("variable `{}` has a value already", word.text),
            );
        }
        self.names.set_known(variable);
        self.header.variables.push((variable, value));
        Ok(())
    }

    fn values(&self) -> Values {
        let mut values = vec![None; self.names.len()];
        for (variable, value) in &self.header.variables {
            values[*variable] = Some(value.clone());
        }
        values
    }

    fn include(&mut self, line: Piece<'_>, mut words: Arguments<'_>) -> Result<(), Bad> {
        let name = self.plain(&mut words, "a file name in quotes")?;
        words.end()?;
        let current = self.sources.file(line.file).map(|file| file.path.clone());
        let path = current
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(Path::new(""))
            .join(&name);
        if self.stack.contains(&tidy(&path)) {
            return bad(line.span(), format!("`{name}` includes itself"));
        }
        if self.stack.len() == MAX_INCLUDE_DEPTH {
            return bad(
                line.span(),
                format!("includes nested more than {MAX_INCLUDE_DEPTH} deep"),
            );
        }
        if self.sources.len() == MAX_FILES {
            return bad(line.span(), format!("more than {MAX_FILES} files"));
        }
        let text = match (self.reader)(&path) {
            Ok(text) => text,
            Err(reason) => {
                return bad(
                    line.span(),
                    format!("cannot read {}: {reason}", path.display()),
                );
            }
        };
        let file = self.sources.add(path.clone(), text);
        self.file(file, &path)
    }
}

pub(super) fn known_modules() -> String {
    let ids: Vec<_> = modules().iter().map(|module| module.id).collect();
    ids.join(", ")
}

/// A path without `.` and resolved `..`, so that a cycle meets itself.
pub(super) fn tidy(path: &Path) -> PathBuf {
    let mut tidy = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(tidy.components().next_back(), Some(Component::Normal(_))) =>
            {
                tidy.pop();
            }
            component => tidy.push(component),
        }
    }
    tidy
}
