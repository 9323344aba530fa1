//! Payloads that can be told apart.

use super::random::Rng;

/// Numbers payloads, so that each message has its own.
#[derive(Debug)]
pub(super) struct Payloads {
    origin: char,
    next: u32,
}

impl Payloads {
    /// Payloads that begin with this letter.
    pub(super) fn new(origin: char) -> Self {
        Self { origin, next: 0 }
    }

    /// A payload of about `len` bytes of any value.
    pub(super) fn binary(&mut self, rng: &mut Rng, len: usize) -> Vec<u8> {
        let mut payload = self.mark();
        payload.extend(rng.bytes(len.saturating_sub(payload.len())));
        payload
    }

    /// A payload of about `len` printable bytes.
    pub(super) fn text(&mut self, rng: &mut Rng, len: usize) -> Vec<u8> {
        let mut payload = self.mark();
        let rest = len.saturating_sub(payload.len());
        payload.extend(rng.text(rest));
        payload
    }

    /// A payload of exactly `len` bytes; a short one may not be unique.
    pub(super) fn exactly(&mut self, rng: &mut Rng, len: usize) -> Vec<u8> {
        let mut payload = self.binary(rng, len);
        payload.truncate(len);
        payload
    }

    fn mark(&mut self) -> Vec<u8> {
        self.next += 1;
        format!("{}{}.", self.origin, self.next).into_bytes()
    }
}

/// Whether a payload of this origin is whole enough to be unique.
pub(super) fn is_marked(payload: &[u8], origin: u8) -> bool {
    let Some((&first, rest)) = payload.split_first() else {
        return false;
    };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    first == origin && digits > 0 && rest.get(digits) == Some(&b'.')
}
