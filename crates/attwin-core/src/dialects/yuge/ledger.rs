//! The module's unsolicited result codes (docs/spec/yuge.md 6), and what it leaves out.

use crate::command::Origin;
use crate::ledger::{Gap, Ledger, Urc};

pub(crate) static LEDGER: Ledger = Ledger {
    urcs: &URCS,
    gaps: &GAPS,
    errors: &[],
};

static URCS: [Urc; 15] = [
    Urc::manual(
        "+IMQTTCONN:<result>",
        "docs/spec/yuge.md 3.7",
        "connecting ended, 0, or there is a connection already, 1, or there is none (any more), -1",
    ),
    Urc::manual(
        "+IMQTTSUB:<pid>,<granted>",
        "docs/spec/yuge.md 3.9",
        "a subscription ended: the granted QoS, or 128",
    ),
    Urc::manual(
        "+IMQTTUNSUB:<pid>,<status>",
        "docs/spec/yuge.md 3.10",
        "a subscription was given up, 0, or not, -1",
    ),
    Urc::manual(
        "+IMQTTPUB:<pid>,<status>",
        "docs/spec/yuge.md 3.11",
        "a publish of AT+IMQTTPUB or AT+IMQTTPUBIN is done, 0, or failed, 1",
    ),
    Urc::manual(
        "+IMQTTPUBEX:<pid>,<status>",
        "docs/spec/yuge.md 3.13",
        "a publish of AT+IMQTTPUBEX is done, 0, or failed, 1",
    ),
    Urc::manual(
        "+IMQTTRCVPUB:<pid>,\"<topic>\",<len>,\"<payload>\"",
        "docs/spec/yuge.md 5.3",
        "a message came, receive mode 0",
    ),
    Urc::manual(
        "+IMQTTCOUNT: <count>",
        "docs/spec/yuge.md 5.2",
        "a message was kept, receive mode 1",
    ),
    Urc::manual(
        "+IMQTTCOUNT: FULL",
        "docs/spec/yuge.md 5.2",
        "ten messages are kept, receive mode 1",
    ),
    Urc::manual(
        "+IMQTTDYNREG:<mode>,\"<first>\",\"<second>\",\"<third>\"",
        "docs/spec/yuge.md 3.16",
        "a registration ended; three empty strings if it failed",
    ),
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
    .origin(Origin::Decision),
    Urc::manual(
        "+CGREG: <stat>",
        BASE,
        "registration changed, AT+CGREG=1 or 2",
    )
    .origin(Origin::Decision),
    Urc::manual(
        "+CEREG: <stat>",
        BASE,
        "registration changed, AT+CEREG=1 or 2",
    )
    .origin(Origin::Decision),
    Urc::manual(
        "+QIPACTURC: 1,1,\"<address>\"",
        BASE,
        "the context is active, after AT+QIPACT=1",
    )
    .origin(Origin::Field),
];

const BASE: &str = "docs/spec/yuge.md 10";

static GAPS: [Gap; 6] = [
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
