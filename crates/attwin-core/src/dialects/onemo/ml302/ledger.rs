//! The module's unsolicited result codes, and what it leaves out.

use super::super::meaning;
use crate::command::{Field, Meaning, Origin};
use crate::handler::shared::meaning::{self as shared, errors};
use crate::ledger::{Gap, Ledger, Urc};

pub(super) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &ERRORS,
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
    )
    .fields(&meaning::MESSAGE),
    Urc::manual(
        "+MQTTPUBREL: <dup>,<packId>",
        URC,
        "PUBREL of a message came",
    )
    .fields(&meaning::ACKNOWLEDGED),
    Urc::manual(
        "+MQTT PUBREL: <dup>,<packId>",
        "docs/spec/onemo.md A11",
        "the same with quirk spaced_unsuback",
    )
    .fields(&meaning::ACKNOWLEDGED),
    Urc::manual("+MQTTPINGRSP: OK", URC, "PINGRESP came, AT+MQTTPING=1"),
    Urc::manual(
        "+MQTTTO:<type>",
        URC,
        "an acknowledgement or PINGRESP did not come in time",
    )
    .fields(&[meaning::WAIT]),
    field("+MQTTREC: <n>", URC, "an attempt to connect again begins").fields(&[meaning::ATTEMPT]),
    field("+MQTTOPEN:OK", URC, "an attempt to connect again succeeded"),
    Urc::manual(
        "+MQTTDISC: OK",
        URC,
        "connecting again was given up, or is not wanted",
    ),
    field(
        "+CME ERROR: <err>",
        URC,
        "a PUBLISH (609) or PUBREL (619) that is none came",
    ),
    field("REBOOTING", BASE, "the module restarts"),
    Urc::manual("+CREG: <stat>", BASE, "registration changed, AT+CREG=1")
        .origin(Origin::Field)
        .fields(&REGISTRATION),
    field("+CGREG: <stat>", BASE, "registration changed, AT+CGREG=1").fields(&REGISTRATION),
    field("+CEREG: <stat>", BASE, "registration changed, AT+CEREG=1").fields(&REGISTRATION),
    field(
        "+CREG: <stat>,\"<lac>\",\"<ci>\",<AcT>",
        BASE,
        "registration changed, AT+CREG=2",
    )
    .fields(&REGISTRATION),
    field(
        "+CEREG: <stat>,\"<tac>\",\"<ci>\",<AcT>",
        BASE,
        "registration changed, AT+CEREG=2; AT+CGREG=2 likewise",
    )
    .fields(&REGISTRATION),
];

static REGISTRATION: [Field; 2] = [shared::STATUS, shared::ACT];

/// What the numbers of docs/spec/onemo.md A2.5 and those of base commands mean.
static ERRORS: [Meaning; 28] = [
    errors::NOT_ALLOWED,
    errors::SIM_NOT_INSERTED,
    errors::SIM_PIN_REQUIRED,
    errors::SIM_PUK_REQUIRED,
    errors::SIM_FAILURE,
    errors::SIM_BUSY,
    errors::INCORRECT_PASSWORD,
    errors::NO_NETWORK_SERVICE,
    Meaning::new("49", "the command has no such form").remedy("attwin commands lists the forms"),
    errors::INCORRECT_PARAMETERS,
    Meaning::new("600", "no network, or no MQTT connection")
        .when("AT+MQTTOPEN without a PDP context; other commands without a connection")
        .remedy("AT+CGACT=1,1, or AT+MQTTOPEN, comes first"),
    Meaning::new("601", "a parameter is wrong")
        .when("also AT+MQTTOPEN before AT+MQTTCFG, and a data entry that was not finished"),
    Meaning::new("602", "connected already").remedy("AT+MQTTDISC comes first"),
    Meaning::new("603", "connecting failed")
        .when("name, TCP or TLS failed, CONNACK refused with 1 or 3, or an attempt is under way"),
    Meaning::new("604", "no CONNACK in time").when("+MQTTTO:1 came before"),
    Meaning::new("605", "the subscription failed")
        .when("SUBACK refused it, did not come, or was malformed"),
    Meaning::new("606", "the topic is subscribed already").remedy("AT+MQTTUNSUB comes first"),
    Meaning::new("608", "sending failed, or a publish was not acknowledged")
        .when("also when the connection is lost meanwhile"),
    Meaning::new("609", "the server sent a malformed PUBLISH"),
    Meaning::new("610", "the server sent a malformed PUBREC"),
    Meaning::new("611", "the server sent a malformed PUBCOMP"),
    Meaning::new("612", "the server sent a malformed PUBACK"),
    Meaning::new("613", "the module has no socket"),
    Meaning::new("614", "the server refused the client")
        .when("CONNACK with return code 2, 4 or 5")
        .remedy("check client identifier, user name and password"),
    Meaning::new("618", "unsubscribing failed").when("UNSUBACK did not come, or was malformed"),
    Meaning::new("619", "the server sent a malformed PUBREL"),
    Meaning::new("620", "disconnecting already"),
    Meaning::new("621", "the topic is not subscribed").remedy("AT+MQTTSUB? lists those that are"),
];

static GAPS: [Gap; 10] = [
    Gap {
        what: "publishes that were not acknowledged when the connection was lost",
        section: "docs/spec/onemo.md A6",
        why: "not sent again by the module, also with clean=0: the command failed, and the host publishes again",
    },
    Gap {
        what: "test forms of basic commands (E, V, Q, &F, &W, Z, I, S3, S4)",
        section: BASE,
        why: "V.250 has none",
    },
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
