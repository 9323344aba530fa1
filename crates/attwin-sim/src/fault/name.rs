//! A packet in a few words, for what a fault says of it.

use super::names::PACKETS;

/// `PUBACK id=7`, from the bytes of a packet or its beginning.
pub(super) fn packet_name(packet: &[u8]) -> String {
    let kind = packet.first().map(|first| first >> 4);
    let row = PACKETS.iter().find(|(_, number, _)| *number == kind);
    let (name, ..) = row.unwrap_or(&PACKETS[PACKETS.len() - 1]);
    let name = name.to_uppercase();
    match identifier(packet) {
        Some(id) => format!("{name} id={id}"),
        None => name,
    }
}

/// The packet identifier (MQTT 3.1.1 section 2.3.1).
fn identifier(packet: &[u8]) -> Option<u16> {
    let (first, rest) = packet.split_first()?;
    let length = rest.iter().take(4).position(|byte| byte & 0x80 == 0)?;
    let body = rest.get(length + 1..)?;
    let at = match first >> 4 {
        3 if first & 0x06 != 0 => 2 + usize::from(u16::from_be_bytes(pair(body, 0)?)),
        4..=11 => 0,
        _ => return None,
    };
    pair(body, at).map(u16::from_be_bytes)
}

fn pair(body: &[u8], at: usize) -> Option<[u8; 2]> {
    body.get(at..at + 2)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_named_with_their_identifier() {
        for (bytes, name) in [
            (&b"\x40\x02\x00\x07"[..], "PUBACK id=7"),
            (b"\x32\x07\x00\x01t\x01\x02xy", "PUBLISH id=258"),
            (b"\x30\x05\x00\x01txy", "PUBLISH"),
            (b"\xc0\x00", "PINGREQ"),
            (b"\x32\x07\x00\x01t\x01", "PUBLISH"),
            (b"\xf0", "PACKET"),
            (b"", "PACKET"),
        ] {
            assert_eq!(packet_name(bytes), name);
        }
    }
}
