//! Identities of the family's members (docs/spec/quectel.md 1.1, 1.2).

use core::net::{IpAddr, Ipv4Addr};

use crate::quirks::Millis;
use crate::radio::{Operator, Profile, Signal};

/// What a member answers when asked who it is.
#[derive(Debug)]
pub(crate) struct Variant {
    /// Sample values; the revision is also part of ATI.
    pub(crate) profile: Profile,
    /// Answer of AT+QGMR.
    pub(crate) full_revision: &'static str,
}

const fn variant(
    model: &'static str,
    revision: &'static str,
    full_revision: &'static str,
) -> Variant {
    Variant {
        profile: Profile {
            manufacturer: "Quectel",
            model,
            revision,
            serial_number: "MPA23AP10000001",
            imei: "864257040123458",
            imsi: "460023210226023",
            iccid: "89860025128306012474",
            operator: Operator {
                long: "CHN-UNICOM",
                short: "UNICOM",
                numeric: "46001",
                format: 0,
                area: "D509",
                cell: "80D413D",
                technology: 7,
            },
            signal: Signal { rssi: 28, ber: 99 },
            default_context: 1,
            apn: "3gnet",
            address: Ipv4Addr::new(10, 76, 51, 180),
            dns: [
                IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
                IpAddr::V4(Ipv4Addr::new(8, 8, 4, 4)),
            ],
            zone_quarters: 32,
            functionality_delay: Millis(500),
            activation_delay: Millis(500),
            scan_delay: Millis(3000),
        },
        full_revision,
    }
}

pub(crate) static EC25: Variant =
    variant("EC25", "EC25EFAR06A17M4G", "EC25EFAR06A17M4G_20.200.20.200");
pub(crate) static EC20: Variant = variant("EC20F", "EC20CEHCLGR06A05M1G", "EC20CEHCLGR06A05M1G");
pub(crate) static EG25: Variant =
    variant("EG25", "EG25GGBR07A08M2G", "EG25GGBR07A08M2G_30.203.30.203");
pub(crate) static EG95: Variant = variant("EG95", "EG95EXGAR08A02M1G", "EG95EXGAR08A02M1G");
pub(crate) static EC21: Variant = variant("EC21", "EC21EFAR06A08M4G", "EC21EFAR06A08M4G");
