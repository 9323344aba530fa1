//! A command as the host means it.

use std::fmt::Write as _;

use attwin_core::{Form, Spec};

use super::profile::{Profile, is_extended};

/// One command of a line.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub(super) spec: &'static Spec,
    pub(super) form: Form,
    pub(super) args: Vec<Arg>,
    /// What is written after `AT`.
    pub(super) text: Vec<u8>,
    /// The table does not allow it.
    pub(super) invalid: bool,
}

/// An argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arg {
    Int(u32),
    Hex(u32),
    Text(Vec<u8>),
    /// A string without quotes.
    Bare(Vec<u8>),
    Omitted,
}

impl From<u32> for Arg {
    fn from(n: u32) -> Self {
        Self::Int(n)
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl Call {
    /// A valid call.
    pub(super) fn new(profile: &Profile, spec: &'static Spec, form: Form, args: Vec<Arg>) -> Self {
        let mut text = spec.name.as_bytes().to_vec();
        match form {
            Form::Test => text.extend_from_slice(b"=?"),
            Form::Read => text.push(b'?'),
            Form::Execute => {}
            Form::Write => write_args(&mut text, profile, spec, &args),
        }
        Self {
            spec,
            form,
            args,
            text,
            invalid: false,
        }
    }

    pub(super) fn is(&self, name: &str, form: Form) -> bool {
        self.spec.name == name && self.form == form
    }

    /// An integer argument.
    pub(super) fn int(&self, at: usize) -> Option<u32> {
        match self.args.get(at) {
            Some(Arg::Int(n) | Arg::Hex(n)) => Some(*n),
            _ => None,
        }
    }

    /// A string argument.
    pub(super) fn string(&self, at: usize) -> Option<&[u8]> {
        match self.args.get(at) {
            Some(Arg::Text(text) | Arg::Bare(text)) => Some(text),
            _ => None,
        }
    }

    /// An integer argument, 0 if there is none.
    pub(super) fn number(&self, at: usize) -> u32 {
        self.int(at).unwrap_or(0)
    }

    /// A string argument, empty if there is none.
    pub(super) fn text(&self, at: usize) -> &[u8] {
        self.string(at).unwrap_or_default()
    }

    /// An argument as it would be printed, if it is given.
    pub(super) fn value(&self, at: usize) -> Option<Vec<u8>> {
        match self.args.get(at)? {
            Arg::Int(n) | Arg::Hex(n) => Some(n.to_string().into_bytes()),
            Arg::Text(text) | Arg::Bare(text) => Some(text.clone()),
            Arg::Omitted => None,
        }
    }

    /// So many arguments as they would be printed.
    pub(super) fn values(&self, count: usize) -> Vec<Option<Vec<u8>>> {
        (0..count).map(|at| self.value(at)).collect()
    }

    /// Whether the host left an argument out between commas.
    pub(super) fn omits(&self) -> bool {
        self.args.contains(&Arg::Omitted)
    }

    /// Whether it only asks.
    pub(super) fn only_asks(&self) -> bool {
        matches!(self.form, Form::Test | Form::Read)
    }
}

fn write_args(text: &mut Vec<u8>, profile: &Profile, spec: &Spec, args: &[Arg]) {
    if is_extended(spec.name) || spec.name.starts_with('S') {
        text.push(b'=');
    }
    let option = spec.option.map(|option| Arg::Text(option.into()));
    for (i, arg) in option.iter().chain(args).enumerate() {
        if i > 0 {
            text.push(b',');
        }
        write_arg(text, profile, arg);
    }
}

fn write_arg(text: &mut Vec<u8>, profile: &Profile, arg: &Arg) {
    let mut number = String::new();
    // Writing to a string cannot fail.
    let _ = match arg {
        Arg::Int(n) => write!(number, "{n}"),
        Arg::Hex(n) => write!(number, "0x{n:04X}"),
        Arg::Text(string) => {
            profile.quote(text, string);
            Ok(())
        }
        Arg::Bare(string) => {
            text.extend_from_slice(string);
            Ok(())
        }
        Arg::Omitted => Ok(()),
    };
    text.extend_from_slice(number.as_bytes());
}
