//! `attwin fidelity`: for everything a module says, where its bytes come from.

use std::fmt::Write as _;

use attwin_core::{Form, Module, Origin};
use clap::Args;

use crate::codes;
use crate::commands::{forms, title};
use crate::failure::Failure;
use crate::lookup::module_argument;
use crate::output::print;
use crate::quirks;

const EXAMPLES: &str = "\
The ledgers under docs/fidelity are the output of this command.

Example:
  attwin fidelity quectel-ec25";

/// Whose ledger to show.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct FidelityArgs {
    /// Which module; `attwin modules` lists all
    module: String,
}

/// Shows the ledger of a module.
pub(crate) fn run(args: &FidelityArgs) -> Result<(), Failure> {
    print(&ledger(module_argument(&args.module)?))
}

/// The ledger of a module, in Markdown.
fn ledger(module: &'static Module) -> String {
    let mut out = format!(
        "# Fidelity of {id}\n\n\
         What `attwin fidelity {id}` prints: made from the module's own tables, and kept true by\n\
         the tests. {vendor} {family}, `{commands}`; the normative text is {spec}.\n\n\
         | origin | the bytes come from |\n\
         |---|---|\n\
         | manual | the vendor's manual |\n\
         | field | public code, logs, or the manual of a sibling |\n\
         | decision | neither: the specification decides |\n",
        id = module.id,
        vendor = module.vendor,
        family = module.family,
        commands = module.commands,
        spec = module.spec,
    );
    commands(&mut out, module);
    result_codes(&mut out, module);
    meanings(&mut out, module);
    settings(&mut out, module);
    gaps(&mut out, module);
    out
}

// Writing to a string cannot fail, here and below.

fn commands(out: &mut String, module: &Module) {
    out.push_str(
        "\n## Commands\n\n\
         | command | what it does | forms | section | origin |\n\
         |---|---|---|---|---|\n",
    );
    for spec in module.command_table() {
        let parameters = match spec.write {
            Some(_) if spec.has(Form::Write) => spec.syntax(),
            _ => None,
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            code(&parameters.unwrap_or_else(|| title(spec))),
            cell(spec.summary),
            forms(spec),
            spec.section,
            origin(spec.origin)
        );
    }
}

fn result_codes(out: &mut String, module: &Module) {
    out.push_str(
        "\n## Unsolicited result codes\n\n\
         | line | when | section | origin |\n\
         |---|---|---|---|\n",
    );
    for urc in module.urc_table() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            code(&urc.shape.replace("\r\n", "⏎")),
            cell(urc.when),
            urc.section,
            origin(urc.origin)
        );
    }
}

/// What the values of result codes and answers mean.
fn meanings(out: &mut String, module: &Module) {
    let urcs = module.urc_table().map(|urc| (urc.shape, urc.fields));
    let table = module.command_table().into_iter();
    let answers = table.flat_map(|spec| spec.answers.iter());
    let answers = answers.map(|answer| (answer.shape, answer.fields));
    let mut rows = Vec::new();
    for (shape, fields) in urcs.chain(answers) {
        for field in fields {
            for value in field.values {
                let shape = shape.replace("\r\n", "⏎");
                rows.push((shape, field.name, value));
            }
        }
    }
    let errors = module.errors().iter();
    rows.extend(errors.map(|value| ("+CME ERROR: <err>".to_owned(), "err", value)));
    if rows.is_empty() {
        return;
    }
    out.push_str(
        "\n## Codes\n\n\
         | line | field | value | meaning |\n\
         |---|---|---|---|\n",
    );
    for (shape, field, value) in rows {
        let (shape, number) = (code(&shape), code(value.value));
        let meaning = cell(&codes::meaning(value));
        let _ = writeln!(out, "| {shape} | {field} | {number} | {meaning} |");
    }
}

fn settings(out: &mut String, module: &'static Module) {
    out.push_str(
        "\n## Quirks\n\n\
         Differences that `--quirk NAME=VALUE` sets.\n\n\
         | name | default | takes | what it changes | section |\n\
         |---|---|---|---|---|\n",
    );
    for quirk in quirks::of(module) {
        let (what, section) = quirks::doc(&quirk);
        let value = quirk.value.split_whitespace().collect::<Vec<_>>().join(" ");
        let value = if value.is_empty() {
            String::new()
        } else {
            code(&value)
        };
        let _ = writeln!(
            out,
            "| {} | {value} | {} | {} | {section} |",
            code(quirk.name),
            cell(&quirk.wanted),
            cell(&what),
        );
    }
}

fn gaps(out: &mut String, module: &Module) {
    out.push_str(
        "\n## Not implemented, or not wholly\n\n\
         | what | section | what happens instead, and why |\n\
         |---|---|---|\n",
    );
    for gap in module.gaps() {
        let _ = writeln!(
            out,
            "| {} | {} | {} |",
            cell(gap.what),
            gap.section,
            cell(gap.why)
        );
    }
}

fn code(text: &str) -> String {
    format!("`{}`", cell(text))
}

/// A bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Manual => "manual",
        Origin::Field => "field",
        Origin::Decision => "decision",
    }
}
