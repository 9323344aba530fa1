//! What the family's members differ in, and those that differ in their names
//! alone (docs/spec/quectel.md 1.1, 1.2).

use core::net::{IpAddr, Ipv4Addr};

use super::publish::PAYLOAD;
use super::{Knobs, Quectel, ssl};
use crate::handler::boot::{BootLine, Says};
use crate::handler::{Amendments, BaseQuirks, Profile, Quirks};
use crate::quirks::Millis;
use crate::radio::{Defaults, Operator, Signal};
use crate::serial::LineQuirks;

/// What only this family's handlers read.
pub(crate) struct Own {
    /// Answer of AT+QGMR.
    pub(super) full_revision: &'static str,
    /// What is said once the SIM can be used, after `+CPIN: READY`.
    pub(super) sim_ready: &'static [&'static str],
    /// Whether a restart by the host says what a power down says.
    pub(super) restart_says_so: bool,
    /// Time from the `OK` of AT+QPOWD to its last line.
    pub(super) power_down_delay: Millis,
    /// Longest payload in bytes.
    pub(super) payload: usize,
    /// What the result line of AT+QMTPUBEX begins with, without `+`.
    pub(super) pubex_result: &'static str,
    /// What it begins with for a message in the command line.
    pub(super) pubex_inline_result: &'static str,
    /// What AT+QCFG="band" prints at first.
    pub(super) bands: &'static str,
    /// Cipher suites AT+QSSLCFG knows.
    pub(super) suites: &'static [u32],
    pub(super) knobs: Knobs,
}

/// The family's settings of the shared layers (docs/spec/quectel.md section 2).
pub(super) const QUIRKS: Quirks = Quirks {
    line: LineQuirks {
        // No string can contain one (docs/spec/quectel.md 2.5).
        drop_nul: true,
        ..LineQuirks::DEFAULT
    },
    base: BaseQuirks {
        boot_delay_ms: Millis(1500),
        boot_registration_ms: Millis(2500),
        registration_delay_ms: Millis(3000),
        attach_ms: Millis(500),
        radio_off_ms: Millis(1500),
        radio_on_ms: Millis(1000),
        ..BaseQuirks::DEFAULT
    },
    ..Quirks::DEFAULT
};

/// Sample values all members have (docs/spec/quectel.md section 10).
pub(super) const DEFAULTS: Defaults = Defaults {
    manufacturer: "Quectel",
    model: "",
    revision: "",
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
    activation_delay: Millis(500),
    scan_delay: Millis(3000),
};

/// As the LTE Standard modules have it.
pub(super) const OWN: Own = Own {
    full_revision: "",
    sim_ready: &["+QUSIM: 1", "+QIND: PB DONE", "+QIND: SMS DONE"],
    restart_says_so: false,
    power_down_delay: Millis(0),
    payload: PAYLOAD,
    pubex_result: "QMTPUBEX",
    pubex_inline_result: "QMTPUB",
    bands: "0xd3,0x1a0000800d5,0x0",
    suites: &ssl::SUITES,
    knobs: Knobs::DEFAULT,
};

/// Times after the module began to hear its host (docs/spec/quectel.md 10.1).
static BOOT: [BootLine; 6] = [
    BootLine::new(0, Says::Words("RDY")),
    BootLine::new(1000, Says::Functionality),
    BootLine::new(1000, Says::Sim),
    BootLine::new(1000, Says::WithSim("+QUSIM: 1")),
    BootLine::new(2800, Says::WithSim("+QIND: SMS DONE")),
    BootLine::new(3300, Says::WithSim("+QIND: PB DONE")),
];

/// AT+QMTCFG keys that only the EG25-G lists (docs/spec/quectel.md 3.1).
const AMENDMENTS: Amendments = Amendments {
    absent: &[
        ("+QMTCFG", Some("send/mode")),
        ("+QMTCFG", Some("hwauth")),
        ("+QMTCFG", Some("hwprodid")),
    ],
    ..Amendments::NONE
};

const fn lte_standard(
    model: &'static str,
    revision: &'static str,
    full_revision: &'static str,
) -> Profile<Quectel> {
    Profile {
        defaults: Defaults {
            model,
            revision,
            ..DEFAULTS
        },
        quirks: QUIRKS,
        boot: &BOOT,
        amendments: AMENDMENTS,
        own: Own {
            full_revision,
            ..OWN
        },
    }
}

pub(super) static EC25: Profile<Quectel> =
    lte_standard("EC25", "EC25EFAR06A17M4G", "EC25EFAR06A17M4G_20.200.20.200");
pub(super) static EC20: Profile<Quectel> =
    lte_standard("EC20F", "EC20CEHCLGR06A05M1G", "EC20CEHCLGR06A05M1G");
pub(super) static EG25: Profile<Quectel> = Profile {
    amendments: Amendments {
        specs: &ssl::EG25,
        ..Amendments::NONE
    },
    own: Own {
        full_revision: "EG25GGBR07A08M2G_30.203.30.203",
        bands: "0xbff,0x1e00b0e18df,0x0",
        suites: &ssl::EG25_SUITES,
        ..OWN
    },
    ..lte_standard("EG25", "EG25GGBR07A08M2G", "")
};
pub(super) static EG95: Profile<Quectel> =
    lte_standard("EG95", "EG95EXGAR08A02M1G", "EG95EXGAR08A02M1G");
pub(super) static EC21: Profile<Quectel> =
    lte_standard("EC21", "EC21EFAR06A08M4G", "EC21EFAR06A08M4G");
