//! Verbose texts of error numbers under AT+CMEE=2.

/// Texts of the SIM and network errors (docs/spec/quectel.md 2.6; 12 and 16 as
/// 3GPP 27.007 section 9.2 words them) and of the file errors
/// (docs/spec/quectel.md 9.6), ascending.
static TEXTS: [(u16, &str); 33] = [
    (3, "operation not allowed"),
    (4, "operation not supported"),
    (10, "SIM not inserted"),
    (11, "SIM PIN required"),
    (12, "SIM PUK required"),
    (13, "SIM failure"),
    (14, "SIM busy"),
    (16, "incorrect password"),
    (30, "no network service"),
    (50, "Incorrect parameters"),
    (400, "invalid input value"),
    (401, "larger than the size of the file"),
    (402, "read zero byte"),
    (403, "drive full"),
    (405, "file not found"),
    (406, "invalid file name"),
    (407, "file already existed"),
    (409, "fail to write the file"),
    (410, "fail to open the file"),
    (411, "fail to read the file"),
    (413, "reach the max number of file allowed to be opened"),
    (414, "the file read-only"),
    (416, "invalid file descriptor"),
    (417, "fail to list the file"),
    (418, "fail to delete the file"),
    (419, "fail to get disk info"),
    (420, "no space"),
    (421, "time out"),
    (423, "file too large"),
    (425, "invalid parameter"),
    (426, "file already opened"),
    (504, "Session is ongoing"),
    (505, "Session not active"),
];

/// Verbose text of an error number.
pub(in crate::dialects::quectel) fn cme_text(code: u16) -> Option<&'static str> {
    let index = TEXTS.binary_search_by_key(&code, |&(code, _)| code).ok()?;
    Some(TEXTS[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_found() {
        for (code, text) in TEXTS {
            assert_eq!(cme_text(code), Some(text));
        }
        assert_eq!(cme_text(404), None);
    }
}
