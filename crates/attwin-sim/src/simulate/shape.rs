//! Shapes of lines, without regular expressions, and lines made of templates.

/// Whether a line has a shape: `#` stands for an integer that may have a sign,
/// `*` for any bytes, every other byte for itself.
pub(super) fn fits(shape: &str, line: &[u8]) -> bool {
    matches(shape.as_bytes(), line, &mut Vec::new())
}

/// What stands for each `#` and `*` of a shape, if the line has it.
pub(super) fn values<'a>(shape: &str, line: &'a [u8]) -> Option<Vec<&'a [u8]>> {
    let mut values = Vec::new();
    matches(shape.as_bytes(), line, &mut values).then_some(values)
}

fn matches<'a>(shape: &[u8], line: &'a [u8], values: &mut Vec<&'a [u8]>) -> bool {
    let (value, rest, line) = match shape.split_first() {
        None => return line.is_empty(),
        Some((b'*', [])) => (line, &[][..], &[][..]),
        Some((b'*', rest)) => {
            let known = values.len();
            return (0..=line.len()).any(|skip| {
                values.truncate(known);
                values.push(&line[..skip]);
                matches(rest, &line[skip..], values)
            });
        }
        Some((b'#', rest)) => {
            let sign = usize::from(line.first() == Some(&b'-'));
            let digits = line[sign..].iter().take_while(|b| b.is_ascii_digit());
            match digits.count() {
                0 => return false,
                digits => (&line[..sign + digits], rest, &line[sign + digits..]),
            }
        }
        Some((byte, rest)) => {
            return line.first() == Some(byte) && matches(rest, &line[1..], values);
        }
    };
    values.push(value);
    matches(rest, line, values)
}

/// An integer as `#` matches it.
pub(super) fn integer(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The integers of a list.
pub(super) fn integers(list: &[u8]) -> Option<Vec<i64>> {
    let mut values = list.split(|b| *b == b',');
    if list.is_empty() {
        return Some(Vec::new());
    }
    values.by_ref().map(integer).collect()
}

/// A template with its values in: `{0}` is the first of the digits and letters
/// in `names`.
pub(super) fn fill(template: &str, names: &str, values: &[impl AsRef<[u8]>]) -> Vec<u8> {
    let mut line = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        line.extend_from_slice(before.as_bytes());
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        let value = names.find(name).and_then(|at| values.get(at));
        line.extend_from_slice(value.map_or(&[], AsRef::as_ref));
        rest = after;
    }
    line.extend_from_slice(rest.as_bytes());
    line
}

#[cfg(test)]
mod tests {
    use super::{fill, fits, integers, values};

    #[test]
    fn integers_and_anything() {
        assert!(fits("+QMTOPEN: #,#", b"+QMTOPEN: 0,-1"));
        assert!(!fits("+QMTOPEN: #,#", b"+QMTOPEN: 0,"));
        assert!(!fits("+QMTOPEN: #,#", b"+QMTOPEN: 0,1 "));
        assert!(fits("+QMTRECV: #,#,\"*\"", b"+QMTRECV: 0,0,\"a\"\r\n\"b\""));
        assert!(!fits("RDY", b"RDY."));
    }

    #[test]
    fn values_stand_where_the_shape_is_open() {
        let line = b"+QMTSUB: 1,-2,a,b";
        assert_eq!(
            values("+QMTSUB: #,#,*", line).expect("fits")[1..],
            [&b"-2"[..], b"a,b"]
        );
        assert_eq!(values("*,*,b", line).expect("fits")[0], b"+QMTSUB: 1");
        assert_eq!(values("+QMTUNS: *", line), None);
        assert_eq!(integers(b""), Some(vec![]));
        assert_eq!(integers(b"1,-2"), Some(vec![1, -2]));
        assert_eq!(integers(b"1,"), None);
    }

    #[test]
    fn templates_are_filled() {
        assert_eq!(fill("+A:{1},\"{0}\"", "01", &["x", "y"]), b"+A:y,\"x\"");
        assert_eq!(fill("+A:{2}.", "012", &["x", "y"]), b"+A:.");
    }
}
