//! Text with variables in it: inserted where known, captured where not.

use std::borrow::Cow;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};

use super::escape;

/// Number of a variable; names stand in the scenario.
pub(super) type Variable = usize;

/// What variables are worth while a scenario is played.
pub(super) type Values = Vec<Option<Vec<u8>>>;

/// Variables a match would set, with the bytes of the input they take.
pub(super) type Captures = Vec<(Variable, Range<usize>)>;

/// Largest compiled pattern in bytes.
const PATTERN_BYTES: usize = 256 << 10;

/// Names of variables, and which have a value by now.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    names: Vec<String>,
    known: Vec<bool>,
}

impl Names {
    /// Most variables of one scenario.
    pub(super) const MOST: usize = 1_000;

    /// The variable's number; `None` if there are too many.
    pub(super) fn number(&mut self, name: &str) -> Option<Variable> {
        if let Some(number) = self.names.iter().position(|known| known == name) {
            return Some(number);
        }
        if self.names.len() == Self::MOST {
            return None;
        }
        self.names.push(name.into());
        self.known.push(false);
        Some(self.names.len() - 1)
    }

    pub(super) fn set_known(&mut self, variable: Variable) {
        self.known[variable] = true;
    }

    pub(super) fn is_known(&self, variable: Variable) -> bool {
        self.known[variable]
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    pub(super) fn name(&self, variable: Variable) -> &str {
        &self.names[variable]
    }
}

/// Text with variables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Template {
    pub(super) pieces: Vec<Piece>,
}

/// A part of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(Vec<u8>),
    Variable(Variable),
}

/// What is wrong with a text, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BadText {
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

/// Whether input fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fit {
    /// The first bytes do; this many, with these captures.
    Whole(usize, Captures),
    /// It may with more bytes.
    Part,
    /// It does not.
    No,
}

impl Template {
    /// Reads text; with `escapes`, backslashes are escapes.
    pub(super) fn parse(text: &str, escapes: bool, names: &mut Names) -> Result<Self, BadText> {
        let mut template = Self::default();
        let mut literal = Vec::new();
        let mut at = 0;
        while let Some(&byte) = text.as_bytes().get(at) {
            match byte {
                b'\\' if escapes => {
                    let (byte, len) = escape::read(&text[at..]).map_err(|bad| BadText {
                        range: at + bad.at..at + bad.at + bad.len,
                        message: format!("unknown escape `{}`", &text[at..at + bad.len]),
                        help: Some(r#"escapes are \r \n \t \\ \" and \xHH"#.into()),
                    })?;
                    literal.push(byte);
                    at += len;
                }
                b'{' => {
                    if let Some(len) = doubled(&text[at..]) {
                        literal.extend_from_slice(&text.as_bytes()[at + 1..at + len - 1]);
                        at += len;
                    } else if let Some(name) = reference(&text[at..]) {
                        let variable = names.number(name).ok_or_else(|| BadText {
                            range: at..at + name.len() + 2,
                            message: format!("more than {} variables", Names::MOST),
                            help: None,
                        })?;
                        if !literal.is_empty() {
                            template
                                .pieces
                                .push(Piece::Text(std::mem::take(&mut literal)));
                        }
                        template.pieces.push(Piece::Variable(variable));
                        at += name.len() + 2;
                    } else {
                        literal.push(byte);
                        at += 1;
                    }
                }
                _ => {
                    literal.push(byte);
                    at += 1;
                }
            }
        }
        if !literal.is_empty() {
            template.pieces.push(Piece::Text(literal));
        }
        Ok(template)
    }

    /// The variables in it, in order.
    pub(super) fn variables(&self) -> impl Iterator<Item = Variable> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(*variable),
            Piece::Text(_) => None,
        })
    }

    /// The text with every variable inserted. The parser saw to it that each
    /// has a value by the time it is inserted; one without inserts nothing.
    pub(super) fn insert<'a>(&'a self, values: &'a Values) -> Cow<'a, [u8]> {
        match self.pieces.as_slice() {
            [] => Cow::Borrowed(&[]),
            [Piece::Text(text)] => Cow::Borrowed(text),
            pieces => Cow::Owned(
                pieces
                    .iter()
                    .flat_map(|piece| piece.text(values).unwrap_or_default().iter().copied())
                    .collect(),
            ),
        }
    }

    /// The text for people: known variables inserted, others as `{name}`.
    pub(super) fn show(&self, values: &Values, names: &Names) -> Vec<u8> {
        let mut shown = Vec::new();
        for piece in &self.pieces {
            match (piece, piece.text(values)) {
                (_, Some(text)) => shown.extend_from_slice(text),
                (Piece::Variable(variable), None) => {
                    shown.extend_from_slice(format!("{{{}}}", names.name(*variable)).as_bytes());
                }
                (Piece::Text(_), None) => {}
            }
        }
        shown
    }

    /// Whether `input` starts with this text and `suffix`. An unknown variable
    /// takes as few bytes as possible and at least one; in a line, neither CR
    /// nor LF.
    pub(super) fn fit(&self, input: &[u8], suffix: &[u8], values: &Values, line: bool) -> Fit {
        let mut captures = Captures::new();
        let mut at = 0;
        let mut pieces = self.pieces.as_slice();
        loop {
            // Everything up to the next unknown variable has to stand here.
            let known = pieces
                .iter()
                .position(|piece| piece.text(values).is_none())
                .unwrap_or(pieces.len());
            let (run, rest) = pieces.split_at(known);
            let ending: &[u8] = if rest.is_empty() { suffix } else { b"" };
            let open = captures.pop();
            let found = match open {
                None => run
                    .iter()
                    .filter_map(|piece| piece.text(values))
                    .chain([ending])
                    .try_fold(at, |at, text| {
                        starts_with(&input[at..], text).map(|()| at + text.len())
                    }),
                Some((variable, range)) => {
                    let run: Vec<u8> = run
                        .iter()
                        .filter_map(|piece| piece.text(values))
                        .chain([ending])
                        .flatten()
                        .copied()
                        .collect();
                    search(input, range.start, &run, line).map(|start| {
                        captures.push((variable, range.start..start));
                        start + run.len()
                    })
                }
            };
            at = match found {
                Ok(at) => at,
                Err(fit) => return fit,
            };
            match rest.split_first() {
                None => return Fit::Whole(at, captures),
                Some((Piece::Variable(variable), rest)) => {
                    captures.push((*variable, at..at));
                    pieces = rest;
                }
                Some((Piece::Text(_), _)) => return Fit::No,
            }
        }
    }
}

impl Piece {
    fn text<'a>(&'a self, values: &'a Values) -> Option<&'a [u8]> {
        match self {
            Self::Text(text) => Some(text),
            Self::Variable(variable) => values.get(*variable)?.as_deref(),
        }
    }
}

/// A regular expression a whole line has to fit, with variables inserted as
/// plain text and named groups setting variables.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// Alternately expression and variable.
    template: Template,
    /// Compiled once if no variable is inserted.
    compiled: Option<Regex>,
    /// Named groups and the variables they set.
    groups: Vec<(String, Variable)>,
}

impl Pattern {
    pub(super) fn parse(text: &str, names: &mut Names) -> Result<Self, BadText> {
        let template = expression(text, names)?;
        let whole = |message: String| BadText {
            range: 0..text.len(),
            message,
            help: None,
        };
        // Inserted text cannot make a valid expression invalid.
        let sample = compile(&template, |_| Some(b"x")).map_err(whole)?;
        let mut groups = Vec::new();
        for name in sample.capture_names().flatten() {
            let variable = names
                .number(name)
                .ok_or_else(|| whole(format!("more than {} variables", Names::MOST)))?;
            groups.push((name.to_owned(), variable));
        }
        let fixed = template.variables().next().is_none();
        Ok(Self {
            template,
            compiled: fixed.then_some(sample),
            groups,
        })
    }

    /// Variables inserted into it.
    pub(super) fn inserted(&self) -> impl Iterator<Item = Variable> {
        self.template.variables()
    }

    /// Variables it sets.
    pub(super) fn set(&self) -> impl Iterator<Item = Variable> {
        self.groups.iter().map(|(_, variable)| *variable)
    }

    /// The expression for people.
    pub(super) fn show(&self, values: &Values, names: &Names) -> Vec<u8> {
        self.template.show(values, names)
    }

    /// What it captures if the whole of `line` fits, with ranges in `line`.
    pub(super) fn matches(&self, line: &[u8], values: &Values) -> Option<Captures> {
        let own;
        let regex = if let Some(regex) = &self.compiled {
            regex
        } else {
            own = compile(&self.template, |v| values.get(v)?.as_deref()).ok()?;
            &own
        };
        let found = regex.captures(line)?;
        let mut captures = Captures::new();
        for (name, variable) in &self.groups {
            let Some(group) = found.name(name) else {
                continue;
            };
            match values.get(*variable).and_then(Option::as_ref) {
                Some(value) if value != group.as_bytes() => return None,
                Some(_) => {}
                None => captures.push((*variable, group.range())),
            }
        }
        Some(captures)
    }
}

/// Whether `name` can name a variable.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// The name in `{name}` at the start of `text`.
fn reference(text: &str) -> Option<&str> {
    let (name, _) = text.strip_prefix('{')?.split_once('}')?;
    is_name(name).then_some(name)
}

/// Length of `{{name}}` at the start of `text`, which stands for `{name}`.
fn doubled(text: &str) -> Option<usize> {
    let name = reference(text.strip_prefix('{')?)?;
    let len = name.len() + 4;
    text.as_bytes().get(len - 1).filter(|&&b| b == b'}')?;
    Some(len)
}

fn starts_with(input: &[u8], text: &[u8]) -> Result<(), Fit> {
    if input.starts_with(text) {
        Ok(())
    } else if text.starts_with(input) {
        Err(Fit::Part)
    } else {
        Err(Fit::No)
    }
}

/// Where `run` stands first after at least one captured byte from `start` on.
fn search(input: &[u8], start: usize, run: &[u8], line: bool) -> Result<usize, Fit> {
    let breaks = input[start..]
        .iter()
        .position(|b| line && matches!(b, b'\r' | b'\n'));
    let last = breaks.map_or(input.len(), |at| start + at);
    let mut fit = if breaks.is_some() { Fit::No } else { Fit::Part };
    for at in start + 1..=last {
        match starts_with(&input[at..], run) {
            Ok(()) => return Ok(at),
            Err(Fit::Part) => fit = Fit::Part,
            Err(_) => {}
        }
    }
    Err(fit)
}

/// Takes `{name}` out of an expression, and leaves `{2}`, `\{`, `\x{..}` and
/// character classes' braces alone.
fn expression(text: &str, names: &mut Names) -> Result<Template, BadText> {
    let mut template = Template::default();
    let (mut from, mut at) = (0, 0);
    while let Some(&byte) = text.as_bytes().get(at) {
        match byte {
            b'\\' => {
                let braced = text[at + 1..].starts_with(['x', 'u', 'U', 'p', 'P'])
                    && text.as_bytes().get(at + 2) == Some(&b'{');
                at += if braced { 3 } else { 2 };
            }
            b'{' => match reference(&text[at..]) {
                Some(name) => {
                    let variable = names.number(name).ok_or_else(|| BadText {
                        range: at..at + name.len() + 2,
                        message: format!("more than {} variables", Names::MOST),
                        help: None,
                    })?;
                    template
                        .pieces
                        .push(Piece::Text(text.as_bytes()[from..at].to_vec()));
                    template.pieces.push(Piece::Variable(variable));
                    at += name.len() + 2;
                    from = at;
                }
                None => at += 1,
            },
            _ => at += 1,
        }
    }
    template
        .pieces
        .push(Piece::Text(text.as_bytes()[from..].to_vec()));
    Ok(template)
}

fn compile<'a>(
    template: &'a Template,
    value: impl Fn(Variable) -> Option<&'a [u8]>,
) -> Result<Regex, String> {
    let mut source = String::from("^(?:");
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => source.push_str(&String::from_utf8_lossy(text)),
            Piece::Variable(variable) => {
                for byte in value(*variable).unwrap_or_default() {
                    source.push_str(&format!("\\x{byte:02X}"));
                }
            }
        }
    }
    source.push_str(")$");
    RegexBuilder::new(&source)
        .unicode(false)
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(limit) => {
                format!("this pattern needs more than {limit} bytes")
            }
            // The library draws the expression over several lines; its last
            // one says what is wrong.
            error => {
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default();
                format!(
                    "not a regular expression: {}",
                    last.trim_start_matches("error: ")
                )
            }
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn template(text: &str) -> (Template, Names) {
        let mut names = Names::default();
        let template = Template::parse(text, false, &mut names).expect("valid");
        (template, names)
    }

    fn captured(text: &str, input: &str) -> Option<Vec<String>> {
        let (template, names) = template(text);
        let values = vec![None; names.len()];
        match template.fit(input.as_bytes(), b"\r\n", &values, true) {
            Fit::Whole(_, captures) => Some(
                captures
                    .into_iter()
                    .map(|(_, range)| input[range].to_owned())
                    .collect(),
            ),
            _ => None,
        }
    }

    #[test]
    fn braces_that_are_not_variables_are_text() {
        for text in [r#"{"a":1}"#, "{}", "{1}", "{a b}", "{", "}{"] {
            assert_eq!(
                template(text).0.pieces,
                [Piece::Text(text.into())],
                "{text}"
            );
        }
        assert_eq!(template("{{on}}").0.pieces, [Piece::Text(b"{on}".to_vec())]);
        assert_eq!(template("a{b}").0.pieces.len(), 2);
    }

    #[test]
    fn unknown_variables_take_as_little_as_possible() {
        assert_eq!(
            captured("+A: {x},{y}", "+A: 1,2,3\r\n"),
            Some(vec!["1".into(), "2,3".into()])
        );
        assert_eq!(captured("{x},0", "a,0,0\r\n"), Some(vec!["a,0".into()]));
        assert_eq!(captured("{x},0", ",0\r\n"), None, "at least one byte");
        assert_eq!(captured("{x}", "a\rb\r\n"), None, "not over a line's end");
    }

    #[test]
    fn patterns_insert_and_capture() {
        let mut names = Names::default();
        let id = names.number("id").expect("few");
        let pattern = Pattern::parse(r"\+A: {id},(?<n>\d{1,3})", &mut names).expect("valid");
        let mut values: Values = vec![None; names.len()];
        values[id] = Some(b"a.c".to_vec());
        assert_eq!(
            pattern.matches(b"+A: abc,7", &values),
            None,
            "inserted as text"
        );
        let captures = pattern.matches(b"+A: a.c,17", &values).expect("fits");
        assert_eq!(captures, [(1, 8..10)]);
        assert_eq!(
            pattern.matches(b"+A: a.c,17x", &values),
            None,
            "the whole line"
        );
        values[1] = Some(b"18".to_vec());
        assert_eq!(
            pattern.matches(b"+A: a.c,17", &values),
            None,
            "a known group compares"
        );
    }

    #[test]
    fn a_huge_pattern_is_refused() {
        let mut names = Names::default();
        let bad = Pattern::parse(r"((\w{100}){100}){100}", &mut names).expect_err("huge");
        assert!(bad.message.contains("bytes"), "{}", bad.message);
    }

    proptest! {
        #[test]
        fn text_fits_itself_in_any_pieces(text in "[a-c{}]{0,12}", cut in 0usize..16) {
            let (template, names) = template(&text);
            prop_assume!(names.len() == 0);
            let values = Values::new();
            let line = [template.insert(&values).as_ref(), b"\r\n"].concat();
            prop_assert_eq!(
                template.fit(&line, b"\r\n", &values, true),
                Fit::Whole(line.len(), vec![])
            );
            let cut = cut.min(line.len() - 1);
            prop_assert_eq!(template.fit(&line[..cut], b"\r\n", &values, true), Fit::Part);
        }
    }
}
