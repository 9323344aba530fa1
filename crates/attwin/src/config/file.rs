//! The configuration file: TOML, read strictly, with errors that show the
//! place.

use std::fmt;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use attwin_core::Module;
use attwin_sim::broker::cloud::Clouds;
use attwin_sim::fault::FaultSpec;
use serde::{Deserialize, Deserializer, de};
use toml::Spanned;

use super::cloud::{AliyunTable, OneNetTable, clouds};
use super::error::{ConfigError, Source};
use super::timing::TimingWord;
use crate::lookup;
use crate::net::{BrokerRoute, ConnectTo};
use crate::port::Endpoint;
use crate::twin::Boot;

/// A file as it is written. Defaults for all modules first, then the modules.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    #[serde(default, deserialize_with = "parsed_option")]
    pub(super) broker: Option<BrokerRoute>,
    #[serde(default)]
    connect_to: Vec<Spanned<String>>,
    pub(super) boot: Option<Boot>,
    pub(super) timing: Option<TimingWord>,
    pub(super) seed: Option<u64>,
    pub(super) state: Option<PathBuf>,
    pub(super) trace: Option<PathBuf>,
    #[serde(default)]
    pub(super) faults: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) quirks: QuirkTable,
    #[serde(default)]
    pub(super) identity: IdentityTable,
    #[serde(default)]
    pub(super) module: Vec<ModuleEntry>,
    #[serde(default)]
    aliyun: AliyunTable,
    #[serde(default)]
    onenet: OneNetTable,
    /// For errors found after reading.
    #[serde(skip)]
    pub(super) source: Source,
}

/// One `[[module]]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModuleEntry {
    #[serde(deserialize_with = "module")]
    pub(super) module: &'static Module,
    #[serde(default, deserialize_with = "name")]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "parsed_option")]
    pub(super) port: Option<Endpoint>,
    pub(super) boot: Option<Boot>,
    pub(super) timing: Option<TimingWord>,
    pub(super) seed: Option<u64>,
    #[serde(default)]
    pub(super) faults: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) quirks: QuirkTable,
    #[serde(default)]
    pub(super) identity: IdentityTable,
}

/// `[quirks]`, with the places of names and values.
pub(super) type QuirkTable = std::collections::BTreeMap<Spanned<String>, Spanned<toml::Value>>;

/// `[identity]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityTable {
    #[serde(default, deserialize_with = "digits::<_, 15, 15>")]
    pub(super) imei: Option<String>,
    #[serde(default, deserialize_with = "digits::<_, 6, 15>")]
    pub(super) imsi: Option<String>,
    #[serde(default, deserialize_with = "digits::<_, 19, 20>")]
    pub(super) iccid: Option<String>,
    #[serde(default, deserialize_with = "printable")]
    pub(super) model: Option<String>,
    #[serde(default, deserialize_with = "printable")]
    pub(super) firmware: Option<String>,
    #[serde(default, deserialize_with = "digits::<_, 5, 6>")]
    pub(super) operator: Option<String>,
    pub(super) address: Option<Ipv4Addr>,
    #[serde(default, deserialize_with = "digits::<_, 4, 8>")]
    pub(super) sim_pin: Option<String>,
}

impl ConfigFile {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self, Box<ConfigError>> {
        Self::parse(Source::read(path)?)
    }

    /// Reads the text of a file.
    pub(super) fn parse(source: Source) -> Result<Self, Box<ConfigError>> {
        match toml::from_str::<Self>(source.text()) {
            Ok(file) => Ok(Self { source, ..file }),
            Err(error) => {
                let (message, help) = in_words(error.message());
                Err(source.error(error.span(), message, help))
            }
        }
    }

    /// What the cloud services know. `seed` is that of what they make up.
    pub(super) fn clouds(&self, seed: u64) -> Result<Clouds, Box<ConfigError>> {
        clouds(&self.aliyun, &self.onenet, seed, &self.source)
    }

    /// The redirections.
    pub(super) fn connect_to(&self) -> Result<Vec<ConnectTo>, Box<ConfigError>> {
        let parse = |text: &Spanned<String>| {
            let parsed: Result<ConnectTo, _> = text.get_ref().parse();
            parsed.map_err(|error| {
                self.source
                    .error(Some(text.span()), error.to_string(), None)
            })
        };
        self.connect_to.iter().map(parse).collect()
    }

    /// Faults the file names, for all modules or for one.
    pub(super) fn faults(
        &self,
        list: &[Spanned<String>],
    ) -> Result<Vec<FaultSpec>, Box<ConfigError>> {
        let parse = |text: &Spanned<String>| {
            let parsed: Result<FaultSpec, _> = text.get_ref().parse();
            let help = || Some("`attwin faults` lists all faults".to_owned());
            parsed.map_err(|error| {
                self.source
                    .error(Some(text.span()), error.to_string(), help())
            })
        };
        list.iter().map(parse).collect()
    }
}

impl Default for ModuleEntry {
    /// An entry that says nothing; its module is never looked at.
    fn default() -> Self {
        Self {
            module: &attwin_core::modules()[0],
            name: None,
            port: None,
            boot: None,
            timing: None,
            seed: None,
            faults: Vec::new(),
            quirks: QuirkTable::new(),
            identity: IdentityTable::default(),
        }
    }
}

/// What the library says of a mistake, in the words of users, and what to do.
fn in_words(message: &str) -> (String, Option<String>) {
    let (first, more) = message.split_once('\n').unwrap_or((message, ""));
    let quoted: Vec<_> = first.split('`').skip(1).step_by(2).collect();
    if let (Some((wrong, known)), true) = (quoted.split_first(), first.starts_with("unknown field"))
    {
        let help = lookup::closest(wrong, known.iter().copied()).map_or_else(
            || format!("what can stand here: {}", known.join(", ")),
            |close| format!("did you mean {close}?"),
        );
        return (format!("unknown setting `{wrong}`"), Some(help));
    }
    if let (Some((wrong, known)), true) =
        (quoted.split_first(), first.starts_with("unknown variant"))
    {
        return (
            format!("`{wrong}` cannot stand here"),
            Some(format!("write `{}`", known.join("` or `"))),
        );
    }
    if let ([name], true) = (&quoted[..], first.starts_with("missing field")) {
        return (format!("missing: the setting `{name}`"), None);
    }
    if let Some((found, expected)) = first
        .strip_prefix("invalid type: ")
        .and_then(|rest| rest.split_once(", expected "))
    {
        let expected = match expected {
            "u8" | "u16" | "u32" | "u64" => "a whole number",
            "a sequence" => "a list",
            "a map" => "a table",
            other => other,
        };
        return (format!("{expected} is expected here, not {found}"), None);
    }
    let more = more.trim();
    (
        first.to_owned(),
        (!more.is_empty()).then(|| more.to_owned()),
    )
}

fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

fn parsed_option<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    parsed(deserializer).map(Some)
}

fn module<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Module, D::Error> {
    let id = String::deserialize(deserializer)?;
    lookup::module(&id).map_err(de::Error::custom)
}

/// A name that can be a directory below the state directory.
fn name<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let name = String::deserialize(deserializer)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if name.bytes().all(plain) && !name.starts_with('.') && (1..=64).contains(&name.len()) {
        Ok(Some(name))
    } else {
        Err(de::Error::custom(format!(
            "`{name}` is no usable name; write up to 64 letters, digits, `.`, `_` and `-`, not \
             beginning with a dot"
        )))
    }
}

/// What stands in an answer as it is.
fn printable<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    if (1..=64).contains(&text.len()) && text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Ok(Some(text));
    }
    Err(de::Error::custom(format!(
        "`{}` is not 1 to 64 printable ASCII characters",
        text.escape_debug()
    )))
}

fn digits<'de, D, const LEAST: usize, const MOST: usize>(
    deserializer: D,
) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let text = String::deserialize(deserializer)?;
    if text.bytes().all(|byte| byte.is_ascii_digit()) && (LEAST..=MOST).contains(&text.len()) {
        return Ok(Some(text));
    }
    let wanted = if LEAST == MOST {
        format!("{LEAST} digits")
    } else {
        format!("{LEAST} to {MOST} digits")
    };
    Err(de::Error::custom(format!(
        "`{text}` is not {wanted} in quotes"
    )))
}
