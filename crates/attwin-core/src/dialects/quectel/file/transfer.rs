//! What uploads and writes share: collecting the host's bytes, and the
//! checksum (docs/spec/quectel.md 9.3).

use core::time::Duration;

use super::super::Knobs;
use super::path::FilePath;
use crate::handler::{Context, Outcome};
use crate::serial::{DataRequest, Length};

/// Bytes expected when the host does not say how many.
pub(super) const DEFAULT_SIZE: u32 = 10_240;
/// Seconds of silence that end a transfer when the host does not say.
pub(super) const DEFAULT_TIMEOUT: u32 = 5;
/// Bytes after each of which the module sends `A` in acknowledge mode.
const BLOCK: usize = 1024;

/// Number by which the host calls an open file.
pub(super) type Handle = u32;

/// A file command that waits for the host's bytes.
#[derive(Debug)]
pub(crate) enum Transfer {
    /// AT+QFUPL to this new file.
    Upload(FilePath<'static>),
    /// AT+QFWRITE to this open file.
    Write(Handle),
}

/// Collects `size` bytes, or fewer if the host falls silent for `timeout`
/// seconds or escapes with `+++`.
///
/// What follows the last byte is a command line again: unlike a publish, a
/// file's length leaves nothing to guess.
pub(super) fn collect(
    cx: &Context<'_>,
    knobs: &Knobs,
    size: usize,
    timeout: u32,
    acknowledge: bool,
) -> Outcome {
    let prompt = connect(cx.port.verbose());
    Outcome::Data(DataRequest {
        prompt_delay: cx.delay(knobs.prompt_delay_ms),
        idle_timeout: Some(Duration::from_secs(timeout.into())),
        acknowledge_every: acknowledge.then_some(BLOCK),
        plus_escape: true,
        ..cx.data_request(prompt, Length::Exact(size))
    })
}

/// Exclusive or of the 16-bit words of `data`, most significant byte first;
/// an odd last byte counts as the high half of a word.
pub(super) fn checksum(data: &[u8]) -> u16 {
    let word = |pair: &[u8]| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)]);
    data.chunks(2).fold(0, |sum, pair| sum ^ word(pair))
}

const fn connect(verbose: bool) -> &'static [u8] {
    if verbose { b"\r\nCONNECT\r\n" } else { b"1\r" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn checksums_of_the_specification() {
        for (data, want) in [
            (&b"-----BEGIN CERTIFICATE-----\r"[..], "6c53"),
            (b"hello", "6b09"),
            (b"abcd", "206"),
            (b"a", "6100"),
            (b"", "0"),
        ] {
            assert_eq!(format!("{:x}", checksum(data)), want);
        }
    }

    #[test]
    fn checksums_of_logged_uploads() {
        let unix = include_bytes!("../../../../tests/data/amazon-root-ca-1.pem");
        assert_eq!(unix.len(), 1188);
        assert_eq!(format!("{:x}", checksum(unix)), "2d13");
        let text = core::str::from_utf8(unix).expect("PEM is ASCII");
        let dos = text.replace('\n', "\r\n");
        assert_eq!(dos.len(), 1208);
        assert_eq!(format!("{:x}", checksum(dos.as_bytes())), "5769");
    }

    #[test]
    fn the_prompt_follows_the_result_code_format() {
        assert_eq!(connect(true), b"\r\nCONNECT\r\n");
        assert_eq!(connect(false), b"1\r");
    }
}
