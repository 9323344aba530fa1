//! Shapes of lines, without regular expressions.

/// Whether a line has a shape: `#` stands for an integer that may have a sign,
/// `*` for any bytes, every other byte for itself.
pub(super) fn fits(shape: &str, line: &[u8]) -> bool {
    matches(shape.as_bytes(), line)
}

fn matches(shape: &[u8], line: &[u8]) -> bool {
    match shape.split_first() {
        None => line.is_empty(),
        Some((b'*', [])) => true,
        Some((b'*', rest)) => (0..=line.len()).any(|skip| matches(rest, &line[skip..])),
        Some((b'#', rest)) => {
            let unsigned = line.strip_prefix(b"-").unwrap_or(line);
            let digits = unsigned.iter().take_while(|b| b.is_ascii_digit()).count();
            digits > 0 && matches(rest, &unsigned[digits..])
        }
        Some((byte, rest)) => line.first() == Some(byte) && matches(rest, &line[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn integers_and_anything() {
        assert!(fits("+QMTOPEN: #,#", b"+QMTOPEN: 0,-1"));
        assert!(!fits("+QMTOPEN: #,#", b"+QMTOPEN: 0,"));
        assert!(!fits("+QMTOPEN: #,#", b"+QMTOPEN: 0,1 "));
        assert!(fits("+QMTRECV: #,#,\"*\"", b"+QMTRECV: 0,0,\"a\"\r\n\"b\""));
        assert!(!fits("RDY", b"RDY."));
    }
}
