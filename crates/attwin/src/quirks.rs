//! `attwin quirks`: what can be set of a module's behaviour by name.

use std::fmt::Write as _;

use attwin_core::{Config, Modem, Module, QuirkInfo};
use clap::Args;
use serde_json::json;

use crate::failure::Failure;
use crate::lookup::{closest, module_argument};
use crate::output::print;

const EXAMPLES: &str = "\
A quirk is a difference between modules that can be seen on the wire. It is set by
--quirk NAME=VALUE of `attwin run`, by a `quirk` line of a scenario, or in a
configuration file.

Examples:
  attwin quirks quectel-ec25
  attwin quirks quectel-ec25 typeahead_limit
  attwin run quectel-ec25 --quirk typeahead_limit=64";

/// What to list.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct QuirksArgs {
    /// Which module; `attwin modules` lists all
    module: String,
    /// Show only this quirk
    name: Option<String>,
    /// As JSON: a list of objects
    #[arg(long)]
    json: bool,
}

/// Lists quirks.
pub(crate) fn run(args: &QuirksArgs) -> Result<(), Failure> {
    let module = module_argument(&args.module)?;
    let quirks = find(module, args.name.as_deref())?;
    print(&if args.json {
        as_json(&quirks)
    } else {
        described(&quirks)
    })
}

/// The quirks of a module as it comes.
pub(crate) fn of(module: &'static Module) -> Vec<QuirkInfo> {
    Modem::new(Config::new(module)).quirks()
}

/// What a quirk changes, and where that is specified.
pub(crate) fn doc(quirk: &QuirkInfo) -> (String, String) {
    let doc = quirk.doc.trim().trim_end_matches('.');
    let (text, section) = match doc.rsplit_once('(') {
        Some((text, section)) if section.starts_with("docs/spec/") => {
            (text, section.trim_end_matches(')'))
        }
        _ => (doc, ""),
    };
    (one_line(text), one_line(section))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn find(module: &'static Module, name: Option<&str>) -> Result<Vec<QuirkInfo>, Failure> {
    let mut quirks = of(module);
    let Some(name) = name else { return Ok(quirks) };
    let names: Vec<_> = quirks.iter().map(|quirk| quirk.name).collect();
    quirks.retain(|quirk| quirk.name == name);
    if !quirks.is_empty() {
        return Ok(quirks);
    }
    let hint =
        closest(name, names).map_or_else(String::new, |close| format!("did you mean {close}? "));
    Err(Failure::Usage(format!(
        "{id} has no quirk `{name}`; {hint}`attwin quirks {id}` lists all",
        id = module.id
    )))
}

fn described(quirks: &[QuirkInfo]) -> String {
    let mut text = String::new();
    for quirk in quirks {
        if !text.is_empty() {
            text.push('\n');
        }
        let (what, section) = doc(quirk);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{quirk}\n  {what}\n  takes   {}", quirk.wanted);
        if !section.is_empty() {
            let _ = writeln!(text, "  source  {section}");
        }
    }
    text
}

fn as_json(quirks: &[QuirkInfo]) -> String {
    let list = quirks.iter().map(|quirk| {
        let (what, section) = doc(quirk);
        json!({
            "name": quirk.name, "default": quirk.value, "takes": quirk.wanted,
            "changes": what, "section": section,
        })
    });
    let list: Vec<_> = list.collect();
    format!("{:#}\n", json!(list))
}

#[cfg(test)]
mod tests {
    use attwin_core::modules;

    use super::*;

    #[test]
    fn every_quirk_says_what_it_changes_and_where_that_stands() {
        for module in modules() {
            for quirk in of(module) {
                let (what, section) = doc(&quirk);
                assert!(!what.is_empty(), "{} {}", module.id, quirk.name);
                assert!(
                    section.starts_with("docs/spec/"),
                    "{} {}",
                    module.id,
                    quirk.name
                );
            }
        }
    }
}
