//! The module's unsolicited result codes, and what it leaves out.

use crate::command::Origin;
use crate::ledger::{Gap, Ledger, Urc};

pub(super) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &[],
};

const URC: &str = "docs/spec/onemo.md A4";
const BASE: &str = "docs/spec/onemo.md A10";

const fn field(shape: &'static str, section: &'static str, when: &'static str) -> Urc {
    Urc::manual(shape, section, when).origin(Origin::Field)
}

static URCS: [Urc; 15] = [
    field(
        "+MQTTPUBLISH: <dup>,<qos>,<retained>,<packId>,\"<topic>\",<len>,<payload>",
        URC,
        "a message came",
    ),
    Urc::manual(
        "+MQTTPUBREL: <dup>,<packId>",
        URC,
        "PUBREL of a message came",
    ),
    Urc::manual(
        "+MQTT PUBREL: <dup>,<packId>",
        "docs/spec/onemo.md A11",
        "the same with quirk spaced_unsuback",
    ),
    Urc::manual("+MQTTPINGRSP: OK", URC, "PINGRESP came, AT+MQTTPING=1"),
    Urc::manual(
        "+MQTTTO:<type>",
        URC,
        "an acknowledgement or PINGRESP did not come in time",
    ),
    field("+MQTTREC: <n>", URC, "an attempt to connect again begins"),
    field("+MQTTOPEN:OK", URC, "an attempt to connect again succeeded"),
    Urc::manual(
        "+MQTTDISC: OK",
        URC,
        "connecting again was given up, or is not wanted",
    ),
    field(
        "+CME ERROR: <n>",
        URC,
        "a PUBLISH (609) or PUBREL (619) that is none came",
    ),
    field("REBOOTING", BASE, "the module restarts"),
    Urc::manual("+CREG: <stat>", BASE, "registration changed, AT+CREG=1").origin(Origin::Field),
    field("+CGREG: <stat>", BASE, "registration changed, AT+CGREG=1"),
    field("+CEREG: <stat>", BASE, "registration changed, AT+CEREG=1"),
    field(
        "+CREG: <stat>,\"<lac>\",\"<ci>\",<AcT>",
        BASE,
        "registration changed, AT+CREG=2",
    ),
    field(
        "+CEREG: <stat>,\"<tac>\",\"<ci>\",<AcT>",
        BASE,
        "registration changed, AT+CEREG=2; AT+CGREG=2 likewise",
    ),
];

static GAPS: [Gap; 8] = [
    Gap {
        what: "+CME ERROR: 607, 616, 617",
        section: "docs/spec/onemo.md A2.5",
        why: "the manual says itself that they are not used",
    },
    Gap {
        what: "+CME ERROR: 615",
        section: "docs/spec/onemo.md A2.5",
        why: "the manual's timeline shows +MQTTDISC: OK alone",
    },
    Gap {
        what: "+CME ERROR: 620",
        section: "docs/spec/onemo.md A3.7",
        why: "AT+MQTTDISC holds its line until the connection is closed, so that a second one comes too late \
              to see it",
    },
    Gap {
        what: "+MQTTSTAT: 3, +MQTTSTAT: 4",
        section: "docs/spec/onemo.md A5",
        why: "AT+MQTTOPEN holds its line while they would be true, and the reconnect machine is 2",
    },
    Gap {
        what: "+MQTTTO:6",
        section: URC,
        why: "there is no wait of an unknown kind",
    },
    Gap {
        what: "AT+MDNSGIP, AT+MGNSS…",
        section: BASE,
        why: "accepted without effect: outside the MQTT interface",
    },
    Gap {
        what: "AT+CSTT, AT+CIICR, AT+VERCTRL, AT+SYSNV, AT+MDNSCFG",
        section: BASE,
        why: "accepted without effect: the context is up from the start",
    },
    Gap {
        what: "AT+MQTTCONN and the rest of the later command set",
        section: "docs/spec/onemo.md C",
        why: "spoken by ML302A and ML307, not by ML302",
    },
];
