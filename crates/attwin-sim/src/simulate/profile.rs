//! What is data about a command set: how lines are written and read, byte by
//! byte.

use super::shape::{fits, values};

/// How a module's lines look and what it makes of the host's.
#[derive(Debug)]
pub(super) struct Profile {
    /// What may stand between a name and the values of its information text.
    pub(super) separators: &'static [&'static str],
    /// Shape of a final result that carries an error number.
    pub(super) cme: &'static str,
    /// What may stand there under AT+CMEE=2 instead of the number.
    pub(super) texts: &'static [&'static str],
    /// Shapes of what it says when it wants data, framing included.
    pub(super) prompts: &'static [&'static str],
    /// How strings are written between quotes.
    pub(super) escapes: Escapes,
    /// Whether strings are also understood without quotes.
    pub(super) bare_strings: bool,
    /// Whether integers are also understood in quotes.
    pub(super) quoted_integers: bool,
    /// Whether arguments beyond the last parameter are ignored.
    pub(super) surplus_arguments: bool,
    /// Whether several commands may stand on one line.
    pub(super) lists: bool,
    /// Whether data may follow its command at once, without waiting for the
    /// prompt.
    pub(super) bursts: bool,
    /// Bytes in command state that are no command and are not answered.
    pub(super) noise: &'static [&'static [u8]],
    /// Bytes after the end of data that are not answered either.
    pub(super) surplus: &'static [u8],
    /// What stands between name and values of a registration report.
    pub(super) registration: &'static str,
    /// Information text that does not begin with the name of its command: of
    /// which commands, separated by spaces, and what it looks like instead;
    /// both are shapes, as [`fits`] reads them.
    pub(super) answers: &'static [(&'static str, &'static [&'static str])],
    /// Commands not to call at random, because they would end the
    /// conversation.
    pub(super) avoided: &'static [&'static str],
    /// Whether a QoS 2 message is shown when its PUBLISH arrives, or when its
    /// PUBREL does (MQTT 3.1.1 figure 4.3).
    pub(super) shows_on_publish: bool,
}

/// What stands for a quote or a backslash between quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// Nothing: a quote cannot be written, a backslash is itself.
    None,
    /// A backslash makes a quote a part of the string; before any other byte
    /// it is itself.
    Quote,
    /// A backslash makes a quote or a backslash a part of the string.
    Backslash,
}

impl Profile {
    /// As most modules are.
    pub(super) const BASE: Self = Self {
        separators: &[": "],
        cme: "+CME ERROR: *",
        // 3GPP 27.007 section 9.2.
        texts: &[
            "operation not allowed",
            "SIM not inserted",
            "SIM PIN required",
            "SIM PUK required",
            "SIM failure",
            "SIM busy",
            "incorrect password",
            "no network service",
            "incorrect parameters",
        ],
        prompts: &[],
        escapes: Escapes::None,
        bare_strings: false,
        quoted_integers: false,
        surplus_arguments: false,
        lists: false,
        bursts: false,
        noise: &[],
        surplus: b"",
        registration: ": ",
        answers: &[],
        // They would change how lines end, or silence result codes.
        avoided: &["Q", "S3", "S4", "S5"],
        shows_on_publish: true,
    };

    /// Whether a line of information text begins with the name of a command.
    pub(super) fn is_named(&self, name: &str, line: &[u8]) -> bool {
        let rest = line.strip_prefix(name.as_bytes()).unwrap_or_default();
        let separated = |by: &&str| rest.starts_with(by.as_bytes());
        self.separators.iter().any(separated)
    }

    /// Whether a line of information text has one of the shapes listed for a
    /// command.
    pub(super) fn answers(&self, name: &str, line: &[u8]) -> bool {
        let is_its = |of: &str| of.split(' ').any(|of| fits(of, name.as_bytes()));
        let mut shapes = self.answers.iter().filter(|(of, _)| is_its(of));
        shapes.any(|(_, shapes)| shapes.iter().any(|shape| fits(shape, line)))
    }

    /// Whether a line is a final result with an error number or its text.
    pub(super) fn is_error(&self, line: &[u8]) -> bool {
        values(self.cme, line).is_some_and(|values| {
            let reason = values.concat();
            let is_number = !reason.is_empty() && reason.iter().all(u8::is_ascii_digit);
            is_number || self.texts.iter().any(|text| text.as_bytes() == reason)
        })
    }

    /// Whether a line reports a change of the registration, as 3GPP 27.007 has
    /// it for all modules.
    pub(super) fn is_registration(&self, line: &[u8]) -> bool {
        let names = ["+CREG", "+CGREG", "+CEREG"];
        let mut values = names.iter().filter_map(|name| {
            let rest = line.strip_prefix(name.as_bytes())?;
            rest.strip_prefix(self.registration.as_bytes())
        });
        let shapes = ["#", "#,\"*\",\"*\",#", "#,\"*\",\"*\",#,*", "#,,,,*"];
        values.any(|values| shapes.iter().any(|shape| fits(shape, values)))
    }

    /// Appends a string with its quotes.
    ///
    /// # Panics
    /// If the string cannot be written: the simulation does not call with
    /// strings the module has no spelling for.
    pub(super) fn quote(&self, text: &mut Vec<u8>, string: &[u8]) {
        assert!(self.can_write(string), "{}", string.escape_ascii());
        text.push(b'"');
        for byte in string {
            let escaped = match self.escapes {
                Escapes::None => false,
                Escapes::Quote => *byte == b'"',
                Escapes::Backslash => matches!(byte, b'"' | b'\\'),
            };
            if escaped {
                text.push(b'\\');
            }
            text.push(*byte);
        }
        text.push(b'"');
    }

    /// Whether a string has a spelling between quotes.
    pub(super) fn can_write(&self, string: &[u8]) -> bool {
        match self.escapes {
            Escapes::None => !string.contains(&b'"'),
            // Its last byte would make the closing quote a part of it.
            Escapes::Quote => string.last() != Some(&b'\\'),
            Escapes::Backslash => true,
        }
    }

    /// Whether a string has a spelling without quotes.
    pub(super) fn can_write_bare(&self, string: &[u8]) -> bool {
        let special = |byte: &u8| matches!(byte, b',' | b'"' | b';' | b'?') || !byte.is_ascii();
        self.bare_strings
            && string.trim_ascii().len() == string.len()
            && !string.is_empty()
            && !string.iter().any(special)
    }
}

/// Whether a command is written with `=`: all but the basic ones of V.250,
/// where only S-registers are.
pub(super) fn is_extended(name: &str) -> bool {
    !name.starts_with(|first: char| first == '&' || first.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn with(escapes: Escapes) -> Profile {
        Profile {
            escapes,
            bare_strings: true,
            ..Profile::BASE
        }
    }

    #[test]
    fn strings_are_spelled_as_the_module_reads_them() {
        let spelled = |escapes, string: &[u8]| {
            let mut text = Vec::new();
            with(escapes).quote(&mut text, string);
            String::from_utf8(text).expect("the tests spell text")
        };
        assert_eq!(spelled(Escapes::None, br"a\b"), r#""a\b""#);
        assert_eq!(spelled(Escapes::Quote, br#"a\"b"#), r#""a\\"b""#);
        assert_eq!(spelled(Escapes::Backslash, br#"a\"b"#), r#""a\\\"b""#);
    }

    #[test]
    fn some_strings_have_no_spelling() {
        assert!(!with(Escapes::None).can_write(b"a\"b"));
        assert!(!with(Escapes::Quote).can_write(br"ab\"));
        assert!(with(Escapes::Backslash).can_write(br"ab\"));
        assert!(with(Escapes::None).can_write_bare(b"a b"));
        for string in [&b""[..], b" a", b"a,b", b"a;b", b"?"] {
            assert!(!with(Escapes::None).can_write_bare(string));
        }
    }

    #[test]
    fn basic_commands_are_those_of_v250() {
        for name in ["+CSQ", "^SYSINFO", "*ATREADY"] {
            assert!(is_extended(name));
        }
        for name in ["E", "&F", "S3"] {
            assert!(!is_extended(name));
        }
    }
}
