//! A command line that is not understood, in the words of every other mistake: what is
//! wrong, the value, what to do.

use clap::Command;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::failure::Failure;
use crate::lookup::closest;

/// What is wrong with a command line, in one line.
pub(crate) fn mistake(error: &Error, command: &Command) -> Failure {
    let asked = std::env::args().skip(1);
    let names = || command.get_subcommands().map(Command::get_name);
    let subcommand = asked
        .into_iter()
        .find(|word| names().any(|name| name == word));
    let help = match &subcommand {
        Some(name) => format!("`attwin {name} --help` explains"),
        None => "`attwin help` lists what there is".to_owned(),
    };
    let one = |kind| one_of(error, kind);
    let what = match error.kind() {
        // This is not about a mistake, but shown in the place of one.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            return Failure::InPlain(error.render().to_string());
        }
        ErrorKind::InvalidSubcommand => {
            let wrong = one(ContextKind::InvalidSubcommand);
            let close = closest(&wrong, names());
            format!("unknown command `{wrong}`{}", meant(close.as_deref()))
        }
        ErrorKind::UnknownArgument => {
            let wrong = one(ContextKind::InvalidArg);
            let close = error.get(ContextKind::SuggestedArg).map(text);
            let kind = if wrong.starts_with('-') {
                "option"
            } else {
                "argument"
            };
            format!("unknown {kind} `{wrong}`{}", meant(close.as_deref()))
        }
        ErrorKind::InvalidValue => {
            let (option, value) = (option(error), one(ContextKind::InvalidValue));
            let known = one(ContextKind::ValidValue);
            if value.is_empty() {
                format!("{option} wants a value")
            } else {
                return Failure::Usage(format!("{option}: `{value}` is none of {known}"));
            }
        }
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string);
            let value = one(ContextKind::InvalidValue);
            let why = in_words(&value, why.unwrap_or_default());
            return Failure::Usage(format!("{}: {why}", option(error)));
        }
        ErrorKind::MissingRequiredArgument => {
            format!("missing: {}", one(ContextKind::InvalidArg))
        }
        ErrorKind::ArgumentConflict => format!(
            "{} and {} cannot go together",
            option(error),
            short(&one(ContextKind::PriorArg))
        ),
        _ => {
            let text = error.render().to_string();
            let first = text.lines().next().unwrap_or_default();
            first.strip_prefix("error: ").unwrap_or(first).to_owned()
        }
    };
    let separator = if what.ends_with('?') { "" } else { ";" };
    Failure::Usage(format!("{what}{separator} {help}"))
}

/// What parsers of the standard library say, as users would.
fn in_words(value: &str, why: String) -> String {
    match &*why {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            format!("`{value}` is not a whole number")
        }
        "number too large to fit in target type" => format!("`{value}` is too large"),
        "invalid socket address syntax" => {
            format!("`{value}` is not ADDRESS:PORT; write for example 127.0.0.1:1883")
        }
        _ => match why.split_once(" is not in ") {
            // The library shows ranges as Rust writes them.
            Some((_, range)) => format!("`{value}` is not {}", range.replace("..=", " to ")),
            None => why,
        },
    }
}

fn meant(close: Option<&str>) -> String {
    close.map_or_else(String::new, |close| format!("; did you mean {close}?"))
}

/// The option or argument that a mistake is about.
fn option(error: &Error) -> String {
    short(&one_of(error, ContextKind::InvalidArg))
}

/// `--port` of `--port <ENDPOINT>`.
fn short(argument: &str) -> String {
    let name = argument.split(" <").next().unwrap_or(argument);
    name.trim_end_matches('.').to_owned()
}

fn one_of(error: &Error, kind: ContextKind) -> String {
    error.get(kind).map(text).unwrap_or_default()
}

fn text(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(list) => list.join(", "),
        _ => String::new(),
    }
}
