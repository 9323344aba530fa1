//! `attwin commands`: a module's commands, as its table describes them.

use std::fmt::Write as _;

use attwin_core::{Form, Kind, MaxTime, Module, Origin, Params, Spec, Test};
use clap::Args;

use crate::codes;
use crate::failure::Failure;
use crate::lookup::{closest, module_argument};
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  attwin commands quectel-ec25 --list
  attwin commands quectel-ec25 qmtpubex
  attwin commands quectel-ec25 | grep -A9 keepalive";

/// What to describe.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CommandsArgs {
    /// Which module; `attwin modules` lists all
    module: String,
    /// Show only commands or options of this name, with or without AT and +
    name: Option<String>,
    /// One line per command
    #[arg(short, long)]
    list: bool,
}

/// Lists or describes commands.
pub(crate) fn run(args: &CommandsArgs) -> Result<(), Failure> {
    let module = module_argument(&args.module)?;
    let name = args.name.as_deref();
    print(&if args.list {
        list(module, name)?
    } else {
        describe(module, name)?
    })
}

/// Everything about the commands called `name`, or about all.
fn describe(module: &Module, name: Option<&str>) -> Result<String, Failure> {
    let mut out = String::new();
    for spec in find(module, name)? {
        if !out.is_empty() {
            out.push('\n');
        }
        describe_one(&mut out, module, spec);
    }
    Ok(out)
}

/// One line per command.
fn list(module: &Module, name: Option<&str>) -> Result<String, Failure> {
    let specs = find(module, name)?;
    let width = specs
        .iter()
        .map(|spec| title(spec).len())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for spec in specs {
        let line = format!(
            "{:width$}  {:23}  {}",
            title(spec),
            forms(spec),
            spec.summary
        );
        out.push_str(line.trim_end());
        out.push('\n');
    }
    Ok(out)
}

fn find(module: &Module, name: Option<&str>) -> Result<Vec<&'static Spec>, Failure> {
    let table = module.command_table();
    let Some(name) = name else { return Ok(table) };
    let wanted = bare(name);
    let found: Vec<_> = table
        .iter()
        .copied()
        .filter(|spec| is_called(spec, &wanted))
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let mut names: Vec<_> = table.iter().map(|spec| spec.name).collect();
    names.dedup();
    let hint = closest(&format!("+{wanted}"), names)
        .map_or_else(String::new, |close| format!("did you mean {close}? "));
    Err(Failure::Usage(format!(
        "{} has no command `{name}`; {hint}`attwin commands {} --list` lists all",
        module.id, module.id
    )))
}

/// A name is given with or without `AT` and `+`, in any case; an option's name
/// finds its command too.
fn is_called(spec: &Spec, wanted: &str) -> bool {
    let names = std::iter::once(spec.name)
        .chain(spec.option)
        .chain(spec.aliases.iter().copied());
    names.into_iter().any(|name| bare(name) == wanted)
}

fn bare(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let name = name
        .strip_prefix("at")
        .filter(|rest| !rest.is_empty())
        .unwrap_or(&name);
    name.trim_start_matches('+').to_owned()
}

fn describe_one(out: &mut String, module: &Module, spec: &Spec) {
    // Writing to a string cannot fail, here and below.
    let _ = writeln!(out, "{}  {}", title(spec), spec.summary);
    let name = format!("AT{}", spec.name);
    if spec.has(Form::Test) {
        row(out, "test", &format!("{name}=?"));
        match spec.test {
            Test::Lines(lines) => {
                for line in lines {
                    row(out, "", &format!("  {line}"));
                }
            }
            Test::Computed => row(out, "", "  (depends on the module's state)"),
            Test::Ok | Test::None => {}
        }
    }
    if spec.has(Form::Read) {
        row(out, "read", &format!("{name}?"));
    }
    if spec.has(Form::Execute) {
        row(out, "execute", &name);
    }
    if let (Some(syntax), Some(params)) = (spec.syntax(), &spec.write) {
        row(out, "write", &syntax);
        parameters(out, params);
    }
    for answer in spec.answers {
        row(out, "answer", answer.shape);
        below(out, &codes::fields(answer.fields));
    }
    for urc in module.urc_table().filter(|urc| is_result(urc.shape, spec)) {
        row(out, "later", &urc.shape.replace("\r\n", " "));
        row(out, "", &format!("  {}", urc.when));
        below(out, &codes::fields(urc.fields));
    }
    if !spec.aliases.is_empty() {
        row(out, "also", &spec.aliases.join(", "));
    }
    match spec.max_time {
        Some(MaxTime::Fixed(time)) => row(out, "max time", &format!("{time:?}")),
        Some(MaxTime::Settings(words)) => row(out, "max time", words),
        None => {}
    }
    if let Some(code) = spec.refusal {
        let code = code.to_string();
        let known = module.errors().iter().find(|error| error.value == code);
        let means = known.map_or_else(String::new, |error| format!(": {}", codes::meaning(error)));
        row(out, "refusal", &format!("CME error {code}{means}"));
    }
    row(out, "example", &format!("AT{}", spec.example));
    let source = format!("{} ({})", spec.section, origin(spec.origin));
    row(out, "source", &source);
}

fn row(out: &mut String, label: &str, text: &str) {
    let line = format!("  {label:9}{text}");
    out.push_str(line.trim_end());
    out.push('\n');
}

fn parameters(out: &mut String, params: &Params) {
    let (group, most) = params.repeated.unwrap_or((&[], 0));
    let all = || params.fixed.iter().chain(group);
    let width = all().map(|param| param.name.len()).max().unwrap_or(0);
    for (i, param) in all().enumerate() {
        let mut text = format!("  {:width$}  {}", param.name, param.range());
        if matches!(param.kind, Kind::QuotableInteger(..)) {
            text.push_str(", quotes allowed");
        }
        if param.optional {
            text.push_str(", optional");
        }
        if i >= params.fixed.len() && most > 1 {
            // Writing to a string cannot fail.
            let _ = write!(text, ", up to {most} times");
        }
        row(out, "", &text);
        let values = codes::values(param.values);
        below(
            out,
            &values.iter().map(|v| format!("  {v}")).collect::<Vec<_>>(),
        );
    }
}

/// Lines that belong to the row before them.
fn below(out: &mut String, lines: &[String]) {
    for line in lines {
        row(out, "", &format!("  {line}"));
    }
}

/// Whether a result code comes after this command: it has its name.
fn is_result(shape: &str, spec: &Spec) -> bool {
    spec.option.is_none()
        && shape
            .strip_prefix(spec.name)
            .is_some_and(|rest| rest.starts_with(':'))
}

/// A command with its option, as a host writes it.
pub(crate) fn title(spec: &Spec) -> String {
    match spec.option {
        Some(option) => format!("AT{}=\"{option}\"", spec.name),
        None => format!("AT{}", spec.name),
    }
}

/// The forms a command has.
pub(crate) fn forms(spec: &Spec) -> String {
    [
        (Form::Test, "test"),
        (Form::Read, "read"),
        (Form::Execute, "execute"),
        (Form::Write, "write"),
    ]
    .iter()
    .filter(|(form, _)| spec.has(*form))
    .map(|(_, word)| *word)
    .collect::<Vec<_>>()
    .join(" ")
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Manual => "vendor's manual",
        Origin::Field => "seen in the field",
        Origin::Decision => "decision of the specification",
    }
}
