//! The module's unsolicited result codes, and what it leaves out.

use crate::command::Origin;
use crate::ledger::{Gap, Ledger, Urc};

pub(super) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &[],
};

const URC: &str = "docs/spec/onemo.md B4";
const BASE: &str = "docs/spec/onemo.md B10";

const fn field(shape: &'static str, section: &'static str, when: &'static str) -> Urc {
    Urc::manual(shape, section, when).origin(Origin::Field)
}

static URCS: [Urc; 20] = [
    Urc::manual("+MQTTOPEN:OK", URC, "connected, also by itself"),
    Urc::manual("+MQTTOPEN:FAIL", URC, "connecting failed"),
    Urc::manual(
        "+MQTTPUBLISH:<dup>,<qos>,<retained>,<packId>,<topic>,<len>,<payload>",
        URC,
        "a message came",
    ),
    Urc::manual("+MQTTSUBACK:<packId>,<code>,<topic>", URC, "SUBACK came"),
    Urc::manual("+MQTTUNSUBACK:<packId>,<topic>", URC, "UNSUBACK came"),
    Urc::manual("+MQTTPUBACK:<packId>,<dup>", URC, "PUBACK came"),
    Urc::manual("+MQTTPUBREC:<packId>,<dup>", URC, "PUBREC came"),
    Urc::manual("+MQTTPUBREL:<packId>,<dup>", URC, "PUBREL was sent"),
    Urc::manual("+MQTTPUBCOMP:<packId>,<dup>", URC, "PUBCOMP came"),
    Urc::manual("+MQTTPINGRESP:OK", URC, "PINGRESP came, AT+MQTTPING=1"),
    Urc::manual(
        "+MQTTTO:<type>",
        URC,
        "an acknowledgement or PINGRESP did not come in time",
    ),
    Urc::manual("+MQTTREC:<n>", URC, "an attempt to connect again begins"),
    Urc::manual(
        "+MQTTDISC:OK",
        URC,
        "disconnected, or connecting again was given up",
    ),
    field(
        "+POWERON:<cause>",
        "docs/spec/onemo.md B1",
        "the module has booted",
    ),
    field(
        "^SIMST:<state>",
        "docs/spec/onemo.md B1",
        "the SIM is ready",
    ),
    field("REBOOTING", BASE, "the module restarts"),
    field("+CMNTP:0,\"<time>\"", BASE, "a time server answered"),
    field("+CMNTP:<err>", BASE, "a time server did not answer").origin(Origin::Decision),
    field("+CEREG:<stat>", BASE, "registration changed, AT+CEREG=1"),
    field(
        "+CEREG:<stat>,\"<tac>\",\"<ci>\",<AcT>",
        BASE,
        "registration changed, AT+CEREG=2",
    ),
];

static GAPS: [Gap; 5] = [
    Gap {
        what: "+CME ERROR:8007",
        section: "docs/spec/onemo.md B2.4",
        why: "reserved: a command that comes before the last one is answered waits instead",
    },
    Gap {
        what: "+MQTTTO:6",
        section: URC,
        why: "there is no wait of an unknown kind",
    },
    Gap {
        what: "AT+MQTTREC",
        section: "docs/spec/onemo.md B3.11",
        why: "ERROR, as on the module: connecting again cannot be switched off",
    },
    Gap {
        what: "AT+NSOCR and other sockets",
        section: BASE,
        why: "outside the MQTT interface: ERROR",
    },
    Gap {
        what: "AT+CMNTP",
        section: BASE,
        why: "the name is resolved for real; the time is that of the computer",
    },
];
