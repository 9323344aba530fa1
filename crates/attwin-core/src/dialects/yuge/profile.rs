//! Identity of the module, and the network it seems to be in
//! (docs/spec/yuge.md sections 1 and 10).

use core::net::{IpAddr, Ipv4Addr};

use crate::quirks::Millis;
use crate::radio::{Operator, Profile, Signal};

pub(crate) static PROFILE: Profile = Profile {
    manufacturer: "YUGE",
    model: "CLM920_RC3",
    revision: "CLM920_RC3-V3.2",
    serial_number: "",
    imei: "866804050000015",
    imsi: "460001234567890",
    iccid: "89860012345678901238",
    operator: Operator {
        long: "CHINA MOBILE",
        short: "CMCC",
        numeric: "46000",
        format: 0,
        area: "5AB9",
        cell: "B28A51C",
        technology: 7,
    },
    signal: Signal { rssi: 23, ber: 99 },
    default_context: super::CONTEXT,
    apn: "cmnet",
    address: Ipv4Addr::new(10, 155, 69, 240),
    dns: [
        IpAddr::V4(Ipv4Addr::new(211, 136, 17, 107)),
        IpAddr::V4(Ipv4Addr::new(211, 136, 20, 203)),
    ],
    zone_quarters: 32,
    functionality_delay: Millis(0),
    activation_delay: Millis(0),
    scan_delay: Millis(0),
};
