//! How a demonstration looks.

use std::io::stdout;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use attwin_core::Module;
use serde_json::{Map, Value};

use super::packets::OnTheWire;
use super::script::Script;
use crate::failure::Failure;
use crate::output::print;
use crate::terminal::{colours, width};
use crate::trace::packets::Direction;

/// Columns before the fields of a packet.
const BEFORE_FIELDS: usize = 33;
/// The narrowest column of fields.
const LEAST_FIELDS: usize = 20;
/// The widest.
const MOST_FIELDS: usize = 67;

/// Standard output, line by line, with the time of each.
pub(super) struct Screen {
    started: Instant,
    style: Style,
}

/// ANSI sequences, or nothing.
struct Style {
    bold: &'static str,
    host: &'static str,
    module: &'static str,
    dim: &'static str,
    good: &'static str,
    plain: &'static str,
}

impl Screen {
    pub(super) fn new() -> Self {
        let style = if colours(&stdout()) {
            Style {
                bold: "\x1b[1m",
                host: "\x1b[36m",
                module: "\x1b[32m",
                dim: "\x1b[2m",
                good: "\x1b[1;32m",
                plain: "\x1b[0m",
            }
        } else {
            Style {
                bold: "",
                host: "",
                module: "",
                dim: "",
                good: "",
                plain: "",
            }
        };
        Self {
            started: Instant::now(),
            style,
        }
    }

    pub(super) fn title(
        &self,
        module: &Module,
        script: &Script,
        address: &str,
        broker: SocketAddr,
    ) -> Result<(), Failure> {
        let Style {
            bold,
            host,
            module: answer,
            dim,
            plain,
            ..
        } = self.style;
        print(&format!(
            "{bold}{}{plain}: {} {}\n\
             The example of {} ({}), carried out.\n\
             {dim}The module listens on {address}, the broker it finds instead of the manual's on \
             {broker}.{plain}\n\n\
             {:>11}{host}>{plain} the host   {answer}<{plain} the module   {dim}· MQTT between \
             module and broker{plain}\n",
            module.id, module.vendor, module.family, script.source, script.section, ""
        ))
    }

    pub(super) fn chapter(&self, text: &str) -> Result<(), Failure> {
        let Style { bold, plain, .. } = self.style;
        print(&format!("\n{bold}{text}{plain}\n"))
    }

    pub(super) fn host(&self, line: &str) -> Result<(), Failure> {
        self.line(self.style.host, ">", line)
    }

    pub(super) fn data(&self, data: &str) -> Result<(), Failure> {
        self.line(self.style.host, ">>", data)
    }

    pub(super) fn module(&self, line: &str) -> Result<(), Failure> {
        self.line(self.style.module, "<", line)
    }

    pub(super) fn elsewhere(&self, topic: &str, payload: &str) -> Result<(), Failure> {
        let text = format!("another client publishes \"{payload}\" to {topic}");
        self.line(self.style.bold, "*", &text)
    }

    pub(super) fn packet(&self, seen: &OnTheWire) -> Result<(), Failure> {
        let arrow = match seen.direction {
            Direction::ToBroker => "──▶",
            Direction::FromBroker => "◀──",
        };
        let room = width().saturating_sub(BEFORE_FIELDS);
        let room = room.clamp(LEAST_FIELDS, MOST_FIELDS);
        let mut lines = wrapped(&fields(&seen.packet.fields), room).into_iter();
        let first = lines.next().unwrap_or_default();
        let text = format!("{arrow} {:11} {first}", seen.packet.name);
        self.line(self.style.dim, "    ·", text.trim_end())?;
        for line in lines {
            self.line(self.style.dim, "    ·", &format!("{:15} {line}", ""))?;
        }
        Ok(())
    }

    pub(super) fn end(
        &self,
        module: &Module,
        answers: usize,
        took: Duration,
    ) -> Result<(), Failure> {
        let Style {
            good, dim, plain, ..
        } = self.style;
        print(&format!(
            "\n{good}Done.{plain} {answers} lines of the module, each as the manual has it, in \
             {:.1} s.\n\
             {dim}Now yourself:{plain} attwin run {} --broker embedded\n",
            took.as_secs_f64(),
            module.id
        ))
    }

    fn line(&self, colour: &str, mark: &str, text: &str) -> Result<(), Failure> {
        let Style { dim, plain, .. } = self.style;
        let time = self.started.elapsed().as_secs_f64();
        print(&format!(
            "{dim}{time:9.3}{plain}  {colour}{mark} {text}{plain}\n"
        ))
    }
}

/// A packet's fields in short: flags that are set by name, others with their
/// value.
fn fields(fields: &Map<String, Value>) -> Vec<String> {
    fields
        .iter()
        .filter_map(|(name, value)| match value {
            Value::Bool(false) => None,
            Value::Bool(true) => Some(name.clone()),
            Value::Array(list) => {
                let list: Vec<_> = list.iter().map(element).collect();
                Some(format!("{name}={}", list.join(",")))
            }
            value => Some(format!("{name}={value}")),
        })
        .collect()
}

/// An element of a list, such as a topic filter with its QoS.
fn element(value: &Value) -> String {
    match value {
        Value::Object(inner) => {
            let values: Vec<_> = inner.values().map(Value::to_string).collect();
            values.join(":")
        }
        value => value.to_string(),
    }
}

fn wrapped(fields: &[String], room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for field in fields {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + field.len() <= room => {
                line.push(' ');
                line.push_str(field);
            }
            _ => lines.push(field.clone()),
        }
    }
    lines
}
