//! Splitting a command line into commands (V.250 sections 5.2 to 5.4).

use arrayvec::ArrayVec;

use super::quirks::{GrammarQuirks, Prefix};
use super::quoted::end_of_string;
use super::spec::Form;

/// Longest command name any module has, with room to spare; a longer one is
/// no command.
const NAME_LIMIT: usize = 32;

/// One command of a line: its name, form and unread arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command<'a> {
    /// `+CSQ`, `&F`, `E`, `S3`; as the host spelled it.
    pub(crate) name: ArrayVec<u8, NAME_LIMIT>,
    /// Form.
    pub(crate) form: Form,
    /// What follows `=`, or the number after a basic command.
    pub(crate) arguments: &'a [u8],
    /// `arguments` as they are if this command takes the whole rest of the
    /// line, `;` included.
    pub(crate) rest_of_line: &'a [u8],
}

/// Why a line holds no commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoCommands {
    /// To be answered `ERROR`.
    Refused,
    /// To be left without an answer.
    Ignored,
}

/// The text after the AT prefix.
pub(crate) fn body<'a>(line: &'a [u8], quirks: &GrammarQuirks) -> Result<&'a [u8], NoCommands> {
    let is_prefix = |pair: &[u8]| pair.eq_ignore_ascii_case(b"AT");
    match quirks.prefix {
        Prefix::Search => line
            .windows(2)
            .position(is_prefix)
            .map(|at| &line[at + 2..])
            .ok_or(NoCommands::Ignored),
        Prefix::Refuse | Prefix::Ignore => match line.trim_ascii_start().split_at_checked(2) {
            Some((prefix, rest)) if is_prefix(prefix) => Ok(rest),
            _ if quirks.prefix == Prefix::Ignore => Err(NoCommands::Ignored),
            _ => Err(NoCommands::Refused),
        },
    }
}

/// Whether a line holds more commands than the module accepts
/// (docs/spec/simcom.md 2.4).
pub(crate) fn has_too_many(body: &[u8], quirks: &GrammarQuirks) -> bool {
    let most = quirks.commands_per_line;
    if most == 0 {
        return false;
    }
    let mut rest = body;
    (0..=most).all(|_| matches!(next(&mut rest, quirks), Ok(Some(_))))
}

/// Takes the next command off the front of `rest`; `None` at the end of the
/// line, `Err` for text that is no command.
pub(crate) fn next<'a>(
    rest: &mut &'a [u8],
    quirks: &GrammarQuirks,
) -> Result<Option<Command<'a>>, NoCommands> {
    while let [b' ', tail @ ..] = rest {
        *rest = tail;
    }
    if let ([b';', tail @ ..], true) = (*rest, quirks.command_list) {
        *rest = tail;
        return next(rest, quirks);
    }
    match rest.first() {
        None => Ok(None),
        Some(b'&' | b'A'..=b'Z' | b'a'..=b'z') => basic(rest).map(Some),
        Some(_) => extended(rest, quirks).map(Some),
    }
}

/// `E0`, `&F`, `S3=13`, `S3?`: nothing separates one from the next.
fn basic<'a>(rest: &mut &'a [u8]) -> Result<Command<'a>, NoCommands> {
    let text = *rest;
    let digits = |from: usize| {
        text[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let letter = usize::from(text[0] == b'&');
    let Some(true) = text.get(letter).map(u8::is_ascii_alphabetic) else {
        return Err(NoCommands::Refused);
    };
    let mut name_end = letter + 1;
    let (form, arguments, end);
    if letter == 0 && text[0].eq_ignore_ascii_case(&b'D') {
        // A dial string reaches to the end of the line (V.250 section 6.3.1).
        let name = ArrayVec::try_from(&text[..1]).map_err(|_| NoCommands::Refused)?;
        *rest = &[];
        return Ok(Command {
            name,
            form: Form::Write,
            arguments: &text[1..],
            rest_of_line: &text[1..],
        });
    }
    if letter == 0 && text[0].eq_ignore_ascii_case(&b'S') && digits(1) > 0 {
        name_end += digits(1);
        match text.get(name_end) {
            Some(b'=') => {
                let value = name_end + 1;
                end = value + digits(value);
                (form, arguments) = (Form::Write, &text[value..end]);
            }
            Some(b'?') => {
                end = name_end + 1;
                (form, arguments) = (Form::Read, &text[..0]);
            }
            _ => {
                end = name_end;
                (form, arguments) = (Form::Execute, &text[..0]);
            }
        }
    } else {
        end = name_end + digits(name_end);
        arguments = &text[name_end..end];
        form = if arguments.is_empty() {
            Form::Execute
        } else {
            Form::Write
        };
    }
    let name = ArrayVec::try_from(&text[..name_end]).map_err(|_| NoCommands::Refused)?;
    *rest = &text[end..];
    Ok(Command {
        name,
        form,
        arguments,
        rest_of_line: arguments,
    })
}

/// `+NAME`, `+NAME?`, `+NAME=?`, `+NAME=…`, up to `;`.
fn extended<'a>(rest: &mut &'a [u8], quirks: &GrammarQuirks) -> Result<Command<'a>, NoCommands> {
    let text = *rest;
    let end = if quirks.command_list {
        end_of_command(text, quirks)
    } else {
        text.len()
    };
    *rest = text.get(end + 1..).unwrap_or_default();
    let command = text[..end].trim_ascii_end();
    let name_end = command
        .iter()
        .position(|&b| b == b'=' || b == b'?')
        .unwrap_or(command.len());
    let (raw_name, tail) = command.split_at(name_end);
    let mut name = ArrayVec::new();
    for &byte in raw_name
        .iter()
        .filter(|b| !matches!(b, b' ' | b'\t') || !quirks.spaces_in_names)
    {
        name.try_push(byte).map_err(|_| NoCommands::Refused)?;
    }
    let (form, arguments) = match tail {
        [] => (Form::Execute, tail),
        [b'?'] => (Form::Read, &tail[1..]),
        [b'=', arguments @ ..] if arguments.trim_ascii() == b"?" => (Form::Test, &tail[..0]),
        [b'=', arguments @ ..] => (Form::Write, arguments),
        _ => return Err(NoCommands::Refused),
    };
    let rest_of_line = if form == Form::Write {
        &text[name_end + 1..]
    } else {
        arguments
    };
    Ok(Command {
        name,
        form,
        arguments,
        rest_of_line,
    })
}

/// The position of the `;` that ends the command at the start of `text`.
fn end_of_command(text: &[u8], quirks: &GrammarQuirks) -> usize {
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b';' => return at,
            b'"' => match end_of_string(&text[at..], quirks) {
                Some(len) => at += len,
                None => return text.len(),
            },
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    use super::super::quirks::Escapes;
    use super::*;

    fn split(
        line: &[u8],
        quirks: &GrammarQuirks,
    ) -> Result<Vec<(String, Form, String)>, NoCommands> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_string();
        let mut rest = body(line, quirks)?;
        let mut commands = Vec::new();
        while let Some(command) = next(&mut rest, quirks)? {
            commands.push((text(&command.name), command.form, text(command.arguments)));
        }
        Ok(commands)
    }

    fn one(name: &str, form: Form, arguments: &str) -> (String, Form, String) {
        (name.to_string(), form, arguments.to_string())
    }

    #[test]
    fn a_dial_string_is_the_rest_of_the_line() {
        for (line, string) in [(&b"ATD*99#"[..], "*99#"), (b"atdt 1;E0", "t 1;E0")] {
            let commands = split(line, &GrammarQuirks::DEFAULT).expect("one command");
            let [(name, Form::Write, arguments)] = &commands[..] else {
                panic!("{commands:?}");
            };
            assert_eq!(
                (name.to_uppercase().as_str(), arguments.as_str()),
                ("D", string)
            );
        }
    }

    #[test]
    fn basic_commands_need_no_separator() {
        // The example of docs/spec/simcom.md 2.4.
        let line = b"ATE1Q0S0=1S3=13V1X4;+IFC=0,0;+IPR=115200";
        assert_eq!(
            split(line, &GrammarQuirks::DEFAULT),
            Ok([
                one("E", Form::Write, "1"),
                one("Q", Form::Write, "0"),
                one("S0", Form::Write, "1"),
                one("S3", Form::Write, "13"),
                one("V", Form::Write, "1"),
                one("X", Form::Write, "4"),
                one("+IFC", Form::Write, "0,0"),
                one("+IPR", Form::Write, "115200"),
            ]
            .into())
        );
        assert_eq!(
            split(b"AT&F&W0S3?I", &GrammarQuirks::DEFAULT),
            Ok([
                one("&F", Form::Execute, ""),
                one("&W", Form::Write, "0"),
                one("S3", Form::Read, ""),
                one("I", Form::Execute, ""),
            ]
            .into())
        );
    }

    #[test]
    fn forms() {
        let quirks = GrammarQuirks::DEFAULT;
        for (line, form, arguments) in [
            (&b"AT+X"[..], Form::Execute, ""),
            (b"at+X ", Form::Execute, ""),
            (b"AT+X?", Form::Read, ""),
            (b"AT+X=?", Form::Test, ""),
            (b"AT+X= ? ", Form::Test, ""),
            (b"AT+X=", Form::Write, ""),
            (b"AT+X=\"a=?\"", Form::Write, "\"a=?\""),
        ] {
            assert_eq!(
                split(line, &quirks),
                Ok([one("+X", form, arguments)].into()),
                "{line:?}"
            );
        }
        assert_eq!(split(b"AT+X?1", &quirks), Err(NoCommands::Refused));
    }

    #[test]
    fn a_separator_inside_a_string_is_data() {
        let quirks = GrammarQuirks::DEFAULT;
        assert_eq!(
            split(br#"AT+X="a;b",1;+Y"#, &quirks),
            Ok([
                one("+X", Form::Write, r#""a;b",1"#),
                one("+Y", Form::Execute, "")
            ]
            .into())
        );
        assert_eq!(
            split(br#"AT+X="a";b",1;+Y"#, &quirks).map(|v| v.len()),
            Ok(3),
            "a quote before a separator closes"
        );
        let escaping = GrammarQuirks {
            escapes: Escapes::QuoteAndBackslash,
            ..GrammarQuirks::DEFAULT
        };
        assert_eq!(
            split(br#"AT+X="a\";b";+Y"#, &escaping).map(|v| v.len()),
            Ok(2)
        );
    }

    #[test]
    fn prefixes() {
        let search = GrammarQuirks::DEFAULT;
        assert_eq!(
            split(b"\0xxAT+X", &search),
            Ok([one("+X", Form::Execute, "")].into())
        );
        assert_eq!(split(b"hello", &search), Err(NoCommands::Ignored));
        let refuse = GrammarQuirks {
            prefix: Prefix::Refuse,
            ..GrammarQuirks::DEFAULT
        };
        assert_eq!(split(b"xxAT+X", &refuse), Err(NoCommands::Refused));
        let ignore = GrammarQuirks {
            prefix: Prefix::Ignore,
            ..GrammarQuirks::DEFAULT
        };
        assert_eq!(split(b"xxAT+X", &ignore), Err(NoCommands::Ignored));
        assert_eq!(split(b"  At", &ignore), Ok([].into()));
    }

    #[test]
    fn spaces_in_names_where_a_module_allows_them() {
        let quirks = GrammarQuirks {
            spaces_in_names: true,
            command_list: false,
            ..GrammarQuirks::DEFAULT
        };
        assert_eq!(
            split(b"AT+IMQTT PARA = 1;2", &quirks),
            Ok([one("+IMQTTPARA", Form::Write, " 1;2")].into())
        );
        assert_eq!(
            split(b"AT+X Y=1", &GrammarQuirks::DEFAULT),
            Ok([one("+X Y", Form::Write, "1")].into()),
            "elsewhere the space stays and no row has such a name"
        );
    }
}
