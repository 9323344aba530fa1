//! `attwin explain`: what a line that a module says means, field by field.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{BufRead, Read, stdin};

use attwin_core::{Explanation, Module};
use clap::Args;

use crate::codes;
use crate::failure::Failure;
use crate::lookup::{closest, module_argument};
use crate::output::print;

const EXAMPLES: &str = "\
Examples:
  attwin explain quectel-ec25 '+QMTSTAT: 0,1'
  attwin explain simcom-sim7028 '+CMQTTCONNECT: 0,12' '+CME ERROR: 3'
  attwin explain yuge-clm920 < session.log";

/// Lines of one result code, at most.
const MOST_LINES: usize = 8;
/// Bytes of a line that are read at once.
const LONGEST_LINE: u64 = 1 << 20;

/// What to explain.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ExplainArgs {
    /// Which module; `attwin modules` lists all
    module: String,
    /// Lines as the module says them [default: those of standard input]
    line: Vec<String>,
}

/// Explains lines. Of standard input, what the module does not say is passed over.
pub(crate) fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let module = module_argument(&args.module)?;
    if args.line.is_empty() {
        return run_input(module);
    }
    for line in &args.line {
        let explanations = module.explain(line);
        if explanations.is_empty() {
            return Err(Failure::failed(unknown(module, line)));
        }
        print(&show(line, &explanations))?;
    }
    Ok(())
}

fn run_input(module: &Module) -> Result<(), Failure> {
    let mut input = stdin().lock();
    let mut lines = VecDeque::new();
    let (mut explained, mut passed_over) = (0, None);
    loop {
        while lines.len() < MOST_LINES
            && let Some(line) = read_line(&mut input)?
        {
            lines.push_back(line);
        }
        if lines.is_empty() {
            break;
        }
        let (taken, text) = first(module, lines.make_contiguous());
        match text {
            Some(text) => {
                explained += 1;
                print(&text)?;
            }
            None if passed_over.is_none() && !lines[0].is_empty() => {
                passed_over = Some(lines[0].clone());
            }
            None => {}
        }
        lines.drain(..taken);
    }
    match passed_over {
        _ if explained > 0 => Ok(()),
        Some(line) => Err(Failure::failed(unknown(module, &line))),
        None => Err(Failure::usage("there is no line to explain")),
    }
}

/// The next line, or as much of it as one can be long.
fn read_line(input: &mut impl BufRead) -> Result<Option<String>, Failure> {
    let mut line = Vec::new();
    match input.take(LONGEST_LINE).read_until(b'\n', &mut line) {
        Ok(0) => Ok(None),
        Ok(_) => Ok(Some(String::from_utf8_lossy(&line).trim().to_owned())),
        Err(error) => Err(Failure::failed(format!(
            "cannot read standard input: {error}"
        ))),
    }
}

/// Explains the first line, with those that follow it where they are one result
/// code together; how many they are.
fn first(module: &Module, lines: &[String]) -> (usize, Option<String>) {
    if lines[0].is_empty() {
        return (1, None);
    }
    let together = (1..=lines.len().min(MOST_LINES)).rev();
    for count in together {
        let line = lines[..count].join("\r\n");
        let explanations = module.explain(&line);
        // One line is not what another ends with.
        let whole = |one: &Explanation| one.shape.matches("\r\n").count() == count - 1;
        if explanations.iter().any(whole) {
            return (count, Some(show(&lines[..count].join("\n"), &explanations)));
        }
    }
    (1, None)
}

fn show(line: &str, explanations: &[Explanation]) -> String {
    let mut text = format!("{}\n", line.trim());
    for explanation in explanations {
        show_one(&mut text, explanation);
    }
    text.push('\n');
    text
}

// Writing to a string cannot fail, here and below.

fn show_one(text: &mut String, explanation: &Explanation) {
    let shape = explanation.shape.replace("\r\n", "\n         ");
    let _ = writeln!(text, "  shape  {shape}");
    if !explanation.when.is_empty() {
        let _ = writeln!(text, "  when   {}", explanation.when);
    }
    let fields = &explanation.fields;
    let width = |of: fn(&attwin_core::Explained) -> &str| {
        let widths = fields.iter().map(|field| of(field).chars().count());
        widths.max().unwrap_or(0)
    };
    let (names, values) = (width(|f| &f.name), width(|f| &f.value));
    for field in fields {
        let what = match (field.what, field.meaning) {
            (Some(what), Some(meaning)) => format!("{what}: {}", codes::meaning(meaning)),
            (Some(what), None) => what.to_owned(),
            (None, Some(meaning)) => codes::meaning(meaning),
            (None, None) => String::new(),
        };
        let line = format!("  {:names$} = {:values$}  {what}", field.name, field.value);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let _ = writeln!(text, "  source {}", explanation.section);
}

/// What to say of a line that the module does not say.
fn unknown(module: &Module, line: &str) -> String {
    let line = line.trim();
    if line
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("at"))
    {
        return format!(
            "`{line}` is what a host sends; `attwin commands {}` describes the commands",
            module.id
        );
    }
    let shapes: Vec<&str> = module.shapes().collect();
    let head = |shape: &str| -> String {
        let end = shape.find(['<', '[']).unwrap_or(shape.len());
        shape[..end].trim_end_matches([':', ' ', '"']).to_owned()
    };
    let said = line.split(':').next().unwrap_or(line);
    let same: Vec<&str> = shapes.iter().copied().filter(|s| head(s) == said).collect();
    let near = if same.is_empty() {
        let heads: Vec<String> = shapes.iter().map(|shape| head(shape)).collect();
        let best = closest(said, heads.iter().map(String::as_str));
        let best = best
            .as_deref()
            .and_then(|names| names.split([',', ' ']).next());
        let is_best = |shape: &&str| best.is_some_and(|best| head(shape) == best);
        shapes.into_iter().filter(is_best).collect()
    } else {
        same
    };
    let mut text = format!("{} does not say `{line}`", module.id);
    for (number, shape) in near.iter().take(4).enumerate() {
        let word = if number == 0 {
            "; what comes nearest: "
        } else {
            ", "
        };
        let _ = write!(text, "{word}{}", shape.replace("\r\n", " "));
    }
    text
}
