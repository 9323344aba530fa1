//! `attwin faults`: the faults that can be injected.

use std::fmt::Write as _;

use attwin_sim::fault::{
    FaultInfo, Place, Preset, Term, catalogue, modifiers, placeholders, presets,
};
use clap::Args;

use crate::failure::Failure;
use crate::lookup::closest;
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  attwin faults
  attwin faults drop
  attwin run quectel-ec25 --fault 'drop puback 2' --fault 'half-open in=60s'
  attwin run quectel-ec25 --fault 'preset daily-detach'";

/// What to list.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FaultsArgs {
    /// The first word of a fault, or the name of a preset
    name: Option<String>,
}

/// Columns of a syntax that stands beside its explanation.
const BESIDE: usize = 43;

const HEAD: &str = "\
A fault is written after --fault of `attwin run`, after `!` in a scenario, and in
`faults` of a configuration file. `attwin faults NAME` explains one.
";

/// Lists every fault, or describes those of one name.
pub(crate) fn run(args: &FaultsArgs) -> Result<(), Failure> {
    match &args.name {
        None => print(&list()),
        Some(name) => print(&describe(name)?),
    }
}

/// Every fault in one line.
fn list() -> String {
    let mut text = HEAD.to_owned();
    let places = [
        (Place::Serial, "Serial line"),
        (Place::Mqtt, "MQTT packets"),
        (Place::Network, "Network"),
        (Place::Radio, "Supply, SIM and radio"),
    ];
    for (place, title) in places {
        heading(&mut text, title);
        for info in catalogue().iter().filter(|info| info.place == place) {
            entry(&mut text, info.syntax, info.summary);
        }
    }
    terms(&mut text);
    heading(&mut text, "Presets: what firmware meets in the field");
    for preset in presets() {
        entry(
            &mut text,
            &format!("preset {}", preset.name),
            preset.reproduces,
        );
    }
    text
}

/// Everything about the faults or the preset of this name.
fn describe(name: &str) -> Result<String, Failure> {
    let forms: Vec<_> = catalogue()
        .iter()
        .filter(|info| info.name == name)
        .collect();
    let preset = presets().iter().find(|preset| preset.name == name);
    if forms.is_empty() && preset.is_none() {
        let names = catalogue().iter().map(|info| info.name);
        let mut names: Vec<_> = names.chain(presets().iter().map(|p| p.name)).collect();
        names.sort_unstable();
        names.dedup();
        let close = closest(name, names);
        let hint = close.map_or_else(String::new, |close| format!("did you mean {close}? "));
        return Err(Failure::usage(format!(
            "unknown fault `{name}`; {hint}`attwin faults` lists all"
        )));
    }
    let mut text = String::new();
    for form in &forms {
        describe_form(&mut text, form);
    }
    if let Some(preset) = preset {
        describe_preset(&mut text, preset);
    }
    terms(&mut text);
    Ok(text)
}

fn describe_form(text: &mut String, form: &FaultInfo) {
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "{}\n  {}\n  for example: {}\n",
        form.syntax, form.summary, form.example
    );
}

fn describe_preset(text: &mut String, preset: &Preset) {
    let _ = writeln!(
        text,
        "preset {}\n  {}\n  the same as:",
        preset.name, preset.reproduces
    );
    for fault in preset.faults {
        let _ = writeln!(text, "    {fault}");
    }
}

fn terms(text: &mut String) {
    let mut list = |title, terms: &[Term]| {
        heading(text, title);
        for term in terms {
            entry(text, term.syntax, term.summary);
        }
    };
    list("Words in capitals", placeholders());
    list("After any fault, where it makes sense", modifiers());
}

fn heading(text: &mut String, title: &str) {
    if !text.is_empty() && !text.ends_with("\n\n") {
        text.push('\n');
    }
    let _ = writeln!(text, "{title}");
}

fn entry(text: &mut String, syntax: &str, summary: &str) {
    let _ = writeln!(text, "  {syntax:BESIDE$}  {summary}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_listed_and_described() {
        let list = list();
        for info in catalogue() {
            assert!(list.contains(info.syntax), "{}", info.syntax);
            let text = describe(info.name).unwrap();
            assert!(text.contains(info.example), "{}", info.example);
        }
        for preset in presets() {
            assert!(list.contains(&format!("preset {} ", preset.name)));
            let text = describe(preset.name).unwrap();
            assert!(text.contains(preset.faults[0]), "{}", preset.name);
        }
    }
}
