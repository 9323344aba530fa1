//! Identity of the module, and the network it seems to be in
//! (docs/spec/simcom.md sections 1 and 10).

use core::net::{IpAddr, Ipv4Addr};

use crate::quirks::Millis;
use crate::radio::{Operator, Profile, Signal};

/// MQTT clients of the module (docs/spec/simcom.md section 3).
pub(super) const CLIENTS: u8 = 1;

pub(crate) static PROFILE: Profile = Profile {
    manufacturer: "SIMCOM INCORPORATED",
    model: "SIM7028",
    revision: "2110B07SIM7028",
    serial_number: "",
    imei: "866207050000017",
    imsi: "460001234567890",
    iccid: "89860012345678901234",
    operator: Operator {
        long: "CHINA MOBILE",
        short: "CMCC",
        numeric: "46000",
        format: 2,
        area: "5AB9",
        cell: "B28ABBC",
        technology: 9,
    },
    signal: Signal { rssi: 23, ber: 0 },
    default_context: super::CONTEXT,
    apn: "apn",
    address: Ipv4Addr::new(10, 88, 44, 193),
    dns: [
        IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
        IpAddr::V4(Ipv4Addr::new(8, 8, 4, 4)),
    ],
    zone_quarters: 28,
    functionality_delay: Millis(0),
    activation_delay: Millis(0),
    scan_delay: Millis(3000),
};
