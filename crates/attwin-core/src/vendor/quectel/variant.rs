//! Identities of the family's members (spec/quectel.md 1.2).

/// What a member answers when asked who it is.
#[derive(Debug)]
pub(crate) struct Variant {
    /// Model name.
    pub(crate) object: &'static str,
    /// Firmware name, answer of AT+CGMR and ATI.
    pub(crate) revision: &'static str,
    /// Answer of AT+QGMR.
    pub(crate) full_revision: &'static str,
}

macro_rules! variant {
    ($name:ident, $object:literal, $revision:literal, $full:literal) => {
        pub(crate) static $name: Variant = Variant {
            object: $object,
            revision: $revision,
            full_revision: $full,
        };
    };
}

variant!(
    EC25,
    "EC25",
    "EC25EFAR06A17M4G",
    "EC25EFAR06A17M4G_20.200.20.200"
);
variant!(EC20, "EC20F", "EC20CEHCLGR06A05M1G", "EC20CEHCLGR06A05M1G");
variant!(
    EG25,
    "EG25",
    "EG25GGBR07A08M2G",
    "EG25GGBR07A08M2G_30.203.30.203"
);
variant!(EG95, "EG95", "EG95EXGAR08A02M1G", "EG95EXGAR08A02M1G");
variant!(EC21, "EC21", "EC21EFAR06A08M4G", "EC21EFAR06A08M4G");
