//! What a line that a module says means: its shape, its fields, their values.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::command::{Field, Meaning};

/// A line taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The shape it has: `+QMTSTAT: <client_idx>,<err_code>`.
    pub shape: String,
    /// When it is said, or by what, in a few words.
    pub when: String,
    /// Where it is specified.
    pub section: &'static str,
    /// Its fields, in order.
    pub fields: Vec<Explained>,
}

/// One field of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Its name.
    pub name: String,
    /// What it is, where the tables say so.
    pub what: Option<&'static str>,
    /// Its value in this line.
    pub value: String,
    /// What that value means, where the tables say so.
    pub meaning: Option<&'static Meaning>,
}

/// A shape a line may have, and what is known of it.
pub(crate) struct Candidate {
    pub(crate) shape: &'static str,
    pub(crate) fields: &'static [Field],
    pub(crate) when: String,
    pub(crate) section: &'static str,
}

/// What `line` is by those candidates that fit it best: the ones with the most
/// fixed text.
pub(crate) fn explain(line: &str, candidates: impl Iterator<Item = Candidate>) -> Vec<Explanation> {
    let line = line.trim();
    let mut best = 0;
    let mut found: Vec<Explanation> = Vec::new();
    for candidate in candidates {
        let mut fits = expand(candidate.shape);
        fits.sort_by_key(|shape| core::cmp::Reverse(literal(shape)));
        for shape in fits {
            let Some(values) = values(&shape, line) else {
                continue;
            };
            let weight = literal(&shape);
            if weight > best {
                best = weight;
                found.clear();
            }
            let known = found
                .iter()
                .any(|one| one.shape == shape && one.section == candidate.section);
            if weight == best && !known {
                found.push(Explanation {
                    fields: values
                        .into_iter()
                        .map(|(name, value)| explained(name, value, candidate.fields))
                        .collect(),
                    shape: shape.clone(),
                    when: candidate.when.clone(),
                    section: candidate.section,
                });
            }
            break;
        }
    }
    found
}

fn explained(name: &str, value: &str, fields: &'static [Field]) -> Explained {
    let field = fields.iter().find(|field| field.name == name);
    let meaning = field.and_then(|field| {
        let is_it = |meaning: &&Meaning| meaning.value.trim_matches('"') == value.trim_matches('"');
        field.values.iter().find(is_it)
    });
    Explained {
        name: name.to_string(),
        what: field.map(|field| field.what),
        value: value.to_string(),
        meaning,
    }
}

/// The shapes a shape with optional parts stands for: `a[,b]` is `a` and
/// `a,b`. Parts may be nested at their end.
fn expand(shape: &str) -> Vec<String> {
    let Some(open) = shape.find('[') else {
        return [shape.to_string()].into();
    };
    let mut depth = 0;
    let close = shape[open..].char_indices().find_map(|(at, c)| {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(open + at)
    });
    let Some(close) = close else {
        return [shape.to_string()].into();
    };
    let (before, inner, after) = (&shape[..open], &shape[open + 1..close], &shape[close + 1..]);
    let mut all = Vec::new();
    for rest in expand(after) {
        all.push([before, &rest].concat());
        for part in expand(inner) {
            all.push([before, &part, &rest].concat());
        }
    }
    all
}

/// How much of a shape is fixed text.
fn literal(shape: &str) -> usize {
    let mut count = 0;
    let mut inside = false;
    for c in shape.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            _ if !inside => count += 1,
            _ => {}
        }
    }
    count
}

/// The fields of a line of this shape; `None` if it has another.
fn values<'s, 'l>(shape: &'s str, line: &'l str) -> Option<Vec<(&'s str, &'l str)>> {
    let mut found = Vec::new();
    let (mut shape, mut line) = (shape, line);
    loop {
        let open = shape.find('<').unwrap_or(shape.len());
        line = line.strip_prefix(&shape[..open])?;
        let has_quote_before = shape[..open].ends_with('"');
        if open == shape.len() {
            return line.is_empty().then_some(found);
        }
        let close = open + shape[open..].find('>')?;
        let name = &shape[open + 1..close];
        shape = &shape[close + 1..];
        let fixed = &shape[..shape.find('<').unwrap_or(shape.len())];
        let end = match fixed {
            "" if shape.is_empty() => line.len(),
            // Two fields without anything between them cannot be told apart.
            "" => return None,
            // The last field reaches as far as it can.
            _ if fixed.len() == shape.len() => line.rfind(fixed)?,
            _ if has_quote_before => line.find(fixed)?,
            _ => end_of_field(line, fixed)?,
        };
        found.push((name, &line[..end]));
        line = &line[end..];
    }
}

/// Where a field before `fixed` ends; a quoted string is not looked into.
fn end_of_field(line: &str, fixed: &str) -> Option<usize> {
    let from = match line.strip_prefix('"') {
        Some(rest) => rest.find('"').map_or(0, |end| end + 2),
        None => 0,
    };
    let from = from.min(line.len());
    line[from..].find(fixed).map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: [Meaning; 2] = [
        Meaning::new("1", "the server closed the connection"),
        Meaning::new("3", "CONNECT could not be sent"),
    ];
    const FIELDS: [Field; 1] = [Field::new("err_code", "cause").values(&STAT)];

    fn candidate(shape: &'static str) -> Candidate {
        Candidate {
            shape,
            fields: &FIELDS,
            when: String::new(),
            section: "",
        }
    }

    fn fields(shape: &'static str, line: &str) -> Option<Vec<(String, String)>> {
        let explanation = explain(line, [candidate(shape)].into_iter()).pop()?;
        let pairs = explanation.fields.into_iter();
        Some(pairs.map(|field| (field.name, field.value)).collect())
    }

    fn pairs(of: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(of.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect())
    }

    #[test]
    fn values_have_meanings() {
        let shape = "+QMTSTAT: <client_idx>,<err_code>";
        let found = explain("+QMTSTAT: 0,3\r\n", [candidate(shape)].into_iter());
        assert_eq!(found[0].fields[1].meaning, Some(&STAT[1]));
        assert_eq!(found[0].fields[1].what, Some("cause"));
        assert_eq!(found[0].fields[0].meaning, None);
    }

    #[test]
    fn optional_parts_and_quotes() {
        let shape = "+X: <a>[,<b>[,\"<c>\"]]";
        assert_eq!(fields(shape, "+X: 1"), pairs(&[("a", "1")]));
        assert_eq!(fields(shape, "+X: 1,2"), pairs(&[("a", "1"), ("b", "2")]));
        assert_eq!(
            fields(shape, "+X: 1,2,\"x,y\""),
            pairs(&[("a", "1"), ("b", "2"), ("c", "x,y")])
        );
        assert_eq!(fields(shape, "+Y: 1"), None);
        assert_eq!(
            fields("+X: \"<a>\",\"<b>\",<c>", "+X: \"\",\"\",1"),
            pairs(&[("a", ""), ("b", ""), ("c", "1")])
        );
        assert_eq!(
            fields("+R: <i>,<t>,<n>", "+R: 0,\"a,b\",3"),
            pairs(&[("i", "0"), ("t", "\"a,b\""), ("n", "3")])
        );
    }

    #[test]
    fn the_shape_with_most_fixed_text_wins() {
        let shapes = ["+CPIN: <code>", "+CPIN: READY"];
        let found = explain("+CPIN: READY", shapes.into_iter().map(candidate));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].shape, "+CPIN: READY");
    }

    #[test]
    fn no_line_panics() {
        for line in ["", "+", "\"", "+X: \"", "+X: ,,", "+X: 1,\"", "é<>[]"] {
            for shape in ["+X: <a>[,<b>[,\"<c>\"]]", "<a>", "[", "<", "<a><b>", ""] {
                let _ = explain(line, [candidate(shape)].into_iter());
            }
        }
    }
}
