//! Identity of the module, and the network it seems to be in
//! (docs/spec/yuge.md sections 1 and 10).

use core::net::{IpAddr, Ipv4Addr};

use super::{Knobs, Yuge};
use crate::command::{ClosingQuote, Escapes, GrammarQuirks, Prefix};
use crate::handler::boot::{BootLine, Says};
use crate::handler::{Amendments, BaseQuirks, Profile, Quirks};
use crate::quirks::Millis;
use crate::radio::{Defaults, Operator, Signal};
use crate::serial::{BeforePrompt, LineQuirks};

pub(super) static PROFILE: Profile<Yuge> = Profile {
    defaults: Defaults {
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
        activation_delay: Millis(0),
        scan_delay: Millis(0),
    },
    quirks: QUIRKS,
    boot: &[
        BootLine::new(0, Says::Words("*ATREADY: 1")),
        // A SIM that wants its PIN is not ready, present or not.
        BootLine::new(500, Says::WithSim("+CPIN: READY")),
    ],
    amendments: Amendments::NONE,
    own: Knobs::DEFAULT,
};

/// Settings of the shared layers (docs/spec/yuge.md section 2).
pub(super) const QUIRKS: Quirks = Quirks {
    line: LineQuirks {
        line_limit: 4096,
        drop_stray_control: false,
        repeat_line: false,
        drop_nul: true,
        delete_is_backspace: true,
        partial_line_hold_ms: Millis(0),
        before_prompt: BeforePrompt::DropLineFeedNul,
        ..LineQuirks::DEFAULT
    },
    grammar: GrammarQuirks {
        // A line is one command: `ATE0V1` is an unknown name like any other.
        commands_per_line: 1,
        command_list: false,
        prefix: Prefix::Ignore,
        spaces_in_names: true,
        quoted_integers: true,
        integer_digits: 10,
        omission: false,
        escapes: Escapes::Quote,
        closing_quote: ClosingQuote::First,
        ..GrammarQuirks::DEFAULT
    },
    base: BaseQuirks {
        cmee_default: 0,
        // docs/spec/yuge.md 10.2
        boot_delay_ms: Millis(3000),
        boot_registration_ms: Millis(4000),
        registration_delay_ms: Millis(3000),
        radio_off_ms: Millis(1000),
        radio_on_ms: Millis(500),
        ..BaseQuirks::DEFAULT
    },
};
