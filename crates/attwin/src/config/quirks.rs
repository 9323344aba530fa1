//! Overriding the byte-level differences of modules by name.

use std::str::FromStr;

use attwin_core::{Config, Modem, QuirkError};
use toml::Value;

use super::file::{ConfigFile, QuirkTable};
use super::settings::ModuleSettings;
use crate::failure::Failure;
use crate::lookup::closest;

/// `NAME=VALUE` of `--quirk`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Override {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl FromStr for Override {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok(Self {
                name: name.trim().to_owned(),
                value: value.trim().to_owned(),
            }),
            _ => Err(format!(
                "`{text}` is not NAME=VALUE; write for example result_urc_delay_ms=0"
            )),
        }
    }
}

/// Checks every override against the modules it is for, and notes it there:
/// first those the file gives to all, then each module's own, then those of
/// the command line.
pub(super) fn set(
    modules: &mut [ModuleSettings],
    arguments: &[Override],
    file: &ConfigFile,
) -> Result<(), Failure> {
    let mut modules: Vec<_> = modules.iter_mut().map(Candidate::new).collect();
    set_table(&mut modules, &file.quirks, file)?;
    for (module, entry) in modules.iter_mut().zip(&file.module) {
        set_table(std::slice::from_mut(module), &entry.quirks, file)?;
    }
    for Override { name, value } in arguments {
        set_one(&mut modules, name, value).map_err(|mistake| {
            let help = mistake
                .help
                .map_or_else(String::new, |help| format!("; {help}"));
            Failure::Usage(format!("{}{help}", mistake.error))
        })?;
    }
    Ok(())
}

/// A module and a modem that knows what it accepts.
struct Candidate<'a> {
    settings: &'a mut ModuleSettings,
    modem: Modem,
}

struct Mistake {
    error: QuirkError,
    help: Option<String>,
}

impl<'a> Candidate<'a> {
    fn new(settings: &'a mut ModuleSettings) -> Self {
        let modem = Modem::new(Config::new(settings.module));
        Self { settings, modem }
    }
}

fn set_table(
    modules: &mut [Candidate<'_>],
    table: &QuirkTable,
    file: &ConfigFile,
) -> Result<(), Failure> {
    for (name, value) in table {
        let Some(word) = word(value.get_ref()) else {
            let message = format!("quirk `{}` wants a single value", name.get_ref());
            return Err(file.source.error(Some(value.span()), message, None).into());
        };
        if let Err(mistake) = set_one(modules, name.get_ref(), &word) {
            let place = match mistake.error {
                QuirkError::Unknown { .. } => name.span(),
                _ => value.span(),
            };
            let message = mistake.error.to_string();
            return Err(file.source.error(Some(place), message, mistake.help).into());
        }
    }
    Ok(())
}

/// Sets a quirk of those modules that have it.
fn set_one(modules: &mut [Candidate<'_>], name: &str, value: &str) -> Result<(), Mistake> {
    let mut known = false;
    for module in modules.iter_mut() {
        match module.modem.set_quirk(name, value) {
            Ok(()) => {
                known = true;
                let quirk = (name.to_owned(), value.to_owned());
                module.settings.quirks.push(quirk);
            }
            Err(QuirkError::Unknown { .. }) => {}
            Err(error) => return Err(Mistake { error, help: None }),
        }
    }
    if known {
        return Ok(());
    }
    let mut names: Vec<_> = modules
        .iter()
        .flat_map(|module| module.modem.quirks())
        .map(|quirk| quirk.name)
        .collect();
    names.sort_unstable();
    names.dedup();
    Err(Mistake {
        error: QuirkError::Unknown {
            name: name.to_owned(),
        },
        help: closest(name, names).map(|close| format!("did you mean {close}?")),
    })
}

/// A value as `set_quirk` reads it.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(word) => Some(word.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Boolean(flag) => Some(flag.to_string()),
        Value::Datetime(_) | Value::Array(_) | Value::Table(_) => None,
    }
}
