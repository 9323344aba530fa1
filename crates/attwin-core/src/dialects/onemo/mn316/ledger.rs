//! The module's unsolicited result codes, and what it leaves out.

use super::super::meaning;
use super::network::REGISTRATION;
use super::power;
use crate::command::{Field, Meaning, Origin};
use crate::handler::shared::meaning::errors;
use crate::ledger::{Gap, Ledger, Urc};

pub(super) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &ERRORS,
};

const URC: &str = "docs/spec/onemo.md B4";
const BASE: &str = "docs/spec/onemo.md B10";
const POWER: &str = "docs/spec/onemo.md B10.1";

const fn field(shape: &'static str, section: &'static str, when: &'static str) -> Urc {
    Urc::manual(shape, section, when).origin(Origin::Field)
}

static URCS: [Urc; 25] = [
    Urc::manual("+MQTTOPEN:OK", URC, "connected, also by itself"),
    Urc::manual("+MQTTOPEN:FAIL", URC, "connecting failed"),
    Urc::manual(
        "+MQTTPUBLISH:<dup>,<qos>,<retained>,<packId>,<topic>,<len>,<payload>",
        URC,
        "a message came",
    )
    .fields(&meaning::MESSAGE),
    Urc::manual("+MQTTSUBACK:<packId>,<code>,<topic>", URC, "SUBACK came")
        .fields(&meaning::SUBSCRIBED),
    Urc::manual("+MQTTUNSUBACK:<packId>,<topic>", URC, "UNSUBACK came"),
    Urc::manual("+MQTTPUBACK:<packId>,<dup>", URC, "PUBACK came").fields(&meaning::ACKNOWLEDGED),
    Urc::manual("+MQTTPUBREC:<packId>,<dup>", URC, "PUBREC came").fields(&meaning::ACKNOWLEDGED),
    Urc::manual("+MQTTPUBREL:<packId>,<dup>", URC, "PUBREL was sent")
        .fields(&meaning::ACKNOWLEDGED),
    Urc::manual("+MQTTPUBCOMP:<packId>,<dup>", URC, "PUBCOMP came").fields(&meaning::ACKNOWLEDGED),
    Urc::manual("+MQTTPINGRESP:OK", URC, "PINGRESP came, AT+MQTTPING=1"),
    Urc::manual(
        "+MQTTTO:<type>",
        URC,
        "an acknowledgement or PINGRESP did not come in time",
    )
    .fields(&[meaning::WAIT]),
    Urc::manual("+MQTTREC:<n>", URC, "an attempt to connect again begins")
        .fields(&[meaning::ATTEMPT]),
    Urc::manual(
        "+MQTTDISC:OK",
        URC,
        "disconnected, or connecting again was given up",
    ),
    field(
        "+POWERON:<cause>",
        "docs/spec/onemo.md B1",
        "the module has booted",
    )
    .fields(&const { [Field::new("cause", "why").values(&STARTS)] }),
    field(
        "^SIMST:<state>",
        "docs/spec/onemo.md B1",
        "the SIM is ready",
    )
    .fields(&const { [Field::new("state", "the SIM").values(&CARDS)] }),
    field("REBOOTING", BASE, "the module restarts"),
    field("+CMNTP:0,\"<time>\"", BASE, "a time server answered"),
    field("+CMNTP:<result>", BASE, "a time server did not answer")
        .origin(Origin::Decision)
        .fields(&const { [Field::new("result", "how it ended").values(&TIMES)] }),
    field("+CEREG:<stat>", BASE, "registration changed, AT+CEREG=1").fields(&REGISTRATION),
    field(
        "+CEREG:<stat>,\"<tac>\",\"<ci>\",<AcT>",
        BASE,
        "registration changed, AT+CEREG=2 or more",
    )
    .fields(&REGISTRATION),
    field(
        "+CEREG:<stat>,\"<tac>\",\"<ci>\",<AcT>,,,\"<active>\",\"<tau>\"",
        POWER,
        "the same with power saving mode on, AT+CEREG=4 or 5",
    )
    .fields(&REGISTRATION),
    field(
        "+CEREG:<stat>,,,,<cause_type>,<reject_cause>",
        POWER,
        "the network refused the registration, AT+CEREG=3 or 5",
    )
    .fields(&REGISTRATION),
    field(
        "+CSCON:<mode>",
        POWER,
        "the signalling connection began or ended, AT+CSCON=1",
    )
    .fields(&const { [Field::new("mode", "now").values(&power::CONNECTED)] }),
    field(
        "+NPSMR:<mode>",
        POWER,
        "power saving mode began or ended, AT+NPSMR=1",
    )
    .fields(&const { [Field::new("mode", "where the module is").values(&power::ASLEEP)] }),
    field(
        "+CEDRXP:<AcT-type>,\"<requested>\",\"<granted>\",\"<window>\"",
        POWER,
        "the network granted eDRX, AT+CEDRXS=2",
    )
    .origin(Origin::Decision)
    .fields(&power::GRANTED),
];

static STARTS: [Meaning; 1] = [Meaning::new("0", "power was applied, or a restart")];
static CARDS: [Meaning; 1] = [Meaning::new("1", "there is one")];
static TIMES: [Meaning; 1] =
    [Meaning::new("1", "no time").remedy("check that the name of the time server resolves")];

/// What the numbers of docs/spec/onemo.md B2.4 and those of base commands mean.
static ERRORS: [Meaning; 12] = [
    errors::NOT_ALLOWED,
    errors::SIM_NOT_INSERTED,
    errors::SIM_PIN_REQUIRED,
    errors::SIM_PUK_REQUIRED,
    errors::SIM_FAILURE,
    errors::SIM_BUSY,
    errors::INCORRECT_PASSWORD,
    errors::NO_NETWORK_SERVICE,
    errors::INCORRECT_PARAMETERS,
    Meaning::new(
        "8001",
        "a parameter is wrong, or the command has no such form",
    )
    .when("50 with quirk cme_style = 3gpp"),
    Meaning::new("8002", "the state of the client does not allow it")
        .when("also when the connection takes no further request; 3 with quirk cme_style = 3gpp")
        .remedy("AT+MQTTSTAT? says the state"),
    Meaning::new("8009", "no network")
        .when("AT+MQTTOPEN without a PDP context; 30 with quirk cme_style = 3gpp")
        .remedy("wait for AT+CEREG? to say 1 or 5, and AT+CGACT? to say 0,1"),
];

static GAPS: [Gap; 10] = [
    Gap {
        what: "publishes that were not acknowledged when the connection was lost",
        section: "docs/spec/onemo.md B6",
        why: "not sent again by the module, also with clean=0: the host has to publish again, and sees the loss \
              by +MQTTTO or +MQTTREC",
    },
    Gap {
        what: "test forms of basic commands (E, V, Q, &F, &W, Z, I, S3, S4)",
        section: BASE,
        why: "V.250 has none",
    },
    Gap {
        what: "AT+SCLK, and deep sleep of the chip",
        section: POWER,
        why: "kept without effect: the serial line is always awake, and nothing is forgotten in power saving mode",
    },
    Gap {
        what: "AT+NBAND, AT+CGAUTH",
        section: POWER,
        why: "kept without effect: the network is on every band and lets everyone in",
    },
    Gap {
        what: "ATD*99#, PPP",
        section: BASE,
        why: "ERROR: there is no dial-up",
    },
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
