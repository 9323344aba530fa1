//! Identity of the module, and the network it seems to be in
//! (docs/spec/simcom.md sections 1 and 10).

use core::net::{IpAddr, Ipv4Addr};

use super::{Knobs, SimCom};
use crate::command::{ClosingQuote, GrammarQuirks, Prefix};
use crate::handler::boot::{BootLine, Says};
use crate::handler::{Amendments, BaseQuirks, Profile, Quirks};
use crate::quirks::Millis;
use crate::radio::{Defaults, Operator, Signal};
use crate::serial::{BeforePrompt, LineQuirks};

/// What members of this family differ in and only its handlers read.
pub(crate) struct Own {
    /// MQTT clients; the rows' ranges go with it.
    pub(super) clients: u8,
    pub(super) knobs: Knobs,
}

/// MQTT clients of a SIM7028 (docs/spec/simcom.md section 3).
pub(super) const CLIENTS: u8 = 1;

pub(super) static PROFILE: Profile<SimCom> = Profile {
    defaults: Defaults {
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
        activation_delay: Millis(0),
        scan_delay: Millis(3000),
    },
    quirks: QUIRKS,
    boot: &[
        BootLine::new(0, Says::Words("RDY")),
        BootLine::new(500, Says::Sim),
    ],
    amendments: Amendments::NONE,
    own: Own {
        clients: CLIENTS,
        knobs: Knobs::DEFAULT,
    },
};

/// Settings of the shared layers (docs/spec/simcom.md sections 2, 4 and 10).
pub(super) const QUIRKS: Quirks = Quirks {
    line: LineQuirks {
        // 559 characters after `AT`.
        line_limit: 561,
        before_prompt: BeforePrompt::DropLineFeed,
        // Only answers and data entries hold URCs back (docs/spec/simcom.md 5.5).
        partial_line_hold_ms: Millis(0),
        ..LineQuirks::DEFAULT
    },
    grammar: GrammarQuirks {
        commands_per_line: 39,
        prefix: Prefix::Refuse,
        quoted_integers: true,
        closing_quote: ClosingQuote::First,
        ..GrammarQuirks::DEFAULT
    },
    base: BaseQuirks {
        cmee_default: 0,
        boot_delay_ms: Millis(2000),
        boot_registration_ms: Millis(4000),
        registration_delay_ms: Millis(3000),
        radio_off_ms: Millis(1500),
        radio_on_ms: Millis(500),
        ..BaseQuirks::DEFAULT
    },
};
