//! BG95: an LPWA module of the family, by values alone
//! (docs/spec/quectel-siblings.md 1.1, 1.2 and 1.5).

use super::Quectel;
use super::profile::{DEFAULTS, OWN, Own, QUIRKS};
use super::publish::{INDEX, PUB, PUBEX, QOS, RETAIN, TOPIC};
use crate::command::{Kind, Origin, Param, Spec};
use crate::handler::boot::{BootLine, Says};
use crate::handler::shared::shared;
use crate::handler::{Amendments, BaseQuirks, Profile, Quirks};
use crate::ledger::Urc;
use crate::quirks::Millis;
use crate::radio::{Defaults, Operator};

/// Longest message of AT+QMTPUBEX in bytes (docs/spec/quectel-siblings.md B50).
const INLINE: usize = 560;
/// Longest message of AT+QMTPUB in bytes (docs/spec/quectel-siblings.md B53).
const LONGEST: u16 = 4096;
const MSGID: Param = Param::int("msgid", 0, 65535);

pub(super) static BG95: Profile<Quectel> = Profile {
    defaults: Defaults {
        model: "BG95-M3",
        revision: "BG95M3LAR02A03",
        operator: Operator {
            technology: 8,
            ..DEFAULTS.operator
        },
        ..DEFAULTS
    },
    quirks: Quirks {
        base: BaseQuirks {
            // B14
            radio_off_ms: Millis(300),
            radio_on_ms: Millis(550),
            ..QUIRKS.base
        },
        ..QUIRKS
    },
    boot: &[
        BootLine::new(0, Says::Words("RDY")),
        BootLine::new(3000, Says::Words("APP RDY")),
        BootLine::new(3000, Says::Functionality),
        BootLine::new(3000, Says::Sim),
        BootLine::new(3000, Says::WithSim("+QUSIM: 1")),
        BootLine::new(3000, Says::WithSim("+QIND: SMS DONE")),
    ],
    amendments: Amendments {
        specs: &[
            // B15
            shared("+CFUN", "docs/spec/quectel-siblings.md 1.2")
                .spec
                .test_lines(&["+CFUN: (0-1,4),(0-1)"]),
            // B43, B48, B50, B51
            Spec {
                section: "docs/spec/quectel-siblings.md 1.5",
                summary: "publish a message in quotes",
                ..PUBEX
            }
            .test_lines(&[r#"+QMTPUBEX: (0-5),<msgID>,(0-2),(0,1),"<topic>","<msg>""#])
            .write(&[
                INDEX,
                MSGID,
                QOS,
                RETAIN,
                TOPIC,
                Param::of(
                    "msg",
                    Kind::IntegerOrText {
                        integer: (1, LONGEST as u32),
                        text: INLINE,
                    },
                ),
            ])
            .result("+QMTPUB")
            .example(r#"+QMTPUBEX=0,0,0,0,"topic/pub","message""#),
            // B42, B52, B53
            Spec {
                section: "docs/spec/quectel-siblings.md 1.5",
                summary: "publish a message of given length, or up to Ctrl-Z",
                ..PUB
            }
            .test_lines(&["+QMTPUB: (0-5),(0-65535),(0-2),(0,1),<topic>,(1-4096)"])
            .write(&[
                INDEX,
                MSGID,
                QOS,
                RETAIN,
                TOPIC,
                Param::int("length", 1, LONGEST as u32).optional(),
            ]),
        ],
        absent: &[],
        urcs: &[Urc::manual(
            "APP RDY",
            "docs/spec/quectel-siblings.md 1.2",
            "the module is ready for its applications",
        )
        .origin(Origin::Field)],
    },
    own: Own {
        full_revision: "BG95M3LAR02A03_01.200.01.200",
        sim_ready: &["+QUSIM: 1", "+QIND: SMS DONE"],
        restart_says_so: true,
        power_down_delay: Millis(500),
        payload: LONGEST as usize,
        pubex_result: "QMTPUB",
        ..OWN
    },
};
