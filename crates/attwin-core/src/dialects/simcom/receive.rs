//! What an inbound message looks like: one block, from `+CMQTTRXSTART` to
//! `+CMQTTRXEND` (docs/spec/simcom.md section 5).

use alloc::format;
use alloc::vec::Vec;

use bytes::Bytes;

use super::Knobs;

/// The lines of a message, without the CR LF that opens and the one that ends
/// the block. Nothing comes in between.
pub(super) fn block(knobs: &Knobs, client: u8, topic: &[u8], payload: &[u8]) -> Bytes {
    let mut block = Vec::with_capacity(topic.len() + payload.len() + 128);
    let (topic_length, length) = (topic.len(), payload.len());
    let start = format!("+CMQTTRXSTART: {client},{topic_length},{length}\r\n");
    block.extend_from_slice(start.as_bytes());
    let inline = knobs.rx_inline;
    let name = format!("+CMQTTRXTOPIC: {client}");
    pieces(&mut block, inline, &name, topic, knobs.rx_topic_chunk);
    if payload.is_empty() {
        block.extend_from_slice(b"\r\n");
    }
    let name = format!("+CMQTTRXPAYLOAD: {client}");
    pieces(&mut block, inline, &name, payload, knobs.rx_payload_chunk);
    block.extend_from_slice(format!("+CMQTTRXEND: {client}").as_bytes());
    block.into()
}

/// Each piece behind a line with its length, or on it (`rx_inline`).
fn pieces(block: &mut Vec<u8>, inline: bool, name: &str, bytes: &[u8], most: usize) {
    let most = if most == 0 { usize::MAX } else { most };
    for piece in bytes.chunks(most) {
        let separator = if inline { "," } else { "\r\n" };
        let header = format!("{name},{}{separator}", piece.len());
        block.extend_from_slice(header.as_bytes());
        block.extend_from_slice(piece);
        block.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn framed(knobs: &Knobs, topic: &str, payload: &[u8]) -> String {
        let block = block(knobs, 0, topic.as_bytes(), payload);
        String::from_utf8([b"\r\n", &block[..], b"\r\n"].concat()).expect("text")
    }

    /// The capture of docs/spec/simcom.md 5.2.
    #[test]
    fn a_block_is_what_was_captured() {
        let topic = "$PERSISTENCE/configDn/8212345678100001";
        let block = framed(&Knobs::DEFAULT, topic, b"{\"boardType\":0}");
        assert_eq!(
            block,
            "\r\n+CMQTTRXSTART: 0,38,15\r\n+CMQTTRXTOPIC: 0,38\r\n\
             $PERSISTENCE/configDn/8212345678100001\r\n+CMQTTRXPAYLOAD: 0,15\r\n\
             {\"boardType\":0}\r\n+CMQTTRXEND: 0\r\n"
        );
        assert_eq!(block.len(), 143);
    }

    #[test]
    fn an_empty_payload_leaves_an_empty_line() {
        assert_eq!(
            framed(&Knobs::DEFAULT, "simcommsg", b""),
            "\r\n+CMQTTRXSTART: 0,9,0\r\n+CMQTTRXTOPIC: 0,9\r\nsimcommsg\r\n\r\n+CMQTTRXEND: 0\r\n"
        );
    }

    #[test]
    fn long_payloads_come_in_pieces() {
        let block = framed(&Knobs::DEFAULT, "t", &[b'x'; 2039]);
        assert!(block.starts_with("\r\n+CMQTTRXSTART: 0,1,2039\r\n"));
        assert!(block.contains("\r\n+CMQTTRXPAYLOAD: 0,1500\r\nx"));
        assert!(block.contains("x\r\n+CMQTTRXPAYLOAD: 0,539\r\nx"));
        let knobs = Knobs {
            rx_topic_chunk: 2,
            rx_payload_chunk: 0,
            ..Knobs::DEFAULT
        };
        assert_eq!(
            framed(&knobs, "abc", b"xyz"),
            "\r\n+CMQTTRXSTART: 0,3,3\r\n+CMQTTRXTOPIC: 0,2\r\nab\r\n+CMQTTRXTOPIC: 0,1\r\nc\r\n\
             +CMQTTRXPAYLOAD: 0,3\r\nxyz\r\n+CMQTTRXEND: 0\r\n"
        );
    }

    #[test]
    fn inline_where_a_host_expects_it() {
        let knobs = Knobs {
            rx_inline: true,
            ..Knobs::DEFAULT
        };
        assert_eq!(
            framed(&knobs, "t", b"xy"),
            "\r\n+CMQTTRXSTART: 0,1,2\r\n+CMQTTRXTOPIC: 0,1,t\r\n+CMQTTRXPAYLOAD: 0,2,xy\r\n\
             +CMQTTRXEND: 0\r\n"
        );
    }
}
