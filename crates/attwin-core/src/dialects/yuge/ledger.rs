//! The module's unsolicited result codes (docs/spec/yuge.md 6), and what it leaves out.

use super::meaning;
use crate::command::{Field, Meaning, Origin};
use crate::handler::shared::meaning::{self as shared, errors};
use crate::ledger::{Gap, Ledger, Urc};

pub(crate) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &ERRORS,
};

static URCS: [Urc; 15] = [
    Urc::manual(
        "+IMQTTCONN:<result>",
        "docs/spec/yuge.md 3.7",
        "connecting ended, 0, or there is a connection already, 1, or there is none (any more), -1",
    )
    .fields(&meaning::CONNECTED),
    Urc::manual(
        "+IMQTTSUB:<pid>,<granted>",
        "docs/spec/yuge.md 3.9",
        "a subscription ended: the granted QoS, or 128",
    )
    .fields(&meaning::SUBSCRIPTION),
    Urc::manual(
        "+IMQTTUNSUB:<pid>,<status>",
        "docs/spec/yuge.md 3.10",
        "a subscription was given up, 0, or not, -1",
    )
    .fields(&meaning::END),
    Urc::manual(
        "+IMQTTPUB:<pid>,<status>",
        "docs/spec/yuge.md 3.11",
        "a publish of AT+IMQTTPUB or AT+IMQTTPUBIN is done, 0, or failed, 1",
    )
    .fields(&meaning::PUBLISH),
    Urc::manual(
        "+IMQTTPUBEX:<pid>,<status>",
        "docs/spec/yuge.md 3.13",
        "a publish of AT+IMQTTPUBEX is done, 0, or failed, 1",
    )
    .fields(&meaning::PUBLISH),
    Urc::manual(
        "+IMQTTRCVPUB:<pid>,\"<topic>\",<len>,\"<payload>\"",
        "docs/spec/yuge.md 5.3",
        "a message came, receive mode 0",
    )
    .fields(&meaning::MESSAGE),
    Urc::manual(
        "+IMQTTCOUNT: <count>",
        "docs/spec/yuge.md 5.2",
        "a message was kept, receive mode 1",
    )
    .fields(&[Field::new("count", "messages that are kept")]),
    Urc::manual(
        "+IMQTTCOUNT: FULL",
        "docs/spec/yuge.md 5.2",
        "ten messages are kept, receive mode 1",
    ),
    Urc::manual(
        "+IMQTTDYNREG:<mode>,\"<first>\",\"<second>\",\"<third>\"",
        "docs/spec/yuge.md 3.16",
        "a registration ended; three empty strings if it failed",
    )
    .fields(&meaning::GIVEN),
    Urc::manual(
        "*ATREADY: 1",
        "docs/spec/yuge.md 1",
        "the module has booted",
    )
    .origin(Origin::Field),
    Urc::manual(
        "+CPIN: READY",
        "docs/spec/yuge.md 1",
        "the SIM is ready at boot",
    )
    .origin(Origin::Decision),
    Urc::manual(
        "+CREG: <stat>",
        BASE,
        "registration changed, AT+CREG=1 or 2",
    )
    .origin(Origin::Decision)
    .fields(&REGISTRATION),
    Urc::manual(
        "+CGREG: <stat>",
        BASE,
        "registration changed, AT+CGREG=1 or 2",
    )
    .origin(Origin::Decision)
    .fields(&REGISTRATION),
    Urc::manual(
        "+CEREG: <stat>",
        BASE,
        "registration changed, AT+CEREG=1 or 2",
    )
    .origin(Origin::Decision)
    .fields(&REGISTRATION),
    Urc::manual(
        "+QIPACTURC: 1,1,\"<address>\"",
        BASE,
        "the context is active, after AT+QIPACT=1",
    )
    .origin(Origin::Field),
];

const BASE: &str = "docs/spec/yuge.md 10";

static REGISTRATION: [Field; 1] = [shared::STATUS];

/// Error numbers of base commands; MQTT commands answer `ERROR` to everything
/// (docs/spec/yuge.md 2.5).
static ERRORS: [Meaning; 7] = [
    errors::NOT_ALLOWED,
    errors::SIM_NOT_INSERTED,
    errors::SIM_PIN_REQUIRED,
    errors::SIM_FAILURE,
    errors::SIM_BUSY,
    errors::NO_NETWORK_SERVICE,
    errors::INCORRECT_PARAMETERS,
];

static GAPS: [Gap; 9] = [
    Gap {
        what: "requests that were not acknowledged when the connection was lost",
        section: "docs/spec/yuge.md 7.1",
        why: "never sent again, also with CLEAN 0: their result says that they failed, and the host asks again",
    },
    Gap {
        what: "test forms of basic commands (E, V, Q, &F, &W, Z, I)",
        section: BASE,
        why: "V.250 has none",
    },
    Gap {
        what: "ATD*99#, PPP",
        section: BASE,
        why: "ERROR: there is no dial-up",
    },
    Gap {
        what: "packet identifiers of QoS 0 messages in +IMQTTRCVPUB and +IMQTTRECV",
        section: "docs/spec/yuge.md 5.3",
        why: "the manual's are an uninitialised field of the module's MQTT client; 0 is shown",
    },
    Gap {
        what: "regions of Alibaba Cloud other than cn-shanghai, and its instances",
        section: "docs/spec/yuge.md 9.2",
        why: "there is no command for either; AT+IMQTTADDR names another server",
    },
    Gap {
        what: "certificates",
        section: "docs/spec/yuge.md 3.1",
        why: "there is no command for any: the server's is not verified, and the module has none",
    },
    Gap {
        what: "AT+CPIN",
        section: BASE,
        why: "any PIN of 4 to 8 digits is the right one",
    },
    Gap {
        what: "AT+IPR",
        section: BASE,
        why: "accepted without effect: the line has no speed",
    },
    Gap {
        what: "sockets, SMS, calls and other services",
        section: BASE,
        why: "outside the MQTT interface; AT+QIPACT alone is answered, as hosts send it on their way",
    },
];
