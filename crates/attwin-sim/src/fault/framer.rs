//! Packet boundaries in a byte stream that is not buffered.

use bytes::{Bytes, BytesMut};

/// Follows a stream of MQTT control packets without holding any of it back.
/// A stream that stops being MQTT has no packets from there on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Framer {
    /// Between two packets.
    #[default]
    Between,
    /// In the remaining length.
    Length { bytes: u32, value: usize },
    /// In the body.
    Body { total: usize, at: usize },
    /// This is not MQTT.
    Lost,
}

/// The part of a packet some bytes begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Piece {
    /// Bytes of it that are there.
    pub(super) len: usize,
    /// First byte of the packet, if the piece begins it.
    pub(super) first: Option<u8>,
    /// Bytes of the fixed header at the start of the piece.
    pub(super) header: usize,
    /// Where in the body the rest lies, and the size of the body.
    pub(super) body: Option<(usize, usize)>,
    /// Whether the packet ends with it.
    pub(super) ends: bool,
}

impl Piece {
    /// Flips the bit of its packet that `random` chooses, if it lies in this
    /// piece: one of the body's or, where there is no body, a reserved flag.
    pub(super) fn corrupt(&self, random: u64, bytes: &[u8]) -> Bytes {
        let (at, bit) = match self.body {
            Some((at, total)) => {
                // The remainder is smaller than `total`, which is a `usize`.
                let target = usize::try_from(random % total as u64).unwrap_or(0);
                let here = target.checked_sub(at).map(|offset| self.header + offset);
                (here, (random >> 32) % 8)
            }
            None if self.ends && self.first.is_some() => (Some(0), random % 4),
            None => (None, 0),
        };
        let mut spoilt = BytesMut::from(bytes);
        if let Some(byte) = at.and_then(|at| spoilt.get_mut(at)) {
            *byte ^= 1 << bit;
        }
        spoilt.freeze()
    }
}

impl Framer {
    /// Whether the next byte begins a packet.
    pub(super) fn is_between(&self) -> bool {
        *self == Self::Between
    }

    /// The piece of one packet `bytes` begin with.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Piece {
        let mut piece = Piece::default();
        while let Some(&byte) = bytes.get(piece.len) {
            match *self {
                Self::Between => {
                    piece.first = Some(byte);
                    *self = Self::Length { bytes: 0, value: 0 };
                }
                Self::Length { bytes, value } => {
                    let value = value | usize::from(byte & 0x7f) << (7 * bytes);
                    *self = match (byte & 0x80, value) {
                        (0, 0) => Self::Between,
                        (0, total) => Self::Body { total, at: 0 },
                        _ if bytes == 3 => Self::Lost,
                        _ => Self::Length {
                            bytes: bytes + 1,
                            value,
                        },
                    };
                    if self.is_between() {
                        piece.len += 1;
                        piece.header += 1;
                        piece.ends = true;
                        return piece;
                    }
                }
                Self::Body { total, at } => {
                    let more = (total - at).min(bytes.len() - piece.len);
                    piece.body = Some((at, total));
                    piece.len += more;
                    piece.ends = at + more == total;
                    *self = match piece.ends {
                        true => Self::Between,
                        false => Self::Body {
                            total,
                            at: at + more,
                        },
                    };
                    return piece;
                }
                Self::Lost => {
                    piece.len = bytes.len();
                    return piece;
                }
            }
            piece.len += 1;
            piece.header += 1;
        }
        piece
    }

    /// Lets bytes pass.
    #[cfg(test)]
    fn skip(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let piece = self.step(bytes);
            bytes = &bytes[piece.len..];
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn pieces_are_whole_packets_where_the_bytes_are() {
        let mut framer = Framer::default();
        let piece = framer.step(b"\xd0\x00\x40\x02\x00\x07");
        let first = Some(0xd0);
        assert_eq!((piece.len, piece.first, piece.ends), (2, first, true));
        let piece = framer.step(b"\x40\x02\x00");
        assert_eq!((piece.len, piece.header, piece.body), (3, 2, Some((0, 2))));
        assert!(!piece.ends);
        let piece = framer.step(b"\x07\xd0");
        assert_eq!((piece.len, piece.first, piece.ends), (1, None, true));
        assert_eq!(piece.body, Some((1, 2)));
    }

    #[test]
    fn a_length_without_end_ends_the_packets() {
        let mut framer = Framer::default();
        framer.skip(b"\x30\xff\xff\xff\xff\x01\xd0\x00");
        assert_eq!(framer, Framer::Lost);
        assert_eq!(framer.step(b"\xd0\x00").first, None);
    }

    proptest! {
        #[test]
        fn cuts_do_not_matter(lens in prop::collection::vec(0usize..300, 1..6), cut in 1usize..9) {
            let mut stream = Vec::new();
            for len in &lens {
                let low = u8::try_from(len & 0x7f).expect("seven bits");
                stream.push(0x30);
                match u8::try_from(len >> 7).expect("two bits") {
                    0 => stream.push(low),
                    high => stream.extend([low | 0x80, high]),
                }
                stream.extend(std::iter::repeat_n(0xaa, *len));
            }
            let (mut framer, mut starts, mut ends) = (Framer::default(), 0, 0);
            for mut bytes in stream.chunks(cut) {
                while !bytes.is_empty() {
                    let piece = framer.step(bytes);
                    prop_assert!(piece.len > 0);
                    starts += usize::from(piece.first.is_some());
                    ends += usize::from(piece.ends);
                    bytes = &bytes[piece.len..];
                }
            }
            prop_assert_eq!((starts, ends, framer), (lens.len(), lens.len(), Framer::Between));
        }
    }
}
