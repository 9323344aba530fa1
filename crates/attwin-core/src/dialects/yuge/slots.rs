//! What dynamic registrations gave the device, one slot for each mode
//! (docs/spec/yuge.md 3.16).

use alloc::vec::Vec;

use bytes::Bytes;

use super::text::Line;
use crate::cloud::aliyun::sdk::Registration;
use crate::storage::Storage;

/// Where a slot is saved. It is one value, so that whatever happens meanwhile
/// there is the old one or the new one and nothing between.
const fn key(kind: Registration) -> &'static str {
    match kind {
        Registration::PreRegistered => "imqtt/dynreg1",
        Registration::Unregistered => "imqtt/dynreg2",
    }
}

/// A kind of registration as AT+IMQTTDYNREG numbers it.
pub(super) const fn number(kind: Registration) -> u8 {
    match kind {
        Registration::PreRegistered => 1,
        Registration::Unregistered => 2,
    }
}

/// Three strings: product key, device name and device secret; or client id,
/// user name and password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Slot(pub(super) [Bytes; 3]);

/// The slots as AT+IMQTTDYNREG=2 shows them.
#[derive(Debug, Default)]
pub(super) struct Slots([Slot; 2]);

impl Slots {
    /// As they were saved.
    pub(super) fn saved(storage: &Storage) -> Self {
        let saved = |kind: Registration| storage.decoded(key(kind), Slot::decode);
        Self(Registration::ALL.map(|kind| saved(kind).unwrap_or_default()))
    }

    pub(super) fn get(&self, kind: Registration) -> &Slot {
        let [first, second] = &self.0;
        match kind {
            Registration::PreRegistered => first,
            Registration::Unregistered => second,
        }
    }

    /// Fills a slot until the next restart, or for good.
    pub(super) fn set(
        &mut self,
        storage: &mut Storage,
        kind: Registration,
        slot: Slot,
        save: bool,
    ) {
        if save {
            storage.save(key(kind), Some(slot.encode()));
        }
        let [first, second] = &mut self.0;
        match kind {
            Registration::PreRegistered => *first = slot,
            Registration::Unregistered => *second = slot,
        }
    }
}

impl Slot {
    /// A line that shows it, from its head on.
    pub(super) fn show(&self, answer: Line) -> Line {
        self.0
            .iter()
            .fold(answer, |answer, text| answer.quoted(text))
    }

    /// Each string behind its length.
    fn encode(&self) -> Bytes {
        let mut out = Vec::new();
        for text in &self.0 {
            // What the cloud gave fits a message.
            let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(text);
        }
        out.into()
    }

    fn decode(saved: &Bytes) -> Option<Self> {
        let mut rest = saved.clone();
        let mut text = || {
            let length = u32::from_be_bytes(*rest.first_chunk::<4>()?);
            let length = usize::try_from(length).ok()?;
            let mut tail = rest.split_off(4);
            if tail.len() < length {
                return None;
            }
            rest = tail.split_off(length);
            Some(tail)
        };
        let slot = Self([text()?, text()?, text()?]);
        rest.is_empty().then_some(slot)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn slots_round_trip(texts in [vec(any::<u8>(), 0..300), vec(any::<u8>(), 0..300), vec(any::<u8>(), 0..300)]) {
            let slot = Slot(texts.map(Bytes::from));
            prop_assert_eq!(Slot::decode(&slot.encode()), Some(slot));
        }

        #[test]
        fn no_saved_value_panics(bytes in vec(any::<u8>(), 0..100)) {
            let _ = Slot::decode(&bytes.into());
        }
    }

    #[test]
    fn half_a_slot_is_none() {
        let slot = Slot([b"pk", b"dn", b"ds"].map(|text| Bytes::from_static(text)));
        let saved = slot.encode();
        for length in 0..saved.len() {
            assert_eq!(Slot::decode(&saved.slice(..length)), None);
        }
    }
}
