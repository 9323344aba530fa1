//! PDP contexts: how they are defined, which of that is saved, and which are
//! up.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::IpAddr;

use bytes::Bytes;

use super::Defaults;
use crate::storage::Storage;

/// Address of a context that asks the network for one.
const ANY_ADDRESS: &[u8] = b"0.0.0.0";
/// Highest context id of any module, 3GPP 27.007 `<cid>`.
const HIGHEST_CID: u8 = 16;

/// PDP type (3GPP 27.007 `<PDP_type>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PdpType {
    /// IPv4.
    Ip,
    /// IPv6.
    Ipv6,
    /// Both.
    Ipv4v6,
}

impl PdpType {
    const ALL: [Self; 3] = [Self::Ip, Self::Ipv6, Self::Ipv4v6];

    /// As `+CGDCONT` spells it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ip => "IP",
            Self::Ipv6 => "IPV6",
            Self::Ipv4v6 => "IPV4V6",
        }
    }

    /// The type `+CGDCONT` spells so, in any case.
    pub(crate) fn named(name: &[u8]) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|t| t.name().as_bytes().eq_ignore_ascii_case(name))
    }

    /// As the vendors number it, from 1.
    pub(crate) const fn number(self) -> u8 {
        self as u8 + 1
    }

    /// The type the vendors number so.
    pub(crate) fn numbered(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.number() == number)
    }
}

/// How the host defined a context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) pdp_type: PdpType,
    pub(crate) apn: Vec<u8>,
    /// Address the host asks for.
    pub(crate) address: Vec<u8>,
    pub(crate) user: Vec<u8>,
    pub(crate) password: Vec<u8>,
    /// 0 none, 1 PAP, 2 CHAP, 3 either.
    pub(crate) authentication: u8,
    /// `<d_comp>`, `<h_comp>`, `<IPv4AddrAlloc>`, `<request_type>`.
    pub(crate) options: [u8; 4],
}

impl Default for Definition {
    fn default() -> Self {
        Self {
            pdp_type: PdpType::Ip,
            apn: Vec::new(),
            address: ANY_ADDRESS.to_vec(),
            user: Vec::new(),
            password: Vec::new(),
            authentication: 0,
            options: [0; 4],
        }
    }
}

impl Definition {
    /// The bytes it is saved as: type, authentication, options, then each
    /// string behind its length.
    fn encode(&self) -> Bytes {
        let mut out = Vec::new();
        out.extend([self.pdp_type.number(), self.authentication]);
        out.extend(self.options);
        for text in [&self.apn, &self.address, &self.user, &self.password] {
            // Every row keeps strings shorter than 256 bytes.
            let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
            out.push(length);
            out.extend(&text[..usize::from(length)]);
        }
        out.into()
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (head, mut rest) = bytes.split_first_chunk::<6>()?;
        let mut text = || {
            let (&length, tail) = rest.split_first()?;
            let (text, tail) = tail.split_at_checked(usize::from(length))?;
            rest = tail;
            Some(text.to_vec())
        };
        let [pdp_type, authentication, options @ ..] = *head;
        Some(Self {
            pdp_type: PdpType::numbered(pdp_type)?,
            authentication,
            options,
            apn: text()?,
            address: text()?,
            user: text()?,
            password: text()?,
        })
    }
}

/// A defined context.
#[derive(Debug)]
pub(crate) struct PdpContext {
    definition: Definition,
    dns: [IpAddr; 2],
    /// Whether the network carries it.
    bearer: bool,
    /// Whether the module's own connections use it.
    in_use: bool,
}

impl PdpContext {
    fn new(definition: Definition, dns: [IpAddr; 2]) -> Self {
        Self {
            definition,
            dns,
            bearer: false,
            in_use: false,
        }
    }

    pub(crate) fn definition(&self) -> &Definition {
        &self.definition
    }

    /// Name servers, primary and secondary.
    pub(crate) fn dns(&self) -> [IpAddr; 2] {
        self.dns
    }

    pub(crate) fn set_dns(&mut self, dns: [IpAddr; 2]) {
        self.dns = dns;
    }

    /// Whether the network carries it (3GPP 27.007 `+CGACT`).
    pub(crate) fn has_bearer(&self) -> bool {
        self.bearer
    }

    /// Whether the module's own connections use it.
    pub(crate) fn is_in_use(&self) -> bool {
        self.in_use
    }
}

/// Every defined context, by id.
#[derive(Debug)]
pub(crate) struct Contexts {
    defaults: &'static Defaults,
    contexts: BTreeMap<u8, PdpContext>,
}

impl Contexts {
    pub(super) fn new(defaults: &'static Defaults) -> Self {
        Self {
            defaults,
            contexts: BTreeMap::new(),
        }
    }

    /// All are down, and defined as saved.
    pub(super) fn restart(&mut self, storage: &Storage) {
        self.contexts.clear();
        for cid in 0..=HIGHEST_CID {
            let decode = |saved: &Bytes| {
                let definition = Definition::decode(saved);
                (definition.is_some() || saved.is_empty()).then_some(definition)
            };
            let definition = match storage.decoded(&key(cid), decode) {
                Some(saved) => saved,
                None if cid == self.defaults.default_context => Some(Definition {
                    apn: self.defaults.apn.into(),
                    ..Definition::default()
                }),
                None => None,
            };
            if let Some(definition) = definition {
                let context = PdpContext::new(definition, self.defaults.dns);
                self.contexts.insert(cid, context);
            }
        }
    }

    /// The context of this id, if it is defined.
    pub(crate) fn get(&self, cid: u8) -> Option<&PdpContext> {
        self.contexts.get(&cid)
    }

    pub(crate) fn get_mut(&mut self, cid: u8) -> Option<&mut PdpContext> {
        self.contexts.get_mut(&cid)
    }

    /// Every defined context, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u8, &PdpContext)> {
        self.contexts.iter().map(|(&cid, context)| (cid, context))
    }

    /// Defines a context and saves that. One that is up stays as it is until
    /// it is activated again.
    pub(crate) fn define(&mut self, storage: &mut Storage, cid: u8, definition: Definition) {
        storage.save(&key(cid), Some(definition.encode()));
        match self.contexts.get_mut(&cid) {
            Some(context) => context.definition = definition,
            None => {
                let context = PdpContext::new(definition, self.defaults.dns);
                self.contexts.insert(cid, context);
            }
        }
    }

    /// Makes a context undefined, unless connections use it.
    pub(crate) fn undefine(&mut self, storage: &mut Storage, cid: u8) -> bool {
        if self.get(cid).is_some_and(PdpContext::is_in_use) {
            return false;
        }
        self.contexts.remove(&cid);
        // An empty value keeps the default context undefined, too.
        let default = cid == self.defaults.default_context;
        storage.save(&key(cid), default.then(Bytes::new));
        true
    }

    /// `false` if the context is not defined.
    pub(super) fn set_bearer(&mut self, cid: u8, up: bool) -> bool {
        let Some(context) = self.contexts.get_mut(&cid) else {
            return false;
        };
        context.bearer = up;
        true
    }

    /// Whether that changed something.
    pub(super) fn set_in_use(&mut self, cid: u8, in_use: bool) -> bool {
        self.contexts
            .get_mut(&cid)
            .is_some_and(|context| core::mem::replace(&mut context.in_use, in_use) != in_use)
    }

    /// Takes all down; returns those that were in use.
    pub(super) fn drop_all(&mut self) -> Vec<u8> {
        let mut dropped = Vec::new();
        for (&cid, context) in &mut self.contexts {
            context.bearer = false;
            if core::mem::take(&mut context.in_use) {
                dropped.push(cid);
            }
        }
        dropped
    }
}

fn key(cid: u8) -> String {
    alloc::format!("pdp/{cid}")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn definitions_round_trip(
            number in 1u8..=3,
            authentication: u8,
            options: [u8; 4],
            apn in vec(any::<u8>(), 0..256),
            user in vec(any::<u8>(), 0..256),
        ) {
            let definition = Definition {
                pdp_type: PdpType::numbered(number).expect("1 to 3"),
                authentication,
                options,
                apn,
                user,
                ..Definition::default()
            };
            prop_assert_eq!(Definition::decode(&definition.encode()), Some(definition));
        }

        #[test]
        fn no_saved_value_panics(bytes in vec(any::<u8>(), 0..300)) {
            let _ = Definition::decode(&bytes);
        }
    }
}
